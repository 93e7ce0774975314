package search_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme/demo"
	"urbanfluxes.eu/koinon/internal/search"
)

// TestMarksHideNothingThatTheReaderMaySee counts, for each reader, what the index's marks let through against what community.Visible alone does.
func TestMarksHideNothingThatTheReaderMaySee(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	all := readers(t, db)
	for n, s := range secrets {
		s.make(t, db, s)
		if n%2 == 0 {
			change(t, db, `update item set audience = 3 where id = (select max(id) from item where removed_at is null and audience = 2)`)
		}
	}
	change(t, db, `update item set author_id = (select id from account where handle = 'eleni-markaki') where id = (select max(id) from item where audience = 3)`)
	store := search.NewStore(db, time.Now)
	for who, reach := range all {
		for _, city := range []string{"", "basel", "london", "heraklion", "geheimbund"} {
			var want int
			if err := db.QueryRow(t.Context(), `select count(*) from item i left join item p on p.id = i.parent_id join item_search s on s.item_id = i.id join community c on c.id = i.community_id
				where i.removed_at is null and p.removed_at is null and (@slug = '' or c.slug = @slug) and `+community.Visible, reach.Args(pgx.NamedArgs{"slug": city})).Scan(&want); err != nil {
				t.Fatal(err)
			}
			query := "after:2000-01-03"
			if city != "" {
				query += " city:" + city
			}
			found := ask(t, store, reach, query)
			if len(found.Query.Hints) > 0 {
				continue // no such city for this reader
			}
			if got := fmt.Sprint(found.Count, found.AtLeast); got != fmt.Sprint(min(want, search.MaxCount), want > search.MaxCount) {
				t.Errorf("%s in %q: %s, want %d", who, city, got, want)
			}
		}
	}
}

func TestWeeksAreCountedAlikeInTheIndexAndInASearch(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		first := time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(20 * 365 * 24 * time.Hour))))
		last := first.Add(time.Duration(r.Int64N(int64(6 * 365 * 24 * time.Hour))))
		share := r.Float64()
		at := last.Add(-time.Duration(share * float64(last.Sub(first)) * .999)) // within the newest share, if rows come evenly
		marks := search.Lately([]time.Time{first, last, last}, share)
		var within bool
		if err := db.QueryRow(t.Context(), `update item_search set at = $1 where item_id = (select min(item_id) from item_search) returning marks && $2`, at, marks).Scan(&within); err != nil {
			t.Fatal(err)
		}
		if !within || len(marks) > 6 {
			t.Errorf("%s to %s, the newest %.2f: %v lack %s", first, last, share, marks, at)
		}
	}
}
