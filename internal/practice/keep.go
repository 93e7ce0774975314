package practice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Regard is how an entry stands with its readers, and with the one who reads it now.
type Regard struct {
	Thanks  int
	Thanked bool       // by the reader
	At      *time.Time // of the reader's own open report of it
}

// queueRegard queues that of @id; it needs @me.
func queueRegard(b *pgx.Batch, args pgx.NamedArgs, into *Regard) {
	b.Queue(`select i.thanks, i.thanks > 0 and exists (select from thanks h where h.item_id = i.id and h.account_id = @me), (select max(r.at) from report r where r.community_id = @community and r.item_id = i.id and r.account_id = @me and r.settled_at is null)
		from item i where i.community_id = @community and i.id = @id`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&into.Thanks, &into.Thanked, &into.At) })
}

// queueFiles queues those of @id, which the caller has seen that the reader may read.
func queueFiles(b *pgx.Batch, args pgx.NamedArgs, into *[]file.File) {
	b.Queue(`select `+file.Columns+` from item_file f where f.community_id = @community and f.item_id = @id order by f.position, f.id`, args).Query(func(rows pgx.Rows) error {
		var err error
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByName[file.File])
		return err
	})
}

// Thank gives or takes back thanks for an entry. Nobody thanks for what they wrote, be it with others.
func (s Store) Thank(ctx context.Context, seat community.Seat, number int, thanks bool) error {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return err
	}
	if found.mine {
		return fmt.Errorf("thank for own entry %d: %w", number, fault.Forbidden)
	}
	return s.items.Thank(ctx, seat, found.id, thanks)
}

// Report tells the coordinators that something is wrong with an entry.
func (s Store) Report(ctx context.Context, seat community.Seat, number int, reason string) error {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return err
	}
	return s.items.Report(ctx, seat, found.id, reason)
}

// Removal tells the readers of an entry that was taken away what became of it.
func (s Store) Removal(ctx context.Context, seat community.Seat, number int) (item.Removal, error) {
	_, removal, err := s.taken(ctx, seat, number)
	return removal, err
}

// Remove takes away an entry that the seat wrote.
func (s Store) Remove(ctx context.Context, seat community.Seat, number int) error {
	return s.standing(ctx, seat, number, s.items.Remove)
}

// Restore takes a removal back.
func (s Store) Restore(ctx context.Context, seat community.Seat, number int) error {
	return s.standing(ctx, seat, number, s.items.Restore)
}

// Hide takes an entry from everybody's sight, for a reason.
func (s Store) Hide(ctx context.Context, seat community.Seat, number int, reason string) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	return s.standing(ctx, seat, number, func(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID) error {
		return s.items.Hide(ctx, tx, seat, id, reason)
	})
}

// Show takes hiding back.
func (s Store) Show(ctx context.Context, seat community.Seat, number int) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	return s.standing(ctx, seat, number, s.items.Show)
}

// standing changes whether an entry stands.
func (s Store) standing(ctx context.Context, seat community.Seat, number int, turn func(context.Context, pgx.Tx, community.Seat, item.ID) error) error {
	id, _, err := s.taken(ctx, seat, number)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return turn(ctx, tx, seat, id) })
}

// taken is an entry that the seat may read, or could before it was taken away.
func (s Store) taken(ctx context.Context, seat community.Seat, number int) (id item.ID, removal item.Removal, err error) {
	if err := seat.MaySee(); err != nil {
		return 0, removal, err
	}
	err = s.db.QueryRow(ctx, `select i.id, `+item.RemovalColumn+` from item i where i.community_id = @community and i.kind = 'entry' and i.number = @number and i.parent_id is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "now": s.now()})).Scan(&id, &removal)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return 0, removal, fmt.Errorf("entry %d: %w", number, err)
	}
	return id, removal, nil
}
