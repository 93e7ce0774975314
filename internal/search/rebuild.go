package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Rebuild writes the index rows of items anew from their stored titles and texts, one statement a language. What a request for help tells
// of what was tried and what worked is found with it, a meeting with its minutes once members may read them, an entry in every language in which it stands. What was removed keeps its row, marked so by a trigger: it may be shown again.
func Rebuild(ctx context.Context, tx pgx.Tx, ids []item.ID) error {
	if _, err := tx.Exec(ctx, `delete from item_search where item_id = any($1)`, ids); err != nil {
		return fmt.Errorf("index items: %w", err)
	}
	for _, lang := range locale.All {
		_, err := tx.Exec(ctx, `insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search)
			select i.id, i.community_id, i.audience, i.author_id, i.kind, i.lang, i.created_at, setweight(to_tsvector(('public.k_' || @lang)::regconfig, i.title), 'A')
				|| setweight(to_tsvector(('public.k_' || @lang)::regconfig, coalesce(m.place, d.why, a.owner_names, c.measure, p.summary, e.summary, k.limits, case when r.item_id is not null then of.title || E'\n' || r.limits end, '')), 'B')
				|| setweight(to_tsvector(('public.k_' || @lang)::regconfig, left(concat_ws(E'\n\n', case when e.item_id is null then t.body else `+partsOf("e")+` end, h.tried, h.outcome, d.rejected, `+minutes+`), 200000)), 'D')
				|| `+translations("i.id")+`
			from item i join item_text t on t.item_id = i.id left join entry e on e.item_id = i.id left join help_request h on h.item_id = i.id left join meeting m on m.item_id = i.id
				left join decision d on d.item_id = i.id left join action a on a.item_id = i.id
				left join criterion c on c.item_id = i.id left join product p on p.item_id = i.id left join claim k on k.item_id = i.id left join release r on r.item_id = i.id left join item of on of.id = r.product_id where i.id = any(@ids) and i.lang = @lang`,
			pgx.NamedArgs{"ids": ids, "lang": lang})
		if err != nil {
			return fmt.Errorf("index items: %w", err)
		}
	}
	return nil
}
