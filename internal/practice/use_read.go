package practice

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// PerUses is how many reports stand on one page, and FewUses how many on the page of the entry.
const (
	PerUses = 25
	FewUses = 3
)

// knownCity holds for a community o that the reader may know of. Reports from the others stand together, without its name.
const knownCity = `(o.visibility = 'public' or o.id = any(@mine) or @everywhere)`

// cityName of community o in @lang, or in its own.
const cityName = `coalesce((select t.name from community_text t where t.community_id = o.id and t.lang = @lang), (select t.name from community_text t where t.community_id = o.id and t.lang = o.lang), o.slug)`

const useColumns = `u.n, case when ` + knownCity + ` then o.slug else '' end as slug, case when ` + knownCity + ` then ` + cityName + ` else '' end as city, u.place, u.used_on, u.outcome_html as html, u.again, u.lang,
	a.id is not null as account, coalesce(a.name, '') as name, case when ` + knownCity + ` and m.state = 'member' then coalesce(m.number, 0) else 0 end as member, u.perspective,
	case when a.id is null or a.organisation_for = 0 or a.organisation_for = 1 and @signed or a.organisation_for = 2 and u.used_in = any(@mine) or a.id = @me then u.organisation else '' end as organisation,
	u.at, u.edited_at, u.revision, coalesce(a.id = @me, false) as mine, coalesce(a.id = i.author_id, false) or exists (select from entry_author w where w.entry_id = u.entry_id and w.account_id = a.id) as by_author,
	u.removed_at, u.removed_reason as reason, coalesce(u.removed_at > @now::timestamptz - interval '10 minutes' and u.removed_reason = '' and a.id = @me, false) as may_undo`

// usesFrom are the reports of entry @id.
const usesFrom = ` from entry_use u join item i on i.id = u.entry_id join community o on o.id = u.used_in left join account a on a.id = u.account_id
	left join membership m on m.community_id = u.used_in and m.account_id = a.id where u.community_id = @community and u.entry_id = @id`

// byCitySQL counts the reports of entry @id that stand, by community.
const byCitySQL = `with counted as (select case when ` + knownCity + ` then o.id end as in_id, count(*)::int as uses, (count(*) filter (where u.again = 'yes'))::int as yes,
		(count(*) filter (where u.again = 'changed'))::int as changed, (count(*) filter (where u.again = 'no'))::int as not_again
		from entry_use u join community o on o.id = u.used_in where u.community_id = @community and u.entry_id = @id and u.removed_at is null group by 1)
	select coalesce(o.slug, '') as slug, case when o.id is not null then ` + cityName + ` else '' end as city, c.uses, c.yes, c.changed, c.not_again as "not"
	from counted c left join community o on o.id = c.in_id order by o.id is null, c.uses desc, o.slug`

// queueEvidence queues the reading of how entry @id was used.
func queueEvidence(b *pgx.Batch, args pgx.NamedArgs, now time.Time, e *Evidence) {
	args = maps.Clone(args)
	args["now"] = now
	queueByCity(b, args, &e.ByCity)
	b.Queue(fmt.Sprintf(`select %s%s and u.removed_at is null order by u.n desc limit %d`, useColumns, usesFrom, FewUses), args).Query(collectInto(&e.Newest))
}

func queueByCity(b *pgx.Batch, args pgx.NamedArgs, all *[]CityUse) {
	b.Queue(byCitySQL, args).Query(collectInto(all))
}

// collectInto keeps the rows of a queued query by the names of their columns.
func collectInto[T any](all *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var err error
		*all, err = pgx.CollectRows(rows, pgx.RowToStructByName[T])
		return err
	}
}

// OtherCities is the filter for reports from communities that the reader may not know of.
const OtherCities = "-"

// UseFilter says which reports of an entry a page shows; empty fields filter nothing.
type UseFilter struct {
	City          string // slug, or OtherCities
	Before, After int    // the number of a report
}

// Uses is a page of the reports of an entry, the newest first.
type Uses struct {
	UsedEntry
	Evidence
	Rows         []Use
	Newer, Older int // for UseFilter.After and Before; 0: none
}

// UsedEntry is the entry that reports are about.
type UsedEntry struct {
	Number   int
	Title    string
	Lang     locale.Lang
	Form     Form
	Audience item.Audience
	Writes   bool // the reader is one of those who wrote it
}

const usedEntrySQL = `select i.number, i.title, i.lang, e.form, i.audience, coalesce(i.author_id = @me, false) or exists (select from entry_author w where w.entry_id = i.id and w.account_id = @me) as writes
	from item i join entry e on e.item_id = i.id where i.community_id = @community and i.id = @id`

// Uses is a page of the reports of an entry that the seat may read. Who made a report sees it also for a while after removing it, and for good when a coordinator did.
func (s Store) Uses(ctx context.Context, seat community.Seat, number int, f UseFilter) (Uses, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return Uses{}, err
	}
	var page Uses
	args := s.useArgs(ctx, seat, found.id)
	args["city"], args["before"], args["after"], args["limit"] = f.City, f.Before, f.After, PerUses+1
	where := ` and (u.removed_at is null or a.id = @me and (u.removed_reason <> '' or u.removed_at > @now::timestamptz - interval '10 minutes'))`
	switch {
	case f.City == OtherCities:
		where += ` and not ` + knownCity
	case f.City != "":
		where += ` and o.slug = @city and ` + knownCity
	}
	order := ` and (@before = 0 or u.n < @before::int) order by u.n desc limit @limit`
	if f.After > 0 {
		order = ` and u.n > @after::int order by u.n limit @limit`
	}
	b := &pgx.Batch{}
	b.Queue(usedEntrySQL, args).Query(func(rows pgx.Rows) error {
		var err error
		page.UsedEntry, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[UsedEntry])
		return err
	})
	queueByCity(b, args, &page.ByCity)
	b.Queue(`select `+useColumns+usesFrom+where+order, args).Query(collectInto(&page.Rows))
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return page, fmt.Errorf("uses of entry %d: %w", number, err)
	}
	page.cut(f)
	return page, nil
}

// cut takes off the row that only tells that there is more, and sets where the neighbouring pages begin.
func (p *Uses) cut(f UseFilter) {
	more := len(p.Rows) > PerUses
	if more {
		p.Rows = p.Rows[:PerUses]
	}
	newer, older := f.Before > 0, more
	if f.After > 0 {
		slices.Reverse(p.Rows)
		newer, older = more, true
	}
	if len(p.Rows) > 0 && newer {
		p.Newer = p.Rows[0].N
	}
	if len(p.Rows) > 0 && older {
		p.Older = p.Rows[len(p.Rows)-1].N
	}
}

func (s Store) useArgs(ctx context.Context, seat community.Seat, id item.ID) pgx.NamedArgs {
	return seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id, "lang": locale.Of(ctx), "now": s.now()})
}

// Usable is the entry that the seat may say to have used.
func (s Store) Usable(ctx context.Context, seat community.Seat, number int) (UsedEntry, error) {
	found, err := s.usedEntry(ctx, seat, number)
	if err != nil {
		return UsedEntry{}, err
	}
	if !found.usable() {
		return UsedEntry{}, fmt.Errorf("use of the draft %d: %w", number, fault.Forbidden)
	}
	return s.headOf(ctx, seat, found.id)
}

func (s Store) headOf(ctx context.Context, seat community.Seat, id item.ID) (UsedEntry, error) {
	e, err := postgres.One[UsedEntry](ctx, s.db, usedEntrySQL, s.useArgs(ctx, seat, id))
	if err != nil {
		return e, fmt.Errorf("entry %d: %w", id, err)
	}
	return e, nil
}

// WrittenUse is a report as it was typed, with the entry that it is about.
type WrittenUse struct {
	UsedEntry
	UseEdit
	N      int
	City   string // its name; empty: not to be known
	Mine   bool
	Author string // name of the reporter
}

// WrittenUse is a report that stands, for those who may change it or take it away.
func (s Store) WrittenUse(ctx context.Context, seat community.Seat, number, n int) (WrittenUse, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return WrittenUse{}, err
	}
	w := WrittenUse{N: n}
	if w.UsedEntry, err = s.headOf(ctx, seat, found.id); err != nil {
		return w, err
	}
	args := s.useArgs(ctx, seat, found.id)
	args["n"] = n
	removed := false
	err = s.db.QueryRow(ctx, `select u.used_in, case when `+knownCity+` then `+cityName+` else '' end, u.place, u.used_on, u.outcome, u.again, u.lang, u.revision, coalesce(a.id = @me, false), coalesce(a.name, ''), u.removed_at is not null`+usesFrom+` and u.n = @n`, args).
		Scan(&w.In, &w.City, &w.Place, &w.On, &w.Outcome, &w.Again, &w.UseEdit.Lang, &w.Revision, &w.Mine, &w.Author, &removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return w, fmt.Errorf("use %d of entry %d: %w", n, number, fault.NotFound)
	case err != nil:
		return w, fmt.Errorf("use %d of entry %d: %w", n, number, err)
	case !w.Mine && !seat.Can(community.Moderate):
		return w, fmt.Errorf("use %d of entry %d by somebody else: %w", n, number, fault.Forbidden)
	case removed:
		return w, fmt.Errorf("use %d of entry %d: %w", n, number, fault.Gone)
	}
	return w, nil
}
