package members_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
)

func TestCoordinatorGreetsInThePersonsLanguage(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, nora := d.member("Cora", d.basel, "coordinator", community.Stakeholder), d.member("Nora", d.basel, "member", community.Scientist)
	d.do(`update account set lang = 'fr' where id = $1`, nora.ID)
	d.want(d.get(cora, "/c/basel/members/newcomers"), http.StatusOK, "Nora", "Greet")
	d.want(d.get(cora, "/c/basel/members/2/greet"), http.StatusOK, "Bienvenue dans basel", `lang="fr"`, "Cora", "In the person’s own language: French")
	d.want(d.post(cora, "/c/basel/members/2/greet", url.Values{"text": {"  "}}), http.StatusUnprocessableEntity, "fill in")
	for range 2 {
		d.want(d.post(cora, "/c/basel/members/2/greet", url.Values{"text": {"Bonjour !"}}), http.StatusSeeOther)
	}
	if l := d.letters(); len(l) != 1 || l[0].Kind != "greeting" || l[0].Account != nora.ID || l[0].Words["text"] != "Bonjour !" || l[0].Words["by"] != "Cora" {
		t.Errorf("got %+v, want one greeting", l)
	}
	d.want(d.get(cora, "/c/basel/members/2/greet"), http.StatusGone)
	d.want(d.get(cora, "/c/basel/members/newcomers"), http.StatusOK, "Everybody has been greeted")
}

func TestTwoWhoChangeAHandoverSeeBothTexts(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, carl := d.member("Cora", d.basel, "coordinator", community.Stakeholder), d.member("Carl", d.basel, "coordinator", community.Scientist)
	const path = "/c/basel/handover/edit"
	d.want(d.get(cora, path), http.StatusOK, "## Wer wichtig ist")
	first := url.Values{"revision": {"0"}, "body": {"Call the museum."}, "lang": {"en"}}
	for range 2 { // the same form sent twice
		d.want(d.post(cora, path, first), http.StatusSeeOther)
	}
	stale := d.post(carl, path, url.Values{"revision": {"0"}, "body": {"Call the zoo."}, "lang": {"en"}})
	d.want(stale, http.StatusConflict, "<ins>zoo.</ins>", "<del>museum.</del>", `name="revision" value="1"`)
	d.want(d.post(carl, path, url.Values{"revision": {"1"}, "body": {"Call the zoo."}, "lang": {"en"}}), http.StatusSeeOther)
	d.want(d.get(cora, "/c/basel/handover"), http.StatusOK, "Call the zoo.", "Carl", "Coordinators", "there is none yet")
	d.want(d.get(cora, "/c/basel/handover/history"), http.StatusOK, "Version 2", "Version 1", "Call the museum.", "<ins>zoo.</ins>")
	d.want(d.post(cora, path, url.Values{"revision": {"2"}, "body": {strings.Repeat("ä", 50_001)}, "lang": {"en"}}), http.StatusUnprocessableEntity, "at most 50000")
	d.want(d.post(cora, path, url.Values{"revision": {"x"}, "body": {"Mine."}, "lang": {"en"}}), http.StatusConflict)
}

func TestMembersReadWhomTheCommunityWantsToReach(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, mia := d.member("Cora", d.basel, "coordinator", community.Stakeholder), d.member("Mia", d.basel, "member", community.Scientist)
	d.want(d.get(mia, "/c/basel/reach"), http.StatusOK, "No organisation is named yet")
	d.want(d.post(cora, "/c/basel/reach/new", url.Values{"name": {""}, "why": {"They own <i>roofs</i>"}}), http.StatusUnprocessableEntity, "They own &lt;i&gt;roofs", "choose")
	for _, name := range []string{"Tram AG", "Zoo"} {
		d.want(d.post(cora, "/c/basel/reach/new", url.Values{"name": {name}, "perspective": {"stakeholder"}, "sector": {"energy"}}), http.StatusSeeOther)
	}
	d.do(`update account set organisation = 'tram  ag' where id = $1`, mia.ID)
	page := d.get(mia, "/c/basel/reach")
	d.want(page, http.StatusOK, "1 of 2 are here", "here: 1 member", "missing")
	if strings.Contains(page.Body.String(), "/move") {
		t.Error("a member sees the coordinator's buttons")
	}
	var zoo string
	d.row(&zoo, `select id::text from wanted_organisation where name = 'Zoo'`)
	d.want(d.post(cora, "/c/basel/reach/"+zoo+"/move", url.Values{"way": {"up"}}), http.StatusSeeOther)
	if body := d.get(mia, "/c/basel/reach").Body.String(); strings.Index(body, "Zoo") > strings.Index(body, "Tram AG") {
		t.Error("the zoo did not move up")
	}
	change := url.Values{"revision": {"1"}, "name": {"Zoo Basel"}, "perspective": {"stakeholder"}}
	d.want(d.post(cora, "/c/basel/reach/"+zoo, change), http.StatusSeeOther)
	change.Set("name", "Zolli")
	d.want(d.post(cora, "/c/basel/reach/"+zoo, change), http.StatusConflict, "<del>Zoo Basel</del>", "<ins>Zolli</ins>")
	d.want(d.post(cora, "/c/basel/reach/"+zoo+"/remove", nil), http.StatusSeeOther)
	d.want(d.get(cora, "/c/basel/reach/"+zoo), http.StatusNotFound)
}

func TestTheDirectorySaysWhoKnowsWhat(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	mia := d.member("Mia", d.basel, "member", community.Stakeholder)
	d.do(`insert into competence (community_id, account_id, position, name) values ($1, $2, 1, 'Stadtbäume')`, d.basel, mia.ID)
	d.want(d.get(mia, "/c/basel/members?view=competences"), http.StatusOK, "Stadtbäume", "1 person", "Mia")
	d.want(d.get(mia, "/c/basel/members?view=competences&q=stadtbaume&perspective=stakeholder"), http.StatusOK, "Stadtbäume")
	d.want(d.get(mia, "/c/basel/members?view=competences&perspective=scientist"), http.StatusOK, "No competence to show")
	d.want(d.get(mia, "/c/basel/members?view=competences&q=%25_%5c%00&after=%ff"), http.StatusOK, "No competence to show")
	if strings.Contains(d.get(person{}, "/c/basel/members?view=competences").Body.String(), "Mia") {
		t.Error("a stranger sees a profile for members")
	}
}
