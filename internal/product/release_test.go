package product_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/product"
)

func TestMakersPlanPublishAndWithdrawAReleaseOthersDoNot(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map", w.handle(t, w.simon.Account))
	n := product.NewRelease{Paper: paper("1.2"), State: product.Planned, DueOn: day(t, "2027-03-01"), Request: uuid.New()}
	others := map[string]community.Seat{"coordinator": w.coord, "stakeholder": w.stella, "nobody": w.nobody}
	for name, seat := range others {
		if _, err := w.store.AddRelease(t.Context(), seat, slug, n); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s adds: got %v", name, err)
		}
	}
	for range 2 {
		if release, err := w.store.AddRelease(t.Context(), w.simon, slug, n); err != nil || release != "1-2" {
			t.Fatalf("got %q, %v", release, err)
		}
	}
	for name, seat := range others {
		for act, err := range map[string]error{
			"revises":   w.store.ReviseRelease(t.Context(), seat, slug, "1-2", product.EditRelease{Paper: paper("1.2"), Revision: 1}),
			"publishes": w.store.Publish(t.Context(), seat, slug, "1-2", day(t, "2027-01-01")),
			"withdraws": w.store.Withdraw(t.Context(), seat, slug, "1-2", "Why not"),
			"removes":   w.store.RemoveRelease(t.Context(), seat, slug, "1-2"),
		} {
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s %s: got %v", name, act, err)
			}
		}
	}
	if err := w.store.Publish(t.Context(), w.simon, slug, "1-2", day(t, "2027-01-05")); err != nil { // today, where products belong
		t.Fatal(err)
	}
	if err := w.store.Withdraw(t.Context(), w.admin, slug, "1-2", "Wrong table"); err != nil {
		t.Fatal(err)
	}
	p := w.read(t, w.nobody, slug)
	if len(p.Releases) != 1 {
		t.Fatalf("got %d releases", len(p.Releases))
	}
	r := p.Releases[0]
	if r.State != product.Withdrawn || r.Reason != "Wrong table" || r.LimitsHTML != "<p>Not for <strong>single</strong> buildings.</p>" || cmp.Diff(r.Links, []product.Link{{Label: "Download", URL: "https://example.org/1"}}) != "" || r.Number != 1 {
		t.Errorf("got %+v", r)
	}
}

func TestAReleaseIsJudgedWhole(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map")
	bad := paper("")
	bad.Limits, bad.Links = strings.Repeat("x", 5001), []product.Link{{Label: "", URL: "https://example.org"}, {Label: "No", URL: "http://example.org"}, {Label: "No", URL: "javascript:alert(1)"}, {Label: "No", URL: "https://me@example.org"}, {Label: "Only words"}}
	for name, c := range map[string]struct {
		n    product.NewRelease
		want []string
	}{
		"everything":         {product.NewRelease{Paper: bad, State: "lost"}, []string{"version required", "limits too-long", "label-1 required", "url-2 secure-address", "url-3 secure-address", "url-4 secure-address", "url-5 secure-address", "state choose"}},
		"planned for then":   {product.NewRelease{Paper: paper("1"), State: product.Planned, DueOn: day(t, "2027-01-04")}, []string{"due_on past"}},
		"published some day": {product.NewRelease{Paper: paper("1"), State: product.Published, PublishedOn: day(t, "2027-01-06")}, []string{"published_on future"}},
		"published, no day":  {product.NewRelease{Paper: paper("1"), State: product.Published}, []string{"published_on required"}},
	} {
		_, err := w.store.AddRelease(t.Context(), w.admin, slug, c.n)
		if diff := cmp.Diff(c.want, problems(err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if len(w.read(t, w.admin, slug).Releases) != 0 {
		t.Error("something was stored")
	}
}

func TestVersionsOfAProductDiffer(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map")
	add := func(version string) (string, error) {
		return w.store.AddRelease(t.Context(), w.admin, slug, product.NewRelease{Paper: paper(version), State: product.Planned, Request: uuid.New()})
	}
	for _, c := range [][2]string{{"1.0", "1-0"}, {"1-0", "1-0-2"}, {"Edit", "edit-2"}, {"???", "release"}} {
		if got, err := add(c[0]); err != nil || got != c[1] {
			t.Errorf("%s: got %q, %v", c[0], got, err)
		}
	}
	_, err := add("edit")
	if got := problems(err); !slices.Equal(got, []string{"version version-taken"}) {
		t.Errorf("got %v", got)
	}
	if err := w.store.RemoveRelease(t.Context(), w.admin, slug, "edit-2"); err != nil {
		t.Fatal(err)
	}
	if got, err := add("edit"); err != nil || got != "edit-3" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestThoseWhoAskedHearOfARelease(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map")
	p := w.read(t, w.admin, slug)
	w.criterion(t, w.city, item.Public, p.ID, w.stella.Account)
	denied := w.criterion(t, w.city, item.Public, p.ID, w.simon.Account)
	if _, err := w.db.Exec(t.Context(), `update criterion_source set answer = 'denied' where criterion_id = $1`, denied); err != nil {
		t.Fatal(err)
	}
	for version, state := range map[string]product.ReleaseState{"1": product.Published, "2": product.Planned} {
		n := product.NewRelease{Paper: paper(version), State: state, Request: uuid.New()}
		if state == product.Published {
			n.PublishedOn = day(t, "2027-01-01")
		}
		if _, err := w.store.AddRelease(t.Context(), w.admin, slug, n); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.Publish(t.Context(), w.admin, slug, "2", day(t, "2027-01-02")); err != nil {
		t.Fatal(err)
	}
	for _, release := range w.read(t, w.admin, slug).Releases {
		var concerned []int64
		w.row(t, &concerned, `select concerned from activity where item_id = $1 and verb = 'release.publish'`, release.ID)
		if !slices.Equal(concerned, []int64{int64(w.stella.Account)}) {
			t.Errorf("%s concerns %v, want %d", release.Version, concerned, w.stella.Account)
		}
	}
	first, err := w.read(t, w.admin, slug).Release("1")
	if err != nil {
		t.Fatal(err)
	}
	w.claim(t, w.criterion(t, w.city, item.Public, p.ID, w.coord.Account), first.ID, "fully", "open")
	if err := w.store.Withdraw(t.Context(), w.admin, slug, "1", "Wrong table"); err != nil {
		t.Fatal(err)
	}
	var hear []int64
	if w.row(t, &hear, `select concerned from activity where item_id = $1 and verb = 'release.withdraw'`, first.ID); !slices.Equal(hear, []int64{int64(w.coord.Account)}) {
		t.Errorf("the withdrawal concerns %v, want %d", hear, w.coord.Account)
	}
	var jobs int
	w.row(t, &jobs, `select count(*) from river_job j join activity a on a.id = (j.args->>'activity')::bigint where j.kind = 'notice' and a.verb = 'release.add'`)
	if jobs != 0 {
		t.Error("a release that is added as published is told twice")
	}
}

func TestAStaleChangeOfAReleaseStoresNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	slug := w.add(t, "Heat map")
	if _, err := w.store.AddRelease(t.Context(), w.admin, slug, product.NewRelease{Paper: paper("1"), State: product.Planned, DueOn: day(t, "2027-01-05"), Request: uuid.New()}); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.AddDate(0, 1, 0) // the day has passed: it may stay, but not become another past one
	first := product.EditRelease{Paper: paper("1.0"), Revision: 1, DueOn: day(t, "2027-01-05")}
	if err := w.store.ReviseRelease(t.Context(), w.admin, slug, "1", first); err != nil {
		t.Fatal(err)
	}
	second := product.EditRelease{Paper: paper("1.1"), Revision: 1, DueOn: day(t, "2027-01-05")}
	second.Links = nil
	if _, stale := fault.Stale(w.store.ReviseRelease(t.Context(), w.admin, slug, "1", second)); !stale {
		t.Error("a stale change was stored")
	}
	if r := w.read(t, w.admin, slug).Releases[0]; r.Version != "1.0" || r.Slug != "1" || len(r.Links) != 1 || r.Revision != 2 {
		t.Errorf("got %+v", r)
	}
	first.Revision, first.DueOn = 2, day(t, "2027-01-06")
	if got := problems(w.store.ReviseRelease(t.Context(), w.admin, slug, "1", first)); !slices.Equal(got, []string{"due_on past"}) {
		t.Errorf("got %v", got)
	}
}

func TestAReleaseOfAnotherProductIsNotFound(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	maps, tool := w.add(t, "Heat map"), w.add(t, "A tool")
	release, err := w.store.AddRelease(t.Context(), w.admin, maps, product.NewRelease{Paper: paper("1"), State: product.Planned, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Publish(t.Context(), w.admin, tool, release, day(t, "2027-01-01")); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
	elsewhere := w.admin
	elsewhere.Community = w.city
	if err := w.store.Publish(t.Context(), elsewhere, maps, release, day(t, "2027-01-01")); !errors.Is(err, fault.NotFound) {
		t.Errorf("from the seat in another community: got %v", err)
	}
}

// A release goes one way: planned, published, withdrawn; only a planned one is removed.
func TestALifeOfReleasesGoesOneWay(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	rapid.Check(t, func(r *rapid.T) {
		w := newTown(r, db)
		slug := w.add(r, fmt.Sprintf("Heat map %d", towns.Add(1)))
		if _, err := w.store.AddRelease(context.Background(), w.admin, slug, product.NewRelease{Paper: paper("1"), State: product.Planned, Request: uuid.New()}); err != nil {
			r.Fatal(err)
		}
		state, gone := product.Planned, false
		then := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		judge := func(err error, allowed bool) bool {
			r.Helper()
			switch {
			case gone && !errors.Is(err, fault.Gone):
				r.Fatalf("got %v, want gone", err)
			case !gone && allowed && err != nil:
				r.Fatalf("%s: got %v", state, err)
			case !gone && !allowed && len(fault.Problems(err)) == 0:
				r.Fatalf("%s: got %v, want a problem", state, err)
			}
			return !gone && allowed
		}
		for range rapid.IntRange(1, 6).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"publish", "withdraw", "remove", "revise"}).Draw(r, "step") {
			case "publish":
				if judge(w.store.Publish(context.Background(), w.admin, slug, "1", &then), state == product.Planned) {
					state = product.Published
				}
			case "withdraw":
				if judge(w.store.Withdraw(context.Background(), w.admin, slug, "1", "Because"), state == product.Published) {
					state = product.Withdrawn
				}
			case "remove":
				gone = judge(w.store.RemoveRelease(context.Background(), w.admin, slug, "1"), state == product.Planned) || gone
			case "revise":
				e := product.EditRelease{Paper: paper("1"), PublishedOn: &then}
				p := w.read(r, w.admin, slug)
				if !gone {
					e.Revision = p.Releases[0].Revision
				}
				judge(w.store.ReviseRelease(context.Background(), w.admin, slug, "1", e), state != product.Withdrawn)
			}
		}
		if p := w.read(r, w.nobody, slug); len(p.Releases) != map[bool]int{false: 1, true: 0}[gone] || !gone && p.Releases[0].State != state {
			r.Fatalf("got %+v, want %s, gone %v", p.Releases, state, gone)
		}
	})
}
