package product

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Edit is a changed product. Its slug stays.
type Edit struct {
	Sheet
	Revision int
	Makers   []string // nil: as they are; administrators alone change them
}

// Revise changes what is said of a product; administrators may, and who makes it now. A change that started from another revision is a fault.Conflict.
func (s Store) Revise(ctx context.Context, seat community.Seat, slug string, e Edit) error {
	found, err := s.find(ctx, seat.Reach, slug)
	if err != nil {
		return err
	}
	if err := mustKeep(ctx, s.db, seat, found); err != nil {
		return err
	}
	if e.Makers != nil {
		if err := seat.Must(community.KeepProducts); err != nil {
			return err
		}
	}
	var in fault.Invalid
	e.Sheet.check(&in, seat.Private)
	checkMakers(&in, e.Makers)
	makers, err := whoMakes(ctx, s.db, &in, e.Makers)
	if err == nil {
		err = in.Err()
	}
	if err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, e.Body)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := s.lock(ctx, tx, seat, slug); err != nil {
			return err
		}
		return s.revise(ctx, tx, seat, found.id, e, makers, names)
	})
}

func (s Store) revise(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, e Edit, makers []making, names item.Names) error {
	if err := s.items.Revise(ctx, tx, seat, id, item.Change{Revision: e.Revision, Title: e.Name, Lang: e.Lang, Body: e.Body, Names: names, Verb: "product.revise"}); err != nil {
		return err
	}
	if err := s.items.Widen(ctx, tx, seat, id, e.Audience); err != nil {
		return err
	}
	if err := s.items.Retag(ctx, tx, seat, id, e.Tags); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update product set form = $3, state = $4, summary = $5 where community_id = $1 and item_id = $2`, seat.Community, id, e.Form, e.State, e.Summary); err != nil {
		return fmt.Errorf("product %d: %w", id, err)
	}
	if e.Makers != nil {
		changed, err := s.setMakers(ctx, tx, id, makers)
		if err != nil {
			return err
		}
		if changed {
			if err := s.tell(ctx, tx, seat, id, "product.change-makers", nil, nil); err != nil {
				return err
			}
		}
	}
	if err := file.Attach(ctx, tx, seat, id, e.Files); err != nil {
		return err
	}
	return search.Renew(ctx, tx, id, e.Lang, e.Name, e.Summary, e.Body)
}

// Remove takes a product away that was added by mistake; administrators do. One that somebody made a claim for stays: it is retired instead.
func (s Store) Remove(ctx context.Context, seat community.Seat, slug string) error {
	if err := seat.Must(community.KeepProducts); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, slug)
		if err != nil {
			return err
		}
		if err := mustKeep(ctx, tx, seat, found); err != nil {
			return err
		}
		return s.remove(ctx, tx, seat, found.id, "product.remove", `select exists (select from claim k join release r on r.item_id = k.release_id where r.product_id = $1)`)
	})
}

// remove takes an item away unless claimed finds a claim that hangs on it.
func (s Store) remove(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, verb, claimed string) error {
	hangs := false
	if err := tx.QueryRow(ctx, claimed, id).Scan(&hangs); err != nil {
		return fmt.Errorf("claims on item %d: %w", id, err)
	}
	if hangs {
		return fault.One("sure", "product-claimed")
	}
	if _, err := tx.Exec(ctx, `update item set removed_at = $4, removed_by = $3 where community_id = $1 and id = $2`, seat.Community, id, seat.Account, s.now()); err != nil {
		return fmt.Errorf("remove item %d: %w", id, err)
	}
	return s.tell(ctx, tx, seat, id, verb, nil, nil)
}

// History of what is said of a product, the newest state first.
func (s Store) History(ctx context.Context, seat community.Seat, slug string) ([]item.Revision, error) {
	found, err := s.find(ctx, seat.Reach, slug)
	if err != nil {
		return nil, err
	}
	return s.items.History(ctx, seat, found.id)
}
