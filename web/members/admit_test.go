package members_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
)

func (d *town) state(p person) (state string) {
	d.T.Helper()
	d.Row(&state, `select state || coalesce(' ' || number, '') || ' ' || reason from membership where account_id = $1`, p.ID)
	return strings.TrimSpace(state)
}

func TestCoordinatorAdmitsANewcomer(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, nora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder), d.asks("Nora", d.Basel)
	d.Want(d.Get(cora, "/c/basel/members/waiting"), http.StatusOK, "Nora", "a mast", "needs")
	for range 2 { // a second click changes nothing
		d.Want(d.Post(cora, decision(nora), nil), http.StatusSeeOther)
	}
	if got := d.state(nora); got != "member 2" {
		t.Errorf("got %q, want member 2", got)
	}
	if l := d.Letters(); len(l) != 1 || l[0].Kind != "welcome" || l[0].Account != nora.ID || l[0].Words["community"] != "basel" {
		t.Errorf("got %+v, want one welcome that names the community", l)
	}
	var by int64
	if d.Row(&by, `select admitted_by from membership where account_id = $1`, nora.ID); by != int64(cora.ID) {
		t.Errorf("admitted by %d, want %d", by, cora.ID)
	}
}

func TestCoordinatorDeclinesWithAReason(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, nora, niko := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder), d.asks("Nora", d.Basel), d.asks("Niko", d.Basel)
	field := fmt.Sprintf("reason-%d", nora.ID)
	d.Want(d.Post(cora, decision(nora), url.Values{"act": {"decline"}}), http.StatusUnprocessableEntity, "fill in", `href="#field-`+field+`"`, "Niko")
	long := strings.Repeat("word ", 101)
	d.Want(d.Post(cora, decision(nora), url.Values{"act": {"decline"}, field: {long}}), http.StatusUnprocessableEntity, "at most 500", strings.TrimSpace(long))
	d.Want(d.Post(cora, decision(nora), url.Values{"act": {"decline"}, field: {"\xff"}}), http.StatusUnprocessableEntity, "broken")
	if got := d.state(nora); got != "waiting" || len(d.Letters()) != 0 {
		t.Fatalf("got %q and letters %v, want nothing changed", got, d.Letters())
	}
	d.Want(d.Post(cora, decision(nora), url.Values{"act": {"decline"}, field: {"Not this year."}}), http.StatusSeeOther)
	if got := d.state(nora); got != "declined Not this year." {
		t.Errorf("got %q, want declined with the reason", got)
	}
	if l := d.Letters(); len(l) != 1 || l[0].Kind != "declined" || l[0].Account != nora.ID || l[0].Words["reason"] != "Not this year." {
		t.Errorf("got %+v, want one letter with the reason", l)
	}
	if got := d.state(niko); got != "waiting" {
		t.Errorf("got %q for the other one, want waiting", got)
	}
}

func TestNobodyDecidesAboutRequestsOfAnotherCommunity(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	crete := d.Found("crete", "public", "request")
	cora, nora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder), d.asks("Nora", crete)
	d.Want(d.Post(cora, decision(nora), nil), http.StatusNotFound)
	d.Want(d.Post(cora, "/c/basel/members/waiting/999999", nil), http.StatusNotFound)
	d.Want(d.Post(cora, "/c/basel/members/waiting/99999999999999999999", nil), http.StatusNotFound)
	if strings.Contains(d.Get(cora, "/c/basel/members/waiting").Body.String(), "Nora") {
		t.Error("a request to another community is listed")
	}
	if got := d.state(nora); got != "waiting" {
		t.Errorf("got %q, want waiting", got)
	}
}

func TestAdministratorsAndCoordinatorsNameCoordinatorsAndOneStays(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cast := d.cast()
	role := func(number int, role string) int {
		return d.Post(cast["administrator"], fmt.Sprintf("/c/basel/members/%d/role", number), url.Values{"role": {role}}).Code
	}
	d.Want(d.Post(cast["administrator"], "/c/basel/members/3/role", url.Values{"role": {"member"}}), http.StatusUnprocessableEntity, "name another first", "Cora")
	if got := role(1, "coordinator"); got != http.StatusSeeOther {
		t.Errorf("naming one: got %d", got)
	}
	if got := role(3, "member"); got != http.StatusSeeOther {
		t.Errorf("ending one of two: got %d", got)
	}
	var left []string
	d.Row(&left, `select array_agg(a.name) from membership m join account a on a.id = m.account_id where m.community_id = $1 and m.role = 'coordinator'`, d.Basel)
	if len(left) != 1 || left[0] != "Mia" {
		t.Errorf("got %v, want Mia alone", left)
	}
	if got := role(77, "coordinator"); got != http.StatusNotFound {
		t.Errorf("a number that nobody has: got %d, want 404", got)
	}
	if l := d.Letters(); len(l) != 1 || l[0].Kind != "appointed" || l[0].Account != cast["member"].ID {
		t.Errorf("got %+v, want one letter to the new coordinator", l)
	}
	// Mia, who coordinates now, names Cora again and steps down herself.
	d.Want(d.Post(cast["member"], "/c/basel/members/3/role", url.Values{"role": {"coordinator"}}), http.StatusSeeOther)
	d.Want(d.Get(cast["member"], "/c/basel/members/1"), http.StatusOK, "Step down")
	d.Want(d.Post(cast["member"], "/c/basel/members/1/role", url.Values{"role": {"member"}}), http.StatusSeeOther)
	d.Want(d.Post(cast["member"], "/c/basel/members/1/role", url.Values{"role": {"coordinator"}}), http.StatusForbidden)
	if d.Row(&left, `select array_agg(a.name) from membership m join account a on a.id = m.account_id where m.community_id = $1 and m.role = 'coordinator'`, d.Basel); len(left) != 1 || left[0] != "Cora" {
		t.Errorf("got %v, want Cora alone", left)
	}
}
