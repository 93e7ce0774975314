package meeting_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// opening offers days in March 2027, each from ten to twelve.
func opening(days ...string) meeting.Opening {
	o := meeting.Opening{UntilDay: "2027-02-01", UntilAt: "18:00", Request: uuid.New()}
	for n, day := range days {
		o.Offers = append(o.Offers, meeting.Offer{Row: n + 1, When: meeting.When{Day: day, From: "10:00", Until: "12:00"}})
	}
	return o
}

// polled is a meeting whose date is sought, with the dates on offer.
func (w *town) polled(t rapid.TB, days ...string) (number int, options []meeting.OptionID) {
	t.Helper()
	number = w.schedule(t, w.plan("Shade"))
	if err := w.store.OpenPoll(context.Background(), w.coord, number, opening(days...)); err != nil {
		t.Fatal(err)
	}
	return number, w.options(t, number)
}

func (w *town) options(t rapid.TB, number int) (ids []meeting.OptionID) {
	t.Helper()
	_, p := w.dates(t, w.coord, number)
	for _, o := range p.Options {
		ids = append(ids, o.ID)
	}
	return ids
}

func (w *town) dates(t rapid.TB, seat community.Seat, number int) (meeting.Meeting, meeting.Poll) {
	t.Helper()
	m, p, err := w.store.Dates(context.Background(), seat, number)
	if err != nil {
		t.Fatal(err)
	}
	return m, p
}

func (w *town) answer(t rapid.TB, seat community.Seat, number int, to map[meeting.OptionID]meeting.DateAnswer) {
	t.Helper()
	if err := w.store.AnswerDates(context.Background(), seat, number, meeting.Answers{To: to}); err != nil {
		t.Fatal(err)
	}
}

// problem is the key of what is wrong with a field.
func problem(err error, field string) string {
	for _, p := range fault.Problems(err) {
		if p.Field == field {
			return p.Key
		}
	}
	return fmt.Sprint(err)
}

type to = map[meeting.OptionID]meeting.DateAnswer

func TestMembersSayWhenTheyCouldAndTheDateIsChosen(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	ctx := t.Context()
	n, o := w.polled(t, "2027-03-02", "2027-03-03", "2027-03-04")
	w.answer(t, w.stella, n, to{o[0]: meeting.Yes, o[1]: meeting.IfNeedBe, o[2]: meeting.No})
	w.answer(t, w.simon, n, to{o[0]: meeting.No, o[1]: meeting.Yes})
	m, p := w.dates(t, w.stella, n)
	if m.State != meeting.Finding || p.Heard != 2 || p.Mine == nil || p.Mine.Answers[o[1]] != meeting.IfNeedBe || len(p.Waiting) != 1 {
		t.Fatalf("poll %+v of %s", p, m.State)
	}
	if best := p.Best(); len(best) != 1 || best[0].ID != o[1] || best[0].Yes != 1 || best[0].IfNeedBe != 1 || best[0].Stakeholders != 1 || best[0].Scientists != 1 {
		t.Fatalf("best %+v", best)
	}
	if yes, need, no, open := p.Voices[1].Count(p.Options); yes != 1 || need != 0 || no != 1 || open != 1 {
		t.Errorf("counted %d %d %d %d", yes, need, no, open)
	}
	if err := w.store.Choose(ctx, w.coord, n, o[1]); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Choose(ctx, w.coord, n, o[1]); err != nil {
		t.Fatalf("the same again: %v", err)
	}
	if err := w.store.Choose(ctx, w.coord, n, o[0]); problem(err, "state") != "meeting-state" {
		t.Errorf("another one: %v", err)
	}
	m, p = w.dates(t, w.stella, n)
	if m.State != meeting.Published || !m.StartsAt.Equal(time.Date(2027, 3, 3, 9, 0, 0, 0, time.UTC)) || m.Place != "Town hall" || p.Chosen() == nil || p.ClosedAt == nil || len(p.Options) != 3 {
		t.Errorf("meeting %+v, poll %+v", m, p)
	}
	if n := w.one(t, `select count(*) from activity where item_id = $1 and verb = 'meeting.publish'`, m.ID); n != 1 {
		t.Errorf("published %d times", n)
	}
	if err := w.store.AnswerDates(ctx, w.simon, n, meeting.Answers{To: to{o[0]: meeting.Yes}}); problem(err, "answers") != "poll-closed" {
		t.Errorf("an answer after the end: %v", err)
	}
}

func TestADateWithItsOwnPlaceTakesTheMeetingThere(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for name, c := range map[string]struct {
		place  string
		online bool
		want   [2]string
		linked bool
	}{
		"no word": {"", false, [2]string{"Town hall", "Market 1"}, false},
		"a place": {"Harbour", false, [2]string{"Harbour", ""}, false},
		"online":  {"", true, [2]string{"", ""}, true},
		"both":    {"Town hall", true, [2]string{"Town hall", "Market 1"}, true},
	} {
		n := w.schedule(t, w.plan(name))
		o := opening("2027-03-02")
		o.Offers[0].Place, o.Offers[0].Online = c.place, c.online
		if err := w.store.OpenPoll(t.Context(), w.coord, n, o); err != nil {
			t.Fatal(err)
		}
		if err := w.store.Choose(t.Context(), w.coord, n, w.options(t, n)[0]); err != nil {
			t.Fatal(err)
		}
		m, _ := w.dates(t, w.coord, n)
		if got := [2]string{m.Place, m.Address}; got != c.want || m.Online != c.linked {
			t.Errorf("%s: got %q online %v", name, got, m.Online)
		}
	}
}

func TestOnlyMembersAnswerAndOnlyCoordinatorsSeek(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, o := w.polled(t, "2027-03-02", "2027-03-03")
	ctx := t.Context()
	for what, err := range map[string]error{
		"open":   w.store.OpenPoll(ctx, w.stella, n, opening("2027-03-05")),
		"offer":  w.store.OfferDates(ctx, w.stella, n, opening("2027-03-05")),
		"take":   w.store.TakeOff(ctx, w.stella, n, o[0], 0),
		"choose": w.store.Choose(ctx, w.stella, n, o[0]),
		"close":  w.store.ClosePoll(ctx, w.stella, n),
		"answer": w.store.AnswerDates(ctx, w.nobody, n, meeting.Answers{To: to{o[0]: meeting.Yes}}),
	} {
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, _, err := w.store.Dates(ctx, w.nobody, n); !errors.Is(err, fault.NotFound) {
		t.Errorf("a stranger reads: %v", err)
	}
}

func TestDatesOfAnotherMeetingAreNoneOfThisOne(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	ctx := t.Context()
	n, o := w.polled(t, "2027-03-02", "2027-03-03")
	_, other := w.polled(t, "2027-03-02")
	if err := w.store.AnswerDates(ctx, w.stella, n, meeting.Answers{To: to{o[0]: meeting.Yes, other[0]: meeting.Yes}}); problem(err, "answers") != "date-gone" {
		t.Errorf("answer: %v", err)
	}
	if _, p := w.dates(t, w.stella, n); p.Heard != 0 {
		t.Error("half an answer was kept")
	}
	if err := w.store.Choose(ctx, w.coord, n, other[0]); !errors.Is(err, fault.NotFound) {
		t.Errorf("choose: %v", err)
	}
	if err := w.store.TakeOff(ctx, w.coord, n, other[0], 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("take off: %v", err)
	}
}

func TestWhatIsWrongWithAPollIsSaidAtItsRow(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	many := opening()
	for i := range 61 {
		day := time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(time.DateOnly)
		many.Offers = append(many.Offers, meeting.Offer{Row: i + 1, When: meeting.When{Day: day, From: "10:00", Until: "11:00"}})
	}
	backwards, early := opening("2027-03-02"), opening("2027-03-02")
	backwards.Offers[0].When.Until = "09:00"
	early.UntilDay = "2026-12-01"
	missing := opening("2027-03-02", "2027-03-28")
	missing.Offers[1].When.From = "02:30"
	for name, c := range map[string]struct {
		o          meeting.Opening
		field, key string
	}{
		"none":                   {opening(), "day-1", "dates-none"},
		"too many":               {many, "day-1", "dates-many"},
		"the end before":         {backwards, "until-1", "before-start"},
		"the missing hour":       {missing, "from-2", "no-such-hour"},
		"twice":                  {opening("2027-03-02", "2027-03-02"), "day-2", "date-doubled"},
		"gone by":                {opening("2026-03-02"), "day-1", "date-past"},
		"closed before it opens": {early, "until_day", "date-past"},
	} {
		n := w.schedule(t, w.plan(name))
		if err := w.store.OpenPoll(t.Context(), w.coord, n, c.o); problem(err, c.field) != c.key {
			t.Errorf("%s: %v", name, err)
		}
		if m, p := w.dates(t, w.coord, n); m.State != meeting.Draft || len(p.Options) != 0 {
			t.Errorf("%s: %d dates in a meeting in %s", name, len(p.Options), m.State)
		}
	}
}

func TestADateGoesWithItsAnswersOnlyKnowingly(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	ctx := t.Context()
	n, o := w.polled(t, "2027-03-02", "2027-03-03")
	w.answer(t, w.stella, n, to{o[0]: meeting.Yes, o[1]: meeting.Yes})
	if err := w.store.TakeOff(ctx, w.coord, n, o[0], 0); problem(err, "option") != "date-answered" {
		t.Fatalf("unknowing: %v", err)
	}
	if err := w.store.TakeOff(ctx, w.coord, n, o[0], 1); err != nil {
		t.Fatal(err)
	}
	if err := w.store.TakeOff(ctx, w.coord, n, o[1], 9); problem(err, "option") != "date-last" {
		t.Errorf("the last one: %v", err)
	}
	if _, p := w.dates(t, w.stella, n); len(p.Options) != 1 || len(p.Mine.Answers) != 1 {
		t.Errorf("left %+v", p)
	}
}

func TestADateAddedLaterIsNewToThoseWhoAnswered(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, o := w.polled(t, "2027-03-02")
	w.now = w.now.Add(time.Hour)
	w.answer(t, w.stella, n, to{o[0]: meeting.Yes})
	w.now = w.now.Add(time.Hour)
	more := opening("2027-03-09")
	for range 2 { // the second time is a double click
		if err := w.store.OfferDates(t.Context(), w.coord, n, more); err != nil {
			t.Fatal(err)
		}
	}
	_, p := w.dates(t, w.stella, n)
	if len(p.Options) != 2 || p.Mine.New(p.Options[0]) || !p.Mine.New(p.Options[1]) {
		t.Fatalf("poll %+v", p)
	}
	whole, err := w.store.Read(t.Context(), w.stella, n)
	if err != nil || whole.Dates.New != 1 || whole.Dates.Options != 2 || !whole.Dates.Answered {
		t.Errorf("glance %+v, %v", whole.Dates, err)
	}
}

func TestOnlyTheSilentAreReminded(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	ctx := t.Context()
	n, o := w.polled(t, "2027-03-02")
	w.answer(t, w.stella, n, to{o[0]: meeting.No})
	got, err := w.store.Silent(ctx, w.coord, n)
	if diff := cmp.Diff([]meeting.Person{{Account: w.coord.Account}, {Account: w.simon.Account}}, got); diff != "" || err != nil {
		t.Fatalf("silent: %v %s", err, diff)
	}
	for range 2 {
		if _, err := w.store.Remind(ctx, w.coord, n, 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.one(t, `select count(*) from activity where verb = 'meeting.remind' and community_id = $1 and detail->>'edition' = '1'`, w.here); n != 1 {
		t.Errorf("reminded %d times", n)
	}
	w.answer(t, w.simon, n, to{o[0]: meeting.Yes})
	w.answer(t, w.coord, n, to{o[0]: meeting.Yes})
	if _, err := w.store.Remind(ctx, w.coord, n, 2); problem(err, "remind") != "nobody-silent" {
		t.Errorf("nobody to remind: %v", err)
	}
}

func TestAPollClosedWithoutADateLeavesADraftAndOpensAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	ctx := t.Context()
	n, o := w.polled(t, "2027-03-02")
	w.answer(t, w.stella, n, to{o[0]: meeting.Yes})
	for range 2 {
		if err := w.store.ClosePoll(ctx, w.coord, n); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := w.store.Dates(ctx, w.stella, n); !errors.Is(err, fault.NotFound) {
		t.Errorf("a member reads a draft: %v", err)
	}
	again := opening()
	if err := w.store.OpenPoll(ctx, w.coord, n, again); err != nil {
		t.Fatal(err)
	}
	if m, p := w.dates(t, w.stella, n); m.State != meeting.Finding || p.ClosedAt != nil || p.Mine == nil {
		t.Errorf("opened again: %+v", p)
	}
}

func TestWhoeverLeavesCountsNoMoreWhileADateIsSought(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, o := w.polled(t, "2027-03-02")
	w.answer(t, w.simon, n, to{o[0]: meeting.Yes})
	if _, err := w.db.Exec(t.Context(), `delete from membership where account_id = $1`, w.simon.Account); err != nil {
		t.Fatal(err)
	}
	if _, p := w.dates(t, w.stella, n); p.Heard != 0 || p.Options[0].Yes != 0 || len(p.Voices) != 0 {
		t.Errorf("poll %+v", p)
	}
}

func TestNobodyFromOutsideLearnsWhoAnswered(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	p := w.plan("Open to all")
	p.OpensTo = item.Public
	n := w.schedule(t, p)
	if err := w.store.OpenPoll(t.Context(), w.coord, n, opening("2027-03-02")); err != nil {
		t.Fatal(err)
	}
	w.answer(t, w.stella, n, to{w.options(t, n)[0]: meeting.Yes})
	if _, p := w.dates(t, w.nobody, n); p.Heard != 1 || p.Options[0].Yes != 1 || len(p.Voices) != 0 || len(p.Waiting) != 0 || p.Mine != nil {
		t.Errorf("poll %+v", p)
	}
	if _, p := w.dates(t, w.simon, n); len(p.Voices) != 1 || len(p.Waiting) != 2 {
		t.Errorf("poll %+v", p)
	}
}

// Two windows and a crowd at once: one voice each, no answer lost.
func TestManyAnswerAtOnceAndNobodyCountsTwice(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	n, o := w.polled(t, "2027-03-02", "2027-03-03")
	seats := []community.Seat{w.coord, w.stella, w.simon}
	for i := range 17 {
		seats = append(seats, w.seat(t, fmt.Sprint("m", i), community.Member, community.Stakeholder))
	}
	var all sync.WaitGroup
	for _, seat := range seats {
		for range 3 {
			all.Go(func() {
				if err := w.store.AnswerDates(context.Background(), seat, n, meeting.Answers{To: to{o[0]: meeting.Yes, o[1]: meeting.No}}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	if _, p := w.dates(t, w.stella, n); p.Heard != len(seats) || p.Options[0].Yes != len(seats) || p.Options[1].No != len(seats) {
		t.Errorf("heard %d, yes %d of %d", p.Heard, p.Options[0].Yes, len(seats))
	}
}

// What is typed in a zone comes back as typed, on either side of the days on which the clocks change, or is refused as an hour that is left out.
func TestDatesAreReadInTheZoneOfTheMeeting(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	w := newTown(t, db)
	rapid.Check(t, func(t *rapid.T) {
		w.zone = rapid.SampledFrom([]string{"Europe/London", "Europe/Zurich", "Europe/Athens"}).Draw(t, "zone")
		zone, err := time.LoadLocation(w.zone)
		if err != nil {
			t.Fatal(err)
		}
		change := rapid.SampledFrom([]string{"2027-03-28", "2027-10-31", "2028-03-26", "2028-10-29"}).Draw(t, "change")
		day, _ := time.Parse(time.DateOnly, change)
		day = day.AddDate(0, 0, rapid.IntRange(-1, 1).Draw(t, "days"))
		minutes := rapid.IntRange(0, 22*60).Draw(t, "minutes")
		typed := meeting.When{Day: day.Format(time.DateOnly), From: fmt.Sprintf("%02d:%02d", minutes/60, minutes%60), Until: "23:30"}
		n := w.schedule(t, w.plan("Clocks"))
		o := opening()
		o.Offers = []meeting.Offer{{Row: 1, When: typed}}
		_, exists := meeting.Moment(day, minutes/60, minutes%60, zone)
		err = w.store.OpenPoll(context.Background(), w.coord, n, o)
		if !exists {
			if problem(err, "from-1") != "no-such-hour" {
				t.Fatalf("%s %s in %s: %v", typed.Day, typed.From, w.zone, err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.store.Choose(context.Background(), w.coord, n, w.options(t, n)[0]); err != nil {
			t.Fatal(err)
		}
		m, _ := w.dates(t, w.stella, n)
		typed.Zone = w.zone
		if got := meeting.Typed(*m.StartsAt, *m.EndsAt, w.zone); got != typed {
			t.Fatalf("typed %+v, shown %+v", typed, got)
		}
	})
}

func TestTheSameHourIsAnotherMomentOnceTheClocksHaveChanged(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for zone, want := range map[string][2]string{"Europe/London": {"10:00", "09:00"}, "Europe/Zurich": {"09:00", "08:00"}, "Europe/Athens": {"08:00", "07:00"}} {
		w.zone = zone
		n, _ := w.polled(t, "2027-03-27", "2027-03-28")
		_, p := w.dates(t, w.coord, n)
		if got := [2]string{p.Options[0].StartsAt.UTC().Format("15:04"), p.Options[1].StartsAt.UTC().Format("15:04")}; got != want {
			t.Errorf("%s: got %v, want %v", zone, got, want)
		}
	}
}
