package programme

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// readMeetings reads what a community has around its meetings.
func (r *reading) readMeetings(c *communityBook) {
	c.Series = listOf(r, c.folder()+"/series.json", func(s *series) *place { return &s.at })
	name := c.folder() + "/backlog.md"
	raw, ok := r.take(name)
	if !ok {
		return
	}
	for _, t := range r.texts(name, raw) {
		r.length(t.at, t.body, 5000)
		c.Backlog = append(c.Backlog, headOf[point](r, t))
	}
}

// below takes a text that stands below a meeting; false when it is none of those.
func (r *reading) below(p *piece, t text) bool {
	if p.kind != "meeting" {
		return false
	}
	switch partOf(t) {
	case "point":
		r.length(t.at, t.body, 5000)
		p.Parts.Points = append(p.Parts.Points, headOf[point](r, t))
	case "minutes":
		r.length(t.at, t.body, 50_000)
		p.Parts.Minutes = append(p.Parts.Minutes, minutes{words: headOf[minuteText](r, t)})
	case "minutes-state":
		r.length(t.at, t.body, 50_000)
		s := headOf[minuteState](r, t)
		if len(p.Parts.Minutes) == 0 {
			r.refused.note(t.at, "part: an earlier state stands below its minutes")
			return true
		}
		m := &p.Parts.Minutes[len(p.Parts.Minutes)-1]
		m.Past = append(m.Past, s)
	case "addendum":
		r.length(t.at, t.body, 20_000)
		p.Parts.Addenda = append(p.Parts.Addenda, headOf[addendum](r, t))
	default:
		return false
	}
	return true
}

// gathering judges a meeting.
func (r *reading) gathering(c *communityBook, p *piece, g *gathering) {
	r.times(p, g)
	if _, err := uuid.Parse(g.UID); err != nil {
		r.refused.note(p.at, "uid: %q is no UUID", g.UID)
	}
	if (g.State == "draft") != (g.Audience == "draft") && g.State != "called-off" {
		r.refused.note(p.at, "audience: a meeting is a draft exactly while its state is draft")
	}
	if g.Series > len(c.Series) {
		r.refused.note(p.at, "series: there is no series %d", g.Series)
	}
	roles, people, chosen := once{}, len(g.Guests), 0
	for _, d := range g.Roles {
		roles.see(r, p.at, d.Role, "a role")
	}
	addresses := once{}
	for _, one := range g.Guests {
		if one.Email != "" {
			addresses.see(r, p.at, strings.ToLower(one.Email), "a guest")
		}
	}
	for _, o := range g.Options {
		if !o.EndsAt.After(o.StartsAt.Time) || o.EndsAt.Sub(o.StartsAt.Time) > 14*24*time.Hour {
			r.refused.note(p.at, "options: an option ends after it starts, within two weeks")
		}
		if o.Chosen {
			chosen++
		}
	}
	if chosen > 1 {
		r.refused.note(p.at, "options: one at most is chosen")
	}
	voices, answers, present := once{}, once{}, once{}
	for _, v := range g.Voices {
		r.attendee(p, v.attendee, people, voices, true)
		given := once{}
		for _, n := range append(append(append([]int{}, v.Yes...), v.IfNeedBe...), v.No...) {
			given.see(r, p.at, fmt.Sprint(n), "an option")
			if n < 1 || n > len(g.Options) {
				r.refused.note(p.at, "voices: there is no option %d", n)
			}
		}
	}
	for _, a := range g.Answers {
		r.attendee(p, a.attendee, people, answers, true)
	}
	for _, a := range g.Attendance {
		r.attendee(p, a.attendee, people, present, false)
	}
	r.minutes(p, g)
}

func (r *reading) times(p *piece, g *gathering) {
	if _, err := time.LoadLocation(g.Zone); err != nil || g.Zone == "" || g.Zone == "Local" {
		r.refused.note(p.at, "zone: %q is no time zone", g.Zone)
	}
	if g.StartsAt.IsZero() != g.EndsAt.IsZero() {
		r.refused.note(p.at, "ends_at: a meeting has a start and an end, or neither")
	}
	if g.StartsAt.IsZero() && g.State != "draft" && g.State != "finding" && g.State != "called-off" {
		r.refused.note(p.at, "starts_at: a meeting that is %s has a date", g.State)
	}
	if !g.StartsAt.IsZero() && (!g.EndsAt.After(g.StartsAt.Time) || g.EndsAt.Sub(g.StartsAt.Time) > 14*24*time.Hour) {
		r.refused.note(p.at, "ends_at: a meeting ends after it starts, within two weeks")
	}
}

// attendee judges who somebody is. Whoever left for good was there still: nobody is named then.
func (r *reading) attendee(p *piece, a attendee, guests int, seen once, named bool) {
	switch {
	case a.Guest > guests:
		r.refused.note(p.at, "guest: there is no guest %d", a.Guest)
	case a.Person != "" && a.Guest > 0, named && a.Person == "" && a.Guest == 0:
		r.refused.note(p.at, "an answer is that of a person or of a guest")
	case a.Person != "" || a.Guest > 0:
		seen.see(r, p.at, fmt.Sprint(a.Person, " ", a.Guest), "an answer")
	}
}

// minutes judges the agenda, and all that stands under its points.
func (r *reading) minutes(p *piece, g *gathering) {
	r.points(p.Parts.Points, true)
	points := len(p.Parts.Points)
	under := func(at place, n int) {
		if n > points {
			r.refused.note(at, "point: there is no point %d", n)
		}
	}
	for _, q := range g.Questions {
		under(p.at, q.Point)
	}
	for _, c := range g.Corrections {
		under(p.at, c.Point)
	}
	lines, texts, addenda := once{}, once{}, once{}
	for _, l := range g.Lines {
		under(p.at, l.Point)
		lines.see(r, p.at, fmt.Sprint(l.Number), "a line")
	}
	for _, m := range p.Parts.Minutes {
		under(m.at, m.Head.Point)
		texts.see(r, m.at, fmt.Sprint(m.Head.Point), "the minutes of a point")
		states := once{}
		for _, s := range m.Past {
			states.see(r, s.at, fmt.Sprint(s.Head.Revision), "a state")
			if s.Head.Revision >= m.Head.Revision {
				r.refused.note(s.at, "revision: an earlier state of revision %d is at most %d", m.Head.Revision, m.Head.Revision-1)
			}
		}
	}
	for _, a := range p.Parts.Addenda {
		addenda.see(r, a.at, fmt.Sprint(a.Head.Number), "an addendum")
	}
}

// points judges an agenda or a backlog.
func (r *reading) points(all []words[point], meeting bool) {
	positions := once{}
	for n, w := range all {
		if w.Head.Number != n+1 {
			r.refused.note(w.at, "n: points run from 1 without gaps, and this is number %d", n+1)
		}
		if accepted := w.Head.State == "accepted"; accepted != (w.Head.Position > 0) || accepted && !meeting {
			r.refused.note(w.at, "position: a point has one exactly when it is accepted, on the agenda of a meeting")
		}
		if w.Head.Position > 0 {
			positions.see(r, w.at, fmt.Sprint(w.Head.Position), "a position")
		}
		if w.Head.CarriedFrom != "" && !r.pointThere(w.Head.CarriedFrom) {
			r.refused.note(w.at, "carried_from: there is no point %q", w.Head.CarriedFrom)
		}
	}
}

// pointThere reports whether a reference such as "basel/M-3#2", or "basel#2" in the backlog, leads to a point.
func (r *reading) pointThere(ref string) bool {
	owner, digits, _ := strings.Cut(ref, "#")
	n := 0
	if _, err := fmt.Sscanf(digits, "%d", &n); err != nil || n < 1 || fmt.Sprint(n) != digits {
		return false
	}
	if p := r.things[owner]; p != nil && p.Parts != nil {
		return n <= len(p.Parts.Points)
	}
	for _, c := range r.book.Communities {
		if c.Record.Slug == owner {
			return n <= len(c.Backlog)
		}
	}
	return false
}

// source judges where something was settled.
func (r *reading) source(c *communityBook, p *piece, s source) {
	meeting := r.things[s.Meeting]
	switch {
	case s.Meeting == "" && s.Point > 0:
		r.refused.note(p.at, "point: a point is one of a meeting")
	case s.Meeting != "" && (meeting == nil || meeting.kind != "meeting" || !strings.HasPrefix(s.Meeting, c.Record.Slug+"/")):
		r.refused.note(p.at, "meeting: %q is no meeting of this community", s.Meeting)
	case meeting != nil && s.Point > len(meeting.Parts.Points):
		r.refused.note(p.at, "point: there is no point %d in %s", s.Point, s.Meeting)
	}
}

func (r *reading) settlement(c *communityBook, p *piece, d *settlement) {
	r.source(c, p, d.source)
	if later := r.things[d.SupersededBy]; d.SupersededBy != "" && (later == nil || later.kind != "decision" || later == p || !strings.HasPrefix(d.SupersededBy, c.Record.Slug+"/")) {
		r.refused.note(p.at, "superseded_by: %q is no other decision of this community", d.SupersededBy)
		return
	}
	seen := map[*piece]bool{}
	for at := p; at != nil && at.kind == "decision"; at = r.things[at.Detail.(*settlement).SupersededBy] {
		if seen[at] {
			r.refused.note(p.at, "superseded_by: the decisions go in a circle")
			return
		}
		seen[at] = true
	}
}
