package notice

import (
	"context"
	"fmt"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
)

// keptFor is how long notices are kept.
const keptFor = 365 * 24 * time.Hour

// Everywhere stands for all places.
const Everywhere Place = 0

// Read marks the notices of a place as read, but for those newer than the notice upto (0: all of them), and returns the moment by which
// Unmark takes it back. What waits for the catch-up is a list of its own: it is read with catchUp only, or with its place.
func (s Store) Read(ctx context.Context, who account.ID, in Place, upto int64, catchUp bool) (time.Time, error) {
	at := s.now().Truncate(time.Microsecond)
	_, err := s.db.Exec(ctx, `update notice n set read_at = $4 where n.account_id = $1 and ($2 = 0 or n.place = $2) and n.read_at is null
			and ($3 = 0 or (n.at, n.id) <= (select o.at, o.id from notice o where o.account_id = $1 and o.id = $3))
			and ($2 <> 0 or (n.way = 'catch-up') = $5)`, who, in, upto, at, catchUp)
	if err != nil {
		return at, fmt.Errorf("mark notices as read: %w", err)
	}
	return at, nil
}

// Unmark takes a Read of that moment back.
func (s Store) Unmark(ctx context.Context, who account.ID, at time.Time) error {
	if _, err := s.db.Exec(ctx, `update notice set read_at = null where account_id = $1 and read_at = $2`, who, at); err != nil {
		return fmt.Errorf("take back reading: %w", err)
	}
	return nil
}

// MarkUnread marks the newest notice of a place as not read: one reminder is enough.
func (s Store) MarkUnread(ctx context.Context, who account.ID, in Place, upto int64) error {
	_, err := s.db.Exec(ctx, `update notice set read_at = null where account_id = $1 and place = $2 and id = $3`, who, in, upto)
	if err != nil {
		return fmt.Errorf("mark notice as unread: %w", err)
	}
	return nil
}

// Sweep removes notices older than a year.
func (s Store) Sweep(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, `delete from notice where at < $1`, s.now().Add(-keptFor)); err != nil {
		return fmt.Errorf("sweep notices: %w", err)
	}
	return nil
}
