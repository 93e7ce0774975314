package registers_test

import (
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/webtest"
)

func day(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }

// onDesk is how often a line of this sort stands on somebody's desk: the demonstration has some, too.
func onDesk(t *testing.T, v *webtest.Visitor, line string) int {
	t.Helper()
	return strings.Count(v.Get("/").Sees(t, 200).Body, line)
}

func TestAnActionGoesFromTheCoordinatorToItsOwnersDeskAndOff(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula, urs := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	mine, his := onDesk(t, regula, "You took this on."), onDesk(t, urs, "You took this on.")
	at := beat.Post("/c/basel/actions/new", "text", "Measure the shade at noon", "owners", "@regula-ammann, Somebody Else", "due", day(3), "lang", "en", "audience", "community").Sees(t, 303).To()
	regula.Get("/").Sees(t, 200, "Measure the shade at noon", "You took this on.")
	if n := onDesk(t, urs, "You took this on."); n != his {
		t.Errorf("%d things wait for somebody else, want %d", n, his)
	}
	urs.Get(at).Sees(t, 200, "Somebody Else").Misses(t, "How far is it?")
	urs.Post(at+"/progress", "state", "done").Sees(t, 403)
	s.Stranger(t).Get(at).Sees(t, 404)
	s.Tell(t)
	regula.Get("/inbox").Sees(t, 200, "gave you something to do")
	regula.Post(at+"/progress", "state", "dropped").Sees(t, 422, `href="#field-reason"`)
	regula.Post(at+"/progress", "state", "done", "next", "/c/basel/actions").Sees(t, 303)
	regula.Post(at+"/progress", "state", "done").Sees(t, 303)
	if n := onDesk(t, regula, "You took this on."); n != mine {
		t.Errorf("%d things wait for the owner when it is done, want %d", n, mine)
	}
	regula.Get("/c/basel/actions?show=over").Sees(t, 200, "Measure the shade at noon")
	beat.Get("/c/basel/actions").Sees(t, 200).Misses(t, "Measure the shade at noon")
	regula.Get("/c/basel/actions.csv?show=over").Sees(t, 200, "Somebody Else", ",done,")
}

func TestAnOverdueActionReachesTheCoordinatorsDesk(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	beat.Post("/c/basel/actions/new", "text", "Ask the tram company", "owners", "regula-ammann", "due", day(-2), "lang", "en", "audience", "community").Sees(t, 303)
	beat.Get("/").Sees(t, 200, "Ask the tram company", "This is overdue.")
	regula.Get("/c/basel/actions?show=overdue").Sees(t, 200, "Ask the tram company", "overdue")
	regula.Get("/c/basel/actions?show=mine").Sees(t, 200, "Ask the tram company")
}

func TestADecisionIsRecordedReviewedAndSuperseded(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	before := onDesk(t, beat, "Time to look at this decision again.")
	decide := func(text string) string {
		return beat.Post("/c/basel/decisions/new", "text", text, "why", "Because **heat**.", "rejected", "Doing nothing", "on", day(-10), "review", day(-1), "lang", "en", "audience", "public").Sees(t, 303).To()
	}
	old, fresh := decide("Measure at 2 m"), decide("Measure at 3 m")
	n := fresh[strings.LastIndexByte(fresh, '/')+1:]
	s.Stranger(t).Get(old).Sees(t, 200, "in force", "<strong>heat</strong>", "Doing nothing")
	beat.Get("/").Sees(t, 200, "Time to look at this decision again.", "Measure at 3 m")
	regula.Post(old+"/supersede", "by", "D-"+n).Sees(t, 403)
	beat.Post(old+"/supersede", "by", "D-9999").Sees(t, 422, `href="#field-by"`)
	beat.Post(old+"/supersede", "by", "D-"+n).Sees(t, 303)
	beat.Post(fresh+"/supersede", "by", old[strings.LastIndexByte(old, '/')+1:]).Sees(t, 422, "was itself superseded")
	regula.Get(old).Sees(t, 200, "superseded", "D-"+n)
	regula.Get("/c/basel/decisions").Sees(t, 200, "Measure at 3 m", "time to look at it again").Misses(t, "Measure at 2 m")
	beat.Post(fresh+"/review", "review", day(-5)).Sees(t, 422)
	beat.Post(fresh+"/review", "review", day(100)).Sees(t, 303)
	if n := onDesk(t, beat, "Time to look at this decision again."); n != before {
		t.Errorf("%d decisions to review when this one is, want %d", n, before)
	}
	regula.Get("/c/basel/decisions.json?show=all").Sees(t, 200, `"superseded_by": `+n)
	regula.Get("/search?q=measure+kind:decision").Sees(t, 200, "</mark> at 3 m")
}

func TestWhatIsSettledTwiceByOneFormIsSettledOnce(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	const request = "7f1b6f6e-4a44-4a1c-8a9e-3f0b3f1e9a11"
	first := beat.Post("/c/basel/actions/new", "request", request, "text", "Once", "owners", "", "lang", "en", "audience", "community").Sees(t, 303).To()
	if again := beat.Post("/c/basel/actions/new", "request", request, "text", "Once", "owners", "", "lang", "en", "audience", "community").Sees(t, 303).To(); again != first {
		t.Errorf("the same form made %s and %s", first, again)
	}
	for _, bad := range [][]string{{"text", ""}, {"text", strings.Repeat("x", 2001)}, {"text", "y", "due", "2027-02-30"}, {"text", "y", "audience", "everybody"}} {
		beat.Post("/c/basel/actions/new", append(bad, "lang", "en", "audience", "community")...).Sees(t, 422)
	}
	beat.Post("/c/basel/decisions/new", "text", "z", "on", "yesterday", "lang", "en", "audience", "community").Sees(t, 422, `href="#field-on"`)
	beat.Post("/c/basel/decisions/new", "text", "z", "on", day(0), "review", day(-1), "lang", "en", "audience", "community").Sees(t, 422, `href="#field-review"`)
}

func TestAnActionOfSomebodyWhoLeftForGoodStaysWithARole(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at := s.As(t, "beat-hollenstein").Post(link.Actions("basel")+"/new", "text", "Measure the square again", "owners", "Regula Ammann, Frau Gast", "lang", "en", "audience", "community").Sees(t, 303).To()
	s.As(t, "urs-dettwiler").Get(at).Sees(t, 200, "Regula Ammann", "Frau Gast")
	s.As(t, "regula-ammann").Post("/me/leave", "email", "regula-ammann@example.org", "texts", "remove").Sees(t, 303)
	reader := s.As(t, "urs-dettwiler")
	reader.Get(at).Sees(t, 200, "a member, planning office", "Frau Gast", "Measure the square again").Misses(t, "Regula")
	reader.Get(at+"?lang=de").Sees(t, 200, "ein Mitglied, Planungsamt", "Frau Gast")
	reader.Get(link.Actions("basel")+"?lang=de").Sees(t, 200, "ein Mitglied, Planungsamt")
}
