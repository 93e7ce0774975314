package criterion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// fulfilSQL works out how far criteria @criteria are. Of each product counts the newest claim that is settled and not withdrawn, on a release that stands; the best of the products is how far the criterion is.
const fulfilSQL = `with counted as (
		select k.criterion_id, k.state, k.extent, k.settled_at, r.product_id, k.item_id from claim k join item i on i.id = k.item_id join release r on r.item_id = k.release_id join item ri on ri.id = r.item_id
		where k.criterion_id = any(@criteria::bigint[]) and k.state <> 'withdrawn' and i.removed_at is null and r.state = 'published' and ri.removed_at is null),
	newest as (select distinct on (criterion_id, product_id) criterion_id,
			case when state = 'accepted' and extent = 'fully' then 5 when state in ('accepted', 'partly') then 4 when state = 'not' then 3 else 2 end as rank
		from counted where state <> 'open' order by criterion_id, product_id, item_id desc),
	best as (select c.item_id, (array['none', 'open', 'silent', 'not', 'partly', 'met'])[1 + coalesce((select max(rank) from newest n where n.criterion_id = c.item_id),
			case when exists (select from counted o where o.criterion_id = c.item_id) then 1 else 0 end)] as fulfilment
		from criterion c where c.item_id = any(@criteria::bigint[]))
	update criterion c set fulfilment = best.fulfilment, fulfilment_at = @now from best where c.item_id = best.item_id and c.fulfilment <> best.fulfilment`

// refulfil writes how far a criterion is, by its claims as they stand now.
func refulfil(ctx context.Context, tx pgx.Tx, criterion item.ID, now time.Time) error {
	return refulfilAll(ctx, tx, []int64{int64(criterion)}, now)
}

func refulfilAll(ctx context.Context, tx pgx.Tx, criteria []int64, now time.Time) error {
	if _, err := tx.Exec(ctx, fulfilSQL, pgx.NamedArgs{"criteria": criteria, "now": now}); err != nil {
		return fmt.Errorf("how far criteria %v are: %w", criteria, err)
	}
	return nil
}

// RefulfilRelease writes how far the criteria are for which a release was claimed: after it was withdrawn, or hidden.
func (s Store) RefulfilRelease(ctx context.Context, tx pgx.Tx, release item.ID) error {
	type claimed struct{ ID int64 }
	all, err := postgres.All[claimed](ctx, tx, `select c.item_id as id from criterion c where c.item_id in (select k.criterion_id from claim k where k.release_id = $1) order by c.item_id for update`, release)
	if err != nil {
		return fmt.Errorf("criteria of release %d: %w", release, err)
	}
	criteria := make([]int64, len(all))
	for n, c := range all {
		criteria[n] = c.ID
	}
	return refulfilAll(ctx, tx, criteria, s.now())
}
