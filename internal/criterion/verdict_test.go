package criterion_test

import (
	"errors"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// Who made the product, ever, or the claim decides nothing, whatever the role and whoever asked.
func TestWhoMayAnswer(t *testing.T) {
	t.Parallel()
	type person struct {
		standing                                community.Standing
		asked, denied, makes, made, claims, out bool
	}
	for name, c := range map[string]struct {
		person
		answer, community bool // with somebody else left who may answer, the community's answer is nobody's
	}{
		"a stakeholder who asked":                        {person{standing: community.Member, asked: true}, true, false},
		"a scientist who asked":                          {person{standing: community.ScientificMember, asked: true}, true, false},
		"a coordinator who asked":                        {person{standing: community.Coordinator, asked: true}, true, false},
		"who asked and makes it":                         {person{standing: community.Member, asked: true, makes: true}, false, false},
		"a scientist who asked and makes it":             {person{standing: community.ScientificMember, asked: true, makes: true}, false, false},
		"a coordinator who asked and makes it":           {person{standing: community.Coordinator, asked: true, makes: true}, false, false},
		"who asked and made it once":                     {person{standing: community.Member, asked: true, made: true}, false, false},
		"a scientist who asked and claims":               {person{standing: community.ScientificMember, asked: true, claims: true}, false, false},
		"who denied to have asked":                       {person{standing: community.Member, asked: true, denied: true}, false, false},
		"who asked and left":                             {person{standing: community.Elsewhere, asked: true, out: true}, false, false},
		"a member who did not ask":                       {person{standing: community.Member}, false, false},
		"a scientist who did not ask":                    {person{standing: community.ScientificMember}, false, false},
		"a coordinator who did not ask":                  {person{standing: community.Coordinator}, false, true},
		"a coordinator who makes it":                     {person{standing: community.Coordinator, makes: true}, false, false},
		"a coordinator who made it once":                 {person{standing: community.Coordinator, made: true}, false, false},
		"a coordinator who claims":                       {person{standing: community.Coordinator, claims: true}, false, false},
		"a maker from elsewhere":                         {person{standing: community.Elsewhere, makes: true, out: true}, false, false},
		"an account that belongs nowhere":                {person{standing: community.Visitor, out: true}, false, false},
		"an account that belongs nowhere but asked once": {person{standing: community.Visitor, asked: true, out: true}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, testdb.Tx(t))
			x := newTrial(t, w, criterion.Target{})
			p := w.seat(t, "p", c.standing, community.Stakeholder)
			if c.asked {
				x.asks(t, p)
			}
			if c.denied {
				x.run(t, `update criterion_source set answer = 'denied'`)
			}
			if c.makes || c.made {
				x.makes(t, p)
			}
			if c.made {
				x.run(t, `update product_maker set ended_at = now() where account_id = $1`, p.Account)
			}
			if c.out {
				x.run(t, `delete from membership where account_id = $1`, p.Account)
				p.Number = 0
			}
			form := x.newClaim()
			by := x.maker
			if c.claims {
				by = p
			}
			made, err := w.store.Claim(t.Context(), by, x.criterion, form)
			if err != nil {
				t.Fatal(err)
			}
			a := criterion.Answer{Verdict: criterion.Accepted, Reason: "It does.", Lang: "en", Edition: 1}
			err = w.store.AnswerForCommunity(t.Context(), p, x.criterion, made.Number, a)
			if c.community && err != nil || !c.community && !errors.Is(err, fault.Forbidden) && problem(err) != "answer asked-answer" {
				t.Errorf("for the community: %v, may %v", err, c.community)
			}
			if c.community {
				x.stands(t, made.Number, criterion.ClaimAccepted, criterion.Met)
				return
			}
			err = w.store.Answer(t.Context(), p, x.criterion, made.Number, a)
			if c.answer && err != nil || !c.answer && !errors.Is(err, fault.Forbidden) {
				t.Errorf("answers: %v, may %v", err, c.answer)
			}
			_, k, err := w.store.ReadClaim(t.Context(), p, x.criterion, made.Number)
			if want := c.answer; err != nil || k.May != want {
				t.Errorf("the page lets answer: %v, %v, want %v", k.May, err, want)
			}
			if c.answer {
				x.stands(t, made.Number, criterion.ClaimAccepted, criterion.Met)
				return
			}
			x.stands(t, made.Number, criterion.ClaimOpen, criterion.Waiting)
			// nor do they put once more what others decided
			w.run(t, `update claim set state = 'not', settled_at = now()`)
			if err := w.store.ReopenClaim(t.Context(), p, x.criterion, made.Number, "Look again."); !errors.Is(err, fault.Forbidden) {
				t.Errorf("reopens: %v", err)
			}
		})
	}
}

func TestAnswersOfSeveralComeToOne(t *testing.T) {
	t.Parallel()
	a, p, n, s := criterion.Accepted, criterion.PartlyAccepted, criterion.NotAccepted, criterion.Silent
	for name, c := range map[string]struct {
		extent       criterion.Extent
		first, other criterion.Verdict
		want         criterion.ClaimState
		fulfilment   criterion.Fulfilment
	}{
		"both accept":                      {criterion.Fully, a, a, criterion.ClaimAccepted, criterion.Met},
		"both accept what is partly there": {criterion.Partly, a, a, criterion.ClaimAccepted, criterion.PartlyMet},
		"one accepts, one does not":        {criterion.Fully, a, n, criterion.ClaimPartly, criterion.PartlyMet},
		"one accepts, one partly":          {criterion.Fully, a, p, criterion.ClaimPartly, criterion.PartlyMet},
		"both partly":                      {criterion.Fully, p, p, criterion.ClaimPartly, criterion.PartlyMet},
		"one partly, one not":              {criterion.Fully, p, n, criterion.ClaimPartly, criterion.PartlyMet},
		"neither accepts":                  {criterion.Fully, n, n, criterion.ClaimNot, criterion.NotMet},
		"one accepts, one is silent":       {criterion.Fully, a, s, criterion.ClaimAccepted, criterion.Met},
		"one refuses, one is silent":       {criterion.Fully, n, s, criterion.ClaimNot, criterion.NotMet},
		"both are silent":                  {criterion.Fully, s, s, criterion.ClaimSilent, criterion.Unsaid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, testdb.Tx(t))
			x := newTrial(t, w, criterion.Target{}, w.stella, w.simon)
			form := x.newClaim()
			form.Extent = c.extent
			made, err := w.store.Claim(t.Context(), x.maker, x.criterion, form)
			if err != nil {
				t.Fatal(err)
			}
			silent := 0
			for who, v := range map[*community.Seat]criterion.Verdict{&w.stella: c.first, &w.simon: c.other} {
				if v == s {
					silent++
					continue
				}
				x.stands(t, made.Number, criterion.ClaimOpen, criterion.Waiting)
				x.says(t, *who, made.Number, v)
			}
			if silent > 0 {
				if err := w.store.SettleClaims(t.Context()); err != nil {
					t.Fatal(err)
				}
				x.stands(t, made.Number, criterion.ClaimOpen, criterion.Waiting)
				w.now = w.now.AddDate(0, 0, criterion.AnswerDays)
				if err := w.store.SettleClaims(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			x.stands(t, made.Number, c.want, c.fulfilment)
			if got := w.id(t, `select count(*) from verdict where answer = 'silent' and by_id is null`); int(got) != silent {
				t.Errorf("%d are recorded as silent, want %d", got, silent)
			}
		})
	}
}

func TestAnswerMayChangeUntilSettledAndComeLateAfterSilence(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	x := newTrial(t, w, criterion.Target{}, w.stella, w.simon)
	k := x.claims(t)
	x.says(t, w.stella, k, criterion.NotAccepted)
	x.says(t, w.stella, k, criterion.Accepted)
	w.now = w.now.AddDate(0, 0, criterion.AnswerDays+1)
	if err := w.store.SettleClaims(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.stands(t, k, criterion.ClaimAccepted, criterion.Met)
	if err := x.answers(w.stella, k, criterion.NotAccepted); problem(err) != "answer claim-settled" {
		t.Errorf("changed what was settled: %v", err)
	}
	x.says(t, w.simon, k, criterion.NotAccepted) // late
	x.stands(t, k, criterion.ClaimPartly, criterion.PartlyMet)
	_, read, err := w.store.ReadClaim(t.Context(), w.stella, x.criterion, k)
	if err != nil || len(read.Verdicts) != 2 || !read.Late(read.Verdicts[1]) || read.Late(read.Verdicts[0]) {
		t.Errorf("read %+v, %v", read.Verdicts, err)
	}
	if err := x.answers(w.simon, k, criterion.Accepted); problem(err) != "answer claim-settled" {
		t.Errorf("changed what was late: %v", err)
	}
}

func TestClaimIsPutOnceMoreAndWhatWasSaidIsKept(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	x := newTrial(t, w, criterion.Target{}, w.stella)
	k := x.claims(t)
	if err := w.store.ReopenClaim(t.Context(), w.stella, x.criterion, k, "Why not."); problem(err) != "reason claim-open" {
		t.Errorf("reopened what is open: %v", err)
	}
	x.says(t, w.stella, k, criterion.NotAccepted)
	w.now = w.now.AddDate(0, 2, 0)
	if err := w.store.ReopenClaim(t.Context(), w.stella, x.criterion, k, ""); problem(err) != "reason required" {
		t.Errorf("reopened without a reason: %v", err)
	}
	if err := w.store.ReopenClaim(t.Context(), w.stella, x.criterion, k, "We found the layer."); err != nil {
		t.Fatal(err)
	}
	x.stands(t, k, criterion.ClaimOpen, criterion.Waiting)
	old := criterion.Answer{Verdict: criterion.Accepted, Lang: "en", Edition: 1}
	if err := w.store.Answer(t.Context(), w.stella, x.criterion, k, old); problem(err) != "answer put-again" {
		t.Errorf("answered what was put before: %v", err)
	}
	x.says(t, w.stella, k, criterion.Accepted)
	x.stands(t, k, criterion.ClaimAccepted, criterion.Met)
	_, read, err := w.store.ReadClaim(t.Context(), w.stella, x.criterion, k)
	if err != nil || len(read.In(1)) != 1 || read.In(1)[0].Answer != criterion.NotAccepted || len(read.Standing()) != 1 || len(read.Reopened) != 1 || read.Reopened[0].Reason != "We found the layer." {
		t.Errorf("read %+v, %v", read, err)
	}
}

func TestWithdrawnClaimCountsNoMore(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	x := newTrial(t, w, criterion.Target{}, w.stella)
	k := x.claims(t)
	for name, seat := range map[string]community.Seat{"who asked": w.stella, "a scientist": w.simon} {
		if err := w.store.WithdrawClaim(t.Context(), seat, x.criterion, k); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s withdraws it: %v", name, err)
		}
	}
	if err := w.store.WithdrawClaim(t.Context(), x.maker, x.criterion, k); err != nil {
		t.Fatal(err)
	}
	x.stands(t, k, criterion.ClaimWithdrawn, criterion.Unclaimed)
	if err := x.answers(w.stella, k, criterion.Accepted); problem(err) != "answer claim-withdrawn" {
		t.Errorf("answered: %v", err)
	}
	k = x.claims(t) // once more
	x.says(t, w.stella, k, criterion.Accepted)
	if err := w.store.WithdrawClaim(t.Context(), w.coord, x.criterion, k); problem(err) != "withdraw claim-settled" {
		t.Errorf("withdrew what was settled: %v", err)
	}
}

func TestNewestClaimOfEachProductCountsAndTheBestProduct(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	x := newTrial(t, w, criterion.Target{}, w.stella)
	first := x.claims(t)
	x.says(t, w.stella, first, criterion.Accepted)
	old := x.release
	x.release = x.publishes(t, "2.0")
	second := x.claims(t)
	x.stands(t, second, criterion.ClaimOpen, criterion.Met)
	x.says(t, w.stella, second, criterion.NotAccepted)
	x.stands(t, second, criterion.ClaimNot, criterion.NotMet)
	withdraw := func(id item.ID) {
		x.run(t, `update release set state = 'withdrawn' where item_id = $1`, id)
		tx, err := w.db.Begin(t.Context())
		if err == nil {
			err = w.store.RefulfilRelease(t.Context(), tx, id)
		}
		if err == nil {
			err = tx.Commit(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	withdraw(x.release)
	x.stands(t, first, criterion.ClaimAccepted, criterion.Met)
	withdraw(old)
	x.stands(t, first, criterion.ClaimAccepted, criterion.Unclaimed)
}

func TestCommunityAnswersWhereNoneIsLeftWhoAsked(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	x := newTrial(t, w, criterion.Target{}, w.stella)
	k := x.claims(t)
	a := criterion.Answer{Verdict: criterion.PartlyAccepted, Lang: "en", Edition: 1}
	if err := w.store.AnswerForCommunity(t.Context(), w.coord, x.criterion, k, criterion.Answer{Verdict: criterion.Accepted, Reason: "Yes.", Lang: "en", Edition: 1}); problem(err) != "answer asked-answer" {
		t.Errorf("answered over the head of who asked: %v", err)
	}
	x.run(t, `update membership set state = 'left' where account_id = $1`, w.stella.Account)
	w.now = w.now.AddDate(0, 0, criterion.AnswerDays)
	if err := w.store.SettleClaims(t.Context()); err != nil {
		t.Fatal(err)
	}
	x.stands(t, k, criterion.ClaimSilent, criterion.Unsaid)
	if err := w.store.AnswerForCommunity(t.Context(), w.coord, x.criterion, k, a); problem(err) != "reason required" {
		t.Errorf("without a reason: %v", err)
	}
	a.Reason = "The town's planners looked at it."
	if err := w.store.AnswerForCommunity(t.Context(), w.coord, x.criterion, k, a); err != nil {
		t.Fatal(err)
	}
	x.stands(t, k, criterion.ClaimPartly, criterion.PartlyMet)
	_, read, err := w.store.ReadClaim(t.Context(), w.simon, x.criterion, k)
	if err != nil || len(read.Verdicts) != 1 || !read.Verdicts[0].Community || read.Verdicts[0].By == "" {
		t.Errorf("read %+v, %v", read.Verdicts, err)
	}
	if n := w.id(t, `select count(*) from activity where verb = 'claim.answer-for-community'`); n != 1 {
		t.Errorf("the audit page has %d such acts, want one", n)
	}
}
