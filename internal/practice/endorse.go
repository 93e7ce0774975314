package practice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Endorsement is what a community says of an entry, through its coordinator.
type Endorsement struct {
	At        *time.Time // nil: none
	By        string     // name of the coordinator
	Community string     // its name
	Meeting   int        // number of the meeting in which it was settled; 0: none that the reader may know of
	Revision  int        // of the entry
}

// Endorsed reports whether the community stands behind the entry.
func (e Endorsement) Endorsed() bool { return e.At != nil }

// EndorsedIn is a meeting in which an entry may have been settled.
type EndorsedIn struct {
	Number int
	Title  string
	Day    time.Time
}

func queueEndorsement(b *pgx.Batch, args pgx.NamedArgs, e *Endorsement) {
	b.Queue(`select e.endorsed_at, coalesce(w.name, ''), coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug),
			coalesce((select i.number from item i where i.id = e.endorsed_in and i.removed_at is null and `+community.Visible+`), 0), coalesce(e.endorsed_revision, 0)
		from entry e join community c on c.id = e.community_id left join account w on w.id = e.endorsed_by where e.community_id = @community and e.item_id = @id`, args).QueryRow(func(row pgx.Row) error {
		return row.Scan(&e.At, &e.By, &e.Community, &e.Meeting, &e.Revision)
	})
}

// queueEndorsedIn queues the meetings among which who may endorse chooses, the latest first.
func (s Store) queueEndorsedIn(b *pgx.Batch, seat community.Seat, held *[]EndorsedIn) {
	if !seat.Can(community.EndorseEntry) {
		return
	}
	b.Queue(`select i.number, i.title, (m.starts_at at time zone m.zone)::date from meeting m join item i on i.id = m.item_id where m.community_id = @community and `+heldMeeting+` and i.removed_at is null and `+community.Visible+`
		order by m.starts_at desc, i.id desc limit 30`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "now": s.now()})).Query(func(rows pgx.Rows) (err error) {
		*held, err = pgx.CollectRows(rows, pgx.RowToStructByPos[EndorsedIn])
		return err
	})
}

// heldMeeting holds for a meeting m that took place, or is taking place.
const heldMeeting = `m.state in ('published', 'held', 'closed') and m.starts_at <= @now`

// Endorse says that the community stands behind an entry as it is now, as settled in one of its meetings (0: in none). The same said again, even at the same moment, leaves one.
func (s Store) Endorse(ctx context.Context, seat community.Seat, number, meeting int) error {
	if err := seat.Must(community.EndorseEntry); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.holdShared(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		in, err := s.endorsedIn(ctx, tx, seat, meeting)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update entry e set endorsed_at = @now, endorsed_by = @me, endorsed_in = @in, endorsed_revision = i.revision from item i
			where e.community_id = @community and e.item_id = @id and i.id = e.item_id and (e.endorsed_revision is distinct from i.revision or e.endorsed_in is distinct from @in and @in::bigint is not null)`,
			pgx.NamedArgs{"community": seat.Community, "id": found.id, "me": seat.Account, "now": s.now(), "in": in})
		if err != nil {
			return fmt.Errorf("endorse entry %d: %w", number, err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return s.tellWriters(ctx, tx, seat, found.id, "entry.endorse", nil)
	})
}

// endorsedIn is the meeting of a number, when the seat may read it and it took place; nil for 0.
func (s Store) endorsedIn(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (*item.ID, error) {
	if number == 0 {
		return nil, nil
	}
	var id item.ID
	held := false
	err := tx.QueryRow(ctx, `select i.id, coalesce(`+heldMeeting+`, false) from item i join meeting m on m.item_id = i.id
		where i.community_id = @community and i.kind = 'meeting' and i.number = @number and i.parent_id is null and i.removed_at is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "now": s.now()})).Scan(&id, &held)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, fault.One("meeting", "no-meeting")
	case err != nil:
		return nil, fmt.Errorf("meeting %d: %w", number, err)
	case !held:
		return nil, fault.One("meeting", "entry-meeting")
	}
	return &id, nil
}

// Unendorse takes the community's word for an entry back, and says why. Where there is none nothing happens.
func (s Store) Unendorse(ctx context.Context, seat community.Seat, number int, reason string) error {
	if err := seat.Must(community.EndorseEntry); err != nil {
		return err
	}
	var in fault.Invalid
	item.CheckReason(&in, reason)
	if err := in.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.holdShared(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update entry set endorsed_at = null, endorsed_by = null, endorsed_in = null, endorsed_revision = null where community_id = $1 and item_id = $2 and endorsed_at is not null`, seat.Community, found.id)
		if err != nil {
			return fmt.Errorf("take back the endorsement of entry %d: %w", number, err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return s.tellWriters(ctx, tx, seat, found.id, "entry.unendorse", map[string]any{"reason": reason})
	})
}

// holdEntry finds an entry that the seat may read, and keeps everybody else from changing it until the end of tx.
func (s Store) holdEntry(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (found, error) {
	f, err := s.On(tx).find(ctx, seat, number)
	if err != nil {
		return f, err
	}
	if _, err := tx.Exec(ctx, `select from item where community_id = $1 and id = $2 for update`, seat.Community, f.id); err != nil {
		return f, fmt.Errorf("hold entry %d: %w", number, err)
	}
	return s.On(tx).find(ctx, seat, number) // as it is once nobody else changes it
}

// holdShared is holdEntry for an entry that others read; a draft is fault.Forbidden.
func (s Store) holdShared(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (found, error) {
	f, err := s.holdEntry(ctx, tx, seat, number)
	if err == nil && f.audience == item.Draft {
		return f, fmt.Errorf("entry %d is a draft: %w", number, fault.Forbidden)
	}
	return f, err
}

// tellWriters writes what happened to an entry, which its author and co-authors hear of.
func (s Store) tellWriters(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, verb string, detail any) error {
	rows, err := tx.Query(ctx, `select author_id from item where id = $1 and author_id is not null union select account_id from entry_author where entry_id = $1 and account_id is not null order by 1`, id)
	if err != nil {
		return fmt.Errorf("authors of item %d: %w", id, err)
	}
	who, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	if err != nil {
		return fmt.Errorf("authors of item %d: %w", id, err)
	}
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: verb, Item: int64(id), Community: int64(seat.Community), Concerned: who, Detail: detail})
}
