package practice

import (
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

const (
	draftDays   = 7   // after which a draft asks for its author
	perAwaited  = 20  // lines of one sort on a desk
	fewDrafts   = 5   // the same, of drafts: a list of one's own has them all
	mostAwaited = 100 // counted of the entries that nobody confirmed
)

// Awaited is what waits for a reader around entries.
type Awaited struct {
	Asked  []AwaitedLine // may the reader's words be read?
	Drafts []AwaitedLine // the reader's own, untouched for a week
	Aged   []AwaitedLine // how many entries nobody confirmed lately, where the reader coordinates
}

// AwaitedLine is one thing that waits. N counts where it is a number of things.
type AwaitedLine struct {
	ID        item.ID
	Slug      string
	Community string // its name
	Number    int    // of the entry
	Title     string // of a draft without one: how it begins
	Lang      locale.Lang
	At        time.Time
	N         int
}

const awaitedCity = `c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug) as community`

// AwaitedBy is what waits for the reader around entries, over all communities, read besides something else.
func (s Store) AwaitedBy(reach community.Reach, lang locale.Lang, w *Awaited) postgres.Besides {
	return func(b *pgx.Batch) {
		if reach.Me == 0 {
			return
		}
		now := s.now()
		args := reach.Args(pgx.NamedArgs{"lang": lang, "now": now, "stale": StaleBefore(now), "untouched": now.AddDate(0, 0, -draftDays), "most": perAwaited, "few": fewDrafts, "counted": mostAwaited})
		into := func(lines *[]AwaitedLine, sql string) {
			b.Queue(sql, args).Query(func(rows pgx.Rows) error {
				var err error
				*lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[AwaitedLine])
				return err
			})
		}
		into(&w.Asked, `select i.id, `+awaitedCity+`, i.number, i.title, i.lang, min(s.asked_at) as at, 0 as n from entry_source s join item i on i.id = s.entry_id join community c on c.id = i.community_id
			where s.speaker_id = @me and s.release = 'asked' and i.audience < 3 and i.removed_at is null and `+community.Visible+` group by i.id, c.id order by min(s.asked_at), i.id limit @most`)
		into(&w.Drafts, `select i.id, `+awaitedCity+`, i.number, coalesce(nullif(i.title, ''), left(regexp_replace(x.body, '\s+', ' ', 'g'), 80)) as title, i.lang, i.updated_at as at, 0 as n
			from item i join item_text x on x.item_id = i.id join community c on c.id = i.community_id
			where i.author_id = @me and i.kind = 'entry' and i.audience = 3 and i.updated_at < @untouched and i.removed_at is null and `+community.Visible+` order by i.updated_at, i.id limit @few`)
		if len(reach.Coordinated) > 0 {
			into(&w.Aged, `select 0::bigint as id, `+awaitedCity+`, 0 as number, '' as title, c.lang, @now::timestamptz as at, x.n
				from community c cross join lateral (select count(*)::int as n from (select from entry e join item i on i.id = e.item_id
					where e.community_id = c.id and e.shared_at < @stale and `+FreshSQL+` < @stale and i.audience < 3 and i.removed_at is null and `+community.Visible+` limit @counted) f) x
				where c.id = any(@coordinated) and x.n > 0 order by c.id`)
		}
	}
}
