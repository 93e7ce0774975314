package harvest_test

import (
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme/demo"
)

func TestCalibrate(t *testing.T) {
	db, _ := postgres.Open(t.Context(), testdb.NewURL(t))
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := harvest.NewStore(db, time.Now).FindThemes(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Log("took", time.Since(start))
	rows, _ := db.Query(t.Context(), `select c.slug, t.words, t.sayings, t.voices, s.item_id, s.part, s.words from theme t join theme_saying s on s.theme_id = t.id join community c on c.id = t.community_id order by t.id`)
	defer rows.Close()
	last := ""
	for rows.Next() {
		var slug, words, part, text string
		var n, v, id int
		if err := rows.Scan(&slug, &words, &n, &v, &id, &part, &text); err != nil {
			t.Fatal(err)
		}
		if words != last {
			t.Logf("== %s: %s (%d, %d)", slug, words, n, v)
			last = words
		}
		t.Logf("     %d%s %.160s", id, part, text)
	}
}
