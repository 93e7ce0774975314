package e2e_test

import (
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// productPages are the pages of end products: an empty list is brought about by a filter, the others by an administrator.
func productPages(t *testing.T, s *webtest.Site) []look {
	t.Helper()
	const keeper, at = "tom-achterberg", "/products/neighbourhood-fluxes"
	admin := s.As(t, keeper)
	admin.Post("/products/new", "name", "Flux maps of cities at the scale of neighbourhoods", "slug", "neighbourhood-fluxes", "form", "map", "state", "available", "summary", "Where a city stores heat and gives it off, in squares of 100 m.", "body", "For *planners*.\n\n- day\n- night",
		"lang", "en", "audience", "public", "makers", "@priya-raman\nA remote sensing group", "tags", "heat, maps").Sees(t, 303)
	for _, release := range [][]string{{"version", "1.0", "state", "published", "published_on", "2025-03-24"}, {"version", "1.2", "state", "published", "published_on", "2026-05-04", "label-1", "Download", "url-1", "https://example.org/1.2"}, {"version", "2.0", "state", "planned", "due_on", "2199-05-04"}} {
		admin.Post(at+"/releases/new", append(release, "body", "What is **new**.", "limits", "Less sure under trees.", "lang", "en")...).Sees(t, 303)
	}
	admin.Post(at+"/1-0/withdraw", "reason", "A table was wrong.").Sees(t, 303)
	for _, city := range []string{"basel", "heraklion"} {
		if _, err := s.DB.Exec(t.Context(), `with made as (insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at)
				select c.id, 'criterion', 900 + n, 'Shows where hotspots are, ' || n, 'en', 0, now(), now(), now() from community c, generate_series(1, 3) n where c.slug = $1 returning id, community_id),
			texted as (insert into item_text (item_id, body, html, renderer) select id, '', '', 1 from made),
			asked as (insert into criterion (item_id, community_id, state, state_at, need_id) select id, community_id, 'raised', now(), id from made)
			insert into criterion_product select made.community_id, made.id, p.item_id from made, product p`, city); err != nil {
			t.Fatal(err)
		}
	}
	return []look{{"products", "", "/products"}, {"products-none", "", "/products?form=report"}, {"products-administrator", keeper, "/products"}, {"product", "", at}, {"product-maker", "priya-raman", at}, {"product-administrator", keeper, at}, {"product-new", keeper, "/products/new"},
		{"product-edit", keeper, at + "/edit"}, {"release", "", at + "/1-2"}, {"release-withdrawn", "", at + "/1-0"}, {"release-planned", keeper, at + "/2-0"}, {"release-new", keeper, at + "/releases/new"}, {"release-edit", keeper, at + "/1-2/edit"},
		{"release-publish", keeper, at + "/2-0/publish"}, {"release-withdraw", keeper, at + "/1-2/withdraw"}, {"product-history", "", at + "/history"}}
}
