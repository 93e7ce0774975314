package programme

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
)

// storing brings a book into the database. Ids are taken from the sequences beforehand, so that every table is written in one go.
type storing struct {
	tx          pgx.Tx
	from        fs.FS
	book        *book
	people      map[string]int64
	communities map[string]int64
	items       map[string]int64
	points      map[string]int64 // of agendas and backlogs, by reference
	categories  map[string]int64 // of criteria, by key
	topics      map[string]int64 // of entries, by key
}

func newStoring(tx pgx.Tx, b *book, from fs.FS) *storing {
	return &storing{tx: tx, from: from, book: b, people: map[string]int64{}, communities: map[string]int64{}, items: map[string]int64{}}
}

// ids takes n new ids of a table.
func (s *storing) ids(ctx context.Context, table string, n int) ([]int64, error) {
	rows, err := s.tx.Query(ctx, `select nextval(pg_get_serial_sequence($1, 'id')) from generate_series(1, $2)`, table, n)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// rows writes rows of a table.
func (s *storing) rows(ctx context.Context, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := s.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return nil
}

// keys are the ids of what has keys of its own.
func (s *storing) keys(ctx context.Context, sql string) (map[string]int64, error) {
	all := map[string]int64{}
	rows, err := s.tx.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	var key string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&key, &id}, func() error {
		all[key] = id
		return nil
	})
	return all, err
}

// who is the account behind a handle; nil for nobody.
func (s *storing) who(handle string) *int64 { return behind(s.people, handle) }

// where is the community behind a slug; nil for none.
func (s *storing) where(slug string) *int64 { return behind(s.communities, slug) }

// what is the item behind a reference; nil for none.
func (s *storing) what(ref string) *int64 { return behind(s.items, ref) }

func behind(ids map[string]int64, name string) *int64 {
	if id, ok := ids[name]; ok {
		return &id
	}
	return nil
}

// orEmpty is a list that the database does not take for null.
func orEmpty(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}

// orObject is JSON, the empty object when there is none.
func orObject(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "{}"
	}
	return string(raw)
}
