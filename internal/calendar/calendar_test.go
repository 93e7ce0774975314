package calendar_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	second "github.com/arran4/golang-ical"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/calendar"
)

var update = flag.Bool("update", false, "write the golden files anew")

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func courtyard(t testing.TB) calendar.Event {
	return calendar.Event{UID: "5a2c1f0e-1111-4222-8333-444455556666@koinon.example.org", Stamp: time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC),
		Start: time.Date(2026, 6, 23, 7, 0, 0, 0, time.UTC), End: time.Date(2026, 6, 23, 10, 30, 0, 0, time.UTC), Zone: zone(t, "Europe/Zurich"),
		Summary: "Hitze im Hof: was kühlt, was nicht", Lang: "de", Location: "Stadtgärtnerei, Dufourstrasse 40, 4052 Basel",
		Description: "Wir gehen durch drei Höfe und messen.\n\nhttps://koinon.example.org/c/basel/meetings/3", URL: "https://koinon.example.org/c/basel/meetings/3",
		Organizer: calendar.Party{Name: "Basel", Address: "koinon@example.org"}}
}

func read(t testing.TB, file []byte) *second.Calendar {
	t.Helper()
	cal, err := second.ParseCalendar(strings.NewReader(string(file)))
	if err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	return cal
}

func write(t testing.TB, c calendar.Calendar) []byte {
	t.Helper()
	file, err := calendar.Write(c)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFilesStayAsTheyWere(t *testing.T) {
	t.Parallel()
	london, athens := courtyard(t), courtyard(t)
	london.Zone, london.Sequence, london.Cancelled = zone(t, "Europe/London"), 2, true
	athens.Zone, athens.Alarm, athens.UID = zone(t, "Europe/Athens"), time.Hour, "2@koinon.example.org"
	athens.Summary, athens.Lang = "Δροσιά στις αυλές του Ηρακλείου: τι δροσίζει, τι όχι, και πώς το μετράμε όλοι μαζί", "el"
	asked := courtyard(t)
	asked.Attendee = &calendar.Attendee{Party: calendar.Party{Name: "Ada Byron", Address: "ada@example.org"}, Status: calendar.NeedsAction}
	for name, c := range map[string]calendar.Calendar{
		"request": {Method: calendar.Request, Events: []calendar.Event{asked}},
		"cancel":  {Method: calendar.Cancel, Events: []calendar.Event{london}},
		"feed":    {Method: calendar.Publish, Name: "Treffen, Basel; und mehr", Lang: "de", Events: []calendar.Event{courtyard(t), athens}},
		"empty":   {Method: calendar.Publish, Name: "Basel", Lang: "de", Zone: zone(t, "Europe/Zurich")},
	} {
		path := filepath.Join("testdata", name+".ics")
		got := write(t, c)
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got): %s", name, diff)
		}
	}
}

func TestASecondImplementationReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	e := courtyard(t)
	e.Attendee = &calendar.Attendee{Party: calendar.Party{Name: `Ada "the; Countess": Byron`, Address: "ada@example.org"}, Status: calendar.Accepted}
	e.Sequence, e.Alarm = 3, 90*time.Minute
	cal := read(t, write(t, calendar.Calendar{Method: calendar.Request, Events: []calendar.Event{e}}))
	if len(cal.Events()) != 1 {
		t.Fatalf("%d events", len(cal.Events()))
	}
	got := cal.Events()[0]
	start, err1 := got.GetStartAt()
	end, err2 := got.GetEndAt()
	if err1 != nil || err2 != nil || !start.Equal(e.Start) || !end.Equal(e.End) {
		t.Errorf("from %v to %v, %v, %v", start, end, err1, err2)
	}
	for property, want := range map[second.ComponentProperty]string{second.ComponentPropertySummary: e.Summary, second.ComponentPropertyLocation: e.Location,
		second.ComponentPropertyDescription: e.Description, second.ComponentPropertyUrl: e.URL, second.ComponentPropertySequence: "3", second.ComponentPropertyStatus: "CONFIRMED"} {
		if p := got.GetProperty(property); p == nil || p.Value != want {
			t.Errorf("%s: got %+v, want %q", property, p, want)
		}
	}
	if got.Id() != e.UID || len(got.Alarms()) != 1 || got.Alarms()[0].GetProperty(second.ComponentPropertyTrigger).Value != "-PT90M" {
		t.Errorf("uid %s, alarms %v", got.Id(), got.Alarms())
	}
	who := got.Attendees()
	if len(who) != 1 || who[0].Email() != "ada@example.org" || who[0].ParticipationStatus() != second.ParticipationStatusAccepted || who[0].ICalParameters["RSVP"][0] != "TRUE" {
		t.Errorf("attendees %+v", who)
	}
}

func TestNoTextBreaksOutOfItsProperty(t *testing.T) {
	t.Parallel()
	evil := "A; b, c\\ d\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:all@example.org\x00\x07\x1b\u2028X \"q\" \xff" + strings.Repeat("ψ🌡", 90)
	e := courtyard(t)
	e.Summary, e.Location, e.Description, e.UID = evil, evil, evil, "1\r\nATTENDEE:mailto:all@example.org"
	e.URL = "https://example.org/\r\nATTENDEE:mailto:all@example.org"
	e.Organizer.Name = evil
	e.Attendee = &calendar.Attendee{Party: calendar.Party{Name: evil, Address: "ada@example.org\r\nATTENDEE:mailto:all@example.org"}, Status: calendar.Accepted}
	file := write(t, calendar.Calendar{Method: calendar.Publish, Name: evil, Events: []calendar.Event{e}})
	cal := read(t, file)
	if len(cal.Events()) != 1 || len(cal.Events()[0].Attendees()) != 1 {
		t.Fatalf("injected: %s", file)
	}
	got := cal.Events()[0].GetProperty(second.ComponentPropertySummary).Value
	if want := "A; b, c\\ d\nEND:VEVENT\nBEGIN:VEVENT\nATTENDEE:mailto:all@example.org\nX \"q\" " + strings.Repeat("ψ🌡", 90); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesAreShortAndEndWithCRLF(t *testing.T) {
	t.Parallel()
	e := courtyard(t)
	for n := range 40 { // a cut at each place within characters of two to four bytes
		e.Summary = strings.Repeat("x", n) + strings.Repeat("ä€🌡", 30)
		file := string(write(t, calendar.Calendar{Method: calendar.Publish, Events: []calendar.Event{e}}))
		for line := range strings.SplitSeq(strings.TrimSuffix(file, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
				t.Fatalf("line %q of %d octets", line, len(line))
			}
		}
		if got := read(t, []byte(file)).Events()[0].GetProperty(second.ComponentPropertySummary).Value; got != e.Summary {
			t.Fatalf("got %q", got)
		}
	}
}

func FuzzAnyTextIsReadBack(f *testing.F) {
	f.Add("a;b,c\\n\nBEGIN:VEVENT")
	f.Fuzz(func(t *testing.T, text string) {
		e := courtyard(t)
		e.Summary, e.Location, e.Attendee = text, text, &calendar.Attendee{Party: calendar.Party{Name: text, Address: "ada@example.org"}, Status: calendar.NeedsAction}
		if n := len(read(t, write(t, calendar.Calendar{Method: calendar.Request, Events: []calendar.Event{e}})).Events()); n != 1 {
			t.Errorf("%d events", n)
		}
	})
}
