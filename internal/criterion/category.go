package criterion

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Category is what a criterion is about, as the programme sorts them.
type Category struct {
	Key     string
	Name    string
	Hint    string
	Retired bool // stays on those that have it, offered no more
}

// Categories in their order, in the reader's language.
func (s Store) Categories(ctx context.Context, lang locale.Lang) ([]Category, error) {
	all, err := postgres.All[Category](ctx, s.db, `select c.key, coalesce(t.name, e.name, c.key) as name, coalesce(t.hint, e.hint, '') as hint, c.retired_at is not null as retired
		from criterion_category c left join criterion_category_text t on t.category_id = c.id and t.lang = $1
			left join criterion_category_text e on e.category_id = c.id and e.lang = 'en' order by c.position, c.id`, lang)
	if err != nil {
		return nil, fmt.Errorf("categories of criteria: %w", err)
	}
	return all, nil
}

// categoryOf a key; nil where there is none yet. One that the programme does not have, or offers no more, is a problem of the field.
func categoryOf(ctx context.Context, tx pgx.Tx, key string) (*int64, error) {
	if key == "" {
		return nil, nil
	}
	var id int64
	err := tx.QueryRow(ctx, `select id from criterion_category where key = $1 and retired_at is null`, key).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.One("category", "choose")
	}
	if err != nil {
		return nil, fmt.Errorf("category %q: %w", key, err)
	}
	return &id, nil
}
