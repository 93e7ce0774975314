package programme

import (
	"encoding/json"
	"fmt"
	"strings"
)

// named are the keys under which acts on entries name an item in their detail: by reference in the files, by id in the database.
var named = []string{"entry", "other", "meeting"}

// namedByReference is the detail of an act on an entry without ids. What it names is kept only while it is there.
var namedByReference = `(detail - array(select w from unnest(array['` + strings.Join(named, "', '") + `']) w where jsonb_typeof(detail->w) = 'number')
	|| coalesce((select jsonb_object_agg(w, concat(c.slug, '/', case i.kind when 'meeting' then 'M' when 'discussion' then 'T' when 'criterion' then 'C' else 'E' end, '-', i.number)) from unnest(array['` + strings.Join(named, "', '") + `']) w
		join item i on i.id = case when jsonb_typeof(detail->w) = 'number' then (detail->>w)::bigint end join community c on c.id = i.community_id), '{}'))`

// ofEntry says that the activity is one on an entry.
func (h happened) ofEntry() bool { return strings.HasPrefix(h.Verb, "entry.") }

// namings notes what an act on an entry names and is not there.
func (r *reading) namings(h happened) {
	var d map[string]json.RawMessage
	if err := json.Unmarshal(h.Detail, &d); err != nil {
		r.refused.note(h.at, "detail: %s", told(err))
		return
	}
	for _, key := range named {
		raw, there := d[key]
		var ref string
		if !there {
			continue
		}
		if err := json.Unmarshal(raw, &ref); err != nil {
			r.refused.note(h.at, "detail.%s: an item is named by its reference", key)
			continue
		}
		r.wanted = append(r.wanted, wanted{h.at, "detail." + key, "item", ref})
	}
}

// namings is the detail of an act on an entry as the database has it.
func (s *storing) namings(h happened) (string, error) {
	var d map[string]json.RawMessage
	if err := json.Unmarshal(h.Detail, &d); err != nil {
		return "", err
	}
	for _, key := range named {
		var ref string
		if raw, there := d[key]; there {
			if err := json.Unmarshal(raw, &ref); err != nil {
				return "", err
			}
			d[key] = json.RawMessage(fmt.Sprint(s.items[ref]))
		}
	}
	raw, err := json.Marshal(d)
	return string(raw), err
}
