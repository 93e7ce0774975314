package practice

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Source is words said elsewhere out of which an entry grew, as a reader may see it. Words said where the reader may not listen are left out, with the name of who said them and the day,
// unless the speaker released them.
type Source struct {
	N            int
	Open         bool      // the reader may open the place
	Kind         item.Kind // of the place: a discussion, a reply, a meeting or an entry; empty where it is not open
	Slug         string    // of its community
	City         string    // name of the community in which it was said, where the reader may know
	Number       int       // of the discussion, the meeting or the note
	Reply        int       // 0: the item itself
	Title        string
	TitleLang    locale.Lang
	Point        int64 // of the agenda; 0: none
	PointTitle   string
	PointLang    locale.Lang
	Part         string // "line-3" of the minutes
	Words        string // empty where they are withheld
	Lang         locale.Lang
	Handle       string
	Name         string // of the speaker, where the reader may know
	Member       int    // number of the speaker's membership here
	Perspective  community.Perspective
	Organisation string
	SaidOn       *time.Time
	Release      Release
	AskedAt      *time.Time
	AnsweredAt   *time.Time
	Mine         bool // the reader said it
	Askable      bool // somebody else said it, and it does not stand where everybody reads it
}

// heard are the sources s of entry @id, and whether the reader may know the place (open), the words and whose they are (words_shown, name_shown).
const heard = `heard as (
	select s.*, coalesce(s.speaker_id = @me, false) as mine, v.id as item, v.kind, v.number, v.parent_id, v.community_id as at_community, v.id is not null as open, coalesce(v.audience, 3) > 0 as narrow,
		exists (select from discreet_author q where q.item_id = s.item_id and q.account_id = s.speaker_id) and not s.community_id = any(@coordinated) as apart
	from entry_source s left join lateral (
		select i.* from item i where i.id = s.item_id and i.removed_at is null and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null) and ` + community.Visible + `
			and (` + standsOpen + ` or i.community_id = any(@coordinated))) v on true
	where s.community_id = @community and s.entry_id = @id),
shown as (select h.*, h.mine or h.open or h.release = 'given' as words_shown, h.mine or (h.open or h.release = 'given') and not h.apart as name_shown from heard h)`

const sourcesSQL = `with ` + heard + `
select s.n, s.open, coalesce(s.kind, '') as kind, coalesce(c.slug, '') as slug,
	coalesce((select t.name from community_text t where t.community_id = sc.id and t.lang = @lang), (select t.name from community_text t where t.community_id = sc.id and t.lang = sc.lang), sc.slug, '') as city,
	coalesce(top.number, 0) as number, case when s.parent_id is not null then s.number else 0 end as reply, coalesce(top.title, '') as title, coalesce(top.lang, 'en') as title_lang,
	coalesce(p.id, 0) as point, coalesce(p.title, '') as point_title, coalesce(p.lang, 'en') as point_lang, case when s.open then s.part else '' end as part,
	case when s.words_shown then s.words else '' end as words, s.lang, case when s.name_shown then coalesce(a.handle, '') else '' end as handle,
	case when s.name_shown then coalesce(a.name, s.speaker_name) else '' end as name, case when s.name_shown then coalesce(m.number, 0) else 0 end as member,
	case when s.name_shown then s.perspective else '' end as perspective,
	case when s.name_shown and (a.id is null or a.organisation_for = 0 or a.organisation_for = 1 and @signed or a.organisation_for = 2 and s.community_id = any(@mine) or s.mine) then s.organisation else '' end as organisation,
	case when s.words_shown then s.said_on end as said_on, s.release, s.asked_at, s.answered_at, s.mine, s.release = '' and s.narrow and s.speaker_id is not null and not s.mine as askable
from shown s left join item top on top.id = coalesce(s.parent_id, s.item) left join community c on c.id = s.at_community
	left join item src on src.id = s.item_id left join community sc on sc.id = src.community_id and (sc.id = s.community_id or sc.visibility = 'public' or sc.id = any(@mine))
	left join agenda_point p on p.id = s.point_id and s.open
	left join account a on a.id = s.speaker_id left join membership m on m.community_id = s.community_id and m.account_id = a.id and m.state = 'member'
order by s.n`

// queueSources queues the reading of what entry @id grew out of, as far as the reader may know it.
func queueSources(b *pgx.Batch, args pgx.NamedArgs, sources *[]Source) {
	b.Queue(sourcesSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		*sources, err = pgx.CollectRows(rows, pgx.RowToStructByName[Source])
		return err
	})
}

// gathered counts the passages that @me laid aside in a community.
const gathered = `select count(*)::int from gathered where account_id = @me and community_id = @community`

// queueGathered queues the counting of what the reader laid aside.
func queueGathered(b *pgx.Batch, args pgx.NamedArgs, n *int) {
	b.Queue(gathered, args).QueryRow(func(row pgx.Row) error { return row.Scan(n) })
}

// Gathered is how many passages the seat laid aside here.
func (s Store) Gathered(ctx context.Context, seat community.Seat) (n int, err error) {
	if !seat.Can(community.WriteEntry) {
		return 0, nil
	}
	if err = s.db.QueryRow(ctx, gathered, pgx.NamedArgs{"me": seat.Account, "community": seat.Community}).Scan(&n); err != nil {
		return 0, fmt.Errorf("gathered passages: %w", err)
	}
	return n, nil
}

// withheld are the words out of which an entry grew, and which the reader may not read.
func (s Store) withheld(ctx context.Context, seat community.Seat, id item.ID) ([]string, error) {
	rows, err := s.db.Query(ctx, `with `+heard+` select words from shown where not words_shown`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id}))
	if err != nil {
		return nil, fmt.Errorf("words withheld of entry %d: %w", id, err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("words withheld of entry %d: %w", id, err)
	}
	return words, nil
}

// hush takes out of the states of an entry what repeats words that the reader may not read: an earlier state may have been for fewer people.
func hush(states []item.Revision, withheld []string) []item.Revision {
	if len(withheld) == 0 {
		return states
	}
	for n, state := range states {
		if (Text{Title: state.Title}).repeated(withheld) > 0 {
			states[n].Title = "…"
		}
		if (Text{Title: state.Body}).repeated(withheld) > 0 {
			states[n].Body = "…"
		}
	}
	return states
}
