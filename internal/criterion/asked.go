package criterion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
)

// mayAnswer holds for an account aa.id that may answer claim k: it asked, belongs to the community, never made the product and did not make the claim.
const mayAnswer = `exists (select from criterion_source asked where asked.criterion_id = k.criterion_id and asked.speaker_id = aa.id and asked.answer <> 'denied')
	and exists (select from membership belongs where belongs.community_id = k.community_id and belongs.account_id = aa.id and belongs.state = 'member')
	and not ` + madeIt + ` and not ` + claimedIt

// madeIt holds for an account aa.id that makes the product of claim k, or ever made it.
const madeIt = `exists (select from product_maker own join release part on part.product_id = own.product_id where part.item_id = k.release_id and own.account_id = aa.id)`

// claimedIt holds for an account aa.id that made claim k.
const claimedIt = `exists (select from item own where own.id = k.item_id and own.author_id = aa.id)`

// whoMayAnswer are the accounts that may answer claim k; waiting those of them that have not in this edition: silence is no answer.
const (
	whoMayAnswer = `select aa.id from account aa where aa.id in (select said.speaker_id from criterion_source said where said.criterion_id = k.criterion_id) and ` + mayAnswer
	waiting      = whoMayAnswer + ` and not exists (select from verdict v where v.claim_id = k.item_id and v.edition = k.edition and v.account_id = aa.id and v.answer <> 'silent')`
)

// asked are the accounts that may answer a claim for the release that the seat makes.
func (s Store) asked(ctx context.Context, tx pgx.Tx, seat community.Seat, criterion, release item.ID) ([]account.ID, error) {
	rows, err := tx.Query(ctx, `select w.id from (select @community::bigint as community_id, @criterion::bigint as criterion_id, @release::bigint as release_id, null::bigint as item_id) k,
		lateral (`+whoMayAnswer+`) w where w.id <> @me order by 1`, pgx.NamedArgs{"community": seat.Community, "criterion": criterion, "release": release, "me": seat.Account})
	if err != nil {
		return nil, fmt.Errorf("who asked for criterion %d: %w", criterion, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[account.ID])
}

// writeToAsked writes to those who asked that a release claims to satisfy it.
func (s Store) writeToAsked(ctx context.Context, tx pgx.Tx, who []account.ID, seat community.Seat, release, address string) error {
	for _, one := range who {
		if err := account.Post(ctx, tx, account.Letter{Kind: "claim", Account: one, Link: address, Words: map[string]string{"release": release, "days": fmt.Sprint(AnswerDays)}}); err != nil {
			return err
		}
	}
	return nil
}
