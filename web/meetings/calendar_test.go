package meetings_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"

	"urbanfluxes.eu/koinon/web/webtest"
)

// unfolded is a calendar file with whole lines.
func unfolded(a webtest.Answer) webtest.Answer {
	a.Body = strings.ReplaceAll(a.Body, "\r\n ", "")
	return a
}

func titles(t *testing.T, a webtest.Answer) []string {
	t.Helper()
	if kind := a.Header.Get("Content-Type"); a.Status != 200 || !strings.HasPrefix(kind, "text/calendar") {
		t.Fatalf("%d, %s", a.Status, kind)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, e := range cal.Events() {
		all = append(all, value(e, ics.ComponentPropertySummary))
		if len(e.Attendees()) > 0 {
			t.Error("somebody is named")
		}
	}
	slices.Sort(all)
	return all
}

func TestCalendarsHoldWhatTheirReaderMaySee(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutMeetings(t)
	_, open := scheduled(t, s, "Open", "public")
	beat, inner := scheduled(t, s, "Inner", "community")
	draft := beat.Post("/c/basel/meetings/new", "title", "Draft", "form", "regular", "day", nextSummer(), "from", "14:00", "until", "16:30", "zone", "Europe/Zurich", "lang", "en", "audience", "public").Sees(t, 303).To()
	member, stranger := s.As(t, "regula-ammann"), s.Stranger(t)
	if got := titles(t, stranger.Get("/c/basel/meetings.ics")); !slices.Equal(got, []string{"Open"}) {
		t.Errorf("a stranger: %v", got)
	}
	if got := titles(t, member.Get("/c/basel/meetings.ics")); !slices.Equal(got, []string{"Inner", "Open"}) {
		t.Errorf("a member: %v", got)
	}
	titles(t, stranger.Get(open+".ics"))
	titles(t, member.Get(inner+".ics"))
	stranger.Get(inner+".ics").Sees(t, 404)
	for who, v := range map[string]*webtest.Visitor{"coordinator": beat, "member": member, "stranger": stranger} {
		if got := v.Get(draft + ".ics"); got.Status != 404 {
			t.Errorf("a draft for the %s: %d", who, got.Status)
		}
	}
	if _, err := s.DB.Exec(context.Background(), `update item set audience = 2 where audience < 2 and community_id = (select id from community where slug = 'basel'); update community set visibility = 'private' where slug = 'basel'`); err != nil {
		t.Fatal(err)
	}
	stranger.Get("/c/basel/meetings.ics").Sees(t, 404)
	stranger.Get(open+".ics").Sees(t, 404)
	member.Get(inner).Sees(t, 200, `href="`+inner+`.ics"`)
}

func TestAnEmptyCalendarIsStillOne(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutMeetings(t)
	if got := titles(t, s.Stranger(t).Get("/c/heraklion/meetings.ics")); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

var feedAddress = regexp.MustCompile(`value="(http://koinon\.test(/feeds/[^"]+))"`)

// subscribe makes a new secret address.
func subscribe(t *testing.T, v *webtest.Visitor, pairs ...string) string {
	t.Helper()
	m := feedAddress.FindStringSubmatch(v.Post("/me/calendar", pairs...).Sees(t, 200, `href="webcal://koinon.test/feeds/`).Body)
	if m == nil {
		t.Fatal("no address on the page")
	}
	return html.UnescapeString(m[2])
}

func TestASecretAddressFeedsACalendarWithoutSigningIn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutMeetings(t)
	_, at := scheduled(t, s, "Inner", "community")
	regulas, program := s.As(t, "regula-ammann"), s.Stranger(t)
	regulas.Get("/me/calendar").Sees(t, 200, "You have no such address yet.").Misses(t, "/feeds/")
	feed := subscribe(t, regulas, "alarm", "60")
	got := unfolded(program.Get(feed))
	if all := titles(t, got); !slices.Equal(all, []string{"Inner"}) {
		t.Errorf("got %v", all)
	}
	if !strings.Contains(got.Body, "TRIGGER:-PT60M") || strings.Contains(got.Body, "meet.example.org") || !strings.Contains(got.Header.Get("Cache-Control"), "private") || got.Header.Get("Last-Modified") == "" {
		t.Errorf("%v\n%s", got.Header, got.Body)
	}
	again := httptest.NewRequest(http.MethodGet, feed, nil)
	again.Header.Set("If-None-Match", got.Header.Get("ETag"))
	if same := program.Do(again); same.Status != http.StatusNotModified || same.Body != "" {
		t.Errorf("the same again: %d", same.Status)
	}
	if _, err := s.DB.Exec(context.Background(), `insert into rsvp (community_id, meeting_id, account_id, answer, at) select m.community_id, m.item_id, a.id, 'online', now() from meeting m, account a where a.handle = 'regula-ammann' on conflict do nothing`); err != nil {
		t.Fatal(err)
	}
	changed := httptest.NewRequest(http.MethodGet, feed, nil)
	changed.Header.Set("If-None-Match", got.Header.Get("ETag"))
	unfolded(program.Do(changed)).Sees(t, 200, "meet.example.org")
	unfolded(regulas.Get(at+".ics")).Sees(t, 200, "meet.example.org")
	if all := titles(t, program.Get(feed+"&city=basel")); len(all) != 1 {
		t.Errorf("of Basel: %v", all)
	}
	program.Get(feed+"&city=heraklion").Sees(t, 404)
	program.Get(strings.Replace(feed, "alarm=60", "alarm=soon", 1)).Sees(t, 422)

	regulas.Get("/me/calendar").Sees(t, 200, "You have had an address since").Misses(t, "/feeds/")
	fresh := subscribe(t, regulas)
	program.Get(feed).Sees(t, 404)
	titles(t, program.Get(fresh))
	regulas.Post("/me/calendar/off").Sees(t, 303)
	program.Get(fresh).Sees(t, 404)
}
