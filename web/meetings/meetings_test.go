package meetings_test

import (
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/web/webtest"
)

// nextMonth is a day that is still to come, as typed.
func nextMonth() string { return time.Now().AddDate(0, 1, 0).Format(time.DateOnly) }

func TestCoordinatorSchedulesAMeeting(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := beat.Post("/c/basel/meetings/new", "title", "Shade in the old town", "form", "workshop", "day", nextMonth(), "from", "14:00", "until", "16:30", "zone", "Europe/Zurich",
		"place", "Town hall", "online_url", "https://meet.example.org/shade", "lang", "en", "audience", "community").Sees(t, 303).To()
	beat.Get(at).Sees(t, 200, "Shade in the old town", "Town hall", "draft", "14:00–16:30")
	regula.Get(at).Sees(t, 404)
	regula.Get("/c/basel/meetings").Sees(t, 200).Misses(t, "Shade in the old town")
	beat.Post(at+"/publish").Sees(t, 303)
	regula.Get(at).Sees(t, 200, "Workshop", "scheduled").Misses(t, "meet.example.org")
	regula.Get("/c/basel/meetings").Sees(t, 200, "Shade in the old town")
	s.Stranger(t).Get(at).Sees(t, 404)
	beat.Post(at+"/call-off", "reason", "The room is flooded.").Sees(t, 303)
	regula.Get(at).Sees(t, 200, "called off", "The room is flooded.")
	beat.Post(at+"/publish").Sees(t, 422)
}

func TestWhatIsNoTimeIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	for name, c := range map[string]struct {
		pairs []string
		field string
	}{
		"the end before the start": {[]string{"day", "2027-03-01", "from", "14:00", "until", "13:00", "zone", "Europe/Zurich"}, "until"},
		"the missing hour":         {[]string{"day", "2027-03-28", "from", "02:30", "until", "05:00", "zone", "Europe/Zurich"}, "from"},
		"an unknown zone":          {[]string{"day", "2027-03-01", "from", "14:00", "until", "15:00", "zone", "Europe/Atlantis"}, "zone"},
		"no day":                   {[]string{"day", "2027-02-30", "from", "14:00", "until", "15:00", "zone", "Europe/Zurich"}, "day"},
		"too long":                 {[]string{"day", "2027-03-01", "last_day", "2027-04-01", "from", "14:00", "until", "15:00", "zone", "Europe/Zurich"}, "last_day"},
	} {
		got := beat.Post("/c/basel/meetings/new", append([]string{"title", "Bad " + name, "form", "regular", "lang", "en", "audience", "community"}, c.pairs...)...)
		got.Sees(t, 422, `href="#field-`+c.field+`"`, "Bad "+name)
	}
	beat.Get("/c/basel/meetings").Sees(t, 200).Misses(t, "Bad ")
}

func TestASeriesIsPreviewedMadeAndPublishedAtOnce(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	fields := []string{"title", "Every second Tuesday", "form", "regular", "day", "2199-01-08", "from", "17:00", "until", "18:30", "zone", "Europe/Zurich", "lang", "en", "audience", "community",
		"every", "month-weekday", "count", "4", "except", "2199-02-12"}
	beat.Post("/c/basel/meetings/new", append(fields, "act", "preview")...).Sees(t, 200, "These are 3 meetings:", "12 March 2199")
	first := beat.Post("/c/basel/meetings/new", append(fields, "request", "0a6f4e0e-5a0f-4f7a-9df4-9a4c2b7f9d10")...).Sees(t, 303).To()
	if again := beat.Post("/c/basel/meetings/new", append(fields, "request", "0a6f4e0e-5a0f-4f7a-9df4-9a4c2b7f9d10")...).Sees(t, 303).To(); again != first {
		t.Errorf("the same form made %s and %s", first, again)
	}
	page := beat.Get(first).Sees(t, 200, "Part of a series")
	series := between(page.Body, `href="/c/basel/meetings/series/`, `"`)
	regula.Get("/c/basel/meetings/series/"+series).Sees(t, 404)
	regula.Post("/c/basel/meetings/series/"+series+"/publish").Sees(t, 403)
	beat.Post("/c/basel/meetings/series/"+series+"/publish").Sees(t, 303)
	beat.Post("/c/basel/meetings/series/"+series+"/publish").Sees(t, 422)
	regula.Get("/c/basel/meetings/series/"+series).Sees(t, 200, "8 January 2199", "12 March 2199", "9 April 2199")
	beat.Post(first+"/call-off", "reason", "Holidays.").Sees(t, 303)
	regula.Get("/c/basel/meetings/series/"+series).Sees(t, 200, "called off", "scheduled")
	beat.Get("/c/basel/meetings/new?like="+first[len("/c/basel/meetings/"):]).Sees(t, 200, `value="Every second Tuesday"`, "Take the agenda of")
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}
