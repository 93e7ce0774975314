package inbox_test

import (
	"testing"

	"urbanfluxes.eu/koinon/internal/link"
)

func TestAMeetingComesIntoEveryInboxAndIsReadByOpeningIt(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := beat.Post("/c/basel/meetings/new", "title", "Shade in the old town", "form", "workshop", "day", "2099-03-05", "from", "14:00", "until", "16:30", "zone", "Europe/Zurich",
		"place", "Town hall", "lang", "en", "audience", "community").Sees(t, 303).To()
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "Nothing has come in yet")
	beat.Post(at+"/publish").Sees(t, 303)
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "(1) Inbox", "Shade in the old town", "Beat Hollenstein invites you to this meeting", `href="`+at+`"`)
	regula.Get("/inbox?kind=meetings").Sees(t, 200, "Shade in the old town")
	regula.Get("/inbox?kind=announcements").Sees(t, 200).Misses(t, "Shade in the old town")
	regula.Get(at).Sees(t, 200)
	if err := s.Marks.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	regula.Get("/inbox").Sees(t, 200, "Shade in the old town").Misses(t, `class="badge"`, "<title>(")
	beat.Post(at+"/call-off", "reason", "The hall is flooded.").Sees(t, 303)
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "(1) Inbox", "called this meeting off", "The hall is flooded.")
	for lang, words := range map[string]string{"de": "hat dieses Treffen abgesagt", "fr": "a annulé cette rencontre", "el": "ακύρωσε αυτή τη συνάντηση"} {
		regula.Get("/inbox?lang="+lang).Sees(t, 200, words)
	}
}

func TestAnActionOfOnesOwnIsReadByOpeningIt(t *testing.T) {
	t.Parallel()
	s := quiet(t)
	at := s.As(t, "beat-hollenstein").Post(link.Actions("basel")+"/new", "text", "Measure the square again", "owners", "Regula Ammann", "lang", "en", "audience", "community").Sees(t, 303).To()
	s.Tell(t)
	regula := s.As(t, "regula-ammann")
	regula.Get("/inbox").Sees(t, 200, "(1) Inbox", "Measure the square again", "gave you something to do", `href="`+at+`"`)
	regula.Get(at).Sees(t, 200)
	if err := s.Marks.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	regula.Get("/inbox").Sees(t, 200, "gave you something to do").Misses(t, `class="badge"`)
}
