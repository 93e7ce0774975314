package programme

import (
	"encoding/json"
	"net/url"
	"strings"
)

// circumstances are what pages read of the detail of an activity. From and To are the communities between which a thread moved: by slug in the
// files, by id in the database; so is the other criterion of a relation, by reference in the files.
type circumstances struct {
	From, To, Other             string
	Reason, Note, Outcome, Role string
	Number                      int32
}

// detailed selects the detail of an activity without ids, which are for their own database alone.
var detailed = `(case when verb like 'discussion.move%' then detail
	|| coalesce((select jsonb_object_agg(w, (select c.slug from community c where c.id = (detail->>w)::bigint)) from unnest(array['from', 'to']) w where detail ? w), '{}')
	when verb in ('criterion.relate', 'criterion.unrelate') then detail - 'other' || coalesce((select jsonb_build_object('other', concat(c.slug, '/C-', i.number)) from item i join community c on c.id = i.community_id where i.id = (detail->>'other')::bigint), '{}')
	when verb like 'entry.%' then ` + namedByReference + `
	else detail end)::text`

// moved says that the activity names communities in its detail.
func (h happened) moved() bool { return strings.HasPrefix(h.Verb, "discussion.move") }

// relates says that the activity names another criterion in its detail.
func (h happened) relates() bool {
	return h.Verb == "criterion.relate" || h.Verb == "criterion.unrelate"
}

// detail notes what pages could not read.
func (r *reading) detail(h happened) {
	if len(h.Detail) == 0 {
		return
	}
	if h.ofEntry() {
		r.namings(h)
	}
	var d circumstances
	if err := json.Unmarshal(h.Detail, &d); err != nil {
		r.refused.note(h.at, "detail: %s", told(err))
		return
	}
	if h.relates() && d.Other != "" {
		r.wanted = append(r.wanted, wanted{h.at, "detail.other", "item", d.Other})
	}
	if h.moved() {
		for key, slug := range map[string]string{"detail.from": d.From, "detail.to": d.To} {
			if slug != "" {
				r.wanted = append(r.wanted, wanted{h.at, key, "community", slug})
			}
		}
	}
}

// detail of an activity as the database has it.
func (s *storing) detail(h happened) (string, error) {
	if h.ofEntry() && len(h.Detail) > 0 {
		return s.namings(h)
	}
	if !h.moved() && !h.relates() || len(h.Detail) == 0 {
		return orObject(h.Detail), nil
	}
	var d circumstances
	all := map[string]any{}
	if err := json.Unmarshal(h.Detail, &d); err != nil {
		return "", err
	}
	if err := json.Unmarshal(h.Detail, &all); err != nil {
		return "", err
	}
	if h.moved() {
		for key, slug := range map[string]string{"from": d.From, "to": d.To} {
			if slug != "" {
				all[key] = s.communities[slug]
			}
		}
	}
	if id := s.what(d.Other); h.relates() && id != nil {
		all["other"] = *id
	}
	raw, err := json.Marshal(all)
	return string(raw), err
}

// typed notes a draft that no form would take.
func (r *reading) typed(d draft) {
	if len(d.Fields) > 0 {
		var fields url.Values
		if err := json.Unmarshal(d.Fields, &fields); err != nil {
			r.refused.note(d.at, "fields: each is a list of texts")
		}
	}
	if !strings.HasPrefix(d.Place, "/") || strings.HasPrefix(d.Place, "//") {
		r.refused.note(d.at, "place: %q is no address of a form", d.Place)
	}
}
