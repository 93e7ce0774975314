package meeting_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (w *agendaTown) write(t testing.TB, who community.Seat, number int, texts []meeting.Wording, lines ...meeting.Catch) {
	t.Helper()
	if _, err := w.store.Write(t.Context(), who, number, meeting.Writing{Texts: texts, Lines: lines, Lift: true, Request: uuid.New()}); err != nil {
		t.Fatal(err)
	}
}

func (w *agendaTown) minutes(t testing.TB, who community.Seat, number int) meeting.Minutes {
	t.Helper()
	m, err := w.store.Minutes(t.Context(), who, number)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (w *agendaTown) open(t testing.TB, number int) {
	t.Helper()
	if err := w.store.Open(t.Context(), w.coord, number, w.now.AddDate(0, 0, 7)); err != nil {
		t.Fatal(err)
	}
}

func wrong(err error, key string) bool {
	return slices.ContainsFunc(fault.Problems(err), func(p fault.Problem) bool { return p.Key == key })
}

func TestNoteTakerWritesMinutesAndTheFirstWordHoldsTheMeeting(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	trees := w.point(t, n, 1, "Trees")
	w.duty(t, n, "notes", w.anna)
	w.write(t, w.anna, n, []meeting.Wording{{Point: trees, Body: "We walked.\ndecision: plant limes\naction: @bea, @nobody-here by 2026-06-01 water them"}}, meeting.Catch{Form: meeting.SaidLine, Text: "@bea the nights are hot"})
	m := w.minutes(t, w.anna, n)
	if m.State != meeting.Held || m.Minutes != meeting.DraftMinutes || len(m.Parts) != 2 {
		t.Fatalf("got %s, %s, %d parts", m.State, m.Minutes, len(m.Parts))
	}
	whole, part := m.Parts[0], m.Parts[1]
	if part.Body != "We walked." || part.Revision != 1 || part.By != "Anna" || len(part.Lines) != 2 || len(whole.Lines) != 1 {
		t.Fatalf("got %+v and %+v", whole, part)
	}
	todo := part.Lines[1]
	if todo.Form != meeting.TodoLine || todo.Body != "water them" || todo.OwnerNames != "nobody-here" || len(todo.Owners) != 1 || todo.Owners[0].Name != "Bea" || todo.Due == nil || todo.Due.Format(time.DateOnly) != "2026-06-01" {
		t.Errorf("got %+v", todo)
	}
	if whole.Lines[0].Speaker.Name != "Bea" || whole.Lines[0].Body != "the nights are hot" || len(whole.Lines[0].Owners) > 0 {
		t.Errorf("got %+v", whole.Lines[0])
	}
}

func TestNobodyWritesMinutesBeforeTheDay(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	w.now = w.now.AddDate(0, 0, -1)
	_, err := w.store.Write(t.Context(), w.coord, n, meeting.Writing{Texts: []meeting.Wording{{Body: "Too early"}}})
	if !wrong(err, "meeting-not-yet") || w.count(t, `select count(*) from minute`) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestTheMinutesAreForTheirKeepersUntilTheyAreOpen(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	w.duty(t, n, "notes", w.anna)
	w.duty(t, n, "time", w.bea)
	w.write(t, w.anna, n, []meeting.Wording{{Body: "Zugluft unter den Arkaden"}}, meeting.Catch{Form: meeting.DecidedLine, Text: "plant limes"})
	found := func() int {
		return w.count(t, `select count(*) from item_search where search @@ to_tsquery('simple', 'zugluft:*') or search @@ to_tsquery('simple', 'lime:*')`)
	}
	for name, seat := range map[string]community.Seat{"the timekeeper": w.bea, "a stranger": w.nobody} {
		m := w.minutes(t, seat, n)
		if m.Open || m.Minutes != meeting.NoMinutes || len(m.Parts)+len(m.Writers)+len(m.Corrections) > 0 {
			t.Errorf("%s sees %+v", name, m)
		}
		if _, err := w.store.MinuteHistory(t.Context(), seat, n, 0); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s and the history: %v", name, err)
		}
		if _, err := w.store.Write(t.Context(), seat, n, meeting.Writing{Texts: []meeting.Wording{{Body: "x", Revision: 1}}}); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s writes: %v", name, err)
		}
	}
	if found() != 0 || w.count(t, `select count(*) from item where kind in ('decision', 'action')`) != 0 || w.count(t, `select count(*) from activity where verb like 'minutes.%'`) != 0 {
		t.Error("a draft is told")
	}
	w.open(t, n)
	if m := w.minutes(t, w.nobody, n); !m.Open || m.Parts[0].Body != "Zugluft unter den Arkaden" || m.Parts[0].Lines[0].Number != 1 || m.Parts[0].Lines[0].Became != "decision" {
		t.Errorf("open minutes: %+v", m.Parts)
	}
	if found() == 0 {
		t.Error("open minutes are not found")
	}
}

func TestOpeningTakesOutTheLinesThatOnlyStoodInATextSavedByItself(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	if _, err := w.store.Write(t.Context(), w.coord, n, meeting.Writing{Texts: []meeting.Wording{{Body: "We met.\ndecision: plant limes"}}}); err != nil {
		t.Fatal(err)
	}
	if p := w.minutes(t, w.coord, n).Parts[0]; len(p.Lines) != 0 || p.Body != "We met.\ndecision: plant limes" {
		t.Errorf("saved by itself: %+v", p)
	}
	w.open(t, n)
	if p := w.minutes(t, w.nobody, n).Parts[0]; len(p.Lines) != 1 || p.Body != "We met." || p.Lines[0].Became != "decision" {
		t.Errorf("opened: %+v", p)
	}
}

func TestOpeningPutsDecisionsAndActionsOnTheirRegisters(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	trees := w.point(t, n, 1, "Trees")
	w.write(t, w.coord, n, nil, meeting.Catch{Point: trees, Form: meeting.DecidedLine, Text: "plant limes"}, meeting.Catch{Point: trees, Form: meeting.TodoLine, Text: "@bea by 2026-06-01 water them"},
		meeting.Catch{Point: trees, Form: meeting.CriterionLine, Text: "single blocks"})
	w.open(t, n)
	w.open(t, n) // sent twice
	if d, a := w.count(t, `select count(*) from decision where point_id = $1`, trees), w.count(t, `select count(*) from action_owner`); d != 1 || a != 1 {
		t.Fatalf("%d decisions, %d owners", d, a)
	}
	if got := w.count(t, `select count(*) from item_link where relation = 'from' and to_part = 'line-1' and quote = 'plant limes'`); got != 1 {
		t.Error("the trail does not lead to the line")
	}
	line, err := w.minutes(t, w.coord, n).Line(1)
	if err != nil {
		t.Fatal(err)
	}
	change := meeting.Rewording{Form: meeting.DecidedLine, Body: "plant lime trees", Why: "They cool best.", Lang: locale.English, Revision: line.Revision}
	if err := w.store.Reword(t.Context(), w.coord, n, 1, change); err != nil {
		t.Fatal(err)
	}
	if got := w.count(t, `select count(*) from item i join decision d on d.item_id = i.id join item_link l on l.from_id = i.id where i.title = 'plant lime trees' and d.why = 'They cool best.' and d.point_id is null and l.quote = 'plant lime trees'`); got != 1 {
		t.Error("the decision does not follow its line")
	}
	if _, stale := fault.Stale(w.store.Reword(t.Context(), w.coord, n, 1, change)); !stale {
		t.Error("a stale line is no conflict")
	}
	alive := func() int {
		return w.count(t, `select count(*) from item where kind in ('decision', 'action') and removed_at is null`)
	}
	if err := w.store.Strike(t.Context(), w.coord, n, 2); err != nil || alive() != 1 {
		t.Errorf("struck: %v, %d", err, alive())
	}
	if err := w.store.Unstrike(t.Context(), w.coord, n, 2); err != nil || alive() != 2 {
		t.Errorf("back: %v, %d", err, alive())
	}
	line, _ = w.minutes(t, w.coord, n).Line(1)
	change.Form, change.Revision = meeting.SaidLine, line.Revision
	if err := w.store.Reword(t.Context(), w.coord, n, 1, change); err != nil || alive() != 1 {
		t.Errorf("no decision any more: %v, %d", err, alive())
	}
	w.write(t, w.coord, n, nil, meeting.Catch{Form: meeting.TodoLine, Text: "one more"})
	if alive() != 2 {
		t.Error("a line added later does not stand on the register")
	}
}

func TestWhatACoordinatorHidStaysHiddenWhenItsLineChanges(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	w.write(t, w.coord, n, nil, meeting.Catch{Form: meeting.DecidedLine, Text: "plant limes"})
	w.open(t, n)
	w.run(t, `update item set hidden_at = now(), removed_at = now(), removed_reason = 'a name' where kind = 'decision'`)
	if err := w.store.Reword(t.Context(), w.coord, n, 1, meeting.Rewording{Form: meeting.DecidedLine, Body: "plant lime trees", Lang: locale.English, Revision: 1}); err != nil {
		t.Fatal(err)
	}
	if got := w.count(t, `select count(*) from item where kind = 'decision' and removed_at is not null and title = 'plant limes'`); got != 1 {
		t.Error("the hidden decision changed")
	}
}

func TestWordsBeneathAPointThatLeftTheAgendaStay(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	trees, bare := w.point(t, n, 1, "Trees"), w.point(t, n, 2, "Fountains")
	w.write(t, w.coord, n, nil, meeting.Catch{Point: trees, Form: meeting.SaidLine, Text: "hot"})
	w.run(t, `update agenda_point set state = 'later', position = null where id in ($1, $2)`, trees, bare)
	parts := w.minutes(t, w.coord, n).Parts
	if len(parts) != 2 || parts[1].Title != "Trees" || len(parts[1].Lines) != 1 || parts[1].Position != 0 {
		t.Errorf("got %+v", parts)
	}
}

func TestTwoWritersLoseNoWord(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	w := newAgendaTown(t, pool)
	n := w.meet(t)
	w.duty(t, n, "notes", w.anna)
	w.duty(t, n, "chair", w.bea)
	var wait sync.WaitGroup
	const each = 15
	for _, seat := range []community.Seat{w.anna, w.bea, w.coord} {
		wait.Go(func() {
			for i := range each {
				word := fmt.Sprintf("w%d-%d", seat.Account, i)
				for {
					m, err := w.store.Minutes(t.Context(), seat, n)
					if err != nil {
						t.Error(err)
						return
					}
					part := m.Parts[0]
					_, err = w.store.Write(t.Context(), seat, n, meeting.Writing{Request: uuid.New(), Lift: true, Texts: []meeting.Wording{{Body: strings.TrimSpace(part.Body + " " + word), Revision: part.Revision}},
						Lines: []meeting.Catch{{Form: meeting.SaidLine, Text: "line " + word}}})
					if _, stale := fault.Stale(err); stale {
						continue // both texts are shown, and the writer puts them together
					}
					if err != nil {
						t.Error(err)
					}
					break
				}
			}
		})
	}
	wait.Wait()
	m := w.minutes(t, w.coord, n)
	if got := len(strings.Fields(m.Parts[0].Body)); got != 3*each {
		t.Errorf("%d words, want %d: %q", got, 3*each, m.Parts[0].Body)
	}
	if got := len(m.Parts[0].Lines); got != 3*each {
		t.Errorf("%d lines, want %d", got, 3*each)
	}
	if m.Parts[0].Revision != 3*each {
		t.Errorf("revision %d, want %d", m.Parts[0].Revision, 3*each)
	}
}

func TestWhatWasWrittenBeforeStaysInTheHistory(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	w.duty(t, n, "notes", w.anna)
	revision := 0
	for _, text := range []struct {
		by   community.Seat
		body string
	}{{w.anna, "We"}, {w.anna, "We walked."}, {w.coord, "We walked. It rained."}, {w.coord, "It rained."}} {
		w.write(t, text.by, n, []meeting.Wording{{Body: text.body, Revision: revision}})
		revision++
	}
	all, err := w.store.MinuteHistory(t.Context(), w.coord, n, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, s.By+": "+s.Body)
	}
	if diff := cmp.Diff([]string{"Coord: It rained.", "Coord: We walked. It rained.", "Anna: We walked."}, got); diff != "" {
		t.Error(diff)
	}
	_, err = w.store.Write(t.Context(), w.anna, n, meeting.Writing{Texts: []meeting.Wording{{Body: "Mine", Revision: 2}}, Lines: []meeting.Catch{{Form: meeting.SaidLine, Text: "kept?"}}})
	if _, stale := fault.Stale(err); !stale || len(w.minutes(t, w.coord, n).Parts[0].Lines) != 0 {
		t.Errorf("a stale text: %v", err)
	}
}

func TestTheSameFormTwiceWritesOnce(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	form := meeting.Writing{Texts: []meeting.Wording{{Body: "We met.\ndecision: plant"}}, Lines: []meeting.Catch{{Form: meeting.SaidLine, Text: "hot"}}, Lift: true, Request: uuid.New()}
	for range 2 {
		if _, err := w.store.Write(t.Context(), w.coord, n, form); err != nil {
			t.Fatal(err)
		}
	}
	if p := w.minutes(t, w.coord, n).Parts[0]; len(p.Lines) != 2 || p.Revision != 1 {
		t.Errorf("got %d lines, revision %d", len(p.Lines), p.Revision)
	}
}

func TestMembersCorrectTheMinutesUntilADayAndACoordinatorApprovesThem(t *testing.T) {
	t.Parallel()
	w := newAgendaTown(t, testdb.Tx(t))
	n := w.meet(t)
	w.duty(t, n, "notes", w.anna)
	fix := meeting.Amendment{Body: "It was Tuesday.", Lang: locale.English, Request: uuid.New()}
	if err := w.store.Correct(t.Context(), w.bea, n, fix); !wrong(err, "corrections-over") {
		t.Errorf("before they are open: %v", err)
	}
	if err := w.store.Open(t.Context(), w.anna, n, w.now); !wrong(err, "minutes-empty") {
		t.Errorf("nothing written: %v", err)
	}
	w.write(t, w.anna, n, []meeting.Wording{{Body: "We met."}})
	if err := w.store.Open(t.Context(), w.anna, n, w.now.AddDate(0, 0, -1)); !wrong(err, "past") {
		t.Errorf("until yesterday: %v", err)
	}
	w.open(t, n)
	if err := w.store.Correct(t.Context(), w.nobody, n, fix); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a stranger: %v", err)
	}
	for range 2 {
		if err := w.store.Correct(t.Context(), w.bea, n, fix); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.minutes(t, w.bea, n).Corrections; len(got) != 1 || !got[0].Mine || got[0].State != "open" {
		t.Fatalf("the sender sees %+v", got)
	}
	if got := w.minutes(t, w.nobody, n).Corrections; len(got) != 0 {
		t.Errorf("a stranger sees %+v", got)
	}
	id := w.minutes(t, w.anna, n).Corrections[0].ID
	if err := w.store.Approve(t.Context(), w.coord, n); !wrong(err, "corrections-wait") {
		t.Errorf("a correction waits: %v", err)
	}
	if err := w.store.Judge(t.Context(), w.anna, n, id, false, ""); !wrong(err, "required") {
		t.Errorf("declined without a word: %v", err)
	}
	if err := w.store.Judge(t.Context(), w.anna, n, id, true, ""); err != nil {
		t.Fatal(err)
	}
	if got := w.count(t, `select count(*) from activity where verb = 'minutes.settle' and concerned = array[$1::bigint]`, w.bea.Account); got != 1 {
		t.Error("the sender is not told")
	}
	if err := w.store.Approve(t.Context(), w.anna, n); !errors.Is(err, fault.Forbidden) {
		t.Errorf("the note taker approves: %v", err)
	}
	w.now = w.now.AddDate(0, 0, 8)
	if err := w.store.Correct(t.Context(), w.bea, n, meeting.Amendment{Body: "Late", Lang: locale.English, Request: uuid.New()}); !wrong(err, "corrections-over") {
		t.Errorf("too late: %v", err)
	}
	if err := w.store.Approve(t.Context(), w.coord, n); err != nil {
		t.Fatal(err)
	}
	m := w.minutes(t, w.nobody, n)
	if m.State != meeting.Closed || m.Minutes != meeting.ApprovedMinutes || m.ApprovedBy != "Coord" {
		t.Errorf("got %s, %s, by %s", m.State, m.Minutes, m.ApprovedBy)
	}
	if _, err := w.store.Write(t.Context(), w.coord, n, meeting.Writing{Texts: []meeting.Wording{{Body: "Other", Revision: 1}}}); !wrong(err, "minutes-frozen") {
		t.Errorf("frozen: %v", err)
	}
	more := meeting.Amendment{Body: "The photographs are in M-1.", Lang: locale.English, Request: uuid.New()}
	for range 2 {
		if err := w.store.Append(t.Context(), w.anna, n, more); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.minutes(t, w.nobody, n).Addenda; len(got) != 1 || got[0].N != 1 {
		t.Errorf("got %+v", got)
	}
}
