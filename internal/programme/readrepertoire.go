package programme

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/practice"
)

// firstTopics are those with which a programme begins.
var firstTopics = []string{"heat-health", "greenery", "water", "energy", "planning", "measurement", "modelling", "communication"}

func writeTopics(b *book, w *writing) error {
	raw, err := list(b.Topics)
	return w.file("topics.json", raw, err)
}

func readTopics(r *reading) {
	r.book.Topics = listOf(r, "topics.json", func(t *topic) *place { return &t.at })
}

func checkTopics(r *reading) {
	keys := once{}
	for _, t := range r.book.Topics {
		keys.see(r, t.at, t.Key, "a topic")
		if t.En == "" && t.De == "" && t.Fr == "" && t.El == "" {
			r.refused.note(t.at, "a topic has a name in one language at least")
		}
		if t.Key != "" && (t.Key[0] < 'a' || t.Key[0] > 'z') {
			r.refused.note(t.at, "key: %q begins with no letter", t.Key)
		}
	}
}

func (r *reading) hasTopic(key string) bool {
	if len(r.book.Topics) == 0 {
		return slices.Contains(firstTopics, key)
	}
	return slices.ContainsFunc(r.book.Topics, func(t topic) bool { return t.Key == key })
}

// repertoireEntry judges an entry.
func (r *reading) repertoireEntry(c *communityBook, p *piece, e *repertoireEntry) {
	if e.Title == "" && e.Audience != "draft" {
		r.refused.note(p.at, "title is missing: what is shared has one")
	}
	r.parts(p, "fields", e.Form, e.Lang, e, e.Fields)
	r.facts(p, e)
	r.endorsed(c, p, e)
	topics, authors := once{}, once{}
	for _, key := range e.Topics {
		topics.see(r, p.at, key, "a topic")
		if !r.hasTopic(key) {
			r.refused.note(p.at, "topics: there is no %q", key)
		}
	}
	if len(e.Topics) > practice.MaxTopics {
		r.refused.note(p.at, "topics: there are more than %d", practice.MaxTopics)
	}
	for _, a := range e.Authors {
		if (a.Person == "") == (a.Name == "") {
			r.refused.note(p.at, "authors: an author is a person or a name")
		}
		if a.Person != "" {
			authors.see(r, p.at, a.Person, "an author")
		}
	}
	source, use := e.highest()
	if e.Numbered > 0 && e.Numbered <= source {
		r.refused.note(p.at, "numbered: the last source is number %d", source)
	}
	if e.Reported > 0 && e.Reported <= use {
		r.refused.note(p.at, "reported: the last use is number %d", use)
	}
	r.grownFrom(p, e)
	r.usedHere(p, e)
	r.translations(p, e)
	r.related(p, e)
}

// parts judges the texts of an entry in a language.
func (r *reading) parts(p *piece, key, form, lang string, e *repertoireEntry, f fields) {
	for _, part := range practice.AllParts() {
		most := practice.MaxPart
		if part == practice.Told {
			most = maxBody // what was heard may be as long as any text
		}
		if n := utf8.RuneCountInString(f[part]); n > most {
			r.refused.note(p.at, "%s: %q is longer than %d characters", key, part, most)
		}
	}
	known := practice.Form(form).Parts()
	var strange []string
	for part := range f {
		if !slices.Contains(known, part) {
			strange = append(strange, string(part))
		}
	}
	slices.Sort(strange)
	for _, part := range strange {
		r.refused.note(p.at, "%s: %q is no part of the form %s", key, part, form)
	}
	r.length(p.at, e.composed(lang, f), maxBody)
}

func (r *reading) facts(p *piece, e *repertoireEntry) {
	if (e.Latitude == nil) != (e.Longitude == nil) || e.Latitude != nil && (*e.Latitude < -90 || *e.Latitude > 90 || *e.Longitude < -180 || *e.Longitude > 180) {
		r.refused.note(p.at, "latitude and longitude are no place on earth")
	}
	r.address(p, "url", e.URL)
	if e.CheckedBy != "" && e.CheckedAt.IsZero() {
		r.refused.note(p.at, "checked_at is missing: somebody said that it is still true")
	}
}

// endorsed judges what a community said of an entry.
func (r *reading) endorsed(c *communityBook, p *piece, e *repertoireEntry) {
	switch {
	case e.EndorsedAt.IsZero() != (e.EndorsedRevision == 0):
		r.refused.note(p.at, "endorsed_revision: an endorsement and its revision stand together")
	case e.EndorsedAt.IsZero() && (e.EndorsedBy != "" || e.EndorsedIn != ""):
		r.refused.note(p.at, "endorsed_at is missing: who endorsed it, or where, stands with when")
	case e.EndorsedAt.IsZero():
	case e.Audience == "draft":
		r.refused.note(p.at, "endorsed_at: a draft is endorsed by nobody")
	case e.EndorsedRevision > e.Revision:
		r.refused.note(p.at, "endorsed_revision: the entry stands at revision %d", e.Revision)
	case e.EndorsedIn != "" && !r.is(e.EndorsedIn, "meeting", c):
		r.refused.note(p.at, "endorsed_in: %q is no meeting of this community", e.EndorsedIn)
	}
}

func (r *reading) grownFrom(p *piece, e *repertoireEntry) {
	numbers := once{}
	for _, s := range e.Sources {
		numbers.see(r, p.at, fmt.Sprint(s.Number), "a source")
		on := r.things[s.Item]
		switch {
		case on != nil && !slices.Contains([]string{"discussion", "reply", "meeting", "entry"}, on.kind):
			r.refused.note(p.at, "sources: %q is no discussion, reply, meeting or entry", s.Item)
		case on == p:
			r.refused.note(p.at, "sources: the entry grew out of itself")
		case s.Point > 0 && (on == nil || on.Parts == nil || s.Point > len(on.Parts.Points)):
			r.refused.note(p.at, "sources: there is no point %d in %q", s.Point, s.Item)
		}
		if (s.Release == "given" || s.Release == "refused") == s.AnsweredAt.IsZero() {
			r.refused.note(p.at, "sources: a release is given or refused at a moment, and only then")
		}
		if s.Release == "asked" && s.AskedAt.IsZero() {
			r.refused.note(p.at, "sources: asked_at is missing: its speaker was asked")
		}
	}
}

func (r *reading) usedHere(p *piece, e *repertoireEntry) {
	numbers := once{}
	for _, u := range e.Uses {
		numbers.see(r, p.at, fmt.Sprint(u.Number), "a use")
		if u.RemovedAt.IsZero() && (u.RemovedBy != "" || u.RemovedReason != "") {
			r.refused.note(p.at, "uses: removed_at is missing: use %d was removed by somebody, or for a reason", u.Number)
		}
	}
}

func (r *reading) translations(p *piece, e *repertoireEntry) {
	langs := once{}
	for _, t := range e.Translations {
		langs.see(r, p.at, t.Lang, "a translation")
		if t.Lang == e.Lang {
			r.refused.note(p.at, "translations: %s is the language of the entry itself", t.Lang)
		}
		if t.OfRevision > e.Revision {
			r.refused.note(p.at, "translations: the entry stands at revision %d", e.Revision)
		}
		r.parts(p, "translations", e.Form, t.Lang, e, t.Fields)
	}
}

// related judges where the relations of an entry lead; no entry is adapted from itself, however many stand between.
func (r *reading) related(p *piece, e *repertoireEntry) {
	for _, k := range e.Links {
		if slices.Contains([]string{"adapted", "uses", "addresses"}, k.Relation) && !r.is(k.To, "entry", nil) {
			r.refused.note(p.at, "links: %s leads to an entry, and %q is none", k.Relation, k.To)
		}
	}
	seen := map[*piece]bool{}
	for open := r.originals(p); len(open) > 0; open = open[1:] {
		if open[0] == p {
			r.refused.note(p.at, "links: adaptations go in a circle")
			return
		}
		if !seen[open[0]] {
			seen[open[0]] = true
			open = append(open, r.originals(open[0])...)
		}
	}
}

// originals are the entries from which one was adapted.
func (r *reading) originals(p *piece) (all []*piece) {
	for _, k := range p.common().Links {
		if to := r.things[k.To]; k.Relation == "adapted" && to != nil {
			all = append(all, to)
		}
	}
	return all
}
