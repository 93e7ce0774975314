package criterion_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// raised is a new criterion that stella asked for, and that everybody may read.
func (w *town) raised(t rapid.TB, statement string) int {
	t.Helper()
	return w.raisedFor(t, statement, item.Public)
}

func (w *town) raisedFor(t rapid.TB, statement string, audience item.Audience) int {
	t.Helper()
	made, err := w.store.Raise(context.Background(), w.simon, criterion.New{Statement: statement, Lang: "en", Audience: audience, Request: uuid.New(),
		Source: &criterion.NewSource{Form: criterion.FromPerson, Speaker: w.stella.Account, Words: statement}})
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

// met is a meeting of the town on a day, in a state.
func (w *town) met(t rapid.TB, day, state string, audience item.Audience) (number int) {
	t.Helper()
	err := w.db.QueryRow(context.Background(), `with made as (insert into item (community_id, kind, number, title, lang, author_id, updated_by, audience, created_at, updated_at, active_at)
			select $1, 'meeting', 1 + count(*), 'Meeting of ' || $2, 'en', $3, $3, $4, now(), now(), now() from item where community_id = $1 and kind = 'meeting' returning id, number),
		met as (insert into meeting (item_id, community_id, form, state, state_at, opens_to, zone, starts_at, ends_at)
			select id, $1, 'regular', $5, now(), 0, 'Europe/Zurich', ($2 || ' 14:00+01')::timestamptz, ($2 || ' 16:00+01')::timestamptz from made)
		select number from made`, w.here, day, w.coord.Account, audience, state).Scan(&number)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func (w *town) read(t rapid.TB, seat community.Seat, number int) criterion.Whole {
	t.Helper()
	c, err := w.store.Read(context.Background(), seat, number)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *town) count(t rapid.TB, sql string, args ...any) (n int) {
	t.Helper()
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func day(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}

var today = day("2027-01-04")

// act is one of the acts of a life, sound wherever the state allows it.
var acts = map[string]func(*town, context.Context, community.Seat, int, int) error{
	"agree": func(w *town, ctx context.Context, seat community.Seat, n, _ int) error {
		return w.store.Agree(ctx, seat, n, criterion.Step{On: today})
	},
	"park": func(w *town, ctx context.Context, seat community.Seat, n, _ int) error {
		return w.store.Park(ctx, seat, n, criterion.Step{Reason: "after the summer"})
	},
	"decline": func(w *town, ctx context.Context, seat community.Seat, n, _ int) error {
		return w.store.Decline(ctx, seat, n, criterion.Step{Reason: "nobody can measure it"})
	},
	"reopen": func(w *town, ctx context.Context, seat community.Seat, n, _ int) error {
		return w.store.Reopen(ctx, seat, n, criterion.Step{Reason: "it came up again"})
	},
	"merge": func(w *town, ctx context.Context, seat community.Seat, n, into int) error {
		return w.store.Merge(ctx, seat, n, into)
	},
}

func TestEveryStepOfALifeFromEveryStateBySeat(t *testing.T) {
	t.Parallel()
	reach := map[criterion.State][]string{criterion.Raised: nil, criterion.Agreed: {"agree"}, criterion.Parked: {"park"}, criterion.Declined: {"decline"}, criterion.Merged: {"merge"}}
	leads := map[string]map[criterion.State]criterion.State{
		"agree":   {criterion.Raised: criterion.Agreed, criterion.Parked: criterion.Agreed, criterion.Agreed: criterion.Agreed},
		"park":    {criterion.Raised: criterion.Parked, criterion.Agreed: criterion.Parked, criterion.Parked: criterion.Parked},
		"decline": {criterion.Raised: criterion.Declined, criterion.Agreed: criterion.Declined, criterion.Parked: criterion.Declined, criterion.Declined: criterion.Declined},
		"reopen":  {criterion.Agreed: criterion.Raised, criterion.Parked: criterion.Raised, criterion.Declined: criterion.Raised, criterion.Merged: criterion.Raised},
		"merge":   {criterion.Raised: criterion.Merged, criterion.Agreed: criterion.Merged, criterion.Merged: criterion.Merged},
	}
	for from, way := range reach {
		for act, do := range acts {
			t.Run(string(from)+" "+act, func(t *testing.T) {
				t.Parallel()
				w := newTown(t, testdb.Tx(t))
				other := w.raised(t, "Other")
				for who, seat := range map[string]community.Seat{"visitor": w.nobody, "elsewhere": w.elsewhere(), "member": w.stella, "scientist": w.simon, "coordinator": w.coord} {
					n := w.raised(t, "Shade "+who)
					for _, step := range way {
						if err := acts[step](w, t.Context(), w.coord, n, other); err != nil {
							t.Fatal(err)
						}
					}
					err := do(w, t.Context(), seat, n, other)
					want, may := leads[act][from]
					switch allowed := who == "coordinator" || act == "merge" && who == "scientist"; {
					case !allowed && !errors.Is(err, fault.Forbidden):
						t.Errorf("%s by %s: %v, want forbidden", act, who, err)
					case allowed && may != (err == nil), allowed && !may && (len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Key != "life-state"):
						t.Errorf("%s by %s: %v, want success %v", act, who, err, may)
					case !allowed || !may:
						want = from
					}
					if got := w.read(t, w.coord, n).State; got != want {
						t.Errorf("after %s by %s it is %s, want %s", act, who, got, want)
					}
				}
			})
		}
	}
}

// elsewhere is a member of another community.
func (w *town) elsewhere() community.Seat {
	seat := w.nobody
	seat.Account, seat.Standing, seat.Reach = w.stella.Account, community.Elsewhere, community.Reach{Me: w.stella.Account, Mine: []int64{int64(w.here) + 1_000_000}, Coordinated: []int64{}}
	return seat
}

func TestAnAgreementNamesItsDayAndAMeetingHeldByThen(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.raised(t, "Shade")
	held, off, later := w.met(t, "2026-12-01", "held", item.Public), w.met(t, "2026-12-02", "called-off", item.Public), w.met(t, "2027-02-01", "published", item.Public)
	inner := w.met(t, "2026-12-03", "held", item.Community)
	for name, c := range map[string]struct {
		step       criterion.Step
		field, key string
	}{
		"no day":                  {criterion.Step{}, "on", "date"},
		"tomorrow":                {criterion.Step{On: day("2027-01-05")}, "on", "life-ahead"},
		"no such meeting":         {criterion.Step{On: today, Meeting: 99}, "meeting", "no-meeting"},
		"called off":              {criterion.Step{On: today, Meeting: off}, "meeting", "life-meeting"},
		"still to come":           {criterion.Step{On: today, Meeting: later}, "meeting", "life-meeting"},
		"after the day":           {criterion.Step{On: day("2026-11-30"), Meeting: held}, "meeting", "life-meeting"},
		"reason longer than that": {criterion.Step{On: today, Reason: string(make([]rune, 501))}, "reason", "too-long"},
	} {
		err := w.store.Agree(t.Context(), w.coord, n, c.step)
		if p := fault.Problems(err); len(p) != 1 || p[0].Field != c.field || p[0].Key != c.key {
			t.Errorf("%s: %v, want %s of %s", name, err, c.key, c.field)
		}
	}
	if err := w.store.Agree(t.Context(), w.coord, n, criterion.Step{On: day("2026-12-03"), Meeting: inner}); err != nil {
		t.Fatal(err)
	}
	c := w.read(t, w.coord, n)
	if last := c.Life[1]; last.Step != "agreed" || !last.On.Equal(day("2026-12-03")) || last.Meeting != inner || c.AgreedOn == nil {
		t.Errorf("agreed as %+v", last)
	}
	if last := w.read(t, w.nobody, n).Life[1]; last.Meeting != 0 || last.MeetingTitle != "" {
		t.Errorf("a visitor reads of a meeting of the community: %+v", last)
	}
}

func TestReasonsAreAskedForAndTheSameStepTwiceIsOne(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.raised(t, "Shade")
	for name, do := range map[string]func(context.Context, community.Seat, int, criterion.Step) error{"decline": w.store.Decline, "reopen": w.store.Reopen} {
		if p := fault.Problems(do(t.Context(), w.coord, n, criterion.Step{})); len(p) != 1 || p[0].Field != "reason" {
			t.Errorf("%s without a reason: %v", name, p)
		}
	}
	for range 2 {
		if err := w.store.Decline(t.Context(), w.coord, n, criterion.Step{Reason: "too dear"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.Decline(t.Context(), w.coord, n, criterion.Step{Reason: "another reason"}); len(fault.Problems(err)) != 1 {
		t.Errorf("declined twice with different reasons: %v", err)
	}
	var steps []string
	for _, s := range w.read(t, w.coord, n).Life {
		steps = append(steps, s.Step+" "+s.Reason)
	}
	if d := cmp.Diff([]string{"raised ", "declined too dear"}, steps); d != "" {
		t.Error(d)
	}
	if told := w.count(t, `select count(*) from activity where verb = 'criterion.decline' and concerned = array[$1::bigint]`, w.stella.Account); told != 1 {
		t.Errorf("%d activities tell her who asked, want 1", told)
	}
}
