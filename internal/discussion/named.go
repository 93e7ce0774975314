package discussion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Place is a thread by its address; number 0 is none yet.
type Place struct {
	Slug   string
	Number int
}

// Named is what a place is called. Empty is what the reader may not know.
type Named struct {
	Community string
	Title     string
}

// Named are the names of places, for readers who come back to them.
func (s Store) Named(ctx context.Context, reach community.Reach, places []Place, lang locale.Lang) (map[Place]Named, error) {
	slugs, numbers := make([]string, len(places)), make([]int, len(places))
	for i, p := range places {
		slugs[i], numbers[i] = p.Slug, p.Number
	}
	rows, err := s.db.Query(ctx, `select p.slug, p.number, coalesce(x.name, y.name, ''), coalesce(i.title, '')
		from unnest(@slugs::text[], @numbers::int[]) p(slug, number)
		join community c on c.slug = p.slug and (c.visibility = 'public' or c.id = any(@mine) or @everywhere)
		left join community_text x on x.community_id = c.id and x.lang = @lang left join community_text y on y.community_id = c.id and y.lang = c.lang
		left join item i on i.community_id = c.id and i.kind = 'discussion' and i.number = p.number and i.parent_id is null and i.removed_at is null and `+community.Visible,
		reach.Args(pgx.NamedArgs{"slugs": slugs, "numbers": numbers, "lang": lang}))
	if err != nil {
		return nil, fmt.Errorf("names of places: %w", err)
	}
	names := map[Place]Named{}
	var p Place
	var n Named
	_, err = pgx.ForEachRow(rows, []any{&p.Slug, &p.Number, &n.Community, &n.Title}, func() error {
		names[p] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("names of places: %w", err)
	}
	return names, nil
}
