package home_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

var lineKey = regexp.MustCompile(`name="line" value="([^"]+)"`)

// key is under what a line that says words can be put off.
func key(t *testing.T, page webtest.Answer, words string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page.Body, words)
	m := lineKey.FindStringSubmatch(rest)
	if !ok || m == nil {
		t.Fatalf("%q is not on the desk", words)
	}
	return m[1]
}

func TestARequestWaitsOnTheDesksOfThoseWhoCanDoSomethingAboutIt(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	asker, helper, coordinator, stranger := s.As(t, "verena-gysin"), s.As(t, "lea-straumann"), s.As(t, "beat-hollenstein"), s.As(t, "manolis-petrakis")
	const title = "Which tower do I believe?"
	thread := asker.Post("/c/basel/discussions/new", "form", "help", "request", uuid.NewString(), "title", title, "body", "They differ.", "tried", "Both", "addressed", "scientist", "lang", "en", "audience", "public").Sees(t, 303).To()
	act := regexp.MustCompile(`/discussions/\d+`).FindString(thread)
	helper.Get("/").Sees(t, 200, title, "asks for your perspective")
	stranger.Get("/").Misses(t, "asks for your perspective")
	coordinator.Get("/").Misses(t, "Nobody has answered yet. Whom could you ask?</span> <a href=\"/c/basel\">"+title)
	asker.Get("/").Misses(t, "What worked?")

	promises := func() int { return strings.Count(helper.Get("/").Body, "You offered to help") }
	before := promises()
	helper.Post("/c/basel"+act+"/offer", "note", "gladly").Sees(t, 303)
	if promises() != before+1 {
		t.Error("the promise is not on the desk")
	}
	helper.Post("/c/basel"+act+"/reply", "body", "The taller one.", "lang", "en").Sees(t, 303)
	if promises() != before {
		t.Error("the promise was kept and waits still")
	}
	asker.Get("/").Sees(t, 200, title, "Your request was answered. What worked?")
	asker.Post("/c/basel"+act+"/outcome", "ending", "worked", "helped", "1", "text", "The taller one.").Sees(t, 303)
	asker.Get("/").Misses(t, "Your request was answered. What worked?")
}

func TestALineIsPutOffByItsOwnReaderAloneAndComesBackWithNews(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	run := func(sql string) {
		t.Helper()
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	beat, other := s.As(t, "beat-hollenstein"), s.As(t, "silvan-oesch")
	run(`update membership set role = 'coordinator', coordinator_since = now() where account_id = (select id from account where handle = 'silvan-oesch') and community_id = (select id from community where slug = 'basel')`)
	const waits = "3 people ask to join"
	line := key(t, beat.Get("/").Sees(t, 200, waits), waits)
	to := beat.Post("/desk/later", "line", line).Sees(t, 303).To()
	beat.Get(to).Sees(t, 200, "Off your desk for a week").Misses(t, waits)
	beat.Get("/").Misses(t, waits)
	other.Get("/").Sees(t, 200, waits)

	beat.Post("/desk/back", "line", line).Sees(t, 303)
	beat.Get("/").Sees(t, 200, waits)

	beat.Post("/desk/later", "line", line).Sees(t, 303)
	run(`update desk_later set until = now() - interval '1 minute'`)
	beat.Get("/").Sees(t, 200, waits)

	beat.Post("/desk/later", "line", line).Sees(t, 303)
	run(`insert into membership (community_id, account_id, state, perspective, asked_at) select c.id, a.id, 'waiting', 'scientist', now() from community c, account a where c.slug = 'basel' and a.handle = 'manolis-petrakis'`)
	beat.Get("/").Sees(t, 200, "4 people ask to join") // one more is news

	for _, bad := range []string{"", "nothing", "admit:", ":x", strings.Repeat("x", 40) + ":" + strings.Repeat("y", 60)} {
		beat.Post("/desk/later", "line", bad).Sees(t, 404)
	}
	s.Stranger(t).Post("/desk/later", "line", line).Sees(t, 303) // to sign in
}
