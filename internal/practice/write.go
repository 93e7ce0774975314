package practice

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

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

// Text is what people write in an entry. One that others read needs a title, and nothing else.
type Text struct {
	Form   Form
	Title  string
	Lang   locale.Lang
	Fields Fields
	Facts
	Audience item.Audience
	Tags     []string
	Topics   []string      // keys
	Files    []file.Choice // nil: as they are
}

// most is how long a part may be, in characters: what is told freely is the whole text.
func (p Part) most() int {
	if p == Told {
		return item.MaxBody
	}
	return MaxPart
}

func (t Text) check(private bool) error {
	var in fault.Invalid
	in.Check(t.Form.Known(), "form", "choose")
	in.Check(locale.Known(string(t.Lang)), "lang", "choose")
	written := 0
	for p, text := range t.Fields {
		in.Check(!t.Form.Known() || slices.Contains(t.Form.Parts(), p), "form", "choose")
		field := string(p)
		in.Check(utf8.RuneCountInString(text) <= p.most(), field, "too-long", "max", p.most())
		written += utf8.RuneCountInString(text)
	}
	if in.Err() == nil { // the parts with their names may be too long together, each of them short enough
		field := string(t.Form.First())
		in.Check(utf8.RuneCountInString(t.body()) <= item.MaxBody, field, "too-long-together", "max", item.MaxBody)
	}
	if t.Audience != item.Draft || t.Title != "" || written == 0 {
		item.CheckTitle(&in, t.Title)
	}
	t.Facts.check(&in)
	item.CheckTags(&in, t.Tags)
	in.Check(len(t.Topics) <= MaxTopics, "topics", "too-many", "max", MaxTopics)
	checkAudience(&in, t.Audience, private)
	file.Check(&in, t.Files)
	return in.Err()
}

// body is the text as one; of a form and language that were judged.
func (t Text) body() string { return Compose(t.Form, t.Lang, t.Fields) }

func (t Text) args() pgx.NamedArgs {
	return t.Facts.args(pgx.NamedArgs{"form": t.Form, "fields": t.Fields, "topics": t.Topics})
}

// Heard is something said in passing.
type Heard struct {
	Body    string
	Lang    locale.Lang
	Request uuid.UUID
}

// Note takes down what was heard, as an experience in draft. The same form sent again gets the first one.
func (s Store) Note(ctx context.Context, seat community.Seat, h Heard) (item.Made, error) {
	var in fault.Invalid
	item.Check(&in, h.Body, h.Lang)
	if err := in.Err(); err != nil {
		return item.Made{}, err
	}
	n := New{Text: Text{Form: Experience, Lang: h.Lang, Fields: Fields{Told: h.Body}, Audience: item.Draft}, Request: h.Request, verb: "entry.note"}
	return s.Begin(ctx, seat, n)
}

// New is an entry to be made.
type New struct {
	Text
	Request uuid.UUID
	Sources []NewSource // words said elsewhere out of which it grows
	verb    string
}

// Begin writes a new entry. The same form sent again gets the first one.
func (s Store) Begin(ctx context.Context, seat community.Seat, n New) (made item.Made, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		made, err = s.BeginIn(ctx, tx, seat, n)
		return err
	})
	return made, err
}

// BeginIn is Begin inside a transaction of somebody else.
func (s Store) BeginIn(ctx context.Context, tx pgx.Tx, seat community.Seat, n New) (item.Made, error) {
	if err := seat.Must(community.WriteEntry); err != nil {
		return item.Made{}, err
	}
	if err := n.check(seat.Private); err != nil {
		return item.Made{}, err
	}
	names, err := s.On(tx).items.Resolve(ctx, seat, n.Title+"\n\n"+n.body())
	if err != nil {
		return item.Made{}, err
	}
	first, err := item.Claim(ctx, tx, seat, n.Request, s.now())
	if err != nil {
		return item.Made{}, err
	}
	if first != nil {
		return *first, nil
	}
	verb := n.verb
	if verb == "" {
		verb = "entry.begin"
	}
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "entry", Title: n.Title, Lang: n.Lang, Body: n.body(), Audience: n.Audience, Verb: verb, Request: n.Request, Names: names, Tags: n.Tags},
		item.Part{Name: "written", SQL: `insert into entry (item_id, community_id, form, fields, shared_at, ` + factColumns + `)
			select id, community_id, @form, @fields, case when audience < 3 then created_at end, ` + factValues + ` from made returning item_id, community_id`, Args: n.args()},
		item.Part{Name: "about", SQL: `insert into entry_topic (community_id, entry_id, topic_id) select w.community_id, w.item_id, t.id from written w, topic t where t.key = any(@topics::text[]) and t.retired_at is null`},
		search.Row(n.Summary, n.Fields.plain(n.Form)))
	if err != nil {
		return made, fmt.Errorf("begin an entry: %w", err)
	}
	if err := s.takeIn(ctx, tx, seat, made.ID, n); err != nil {
		return made, err
	}
	return made, file.Attach(ctx, tx, seat, made.ID, n.Files)
}

// Edit is a changed entry.
type Edit struct {
	ID item.ID // as Written gives it
	Text
	Revision int // from which it started
}

// Revise changes an entry, and with whom it is shared; those who write it may.
func (s Store) Revise(ctx context.Context, seat community.Seat, number int, e Edit) error {
	found, err := s.findMine(ctx, seat, number)
	if err != nil {
		return err
	}
	if err := e.check(seat.Private); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, e.Title+"\n\n"+e.body())
	if err != nil {
		return err
	}
	verb, concerned := "entry.revise", []int64{}
	if found.audience == item.Draft && e.Audience != item.Draft {
		verb = "entry.share"
		if concerned, err = s.coAuthors(ctx, seat, found.id); err != nil {
			return err
		}
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.items.Revise(ctx, tx, seat, found.id, item.Change{Revision: e.Revision, Title: e.Title, Lang: e.Lang, Body: e.body(), Names: names, Verb: verb, Concerned: concerned}); err != nil {
			return err
		}
		if err := s.items.Widen(ctx, tx, seat, found.id, e.Audience); err != nil {
			return err
		}
		if err := s.items.Retag(ctx, tx, seat, found.id, e.Tags); err != nil {
			return err
		}
		if err := s.rewrite(ctx, tx, seat, found.id, e.Text, verb == "entry.share"); err != nil {
			return fmt.Errorf("revise entry %d: %w", number, err)
		}
		if err := s.settleSources(ctx, tx, seat, found.id, e.Text, verb == "entry.share"); err != nil {
			return err
		}
		if err := file.Attach(ctx, tx, seat, found.id, e.Files); err != nil {
			return err
		}
		return search.Renew(ctx, tx, found.id, e.Lang, e.Title, e.Summary, e.Fields.plain(e.Form))
	})
}

// rewrite stores what an entry has beside every item. What is shared is new to everybody else from then on.
func (s Store) rewrite(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, t Text, shared bool) error {
	args := t.args()
	args["id"], args["community"], args["now"], args["audience"] = id, seat.Community, s.now(), int(t.Audience)
	b := &pgx.Batch{}
	b.Queue(`update entry set form = @form, fields = @fields, shared_at = case when @audience::int < 3 then coalesce(shared_at, @now) else shared_at end, (`+factColumns+`) = (`+factValues+`)
		where community_id = @community and item_id = @id`, args)
	b.Queue(`delete from entry_topic et using topic t where et.community_id = @community and et.entry_id = @id and t.id = et.topic_id and t.key <> all(@topics::text[])`, args)
	b.Queue(`insert into entry_topic (community_id, entry_id, topic_id) select @community, @id, t.id from topic t where t.key = any(@topics::text[]) and t.retired_at is null on conflict do nothing`, args)
	if shared {
		b.Queue(`update item set active_at = @now where community_id = @community and id = @id`, args)
	}
	return tx.SendBatch(ctx, b).Close()
}
