package programme

import (
	"context"
	"fmt"
	"slices"
)

// folders of the kinds that stand by themselves.
var folders = []struct{ kind, name string }{{"discussion", "discussions"}, {"meeting", "meetings"}, {"decision", "decisions"}, {"action", "actions"}, {"entry", "repertoire"}, {"product", "products"}, {"criterion", "criteria"}}

// below are the kinds that stand under another, and how several of them are called.
var below = map[string]struct{ kind, name string }{"discussion": {"reply", "replies"}, "criterion": {"claim", "claims"}, "product": {"release", "releases"}}

var audiences = []string{"public", "programme", "community", "draft"}

// made is an empty item of a kind.
func made(kind string) detail {
	switch kind {
	case "discussion":
		return &discussion{}
	case "reply":
		return &reply{}
	case "meeting":
		return &gathering{}
	case "decision":
		return &settlement{}
	case "action":
		return &task{}
	case "criterion":
		return &need{}
	case "claim":
		return &claim{}
	case "product":
		return &endProduct{}
	case "release":
		return &release{}
	default:
		return &repertoireEntry{}
	}
}

func loadItems(ctx context.Context, l *loading) error {
	var id, in int64
	var parent, author, updater, remover *int64
	var audience int
	var kind, body, reason string
	var removed, withdrawn, hidden Moment
	var i thing
	err := l.each(ctx, `select i.id, i.community_id, i.kind, i.number, i.parent_id, i.title, i.lang, i.author_id, i.audience, i.revision, i.created_at, i.updated_at, i.updated_by, i.edited_at, i.active_at,
			i.removed_at, i.removed_by, i.removed_reason, i.withdrawn_at, i.hidden_at, coalesce(t.body, '')
		from item i left join item_text t on t.item_id = i.id order by i.parent_id is not null, i.kind, i.parent_id, i.number`,
		[]any{&id, &in, &kind, &i.Number, &parent, &i.Title, &i.Lang, &author, &audience, &i.Revision, &i.CreatedAt, &i.UpdatedAt, &updater, &i.EditedAt, &i.ActiveAt, &removed, &remover, &reason, &withdrawn, &hidden, &body},
		func() error {
			i.Part, i.Audience, i.Author, i.UpdatedBy, i.Removed = kind, audiences[audience], l.who(author), l.who(updater), nil
			if !removed.IsZero() {
				i.Removed = &removal{removed, l.who(remover), reason, withdrawn, hidden}
			}
			p := &piece{kind: kind, Detail: made(kind), Body: body}
			*p.common() = i
			if parent != nil {
				p.parent = l.pieces[*parent]
			}
			p.ref = reference(l.communities[in].Record.Slug, p)
			l.pieces[id] = p
			l.communities[in].Pieces = append(l.communities[in].Pieces, p)
			return nil
		})
	if err != nil {
		return err
	}
	for _, more := range []func(context.Context) error{l.kinds, l.meetings, l.criteria, l.repertoire, l.states, l.connections, l.help, l.files} {
		if err := more(ctx); err != nil {
			return err
		}
	}
	return nil
}

// kinds reads what each kind of item adds.
func (l *loading) kinds(ctx context.Context) error {
	var id int64
	var form, reason string
	var pinned, locked Moment
	err := l.each(ctx, `select item_id, form, pinned_at, locked_at, locked_reason from discussion`, []any{&id, &form, &pinned, &locked, &reason}, func() error {
		d := l.pieces[id].Detail.(*discussion)
		d.Form, d.PinnedAt, d.LockedAt, d.LockedReason = form, pinned, locked, reason
		return nil
	})
	if err != nil {
		return err
	}
	var answers *int
	return l.each(ctx, `select item_id, answers from reply where answers is not null`, []any{&id, &answers}, func() error {
		n := *answers
		l.pieces[id].Detail.(*reply).Answers = &n
		return nil
	})
}

// states reads the earlier states of texts.
func (l *loading) states(ctx context.Context) error {
	var id int64
	var by *int64
	var w words[past]
	w.Head.Part = "state"
	return l.each(ctx, `select item_id, revision, title, lang, body, detail, by_id, at from item_revision order by item_id, revision`,
		[]any{&id, &w.Head.Revision, &w.Head.Title, &w.Head.Lang, &w.Body, &w.Head.Detail, &by, &w.Head.At}, func() error {
			w.Head.By = l.who(by)
			l.pieces[id].Past = append(l.pieces[id].Past, w)
			return nil
		})
}

// connections reads tags, mentions, links and thanks.
func (l *loading) connections(ctx context.Context) error {
	var id, other int64
	var word string
	err := l.each(ctx, `select it.item_id, t.name from item_tag it join tag t on t.id = it.tag_id order by it.item_id, t.key collate "C"`, []any{&id, &word}, func() error {
		c := l.pieces[id].common()
		c.Tags = append(c.Tags, word)
		return nil
	})
	if err != nil {
		return err
	}
	err = l.each(ctx, `select item_id, account_id from item_mention`, []any{&id, &other}, func() error {
		c := l.pieces[id].common()
		c.Mentions = append(c.Mentions, l.handles[other])
		return nil
	})
	if err != nil {
		return err
	}
	var by *int64
	var k linked
	err = l.each(ctx, `select from_id, to_id, relation, from_part, to_part, quote, released, by_id, at from item_link`,
		[]any{&id, &other, &k.Relation, &k.FromPart, &k.ToPart, &k.Quote, &k.Released, &by, &k.At}, func() error {
			k.To, k.By, k.FromPart, k.ToPart = l.pieces[other].ref, l.who(by), l.partOf(k.FromPart), l.partOf(k.ToPart)
			c := l.pieces[id].common()
			c.Links = append(c.Links, k)
			return nil
		})
	if err != nil {
		return err
	}
	var h thanks
	err = l.each(ctx, `select item_id, account_id, at from thanks`, []any{&id, &other, &h.At}, func() error {
		h.By = l.handles[other]
		c := l.pieces[id].common()
		c.Thanks = append(c.Thanks, h)
		return nil
	})
	if err != nil {
		return err
	}
	for _, p := range l.pieces {
		p.common().sort()
	}
	return nil
}

// writeItems: one document an item that stands by itself, its children below it, and below each text its earlier states.
func writeItems(b *book, w *writing) error {
	for _, c := range b.Communities {
		children := map[*piece][]*piece{}
		for _, p := range c.Pieces {
			children[p.parent] = append(children[p.parent], p)
		}
		for _, f := range folders {
			for _, p := range children[nil] {
				if p.kind != f.kind {
					continue
				}
				var d document
				if err := writePieces(&d, p, children); err != nil {
					return fmt.Errorf("%s: %w", p.ref, err)
				}
				if err := w.file(fmt.Sprintf("%s/%s/%d.md", c.folder(), f.name, p.common().Number), d.Bytes(), nil); err != nil {
					return err
				}
			}
		}
		if err := writeMeetings(c, w); err != nil {
			return err
		}
		for _, p := range c.Pieces {
			if err := w.attached(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func writePieces(d *document, p *piece, children map[*piece][]*piece) error {
	var err error
	switch head := p.Detail.(type) {
	case *discussion:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *reply:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *repertoireEntry:
		err = d.add(head.lean(p), p.Body)
	case *gathering:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *settlement:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *task:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *need:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *claim:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *endProduct:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	case *release:
		lean := *head
		lean.thing = p.lean()
		err = d.add(lean, p.Body)
	}
	if err != nil {
		return err
	}
	for _, earlier := range p.Past {
		if err := d.add(earlier.Head, earlier.Body); err != nil {
			return err
		}
	}
	if err := p.Parts.write(d); err != nil {
		return err
	}
	for _, child := range children[p] {
		if err := writePieces(d, child, children); err != nil {
			return err
		}
	}
	return nil
}

// lean leaves out what goes without saying: a child's audience is its parent's, a text that was never changed was last changed by
// its author when it was made, and its revision is 1.
func (p *piece) lean() thing {
	i := *p.common()
	if p.parent != nil && i.Audience == p.parent.common().Audience {
		i.Audience = ""
	}
	if i.ActiveAt.Equal(i.CreatedAt.Time) {
		i.ActiveAt = Moment{}
	}
	if i.UpdatedAt.Equal(i.CreatedAt.Time) {
		i.UpdatedAt = Moment{}
	}
	if i.UpdatedBy == i.Author {
		i.UpdatedBy = ""
	}
	if i.Revision == 1 {
		i.Revision = 0
	}
	return i
}

// complete says what went without saying.
func (p *piece) complete() {
	i := p.common()
	if p.parent != nil && i.Audience == "" {
		i.Audience = p.parent.common().Audience
	}
	if i.ActiveAt.IsZero() {
		i.ActiveAt = i.CreatedAt
	}
	if i.UpdatedAt.IsZero() {
		i.UpdatedAt = i.CreatedAt
	}
	if i.UpdatedBy == "" {
		i.UpdatedBy = i.Author
	}
	i.Revision = max(i.Revision, 1)
	if e, ok := p.Detail.(*repertoireEntry); ok {
		e.complete(p)
	}
}

// sort gives what has no order of its own one that never changes.
func (i *thing) sort() {
	slices.Sort(i.Mentions)
	slices.SortFunc(i.Links, func(a, b linked) int {
		return compare(a.At.Compare(b.At.Time), a.Relation, b.Relation, a.To, b.To, a.FromPart, b.FromPart, a.ToPart, b.ToPart)
	})
	slices.SortFunc(i.Thanks, func(a, b thanks) int { return compare(a.At.Compare(b.At.Time), a.By, b.By) })
}

// compare by a first order, then by pairs of words.
func compare(first int, pairs ...string) int {
	for n := 0; first == 0 && n < len(pairs); n += 2 {
		switch {
		case pairs[n] < pairs[n+1]:
			return -1
		case pairs[n] > pairs[n+1]:
			return 1
		}
	}
	return first
}
