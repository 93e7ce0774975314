package practice

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

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
	Life      Life
	Used      Evidence
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
	s.queueLife(b, seat, args, &w.Life)
	queueEvidence(b, args, s.now(), &w.Used)
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
