package criterion

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Change is a new wording of a criterion. Revision is the one it started from.
type Change struct {
	Revision  int
	Statement string
	Why       string
	Lang      locale.Lang
	Audience  item.Audience
	Category  string
	Target    Target
	Products  []item.ID
	Tags      []string
}

// Wording is a criterion as it was written, for who may change it.
type Wording struct {
	Change
	ID    item.ID
	State State
}

func (c Change) check(private bool) error {
	return New{Statement: c.Statement, Why: c.Why, Lang: c.Lang, Audience: c.Audience, Category: c.Category, Target: c.Target, Products: c.Products, Tags: c.Tags}.check(private)
}

// MayWord reports whether the seat may change the wording of a criterion and its sources: who words them here, and whoever raised it while nobody agreed on it.
func MayWord(seat community.Seat, state State, author account.ID) bool {
	if state == Merged {
		return false
	}
	return seat.Can(community.Word) || state == Raised && author != 0 && author == seat.Account && seat.Can(community.Raise)
}

func mayWord(seat community.Seat, found placed) error {
	if MayWord(seat, found.state, account.ID(found.author)) {
		return nil
	}
	if err := seat.Must(community.Word); err != nil {
		return err
	}
	return found.unmerged()
}

// unmerged is nil unless the criterion lives on in another one.
func (p placed) unmerged() error {
	if p.state == Merged {
		return fault.One("criterion", "criterion-merged")
	}
	return nil
}

// Written is a criterion as it was written, when the seat may change it.
func (s Store) Written(ctx context.Context, seat community.Seat, number int) (Wording, error) {
	var w Wording
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return w, err
	}
	if err := mayWord(seat, found); err != nil {
		return w, err
	}
	w.ID, w.State = found.id, found.state
	err = s.db.QueryRow(ctx, `select i.revision, i.title, x.body, i.lang, i.audience, coalesce(k.key, ''), c.measure, c.comparator, coalesce(c.target, 0), coalesce(c.target_to, 0), c.unit,
			array(select p.product_id from criterion_product p where p.criterion_id = i.id order by 1), array(select t.name from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id order by t.key)
		from `+tables+` where i.community_id = $1 and i.id = $2`, seat.Community, found.id).
		Scan(&w.Revision, &w.Statement, &w.Why, &w.Lang, &w.Audience, &w.Category, &w.Target.Measure, &w.Target.Comparator, &w.Target.Value, &w.Target.To, &w.Target.Unit, &w.Products, &w.Tags)
	if err != nil {
		return w, fmt.Errorf("criterion %d as written: %w", number, err)
	}
	return w, nil
}

// Word changes the wording of a criterion and what goes with it. Those who asked hear of it. A change that started from another revision is a fault.Conflict.
func (s Store) Word(ctx context.Context, seat community.Seat, number int, c Change) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := mayWord(seat, found); err != nil {
			return err
		}
		if err := c.check(seat.Private); err != nil {
			return err
		}
		category, err := keptCategory(ctx, tx, found.id, c.Category)
		if err != nil {
			return err
		}
		if err := s.keepProducts(ctx, tx, seat, found.id, c.Products); err != nil {
			return err
		}
		if err := s.rewrite(ctx, tx, seat, found, c, "criterion.word"); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update criterion set category_id = $2, measure = $3, comparator = $4, target = $5, target_to = $6, unit = $7 where item_id = $1`,
			found.id, category, c.Target.Measure, c.Target.Comparator, c.Target.value(), c.Target.to(), c.Target.Unit)
		if err != nil {
			return fmt.Errorf("word criterion %d: %w", number, err)
		}
		if err := s.items.Retag(ctx, tx, seat, found.id, c.Tags); err != nil {
			return err
		}
		return s.items.Widen(ctx, tx, seat, found.id, c.Audience)
	})
}

// rewrite keeps the state as a revision, stores the new text, and makes it findable.
func (s Store) rewrite(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, c Change, verb string, besides ...int64) error {
	names, err := s.On(tx).items.Resolve(ctx, seat, c.Statement+"\n\n"+c.Why)
	if err != nil {
		return err
	}
	concerned, err := askers(ctx, tx, found.id)
	if err != nil {
		return err
	}
	for _, who := range append(authorOf(found, seat), besides...) {
		if who != 0 && !slices.Contains(concerned, who) {
			concerned = append(concerned, who)
		}
	}
	concerned = slices.DeleteFunc(concerned, func(who int64) bool { return who == int64(seat.Account) })
	was, err := aimed(ctx, tx, found.id)
	if err != nil {
		return err
	}
	if err := s.items.Revise(ctx, tx, seat, found.id, item.Change{Revision: c.Revision, Was: was, Title: c.Statement, Lang: c.Lang, Body: c.Why, Names: names, Verb: verb, Concerned: concerned}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update item set active_at = $2 where id = $1`, found.id, s.now()); err != nil {
		return fmt.Errorf("word criterion %d: %w", found.number, err)
	}
	return search.Renew(ctx, tx, found.id, c.Lang, c.Statement, c.Target.Measure, c.Why)
}

// keptCategory is categoryOf a key, or the retired one that the criterion has.
func keptCategory(ctx context.Context, tx pgx.Tx, criterion item.ID, key string) (*int64, error) {
	var kept *int64
	if err := tx.QueryRow(ctx, `select (select k.id from criterion c join criterion_category k on k.id = c.category_id where c.item_id = $1 and k.key = $2)`, criterion, key).Scan(&kept); err != nil {
		return nil, fmt.Errorf("category %q: %w", key, err)
	}
	if kept != nil {
		return kept, nil
	}
	return categoryOf(ctx, tx, key)
}

// keepProducts makes products those that a criterion concerns; what the seat may not open stays as it is.
func (s Store) keepProducts(ctx context.Context, tx pgx.Tx, seat community.Seat, criterion item.ID, products []item.ID) error {
	if err := mustOffer(ctx, tx, seat, products); err != nil {
		return err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "criterion": criterion, "products": ids(products)})
	b := &pgx.Batch{}
	b.Queue(`delete from criterion_product cp using item i where cp.community_id = @community and cp.criterion_id = @criterion and i.id = cp.product_id and cp.product_id <> all(@products::bigint[]) and i.removed_at is null and `+community.Visible, args)
	b.Queue(`insert into criterion_product (community_id, criterion_id, product_id) select distinct @community::bigint, @criterion::bigint, p from unnest(@products::bigint[]) p on conflict do nothing`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("products of criterion %d: %w", criterion, err)
	}
	return nil
}

// History is every wording that a criterion had, the newest (current) first.
func (s Store) History(ctx context.Context, seat community.Seat, number int) ([]item.Revision, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return nil, err
	}
	states, err := s.items.History(ctx, seat, found.id)
	if err != nil {
		return nil, err
	}
	states[0].Detail, err = aimed(ctx, s.db, found.id)
	return states, err
}

// aimed is the target of a criterion on one line.
func aimed(ctx context.Context, db postgres.DB, id item.ID) (line string, err error) {
	if err := db.QueryRow(ctx, `select `+targetLine+` from criterion c where c.item_id = $1`, id).Scan(&line); err != nil {
		return "", fmt.Errorf("target of criterion %d: %w", id, err)
	}
	return line, nil
}

// checkStatement judges a wording that stands alone.
func checkStatement(statement string) error {
	var in fault.Invalid
	in.Check(statement != "", "statement", "required")
	in.Check(utf8.RuneCountInString(statement) <= item.MaxTitle, "statement", "too-long", "max", item.MaxTitle)
	return in.Err()
}
