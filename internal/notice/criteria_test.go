package notice_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestWhoIsQuotedInACriterionIsAskedWhetherTheWordingIsRight(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	logger, speaker, silent := p.member("logger", basel), p.member("speaker", basel), p.member("silent", basel)
	made, err := criterion.NewStore(p.db, func() time.Time { return p.clock }).Raise(t.Context(), p.seat(logger, basel), criterion.New{Statement: "Small cells", Why: "As @speaker says.", Lang: locale.English, Audience: item.Community,
		Source: &criterion.NewSource{Form: criterion.FromPerson, Speaker: speaker, Words: "Cells must be small."}, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	p.work()
	p.sees(silent, "silent")
	page, err := p.notices.List(t.Context(), p.reach(speaker), notice.Filter{Kind: "criteria"}, locale.English)
	if err != nil || len(page.Groups) != 1 {
		t.Fatalf("notices about criteria: %+v, %v", page, err)
	}
	g := page.Groups[0]
	if g.Lines[0].Key() != "inbox.did.criterion.heard" || g.AddressOf(g.Lines[0]) != "/c/basel/criteria/1" || g.Number != made.Number {
		t.Errorf("the speaker is told %s at %s", g.Lines[0].Key(), g.AddressOf(g.Lines[0]))
	}
}

func TestNewsOfClaimsProductsAndReleasesLeadToTheirPages(t *testing.T) {
	t.Parallel()
	criterion := notice.Group{Slug: "basel", Kind: "criterion", Number: 7}
	product := notice.Group{Slug: "umbrella", Kind: "product", Number: 2, Path: "heat-map"}
	for want, got := range map[string]string{
		"/c/basel/criteria/7/claims/2": criterion.AddressOf(notice.Line{Verb: "claim.make", Reply: 2}),
		"/c/basel/criteria/7":          criterion.AddressOf(notice.Line{Verb: "criterion.agree"}),
		"/products/heat-map/2-0":       product.AddressOf(notice.Line{Verb: "release.publish", Reply: 1, Path: "heat-map/2-0"}),
		"/products/heat-map":           product.AddressOf(notice.Line{Verb: "product.add", Path: "heat-map"}),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
