package discussion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// PerPage is how many replies stand on one page of a thread.
const PerPage = 50

// Post is the opening or a reply, as read.
type Post struct {
	ID       item.ID
	Number   int // of the reply; 0: the opening
	Lang     locale.Lang
	HTML     string
	Author   item.Voice
	At       time.Time
	Edited   *time.Time
	Revision int
	Thanks   int
	Thanked  bool // by the reader
	Answers  *int
	Removal  item.Removal
	Files    []file.File
}

// Thread is one page of a discussion.
type Thread struct {
	Post
	Number   int
	Title    string
	Form     string
	Audience item.Audience
	ActiveAt time.Time
	Count    int // replies in all
	Last     int // number of the newest reply
	Tags     []item.Tag
	Replies  []Post
	Page     int
	Pages    int
	Read     int // number of the last reply that the reader has read before; -1: never opened
	Trail    []item.Step
	Order    Order
	Events   []Event
}

const postColumns = `i.id, i.number, i.lang, t.html, i.created_at, i.edited_at, i.revision, i.thanks,
	case when i.thanks > 0 then exists (select from thanks h where h.item_id = i.id and h.account_id = @me) else false end, ` + item.VoiceColumns

func (p *Post) scan() []any {
	return append([]any{&p.ID, &p.Number, &p.Lang, &p.HTML, &p.At, &p.Edited, &p.Revision, &p.Thanks, &p.Thanked}, p.Author.Scan()...)
}

// has says which of the things that few threads have a thread has.
type has struct{ trail, events, files bool }

const hasColumns = item.Linked + `, exists (select from activity v where v.item_id = i.id and v.verb in ` + ordering + `),
	exists (select from item_file f where f.top_id = i.id)`

const topSQL = `select i.removed_at is not null, ` + orderColumns + `, i.title, i.audience, i.active_at, d.form, d.replies, d.last_number, coalesce(r.number, -1),
		(select json_agg(json_build_object('Key', t.key, 'Name', t.name) order by t.key) from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id), ` + hasColumns + `, ` + postColumns + `
	from item i join discussion d on d.item_id = i.id join item_text t on t.item_id = i.id left join read_mark r on r.item_id = i.id and r.account_id = @me ` + item.VoiceJoins + `
	where i.community_id = @community and i.kind = 'discussion' and i.number = @number and i.parent_id is null and ` + community.Visible

const repliesSQL = `select p.answers, ` + item.RemovalColumn + `, ` + postColumns + `
	from item i join reply p on p.item_id = i.id join item_text t on t.item_id = i.id ` + item.VoiceJoins + `
	where i.parent_id = (select p.id from item p where p.community_id = @community and p.kind = 'discussion' and p.number = @number and p.parent_id is null)
		and i.kind = 'reply' and i.number > @after and i.number <= @upto and ` + community.Visible + ` order by i.number`

// Read is a page of a discussion, in one round trip; two where it has files, a trail or acts of power to tell. Besides is read
// in the first of them. What was removed is fault.Gone to those who could read it.
func (s Store) Read(ctx context.Context, seat community.Seat, number, page int, besides ...postgres.Besides) (Thread, error) {
	if err := seat.MaySee(); err != nil {
		return Thread{}, err
	}
	page = min(max(page, 1), 1_000_000)
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "after": (page - 1) * PerPage, "upto": page * PerPage, "now": s.now()})
	found := Thread{Page: page}
	gone, top := false, 0
	var more has
	b := &pgx.Batch{}
	b.Queue(topSQL, args).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, append([]any{&gone, &found.Order.PinnedAt, &found.Order.LockedAt, &found.Order.Reason, &found.Order.MayRemove, &found.Title, &found.Audience, &found.ActiveAt, &found.Form, &found.Count, &found.Last, &found.Read,
			&found.Tags, &more.trail, &more.events, &more.files}, found.Post.scan()...), func() error { top++; return nil })
		return err
	})
	b.Queue(repliesSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		found.Replies, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Post, error) {
			var p Post
			err := row.Scan(append([]any{&p.Answers, &p.Removal}, p.scan()...)...)
			return p.withheld(), err
		})
		return err
	})
	for _, besides := range besides {
		besides(b)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return found, fmt.Errorf("discussion %d: %w", number, err)
	}
	if top == 0 {
		return found, fmt.Errorf("discussion %d: %w", number, fault.NotFound)
	}
	if gone {
		return found, fmt.Errorf("discussion %d: %w", number, fault.Gone)
	}
	if err := s.readMore(ctx, &found, more, args); err != nil {
		return found, fmt.Errorf("discussion %d: %w", number, err)
	}
	found.Number = number
	found.Post.Number = 0
	found.Pages = max(1, (found.Last+PerPage-1)/PerPage)
	if page > found.Pages {
		return found, fmt.Errorf("discussion %d, page %d: %w", number, page, fault.NotFound)
	}
	return found, nil
}

// readMore reads what few threads have.
func (s Store) readMore(ctx context.Context, found *Thread, more has, args pgx.NamedArgs) error {
	args["id"] = found.ID
	var files []file.File
	b := &pgx.Batch{}
	if more.trail {
		b.Queue(item.TrailSQL, args).Query(collect(&found.Trail, pgx.RowToStructByName[item.Step]))
	}
	if more.events {
		b.Queue(eventsSQL, args).Query(collect(&found.Events, scanEvent))
	}
	if more.files {
		b.Queue(filesSQL, args).Query(collect(&files, pgx.RowToStructByName[file.File]))
	}
	if b.Len() == 0 {
		return nil
	}
	err := s.db.SendBatch(ctx, b).Close()
	found.attach(file.ByItem(files))
	return err
}

func collect[T any](into *[]T, scan pgx.RowToFunc[T]) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var err error
		*into, err = pgx.CollectRows(rows, scan)
		return err
	}
}

// filesSQL selects the files of the posts of thread @id on a page.
const filesSQL = `select ` + file.Columns + ` from item_file f join item i on i.id = f.item_id
	where f.top_id = @id and f.community_id = @community and i.community_id = @community and i.removed_at is null
		and (i.id = @id or i.number > @after and i.number <= @upto) and ` + community.Visible + ` order by f.item_id, f.position, f.id`

func (t *Thread) attach(files map[item.ID][]file.File) {
	t.Files = files[t.ID]
	for i := range t.Replies {
		t.Replies[i].Files = files[t.Replies[i].ID]
	}
}

// PageOf is the page on which a reply stands.
func PageOf(reply int) int { return max(1, (reply+PerPage-1)/PerPage) }

// Source is a discussion (reply 0) or a reply as it was written.
type Source struct {
	ID       item.ID
	Title    string
	Body     string
	Lang     locale.Lang
	Audience item.Audience
	Revision int
	Form     string
	Author   item.Voice
	Tags     []string
}

// Written is the text of a discussion (reply 0) or a reply as its author typed it, for quoting and editing.
func (s Store) Written(ctx context.Context, seat community.Seat, number, reply int) (Source, error) {
	id, _, err := s.find(ctx, seat, number, reply)
	if err != nil {
		return Source{}, err
	}
	var out Source
	err = s.db.QueryRow(ctx, `select i.id, i.title, t.body, i.lang, i.audience, i.revision, coalesce(d.form, ''),
			array(select g.name from item_tag it join tag g on g.id = it.tag_id where it.item_id = i.id order by g.key), `+item.VoiceColumns+`
		from item i join item_text t on t.item_id = i.id left join discussion d on d.item_id = i.id `+item.VoiceJoins+` where i.community_id = @community and i.id = @id`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id})).
		Scan(append([]any{&out.ID, &out.Title, &out.Body, &out.Lang, &out.Audience, &out.Revision, &out.Form, &out.Tags}, out.Author.Scan()...)...)
	if err != nil {
		return out, fmt.Errorf("text of discussion %d, reply %d: %w", number, reply, err)
	}
	return out, nil
}

func excerpt(html string) string { return markup.Excerpt(markup.Plain(html), 180) }
