package criterion_test

import (
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (w *town) rateable(t *testing.T, statement string) int {
	t.Helper()
	made, err := w.store.Raise(t.Context(), w.stella, criterion.New{Statement: statement, Lang: "en", Audience: item.Public, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

func valued(value int) criterion.Rating { return criterion.Rating{Value: value, Lang: "en"} }

func TestMembersSayHowImportantACriterionIsAndChangeTheirMind(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.rateable(t, "Single trees are shown")
	rate := func(seat community.Seat, r criterion.Rating) {
		t.Helper()
		if err := w.store.Rate(t.Context(), seat, n, r); err != nil {
			t.Fatal(err)
		}
	}
	rate(w.stella, criterion.Rating{Value: 3, Reason: "Nice to have", Lang: "en"})
	rate(w.stella, criterion.Rating{Value: 9, Reason: "Needed for permits", Lang: "en"})
	rate(w.stella, criterion.Rating{Value: 9, Reason: "Needed for permits", Lang: "en"})
	got, err := w.store.Read(t.Context(), w.stella, n)
	if err != nil {
		t.Fatal(err)
	}
	if got.Rated.Mine == nil || *got.Rated.Mine != (criterion.Rating{Value: 9, Reason: "Needed for permits", Lang: "en"}) {
		t.Errorf("her own rating: got %v", got.Rated.Mine)
	}
	if !got.Rated.Hidden || got.Rated.Any() || len(got.Rated.Reasons) > 0 {
		t.Errorf("one rating is shown: %+v", got.Rated)
	}
	for range 2 {
		if err := w.store.Unrate(t.Context(), w.stella, n); err != nil {
			t.Fatal(err)
		}
	}
	if got, err = w.store.Read(t.Context(), w.stella, n); err != nil || got.Rated.Mine != nil || got.Rated.Hidden {
		t.Errorf("after taking it back: got %+v, %v", got.Rated, err)
	}
}
