package criterion_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"

	"pgregory.net/rapid"
)

func (w *town) rateable(t rapid.TB, statement string) int {
	t.Helper()
	made, err := w.store.Raise(context.Background(), w.stella, criterion.New{Statement: statement, Lang: "en", Audience: item.Public, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

func valued(value int) criterion.Rating { return criterion.Rating{Value: value, Lang: "en"} }

func (w *town) rates(t rapid.TB, seat community.Seat, number, value int) {
	t.Helper()
	if err := w.store.Rate(context.Background(), seat, number, valued(value)); err != nil {
		t.Fatal(err)
	}
}

func (w *town) rated(t rapid.TB, seat community.Seat, number int) criterion.Rated {
	t.Helper()
	got, err := w.store.Read(context.Background(), seat, number)
	if err != nil {
		t.Fatal(err)
	}
	return got.Rated
}

// quantile is that of sorted numbers by linear interpolation, worked out without the database.
func quantile(sorted []int, p float64) float64 {
	at := p * float64(len(sorted)-1)
	below := int(at)
	above := min(below+1, len(sorted)-1)
	return float64(sorted[below]) + (at-float64(below))*float64(sorted[above]-sorted[below])
}

func groupOf(values []int) criterion.Group {
	if len(values) == 0 {
		return criterion.Group{}
	}
	sorted := slices.Sorted(slices.Values(values))
	return criterion.Group{N: len(sorted), Low: quantile(sorted, .25), Median: quantile(sorted, .5), High: quantile(sorted, .75)}
}

func TestMembersSayHowImportantACriterionIsAndChangeTheirMind(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.rateable(t, "Single trees are shown")
	said := criterion.Rating{Value: 9, Reason: "Needed for permits", Lang: "en"}
	w.rates(t, w.stella, n, 3)
	for range 2 { // an impatient hand
		if err := w.store.Rate(t.Context(), w.stella, n, said); err != nil {
			t.Fatal(err)
		}
	}
	got := w.rated(t, w.stella, n)
	if got.Mine == nil || *got.Mine != said {
		t.Errorf("her own rating: got %v", got.Mine)
	}
	if !got.Hidden || got.Any() || len(got.Reasons) > 0 {
		t.Errorf("one rating is shown: %+v", got)
	}
	if others := w.rated(t, w.nobody, n); others.Mine != nil {
		t.Errorf("a stranger has a rating: %+v", others)
	}
	for range 2 {
		if err := w.store.Unrate(t.Context(), w.stella, n); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.rated(t, w.stella, n); got.Mine != nil || got.Hidden {
		t.Errorf("after taking it back: got %+v", got)
	}
}

func TestReasonsOfShownGroupsAreToldWithTheirPerspective(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.rateable(t, "Single trees are shown")
	for i := range 3 {
		seat := w.seat(t, fmt.Sprint("s", i), community.Member, community.Stakeholder)
		if err := w.store.Rate(t.Context(), seat, n, criterion.Rating{Value: 7, Reason: fmt.Sprint("Reason ", i), Lang: "de"}); err != nil {
			t.Fatal(err)
		}
	}
	first := w.rated(t, w.nobody, n).Reasons
	if len(first) != 3 || first[0].Perspective != community.Stakeholder || first[0].Lang != "de" {
		t.Fatalf("got %v", first)
	}
	if again := w.rated(t, w.nobody, n).Reasons; !slices.Equal(first, again) {
		t.Errorf("the order changes: %v, then %v", first, again)
	}
	_, all, err := w.store.Reasons(t.Context(), w.nobody, n)
	if err != nil || !slices.Equal(first, all.Reasons) {
		t.Errorf("the page about them: got %v, %v", all.Reasons, err)
	}
	w.rates(t, w.simon, n, 1) // one scientist hides both
	if got := w.rated(t, w.nobody, n); !got.Hidden || len(got.Reasons) > 0 {
		t.Errorf("beside a group of one: %+v", got)
	}
	if _, all, err = w.store.Reasons(t.Context(), w.nobody, n); err != nil || len(all.Reasons) > 0 {
		t.Errorf("beside a group of one, the page about them: got %v, %v", all.Reasons, err)
	}
}

func TestARatingThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, parked := w.rateable(t, "Single trees are shown"), w.rateable(t, "Clouds are shown")
	if _, err := w.db.Exec(t.Context(), `update criterion set state = 'parked' where item_id = (select id from item where community_id = $1 and kind = 'criterion' and number = $2)`, w.here, parked); err != nil {
		t.Fatal(err)
	}
	sideless := w.stella
	sideless.Perspective = ""
	for name, c := range map[string]struct {
		seat   community.Seat
		number int
		rating criterion.Rating
		want   string
	}{
		"below the scale":       {w.stella, n, valued(0), "value: rating"},
		"above the scale":       {w.stella, n, valued(10), "value: rating"},
		"a long reason":         {w.stella, n, criterion.Rating{Value: 5, Reason: strings.Repeat("ä", 501), Lang: "en"}, "reason: too-long"},
		"no language":           {w.stella, n, criterion.Rating{Value: 5, Lang: "it"}, "lang: choose"},
		"without a perspective": {sideless, n, valued(5), "value: no-perspective"},
		"parked":                {w.stella, parked, valued(5), "value: not-rated-now"},
	} {
		err := w.store.Rate(t.Context(), c.seat, c.number, c.rating)
		if len(fault.Problems(err)) == 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if err := w.store.Rate(t.Context(), w.stella, 999, valued(5)); !errors.Is(err, fault.NotFound) {
		t.Errorf("no such criterion: got %v", err)
	}
	elsewhere := w.nobody
	elsewhere.Standing = community.Elsewhere
	if err := w.store.Rate(t.Context(), elsewhere, n, valued(5)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member elsewhere: got %v", err)
	}
	elsewhere.Private = true
	if err := w.store.Rate(t.Context(), elsewhere, n, valued(5)); !errors.Is(err, fault.NotFound) {
		t.Errorf("a stranger to a private community: got %v", err)
	}
	if got := w.rated(t, w.stella, n); got.Hidden {
		t.Error("something was stored")
	}
}

func TestABallotIsSavedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	a, b := w.rateable(t, "Single trees are shown"), w.rateable(t, "Clouds are shown")
	if err := w.store.Rate(t.Context(), w.stella, a, criterion.Rating{Value: 2, Reason: "Bäume", Lang: "de"}); err != nil {
		t.Fatal(err)
	}
	ballot := func(request uuid.UUID, votes ...criterion.Vote) error {
		return w.store.RateMany(t.Context(), w.stella, criterion.Ballot{Votes: votes, Lang: "en", Request: request})
	}
	for name, votes := range map[string][]criterion.Vote{
		"foreign numbers":        {{a, 9}, {999, 9}},
		"off the scale":          {{a, 9}, {b, 0}},
		"twice the same":         {{a, 9}, {a, 8}},
		"more than a ballot has": make([]criterion.Vote, 51),
	} {
		if err := ballot(uuid.New(), votes...); len(fault.Problems(err)) == 0 {
			t.Errorf("%s: got %v", name, err)
		}
		if got := w.rated(t, w.stella, a).Mine.Value; got != 2 {
			t.Errorf("%s: got %d, want it unchanged", name, got)
		}
	}
	request := uuid.New()
	if err := ballot(request, criterion.Vote{Number: b, Value: 4}, criterion.Vote{Number: a, Value: 8}); err != nil {
		t.Fatal(err)
	}
	if got := *w.rated(t, w.stella, a).Mine; got != (criterion.Rating{Value: 8, Reason: "Bäume", Lang: "de"}) {
		t.Errorf("got %v, want the reason kept", got)
	}
	w.rates(t, w.stella, b, 6)
	if err := ballot(request, criterion.Vote{Number: b, Value: 4}); err != nil {
		t.Fatal(err)
	}
	if got := w.rated(t, w.stella, b).Mine.Value; got != 6 {
		t.Errorf("the same ballot again made it %d", got)
	}
	f, err := w.store.ToFill(t.Context(), w.simon, 0, "")
	if err != nil || f.Rated != 0 || f.All != 2 {
		t.Errorf("his ballot: got %+v, %v", f, err)
	}
}

func TestWhatIsNotRatedYetStandsFirstOnTheBallot(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for n := range 120 {
		w.rateable(t, fmt.Sprint("Criterion ", n))
	}
	w.rates(t, w.stella, 1, 5)
	w.rates(t, w.stella, 60, 5)
	seen, cursor := []int{}, ""
	for page := 0; page == 0 || cursor != ""; page++ {
		f, err := w.store.ToFill(t.Context(), w.stella, 0, cursor)
		if err != nil || len(f.Rows) > criterion.MostVotes || f.Rated != 2 || f.All != 120 || page > 3 {
			t.Fatalf("page %d: %d rows, %d of %d, %v", page, len(f.Rows), f.Rated, f.All, err)
		}
		for _, r := range f.Rows {
			seen = append(seen, r.Number)
		}
		cursor = f.Older
	}
	if len(seen) != 120 || seen[0] != 2 || seen[118] != 1 || seen[119] != 60 {
		t.Errorf("got %d, the first %d, the last %v", len(seen), seen[0], seen[118:])
	}
}

func TestWhoGoesLeavesTheNumberAndThePerspective(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.rateable(t, "Single trees are shown")
	var seats []community.Seat
	for i, value := range []int{2, 5, 9} {
		seat := w.seat(t, fmt.Sprint("s", i), community.Member, community.Stakeholder)
		w.rates(t, seat, n, value)
		seats = append(seats, seat)
	}
	before := w.rated(t, w.nobody, n).Importance
	for _, sql := range []string{`delete from membership where account_id = $1`, `delete from account where id = $1`} {
		if _, err := w.db.Exec(t.Context(), sql, seats[0].Account); err != nil {
			t.Fatal(err)
		}
	}
	w.rates(t, seats[1], n, 6) // works the statistics out anew
	w.rates(t, seats[1], n, 5)
	if got := w.rated(t, w.nobody, n).Importance; got != before || got.Stakeholder.N != 3 {
		t.Errorf("got %+v, want %+v", got, before)
	}
	turned := seats[2]
	turned.Perspective = community.Scientist
	w.rates(t, turned, n, 9)
	if got := w.rated(t, w.nobody, n); !got.Hidden {
		t.Errorf("who changes sides counts on the new one: got %+v", got)
	}
}

func TestAHundredWhoRateAtTheSameMomentAllCount(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	w := newTown(t, pool)
	w.store = criterion.NewStore(pool, func() time.Time { return w.now })
	numbers := []int{w.rateable(t, "Single trees are shown"), w.rateable(t, "Clouds are shown")}
	var seats []community.Seat
	values := map[community.Perspective][]int{}
	for n := range 100 {
		p := []community.Perspective{community.Stakeholder, community.Scientist}[n%3%2]
		seats = append(seats, w.seat(t, fmt.Sprint("m", n), community.Member, p))
		values[p] = append(values[p], 1+n%9)
	}
	var wait sync.WaitGroup
	failed := make(chan error, 3*len(seats))
	for n, seat := range seats {
		wait.Go(func() { failed <- w.store.Rate(t.Context(), seat, numbers[0], valued(1+n%9)) })
		wait.Go(func() { failed <- w.store.Rate(t.Context(), seat, numbers[0], valued(1+n%9)) })
		wait.Go(func() {
			votes := []criterion.Vote{{Number: numbers[n%2], Value: 1 + n%9}, {Number: numbers[1-n%2], Value: 1 + n%9}}
			failed <- w.store.RateMany(t.Context(), seat, criterion.Ballot{Votes: votes, Lang: "en", Request: uuid.New()})
		})
	}
	wait.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := criterion.Importance{Stakeholder: groupOf(values[community.Stakeholder]), Scientist: groupOf(values[community.Scientist])}
	for _, n := range numbers {
		if got := w.rated(t, w.nobody, n).Importance; got != want {
			t.Errorf("criterion %d: got %+v, want %+v", n, got, want)
		}
	}
	if rows, err := postgres.One[struct{ Count int }](t.Context(), pool, `select count(*)::int as count from rating`); err != nil || rows.Count != 200 {
		t.Errorf("got %d ratings, %v", rows.Count, err)
	}
}

// said are the numbers of a criterion by perspective.
type said map[community.Perspective][]int

func drawSaid(t *rapid.T, label string) said {
	s := said{}
	for _, p := range []community.Perspective{community.Stakeholder, community.Scientist} {
		s[p] = rapid.SliceOfN(rapid.IntRange(1, 9), 0, 5).Draw(t, label+string(p))
	}
	return s
}

func (s said) hidden() bool {
	few := func(n int) bool { return n == 1 || n == 2 }
	return few(len(s[community.Stakeholder])) || few(len(s[community.Scientist]))
}

// tellings are all that a stranger can get to know about the importance of criteria in a town of which the members said all.
func tellings(t *rapid.T, w *town, all []said) (criterion.Results, []criterion.Single, []criterion.Rated) {
	seats := map[community.Perspective][]community.Seat{}
	for n := range 5 {
		seats[community.Stakeholder] = append(seats[community.Stakeholder], w.seat(t, fmt.Sprint("st", n), community.Member, community.Stakeholder))
		seats[community.Scientist] = append(seats[community.Scientist], w.seat(t, fmt.Sprint("sc", n), community.Member, community.Scientist))
	}
	var rated []criterion.Rated
	for i, s := range all {
		n := w.rateable(t, fmt.Sprint("Criterion ", i))
		for p, values := range s {
			for k, value := range values {
				if err := w.store.Rate(context.Background(), seats[p][(k+i)%5], n, criterion.Rating{Value: value, Reason: fmt.Sprint("reason of ", value), Lang: "en"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		one := w.rated(t, w.nobody, n)
		slices.SortFunc(one.Reasons, func(a, b criterion.Reason) int { // their order hangs on ids
			return strings.Compare(string(a.Perspective)+a.Words, string(b.Perspective)+b.Words)
		})
		rated = append(rated, one)
	}
	results, err := w.store.Results(context.Background(), w.nobody, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	singles, _, err := w.store.Singles(context.Background(), w.nobody, 0)
	if err != nil {
		t.Fatal(err)
	}
	return results, singles, rated
}

func TestStatisticsAreThoseOfTheSingleNumbers(t *testing.T) {
	t.Parallel()
	alone(t, func(t *rapid.T, db postgres.DB) {
		all := []said{drawSaid(t, "a"), drawSaid(t, "b"), drawSaid(t, "c")}
		results, singles, rated := tellings(t, newTown(t, db), all)
		again := map[int]said{}
		for _, s := range singles {
			if again[s.Number] == nil {
				again[s.Number] = said{}
			}
			again[s.Number][s.Perspective] = append(again[s.Number][s.Perspective], s.Value)
		}
		shown := 0
		for i, s := range all {
			want := criterion.Importance{Stakeholder: groupOf(again[i+1][community.Stakeholder]), Scientist: groupOf(again[i+1][community.Scientist])}
			want.Hidden = s.hidden()
			if got := rated[i].Importance; got != want {
				t.Fatalf("criterion %d, %v: got %+v, want %+v", i+1, s, got, want)
			}
			if (len(again[i+1]) > 0) != (!s.hidden() && len(s[community.Stakeholder])+len(s[community.Scientist]) > 0) {
				t.Fatalf("criterion %d, %v: the single numbers are %v", i+1, s, again[i+1])
			}
			if want.Any() {
				shown++
			}
		}
		if len(results.Rows) != shown || results.Unshown != len(all)-shown {
			t.Fatalf("%d are shown, got %d and %d others", shown, len(results.Rows), results.Unshown)
		}
		for i, r := range results.Rows {
			if r.Importance != rated[r.Number-1].Importance || i > 0 && r.Overall() > results.Rows[i-1].Overall() {
				t.Fatalf("row %d: %+v", i, r)
			}
		}
	})
}

// Whatever the members of hidden groups said, and however many they are: everybody else is told the same.
func TestNothingTellsOfHiddenGroups(t *testing.T) {
	t.Parallel()
	alone(t, func(t *rapid.T, db postgres.DB) {
		here, there := make([]said, 3), make([]said, 3)
		for i := range here {
			here[i] = drawSaid(t, fmt.Sprint("here", i))
			there[i] = here[i]
			if here[i].hidden() {
				there[i] = rapid.Custom(func(t *rapid.T) said { return drawSaid(t, "there") }).Filter(said.hidden).Draw(t, "there")
			}
		}
		results, singles, rated := tellings(t, newTown(t, db), here)
		results2, singles2, rated2 := tellings(t, newTown(t, db), there)
		for what, diff := range map[string]string{"results": cmp.Diff(results, results2), "single numbers": cmp.Diff(singles, singles2), "pages": cmp.Diff(rated, rated2)} {
			if diff != "" {
				t.Fatalf("%s tell hidden groups apart: %s", what, diff)
			}
		}
	})
}

func TestWhoRatesWhileAnotherRatingIsBeingSavedCountsBoth(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	w := newTown(t, pool)
	n := w.rateable(t, "Single trees are shown")
	var seats []community.Seat
	for i := range 4 {
		seats = append(seats, w.seat(t, fmt.Sprint("s", i), community.Member, community.Stakeholder))
	}
	w.rates(t, seats[0], n, 5)
	w.rates(t, seats[1], n, 5)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.On(tx).Rate(t.Context(), seats[2], n, valued(5)); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- w.store.Rate(t.Context(), seats[3], n, valued(9)) }()
	soon, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for waits := false; !waits; { // until the second one waits for the first
		if err := pool.QueryRow(soon, `select exists (select from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database()))`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tx.Commit(t.Context()), <-second); err != nil {
		t.Fatal(err)
	}
	if got, want := w.rated(t, w.nobody, n).Stakeholder, groupOf([]int{5, 5, 5, 9}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
