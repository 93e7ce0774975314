package programme

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// spot is where an agenda point stands in the files.
type spot struct {
	piece  *piece // nil: in the backlog
	slug   string
	number int
}

// in is the number of a point that may be none.
func (l *loading) in(id *int64) int {
	if id == nil {
		return 0
	}
	return l.points[*id].number
}

// reference of a point: of its meeting, or of its community for one in the backlog, and its number.
func (s spot) reference() string {
	if s.piece == nil {
		return fmt.Sprintf("%s#%d", s.slug, s.number)
	}
	return fmt.Sprintf("%s#%d", s.piece.ref, s.number)
}

func (l *loading) meetings(ctx context.Context) error {
	l.points, l.guests, l.dates, l.rows = map[int64]spot{}, map[int64]int{}, map[int64]int{}, map[int64]int{}
	for _, part := range []func(context.Context) error{l.series, l.gatherings, l.agenda, l.company, l.polls, l.written, l.settled, l.letters} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *loading) series(ctx context.Context) error {
	var id, in int64
	var by *int64
	var s series
	return l.each(ctx, `select id, community_id, rule, zone, created_by, created_at from meeting_series order by id`, []any{&id, &in, &s.Rule, &s.Zone, &by, &s.At}, func() error {
		s.By = l.who(by)
		c := l.communities[in]
		c.Series = append(c.Series, s)
		l.rows[id] = len(c.Series)
		return nil
	})
}

func (l *loading) gatherings(ctx context.Context) error {
	var id int64
	var series, approver *int64
	var opens int
	var capacity *int
	var g gathering
	err := l.each(ctx, `select item_id, form, state, state_at, opens_to, starts_at, ends_at, zone, place, address, map_url, access_note, online, online_url, capacity, answers_until, uid::text, sequence, series_id,
			called_off_reason, poll_until, poll_closed_at, minutes_state, opened_at, corrections_until, approved_at, approved_by from meeting`,
		[]any{&id, &g.Form, &g.State, &g.StateAt, &opens, &g.StartsAt, &g.EndsAt, &g.Zone, &g.Place, &g.Address, &g.MapURL, &g.AccessNote, &g.Online, &g.OnlineURL, &capacity, &g.AnswersUntil, &g.UID, &g.Sequence, &series,
			&g.CalledOffReason, &g.PollUntil, &g.PollClosedAt, &g.MinutesState, &g.OpenedAt, &g.CorrectionsUntil, &g.ApprovedAt, &approver}, func() error {
			p := l.pieces[id]
			one := g
			one.thing = *p.common()
			one.OpensTo, one.ApprovedBy, one.Series, one.Capacity = audiences[opens], l.who(approver), 0, 0
			if series != nil {
				one.Series = l.rows[*series]
			}
			if capacity != nil {
				one.Capacity = *capacity
			}
			if one.MinutesState == "none" {
				one.MinutesState = ""
			}
			p.Detail, p.Parts = &one, &parts{}
			return nil
		})
	if err != nil {
		return err
	}
	var who int64
	var d duty
	return l.each(ctx, `select meeting_id, role, account_id from meeting_role order by meeting_id, role collate "C"`, []any{&id, &d.Role, &who}, func() error {
		d.Person = l.handles[who]
		l.gathering(id).Roles = append(l.gathering(id).Roles, d)
		return nil
	})
}

func (l *loading) gathering(id int64) *gathering { return l.pieces[id].Detail.(*gathering) }

// agenda reads the points of all meetings and backlogs; from where one was carried is known when all are.
func (l *loading) agenda(ctx context.Context) error {
	var id, in int64
	var meeting, lead, proposer, settler, from *int64
	var position *int
	var w words[point]
	w.Head.Part = "point"
	carried := map[int64]int64{}
	err := l.each(ctx, `select id, community_id, meeting_id, position, state, form, title, lang, body, minutes, lead_id, lead_name, proposed_by, proposed_at, reason, settled_by, settled_at, carried_from, revision from agenda_point order by id`,
		[]any{&id, &in, &meeting, &position, &w.Head.State, &w.Head.Form, &w.Head.Title, &w.Head.Lang, &w.Body, &w.Head.Minutes, &lead, &w.Head.LeadName, &proposer, &w.Head.ProposedAt, &w.Head.Reason, &settler, &w.Head.SettledAt, &from, &w.Head.Revision}, func() error {
			w.Head.Lead, w.Head.ProposedBy, w.Head.SettledBy, w.Head.Position, w.Head.id = l.who(lead), l.who(proposer), l.who(settler), 0, id
			if position != nil {
				w.Head.Position = *position
			}
			if from != nil {
				carried[id] = *from
			}
			c := l.communities[in]
			all, stands := &c.Backlog, spot{slug: c.Record.Slug}
			if meeting != nil {
				stands.piece = l.pieces[*meeting]
				all = &stands.piece.Parts.Points
			}
			stands.number = len(*all) + 1
			w.Head.Number = stands.number
			*all, l.points[id] = append(*all, w), stands
			return nil
		})
	for _, c := range l.book.Communities {
		l.carried(c.Backlog, carried)
		for _, p := range c.Pieces {
			if p.Parts != nil {
				l.carried(p.Parts.Points, carried)
			}
		}
	}
	return err
}

func (l *loading) carried(points []words[point], from map[int64]int64) {
	for n := range points {
		if id, ok := from[points[n].Head.id]; ok {
			points[n].Head.CarriedFrom = l.points[id].reference()
		}
	}
}

// someone is an account or a guest.
func (l *loading) someone(account, guest *int64) attendee {
	if guest != nil {
		return attendee{Guest: l.guests[*guest]}
	}
	return attendee{Person: l.who(account)}
}

// company reads guests, answers, attendance and questions.
func (l *loading) company(ctx context.Context) error {
	var id, in int64
	var by, guested *int64
	var mail bool
	var g guest
	err := l.each(ctx, `select id, meeting_id, name, email, organisation, perspective, lang, mail, invited_by, invited_at from meeting_guest order by id`,
		[]any{&id, &in, &g.Name, &g.Email, &g.Organisation, &g.Perspective, &g.Lang, &mail, &by, &g.At}, func() error {
			g.By, g.NoMail = l.who(by), !mail
			m := l.gathering(in)
			m.Guests = append(m.Guests, g)
			l.guests[id] = len(m.Guests)
			return nil
		})
	if err != nil {
		return err
	}
	var who *int64
	var a answer
	err = l.each(ctx, `select meeting_id, account_id, guest_id, answer, note, at from rsvp order by id`, []any{&in, &who, &guested, &a.Answer, &a.Note, &a.At}, func() error {
		a.attendee = l.someone(who, guested)
		l.gathering(in).Answers = append(l.gathering(in).Answers, a)
		return nil
	})
	if err != nil {
		return err
	}
	var t attendance
	err = l.each(ctx, `select meeting_id, account_id, guest_id, perspective, organisation, way, by_id, at from attendance order by id`, []any{&in, &who, &guested, &t.Perspective, &t.Organisation, &t.Way, &by, &t.At}, func() error {
		t.attendee, t.By = l.someone(who, guested), l.who(by)
		l.gathering(in).Attendance = append(l.gathering(in).Attendance, t)
		return nil
	})
	if err != nil {
		return err
	}
	var on *int64
	var q question
	return l.each(ctx, `select meeting_id, point_id, account_id, body, lang, at, done_at from meeting_question order by id`, []any{&in, &on, &by, &q.Text, &q.Lang, &q.At, &q.DoneAt}, func() error {
		q.By, q.Point = l.who(by), l.in(on)
		l.gathering(in).Questions = append(l.gathering(in).Questions, q)
		return nil
	})
}

func (l *loading) polls(ctx context.Context) error {
	var id, in int64
	var o option
	err := l.each(ctx, `select id, meeting_id, starts_at, ends_at, place, online, chosen, added_at from date_option order by id`, []any{&id, &in, &o.StartsAt, &o.EndsAt, &o.Place, &o.Online, &o.Chosen, &o.At}, func() error {
		m := l.gathering(in)
		m.Options = append(m.Options, o)
		l.dates[id] = len(m.Options)
		return nil
	})
	if err != nil {
		return err
	}
	var who, guested *int64
	var v voice
	at := map[int64]int{}
	err = l.each(ctx, `select id, meeting_id, account_id, guest_id, note, at from date_voice order by id`, []any{&id, &in, &who, &guested, &v.Note, &v.At}, func() error {
		v.attendee = l.someone(who, guested)
		m := l.gathering(in)
		m.Voices, at[id] = append(m.Voices, v), len(m.Voices)
		return nil
	})
	if err != nil {
		return err
	}
	var to int64
	var said string
	return l.each(ctx, `select meeting_id, voice_id, option_id, answer from date_answer order by voice_id, option_id`, []any{&in, &id, &to, &said}, func() error {
		v := &l.gathering(in).Voices[at[id]]
		into := map[string]*[]int{"yes": &v.Yes, "if-need-be": &v.IfNeedBe, "no": &v.No}[said]
		*into = append(*into, l.dates[to])
		return nil
	})
}

// written reads minutes, their lines, corrections and addenda.
func (l *loading) written(ctx context.Context) error {
	var id, in int64
	var on, by *int64
	var m minutes
	m.Head.Part = "minutes"
	at := map[int64]*minutes{}
	places := map[int64][2]int64{}
	err := l.each(ctx, `select id, meeting_id, point_id, body, revision, by_id, at from minute order by meeting_id, point_id nulls first`, []any{&id, &in, &on, &m.Body, &m.Head.Revision, &by, &m.Head.At}, func() error {
		m.Head.Point, m.Head.By = l.in(on), l.who(by)
		all := &l.pieces[in].Parts.Minutes
		*all = append(*all, m)
		places[id] = [2]int64{in, int64(len(*all) - 1)}
		return nil
	})
	if err != nil {
		return err
	}
	for id, place := range places {
		at[id] = &l.pieces[place[0]].Parts.Minutes[place[1]]
	}
	var s words[minuteState]
	s.Head.Part = "minutes-state"
	err = l.each(ctx, `select minute_id, revision, body, by_id, at from minute_revision order by minute_id, revision`, []any{&id, &s.Head.Revision, &s.Body, &by, &s.Head.At}, func() error {
		s.Head.By = l.who(by)
		if s.Head.Revision < at[id].Head.Revision {
			at[id].Past = append(at[id].Past, s)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := l.lines(ctx); err != nil {
		return err
	}
	var settler *int64
	var c correction
	err = l.each(ctx, `select meeting_id, point_id, account_id, body, lang, at, state, answer, settled_by, settled_at from minute_correction order by id`,
		[]any{&in, &on, &by, &c.Text, &c.Lang, &c.At, &c.State, &c.Answer, &settler, &c.SettledAt}, func() error {
			c.Point, c.By, c.SettledBy = l.in(on), l.who(by), l.who(settler)
			l.gathering(in).Corrections = append(l.gathering(in).Corrections, c)
			return nil
		})
	if err != nil {
		return err
	}
	var a words[addendum]
	a.Head.Part = "addendum"
	return l.each(ctx, `select meeting_id, n, body, lang, by_id, at from minute_addendum order by meeting_id, n`, []any{&in, &a.Head.Number, &a.Body, &a.Head.Lang, &by, &a.Head.At}, func() error {
		a.Head.By = l.who(by)
		l.pieces[in].Parts.Addenda = append(l.pieces[in].Parts.Addenda, a)
		return nil
	})
}

func (l *loading) lines(ctx context.Context) error {
	var id, in int64
	var on, by, speaker, made *int64
	var n minuteLine
	at := map[int64][2]int64{}
	err := l.each(ctx, `select id, meeting_id, point_id, n, form, body, lang, speaker_id, speaker_name, why, rejected, due, review_on, owner_names, item_id, revision, by_id, at, removed_at from minute_line order by meeting_id, n`,
		[]any{&id, &in, &on, &n.Number, &n.Form, &n.Text, &n.Lang, &speaker, &n.SpeakerName, &n.Why, &n.Rejected, &n.Due, &n.ReviewOn, &n.OwnerNames, &made, &n.Revision, &by, &n.At, &n.RemovedAt}, func() error {
			n.Point, n.By, n.Speaker, n.Item = l.in(on), l.who(by), l.who(speaker), l.what(made)
			m := l.gathering(in)
			m.Lines = append(m.Lines, n)
			at[id] = [2]int64{in, int64(len(m.Lines) - 1)}
			return nil
		})
	if err != nil {
		return err
	}
	var who int64
	err = l.each(ctx, `select line_id, account_id from minute_line_owner`, []any{&id, &who}, func() error {
		line := &l.gathering(at[id][0]).Lines[at[id][1]]
		line.Owners = append(line.Owners, l.handles[who])
		slices.Sort(line.Owners)
		return nil
	})
	return err
}

// settled reads decisions and actions.
func (l *loading) settled(ctx context.Context) error {
	var id int64
	var meeting, on, later *int64
	var d settlement
	err := l.each(ctx, `select item_id, meeting_id, point_id, why, rejected, who, decided_on, review_on, superseded_by from decision`,
		[]any{&id, &meeting, &on, &d.Why, &d.Rejected, &d.Who, &d.DecidedOn, &d.ReviewOn, &later}, func() error {
			one := d
			one.thing, one.source, one.SupersededBy = *l.pieces[id].common(), source{l.what(meeting), l.in(on)}, l.what(later)
			l.pieces[id].Detail = &one
			return nil
		})
	if err != nil {
		return err
	}
	var by *int64
	var a task
	err = l.each(ctx, `select item_id, meeting_id, point_id, due, owner_names, state, state_at, state_by, reason from action`,
		[]any{&id, &meeting, &on, &a.Due, &a.OwnerNames, &a.State, &a.StateAt, &by, &a.Reason}, func() error {
			one := a
			one.thing, one.source, one.StateBy = *l.pieces[id].common(), source{l.what(meeting), l.in(on)}, l.who(by)
			l.pieces[id].Detail = &one
			return nil
		})
	if err != nil {
		return err
	}
	var who int64
	return l.each(ctx, `select action_id, account_id from action_owner`, []any{&id, &who}, func() error {
		one := l.pieces[id].Detail.(*task)
		one.Owners = append(one.Owners, l.handles[who])
		slices.Sort(one.Owners)
		return nil
	})
}

func (l *loading) letters(ctx context.Context) error {
	var who, in int64
	var o lettersOff
	err := l.each(ctx, `select account_id, community_id, letters, at from mail_off`, []any{&who, &in, &o.Letters, &o.At}, func() error {
		o.Person, o.Community = l.handles[who], l.communities[in].Record.Slug
		l.book.LettersOff = append(l.book.LettersOff, o)
		return nil
	})
	slices.SortFunc(l.book.LettersOff, func(a, b lettersOff) int {
		return compare(0, a.Person, b.Person, a.Community, b.Community, a.Letters, b.Letters)
	})
	return err
}

// partOf names a point in a link by its number.
func (l *loading) partOf(part string) string {
	var id int64
	if strings.HasPrefix(part, "point-") {
		if _, err := fmt.Sscanf(part, "point-%d", &id); err == nil && l.points[id].number > 0 {
			return fmt.Sprintf("point-%d", l.points[id].number)
		}
	}
	return part
}
