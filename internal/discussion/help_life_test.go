package discussion_test

import (
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// life is what a help request should look like after some moves.
type life struct {
	d       *circle
	number  int
	asker   community.Seat
	people  map[string]community.Seat
	state   string
	offers  map[string]bool
	replies []int // of others
	ending  string
	text    string
}

func (l *life) stale(t rapid.TB, what string, err error) {
	if _, ok := fault.Stale(err); !ok {
		t.Fatalf("%s when %s: got %v, want a conflict", what, l.state, err)
	}
}

func (l *life) forbidden(t rapid.TB, what string, err error) {
	if !errors.Is(err, fault.Forbidden) {
		t.Fatalf("%s: got %v, want forbidden", what, err)
	}
}

func (l *life) offer(t rapid.TB, who string) {
	err := l.d.store.Offer(context.Background(), l.people[who], l.number, "a note")
	switch {
	case who == "asker" || who == "elsewhere" || who == "visitor":
		l.forbidden(t, "offer by "+who, err)
		return
	case l.state == discussion.Closed:
		l.stale(t, "offer", err)
		return
	case err != nil:
		t.Fatal(err)
	}
	l.offers[who] = true
	if l.state == discussion.Asked {
		l.state = discussion.Offered
	}
}

func (l *life) takeBack(t rapid.TB, who string) {
	err := l.d.store.TakeBack(context.Background(), l.people[who], l.number)
	switch {
	case who == "elsewhere" || who == "visitor":
		l.forbidden(t, "taking back by "+who, err)
		return
	case l.offers[who] && l.state == discussion.Closed:
		l.stale(t, "taking back", err)
		return
	case err != nil:
		t.Fatal(err)
	}
	delete(l.offers, who)
	if l.state == discussion.Offered && len(l.offers) == 0 {
		l.state = discussion.Asked
	}
}

func (l *life) reply(t rapid.TB, who string) {
	a := answer("an answer")
	made, err := l.d.store.Reply(context.Background(), l.people[who], l.number, a)
	if who == "visitor" {
		l.forbidden(t, "reply by "+who, err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.d.store.Reply(context.Background(), l.people[who], l.number, a); err != nil {
		t.Fatal(err)
	}
	if who == "asker" {
		return
	}
	l.replies = append(l.replies, made.Number)
	if l.state == discussion.Asked || l.state == discussion.Offered {
		l.state = discussion.Answered
	}
}

func (l *life) close(t rapid.TB, who string, ending string) {
	o := discussion.Outcome{Ending: ending, Text: "the vine on wires", Replies: l.replies}
	if ending == discussion.NothingWorked {
		o.Text = "" // and so it differs from the other
	}
	same := l.state == discussion.Closed && l.ending == ending && l.text == o.Text
	err := l.d.store.Close(context.Background(), l.people[who], l.number, o)
	switch {
	case who != "asker":
		l.forbidden(t, "closing by "+who, err)
		return
	case l.state == discussion.Closed && !same && err == nil:
		t.Fatal("another outcome went over the one that stands")
	case l.state == discussion.Closed && err != nil:
		l.stale(t, "closing", err)
		return
	case err != nil:
		t.Fatal(err)
	}
	l.state, l.ending, l.text = discussion.Closed, ending, o.Text
	if err := l.d.store.Close(context.Background(), l.people[who], l.number, o); err != nil {
		t.Fatalf("the same again: %v", err)
	}
}

func (l *life) reopen(t rapid.TB, who string) {
	err := l.d.store.Reopen(context.Background(), l.people[who], l.number)
	if who != "asker" && who != "coordinator" {
		l.forbidden(t, "reopening by "+who, err)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if l.state == discussion.Closed {
		l.state = discussion.Asked
		if len(l.offers) > 0 {
			l.state = discussion.Offered
		}
	}
}

// check that the store agrees, and that nothing was told twice.
func (l *life) check(t rapid.TB) {
	p, err := l.d.store.Plea(context.Background(), l.asker, l.number)
	if err != nil {
		t.Fatal(err)
	}
	if p.State != l.state || len(p.Offers) != len(l.offers) || (p.AnsweredAt != nil) != (len(l.replies) > 0) {
		t.Fatalf("state %q with %d offers, answered %v; want %q with %d, %d replies", p.State, len(p.Offers), p.AnsweredAt, l.state, len(l.offers), len(l.replies))
	}
	if l.state == discussion.Closed && p.Ending != l.ending {
		t.Fatalf("ending %q, want %q", p.Ending, l.ending)
	}
	if !p.Mine {
		t.Fatal("the asker's request is not the asker's")
	}
}

func TestAHelpRequestLivesItsLifeWhateverPeoplePress(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	rapid.Check(t, func(t *rapid.T) {
		d := newCircle(t, tx)
		l := &life{d: d, state: discussion.Asked, offers: map[string]bool{}, asker: d.seat(community.Member, community.Stakeholder)}
		l.people = map[string]community.Seat{"asker": l.asker, "anna": d.seat(community.ScientificMember, community.Scientist), "ben": d.seat(community.Member, community.Stakeholder),
			"coordinator": d.seat(community.Coordinator, community.Stakeholder), "elsewhere": d.seat(community.Elsewhere, ""), "visitor": d.seat(community.Visitor, "")}
		a := asking("shade")
		a.Discreet = rapid.Bool().Draw(t, "discreet")
		made, err := d.store.Ask(context.Background(), l.asker, a)
		if err != nil {
			t.Fatal(err)
		}
		l.number = made.Number
		who := rapid.SampledFrom([]string{"asker", "asker", "anna", "ben", "coordinator", "elsewhere", "visitor"})
		t.Repeat(map[string]func(*rapid.T){
			"offer": func(t *rapid.T) { l.offer(t, who.Draw(t, "who")) },
			"back":  func(t *rapid.T) { l.takeBack(t, who.Draw(t, "who")) },
			"reply": func(t *rapid.T) { l.reply(t, who.Draw(t, "who")) },
			"close": func(t *rapid.T) {
				l.close(t, who.Draw(t, "who"), rapid.SampledFrom([]string{discussion.Worked, discussion.NothingWorked}).Draw(t, "ending"))
			},
			"reopen": func(t *rapid.T) { l.reopen(t, who.Draw(t, "who")) },
			"":       func(t *rapid.T) { l.check(t) },
		})
	})
}
