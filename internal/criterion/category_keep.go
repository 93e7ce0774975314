package criterion

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Limits of a category, in characters; how many there may be.
const (
	MaxCategoryName = 80
	MaxCategoryHint = 300
	MaxCategories   = 40
)

// CategoryWords are a category's name and hint in the languages that have them.
type CategoryWords struct {
	Names, Hints map[locale.Lang]string
}

func (w CategoryWords) check() error {
	var in fault.Invalid
	for _, l := range locale.All {
		field := "name-" + string(l)
		in.Check(w.Names[l] != "", field, "required")
		in.Check(utf8.RuneCountInString(w.Names[l]) <= MaxCategoryName, field, "too-long", "max", MaxCategoryName)
		field = "hint-" + string(l)
		in.Check(utf8.RuneCountInString(w.Hints[l]) <= MaxCategoryHint, field, "too-long", "max", MaxCategoryHint)
	}
	return in.Err()
}

// KeptCategory is a category as administrators see it.
type KeptCategory struct {
	Key      string
	Retired  bool
	Criteria int // of all communities, whoever may read them
	CategoryWords
}

// KeptCategories are all categories in their order with their words.
func (s Store) KeptCategories(ctx context.Context, by account.Account) ([]KeptCategory, error) {
	if err := mustKeepCategories(by); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `select c.key, c.retired_at is not null, (select count(*)::int from criterion k where k.category_id = c.id),
			coalesce((select json_object_agg(t.lang, t.name) from criterion_category_text t where t.category_id = c.id), '{}'), coalesce((select json_object_agg(t.lang, t.hint) from criterion_category_text t where t.category_id = c.id), '{}')
		from criterion_category c order by c.position, c.id`)
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c KeptCategory, err error) {
		err = row.Scan(&c.Key, &c.Retired, &c.Criteria, &c.Names, &c.Hints)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	return all, nil
}

func mustKeepCategories(by account.Account) error {
	if !by.Administrator {
		return fmt.Errorf("keep categories: %w", fault.Forbidden)
	}
	return nil
}

// AddCategory puts a category behind the others. Its key is made of its English name. The same name sent again adds nothing.
func (s Store) AddCategory(ctx context.Context, by account.Account, w CategoryWords) error {
	return s.keepCategories(ctx, by, "category.add", "", func(tx pgx.Tx) error {
		if err := w.check(); err != nil {
			return err
		}
		count, same, taken := 0, false, 0
		base := categoryKey(w.Names[locale.English])
		err := tx.QueryRow(ctx, `select count(*)::int, exists (select from criterion_category_text t where t.lang = 'en' and lower(t.name) = lower($1)), count(*) filter (where key = $2 or key ~ ('^' || $2 || '-[0-9]+$'))::int
			from criterion_category`, w.Names[locale.English], base).Scan(&count, &same, &taken)
		if err != nil {
			return err
		}
		if same {
			return fault.One("name-en", "category-there")
		}
		if count >= MaxCategories {
			return fault.One("name-en", "too-many", "max", MaxCategories)
		}
		if taken > 0 {
			base += "-" + strconv.Itoa(taken+1)
		}
		if _, err := tx.Exec(ctx, `insert into criterion_category (key, position) select $1, coalesce(max(position), 0) + 1 from criterion_category`, base); err != nil {
			return err
		}
		return w.write(ctx, tx, base)
	})
}

// categoryKey of a name: a word for addresses and files.
func categoryKey(name string) string {
	key := link.Slug(name)
	if key == "" || key[0] < 'a' || key[0] > 'z' {
		key = "c-" + key
	}
	if len(key) > 34 { // room for a number behind it
		key = key[:34]
	}
	for len(key) > 0 && key[len(key)-1] == '-' {
		key = key[:len(key)-1]
	}
	return key
}

// RenameCategory gives a category other words; criteria keep it.
func (s Store) RenameCategory(ctx context.Context, by account.Account, key string, w CategoryWords) error {
	return s.keepCategories(ctx, by, "category.rename", key, func(tx pgx.Tx) error {
		if err := w.check(); err != nil {
			return err
		}
		return w.write(ctx, tx, key)
	})
}

func (w CategoryWords) write(ctx context.Context, tx pgx.Tx, key string) error {
	b := &pgx.Batch{}
	for _, l := range locale.All {
		b.Queue(`insert into criterion_category_text (category_id, lang, name, hint) select id, $2, $3, $4 from criterion_category where key = $1
			on conflict (category_id, lang) do update set name = excluded.name, hint = excluded.hint`, key, l, w.Names[l], w.Hints[l])
	}
	return tx.SendBatch(ctx, b).Close()
}

// MoveCategory changes places with the one before it, or after it.
func (s Store) MoveCategory(ctx context.Context, by account.Account, key string, up bool) error {
	return s.keepCategories(ctx, by, "category.move", key, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `with numbered as (select id, key, row_number() over (order by position, id) as n from criterion_category),
				mine as (select n from numbered where key = $1),
				other as (select o.n from numbered o, mine where o.n = mine.n + case when $2 then -1 else 1 end)
			update criterion_category c set position = case when x.n = mine.n then coalesce(other.n, x.n) when x.n = other.n then mine.n else x.n end
			from numbered x cross join mine left join other on true where x.id = c.id`, key, up)
		return err
	})
}

// RetireCategory offers a category no more; criteria that have it keep it. It can be brought back.
func (s Store) RetireCategory(ctx context.Context, by account.Account, key string, retired bool) error {
	verb := "category.bring-back"
	if retired {
		verb = "category.retire"
	}
	return s.keepCategories(ctx, by, verb, key, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update criterion_category set retired_at = case when $2 then coalesce(retired_at, $3) end where key = $1`, key, retired, s.now())
		return err
	})
}

// keepCategories does something with the categories, one change after the other. A key that there is not is fault.NotFound.
func (s Store) keepCategories(ctx context.Context, by account.Account, verb, key string, do func(tx pgx.Tx) error) error {
	if err := mustKeepCategories(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from criterion_category for update`); err != nil {
			return fmt.Errorf("%s: %w", verb, err)
		}
		if key != "" {
			var id int64
			err := tx.QueryRow(ctx, `select id from criterion_category where key = $1`, key).Scan(&id)
			if errors.Is(err, pgx.ErrNoRows) {
				err = fault.NotFound
			}
			if err != nil {
				return fmt.Errorf("category %q: %w", key, err)
			}
		}
		if err := do(tx); err != nil {
			return fmt.Errorf("%s %s: %w", verb, key, err)
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: by.ID, Verb: verb, Detail: map[string]any{"category": key}})
	})
}
