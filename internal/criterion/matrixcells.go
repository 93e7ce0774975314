package criterion

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// needs reads the criteria of a page of needs with what ties them. A need whose criteria hang together only by what the reader cannot open falls apart.
func (s Store) needs(ctx context.Context, reach community.Reach, page []needRow, f Compared) ([]Need, error) {
	wanted := make([]int64, len(page))
	for n, row := range page {
		wanted[n] = int64(row.ID)
	}
	cells, err := s.cells(ctx, reach, wanted)
	if err != nil {
		return nil, err
	}
	ties, err := s.ties(ctx, reach, cells)
	if err != nil {
		return nil, err
	}
	byNeed := map[item.ID][]Cell{}
	for _, c := range cells {
		c.Marks = ties.marks[c.ID]
		byNeed[c.need] = append(byNeed[c.need], c)
	}
	needs := []Need{}
	for _, row := range page {
		for _, n := range apart(byNeed[row.ID], ties.same) {
			if n.shownFor(f) {
				needs = append(needs, n)
			}
		}
	}
	return needs, nil
}

// shownFor reports whether a need is one that is looked for.
func (n Need) shownFor(f Compared) bool {
	if len(n.Cells) == 0 || f.Share != "" && (f.Share == "common") != n.Common() {
		return false
	}
	for _, c := range n.Cells {
		if f.fits(c) {
			return true
		}
	}
	return false
}

// apart groups criteria that hang together, the oldest first; those that were merged hold together what they were merged into, and are not shown themselves.
func apart(cells []Cell, same map[item.ID][]item.ID) []Need {
	group := map[item.ID]int{}
	next := map[item.ID][]item.ID{}
	for _, c := range cells {
		next[c.ID] = slices.Clone(same[c.ID])
	}
	for _, c := range cells {
		if _, open := next[c.mergedInto]; open {
			next[c.ID] = append(next[c.ID], c.mergedInto)
			next[c.mergedInto] = append(next[c.mergedInto], c.ID)
		}
	}
	var needs []Need
	for _, c := range cells {
		if _, seen := group[c.ID]; seen {
			continue
		}
		needs = append(needs, Need{})
		for todo := []item.ID{c.ID}; len(todo) > 0; todo = todo[1:] {
			if _, seen := group[todo[0]]; !seen {
				group[todo[0]] = len(needs) - 1
				todo = append(todo, next[todo[0]]...)
			}
		}
	}
	for _, c := range cells {
		if c.State != Merged {
			needs[group[c.ID]].Cells = append(needs[group[c.ID]].Cells, c)
		}
	}
	return needs
}

func (s Store) cells(ctx context.Context, reach community.Reach, needs []int64) ([]Cell, error) {
	rows, err := s.db.Query(ctx, `select i.id, o.slug, i.number, i.title, i.lang, c.state, c.fulfilment, coalesce(k.key, ''), c.need_id, coalesce(c.merged_into, 0), `+importanceColumns+`
		from criterion c join item i on i.id = c.item_id join community o on o.id = c.community_id left join criterion_category k on k.id = c.category_id`+importanceJoins+`
		where c.need_id = any(@needs::bigint[]) and i.removed_at is null and `+community.Visible+` order by i.id`, reach.Args(pgx.NamedArgs{"needs": needs}))
	if err != nil {
		return nil, fmt.Errorf("criteria of %d needs: %w", len(needs), err)
	}
	cells, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Cell, err error) {
		err = row.Scan(append([]any{&c.ID, &c.Slug, &c.Number, &c.Statement, &c.Lang, &c.State, &c.Fulfilment, &c.Category, &c.need, &c.mergedInto}, c.Importance.scan()...)...)
		c.Importance.hide()
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("criteria of %d needs: %w", len(needs), err)
	}
	return cells, nil
}

// cellTies are the relations of cells to what the reader can open.
type cellTies struct {
	same  map[item.ID][]item.ID
	marks map[item.ID][]Mark
}

func (s Store) ties(ctx context.Context, reach community.Reach, cells []Cell) (cellTies, error) {
	ties := cellTies{same: map[item.ID][]item.ID{}, marks: map[item.ID][]Mark{}}
	own := make([]int64, len(cells))
	for n, c := range cells {
		own[n] = int64(c.ID)
	}
	type end struct {
		Own, Other item.ID
		Relation   Relation
		Slug       string
		Number     int
	}
	ends, err := postgres.All[end](ctx, s.db, `with ends as (select l.from_id as own, l.to_id as other, l.relation from item_link l where l.from_id = any(@own::bigint[]) and l.relation in ('same-need', 'narrower', 'conflicts')
			union all select l.to_id, l.from_id, case l.relation when 'narrower' then 'broader' else l.relation end from item_link l where l.to_id = any(@own::bigint[]) and l.relation in ('same-need', 'narrower', 'conflicts'))
		select e.own, e.other, e.relation, o.slug, i.number from ends e join item i on i.id = e.other join community o on o.id = i.community_id
		where i.removed_at is null and `+community.Visible+` order by e.own, o.slug, i.number`, reach.Args(pgx.NamedArgs{"own": own}))
	if err != nil {
		return ties, fmt.Errorf("relations of %d criteria: %w", len(cells), err)
	}
	for _, e := range ends {
		switch e.Relation {
		case SameNeed:
			ties.same[e.Own] = append(ties.same[e.Own], e.Other)
		case Narrower, Conflicts:
			ties.marks[e.Own] = append(ties.marks[e.Own], Mark{e.Relation, e.Slug, e.Number})
		}
	}
	return ties, nil
}
