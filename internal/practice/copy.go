package practice

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Copy is an entry as somebody takes it along: with its authors, the evidence, and of the words it grew out of those that their speakers released.
type Copy struct {
	Entry
	Citable
	Tags      []string
	Topics    []string // keys
	CheckedAt *time.Time
	Reports   []CopiedUse
	Words     []CopiedWords
}

// Citable is what a citation of an entry says beside its author and title.
type Citable struct {
	Slug             string
	Names            map[locale.Lang]string // of the community
	HomeLang         locale.Lang            // of the community
	Zone             string
	Others           []CopiedAuthor // who wrote it together with the author
	EndorsedAt       *time.Time
	EndorsedRevision *int
}

// CopiedAuthor is one of several authors.
type CopiedAuthor struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
}

// CopiedUse is a report of somebody who used the entry.
type CopiedUse struct {
	N            int                   `json:"n"`
	City         string                `json:"city"` // its slug; empty where the reader does not know of it
	Place        string                `json:"place"`
	UsedOn       string                `json:"used_on"`
	Outcome      string                `json:"outcome"`
	Again        string                `json:"again"`
	Lang         locale.Lang           `json:"lang"`
	Perspective  community.Perspective `json:"perspective"`
	Organisation string                `json:"organisation"`
	Name         string                `json:"name"`
}

// CopiedWords were said elsewhere, and released by whoever said them.
type CopiedWords struct {
	Words        string                `json:"words"`
	Lang         locale.Lang           `json:"lang"`
	Name         string                `json:"name"`
	Perspective  community.Perspective `json:"perspective"`
	Organisation string                `json:"organisation"`
	SaidOn       string                `json:"said_on"`
}

// Unnamed reports whether the authors stay out of citations and copies: those of a story who did not agree to be quoted by name.
func (e Entry) Unnamed() bool {
	return e.Form == Story && (e.Quoting == "unnamed" || e.Quoting == "no")
}

// State is the date of the state that a reader has before them, in the community's zone.
func (c Copy) State() time.Time { return stateOf(c.Entry, c.Zone) }

// State is the date of the state that the page shows, in the community's zone.
func (w Whole) State() time.Time { return stateOf(w.Entry, w.Cite.Zone) }

func stateOf(e Entry, zone string) time.Time {
	at := e.At
	if e.SharedAt != nil {
		at = *e.SharedAt
	}
	if e.Edited != nil && e.Edited.After(at) {
		at = *e.Edited
	}
	if in, err := time.LoadLocation(zone); err == nil {
		at = at.In(in)
	}
	return at
}

// citableColumns are those of a Citable, for entry e of item i in community c.
const citableColumns = `c.slug, (select coalesce(json_object_agg(t.lang, t.name), '{}') from community_text t where t.community_id = c.id), c.lang, c.zone, coalesce((select json_agg(json_build_object('name', coalesce(o.name, w.name), 'organisation',
		case when o.id is null or o.organisation_for = 0 or (o.organisation_for = 1 and @signed) or (o.organisation_for = 2 and i.community_id = any(@mine)) or o.id = @me then coalesce(nullif(w.organisation, ''), o.organisation, '') else '' end) order by w.position, w.id)
		from entry_author w left join account o on o.id = w.account_id where w.community_id = i.community_id and w.entry_id = i.id), '[]'), e.endorsed_at, e.endorsed_revision`

func (c *Citable) scan() []any {
	return []any{&c.Slug, &c.Names, &c.HomeLang, &c.Zone, &c.Others, &c.EndorsedAt, &c.EndorsedRevision}
}

// copies selects entries to take along, in the order of @ids.
const copies = `select ` + columns + item.VoiceColumns + `, ` + citableColumns + `, array(select t.name from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id order by t.key),
		array(select t.key from entry_topic et join topic t on t.id = et.topic_id where et.entry_id = i.id order by t.position), e.checked_at,
		coalesce((select json_agg(json_build_object('n', u.n, 'city', case when uc.visibility = 'public' or uc.id = any(@mine) or @everywhere then uc.slug else '' end, 'place', u.place, 'used_on', coalesce(u.used_on::text, ''), 'outcome', u.outcome, 'again', u.again, 'lang', u.lang, 'perspective', u.perspective, 'organisation', case when ua.id is null or ua.organisation_for = 0 or ua.organisation_for = 1 and @signed or ua.organisation_for = 2 and u.used_in = any(@mine) or ua.id = @me then u.organisation else '' end, 'name', coalesce(ua.name, '')) order by u.n)
			from entry_use u join community uc on uc.id = u.used_in left join account ua on ua.id = u.account_id where u.community_id = i.community_id and u.entry_id = i.id and u.removed_at is null), '[]'),
		coalesce((select json_agg(json_build_object('words', s.words, 'lang', s.lang, 'name', case when not apart.hidden then coalesce(sa.name, s.speaker_name) else '' end, 'perspective', case when not apart.hidden then s.perspective else '' end, 'organisation', case when apart.hidden then '' else case when sa.id is null or sa.organisation_for = 0 or sa.organisation_for = 1 and @signed or sa.organisation_for = 2 and s.community_id = any(@mine) or sa.id = @me then s.organisation else '' end end, 'said_on', coalesce(s.said_on::text, '')) order by s.n)
			from entry_source s left join account sa on sa.id = s.speaker_id, lateral (select exists (select from discreet_author q where q.item_id = s.item_id and q.account_id = s.speaker_id) and not s.community_id = any(@coordinated) as hidden) apart where s.community_id = i.community_id and s.entry_id = i.id and s.words <> '' and s.release = 'given'), '[]')
	from unnest(@ids::bigint[]) with ordinality wanted(id, at) join item i on i.id = wanted.id join entry e on e.item_id = i.id join item_text x on x.item_id = i.id join community c on c.id = i.community_id ` + item.VoiceJoins + `
	where i.kind = 'entry' and i.parent_id is null and i.removed_at is null and ` + community.Visible + ` order by wanted.at`

// Copies are entries to take along, in the order of ids; those that the reader may not read are left out.
func (s Store) Copies(ctx context.Context, reach community.Reach, ids []item.ID) ([]Copy, error) {
	rows, err := s.db.Query(ctx, copies, reach.Args(pgx.NamedArgs{"ids": ids}))
	if err != nil {
		return nil, fmt.Errorf("copies of entries: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Copy, error) {
		var c Copy
		err := row.Scan(append(append(c.Entry.scan(), c.Citable.scan()...), &c.Tags, &c.Topics, &c.CheckedAt, &c.Reports, &c.Words)...)
		if c.Unnamed() {
			c.Author, c.Others = item.Voice{}, nil
		}
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("copies of entries: %w", err)
	}
	return all, nil
}

// Copy is an entry to take along.
func (s Store) Copy(ctx context.Context, seat community.Seat, number int) (Copy, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return Copy{}, err
	}
	all, err := s.Copies(ctx, seat.Reach, []item.ID{found.id})
	if err != nil {
		return Copy{}, err
	}
	if len(all) == 0 { // taken away between the two
		return Copy{}, fmt.Errorf("entry %d: %w", number, fault.NotFound)
	}
	return all[0], nil
}

// queueCitable queues what the page of entry @id needs to cite it.
func queueCitable(b *pgx.Batch, args pgx.NamedArgs, c *Citable) {
	b.Queue(`select `+citableColumns+` from item i join entry e on e.item_id = i.id join community c on c.id = i.community_id where i.community_id = @community and i.id = @id`, args).QueryRow(func(row pgx.Row) error { return row.Scan(c.scan()...) })
}
