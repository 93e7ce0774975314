package programme

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
)

// firstCategories are those with which a programme begins.
var firstCategories = []string{"content", "scale", "accuracy", "form", "access", "trust", "use"}

func writeCategories(b *book, w *writing) error {
	raw, err := list(b.Categories)
	return w.file("categories.json", raw, err)
}

func readCategories(r *reading) {
	r.book.Categories = listOf(r, "categories.json", func(c *category) *place { return &c.at })
}

func checkCategories(r *reading) {
	keys := once{}
	for _, c := range r.book.Categories {
		keys.see(r, c.at, c.Key, "a category")
		if c.En == nil && c.De == nil && c.Fr == nil && c.El == nil {
			r.refused.note(c.at, "a category has a name in one language at least")
		}
		if c.Key != "" && (c.Key[0] < 'a' || c.Key[0] > 'z') {
			r.refused.note(c.at, "key: %q begins with no letter", c.Key)
		}
	}
}

func (r *reading) hasCategory(key string) bool {
	if len(r.book.Categories) == 0 {
		return slices.Contains(firstCategories, key)
	}
	return slices.ContainsFunc(r.book.Categories, func(c category) bool { return c.Key == key })
}

// is reports whether a reference leads to an item of a kind, in the community when one is given.
func (r *reading) is(ref, kind string, in *communityBook) bool {
	p := r.things[ref]
	return p != nil && p.kind == kind && (in == nil || strings.HasPrefix(ref, in.Record.Slug+"/"))
}

// need judges a criterion.
func (r *reading) need(c *communityBook, p *piece, n *need) {
	if n.Title == "" {
		r.refused.note(p.at, "title is missing: it is the statement")
	}
	if n.Category != "" && !r.hasCategory(n.Category) {
		r.refused.note(p.at, "category: there is no %q", n.Category)
	}
	r.target(p, n)
	r.standing(c, p, n)
	concerned := once{}
	for _, ref := range n.Products {
		concerned.see(r, p.at, ref, "a product")
		if !r.is(ref, "product", nil) {
			r.refused.note(p.at, "products: %q is no product", ref)
		}
	}
	numbers := once{}
	for _, s := range n.Sources {
		numbers.see(r, p.at, fmt.Sprint(s.Number), "a source")
		r.askedFor(c, p, s)
	}
	if n.Numbered > 0 && n.Numbered <= n.highest() {
		r.refused.note(p.at, "numbered: the last source is number %d", n.highest())
	}
	for _, s := range n.Steps {
		if s.Meeting != "" && !r.is(s.Meeting, "meeting", c) {
			r.refused.note(p.at, "steps: %q is no meeting of this community", s.Meeting)
		}
		if s.Into != "" && !r.is(s.Into, "criterion", c) {
			r.refused.note(p.at, "steps: %q is no criterion of this community", s.Into)
		}
	}
	voices := once{}
	for _, v := range n.Ratings {
		if v.Person != "" {
			voices.see(r, p.at, strings.TrimSpace(v.Person+" "+v.Round), "a rating")
		}
		if v.Value > 9 {
			r.refused.note(p.at, "ratings: %d is more than 9", v.Value)
		}
		if v.Round != "" && !r.is(v.Round, "round", c) {
			r.refused.note(p.at, "ratings: %q is no round of this community", v.Round)
		}
	}
}

func (r *reading) target(p *piece, n *need) {
	finite := func(v *float64) bool { return v == nil || math.Abs(*v) < 1e300 }
	switch {
	case (n.Comparator == "") != (n.Target == nil):
		r.refused.note(p.at, "target: a comparator and a target stand together")
	case (n.Comparator == "between") != (n.TargetTo != nil):
		r.refused.note(p.at, "target_to: it is the upper end of \"between\", and of nothing else")
	case !finite(n.Target) || !finite(n.TargetTo):
		r.refused.note(p.at, "target: this number is too large")
	case n.TargetTo != nil && *n.TargetTo <= *n.Target:
		r.refused.note(p.at, "target_to: the upper end lies above the lower")
	}
}

// standing judges the state of a criterion.
func (r *reading) standing(c *communityBook, p *piece, n *need) {
	if n.State == "agreed" && n.AgreedOn.IsZero() {
		r.refused.note(p.at, "agreed_on is missing: what is agreed was agreed on a day")
	}
	if n.AgreedAt != "" && !r.is(n.AgreedAt, "meeting", c) {
		r.refused.note(p.at, "agreed_at: %q is no meeting of this community", n.AgreedAt)
	}
	if (n.State == "merged") != (n.MergedInto != "") {
		r.refused.note(p.at, "merged_into: a criterion names another exactly when it is merged")
		return
	}
	if n.MergedInto != "" && (!r.is(n.MergedInto, "criterion", c) || n.MergedInto == p.ref) {
		r.refused.note(p.at, "merged_into: %q is no other criterion of this community", n.MergedInto)
		return
	}
	seen := map[*piece]bool{}
	for at := p; at != nil && at.kind == "criterion"; at = r.things[at.Detail.(*need).MergedInto] {
		if seen[at] {
			r.refused.note(p.at, "merged_into: the criteria go in a circle")
			return
		}
		seen[at] = true
	}
}

func (r *reading) askedFor(c *communityBook, p *piece, s askedFor) {
	on := r.things[s.Item]
	switch {
	case s.Form == "meeting" && s.Item != "" && !r.is(s.Item, "meeting", c):
		r.refused.note(p.at, "sources: %q is no meeting of this community", s.Item)
	case s.Form == "discussion" && s.Item != "" && !r.is(s.Item, "discussion", nil) && !r.is(s.Item, "reply", nil):
		r.refused.note(p.at, "sources: %q is no discussion and no reply", s.Item)
	case s.Point > 0 && (on == nil || on.Parts == nil || s.Point > len(on.Parts.Points)):
		r.refused.note(p.at, "sources: there is no point %d in %q", s.Point, s.Item)
	case (s.Answer == "") != s.AnsweredAt.IsZero():
		r.refused.note(p.at, "sources: an answer and its moment stand together")
	case s.KeptFrom != "" && !r.is(s.KeptFrom, "criterion", c):
		r.refused.note(p.at, "sources: kept_from: %q is no criterion of this community", s.KeptFrom)
	}
	r.address(p, "sources", s.URL)
}

// address judges one of the web.
func (r *reading) address(p *piece, key, address string) {
	if address == "" {
		return
	}
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		r.refused.note(p.at, "%s: %q is no address of the web", key, address)
	}
}

// claim judges a claim and what was said about it.
func (r *reading) claim(p *piece, k *claim) {
	of := r.things[k.Release]
	if of == nil || of.kind != "release" {
		r.refused.note(p.at, "release: %q is no release", k.Release)
		return
	}
	if of.Detail.(*release).State == "planned" {
		r.refused.note(p.at, "release: %s is planned; a claim is about one that is there", k.Release)
	}
	if (k.State == "open") != k.SettledAt.IsZero() {
		r.refused.note(p.at, "settled_at: a claim is settled exactly when it is open no more")
	}
	if k.Measured != nil && math.Abs(*k.Measured) >= 1e300 {
		r.refused.note(p.at, "measured: this number is too large")
	}
	edition, put := max(k.Edition, 1), once{}
	for _, o := range k.Reopenings {
		put.see(r, p.at, fmt.Sprint(o.Edition), "an edition")
		if o.Edition > edition {
			r.refused.note(p.at, "reopenings: the claim stands at edition %d", edition)
		}
	}
	if len(k.Reopenings) != edition-1 {
		r.refused.note(p.at, "reopenings: edition %d needs %d of them", edition, edition-1)
	}
	said := once{}
	for _, v := range k.Verdicts {
		r.verdict(p, k, of, v, said)
	}
}

func (r *reading) verdict(p *piece, k *claim, of *piece, v verdict, said once) {
	n := max(v.Edition, 1)
	if n > max(k.Edition, 1) {
		r.refused.note(p.at, "verdicts: the claim stands at edition %d", max(k.Edition, 1))
	}
	switch {
	case v.Community && v.Person != "":
		r.refused.note(p.at, "verdicts: one is that of a person or of the community")
	case v.Community:
		said.see(r, p.at, fmt.Sprintf("the community's in edition %d", n), "a verdict")
	case v.Person != "":
		said.see(r, p.at, fmt.Sprintf("%s in edition %d", v.Person, n), "a verdict")
		makes := slices.ContainsFunc(of.parent.Detail.(*endProduct).Makers, func(m maker) bool { return m.Person == v.Person && !v.At.Before(m.Since.Time) })
		if makes || v.Person == k.Author {
			r.refused.note(p.at, "verdicts: %s made the product or the claim and decides nothing about it", v.Person)
		}
	}
}

// endProduct judges a product.
func (r *reading) endProduct(p *piece, d *endProduct, slugs once) {
	slugs.see(r, p.at, d.Slug, "a slug of a product")
	makers := once{}
	for _, m := range d.Makers {
		makers.see(r, p.at, m.Person+m.Name, "a maker")
		if (m.Person == "") == (m.Name == "") {
			r.refused.note(p.at, "makers: a maker is a person or a name")
		}
	}
}

func (r *reading) release(p *piece, d *release) {
	if d.State != "planned" && d.PublishedOn.IsZero() {
		r.refused.note(p.at, "published_on is missing: this release is %s", d.State)
	}
	for _, at := range d.Places {
		r.address(p, "places", at.URL)
	}
}

// ofProducts judges what must hold among all products and claims.
func (r *reading) ofProducts() {
	slugs := once{}
	releases, claims := map[*piece]once{}, map[*piece]once{}
	for _, c := range r.book.Communities {
		for _, p := range c.Pieces {
			switch d := p.Detail.(type) {
			case *endProduct:
				r.endProduct(p, d, slugs)
			case *release:
				if releases[p.parent] == nil {
					releases[p.parent] = once{}
				}
				releases[p.parent].see(r, p.at, d.Slug, "a slug of a release")
				r.release(p, d)
			case *claim:
				if claims[p.parent] == nil {
					claims[p.parent] = once{}
				}
				if d.State != "withdrawn" {
					claims[p.parent].see(r, p.at, d.Release, "a claim for a release")
				}
				r.claim(p, d)
			}
		}
	}
}
