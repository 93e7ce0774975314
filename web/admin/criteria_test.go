package admin_test

import (
	"slices"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/webtest"
)

func offered(t *testing.T, s *webtest.Site) string {
	t.Helper()
	all, err := criterion.NewStore(s.DB, nil).Categories(t.Context(), locale.English)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, c := range all {
		if !c.Retired {
			keys = append(keys, c.Key)
		}
	}
	return strings.Join(keys, " ")
}

func TestAdministratorsKeepTheCategories(t *testing.T) {
	t.Parallel()
	s, admin := administrator(t)
	words := []string{"name-en", "Upkeep", "name-de", "Unterhalt", "name-fr", "Entretien", "name-el", "Συντήρηση", "hint-en", "Who repairs it"}
	admin.Post("/admin/criteria/add", "name-en", "Upkeep").Sees(t, 422, "Upkeep", "Name in Greek")
	admin.Post("/admin/criteria/add", words...).Sees(t, 303)
	admin.Post("/admin/criteria/add", words...).Sees(t, 422, "already")
	admin.Get("/admin/criteria").Sees(t, 200, "Upkeep", "Who repairs it")
	admin.Post("/admin/criteria/categories/upkeep/move", "to", "up").Sees(t, 303)
	admin.Post("/admin/criteria/categories/content/move", "to", "up").Sees(t, 303)
	admin.Post("/admin/criteria/categories/form/retire", "retired", "yes").Sees(t, 303)
	if got, want := offered(t, s), "content scale accuracy access trust upkeep use"; got != want {
		t.Errorf("categories: got %s, want %s", got, want)
	}
	admin.Post("/admin/criteria/categories/form/retire", "retired", "no").Sees(t, 303)
	admin.Post("/admin/criteria/categories/upkeep", slices.Concat([]string{"name-en", "Maintenance"}, words[2:])...).Sees(t, 303)
	admin.Get("/admin/criteria/categories/upkeep").Sees(t, 200, "Maintenance", "Unterhalt")
	admin.Get("/admin/criteria").Sees(t, 200, "Maintenance").Misses(t, "Upkeep")
	if got, want := offered(t, s), "content scale accuracy form access trust upkeep use"; got != want {
		t.Errorf("categories: got %s, want %s", got, want)
	}
	admin.Post("/admin/criteria/categories/none", words...).Sees(t, 404)
}

func TestAProgrammeWithoutEndProductsShowsNoCriteriaAndKeepsThem(t *testing.T) {
	t.Parallel()
	s, admin := administrator(t)
	lea, stranger := s.As(t, "lea-straumann"), s.Stranger(t)
	thread := s.As(t, "regula-ammann").Post("/c/basel/discussions/new", "form", "conversation", "title", "Which map?", "body", "Every street, please.", "lang", "en", "audience", "public").Sees(t, 303).To()
	number := strings.SplitN(thread[strings.LastIndex(thread, "/")+1:], "-", 2)[0]
	harvest := "/c/basel/criteria/harvest?discussion=" + number + "&reply=0"
	made := lea.Post(harvest, "words", "Every street, please.", "statement", "Quizzical streets on the map", "lang", "en", "audience", "public").Sees(t, 303).To()
	pages := []string{"/", "/c/basel", thread, "/search?q=quizzical", "/new.atom"}
	for _, page := range pages {
		stranger.Get(page).Sees(t, 200, "streets on the map")
	}
	stranger.Get("/c/basel").Sees(t, 200, `href="/c/basel/criteria"`)
	admin.Post("/admin/criteria/products", "makes", "no").Sees(t, 303)
	for _, page := range pages {
		stranger.Get(page).Sees(t, 200).Misses(t, "streets on the map", `href="/c/basel/criteria`)
	}
	lea.Get(thread).Sees(t, 200).Misses(t, "criteria/harvest")
	for _, path := range []string{made, harvest} {
		lea.Get(path).Sees(t, 404)
	}
	admin.Get("/admin/criteria").Sees(t, 200, "switched off")
	admin.Post("/admin/criteria/products", "makes", "yes").Sees(t, 303)
	for _, page := range append(pages, made) {
		stranger.Get(page).Sees(t, 200, "streets on the map")
	}
}
