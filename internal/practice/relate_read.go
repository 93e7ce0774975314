package practice

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

// writesIt holds for an item whose alias is given when the reader is one of those who wrote it.
func writesIt(alias string) string {
	return `(coalesce(` + alias + `.author_id = @me, false) or exists (select from entry_author w where w.entry_id = ` + alias + `.id and w.account_id = @me))`
}

// mayPart holds for a link l of entry own to entry i that the reader may take back; of an adaptation the end that it leads to decides.
var mayPart = `case when l.relation = 'adapted' then case when l.to_id = i.id then ` + writesIt("i") + ` or i.community_id = any(@coordinated) else ` + writesIt("own") + ` or own.community_id = any(@coordinated) end
	else coalesce(l.by_id = @me, false) or i.community_id = any(@coordinated) or own.community_id = any(@coordinated) or ` + writesIt("i") + ` or ` + writesIt("own") + ` end`

// tiesFrom are the relations l of entry @id to entries i that the reader can open.
const tiesFrom = ` from item own join (select * from item_link where from_id = @id union all select * from item_link where to_id = @id) l on true join item i on i.id = case when l.from_id = own.id then l.to_id else l.from_id end join entry e on e.item_id = i.id join community o on o.id = i.community_id
	where own.id = @id and l.relation in ('uses', 'addresses', 'related', 'adapted') and i.removed_at is null and ` + community.Visible

// maxTies is how many relations the page of an entry shows.
const maxTies = 200

var tiesSQL = `select l.id as link, l.relation, l.to_id = own.id as back, e.form, o.slug, ` + cityName + ` as city, o.id as community, i.number, i.title, i.lang, e.summary, i.audience,
	(select coalesce(array_agg(w.name order by w.position), '{}') from (select a.name, -1 as position from account a where a.id = i.author_id
		union all select coalesce(a.name, w.name), w.position from entry_author w left join account a on a.id = w.account_id where w.entry_id = i.id) w) as authors,
	e.uses, e.cities, coalesce(u.yes, 0) as yes, coalesce(u.changed, 0) as changed, coalesce(u.not_again, 0) as "not", l.quote as note, ` + mayPart + ` as may_part` +
	strings.Replace(tiesFrom, "\n\twhere", `
	left join lateral (select (count(*) filter (where again = 'yes'))::int as yes, (count(*) filter (where again = 'changed'))::int as changed, (count(*) filter (where again = 'no'))::int as not_again
		from entry_use u where e.uses > 0 and u.entry_id = e.item_id and u.removed_at is null) u on true
	where`, 1) + fmt.Sprintf(` order by array_position(array['method', 'tool', 'case', 'story', 'experience', 'problem'], e.form), e.cities desc, e.uses desc, l.at, l.id limit %d`, maxTies)

// queueTies queues the reading of what entry @id is related to.
func queueTies(b *pgx.Batch, args pgx.NamedArgs, all *[]Tie) {
	b.Queue(tiesSQL, args).Query(collectInto(all))
}

// Tieable is an entry that the seat may relate to others.
func (s Store) Tieable(ctx context.Context, seat community.Seat, number int) (UsedEntry, error) {
	id, err := s.tying(ctx, seat, number)
	if err != nil {
		return UsedEntry{}, err
	}
	return s.headOf(ctx, seat, id)
}

// Likely is an entry that somebody may mean.
type Likely struct {
	Slug, City string
	Number     int
	Title      string
	Lang       locale.Lang
	Form       Form
	Uses       int
	Cities     int
}

const maxLikely = 8

// Likely are up to eight entries that words may mean, in all communities, as far as the seat can open them; but the one of that number here.
func (s Store) Likely(ctx context.Context, seat community.Seat, number int, words string) ([]Likely, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	q := search.Parse(words)
	if q.Empty() {
		return nil, nil
	}
	q.Set("kind", "entry")
	hits, err := search.NewStore(s.db, s.now).Find(ctx, seat.Reach, q, locale.Of(ctx), 1)
	if err != nil {
		return nil, fmt.Errorf("entries like %q: %w", words, err)
	}
	var ids []item.ID
	for _, h := range hits.Hits {
		if h.Kind == "entry" && (h.Slug != seat.Slug || h.Number != number) && len(ids) < maxLikely {
			ids = append(ids, h.ID)
		}
	}
	args := seat.Reach.Args(pgx.NamedArgs{"ids": ids, "lang": locale.Of(ctx)})
	rows, err := s.db.Query(ctx, `select o.slug, `+cityName+` as city, i.number, i.title, i.lang, e.form, e.uses, e.cities from unnest(@ids::bigint[]) with ordinality w(id, n) join item i on i.id = w.id join entry e on e.item_id = i.id join community o on o.id = i.community_id
		where i.removed_at is null and `+community.Visible+` order by w.n`, args)
	if err != nil {
		return nil, fmt.Errorf("entries like %q: %w", words, err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Likely])
}
