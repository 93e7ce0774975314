package discussion_test

import (
	"context"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// knows gives a person a competence.
func (d *circle) knows(seat community.Seat, what string) {
	d.t.Helper()
	d.do(`insert into competence (community_id, account_id, position, name) select $1, $2, count(*), $3 from competence where community_id = $1 and account_id = $2`, d.id, seat.Account, what)
}

func (d *circle) waiting(seat community.Seat) discussion.HelpWaiting {
	d.t.Helper()
	w, err := d.store.HelpWaiting(context.Background(), seat.Reach, locale.English)
	if err != nil {
		d.t.Fatal(err)
	}
	return w
}

func numbers(lines []discussion.HelpLine) (all []int) {
	for _, l := range lines {
		all = append(all, l.Number)
	}
	return all
}

func TestUnansweredRequestsReachTheCoordinatorsAfterThreeDays(t *testing.T) {
	t.Parallel()
	d := newCircle(t, testdb.Tx(t))
	asker, anna, coordinator := d.seat(community.Member, community.Stakeholder), d.seat(community.Member, community.Stakeholder), d.seat(community.Coordinator, community.Stakeholder)
	a := asking("shade")
	a.Discreet = true
	made, err := d.store.Ask(t.Context(), asker, a)
	if err != nil {
		t.Fatal(err)
	}
	d.now = noon.Add(71 * time.Hour)
	if err := d.store.Offer(t.Context(), anna, made.Number, ""); err != nil { // an offer alone answers nothing
		t.Fatal(err)
	}
	if w := d.waiting(coordinator); len(w.Unanswered) != 0 {
		t.Errorf("before three days: %v", numbers(w.Unanswered))
	}
	d.now = noon.Add(72 * time.Hour)
	w := d.waiting(coordinator)
	if len(w.Unanswered) != 1 || w.Unanswered[0].Author.Account != asker.Account || w.Unanswered[0].State != discussion.Offered || w.Unanswered[0].Community != "Town" {
		t.Errorf("after three days: %+v", w.Unanswered)
	}
	if w := d.waiting(anna); len(w.Unanswered) != 0 {
		t.Errorf("for a member: %v", numbers(w.Unanswered))
	}
	if _, err := d.store.Reply(t.Context(), anna, made.Number, answer("vines")); err != nil {
		t.Fatal(err)
	}
	if w := d.waiting(coordinator); len(w.Unanswered) != 0 {
		t.Errorf("once answered: %v", numbers(w.Unanswered))
	}
	if w := d.waiting(asker); len(w.Tell) != 1 || len(w.Mine) != 0 {
		t.Errorf("the asker is to say what worked: %+v", w)
	}
	for range 2 {
		if err := d.store.Close(t.Context(), asker, made.Number, discussion.Outcome{Ending: discussion.NotNeeded}); err != nil {
			t.Fatal(err)
		}
	}
	if w := d.waiting(asker); len(w.Tell) != 0 {
		t.Errorf("told already: %v", numbers(w.Tell))
	}
	if err := d.store.Reopen(t.Context(), coordinator, made.Number); err != nil {
		t.Fatal(err)
	}
	if w := d.waiting(coordinator); len(w.Unanswered) != 0 {
		t.Errorf("just reopened: %v", numbers(w.Unanswered))
	}
}

func TestRequestsReachWhoseCompetenceOrPerspectiveFits(t *testing.T) {
	t.Parallel()
	d := newCircle(t, testdb.Tx(t))
	asker, anna, ben := d.seat(community.Member, community.Stakeholder), d.seat(community.ScientificMember, community.Scientist), d.seat(community.Member, community.Stakeholder)
	outside := d.seat(community.Elsewhere, "")
	d.knows(anna, "Cooling schoolyards") // words in another form than those of the request
	d.knows(ben, "Night maps")
	d.knows(asker, "schoolyard")
	ask := func(title string, change func(*discussion.Asking)) int {
		a := asking(title)
		a.Body, a.Tried = "words", ""
		change(&a)
		made, err := d.store.Ask(t.Context(), asker, a)
		if err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Minute)
		return made.Number
	}
	words := ask("How do I cool a schoolyard?", func(*discussion.Asking) {})
	tagged := ask("What is this?", func(a *discussion.Asking) { a.Tags = []string{"Night Maps"} })
	addressed := ask("Numbers", func(a *discussion.Asking) {
		a.Addressed, a.Discreet, a.Audience = community.Scientist, true, item.Community
	})
	removed := ask("How do I cool another schoolyard?", func(*discussion.Asking) {})
	d.do(`update item set removed_at = now() where community_id = $1 and number = $2`, d.id, removed)
	w := d.waiting(anna)
	if got := numbers(w.Mine); len(got) != 2 || got[0] != addressed || got[1] != words {
		t.Errorf("anna: %v, want %v", got, []int{addressed, words})
	}
	if len(w.Mine) == 2 && (w.Mine[1].Matches != "Cooling schoolyards" || w.Mine[0].Author.Name != "" || w.Mine[0].Author.Account != 0 || !w.Mine[0].Author.Discreet) {
		t.Errorf("anna: %+v", w.Mine)
	}
	if got := numbers(d.waiting(ben).Mine); len(got) != 1 || got[0] != tagged {
		t.Errorf("ben: %v, want %d", got, tagged)
	}
	for who, seat := range map[string]community.Seat{"the asker": asker, "elsewhere": outside} {
		if got := numbers(d.waiting(seat).Mine); len(got) != 0 {
			t.Errorf("%s: %v", who, got)
		}
	}
	if err := d.store.Offer(t.Context(), anna, words, ""); err != nil {
		t.Fatal(err)
	}
	if w := d.waiting(anna); !w.Mine[1].Offered || w.Mine[0].Offered {
		t.Errorf("offered: %+v", w.Mine)
	}
}
