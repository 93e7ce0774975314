package programme

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/search"
)

// shelf gathers the rows of several tables, and writes them in the order given.
type shelf struct {
	tables []struct{ name, columns string }
	rows   map[string][][]any
}

func (h *shelf) put(table string, row ...any) {
	if h.rows == nil {
		h.rows = map[string][][]any{}
	}
	h.rows[table] = append(h.rows[table], row)
}

func (s *storing) shelf(ctx context.Context, h *shelf) error {
	for _, t := range h.tables {
		if err := s.rows(ctx, t.name, strings.Fields(t.columns), h.rows[t.name]); err != nil {
			return err
		}
	}
	return nil
}

func storeItems(ctx context.Context, s *storing) error {
	all, err := s.number(ctx)
	if err != nil {
		return err
	}
	if err := s.numberPoints(ctx); err != nil {
		return err
	}
	h := &shelf{tables: []struct{ name, columns string }{
		{"item", "id community_id kind number parent_id title lang author_id audience revision created_at updated_at updated_by edited_at active_at removed_at removed_by removed_reason withdrawn_at hidden_at"},
		{"item_text", "item_id body html renderer"}, {"item_revision", "item_id revision title lang body detail by_id at"},
		{"item_mention", "item_id account_id"}, {"item_link", "from_id to_id relation from_part to_part quote released by_id at"}, {"thanks", "item_id account_id at"},
		{"tag", "id community_id key name"}, {"item_tag", "community_id item_id tag_id"},
		{"discussion", "item_id form replies last_number last_author_id pinned_at locked_at locked_reason"}, {"reply", "item_id answers"},
		{"help_request", "item_id community_id state state_at tried needed_by addressed discreet answered_at ending outcome outcome_at"}, {"help_offer", "item_id account_id note at"}, {"help_answer", "item_id reply_id"},
		{"counter", "community_id series n"},
	}}
	for _, c := range s.book.Communities {
		if err := s.tags(ctx, h, c); err != nil {
			return err
		}
		s.counters(h, c)
		for _, p := range c.Pieces {
			s.piece(h, s.communities[c.Record.Slug], p)
		}
		s.threads(h, c)
	}
	if err := s.shelf(ctx, h); err != nil {
		return err
	}
	if err := s.files(ctx); err != nil {
		return err
	}
	if err := s.helpTexts(ctx, all); err != nil {
		return err
	}
	if err := item.Remake(ctx, s.tx, all); err != nil {
		return err
	}
	if err := s.meetings(ctx); err != nil {
		return err
	}
	if err := s.criteria(ctx); err != nil {
		return err
	}
	if err := s.repertoire(ctx); err != nil {
		return err
	}
	return search.Rebuild(ctx, s.tx, all)
}

// number gives every item an id, in the order in which they were made.
func (s *storing) number(ctx context.Context) ([]item.ID, error) {
	var pieces []*piece
	for _, c := range s.book.Communities {
		pieces = append(pieces, c.Pieces...)
	}
	slices.SortStableFunc(pieces, func(a, b *piece) int { return a.common().CreatedAt.Compare(b.common().CreatedAt.Time) })
	ids, err := s.ids(ctx, "item", len(pieces))
	if err != nil {
		return nil, err
	}
	all := make([]item.ID, len(ids))
	for n, p := range pieces {
		s.items[p.ref], all[n] = ids[n], item.ID(ids[n])
	}
	return all, nil
}

func (s *storing) piece(h *shelf, in int64, p *piece) {
	i, id := p.common(), s.items[p.ref]
	var parent *int64
	if p.parent != nil {
		parent = s.what(p.parent.ref)
	}
	removed := removal{}
	if i.Removed != nil {
		removed = *i.Removed
	}
	h.put("item", id, in, p.kind, i.Number, parent, i.Title, i.Lang, s.who(i.Author), slices.Index(audiences, i.Audience), i.Revision, i.CreatedAt, i.UpdatedAt, s.who(i.UpdatedBy), i.EditedAt, i.ActiveAt,
		removed.At, s.who(removed.By), removed.Reason, removed.WithdrawnAt, removed.HiddenAt)
	h.put("item_text", id, p.Body, "", 0)
	for _, w := range p.Past {
		h.put("item_revision", id, w.Head.Revision, w.Head.Title, w.Head.Lang, w.Body, w.Head.Detail, s.who(w.Head.By), w.Head.At)
	}
	for _, m := range i.Mentions {
		h.put("item_mention", id, s.who(m))
	}
	for _, k := range i.Links {
		h.put("item_link", id, s.what(k.To), k.Relation, s.partOf(p.ref, k.FromPart), s.partOf(k.To, k.ToPart), k.Quote, k.Released, s.who(k.By), k.At)
	}
	for _, t := range i.Thanks {
		h.put("thanks", id, s.who(t.By), t.At)
	}
	switch d := p.Detail.(type) {
	case *reply:
		h.put("reply", id, d.Answers)
	case *discussion:
		if d.Help == nil {
			return
		}
		h.put("help_request", id, in, d.Help.State, d.Help.StateAt, d.Help.Tried, d.Help.NeededBy, d.Help.Addressed, d.Help.Discreet, d.Help.AnsweredAt, d.Help.Ending, d.Help.Outcome, d.Help.OutcomeAt)
		for _, o := range d.Help.Offers {
			h.put("help_offer", id, s.who(o.By), o.Note, o.At)
		}
		for _, n := range d.Help.Helped {
			h.put("help_answer", id, s.what(fmt.Sprintf("%s/%d", p.ref, n)))
		}
	}
}

// threads counts what a discussion holds: replies that stand, the last number given, and who spoke last.
func (s *storing) threads(h *shelf, c *communityBook) {
	type count struct{ replies, last int }
	counts, speakers := map[*piece]count{}, map[*piece]string{}
	for _, p := range c.Pieces {
		if p.kind != "reply" {
			continue
		}
		n := counts[p.parent]
		n.last = max(n.last, p.common().Number)
		if p.common().Removed == nil {
			n.replies++
			speakers[p.parent] = p.common().Author
		}
		counts[p.parent] = n
	}
	for _, p := range c.Pieces {
		if d, ok := p.Detail.(*discussion); ok {
			last, answered := speakers[p]
			if !answered {
				last = d.Author
			}
			h.put("discussion", s.items[p.ref], d.Form, counts[p].replies, counts[p].last, s.who(last), d.PinnedAt, d.LockedAt, d.LockedReason)
		}
	}
}

// counters stand at the last number of each series, so that the next item goes on.
func (s *storing) counters(h *shelf, c *communityBook) {
	last := map[string]int{}
	for _, p := range c.Pieces {
		if p.parent == nil {
			last[p.kind] = max(last[p.kind], p.common().Number)
		}
	}
	for _, m := range c.Moved {
		kind, number := movedFrom(m)
		last[kind] = max(last[kind], number)
	}
	for _, f := range folders {
		if last[f.kind] > 0 {
			h.put("counter", s.communities[c.Record.Slug], f.kind, last[f.kind])
		}
	}
}

// tags of a community are those on its items; the spelling that comes first stays.
func (s *storing) tags(ctx context.Context, h *shelf, c *communityBook) error {
	var keys []string
	names := map[string]string{}
	for _, p := range c.Pieces {
		for _, name := range p.common().Tags {
			if key := strings.ToLower(name); names[key] == "" {
				keys, names[key] = append(keys, key), name
			}
		}
	}
	ids, err := s.ids(ctx, "tag", len(keys))
	if err != nil {
		return err
	}
	in, known := s.communities[c.Record.Slug], map[string]int64{}
	for n, key := range keys {
		known[key] = ids[n]
		h.put("tag", ids[n], in, key, names[key])
	}
	for _, p := range c.Pieces {
		for _, name := range p.common().Tags {
			h.put("item_tag", in, s.items[p.ref], known[strings.ToLower(name)])
		}
	}
	return nil
}

// helpTexts renders what was tried and what worked.
func (s *storing) helpTexts(ctx context.Context, all []item.ID) error {
	known, err := item.Knows(ctx, s.tx, all)
	if err != nil {
		return err
	}
	for _, c := range s.book.Communities {
		for _, p := range c.Pieces {
			d, ok := p.Detail.(*discussion)
			if !ok || d.Help == nil {
				continue
			}
			id := s.items[p.ref]
			names := known[item.ID(id)]
			if _, err := s.tx.Exec(ctx, `update help_request set tried_html = $2, outcome_html = $3 where item_id = $1`, id, names.Render(d.Help.Tried), names.Render(d.Help.Outcome)); err != nil {
				return err
			}
		}
	}
	return nil
}
