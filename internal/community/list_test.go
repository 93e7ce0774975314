package community_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// reach of a person, as the door works it out.
func (p *programme) reach(who person) community.Reach {
	p.t.Helper()
	a, err := community.Arrive(context.Background(), p.db, who.Name, "", p.now)
	if err != nil {
		p.t.Fatal(err)
	}
	return a.Reach
}

func (p *programme) listed(who person, lang locale.Lang) map[string]community.Card {
	p.t.Helper()
	cards, err := p.store.List(context.Background(), p.reach(who), lang)
	if err != nil {
		p.t.Fatal(err)
	}
	all := map[string]community.Card{}
	for _, c := range cards {
		all[c.Slug] = c
	}
	return all
}

func TestThePrivateStandInTheListOfTheirPeopleOnly(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	p.found("basel", "public", "request")
	quarry := p.found("quarry", "private", "invitation")
	cora := p.member("cora", quarry, "coordinator", community.Stakeholder)
	ada := p.person("ada")
	p.do(`update account set administrator = true where id = $1`, ada.ID)
	p.do(`insert into membership (community_id, account_id, state, perspective, asked_at) values ($1, $2, 'waiting', 'scientist', $3)`, quarry, p.person("nora").ID, p.now)
	for name, c := range map[string]struct {
		who     person
		seen    bool
		waiting int
	}{"a visitor": {}, "an account": {who: p.person("olga")}, "the coordinator": {cora, true, 1}, "the administrator": {ada, true, 1}} {
		card, seen := p.listed(c.who, locale.German)["quarry"]
		if seen != c.seen || card.Waiting != c.waiting {
			t.Errorf("%s: listed %v with %d waiting, want %v with %d", name, seen, card.Waiting, c.seen, c.waiting)
		}
	}
	if mine := p.listed(cora, locale.German); !mine["quarry"].Mine || mine["basel"].Mine {
		t.Error("want quarry marked as her own, and basel not")
	}
}

func TestWhatAMembersEyesSeeACoordinatorsCountsDoNot(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "request")
	mia := p.member("mia", basel, "member", community.Stakeholder)
	p.do(`insert into membership (community_id, account_id, state, perspective, asked_at) values ($1, $2, 'waiting', 'scientist', $3)`, basel, p.person("nora").ID, p.now)
	if n := p.listed(mia, locale.German)["basel"].Waiting; n != 0 {
		t.Errorf("a member reads that %d wait", n)
	}
	if _, err := p.store.Waiting(context.Background(), p.seat(mia, "basel")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want forbidden", err)
	}
}

func TestCardsSpeakTheReadersLanguageOrTheCommunitysOwn(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	p.do(`insert into community_text (community_id, lang, name, summary) values ($1, 'fr', 'Bâle', 'La chaleur')`, basel)
	for lang, want := range map[locale.Lang][3]string{locale.French: {"Bâle", "La chaleur", "fr"}, locale.Greek: {"basel", "", "de"}, locale.German: {"basel", "", "de"}} {
		card := p.listed(person{}, lang)["basel"]
		if diff := cmp.Diff(want, [3]string{card.Name, card.Summary, string(card.TextLang)}); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
}

func TestAStrangerInAPrivateCommunityGetsNotFoundFromEveryRead(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	quarry := p.found("quarry", "private", "invitation")
	p.member("ina", quarry, "member", community.Stakeholder)
	eleni := p.member("eleni", p.found("crete", "public", "open"), "coordinator", community.Scientist)
	ctx, seat := context.Background(), p.seat(eleni, "quarry")
	reads := map[string]error{}
	_, reads["about"] = p.store.About(ctx, seat, locale.German, 0)
	_, reads["balance"] = p.store.Balance(ctx, seat)
	_, _, reads["people"] = p.store.People(ctx, seat, community.PeopleFilter{})
	_, reads["person"] = p.store.Person(ctx, seat, 1)
	_, reads["waiting"] = p.store.Waiting(ctx, seat)
	_, reads["words"] = p.store.WordsIn(ctx, seat, locale.German)
	reads["describe"] = p.store.Describe(ctx, seat, community.Words{})
	reads["leave"] = p.store.Leave(ctx, seat)
	reads["admit"] = p.store.Admit(ctx, seat, 1)
	reads["decline"] = p.store.Decline(ctx, seat, 1, "no")
	reads["appoint"] = p.store.Appoint(ctx, seat, 1, true)
	_, reads["join"] = p.store.Join(ctx, seat, eleni.Account, commitment())
	for what, err := range reads {
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: got %v, want not found", what, err)
		}
	}
}
