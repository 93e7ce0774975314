package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/web/webtest"
)

// importancePages are a ballot and its results: a criterion that everybody in London rated, one that a single member did, and one that nobody did.
func importancePages(t *testing.T, s *webtest.Site) []look {
	t.Helper()
	store := criterion.NewStore(s.DB, time.Now)
	rows, err := s.DB.Query(t.Context(), `select c.id, a.id, a.handle, m.perspective from membership m join community c on c.id = m.community_id join account a on a.id = m.account_id where c.slug = 'london' and m.state = 'member' order by a.id`)
	if err != nil {
		t.Fatal(err)
	}
	var seats []community.Seat
	rater := ""
	for rows.Next() {
		seat := community.Seat{Slug: "london", Standing: community.ScientificMember, Reach: community.Reach{Coordinated: []int64{}}}
		if err := rows.Scan(&seat.Community, &seat.Account, &rater, &seat.Perspective); err != nil {
			t.Fatal(err)
		}
		seat.Reach.Me, seat.Reach.Mine = seat.Account, []int64{int64(seat.Community)}
		seats = append(seats, seat)
	}
	var at []string
	for n, statement := range []string{"Single trees are shown", "Night and day are told apart", "Clouds are shown"} {
		made, err := store.Raise(t.Context(), seats[0], criterion.New{Statement: statement, Lang: "en", Target: criterion.Target{Measure: "grid spacing", Comparator: criterion.AtMost, Value: 100, Unit: "m"}, Request: uuid.New()})
		if err != nil {
			t.Fatal(err)
		}
		for i, seat := range seats[:[]int{len(seats), 1, 0}[n]] {
			value := 9 - i%2
			if seat.Perspective == community.Scientist {
				value = 3 + i%3
			}
			if err := store.Rate(t.Context(), seat, made.Number, criterion.Rating{Value: value, Reason: "We plan with it.", Lang: "en"}); err != nil {
				t.Fatal(err)
			}
		}
		at = append(at, fmt.Sprintf("/c/london/criteria/%d", made.Number))
	}
	return []look{{"importance", "", at[0]}, {"importance-member", rater, at[0]}, {"importance-hidden", rater, at[1]}, {"importance-none", "", at[2]}, {"reasons", "", at[0] + "/importance"},
		{"importance-results", "", "/c/london/criteria/importance"}, {"importance-empty", "", "/c/heraklion/criteria/importance"}, {"ballot", rater, "/c/london/criteria/rate"}, {"ballot-empty", rater, "/c/london/criteria/rate?meeting=1"}}
}
