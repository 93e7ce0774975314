package product

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
)

// Publish says that a planned release is out since a day that has come. Those whose criteria concern the product hear of it.
func (s Store) Publish(ctx context.Context, seat community.Seat, product, release string, on *time.Time) error {
	return s.change(ctx, seat, product, release, func(tx pgx.Tx, of placed, r standing) error {
		var in fault.Invalid
		in.Check(r.state == Planned, "published_on", "release-state")
		checkPublished(&in, on, s.today(of.home))
		if err := in.Err(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update release set state = 'published', published_on = $3 where community_id = $1 and item_id = $2`, seat.Community, r.id, on); err != nil {
			return err
		}
		return s.tellPublished(ctx, tx, seat, of.id, r.id)
	})
}

// tellPublished tells who follows the product, and who asked for a standing criterion that concerns it. Whether they may read it is judged when they are told.
func (s Store) tellPublished(ctx context.Context, tx pgx.Tx, seat community.Seat, product, release item.ID) error {
	concerned, err := whoAsked(ctx, tx, `exists (select from criterion_product cp where cp.criterion_id = c.item_id and cp.product_id = $1) and `+Standing, product)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update item set active_at = $3 where community_id = $1 and id = $2`, seat.Community, product, s.now()); err != nil {
		return fmt.Errorf("product %d: %w", product, err)
	}
	return s.tell(ctx, tx, seat, release, "release.publish", concerned, nil)
}

// whoAsked are the accounts that asked for the criteria c of a condition about an item $1 and did not deny it.
func whoAsked(ctx context.Context, tx pgx.Tx, condition string, about item.ID) ([]account.ID, error) {
	rows, err := tx.Query(ctx, `select distinct q.speaker_id from criterion c join item i on i.id = c.item_id join criterion_source q on q.criterion_id = c.item_id
		where `+condition+` and i.removed_at is null and q.speaker_id is not null and q.answer <> 'denied' order by 1`, about)
	if err != nil {
		return nil, fmt.Errorf("whose criteria concern item %d: %w", about, err)
	}
	who, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	if err != nil {
		return nil, fmt.Errorf("whose criteria concern item %d: %w", about, err)
	}
	return who, nil
}

// Withdraw takes a published release back, for a reason that stands on its page. It satisfies nothing any more, and those for whose criteria it was claimed hear of it.
func (s Store) Withdraw(ctx context.Context, seat community.Seat, product, release, reason string, besides ...func(context.Context, pgx.Tx, item.ID) error) error {
	return s.change(ctx, seat, product, release, func(tx pgx.Tx, of placed, r standing) error {
		var in fault.Invalid
		in.Check(r.state == Published, "reason", "release-state")
		item.CheckReason(&in, reason)
		if err := in.Err(); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update release set state = 'withdrawn' where community_id = $1 and item_id = $2`, seat.Community, r.id); err != nil {
			return err
		}
		for _, more := range besides {
			if err := more(ctx, tx, r.id); err != nil {
				return err
			}
		}
		concerned, err := whoAsked(ctx, tx, `exists (select from claim k where k.criterion_id = c.item_id and k.release_id = $1 and k.state <> 'withdrawn')`, r.id)
		if err != nil {
			return err
		}
		return s.tell(ctx, tx, seat, r.id, "release.withdraw", concerned, map[string]any{"reason": reason})
	})
}

// RemoveRelease takes a planned release away that will not come. One that somebody made a claim for stays.
func (s Store) RemoveRelease(ctx context.Context, seat community.Seat, product, release string) error {
	return s.change(ctx, seat, product, release, func(tx pgx.Tx, of placed, r standing) error {
		if r.state != Planned {
			return fault.One("sure", "release-state")
		}
		return s.remove(ctx, tx, seat, r.id, "release.remove", `select exists (select from claim k where k.release_id = $1)`)
	})
}
