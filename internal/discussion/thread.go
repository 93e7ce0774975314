package discussion

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
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

const postColumns = `i.id, i.number, i.lang, t.html, i.created_at, i.edited_at, i.revision, coalesce(k.n, 0), coalesce(k.mine, false), ` + item.VoiceColumns

// thanked joins how many thanked for item i, and whether the reader did.
const thanked = ` left join lateral (select count(*) as n, bool_or(h.account_id = @me) as mine from thanks h where h.item_id = i.id) k on true `

func (p *Post) scan() []any {
	return append([]any{&p.ID, &p.Number, &p.Lang, &p.HTML, &p.At, &p.Edited, &p.Revision, &p.Thanks, &p.Thanked}, p.Author.Scan()...)
}

const topSQL = `select i.removed_at is not null, ` + orderColumns + `, i.title, i.audience, i.active_at, d.form, d.replies, d.last_number, coalesce(r.number, -1), ` + postColumns + `
	from item i join discussion d on d.item_id = i.id join item_text t on t.item_id = i.id left join read_mark r on r.item_id = i.id and r.account_id = @me ` + thanked + item.VoiceJoins + `
	where i.community_id = @community and i.kind = 'discussion' and i.number = @number and i.parent_id is null and ` + community.Visible

const theThread = `(select p.id from item p where p.community_id = @community and p.kind = 'discussion' and p.number = @number and p.parent_id is null)`

const repliesSQL = `select p.answers, ` + item.RemovalColumns + `, ` + postColumns + `
	from item i join reply p on p.item_id = i.id join item_text t on t.item_id = i.id ` + thanked + item.VoiceJoins + `
	where i.parent_id = ` + theThread + ` and i.kind = 'reply' and i.number > @after and i.number <= @upto and ` + community.Visible + ` order by i.number`

const tagsSQL = `select t.key, t.name, 0 as items from item_tag it join tag t on t.id = it.tag_id where it.item_id = ` + theThread + ` order by t.key`

// Read is a page of a discussion, in one round trip. What was removed is fault.Gone to those who could read it.
func (s Store) Read(ctx context.Context, seat community.Seat, number, page int) (Thread, error) {
	if err := seat.MaySee(); err != nil {
		return Thread{}, err
	}
	page = min(max(page, 1), 1_000_000)
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "after": (page - 1) * PerPage, "upto": page * PerPage, "now": s.now()})
	found := Thread{Page: page}
	gone := false
	top := 0
	b := &pgx.Batch{}
	b.Queue(topSQL, args).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, append([]any{&gone, &found.Order.PinnedAt, &found.Order.LockedAt, &found.Order.Reason, &found.Order.MayRemove, &found.Title, &found.Audience, &found.ActiveAt, &found.Form, &found.Count, &found.Last, &found.Read}, found.Post.scan()...),
			func() error { top++; return nil })
		return err
	})
	b.Queue(repliesSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		found.Replies, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Post, error) {
			var p Post
			err := row.Scan(append(append([]any{&p.Answers}, p.Removal.Scan()...), p.scan()...)...)
			return p.withheld(), err
		})
		return err
	})
	b.Queue(tagsSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		found.Tags, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Tag])
		return err
	})
	var files []file.File
	b.Queue(filesSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		files, err = pgx.CollectRows(rows, pgx.RowToStructByName[file.File])
		return err
	})
	b.Queue(trailSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		found.Trail, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Step])
		return err
	})
	b.Queue(eventsSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		found.Events, err = pgx.CollectRows(rows, scanEvent)
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return found, fmt.Errorf("discussion %d: %w", number, err)
	}
	if top == 0 {
		return found, fmt.Errorf("discussion %d: %w", number, fault.NotFound)
	}
	if gone {
		return found, fmt.Errorf("discussion %d: %w", number, fault.Gone)
	}
	found.attach(file.ByItem(files))
	found.Number = number
	found.Post.Number = 0
	found.Pages = max(1, (found.Last+PerPage-1)/PerPage)
	if page > found.Pages {
		return found, fmt.Errorf("discussion %d, page %d: %w", number, page, fault.NotFound)
	}
	return found, nil
}

// filesSQL selects the files of the posts on a page.
const filesSQL = `with thread as (select ` + theThread + ` as id), posts as (
		select id from thread
		union all
		select r.id from thread t join item r on r.parent_id = t.id and r.kind = 'reply' and r.number > @after and r.number <= @upto)
	select ` + file.Columns + ` from posts join item i on i.id = posts.id join item_file f on f.community_id = i.community_id and f.item_id = i.id
	where i.community_id = @community and i.removed_at is null and ` + community.Visible + ` order by f.item_id, f.position, f.id`

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

var trailSQL = strings.ReplaceAll(item.TrailSQL, "@id", theThread)

func excerpt(html string) string { return markup.Excerpt(markup.Plain(html), 180) }
