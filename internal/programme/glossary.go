package programme

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

// term of the glossary, with what it is called and what it means in each language.
type term struct {
	at        place
	Slug      string `json:"slug" is:"slug"`
	English   *sense `json:"en,omitempty"`
	German    *sense `json:"de,omitempty"`
	French    *sense `json:"fr,omitempty"`
	Greek     *sense `json:"el,omitempty"`
	Source    string `json:"source,omitempty" is:"max=500"`
	Revision  int    `json:"revision" is:"from=1"`
	By        string `json:"by,omitempty" is:"person"`
	CreatedAt Moment `json:"created_at"`
	UpdatedBy string `json:"updated_by,omitempty" is:"person"`
	UpdatedAt Moment `json:"updated_at"`
}

type sense struct {
	Words      []string `json:"words" is:"some,max=80"`
	Definition string   `json:"definition,omitempty" is:"max=600"`
}

// in is where a term's words in a language stand.
func (t *term) in(lang locale.Lang) **sense {
	return map[locale.Lang]**sense{locale.English: &t.English, locale.German: &t.German, locale.French: &t.French, locale.Greek: &t.Greek}[lang]
}

func loadGlossary(ctx context.Context, l *loading) error {
	terms := map[int64]int{}
	var id int64
	var by, updater *int64
	var t term
	err := l.each(ctx, `select id, slug, source, revision, created_by, created_at, updated_by, updated_at from glossary_term order by slug collate "C"`,
		[]any{&id, &t.Slug, &t.Source, &t.Revision, &by, &t.CreatedAt, &updater, &t.UpdatedAt}, func() error {
			one := t
			one.By, one.UpdatedBy = l.who(by), l.who(updater)
			terms[id] = len(l.book.Glossary)
			l.book.Glossary = append(l.book.Glossary, one)
			return nil
		})
	if err != nil {
		return err
	}
	var lang locale.Lang
	var s sense
	return l.each(ctx, `select w.term_id, w.lang, array_agg(w.word order by w.position), coalesce(max(d.text), '')
		from glossary_word w left join glossary_definition d on d.term_id = w.term_id and d.lang = w.lang group by 1, 2`, []any{&id, &lang, &s.Words, &s.Definition}, func() error {
		one := s
		one.Words = append([]string{}, s.Words...)
		*l.book.Glossary[terms[id]].in(lang) = &one
		return nil
	})
}

func writeGlossary(b *book, w *writing) error {
	raw, err := list(b.Glossary)
	return w.file("glossary.json", raw, err)
}

func readGlossary(r *reading) {
	r.book.Glossary = listOf(r, "glossary.json", func(t *term) *place { return &t.at })
}

func checkGlossary(r *reading) {
	slugs := once{}
	for _, t := range r.book.Glossary {
		slugs.see(r, t.at, t.Slug, "a term")
		named := false
		for _, lang := range locale.All {
			s := *t.in(lang)
			if s == nil {
				continue
			}
			named = true
			if len(s.Words) == 0 || len(s.Words) > search.MaxTermWords {
				r.refused.note(t.at, "%s: a term has one to %d words", lang, search.MaxTermWords)
			}
			for _, w := range s.Words {
				if search.KeyOf(lang, w) == "" {
					r.refused.note(t.at, "%s: %q is no word that could be found", lang, w)
				}
			}
		}
		if !named {
			r.refused.note(t.at, "a term has words in one language at least")
		}
	}
}

func storeGlossary(ctx context.Context, s *storing) error {
	ids, err := s.ids(ctx, "glossary_term", len(s.book.Glossary))
	if err != nil {
		return err
	}
	h := &shelf{tables: []struct{ name, columns string }{
		{"glossary_term", "id slug source revision request created_by created_at updated_by updated_at"}, {"glossary_word", "term_id lang position word key"}, {"glossary_definition", "term_id lang text"},
	}}
	for n, t := range s.book.Glossary {
		h.put("glossary_term", ids[n], t.Slug, t.Source, t.Revision, uuid.New(), s.who(t.By), t.CreatedAt, s.who(t.UpdatedBy), t.UpdatedAt)
		for _, lang := range locale.All {
			said := *t.in(lang)
			if said == nil {
				continue
			}
			for k, word := range said.Words {
				h.put("glossary_word", ids[n], lang, k+1, word, search.KeyOf(lang, word))
			}
			if said.Definition != "" {
				h.put("glossary_definition", ids[n], lang, said.Definition)
			}
		}
	}
	if err := s.shelf(ctx, h); err != nil {
		return fmt.Errorf("glossary: %w", err)
	}
	return nil
}
