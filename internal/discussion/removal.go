package discussion

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// sought is a post that the seat may read, or could before it was taken away. ReplyTo is 0 for a discussion.
type sought struct {
	ID      item.ID
	Thread  item.ID
	Removal item.Removal
}

// seek finds a discussion (reply 0) or a reply, also one that was removed. A reply in a removed discussion is fault.Gone.
func (s Store) seek(ctx context.Context, seat community.Seat, number, reply int) (sought, error) {
	if err := seat.MaySee(); err != nil {
		return sought{}, err
	}
	var out sought
	var threadGone bool
	err := s.db.QueryRow(ctx, `select i.id, t.id, i.id <> t.id and t.removed_at is not null, `+item.RemovalColumn+`
		from item t join item i on case when @reply = 0 then i.id = t.id else i.parent_id = t.id and i.kind = 'reply' and i.number = @reply end
		where t.community_id = @community and t.kind = 'discussion' and t.number = @number and t.parent_id is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "reply": reply, "now": s.now()})).
		Scan(&out.ID, &out.Thread, &threadGone, &out.Removal)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return out, fmt.Errorf("discussion %d, reply %d: %w", number, reply, fault.NotFound)
	case err != nil:
		return out, fmt.Errorf("discussion %d, reply %d: %w", number, reply, err)
	case threadGone:
		return out, fmt.Errorf("discussion %d: %w", number, fault.Gone)
	}
	return out, nil
}

// withheld keeps the words, the name and the marks of a removed post back.
func (p Post) withheld() Post {
	if p.Removal.Gone() {
		p.HTML, p.Author, p.Edited, p.Thanks, p.Thanked = "", item.Voice{}, nil, 0, false
	}
	return p
}

// Removal tells the readers of a removed discussion what became of it.
func (s Store) Removal(ctx context.Context, seat community.Seat, number int) (item.Removal, error) {
	found, err := s.seek(ctx, seat, number, 0)
	return found.Removal, err
}

// Remove takes away what the seat wrote: a reply, or a discussion in which nobody else has replied.
func (s Store) Remove(ctx context.Context, seat community.Seat, number, reply int) error {
	return s.keep(ctx, seat, number, reply, func(tx pgx.Tx, post sought) error {
		if err := s.items.Remove(ctx, tx, seat, post.ID); err != nil || post.ID != post.Thread {
			return err
		}
		var answered bool
		err := tx.QueryRow(ctx, `select exists (select from item i where i.parent_id = @thread and i.removed_at is null and not (`+item.Mine+`))`,
			pgx.NamedArgs{"thread": post.Thread, "me": seat.Account}).Scan(&answered)
		if err == nil && answered {
			err = fault.One("remove", "has-replies")
		}
		return err
	})
}

// Restore takes a removal back.
func (s Store) Restore(ctx context.Context, seat community.Seat, number, reply int) error {
	return s.keep(ctx, seat, number, reply, func(tx pgx.Tx, post sought) error { return s.items.Restore(ctx, tx, seat, post.ID) })
}

// Hide takes a post from everybody's sight, for a reason.
func (s Store) Hide(ctx context.Context, seat community.Seat, number, reply int, reason string) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	return s.keep(ctx, seat, number, reply, func(tx pgx.Tx, post sought) error { return s.items.Hide(ctx, tx, seat, post.ID, reason) })
}

// Show takes hiding back.
func (s Store) Show(ctx context.Context, seat community.Seat, number, reply int) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	return s.keep(ctx, seat, number, reply, func(tx pgx.Tx, post sought) error { return s.items.Show(ctx, tx, seat, post.ID) })
}

// Report tells the coordinators that something is wrong with a post.
func (s Store) Report(ctx context.Context, seat community.Seat, number, reply int, reason string) error {
	id, _, err := s.find(ctx, seat, number, reply)
	if err != nil {
		return err
	}
	return s.items.Report(ctx, seat, id, reason)
}

// Settle ends the open reports of an item of any kind; a hidden reply leaves the count of its thread.
func (s Store) Settle(ctx context.Context, seat community.Seat, report int64, hide bool, words string) error {
	return s.items.Settle(ctx, seat, report, hide, words, func(tx pgx.Tx, id item.ID) error {
		return s.counted(ctx, tx, id, func() error { return s.items.Hide(ctx, tx, seat, id, words) })
	})
}

func (s Store) keep(ctx context.Context, seat community.Seat, number, reply int, do func(pgx.Tx, sought) error) error {
	post, err := s.seek(ctx, seat, number, reply)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return s.counted(ctx, tx, post.ID, func() error { return do(tx, post) })
	})
}

// counted does something to a post while the row of its thread is locked, and counts the replies anew.
func (s Store) counted(ctx context.Context, tx pgx.Tx, id item.ID, do func() error) error {
	const thread = `(select coalesce(i.parent_id, i.id) from item i where i.id = $1)`
	if _, err := tx.Exec(ctx, `select from discussion where item_id = `+thread+` for update`, id); err != nil {
		return fmt.Errorf("thread of item %d: %w", id, err)
	}
	if err := do(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update discussion d set replies = (select count(*) from item k where k.parent_id = d.item_id and k.kind = 'reply' and k.removed_at is null),
		last_author_id = (select l.author_id from item l where l.id = d.item_id or l.parent_id = d.item_id and l.kind = 'reply' and l.removed_at is null order by l.parent_id is null, l.number desc limit 1)
		where d.item_id = `+thread, id)
	if err != nil {
		return fmt.Errorf("count replies: %w", err)
	}
	return nil
}
