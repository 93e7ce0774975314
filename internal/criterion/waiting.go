package criterion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// StaleDays is after how many days a criterion that was raised should be agreed, parked or declined.
const StaleDays = 14

const (
	perAwaited  = 20  // lines of one sort on a desk
	mostAwaited = 100 // counted of the criteria that somebody did not rate yet
)

// Awaited is what waits for a reader around criteria.
type Awaited struct {
	Quoted     []AwaitedLine // the reader is quoted: is the wording right?
	Answer     []AwaitedLine // claims on what the reader asked for
	Unrated    []AwaitedLine // how many criteria the reader has not rated: of the community with the most
	Stale      []AwaitedLine // how many were raised long ago, where the reader coordinates
	Sourceless []AwaitedLine // how many have no source, where the reader coordinates
	Orphaned   []AwaitedLine // claims that nobody is left to answer, where the reader coordinates
}

// AwaitedLine is one thing that waits. N counts where it is a number of things.
type AwaitedLine struct {
	ID        item.ID
	Slug      string
	Community string // its name
	Number    int    // of the criterion
	Claim     int
	Title     string
	Lang      locale.Lang
	At        time.Time
	By        *time.Time
	N         int
}

const awaitedCity = `c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug) as community`

// awaitedVoice holds for an account @who that may still answer claim k, whose item is j and whose criterion is of community k.community_id: it asked,
// belongs here, never made the product and does not claim itself.
func awaitedVoice(who string) string {
	return `exists (select from criterion_source s join membership m on m.community_id = k.community_id and m.account_id = s.speaker_id and m.state = 'member'
		where s.criterion_id = k.criterion_id and s.answer <> 'denied' and ` + who + ` and s.speaker_id is distinct from j.author_id
			and not exists (select from release r join product_maker p on p.product_id = r.product_id where r.item_id = k.release_id and p.account_id = s.speaker_id))`
}

// awaitedClaims are claims that wait for an answer, on criteria that the reader may read.
const awaitedClaims = `from claim k join item j on j.id = k.item_id and j.removed_at is null join item i on i.id = k.criterion_id and i.removed_at is null join community c on c.id = k.community_id
	where k.state = 'open' and ` + community.Visible + ` and `

const awaitedColumns = `select j.id, ` + awaitedCity + `, i.number, j.number as claim, i.title, i.lang, j.created_at as at, k.answer_by as by, 0 as n `

// Awaited is what waits for the reader around criteria, over all communities, in one round trip.
func (s Store) Awaited(ctx context.Context, reach community.Reach, lang locale.Lang) (Awaited, error) {
	var w Awaited
	b := &pgx.Batch{}
	s.AwaitedBy(reach, lang, &w)(b)
	if b.Len() == 0 {
		return w, nil
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return w, fmt.Errorf("waiting around criteria: %w", err)
	}
	return w, nil
}

// AwaitedBy is Awaited read besides something else.
func (s Store) AwaitedBy(reach community.Reach, lang locale.Lang, w *Awaited) postgres.Besides {
	return func(b *pgx.Batch) {
		if !reach.NoProducts && reach.Me != 0 {
			s.queueAwaited(b, reach, lang, w)
		}
	}
}

func (s Store) queueAwaited(b *pgx.Batch, reach community.Reach, lang locale.Lang, w *Awaited) {
	now := s.now()
	args := reach.Args(pgx.NamedArgs{"lang": lang, "stale": now.AddDate(0, 0, -StaleDays), "now": now, "most": perAwaited, "unrated": mostAwaited})
	into := func(lines *[]AwaitedLine, sql string) {
		b.Queue(sql, args).Query(func(rows pgx.Rows) error {
			var err error
			*lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[AwaitedLine])
			return err
		})
	}
	into(&w.Quoted, `select i.id, `+awaitedCity+`, i.number, 0 as claim, i.title, i.lang, min(s.at) as at, null::timestamptz as by, 0 as n
		from criterion_source s join item i on i.id = s.criterion_id join criterion k on k.item_id = i.id join community c on c.id = i.community_id
		where s.speaker_id = @me and s.answer = '' and s.by_id is distinct from @me and k.state <> 'merged' and i.removed_at is null and `+community.Visible+` group by i.id, c.id order by min(s.at), i.id limit @most`)
	into(&w.Answer, awaitedColumns+awaitedClaims+awaitedVoice("s.speaker_id = @me")+`
		and not exists (select from verdict v where v.claim_id = k.item_id and v.edition = k.edition and v.account_id = @me) order by k.answer_by, j.id limit @most`)
	into(&w.Unrated, awaitedCount(`c.id = any(@mine)`, `k.state in ('raised', 'agreed') and not exists (select from rating r where r.criterion_id = k.item_id and r.account_id = @me and r.round_id is null)`)+` order by n desc, c.id limit 1`)
	if len(reach.Coordinated) > 0 {
		into(&w.Stale, awaitedCount(`c.id = any(@coordinated)`, `k.state = 'raised' and k.state_at < @stale`)+` order by c.id`)
		into(&w.Sourceless, awaitedCount(`c.id = any(@coordinated)`, `k.state in ('raised', 'agreed') and not exists (select from criterion_source s where s.criterion_id = k.item_id)`)+` order by c.id`)
		into(&w.Orphaned, awaitedColumns+awaitedClaims+`k.community_id = any(@coordinated) and not `+awaitedVoice("true")+` order by j.created_at, j.id limit @most`)
	}
}

// awaitedCount counts the criteria k of each community c, up to @unrated, and leaves those out that have none.
func awaitedCount(which, where string) string {
	return `select 0::bigint as id, ` + awaitedCity + `, 0 as number, 0 as claim, '' as title, c.lang, @now::timestamptz as at, null::timestamptz as by, x.n
		from community c cross join lateral (select count(*)::int as n from (select from criterion k join item i on i.id = k.item_id
			where k.community_id = c.id and i.removed_at is null and ` + where + ` and ` + community.Visible + ` limit @unrated) f) x where ` + which + ` and x.n > 0`
}
