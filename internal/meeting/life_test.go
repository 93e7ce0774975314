package meeting_test

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// life is what a meeting should be after some moves.
type life struct {
	*town
	number   int
	state    meeting.State
	timed    bool // has a date
	sought   bool
	closed   bool
	chosen   meeting.OptionID
	moved    bool // since the date was chosen
	sequence int
	before   string // everything the database knows, once the meeting is called off
}

// did checks that a move succeeded exactly when it may.
func (l *life) did(t rapid.TB, what string, err error, may bool) bool {
	t.Helper()
	if (err == nil) != may {
		t.Fatalf("%s when %s: %v, want success %v", what, l.state, err, may)
	}
	return err == nil
}

func (l *life) poll(t rapid.TB) (all []meeting.Option) {
	_, p := l.dates(t, l.coord, l.number)
	return p.Options
}

func (l *life) openPoll(t rapid.TB, day string) {
	if l.did(t, "open poll", l.store.OpenPoll(context.Background(), l.coord, l.number, opening(day)), l.state == meeting.Draft) {
		l.state, l.timed, l.sought, l.closed = meeting.Finding, false, true, false
	}
}

func (l *life) answerOne(t rapid.TB, pick int, word meeting.DateAnswer) {
	options := l.poll(t)
	if len(options) == 0 || l.state == meeting.Draft {
		return
	}
	err := l.store.AnswerDates(context.Background(), l.stella, l.number, meeting.Answers{To: to{options[pick%len(options)].ID: word}})
	l.did(t, "answer", err, l.state == meeting.Finding)
}

func (l *life) choose(t rapid.TB, pick int) {
	options := l.poll(t)
	if len(options) == 0 {
		return
	}
	o := options[pick%len(options)]
	err := l.store.Choose(context.Background(), l.coord, l.number, o.ID)
	if l.did(t, "choose", err, l.state == meeting.Finding || o.ID == l.chosen) && l.state == meeting.Finding {
		l.state, l.timed, l.closed, l.chosen, l.moved = meeting.Published, true, true, o.ID, false
	}
}

func (l *life) closePoll(t rapid.TB) {
	if l.did(t, "close poll", l.store.ClosePoll(context.Background(), l.coord, l.number), l.state == meeting.Finding || l.state == meeting.Draft && l.closed) {
		l.state, l.closed = meeting.Draft, true
	}
}

func (l *life) revise(t rapid.TB, day string) {
	p, _, err := l.store.Planned(context.Background(), l.coord, l.number)
	if err != nil {
		t.Fatal(err)
	}
	p.When = meeting.When{Zone: l.zone}
	if day != "" {
		p.When = meeting.When{Zone: l.zone, Day: day, From: "10:00", Until: "12:00"}
	}
	may := l.state == meeting.Draft || l.state == meeting.Finding && day == "" || l.state == meeting.Published && day != ""
	if l.did(t, "revise", l.store.Revise(context.Background(), l.coord, l.number, p), may) {
		l.timed, l.moved = day != "", true
	}
}

func (l *life) callOff(t rapid.TB) {
	if l.did(t, "call off", l.store.CallOff(context.Background(), l.coord, l.number, "rain"), l.state.Ahead()) {
		l.state = meeting.CalledOff
		l.before = l.everything(t)
	}
}

func (l *life) publish(t rapid.TB) {
	if l.did(t, "publish", l.store.Publish(context.Background(), l.coord, l.number), l.state == meeting.Draft && l.timed) {
		l.state = meeting.Published
	}
}

func (l *life) hold(t rapid.TB) {
	m, _ := l.dates(t, l.coord, l.number)
	begun := m.StartsAt != nil && !l.now.Before(m.StartsAt.Add(-10*time.Hour))
	if l.did(t, "hold", l.store.Hold(context.Background(), l.coord, l.number), l.state == meeting.Published && begun) {
		l.state = meeting.Held
	}
}

// later is the next day, never so late that dates on offer are over.
func (l *life) later() {
	if l.now.Before(time.Date(2027, 1, 24, 0, 0, 0, 0, time.UTC)) {
		l.now = l.now.AddDate(0, 0, 1)
	}
}

// everything that stands about the meeting, in one text.
func (l *life) everything(t rapid.TB) (all string) {
	m, _ := l.dates(t, l.coord, l.number)
	err := l.db.QueryRow(context.Background(), `select concat((select to_jsonb(m) from meeting m where item_id = $1), (select to_jsonb(i) from item i where id = $1),
		(select jsonb_agg(o order by id) from date_option o where meeting_id = $1), (select jsonb_agg(v order by id) from date_voice v where meeting_id = $1),
		(select jsonb_agg(a order by voice_id, option_id) from date_answer a where meeting_id = $1), (select count(*) from activity where item_id = $1))`, m.ID).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (l *life) check(t rapid.TB) {
	m, p := l.dates(t, l.coord, l.number)
	if m.State != l.state || (m.StartsAt != nil) != l.timed || m.Sought != l.sought || (p.ClosedAt != nil) != l.closed {
		t.Fatalf("meeting %s at %v, sought %v, closed %v; want %+v", m.State, m.StartsAt, m.Sought, p.ClosedAt, l)
	}
	if m.Sequence < l.sequence {
		t.Fatalf("sequence fell from %d to %d", l.sequence, m.Sequence)
	}
	l.sequence = m.Sequence
	chosen := p.Chosen()
	if (chosen != nil) != (l.chosen != 0) {
		t.Fatalf("chosen %v, want %d", chosen, l.chosen)
	}
	if chosen != nil && (p.ClosedAt == nil || m.State == meeting.Finding || m.State == meeting.Draft || !l.moved && !chosen.StartsAt.Equal(*m.StartsAt)) {
		t.Fatalf("chosen %v of %s, closed %v, starts %v", chosen.StartsAt, m.State, p.ClosedAt, m.StartsAt)
	}
	if l.state == meeting.CalledOff {
		if after := l.everything(t); after != l.before {
			t.Fatalf("called off, then changed from\n%s\nto\n%s", l.before, after)
		}
	}
}

func TestAMeetingLivesItsLifeWhateverPeoplePress(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	rapid.Check(t, func(t *rapid.T) {
		l := &life{town: newTown(t, db), state: meeting.Draft}
		p := l.plan("Whatever")
		if rapid.Bool().Draw(t, "timed") {
			p.When.Day, p.When.From, p.When.Until, l.timed = "2027-03-01", "10:00", "12:00", true
		}
		l.number = l.schedule(t, p)
		if again := l.schedule(t, p); again != l.number {
			t.Fatalf("the same form made meeting %d too", again)
		}
		day := rapid.SampledFrom([]string{"2027-01-25", "2027-03-02", "2027-03-28", "2027-10-31"})
		pick := rapid.IntRange(0, 5)
		t.Repeat(map[string]func(*rapid.T){
			"open": func(t *rapid.T) { l.openPoll(t, day.Draw(t, "day")) },
			"answer": func(t *rapid.T) {
				l.answerOne(t, pick.Draw(t, "pick"), rapid.SampledFrom(meeting.DateAnswers).Draw(t, "answer"))
			},
			"choose": func(t *rapid.T) { l.choose(t, pick.Draw(t, "pick")) },
			"close":  func(t *rapid.T) { l.closePoll(t) },
			"revise": func(t *rapid.T) {
				l.revise(t, rapid.SampledFrom([]string{"", "2027-03-05", "2027-01-20"}).Draw(t, "day"))
			},
			"call off": func(t *rapid.T) { l.callOff(t) },
			"publish":  func(t *rapid.T) { l.publish(t) },
			"hold":     func(t *rapid.T) { l.hold(t) },
			"later":    func(*rapid.T) { l.later() },
			"":         func(t *rapid.T) { l.check(t) },
		})
	})
}
