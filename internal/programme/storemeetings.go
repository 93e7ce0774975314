package programme

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/markup"
)

// meetingTables in the order in which they are written.
var meetingTables = []struct{ name, columns string }{
	{"meeting_series", "id community_id rule zone created_by created_at"},
	{"meeting", "item_id community_id form state state_at opens_to starts_at ends_at zone place address map_url access_note online online_url capacity answers_until uid sequence series_id called_off_reason poll_until poll_closed_at minutes_state opened_at corrections_until approved_at approved_by"},
	{"meeting_role", "community_id meeting_id role account_id"},
	{"meeting_guest", "id community_id meeting_id name email email_key organisation perspective lang mail invited_by invited_at"},
	{"date_option", "id community_id meeting_id starts_at ends_at place online chosen added_at"}, {"date_voice", "id community_id meeting_id account_id guest_id note at"}, {"date_answer", "meeting_id voice_id option_id answer"},
	{"rsvp", "community_id meeting_id account_id guest_id answer note at"}, {"attendance", "community_id meeting_id account_id guest_id perspective organisation way by_id at"},
	{"agenda_point", "id community_id meeting_id position state form title lang body html minutes lead_id lead_name proposed_by proposed_at reason settled_by settled_at carried_from revision"},
	{"meeting_question", "community_id meeting_id point_id account_id body lang at done_at"},
	{"minute", "id community_id meeting_id point_id body html renderer revision by_id at"}, {"minute_revision", "minute_id revision body by_id at"},
	{"decision", "item_id community_id meeting_id point_id why why_html rejected rejected_html who decided_on review_on superseded_by"},
	{"action", "item_id community_id meeting_id point_id due owner_names state state_at state_by reason"}, {"action_owner", "action_id account_id"},
	{"minute_line", "id community_id meeting_id point_id n form body lang speaker_id speaker_name why rejected due review_on owner_names item_id revision by_id at removed_at"}, {"minute_line_owner", "line_id account_id"},
	{"minute_correction", "community_id meeting_id point_id account_id body lang at state answer settled_by settled_at"},
	{"minute_addendum", "community_id meeting_id n body html renderer lang by_id at"},
}

// point of a meeting or backlog as a link or another point names it.
func (s *storing) point(owner string, number int) *int64 {
	if number == 0 {
		return nil
	}
	return behind(s.points, fmt.Sprintf("%s#%d", owner, number))
}

// numberPoints gives the points of all agendas and backlogs ids, in their order.
func (s *storing) numberPoints(ctx context.Context) error {
	s.points = map[string]int64{}
	give := func(owner string, all []words[point]) error {
		ids, err := s.ids(ctx, "agenda_point", len(all))
		for n := range all {
			if err == nil {
				all[n].Head.id = ids[n]
				s.points[fmt.Sprintf("%s#%d", owner, n+1)] = ids[n]
			}
		}
		return err
	}
	for _, c := range s.book.Communities {
		for _, p := range c.Pieces {
			if p.Parts != nil && len(p.Parts.Points) > 0 {
				if err := give(p.ref, p.Parts.Points); err != nil {
					return err
				}
			}
		}
		if err := give(c.Record.Slug, c.Backlog); err != nil {
			return err
		}
	}
	return nil
}

// partOf is a part of an item as the database names it.
func (s *storing) partOf(ref, part string) string {
	n := 0
	if _, err := fmt.Sscanf(part, "point-%d", &n); err == nil {
		if id := s.point(ref, n); id != nil {
			return fmt.Sprintf("point-%d", *id)
		}
	}
	return part
}

// meetings are stored when all items stand: what their texts name can be found then.
func (s *storing) meetings(ctx context.Context) error {
	h := &shelf{tables: meetingTables}
	for _, c := range s.book.Communities {
		in := s.communities[c.Record.Slug]
		ids, err := s.ids(ctx, "meeting_series", len(c.Series))
		if err != nil {
			return err
		}
		for n, x := range c.Series {
			c.Series[n].id = ids[n]
			h.put("meeting_series", ids[n], in, x.Rule, x.Zone, s.who(x.By), x.At)
		}
		for _, p := range c.Pieces {
			switch d := p.Detail.(type) {
			case *gathering:
				err = s.gathering(ctx, h, c, p, d)
			case *settlement:
				err = s.settlement(ctx, h, in, p, d)
			case *task:
				s.task(h, in, p, d)
			}
			if err != nil {
				return err
			}
		}
		if err := s.agenda(ctx, h, in, "", c.Record.Slug, c.Backlog); err != nil {
			return err
		}
	}
	return s.shelf(ctx, h)
}

func (s *storing) gathering(ctx context.Context, h *shelf, c *communityBook, p *piece, g *gathering) error {
	id, in := s.items[p.ref], s.communities[c.Record.Slug]
	var series *int64
	if g.Series > 0 {
		series = &c.Series[g.Series-1].id
	}
	var capacity *int
	if g.Capacity > 0 {
		capacity = &g.Capacity
	}
	minutes := g.MinutesState
	if minutes == "" {
		minutes = "none"
	}
	h.put("meeting", id, in, g.Form, g.State, g.StateAt, slices.Index(audiences, g.OpensTo), g.StartsAt, g.EndsAt, g.Zone, g.Place, g.Address, g.MapURL, g.AccessNote, g.Online, g.OnlineURL, capacity, g.AnswersUntil, g.UID, g.Sequence, series,
		g.CalledOffReason, g.PollUntil, g.PollClosedAt, minutes, g.OpenedAt, g.CorrectionsUntil, g.ApprovedAt, s.who(g.ApprovedBy))
	for _, d := range g.Roles {
		h.put("meeting_role", in, id, d.Role, s.who(d.Person))
	}
	if err := s.company(ctx, h, in, id, g); err != nil {
		return err
	}
	if err := s.agenda(ctx, h, in, p.ref, p.ref, p.Parts.Points); err != nil {
		return err
	}
	for _, q := range g.Questions {
		h.put("meeting_question", in, id, s.point(p.ref, q.Point), s.who(q.By), q.Text, q.Lang, q.At, q.DoneAt)
	}
	for _, k := range g.Corrections {
		h.put("minute_correction", in, id, s.point(p.ref, k.Point), s.who(k.By), k.Text, k.Lang, k.At, k.State, k.Answer, s.who(k.SettledBy), k.SettledAt)
	}
	return s.written(ctx, h, in, p, g)
}

// company stores who was asked, answered and came.
func (s *storing) company(ctx context.Context, h *shelf, in, id int64, g *gathering) error {
	guests, err := s.ids(ctx, "meeting_guest", len(g.Guests))
	if err != nil {
		return err
	}
	guest := func(n int) *int64 {
		if n == 0 {
			return nil
		}
		return &guests[n-1]
	}
	for n, one := range g.Guests {
		h.put("meeting_guest", guests[n], in, id, one.Name, one.Email, strings.ToLower(one.Email), one.Organisation, one.Perspective, one.Lang, !one.NoMail, s.who(one.By), one.At)
	}
	options, err := s.ids(ctx, "date_option", len(g.Options))
	if err != nil {
		return err
	}
	for n, o := range g.Options {
		h.put("date_option", options[n], in, id, o.StartsAt, o.EndsAt, o.Place, o.Online, o.Chosen, o.At)
	}
	voices, err := s.ids(ctx, "date_voice", len(g.Voices))
	if err != nil {
		return err
	}
	for n, v := range g.Voices {
		h.put("date_voice", voices[n], in, id, s.who(v.Person), guest(v.Guest), v.Note, v.At)
		for _, said := range []struct {
			answer  string
			options []int
		}{{"yes", v.Yes}, {"if-need-be", v.IfNeedBe}, {"no", v.No}} {
			for _, o := range said.options {
				h.put("date_answer", id, voices[n], options[o-1], said.answer)
			}
		}
	}
	for _, a := range g.Answers {
		h.put("rsvp", in, id, s.who(a.Person), guest(a.Guest), a.Answer, a.Note, a.At)
	}
	for _, a := range g.Attendance {
		h.put("attendance", in, id, s.who(a.Person), guest(a.Guest), a.Perspective, a.Organisation, a.Way, s.who(a.By), a.At)
	}
	return nil
}

// agenda stores points of a meeting, or of the backlog.
func (s *storing) agenda(ctx context.Context, h *shelf, in int64, meeting, owner string, all []words[point]) error {
	for _, w := range all {
		html, err := s.html(ctx, in, w.Body)
		if err != nil {
			return err
		}
		var position *int
		if n := w.Head.Position; n > 0 {
			position = &n
		}
		p := w.Head
		h.put("agenda_point", p.id, in, s.what(meeting), position, p.State, p.Form, p.Title, p.Lang, w.Body, html, p.Minutes, s.who(p.Lead), p.LeadName, s.who(p.ProposedBy), p.ProposedAt, p.Reason, s.who(p.SettledBy), p.SettledAt, behind(s.points, p.CarriedFrom), p.Revision)
	}
	return nil
}

// written stores minutes with all their states, the one that stands among them or not as the store keeps it, lines and addenda.
func (s *storing) written(ctx context.Context, h *shelf, in int64, p *piece, g *gathering) error {
	id := s.items[p.ref]
	texts, err := s.ids(ctx, "minute", len(p.Parts.Minutes))
	if err != nil {
		return err
	}
	for n, m := range p.Parts.Minutes {
		html, err := s.html(ctx, in, m.Body)
		if err != nil {
			return err
		}
		h.put("minute", texts[n], in, id, s.point(p.ref, m.Head.Point), m.Body, html, markup.Version, m.Head.Revision, s.who(m.Head.By), m.Head.At)
		for _, earlier := range m.Past {
			h.put("minute_revision", texts[n], earlier.Head.Revision, earlier.Body, s.who(earlier.Head.By), earlier.Head.At)
		}
	}
	lines, err := s.ids(ctx, "minute_line", len(g.Lines))
	if err != nil {
		return err
	}
	for n, l := range g.Lines {
		h.put("minute_line", lines[n], in, id, s.point(p.ref, l.Point), l.Number, l.Form, l.Text, l.Lang, s.who(l.Speaker), l.SpeakerName, l.Why, l.Rejected, l.Due, l.ReviewOn, l.OwnerNames, s.what(l.Item), l.Revision, s.who(l.By), l.At, l.RemovedAt)
		for _, who := range l.Owners {
			h.put("minute_line_owner", lines[n], s.who(who))
		}
	}
	for _, a := range p.Parts.Addenda {
		html, err := s.html(ctx, in, a.Body)
		if err != nil {
			return err
		}
		h.put("minute_addendum", in, id, a.Head.Number, a.Body, html, markup.Version, a.Head.Lang, s.who(a.Head.By), a.Head.At)
	}
	return nil
}

func (s *storing) settlement(ctx context.Context, h *shelf, in int64, p *piece, d *settlement) error {
	why, err := s.html(ctx, in, d.Why)
	if err != nil {
		return err
	}
	rejected, err := s.html(ctx, in, d.Rejected)
	if err != nil {
		return err
	}
	h.put("decision", s.items[p.ref], in, s.what(d.Meeting), s.point(d.Meeting, d.Point), d.Why, why, d.Rejected, rejected, d.Who, d.DecidedOn, d.ReviewOn, s.what(d.SupersededBy))
	return nil
}

func (s *storing) task(h *shelf, in int64, p *piece, a *task) {
	id := s.items[p.ref]
	h.put("action", id, in, s.what(a.Meeting), s.point(a.Meeting, a.Point), a.Due, a.OwnerNames, a.State, a.StateAt, s.who(a.StateBy), a.Reason)
	for _, who := range a.Owners {
		h.put("action_owner", id, s.who(who))
	}
}

// html renders a text beside an item, in which every name that leads somewhere does; an empty one stays empty.
func (s *storing) html(ctx context.Context, in int64, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	everywhere := []int64{}
	slug := ""
	for name, id := range s.communities {
		everywhere = append(everywhere, id)
		if id == in {
			slug = name
		}
	}
	seat := community.Seat{Community: community.ID(in), Slug: slug, Standing: community.Coordinator, Reach: community.Reach{Mine: everywhere, Coordinated: everywhere, Everywhere: true}}
	names, err := item.NewStore(s.tx, nil).Resolve(ctx, seat, text)
	if err != nil {
		return "", err
	}
	return markup.Render(text, names.Targets()), nil
}
