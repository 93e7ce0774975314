package harvest

import (
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/practice"
)

// Became is an entry that grew out of words at a place, and that the reader may open.
type Became struct {
	At
	Form   practice.Form
	Number int
	Title  string
	Lang   locale.Lang
}

// Around is what became of the words on a page, and which of them its reader laid aside.
type Around struct {
	Became   []Became
	Gathered []At
}

// Of are the entries that grew out of the words at one place.
func (a Around) Of(at At) []Became {
	var all []Became
	for _, b := range a.Became {
		if b.spot() == at.spot() {
			all = append(all, b)
		}
	}
	return all
}

// Holds reports whether the reader laid words at a place aside.
func (a Around) Holds(at At) bool {
	for _, g := range a.Gathered {
		if g.spot() == at.spot() {
			return true
		}
	}
	return false
}

// spot is a place without the point of the agenda under which a line stands: lines move.
func (a At) spot() At {
	if a.Line > 0 {
		a.Point = 0
	}
	return a
}

// place are the columns of which an At is made: of item o below the item top, with the part and the point of what is linked.
const place = `o.kind, top.number, case when o.parent_id is not null then o.number else 0 end, `

// Around reads, in the round trip of a page about an item of a community, what became of the words on it and what its reader gathered there.
func (s Store) Around(seat community.Seat, kind item.Kind, number int, into *Around) postgres.Besides {
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "kind": kind, "number": number})
	return func(b *pgx.Batch) {
		b.Queue(`select distinct on (i.id, o.id, s.part, s.point_id) `+place+`coalesce(s.point_id, 0), s.part, e.form, i.number, i.title, i.lang
			from item top join item_link l on l.to_top = top.id and l.relation = 'from' join item i on i.id = l.from_id and i.kind = 'entry' join entry e on e.item_id = i.id
				join entry_source s on s.entry_id = i.id and s.item_id = l.to_id and s.part = l.to_part join item o on o.id = s.item_id
			where top.community_id = @community and top.kind = @kind and top.number = @number and top.parent_id is null and i.community_id = @community and i.removed_at is null and `+community.Visible+`
			order by i.id, o.id, s.part, s.point_id, s.n limit 500`, args).Query(func(rows pgx.Rows) error {
			var err error
			into.Became, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (b Became, err error) {
				at, scan := scanAt()
				err = row.Scan(append(scan, &b.Form, &b.Number, &b.Title, &b.Lang)...)
				b.At = at()
				return b, err
			})
			return err
		})
		if seat.Account == 0 {
			return
		}
		b.Queue(`select `+place+`coalesce(g.point_id, 0), g.part from gathered g join item o on o.id = g.item_id join item top on top.id = coalesce(o.parent_id, o.id)
			where top.community_id = @community and top.kind = @kind and top.number = @number and top.parent_id is null and g.account_id = @me and g.community_id = @community`, args).Query(func(rows pgx.Rows) error {
			var err error
			into.Gathered, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (At, error) {
				at, scan := scanAt()
				err := row.Scan(scan...)
				return at(), err
			})
			return err
		})
	}
}

// scanAt reads a place out of its columns.
func scanAt() (at func() At, into []any) {
	var kind item.Kind
	var number, reply int
	var point int64
	var part string
	return func() At { return atOf(kind, number, reply, point, part) }, []any{&kind, &number, &reply, &point, &part}
}
