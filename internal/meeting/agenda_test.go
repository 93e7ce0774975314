package meeting_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func talk(title string) meeting.PointText {
	return meeting.PointText{Form: "discussion", Title: title, Lang: locale.English, Minutes: 20, Request: uuid.New()}
}

// agenda of a meeting as a seat reads it.
func (w *agendaTown) agenda(t testing.TB, seat community.Seat, number int) meeting.Agenda {
	t.Helper()
	a, err := w.store.Agenda(context.Background(), seat, number)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// titles of an agenda in order; its positions have to be 1 to n.
func (w *agendaTown) titles(t interface{ Fatalf(string, ...any) }, number int) []string {
	a, err := w.store.Agenda(context.Background(), w.coord, number)
	if err != nil {
		t.Fatalf("agenda: %v", err)
	}
	titles := []string{}
	for n, p := range a.Points {
		if p.Position != n+1 {
			t.Fatalf("point %d of %d stands at %d", n+1, len(a.Points), p.Position)
		}
		titles = append(titles, p.Title)
	}
	return titles
}

// ahead is a published, public meeting of tomorrow, 9 to 10.
func (w *agendaTown) ahead(t testing.TB, opens item.Audience) int {
	t.Helper()
	made, err := w.store.Schedule(context.Background(), w.coord, meeting.Plan{Form: meeting.Regular, Title: "Tomorrow", Lang: locale.English, OpensTo: opens, Request: uuid.New(),
		When: meeting.When{Zone: "Europe/Zurich", Day: w.now.AddDate(0, 0, 1).Format(time.DateOnly), From: "09:00", Until: "10:00"}})
	if err == nil {
		err = w.store.Publish(context.Background(), w.coord, made.Number)
	}
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestPointsKeepTheirPlacesWhateverIsAddedMovedAndTakenOff(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.New(t))
	rapid.Check(t, func(r *rapid.T) {
		number := w.ahead(t, item.Public)
		want := []string{}
		ids := map[string]meeting.PointID{}
		find := func(title string) meeting.PointID {
			if id, ok := ids[title]; ok {
				return id
			}
			for _, p := range w.agenda(t, w.coord, number).Points {
				ids[p.Title] = p.ID
			}
			return ids[title]
		}
		next := 0
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) {
				next++
				p := talk(strings.Repeat("x", next))
				p.Place = rapid.IntRange(0, len(want)+2).Draw(r, "place")
				must(t, w.store.AddPoint(context.Background(), w.coord, number, p))
				at := p.Place - 1
				if p.Place == 0 || p.Place > len(want) {
					at = len(want)
				}
				want = slices.Insert(want, at, p.Title)
			},
			"move": func(r *rapid.T) {
				if len(want) == 0 {
					return
				}
				from, to := rapid.IntRange(0, len(want)-1).Draw(r, "from"), rapid.IntRange(0, len(want)+1).Draw(r, "to")
				title := want[from]
				must(t, w.store.MovePoint(context.Background(), w.coord, number, find(title), 0, to))
				want = slices.Delete(want, from, from+1)
				want = slices.Insert(want, min(max(to-1, 0), len(want)), title)
			},
			"step": func(r *rapid.T) {
				if len(want) == 0 {
					return
				}
				from, step := rapid.IntRange(0, len(want)-1).Draw(r, "from"), rapid.SampledFrom([]int{-1, 1}).Draw(r, "step")
				must(t, w.store.MovePoint(context.Background(), w.coord, number, find(want[from]), step, 0))
				if to := from + step; to >= 0 && to < len(want) {
					want[from], want[to] = want[to], want[from]
				}
			},
			"remove": func(r *rapid.T) {
				if len(want) == 0 {
					return
				}
				at := rapid.IntRange(0, len(want)-1).Draw(r, "at")
				must(t, w.store.RemovePoint(context.Background(), w.coord, number, find(want[at])))
				want = slices.Delete(want, at, at+1)
			},
			"": func(r *rapid.T) {
				if diff := cmp.Diff(want, w.titles(r, number)); diff != "" {
					r.Fatalf("order (-want +got):\n%s", diff)
				}
			},
		})
	})
}

func TestManyHandsReorderAtOnceAndNoPlaceIsLostOrDouble(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.New(t))
	number := w.ahead(t, item.Public)
	for _, title := range strings.Fields("a b c d e f g h") {
		must(t, w.store.AddPoint(t.Context(), w.coord, number, talk(title)))
	}
	points := w.agenda(t, w.coord, number).Points
	var wait sync.WaitGroup
	for n := range 20 {
		wait.Go(func() {
			for round := range 5 {
				p := points[(n*3+round)%len(points)]
				if err := w.store.MovePoint(context.Background(), w.coord, number, p.ID, []int{-1, 0, 1}[n%3], 1+(n+round)%len(points)); err != nil {
					t.Error(err)
				}
			}
			if n%5 == 0 {
				if err := w.store.AddPoint(context.Background(), w.coord, number, talk("new")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	got := w.titles(t, number)
	slices.Sort(got)
	if want := "a b c d e f g h new new new new"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestTheClockRunsFromTheStartInTheZoneOfTheMeeting(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	number := w.ahead(t, item.Public)
	for _, minutes := range []int{15, 0, 60} {
		p := talk("point")
		p.Minutes = minutes
		must(t, w.store.AddPoint(t.Context(), w.coord, number, p))
	}
	a := w.agenda(t, w.coord, number)
	var clock []string
	for _, s := range a.Slots(a.Points) {
		clock = append(clock, locale.Hours(s.From, s.Until, a.Location()))
	}
	if diff := cmp.Diff([]string{"09:00–09:15", "09:15–09:15", "09:15–10:15"}, clock); diff != "" {
		t.Error(diff)
	}
	if left, known := a.Left(a.Points); left != -15 || !known {
		t.Errorf("left %d, %v", left, known)
	}
}

func TestAProposalIsAnsweredOnceAndItsProposerIsTold(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	number := w.ahead(t, item.Public)
	p := talk("Shade for the square")
	must(t, w.store.Propose(t.Context(), w.anna, number, p))
	must(t, w.store.Propose(t.Context(), w.anna, number, p))
	waiting := w.agenda(t, w.bea, number).Proposals
	if len(waiting) != 1 || waiting[0].Mine {
		t.Fatalf("the same form sent twice: %+v", waiting)
	}
	if a := w.agenda(t, w.nobody, number); len(a.Proposals) > 0 {
		t.Error("a stranger reads proposals")
	}
	id := waiting[0].ID
	if err := w.store.Accept(t.Context(), w.bea, id, number, 0); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member accepts: %v", err)
	}
	if err := w.store.Withdraw(t.Context(), w.bea, id); !errors.Is(err, fault.Forbidden) {
		t.Errorf("somebody else withdraws: %v", err)
	}
	must(t, w.store.PutOff(t.Context(), w.coord, id, "Too full."))
	backlog, err := w.store.Backlog(t.Context(), w.anna)
	if err != nil || len(backlog.Points) != 1 || backlog.Mine[0].State != meeting.Later || backlog.Mine[0].Reason != "Too full." {
		t.Fatalf("backlog %+v, %v", backlog, err)
	}
	must(t, w.store.Accept(t.Context(), w.coord, id, number, 1))
	if err := w.store.Decline(t.Context(), w.coord, id, "No."); len(fault.Problems(err)) == 0 {
		t.Errorf("declined after it was accepted: %v", err)
	}
	told := w.count(t, `select count(*) from activity where verb in ('agenda.later', 'agenda.accept') and concerned = array[$1::bigint]`, w.anna.Account)
	if told != 2 {
		t.Errorf("the proposer is told %d times", told)
	}
	if _, err := w.store.Backlog(t.Context(), w.nobody); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a stranger in the backlog: %v", err)
	}
}

func TestAPointTiesItsMeetingToWhatItNamesAndLetsGo(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	other, number := w.meet(t), w.ahead(t, item.Public)
	p := talk("About last time")
	p.Body = "See M-1."
	must(t, w.store.AddPoint(t.Context(), w.coord, number, p))
	whole, err := w.store.Read(t.Context(), w.coord, other)
	if err != nil || len(whole.Trail) != 1 || !whole.Trail[0].Onwards {
		t.Fatalf("trail of what is named: %+v, %v", whole.Trail, err)
	}
	plan, _, err := w.store.Planned(t.Context(), w.coord, number)
	must(t, err)
	plan.Body = "Now with a text."
	must(t, w.store.Revise(t.Context(), w.coord, number, plan))
	if n := w.count(t, `select count(*) from item_link where from_part like 'point-%'`); n != 1 {
		t.Errorf("a change of the meeting's text leaves %d links of its points", n)
	}
	must(t, w.store.RemovePoint(t.Context(), w.coord, number, w.agenda(t, w.coord, number).Points[0].ID))
	if n := w.count(t, `select count(*) from item_link where from_part like 'point-%'`); n != 0 {
		t.Errorf("a point that is gone leaves %d links", n)
	}
}

func TestWhatWasParkedAndIsToDoIsCarriedOnOnce(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	last := w.meet(t)
	must(t, w.store.Hold(t.Context(), w.coord, last))
	reached, parked := w.point(t, last, 1, "Reached"), w.point(t, last, 2, "Parked")
	w.point(t, last, 3, "Never reached")
	for _, id := range []int64{reached, parked} {
		w.run(t, `insert into minute_line (community_id, meeting_id, point_id, n, form, body, lang, at) select community_id, meeting_id, id, position, case when position = 2 then 'parked' else 'said' end, 'Ask the canton first', 'en', now() from agenda_point where id = $1`, id)
	}
	w.run(t, `update meeting set minutes_state = 'draft'`)
	_, err := w.store.Give(t.Context(), w.coord, meeting.NewAction{Text: "Measure the courtyard", Lang: locale.English, Audience: item.Public, Request: uuid.New()})
	must(t, err)
	number := w.ahead(t, item.Public)
	open, from, err := w.store.OpenPoints(t.Context(), w.coord, number)
	must(t, err)
	var keys, titles []string
	for _, o := range open {
		keys, titles = append(keys, o.Key), append(titles, o.Title)
	}
	if diff := cmp.Diff([]string{"Never reached", "Ask the canton first", "A-1 Measure the courtyard"}, titles); diff != "" || from != last {
		t.Fatalf("open after meeting %d: %s", from, diff)
	}
	must(t, w.store.CarryOn(t.Context(), w.coord, number, keys, uuid.New()))
	must(t, w.store.CarryOn(t.Context(), w.coord, number, keys, uuid.New()))
	if diff := cmp.Diff(titles, w.titles(t, number)); diff != "" {
		t.Error(diff)
	}
	if p := w.agenda(t, w.coord, number).Points[0]; p.From != last {
		t.Errorf("carried on from meeting %d", p.From)
	}
	if left, _, _ := w.store.OpenPoints(t.Context(), w.coord, number); len(left) > 0 {
		t.Errorf("offered again: %+v", left)
	}
	if _, _, err := w.store.OpenPoints(t.Context(), w.anna, number); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member: %v", err)
	}
}

func TestAPointOnWhichMinutesHangStays(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	number := w.meet(t)
	id := w.point(t, number, 1, "Shade")
	must(t, w.store.Ask(t.Context(), w.anna, number, meeting.NewQuestion{Point: meeting.PointID(id), Body: "Which trees?", Lang: locale.English, Request: uuid.New()}))
	w.run(t, `insert into minute (community_id, meeting_id, point_id, body, html, renderer, at) select community_id, meeting_id, id, 'said', '', 1, now() from agenda_point where id = $1`, id)
	for name, err := range map[string]error{"removed": w.store.RemovePoint(t.Context(), w.coord, number, meeting.PointID(id)), "shelved": w.store.Shelve(t.Context(), w.coord, number, meeting.PointID(id), "Later.")} {
		if problems := fault.Problems(err); len(problems) != 1 || problems[0].Key != "point-recorded" {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.run(t, `delete from minute`)
	must(t, w.store.Shelve(t.Context(), w.coord, number, meeting.PointID(id), "Later."))
	if q := w.agenda(t, w.anna, number).Questions; len(q) != 1 || q[0].Point != 0 {
		t.Errorf("questions %+v", q)
	}
}

func TestPointsAndQuestionsOfAnotherMeetingAreNotThere(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	here, there := w.ahead(t, item.Public), w.ahead(t, item.Public)
	must(t, w.store.AddPoint(t.Context(), w.coord, there, talk("Elsewhere")))
	id := w.agenda(t, w.coord, there).Points[0].ID
	text := talk("Mine now")
	text.Revision = 1
	for name, err := range map[string]error{
		"move": w.store.MovePoint(t.Context(), w.coord, here, id, 1, 0), "remove": w.store.RemovePoint(t.Context(), w.coord, here, id),
		"shelve": w.store.Shelve(t.Context(), w.coord, here, id, "x"), "revise": w.store.RevisePoint(t.Context(), w.coord, here, id, text),
	} {
		if !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.store.Ask(t.Context(), w.anna, here, meeting.NewQuestion{Point: id, Body: "?", Lang: locale.English, Request: uuid.New()}); len(fault.Problems(err)) == 0 {
		t.Errorf("a question about it: %v", err)
	}
}

func TestTheTurnIsWhoseLastTimeIsLongestAgo(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	last := w.meet(t)
	w.duty(t, last, "chair", w.anna)
	w.duty(t, last, "notes", w.bea)
	must(t, w.store.Hold(t.Context(), w.coord, last))
	number := w.ahead(t, item.Public)
	r, err := w.store.Rotation(t.Context(), w.coord, number)
	must(t, err)
	if r.Duties[0].Last[0].Name != "Anna" || r.Duties[0].Name != "" {
		t.Errorf("chair: %+v", r.Duties[0])
	}
	names := map[int]string{}
	for _, m := range r.Members {
		names[m.Number] = m.Name
	}
	if names[r.Suggested["chair"]] == "Anna" || r.Suggested["chair"] == r.Suggested["notes"] {
		t.Errorf("suggested %v of %v", r.Suggested, names)
	}
	must(t, w.store.Assign(t.Context(), w.coord, number, map[string]int{"chair": r.Suggested["chair"]}))
	if err := w.store.Assign(t.Context(), w.coord, number, map[string]int{"chair": 99}); len(fault.Problems(err)) == 0 {
		t.Errorf("nobody is made chair: %v", err)
	}
	if d := w.agenda(t, w.nobody, number).Duties[0]; d.Name != names[r.Suggested["chair"]] {
		t.Errorf("chair %+v", d)
	}
}
