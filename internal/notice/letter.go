package notice

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/link"
)

// asksRelease is the verb by which somebody is asked whether the own words may be read in an entry.
const asksRelease = "entry.ask-release"

// askByMail writes to those who were just told that their words wait for an answer, in the transaction that told them.
func askByMail(ctx context.Context, tx pgx.Tx, e event, who []account.ID) error {
	if len(who) == 0 {
		return nil
	}
	var slug, title, name string
	var number int
	err := tx.QueryRow(ctx, `select c.slug, i.number, i.title, coalesce(a.name, '') from item i join community c on c.id = i.community_id left join account a on a.id = nullif($2::bigint, 0) where i.id = $1`, e.item, e.actor).
		Scan(&slug, &number, &title, &name)
	if err != nil {
		return fmt.Errorf("letter about item %d: %w", e.item, err)
	}
	for _, one := range who {
		if err := account.Post(ctx, tx, account.Letter{Kind: "release", Account: one, Link: link.Entry(slug, number, title), Words: map[string]string{"title": title, "name": name}}); err != nil {
			return err
		}
	}
	return nil
}
