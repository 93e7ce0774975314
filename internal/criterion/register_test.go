package criterion_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (w *town) logs(t *testing.T, seat community.Seat, n criterion.New) item.Made {
	t.Helper()
	n.Lang, n.Request = locale.English, uuid.New()
	made, err := w.store.Raise(context.Background(), seat, n)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (w *town) weighs(t *testing.T, id item.ID, perspective string, n int, median float64) {
	t.Helper()
	if _, err := w.db.Exec(context.Background(), `insert into importance (community_id, criterion_id, perspective, n, low, median, high) values ($1, $2, $3, $4, $5, $5, $5)`, w.here, id, perspective, n, median); err != nil {
		t.Fatal(err)
	}
}

func (w *town) numbers(t *testing.T, seat community.Seat, f criterion.Register) []int {
	t.Helper()
	all := []int{}
	for range 50 {
		page, err := w.store.Register(context.Background(), seat, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Rows {
			all = append(all, r.Number)
		}
		if page.Older == "" {
			return all
		}
		f.Before = page.Older
	}
	t.Fatal("the register never ends")
	return nil
}

func TestEachFilterOfTheRegisterFindsWhatItNames(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	person := func(p community.Perspective) *criterion.NewSource {
		return &criterion.NewSource{Form: criterion.FromPerson, SpeakerName: "Somebody", Perspective: p, Words: "secret words"}
	}
	w.logs(t, w.coord, criterion.New{Statement: "A grid of 100 m", Category: "scale", Target: criterion.Target{Measure: "spacing"}, Source: person(community.Stakeholder)})
	second := w.logs(t, w.coord, criterion.New{Statement: "Error bars", Source: person(community.Scientist)})
	w.logs(t, w.coord, criterion.New{Statement: "50% off_season", Audience: item.Community})
	few := w.logs(t, w.coord, criterion.New{Statement: "Known to few"})
	w.weighs(t, second.ID, "stakeholder", 4, 8)
	w.weighs(t, few.ID, "stakeholder", 4, 9)
	w.weighs(t, few.ID, "scientist", 2, 1)
	if _, err := w.db.Exec(context.Background(), `update criterion set state = 'parked', fulfilment = 'met' where item_id = $1`, second.ID); err != nil {
		t.Fatal(err)
	}
	all := criterion.ShowAll
	for name, c := range map[string]struct {
		f    criterion.Register
		want []int
	}{
		"standing":      {criterion.Register{}, []int{4, 3, 1}},
		"parked":        {criterion.Register{Show: "parked"}, []int{2}},
		"all":           {criterion.Register{Show: all}, []int{4, 3, 2, 1}},
		"category":      {criterion.Register{Show: all, Category: "scale"}, []int{1}},
		"no category":   {criterion.Register{Show: all, Category: criterion.NoCategory}, []int{4, 3, 2}},
		"perspective":   {criterion.Register{Show: all, Perspective: community.Scientist}, []int{2}},
		"fulfilment":    {criterion.Register{Show: all, Fulfilment: criterion.Met}, []int{2}},
		"unsourced":     {criterion.Register{Show: all, Unsourced: true}, []int{4, 3}},
		"words":         {criterion.Register{Show: all, Words: "SPACING grid"}, []int{1}},
		"signs":         {criterion.Register{Show: all, Words: "50% f_s"}, []int{3}},
		"quoted words":  {criterion.Register{Show: all, Words: "secret"}, []int{}},
		"importance":    {criterion.Register{Show: all, Least: 7}, []int{2}},
		"product":       {criterion.Register{Show: all, Product: "none-such"}, []int{}},
		"meeting":       {criterion.Register{Show: all, Meeting: 7}, []int{}},
		"by importance": {criterion.Register{Show: all, Sort: "importance"}, []int{2, 4, 3, 1}},
		"by gap":        {criterion.Register{Show: all, Sort: "gap"}, []int{4, 3, 2, 1}},
	} {
		for _, most := range []int{0, 1} {
			c.f.Most = most
			if diff := cmp.Diff(c.want, w.numbers(t, w.stella, c.f)); diff != "" {
				t.Errorf("%s, %d a page: %s", name, most, diff)
			}
		}
	}
	if got := w.numbers(t, w.nobody, criterion.Register{Show: all}); slices.Contains(got, 3) {
		t.Error("a stranger reads what is for the community")
	}
	page, err := w.store.Register(context.Background(), w.nobody, criterion.Register{})
	if err != nil || page.Counts[criterion.Raised] != 2 {
		t.Errorf("a stranger counts %v, %v", page.Counts, err)
	}
}

func TestPagesOfTheRegisterMeetEveryTieOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for n := range 12 {
		made := w.logs(t, w.coord, criterion.New{Statement: fmt.Sprintf("Criterion %d", n)})
		if n%3 > 0 {
			w.weighs(t, made.ID, "stakeholder", 3, float64(n%2)+5)
			w.weighs(t, made.ID, "scientist", 3, 4)
		}
	}
	for _, sort := range criterion.Sorts {
		for most := 1; most <= 5; most++ {
			got := w.numbers(t, w.stella, criterion.Register{Sort: sort, Most: most})
			if whole := w.numbers(t, w.stella, criterion.Register{Sort: sort}); !slices.Equal(got, whole) || len(got) != 12 {
				t.Errorf("by %q, %d a page: %v, want %v", sort, most, got, whole)
			}
		}
	}
	if _, err := w.store.Register(context.Background(), w.stella, criterion.Register{Before: "nonsense"}); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v for a cursor that nobody gave", err)
	}
}

func TestManyChangeTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for _, s := range []string{"One", "Two", "Three"} {
		w.logs(t, w.coord, criterion.New{Statement: s})
	}
	at := func(n, revision int) criterion.Chosen {
		return criterion.Chosen{Number: n, Revision: revision, State: criterion.Raised}
	}
	_, err := w.store.ChangeTogether(context.Background(), w.coord, criterion.Together{Act: criterion.Sort, Chosen: []criterion.Chosen{at(1, 1), at(2, 9)}, Category: "scale", Request: uuid.New()})
	if len(fault.Problems(err)) != 1 {
		t.Fatalf("a stale choice: %v", err)
	}
	if got := w.numbers(t, w.coord, criterion.Register{Category: "scale"}); len(got) > 0 {
		t.Errorf("%v were changed though one had changed", got)
	}
	request := uuid.New()
	for range 2 {
		if _, err := w.store.ChangeTogether(context.Background(), w.coord, criterion.Together{Act: criterion.Sort, Chosen: []criterion.Chosen{at(1, 1), at(2, 1)}, Category: "scale", Request: request}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.numbers(t, w.coord, criterion.Register{Category: "scale"}); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("sorted: %v", got)
	}
	if _, err := w.store.ChangeTogether(context.Background(), w.simon, criterion.Together{Act: criterion.PutOff, Chosen: []criterion.Chosen{at(3, 1)}, Request: uuid.New()}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a scientist parks: %v", err)
	}
	if n, err := w.store.ChangeTogether(context.Background(), w.coord, criterion.Together{Act: criterion.Refuse, Chosen: []criterion.Chosen{at(3, 1), at(1, 2)}, Step: criterion.Step{Reason: "Not ours"}, Request: uuid.New()}); err != nil || n != 2 {
		t.Fatalf("declined %d: %v", n, err)
	}
	if got := w.numbers(t, w.coord, criterion.Register{Show: "declined"}); !slices.Equal(got, []int{3, 1}) {
		t.Errorf("declined: %v", got)
	}
}
