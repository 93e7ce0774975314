package item

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
)

// UndoFor is how long an author may take a removal back.
const UndoFor = 10 * time.Minute

// MaxReason is how many characters a reason for an act of power may have.
const MaxReason = 500

// Removal says that an item was taken away, and how. The zero value: it stands.
type Removal struct {
	At      time.Time
	Hidden  bool   // by a coordinator, for Reason; else by its author
	Reason  string // of hiding
	MayUndo bool   // by the reader, who wrote it a moment ago
}

// Gone reports whether the item is taken away.
func (r Removal) Gone() bool { return !r.At.IsZero() }

// RemovalColumn selects a Removal of item i, null where it stands; it needs @me and @now.
const RemovalColumn = `case when i.removed_at is not null then json_build_object('At', coalesce(i.hidden_at, i.removed_at), 'Hidden', i.hidden_at is not null, 'Reason', i.removed_reason,
	'MayUndo', i.hidden_at is null and coalesce(i.withdrawn_at > @now::timestamptz - interval '10 minutes', false) and ` + Mine + `) end`

// Mine is the condition under which the reader wrote item i, also when the name stands apart. It needs @me.
const Mine = `@me::bigint <> 0 and coalesce(i.author_id = @me or exists (select from discreet_author w where w.item_id = i.id and w.account_id = @me), false)`

// Scan reads RemovalColumn.
func (r *Removal) Scan(value any) error {
	*r = Removal{}
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(v), r)
	case []byte:
		return json.Unmarshal(v, r)
	default:
		return fmt.Errorf("a removal from %T", value)
	}
}

// standing is how an item stands while its row is locked.
type standing struct {
	Author      account.ID // 0: unknown, or kept apart
	Mine        bool
	WithdrawnAt *time.Time
	HiddenAt    *time.Time
}

// hold locks an item that the seat may read.
func (s Store) hold(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID) (standing, error) {
	var now standing
	err := tx.QueryRow(ctx, `select coalesce(i.author_id, 0), `+Mine+`, i.withdrawn_at, i.hidden_at from item i
		where i.community_id = @community and i.id = @id and `+community.Visible+` for update of i`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id})).Scan(&now.Author, &now.Mine, &now.WithdrawnAt, &now.HiddenAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return now, fmt.Errorf("item %d: %w", id, fault.NotFound)
	}
	return now, err
}

// Remove takes away what its author wrote. The author alone may; a second time changes nothing.
func (s Store) Remove(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID) error {
	was, err := s.hold(ctx, tx, seat, id)
	switch {
	case err != nil:
		return err
	case !was.Mine:
		return fmt.Errorf("remove item %d of somebody else: %w", id, fault.Forbidden)
	case was.HiddenAt != nil:
		return fmt.Errorf("item %d: %w", id, fault.Gone)
	case was.WithdrawnAt != nil:
		return nil
	}
	return s.turn(ctx, tx, seat, id, activity.Entry{Actor: was.Author, Verb: "item.remove"}, `withdrawn_at = @now, removed_at = @now, removed_by = author_id`, nil)
}

// Restore takes a removal back: the author may for ten minutes, unless a coordinator has hidden the item since.
func (s Store) Restore(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID) error {
	was, err := s.hold(ctx, tx, seat, id)
	switch {
	case err != nil:
		return err
	case !was.Mine:
		return fmt.Errorf("restore item %d of somebody else: %w", id, fault.Forbidden)
	case was.HiddenAt != nil, was.WithdrawnAt != nil && was.WithdrawnAt.Before(s.now().Add(-UndoFor)):
		return fault.One("undo", "too-late")
	case was.WithdrawnAt == nil:
		return nil
	}
	return s.turn(ctx, tx, seat, id, activity.Entry{Actor: was.Author, Verb: "item.restore"}, `withdrawn_at = null, removed_at = null, removed_by = null`, nil)
}

// CheckReason judges the reason for an act of power.
func CheckReason(in *fault.Invalid, reason string) {
	in.Check(reason != "", "reason", "required")
	in.Check(utf8.RuneCountInString(reason) <= MaxReason, "reason", "too-long", "max", MaxReason)
}

// Hide takes an item from everybody's sight, for a reason that those read who could read the item. Open reports of it are settled.
func (s Store) Hide(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, reason string) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	var in fault.Invalid
	CheckReason(&in, reason)
	if err := in.Err(); err != nil {
		return err
	}
	was, err := s.hold(ctx, tx, seat, id)
	if err != nil || was.HiddenAt != nil {
		return err
	}
	told := activity.Entry{Actor: seat.Account, Verb: "item.hide", Detail: map[string]string{"reason": reason}}
	if was.Author != 0 {
		told.Concerned = []account.ID{was.Author}
	}
	if err := s.turn(ctx, tx, seat, id, told, `hidden_at = @now, removed_at = @now, removed_by = @me, removed_reason = @reason`, pgx.NamedArgs{"reason": reason}); err != nil {
		return err
	}
	return s.settle(ctx, tx, seat, id, "hidden", reason)
}

// Show takes hiding back. What its author had removed stays removed.
func (s Store) Show(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	was, err := s.hold(ctx, tx, seat, id)
	if err != nil || was.HiddenAt == nil {
		return err
	}
	told := activity.Entry{Actor: seat.Account, Verb: "item.show"}
	if was.Author != 0 {
		told.Concerned = []account.ID{was.Author}
	}
	return s.turn(ctx, tx, seat, id, told, `hidden_at = null, removed_at = withdrawn_at, removed_by = case when withdrawn_at is not null then author_id end, removed_reason = ''`, nil)
}

// turn changes how an item stands and tells it; the index follows in the same moment, as for every writer.
func (s Store) turn(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, told activity.Entry, set string, more pgx.NamedArgs) error {
	args := pgx.NamedArgs{"community": seat.Community, "id": id, "me": seat.Account, "now": s.now()}
	for name, value := range more {
		args[name] = value
	}
	if _, err := tx.Exec(ctx, `update item set `+set+` where community_id = @community and id = @id`, args); err != nil {
		return fmt.Errorf("%s %d: %w", told.Verb, id, err)
	}
	told.At, told.Item, told.Community = s.now(), int64(id), int64(seat.Community)
	return activity.Write(ctx, tx, told)
}

func orNotFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound
	}
	return err
}
