package search

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
)

// Lexicon says what texts are about, whatever their language and however their words are inflected.
type Lexicon struct {
	terms map[string]string // slug of a term of the glossary by language and key
}

// Meant is one thing that a text speaks of.
type Meant struct {
	Key  string // the same for all inflections, and in all languages where the glossary knows it
	Word string // as it stands in the text
}

// Lexicon of the glossary as it is now.
func (s Store) Lexicon(ctx context.Context) (Lexicon, error) {
	x := Lexicon{terms: map[string]string{}}
	rows, err := s.db.Query(ctx, `select w.lang, w.key, t.slug from glossary_word w join glossary_term t on t.id = w.term_id order by t.id desc, w.position desc`) // the first meaning stays
	if err != nil {
		return x, fmt.Errorf("lexicon: %w", err)
	}
	var lang, key, slug string
	_, err = pgx.ForEachRow(rows, []any{&lang, &key, &slug}, func() error {
		x.terms[lang+" "+key] = slug
		return nil
	})
	if err != nil {
		return x, fmt.Errorf("lexicon: %w", err)
	}
	return x, nil
}

// Meant is what a text speaks of, in its order: the terms of the glossary as one thing each, then other words by their roots.
func (x Lexicon) Meant(lang locale.Lang, text string) []Meant {
	var words, roots []string
	for _, t := range tokens(text) {
		f := Fold(t.text)
		if n := utf8.RuneCountInString(f); stop[f] || n < 3 || n > 60 || strings.ContainsAny(f, "0123456789") {
			continue
		}
		words, roots = append(words, t.text), append(roots, Root(lang, f))
	}
	var all []Meant
	for at := 0; at < len(words); {
		length := min(maxTerm, len(words)-at)
		slug := ""
		for ; length > 0; length-- {
			if slug = x.terms[string(lang)+" "+strings.Join(roots[at:at+length], " ")]; slug != "" {
				break
			}
		}
		if slug != "" {
			all = append(all, Meant{"§" + slug, strings.Join(words[at:at+length], " ")})
			at += length
			continue
		}
		all = append(all, Meant{roots[at], words[at]})
		at++
	}
	return all
}
