package practice

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// StaleYears is after how many years without an edit and without "still true" somebody should look at an entry again.
const StaleYears = 2

// FreshSQL is when entry e of item i was last known to be true: when it was shared, edited, or somebody said so. A draft was never.
const FreshSQL = `greatest(i.edited_at, e.checked_at, e.shared_at)`

// Age says how old an entry is, and who said last that it is still true.
type Age struct {
	Written time.Time  // when it was first shared; of a draft: begun
	Edited  *time.Time // after that
	Checked *time.Time // when somebody said that it is still true
	By      string     // name of who did; empty: not known
	Mine    bool       // the reader did
}

// Fresh is when the entry was last known to be true.
func (a Age) Fresh() time.Time {
	fresh := a.Written
	for _, at := range []*time.Time{a.Edited, a.Checked} {
		if at != nil && at.After(fresh) {
			fresh = *at
		}
	}
	return fresh
}

// Stale reports whether somebody should look at the entry again.
func (a Age) Stale(now time.Time) bool { return a.Fresh().Before(StaleBefore(now)) }

// Confirmed reports whether the last that was said is that the entry is still true: an edit after that makes it another entry.
func (a Age) Confirmed() bool {
	return a.Checked != nil && (a.Edited == nil || !a.Checked.Before(*a.Edited))
}

// StaleBefore is before which moment an entry must have been known to be true last, to be stale now.
func StaleBefore(now time.Time) time.Time { return now.AddDate(-StaleYears, 0, 0) }

func queueAge(b *pgx.Batch, args pgx.NamedArgs, a *Age) {
	b.Queue(`select coalesce(e.shared_at, i.created_at), case when i.edited_at > coalesce(e.shared_at, i.created_at) then i.edited_at end, e.checked_at, coalesce(w.name, ''), coalesce(e.checked_by = @me, false)
		from item i join entry e on e.item_id = i.id left join account w on w.id = e.checked_by where i.community_id = @community and i.id = @id`, args).QueryRow(func(row pgx.Row) error {
		return row.Scan(&a.Written, &a.Edited, &a.Checked, &a.By, &a.Mine)
	})
}

// StillTrue says that an entry is still true; the last word counts.
func (s Store) StillTrue(ctx context.Context, seat community.Seat, number int) error {
	return s.vouch(ctx, seat, number, `update entry set checked_at = @now, checked_by = @me where community_id = @community and item_id = @id`, nil)
}

// NotSure takes back what the same person said last; then nobody said that the entry is still true.
func (s Store) NotSure(ctx context.Context, seat community.Seat, number int) error {
	return s.vouch(ctx, seat, number, `update entry set checked_at = null, checked_by = null where community_id = @community and item_id = @id and checked_by = @me`, map[string]any{"back": true})
}

func (s Store) vouch(ctx context.Context, seat community.Seat, number int, sql string, detail any) error {
	if err := seat.Must(community.VouchEntry); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.holdShared(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sql, pgx.NamedArgs{"community": seat.Community, "id": found.id, "me": seat.Account, "now": s.now()})
		if err != nil {
			return fmt.Errorf("entry %d: %w", number, err)
		}
		if tag.RowsAffected() == 0 {
			return nil // somebody else has the last word, or nobody had
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "entry.still-true", Item: int64(found.id), Community: int64(seat.Community), Detail: detail})
	})
}
