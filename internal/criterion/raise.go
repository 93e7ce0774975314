package criterion

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// New is a criterion as somebody heard it or wants it. Only the statement is required.
type New struct {
	Statement string
	Why       string
	Lang      locale.Lang
	Audience  item.Audience
	Category  string // key; empty: none yet
	Target    Target
	Products  []item.ID
	Tags      []string
	Source    *NewSource // nil: it is shown as one without a source
	Request   uuid.UUID
}

// MaxWhy is how long a reason may be, in characters.
const MaxWhy = 20_000

// OpenTo are the audiences that a criterion may have, from the widest: a private community holds none wider than itself.
func OpenTo(private bool) []item.Audience {
	if private {
		return []item.Audience{item.Community}
	}
	return []item.Audience{item.Public, item.Programme, item.Community}
}

func (n New) check(private bool) error {
	var in fault.Invalid
	in.Check(n.Statement != "", "statement", "required")
	in.Check(utf8.RuneCountInString(n.Statement) <= item.MaxTitle, "statement", "too-long", "max", item.MaxTitle)
	in.Check(utf8.RuneCountInString(n.Why) <= MaxWhy, "why", "too-long", "max", MaxWhy)
	in.Check(locale.Known(string(n.Lang)), "lang", "choose")
	in.Check(slices.Contains(OpenTo(private), n.Audience), "audience", "choose")
	n.Target.check(&in)
	item.CheckTags(&in, n.Tags)
	if n.Source != nil {
		n.Source.check(&in)
	}
	return in.Err()
}

// Raise logs a criterion. Members raise what they heard or want in one line; scientists and coordinators may word it fully. The same form sent again gets the first one.
func (s Store) Raise(ctx context.Context, seat community.Seat, n New) (item.Made, error) {
	var made item.Made
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var err error
		made, err = s.RaiseIn(ctx, tx, seat, n)
		return err
	})
	return made, err
}

// RaiseIn is Raise inside a transaction of somebody else.
func (s Store) RaiseIn(ctx context.Context, tx pgx.Tx, seat community.Seat, n New) (item.Made, error) {
	if err := seat.Must(community.Raise); err != nil {
		return item.Made{}, err
	}
	if err := n.check(seat.Private); err != nil {
		return item.Made{}, err
	}
	names, err := s.On(tx).items.Resolve(ctx, seat, n.Statement+"\n\n"+n.Why)
	if err != nil {
		return item.Made{}, err
	}
	first, err := item.Claim(ctx, tx, seat, n.Request, s.now())
	if err != nil {
		return item.Made{}, err
	}
	if first != nil {
		return *first, nil
	}
	category, err := categoryOf(ctx, tx, n.Category)
	if err != nil {
		return item.Made{}, err
	}
	if err := mustOffer(ctx, tx, seat, n.Products); err != nil {
		return item.Made{}, err
	}
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "criterion", Title: n.Statement, Body: n.Why, Lang: n.Lang, Audience: n.Audience, Verb: "criterion.raise", Request: n.Request, Names: names, Tags: n.Tags},
		item.Part{Name: "raised", SQL: `insert into criterion (item_id, community_id, state_at, category_id, measure, comparator, target, target_to, unit, need_id)
			select id, community_id, created_at, @category::bigint, @measure, @comparator, @target, @target_to, @unit, id from made`,
			Args: pgx.NamedArgs{"category": category, "measure": n.Target.Measure, "comparator": n.Target.Comparator, "target": n.Target.value(), "target_to": n.Target.to(), "unit": n.Target.Unit}},
		item.Part{Name: "begun", SQL: `insert into criterion_step (community_id, criterion_id, step, by_id, at) select community_id, id, 'raised', author_id, created_at from made`},
		item.Part{Name: "concerned", SQL: `insert into criterion_product (community_id, criterion_id, product_id) select distinct community_id, id, p from made, unnest(@products::bigint[]) p`, Args: pgx.NamedArgs{"products": ids(n.Products)}},
		search.Row(n.Target.Measure, n.Why))
	if err != nil {
		return made, fmt.Errorf("raise a criterion: %w", err)
	}
	if n.Source != nil {
		return made, s.addSource(ctx, tx, seat, made.ID, n.Lang, *n.Source)
	}
	return made, nil
}

func ids(items []item.ID) []int64 {
	all := make([]int64, len(items))
	for n, id := range items {
		all[n] = int64(id)
	}
	return all
}

// mustOffer is nil when every product is one that the seat may open.
func mustOffer(ctx context.Context, tx pgx.Tx, seat community.Seat, products []item.ID) error {
	if len(products) == 0 {
		return nil
	}
	found := 0
	err := tx.QueryRow(ctx, `select count(*) from product p join item i on i.id = p.item_id where p.item_id = any(@products::bigint[]) and i.removed_at is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"products": ids(products)})).Scan(&found)
	if err != nil {
		return fmt.Errorf("products of a criterion: %w", err)
	}
	distinct := slices.Clone(products)
	slices.Sort(distinct)
	if found != len(slices.Compact(distinct)) {
		return fault.One("products", "choose")
	}
	return nil
}
