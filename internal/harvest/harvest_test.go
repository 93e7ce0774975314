package harvest_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// town is a community with a coordinator, a stakeholder, a scientist, and a meeting that was held.
type town struct {
	t                    *testing.T
	db                   postgres.DB
	now                  time.Time
	here                 community.ID
	store                harvest.Store
	criteria             criterion.Store
	meetings             meeting.Store
	threads              discussion.Store
	coord, stella, simon community.Seat
	nobody               community.Seat
	meeting              int
}

func newTown(t *testing.T, db postgres.DB) *town {
	t.Helper()
	w := &town{t: t, db: db, now: time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC)}
	now := func() time.Time { return w.now }
	w.store, w.criteria, w.meetings, w.threads = harvest.NewStore(db, now), criterion.NewStore(db, now), meeting.NewStore(db, now), discussion.NewStore(db, now)
	w.must(db.QueryRow(t.Context(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('town', 'city', 'en', 'Europe/Zurich', 'public', now(), now(), now()) returning id`).Scan(&w.here))
	w.coord = w.seat("coord", community.Coordinator, community.Stakeholder)
	w.stella = w.seat("stella", community.Member, community.Stakeholder)
	w.simon = w.seat("simon", community.ScientificMember, community.Scientist)
	w.nobody = community.Seat{Community: w.here, Slug: "town", Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
	w.hold()
	return w
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) seat(name string, standing community.Standing, p community.Perspective) community.Seat {
	w.t.Helper()
	seat := community.Seat{Community: w.here, Slug: "town", Standing: standing, Perspective: p, Reach: community.Reach{Mine: []int64{int64(w.here)}, Coordinated: []int64{}}}
	role := "member"
	if standing == community.Coordinator {
		role, seat.Reach.Coordinated = "coordinator", []int64{int64(w.here)}
	}
	w.must(w.db.QueryRow(w.t.Context(), `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, name).Scan(&seat.Account))
	_, err := w.db.Exec(w.t.Context(), `insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
		values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, $4, now(), now())`, w.here, seat.Account, role, p)
	w.must(err)
	seat.Reach.Me = seat.Account
	return seat
}

// hold a meeting open to everybody, with two lines in its draft minutes: of stella, and of a guest.
func (w *town) hold() {
	w.t.Helper()
	ctx := w.t.Context()
	made, err := w.meetings.Schedule(ctx, w.coord, meeting.Plan{Form: meeting.Regular, Title: "The grid", Lang: locale.English, OpensTo: item.Public, When: meeting.When{Zone: "Europe/Zurich", Day: "2027-01-04", From: "12:00", Until: "13:00"}, Place: "Town hall", Request: uuid.New()})
	w.must(err)
	w.meeting = made.Number
	w.must(w.meetings.Publish(ctx, w.coord, made.Number))
	w.now = w.now.Add(3 * time.Hour)
	_, err = w.db.Exec(ctx, `update meeting set state = 'held', minutes_state = 'draft' where item_id = $1`, made.ID)
	w.must(err)
	_, err = w.db.Exec(ctx, `insert into minute_line (community_id, meeting_id, n, form, body, lang, speaker_id, speaker_name, at) values
		($1, $2, 1, 'criterion', 'One cell must fit a city block.', 'en', $3, '', now()), ($1, $2, 2, 'criterion', 'It must cost nothing.', 'en', null, 'a guest of the office', now()), ($1, $2, 3, 'decided', 'We meet again.', 'en', null, '', now())`, w.here, made.ID, w.stella.Account)
	w.must(err)
}

func (w *town) open() {
	w.t.Helper()
	_, err := w.db.Exec(w.t.Context(), `update meeting set minutes_state = 'open', opened_at = now() where community_id = $1`, w.here)
	w.must(err)
}

func (w *town) one(sql string, args ...any) (text string) {
	w.t.Helper()
	w.must(w.db.QueryRow(w.t.Context(), sql, args...).Scan(&text))
	return text
}

func statement(text string) criterion.New {
	return criterion.New{Statement: text, Lang: locale.English, Audience: item.Public, Request: uuid.New()}
}

func TestALineOfTheMinutesBecomesACriterionWithItsSourceAndItsSpeaker(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.open()
	waiting := func() int {
		t.Helper()
		m, err := w.meetings.Read(t.Context(), w.simon, w.meeting)
		w.must(err)
		return m.Unharvested
	}
	before := waiting()
	made, err := w.store.FromLine(t.Context(), w.simon, w.meeting, 1, statement("Grid cells as small as a city block"))
	w.must(err)
	if after := waiting(); after != before-1 {
		t.Errorf("%d lines wait to become criteria, %d before", after, before)
	}
	got := w.one(`select concat_ws('|', form, part, words, speaker_id = $2, perspective, item_id = (select item_id from meeting where community_id = $3)) from criterion_source where criterion_id = $1`, made.ID, w.stella.Account, w.here)
	if want := "meeting|line-1|One cell must fit a city block.|t|stakeholder|t"; got != want {
		t.Errorf("source: got %s, want %s", got, want)
	}
	m, err := w.meetings.Minutes(t.Context(), w.stella, w.meeting)
	w.must(err)
	if l, err := m.Line(1); err != nil || l.Became != "criterion" || l.Number != made.Number {
		t.Errorf("the line became %s %d, %v; want criterion %d", l.Became, l.Number, err, made.Number)
	}
	read, err := w.criteria.Read(t.Context(), w.nobody, made.Number)
	w.must(err)
	if len(read.Trail) != 1 || read.Trail[0].Kind != "meeting" || read.Trail[0].Quote != "One cell must fit a city block." {
		t.Errorf("trail of the criterion: %+v", read.Trail)
	}
	again, err := w.store.FromLine(t.Context(), w.coord, w.meeting, 1, statement("Another wording"))
	if err != nil || !again.Before || again.Number != made.Number {
		t.Errorf("harvested again: got %+v, %v; want the first", again, err)
	}
	if n := w.one(`select count(*)::text from criterion`); n != "1" {
		t.Errorf("%s criteria, want 1", n)
	}
}

func TestWhoHasNoAccountIsNamedAsTheMinutesDo(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.open()
	made, err := w.store.FromLine(t.Context(), w.stella, w.meeting, 2, statement("Free of charge"))
	w.must(err)
	if got := w.one(`select speaker_name from criterion_source where criterion_id = $1 and speaker_id is null`, made.ID); got != "a guest of the office" {
		t.Errorf("who asked: %q", got)
	}
}

func TestDraftMinutesAreHarvestedByTheirKeepersAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for name, seat := range map[string]community.Seat{"member": w.stella, "scientist": w.simon} {
		if _, err := w.store.FromLine(t.Context(), seat, w.meeting, 1, statement("x")); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s harvests draft minutes: got %v, want not found", name, err)
		}
		if _, err := w.store.ForCriterion(t.Context(), seat, harvest.At{Meeting: w.meeting, Line: 1}); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s reads a line of draft minutes: %v", name, err)
		}
	}
	if _, err := w.store.FromLine(t.Context(), w.nobody, w.meeting, 1, statement("x")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := w.store.FromLine(t.Context(), w.coord, w.meeting, 1, statement("x")); err != nil {
		t.Errorf("their keeper: %v", err)
	}
	w.open()
	for _, n := range []int{3, 9} {
		if _, err := w.store.FromLine(t.Context(), w.coord, w.meeting, n, statement("x")); !errors.Is(err, fault.NotFound) {
			t.Errorf("line %d, a decision or none: %v", n, err)
		}
	}
}

func TestACriterionStaysWhenItsLineIsRewordedOrStruck(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.open()
	made, err := w.store.FromLine(t.Context(), w.simon, w.meeting, 1, statement("Small cells"))
	w.must(err)
	w.must(w.meetings.Reword(t.Context(), w.coord, w.meeting, 1, meeting.Rewording{Form: meeting.CriterionLine, Body: "One cell fits a block.", Lang: locale.English, Revision: 1}))
	w.must(w.meetings.Strike(t.Context(), w.coord, w.meeting, 1))
	if _, err := w.criteria.Read(t.Context(), w.stella, made.Number); err != nil {
		t.Errorf("the criterion after its line was struck: %v", err)
	}
}

func TestTwoWhoHarvestALineTogetherMakeOneCriterion(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.New(t))
	w.open()
	var wait sync.WaitGroup
	numbers := make(chan int, 12)
	for n := range 12 {
		seat := []community.Seat{w.coord, w.stella, w.simon}[n%3]
		wait.Go(func() {
			made, err := w.store.FromLine(context.Background(), seat, w.meeting, 1, statement("Small cells"))
			if err != nil {
				t.Error(err)
			}
			numbers <- made.Number
		})
	}
	wait.Wait()
	close(numbers)
	for n := range numbers {
		if n != 1 {
			t.Errorf("led to C-%d, want C-1", n)
		}
	}
	if n := w.one(`select count(*)::text from criterion`); n != "1" {
		t.Errorf("%s criteria, want 1", n)
	}
}

func (w *town) ask(seat community.Seat, discreet bool) int {
	w.t.Helper()
	o := discussion.Opening{Form: discussion.Conversation, Title: "Which grid?", Body: "The map should show **every** street.\n\nAnd more.", Lang: locale.English, Audience: item.Public, Request: uuid.New()}
	if discreet {
		made, err := w.threads.Ask(w.t.Context(), seat, discussion.Asking{Opening: o, Discreet: true})
		w.must(err)
		return made.Number
	}
	made, err := w.threads.Start(w.t.Context(), seat, o)
	w.must(err)
	return made.Number
}

func TestWordsOfAThreadBecomeACriterionLinkedBothWays(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.ask(w.stella, false)
	reply, err := w.threads.Reply(t.Context(), w.simon, n, discussion.Answer{Body: "Ten metres would do.", Lang: locale.English, Request: uuid.New()})
	w.must(err)
	first, err := w.store.FromPost(t.Context(), w.simon, n, 0, "The map should show every\n street.", statement("Every street on the map"))
	w.must(err)
	second, err := w.store.FromPost(t.Context(), w.coord, n, reply.Number, "Ten metres", statement("Ten metres"))
	w.must(err)
	thread, err := w.threads.Read(t.Context(), w.nobody, n, 1)
	w.must(err)
	var seen []string
	for _, s := range thread.Trail {
		seen = append(seen, string(s.Kind)+" "+s.Title+": "+s.Quote)
	}
	if got, want := strings.Join(seen, "; "), "criterion Every street on the map: The map should show every street.; criterion Ten metres: Ten metres"; got != want {
		t.Errorf("what came of the thread: got %s, want %s", got, want)
	}
	for id, who := range map[item.ID]community.Seat{first.ID: w.stella, second.ID: w.simon} {
		if got := w.one(`select (speaker_id = $2)::text from criterion_source where criterion_id = $1`, id, who.Account); got != "true" {
			t.Errorf("criterion %d was asked for by somebody else", id)
		}
	}
	if _, err := w.store.FromPost(t.Context(), w.simon, n, 0, "nobody said this", statement("x")); len(fault.Problems(err)) != 1 {
		t.Errorf("words that do not stand there: %v", err)
	}
}

func TestWhoAskedDiscreetlyIsNeverNamedInACriterion(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.ask(w.stella, true)
	for _, seat := range []community.Seat{w.coord, w.stella, w.simon} {
		said, err := w.store.ForCriterion(t.Context(), seat, harvest.At{Discussion: n})
		w.must(err)
		if said.Speaker != 0 || said.Name != "" || said.Perspective != "" {
			t.Errorf("the form names the asker to %d: %+v", seat.Account, said)
		}
	}
	_, err := w.store.FromPost(t.Context(), w.coord, n, 0, "And more.", statement("More"))
	w.must(err)
	if got := w.one(`select coalesce(speaker_id, 0) || speaker_name || perspective || organisation from criterion_source`); got != "0" {
		t.Errorf("the source names who asked discreetly: %s", got)
	}
	if got := w.one(`select count(*)::text from activity where verb like 'criterion.%' and $1 = any(concerned)`, w.stella.Account); got != "0" {
		t.Errorf("%s activities name who asked discreetly", got)
	}
}
