package programme

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"urbanfluxes.eu/koinon/internal/markup"
)

// loadOrder reads what people keep beside the texts: moves and reports, who follows and has read what, drafts, and who asked discreetly.
func loadOrder(ctx context.Context, l *loading) error {
	var id, other int64
	var kind string
	var number int
	err := l.each(ctx, `select community_id, kind, number, item_id from item_moved order by kind collate "C", number`, []any{&id, &kind, &number, &other}, func() error {
		c := l.communities[id]
		c.Moved = append(c.Moved, moved{From: letters[kind] + "-" + strconv.Itoa(number), Item: l.pieces[other].ref})
		return nil
	})
	if err != nil {
		return err
	}
	var by, settler *int64
	var p report
	err = l.each(ctx, `select community_id, item_id, account_id, reason, at, settled_at, settled_by, outcome, note from report order by at, id`,
		[]any{&id, &other, &by, &p.Reason, &p.At, &p.SettledAt, &settler, &p.Outcome, &p.Note}, func() error {
			p.Item, p.By, p.SettledBy = l.pieces[other].ref, l.who(by), l.who(settler)
			l.communities[id].Reports = append(l.communities[id].Reports, p)
			return nil
		})
	if err != nil {
		return err
	}
	if err := l.kept(ctx); err != nil {
		return err
	}
	l.book.sort()
	return nil
}

// kept reads who follows and has read what, drafts, and who asked discreetly.
func (l *loading) kept(ctx context.Context) error {
	var id, other int64
	var in, on *int64
	var f follow
	err := l.each(ctx, `select account_id, community_id, item_id, level, at from follow`, []any{&id, &in, &on, &f.Level, &f.At}, func() error {
		f.Person, f.Community, f.Item = l.handles[id], l.where(in), l.what(on)
		l.book.Follows = append(l.book.Follows, f)
		return nil
	})
	if err != nil {
		return err
	}
	var m mark
	err = l.each(ctx, `select account_id, item_id, number, at from read_mark`, []any{&id, &other, &m.Number, &m.At}, func() error {
		m.Person, m.Item = l.handles[id], l.pieces[other].ref
		l.book.Marks = append(l.book.Marks, m)
		return nil
	})
	if err != nil {
		return err
	}
	var d draft
	var fields string
	err = l.each(ctx, `select account_id, place, fields::text, tab, revision, at from draft`, []any{&id, &d.Place, &fields, &d.Tab, &d.Revision, &d.At}, func() error {
		d.Person, d.Fields = l.handles[id], json.RawMessage(fields)
		l.book.Drafts = append(l.book.Drafts, d)
		return nil
	})
	if err != nil {
		return err
	}
	var by *int64
	return l.each(ctx, `select item_id, account_id from discreet_author`, []any{&other, &by}, func() error {
		l.book.Discreet = append(l.book.Discreet, discreet{Item: l.pieces[other].ref, By: l.who(by)})
		return nil
	})
}

// sort gives what has no order of its own one that never changes.
func (b *book) sort() {
	slices.SortFunc(b.Follows, func(x, y follow) int {
		return compare(0, x.Person, y.Person, x.Community, y.Community, x.Item, y.Item)
	})
	slices.SortFunc(b.Marks, func(x, y mark) int { return compare(0, x.Person, y.Person, x.Item, y.Item) })
	slices.SortFunc(b.Drafts, func(x, y draft) int { return compare(0, x.Person, y.Person, x.Place, y.Place) })
	slices.SortFunc(b.Discreet, func(x, y discreet) int { return compare(0, x.Item, y.Item) })
}

func writeOrder(b *book, w *writing) error {
	for _, c := range b.Communities {
		raw, err := list(c.Moved)
		if err := w.file(c.folder()+"/moved.json", raw, err); err != nil {
			return err
		}
		raw, err = list(c.Reports)
		if err := w.file(c.folder()+"/reports.json", raw, err); err != nil {
			return err
		}
	}
	raw, err := lines(b.Follows)
	if err := w.file("follows.jsonl", raw, err); err != nil {
		return err
	}
	raw, err = lines(b.Marks)
	if err := w.file("read.jsonl", raw, err); err != nil {
		return err
	}
	raw, err = lines(b.Drafts)
	if err := w.file("drafts.jsonl", raw, err); err != nil {
		return err
	}
	raw, err = list(b.LettersOff)
	if err := w.file("letters-off.json", raw, err); err != nil {
		return err
	}
	raw, err = list(b.Discreet)
	return w.file("discreet.json", raw, err)
}

func readOrder(r *reading) {
	for _, c := range r.book.Communities {
		c.Moved = listOf(r, c.folder()+"/moved.json", func(m *moved) *place { return &m.at })
		c.Reports = listOf(r, c.folder()+"/reports.json", func(p *report) *place { return &p.at })
		for _, m := range c.Moved {
			if kind, number := movedFrom(m); kind == "" || number < 1 {
				r.refused.note(m.at, "from: %q is no number like \"T-3\"", m.From)
			}
		}
	}
	r.book.Follows = linesOf(r, "follows.jsonl", func(f *follow) *place { return &f.at })
	r.book.Marks = linesOf(r, "read.jsonl", func(m *mark) *place { return &m.at })
	r.book.Drafts = linesOf(r, "drafts.jsonl", func(d *draft) *place { return &d.at })
	r.book.LettersOff = listOf(r, "letters-off.json", func(o *lettersOff) *place { return &o.at })
	r.book.Discreet = listOf(r, "discreet.json", func(d *discreet) *place { return &d.at })
}

// movedFrom is the kind and number under which an item stood before.
func movedFrom(m moved) (kind string, number int) {
	letter, digits, _ := strings.Cut(m.From, "-")
	number, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(number) != digits {
		return "", 0
	}
	return markup.Kinds[letter], number
}

func checkOrder(r *reading) {
	follows, marks, drafts, asked := once{}, once{}, once{}, once{}
	for _, f := range r.book.Follows {
		follows.see(r, f.at, f.Person+" "+f.Community+" "+f.Item, "a follow")
		if f.Community != "" && f.Item != "" {
			r.refused.note(f.at, "a follow names a community or an item, not both")
		}
	}
	for _, m := range r.book.Marks {
		marks.see(r, m.at, m.Person+" "+m.Item, "a mark")
	}
	for _, d := range r.book.Drafts {
		drafts.see(r, d.at, d.Person+" "+d.Place, "a draft")
		r.typed(d)
	}
	off := once{}
	for _, o := range r.book.LettersOff {
		off.see(r, o.at, o.Person+" "+o.Community+" "+o.Letters, "a choice")
	}
	for _, d := range r.book.Discreet {
		asked.see(r, d.at, d.Item, "an item")
	}
	for _, c := range r.book.Communities {
		open := once{}
		for _, p := range c.Reports {
			if !strings.HasPrefix(p.Item, c.Record.Slug+"/") {
				r.refused.note(p.at, "item: %s stands in another community", p.Item)
			}
			if p.SettledAt.IsZero() && p.By != "" {
				open.see(r, p.at, p.By+" "+p.Item, "an open report")
			}
		}
	}
}

func storeOrder(ctx context.Context, s *storing) error {
	h := &shelf{tables: []struct{ name, columns string }{
		{"item_moved", "community_id kind number item_id"}, {"report", "community_id item_id account_id reason at settled_at settled_by outcome note"},
		{"follow", "account_id community_id item_id level at"}, {"read_mark", "account_id item_id number at"}, {"draft", "account_id place fields tab revision at"}, {"discreet_author", "item_id account_id"}, {"mail_off", "account_id community_id letters at"},
	}}
	for _, c := range s.book.Communities {
		in := s.communities[c.Record.Slug]
		for _, m := range c.Moved {
			kind, number := movedFrom(m)
			h.put("item_moved", in, kind, number, s.what(m.Item))
		}
		for _, p := range c.Reports {
			h.put("report", in, s.what(p.Item), s.who(p.By), p.Reason, p.At, p.SettledAt, s.who(p.SettledBy), p.Outcome, p.Note)
		}
	}
	for _, f := range s.book.Follows {
		h.put("follow", s.who(f.Person), s.where(f.Community), s.what(f.Item), f.Level, f.At)
	}
	for _, m := range s.book.Marks {
		h.put("read_mark", s.who(m.Person), s.what(m.Item), m.Number, m.At)
	}
	for _, d := range s.book.Drafts {
		h.put("draft", s.who(d.Person), d.Place, orObject(d.Fields), d.Tab, d.Revision, d.At)
	}
	for _, o := range s.book.LettersOff {
		h.put("mail_off", s.who(o.Person), s.where(o.Community), o.Letters, o.At)
	}
	for _, d := range s.book.Discreet {
		h.put("discreet_author", s.what(d.Item), s.who(d.By))
	}
	if err := s.shelf(ctx, h); err != nil {
		return fmt.Errorf("order: %w", err)
	}
	return nil
}
