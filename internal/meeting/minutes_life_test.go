package meeting_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestAServerThatDiesWhileOpeningLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	w := newAgendaTown(t, pool)
	n := w.meet(t)
	w.write(t, w.coord, n, []meeting.Wording{{Body: "decision: one\ndecision: two\ntodo: three\ntodo: four"}})
	w.run(t, `create function die() returns trigger language plpgsql as $$ begin
		if (select count(*) from action) = 2 then perform pg_terminate_backend(pg_backend_pid()); end if; return null; end $$`)
	w.run(t, `create trigger die after insert on action for each statement execute function die()`)
	if err := w.store.Open(t.Context(), w.coord, n, w.now.AddDate(0, 0, 7)); err == nil {
		t.Fatal("it did not die")
	}
	if got := w.count(t, `select count(*) from item where kind in ('decision', 'action')`) + w.count(t, `select count(*) from activity where verb = 'minutes.open'`) + w.count(t, `select count(*) from counter where series in ('decision', 'action')`); got != 0 {
		t.Errorf("%d things are left", got)
	}
	if m := w.minutes(t, w.coord, n); m.Minutes != meeting.DraftMinutes {
		t.Errorf("got %s", m.Minutes)
	}
	w.run(t, `drop trigger die on action`)
	w.open(t, n)
	if got := w.count(t, `select count(*) from item where kind in ('decision', 'action') and number <= 2`); got != 4 {
		t.Errorf("%d decisions and actions, want 4 without a gap", got)
	}
}

// course is what the minutes of one meeting should look like after some moves.
type course struct {
	w      *agendaTown
	number int
	seats  map[string]community.Seat
	state  meeting.MinutesState
	lines  int // ever made
	open   map[int64]bool
	text   string
	rev    int
}

func (c *course) keeper(who string) bool { return who == "anna" || who == "coord" }

// want judges an error: one of the given keys or kinds, in the order in which the store asks.
func (c *course) want(t *rapid.T, what, who string, err error, allowed bool, key string) bool {
	switch {
	case !allowed:
		if !errors.Is(err, fault.Forbidden) {
			t.Fatalf("%s by %s: got %v, want forbidden", what, who, err)
		}
	case key != "":
		if !wrong(err, key) {
			t.Fatalf("%s by %s when %s: got %v, want %s", what, who, c.state, err, key)
		}
	case err != nil:
		t.Fatalf("%s by %s when %s: %v", what, who, c.state, err)
	default:
		return true
	}
	return false
}

func when(is bool, key string) string {
	if is {
		return key
	}
	return ""
}

func (c *course) write(t *rapid.T, who string) {
	form := rapid.SampledFrom(meeting.LineForms).Draw(t, "form")
	text := rapid.SampledFrom([]string{"", "We met.", "We walked."}).Draw(t, "text")
	_, err := c.w.store.Write(context.Background(), c.seats[who], c.number, meeting.Writing{Texts: []meeting.Wording{{Body: text, Revision: c.rev}}, Lines: []meeting.Catch{{Form: form, Text: "a line"}}, Request: uuid.New()})
	if c.want(t, "writing", who, err, c.keeper(who), when(c.state == meeting.ApprovedMinutes, "minutes-frozen")) {
		c.lines++
		if text != c.text {
			c.rev++
		}
		c.text = text
		if c.state == meeting.NoMinutes {
			c.state = meeting.DraftMinutes
		}
	}
}

func (c *course) strike(t *rapid.T, who string) {
	if c.lines == 0 {
		return
	}
	n := rapid.IntRange(1, c.lines).Draw(t, "line")
	do := rapid.SampledFrom([]func(context.Context, community.Seat, int, int) error{c.w.store.Strike, c.w.store.Unstrike}).Draw(t, "way")
	c.want(t, "striking", who, do(context.Background(), c.seats[who], c.number, n), c.keeper(who), when(c.state == meeting.ApprovedMinutes, "minutes-frozen"))
}

func (c *course) reword(t *rapid.T, who string) {
	if c.lines == 0 {
		return
	}
	n := rapid.IntRange(1, c.lines).Draw(t, "line")
	m, err := c.w.store.Minutes(context.Background(), c.seats["coord"], c.number)
	if err != nil {
		t.Fatal(err)
	}
	line, err := m.Line(n)
	if err != nil {
		t.Fatal(err)
	}
	err = c.w.store.Reword(context.Background(), c.seats[who], c.number, n, meeting.Rewording{Form: rapid.SampledFrom(meeting.LineForms).Draw(t, "form"), Body: "another line", Lang: locale.English, People: "@bea, Carl", Revision: line.Revision})
	c.want(t, "rewording", who, err, c.keeper(who), when(c.state == meeting.ApprovedMinutes, "minutes-frozen"))
}

func (c *course) begin(t *rapid.T, who string) {
	err := c.w.store.Open(context.Background(), c.seats[who], c.number, c.w.now.AddDate(0, 0, 7))
	key := when(c.state == meeting.NoMinutes, "minutes-empty") + when(c.state == meeting.ApprovedMinutes, "minutes-frozen")
	if c.want(t, "opening", who, err, c.keeper(who), key) {
		c.state = meeting.OpenMinutes
	}
}

func (c *course) correct(t *rapid.T, who string) {
	err := c.w.store.Correct(context.Background(), c.seats[who], c.number, meeting.Amendment{Body: "No.", Lang: locale.English, Request: uuid.New()})
	if c.want(t, "correcting", who, err, who != "nobody", when(c.state != meeting.OpenMinutes, "corrections-over")) {
		m, err := c.w.store.Minutes(context.Background(), c.seats["coord"], c.number)
		if err != nil {
			t.Fatal(err)
		}
		for _, fix := range m.Corrections {
			if fix.State == "open" {
				c.open[fix.ID] = true
			}
		}
	}
}

func (c *course) judge(t *rapid.T, who string) {
	for id := range c.open {
		err := c.w.store.Judge(context.Background(), c.seats[who], c.number, id, rapid.Bool().Draw(t, "taken"), "so")
		if c.want(t, "judging", who, err, c.keeper(who), "") {
			delete(c.open, id)
		}
		return
	}
}

func (c *course) approve(t *rapid.T, who string) {
	err := c.w.store.Approve(context.Background(), c.seats[who], c.number)
	key := when(c.state != meeting.OpenMinutes, "minutes-not-open")
	if key == "" {
		key = when(len(c.open) > 0, "corrections-wait")
	}
	if c.want(t, "approving", who, err, who == "coord", key) {
		c.state = meeting.ApprovedMinutes
	}
}

func (c *course) add(t *rapid.T, who string) {
	err := c.w.store.Append(context.Background(), c.seats[who], c.number, meeting.Amendment{Body: "And more.", Lang: locale.English, Request: uuid.New()})
	c.want(t, "adding", who, err, c.keeper(who), when(c.state != meeting.ApprovedMinutes, "minutes-not-approved"))
}

// check compares what stands with the course of things.
func (c *course) check(t *rapid.T) {
	m, err := c.w.store.Minutes(context.Background(), c.seats["coord"], c.number)
	if err != nil {
		t.Fatal(err)
	}
	if m.Minutes != c.state || (m.State == meeting.Closed) != (c.state == meeting.ApprovedMinutes) || m.Parts[0].Body != c.text {
		t.Fatalf("got %s, %s, %q; want %s, %q", m.State, m.Minutes, m.Parts[0].Body, c.state, c.text)
	}
	want := map[string]int{}
	for _, l := range m.Parts[0].Lines {
		standing := c.state == meeting.OpenMinutes || c.state == meeting.ApprovedMinutes
		kind := map[meeting.LineForm]string{meeting.DecidedLine: "decision", meeting.TodoLine: "action"}[l.Form]
		if !standing || l.Removed {
			kind = ""
		}
		if string(l.Became) != kind {
			t.Fatalf("line %d, %s, removed %v: stands as %q when %s", l.N, l.Form, l.Removed, l.Became, c.state)
		}
		want[kind]++
	}
	for _, kind := range []string{"decision", "action"} {
		got := 0
		if err := c.w.db.QueryRow(context.Background(), `select count(*) from item where kind = $1 and removed_at is null`, kind).Scan(&got); err != nil || got != want[kind] {
			t.Fatalf("%d of kind %s stand, want %d (%v)", got, kind, want[kind], err)
		}
	}
	outside, err := c.w.store.Minutes(context.Background(), c.seats["nobody"], c.number)
	if shown := c.state == meeting.OpenMinutes || c.state == meeting.ApprovedMinutes; err != nil || outside.Open != shown || !shown && len(outside.Parts) > 0 {
		t.Fatalf("a stranger when %s: %+v, %v", c.state, outside, err)
	}
}

func TestMinutesLiveAsDesignedWhateverComes(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	rapid.Check(t, func(rt *rapid.T) {
		inner, err := tx.Begin(context.Background())
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = inner.Rollback(context.Background()) }()
		w := newAgendaTown(t, inner)
		n := w.meet(t)
		w.duty(t, n, "notes", w.anna)
		c := &course{w: w, number: n, state: meeting.NoMinutes, open: map[int64]bool{}, seats: map[string]community.Seat{"anna": w.anna, "bea": w.bea, "coord": w.coord, "nobody": w.nobody}}
		moves := []func(*rapid.T, string){c.write, c.write, c.strike, c.reword, c.begin, c.correct, c.judge, c.approve, c.add}
		for range rapid.IntRange(4, 18).Draw(rt, "moves") {
			w.now = w.now.Add(time.Second)
			who := rapid.SampledFrom([]string{"anna", "coord", "coord", "bea", "nobody"}).Draw(rt, "who")
			moves[rapid.IntRange(0, len(moves)-1).Draw(rt, "move")](rt, who)
			c.check(rt)
		}
	})
}
