package discussion

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MaxPinned is how many discussions of a community may be pinned at once.
const MaxPinned = 3

// Pin puts a discussion first in its community's list, or back among the others.
func (s Store) Pin(ctx context.Context, seat community.Seat, number int, pin bool) error {
	verb, set := "discussion.unpin", `pinned_at = null where item_id = @id and pinned_at is not null`
	if pin {
		verb, set = "discussion.pin", `pinned_at = @now where item_id = @id and pinned_at is null`
	}
	return s.arrange(ctx, seat, number, verb, set, nil, func(tx pgx.Tx) error {
		if !pin {
			return nil
		}
		// Pins of one community happen one after the other, so that they can be counted.
		if _, err := tx.Exec(ctx, `select from community where id = $1 for no key update`, seat.Community); err != nil {
			return err
		}
		var pinned int
		err := tx.QueryRow(ctx, `select count(*) from discussion d join item i on i.id = d.item_id where i.community_id = $1 and d.pinned_at is not null and i.removed_at is null and i.number <> $2`, seat.Community, number).Scan(&pinned)
		if err == nil && pinned >= MaxPinned {
			err = fault.One("pin", "three-pinned")
		}
		return err
	})
}

// Lock lets nobody but coordinators reply any more, for a reason.
func (s Store) Lock(ctx context.Context, seat community.Seat, number int, reason string) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	var in fault.Invalid
	item.CheckReason(&in, reason)
	if err := in.Err(); err != nil {
		return err
	}
	return s.arrange(ctx, seat, number, "discussion.lock", `locked_at = @now, locked_reason = @reason where item_id = @id and locked_at is null`, map[string]string{"reason": reason}, nil)
}

// Unlock lets everybody reply again who could before.
func (s Store) Unlock(ctx context.Context, seat community.Seat, number int) error {
	return s.arrange(ctx, seat, number, "discussion.unlock", `locked_at = null, locked_reason = '' where item_id = @id and locked_at is not null`, nil, nil)
}

// arrange changes how a discussion stands among the others; what stands so already is left alone.
func (s Store) arrange(ctx context.Context, seat community.Seat, number int, verb, set string, detail map[string]string, before func(pgx.Tx) error) error {
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	id, _, err := s.find(ctx, seat, number, 0)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if before != nil {
			if err := before(tx); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `update discussion set `+set, pgx.NamedArgs{"id": id, "now": s.now(), "reason": detail["reason"]})
		if err != nil {
			return fmt.Errorf("%s %d: %w", verb, number, err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		told := activity.Entry{At: s.now(), Actor: seat.Account, Verb: verb, Item: int64(id), Community: int64(seat.Community)}
		if detail != nil {
			told.Detail = detail
		}
		return activity.Write(ctx, tx, told)
	})
}

// Order is how a discussion stands among the others.
type Order struct {
	PinnedAt  *time.Time
	LockedAt  *time.Time
	Reason    string // of the lock
	MayRemove bool   // by the reader, who wrote it, as long as nobody else has replied
}

const orderColumns = `d.pinned_at, d.locked_at, d.locked_reason, ` + item.Mine + ` and not exists
	(select from item k where k.parent_id = i.id and k.removed_at is null and k.author_id is distinct from i.author_id)`

// Event is an act of power over a thread, told in it.
type Event struct {
	Verb   string
	At     time.Time
	After  int // number of the reply after which it happened; 0: before all
	By     string
	Reason string
	From   map[locale.Lang]string // names of the community from which the thread was moved, if the reader may know it
}

// ordering are the verbs of Events.
const ordering = `('discussion.lock', 'discussion.unlock', 'discussion.pin', 'discussion.unpin', 'discussion.move', 'item.show')`

// eventsSQL selects the Events of the thread @id that stand on the page of the replies after @after, up to @upto.
const eventsSQL = `select e.verb, e.at, e.after, e.by, e.reason, e."from" from (
		select v.id, v.verb, v.at, coalesce(a.name, '') as by, coalesce(v.detail->>'reason', '') as reason,
			coalesce((select json_object_agg(x.lang, x.name) from community c join community_text x on x.community_id = c.id where c.id = (v.detail->>'from')::bigint
				and (c.visibility = 'public' or c.id = any(@mine) or @everywhere)), '{}') as "from",
			coalesce((select k.number from item k where k.parent_id = v.item_id and k.kind = 'reply' and k.created_at <= v.at order by k.number desc limit 1), 0) as after
		from activity v left join account a on a.id = v.actor_id
		where v.item_id = @id and v.verb in ` + ordering + `
		order by v.id desc limit 60) e
	where e.after <= @upto and (e.after > @after or @after = 0) order by e.id`

func scanEvent(row pgx.CollectableRow) (Event, error) {
	var e Event
	var from []byte
	if err := row.Scan(&e.Verb, &e.At, &e.After, &e.By, &e.Reason, &from); err != nil {
		return e, err
	}
	return e, json.Unmarshal(from, &e.From)
}

// Moved is where a discussion stands that stood under number before, if the reader may open it there.
func (s Store) Moved(ctx context.Context, seat community.Seat, number int) (slug string, now int, title string, err error) {
	err = s.db.QueryRow(ctx, `select c.slug, i.number, i.title from item_moved m join item i on i.id = m.item_id join community c on c.id = i.community_id
		where m.community_id = @community and m.kind = 'discussion' and m.number = @number and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number})).Scan(&slug, &now, &title)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("discussion %d: %w", number, fault.NotFound)
	}
	return slug, now, title, err
}
