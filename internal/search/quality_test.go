package search_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme/demo"
	"urbanfluxes.eu/koinon/internal/search"
)

// known is a query as somebody would type it, with the threads that answer it.
type known struct {
	Query   string
	Answers []string // titles; any of them answers
	Why     string   // what the query is there for
}

func readKnown(t *testing.T) []known {
	t.Helper()
	raw, err := os.ReadFile("testdata/queries.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []known
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// goal of the mean reciprocal rank: 1 is the answer always first, 0.5 always second.
const goal = 0.85

func TestKnownQueriesFindTheirAnswers(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	store := search.NewStore(db, time.Now)
	if err := store.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	reach := reachOf(t, db, "regula-ammann")
	sums, counts := map[string]float64{}, map[string]int{}
	total := 0.0
	all := readKnown(t)
	for _, k := range all {
		found, err := store.Find(t.Context(), reach, search.Parse(k.Query), locale.English, 1)
		if err != nil {
			t.Fatalf("%s: %v", k.Query, err)
		}
		rank := slices.IndexFunc(found.Hits, func(h search.Hit) bool { return slices.Contains(k.Answers, h.Title) })
		worth := 0.0
		if rank >= 0 {
			worth = 1 / float64(rank+1)
		}
		if rank != 0 {
			t.Logf("%s (%s): rank %d of %d; first %s", k.Query, k.Why, rank+1, len(found.Hits), titles(found.Hits, 3))
		}
		total, sums[k.Why], counts[k.Why] = total+worth, sums[k.Why]+worth, counts[k.Why]+1
	}
	for why, n := range counts {
		t.Logf("%-24s %2d queries, mean reciprocal rank %.3f", why, n, sums[why]/float64(n))
	}
	mean := total / float64(len(all))
	t.Logf("%d queries, mean reciprocal rank %.3f (goal %.2f)", len(all), mean, goal)
	if mean < goal || len(all) < 60 {
		t.Errorf("mean reciprocal rank %.3f over %d queries", mean, len(all))
	}
}

func titles(hits []search.Hit, n int) []string {
	var all []string
	for _, h := range hits[:min(n, len(hits))] {
		all = append(all, h.Title)
	}
	return all
}

// reachOf is what somebody of the demonstration may see.
func reachOf(t *testing.T, db postgres.DB, handle string) community.Reach {
	t.Helper()
	r := community.Reach{Mine: []int64{}, Coordinated: []int64{}}
	if handle == "" {
		return r
	}
	err := db.QueryRow(t.Context(), `select a.id, a.administrator, array(select m.community_id from membership m where m.account_id = a.id and m.state = 'member'),
		array(select m.community_id from membership m where m.account_id = a.id and m.state = 'member' and m.role = 'coordinator') from account a where a.handle = $1`, handle).
		Scan(&r.Me, &r.Everywhere, &r.Mine, &r.Coordinated)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
