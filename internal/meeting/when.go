package meeting

import (
	"sync"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
)

// Longest is how long a meeting may last.
const Longest = 14 * 24 * time.Hour

// When is a span of time as typed, read in its zone: days as 2027-03-28, times as 09:30.
type When struct {
	Zone    string
	Day     string
	From    string
	Until   string
	LastDay string // empty: the same day
}

// Typed shows a span as it would be typed in a zone.
func Typed(start, end time.Time, zone string) When {
	at := location(zone)
	start, end = start.In(at), end.In(at)
	w := When{Zone: zone, Day: start.Format(time.DateOnly), From: start.Format("15:04"), Until: end.Format("15:04"), LastDay: end.Format(time.DateOnly)}
	if w.LastDay == w.Day {
		w.LastDay = ""
	}
	return w
}

// Empty reports whether nothing was typed.
func (w When) Empty() bool { return w.Day == "" && w.From == "" && w.Until == "" && w.LastDay == "" }

// Span reads the times and judges them at the fields zone, day, from, until and last_day, each with suffix (as "-2" for the second of several).
func (w When) Span(in *fault.Invalid, suffix string) (start, end time.Time) {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil || w.Zone == "" || w.Zone == "Local" {
		in.Check(false, "zone"+suffix, "zone")
		return start, end
	}
	last := w.LastDay
	if last == "" {
		last = w.Day
	}
	day := dayOf(in, w.Day, "day"+suffix)
	lastDay := day
	if last != w.Day {
		lastDay = dayOf(in, last, "last_day"+suffix)
	}
	start, began := momentOf(in, day, w.From, "from"+suffix, zone)
	end, ended := momentOf(in, lastDay, w.Until, "until"+suffix, zone)
	if began && ended {
		in.Check(end.After(start), "until"+suffix, "before-start")
		in.Check(end.Sub(start) <= Longest, "last_day"+suffix, "too-long-meeting")
	}
	return start, end
}

func dayOf(in *fault.Invalid, typed, field string) time.Time {
	day, err := time.Parse(time.DateOnly, typed)
	switch {
	case typed == "":
		in.Check(false, field, "required")
	case err != nil || day.Year() < 1970 || day.Year() > 2200:
		in.Check(false, field, "date")
		return time.Time{}
	}
	return day
}

// momentOf is a typed time on a day in a zone. The hour that is left out in spring is none; of the hour that comes twice in autumn the first is meant.
func momentOf(in *fault.Invalid, day time.Time, typed, field string, zone *time.Location) (time.Time, bool) {
	clock, err := time.Parse("15:04", typed)
	if typed == "" {
		in.Check(false, field, "required")
		return time.Time{}, false
	}
	if err != nil {
		in.Check(false, field, "clock")
		return time.Time{}, false
	}
	if day.IsZero() {
		return time.Time{}, false
	}
	at, ok := Moment(day, clock.Hour(), clock.Minute(), zone)
	in.Check(ok, field, "no-such-hour", "zone", zone.String())
	return at, ok
}

// Moment is a time of day in a zone, and whether there is such a time on that day; of two the first.
func Moment(day time.Time, hour, minute int, zone *time.Location) (time.Time, bool) {
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, zone)
	if at.Hour() != hour || at.Minute() != minute {
		return at, false
	}
	if earlier := at.Add(-time.Hour); earlier.Hour() == hour && earlier.Day() == at.Day() {
		at = earlier
	}
	return at, true
}

var zones sync.Map

// location is the zone of a name, UTC when it is unknown here.
func location(name string) *time.Location {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, zone)
	return zone
}
