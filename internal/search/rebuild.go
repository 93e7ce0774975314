package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Rebuild writes the index rows of items anew from their stored titles and texts, one statement a language. What was removed gets none.
func Rebuild(ctx context.Context, tx pgx.Tx, ids []item.ID) error {
	if _, err := tx.Exec(ctx, `delete from item_search where item_id = any($1)`, ids); err != nil {
		return fmt.Errorf("index items: %w", err)
	}
	for _, lang := range locale.All {
		_, err := tx.Exec(ctx, `insert into item_search (item_id, community_id, audience, kind, lang, at, search)
			select i.id, i.community_id, i.audience, i.kind, i.lang, i.created_at,
				setweight(to_tsvector(('public.k_' || @lang)::regconfig, i.title), 'A') || setweight(to_tsvector(('public.k_' || @lang)::regconfig, left(t.body, 200000)), 'D')
			from item i join item_text t on t.item_id = i.id where i.id = any(@ids) and i.lang = @lang and i.removed_at is null`,
			pgx.NamedArgs{"ids": ids, "lang": lang})
		if err != nil {
			return fmt.Errorf("index items: %w", err)
		}
	}
	return nil
}
