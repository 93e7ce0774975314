package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
)

// KeptFor is how long a form sent without a living session waits for its writer.
const KeptFor = 24 * time.Hour

// Kept is a form as it was sent, and where to.
type Kept struct {
	Path   string
	Fields url.Values
}

// Keep stores a form that came without a living session. It belongs to whose session had expired, if that is known, else to
// the browser that holds the token.
func (s Store) Keep(ctx context.Context, owner ID, from string, k Kept) (token string, err error) {
	if err := s.limit(ctx, "kept from "+from, 60, 15*time.Minute); err != nil {
		return "", err
	}
	raw, err := json.Marshal(k.Fields)
	if err != nil {
		return "", err
	}
	token, hash := newToken()
	now := s.now()
	_, err = s.db.Exec(ctx, `insert into kept_form (token_hash, account_id, path, fields, created_at, expires_at) values ($1, nullif($2::bigint, 0), $3, $4, $5, $6)`,
		hash, owner, k.Path, raw, now, now.Add(KeptFor))
	if err != nil {
		return "", fmt.Errorf("keep a form: %w", err)
	}
	return token, nil
}

// Kept is the form behind a token, for its owner.
func (s Store) Kept(ctx context.Context, token string, reader ID) (Kept, error) {
	var k Kept
	var raw []byte
	err := s.db.QueryRow(ctx, `select path, fields from kept_form where token_hash = $1 and expires_at > $2 and (account_id is null or account_id = $3)`,
		hashToken(token), s.now(), reader).Scan(&k.Path, &raw)
	if errors.Is(err, pgx.ErrNoRows) {
		return k, fmt.Errorf("kept form: %w", fault.NotFound)
	}
	if err != nil {
		return k, fmt.Errorf("kept form: %w", err)
	}
	return k, json.Unmarshal(raw, &k.Fields)
}

// Forget removes a kept form.
func (s Store) Forget(ctx context.Context, token string) error {
	_, err := s.db.Exec(ctx, `delete from kept_form where token_hash = $1`, hashToken(token))
	return err
}
