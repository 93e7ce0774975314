package community_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// team is a community of three people with the coordinators among them.
type team struct {
	p      *programme
	in     community.ID
	slug   string
	people []person
	leads  []bool // as far as the tables should say
	here   []bool
}

func (m *team) coordinators() (n int) {
	for _, leads := range m.leads {
		if leads {
			n++
		}
	}
	return n
}

// stored reads who coordinates, and fails when nobody does.
func (m *team) stored(t rapid.TB) {
	var left int
	m.p.row(&left, `select count(*) from membership where community_id = $1 and state = 'member' and role = 'coordinator'`, m.in)
	if left != m.coordinators() || left == 0 {
		t.Fatalf("%d coordinators are left, want %d and never none", left, m.coordinators())
	}
	var since int
	if m.p.row(&since, `select count(*) from membership where community_id = $1 and (role = 'coordinator' and coordinator_since is null or role = 'member' and coordinator_since is not null)`, m.in); since != 0 {
		t.Fatalf("%d of them do not say since when", since)
	}
}

func (m *team) appoint(t rapid.TB, by, who int, coordinator bool) {
	err := m.p.store.Appoint(context.Background(), m.p.seat(m.people[by], m.slug), who+1, coordinator)
	switch {
	case !m.leads[by]:
		if !errors.Is(err, fault.Forbidden) {
			t.Fatalf("appoint without being coordinator: got %v, want forbidden", err)
		}
	case !m.here[who]:
		if !errors.Is(err, fault.NotFound) {
			t.Fatalf("appoint who has left: got %v, want not found", err)
		}
	case !coordinator && m.leads[who] && m.coordinators() == 1:
		if p := fault.Problems(err); len(p) != 1 || p[0].Key != "last-coordinator" {
			t.Fatalf("end the last coordination: got %v, want a problem", err)
		}
	case err != nil:
		t.Fatalf("appoint: %v", err)
	default:
		m.leads[who] = coordinator
	}
}

// stepDown lets all coordinators step down, or leave, at the same moment: as many may as leave one.
func (m *team) stepDown(t rapid.TB, leave bool) {
	var who []int
	var seats []community.Seat
	for i, leads := range m.leads {
		if leads {
			who, seats = append(who, i), append(seats, m.p.seat(m.people[i], m.slug))
		}
	}
	stayed := 0
	for n, err := range atOnce(len(who), func(i int) error {
		if leave && i == 0 {
			return m.p.store.Leave(context.Background(), seats[i])
		}
		return m.p.store.Appoint(context.Background(), seats[i], seats[i].Number, false)
	}) {
		switch {
		case len(fault.Problems(err)) == 1:
			stayed++
		case err != nil:
			t.Fatalf("step down: %v", err)
		default:
			m.leads[who[n]], m.here[who[n]] = false, !leave || n > 0
		}
	}
	if stayed != 1 {
		t.Fatalf("%d were told to stay, want one", stayed)
	}
}

func TestOneCoordinatorStaysWhateverHappensAndHoweverMuchAtOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.New(t))
	made := 0
	rapid.Check(t, func(rt *rapid.T) {
		made++
		m := &team{p: p, slug: fmt.Sprintf("city-%d", made), leads: []bool{true, false, false}, here: []bool{true, true, true}}
		m.in = p.found(m.slug, "public", "open")
		for i, role := range []string{"coordinator", "member", "member"} {
			m.people = append(m.people, p.member(fmt.Sprintf("p%d-%d", made, i), m.in, role, community.Stakeholder))
		}
		p.do(`update membership set coordinator_since = since where community_id = $1 and role = 'coordinator'`, m.in)
		who := rapid.IntRange(0, 2)
		rt.Repeat(map[string]func(*rapid.T){
			"appoint":         func(t *rapid.T) { m.appoint(t, who.Draw(t, "by"), who.Draw(t, "who"), true) },
			"end":             func(t *rapid.T) { m.appoint(t, who.Draw(t, "by"), who.Draw(t, "who"), false) },
			"all step down":   func(t *rapid.T) { m.stepDown(t, false) },
			"one leaves, too": func(t *rapid.T) { m.stepDown(t, true) },
			"":                func(t *rapid.T) { m.stored(t) },
		})
	})
}

func TestWhoSteppedDownWhileAskingAppointsNobody(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora := p.member("cora", basel, "coordinator", community.Stakeholder)
	p.member("carl", basel, "coordinator", community.Scientist)
	p.member("mia", basel, "member", community.Stakeholder)
	ctx, before := context.Background(), p.seat(cora, "basel")
	if err := p.store.Appoint(ctx, before, before.Number, false); err != nil {
		t.Fatal(err)
	}
	if err := p.store.Appoint(ctx, before, 3, true); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want forbidden", err)
	}
}
