package members_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
)

func TestProfilesShowThemselvesToThoseTheyChose(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	mia := d.Member("Mia", d.Basel, "member", community.Stakeholder)
	d.Do(`update account set organisation = 'A planning office', email = 'mia@office.example' where id = $1`, mia.ID)
	readers := map[string]person{
		"a visitor":            {},
		"an account":           d.Person("Olga"),
		"a member elsewhere":   d.Member("Eleni", d.Found("crete", "public", "open"), "member", community.Stakeholder),
		"a member here":        d.Member("Sven", d.Basel, "member", community.Scientist),
		"the person herself":   mia,
		"an account far away ": d.Person("Otto"),
	}
	for name, reader := range readers {
		circle := map[string]int{"a visitor": 0, "an account": 0, "an account far away ": 0, "a member elsewhere": 1, "a member here": 2, "the person herself": 3}[name]
		for profile := 0; profile <= 2; profile++ {
			for open := 0; open <= 3; open++ {
				d.Do(`update account set profile_for = $2, organisation_for = $3::smallint, email_for = greatest($3::smallint, 1) where id = $1`, mia.ID, profile, open)
				page := d.Get(reader, "/c/basel/members/1")
				seen, org := circle >= profile, circle >= open
				if (page.Code == http.StatusOK) != seen {
					t.Errorf("%s, profile for %d: got %d", name, profile, page.Code)
				}
				if got := strings.Contains(page.Body.String(), "A planning office"); got != (seen && org) {
					t.Errorf("%s, profile for %d, organisation for %d: shown %v", name, profile, open, got)
				}
				if got := strings.Contains(page.Body.String(), "mia@office.example"); got != (seen && circle >= max(open, 1)) {
					t.Errorf("%s, profile for %d, address for %d: shown %v", name, profile, open, got)
				}
				list := d.Get(reader, "/c/basel/members?q=planning").Body.String()
				if got := strings.Contains(list, "/c/basel/members/1\""); got != (seen && org) {
					t.Errorf("%s, profile for %d, organisation for %d: found by its organisation %v", name, profile, open, got)
				}
			}
		}
	}
}

func TestPeopleAreFoundByNameCompetenceAndPerspective(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	mia, sven := d.Member("Mélanie", d.Basel, "member", community.Stakeholder), d.Member("Sven", d.Basel, "member", community.Scientist)
	d.Do(`insert into competence (community_id, account_id, position, name) values ($1, $2, 1, '100 % Schatten_plan'), ($1, $3, 1, 'Θερμοκρασία')`, d.Basel, mia.ID, sven.ID)
	cases := map[string]struct {
		query     url.Values
		mia, sven bool
	}{
		"nothing asked":               {url.Values{}, true, true},
		"a name without its accent":   {url.Values{"q": {"melanie"}}, true, false},
		"a competence in Greek":       {url.Values{"q": {"θερμοκρασια"}}, false, true},
		"a percent sign means itself": {url.Values{"q": {"100 %"}}, true, false},
		"so does an underscore":       {url.Values{"q": {"_"}}, true, false},
		"and a backslash":             {url.Values{"q": {`\`}}, false, false},
		"a perspective":               {url.Values{"perspective": {"scientist"}}, false, true},
		"both":                        {url.Values{"q": {"melanie"}, "perspective": {"scientist"}}, false, false},
		"an invented perspective":     {url.Values{"perspective": {"mayor"}}, true, true},
		"a broken page":               {url.Values{"after": {"x"}}, true, true},
		"a negative page":             {url.Values{"after": {"-7"}}, true, true},
		"a page far away":             {url.Values{"after": {"999999999999999999999"}}, true, true},
		"the page after the first":    {url.Values{"after": {"1"}}, false, true},
		"broken UTF-8":                {url.Values{"q": {"\xff\x00"}}, true, true},
	}
	for name, c := range cases {
		page := d.Get(mia, "/c/basel/members?"+c.query.Encode())
		gotMia, gotSven := strings.Contains(page.Body.String(), "/members/1\""), strings.Contains(page.Body.String(), "/members/2\"")
		if page.Code != http.StatusOK || gotMia != c.mia || gotSven != c.sven {
			t.Errorf("%s: got %d, Mélanie %v, Sven %v; want %v and %v", name, page.Code, gotMia, gotSven, c.mia, c.sven)
		}
	}
}

func TestALongListHasPagesThatKeepTheFilter(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	for n := range community.PerPeople + 1 {
		d.Member(fmt.Sprintf("Person %d", n), d.Basel, "member", community.Scientist)
	}
	last := d.Member("Person at the end", d.Basel, "member", community.Scientist)
	first := d.Get(last, "/c/basel/members?q=person&perspective=scientist").Body.String()
	if n := strings.Count(first, `<li class="person"`); n != community.PerPeople {
		t.Errorf("got %d people on the first page, want %d", n, community.PerPeople)
	}
	if !strings.Contains(first, `href="/c/basel/members?after=60&amp;perspective=scientist&amp;q=person"`) {
		t.Error("the next page is not linked with the filter")
	}
	if !strings.Contains(first, "More people") {
		t.Error("the link does not say what comes next")
	}
	d.Want(d.Get(last, "/c/basel/members?after=60&perspective=scientist&q=person"), http.StatusOK, "Person at the end")
}

func TestAPersonsPageTellsTheCommitment(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	mia := d.Member("Mia", d.Basel, "coordinator", community.Stakeholder)
	d.Do(`update account set sector = 'planning', languages = array['de', 'el'], about = '<script>alert(1)</script>' where id = $1`, mia.ID)
	page := d.Get(mia, "/c/basel/members/1")
	d.Want(page, http.StatusOK, "time", "shade", "about every three months", "coordinator", "Planning", "German, Greek", "@mia", "&lt;script&gt;alert(1)")
	for _, path := range []string{"/0", "/2", "/99999999999", "/1/role"} {
		if got := d.Get(mia, "/c/basel/members"+path); got.Code != http.StatusNotFound && got.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %d, want a clear no", path, got.Code)
		}
	}
}

func TestWhoLeftIsNoLongerListed(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	mia := d.Member("Mia", d.Basel, "member", community.Stakeholder)
	sven := d.Member("Sven", d.Basel, "member", community.Scientist)
	d.Do(`update membership set state = 'left' where account_id = $1`, mia.ID)
	d.Want(d.Get(sven, "/c/basel/members/1"), http.StatusNotFound)
	if strings.Contains(d.Get(sven, "/c/basel/members").Body.String(), "Mia") {
		t.Error("who left is still listed")
	}
}
