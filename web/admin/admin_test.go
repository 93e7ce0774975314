package admin_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

func administrator(t *testing.T) (*webtest.Site, *webtest.Visitor) {
	t.Helper()
	s := webtest.New(t)
	if _, err := s.Accounts.MakeAdministrator(context.Background(), "ada@example.org", "Ada"); err != nil {
		t.Fatal(err)
	}
	return s, s.As(t, "ada")
}

func founding(change ...string) []string {
	fields := map[string]string{"request": uuid.NewString(), "name": "Λεμεσός", "slug": "", "kind": "city", "lang": "el", "zone": "Asia/Nicosia", "latitude": "34.68, 33.04",
		"visibility": "public", "admission": "open", "coordinator": "ada@example.org", "perspective": "scientist"}
	for i := 0; i+1 < len(change); i += 2 {
		fields[change[i]] = change[i+1]
	}
	var pairs []string
	for name, text := range fields {
		pairs = append(pairs, name, text)
	}
	return pairs
}

func TestOnlyAnAdministratorComesIn(t *testing.T) {
	t.Parallel()
	s, ada := administrator(t)
	for _, path := range []string{"/admin", "/admin/communities"} {
		for _, handle := range []string{"regula-ammann", "lea-straumann", "beat-hollenstein"} {
			s.As(t, handle).Get(path).Sees(t, http.StatusForbidden)
			s.As(t, handle).Post(path, founding()...).Sees(t, http.StatusForbidden)
		}
		if got := s.Stranger(t).Get(path); got.Status != http.StatusSeeOther || !strings.HasPrefix(got.To(), "/sign-in") {
			t.Errorf("a stranger at %s: got %d to %q", path, got.Status, got.To())
		}
		ada.Get(path).Sees(t, http.StatusOK)
	}
	ada.Get("/c/lemesos").Sees(t, http.StatusNotFound)
}

func TestAFoundedCommunityOpensAtItsAddress(t *testing.T) {
	t.Parallel()
	s, ada := administrator(t)
	ada.Get("/admin/communities").Sees(t, http.StatusOK, `name="request"`, "ada@example.org")
	form := founding()
	for range 2 {
		if got := ada.Post("/admin/communities", form...); got.Status != http.StatusSeeOther || got.To() != "/communities" {
			t.Fatalf("got %d to %q", got.Status, got.To())
		}
	}
	s.Stranger(t).Get("/c/lemesos").Sees(t, http.StatusOK, "Λεμεσός", "1 member", "1 scientist")
	s.Stranger(t).Get("/").Sees(t, http.StatusOK, `href="/c/lemesos"`)
	ada.Get("/c/lemesos/about/edit").Sees(t, http.StatusOK)
	if mails := s.Mails(t); len(mails) != 1 {
		t.Errorf("got %d letters, want one welcome to the coordinator", len(mails))
	}
}

func TestARejectedFoundingKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	_, ada := administrator(t)
	for name, c := range map[string]struct{ field, text, says string }{
		"a taken short name": {"slug", "basel", "Another community has this short name"},
		"an unsound one":     {"slug", "Lemesos City", "Lower-case letters"},
		"no such zone":       {"zone", "Asia/Atlantis", "time zone is unknown"},
		"half a place":       {"latitude", "34.68", "latitude and longitude"},
		"a place nowhere":    {"latitude", "134.68, 33.04", "latitude and longitude"},
		"not a number":       {"latitude", "NaN, NaN", "latitude and longitude"},
		"a stranger":         {"coordinator", "nobody@example.org", "Nobody has an account"},
		"no perspective":     {"perspective", "", "choose one"},
		"broken UTF-8":       {"slug", "\xff", "broken"},
		"a NUL byte":         {"zone", "Asia/\x00Nicosia", "broken"},
	} {
		got := ada.Post("/admin/communities", founding("name", "<script>alert(1)</script>", "slug", "lemesos", c.field, c.text)...)
		if got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, c.says) || !strings.Contains(got.Body, "&lt;script&gt;alert(1)") || strings.Contains(got.Body, "<script>alert") {
			t.Errorf("%s: got %d; want 422, %q, and the typed name as text", name, got.Status, c.says)
		}
	}
	ada.Get("/c/lemesos").Sees(t, http.StatusNotFound)
}

func TestThePrivateAreFoundedForTheirPeopleOnly(t *testing.T) {
	t.Parallel()
	s, ada := administrator(t)
	if got := ada.Post("/admin/communities", founding("slug", "quarry", "visibility", "private", "admission", "invitation")...); got.Status != http.StatusSeeOther {
		t.Fatalf("got %d", got.Status)
	}
	for _, path := range []string{"/", "/communities"} {
		s.As(t, "regula-ammann").Get(path).Sees(t, http.StatusOK).Misses(t, "quarry", "Λεμεσός")
		ada.Get(path).Sees(t, http.StatusOK, "/c/quarry")
	}
	s.As(t, "regula-ammann").Get("/c/quarry").Sees(t, http.StatusNotFound)
}

func TestTheWordsOfTheProgrammeAreEditedOneLanguageAtATime(t *testing.T) {
	t.Parallel()
	s, ada := administrator(t)
	form := ada.Get("/admin?text=fr").Sees(t, http.StatusOK, `name="revision" value="`)
	_, rest, _ := strings.Cut(form.Body, `name="revision" value="`)
	revision, _, _ := strings.Cut(rest, `"`)
	words := []string{"revision", revision, "text", "fr", "name", "Chaleurs", "tagline", "Des villes <b>fraîches</b>", "purpose", "Pour *apprendre*."}
	if got := ada.Post("/admin", words...); got.Status != http.StatusSeeOther {
		t.Fatalf("got %d", got.Status)
	}
	visitor := s.Stranger(t)
	visitor.Get("/?lang=fr").Sees(t, http.StatusOK, "Chaleurs", `lang="fr">Des villes &lt;b&gt;fraîches`, "<em>apprendre</em>")
	visitor.Get("/?lang=de").Sees(t, http.StatusOK, "Chaleurs").Misses(t, "<em>apprendre</em>")
	if again := ada.Post("/admin", words...); again.Status != http.StatusSeeOther {
		t.Errorf("the same form sent twice: got %d", again.Status)
	}
	late := ada.Post("/admin", "revision", revision, "text", "fr", "name", "Chaleurs", "tagline", "Trop tard")
	late.Sees(t, http.StatusConflict, "Somebody saved other words", "Trop tard", "Des villes &lt;b&gt;fraîches")
	visitor.Get("/?lang=fr").Misses(t, "Trop tard")
	ada.Post("/admin", "revision", "1", "text", "fr", "name", "", "tagline", strings.Repeat("x", 301)).Sees(t, http.StatusUnprocessableEntity, "fill in", "at most 300")
}
