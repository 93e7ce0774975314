package account

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
)

// limit counts an attempt and is fault.TooMany from the one after most within a window on. Buckets are stored hashed: no address is kept.
func (s Store) limit(ctx context.Context, bucket string, most int, window time.Duration) error {
	return s.count(ctx, bucket, 1, most, window)
}

// Pace is limit for the rooms of the site: fault.TooMany when somebody does the same thing too often.
func (s Store) Pace(ctx context.Context, bucket string, most int, window time.Duration) error {
	return s.limit(ctx, bucket, most, window)
}

// count is limit for several attempts made together.
func (s Store) count(ctx context.Context, bucket string, attempts, most int, window time.Duration) error {
	sum := sha256.Sum256([]byte(bucket))
	var n int
	start := s.now().Truncate(window)
	err := s.db.QueryRow(ctx, `insert into rate_limit (bucket, window_start, window_end, n) values ($1, $2, $3, $4)
		on conflict (bucket, window_start) do update set n = rate_limit.n + excluded.n returning n`, sum[:], start, start.Add(window), attempts).Scan(&n)
	if err != nil {
		return fmt.Errorf("rate limit: %w", err)
	}
	if n > most {
		return fault.TooMany
	}
	return nil
}

// Sweep removes what has expired: sessions, links, kept texts, counts, the ids of forms that are a month old, and drafts of a quarter ago.
func (s Store) Sweep(ctx context.Context) error {
	now := s.now()
	for _, q := range []struct {
		sql    string
		before time.Time
	}{
		{`delete from account_session where expires_at < $1`, now.Add(-7 * 24 * time.Hour)}, // kept a week: an expired session still names whose typed text it is
		{`delete from personal_link where expires_at < $1`, now.Add(-24 * time.Hour)},
		{`delete from pass where expires_at < $1`, now.AddDate(0, -3, 0)},
		{`delete from kept_form where expires_at < $1`, now},
		{`delete from rate_limit where window_end < $1`, now},
		{`delete from request where at < $1`, now.Add(-30 * 24 * time.Hour)},
		{`delete from draft where at < $1`, now.Add(-90 * 24 * time.Hour)},
	} {
		if _, err := s.db.Exec(ctx, q.sql, q.before); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}
