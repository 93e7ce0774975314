package criteria_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/web/webtest"
)

// askedFor raises criteria in Basel that everybody may read, and gives their numbers.
func askedFor(t *testing.T, s *webtest.Site, statements ...string) []int {
	t.Helper()
	var seat community.Seat
	if err := s.DB.QueryRow(t.Context(), `select c.id, c.slug, a.id from community c, account a where c.slug = 'basel' and a.handle = 'lea-straumann'`).Scan(&seat.Community, &seat.Slug, &seat.Account); err != nil {
		t.Fatal(err)
	}
	seat.Standing, seat.Perspective = community.ScientificMember, community.Scientist
	seat.Reach = community.Reach{Me: seat.Account, Mine: []int64{int64(seat.Community)}, Coordinated: []int64{}}
	var numbers []int
	for _, statement := range statements {
		made, err := criterion.NewStore(s.DB, time.Now).Raise(t.Context(), seat, criterion.New{Statement: statement, Lang: "en", Audience: item.Public, Request: uuid.New()})
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, made.Number)
	}
	return numbers
}

// membersOf Basel by perspective.
func membersOf(t *testing.T, s *webtest.Site, p community.Perspective) []*webtest.Visitor {
	t.Helper()
	rows, err := s.DB.Query(t.Context(), `select a.handle from account a join membership m on m.account_id = a.id join community c on c.id = m.community_id where c.slug = 'basel' and m.state = 'member' and m.perspective = $1 order by a.handle`, p)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var handles []string
	for rows.Next() {
		var handle string
		if err := rows.Scan(&handle); err != nil {
			t.Fatal(err)
		}
		handles = append(handles, handle)
	}
	var all []*webtest.Visitor
	for _, handle := range handles {
		all = append(all, s.As(t, handle))
	}
	return all
}

func at(number int, more string) string { return fmt.Sprintf("/c/basel/criteria/%d%s", number, more) }

func TestAMemberRatesACriterionOnItsPage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	n := askedFor(t, s, "Single trees are shown")[0]
	urs := s.As(t, "urs-dettwiler")
	urs.Get(at(n, "")).Sees(t, 200, "How important is this to you?", "hardly", "indispensable", "never with your name or your number")
	for range 2 { // a double click
		urs.Post(at(n, "/importance"), "importance", "8", "importance-reason", "For permits", "importance-lang", "en").Sees(t, 303)
	}
	urs.Get(at(n, "")).Sees(t, 200, `value="8" checked`, "For permits", "at least three ratings", "Withdraw my rating").Misses(t, "Reasons given")
	s.Stranger(t).Get(at(n, "")).Sees(t, 200, "at least three ratings").Misses(t, "For permits", "How important is this to you?")
	for _, wrong := range []string{"", "0", "10", "5.5", "08", "-3", "nine", "99999999999999999999"} {
		urs.Post(at(n, "/importance"), "importance", wrong, "importance-reason", "Kept as typed", "importance-lang", "en").Sees(t, 422, "Choose a whole number from 1 to 9.", "Kept as typed")
	}
	urs.Post(at(n, "/importance"), "importance", "5", "importance-reason", strings.Repeat("x", 501), "importance-lang", "en").Sees(t, 422, "field-importance-reason")
	urs.Get(at(n, "")).Sees(t, 200, `value="8" checked`)
	urs.Post(at(n, "/importance/withdraw")).Sees(t, 303)
	urs.Get(at(n, "")).Sees(t, 200, "Nobody has rated this yet.")
	urs.Post(at(999, "/importance"), "importance", "5", "importance-lang", "en").Sees(t, 404)
	s.As(t, "eleni-markaki").Post(at(n, "/importance"), "importance", "5", "importance-lang", "en").Sees(t, 403)
	for _, sql := range []string{`update item set audience = 2 where audience < 2 and community_id = (select id from community where slug = 'basel')`, `update community set visibility = 'private' where slug = 'basel'`} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	eleni := s.As(t, "eleni-markaki")
	for _, page := range []string{at(n, "/importance"), "/c/basel/criteria/rate", "/c/basel/criteria/importance", "/c/basel/criteria/importance.csv", "/c/basel/criteria/ratings.csv"} {
		eleni.Get(page).Sees(t, 404)
	}
	eleni.Post("/c/basel/criteria/rate", "rate-1", "5").Sees(t, 404)
	eleni.Post(at(n, "/importance"), "importance", "5", "importance-lang", "en").Sees(t, 404)
}

func TestABallotSavesWhatWasChosenAndNothingElse(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	n := askedFor(t, s, "Single trees are shown", "Clouds are shown", "Nights are shown")
	field := func(i int) string { return fmt.Sprint("rate-", n[i]) }
	urs := s.As(t, "urs-dettwiler")
	urs.Get("/c/basel/criteria/rate").Sees(t, 200, "Single trees are shown", "You have rated 0 of 3 criteria.", field(2), "Circle one number on each line")
	request := uuid.NewString()
	for range 2 {
		urs.Post("/c/basel/criteria/rate", "request", request, field(0), "7", field(2), "2").Sees(t, 303)
	}
	page := urs.Get("/c/basel/criteria/rate").Sees(t, 200, "You have rated 2 of 3 criteria.").Body
	if strings.Index(page, field(1)) > strings.Index(page, field(0)) {
		t.Error("what is not rated yet does not stand first")
	}
	urs.Post("/c/basel/criteria/rate", "request", uuid.NewString(), field(1), "10", field(0), "1", fmt.Sprint("had-", n[0]), "7").Sees(t, 422, fmt.Sprintf("C-%d: choose one whole number", n[1]), `value="1" checked`)
	urs.Post("/c/basel/criteria/rate", "request", uuid.NewString(), "rate-4711", "5", field(0), "1").Sees(t, 422, "C-4711 is not asked for here any more")
	urs.Post("/c/basel/criteria/rate", "request", uuid.NewString(), field(0), "7", fmt.Sprint("had-", n[0]), "7", "rate-x", "5", "rate-007", "5").Sees(t, 303)
	if got := len(ratingsIn(t, s)); got != 0 {
		t.Errorf("%d single ratings of one person are shown", got)
	}
	urs.Get("/c/basel/criteria/rate?meeting=999").Sees(t, 404)
	urs.Get("/c/basel/criteria/rate?meeting=x").Sees(t, 404)
	urs.Get("/c/basel/criteria/rate?meeting=1").Sees(t, 200, "There is nothing to rate here")
	if _, err := s.DB.Exec(t.Context(), `insert into criterion_source (community_id, criterion_id, n, form, item_id, lang, at)
		select c.community_id, c.item_id, 1, 'meeting', m.id, 'en', now() from criterion c join item i on i.id = c.item_id, item m where i.title = 'Clouds are shown' and m.kind = 'meeting' and m.number = 1 and m.community_id = c.community_id`); err != nil {
		t.Fatal(err)
	}
	urs.Get("/c/basel/criteria/rate?meeting=M-1&after=nonsense").Sees(t, 200, "Clouds are shown", "Raised at M-1").Misses(t, "Nights are shown")
}

func ratingsIn(t *testing.T, s *webtest.Site) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(s.Stranger(t).Get("/c/basel/criteria/ratings.csv").Sees(t, 200).Body)).ReadAll()
	if err != nil || !slices.Equal(rows[0], []string{"criterion", "perspective", "value"}) {
		t.Fatalf("%v, %v", rows, err)
	}
	return rows[1:]
}

func TestResultsCanBeWorkedOutAgainFromTheExport(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	n := askedFor(t, s, "Single trees are shown", "Clouds are shown", "Nights are shown")
	rate := func(v *webtest.Visitor, number, value int) {
		v.Post("/c/basel/criteria/rate", "request", uuid.NewString(), fmt.Sprint("rate-", number), strconv.Itoa(value)).Sees(t, 303)
	}
	for i, v := range membersOf(t, s, community.Stakeholder) {
		rate(v, n[0], 9-i%2)
		rate(v, n[2], 1+i)
	}
	for i, v := range membersOf(t, s, community.Scientist) {
		rate(v, n[0], 3+i)
		if i < 2 {
			rate(v, n[2], 9)
		}
	}
	values := map[string][]int{}
	for _, row := range ratingsIn(t, s) {
		value, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		values[row[0]+row[1]] = append(values[row[0]+row[1]], value)
		if row[0] != fmt.Sprint("C-", n[0]) {
			t.Errorf("%v is of a criterion that is not shown", row)
		}
	}
	var out struct {
		Criteria []struct {
			Number                 int
			Overall                float64
			Stakeholder, Scientist struct {
				N                 int
				Low, Median, High float64
			}
		}
	}
	if err := json.Unmarshal([]byte(s.Stranger(t).Get("/c/basel/criteria/importance.json").Sees(t, 200).Body), &out); err != nil || len(out.Criteria) != 1 {
		t.Fatalf("got %+v, %v", out, err)
	}
	got := out.Criteria[0]
	for p, g := range map[string][4]float64{"stakeholder": {float64(got.Stakeholder.N), got.Stakeholder.Low, got.Stakeholder.Median, got.Stakeholder.High}, "scientist": {float64(got.Scientist.N), got.Scientist.Low, got.Scientist.Median, got.Scientist.High}} {
		of := values[fmt.Sprint("C-", n[0])+p]
		slices.Sort(of)
		if want := [4]float64{float64(len(of)), cut(of, .25), cut(of, .5), cut(of, .75)}; g != want {
			t.Errorf("%s: got %v, want %v", p, g, want)
		}
	}
	if want := (got.Stakeholder.Median + got.Scientist.Median) / 2; got.Overall != want {
		t.Errorf("overall: got %v, want %v", got.Overall, want)
	}
	s.Stranger(t).Get("/c/basel/criteria/importance").Sees(t, 200, "Where stakeholders and scientists differ most", "Stakeholders rate this higher", "Single trees are shown").Misses(t, "Nights are shown", "Rate the criteria")
	page := s.Stranger(t).Get("/c/basel/criteria/importance.csv").Sees(t, 200, "Single trees are shown").Misses(t, "Nights are shown")
	if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("got %s", page.Header.Get("Content-Type"))
	}
	s.Stranger(t).Get(at(n[2], "")).Sees(t, 200, "at least three ratings").Misses(t, "<svg class=\"plot\"")
	s.Stranger(t).Get(at(n[0], "")).Sees(t, 200, "<svg class=\"plot\"", "Stakeholders rate this higher")
}

// cut is a quantile of sorted numbers by linear interpolation.
func cut(sorted []int, p float64) float64 {
	place := p * float64(len(sorted)-1)
	k := int(place)
	if k+1 == len(sorted) {
		return float64(sorted[k])
	}
	return float64(sorted[k]) + (place-float64(k))*float64(sorted[k+1]-sorted[k])
}

func TestWhoLeavesTheCommunityLeavesTheNumber(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutCriteria(t)
	n := askedFor(t, s, "Single trees are shown")[0]
	people := membersOf(t, s, community.Stakeholder)
	for _, v := range people {
		v.Post(at(n, "/importance"), "importance", "7", "importance-lang", "en").Sees(t, 303)
	}
	before := ratingsIn(t, s)
	s.As(t, "urs-dettwiler").Post("/c/basel/leave").Sees(t, 303)
	if got := ratingsIn(t, s); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("after leaving: got %v, want %v", got, before)
	}
	s.As(t, "urs-dettwiler").Post(at(n, "/importance"), "importance", "1", "importance-lang", "en").Sees(t, 403)
}
