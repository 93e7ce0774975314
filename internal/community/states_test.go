package community_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
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

func (w *world) join(t testing.TB, i int) {
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

func (w *world) leave(t testing.TB, i int) {
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

func (w *world) decide(t testing.TB, by, i int, admit bool) {
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
func (w *world) check(t testing.TB) {
	ctx, members := context.Background(), 0
	for i, p := range w.people {
		state, role, number := "", "member", 0
		err := w.d.db.QueryRow(ctx, `select coalesce(max(state), ''), coalesce(max(role), 'member'), coalesce(max(number), 0) from membership where community_id = $1 and account_id = $2`, w.in, p.ID).Scan(&state, &role, &number)
		if err != nil {
			t.Fatal(err)
		}
		if state != w.state[i] || role != w.role[i] || number != w.number[i] {
			t.Fatalf("%s: got %s %s %d, want %s %s %d", p.Name, state, role, number, w.state[i], w.role[i], w.number[i])
		}
		if state == "member" {
			members++
		}
	}
	var counted, last int
	if err := w.d.db.QueryRow(ctx, `select members, last_member from community where id = $1`, w.in).Scan(&counted, &last); err != nil {
		t.Fatal(err)
	}
	if counted != members || last != w.last {
		t.Fatalf("got %d members and last number %d, want %d and %d", counted, last, members, w.last)
	}
	if w.coordinators() == 0 {
		t.Fatal("nobody coordinates any more")
	}
}

func TestComingAndGoingKeepsNumbersWithoutGapsAndACoordinator(t *testing.T) {
	t.Parallel()
	d := newProgramme(t, testdb.Tx(t))
	crowd := []person{d.person("Ann"), d.person("Ben"), d.person("Cem"), d.person("Dia")}
	for seed := range uint64(25) {
		w := newWorld(d, seed, crowd)
		var walk []string
		t.Cleanup(func() {
			if t.Failed() && len(walk) > 0 {
				t.Logf("seed %d: %s", seed, strings.Join(walk, ", "))
			}
		})
		for random := rand.New(rand.NewPCG(seed, 0)); len(walk) < 40; {
			by, who := random.IntN(len(w.people)), random.IntN(len(w.people))
			walk = append(walk, w.step(t, random.IntN(7), by, who))
			w.check(t)
		}
		walk = nil // this walk held; only the one that did not is told
	}
}

func newWorld(d *programme, seed uint64, crowd []person) *world {
	d.t.Helper()
	w := &world{d: d, slug: fmt.Sprintf("city-%d", seed), admission: []string{"open", "request", "invitation"}[seed%3],
		people: append([]person{}, crowd...), state: make([]string, 5), role: []string{"member", "member", "member", "member", "coordinator"}, number: make([]int, 5), last: 1}
	w.in = d.found(w.slug, "public", w.admission)
	w.people = append(w.people, d.member(fmt.Sprintf("First%d", seed), w.in, "coordinator", community.Stakeholder))
	w.state[4], w.number[4] = "member", 1
	return w
}

// step does one thing and says what it was.
func (w *world) step(t testing.TB, what, by, who int) string {
	t.Helper()
	switch what {
	case 0, 1:
		w.join(t, who)
		return "join " + w.people[who].Name
	case 2:
		w.leave(t, who)
		return "leave " + w.people[who].Name
	case 3, 4:
		w.decide(t, by, who, true)
		return w.people[by].Name + " admits " + w.people[who].Name
	case 5:
		w.decide(t, by, who, false)
		return w.people[by].Name + " declines " + w.people[who].Name
	default:
		w.admission = []string{"open", "request", "invitation"}[by%3]
		w.d.do(`update community set admission = $2 where id = $1`, w.in, w.admission)
		return "admission " + w.admission
	}
}
