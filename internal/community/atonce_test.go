package community_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// atOnce runs n acts at the same moment and returns what became of them.
func atOnce(n int, act func(i int) error) []error {
	results, begin := make([]error, n), make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-begin
			results[i] = act(i)
		})
	}
	close(begin)
	all.Wait()
	return results
}

func TestACrowdThatJoinsAtOnceGetsNumbersWithoutGaps(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.New(t))
	basel := p.found("basel", "public", "open")
	const crowd = 20
	seats, people := make([]community.Seat, crowd), make([]person, crowd)
	for i := range crowd {
		people[i] = p.person(fmt.Sprintf("p%d", i))
		seats[i] = p.seat(people[i], "basel")
	}
	// each sends the form twice at once
	for i, err := range atOnce(2*crowd, func(i int) error {
		_, err := p.store.Join(context.Background(), seats[i/2], people[i/2].Account, commitment())
		return err
	}) {
		if err != nil {
			t.Errorf("join %d: %v", i, err)
		}
	}
	var members, last, distinct, highest, told, letters int
	p.row(&members, `select members from community where id = $1`, basel)
	p.row(&last, `select last_member from community where id = $1`, basel)
	p.row(&distinct, `select count(distinct number) from membership where community_id = $1 and state = 'member'`, basel)
	p.row(&highest, `select max(number) from membership where community_id = $1`, basel)
	p.row(&told, `select count(*) from activity where verb = 'community.join'`)
	p.row(&letters, `select count(*) from river_job where kind = 'letter'`)
	for what, got := range map[string]int{"members": members, "last number": last, "numbers": distinct, "highest number": highest, "activities": told, "letters": letters} {
		if got != crowd {
			t.Errorf("got %d %s, want %d", got, what, crowd)
		}
	}
}

func TestOfTwoCoordinatorsWhoLeaveAtOnceOneStays(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.New(t))
	for round := range 10 {
		slug := fmt.Sprintf("city-%d", round)
		id := p.found(slug, "public", "open")
		seats := []community.Seat{}
		for _, name := range []string{"cora", "carl"} {
			seats = append(seats, p.seat(p.member(fmt.Sprintf("%s%d", name, round), id, "coordinator", community.Stakeholder), slug))
		}
		stayed := 0
		for _, err := range atOnce(2, func(i int) error { return p.store.Leave(context.Background(), seats[i]) }) {
			if len(fault.Problems(err)) > 0 {
				stayed++
			} else if err != nil {
				t.Fatal(err)
			}
		}
		var left int
		p.row(&left, `select count(*) from membership where community_id = $1 and state = 'member' and role = 'coordinator'`, id)
		if stayed != 1 || left != 1 {
			t.Fatalf("round %d: %d were told to stay, %d coordinators are left; want one", round, stayed, left)
		}
	}
}

func TestADecisionMadeTwiceAtOnceIsMadeOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.New(t))
	basel := p.found("basel", "public", "request")
	cora := p.seat(p.member("cora", basel, "coordinator", community.Stakeholder), "basel")
	nora := p.person("nora")
	if _, err := p.store.Join(context.Background(), p.seat(nora, "basel"), nora.Account, commitment()); err != nil {
		t.Fatal(err)
	}
	for _, err := range atOnce(6, func(i int) error {
		if i%2 == 0 {
			return p.store.Decline(context.Background(), cora, nora.ID, "full")
		}
		return p.store.Admit(context.Background(), cora, nora.ID)
	}) {
		if err != nil && !errors.Is(err, fault.NotFound) {
			t.Error(err)
		}
	}
	var decisions, letters, members int
	p.row(&decisions, `select count(*) from activity where verb in ('community.join', 'community.decline')`)
	p.row(&letters, `select count(*) from river_job where args->'Letter'->>'kind' in ('welcome', 'declined')`)
	p.row(&members, `select c.members - (select count(*) from membership m where m.community_id = c.id and m.state = 'member') from community c where c.id = $1`, basel)
	if decisions != 1 || letters != 1 || members != 0 {
		t.Errorf("got %d decisions, %d letters, %d members too many; want 1, 1, 0", decisions, letters, members)
	}
}
