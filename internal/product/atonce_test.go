package product_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/product"
)

// atOnce does the same many times at the same moment.
func atOnce(times int, do func(n int)) {
	var all sync.WaitGroup
	for n := range times {
		all.Go(func() { do(n) })
	}
	all.Wait()
}

func TestProductsAddedAtOnceGetTheirOwnSlugs(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	same := uuid.New()
	slugs := make([]string, 8)
	atOnce(8, func(n int) {
		request := same // of one form that was sent four times
		if n >= 4 {
			request = uuid.New()
		}
		var err error
		if slugs[n], err = w.store.Add(context.Background(), w.admin, product.New{Sheet: sheet("Heat map"), Request: request}); err != nil {
			t.Error(err)
		}
	})
	different := map[string]bool{}
	for _, slug := range slugs {
		different[slug] = true
	}
	if len(different) != 5 || slugs[0] != slugs[1] || slugs[0] != slugs[3] {
		t.Errorf("got %v", slugs)
	}
}

func TestAReleaseIsPublishedOnceHoweverOftenAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	slug := w.add(t, "Heat map")
	versions := []string{"1", "2", "3", "4"}
	atOnce(len(versions), func(n int) {
		if _, err := w.store.AddRelease(context.Background(), w.admin, slug, product.NewRelease{Paper: paper(versions[n]), State: product.Planned, Request: uuid.New()}); err != nil {
			t.Error(err)
		}
	})
	on := day(t, "2027-01-01")
	atOnce(6, func(int) { _ = w.store.Publish(context.Background(), w.admin, slug, "1", on) }) // all but one are refused
	var told, numbers int
	w.row(t, &told, `select count(*) from activity where verb = 'release.publish'`)
	w.row(t, &numbers, `select count(distinct number) from item where kind = 'release' and number between 1 and 4`)
	if told != 1 || numbers != 4 {
		t.Errorf("published %d times, %d numbers", told, numbers)
	}
}
