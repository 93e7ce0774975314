package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Rebuild writes the index rows of items anew from their stored titles and texts, one statement a language. What a request for help tells
// of what was tried and what worked is found with it. What was removed keeps its row, marked so by a trigger: it may be shown again.
func Rebuild(ctx context.Context, tx pgx.Tx, ids []item.ID) error {
	if _, err := tx.Exec(ctx, `delete from item_search where item_id = any($1)`, ids); err != nil {
		return fmt.Errorf("index items: %w", err)
	}
	for _, lang := range locale.All {
		_, err := tx.Exec(ctx, `insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search)
			select i.id, i.community_id, i.audience, i.author_id, i.kind, i.lang, i.created_at, setweight(to_tsvector(('public.k_' || @lang)::regconfig, i.title), 'A')
				|| setweight(to_tsvector(('public.k_' || @lang)::regconfig, left(concat_ws(E'\n\n', t.body, h.tried, h.outcome), 200000)), 'D')
			from item i join item_text t on t.item_id = i.id left join help_request h on h.item_id = i.id where i.id = any(@ids) and i.lang = @lang`,
			pgx.NamedArgs{"ids": ids, "lang": lang})
		if err != nil {
			return fmt.Errorf("index items: %w", err)
		}
	}
	return nil
}
