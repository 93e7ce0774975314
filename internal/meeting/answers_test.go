package meeting_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// hall is a community with a published meeting tomorrow.
type hall struct {
	db     postgres.DB
	now    time.Time
	here   community.ID
	store  meeting.Store
	coord  community.Seat
	number int
	id     item.ID
}

func newHall(t testing.TB, db postgres.DB, change func(*meeting.Plan)) *hall {
	t.Helper()
	w := &hall{db: db, now: time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC)}
	w.store = meeting.NewStore(db, func() time.Time { return w.now })
	if err := db.QueryRow(t.Context(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('hall', 'city', 'en', 'Europe/Zurich', 'public', now(), now(), now()) returning id`).Scan(&w.here); err != nil {
		t.Fatal(err)
	}
	w.coord = w.seat(t, "coord", "Town office", community.Coordinator, community.Stakeholder)
	p := w.plan()
	if change != nil {
		change(&p)
	}
	made, err := w.store.Schedule(t.Context(), w.coord, p)
	if err == nil {
		err = w.store.Publish(t.Context(), w.coord, made.Number)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.number, w.id = made.Number, made.ID
	return w
}

func (w *hall) plan() meeting.Plan {
	return meeting.Plan{Form: meeting.Regular, Title: "In the hall", Lang: locale.English, OpensTo: item.Public, When: meeting.When{Zone: "Europe/Zurich", Day: "2027-01-05", From: "18:00", Until: "20:00"}, Request: uuid.New()}
}

func (w *hall) seat(t testing.TB, name, organisation string, standing community.Standing, p community.Perspective) community.Seat {
	t.Helper()
	seat := community.Seat{Community: w.here, Slug: "hall", Standing: standing, Perspective: p, Reach: community.Reach{Mine: []int64{int64(w.here)}, Coordinated: []int64{}}}
	role := "member"
	if standing == community.Coordinator {
		role, seat.Reach.Coordinated = "coordinator", []int64{int64(w.here)}
	}
	err := w.db.QueryRow(t.Context(), `insert into account (handle, name, email, email_key, organisation, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', $2, now()) returning id`, name, organisation).Scan(&seat.Account)
	if err == nil {
		_, err = w.db.Exec(t.Context(), `insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since) values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, $4, now(), now())`, w.here, seat.Account, role, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	seat.Reach.Me = seat.Account
	return seat
}

func (w *hall) stranger() community.Seat {
	return community.Seat{Community: w.here, Slug: "hall", Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
}

func (w *hall) say(seat community.Seat, a meeting.Answer) error {
	return w.store.Answer(context.Background(), seat, w.number, meeting.Rsvp{Answer: a})
}

func (w *hall) who(t testing.TB, seat community.Seat) meeting.Who {
	t.Helper()
	_, who, err := w.store.Who(t.Context(), seat, w.number)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func keys(err error) (all []string) {
	for _, p := range fault.Problems(err) {
		all = append(all, p.Field+" "+p.Key)
	}
	return all
}

func TestAHundredAnswersAtOnceNeverOverfillTheRoomAndNoneIsLost(t *testing.T) {
	t.Parallel()
	const people, seats = 100, 7
	w := newHall(t, testdb.New(t), func(p *meeting.Plan) { p.Capacity, p.Online = seats, true })
	var all []community.Seat
	for n := range people {
		all = append(all, w.seat(t, fmt.Sprintf("member-%d", n), "", community.Member, community.Stakeholder))
	}
	var wait sync.WaitGroup
	for n := range 2 * people { // everybody clicks twice; who finds no seat takes part online
		wait.Go(func() {
			seat := all[n%people]
			err := w.say(seat, meeting.InPerson)
			if got := keys(err); len(got) == 1 && got[0] == "answer room-full-online" {
				err = w.say(seat, meeting.Remotely)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if said := w.who(t, w.coord).Said; said.InPerson != seats || said.Online != people-seats {
		t.Errorf("%d in person and %d online, want %d and %d", said.InPerson, said.Online, seats, people-seats)
	}
}

func TestAnAnswerMayChangeUntilTheMeetingEnds(t *testing.T) {
	t.Parallel()
	w := newHall(t, testdb.Tx(t), func(p *meeting.Plan) { p.Capacity = 1 })
	stella, simon := w.seat(t, "stella", "", community.Member, community.Stakeholder), w.seat(t, "simon", "", community.ScientificMember, community.Scientist)
	note := "By train"
	if err := w.store.Answer(t.Context(), stella, w.number, meeting.Rsvp{Answer: meeting.InPerson, Note: &note}); err != nil {
		t.Fatal(err)
	}
	if got := keys(w.say(simon, meeting.InPerson)); len(got) != 1 || got[0] != "answer room-full" {
		t.Errorf("a second one in a room of one seat: %v", got)
	}
	if got := keys(w.say(simon, meeting.Remotely)); len(got) != 1 {
		t.Errorf("online where nobody can be: %v", got)
	}
	for _, a := range []meeting.Answer{meeting.InPerson, meeting.NotComing} {
		if err := w.say(stella, a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	if err := w.say(simon, meeting.InPerson); err != nil {
		t.Errorf("the seat that became free: %v", err)
	}
	for _, p := range w.who(t, stella).People {
		if p.Name == "stella" && (p.Note != note || p.Answer != meeting.NotComing) {
			t.Errorf("stella: %q %q", p.Answer, p.Note)
		}
	}
	for _, p := range w.who(t, simon).People {
		if p.Note != "" {
			t.Errorf("another member reads %q", p.Note)
		}
	}
	w.now = time.Date(2027, 1, 5, 19, 0, 0, 0, time.UTC) // 20:00 there
	if got := keys(w.say(stella, meeting.Perhaps)); len(got) != 1 || got[0] != "answer answers-over" {
		t.Errorf("after the end: %v", got)
	}
}

func TestARoomIsNotMadeSmallerThanThoseWhoCome(t *testing.T) {
	t.Parallel()
	w := newHall(t, testdb.Tx(t), nil)
	for _, name := range []string{"a", "b", "c"} {
		if err := w.say(w.seat(t, name, "", community.Member, community.Stakeholder), meeting.InPerson); err != nil {
			t.Fatal(err)
		}
	}
	p := w.plan()
	p.Revision, p.Capacity = 1, 2
	if got := keys(w.store.Revise(t.Context(), w.coord, w.number, p)); len(got) != 1 || got[0] != "capacity capacity-taken" {
		t.Errorf("two seats for three: %v", got)
	}
	p.Capacity = 3
	if err := w.store.Revise(t.Context(), w.coord, w.number, p); err != nil {
		t.Error(err)
	}
}

func TestAPassAnswersForItsHolderAtItsMeetingAlone(t *testing.T) {
	t.Parallel()
	w := newHall(t, testdb.Tx(t), nil)
	stella := w.seat(t, "stella", "", community.Member, community.Stakeholder)
	token, err := w.store.MakePass(t.Context(), w.db, w.id, meeting.Person{Account: stella.Account})
	if err != nil {
		t.Fatal(err)
	}
	pass, err := w.store.OpenPass(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.AnswerAs(t.Context(), pass, meeting.Rsvp{Answer: meeting.Perhaps}); err != nil {
		t.Fatal(err)
	}
	if v, err := w.store.InvitationOf(t.Context(), pass); err != nil || v.Answer != meeting.Perhaps {
		t.Errorf("got %q, %v", v.Answer, err)
	}
	pass.Community++
	if err := w.store.AnswerAs(t.Context(), pass, meeting.Rsvp{Answer: meeting.Perhaps}); !errors.Is(err, fault.NotFound) {
		t.Errorf("in another community: %v", err)
	}
}

func TestStrangersSeeNumbersAndMembersSeeNames(t *testing.T) {
	t.Parallel()
	w := newHall(t, testdb.Tx(t), nil)
	stella, simon := w.seat(t, "stella", "Green office", community.Member, community.Stakeholder), w.seat(t, "simon", "Observatory", community.ScientificMember, community.Scientist)
	if _, err := w.db.Exec(t.Context(), `update account set organisation_for = 2 where id = $1`, simon.Account); err != nil {
		t.Fatal(err)
	}
	for _, seat := range []community.Seat{stella, simon} {
		if err := w.say(seat, meeting.InPerson); err != nil {
			t.Fatal(err)
		}
	}
	got := w.who(t, w.stranger())
	if got.Named || len(got.People)+len(got.Missing)+len(got.Wanted) > 0 || got.Said.InPerson != 2 || got.Said.Organisations != 1 {
		t.Errorf("a stranger sees %+v", got)
	}
	got = w.who(t, stella)
	if len(got.People) != 3 || got.Said.Stakeholders != 1 || got.Said.Scientists != 1 || got.Said.Organisations != 2 || len(got.Missing) != 1 || got.Missing[0] != "Town office" {
		t.Errorf("a member sees %+v", got)
	}
}

func TestAttendanceIsKeptFromTheDayOnAndFrozenWithTheMinutes(t *testing.T) {
	t.Parallel()
	w := newHall(t, testdb.Tx(t), nil)
	stella, simon := w.seat(t, "stella", "Green office", community.Member, community.Stakeholder), w.seat(t, "simon", "Observatory", community.ScientificMember, community.Scientist)
	if err := w.say(stella, meeting.InPerson); err != nil {
		t.Fatal(err)
	}
	record := meeting.Record{Lang: locale.English, Request: uuid.New(), Ticks: []meeting.Tick{{Person: meeting.Person{Account: stella.Account}, Way: meeting.InPerson}, {Person: meeting.Person{Account: simon.Account}, Way: meeting.InPerson}},
		Walked: []meeting.Walked{{Name: "Passer-by", Organisation: "Tram company", Perspective: community.Stakeholder, Way: meeting.InPerson}}}
	if got := keys(w.store.Record(t.Context(), w.coord, w.number, record)); len(got) != 1 || got[0] != "state meeting-not-yet" {
		t.Errorf("the day before: %v", got)
	}
	w.now = time.Date(2027, 1, 5, 8, 0, 0, 0, time.UTC)
	if err := w.store.Record(t.Context(), stella, w.number, record); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member who keeps nothing: %v", err)
	}
	for range 2 {
		if err := w.store.Record(t.Context(), w.coord, w.number, record); err != nil {
			t.Fatal(err)
		}
	}
	m, who, err := w.store.Who(t.Context(), w.coord, w.number)
	if err != nil {
		t.Fatal(err)
	}
	if came := who.Came; m.State != meeting.Held || came.InPerson != 3 || came.Kept != 1 || came.Stakeholders != 2 || came.Scientists != 1 || came.Organisations != 3 {
		t.Errorf("%s: %+v", m.State, came)
	}
	if _, err := w.db.Exec(t.Context(), `update membership set perspective = 'scientist' where account_id = $1`, stella.Account); err != nil {
		t.Fatal(err)
	}
	if came := w.who(t, w.coord).Came; came.Stakeholders != 2 {
		t.Errorf("attendance forgot the perspective of that time: %+v", came)
	}
	walked := who.People[len(who.People)-1]
	away := meeting.Record{Ticks: []meeting.Tick{{Person: meeting.Person{Guest: walked.Guest}}, {Person: meeting.Person{Account: simon.Account}}}}
	if err := w.store.Record(t.Context(), w.coord, w.number, away); err != nil {
		t.Fatal(err)
	}
	if got := w.who(t, w.coord); got.Came.InPerson != 1 || len(got.People) != 3 {
		t.Errorf("after taking back: %+v", got.Came)
	}
	if _, err := w.db.Exec(t.Context(), `update meeting set minutes_state = 'approved' where item_id = $1`, w.id); err != nil {
		t.Fatal(err)
	}
	if got := keys(w.store.Record(t.Context(), w.coord, w.number, away)); len(got) != 1 || got[0] != "ticks attendance-frozen" {
		t.Errorf("after approval: %v", got)
	}
}

func TestWhoDoesNotBelongIsNotTicked(t *testing.T) {
	t.Parallel()
	w := newHall(t, testdb.Tx(t), nil)
	w.now = time.Date(2027, 1, 5, 8, 0, 0, 0, time.UTC)
	var alien meeting.Person
	if err := w.db.QueryRow(t.Context(), `insert into account (handle, name, email, email_key, created_at) values ('alien', 'alien', 'alien@example.org', 'alien@example.org', now()) returning id`).Scan(&alien.Account); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Record(t.Context(), w.coord, w.number, meeting.Record{Ticks: []meeting.Tick{{Person: alien, Way: meeting.InPerson}}}); err != nil {
		t.Fatal(err)
	}
	if got := w.who(t, w.coord); got.Came.InPerson != 0 || len(got.People) != 1 {
		t.Errorf("%+v", got)
	}
}
