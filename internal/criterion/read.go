package criterion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Whole is a criterion with what its page shows.
type Whole struct {
	Criterion
	Products []Product
	Sources  []Source
	Claims   Claims
	Rated    Rated
	Trail    []item.Step
	Life     []Past
	Merged   []MergedOne // into this one
	Related  []Related
}

// Product that a criterion concerns.
type Product struct{ Slug, Title, Lang string }

// columns need Reach.Args.
const columns = `i.id, i.number, i.title, i.lang, x.html, i.audience, i.revision, i.created_at, i.edited_at, c.state, c.state_at, coalesce(k.key, ''), c.measure, c.comparator, coalesce(c.target, 0), coalesce(c.target_to, 0),
	c.unit, c.agreed_on, coalesce((select i.number from item i where i.id = c.merged_into and i.removed_at is null and ` + community.Visible + `), 0), c.fulfilment, c.fulfilment_at, c.need_id`

// tables of columns, beside the voice of the author.
const tables = `item i join criterion c on c.item_id = i.id join item_text x on x.item_id = i.id left join criterion_category k on k.id = c.category_id `

func (c *Criterion) scan() []any {
	return append([]any{&c.ID, &c.Number, &c.Statement, &c.Lang, &c.Why, &c.Audience, &c.Revision, &c.At, &c.EditedAt, &c.State, &c.StateAt, &c.Category, &c.Target.Measure, &c.Target.Comparator, &c.Target.Value, &c.Target.To,
		&c.Target.Unit, &c.AgreedOn, &c.MergedInto, &c.Fulfilment, &c.FulfilmentAt, &c.Need}, c.Author.Scan()...)
}

// head queues the reading of a criterion itself.
func head(b *pgx.Batch, args pgx.NamedArgs, c *Criterion) {
	b.Queue(`select `+columns+`, `+item.VoiceColumns+` from `+tables+item.VoiceJoins+` where i.community_id = @community and i.id = @id`, args).QueryRow(func(row pgx.Row) error { return row.Scan(c.scan()...) })
}

// Head is a criterion itself, for the pages about a part of it, together with what besides asks in the same round trip.
func (s Store) Head(ctx context.Context, seat community.Seat, number int, besides ...postgres.Besides) (Criterion, error) {
	var c Criterion
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return c, err
	}
	b := &pgx.Batch{}
	head(b, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id}), &c)
	for _, more := range besides {
		more(b)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return c, fmt.Errorf("criterion %d: %w", number, err)
	}
	return c, nil
}

// Read is a criterion with what its page shows. What was removed is fault.Gone to those who could read it.
func (s Store) Read(ctx context.Context, seat community.Seat, number int) (Whole, error) {
	var w Whole
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return w, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id})
	b := &pgx.Batch{}
	head(b, args, &w.Criterion)
	b.Queue(`select p.slug, i.title, i.lang from criterion_product cp join product p on p.item_id = cp.product_id join item i on i.id = p.item_id
		where cp.community_id = @community and cp.criterion_id = @id and i.removed_at is null and `+community.Visible+` order by lower(i.title), i.id`, args).Query(func(rows pgx.Rows) error {
		var err error
		w.Products, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Product])
		return err
	})
	queueSources(b, seat, args, &w.Sources)
	queueLife(b, args, &w.Life)
	queueMerged(b, args, &w.Merged)
	queueRelated(ctx, b, args, &w.Related)
	queueClaims(b, seat, args, &w.Claims)
	queueImportance(b, seat, args, FewReasons+1, &w.Rated)
	b.Queue(item.TrailSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		w.Trail, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Step])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return w, fmt.Errorf("criterion %d: %w", number, err)
	}
	return w, nil
}
