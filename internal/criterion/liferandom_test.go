package criterion_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// lives are criteria of one town, as they should be after some acts.
type lives struct {
	*town
	numbers []int
	state   map[int]criterion.State
	into    map[int]int
	steps   map[int]int
	last    map[int]string
	ties    map[[2]int]criterion.Relation // from the lower number
	needs   map[int]int                   // as stored, by number
	touched int
}

// TestLivesAtRandom lets random seats agree, park, decline, reopen, merge, relate and unrelate, and holds every criterion against a model and the schema's own promises.
func TestLivesAtRandom(t *testing.T) {
	t.Parallel()
	alone(t, func(t *rapid.T, tx postgres.DB) {
		l := &lives{town: newTown(t, tx), state: map[int]criterion.State{}, into: map[int]int{}, steps: map[int]int{}, last: map[int]string{}, ties: map[[2]int]criterion.Relation{}}
		for range 4 {
			n := l.raised(t, "Need")
			l.numbers, l.state[n], l.steps[n], l.last[n], l.touched = append(l.numbers, n), criterion.Raised, 1, "raised", n
		}
		seats := map[string]community.Seat{"visitor": l.nobody, "member": l.stella, "scientist": l.simon, "coordinator": l.coord}
		one := rapid.SampledFrom(l.numbers)
		act := func(do func(t *rapid.T, who string, seat community.Seat, n int)) func(*rapid.T) {
			return func(t *rapid.T) {
				who := rapid.SampledFrom([]string{"coordinator", "coordinator", "scientist", "member", "visitor"}).Draw(t, "who")
				l.touched = one.Draw(t, "criterion")
				do(t, who, seats[who], l.touched)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"agree": act(func(t *rapid.T, who string, seat community.Seat, n int) {
				l.move(t, who, seat, n, "agree", criterion.Agreed)
			}),
			"park": act(func(t *rapid.T, who string, seat community.Seat, n int) {
				l.move(t, who, seat, n, "park", criterion.Parked)
			}),
			"decline": act(func(t *rapid.T, who string, seat community.Seat, n int) {
				l.move(t, who, seat, n, "decline", criterion.Declined)
			}),
			"reopen": act(func(t *rapid.T, who string, seat community.Seat, n int) {
				l.move(t, who, seat, n, "reopen", criterion.Raised)
			}),
			"merge": act(func(t *rapid.T, who string, seat community.Seat, n int) {
				l.merge(t, who, seat, n, one.Draw(t, "into"))
			}),
			"relate": act(func(t *rapid.T, who string, seat community.Seat, n int) {
				l.relate(t, who, seat, n, one.Draw(t, "other"), rapid.SampledFrom(criterion.Relations).Draw(t, "relation"))
			}),
			"unrelate": act(func(t *rapid.T, who string, seat community.Seat, n int) { l.unrelate(t, who, seat, n) }),
			"":         func(t *rapid.T) { l.hold(t) },
		})
	})
}

// did checks that an act succeeded exactly when it may, and failed for the right reason otherwise.
func (l *lives) did(t *rapid.T, what, who string, err error, allowed, may bool) bool {
	t.Helper()
	switch {
	case !allowed && !errors.Is(err, fault.Forbidden), allowed && may != (err == nil), allowed && !may && len(fault.Problems(err)) != 1:
		t.Fatalf("%s by %s: %v, want allowed %v and possible %v", what, who, err, allowed, may)
	}
	return err == nil
}

func (l *lives) move(t *rapid.T, who string, seat community.Seat, n int, act string, to criterion.State) {
	step := map[string]string{"agree": "agreed", "park": "parked", "decline": "declined", "reopen": "reopened"}[act]
	again := l.last[n] == step
	err := acts[act](l.town, context.Background(), seat, n, 0)
	if l.did(t, act, who, err, who == "coordinator", again || l.state[n].May(to)) && !again {
		l.state[n], l.last[n] = to, step
		l.steps[n]++
		delete(l.into, n)
	}
}

func (l *lives) merge(t *rapid.T, who string, seat community.Seat, n, into int) {
	again := l.state[n] == criterion.Merged && l.into[n] == into
	err := l.store.Merge(context.Background(), seat, n, into)
	may := n != into && (again || l.state[n].May(criterion.Merged) && l.state[into].Standing())
	if l.did(t, "merge", who, err, who == "coordinator" || who == "scientist", may) && !again {
		l.state[n], l.into[n], l.last[n] = criterion.Merged, into, "merged"
		l.steps[n]++
	}
}

var backwards = map[criterion.Relation]criterion.Relation{criterion.SameNeed: criterion.SameNeed, criterion.Narrower: criterion.Broader, criterion.Broader: criterion.Narrower, criterion.Conflicts: criterion.Conflicts}

func (l *lives) relate(t *rapid.T, who string, seat community.Seat, n, other int, r criterion.Relation) {
	pair, seen := [2]int{min(n, other), max(n, other)}, r
	if other < n {
		seen = backwards[r]
	}
	there, related := l.ties[pair]
	err := l.store.Relate(context.Background(), seat, n, criterion.Tie{Relation: r, Number: other})
	if l.did(t, "relate", who, err, who != "visitor", n != other && (!related || there == seen)) {
		l.ties[pair] = seen
	}
}

func (l *lives) unrelate(t *rapid.T, who string, seat community.Seat, n int) {
	related := l.read(t, l.coord, n).Related
	if len(related) == 0 {
		return
	}
	r := rapid.SampledFrom(related).Draw(t, "relation")
	mine := false
	if who != "visitor" {
		for _, own := range l.read(t, seat, n).Related {
			mine = mine || own.Link == r.Link && own.Mine
		}
	}
	err := l.store.Unrelate(context.Background(), seat, n, r.Link)
	if l.did(t, "unrelate", who, err, who == "coordinator" || who == "scientist" || mine, true) {
		delete(l.ties, [2]int{min(n, r.Number), max(n, r.Number)})
	}
}

// hold checks every criterion against the model, and what is true of all of them.
func (l *lives) hold(t *rapid.T) {
	l.needs = map[int]int{}
	wrong := [6]int{}
	rows, err := l.db.Query(context.Background(), `select i.number, n.number from criterion c join item i on i.id = c.item_id join item n on n.id = c.need_id where c.community_id = $1`, l.here)
	if err != nil {
		t.Fatal(err)
	}
	var number, need int
	if _, err := pgx.ForEachRow(rows, []any{&number, &need}, func() error { l.needs[number] = need; return nil }); err != nil {
		t.Fatal(err)
	}
	needs, merged := map[[2]int]bool{}, map[int]int{}
	at := map[int]int{}
	for i, n := range l.numbers {
		at[n] = i
	}
	for pair, r := range l.ties {
		if r == criterion.SameNeed {
			needs[[2]int{at[pair[0]], at[pair[1]]}] = true
		}
	}
	for n, into := range l.into {
		merged[at[n]] = at[into]
	}
	lowest := union(len(l.numbers), needs, merged)
	for i, n := range l.numbers {
		if want := l.numbers[lowest[i]]; l.needs[n] != want {
			t.Fatalf("C-%d is the need of C-%d, want that of C-%d", n, l.needs[n], want)
		}
	}
	n := l.touched
	c := l.read(t, l.nobody, n)
	if c.State != l.state[n] || c.MergedInto != l.into[n] || (c.AgreedOn != nil) != (c.State == criterion.Agreed) || len(c.Life) != l.steps[n] || c.Life[len(c.Life)-1].Step != l.last[n] {
		t.Fatalf("C-%d is %s into %d since %v after %+v, want %s into %d after %d", n, c.State, c.MergedInto, c.AgreedOn, c.Life, l.state[n], l.into[n], l.steps[n])
	}
	for _, r := range c.Related {
		seen := r.Relation
		if r.Number < n {
			seen = backwards[seen]
		}
		if l.ties[[2]int{min(n, r.Number), max(n, r.Number)}] != seen {
			t.Fatalf("C-%d is %s to C-%d, want %v", n, r.Relation, r.Number, l.ties)
		}
	}
	err = l.db.QueryRow(context.Background(), promisesSQL, l.here).Scan(&wrong[0], &wrong[1], &wrong[2], &wrong[3], &wrong[4], &wrong[5])
	if err != nil || wrong != [6]int{} {
		t.Fatalf("%v: chains that lead back, sources told twice, sources numbered wrongly, pairs related twice, sources that merging did not bring, steps that nobody would have told of: %v", err, wrong)
	}
}

// promisesSQL counts what must never be, in a community.
const promisesSQL = `select
	(with recursive chain as (select item_id, merged_into, 1 as far from criterion where community_id = $1 and merged_into is not null union all select c.item_id, k.merged_into, far + 1 from chain c join criterion k on k.item_id = c.merged_into where k.merged_into is not null and far < 9) select count(*) from chain where merged_into = item_id),
	(select count(*) from (select from criterion_source where community_id = $1 group by criterion_id, speaker_id, speaker_name, words having count(*) > 1) x),
	(select count(*) from criterion c where community_id = $1 and sources <> (select count(*) from criterion_source s where s.criterion_id = c.item_id)),
	(select count(*) from item_link a join item_link b on b.id > a.id and least(a.from_id, a.to_id) = least(b.from_id, b.to_id) and greatest(a.from_id, a.to_id) = greatest(b.from_id, b.to_id) join item i on i.id = a.from_id where i.community_id = $1 and a.relation in ('same-need', 'narrower', 'conflicts') and b.relation in ('same-need', 'narrower', 'conflicts')),
	(select count(*) from criterion c join criterion_source s on s.criterion_id = c.item_id where c.community_id = $1 and c.state = 'merged' and not exists (select from criterion_source t where t.criterion_id = c.merged_into and t.words = s.words and t.speaker_id is not distinct from s.speaker_id)),
	(select abs((select count(*) from criterion_step where community_id = $1) - (select count(*) from activity where community_id = $1 and verb in ('criterion.raise', 'criterion.agree', 'criterion.park', 'criterion.decline', 'criterion.reopen', 'criterion.merge'))))`
