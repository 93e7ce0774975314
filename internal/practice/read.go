package practice

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
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

// PerList is how many entries stand on one page of the list.
const PerList = 30

// Filter says which entries a list shows; empty fields filter nothing.
type Filter struct {
	Tag    string // its key
	Mine   bool   // by the reader
	Drafts bool
	Before string
	After  string // cursors that a List gave
}

// Row is an entry in a list.
type Row struct {
	ID       item.ID
	Number   int
	Form     Form
	Title    string
	Lang     locale.Lang
	Excerpt  string
	Audience item.Audience
	At       time.Time
	ActiveAt time.Time
	Author   item.Voice
}

// Page is one page of a list, the most recently active first.
type Page struct {
	Rows  []Row
	Newer string // cursor for Filter.After; empty on the first page
	Older string // cursor for Filter.Before; empty on the last page
}

// List is a page of the repertoire of a community, as far as the seat may read it.
func (s Store) List(ctx context.Context, seat community.Seat, f Filter) (Page, error) {
	if err := seat.MaySee(); err != nil {
		return Page{}, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "limit": PerList + 1})
	where, err := f.conditions(args)
	if err != nil {
		return Page{}, err
	}
	rows, err := s.db.Query(ctx, `select i.id, i.number, e.form, i.title, i.lang, left(x.html, 1600), i.audience, i.created_at, i.active_at, `+item.VoiceColumns+`
		from item i join entry e on e.item_id = i.id join item_text x on x.item_id = i.id `+item.VoiceJoins+`
		where i.community_id = @community and i.kind = 'entry' and i.parent_id is null and i.removed_at is null and `+community.Visible+where+` limit @limit`, args)
	if err != nil {
		return Page{}, fmt.Errorf("repertoire: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Row, error) {
		var r Row
		err := row.Scan(append([]any{&r.ID, &r.Number, &r.Form, &r.Title, &r.Lang, &r.Excerpt, &r.Audience, &r.At, &r.ActiveAt}, r.Author.Scan()...)...)
		r.Excerpt = markup.Excerpt(markup.Plain(r.Excerpt), 240)
		return r, err
	})
	if err != nil {
		return Page{}, fmt.Errorf("repertoire: %w", err)
	}
	return f.page(found), nil
}

func (f Filter) conditions(args pgx.NamedArgs) (string, error) {
	var where strings.Builder
	if f.Tag != "" {
		where.WriteString(" and exists (select from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id and t.community_id = @community and t.key = lower(@tag))")
		args["tag"] = f.Tag
	}
	if f.Mine {
		where.WriteString(" and (i.author_id = @me or " + written + ")")
	}
	if f.Drafts {
		where.WriteString(" and i.audience = 3")
	}
	order, cursor, sign := " order by i.active_at desc, i.id desc", f.Before, "<"
	if f.After != "" {
		order, cursor, sign = " order by i.active_at, i.id", f.After, ">"
	}
	if cursor != "" {
		at, id, ok := readCursor(cursor)
		if !ok {
			return "", fmt.Errorf("cursor %q: %w", cursor, fault.NotFound)
		}
		where.WriteString(" and (i.active_at, i.id) " + sign + " (@at, @id)")
		args["at"], args["id"] = at, id
	}
	return where.String() + order, nil
}

// page cuts the row that only tells that there is more, and sets the cursors.
func (f Filter) page(rows []Row) Page {
	more := len(rows) > PerList
	if more {
		rows = rows[:PerList]
	}
	newer, older := f.Before != "", more
	if f.After != "" {
		slices.Reverse(rows)
		newer, older = more, true
	}
	p := Page{Rows: rows}
	if len(rows) > 0 && newer {
		p.Newer = rows[0].cursor()
	}
	if len(rows) > 0 && older {
		p.Older = rows[len(rows)-1].cursor()
	}
	return p
}

func (r Row) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%d.%d", r.ActiveAt.UnixMicro(), r.ID)))
}

func readCursor(s string) (at time.Time, id int64, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return at, 0, false
	}
	micro, rest, found := strings.Cut(string(raw), ".")
	m, err1 := strconv.ParseInt(micro, 10, 64)
	id, err2 := strconv.ParseInt(rest, 10, 64)
	return time.UnixMicro(m).UTC(), id, found && err1 == nil && err2 == nil
}

// Whole is an entry with what its page shows.
type Whole struct {
	Entry
	Mine      bool // the reader writes it
	Own       bool // and says who else does
	CoAuthors []CoAuthor
	Regard    Regard
	Files     []file.File
	Tags      []item.Tag
	Topics    []Topic
	Trail     []item.Step
	Cite      Citable

	Sources []Source // words said elsewhere out of which it grew
}

// columns of an entry, of item i and entry e; beside the voice of the author.
const columns = `i.id, i.number, i.community_id, e.form, i.title, i.lang, x.html, e.fields, i.audience, i.created_at, i.active_at, i.edited_at, e.shared_at, i.revision, e.uses, e.cities, ` +
	`e.summary, e.place, e.latitude, e.longitude, e.happened, e.url, e.quoting, `

func (e *Entry) scan() []any {
	all := append([]any{&e.ID, &e.Number, &e.Community, &e.Form, &e.Title, &e.Lang, &e.HTML, &e.Fields, &e.Audience, &e.At, &e.ActiveAt, &e.Edited, &e.SharedAt, &e.Revision, &e.Uses, &e.Cities}, e.Facts.scan()...)
	return append(all, e.Author.Scan()...)
}

// Read is an entry with what its page shows, in one round trip after it was found. What was removed is fault.Gone to those who could read it.
func (s Store) Read(ctx context.Context, seat community.Seat, number int) (Whole, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return Whole{}, err
	}
	w := Whole{Mine: found.mine, Own: found.own}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "lang": locale.Of(ctx)})
	b := &pgx.Batch{}
	b.Queue(`select `+columns+item.VoiceColumns+` from item i join entry e on e.item_id = i.id join item_text x on x.item_id = i.id `+item.VoiceJoins+` where i.community_id = @community and i.id = @id`, args).
		QueryRow(func(row pgx.Row) error { return row.Scan(w.scan()...) })
	b.Queue(`select t.key, t.name, 0 as items from item_tag it join tag t on t.id = it.tag_id where it.community_id = @community and it.item_id = @id order by t.key`, args).Query(func(rows pgx.Rows) error {
		var err error
		w.Tags, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Tag])
		return err
	})
	queueTopics(b, args, &w.Topics)
	queueCitable(b, args, &w.Cite)
	queueSources(b, args, &w.Sources)
	queueCoAuthors(b, args, &w.CoAuthors)
	queueRegard(b, args, &w.Regard)
	queueFiles(b, args, &w.Files)
	b.Queue(item.TrailSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		w.Trail, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Step])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return w, fmt.Errorf("entry %d: %w", number, err)
	}
	return w, nil
}

// Written is an entry as its authors typed it, for editing.
func (s Store) Written(ctx context.Context, seat community.Seat, number int) (Edit, error) {
	found, err := s.findMine(ctx, seat, number)
	if err != nil {
		return Edit{}, err
	}
	e := Edit{ID: found.id}
	err = s.db.QueryRow(ctx, `select e.form, i.title, i.lang, e.fields, i.audience, i.revision, array(select t.name from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id order by t.key),
			array(select t.key from entry_topic et join topic t on t.id = et.topic_id where et.entry_id = i.id order by t.position), e.summary, e.place, e.latitude, e.longitude, e.happened, e.url, e.quoting
		from item i join entry e on e.item_id = i.id where i.community_id = $1 and i.id = $2`, seat.Community, found.id).
		Scan(append([]any{&e.Form, &e.Title, &e.Lang, &e.Fields, &e.Audience, &e.Revision, &e.Tags, &e.Topics}, e.Facts.scan()...)...)
	if err != nil {
		return e, fmt.Errorf("text of entry %d: %w", number, err)
	}
	return e, nil
}

// History of an entry, the newest state first.
func (s Store) History(ctx context.Context, seat community.Seat, number int) ([]item.Revision, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return nil, err
	}
	withheld, err := s.withheld(ctx, seat, found.id)
	if err != nil {
		return nil, err
	}
	states, err := s.items.History(ctx, seat, found.id)
	return hush(states, withheld), err
}

// written holds for an item i that the reader writes together with its author.
const written = `exists (select from entry_author w where w.entry_id = i.id and w.account_id = @me)`

// findMine is where an entry stands that the seat is one of those to write.
func (s Store) findMine(ctx context.Context, seat community.Seat, number int) (found, error) {
	f, err := s.find(ctx, seat, number)
	if err == nil && !f.mine {
		err = fmt.Errorf("entry %d of somebody else: %w", number, fault.Forbidden)
	}
	if err == nil {
		err = seat.Must(community.WriteEntry)
	}
	return f, err
}

// found is where an entry stands.
type found struct {
	id       item.ID
	audience item.Audience
	mine     bool // the seat is one of those who write it
	own      bool // and says who else does
}

// find is where an entry stands, when the seat may read it.
func (s Store) find(ctx context.Context, seat community.Seat, number int) (found, error) {
	var f found
	if err := seat.MaySee(); err != nil {
		return f, err
	}
	removed := false
	err := s.db.QueryRow(ctx, `select i.id, i.audience, coalesce(i.author_id = @me, false) or `+written+`, coalesce(i.author_id = @me, i.author_id is null and `+written+`, false), i.removed_at is not null from item i
		where i.community_id = @community and i.kind = 'entry' and i.number = @number and i.parent_id is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number})).Scan(&f.id, &f.audience, &f.mine, &f.own, &removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return f, fmt.Errorf("entry %d: %w", number, fault.NotFound)
	case err != nil:
		return f, fmt.Errorf("entry %d: %w", number, err)
	case removed:
		return f, fmt.Errorf("entry %d: %w", number, fault.Gone)
	}
	return f, nil
}
