package inbox_test

import (
	"regexp"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/webtest"
)

// quiet is the demonstration in which everything so far was told and read.
func quiet(t *testing.T) *webtest.Site {
	t.Helper()
	s := webtest.New(t)
	s.Tell(t)
	for _, sql := range []string{`delete from notice`, `delete from follow`, `delete from read_mark`} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

const regulasThread = "/c/basel/discussions/1" // the oldest of Basel, by regula-ammann

// form is the fields of the first form on a page that has the button.
func form(t *testing.T, page, button string) []string {
	t.Helper()
	end := strings.Index(page, button)
	if end < 0 {
		t.Fatalf("no button %q", button)
	}
	start := strings.LastIndex(page[:end], "<form")
	var pairs []string
	for _, m := range regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page[start:end], -1) {
		pairs = append(pairs, m[1], strings.ReplaceAll(m[2], "&amp;", "&"))
	}
	return pairs
}

func TestAReplyReachesTheAuthorAndIsReadByOpeningIt(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	author := s.As(t, "regula-ammann")
	author.Get("/inbox").Sees(t, 200, "Nothing has come in yet").Misses(t, `class="badge"`, "<title>(")
	s.As(t, "urs-dettwiler").Post(regulasThread+"/reply", "body", "Ask the fountain office, @regula-ammann.", "lang", "en").Sees(t, 303)
	if n := s.Tell(t); n != 1 {
		t.Fatalf("%d activities told, want 1", n)
	}
	got := author.Get("/inbox").Sees(t, 200, "(1) Inbox", `class="badge"`, "1 new notice", "mentioned you", "Ask the fountain office", "#reply-")
	if s.Tell(t) != 0 {
		t.Error("told twice")
	}
	author.Get("/").Sees(t, 200, "(1) ")
	reply := regexp.MustCompile(`href="(/c/basel/discussions/1-[^"#?]+\?at=\d+)`).FindStringSubmatch(got.Body)
	if reply == nil {
		t.Fatal("no link to the reply")
	}
	author.Get(reply[1]).Sees(t, 200)
	if err := s.Marks.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	author.Get("/inbox").Sees(t, 200, "mentioned you").Misses(t, `class="badge"`, "<title>(")
	author.Get("/inbox?show=unread").Sees(t, 200, "All read")
}

func TestMarkingIsUndone(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	author, other := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	for range 2 {
		other.Post(regulasThread+"/reply", "body", "Yes.", "lang", "en").Sees(t, 303)
	}
	s.Tell(t)
	for _, button := range []string{"Mark as read", "Mark all as read"} {
		page := author.Get("/inbox?kind=").Sees(t, 200, "(2) Inbox")
		done := author.Post(link.InboxRead, form(t, page.Body, button)...).Sees(t, 303)
		page = author.Get(done.To()).Sees(t, 200, "Marked as read.", "Mark as unread").Misses(t, `class="badge"`)
		author.Get("/inbox?show=unread").Sees(t, 200).Misses(t, "replied to you")
		author.Post(link.InboxUndo, form(t, page.Body, "Undo")...).Sees(t, 303)
		author.Get("/inbox").Sees(t, 200, "(2) Inbox", "It is as it was before.")
	}
	page := author.Get("/inbox")
	page = author.Get(author.Post(link.InboxRead, form(t, page.Body, "Mark all as read")...).To())
	page = author.Get(author.Post(link.InboxRead, form(t, page.Body, "Mark as unread")...).To()).Sees(t, 200, "(1) Inbox", "Marked as unread.")
	author.Post(link.InboxUndo, form(t, page.Body, "Undo")...).Sees(t, 303)
	author.Get("/inbox").Sees(t, 200).Misses(t, `class="badge"`)
	for _, strange := range []string{"read.0.0", "read.x.0.0", "eat.0.0.0", "read.0.0.99999999999999999"} {
		author.Post(link.InboxUndo, "done", strange).Sees(t, 404)
		author.Get("/inbox?done="+strange).Sees(t, 200).Misses(t, "Undo")
	}
	if to := author.Post(link.InboxRead, "act", "read", "place", "0", "upto", "0", "back", "//evil.example/inbox").To(); !strings.HasPrefix(to, "/inbox?done=") {
		t.Errorf("led to %s", to)
	}
}

func TestTheInboxIsFilteredByKind(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	author, other := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	other.Post(regulasThread+"/reply", "body", "Yes.", "lang", "en").Sees(t, 303)
	other.Post(regulasThread+"/thanks", "thanks", "give").Sees(t, 303)
	s.As(t, "beat-hollenstein").Post("/c/basel/discussions/new", "title", "We move", "body", "To room 5.", "lang", "en", "audience", "community", "form", "announcement").Sees(t, 303)
	s.Tell(t)
	author.Get("/inbox").Sees(t, 200, "(2) Inbox", "replied to you", "thanks you", "We move")
	author.Get("/inbox?kind=thanks").Sees(t, 200, "thanks you").Misses(t, "replied to you", "We move")
	author.Get("/inbox?kind=announcements").Sees(t, 200, "We move").Misses(t, "replied to you", "thanks you")
	author.Get("/inbox?kind=people").Sees(t, 200, "Nothing under this filter")
	author.Get("/inbox?before=zzz").Sees(t, 404)
	s.Stranger(t).Get("/inbox").Sees(t, 303)
}

func TestTheLevelThatAppliesIsShownWithItsReasonAndChanged(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	reader := s.As(t, "urs-dettwiler")
	reader.Get("/c/basel").Sees(t, 200, "mentions and replies</b>", "because you have chosen nothing else.")
	reader.Post("/me/notices", "level", "catch-up").Sees(t, 303)
	thread := reader.Get(regulasThread).To()
	reader.Get(thread).Sees(t, 200, "only in catch-up</b>", "because of your general setting.")
	reader.Get(reader.Post("/c/basel/follow", "level", "nothing").Sees(t, 303).To()).Sees(t, 200, "nothing</b>", "because of your setting for Basel.", "Saved.")
	reader.Get(reader.Post(regulasThread+"/follow", "level", "all").Sees(t, 303).To()).Sees(t, 200, "everything</b>", "because you chose it here.", "Saved.", "No choice of its own here: nothing").Misses(t, "every reply here from now on")
	page := reader.Get("/me/notices").Sees(t, 200, "Basel", "everything", "Reset")
	reader.Post("/me/notices", form(t, page.Body, "Reset")...).Sees(t, 303)
	reader.Get(regulasThread+"x").Sees(t, 404)
	reader.Get(thread).Sees(t, 200, "everything</b>")
	reader.Post(regulasThread+"/follow", "level", "inherit").Sees(t, 303)
	reader.Get(thread).Sees(t, 200, "only in catch-up</b>")
	reader.Get("/me/notices").Sees(t, 200, "You have chosen nothing for a single discussion")
	reader.Post(regulasThread+"/follow", "level", "loud").Sees(t, 422)
	reader.Post("/me/notices", "level", "loud").Sees(t, 422, "field-level")
	reader.Post("/me/notices", "forget", "item.4711").Sees(t, 404)
	s.Stranger(t).Get(thread).Sees(t, 200).Misses(t, "Following")
}

func TestWritingOffersFollowingAndDoesNotForceIt(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	writer, other := s.As(t, "urs-dettwiler"), s.As(t, "regula-ammann")
	thread := writer.Get(regulasThread).To()
	writer.Get(thread).Sees(t, 200, "Tell me of every reply here from now on")
	writer.Post(regulasThread+"/reply", "body", "I come back.", "lang", "en").Sees(t, 303)
	writer.Get(thread).Sees(t, 200, "mentions and replies</b>")
	writer.Post(regulasThread+"/reply", "body", "And stay.", "lang", "en", "follow", "yes").Sees(t, 303)
	writer.Get(thread).Sees(t, 200, "everything</b>")
	other.Post(regulasThread+"/reply", "body", "Good.", "lang", "en").Sees(t, 303)
	s.Tell(t)
	writer.Get("/inbox").Sees(t, 200, "(1) Inbox", "replied")
}

func TestWhatWaitsForTheCatchUpIsNotCounted(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	reader, other := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	reader.Post("/me/notices", "level", "catch-up").Sees(t, 303)
	other.Post(regulasThread+"/reply", "body", "Yes.", "lang", "en").Sees(t, 303)
	s.Tell(t)
	reader.Get("/inbox").Sees(t, 200, "Nothing has come in yet").Misses(t, `class="badge"`)
	page := reader.Get("/inbox?show=catch-up").Sees(t, 200, "replied to you", "Kept for later").Misses(t, `class="badge"`)
	page = reader.Get(reader.Post(link.InboxRead, form(t, page.Body, "Mark all as read")...).To()).Sees(t, 200, "Mark as unread", "Marked as read.")
	if !strings.Contains(page.Body, "Kept for later") {
		t.Error("not back in the catch-up")
	}
}

func TestThePagesSpeakFourLanguages(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	s.As(t, "urs-dettwiler").Post(regulasThread+"/reply", "body", "Yes.", "lang", "en").Sees(t, 303)
	s.Tell(t)
	reader := s.As(t, "regula-ammann")
	for lang, word := range map[string]string{"de": "Ihnen geantwortet", "fr": "vous a répondu", "el": "σας απάντησε"} {
		reader.Get("/inbox?lang="+lang).Sees(t, 200, word).Misses(t, "inbox.")
		reader.Get("/me/notices?lang="+lang).Sees(t, 200).Misses(t, "follow.")
	}
}
