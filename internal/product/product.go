// Package product keeps the end products of the programme, and their releases.
package product

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Form of a product. The message "products.form.<form>" says each.
type Form string

// Forms in the order in which people choose among them.
var Forms = []Form{"map", "data-set", "tool", "model", "method", "report"}

// State of a product. The message "products.state.<state>" says each.
type State string

// The states of a product.
const (
	Idea      State = "idea"
	InWork    State = "in-work"
	Available State = "available"
	Retired   State = "retired"
)

// States in the order in which a product lives through them.
var States = []State{Idea, InWork, Available, Retired}

// ReleaseState of a dated version. The message "products.release.<state>" says each.
type ReleaseState string

// The states of a release.
const (
	Planned   ReleaseState = "planned"
	Published ReleaseState = "published"
	Withdrawn ReleaseState = "withdrawn"
)

// Store keeps products and releases.
type Store struct {
	db    postgres.DB
	items item.Store
	now   func() time.Time
}

// NewStore keeps products in db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, items: item.NewStore(db, now), now: now}
}

// On is the same store inside a transaction of somebody else, or on another database.
func (s Store) On(db postgres.DB) Store { return NewStore(db, s.now) }

// Option is a product that a form offers.
type Option struct {
	ID    item.ID
	Slug  string
	Title string
	Lang  locale.Lang
	State State
}

// Options are the products that a reader may open, by their names.
func (s Store) Options(ctx context.Context, reach community.Reach) ([]Option, error) {
	all, err := postgres.All[Option](ctx, s.db, `select i.id, p.slug, i.title, i.lang, p.state from product p join item i on i.id = p.item_id
		where i.removed_at is null and `+community.Visible+` order by lower(i.title), i.id limit 500`, reach.Args(nil))
	if err != nil {
		return nil, fmt.Errorf("products to choose: %w", err)
	}
	return all, nil
}

// Made reports whether the account makes the product, or ever made it. Who did does not decide what it satisfies.
func Made(ctx context.Context, db postgres.DB, product item.ID, who account.ID) (bool, error) {
	made := false
	err := db.QueryRow(ctx, `select exists (select from product_maker where product_id = $1 and account_id = $2)`, product, who).Scan(&made)
	if err != nil {
		return false, fmt.Errorf("makers of product %d: %w", product, err)
	}
	return made, nil
}

// Makes reports whether the account makes the product now.
func Makes(ctx context.Context, db postgres.DB, product item.ID, who account.ID) (bool, error) {
	makes := false
	err := db.QueryRow(ctx, `select exists (select from product_maker where product_id = $1 and account_id = $2 and ended_at is null)`, product, who).Scan(&makes)
	if err != nil {
		return false, fmt.Errorf("makers of product %d: %w", product, err)
	}
	return makes, nil
}

// placed is a product as the store found it, for those who may do something with it.
type placed struct {
	id       item.ID
	home     community.Community // to which it belongs
	number   int
	slug     string
	name     string
	audience item.Audience
}

// find is where a product stands, when the reader may open it. What was removed is fault.Gone to those who could.
func (s Store) find(ctx context.Context, reach community.Reach, slug string) (placed, error) {
	return findIn(ctx, s.db, reach, slug, "")
}

// lock is find for a change: nobody else changes the product or its releases until tx ends.
func (s Store) lock(ctx context.Context, tx pgx.Tx, seat community.Seat, slug string) (placed, error) {
	return findIn(ctx, tx, seat.Reach, slug, " for update of p")
}

func findIn(ctx context.Context, db postgres.DB, reach community.Reach, slug, locking string) (placed, error) {
	p := placed{slug: slug}
	removed := false
	err := db.QueryRow(ctx, `select i.id, i.number, i.title, i.audience, i.removed_at is not null, o.id, o.slug, o.visibility, o.zone
		from product p join item i on i.id = p.item_id join community o on o.id = i.community_id where p.slug = @slug and `+community.Visible+locking,
		reach.Args(pgx.NamedArgs{"slug": slug})).Scan(&p.id, &p.number, &p.name, &p.audience, &removed, &p.home.ID, &p.home.Slug, &p.home.Visibility, &p.home.Zone)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, fmt.Errorf("product %s: %w", slug, fault.NotFound)
	case err != nil:
		return p, fmt.Errorf("product %s: %w", slug, err)
	case removed:
		return p, fmt.Errorf("product %s: %w", slug, fault.Gone)
	}
	return p, nil
}

// Home is the umbrella, to which all products belong; fault.NotFound where the programme has none.
func (s Store) Home(ctx context.Context) (community.Community, error) {
	type home struct {
		ID                     community.ID
		Slug, Visibility, Zone string
		Lang                   locale.Lang
	}
	h, err := postgres.All[home](ctx, s.db, `select id, slug, visibility, zone, lang from community where kind = 'umbrella' order by id limit 1`)
	switch {
	case err != nil:
		return community.Community{}, fmt.Errorf("umbrella: %w", err)
	case len(h) == 0:
		return community.Community{}, fmt.Errorf("umbrella: %w", fault.NotFound)
	}
	return community.Community{ID: h[0].ID, Slug: h[0].Slug, Kind: "umbrella", Visibility: h[0].Visibility, Zone: h[0].Zone, Lang: h[0].Lang}, nil
}

// mustKeep is nil for administrators and for who makes the product now. Others who can open it learn that they may not.
func mustKeep(ctx context.Context, db postgres.DB, seat community.Seat, p placed) error {
	if p.home.ID != seat.Community {
		return fmt.Errorf("product %s: %w", p.slug, fault.NotFound)
	}
	if seat.Can(community.KeepProducts) {
		return nil
	}
	makes, err := Makes(ctx, db, p.id, seat.Account)
	if err != nil {
		return err
	}
	if !makes {
		return seat.Must(community.KeepProducts)
	}
	return nil
}

// tell writes what happened to a product or a release; concerned are accounts that hear of it.
func (s Store) tell(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, verb string, concerned []account.ID, detail any) error {
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: verb, Item: int64(id), Community: int64(seat.Community), Concerned: concerned, Detail: detail})
}
