package calendar_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	second "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"

	"urbanfluxes.eu/koinon/internal/calendar"
)

// observance is one rule of a VTIMEZONE as it was read back.
type observance struct {
	onsets   []time.Time // UTC
	from, to int
}

// rules reads the one VTIMEZONE of a file and expands it over some years.
func rules(t testing.TB, file []byte) (all []observance) {
	t.Helper()
	for _, c := range read(t, file).Components {
		z, ok := c.(*second.VTimezone)
		if !ok {
			continue
		}
		for _, child := range z.Components {
			var props []second.IANAProperty
			switch k := child.(type) {
			case *second.Standard:
				props = k.Properties
			case *second.Daylight:
				props = k.Properties
			}
			all = append(all, expand(t, props))
		}
	}
	return all
}

func expand(t testing.TB, props []second.IANAProperty) observance {
	t.Helper()
	var o observance
	value := map[string]string{}
	for _, p := range props {
		value[p.IANAToken] = p.Value
	}
	o.from, o.to = seconds(t, value["TZOFFSETFROM"]), seconds(t, value["TZOFFSETTO"])
	start, err := time.Parse("20060102T150405", value["DTSTART"])
	if err != nil {
		t.Fatal(err)
	}
	utc := func(wall time.Time) time.Time { return wall.Add(-time.Duration(o.from) * time.Second) }
	if value["RRULE"] == "" {
		o.onsets = []time.Time{utc(start)}
		return o
	}
	options, err := rrule.StrToROption(value["RRULE"])
	if err != nil {
		t.Fatal(err)
	}
	options.Dtstart = start
	if !options.Until.IsZero() {
		options.Until = options.Until.Add(time.Duration(o.from) * time.Second)
	}
	rule, err := rrule.NewRRule(*options)
	if err != nil {
		t.Fatal(err)
	}
	for _, wall := range rule.Between(start, time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC), true) {
		o.onsets = append(o.onsets, utc(wall))
	}
	return o
}

func seconds(t testing.TB, text string) int {
	t.Helper()
	n := func(s string) int {
		v, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("offset %q", text)
		}
		return v
	}
	s := n(text[1:3])*3600 + n(text[3:5])*60
	if text[0] == '-' {
		return -s
	}
	return s
}

// offsetAt is what the latest onset before a moment says.
func offsetAt(all []observance, at time.Time) (offset int, known bool) {
	var latest time.Time
	for _, o := range all {
		for _, onset := range o.onsets {
			if !onset.After(at) && (!known || onset.After(latest)) {
				latest, offset, known = onset, o.to, true
			}
		}
	}
	return offset, known
}

var zones = []string{"Europe/London", "Europe/Zurich", "Europe/Athens", "Europe/Dublin", "Europe/Istanbul", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Asia/Kathmandu",
	"Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran", "Pacific/Apia", "Europe/Moscow"}

func TestZonesShiftWhenTheWorldDoes(t *testing.T) {
	t.Parallel()
	for _, name := range zones {
		z := zone(t, name)
		e := courtyard(t)
		e.Zone = z
		check := func(events []calendar.Event, first, last int) {
			t.Helper()
			file := write(t, calendar.Calendar{Method: calendar.Publish, Events: events})
			all := rules(t, file)
			look := func(at time.Time) {
				_, want := at.In(z).Zone()
				if got, known := offsetAt(all, at); !known || got != want {
					t.Errorf("%s at %s: got %d (known: %v), want %d, of\n%s", name, at, got, known, want, file)
				}
			}
			end := time.Date(last+1, 1, 1, 0, 0, 0, 0, time.UTC)
			for at := time.Date(first, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end) && !t.Failed(); at = at.AddDate(0, 0, 9) {
				look(at)
			}
			for at := time.Date(first, 1, 1, 0, 0, 0, 0, z); !t.Failed(); {
				_, next := at.ZoneBounds()
				if next.IsZero() || !next.Before(end) {
					break
				}
				look(next.Add(-time.Second))
				look(next)
				look(next.Add(time.Second))
				at = next
			}
		}
		var many []calendar.Event
		for year := 2015; year <= 2030; year++ {
			e.Start = time.Date(year, 1, 1, 10, 0, 0, 0, time.UTC)
			e.End = time.Date(year, 12, 30, 10, 0, 0, 0, time.UTC)
			check([]calendar.Event{e}, year, year)
			many = append(many, e)
		}
		check(many, 2015, 2030)
	}
}

func TestEuropeanZonesAreWrittenAsYearlyRules(t *testing.T) {
	t.Parallel()
	file := string(write(t, calendar.Calendar{Method: calendar.Publish, Events: []calendar.Event{courtyard(t)}}))
	for _, rule := range []string{"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n", "TZNAME:CEST\r\n"} {
		if !strings.Contains(file, rule) {
			t.Errorf("%s is missing in\n%s", rule, file)
		}
	}
}

func TestTheSecondOfTwoEqualHoursIsNotTheFirst(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/London", "Europe/Zurich", "Europe/Athens"} {
		z := zone(t, name)
		_, summerEnds := time.Date(2027, 7, 1, 0, 0, 0, 0, z).ZoneBounds()
		for _, after := range []time.Duration{-90 * time.Minute, -30 * time.Minute, 0, 30 * time.Minute, 59 * time.Minute, time.Hour, 2 * time.Hour} {
			e := courtyard(t)
			e.Zone, e.Start, e.End = z, summerEnds.Add(after), summerEnds.Add(after+5*time.Hour)
			file := write(t, calendar.Calendar{Method: calendar.Publish, Events: []calendar.Event{e}})
			got := read(t, file).Events()[0].GetProperty(second.ComponentPropertyDtStart)
			var at time.Time
			var err error
			if strings.HasSuffix(got.Value, "Z") {
				at, err = time.Parse("20060102T150405Z", got.Value)
			} else {
				var wall time.Time
				wall, err = time.Parse("20060102T150405", got.Value)
				// RFC 5545: a local time that comes twice is the first of both.
				at = wall.Add(-time.Hour * 48)
				for _, candidate := range []int{13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1} {
					if c := wall.Add(-time.Duration(candidate) * time.Hour); c.In(z).Format("20060102T150405") == got.Value {
						at = c
						break
					}
				}
			}
			if err != nil || !at.Equal(e.Start) {
				t.Errorf("%s, %s after the change: got %s (%s), want %s, %v", name, after, at, got.Value, e.Start, err)
			}
		}
	}
}

func TestZonesEndWellPastTheEndOfTheirTables(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Zurich", "Europe/London", "Europe/Athens"} {
		z := zone(t, name)
		e := courtyard(t)
		e.Zone, e.Start, e.End = z, time.Date(2199, 5, 4, 10, 0, 0, 0, z), time.Date(2199, 5, 4, 12, 0, 0, 0, z)
		_, want := e.Start.Zone()
		if got, known := offsetAt(rules(t, write(t, calendar.Calendar{Method: calendar.Publish, Events: []calendar.Event{e}})), e.Start); !known || got != want {
			t.Errorf("%s: got %d (known: %v), want %d", name, got, known, want)
		}
	}
}
