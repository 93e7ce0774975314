package members_test

import (
	"context"
	"fmt"
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

// asks puts somebody into the queue of those who wait.
func (d *town) asks(name string, in community.ID) person {
	d.T.Helper()
	p := d.Person(name)
	d.Do(`insert into membership (community_id, account_id, state, perspective, bring, learn, asked_at) values ($1, $2, 'waiting', 'scientist', 'a mast', 'needs', $3)`, in, p.ID, d.Now)
	return p
}

func decision(p person) string { return fmt.Sprintf("/c/basel/members/waiting/%d", p.ID) }

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cast := d.cast()
	nora := d.asks("Nora", d.Basel)
	d.Do(`insert into wanted_organisation (community_id, name, perspective, at) values ($1, 'Tram AG', 'stakeholder', $2)`, d.Basel, d.Now)
	d.Do(`insert into invitation (community_id, email, email_key, lang, at) values ($1, 'ada@example.org', 'ada@example.org', 'de', $2)`, d.Basel, d.Now)
	var organisation, invitation int
	d.Row(&organisation, `select id from wanted_organisation`)
	d.Row(&invitation, `select id from invitation`)
	fill := strings.NewReplacer("{format:json|csv}", "csv", "{number:[0-9]+}", "1", "{account:[0-9]+}", fmt.Sprint(nora.ID), "invitations/{id:[0-9]+}", fmt.Sprint("invitations/", invitation), "{id:[0-9]+}", fmt.Sprint(organisation))
	table := map[string]struct {
		fields url.Values
		status [6]int // in the order of roles
	}{
		"GET /members":                                   {nil, [6]int{200, 200, 200, 200, 200, 200}},
		"GET /members/{number:[0-9]+}":                   {nil, [6]int{404, 200, 200, 200, 200, 200}},
		"GET /members/waiting":                           {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"POST /members/waiting/{account:[0-9]+}":         {url.Values{}, [6]int{303, 403, 403, 403, 303, 303}},
		"GET /members/invite":                            {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"POST /members/invite":                           {url.Values{"act": {"send"}, "addresses": {"new@example.org"}, "lang": {"de"}}, [6]int{303, 403, 403, 403, 303, 303}},
		"POST /members/{number:[0-9]+}/role":             {url.Values{"role": {"coordinator"}}, [6]int{303, 403, 403, 403, 303, 303}},
		"POST /members/invitations/{id:[0-9]+}/again":    {url.Values{}, [6]int{303, 403, 403, 403, 303, 303}},
		"POST /members/invitations/{id:[0-9]+}/withdraw": {url.Values{}, [6]int{303, 403, 403, 403, 303, 303}},
		"GET /members/renewals":                          {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"GET /members/newcomers":                         {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"GET /members/{number:[0-9]+}/greet":             {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"POST /members/{number:[0-9]+}/greet":            {url.Values{"text": {"Welcome!"}}, [6]int{303, 403, 403, 403, 303, 303}},
		"GET /handover":                                  {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"GET /handover/history":                          {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"GET /handover/edit":                             {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"POST /handover/edit":                            {url.Values{"revision": {"0"}, "body": {"Call the zoo."}, "lang": {"en"}}, [6]int{303, 403, 403, 403, 303, 303}},
		"GET /reach":                                     {nil, [6]int{303, 403, 200, 200, 200, 200}},
		"GET /reach/new":                                 {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"POST /reach/new":                                {url.Values{"name": {"Zoo"}, "perspective": {"stakeholder"}}, [6]int{303, 403, 403, 403, 303, 303}},
		"GET /reach/{id:[0-9]+}":                         {nil, [6]int{303, 403, 403, 403, 200, 200}},
		"POST /reach/{id:[0-9]+}":                        {url.Values{"revision": {"1"}, "name": {"Zoo"}, "perspective": {"stakeholder"}}, [6]int{303, 403, 403, 403, 303, 303}},
		"POST /reach/{id:[0-9]+}/move":                   {url.Values{"way": {"up"}}, [6]int{303, 403, 403, 403, 303, 303}},
		"POST /reach/{id:[0-9]+}/remove":                 {url.Values{}, [6]int{303, 403, 403, 403, 303, 303}},
		"GET /members.{format:json|csv}":                 {nil, [6]int{303, 403, 200, 200, 200, 200}},
	}
	d.everyRouteStandsIn(func(route string) bool { _, ok := table[route]; return ok })
	for route, row := range table {
		method, path, _ := strings.Cut(route, " ")
		for i, role := range roles {
			undo, err := d.DB.Begin(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			got := d.Send(cast[role], method, "/c/basel"+fill.Replace(path), row.fields)
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

func TestThePeopleOfAPrivateCommunityAreKnownInsideOnly(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	quarry := d.Found("quarry", "private", "invitation")
	ina := d.Member("Ina", quarry, "coordinator", community.Stakeholder)
	d.Do(`update account set profile_for = 0 where id = $1`, ina.ID)
	cast := d.cast()
	for _, path := range []string{"/members", "/members?view=competences", "/members/1", "/members/waiting", "/members/invite", "/members/renewals", "/members/newcomers", "/members/1/greet", "/handover", "/handover/history", "/handover/edit", "/reach", "/reach/new"} {
		for _, role := range []string{"visitor", "elsewhere", "member", "coordinator"} {
			d.Want(d.Get(cast[role], "/c/quarry"+path), http.StatusNotFound)
		}
		d.Want(d.Get(ina, "/c/quarry"+path), http.StatusOK)
	}
	d.Want(d.Post(cast["coordinator"], "/c/quarry/members/invite", url.Values{"addresses": {"new@example.org"}}), http.StatusNotFound)
}
