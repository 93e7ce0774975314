package practice

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
)

// MaxChosen is how many entries may be chosen one by one.
const MaxChosen = 500

// Chosen is an entry that somebody ticked.
type Chosen struct {
	Slug   string
	Number int
}

// Ticked are the entries that somebody chose, each once, in their order; those that the reader may not read are left out.
func (s Store) Ticked(ctx context.Context, reach community.Reach, chosen []Chosen) ([]item.ID, error) {
	var in fault.Invalid
	in.Check(len(chosen) <= MaxChosen, "entry", "too-many", "max", MaxChosen)
	if err := in.Err(); err != nil {
		return nil, err
	}
	slugs, numbers := make([]string, len(chosen)), make([]int, len(chosen))
	for n, c := range chosen {
		slugs[n], numbers[n] = c.Slug, c.Number
	}
	rows, err := s.db.Query(ctx, `select i.id from unnest(@slugs::text[], @numbers::int[]) with ordinality w(slug, number, at) join community c on c.slug = w.slug
			join item i on i.community_id = c.id and i.kind = 'entry' and i.number = w.number and i.parent_id is null
		where i.removed_at is null and `+community.Visible+` group by i.id order by min(w.at)`, reach.Args(pgx.NamedArgs{"slugs": slugs, "numbers": numbers}))
	if err != nil {
		return nil, fmt.Errorf("chosen entries: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[item.ID])
	if err != nil {
		return nil, fmt.Errorf("chosen entries: %w", err)
	}
	return ids, nil
}
