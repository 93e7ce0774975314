package community_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (p *programme) remind() {
	p.t.Helper()
	if err := p.store.RemindRenewals(context.Background()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *programme) mine(who person, slug string) community.Membership {
	p.t.Helper()
	m, err := p.store.Mine(context.Background(), p.seat(who, slug))
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

func TestACommitmentIsAskedAfterOnceAYearAndNobodyIsRemoved(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Stakeholder)
	p.do(`update account_session set expires_at = $1`, p.now.AddDate(9, 0, 0))
	ctx, begin := context.Background(), p.now
	days := map[string]int{}
	for day := 0; day < 800; day += 5 {
		p.now = begin.AddDate(0, 0, day)
		if day == 400 { // she answers, late
			if err := p.store.Renew(ctx, p.seat(mia, "basel")); err != nil {
				t.Fatal(err)
			}
		}
		before := len(p.letters())
		p.remind()
		p.remind()
		if n := len(p.letters()) - before; n > 0 {
			days[p.now.Sub(begin).String()] = n
		}
	}
	day := func(n int) string { return (time.Duration(n) * 24 * time.Hour).String() }
	// both near the end of the first year; she, who renewed, eleven months after that; he who never did, a year after the first letter
	first, second := 335, 735
	if begin.AddDate(0, 11, 0).After(begin.AddDate(0, 0, first)) {
		first = 340
	}
	if begin.AddDate(0, 0, 400).AddDate(0, 11, 0).After(begin.AddDate(0, 0, second)) {
		second = 740
	}
	late := 0
	for late = first + 5; begin.AddDate(0, 0, late).AddDate(-1, 0, 0).Before(begin.AddDate(0, 0, first)); late += 5 {
	}
	if diff := cmp.Diff(map[string]int{day(first): 2, day(late): 1, day(second): 1}, days); diff != "" {
		t.Error(diff)
	}
	if p.mine(mia, "basel").State != "member" || p.mine(cora, "basel").State != "member" {
		t.Error("somebody was removed by a timer")
	}
}

func TestACommitmentIsDueElevenMonthsAfterItWasRenewed(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Scientist)
	p.do(`update membership set renewed_at = $2 where account_id = $1`, mia.ID, p.now.AddDate(0, -11, 1))
	if p.mine(mia, "basel").RenewalDue(p.now) {
		t.Error("due a day early")
	}
	p.do(`update membership set renewed_at = $2 where account_id = $1`, mia.ID, p.now.AddDate(0, -11, 0))
	if !p.mine(mia, "basel").RenewalDue(p.now) {
		t.Error("not due after eleven months")
	}
	ctx := context.Background()
	owed, err := p.store.Owed(ctx, p.seat(mia, "basel").Reach, locale.English)
	if err != nil || len(owed) != 1 || !owed[0].Renew || owed[0].Slug != "basel" {
		t.Errorf("got %+v, %v; want basel to ask", owed, err)
	}
	p.do(`update membership set renewed_at = $2 where account_id = $1`, mia.ID, p.now.AddDate(-1, 0, 29))
	p.do(`update membership set renewed_at = $2 where account_id = $1`, cora.ID, p.now.AddDate(-1, 0, -1))
	all, err := p.store.Renewals(ctx, p.seat(cora, "basel"))
	if err != nil || len(all) != 2 || all[0].Name != "cora" || all[0].LapsesAt().After(p.now) || all[1].Name != "mia" || !all[1].LapsesAt().After(p.now) {
		t.Errorf("got %+v, %v; want cora's lapsed and mia's to lapse", all, err)
	}
	if err := p.store.Renew(ctx, p.seat(mia, "basel")); err != nil {
		t.Fatal(err)
	}
	if all, err := p.store.Renewals(ctx, p.seat(cora, "basel")); err != nil || len(all) != 1 {
		t.Errorf("after a renewal: got %+v, %v", all, err)
	}
	if err := p.store.Renew(ctx, p.seat(p.person("nobody"), "basel")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("renew without a place: got %v, want forbidden", err)
	}
	if _, err := p.store.Renewals(ctx, p.seat(mia, "basel")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member reads the list: got %v, want forbidden", err)
	}
}

func TestAChangedCharterAsksForAgreementAgain(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Stakeholder)
	p.do(`update membership set charter_version = 1`)
	ctx := context.Background()
	owed := func() (slugs []string) {
		all, err := p.store.Owed(ctx, p.seat(mia, "basel").Reach, locale.English)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			if o.Charter {
				slugs = append(slugs, o.Slug)
			}
		}
		return slugs
	}
	if got := owed(); got != nil {
		t.Errorf("agreed to the newest: got %v", got)
	}
	p.amend(cora, locale.German, "Zuhören und antworten.")
	p.amend(cora, locale.French, "Écouter.")
	if got := owed(); len(got) != 1 {
		t.Errorf("after a change: got %v, want basel", got)
	}
	seat := p.seat(mia, "basel")
	change, err := p.store.CharterChange(ctx, seat, locale.English, 1, 3)
	if err != nil || change != (community.CharterChange{Lang: "de", Before: "Zuhören.", After: "Zuhören und antworten."}) {
		t.Errorf("got %+v, %v; want what changed in the community's language", change, err)
	}
	if change, err = p.store.CharterChange(ctx, seat, locale.German, 2, 3); err != nil || change != (community.CharterChange{Lang: "fr", After: "Écouter."}) {
		t.Errorf("got %+v, %v; want the language in which it changed", change, err)
	}
	if conflict, stale := fault.Stale(p.store.Agree(ctx, seat, 2)); !stale || conflict.Revision != 3 {
		t.Errorf("agree to what is not the newest: got %+v", conflict)
	}
	for range 2 {
		if err := p.store.Agree(ctx, seat, 3); err != nil {
			t.Fatal(err)
		}
	}
	if got := owed(); got != nil {
		t.Errorf("after agreeing: got %v", got)
	}
	agreement, err := p.store.Agreement(ctx, p.seat(cora, "basel"))
	if err != nil || agreement != (community.Agreement{Agreed: 1, Members: 2}) {
		t.Errorf("got %+v, %v; want one of two", agreement, err)
	}
	if err := p.store.Agree(ctx, p.seat(p.person("nobody"), "basel"), 3); !errors.Is(err, fault.Forbidden) {
		t.Errorf("agree from outside: got %v, want forbidden", err)
	}
	versions, err := p.store.CharterVersions(ctx, seat)
	if err != nil || len(versions) != 3 || versions[0].Name != "cora" || cmp.Diff([]locale.Lang{"fr"}, versions[0].Langs) != "" {
		t.Errorf("got %+v, %v", versions, err)
	}
	stranger, err := p.store.CharterVersions(ctx, p.seat(person{}, "basel"))
	if err != nil || stranger[0].Name != "" || stranger[0].Number != 0 {
		t.Errorf("a stranger sees who wrote it: %+v, %v", stranger, err)
	}
}
