package programme

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

func loadMembers(ctx context.Context, l *loading) error {
	var id, person int64
	var number *int
	var by, greeter *int64
	var m member
	err := l.each(ctx, `select m.community_id, m.account_id, m.number, m.state, m.role, m.perspective, m.bring, m.learn, m.meets, m.charter_version, m.asked_at, m.since, m.coordinator_since, m.renewed_at, m.reminded_at,
			m.admitted_by, m.greeted_at, m.greeted_by, m.left_at, m.reason, m.revision,
			array(select k.name from competence k where k.community_id = m.community_id and k.account_id = m.account_id order by k.position)
		from membership m join account a on a.id = m.account_id order by m.number nulls last, a.handle collate "C"`,
		[]any{&id, &person, &number, &m.State, &m.Role, &m.Perspective, &m.Bring, &m.Learn, &m.Meets, &m.CharterVersion, &m.AskedAt, &m.Since, &m.CoordinatorSince, &m.RenewedAt, &m.RemindedAt,
			&by, &m.GreetedAt, &greeter, &m.LeftAt, &m.Reason, &m.Revision, &m.Competences},
		func() error {
			m.Number = 0
			if number != nil {
				m.Number = *number
			}
			m.Person, m.AdmittedBy, m.GreetedBy = l.handles[person], l.who(by), l.who(greeter)
			one := m
			one.Competences = slices.Clone(m.Competences)
			l.communities[id].Members = append(l.communities[id].Members, one)
			return nil
		})
	if err != nil {
		return err
	}
	if err := l.invitations(ctx); err != nil {
		return err
	}
	var o organisation
	err = l.each(ctx, `select community_id, name, sector, perspective, why, position, revision, added_by, at from wanted_organisation order by position, name collate "C"`,
		[]any{&id, &o.Name, &o.Sector, &o.Perspective, &o.Why, &o.Position, &o.Revision, &by, &o.At}, func() error {
			o.By = l.who(by)
			l.communities[id].Wanted = append(l.communities[id].Wanted, o)
			return nil
		})
	if err != nil {
		return err
	}
	return l.handovers(ctx)
}

func (l *loading) invitations(ctx context.Context) error {
	var id int64
	var by, who *int64
	var i invitation
	return l.each(ctx, `select community_id, email, name, lang, note, invited_by, at, sent, account_id, accepted_at, withdrawn_at from invitation order by at, email_key collate "C"`,
		[]any{&id, &i.Email, &i.Name, &i.Lang, &i.Note, &by, &i.At, &i.Sent, &who, &i.AcceptedAt, &i.WithdrawnAt}, func() error {
			i.By, i.Person = l.who(by), l.who(who)
			l.communities[id].Invitations = append(l.communities[id].Invitations, i)
			return nil
		})
}

func writeMembers(b *book, w *writing) error {
	for _, c := range b.Communities {
		raw, err := list(c.Members)
		if err := w.file(c.folder()+"/members.json", raw, err); err != nil {
			return err
		}
		raw, err = list(c.Invitations)
		if err := w.file(c.folder()+"/invitations.json", raw, err); err != nil {
			return err
		}
		raw, err = list(c.Wanted)
		if err := w.file(c.folder()+"/wanted.json", raw, err); err != nil {
			return err
		}
		if err := writeHandover(c, w); err != nil {
			return err
		}
	}
	return nil
}

func readMembers(r *reading) {
	for _, c := range r.book.Communities {
		c.Members = listOf(r, c.folder()+"/members.json", func(m *member) *place { return &m.at })
		c.Invitations = listOf(r, c.folder()+"/invitations.json", func(i *invitation) *place { return &i.at })
		c.Wanted = listOf(r, c.folder()+"/wanted.json", func(o *organisation) *place { return &o.at })
		r.handover(c)
	}
}

func checkMembers(r *reading) {
	for _, c := range r.book.Communities {
		people, numbered, invited, wanted := once{}, map[int]place{}, once{}, once{}
		for _, m := range c.Members {
			people.see(r, m.at, m.Person, "a membership")
			if _, twice := numbered[m.Number]; twice && m.Number > 0 {
				r.refused.note(m.at, "number: there are two members %d", m.Number)
			}
			if m.Number > 0 {
				numbered[m.Number] = m.at
			}
			if m.State == "member" && (m.Number == 0 || m.Since.IsZero()) {
				r.refused.note(m.at, "a member has a number and a since")
			}
			if m.CharterVersion > len(c.Charters) {
				r.refused.note(m.at, "charter_version: there is no version %d", m.CharterVersion)
			}
		}
		for n := 1; n <= len(numbered); n++ {
			if _, ok := numbered[n]; !ok {
				r.refused.note(place{c.folder() + "/members.json", 0}, "number: member %d is missing", n)
				break
			}
		}
		for _, i := range c.Invitations {
			invited.see(r, i.at, strings.ToLower(i.Email), "an invitation")
		}
		for _, o := range c.Wanted {
			wanted.see(r, o.at, strings.ToLower(o.Name), "an organisation")
		}
	}
}

func storeMembers(ctx context.Context, s *storing) error {
	var members, competences, invitations, wanted [][]any
	for _, c := range s.book.Communities {
		id := s.communities[c.Record.Slug]
		for _, m := range c.Members {
			var number *int
			if m.Number > 0 {
				number = &m.Number
			}
			members = append(members, []any{id, s.who(m.Person), number, m.State, m.Role, m.Perspective, m.Bring, m.Learn, m.Meets, m.CharterVersion, m.AskedAt, m.Since, m.CoordinatorSince, m.RenewedAt, m.RemindedAt,
				s.who(m.AdmittedBy), m.GreetedAt, s.who(m.GreetedBy), m.LeftAt, m.Reason, m.Revision})
			for n, name := range m.Competences {
				competences = append(competences, []any{id, s.who(m.Person), n + 1, name})
			}
		}
		for _, i := range c.Invitations {
			invitations = append(invitations, []any{id, i.Email, strings.ToLower(i.Email), i.Name, i.Lang, i.Note, s.who(i.By), i.At, i.Sent, s.who(i.Person), i.AcceptedAt, i.WithdrawnAt})
		}
		for _, o := range c.Wanted {
			wanted = append(wanted, []any{id, o.Name, o.Sector, o.Perspective, o.Why, o.Position, o.Revision, s.who(o.By), o.At})
		}
	}
	for _, t := range []struct {
		table, columns string
		rows           [][]any
	}{
		{"membership", "community_id account_id number state role perspective bring learn meets charter_version asked_at since coordinator_since renewed_at reminded_at admitted_by greeted_at greeted_by left_at reason revision", members},
		{"competence", "community_id account_id position name", competences},
		{"invitation", "community_id email email_key name lang note invited_by at sent account_id accepted_at withdrawn_at", invitations},
		{"wanted_organisation", "community_id name sector perspective why position revision added_by at", wanted},
	} {
		if err := s.rows(ctx, t.table, strings.Fields(t.columns), t.rows); err != nil {
			return fmt.Errorf("members: %w", err)
		}
	}
	return s.handovers(ctx)
}
