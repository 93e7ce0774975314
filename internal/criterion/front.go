package criterion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Front is what a community's first page says of its criteria: those still asked for, as far as the reader may see them.
type Front struct {
	Asked, Met, Partly, Waiting int
	First                       []FrontRow // the most important, and then the newest
}

// FrontRow is a criterion on a first page.
type FrontRow struct {
	Number     int
	Title      string
	Lang       locale.Lang
	Fulfilment Fulfilment
}

const frontCriteria = ` from criterion c join item i on i.id = c.item_id`

const frontAsked = ` where c.community_id = @community and c.state in ('raised', 'agreed') and i.removed_at is null and ` + community.Visible

// Front of a community's criteria, at most so many of them.
func (s Store) Front(ctx context.Context, seat community.Seat, most int) (Front, error) {
	var f Front
	if err := seat.MaySee(); err != nil || seat.Reach.NoProducts {
		return f, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "most": most})
	b := &pgx.Batch{}
	b.Queue(`select count(*)::int, count(*) filter (where c.fulfilment = 'met')::int, count(*) filter (where c.fulfilment = 'partly')::int, count(*) filter (where c.fulfilment = 'open')::int`+frontCriteria+frontAsked, args).
		QueryRow(func(row pgx.Row) error { return row.Scan(&f.Asked, &f.Met, &f.Partly, &f.Waiting) })
	b.Queue(`select i.number, i.title, i.lang, c.fulfilment`+frontCriteria+importanceJoins+frontAsked+` order by `+importanceOverall+` desc nulls last, i.id desc limit @most`, args).
		Query(func(rows pgx.Rows) error {
			var err error
			f.First, err = pgx.CollectRows(rows, pgx.RowToStructByName[FrontRow])
			return err
		})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return f, fmt.Errorf("criteria on the front of %s: %w", seat.Slug, err)
	}
	return f, nil
}

// FrontProduct is a product on the programme's first page, with how many of the criteria that concern it are met, as far as the reader may see them.
type FrontProduct struct {
	Slug, Title, Summary string
	Lang                 locale.Lang
	Asked, Met           int
}

// FrontProducts are the products of the programme, those with the most criteria first.
func (s Store) FrontProducts(ctx context.Context, reach community.Reach, most int) ([]FrontProduct, error) {
	if reach.NoProducts {
		return nil, nil
	}
	all, err := postgres.All[FrontProduct](ctx, s.db, `with seen as (select p.item_id, p.slug, i.title, p.summary, i.lang from product p join item i on i.id = p.item_id where p.state <> 'retired' and i.removed_at is null and `+community.Visible+`),
			asked as (select cp.product_id, count(*)::int as asked, count(*) filter (where c.fulfilment = 'met')::int as met from criterion_product cp join criterion c on c.item_id = cp.criterion_id join item i on i.id = c.item_id
				where c.state in ('raised', 'agreed') and i.removed_at is null and `+community.Visible+` group by cp.product_id)
		select slug, title, summary, lang, coalesce(asked, 0) as asked, coalesce(met, 0) as met from seen left join asked on asked.product_id = seen.item_id order by 5 desc, lower(title), item_id limit @most`,
		reach.Args(pgx.NamedArgs{"most": most}))
	if err != nil {
		return nil, fmt.Errorf("products on the front: %w", err)
	}
	return all, nil
}
