package web_test

import (
	"strconv"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// usedByEleni has eleni-markaki say that she used E-4 of Basel in Heraklion.
func usedByEleni(t *testing.T, s *webtest.Site) {
	t.Helper()
	var heraklion int64
	if err := s.DB.QueryRow(t.Context(), `select id from community where slug = 'heraklion'`).Scan(&heraklion); err != nil {
		t.Fatal(err)
	}
	s.As(t, "eleni-markaki").Post("/c/basel/repertoire/4/use", "used-in", strconv.FormatInt(heraklion, 10), "used-outcome", "It held.", "used-again", "yes", "used-lang", "en").Sees(t, 303)
}

func TestQueriesOfAnEntryDoNotGrowWithItsUsesAndRelations(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	teller := s.As(t, "regula-ammann")
	teller.Post("/c/basel/heard", "body", "The vine on wires cools best.", "lang", "en").Sees(t, 303)
	teller.Post("/c/basel/repertoire/4/edit", "revision", "1", "title", "A vine on wires", "told", "The vine on wires cools best.", "lang", "en", "audience", "public").Sees(t, 303)
	usedByEleni(t, s)
	pages := []string{"/c/basel/repertoire/4-a-vine-on-wires", "/c/basel/repertoire/4/uses", "/c/basel/repertoire/4/relate"}
	few := map[string]int{}
	v := s.As(t, "beat-hollenstein")
	for _, path := range pages {
		v.Get(path) // statements are prepared on the first visit
		few[path] = s.Asked(func() { v.Get(path).Sees(t, 200) })
	}
	for _, sql := range []string{
		`insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) select c.id, 'entry', 500 + g, 'More vines ' || g, 'en', 0, now(), now(), now() from community c, generate_series(1, 40) g where c.slug = 'basel'`,
		`insert into item_text (item_id, body, html, renderer) select id, '', '', 1 from item where title like 'More vines %'`,
		`insert into entry (item_id, community_id, form, shared_at) select id, community_id, 'method', now() from item where title like 'More vines %'`,
		`insert into item_link (from_id, to_id, relation, at) select e.id, m.id, 'uses', now() from item e, item m where e.title = 'A vine on wires' and m.title like 'More vines %'`,
		`insert into entry_use (community_id, entry_id, n, account_id, used_in, outcome, outcome_html, again, lang, at) select i.community_id, i.id, 100 + g, a.id, c.id, 'x', '<p>x</p>', 'changed', 'en', now() from item i, account a, generate_series(1, 200) g, community c where i.title = 'A vine on wires' and a.handle = 'eleni-markaki' and c.slug in ('heraklion', 'london') and (c.slug = 'london') = (g % 2 = 0)`,
	} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, path := range pages {
		if many := s.Asked(func() { v.Get(path).Sees(t, 200) }); many != few[path] || many > 20 {
			t.Errorf("%s: %d queries for few rows, %d for many", path, few[path], many)
		}
	}
}
