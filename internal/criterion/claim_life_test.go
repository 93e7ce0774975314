package criterion_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// put is what a claim should be after some moves.
type put struct {
	number  int
	release item.ID
	extent  criterion.Extent
	state   criterion.ClaimState
	edition int
	by      time.Time
	said    map[string]criterion.Verdict // in this edition; "community" is the community's
	kept    int                          // verdicts of all editions
}

// judged is a criterion with what should have become of its claims.
type judged struct {
	*trial
	people    map[string]community.Seat
	here      map[string]bool // belongs to the community
	made      map[string]bool // makes or made the product
	withdrawn map[item.ID]bool
	releases  []item.ID
	puts      []*put
}

func (j *judged) may(who string) bool { return j.here[who] && !j.made[who] }

func (j *judged) waiting(p *put) (all []string) {
	for who := range j.people {
		if v := p.said[who]; j.may(who) && (v == "" || v == criterion.Silent) {
			all = append(all, who)
		}
	}
	return all
}

// tally of the answers that count.
func (j *judged) tally(p *put) (accepted, partly, not int) {
	for who, v := range p.said {
		switch {
		case j.made[who]:
		case v == criterion.Accepted:
			accepted++
		case v == criterion.PartlyAccepted:
			partly++
		case v == criterion.NotAccepted:
			not++
		}
	}
	return accepted, partly, not
}

// settle does what should become of a claim now; silence is noted only when it is settled for the first time.
func (j *judged) settle(p *put) {
	accepted, partly, not := j.tally(p)
	answers := accepted + partly + not
	due := !j.now.Before(p.by)
	if p.state == criterion.ClaimOpen && !due && (len(j.waiting(p)) > 0 || answers == 0) {
		return
	}
	if p.state == criterion.ClaimOpen {
		for _, who := range j.waiting(p) {
			p.said[who] = criterion.Silent
			p.kept++
		}
	}
	switch {
	case answers == 0:
		p.state = criterion.ClaimSilent
	case accepted == answers:
		p.state = criterion.ClaimAccepted
	case not == answers:
		p.state = criterion.ClaimNot
	default:
		p.state = criterion.ClaimPartly
	}
}

// fulfilment by hand: there is one product, so the newest settled claim decides.
func (j *judged) fulfilment() criterion.Fulfilment {
	f := criterion.Unclaimed
	for _, p := range j.puts {
		if p.state == criterion.ClaimWithdrawn || j.withdrawn[p.release] {
			continue
		}
		switch {
		case p.state == criterion.ClaimOpen && f == criterion.Unclaimed:
			f = criterion.Waiting
		case p.state == criterion.ClaimOpen:
		case p.state == criterion.ClaimAccepted && p.extent == criterion.Fully:
			f = criterion.Met
		case p.state == criterion.ClaimAccepted || p.state == criterion.ClaimPartly:
			f = criterion.PartlyMet
		case p.state == criterion.ClaimNot:
			f = criterion.NotMet
		default:
			f = criterion.Unsaid
		}
	}
	return f
}

func (j *judged) did(t rapid.TB, what string, p *put, err error, may bool) bool {
	t.Helper()
	if (err == nil) != may {
		t.Fatalf("%s, claim %+v: %v, want success %v", what, p, err, may)
	}
	return may
}

func (j *judged) pick(t *rapid.T) *put {
	if len(j.puts) == 0 {
		t.Skip("nothing is claimed") // of rapid: another act is drawn, no test is left out
	}
	return rapid.SampledFrom(j.puts).Draw(t, "claim")
}

func (j *judged) claimsOne(t *rapid.T) {
	n := j.newClaim()
	n.Release, n.Extent = rapid.SampledFrom(j.releases).Draw(t, "release"), rapid.SampledFrom(criterion.Extents).Draw(t, "extent")
	may := !j.withdrawn[n.Release]
	for _, p := range j.puts {
		may = may && (p.release != n.Release || p.state == criterion.ClaimWithdrawn)
	}
	made, err := j.store.Claim(context.Background(), j.maker, j.criterion, n)
	if j.did(t, "claim", nil, err, may) {
		j.puts = append(j.puts, &put{made.Number, n.Release, n.Extent, criterion.ClaimOpen, 1, j.now.AddDate(0, 0, criterion.AnswerDays), map[string]criterion.Verdict{}, 0})
	}
}

func (j *judged) answer(t *rapid.T) {
	p, who, v := j.pick(t), rapid.SampledFrom([]string{"stella", "simon", "rita"}).Draw(t, "who"), rapid.SampledFrom(criterion.Verdicts).Draw(t, "verdict")
	same := p.said[who] == v
	may := j.may(who) && (same || p.state == criterion.ClaimOpen || p.state == criterion.ClaimSilent || p.state.Settled() && p.said[who] == criterion.Silent)
	if !j.here[who] {
		return // the seat would be another
	}
	if j.did(t, "answer of "+who, p, j.answers(j.people[who], p.number, v), may) && !same {
		if p.said[who] == "" {
			p.kept++
		}
		p.said[who] = v
		j.settle(p)
	}
}

func (j *judged) answerForAll(t *rapid.T) {
	p, v := j.pick(t), rapid.SampledFrom(criterion.Verdicts).Draw(t, "verdict")
	left := 0
	for who := range j.people {
		if j.may(who) {
			left++
		}
	}
	a, b, c := j.tally(p)
	may := left == 0 && a+b+c == 0 && (p.state == criterion.ClaimOpen || p.state == criterion.ClaimSilent)
	err := j.store.AnswerForCommunity(context.Background(), j.coord, j.criterion, p.number, criterion.Answer{Verdict: v, Reason: "We talked.", Lang: "en", Edition: p.edition})
	if j.did(t, "answer for all", p, err, may) {
		p.said["community"] = v
		p.kept++
		j.settle(p)
	}
}

func (j *judged) withdraw(t *rapid.T) {
	p := j.pick(t)
	if j.did(t, "withdraw", p, j.store.WithdrawClaim(context.Background(), j.maker, j.criterion, p.number), p.state == criterion.ClaimOpen || p.state == criterion.ClaimWithdrawn) {
		p.state = criterion.ClaimWithdrawn
	}
}

func (j *judged) reopen(t *rapid.T) {
	p, who := j.pick(t), rapid.SampledFrom([]string{"stella", "coord"}).Draw(t, "who")
	seat, may := j.coord, true
	if who == "stella" {
		seat, may = j.people[who], j.may(who)
	}
	err := j.store.ReopenClaim(context.Background(), seat, j.criterion, p.number, "It changed.")
	if j.did(t, "reopen by "+who, p, err, may && p.state.Settled() && !j.withdrawn[p.release]) {
		p.state, p.edition, p.by, p.said = criterion.ClaimOpen, p.edition+1, j.now.AddDate(0, 0, criterion.AnswerDays), map[string]criterion.Verdict{}
	}
}

func (j *judged) passes(t *rapid.T) {
	j.now = j.now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "days"))
	if err := j.store.SettleClaims(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, p := range j.puts {
		if p.state == criterion.ClaimOpen {
			j.settle(p)
		}
	}
}

func (j *judged) comesAndGoes(t *rapid.T) {
	who := rapid.SampledFrom([]string{"stella", "simon", "rita"}).Draw(t, "who")
	j.here[who] = !j.here[who]
	j.run(t, `update membership set state = case when $2 then 'member' else 'left' end where account_id = $1`, j.people[who].Account, j.here[who])
}

func (j *judged) joinsTheMakers(t *rapid.T) {
	who := rapid.SampledFrom([]string{"simon", "rita"}).Draw(t, "who")
	if !j.made[who] && rapid.IntRange(0, 3).Draw(t, "rarely") == 0 {
		j.made[who] = true
		j.makes(t, j.people[who])
		j.run(t, `update product_maker set ended_at = now() where account_id = $1`, j.people[who].Account)
	}
}

func (j *judged) withdrawRelease(t *rapid.T) {
	r := rapid.SampledFrom(j.releases).Draw(t, "release")
	j.withdrawn[r] = !j.withdrawn[r]
	j.run(t, `update release set state = case when $2 then 'withdrawn' else 'published' end where item_id = $1`, r, j.withdrawn[r])
	tx, err := j.db.Begin(context.Background())
	if err == nil {
		if err = j.store.RefulfilRelease(context.Background(), tx, r); err == nil {
			err = tx.Commit(context.Background())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// check reads everything back.
func (j *judged) check(t *rapid.T) {
	c, err := j.store.Read(context.Background(), j.coord, j.criterion)
	if err != nil {
		t.Fatal(err)
	}
	if c.Fulfilment != j.fulfilment() || len(c.Claims.List) != len(j.puts) {
		t.Fatalf("the criterion is %s with %d claims, want %s with %d", c.Fulfilment, len(c.Claims.List), j.fulfilment(), len(j.puts))
	}
	for n, k := range c.Claims.List {
		p := j.puts[len(j.puts)-1-n]
		if k.State != p.state || k.Edition != p.edition || len(k.Verdicts) != p.kept || len(k.Reopened) != p.edition-1 {
			t.Fatalf("claim %d is %s in edition %d with %d verdicts and %d reopenings, want %+v", p.number, k.State, k.Edition, len(k.Verdicts), len(k.Reopened), p)
		}
	}
}

func TestLifeOfClaims(t *testing.T) {
	t.Parallel()
	alone(t, func(t *rapid.T, tx postgres.DB) {
		w := newTown(t, tx)
		rita := w.seat(t, "rita", community.Member, community.Stakeholder)
		j := &judged{trial: newTrial(t, w, criterion.Target{}, w.stella, w.simon, rita), people: map[string]community.Seat{"stella": w.stella, "simon": w.simon, "rita": rita},
			here: map[string]bool{"stella": true, "simon": true, "rita": true}, made: map[string]bool{}, withdrawn: map[item.ID]bool{}}
		j.releases = []item.ID{j.trial.release}
		for n := range 2 {
			j.releases = append(j.releases, j.publishes(t, fmt.Sprintf("1.%d", n+1)))
		}
		t.Repeat(map[string]func(*rapid.T){"claim": j.claimsOne, "answer": j.answer, "answer again": j.answer, "answer for all": j.answerForAll, "withdraw": j.withdraw, "reopen": j.reopen,
			"time passes": j.passes, "membership": j.comesAndGoes, "maker": j.joinsTheMakers, "release": j.withdrawRelease, "": j.check})
	})
}
