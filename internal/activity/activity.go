// Package activity writes down what happened, in the transaction that made it happen.
package activity

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Entry says who did what, when and to what. It carries plain ids only: activity is below communities and items.
type Entry struct {
	At        time.Time
	Actor     account.ID // 0: the system
	Verb      string
	Item      int64 // 0: none
	Community int64 // 0: none
	Concerned []account.ID
	Detail    any // marshalled as JSON; nil for none
}

// Write stores an entry.
func Write(ctx context.Context, db postgres.DB, e Entry) error {
	detail := []byte("{}")
	if e.Detail != nil {
		var err error
		if detail, err = json.Marshal(e.Detail); err != nil {
			return fmt.Errorf("activity %s: %w", e.Verb, err)
		}
	}
	if e.Concerned == nil {
		e.Concerned = []account.ID{}
	}
	_, err := db.Exec(ctx, `insert into activity (at, actor_id, verb, item_id, community_id, concerned, detail)
		values ($1, nullif($2::bigint, 0), $3, nullif($4::bigint, 0), nullif($5::bigint, 0), $6, $7)`,
		e.At, e.Actor, e.Verb, e.Item, e.Community, e.Concerned, detail)
	if err != nil {
		return fmt.Errorf("activity %s: %w", e.Verb, err)
	}
	return nil
}

// Silently lets nobody be told of what the rest of tx writes: it happened long ago, elsewhere.
func Silently(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `set local koinon.silent = 'on'`); err != nil {
		return fmt.Errorf("silence: %w", err)
	}
	return nil
}
