package criterion_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// in is a seat of one town seen in another.
func (w *town) in(there *town, seat community.Seat) community.Seat {
	seat.Community, seat.Slug, seat.Standing, seat.Number = there.here, there.slug, community.Elsewhere, 0
	return seat
}

func TestARelationIsSeenFromBothSidesAndStoredOnce(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	w, far := newTown(t, tx), newTown(t, tx)
	a, b := w.raised(t, "Shade here"), far.raised(t, "Shade there")
	for name, c := range map[string]struct{ given, back criterion.Relation }{
		"same need": {criterion.SameNeed, criterion.SameNeed}, "narrower": {criterion.Narrower, criterion.Broader}, "broader": {criterion.Broader, criterion.Narrower}, "conflicts": {criterion.Conflicts, criterion.Conflicts},
	} {
		for range 2 {
			if err := w.store.Relate(t.Context(), w.stella, a, criterion.Tie{Relation: c.given, City: far.slug, Number: b, Note: "only the south"}); err != nil {
				t.Fatal(name, err)
			}
		}
		// the other side says the same of it, and nothing is added
		if err := w.store.Relate(t.Context(), far.simon, b, criterion.Tie{Relation: c.back, City: w.slug, Number: a}); err != nil {
			t.Fatal(name, err)
		}
		here, there := w.read(t, w.nobody, a).Related, far.read(t, far.nobody, b).Related
		if len(here) != 1 || len(there) != 1 || here[0].Relation != c.given || there[0].Relation != c.back || here[0].Number != b || there[0].Number != a || there[0].Note != "only the south" {
			t.Fatalf("%s: from here %+v, from there %+v", name, here, there)
		}
		for _, other := range criterion.Relations {
			if err := w.store.Relate(t.Context(), w.stella, a, criterion.Tie{Relation: other, City: far.slug, Number: b}); (err == nil) != (other == c.given) {
				t.Errorf("%s, then %s: %v", name, other, err)
			}
		}
		if trail := w.read(t, w.nobody, a).Trail; len(trail) != 0 {
			t.Errorf("the trail tells the relation again: %+v", trail)
		}
		if err := w.store.Unrelate(t.Context(), w.in(far, w.stella), b, here[0].Link); err != nil {
			t.Fatal(name, err)
		}
	}
}

func TestWhoTakesARelationBack(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	w, far := newTown(t, tx), newTown(t, tx)
	a, b := w.raised(t, "A"), far.raised(t, "B")
	second := w.seat(t, "second", community.Member, community.Stakeholder)
	for name, c := range map[string]struct {
		seat community.Seat
		from *town
		n    int
		want error
	}{
		"who made it": {w.stella, w, a, nil}, "another member": {second, w, a, fault.Forbidden}, "a scientist here": {w.simon, w, a, nil}, "a scientist there": {far.simon, far, b, nil},
		"a member there": {far.stella, far, b, fault.Forbidden}, "a visitor": {w.nobody, w, a, fault.Forbidden},
	} {
		if err := w.store.Relate(t.Context(), w.stella, a, criterion.Tie{Relation: criterion.SameNeed, City: far.slug, Number: b}); err != nil {
			t.Fatal(err)
		}
		related := w.read(t, w.nobody, a).Related
		if err := c.from.store.Unrelate(t.Context(), c.seat, c.n, related[0].Link); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestOnlyWhatTheReaderCanOpenIsRelatedOrTold(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	w, far := newTown(t, tx), newTown(t, tx)
	a, hidden := w.raised(t, "A"), far.raisedFor(t, "Hidden", item.Community)
	for name, tie := range map[string]criterion.Tie{"hidden": {City: far.slug, Number: hidden}, "none": {City: far.slug, Number: 99}, "nowhere": {City: "atlantis", Number: 1}, "itself": {Number: a}, "no number": {}} {
		tie.Relation = criterion.SameNeed
		want := "relate-none"
		if name == "itself" {
			want = "relate-itself"
		}
		if p := fault.Problems(w.store.Relate(t.Context(), w.simon, a, tie)); len(p) != 1 || p[0].Key != want {
			t.Errorf("%s: %v, want %s", name, p, want)
		}
	}
	if err := far.store.Relate(t.Context(), far.stella, hidden, criterion.Tie{Relation: criterion.SameNeed, City: w.slug, Number: a}); err != nil {
		t.Fatal(err)
	}
	if got := w.read(t, w.coord, a).Related; len(got) != 0 {
		t.Errorf("the page tells of what is hidden: %+v", got)
	}
	if got := far.read(t, far.simon, hidden).Related; len(got) != 1 || got[0].Number != a {
		t.Errorf("related %+v", got)
	}
}

// TestNeedsAreTheConnectedOnes links, unlinks, merges and reopens at random, and holds the stored needs against a search through the links.
func TestNeedsAreTheConnectedOnes(t *testing.T) {
	t.Parallel()
	alone(t, func(t *rapid.T, tx postgres.DB) {
		w, far := newTown(t, tx), newTown(t, tx)
		var all []item.ID
		var where []*town
		var numbers []int
		for n := range 8 {
			at := []*town{w, far}[n/4]
			number := at.raised(t, "Need")
			where, numbers = append(where, at), append(numbers, number)
			all = append(all, at.read(t, at.coord, number).ID)
		}
		tied := map[[2]int]bool{}
		merged := map[int]int{}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			a, b := rapid.IntRange(0, 7).Draw(t, "a"), rapid.IntRange(0, 7).Draw(t, "b")
			pair := [2]int{min(a, b), max(a, b)}
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0, 1:
				tie := criterion.Tie{Relation: criterion.SameNeed, City: where[b].slug, Number: numbers[b]}
				if err := w.store.Relate(context.Background(), where[a].simon, numbers[a], tie); err == nil {
					tied[pair] = true
				} else if a != b {
					t.Fatal(err)
				}
			case 2:
				for _, r := range where[a].read(t, where[a].coord, numbers[a]).Related {
					if r.Slug == where[b].slug && r.Number == numbers[b] {
						if err := w.store.Unrelate(context.Background(), where[a].simon, numbers[a], r.Link); err != nil {
							t.Fatal(err)
						}
						delete(tied, pair)
					}
				}
			case 3:
				if _, is := merged[a]; is {
					if err := w.store.Reopen(context.Background(), where[a].coord, numbers[a], criterion.Step{Reason: "anew"}); err != nil {
						t.Fatal(err)
					}
					delete(merged, a)
				} else if where[a] == where[b] && w.store.Merge(context.Background(), where[a].simon, numbers[a], numbers[b]) == nil {
					merged[a] = b
				}
			}
			lowest := union(8, tied, merged)
			for n := range 8 {
				if got := where[n].read(t, where[n].coord, numbers[n]).Need; got != all[lowest[n]] {
					t.Fatalf("need of %d is %d, want %d: %v %v", n, got, all[lowest[n]], tied, merged)
				}
			}
		}
	})
}

// union is the lowest of each set that ties and mergings connect.
func union(n int, tied map[[2]int]bool, merged map[int]int) []int {
	set := make([]int, n)
	for i := range set {
		set[i] = i
	}
	join := func(a, b int) {
		low, high := min(set[a], set[b]), max(set[a], set[b])
		for i := range set {
			if set[i] == high {
				set[i] = low
			}
		}
	}
	for pair := range tied {
		join(pair[0], pair[1])
	}
	for a, b := range merged {
		join(a, b)
	}
	return slices.Clone(set)
}
