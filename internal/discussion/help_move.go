package discussion

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// MaxNote is how much may be said with an offer to help, in characters.
const MaxNote = 500

// Endings of a help request, as its asker tells it. The message "help.ending.<ending>" says each.
const (
	Worked        = "worked"
	NothingWorked = "nothing"
	NotNeeded     = "not-needed"
)

// Endings in the order in which a form shows them.
var Endings = []string{Worked, NothingWorked, NotNeeded}

// Offer says that a member can help, with a note or none; said again, it changes the note. The asker and a closed request take none.
func (s Store) Offer(ctx context.Context, seat community.Seat, number int, note string) error {
	if err := seat.Must(community.Reply); err != nil {
		return err
	}
	return s.step(ctx, seat, number, func(tx pgx.Tx, h request) error {
		switch {
		case h.mine:
			return fmt.Errorf("offer help to oneself: %w", fault.Forbidden)
		case h.state == Closed:
			return fmt.Errorf("help request %d is closed: %w", number, &fault.Conflict{Revision: h.revision})
		case utf8.RuneCountInString(note) > MaxNote:
			return fault.One("note", "too-long", "max", MaxNote)
		}
		var before bool
		err := tx.QueryRow(ctx, `with known as (select from help_offer where item_id = $1 and account_id = $2),
			offered as (insert into help_offer (item_id, account_id, note, at) values ($1, $2, $3, $4) on conflict (item_id, account_id) do update set note = excluded.note)
			select exists (select from known)`, h.id, seat.Account, note, s.now()).Scan(&before)
		if err != nil || before {
			return err
		}
		if h.state == Asked {
			if err := s.to(ctx, tx, seat, h, Offered); err != nil {
				return err
			}
		}
		return s.tell(ctx, tx, seat, h, seat.Account, "help.offer", []account.ID{h.asker})
	})
}

// TakeBack ends the seat's own offer; who has none changes nothing.
func (s Store) TakeBack(ctx context.Context, seat community.Seat, number int) error {
	if err := seat.Must(community.Reply); err != nil {
		return err
	}
	return s.step(ctx, seat, number, func(tx pgx.Tx, h request) error {
		var mine, left int
		if err := tx.QueryRow(ctx, `select count(*) filter (where account_id = $2), count(*) filter (where account_id <> $2) from help_offer where item_id = $1`, h.id, seat.Account).Scan(&mine, &left); err != nil {
			return err
		}
		switch {
		case mine == 0:
			return nil
		case h.state == Closed:
			return fmt.Errorf("help request %d is closed: %w", number, &fault.Conflict{Revision: h.revision})
		}
		if _, err := tx.Exec(ctx, `delete from help_offer where item_id = $1 and account_id = $2`, h.id, seat.Account); err != nil {
			return err
		}
		if h.state == Offered && left == 0 {
			return s.to(ctx, tx, seat, h, Asked)
		}
		return nil
	})
}

// Outcome is what the asker says at the end. Closed is the state from which it was written: a correction, or the first telling.
type Outcome struct {
	Ending  string
	Text    string
	Replies []int // numbers of the replies that helped
	Closed  bool
}

func (o Outcome) check() error {
	var in fault.Invalid
	in.Check(slices.Contains(Endings, o.Ending), "ending", "choose")
	in.Check(o.Ending != Worked || o.Text != "" || len(o.Replies) > 0, "text", "what-worked")
	in.Check(utf8.RuneCountInString(o.Text) <= MaxTried, "text", "too-long", "max", MaxTried)
	return in.Err()
}

// Close ends a help request with what worked, in the asker's words. The same said again changes nothing; something else said of
// a request that was closed meanwhile is a fault.Conflict.
func (s Store) Close(ctx context.Context, seat community.Seat, number int, o Outcome) error {
	h, err := s.request(ctx, s.db, seat, number, false)
	if err != nil {
		return err
	}
	if !h.mine {
		return fmt.Errorf("close the help request of somebody else: %w", fault.Forbidden)
	}
	if err := o.check(); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, words(h.body, h.tried, o.Text))
	if err != nil {
		return err
	}
	return s.step(ctx, seat, number, func(tx pgx.Tx, h request) error {
		helped, said, err := s.helpful(ctx, tx, h, o.Replies)
		if err != nil {
			return err
		}
		if h.state == Closed && h.ending == o.Ending && h.outcome == o.Text && said {
			return nil
		}
		if h.state == Closed && !o.Closed {
			return fmt.Errorf("help request %d was closed: %w", number, &fault.Conflict{Revision: h.revision})
		}
		b := &pgx.Batch{}
		b.Queue(`update help_request set state = 'closed', state_at = case when state = 'closed' then state_at else $3 end, ending = $4, outcome = $5, outcome_html = $6, outcome_at = $3
			where community_id = $1 and item_id = $2`, seat.Community, h.id, s.now(), o.Ending, o.Text, markup.Render(o.Text, names.Targets()))
		b.Queue(`delete from help_answer where item_id = $1`, h.id)
		b.Queue(`insert into help_answer (item_id, reply_id) select $1, r from unnest($2::bigint[]) r`, h.id, helped)
		b.Queue(`update item set active_at = greatest(active_at, $3) where community_id = $1 and id = $2`, seat.Community, h.id, s.now())
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		if err := s.items.Name(ctx, tx, seat, h.id, names); err != nil {
			return err
		}
		if err := search.Renew(ctx, tx, h.id, h.lang, h.title, "", words(h.body, h.tried, o.Text)); err != nil || h.state == Closed {
			return err
		}
		return s.tellHelpers(ctx, tx, seat, h, "help.close")
	})
}

// helpful are the ids of the replies, and whether just these stand as helpful already. The asker's own words and removed ones are none.
func (s Store) helpful(ctx context.Context, tx pgx.Tx, h request, numbers []int) (ids []int64, said bool, err error) {
	err = tx.QueryRow(ctx, `with chosen as (
			select i.id from item i left join discreet_author q on q.item_id = i.id
			where i.parent_id = $1 and i.kind = 'reply' and i.number = any($2::int[]) and i.removed_at is null and coalesce(i.author_id, q.account_id, 0) <> $3)
		select coalesce(array_agg(id order by id), '{}'), coalesce(array_agg(id order by id), '{}') = array(select reply_id from help_answer where item_id = $1 order by reply_id) from chosen`,
		h.id, numbers, h.asker).Scan(&ids, &said)
	return ids, said, err
}

// Reopen takes a closed request up again; its asker or a coordinator may. An open one stays as it is.
func (s Store) Reopen(ctx context.Context, seat community.Seat, number int) error {
	return s.step(ctx, seat, number, func(tx pgx.Tx, h request) error {
		if !h.mine && seat.Standing != community.Coordinator {
			return fmt.Errorf("reopen the help request of somebody else: %w", fault.Forbidden)
		}
		if h.state != Closed {
			return nil
		}
		var offers bool
		if err := tx.QueryRow(ctx, `select exists (select from help_offer where item_id = $1)`, h.id).Scan(&offers); err != nil {
			return err
		}
		state := Asked
		if offers {
			state = Offered
		}
		if err := s.to(ctx, tx, seat, h, state); err != nil {
			return err
		}
		return s.tellHelpers(ctx, tx, seat, h, "help.reopen")
	})
}

// step does one step in the life of a help request; steps of the same one come one after the other.
func (s Store) step(ctx context.Context, seat community.Seat, number int, do func(pgx.Tx, request) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		h, err := s.request(ctx, tx, seat, number, true)
		if err != nil {
			return err
		}
		if err := do(tx, h); err != nil {
			return fmt.Errorf("help request %d: %w", number, err)
		}
		return nil
	})
}

func (s Store) to(ctx context.Context, tx pgx.Tx, seat community.Seat, h request, state string) error {
	_, err := tx.Exec(ctx, `update help_request set state = $3, state_at = $4 where community_id = $1 and item_id = $2`, seat.Community, h.id, state, s.now())
	return err
}

// tellHelpers tells those who offered help or whose reply helped, and the asker when a coordinator acts.
func (s Store) tellHelpers(ctx context.Context, tx pgx.Tx, seat community.Seat, h request, verb string) error {
	rows, err := tx.Query(ctx, `select account_id from help_offer where item_id = $1
		union select i.author_id from help_answer a join item i on i.id = a.reply_id where a.item_id = $1 and i.author_id is not null order by 1`, h.id)
	if err != nil {
		return err
	}
	concerned, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	if err != nil {
		return err
	}
	if !h.mine {
		concerned = append(concerned, h.asker)
	}
	actor := seat.Account
	if h.mine && h.discreet {
		actor = 0
	}
	return s.tell(ctx, tx, seat, h, actor, verb, concerned)
}

func (s Store) tell(ctx context.Context, tx pgx.Tx, seat community.Seat, h request, actor account.ID, verb string, concerned []account.ID) error {
	concerned = slices.DeleteFunc(concerned, func(id account.ID) bool { return id == 0 || id == seat.Account })
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: actor, Verb: verb, Item: int64(h.id), Community: int64(seat.Community), Concerned: concerned})
}
