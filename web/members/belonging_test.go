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
	cora, nora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder), d.Member("Nora", d.Basel, "member", community.Scientist)
	d.Do(`update account set lang = 'fr' where id = $1`, nora.ID)
	d.Want(d.Get(cora, "/c/basel/members/newcomers"), http.StatusOK, "Nora", "Greet")
	d.Want(d.Get(cora, "/c/basel/members/2/greet"), http.StatusOK, "Bienvenue dans basel", `lang="fr"`, "Cora", "In the person’s own language: French")
	d.Want(d.Post(cora, "/c/basel/members/2/greet", url.Values{"text": {"  "}}), http.StatusUnprocessableEntity, "fill in")
	for range 2 {
		d.Want(d.Post(cora, "/c/basel/members/2/greet", url.Values{"text": {"Bonjour !"}}), http.StatusSeeOther)
	}
	if l := d.Letters(); len(l) != 1 || l[0].Kind != "greeting" || l[0].Account != nora.ID || l[0].Words["text"] != "Bonjour !" || l[0].Words["by"] != "Cora" {
		t.Errorf("got %+v, want one greeting", l)
	}
	d.Want(d.Get(cora, "/c/basel/members/2/greet"), http.StatusGone)
	d.Want(d.Get(cora, "/c/basel/members/newcomers"), http.StatusOK, "Everybody has been greeted")
}

func TestTwoWhoChangeAHandoverSeeBothTexts(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	d.Do(`with words as (delete from charter_text) delete from charter`) // the page tells that there is none
	cora, carl := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder), d.Member("Carl", d.Basel, "coordinator", community.Scientist)
	const path = "/c/basel/handover/edit"
	d.Want(d.Get(cora, path), http.StatusOK, "## Wer wichtig ist")
	first := url.Values{"revision": {"0"}, "body": {"Call the museum."}, "lang": {"en"}}
	for range 2 { // the same form sent twice
		d.Want(d.Post(cora, path, first), http.StatusSeeOther)
	}
	stale := d.Post(carl, path, url.Values{"revision": {"0"}, "body": {"Call the zoo."}, "lang": {"en"}})
	d.Want(stale, http.StatusConflict, "<ins>zoo.</ins>", "<del>museum.</del>", `name="revision" value="1"`)
	d.Want(d.Post(carl, path, url.Values{"revision": {"1"}, "body": {"Call the zoo."}, "lang": {"en"}}), http.StatusSeeOther)
	d.Want(d.Get(cora, "/c/basel/handover"), http.StatusOK, "Call the zoo.", "Carl", "Coordinators", "there is none yet")
	d.Want(d.Get(cora, "/c/basel/handover/history"), http.StatusOK, "Version 2", "Version 1", "Call the museum.", "<ins>zoo.</ins>")
	d.Want(d.Post(cora, path, url.Values{"revision": {"2"}, "body": {strings.Repeat("ä", 50_001)}, "lang": {"en"}}), http.StatusUnprocessableEntity, "at most 50000")
	d.Want(d.Post(cora, path, url.Values{"revision": {"x"}, "body": {"Mine."}, "lang": {"en"}}), http.StatusConflict)
}

func TestMembersReadWhomTheCommunityWantsToReach(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora, mia := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder), d.Member("Mia", d.Basel, "member", community.Scientist)
	d.Want(d.Get(mia, "/c/basel/reach"), http.StatusOK, "No organisation is named yet")
	d.Want(d.Post(cora, "/c/basel/reach/new", url.Values{"name": {""}, "why": {"They own <i>roofs</i>"}}), http.StatusUnprocessableEntity, "They own &lt;i&gt;roofs", "choose")
	for _, name := range []string{"Tram AG", "Zoo"} {
		d.Want(d.Post(cora, "/c/basel/reach/new", url.Values{"name": {name}, "perspective": {"stakeholder"}, "sector": {"energy"}}), http.StatusSeeOther)
	}
	d.Do(`update account set organisation = 'tram  ag' where id = $1`, mia.ID)
	page := d.Get(mia, "/c/basel/reach")
	d.Want(page, http.StatusOK, "1 of 2 are here", "here: 1 member", "missing")
	if strings.Contains(page.Body.String(), "/move") {
		t.Error("a member sees the coordinator's buttons")
	}
	var zoo string
	d.Row(&zoo, `select id::text from wanted_organisation where name = 'Zoo'`)
	d.Want(d.Post(cora, "/c/basel/reach/"+zoo+"/move", url.Values{"way": {"up"}}), http.StatusSeeOther)
	if body := d.Get(mia, "/c/basel/reach").Body.String(); strings.Index(body, "Zoo") > strings.Index(body, "Tram AG") {
		t.Error("the zoo did not move up")
	}
	change := url.Values{"revision": {"1"}, "name": {"Zoo Basel"}, "perspective": {"stakeholder"}}
	d.Want(d.Post(cora, "/c/basel/reach/"+zoo, change), http.StatusSeeOther)
	change.Set("name", "Zolli")
	d.Want(d.Post(cora, "/c/basel/reach/"+zoo, change), http.StatusConflict, "<del>Zoo Basel</del>", "<ins>Zolli</ins>")
	d.Want(d.Post(cora, "/c/basel/reach/"+zoo+"/remove", nil), http.StatusSeeOther)
	d.Want(d.Get(cora, "/c/basel/reach/"+zoo), http.StatusNotFound)
}

func TestTheDirectorySaysWhoKnowsWhat(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	mia := d.Member("Mia", d.Basel, "member", community.Stakeholder)
	d.Do(`insert into competence (community_id, account_id, position, name) values ($1, $2, 1, 'Stadtbäume')`, d.Basel, mia.ID)
	d.Want(d.Get(mia, "/c/basel/members?view=competences"), http.StatusOK, "Stadtbäume", "1 person", "Mia")
	d.Want(d.Get(mia, "/c/basel/members?view=competences&q=stadtbaume&perspective=stakeholder"), http.StatusOK, "Stadtbäume")
	d.Want(d.Get(mia, "/c/basel/members?view=competences&perspective=scientist"), http.StatusOK, "No competence to show")
	d.Want(d.Get(mia, "/c/basel/members?view=competences&q=%25_%5c%00&after=%ff"), http.StatusOK, "No competence to show")
	if strings.Contains(d.Get(person{}, "/c/basel/members?view=competences").Body.String(), "Mia") {
		t.Error("a stranger sees a profile for members")
	}
}
