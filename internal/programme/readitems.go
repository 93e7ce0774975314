package programme

import (
	"cmp"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
)

const (
	maxBody = 100_000 // characters of a text
	maxTags = 8
)

func readItems(r *reading) {
	for _, c := range r.book.Communities {
		for _, f := range folders {
			var tops [][]*piece
			for _, name := range r.under(c.folder()+"/"+f.name, ".md") {
				raw, ok := r.take(name)
				if !ok {
					continue
				}
				if pieces := r.pieces(name, f.kind, r.texts(name, raw)); len(pieces) > 0 {
					tops = append(tops, pieces)
				}
			}
			slices.SortFunc(tops, func(a, b []*piece) int { return cmp.Compare(a[0].common().Number, b[0].common().Number) })
			for _, pieces := range tops {
				for _, p := range pieces {
					p.ref = reference(c.Record.Slug, p)
					if r.things[p.ref] != nil {
						r.refused.note(p.at, "number: %s stands twice", p.ref)
					}
					r.things[p.ref] = p
					r.attached(p)
				}
				c.Pieces = append(c.Pieces, pieces...)
			}
		}
		r.readMeetings(c)
	}
}

// pieces of one document: an item of the folder's kind, its replies, claims or releases, and below each text its earlier states.
func (r *reading) pieces(name, kind string, texts []text) []*piece {
	var all []*piece
	for n, t := range texts {
		part := partOf(t)
		switch {
		case part == "state" && n > 0:
			last := all[len(all)-1]
			last.Past = append(last.Past, headOf[past](r, t))
			r.length(t.at, t.body, maxBody)
		case n == 0 && part == kind, n > 0 && part != "" && part == below[kind].kind:
			p := &piece{at: t.at, kind: part, Detail: made(part), Body: t.body}
			if part == "meeting" {
				p.Parts = &parts{}
			}
			r.fill(t.at, t.head, reflect.ValueOf(p.Detail).Elem())
			r.length(t.at, t.body, maxBody)
			if n > 0 {
				p.parent = all[0]
			}
			p.complete()
			all = append(all, p)
		case n > 0 && r.below(all[0], t):
		default:
			r.refused.note(t.at, "part: %q does not belong here", part)
			if n == 0 {
				return nil
			}
		}
	}
	if len(all) > 0 && path.Base(name) != fmt.Sprintf("%d.md", all[0].common().Number) {
		r.refused.note(all[0].at, "number: %d stands in this file", all[0].common().Number)
	}
	return all
}

func partOf(t text) string {
	for _, e := range t.head {
		if e.key == "part" {
			return strings.Trim(string(e.value), `"`)
		}
	}
	return ""
}

func checkItems(r *reading) {
	r.ofProducts()
	for _, c := range r.book.Communities {
		r.points(c.Backlog, false)
		series := map[string]map[int]place{}
		for _, p := range c.Pieces {
			r.piece(c, p)
			key := p.kind
			if p.parent != nil {
				key = p.parent.ref
			}
			if series[key] == nil {
				series[key] = map[int]place{}
			}
			series[key][p.common().Number] = p.at
		}
		for _, m := range c.Moved {
			kind, number := movedFrom(m)
			if series[kind] == nil {
				series[kind] = map[int]place{}
			}
			if _, stands := series[kind][number]; stands {
				r.refused.note(m.at, "from: %s stands there still", m.From)
			}
			series[kind][number] = m.at
		}
		for _, f := range folders {
			r.series(place{c.folder() + "/" + f.name, 0}, series[f.kind], f.name)
		}
		for _, p := range c.Pieces {
			if p.parent == nil {
				r.series(p.at, series[p.ref], below[p.kind].name)
			}
		}
	}
}

// piece judges one item among the others.
func (r *reading) piece(c *communityBook, p *piece) {
	i := p.common()
	width := slices.Index(audiences, i.Audience)
	if i.Audience == "" {
		r.refused.note(p.at, "audience is missing")
		return
	}
	if p.parent != nil && width < slices.Index(audiences, p.parent.common().Audience) {
		r.refused.note(p.at, "audience: %s is wider than that of the %s, %s", i.Audience, p.parent.kind, p.parent.common().Audience)
	}
	if c.Record.Visibility == "private" && width < 2 {
		r.refused.note(p.at, "audience: a private community holds nothing for %s", i.Audience)
	}
	if len(i.Tags) > maxTags {
		r.refused.note(p.at, "tags: there are more than %d", maxTags)
	}
	for _, t := range i.Tags {
		if t == "" || len([]rune(t)) > 60 {
			r.refused.note(p.at, "tags: %q is empty or longer than 60 characters", t)
		}
	}
	tags, mentions, links, given, states := once{}, once{}, once{}, once{}, once{}
	for _, t := range i.Tags {
		tags.see(r, p.at, strings.ToLower(t), "a tag")
	}
	for _, m := range i.Mentions {
		mentions.see(r, p.at, m, "a mention")
	}
	for _, k := range i.Links {
		links.see(r, p.at, strings.Join([]string{k.Relation, k.To, k.FromPart, k.ToPart}, " "), "a link")
		if k.To == p.ref && k.FromPart == k.ToPart {
			r.refused.note(p.at, "links: %s leads to itself", k.Relation)
		}
	}
	for _, t := range i.Thanks {
		given.see(r, p.at, t.By, "thanks")
	}
	for _, s := range p.Past {
		r.state(s, i.Revision, states)
	}
	switch d := p.Detail.(type) {
	case *discussion:
		r.help(p, d)
	case *gathering:
		r.gathering(c, p, d)
	case *settlement:
		r.settlement(c, p, d)
	case *task:
		r.source(c, p, d.source)
	case *need:
		r.need(c, p, d)
	case *repertoireEntry:
		r.repertoireEntry(c, p, d)
	case *reply:
		if d.Answers != nil && (*d.Answers < 0 || *d.Answers > 0 && r.things[fmt.Sprintf("%s/%d", p.parent.ref, *d.Answers)] == nil) {
			r.refused.note(p.at, "answers: there is no reply %d", *d.Answers)
		}
	}
}

func (r *reading) help(p *piece, d *discussion) {
	if (d.Form == "help") != (d.Help != nil) {
		r.refused.note(p.at, "help: a request for help, and nothing else, says how it stands")
	}
	if d.Help == nil {
		return
	}
	offers := once{}
	for _, o := range d.Help.Offers {
		offers.see(r, p.at, o.By, "an offer")
	}
	for _, n := range d.Help.Helped {
		if r.things[fmt.Sprintf("%s/%d", p.ref, n)] == nil {
			r.refused.note(p.at, "helped: there is no reply %d", n)
		}
	}
	if d.Help.Discreet && d.Author != "" {
		r.refused.note(p.at, "author: who asked discreetly is named in discreet.json alone")
	}
}
