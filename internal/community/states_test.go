package community_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// world is what a community should look like after some comings and goings.
type world struct {
	d         *programme
	in        community.ID
	slug      string
	admission string
	people    []person
	state     []string
	role      []string
	number    []int
	last      int
}

func (w *world) coordinators() (n int) {
	for i := range w.people {
		if w.state[i] == "member" && w.role[i] == "coordinator" {
			n++
		}
	}
	return n
}

func (w *world) seatMember(i int) {
	w.state[i], w.role[i] = "member", "member"
	if w.number[i] == 0 {
		w.last++
		w.number[i] = w.last
	}
}

func (w *world) join(t rapid.TB, i int) {
	c := commitment()
	c.Perspective = []community.Perspective{community.Stakeholder, community.Scientist}[i%2]
	state, err := w.d.store.Join(context.Background(), w.d.seat(w.people[i], w.slug), w.people[i].Account, c)
	switch {
	case w.state[i] == "member":
	case w.admission == "open":
		w.seatMember(i)
	case w.admission == "request":
		w.state[i] = "waiting"
	default:
		if !errors.Is(err, fault.Forbidden) {
			t.Fatalf("join by invitation: got %v, want forbidden", err)
		}
		return
	}
	if err != nil || state != w.state[i] {
		t.Fatalf("join: got %q, %v; want %q", state, err, w.state[i])
	}
}

func (w *world) leave(t rapid.TB, i int) {
	err := w.d.store.Leave(context.Background(), w.d.seat(w.people[i], w.slug))
	switch {
	case w.state[i] != "member" && w.state[i] != "waiting":
		if !errors.Is(err, fault.NotFound) {
			t.Fatalf("leave as %q: got %v, want not found", w.state[i], err)
		}
	case w.state[i] == "member" && w.role[i] == "coordinator" && w.coordinators() == 1:
		if len(fault.Problems(err)) != 1 {
			t.Fatalf("leave as the last coordinator: got %v, want a problem", err)
		}
	default:
		if err != nil {
			t.Fatalf("leave: %v", err)
		}
		w.state[i], w.role[i] = "left", "member"
	}
}

func (w *world) decide(t rapid.TB, by, i int, admit bool) {
	seat := w.d.seat(w.people[by], w.slug)
	var err error
	if admit {
		err = w.d.store.Admit(context.Background(), seat, w.people[i].ID)
	} else {
		err = w.d.store.Decline(context.Background(), seat, w.people[i].ID, "not now")
	}
	switch {
	case w.state[by] != "member" || w.role[by] != "coordinator":
		if !errors.Is(err, fault.Forbidden) {
			t.Fatalf("decide without being coordinator: got %v, want forbidden", err)
		}
	case w.state[i] == "waiting":
		if err != nil {
			t.Fatalf("decide: %v", err)
		}
		if w.state[i] = "declined"; admit {
			w.seatMember(i)
		}
	case w.state[i] == "member" || w.state[i] == "declined":
		if err != nil {
			t.Fatalf("decide a second time: got %v, want nothing to happen", err)
		}
	default:
		if !errors.Is(err, fault.NotFound) {
			t.Fatalf("decide about %q: got %v, want not found", w.state[i], err)
		}
	}
}

// check compares the tables with the world, and the numbers with 1, 2, 3, …
func (w *world) check(t rapid.TB) {
	type row struct {
		Account account.ID
		State   string
		Role    string
		Number  int
		Members int
		Last    int
	}
	rows, err := postgres.All[row](context.Background(), w.d.db, `select m.account_id as account, m.state, m.role, coalesce(m.number, 0) as number, c.members, c.last_member as last
		from membership m join community c on c.id = m.community_id where c.id = $1`, w.in)
	if err != nil {
		t.Fatal(err)
	}
	stored, members := map[account.ID]row{}, 0
	for _, r := range rows {
		if stored[r.Account] = r; r.State == "member" {
			members++
		}
	}
	for i, p := range w.people {
		got := stored[p.ID]
		if got.State != w.state[i] || got.State != "" && got.Role != w.role[i] || got.Number != w.number[i] {
			t.Fatalf("%s: got %s %s %d, want %s %s %d", p.Name, got.State, got.Role, got.Number, w.state[i], w.role[i], w.number[i])
		}
	}
	if rows[0].Members != members || rows[0].Last != w.last {
		t.Fatalf("got %d members and last number %d, want %d and %d", rows[0].Members, rows[0].Last, members, w.last)
	}
	if w.coordinators() == 0 {
		t.Fatal("nobody coordinates any more")
	}
}

func TestComingAndGoingKeepsNumbersWithoutGapsAndACoordinator(t *testing.T) {
	t.Parallel()
	d := newProgramme(t, testdb.Tx(t))
	crowd := []person{d.person("Ann"), d.person("Ben"), d.person("Cem"), d.person("Dia")}
	made := 0
	rapid.Check(t, func(rt *rapid.T) {
		made++
		w := newWorld(d, made, rapid.SampledFrom(community.Admissions).Draw(rt, "admission"), crowd)
		who := rapid.IntRange(0, len(w.people)-1)
		rt.Repeat(map[string]func(*rapid.T){
			"join":    func(t *rapid.T) { w.join(t, who.Draw(t, "who")) },
			"leave":   func(t *rapid.T) { w.leave(t, who.Draw(t, "who")) },
			"admit":   func(t *rapid.T) { w.decide(t, who.Draw(t, "by"), who.Draw(t, "who"), true) },
			"decline": func(t *rapid.T) { w.decide(t, who.Draw(t, "by"), who.Draw(t, "who"), false) },
			"admission": func(t *rapid.T) {
				w.admission = rapid.SampledFrom(community.Admissions).Draw(t, "admission")
				d.do(`update community set admission = $2 where id = $1`, w.in, w.admission)
			},
			"": func(t *rapid.T) { w.check(t) },
		})
	})
}

func newWorld(d *programme, n int, admission string, crowd []person) *world {
	d.t.Helper()
	w := &world{d: d, slug: fmt.Sprintf("city-%d", n), admission: admission, people: append([]person{}, crowd...),
		state: make([]string, 5), role: []string{"member", "member", "member", "member", "coordinator"}, number: make([]int, 5), last: 1}
	w.in = d.found(w.slug, "public", w.admission)
	w.people = append(w.people, d.member(fmt.Sprintf("First%d", n), w.in, "coordinator", community.Stakeholder))
	w.state[4], w.number[4] = "member", 1
	return w
}
