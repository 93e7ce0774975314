package communities_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
)

var roles = []string{"visitor", "elsewhere", "member", "scientist", "coordinator", "administrator"}

func (d *town) cast() map[string]person {
	other := d.Found("crete", "public", "open")
	cast := map[string]person{
		"visitor":       {},
		"elsewhere":     d.Member("Eleni", other, "member", community.Stakeholder),
		"member":        d.Member("Mia", d.Basel, "member", community.Stakeholder),
		"scientist":     d.Member("Sven", d.Basel, "member", community.Scientist),
		"coordinator":   d.Member("Cora", d.Basel, "coordinator", community.Stakeholder),
		"administrator": d.Person("Ada"),
	}
	d.Do(`update account set administrator = true where id = $1`, cast["administrator"].ID)
	return cast
}

func commitment(changes ...string) url.Values {
	v := url.Values{"perspective": {"stakeholder"}, "bring": {"maps"}, "learn": {"where shade helps"}, "meets": {"quarterly"}, "agreed": {"yes"}, "charter": {"1"}}
	for i := 0; i+1 < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
	}
	return v
}

func words(revision string) url.Values {
	return url.Values{"revision": {revision}, "text": {"de"}, "name": {"Basel"}, "summary": {"Hitze"}, "domain": {"Hitze in Gassen"}, "agenda": {""}, "charter": {"We listen."}, "stage": {"coalescing"}, "stage-reason": {"we met"}}
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cast := d.cast()
	table := map[string]struct {
		fields url.Values
		status [6]int // in the order of roles
	}{
		"GET /":                     {nil, [6]int{200, 200, 200, 200, 200, 200}},
		"GET /about":                {nil, [6]int{200, 200, 200, 200, 200, 200}},
		"GET /join":                 {nil, [6]int{303, 200, 200, 200, 200, 200}},
		"POST /join":                {commitment(), [6]int{303, 303, 303, 303, 303, 303}},
		"GET /about/charter":        {nil, [6]int{200, 200, 200, 200, 200, 200}},
		"POST /about/charter/agree": {url.Values{"version": {"1"}}, [6]int{303, 403, 303, 303, 303, 403}},
		"POST /renew":               {url.Values{"sure": {"yes"}}, [6]int{303, 403, 303, 303, 303, 403}},
		"GET /leave":                {nil, [6]int{303, 404, 200, 200, 200, 404}},
		"POST /leave":               {url.Values{"sure": {"yes"}}, [6]int{303, 404, 303, 303, 422, 404}},
		"GET /about/edit":           {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"POST /about/edit":          {words("1"), [6]int{303, 403, 403, 403, 303, 303}},
	}
	d.everyRouteStandsIn(func(route string) bool { _, ok := table[route]; return ok })
	for route, row := range table {
		method, path, _ := strings.Cut(route, " ")
		for i, role := range roles {
			undo, err := d.DB.Begin(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			got := d.Send(cast[role], method, "/c/basel"+strings.TrimSuffix(path, "/"), row.fields)
			if got.Code != row.status[i] {
				t.Errorf("%s as %s: got %d, want %d", route, role, got.Code, row.status[i])
			}
			if signIn := strings.HasPrefix(got.Header().Get("Location"), "/sign-in"); signIn != (role == "visitor" && row.status[i] == 303) {
				t.Errorf("%s as %s: led to %q", route, role, got.Header().Get("Location"))
			}
			if err := undo.Rollback(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// everyRouteStandsIn fails for a route of the room that the table does not know.
func (d *town) everyRouteStandsIn(known func(route string) bool) {
	d.T.Helper()
	err := chi.Walk(d.Site.(chi.Routes), func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if route := method + " " + strings.TrimPrefix(pattern, "/c/{city}"); !known(route) {
			d.T.Errorf("nobody said who may %s", route)
		}
		return nil
	})
	if err != nil {
		d.T.Fatal(err)
	}
}

func TestAPrivateCommunityDoesNotExistForOutsiders(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	quarry := d.Found("quarry", "private", "invitation")
	cast := d.cast()
	inside := d.Member("Ina", quarry, "member", community.Stakeholder)
	for _, path := range []string{"", "/about", "/join", "/leave", "/about/edit"} {
		for _, role := range []string{"visitor", "elsewhere", "member", "coordinator"} {
			got, none := d.Get(cast[role], "/c/quarry"+path), d.Get(cast[role], "/c/nowhere"+path)
			d.Want(got, http.StatusNotFound)
			if strings.ReplaceAll(got.Body.String(), "quarry", "") != strings.ReplaceAll(none.Body.String(), "nowhere", "") {
				t.Errorf("%s as %s: a private community answers otherwise than one that is not there", path, role)
			}
		}
	}
	d.Want(d.Post(cast["elsewhere"], "/c/quarry/join", commitment()), http.StatusNotFound)
	d.Want(d.Get(inside, "/c/quarry"), http.StatusOK, "quarry")
	d.Want(d.Get(cast["administrator"], "/c/quarry/about"), http.StatusOK, "quarry")
}
