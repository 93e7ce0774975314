package programme

import (
	"math"
	"reflect"
	"regexp"
	"time"
)

const lately = time.Hour // before now: where the newest moment of a shifted programme lies

// shift moves every moment so that the newest one lies shortly before now. Days of the calendar stay, but for those by which
// something is needed: they keep their distance. Meetings move by whole weeks, so that each keeps its weekday and its hour, and
// the days of decisions move with them. What was before the programme began stays where it was: that is history.
func (b *book) shift(now time.Time) {
	newest := time.Time{}
	moments(reflect.ValueOf(b), func(m *Moment) {
		if m.After(newest) {
			newest = m.Time
		}
	}, func(*until) {}, func(*due) {})
	if newest.IsZero() {
		return
	}
	began := b.Programme.CreatedAt.Time
	by := now.Add(-lately).Sub(newest).Truncate(time.Microsecond)
	days := 7 * int(math.Floor(by.Hours()/24/7))
	for _, c := range b.Communities {
		for n := range c.Series {
			c.Series[n].move(began, days)
		}
		for _, p := range c.Pieces {
			switch d := p.Detail.(type) {
			case *gathering:
				d.move(began, days)
			case *settlement:
				d.DecidedOn.move(began, days)
			case *release:
				d.PublishedOn.move(began, days)
			case *need:
				d.move(began, days)
			case *repertoireEntry:
				d.move(func(day *Day) { day.move(began, days) })
			}
		}
	}
	moments(reflect.ValueOf(b), func(m *Moment) {
		if !m.IsZero() {
			m.Time = m.Add(by)
		}
	}, func(u *until) { u.Time = u.Add(by) }, func(d *due) {
		if d.After(began) {
			d.Time = d.Add(by).Truncate(24 * time.Hour)
		}
	})
}

// move a meeting by days on the clocks of its zone, unless it was before the programme began.
func (g *gathering) move(began time.Time, days int) {
	zone, err := time.LoadLocation(g.Zone)
	if err != nil {
		zone = time.UTC
	}
	all := []*meets{&g.StartsAt, &g.EndsAt, &g.AnswersUntil, &g.PollUntil}
	for n := range g.Options {
		all = append(all, &g.Options[n].StartsAt, &g.Options[n].EndsAt)
	}
	for _, m := range all {
		if m.After(began) {
			m.Time = m.In(zone).AddDate(0, 0, days).UTC()
		}
	}
}

// move a day of the calendar, unless it was before the programme began.
func (d *Day) move(began time.Time, days int) {
	if d.After(began) {
		d.Time = d.AddDate(0, 0, days)
	}
}

// move the days on which a criterion was asked for and agreed.
func (n *need) move(began time.Time, days int) {
	n.AgreedOn.move(began, days)
	for s := range n.Sources {
		n.Sources[s].SaidOn.move(began, days)
	}
	for s := range n.Steps {
		n.Steps[s].OnDay.move(began, days)
	}
}

var dayInRule = regexp.MustCompile(`\b\d{8}T`)

// move the days of a rule along with its meetings.
func (s *series) move(began time.Time, days int) {
	s.Rule = dayInRule.ReplaceAllStringFunc(s.Rule, func(day string) string {
		at, err := time.Parse("20060102T", day)
		if err != nil || !at.After(began) {
			return day
		}
		return at.AddDate(0, 0, days).Format("20060102T")
	})
}

// moments visits every moment, what lies ahead and every due day of a book once, but for those of meetings themselves.
func moments(v reflect.Value, moment func(*Moment), ahead func(*until), day func(*due)) {
	seen := map[any]bool{}
	var visit func(reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.Interface()] {
				seen[v.Interface()] = true
				visit(v.Elem())
			}
		case reflect.Interface:
			visit(v.Elem())
		case reflect.Slice:
			for n := range v.Len() {
				visit(v.Index(n))
			}
		case reflect.Struct:
			if v.CanInterface() {
				switch one := v.Addr().Interface().(type) {
				case *Moment:
					moment(one)
					return
				case *until:
					ahead(one)
					return
				case *due:
					day(one)
					return
				case *meets:
					return
				}
			}
			for n := range v.NumField() {
				if f := v.Type().Field(n); f.IsExported() || f.Anonymous {
					visit(v.Field(n))
				}
			}
		}
	}
	visit(v)
}
