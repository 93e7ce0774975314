package discussion

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Answer is a reply to be given.
type Answer struct {
	Body    string
	Lang    locale.Lang
	Answers *int // number of the reply that it answers, 0 the opening; nil: the thread as a whole
	Request uuid.UUID
	Files   []file.Choice
}

// numbered lets the thread's own row count its replies: it is locked by the reply anyway, and so the numbers have no gaps. The rows of the
// thread and of its item are taken first, in the order of every act over a thread, and judged as they stand then: who waited for a removal,
// a lock, a move or a narrower audience finds no row.
const numbered = `with held as materialized (select d.item_id from discussion d where d.item_id = @thread and (d.locked_at is null or @moderates) for update),
	standing as materialized (select i.id, i.audience from item i where i.id = (select item_id from held) and i.community_id = @community and i.removed_at is null and i.audience <= @widest for no key update)
	update discussion d set replies = d.replies + 1, last_number = d.last_number + 1,
		last_author_id = case when not exists (select from discreet_author q where q.item_id = d.item_id and q.account_id = @me) then @me::bigint end
	from standing i where d.item_id = i.id
	returning d.last_number as n, i.id as parent_id, i.audience`

// Reply answers in a discussion. The same form sent again gets the first reply.
func (s Store) Reply(ctx context.Context, seat community.Seat, number int, a Answer) (item.Made, error) {
	thread, err := s.answerable(ctx, seat, number)
	if err != nil {
		return item.Made{}, err
	}
	var in fault.Invalid
	item.Check(&in, a.Body, a.Lang)
	file.Check(&in, a.Files)
	if err := in.Err(); err != nil {
		return item.Made{}, err
	}
	names, err := s.items.Resolve(ctx, seat, a.Body)
	if err != nil {
		return item.Made{}, err
	}
	var quoted item.ID
	if a.Answers != nil {
		if quoted, _, err = s.find(ctx, seat, number, *a.Answers); err != nil {
			return item.Made{}, err
		}
	}
	var made item.Made
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		made, err = s.reply(ctx, tx, seat, thread, quoted, a, names)
		return err
	})
	if errors.Is(err, fault.NotFound) {
		if refused := s.closed(ctx, seat, number); refused != nil {
			err = refused
		}
	}
	if err != nil {
		return made, fmt.Errorf("reply in discussion %d: %w", number, err)
	}
	return made, nil
}

func (s Store) reply(ctx context.Context, tx pgx.Tx, seat community.Seat, thread, quoted item.ID, a Answer, names item.Names) (item.Made, error) {
	first, err := item.Claim(ctx, tx, seat, a.Request, s.now())
	if err != nil {
		return item.Made{}, err
	}
	if first != nil {
		return *first, nil
	}
	widest := item.Draft
	if !seat.Can(community.Reply) {
		widest = item.Programme
	}
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "reply", Lang: a.Lang, Body: a.Body, Verb: "discussion.reply", Request: a.Request, Names: names},
		item.InParent(numbered, pgx.NamedArgs{"thread": thread, "moderates": seat.Can(community.Moderate), "widest": widest}),
		item.Part{Name: "replied", SQL: `insert into reply (item_id, answers) select id, @answers::int from made`, Args: pgx.NamedArgs{"answers": a.Answers}},
		item.Part{Name: "moved", SQL: `update item t set active_at = greatest(t.active_at, @at) where t.id = @thread and exists (select from made) returning t.id`},
		answered,
		search.Row("", a.Body))
	if err != nil {
		return made, err
	}
	if err := file.Attach(ctx, tx, seat, made.ID, a.Files); err != nil || quoted == 0 {
		return made, err
	}
	return made, s.items.Quote(ctx, tx, seat, made.ID, quoted, item.QuotedWords(a.Body))
}

// closed says why a thread takes no reply from the seat; nil when it would.
func (s Store) closed(ctx context.Context, seat community.Seat, number int) error {
	thread, err := s.answerable(ctx, seat, number)
	if err != nil || seat.Can(community.Moderate) {
		return err
	}
	var locked bool
	if err := s.db.QueryRow(ctx, `select locked_at is not null from discussion where item_id = $1`, thread).Scan(&locked); err != nil {
		return fmt.Errorf("discussion %d: %w", number, err)
	}
	if locked {
		return fault.One("body", "locked")
	}
	return nil
}

// answerable is the id of a thread that the seat may read and answer in: members everywhere here, members of other communities where
// the audience reaches them.
func (s Store) answerable(ctx context.Context, seat community.Seat, number int) (item.ID, error) {
	id, _, err := s.find(ctx, seat, number, 0)
	if err != nil {
		return 0, err
	}
	if seat.Can(community.Reply) {
		return id, nil
	}
	if err := seat.Must(community.ReplyProgramme); err != nil {
		return 0, err
	}
	var audience item.Audience
	if err := s.db.QueryRow(ctx, `select audience from item where community_id = $1 and id = $2`, seat.Community, id).Scan(&audience); err != nil {
		return 0, fmt.Errorf("discussion %d: %w", number, err)
	}
	if audience > item.Programme {
		return 0, fmt.Errorf("discussion %d is for members: %w", number, fault.Forbidden)
	}
	return id, nil
}

// ReviseReply changes a reply; its author may.
func (s Store) ReviseReply(ctx context.Context, seat community.Seat, number, reply int, e Edit) error {
	id, err := s.own(ctx, seat, number, reply)
	if err != nil {
		return err
	}
	var in fault.Invalid
	item.Check(&in, e.Body, e.Lang)
	file.Check(&in, e.Files)
	if err := in.Err(); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, e.Body)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.items.Revise(ctx, tx, seat, id, item.Change{Revision: e.Revision, Lang: e.Lang, Body: e.Body, Names: names, Verb: "discussion.revise-reply"}); err != nil {
			return err
		}
		if err := file.Attach(ctx, tx, seat, id, e.Files); err != nil {
			return err
		}
		return search.Renew(ctx, tx, id, e.Lang, "", "", e.Body)
	})
}
