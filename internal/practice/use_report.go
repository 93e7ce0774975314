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
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// ReportUse takes down that the seat used an entry, and what came of it; those who wrote the entry hear of it. The same form sent again changes nothing.
func (s Store) ReportUse(ctx context.Context, seat community.Seat, number int, u NewUse) error {
	found, err := s.usedEntry(ctx, seat, number)
	if err != nil {
		return err
	}
	if !found.usable() {
		return fmt.Errorf("use of the draft %d: %w", number, fault.Forbidden)
	}
	if err := u.check(); err != nil {
		return err
	}
	html, err := s.outcomeHTML(ctx, seat, u.Outcome)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Once(ctx, tx, seat, u.Request, found.id, s.now())
		if err != nil || !first {
			return err
		}
		if err := s.lockEntry(ctx, tx, seat, found.id); err != nil {
			return err
		}
		if err := s.mayHaveUsed(ctx, tx, seat, u, 0); err != nil {
			return err
		}
		var n int
		err = tx.QueryRow(ctx, `with numbered as (update entry set reported = reported + 1 where community_id = @community and item_id = @id returning reported)
			insert into entry_use (community_id, entry_id, n, account_id, used_in, place, used_on, outcome, outcome_html, again, lang, perspective, organisation, at)
			select @community, @id, n.reported, @me, @in, @place, @on::date, @outcome, @html, @again, @lang, m.perspective, a.organisation, @now
			from numbered n, account a join membership m on m.account_id = a.id and m.community_id = @in where a.id = @me returning n`, u.args(seat, found.id, html, s.now())).Scan(&n)
		if err != nil {
			return fmt.Errorf("use of entry %d: %w", number, err)
		}
		if err := s.recountUses(ctx, tx, seat.Community, found.id, true); err != nil {
			return err
		}
		return s.tellAuthors(ctx, tx, seat, found.id, seat.Community, "entry.use", map[string]any{"use": n})
	})
}

// ReviseUse changes a report; whoever made it may. One that started from another revision is a fault.Conflict and stores nothing.
func (s Store) ReviseUse(ctx context.Context, seat community.Seat, number, n int, u UseEdit) error {
	found, err := s.usedEntry(ctx, seat, number)
	if err != nil {
		return err
	}
	if err := u.check(); err != nil {
		return err
	}
	html, err := s.outcomeHTML(ctx, seat, u.Outcome)
	if err != nil {
		return err
	}
	return s.onUse(ctx, seat, found.id, n, func(tx pgx.Tx, was standingUse) error {
		switch {
		case !was.Mine:
			return fmt.Errorf("use %d of entry %d by somebody else: %w", n, number, fault.Forbidden)
		case was.RemovedAt != nil:
			return fmt.Errorf("use %d of entry %d: %w", n, number, fault.Gone)
		case was.Revision != u.Revision:
			return fmt.Errorf("use %d of entry %d: %w", n, number, &fault.Conflict{Revision: was.Revision})
		}
		if err := s.mayHaveUsed(ctx, tx, seat, u.NewUse, was.In); err != nil {
			return err
		}
		args := u.args(seat, found.id, html, s.now())
		args["n"] = n
		// The voice is that of the time of the report, unless it speaks from somewhere else now.
		_, err := tx.Exec(ctx, `update entry_use u set used_in = @in, place = @place, used_on = @on::date, outcome = @outcome, outcome_html = @html, again = @again, lang = @lang, revision = revision + 1, edited_at = @now,
				perspective = case when u.used_in = @in then u.perspective else coalesce((select m.perspective from membership m where m.account_id = @me and m.community_id = @in), '') end
			where community_id = @community and entry_id = @id and n = @n`, args)
		if err != nil {
			return fmt.Errorf("revise use %d of entry %d: %w", n, number, err)
		}
		return nil
	})
}

// RemoveUse takes a report away: whoever made it may, and who moderates here, for a reason that the reporter reads.
func (s Store) RemoveUse(ctx context.Context, seat community.Seat, number, n int, reason string) error {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return err
	}
	return s.onUse(ctx, seat, found.id, n, func(tx pgx.Tx, was standingUse) error {
		if !was.Mine {
			if err := seat.Must(community.Moderate); err != nil {
				return err
			}
		}
		if was.RemovedAt != nil {
			return nil
		}
		if was.Mine {
			reason = ""
		} else {
			var in fault.Invalid
			item.CheckReason(&in, reason)
			if err := in.Err(); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `update entry_use set removed_at = $4, removed_by = $5, removed_reason = $6 where community_id = $1 and entry_id = $2 and n = $3`, seat.Community, found.id, n, s.now(), seat.Account, reason); err != nil {
			return fmt.Errorf("remove use %d of entry %d: %w", n, number, err)
		}
		if was.Mine {
			return nil
		}
		told := activity.Entry{At: s.now(), Actor: seat.Account, Verb: "entry.use-remove", Item: int64(found.id), Community: int64(seat.Community), Detail: map[string]any{"use": n, "reason": reason}}
		if was.By != nil {
			told.Concerned = []account.ID{*was.By}
		}
		return activity.Write(ctx, tx, told)
	})
}

// RestoreUse takes back that the reporter removed the own report, for ten minutes.
func (s Store) RestoreUse(ctx context.Context, seat community.Seat, number, n int) error {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return err
	}
	return s.onUse(ctx, seat, found.id, n, func(tx pgx.Tx, was standingUse) error {
		switch {
		case !was.Mine:
			return fmt.Errorf("restore use %d of entry %d by somebody else: %w", n, number, fault.Forbidden)
		case was.RemovedAt == nil:
			return nil
		case was.Reason != "" || was.RemovedAt.Before(s.now().Add(-item.UndoFor)):
			return fault.One("undo", "too-late")
		}
		if _, err := tx.Exec(ctx, `update entry_use set removed_at = null, removed_by = null where community_id = $1 and entry_id = $2 and n = $3`, seat.Community, found.id, n); err != nil {
			return fmt.Errorf("restore use %d of entry %d: %w", n, number, err)
		}
		return nil
	})
}

// usedEntry is where an entry stands that the seat may say to have used.
func (s Store) usedEntry(ctx context.Context, seat community.Seat, number int) (found, error) {
	if err := seat.Must(community.UseEntry); err != nil {
		return found{}, err
	}
	return s.find(ctx, seat, number)
}

func (s Store) outcomeHTML(ctx context.Context, seat community.Seat, outcome string) (string, error) {
	names, err := s.items.Resolve(ctx, seat, outcome)
	if err != nil {
		return "", err
	}
	return markup.Render(outcome, names.Targets()), nil
}

func (u NewUse) args(seat community.Seat, id item.ID, html string, now time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{"community": seat.Community, "id": id, "me": seat.Account, "in": u.In, "place": u.Place, "on": u.On, "outcome": u.Outcome, "html": html, "again": u.Again, "lang": u.Lang, "now": now}
}

// lockEntry lets one transaction at a time change what hangs on an entry that the seat may still read.
func (s Store) lockEntry(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID) error {
	var one int
	err := tx.QueryRow(ctx, `select 1 from item i where i.community_id = @community and i.id = @id and i.removed_at is null and `+community.Visible+` for no key update of i`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id})).Scan(&one)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("entry %d: %w", id, fault.NotFound)
	}
	if err != nil {
		return fmt.Errorf("hold entry %d: %w", id, err)
	}
	return nil
}

// mayHaveUsed judges where and when something was used: in a community of the reporter, or in the one that the report names already, and not in the future there.
func (s Store) mayHaveUsed(ctx context.Context, tx pgx.Tx, seat community.Seat, u NewUse, before community.ID) error {
	var future bool
	err := tx.QueryRow(ctx, `select coalesce(@on::date > (@now::timestamptz at time zone o.zone)::date, false) from community o where o.id = @in
		and (o.id = @before or exists (select from membership m where m.community_id = o.id and m.account_id = @me and m.state = 'member'))`,
		pgx.NamedArgs{"on": u.On, "now": s.now(), "in": u.In, "before": before, "me": seat.Account}).Scan(&future)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.One("used-in", "choose")
	case err != nil:
		return fmt.Errorf("where it was used: %w", err)
	case future:
		return fault.One("used-on", "future")
	}
	return nil
}

// standingUse is how a report stands while its entry is held.
type standingUse struct {
	By        *account.ID
	Mine      bool
	In        community.ID
	Revision  int
	RemovedAt *time.Time
	Reason    string
}

// onUse does something to a report while its entry is held, and counts anew.
func (s Store) onUse(ctx context.Context, seat community.Seat, id item.ID, n int, do func(pgx.Tx, standingUse) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.lockEntry(ctx, tx, seat, id); err != nil {
			return err
		}
		was, err := postgres.One[standingUse](ctx, tx, `select account_id as by, coalesce(account_id = $4, false) as mine, used_in as in, revision, removed_at, removed_reason as reason
			from entry_use where community_id = $1 and entry_id = $2 and n = $3`, seat.Community, id, n, seat.Account)
		if err != nil {
			return fmt.Errorf("use %d of entry %d: %w", n, id, err)
		}
		if err := do(tx, was); err != nil {
			return err
		}
		return s.recountUses(ctx, tx, seat.Community, id, false)
	})
}

// countedUses are how many reports of the entries e stand, and from how many communities; the private ones count as one, so that no number betrays them.
const countedUses = `(select count(*)::int as uses, count(distinct case when o.visibility = 'private' then 0 else o.id end)::int as cities
	from entry_use u join community o on o.id = u.used_in where u.community_id = e.community_id and u.entry_id = e.item_id and u.removed_at is null)`

// recountUses sets the numbers of an entry that is held; fresh says that there is something new on it.
func (s Store) recountUses(ctx context.Context, tx pgx.Tx, in community.ID, id item.ID, fresh bool) error {
	b := &pgx.Batch{}
	b.Queue(`update entry e set (uses, cities) = `+countedUses+` where e.community_id = $1 and e.item_id = $2`, in, id)
	if fresh {
		b.Queue(`update item set active_at = $3 where community_id = $1 and id = $2`, in, id, s.now())
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("uses of entry %d: %w", id, err)
	}
	return nil
}

// tellAuthors writes down what happened to an entry of the community in; those who wrote it hear of it, but not of their own acts.
func (s Store) tellAuthors(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, in community.ID, verb string, detail map[string]any) error {
	rows, err := tx.Query(ctx, `select i.author_id from item i where i.id = $1 and i.author_id <> $2 union select w.account_id from entry_author w where w.entry_id = $1 and w.account_id <> $2 order by 1`, id, seat.Account)
	if err != nil {
		return fmt.Errorf("authors of entry %d: %w", id, err)
	}
	who, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	if err != nil {
		return fmt.Errorf("authors of entry %d: %w", id, err)
	}
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: verb, Item: int64(id), Community: int64(in), Concerned: who, Detail: detail})
}
