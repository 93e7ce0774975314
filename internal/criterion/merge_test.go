package criterion_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// voices of a criterion: number, words, and the number of the criterion from which they came along.
func (w *town) voices(t *testing.T, number int) (all []string) {
	t.Helper()
	rows, err := w.db.Query(t.Context(), `select s.n, s.words, coalesce(k.number, 0) from criterion_source s join item i on i.id = s.criterion_id left join item k on k.id = s.kept_from
		where i.community_id = $1 and i.number = $2 and i.kind = 'criterion' order by s.n`, w.here, number)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n, from int
		var words string
		if err := rows.Scan(&n, &words, &from); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%d %s from %d", n, words, from))
	}
	return all
}

func TestMergingTakesSourcesAndProductsAlongAndReopeningLeavesThemThere(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	a, b := w.raised(t, "Shade maps"), w.raised(t, "Maps of shade")
	for n, words := range map[int]string{a: "Both said this", b: "Both said this"} {
		c := w.read(t, w.coord, n)
		_, err := w.db.Exec(t.Context(), `with numbered as (update criterion set sources = sources + 1 where item_id = $1 returning sources)
			insert into criterion_source (community_id, criterion_id, n, form, words, lang, speaker_id, at) select $2, $1, sources, 'person', $3, 'en', $4, now() from numbered`, c.ID, w.here, words, w.coord.Account)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.db.Exec(t.Context(), `insert into criterion_source (community_id, criterion_id, n, form, words, lang, speaker_id, answer, at) values ($1, $2, 3, 'person', 'Never said', 'en', $3, 'denied', now())`,
		w.here, w.read(t, w.coord, a).ID, w.simon.Account); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.store.Merge(t.Context(), w.simon, a, b); err != nil {
			t.Fatal(err)
		}
	}
	along := []string{"1 Maps of shade from 0", "2 Both said this from 0", fmt.Sprintf("3 Shade maps from %d", a)}
	if d := cmp.Diff(along, w.voices(t, b)); d != "" {
		t.Error(d)
	}
	if c := w.read(t, w.nobody, a); c.State != criterion.Merged || c.MergedInto != b || len(w.voices(t, a)) != 3 || c.Need != c.ID {
		t.Errorf("merged as %+v", c.Criterion)
	}
	if c := w.read(t, w.nobody, b); len(c.Merged) != 1 || c.Merged[0].Number != a || c.Need != w.read(t, w.nobody, a).ID {
		t.Errorf("merged into it: %+v, need %d", c.Merged, c.Need)
	}
	if n := w.count(t, `select count(*) from activity where verb = 'criterion.merge' and $1 = any(concerned) and $2 = any(concerned) and not $3 = any(concerned)`, w.stella.Account, w.coord.Account, w.simon.Account); n != 1 {
		t.Errorf("%d activities tell those who asked, and not who denied it; want 1", n)
	}
	if err := w.store.Reopen(t.Context(), w.coord, a, criterion.Step{Reason: "not the same after all"}); err != nil {
		t.Fatal(err)
	}
	if c := w.read(t, w.nobody, a); c.State != criterion.Raised || c.MergedInto != 0 || c.Need != c.ID {
		t.Errorf("reopened as %+v", c.Criterion)
	}
	if c := w.read(t, w.nobody, b); c.Need != c.ID || len(c.Merged) != 0 {
		t.Errorf("left behind with need %d, merged %v", c.Need, c.Merged)
	}
	if d := cmp.Diff(along, w.voices(t, b)); d != "" {
		t.Error(d)
	}
}

func TestWhatCannotBeMergedIsSaid(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	a, b, over, inner := w.raised(t, "A"), w.raised(t, "B"), w.raised(t, "Over"), w.raisedFor(t, "Inner", item.Community)
	if err := w.store.Decline(t.Context(), w.coord, over, criterion.Step{Reason: "no"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, into int
		key        string
	}{
		"itself": {a, a, "merge-itself"}, "none": {a, 99, "merge-none"}, "nothing typed": {a, 0, "merge-none"}, "one that is over": {a, over, "merge-over"}, "one that is over, from it": {over, a, "life-state"},
		"into a wider audience": {inner, a, "merge-wider"},
	} {
		if p := fault.Problems(w.store.Merge(t.Context(), w.simon, c.from, c.into)); len(p) != 1 || p[0].Key != c.key {
			t.Errorf("%s: %v, want %s", name, p, c.key)
		}
	}
	if err := w.store.Merge(t.Context(), w.simon, a, b); err != nil {
		t.Fatal(err)
	}
	if p := fault.Problems(w.store.Merge(t.Context(), w.simon, b, a)); len(p) != 1 || p[0].Key != "merge-over" {
		t.Errorf("a circle: %v", p)
	}
	if err := w.store.Merge(t.Context(), w.simon, b, inner); err != nil {
		t.Errorf("into a narrower audience: %v", err)
	}
	if c := w.read(t, w.nobody, b); c.MergedInto != 0 || c.Life[1].Into != 0 {
		t.Errorf("a visitor reads that it was merged into %d, of the community", c.MergedInto)
	}
}

func TestAClaimThatWaitsKeepsACriterionFromBeingMerged(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	a, b := w.raised(t, "A"), w.raised(t, "B")
	w.waiting(t, a)
	if p := fault.Problems(w.store.Merge(t.Context(), w.simon, a, b)); len(p) != 1 || p[0].Key != "merge-claims" {
		t.Errorf("merged over a claim: %v", p)
	}
	if _, err := w.db.Exec(t.Context(), `update claim set state = 'withdrawn', settled_at = now() where community_id = $1`, w.here); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Merge(t.Context(), w.simon, a, b); err != nil {
		t.Error(err)
	}
}

// waiting puts a waiting claim on a criterion, for a release of a product made for it.
func (w *town) waiting(t *testing.T, number int) {
	t.Helper()
	_, err := w.db.Exec(t.Context(), `with p as (insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) values ($1, 'product', 1, 'Maps', 'en', 0, now(), now(), now()) returning id),
		r as (insert into item (community_id, kind, number, parent_id, title, lang, audience, created_at, updated_at, active_at) select $1, 'release', 1, id, '1.0', 'en', 0, now(), now(), now() from p returning id),
		c as (insert into item (community_id, kind, number, parent_id, title, lang, audience, created_at, updated_at, active_at) values ($1, 'claim', 1, $2, '', 'en', 0, now(), now(), now()) returning id),
		pp as (insert into product (item_id, community_id, slug, form, state) select id, $1, $3, 'map', 'available' from p),
		rr as (insert into release (item_id, community_id, product_id, slug, state) select r.id, $1, p.id, '1', 'planned' from p, r)
		insert into claim (item_id, community_id, criterion_id, release_id, extent, answer_by) select c.id, $1, $2, r.id, 'fully', now() from c, r`, w.here, w.read(t, w.coord, number).ID, w.slug)
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoMergingsInOppositeDirectionsMakeNoCircle(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	for round := range 12 {
		a, b := w.raised(t, fmt.Sprint("A", round)), w.raised(t, fmt.Sprint("B", round))
		var both sync.WaitGroup
		results := make([]error, 2)
		for n, way := range [][2]int{{a, b}, {b, a}} {
			both.Go(func() { results[n] = w.store.Merge(context.Background(), w.simon, way[0], way[1]) })
		}
		both.Wait()
		won := 0
		for _, err := range results {
			if err == nil {
				won++
			} else if len(fault.Problems(err)) != 1 {
				t.Errorf("the second merging: %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of two opposite mergings went through, want 1", won)
		}
	}
	if n := w.count(t, `select count(*) from criterion a join criterion b on b.item_id = a.merged_into where b.merged_into is not null`); n != 0 {
		t.Errorf("%d stand in a circle", n)
	}
}

func TestMergingStandsAgainstAMoveOfTheOtherAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	for round := range 12 {
		a, b := w.raised(t, fmt.Sprint("A", round)), w.raised(t, fmt.Sprint("B", round))
		var both sync.WaitGroup
		var merged, declined error
		both.Go(func() { merged = w.store.Merge(context.Background(), w.simon, a, b) })
		both.Go(func() { declined = w.store.Decline(context.Background(), w.coord, b, criterion.Step{Reason: "no"}) })
		both.Wait()
		if declined != nil || merged != nil && len(fault.Problems(merged)) != 1 {
			t.Fatalf("merge %v, decline %v", merged, declined)
		}
	}
}
