package community_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func founding(change func(*community.Founding)) community.Founding {
	lat, lon := 37.98, 23.73
	f := community.Founding{Request: uuid.New(), Slug: "athens", Kind: "city", Name: "Αθήνα", Lang: locale.Greek, Zone: "Europe/Athens", Latitude: &lat, Longitude: &lon,
		Visibility: "public", Admission: "request", Coordinator: "Cora@Example.org", Perspective: community.Scientist}
	if change != nil {
		change(&f)
	}
	return f
}

func (p *programme) administrator() person {
	p.t.Helper()
	ada := p.person("ada")
	p.do(`update account set administrator = true where id = $1`, ada.ID)
	ada.Administrator = true
	return ada
}

func TestAdministratorFoundsACommunityWithItsFirstCoordinator(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	ada, cora := p.administrator(), p.person("cora")
	f := founding(nil)
	for range 2 { // the same form sent twice
		if err := p.store.Found(context.Background(), ada.Account, f); err != nil {
			t.Fatal(err)
		}
	}
	seat := p.seat(cora, "athens")
	if seat.Standing != community.Coordinator || seat.Number != 1 || seat.Perspective != community.Scientist {
		t.Errorf("got %+v, want the first coordinator, a scientist", seat)
	}
	var letter string
	if p.row(&letter, `select string_agg(args->'Letter'->>'kind' || ' ' || (args->'Letter'->'words'->>'community'), ', ') from river_job`); letter != "welcome Αθήνα" {
		t.Errorf("got letters %q, want one welcome", letter)
	}
	if err := p.store.Found(context.Background(), ada.Account, founding(nil)); len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Field != "slug" {
		t.Errorf("the same short name in another form: got %v, want a problem with it", err)
	}
}

func TestNobodyElseFoundsOrPresents(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("basel", "public", "open"), "coordinator", community.Stakeholder)
	if err := p.store.Found(context.Background(), cora.Account, founding(nil)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("found: got %v, want forbidden", err)
	}
	if err := p.store.Present(context.Background(), cora.Account, community.ProgrammeWords{Revision: 1, Name: "Mine", Lang: locale.German}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("present: got %v, want forbidden", err)
	}
}

func TestAnUnsoundFoundingNamesTheField(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	ada := p.administrator()
	p.person("cora")
	far, none := 91.0, math.NaN()
	for want, change := range map[string]func(*community.Founding){
		"name required":      func(f *community.Founding) { f.Name = "" },
		"name too-long":      func(f *community.Founding) { f.Name = strings.Repeat("ά", 81) },
		"slug slug":          func(f *community.Founding) { f.Slug = "../admin" },
		"zone zone":          func(f *community.Founding) { f.Zone = "Europe/Atlantis" },
		"kind choose":        func(f *community.Founding) { f.Kind = "village" },
		"lang choose":        func(f *community.Founding) { f.Lang = "tlh" },
		"visibility choose":  func(f *community.Founding) { f.Visibility = "secret" },
		"admission choose":   func(f *community.Founding) { f.Admission = "" },
		"perspective choose": func(f *community.Founding) { f.Perspective = "" },
		"latitude place":     func(f *community.Founding) { f.Latitude = &far },
		"longitude place":    func(f *community.Founding) { f.Longitude = &none },
		"coordinator email":  func(f *community.Founding) { f.Coordinator = "cora" },
		"coordinator no-account": func(f *community.Founding) {
			f.Coordinator = "unknown@example.org"
		},
	} {
		problems := fault.Problems(p.store.Found(context.Background(), ada.Account, founding(change)))
		if len(problems) != 1 || problems[0].Field+" "+problems[0].Key != want {
			t.Errorf("got %v, want %s", problems, want)
		}
	}
	for _, zone := range []string{"", "Local", "../../etc/passwd"} {
		if err := p.store.Found(context.Background(), ada.Account, founding(func(f *community.Founding) { f.Zone = zone })); len(fault.Problems(err)) != 1 {
			t.Errorf("zone %q: got %v, want a problem", zone, err)
		}
	}
	var communities, claims int
	p.row(&communities, `select count(*) from community`)
	p.row(&claims, `select count(*) from request`)
	if communities != 0 || claims != 0 {
		t.Errorf("got %d communities and %d claimed forms, want nothing stored", communities, claims)
	}
}

func TestTheProgrammePresentsItselfInEachLanguage(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	ctx, ada := context.Background(), p.administrator()
	w, err := p.store.ProgrammeIn(ctx, locale.French)
	if err != nil {
		t.Fatal(err)
	}
	w.Name, w.Tagline, w.Purpose = "Urban heat", "Villes et chaleur", "Pour **apprendre**."
	if err := p.store.Present(ctx, ada.Account, w); err != nil {
		t.Fatal(err)
	}
	got, err := p.store.Programme(ctx, locale.French)
	if err != nil {
		t.Fatal(err)
	}
	want := community.Programme{Name: "Urban heat", Tagline: "Villes et chaleur", PurposeHTML: "<p>Pour <strong>apprendre</strong>.</p>", TextLang: locale.French}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if conflict, stale := fault.Stale(p.store.Present(ctx, ada.Account, w)); !stale || conflict.Revision != w.Revision+1 {
		t.Errorf("a stale change: got %+v, want a conflict", conflict)
	}
}
