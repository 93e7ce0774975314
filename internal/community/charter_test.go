package community_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (p *programme) charter(slug string, lang locale.Lang, version int) (community.Charter, error) {
	p.t.Helper()
	a, err := p.store.About(context.Background(), p.seat(person{}, slug), lang, version)
	return a.Charter, err
}

// amend gives the charter of basel another text in one language.
func (p *programme) amend(cora person, lang locale.Lang, text string) {
	p.t.Helper()
	ctx, seat := context.Background(), p.seat(cora, "basel")
	w, err := p.store.WordsIn(ctx, seat, lang)
	if err != nil {
		p.t.Fatal(err)
	}
	w.Charter = text
	if w.Name == "" {
		w.Name = "Bâle"
	}
	if err := p.store.Describe(ctx, seat, w); err != nil {
		p.t.Fatal(err)
	}
}

func TestEveryVersionOfACharterStaysReadableInEveryLanguage(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("basel", "public", "open"), "coordinator", community.Stakeholder)
	p.amend(cora, locale.French, "Écouter.")
	p.amend(cora, locale.German, "Zuhören, antworten.")
	for name, c := range map[string]struct {
		lang    locale.Lang
		version int
		want    community.Charter
	}{
		"newest in German":                    {locale.German, 0, community.Charter{Version: 3, HTML: "<p>Zuhören, antworten.</p>", Lang: "de"}},
		"newest in French, carried over":      {locale.French, 0, community.Charter{Version: 3, HTML: "<p>Écouter.</p>", Lang: "fr"}},
		"second in German, not yet changed":   {locale.German, 2, community.Charter{Version: 2, HTML: "<p>Zuhören.</p>", Lang: "de"}},
		"first in French, which has none yet": {locale.French, 1, community.Charter{Version: 1, HTML: "<p>Zuhören.</p>", Lang: "de"}},
	} {
		c.want.Versions = 3
		got, err := p.charter("basel", c.lang, c.version)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.IgnoreFields(community.Charter{}, "MadeAt")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if _, err := p.charter("basel", locale.German, 4); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestACharterCanBeTakenAwayAndTheEarlierOneDoesNotStandInForIt(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("basel", "public", "open"), "coordinator", community.Stakeholder)
	p.amend(cora, locale.German, "")
	if got, err := p.charter("basel", locale.German, 0); err != nil || got.Versions != 0 || got.HTML != "" {
		t.Errorf("got %+v, %v; want none", got, err)
	}
	if got, err := p.charter("basel", locale.German, 1); err != nil || got.HTML != "<p>Zuhören.</p>" {
		t.Errorf("got %+v, %v; want the first version", got, err)
	}
	p.amend(cora, locale.German, "Wieder da.")
	if got, err := p.charter("basel", locale.German, 0); err != nil || got.Version != 3 || got.HTML != "<p>Wieder da.</p>" {
		t.Errorf("got %+v, %v; want version 3", got, err)
	}
}

func TestAStaleDescriptionIsAConflictThatNamesTheRevision(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("basel", "public", "open"), "coordinator", community.Stakeholder)
	ctx, seat := context.Background(), p.seat(cora, "basel")
	w, err := p.store.WordsIn(ctx, seat, locale.German)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.store.Describe(ctx, seat, w); err != nil {
		t.Fatal(err)
	}
	conflict, stale := fault.Stale(p.store.Describe(ctx, seat, w))
	if !stale || conflict.Revision != w.Revision+1 {
		t.Errorf("got %+v, want a conflict with revision %d", conflict, w.Revision+1)
	}
}
