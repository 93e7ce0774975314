package community_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestNewcomersWaitForAGreetingAndGetOneLetter(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.New(t))
	basel := p.found("basel", "public", "open")
	cora := p.member("cora", basel, "coordinator", community.Stakeholder)
	p.member("mia", basel, "member", community.Stakeholder)
	p.member("old", basel, "member", community.Scientist)
	p.do(`update membership set since = $1 where number = 3`, p.now.AddDate(0, 0, -91))
	ctx, seat := context.Background(), p.seat(cora, "basel")
	all, err := p.store.Newcomers(ctx, seat)
	if err != nil || len(all) != 1 || all[0].Name != "mia" || all[0].Lang != locale.English {
		t.Fatalf("got %+v, %v; want mia alone", all, err)
	}
	greeted := make([]bool, 4)
	for _, err := range atOnce(4, func(i int) (err error) {
		if i == 3 {
			greeted[i], err = p.store.GreetInPerson(ctx, seat, 2)
		} else {
			greeted[i], err = p.store.GreetByLetter(ctx, seat, cora.Account, 2, "Hello, good that you are here.")
		}
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	first := 0
	for _, g := range greeted {
		if g {
			first++
		}
	}
	letters := len(p.letters())
	if first != 1 || letters > 1 || !greeted[3] && letters != 1 {
		t.Errorf("%d greeted and %d letters went out, want one", first, letters)
	}
	if all, err := p.store.Newcomers(ctx, seat); err != nil || len(all) != 0 {
		t.Errorf("got %+v, %v; want nobody left", all, err)
	}
	if _, err := p.store.Newcomer(ctx, seat, 2); !errors.Is(err, fault.Gone) {
		t.Errorf("got %v, want gone", err)
	}
	if _, err := p.store.Newcomer(ctx, seat, 77); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestAGreetingNeedsWordsAndACoordinator(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Stakeholder)
	ctx, seat := context.Background(), p.seat(cora, "basel")
	for _, text := range []string{"", strings.Repeat("ä", 4001)} {
		if _, err := p.store.GreetByLetter(ctx, seat, cora.Account, 2, text); len(fault.Problems(err)) != 1 {
			t.Errorf("%d characters: got %v, want a problem", len(text), err)
		}
	}
	if _, err := p.store.GreetInPerson(ctx, p.seat(mia, "basel"), 2); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want forbidden", err)
	}
	duties, err := p.store.Duties(ctx, seat.Reach, locale.English)
	if err != nil || len(duties) != 1 || duties[0] != (community.Duty{Slug: "basel", Name: "basel", Ungreeted: 1}) {
		t.Errorf("got %+v, %v; want one to greet", duties, err)
	}
	if _, err := p.store.GreetInPerson(ctx, seat, 2); err != nil {
		t.Fatal(err)
	}
	if duties, err = p.store.Duties(ctx, seat.Reach, locale.English); err != nil || len(duties) != 0 {
		t.Errorf("got %+v, %v; want none", duties, err)
	}
	if duties, err = p.store.Duties(ctx, p.seat(mia, "basel").Reach, locale.English); err != nil || len(duties) != 0 {
		t.Errorf("a member's duties: got %+v, %v", duties, err)
	}
}
