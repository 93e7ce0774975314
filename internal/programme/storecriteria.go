package programme

import (
	"context"
	"maps"
	"slices"
)

var criterionTables = []struct{ name, columns string }{
	{"product", "item_id community_id slug form state summary releases"}, {"product_maker", "product_id account_id name position since ended_at"},
	{"release", "item_id community_id product_id slug state due_on published_on limits limits_html"}, {"release_link", "release_id position label url"},
	{"criterion", "item_id community_id state state_at category_id measure comparator target target_to unit agreed_on agreed_at merged_into sources claims fulfilment_at need_id"},
	{"criterion_product", "community_id criterion_id product_id"},
	{"criterion_source", "community_id criterion_id n form item_id point_id part document url words lang speaker_id speaker_name perspective organisation said_on released answer answered_at answered_revision kept_from by_id at"},
	{"criterion_step", "community_id criterion_id step reason on_day meeting_id into_id by_id at"},
	{"rating", "community_id criterion_id round_id account_id perspective value reason lang at changed_at"},
	{"claim", "item_id community_id criterion_id release_id extent limits limits_html measured measured_unit state edition answer_by settled_at"},
	{"claim_reopening", "claim_id edition reason by_id at"}, {"verdict", "community_id claim_id edition account_id community answer reason lang perspective organisation by_id at"},
}

// storeCategories puts those of the files in the place of those with which a programme begins.
func storeCategories(ctx context.Context, s *storing) error {
	if len(s.book.Categories) > 0 {
		if _, err := s.tx.Exec(ctx, `delete from criterion_category`); err != nil {
			return err
		}
		ids, err := s.ids(ctx, "criterion_category", len(s.book.Categories))
		if err != nil {
			return err
		}
		var rows, texts [][]any
		for n, c := range s.book.Categories {
			rows = append(rows, []any{ids[n], c.Key, n + 1, c.RetiredAt})
			for _, lang := range languages {
				if w := *c.in(lang); w != nil {
					texts = append(texts, []any{ids[n], lang, w.Name, w.Hint})
				}
			}
		}
		if err := s.rows(ctx, "criterion_category", []string{"id", "key", "position", "retired_at"}, rows); err != nil {
			return err
		}
		if err := s.rows(ctx, "criterion_category_text", []string{"category_id", "lang", "name", "hint"}, texts); err != nil {
			return err
		}
	}
	var err error
	s.categories, err = s.keys(ctx, `select key, id from criterion_category`)
	return err
}

// criteria are stored when all items and meetings stand; what follows from their rows is worked out anew.
func (s *storing) criteria(ctx context.Context) error {
	h := &shelf{tables: criterionTables}
	needs, children := s.needs(), map[*piece]int{}
	for _, c := range s.book.Communities {
		for _, p := range c.Pieces {
			children[p.parent] = max(children[p.parent], p.common().Number)
		}
	}
	for _, c := range s.book.Communities {
		in := s.communities[c.Record.Slug]
		for _, p := range c.Pieces {
			var err error
			switch d := p.Detail.(type) {
			case *endProduct:
				s.endProduct(h, in, p, d, children[p])
			case *release:
				err = s.release(ctx, h, in, p, d)
			case *need:
				s.need(h, in, p, d, children[p], needs[p.ref])
			case *claim:
				err = s.claim(ctx, h, in, p, d)
			}
			if err != nil {
				return err
			}
		}
	}
	// The items that come first are merged into later ones, too: foreign keys are looked at row by row only when the statement ends.
	if err := s.shelf(ctx, h); err != nil {
		return err
	}
	return s.follows(ctx)
}

func (s *storing) endProduct(h *shelf, in int64, p *piece, d *endProduct, releases int) {
	id := s.items[p.ref]
	h.put("product", id, in, d.Slug, d.Form, d.State, d.Summary, releases)
	for n, m := range d.Makers {
		h.put("product_maker", id, s.who(m.Person), m.Name, n+1, m.Since, m.EndedAt)
	}
}

func (s *storing) release(ctx context.Context, h *shelf, in int64, p *piece, d *release) error {
	html, err := s.html(ctx, in, d.Limits)
	if err != nil {
		return err
	}
	id := s.items[p.ref]
	h.put("release", id, in, s.items[p.parent.ref], d.Slug, d.State, d.DueOn, d.PublishedOn, d.Limits, html)
	for n, at := range d.Places {
		h.put("release_link", id, n+1, at.Label, at.URL)
	}
	return nil
}

func (s *storing) need(h *shelf, in int64, p *piece, n *need, claims int, needID int64) {
	id := s.items[p.ref]
	h.put("criterion", id, in, n.State, n.StateAt, behind(s.categories, n.Category), n.Measure, n.Comparator, n.Target, n.TargetTo, n.Unit, n.AgreedOn, s.what(n.AgreedAt), s.what(n.MergedInto),
		max(n.Numbered, n.highest()), claims, n.FulfilmentAt, needID)
	for _, ref := range n.Products {
		h.put("criterion_product", in, id, s.what(ref))
	}
	for _, k := range n.Sources {
		var revision *int
		if k.AnsweredRevision > 0 {
			revision = &k.AnsweredRevision
		}
		h.put("criterion_source", in, id, k.Number, k.Form, s.what(k.Item), s.point(k.Item, k.Point), s.partOf(k.Item, k.Part), k.Document, k.URL, k.Words, k.Lang, s.who(k.Speaker), k.SpeakerName, k.Perspective, k.Organisation, k.SaidOn,
			k.Released, k.Answer, k.AnsweredAt, revision, s.what(k.KeptFrom), s.who(k.By), k.At)
	}
	for _, t := range n.Steps {
		h.put("criterion_step", in, id, t.Step, t.Reason, t.OnDay, s.what(t.Meeting), s.what(t.Into), s.who(t.By), t.At)
	}
	for _, v := range n.Ratings {
		changed := v.ChangedAt
		if changed.IsZero() {
			changed = v.At
		}
		h.put("rating", in, id, s.what(v.Round), s.who(v.Person), v.Perspective, v.Value, v.Reason, v.Lang, v.At, changed)
	}
}

func (s *storing) claim(ctx context.Context, h *shelf, in int64, p *piece, k *claim) error {
	html, err := s.html(ctx, in, k.Limits)
	if err != nil {
		return err
	}
	id := s.items[p.ref]
	h.put("claim", id, in, s.items[p.parent.ref], s.what(k.Release), k.Extent, k.Limits, html, k.Measured, k.MeasuredUnit, k.State, max(k.Edition, 1), k.AnswerBy, k.SettledAt)
	for _, o := range k.Reopenings {
		h.put("claim_reopening", id, o.Edition, o.Reason, s.who(o.By), o.At)
	}
	for _, v := range k.Verdicts {
		h.put("verdict", in, id, max(v.Edition, 1), s.who(v.Person), v.Community, v.Answer, v.Reason, v.Lang, v.Perspective, v.Organisation, s.who(v.By), v.At)
	}
	return nil
}

// needs gives each criterion the lowest id of all that are the same need: by their links, or merged into one another.
func (s *storing) needs() map[string]int64 {
	near := map[string][]string{}
	tie := func(a, b string) { near[a], near[b] = append(near[a], b), append(near[b], a) }
	for _, c := range s.book.Communities {
		for _, p := range c.Pieces {
			n, ok := p.Detail.(*need)
			if !ok {
				continue
			}
			tie(p.ref, p.ref)
			if n.MergedInto != "" {
				tie(p.ref, n.MergedInto)
			}
			for _, k := range n.Links {
				if k.Relation == "same-need" {
					tie(p.ref, k.To)
				}
			}
		}
	}
	lowest := map[string]int64{}
	for _, ref := range slices.SortedFunc(maps.Keys(near), func(a, b string) int { return int(s.items[a] - s.items[b]) }) {
		for open := []string{ref}; len(open) > 0; open = open[1:] {
			if lowest[open[0]] == 0 {
				lowest[open[0]] = s.items[ref]
				open = append(open, near[open[0]]...)
			}
		}
	}
	return lowest
}

// follows works out importance from the ratings, and fulfilment from the claims: of each product counts the newest claim that is settled, on a release that is there, and the best of them is how far a criterion is.
func (s *storing) follows(ctx context.Context) error {
	if _, err := s.tx.Exec(ctx, `insert into importance (community_id, criterion_id, perspective, n, low, median, high)
		select community_id, criterion_id, perspective, count(*), percentile_cont(0.25) within group (order by value), percentile_cont(0.5) within group (order by value), percentile_cont(0.75) within group (order by value)
		from rating where round_id is null group by community_id, criterion_id, perspective`); err != nil {
		return err
	}
	_, err := s.tx.Exec(ctx, `with counted as (
			select k.criterion_id, k.state, k.extent, r.product_id, i.number from claim k join item i on i.id = k.item_id join release r on r.item_id = k.release_id join item ri on ri.id = r.item_id
			where k.state <> 'withdrawn' and i.removed_at is null and r.state = 'published' and ri.removed_at is null),
		newest as (select distinct on (criterion_id, product_id) criterion_id, case when state = 'accepted' and extent = 'fully' then 5 when state in ('accepted', 'partly') then 4 when state = 'not' then 3 else 2 end as rank
			from counted where state <> 'open' order by criterion_id, product_id, number desc)
		update criterion c set fulfilment = (array['none', 'open', 'silent', 'not', 'partly', 'met'])[1 + coalesce((select max(rank) from newest n where n.criterion_id = c.item_id), 1)]
		where exists (select from counted k where k.criterion_id = c.item_id)`)
	return err
}
