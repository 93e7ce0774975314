package communities_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
)

func TestTextsStandInTheReadersLanguageOrTheCommunitysOwn(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	d.Want(d.Get(person{}, "/c/basel/about?lang=en"), http.StatusOK, `lang="en"`, "of streets, in en.")
	d.Want(d.Get(person{}, "/c/basel/about?lang=el"), http.StatusOK, `<div class="prose" lang="de">`, "of streets, in de.")
}

func TestAChangedCharterBecomesANewVersionAndTheEarlierStaysReadable(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	same := words("1")
	d.Want(d.Post(cora, "/c/basel/about/edit", same), http.StatusSeeOther)
	var versions int
	if d.Row(&versions, `select count(*) from charter where community_id = $1`, d.Basel); versions != 1 {
		t.Fatalf("got %d versions after saving the same charter, want 1", versions)
	}
	changed := words("2")
	changed.Set("charter", "We listen **and** answer.")
	d.Want(d.Post(cora, "/c/basel/about/edit", changed), http.StatusSeeOther)
	d.Want(d.Get(person{}, "/c/basel/about"), http.StatusOK, "<strong>and</strong> answer", "Version 2")
	d.Want(d.Get(person{}, "/c/basel/about?charter=1"), http.StatusOK, "<p>We listen.</p>", "Version 1")
	for _, version := range []string{"3", "0", "-1", "one", "99999999999999999999"} {
		d.Want(d.Get(person{}, "/c/basel/about?charter="+version), http.StatusNotFound)
	}
}

func TestAStaleEditShowsBothTextsAndSavesNothing(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	for range 2 { // sent twice it is saved once, and nobody is told of a conflict with himself
		d.Want(d.Post(cora, "/c/basel/about/edit", words("1")), http.StatusSeeOther)
	}
	late := words("1")
	late.Set("domain", "Wind in Gassen")
	w := d.Post(cora, "/c/basel/about/edit", late)
	d.Want(w, http.StatusConflict, "Wind in Gassen", "Hitze in Gassen", `name="revision" value="2"`)
	var domain string
	if d.Row(&domain, `select domain from community_text where community_id = $1 and lang = 'de'`, d.Basel); domain != "Hitze in Gassen" {
		t.Errorf("got %q, want the first text", domain)
	}
	late.Set("revision", "2")
	d.Want(d.Post(cora, "/c/basel/about/edit", late), http.StatusSeeOther)
}

func TestTheCoordinatorDeclaresTheStageWithDateAndReason(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	d.Do(`update community set stage_since = '2020-01-02' where id = $1`, d.Basel)
	d.Want(d.Post(cora, "/c/basel/about/edit", words("1")), http.StatusSeeOther)
	var since string
	if d.Row(&since, `select stage || ' ' || stage_since from community where id = $1`, d.Basel); since != "coalescing "+d.Now.Format("2006-01-02") {
		t.Errorf("got %q, want coalescing since today", since)
	}
	d.Want(d.Get(person{}, "/c/basel/about?lang=de"), http.StatusOK, "we met")
}

func TestRejectedWordsStayInTheForm(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ field, text, says string }{
		"no name":         {"name", " ", "fill in"},
		"a long name":     {"name", strings.Repeat("ß", 81), "at most 80 characters"},
		"a long charter":  {"charter", strings.Repeat("x", 20001), "at most 20000 characters"},
		"no such stage":   {"stage", "eternal", "choose one"},
		"broken UTF-8":    {"domain", "\xc3\x28", "broken"},
		"a NUL byte":      {"name", "Ba\x00sel", "broken"},
		"a long domain":   {"domain", strings.Repeat("x", 10001), "at most 10000 characters"},
		"a long agenda":   {"agenda", strings.Repeat("x", 10001), "at most 10000 characters"},
		"a long reason":   {"stage-reason", strings.Repeat("x", 501), "at most 500 characters"},
		"a long sentence": {"summary", strings.Repeat("x", 301), "at most 300 characters"},
	}
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	for name, c := range cases {
		typed := words("1")
		typed.Set("agenda", "kept as typed")
		typed.Set(c.field, c.text)
		got := d.Post(cora, "/c/basel/about/edit", typed)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), c.says) {
			t.Errorf("%s: got %d without %q", name, got.Code, c.says)
		}
		if c.field != "agenda" && !strings.Contains(got.Body.String(), "kept as typed") {
			t.Errorf("%s: the typed text is gone", name)
		}
	}
}

func TestScriptInWordsIsShownAsText(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	evil := `<script>alert(1)</script><img src=x onerror=alert(1)>`
	typed := words("1")
	for _, field := range []string{"name", "summary", "domain", "agenda", "charter", "stage-reason"} {
		typed[field] = []string{evil}
	}
	typed["name"] = []string{"<script>alert(1)</script>"}
	d.Want(d.Post(cora, "/c/basel/about/edit", typed), http.StatusSeeOther)
	for _, path := range []string{"/c/basel?lang=de", "/c/basel/about?lang=de", "/c/basel/join?lang=de", "/c/basel/about/edit?text=de"} {
		page := d.Get(cora, path).Body.String()
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
			t.Errorf("%s: script got through", path)
		}
		if !strings.Contains(page, "&lt;script&gt;alert") {
			t.Errorf("%s: the words are not shown", path)
		}
	}
}

func TestTheHomePageTellsWhoIsHereFromBothPerspectives(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	d.Member("Sven", d.Basel, "member", community.Scientist)
	d.Member("Mia", d.Basel, "member", community.Stakeholder)
	d.Do(`update account set profile_for = 0 where name = 'Sven'`)
	w := d.Get(person{}, "/c/basel")
	d.Want(w, http.StatusOK, "3 members", "2 stakeholders", "1 scientist", "Sven", `href="/c/basel/join"`)
	if strings.Contains(w.Body.String(), "Mia") {
		t.Error("a visitor sees a member who shows the profile to the programme only")
	}
}

func TestTheCoordinatorsHomePageSaysWhoWaits(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	crete := d.Found("crete", "public", "request")
	cora, nora := d.Member("Cora", crete, "coordinator", community.Stakeholder), d.Person("Nora")
	d.Want(d.Post(nora, "/c/crete/join", commitment()), http.StatusSeeOther)
	d.Want(d.Get(cora, "/c/crete"), http.StatusOK, "1 person asks to join")
	if strings.Contains(d.Get(nora, "/c/crete").Body.String(), "asks to join") {
		t.Error("others read who waits")
	}
}

func TestAnExpiredSessionKeepsTheTypedCommitment(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	nora := d.Person("Nora")
	d.Do(`update account_session set expires_at = $1`, d.Now.Add(-1))
	w := d.Post(nora, "/c/basel/join", commitment("bring", "many maps"))
	d.Want(w, http.StatusSeeOther)
	if to, err := url.Parse(w.Header().Get("Location")); err != nil || to.Path != "/sign-in" {
		t.Errorf("got %q, want the sign-in page", w.Header().Get("Location"))
	}
	var kept string
	if d.Row(&kept, `select fields::text from kept_form`); !strings.Contains(kept, "many maps") {
		t.Errorf("got %q, want the typed text", kept)
	}
}
