package criterion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/product"
)

// WithdrawClaim takes an open claim back: who made it may, and coordinators.
func (s Store) WithdrawClaim(ctx context.Context, seat community.Seat, criterion, number int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		k, err := s.lockClaim(ctx, tx, seat, criterion, number)
		if err != nil {
			return err
		}
		if !k.Mine || seat.Account == 0 {
			if err := seat.Must(community.Judge); err != nil {
				return err
			}
		}
		if k.State == ClaimWithdrawn {
			return nil
		}
		if k.State != ClaimOpen {
			return fault.One("withdraw", "claim-settled")
		}
		if _, err := tx.Exec(ctx, `update claim set state = 'withdrawn', settled_at = $3 where community_id = $1 and item_id = $2`, seat.Community, k.ID, s.now()); err != nil {
			return fmt.Errorf("withdraw claim %d: %w", k.ID, err)
		}
		concerned, err := claimConcerns(ctx, tx, k.ID)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, seat, k.ID, "claim.withdraw", concerned, nil); err != nil {
			return err
		}
		return refulfil(ctx, tx, k.On.id, s.now())
	})
}

// ReopenClaim puts a settled claim once more to those who asked, with a reason and a new date: they may, and coordinators who neither made the product nor the claim. What was said before is kept.
func (s Store) ReopenClaim(ctx context.Context, seat community.Seat, criterion, number int, reason string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		k, err := s.lockClaim(ctx, tx, seat, criterion, number)
		if err != nil {
			return err
		}
		if !k.May || !seat.Can(community.AnswerClaim) {
			if err := seat.Must(community.Judge); err != nil {
				return err
			}
			if k.partial() {
				return fmt.Errorf("reopen claim %d on criterion %d: %w", number, criterion, fault.Forbidden)
			}
		}
		var in fault.Invalid
		item.CheckReason(&in, reason)
		if in.Err() == nil {
			in.Check(k.State.Settled(), "reason", "claim-open")
			in.Check(k.On.state.Standing(), "reason", "not-standing")
			in.Check(k.Release == product.Published, "reason", "release-withdrawn")
		}
		if err := in.Err(); err != nil {
			return err
		}
		return s.reopen(ctx, tx, seat, k, reason)
	})
}

func (s Store) reopen(ctx context.Context, tx pgx.Tx, seat community.Seat, k standing, reason string) error {
	_, err := tx.Exec(ctx, `with again as (update claim set state = 'open', settled_at = null, edition = edition + 1, answer_by = @by where community_id = @community and item_id = @claim returning item_id, edition)
		insert into claim_reopening (claim_id, edition, reason, by_id, at) select item_id, edition, @reason, @me, @now from again`,
		pgx.NamedArgs{"community": seat.Community, "claim": k.ID, "by": s.deadline(), "reason": reason, "me": seat.Account, "now": s.now()})
	if err != nil {
		return fmt.Errorf("reopen claim %d: %w", k.ID, err)
	}
	concerned, err := claimConcerns(ctx, tx, k.ID)
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, seat, k.ID, "claim.reopen", concerned, nil); err != nil {
		return err
	}
	return refulfil(ctx, tx, k.On.id, s.now())
}

// deadline is by when a claim that is put now is to be answered.
func (s Store) deadline() time.Time { return s.now().AddDate(0, 0, AnswerDays) }
