// Package discussion holds the threads in which a community talks.
package discussion

import (
	"context"
	"fmt"
	"slices"
	"time"

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

// Forms of a discussion: everybody converses, coordinators announce. The message "discussions.form.<form>" says each.
const (
	Conversation = "conversation"
	Announcement = "announcement"
)

// Store keeps discussions and their replies.
type Store struct {
	db    postgres.DB
	items item.Store
	now   func() time.Time
}

// NewStore keeps discussions in db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, items: item.NewStore(db, now), now: now}
}

// Opening is a discussion to be started.
type Opening struct {
	Form     string
	Title    string
	Body     string
	Lang     locale.Lang
	Audience item.Audience
	Tags     []string
	Request  uuid.UUID
	Files    []file.Choice
}

func (o Opening) check(private bool) error {
	var in fault.Invalid
	in.Check(o.Form == Conversation || o.Form == Announcement, "form", "choose")
	item.CheckTitle(&in, o.Title)
	item.Check(&in, o.Body, o.Lang)
	checkAudience(&in, o.Audience, private)
	item.CheckTags(&in, o.Tags)
	file.Check(&in, o.Files)
	return in.Err()
}

func checkAudience(in *fault.Invalid, a item.Audience, private bool) {
	in.Check(slices.Contains(Audiences(private), a), "audience", "choose")
}

// Audiences that a discussion may have: a private community holds none wider than itself.
func Audiences(private bool) []item.Audience {
	if private {
		return []item.Audience{item.Community}
	}
	return []item.Audience{item.Public, item.Programme, item.Community}
}

// Start opens a discussion. The same form sent again gets the first one.
func (s Store) Start(ctx context.Context, seat community.Seat, o Opening) (item.Made, error) {
	may := community.Discuss
	if o.Form == Announcement {
		may = community.Announce
	}
	if err := seat.Must(may); err != nil {
		return item.Made{}, err
	}
	if err := o.check(seat.Private); err != nil {
		return item.Made{}, err
	}
	names, err := s.items.Resolve(ctx, seat, o.Body)
	if err != nil {
		return item.Made{}, err
	}
	var made item.Made
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Claim(ctx, tx, seat, o.Request, s.now())
		if err != nil {
			return err
		}
		if first != nil {
			made = *first
			return nil
		}
		made, err = s.items.Add(ctx, tx, seat, item.New{Kind: "discussion", Title: o.Title, Lang: o.Lang, Body: o.Body, Audience: o.Audience,
			Verb: "discussion.start", Request: o.Request, Names: names, Tags: o.Tags},
			item.Part{Name: "opened", SQL: `insert into discussion (item_id, form, last_author_id) select id, @form, @me from made`, Args: pgx.NamedArgs{"form": o.Form}},
			search.Row("", o.Body))
		if err != nil {
			return err
		}
		return file.Attach(ctx, tx, seat, made.ID, o.Files)
	})
	if err != nil {
		return made, fmt.Errorf("start discussion: %w", err)
	}
	return made, nil
}

// Edit is a changed discussion.
type Edit struct {
	Revision int
	Title    string
	Body     string
	Lang     locale.Lang
	Audience item.Audience
	Tags     []string
	Files    []file.Choice // nil: as they are
}

// Revise changes a discussion; its author may. Replies take a new audience over in the same moment.
func (s Store) Revise(ctx context.Context, seat community.Seat, number int, e Edit) error {
	top, err := s.own(ctx, seat, number, 0)
	if err != nil {
		return err
	}
	var in fault.Invalid
	e.check(&in, seat.Private)
	file.Check(&in, e.Files)
	if err := in.Err(); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, e.Body)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.revise(ctx, tx, seat, top, e, names); err != nil {
			return err
		}
		if err := file.Attach(ctx, tx, seat, top, e.Files); err != nil {
			return err
		}
		return search.Renew(ctx, tx, top, e.Lang, e.Title, "", e.Body)
	})
}

func (e Edit) check(in *fault.Invalid, private bool) {
	item.CheckTitle(in, e.Title)
	item.Check(in, e.Body, e.Lang)
	checkAudience(in, e.Audience, private)
	item.CheckTags(in, e.Tags)
}

func (s Store) revise(ctx context.Context, tx pgx.Tx, seat community.Seat, top item.ID, e Edit, names item.Names) error {
	if err := s.items.Revise(ctx, tx, seat, top, item.Change{Revision: e.Revision, Title: e.Title, Lang: e.Lang, Body: e.Body, Names: names, Verb: "discussion.revise"}); err != nil {
		return err
	}
	if err := s.items.Widen(ctx, tx, seat, top, e.Audience); err != nil {
		return err
	}
	return s.items.Retag(ctx, tx, seat, top, e.Tags)
}

// own is the id of a discussion (reply 0) or of a reply that the seat may read and wrote.
func (s Store) own(ctx context.Context, seat community.Seat, number, reply int) (item.ID, error) {
	id, author, err := s.find(ctx, seat, number, reply)
	if err != nil {
		return 0, err
	}
	if author == 0 || author != int64(seat.Account) {
		return 0, fmt.Errorf("discussion %d, reply %d of somebody else: %w", number, reply, fault.Forbidden)
	}
	return id, nil
}

// find is the id and author of a discussion (reply 0) or a reply in it, when the seat may read it.
func (s Store) find(ctx context.Context, seat community.Seat, number, reply int) (id item.ID, author int64, err error) {
	if err := seat.MaySee(); err != nil {
		return 0, 0, err
	}
	rows, err := s.db.Query(ctx, `select i.id, coalesce(i.author_id, q.account_id, 0), i.removed_at is not null or coalesce(p.removed_at is not null, false)
		from item i left join item p on p.id = i.parent_id left join discreet_author q on q.item_id = i.id and q.account_id = @me
		where i.community_id = @community and `+community.Visible+` and case when @reply = 0
			then i.kind = 'discussion' and i.number = @number and i.parent_id is null
			else i.kind = 'reply' and i.number = @reply and i.parent_id = (select t.id from item t where t.community_id = @community and t.kind = 'discussion' and t.number = @number and t.parent_id is null) end`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "reply": reply}))
	if err != nil {
		return 0, 0, fmt.Errorf("discussion %d: %w", number, err)
	}
	var removed bool
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (item.ID, error) {
		err := row.Scan(&id, &author, &removed)
		return id, err
	})
	switch {
	case err != nil:
		return 0, 0, fmt.Errorf("discussion %d: %w", number, err)
	case len(found) == 0:
		return 0, 0, fmt.Errorf("discussion %d, reply %d: %w", number, reply, fault.NotFound)
	case removed:
		return 0, 0, fmt.Errorf("discussion %d, reply %d: %w", number, reply, fault.Gone)
	}
	return id, author, nil
}

// History of a discussion (reply 0) or of a reply, the newest state first.
func (s Store) History(ctx context.Context, seat community.Seat, number, reply int) ([]item.Revision, error) {
	id, _, err := s.find(ctx, seat, number, reply)
	if err != nil {
		return nil, err
	}
	return s.items.History(ctx, seat, id)
}

// Thank gives or takes back thanks for a discussion (reply 0) or a reply.
func (s Store) Thank(ctx context.Context, seat community.Seat, number, reply int, thanks bool) error {
	id, _, err := s.find(ctx, seat, number, reply)
	if err != nil {
		return err
	}
	return s.items.Thank(ctx, seat, id, thanks)
}
