package criterion

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/product"
)

// Verdict is what one of those who asked says about a claim. The message "claims.verdict.<verdict>" says each.
type Verdict string

// The verdicts. Silent is what is recorded of who said nothing in time; it is no consent.
const (
	Accepted       Verdict = "accepted"
	PartlyAccepted Verdict = "partly"
	NotAccepted    Verdict = "not"
	Silent         Verdict = "silent"
)

// Verdicts that somebody may give, in the order in which people choose among them.
var Verdicts = []Verdict{Accepted, PartlyAccepted, NotAccepted}

// ClaimState is how a claim stands: it waits, was answered, or was withdrawn. The message "claims.state.<state>" says each.
type ClaimState string

// The states of a claim; settled, it has the verdict of all who answered.
const (
	ClaimOpen      ClaimState = "open"
	ClaimAccepted  ClaimState = "accepted"
	ClaimPartly    ClaimState = "partly"
	ClaimNot       ClaimState = "not"
	ClaimSilent    ClaimState = "silent"
	ClaimWithdrawn ClaimState = "withdrawn"
)

// Settled reports whether the claim was decided, be it by silence.
func (s ClaimState) Settled() bool { return s != ClaimOpen && s != ClaimWithdrawn }

// MaxVerdictReason is how long the reason of a verdict may be, in characters.
const MaxVerdictReason = 2000

// Answer to a claim. Edition is the one that the answerer read: a claim put once more is answered anew.
type Answer struct {
	Verdict Verdict
	Reason  string // required, unless accepted
	Lang    locale.Lang
	Edition int
}

func (a Answer) check(always bool) error {
	var in fault.Invalid
	in.Check(slices.Contains(Verdicts, a.Verdict), "answer", "choose")
	in.Check(a.Reason != "" || a.Verdict == Accepted && !always, "reason", "required")
	in.Check(utf8.RuneCountInString(a.Reason) <= MaxVerdictReason, "reason", "too-long", "max", MaxVerdictReason)
	in.Check(locale.Known(string(a.Lang)), "lang", "choose")
	return in.Err()
}

// standing is a claim as the store found it, for those who may do something with it.
type standing struct {
	ID       item.ID
	Number   int
	On       placed // the criterion
	Title    string
	Author   account.ID
	State    ClaimState
	Edition  int
	Release  product.ReleaseState
	May      bool // the seat's person may answer
	Made     bool // the person makes or made the product
	Mine     bool // the person claimed
	Own      Verdict
	Reason   string
	Asked    int // how many may answer
	Answered int // verdicts in this edition that count
}

// partial reports whether the person stands on the side of the product.
func (k standing) partial() bool { return k.Made || k.Mine }

const counted = `v.claim_id = k.item_id and v.edition = k.edition and v.answer <> 'silent' and not exists (select from account aa where aa.id = v.account_id and ` + madeIt + `)`

// lockClaim is where a claim stands, when the seat may read it; nobody else changes it or its criterion until tx ends.
func (s Store) lockClaim(ctx context.Context, tx pgx.Tx, seat community.Seat, criterion, number int) (standing, error) {
	k := standing{Number: number}
	var err error
	if k.On, err = s.lock(ctx, tx, seat, criterion); err != nil {
		return k, err
	}
	removed := false
	err = tx.QueryRow(ctx, `select k.item_id, i.title, coalesce(i.author_id, 0), k.state, k.edition, r.state, i.removed_at is not null,
			exists (select from account aa where aa.id = @me and `+mayAnswer+`), exists (select from account aa where aa.id = @me and `+madeIt+`), exists (select from account aa where aa.id = @me and `+claimedIt+`),
			coalesce(mine.answer, ''), coalesce(mine.reason, ''), (select count(*) from (`+whoMayAnswer+`) w), (select count(*) from verdict v where `+counted+`)
		from item i join claim k on k.item_id = i.id join release r on r.item_id = k.release_id left join verdict mine on mine.claim_id = k.item_id and mine.edition = k.edition and mine.account_id = @me
		where i.community_id = @community and i.kind = 'claim' and i.parent_id = @criterion and i.number = @number and `+community.Visible+` for update of i, k`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "criterion": k.On.id, "number": number, "me": seat.Account})).
		Scan(&k.ID, &k.Title, &k.Author, &k.State, &k.Edition, &k.Release, &removed, &k.May, &k.Made, &k.Mine, &k.Own, &k.Reason, &k.Asked, &k.Answered)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return k, fmt.Errorf("claim %d on criterion %d: %w", number, criterion, fault.NotFound)
	case err != nil:
		return k, fmt.Errorf("claim %d on criterion %d: %w", number, criterion, err)
	case removed:
		return k, fmt.Errorf("claim %d on criterion %d: %w", number, criterion, fault.Gone)
	}
	return k, nil
}

// Answer says whether a release satisfies what the seat's person asked for. Those who asked may, of either perspective, who never made the product and did not make the claim. An answer may change until the claim is
// settled, and one that comes after silence still counts.
func (s Store) Answer(ctx context.Context, seat community.Seat, criterion, number int, a Answer) error {
	if err := seat.MaySee(); err != nil {
		return err
	}
	if err := seat.Must(community.AnswerClaim); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		k, err := s.lockClaim(ctx, tx, seat, criterion, number)
		if err != nil {
			return err
		}
		if !k.May {
			return fmt.Errorf("answer claim %d on criterion %d: %w", number, criterion, fault.Forbidden)
		}
		if err := a.check(false); err != nil {
			return err
		}
		if k.Edition == a.Edition && k.Own == a.Verdict && k.Reason == a.Reason {
			return nil // sent twice
		}
		if err := k.takes(a, k.Own == Silent || k.State == ClaimSilent); err != nil {
			return err
		}
		return s.record(ctx, tx, seat, k, a, false)
	})
}

// takes is nil while an answer may be given: until the claim is settled, or late.
func (k standing) takes(a Answer, late bool) error {
	var in fault.Invalid
	switch {
	case k.State == ClaimWithdrawn:
		in.Check(false, "answer", "claim-withdrawn")
	case a.Edition != k.Edition:
		in.Check(false, "answer", "put-again")
	case k.State != ClaimOpen && !late:
		in.Check(false, "answer", "claim-settled")
	}
	return in.Err()
}

// AnswerForCommunity records what the community says about a claim of which none is left who may answer. Its coordinators may, who neither made the product nor the claim.
func (s Store) AnswerForCommunity(ctx context.Context, seat community.Seat, criterion, number int, a Answer) error {
	if err := seat.Must(community.Judge); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		k, err := s.lockClaim(ctx, tx, seat, criterion, number)
		if err != nil {
			return err
		}
		if k.partial() {
			return fmt.Errorf("answer claim %d on criterion %d for the community: %w", number, criterion, fault.Forbidden)
		}
		if err := a.check(true); err != nil {
			return err
		}
		if k.Asked > 0 {
			return fault.One("answer", "asked-answer")
		}
		if err := k.takes(a, k.State == ClaimSilent); err != nil {
			return err
		}
		if k.Answered > 0 {
			return fault.One("answer", "claim-settled")
		}
		return s.record(ctx, tx, seat, k, a, true)
	})
}

// record writes an answer down, and settles the claim when nobody else is waited for.
func (s Store) record(ctx context.Context, tx pgx.Tx, seat community.Seat, k standing, a Answer, community bool) error {
	verb, conflict := "claim.answer", ` on conflict (claim_id, edition, account_id) where account_id is not null do update set answer = excluded.answer, reason = excluded.reason, lang = excluded.lang,
		perspective = excluded.perspective, organisation = excluded.organisation, by_id = excluded.by_id, at = excluded.at`
	who := seat.Account
	if community {
		verb, conflict, who = "claim.answer-for-community", "", 0
	}
	_, err := tx.Exec(ctx, `insert into verdict (community_id, claim_id, edition, account_id, community, answer, reason, lang, perspective, organisation, by_id, at)
		select @community, @claim, @edition, nullif(@who::bigint, 0), @whole, @answer, @reason, @lang, case when @whole then '' else @perspective end, case when @whole then '' else a.organisation end, @me, @now
		from account a where a.id = @me`+conflict,
		pgx.NamedArgs{"community": seat.Community, "claim": k.ID, "edition": k.Edition, "who": who, "whole": community, "answer": a.Verdict, "reason": a.Reason, "lang": a.Lang, "perspective": seat.Perspective, "me": seat.Account, "now": s.now()})
	if err != nil {
		return fmt.Errorf("answer claim %d: %w", k.ID, err)
	}
	settled, err := s.settle(ctx, tx, k.ID, k.On.id, seat.Account)
	if err != nil {
		return err
	}
	var concerned []int64
	if !settled && k.Author != 0 {
		concerned = []int64{int64(k.Author)} // of what settles it everybody concerned is told anyway
	}
	return s.tell(ctx, tx, seat, k.ID, verb, concerned, map[string]any{"answer": a.Verdict})
}
