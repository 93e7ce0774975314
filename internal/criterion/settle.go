package criterion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// tally is how a claim was answered in its edition.
type tally struct {
	State                                  ClaimState
	Due                                    bool
	Waiting, Accepted, PartlyAccepted, Not int
}

// outcome is what the answers come to. Who kept silent neither consents nor refuses.
func (t tally) outcome() ClaimState {
	switch answers := t.Accepted + t.PartlyAccepted + t.Not; {
	case answers == 0:
		return ClaimSilent
	case t.Accepted == answers:
		return ClaimAccepted
	case t.Not == answers:
		return ClaimNot
	}
	return ClaimPartly
}

// settles reports whether nothing more is waited for: all who may have answered, the date is over, or it was settled before and a late answer came.
func (t tally) settles() bool {
	return t.State.Settled() || t.State == ClaimOpen && (t.Due || t.Waiting == 0 && t.Accepted+t.PartlyAccepted+t.Not > 0)
}

// settle decides a claim that tx holds, when it is time, writes down who kept silent, and tells whom it concerns.
func (s Store) settle(ctx context.Context, tx pgx.Tx, claim, criterion item.ID, actor account.ID) (bool, error) {
	args := pgx.NamedArgs{"claim": claim, "criterion": criterion, "now": s.now(), "actor": actor}
	var t tally
	err := tx.QueryRow(ctx, `select k.state, k.answer_by <= @now, (select count(*) from (`+waiting+`) w), count(v.id) filter (where v.answer = 'accepted'), count(v.id) filter (where v.answer = 'partly'), count(v.id) filter (where v.answer = 'not')
		from claim k left join verdict v on `+counted+` where k.item_id = @claim group by k.item_id`, args).Scan(&t.State, &t.Due, &t.Waiting, &t.Accepted, &t.PartlyAccepted, &t.Not)
	if err != nil {
		return false, fmt.Errorf("answers to claim %d: %w", claim, err)
	}
	if !t.settles() {
		return false, nil
	}
	args["state"] = t.outcome()
	_, err = tx.Exec(ctx, `with silent as (insert into verdict (community_id, claim_id, edition, account_id, answer, lang, perspective, organisation, at)
			select k.community_id, k.item_id, k.edition, a.id, 'silent', i.lang, coalesce(m.perspective, ''), a.organisation, @now
			from claim k join item i on i.id = k.item_id cross join lateral (`+waiting+`) w join account a on a.id = w.id left join membership m on m.community_id = k.community_id and m.account_id = a.id and m.state = 'member'
			where k.item_id = @claim and k.state = 'open' on conflict do nothing)
		update claim set state = @state, settled_at = @now where item_id = @claim`, args)
	if err != nil {
		return false, fmt.Errorf("settle claim %d: %w", claim, err)
	}
	return true, s.tellSettled(ctx, tx, args, claim, criterion)
}

func (s Store) tellSettled(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, claim, criterion item.ID) error {
	concerned, err := claimConcerns(ctx, tx, claim)
	if err != nil {
		return err
	}
	args["concerned"] = concerned
	_, err = tx.Exec(ctx, `insert into activity (at, actor_id, verb, item_id, community_id, concerned, detail)
		select @now, nullif(@actor::bigint, 0), 'claim.settle', item_id, community_id, coalesce(@concerned::bigint[], '{}'), jsonb_build_object('state', state) from claim where item_id = @claim`, args)
	if err != nil {
		return fmt.Errorf("tell of claim %d: %w", claim, err)
	}
	return refulfil(ctx, tx, criterion, s.now())
}

const settledTogether = 200

// SettleClaims decides the claims whose date is over, and those of which nobody is left who has not answered. It acts for the system; run twice, it decides once.
func (s Store) SettleClaims(ctx context.Context) error {
	type due struct{ ID, Criterion item.ID }
	for after := item.ID(0); ; {
		all, err := postgres.All[due](ctx, s.db, `select k.item_id as id, k.criterion_id as criterion from claim k join item i on i.id = k.item_id
			where k.state = 'open' and k.item_id > @after and i.removed_at is null and (k.answer_by <= @now or not exists (`+waiting+`) and exists (select from verdict v where `+counted+`))
			order by k.item_id limit @limit`, pgx.NamedArgs{"now": s.now(), "after": after, "limit": settledTogether})
		if err != nil {
			return fmt.Errorf("claims to settle: %w", err)
		}
		for _, k := range all {
			if err := s.settleDue(ctx, k.ID, k.Criterion); err != nil {
				return err
			}
			after = k.ID
		}
		if len(all) < settledTogether {
			return nil
		}
	}
}

func (s Store) settleDue(ctx context.Context, claim, criterion item.ID) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		open := false
		if _, err := tx.Exec(ctx, `select from criterion where item_id = $1 for update`, criterion); err != nil {
			return fmt.Errorf("criterion %d: %w", criterion, err)
		}
		if err := tx.QueryRow(ctx, `select state = 'open' from claim where item_id = $1 for update`, claim).Scan(&open); err != nil {
			return fmt.Errorf("claim %d: %w", claim, err)
		}
		if !open {
			return nil
		}
		_, err := s.settle(ctx, tx, claim, criterion, 0)
		return err
	})
}

// claimConcerns are who made a claim, who may answer it, and who did.
func claimConcerns(ctx context.Context, tx pgx.Tx, claim item.ID) ([]int64, error) {
	rows, err := tx.Query(ctx, `select w.id from claim k, lateral (`+whoMayAnswer+` union select v.account_id from verdict v where v.claim_id = k.item_id and v.edition = k.edition union select i.author_id from item i where i.id = k.item_id) w
		where k.item_id = $1 and w.id is not null order by 1`, claim)
	if err != nil {
		return nil, fmt.Errorf("whom claim %d concerns: %w", claim, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
