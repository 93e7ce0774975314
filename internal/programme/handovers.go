package programme

import (
	"context"
	"fmt"

	"urbanfluxes.eu/koinon/internal/markup"
)

func (l *loading) handovers(ctx context.Context) error {
	var id int64
	var by *int64
	var h words[handover]
	err := l.each(ctx, `select community_id, body, lang, revision, updated_at, updated_by from handover`, []any{&id, &h.Body, &h.Head.Lang, &h.Head.Revision, &h.Head.UpdatedAt, &by}, func() error {
		one := h
		one.Head.Part, one.Head.UpdatedBy = "handover", l.who(by)
		l.communities[id].Handover = &one
		return nil
	})
	if err != nil {
		return err
	}
	var w words[past]
	w.Head.Part = "state"
	return l.each(ctx, `select r.community_id, r.revision, r.body, r.lang, r.at, r.by_id from handover_revision r join handover h on h.community_id = r.community_id and h.revision > r.revision
		order by r.community_id, r.revision`, []any{&id, &w.Head.Revision, &w.Body, &w.Head.Lang, &w.Head.At, &by}, func() error {
		w.Head.By = l.who(by)
		l.communities[id].Handovers = append(l.communities[id].Handovers, w)
		return nil
	})
}

func writeHandover(c *communityBook, w *writing) error {
	if c.Handover == nil {
		return nil
	}
	var d document
	err := d.add(c.Handover.Head, c.Handover.Body)
	for _, earlier := range c.Handovers {
		if err == nil {
			err = d.add(earlier.Head, earlier.Body)
		}
	}
	return w.file(c.folder()+"/handover.md", d.Bytes(), err)
}

func (r *reading) handover(c *communityBook) {
	name := c.folder() + "/handover.md"
	raw, ok := r.take(name)
	if !ok {
		return
	}
	states := once{}
	for n, t := range r.texts(name, raw) {
		r.length(t.at, t.body, 50000)
		if n == 0 {
			h := headOf[handover](r, t)
			c.Handover = &h
			continue
		}
		s := headOf[past](r, t)
		r.state(s, c.Handover.Head.Revision, states)
		c.Handovers = append(c.Handovers, s)
	}
}

// state judges an earlier state of a text that stands at a revision.
func (r *reading) state(s words[past], revision int, seen once) {
	seen.see(r, s.at, fmt.Sprint(s.Head.Revision), "a state")
	if s.Head.Revision >= revision {
		r.refused.note(s.at, "revision: an earlier state of revision %d is at most %d", revision, revision-1)
	}
}

// handovers are stored with all their states, the one that stands among them.
func (s *storing) handovers(ctx context.Context) error {
	h := &shelf{tables: []struct{ name, columns string }{
		{"handover", "community_id body html lang revision updated_at updated_by"}, {"handover_revision", "community_id revision body lang at by_id"},
	}}
	for _, c := range s.book.Communities {
		now, in := c.Handover, s.communities[c.Record.Slug]
		if now == nil {
			continue
		}
		h.put("handover", in, now.Body, markup.Render(now.Body, markup.Targets{}), now.Head.Lang, now.Head.Revision, now.Head.UpdatedAt, s.who(now.Head.UpdatedBy))
		for _, earlier := range c.Handovers {
			h.put("handover_revision", in, earlier.Head.Revision, earlier.Body, earlier.Head.Lang, earlier.Head.At, s.who(earlier.Head.By))
		}
		h.put("handover_revision", in, now.Head.Revision, now.Body, now.Head.Lang, now.Head.UpdatedAt, s.who(now.Head.UpdatedBy))
	}
	return s.shelf(ctx, h)
}
