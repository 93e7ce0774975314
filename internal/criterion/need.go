package criterion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
)

// holdNeeds lets one transaction at a time change which criteria are the same need. Whoever needs it takes it before any criterion.
func holdNeeds(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('criterion needs'))`); err != nil {
		return fmt.Errorf("needs: %w", err)
	}
	return nil
}

// sameNeedSQL selects, for each of @seeds, all that are the same need as it: by its links, or merged into one another.
const sameNeedSQL = `with recursive near as (
		select seed, seed as id from unnest(@seeds::bigint[]) seed
		union
		select n.seed, e.id from near n join lateral (
			select l.to_id as id from item_link l where l.from_id = n.id and l.relation = 'same-need'
			union all select l.from_id from item_link l where l.to_id = n.id and l.relation = 'same-need'
			union all select c.merged_into from criterion c where c.item_id = n.id and c.merged_into is not null
			union all select c.item_id from criterion c where c.merged_into = n.id) e on true),
	lowest as (select seed, min(id) as need from near group by seed),
	needs as (select distinct n.id, l.need from near n join lowest l on l.seed = n.seed)`

// renewNeeds works out anew which criteria are the same need as those given, after a link between them came or went. The transaction holds the needs.
func renewNeeds(ctx context.Context, tx pgx.Tx, of ...item.ID) error {
	_, err := tx.Exec(ctx, sameNeedSQL+`,
		held as (select c.item_id, n.need from criterion c join needs n on n.id = c.item_id where c.need_id <> n.need order by c.item_id for update of c)
		update criterion c set need_id = h.need from held h where c.item_id = h.item_id`, pgx.NamedArgs{"seeds": ids(of)})
	if err != nil {
		return fmt.Errorf("needs of criteria %v: %w", of, err)
	}
	return nil
}

// partNeeds is renewNeeds for one that was merged and stands for itself again: also what it was merged into is looked at anew.
func (s Store) partNeeds(ctx context.Context, tx pgx.Tx, id item.ID) error {
	rows, err := tx.Query(ctx, `select distinct into_id from criterion_step where criterion_id = $1 and into_id is not null`, id)
	if err != nil {
		return fmt.Errorf("what criterion %d was merged into: %w", id, err)
	}
	into, err := pgx.CollectRows(rows, pgx.RowTo[item.ID])
	if err != nil {
		return fmt.Errorf("what criterion %d was merged into: %w", id, err)
	}
	return renewNeeds(ctx, tx, append(into, id)...)
}
