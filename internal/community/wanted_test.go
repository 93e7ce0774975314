package community_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (p *programme) want(who person, names ...string) {
	p.t.Helper()
	for _, name := range names {
		if err := p.store.Want(context.Background(), p.seat(who, "basel"), community.Wanted{Name: name, Perspective: community.Stakeholder}, uuid.New()); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *programme) wanted(who person) (all []community.Wanted, lines []string) {
	p.t.Helper()
	all, err := p.store.Wanted(context.Background(), p.seat(who, "basel"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, w := range all {
		lines = append(lines, fmt.Sprintf("%s %d", w.Name, w.Here))
	}
	return all, lines
}

func TestWantedOrganisationsAreHereWhenTheReaderMaySeeIt(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Scientist)
	shy := p.member("shy", basel, "member", community.Stakeholder)
	p.do(`update account set organisation = 'Universität Basel,  Dept. Météo' where id = $1`, mia.ID)
	p.do(`update account set organisation = 'Tram AG', organisation_for = 3 where id = $1`, shy.ID)
	p.want(cora, "UNIVERSITAT BASEL – dept meteo", "Tram AG", "Spital")
	all, lines := p.wanted(cora)
	if diff := cmp.Diff([]string{"UNIVERSITAT BASEL – dept meteo 1", "Tram AG 0", "Spital 0"}, lines); diff != "" || community.Reached(all) != 1 {
		t.Errorf("cora: %s", diff)
	}
	if _, lines := p.wanted(shy); lines[1] != "Tram AG 1" {
		t.Errorf("who hides it sees the own: got %v", lines)
	}
	state, err := p.store.State(context.Background(), p.seat(cora, "basel"))
	if err != nil || strings.Join(state.Missing, ", ") != "Tram AG, Spital" {
		t.Errorf("got %v, %v; want the two missing", state.Missing, err)
	}
}

func TestCoordinatorsKeepTheListInTheirOrder(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Scientist)
	p.want(cora, "A", "B", "C")
	ctx, seat := context.Background(), p.seat(cora, "basel")
	all, _ := p.wanted(mia)
	for _, move := range []struct {
		at int
		up bool
	}{{2, true}, {0, true}, {1, false}} { // C up; A stays first; B, now last, stays
		if err := p.store.MoveWanted(ctx, seat, all[move.at].ID, move.up); err != nil {
			t.Fatal(err)
		}
	}
	if _, lines := p.wanted(mia); cmp.Diff([]string{"A 0", "C 0", "B 0"}, lines) != "" {
		t.Errorf("got %v, want A C B", lines)
	}
	b := all[1]
	b.Why = "They own the roofs."
	if err := p.store.ChangeWanted(ctx, seat, b); err != nil {
		t.Fatal(err)
	}
	if conflict, stale := fault.Stale(p.store.ChangeWanted(ctx, seat, b)); !stale || conflict.Revision != 2 {
		t.Errorf("got %+v, want a conflict with revision 2", conflict)
	}
	b.Revision, b.Name = 2, "a"
	err := func() error { // a breach ends a transaction: it gets one of its own
		tx, err := p.db.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(ctx) }()
		return p.store.ChangeWanted(ctx, seat, b)
	}()
	if problems := fault.Problems(err); len(problems) != 1 || problems[0].Key != "wanted-already" {
		t.Errorf("the name of another: got %v", err)
	}
	if err := p.store.Unwant(ctx, seat, all[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := p.store.Unwant(ctx, seat, all[0].ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("remove twice: got %v, want not found", err)
	}
}

func TestUnsoundOrganisationsAreRefusedAndOthersKeepOut(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Scientist)
	ctx, seat := context.Background(), p.seat(cora, "basel")
	sound := community.Wanted{Name: "Tram AG", Perspective: community.Stakeholder}
	for want, change := range map[string]func(*community.Wanted){
		"name required":      func(w *community.Wanted) { w.Name = "" },
		"name too-long":      func(w *community.Wanted) { w.Name = strings.Repeat("ä", 161) },
		"sector choose":      func(w *community.Wanted) { w.Sector = "magic" },
		"perspective choose": func(w *community.Wanted) { w.Perspective = "" },
		"why too-long":       func(w *community.Wanted) { w.Why = strings.Repeat("ä", 501) },
	} {
		w := sound
		change(&w)
		if p := fault.Problems(p.store.Want(ctx, seat, w, uuid.New())); len(p) != 1 || p[0].Field+" "+p[0].Key != want {
			t.Errorf("got %v, want %s", p, want)
		}
	}
	request := uuid.New()
	for range 2 {
		if err := p.store.Want(ctx, seat, sound, request); err != nil {
			t.Fatal(err)
		}
	}
	all, _ := p.wanted(mia)
	if len(all) != 1 {
		t.Fatalf("got %d, want one", len(all))
	}
	p.person("nobody")
	for name, want := range map[string]error{"mia": nil, "nobody": fault.Forbidden, "": fault.Forbidden} {
		who := named(name)
		if _, err := p.store.Wanted(ctx, p.seat(who, "basel")); !errors.Is(err, want) {
			t.Errorf("%q reads: got %v, want %v", who.Name, err, want)
		}
		if err := p.store.Unwant(ctx, p.seat(who, "basel"), all[0].ID); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%q removes: got %v, want forbidden", who.Name, err)
		}
	}
	crete := p.found("crete", "public", "open")
	if err := p.store.Unwant(ctx, p.seat(p.member("eva", crete, "coordinator", community.Stakeholder), "crete"), all[0].ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("remove another community's: got %v, want not found", err)
	}
}

func TestAHandoverIsWrittenByOneAtATimeAndReadByCoordinators(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Scientist)
	p.do(`update membership set charter_version = 1 where account_id = $1`, mia.ID)
	ctx, seat := context.Background(), p.seat(cora, "basel")
	if err := p.store.HandOver(ctx, seat, "Call the *museum*.", locale.English, 0); err != nil {
		t.Fatal(err)
	}
	if conflict, stale := fault.Stale(p.store.HandOver(ctx, seat, "Mine.", locale.English, 0)); !stale || conflict.Revision != 1 {
		t.Errorf("a first text beside another: got %+v, want a conflict with revision 1", conflict)
	}
	if err := p.store.HandOver(ctx, seat, "Call the **zoo**.", locale.English, 1); err != nil {
		t.Fatal(err)
	}
	h, err := p.store.Handover(ctx, seat)
	if err != nil || h.Revision != 2 || h.By != "cora" || !strings.Contains(h.HTML, "<strong>zoo</strong>") {
		t.Errorf("got %+v, %v", h, err)
	}
	state, err := p.store.State(ctx, seat)
	if err != nil || len(state.Coordinators) != 1 || state.Coordinators[0].Name != "cora" || state.Ungreeted != 1 || state.Charter != 1 || state.Agreed != 1 || state.Members != 2 {
		t.Errorf("got %+v, %v", state, err)
	}
	for _, who := range []person{mia, {}} {
		if _, err := p.store.Handover(ctx, p.seat(who, "basel")); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%q reads: got %v, want forbidden", who.Name, err)
		}
		if err := p.store.HandOver(ctx, p.seat(who, "basel"), "x", locale.English, 2); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%q writes: got %v, want forbidden", who.Name, err)
		}
		if _, err := p.store.State(ctx, p.seat(who, "basel")); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%q reads the state: got %v, want forbidden", who.Name, err)
		}
	}
}
