package calendar

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// onset is a moment from which on the clocks of a zone show another offset from UTC.
type onset struct {
	at       time.Time // UTC
	from, to int       // seconds east of UTC, before and after
	name     string
	summer   bool
}

// wall is what the clocks showed, by the offset before.
func (o onset) wall() time.Time { return o.at.Add(time.Duration(o.from) * time.Second) }

// week is which of its weekdays in the month the onset has: -1 for the last.
func (o onset) week() int {
	w := o.wall()
	if w.AddDate(0, 0, 7).Month() != w.Month() {
		return -1
	}
	return (w.Day()-1)/7 + 1
}

// follows reports whether o comes a year after p by the same rule.
func (o onset) follows(p onset) bool {
	a, b := o.wall(), p.wall()
	return a.Year() == b.Year()+1 && a.Month() == b.Month() && a.Weekday() == b.Weekday() && o.week() == p.week() &&
		a.Hour() == b.Hour() && a.Minute() == b.Minute() && a.Second() == b.Second() && o.from == p.from && o.to == p.to && o.name == p.name && o.summer == p.summer
}

// timezones are the rules of all zones of a calendar, each for the years of its events. UTC has none.
func timezones(c Calendar) []*ical.Component {
	type years struct {
		zone        *time.Location
		first, last int
	}
	var all []years
	for _, e := range c.Events {
		if e.Zone == nil || e.Zone.String() == "UTC" {
			continue
		}
		n := slices.IndexFunc(all, func(y years) bool { return y.zone.String() == e.Zone.String() })
		if n < 0 {
			n, all = len(all), append(all, years{e.Zone, e.Start.Year(), e.End.Year()})
		}
		all[n].first, all[n].last = min(all[n].first, e.Start.Year()), max(all[n].last, e.End.Year())
	}
	if len(c.Events) == 0 {
		zone := c.Zone
		if zone == nil {
			zone = time.UTC
		}
		all = append(all, years{zone, 2026, 2026}) // any: nothing refers to it
	}
	slices.SortFunc(all, func(a, b years) int { return strings.Compare(a.zone.String(), b.zone.String()) })
	var components []*ical.Component
	for _, y := range all {
		components = append(components, timezone(y.zone, y.first, y.last))
	}
	return components
}

// timezone writes the offsets of a zone from a year before the first to a year after the last year: yearly rules where they repeat, as
// all programs understand, else each change by itself.
func timezone(zone *time.Location, first, last int) *ical.Component {
	c := ical.NewComponent(ical.CompTimezone)
	raw(c.Props, ical.PropTimezoneID, zone.String())
	var runs [][]onset
	for _, o := range onsets(zone, first-1, last+1) {
		n := slices.IndexFunc(runs, func(run []onset) bool { return o.follows(run[len(run)-1]) })
		if n < 0 {
			n, runs = len(runs), append(runs, nil)
		}
		runs[n] = append(runs[n], o)
	}
	for _, run := range runs {
		c.Children = append(c.Children, observance(run, last+1))
	}
	return c
}

// tables is the last year that zone files tell in single steps; what follows is a rule.
const tables = 2037

// onsets of a zone from the one that holds at the beginning of a year to the end of another.
func onsets(zone *time.Location, first, last int) []onset {
	at := time.Date(first, 1, 1, 0, 0, 0, 0, time.UTC).In(zone)
	end := time.Date(last+1, 1, 1, 0, 0, 0, 0, time.UTC)
	start, _ := at.ZoneBounds()
	var all []onset
	if start.IsZero() || first > tables {
		name, offset := at.Zone()
		began := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Duration(offset) * time.Second)
		all = append(all, onset{at: began, from: offset, to: offset, name: name, summer: at.IsDST()})
		start = after(at)
	}
	for !start.IsZero() && start.Before(end) {
		_, from := start.Add(-time.Second).Zone()
		name, to := start.Zone()
		all = append(all, onset{at: start.UTC(), from: from, to: to, name: name, summer: start.IsDST()})
		start = after(start)
	}
	return all
}

// after is when the zone that begins at start ends. Past the table of a zone its bounds are not told right: there its clock is looked at
// day by day, then second by second.
func after(start time.Time) time.Time {
	if _, next := start.ZoneBounds(); next.Year() <= tables && (next.IsZero() || next.After(start)) {
		return next
	}
	name, offset := start.Zone()
	same := func(at time.Time) bool {
		n, o := at.Zone()
		return n == name && o == offset
	}
	day := start
	for same(day) {
		if day = day.Add(24 * time.Hour); day.Sub(start) > 400*24*time.Hour {
			return time.Time{}
		}
	}
	before := day.Add(-24 * time.Hour)
	seconds := sort.Search(24*60*60, func(n int) bool { return !same(before.Add(time.Duration(n) * time.Second)) })
	return before.Add(time.Duration(seconds) * time.Second)
}

// observance writes a run of onsets by one rule; one that goes on in the last year has no end.
func observance(run []onset, last int) *ical.Component {
	o := run[0]
	kind := ical.CompTimezoneStandard
	if o.summer {
		kind = ical.CompTimezoneDaylight
	}
	c := ical.NewComponent(kind)
	raw(c.Props, ical.PropDateTimeStart, o.wall().Format("20060102T150405"))
	raw(c.Props, ical.PropTimezoneOffsetFrom, offset(o.from))
	raw(c.Props, ical.PropTimezoneOffsetTo, offset(o.to))
	raw(c.Props, ical.PropTimezoneName, o.name)
	if len(run) > 1 {
		rule := fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", o.wall().Month(), o.week(), strings.ToUpper(o.wall().Weekday().String()[:2]))
		if end := run[len(run)-1]; end.wall().Year() < last {
			rule += ";UNTIL=" + end.at.Format("20060102T150405Z")
		}
		raw(c.Props, ical.PropRecurrenceRule, rule)
	}
	return c
}

func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	text := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		text += fmt.Sprintf("%02d", seconds%60)
	}
	return text
}
