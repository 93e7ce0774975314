package criterion_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func atOnce(n int, do func(n int) error) []error {
	all := make([]error, n)
	var waiting sync.WaitGroup
	for i := range n {
		waiting.Go(func() { all[i] = do(i) })
	}
	waiting.Wait()
	return all
}

func TestTwoLastAnswersAtOnceSettleOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	x := newTrial(t, w, criterion.Target{}, w.stella, w.simon)
	for range 10 {
		k := x.claims(t)
		for n, err := range atOnce(3, func(n int) error {
			if n == 2 {
				return w.store.SettleClaims(t.Context())
			}
			return x.answers([]community.Seat{w.stella, w.simon}[n], k, criterion.Accepted)
		}) {
			if err != nil {
				t.Fatalf("%d: %v", n, err)
			}
		}
		x.stands(t, k, criterion.ClaimAccepted, criterion.Met)
		if n := w.id(t, `select count(*) from activity a join item i on i.id = a.item_id where a.verb = 'claim.settle' and i.kind = 'claim' and i.number = $1`, k); n != 1 {
			t.Errorf("it was settled %d times", n)
		}
		x.release = x.publishes(t, uuid.NewString())
	}
}

func TestOfTwoClaimsAtOnceOneStands(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	x := newTrial(t, w, criterion.Target{}, w.stella)
	made := 0
	for _, err := range atOnce(4, func(n int) error {
		_, err := w.store.Claim(t.Context(), []community.Seat{w.simon, x.maker, w.coord, w.simon}[n], x.criterion, x.newClaim())
		return err
	}) {
		switch {
		case err == nil:
			made++
		case problem(err) != "release claimed-already":
			t.Error(err)
		}
	}
	if n := w.id(t, `select count(*) from claim`); made != 1 || n != 1 {
		t.Errorf("%d claims were made, %d stand, want one", made, n)
	}
	if n := w.id(t, `select claims from criterion where item_id = $1`, x.id); n != 1 {
		t.Errorf("%d were numbered, want one", n)
	}
}

func TestTheSameFormAtOnceMakesOneClaim(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	x := newTrial(t, w, criterion.Target{}, w.stella)
	form := x.newClaim()
	for _, err := range atOnce(4, func(int) error {
		_, err := w.store.Claim(t.Context(), w.simon, x.criterion, form)
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if n := w.id(t, `select count(*) from claim`); n != 1 {
		t.Errorf("%d claims, want one", n)
	}
}
