package account

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// SessionDays is how long a session lasts, used or not.
const SessionDays = 30

// Keys of what a session holds.
const (
	SessionAccount = "account"
	SessionAgent   = "agent"
)

// Sessions stores sessions for scs; tokens come hashed. Reading writes nothing.
type Sessions struct {
	db    postgres.DB
	codec scs.GobCodec
	mu    sync.Mutex
	seen  map[int64]time.Time
}

// NewSessions stores sessions in db.
func NewSessions(db postgres.DB) *Sessions { return &Sessions{db: db, seen: map[int64]time.Time{}} }

type loadedKey struct{}

type loaded struct {
	hash string
	data []byte
}

// WithLoaded hands a session that was read already down to FindCtx.
func WithLoaded(ctx context.Context, tokenHash string, data []byte) context.Context {
	return context.WithValue(ctx, loadedKey{}, loaded{tokenHash, data})
}

// FindCtx is the data of a living session.
func (s *Sessions) FindCtx(ctx context.Context, tokenHash string) ([]byte, bool, error) {
	if known, ok := ctx.Value(loadedKey{}).(loaded); ok && known.hash == tokenHash {
		return known.data, known.data != nil, nil
	}
	var data []byte
	err := s.db.QueryRow(ctx, `select data from account_session where token_hash = $1 and expires_at > now()`, tokenHash).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx stores a session.
func (s *Sessions) CommitCtx(ctx context.Context, tokenHash string, data []byte, expiry time.Time) error {
	_, values, err := s.codec.Decode(data)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	id, _ := values[SessionAccount].(int64) // nobody has signed in yet
	agent, _ := values[SessionAgent].(string)
	_, err = s.db.Exec(ctx, `insert into account_session (token_hash, account_id, data, agent, expires_at) values ($1, nullif($2::bigint, 0), $3, left($4, 300), $5)
		on conflict (token_hash) do update set account_id = excluded.account_id, data = excluded.data, expires_at = excluded.expires_at`, tokenHash, id, data, agent, expiry)
	return err
}

// DeleteCtx ends a session.
func (s *Sessions) DeleteCtx(ctx context.Context, tokenHash string) error {
	_, err := s.db.Exec(ctx, `delete from account_session where token_hash = $1`, tokenHash)
	return err
}

// Find, Commit and Delete complete scs.Store; scs calls their siblings with a context.
func (s *Sessions) Find(hash string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), hash)
}

// Commit stores a session.
func (s *Sessions) Commit(hash string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), hash, data, expiry)
}

// Delete ends a session.
func (s *Sessions) Delete(hash string) error { return s.DeleteCtx(context.Background(), hash) }

// Seen notes that a session is in use. It is written by FlushSeen, together with others, and may be lost.
func (s *Sessions) Seen(session int64, known, at time.Time) {
	if session == 0 || at.Sub(known) < 5*time.Minute {
		return
	}
	s.mu.Lock()
	s.seen[session] = at
	s.mu.Unlock()
}

// FlushSeen writes when sessions were last used.
func (s *Sessions) FlushSeen(ctx context.Context) error {
	s.mu.Lock()
	gathered := s.seen
	s.seen = map[int64]time.Time{}
	s.mu.Unlock()
	if len(gathered) == 0 {
		return nil
	}
	var ids []int64
	var times []time.Time
	for id, at := range gathered {
		ids, times = append(ids, id), append(times, at)
	}
	_, err := s.db.Exec(ctx, `update account_session s set seen_at = greatest(s.seen_at, u.at) from unnest($1::bigint[], $2::timestamptz[]) as u(id, at) where s.id = u.id`, ids, times)
	return err
}

// ListSessions are the places where an account is signed in, the last used first.
func (s Store) ListSessions(ctx context.Context, id ID) ([]Session, error) {
	rows, err := s.db.Query(ctx, `select id, account_id, agent, created_at, seen_at, expires_at from account_session where account_id = $1 and expires_at > $2 order by seen_at desc limit 100`, id, s.now())
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Session, error) {
		var one Session
		err := row.Scan(&one.ID, &one.Account, &one.Agent, &one.CreatedAt, &one.SeenAt, &one.ExpiresAt)
		return one, err
	})
}

// Revoke ends one session of an account.
func (s Store) Revoke(ctx context.Context, id ID, session int64) error {
	tag, err := s.db.Exec(ctx, `delete from account_session where account_id = $1 and id = $2`, id, session)
	if err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("session %d: %w", session, fault.NotFound)
	}
	return nil
}

// SignOutElsewhere ends every session of an account but keep.
func (s Store) SignOutElsewhere(ctx context.Context, id ID, keep int64) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.signOutElsewhere(ctx, tx, id, keep) })
}

func (s Store) signOutElsewhere(ctx context.Context, tx pgx.Tx, id ID, keep int64) error {
	_, err := tx.Exec(ctx, `delete from account_session where account_id = $1 and id <> $2`, id, keep)
	if err != nil {
		return fmt.Errorf("sign out elsewhere: %w", err)
	}
	return nil
}

// ExpiredOwner is whose an expired session was; 0 when nobody's.
func (s Store) ExpiredOwner(ctx context.Context, tokenHash string) (ID, error) {
	var id ID
	err := s.db.QueryRow(ctx, `select coalesce(account_id, 0) from account_session where token_hash = $1`, tokenHash).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, err
}
