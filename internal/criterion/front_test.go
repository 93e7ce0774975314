package criterion_test

import (
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestTheFrontCountsWhatTheReaderMaySeeAndTheImportantComesFirst(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for n, audience := range []item.Audience{item.Public, item.Public, item.Community} {
		made, err := w.store.Raise(t.Context(), w.simon, criterion.New{Statement: []string{"Small cells", "Every hour", "Free"}[n], Lang: locale.English, Audience: audience, Request: uuid.New()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.db.Exec(t.Context(), `insert into importance (community_id, criterion_id, perspective, n, low, median, high) values ($1, $2, 'stakeholder', $3, 5, $4, 8)`, w.here, made.ID, []int{5, 5, 2}[n], []float64{8, 6, 9}[n]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.db.Exec(t.Context(), `update criterion set fulfilment = 'met' where item_id = (select min(item_id) from criterion)`); err != nil {
		t.Fatal(err)
	}
	member, err := w.store.Front(t.Context(), w.stella, 2)
	if err != nil || member.Asked != 3 || member.Met != 1 || len(member.First) != 2 || member.First[0].Title != "Small cells" || member.First[1].Title != "Every hour" {
		t.Errorf("a member sees %+v, %v", member, err)
	}
	stranger, err := w.store.Front(t.Context(), w.nobody, 5)
	if err != nil || stranger.Asked != 2 || len(stranger.First) != 2 {
		t.Errorf("a stranger sees %+v, %v", stranger, err)
	}
}

func TestProductsOnTheFrontCountOnlyCriteriaThatTheReaderMaySee(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	made := w.wanting(t, w.stella, "Small cells") // for members
	w.claims(t, w.simon, made, w.simon)
	if _, err := w.db.Exec(t.Context(), `insert into criterion_product (community_id, criterion_id, product_id) select $1, $2, item_id from product`, w.here, made.ID); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		reach community.Reach
		want  int
	}{"member": {w.stella.Reach, 1}, "stranger": {w.nobody.Reach, 0}} {
		all, err := w.store.FrontProducts(t.Context(), c.reach, 5)
		if err != nil || len(all) != 1 || all[0].Asked != c.want {
			t.Errorf("%s: %+v, %v; want %d criteria", name, all, err, c.want)
		}
	}
	off := w.stella.Reach
	off.NoProducts = true
	if all, err := w.store.FrontProducts(t.Context(), off, 5); err != nil || len(all) != 0 {
		t.Errorf("without end products: %+v, %v", all, err)
	}
}
