package product

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

func checkMakers(in *fault.Invalid, lines []string) {
	in.Check(len(lines) <= MaxMakers, "makers", "too-many", "max", MaxMakers)
	for _, line := range lines {
		if utf8.RuneCountInString(line) > MaxMakerName {
			in.Check(false, "makers", "too-long", "max", MaxMakerName)
			return
		}
	}
}

// ReadMakers takes the makers out of a text that has one on each line; doubles and empty lines go.
func ReadMakers(text string) []string {
	makers, seen := []string{}, map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if key := strings.ToLower(line); line != "" && !seen[key] {
			seen[key] = true
			makers = append(makers, line)
		}
	}
	return makers
}

// making is one maker as the list has it: an account, or a name.
type making struct {
	account account.ID
	name    string
}

// whoMakes finds the accounts behind the lines of a list of makers. A name that several people have is a problem, and so is a handle that nobody has.
func whoMakes(ctx context.Context, db postgres.DB, in *fault.Invalid, lines []string) ([]making, error) {
	rows, err := db.Query(ctx, `select w.line, (select count(*) from account a where a.left_at is null and case when w.line like '@%' then a.handle = lower(substr(w.line, 2)) else lower(a.name) = lower(w.line) end),
			coalesce((select min(a.id) from account a where a.left_at is null and case when w.line like '@%' then a.handle = lower(substr(w.line, 2)) else lower(a.name) = lower(w.line) end), 0)
		from unnest($1::text[]) with ordinality w(line, n) order by w.n`, lines)
	if err != nil {
		return nil, fmt.Errorf("makers: %w", err)
	}
	var (
		all   []making
		line  string
		found int
		who   account.ID
		seen  = map[account.ID]bool{}
	)
	_, err = pgx.ForEachRow(rows, []any{&line, &found, &who}, func() error {
		switch handle := strings.HasPrefix(line, "@"); {
		case handle && found == 0:
			in.Check(false, "makers", "no-maker", "name", line)
		case found > 1:
			in.Check(false, "makers", "several-makers", "name", line)
		case found == 0:
			all = append(all, making{name: line})
		case !seen[who]:
			seen[who] = true
			all = append(all, making{account: who})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("makers: %w", err)
	}
	return all, nil
}

// setMakers makes these the makers of a product, in their order, and reports whether that changed anything. Who is not among them makes it no more, but did: nothing is forgotten.
func (s Store) setMakers(ctx context.Context, tx pgx.Tx, product item.ID, makers []making) (changed bool, err error) {
	accounts, names := make([]int64, len(makers)), make([]string, len(makers))
	for n, m := range makers {
		accounts[n], names[n] = int64(m.account), m.name
	}
	args := pgx.NamedArgs{"product": product, "accounts": accounts, "names": names, "now": s.now()}
	ended, err := tx.Exec(ctx, `update product_maker m set ended_at = @now where m.product_id = @product and m.ended_at is null
		and not exists (select from unnest(@accounts::bigint[], @names::text[]) w(account, name) where w.account = coalesce(m.account_id, 0) and w.name = m.name)`, args)
	if err != nil {
		return false, fmt.Errorf("makers of product %d: %w", product, err)
	}
	var begun int
	err = tx.QueryRow(ctx, `with was as (select account_id, name from product_maker where product_id = @product and ended_at is null),
		makers as (insert into product_maker (product_id, account_id, name, position, since)
			select @product, nullif(w.account, 0), w.name, w.n, @now from unnest(@accounts::bigint[], @names::text[]) with ordinality w(account, name, n)
			on conflict (product_id, account_id, name) do update set ended_at = null, position = excluded.position returning account_id, name)
		select count(*)::int from makers m where not exists (select from was where was.account_id is not distinct from m.account_id and was.name = m.name)`, args).Scan(&begun)
	if err != nil {
		return false, fmt.Errorf("makers of product %d: %w", product, err)
	}
	return begun > 0 || ended.RowsAffected() > 0, nil
}
