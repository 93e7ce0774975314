package meeting

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// ActionState is how far something to do is. The message "actions.state.<state>" says each.
type ActionState string

// The states of an action.
const (
	ToDo    ActionState = "open"
	InHand  ActionState = "in-hand"
	Done    ActionState = "done"
	Dropped ActionState = "dropped"
)

// ActionStates in the order in which an action goes through them.
var ActionStates = []ActionState{ToDo, InHand, Done, Dropped}

// Over reports whether nothing is left to do.
func (s ActionState) Over() bool { return s == Done || s == Dropped }

// NewAction is something that somebody will do by a day.
type NewAction struct {
	Text       string // what; its beginning becomes the title
	Owners     []account.ID
	OwnerNames string // of those without an account
	Due        *time.Time
	Lang       locale.Lang
	Audience   item.Audience // of one that no meeting gave
	Point      *int64        // agenda point
	Part       string        // of the meeting's minutes: "line-3"
	Request    uuid.UUID
}

func (a NewAction) check() error {
	var in fault.Invalid
	checkSettled(&in, a.Text, a.Lang)
	checkWords(&in, "owners", a.OwnerNames, MaxWho)
	in.Check(len(a.Owners) <= 20, "owners", "too-many", "max", 20)
	return in.Err()
}

// Give records something to do that no minutes hold.
func (s Store) Give(ctx context.Context, seat community.Seat, a NewAction) (item.Made, error) {
	if err := seat.Must(community.Settle); err != nil {
		return item.Made{}, err
	}
	if err := checkOpen(a.Audience, seat.Private, a.check()); err != nil {
		return item.Made{}, err
	}
	return s.once(ctx, seat, a.Request, func(tx pgx.Tx) (item.Made, error) {
		return s.give(ctx, tx, seat, placed{audience: a.Audience}, a)
	})
}

// give writes an action of a meeting that tx holds; a meeting without an id is none. Its owners are told; who is no member owns nothing.
// The caller has judged it and seen that the person may.
func (s Store) give(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, a NewAction) (item.Made, error) {
	title, body := headed(a.Text)
	names, err := s.On(tx).items.Resolve(ctx, seat, a.Text)
	if err != nil {
		return item.Made{}, err
	}
	owners, err := s.members(ctx, tx, seat, a.Owners)
	if err != nil {
		return item.Made{}, err
	}
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "action", Title: title, Body: body, Lang: a.Lang, Audience: found.audience, Verb: "action.give", Request: a.Request, Names: names},
		item.Part{Name: "given", SQL: `insert into action (item_id, community_id, meeting_id, point_id, due, owner_names, state_at)
			select id, community_id, nullif(@meeting::bigint, 0), @point, @due, @owner_names, @now from made returning item_id`,
			Args: pgx.NamedArgs{"meeting": found.id, "point": a.Point, "due": a.Due, "owner_names": a.OwnerNames, "now": s.now()}},
		item.Part{Name: "owned", SQL: `insert into action_owner (action_id, account_id) select item_id, who from given, unnest(@owners::bigint[]) who`, Args: pgx.NamedArgs{"owners": owners}},
		search.Row(a.OwnerNames, body))
	if err != nil {
		return made, err
	}
	if err := s.concern(ctx, tx, seat, made.ID, "action.owned", owners); err != nil {
		return made, err
	}
	return made, s.fromMeeting(ctx, tx, seat, made.ID, found.id, a.Part, a.Text)
}

// members are those of who that belong to the community, each once.
func (s Store) members(ctx context.Context, tx pgx.Tx, seat community.Seat, who []account.ID) ([]int64, error) {
	if len(who) == 0 {
		return []int64{}, nil
	}
	rows, err := tx.Query(ctx, `select account_id from membership where community_id = $1 and state = 'member' and account_id = any($2) order by account_id`, seat.Community, item.Concerned(who))
	if err != nil {
		return nil, fmt.Errorf("owners: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// concern tells those whom something concerns.
func (s Store) concern(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, verb string, who []int64) error {
	if len(who) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into activity (at, actor_id, verb, item_id, community_id, concerned) values ($1, $2, $3, $4, $5, $6)`, s.now().Add(time.Microsecond), seat.Account, verb, id, seat.Community, who)
	if err != nil {
		return fmt.Errorf("activity %s of item %d: %w", verb, id, err)
	}
	return nil
}

// amendAction rewrites an action while the minutes that hold it may still be corrected; how far it is stays.
func (s Store) amendAction(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, a NewAction) error {
	title, body := headed(a.Text)
	names, err := s.On(tx).items.Resolve(ctx, seat, a.Text)
	if err != nil {
		return err
	}
	var revision int
	if err := tx.QueryRow(ctx, `select i.revision from item i where i.community_id = $1 and i.id = $2 and i.kind = 'action' for update`, seat.Community, id).Scan(&revision); err != nil {
		return fmt.Errorf("action %d: %w", id, err)
	}
	if err := s.items.Revise(ctx, tx, seat, id, item.Change{Revision: revision, Title: title, Lang: a.Lang, Body: body, Names: names, Verb: "action.revise"}); err != nil {
		return err
	}
	if err := s.own(ctx, tx, seat, id, a.Owners, a.OwnerNames, a.Due); err != nil {
		return err
	}
	return search.Renew(ctx, tx, id, a.Lang, title, a.OwnerNames, body)
}

// own says whose an action is and by when; who is new among them is told.
func (s Store) own(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, who []account.ID, names string, due *time.Time) error {
	owners, err := s.members(ctx, tx, seat, who)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update action set due = $3, owner_names = $4 where community_id = $1 and item_id = $2`, seat.Community, id, due, names); err != nil {
		return fmt.Errorf("owners of action %d: %w", id, err)
	}
	if _, err := tx.Exec(ctx, `delete from action_owner where action_id = $1 and account_id <> all($2)`, id, owners); err != nil {
		return fmt.Errorf("owners of action %d: %w", id, err)
	}
	rows, err := tx.Query(ctx, `insert into action_owner (action_id, account_id) select $1, who from unnest($2::bigint[]) who on conflict do nothing returning account_id`, id, owners)
	if err != nil {
		return fmt.Errorf("owners of action %d: %w", id, err)
	}
	fresh, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("owners of action %d: %w", id, err)
	}
	return s.concern(ctx, tx, seat, id, "action.owned", fresh)
}

// Progress says how far an action is: its owners and who settles things may. Dropping one takes a reason.
func (s Store) Progress(ctx context.Context, seat community.Seat, number int, to ActionState, reason string) error {
	var in fault.Invalid
	in.Check(slices.Contains(ActionStates, to), "state", "choose")
	in.Check(to != Dropped || reason != "", "reason", "required")
	in.Check(utf8.RuneCountInString(reason) <= MaxReason, "reason", "too-long", "max", MaxReason)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, err := s.mustAct(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := in.Err(); err != nil {
			return err
		}
		if to != Dropped {
			reason = ""
		}
		tag, err := tx.Exec(ctx, `update action set state = $3, state_at = $4, state_by = $5, reason = $6 where community_id = $1 and item_id = $2 and (state, reason) is distinct from ($3, $6)`,
			seat.Community, id, to, s.now(), seat.Account, reason)
		if err != nil {
			return fmt.Errorf("action %d to %s: %w", number, to, err)
		}
		if tag.RowsAffected() == 0 {
			return nil // said twice
		}
		if _, err := tx.Exec(ctx, `update item set active_at = $3 where community_id = $1 and id = $2`, seat.Community, id, s.now()); err != nil {
			return fmt.Errorf("action %d to %s: %w", number, to, err)
		}
		return s.tell(ctx, tx, seat, id, "action."+string(to))
	})
}

// mustAct is an action that the person may move on: an own one, or any for who settles things.
func (s Store) mustAct(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (item.ID, error) {
	id, err := s.settled(ctx, tx, seat, "action", number)
	if err != nil || seat.Can(community.Settle) {
		return id, err
	}
	mine := false
	if err := tx.QueryRow(ctx, `select exists (select from action_owner where action_id = $1 and account_id = $2)`, id, seat.Account).Scan(&mine); err != nil {
		return id, fmt.Errorf("owners of action %d: %w", number, err)
	}
	if !mine || !seat.Inside() {
		return id, fmt.Errorf("action %d of somebody else: %w", number, fault.Forbidden)
	}
	return id, nil
}

// Hand changes whose an action is and by when it is due.
func (s Store) Hand(ctx context.Context, seat community.Seat, number int, who []account.ID, names string, due *time.Time) error {
	if err := seat.Must(community.Settle); err != nil {
		return err
	}
	if err := (NewAction{Text: "-", Lang: locale.English, Owners: who, OwnerNames: names}).check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, err := s.settled(ctx, tx, seat, "action", number)
		if err != nil {
			return err
		}
		if err := s.own(ctx, tx, seat, id, who, names, due); err != nil {
			return err
		}
		return s.tell(ctx, tx, seat, id, "action.hand")
	})
}
