package programme

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/markup"
)

var languages = []string{"de", "el", "en", "fr"}

func (c *communityBook) folder() string { return "communities/" + c.Record.Slug }

func loadCommunities(ctx context.Context, l *loading) error {
	var id int64
	var r communityRecord
	err := l.each(ctx, `select id, slug, kind, lang, languages, zone, latitude, longitude, visibility, admission, stage, stage_since, founded, revision, created_at from community order by slug collate "C"`,
		[]any{&id, &r.Slug, &r.Kind, &r.Lang, &r.Languages, &r.Zone, &r.Latitude, &r.Longitude, &r.Visibility, &r.Admission, &r.Stage, &r.StageSince, &r.Founded, &r.Revision, &r.CreatedAt},
		func() error {
			c := &communityBook{Record: r}
			c.Record.Languages = append([]string{}, r.Languages...)
			l.communities[id] = c
			l.book.Communities = append(l.book.Communities, c)
			return nil
		})
	if err != nil {
		return err
	}
	var domain, agenda words[communityWords]
	err = l.each(ctx, `select community_id, lang, lang, name, summary, stage_reason, domain, agenda from community_text order by lang collate "C"`,
		[]any{&id, &domain.Head.Lang, &agenda.Head.Lang, &domain.Head.Name, &domain.Head.Summary, &domain.Head.StageReason, &domain.Body, &agenda.Body},
		func() error {
			domain.Head.Part, agenda.Head.Part = "domain", "agenda"
			l.communities[id].Words = append(l.communities[id].Words, domain, agenda)
			return nil
		})
	if err != nil {
		return err
	}
	var by *int64
	var h charterHead
	err = l.each(ctx, `select community_id, version, made_at, made_by, note from charter order by version`, []any{&id, &h.Charter, &h.MadeAt, &by, &h.Note}, func() error {
		h.MadeBy = l.who(by)
		l.communities[id].Charters = append(l.communities[id].Charters, charter{words: words[charterHead]{Head: h}})
		return nil
	})
	if err != nil {
		return err
	}
	var version int
	var t words[charterText]
	return l.each(ctx, `select community_id, version, lang, body from charter_text order by lang collate "C"`, []any{&id, &version, &t.Head.Lang, &t.Body}, func() error {
		all := l.communities[id].Charters
		n := slices.IndexFunc(all, func(c charter) bool { return c.Head.Charter == version })
		all[n].Texts = append(all[n].Texts, t)
		return nil
	})
}

func writeCommunities(b *book, w *writing) error {
	for _, c := range b.Communities {
		raw, err := object(c.Record)
		if err := w.file(c.folder()+"/community.json", raw, err); err != nil {
			return err
		}
		for n := 0; n < len(c.Words); n += 2 {
			var d document
			err := d.add(c.Words[n].Head, c.Words[n].Body)
			if err == nil && c.Words[n+1].Body != "" {
				err = d.add(c.Words[n+1].Head, c.Words[n+1].Body)
			}
			if err := w.file(c.folder()+"/about."+c.Words[n].Head.Lang+".md", d.Bytes(), err); err != nil {
				return err
			}
		}
		for _, h := range c.Charters {
			var d document
			err := d.add(h.Head, "")
			for _, t := range h.Texts {
				if err == nil {
					err = d.add(t.Head, t.Body)
				}
			}
			if err := w.file(fmt.Sprintf("%s/charter/%d.md", c.folder(), h.Head.Charter), d.Bytes(), err); err != nil {
				return err
			}
		}
	}
	return nil
}

func readCommunities(r *reading) {
	var folders []string
	for name := range r.files {
		if parts := strings.Split(name, "/"); len(parts) == 3 && parts[0] == "communities" && parts[2] == "community.json" {
			folders = append(folders, parts[1])
		}
	}
	slices.Sort(folders)
	for _, slug := range folders {
		c := &communityBook{}
		name := "communities/" + slug + "/community.json"
		raw, ok := r.take(name)
		if !ok {
			continue
		}
		c.at = r.object(name, raw, &c.Record)
		if c.Record.Slug != slug {
			r.refused.note(c.at, "slug: %q stands in the folder %q", c.Record.Slug, slug)
			c.Record.Slug = slug
		}
		for _, lang := range languages {
			r.about(c, c.folder()+"/about."+lang+".md", lang)
		}
		for _, name := range r.under(c.folder()+"/charter", ".md") {
			r.charter(c, name)
		}
		slices.SortFunc(c.Charters, func(a, b charter) int { return a.Head.Charter - b.Head.Charter })
		r.book.Communities = append(r.book.Communities, c)
	}
}

func (r *reading) about(c *communityBook, name, lang string) {
	raw, ok := r.take(name)
	if !ok {
		return
	}
	domain, agenda := words[communityWords]{at: place{name, 1}}, words[communityWords]{Head: communityWords{Part: "agenda", Lang: lang}}
	for n, t := range r.texts(name, raw) {
		w := headOf[communityWords](r, t)
		r.length(w.at, w.Body, 10000)
		switch {
		case w.Head.Lang != lang:
			r.refused.note(w.at, "lang: this file is for %q", lang)
		case n == 0 && w.Head.Part == "domain":
			domain = w
		case n == 1 && w.Head.Part == "agenda":
			agenda = w
		default:
			r.refused.note(w.at, "the domain statement comes first, then the learning agenda, each once")
		}
	}
	if domain.Head.Name == "" {
		r.refused.note(domain.at, "name is missing")
	}
	c.Words = append(c.Words, domain, agenda)
}

func (r *reading) charter(c *communityBook, name string) {
	raw, ok := r.take(name)
	if !ok {
		return
	}
	all := r.texts(name, raw)
	if len(all) == 0 {
		return
	}
	h := charter{words: headOf[charterHead](r, all[0])}
	if path.Base(name) != fmt.Sprintf("%d.md", h.Head.Charter) {
		r.refused.note(h.at, "charter: version %d stands in this file", h.Head.Charter)
	}
	seen := once{}
	for _, t := range all[1:] {
		w := headOf[charterText](r, t)
		r.length(w.at, w.Body, 20000)
		seen.see(r, w.at, w.Head.Lang, "the charter in a language")
		h.Texts = append(h.Texts, w)
	}
	c.Charters = append(c.Charters, h)
}

// length judges a text.
func (r *reading) length(at place, body string, most int) {
	if utf8.RuneCountInString(body) > most {
		r.refused.note(at, "the text is longer than %d characters", most)
	}
}

func checkCommunities(r *reading) {
	for _, c := range r.book.Communities {
		if _, err := time.LoadLocation(c.Record.Zone); err != nil || c.Record.Zone == "Local" {
			r.refused.note(c.at, "zone: %q is no time zone", c.Record.Zone)
		}
		if (c.Record.Latitude == nil) != (c.Record.Longitude == nil) || c.Record.Latitude != nil && (*c.Record.Latitude < -90 || *c.Record.Latitude > 90 || *c.Record.Longitude < -180 || *c.Record.Longitude > 180) {
			r.refused.note(c.at, "latitude and longitude are no place on earth")
		}
		if !slices.ContainsFunc(c.Words, func(w words[communityWords]) bool { return w.Head.Lang == c.Record.Lang && w.Head.Name != "" }) {
			r.refused.note(c.at, "about.%s.md is missing: a community has a name in its own language", c.Record.Lang)
		}
		numbers := map[int]place{}
		for _, h := range c.Charters {
			numbers[h.Head.Charter] = h.at
		}
		r.series(place{c.folder() + "/charter", 0}, numbers, "charter")
	}
}

func storeCommunities(ctx context.Context, s *storing) error {
	ids, err := s.ids(ctx, "community", len(s.book.Communities))
	if err != nil {
		return err
	}
	var communities, texts, charters, charterTexts [][]any
	for n, c := range s.book.Communities {
		id, k := ids[n], c.Record
		s.communities[k.Slug] = id
		members, last := 0, 0
		for _, m := range c.Members {
			last = max(last, m.Number)
			if m.State == "member" {
				members++
			}
		}
		communities = append(communities, []any{id, k.Slug, k.Kind, k.Lang, orEmpty(k.Languages), k.Zone, k.Latitude, k.Longitude, k.Visibility, k.Admission, k.Stage, k.StageSince, k.Founded, members, last, k.Revision, k.CreatedAt})
		for w := 0; w < len(c.Words); w += 2 {
			domain, agenda := c.Words[w], c.Words[w+1]
			texts = append(texts, []any{id, domain.Head.Lang, domain.Head.Name, domain.Head.Summary, domain.Body, plainly(domain.Body), agenda.Body, plainly(agenda.Body), domain.Head.StageReason})
		}
		for _, h := range c.Charters {
			charters = append(charters, []any{id, h.Head.Charter, h.Head.MadeAt, s.who(h.Head.MadeBy), h.Head.Note})
			for _, t := range h.Texts {
				charterTexts = append(charterTexts, []any{id, h.Head.Charter, t.Head.Lang, t.Body, plainly(t.Body)})
			}
		}
	}
	if err := s.rows(ctx, "community", []string{"id", "slug", "kind", "lang", "languages", "zone", "latitude", "longitude", "visibility", "admission", "stage", "stage_since", "founded", "members", "last_member", "revision", "created_at"}, communities); err != nil {
		return err
	}
	if err := s.rows(ctx, "community_text", []string{"community_id", "lang", "name", "summary", "domain", "domain_html", "agenda", "agenda_html", "stage_reason"}, texts); err != nil {
		return err
	}
	if err := s.rows(ctx, "charter", []string{"community_id", "version", "made_at", "made_by", "note"}, charters); err != nil {
		return err
	}
	return s.rows(ctx, "charter_text", []string{"community_id", "version", "lang", "body", "html"}, charterTexts)
}

// plainly renders a text in which names lead nowhere.
func plainly(body string) string { return markup.Render(body, markup.Targets{}) }
