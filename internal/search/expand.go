package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
)

// closeness of a word in a text to a word of the query.
type closeness int

const (
	far      closeness = iota
	typo               // a near word, when the one typed is nowhere
	compound           // a longer word that holds it
	meaning            // the same thing in the glossary
	inflection
	exact
)

var worth = [...]float64{far: 0, typo: .5, compound: .4, meaning: .7, inflection: .85, exact: 1}

// sought is a word of the query with all that may stand for it.
type sought struct {
	typed, folded string
	strong        []string // its own stems, as tsquery
	begins        []string // stems of five letters and more: what begins so is an inflection
	begun         []string // lexemes that begin so, the most frequent first, where they are too frequent to be gathered by their beginning
	kin           []string // lexemes of words of the vocabulary, the closest first
	terms         []string // what the glossary says, as tsquery
	term          span     // the words that it says this of
	forms         map[string]closeness
	roots         map[locale.Lang]string
	stems         []string // begins, folded
	alike         []alike  // what the glossary says
	others        []other  // forms to tell the reader of, when they occur in what is found
}

// alike is a word or phrase that the glossary puts beside what was typed.
type alike struct {
	lang   locale.Lang
	phrase string
	keys   []string
}

type other struct {
	word string
	how  closeness
}

// Pieces that may stand for one word; each costs time on every match. A search for many words, or for some of them, takes fewer.
const (
	maxWide   = 24
	maxNarrow = 10
)

// query is the sought word in PostgreSQL's words: its stems, the glossary's phrases, then its kin. What a prefix finds anyway is left out.
func (s sought) query(most int) string {
	var pieces []string
	for n, b := range s.begins {
		if !beginsWith(slices.Delete(slices.Clone(s.begins), n, n+1), b) {
			pieces = append(pieces, quoted(b)+":*")
		}
	}
	pieces = append(append(pieces, s.strong...), s.terms...) // the planner guesses well for stems, not for beginnings
	for _, lexeme := range append(s.begun[:len(s.begun):len(s.begun)], s.kin...) {
		if !beginsWith(s.begins, lexeme) {
			pieces = append(pieces, quoted(lexeme))
		}
	}
	return either(pieces, most)
}

func beginsWith(any []string, lexeme string) bool {
	return slices.ContainsFunc(any, func(b string) bool { return strings.HasPrefix(lexeme, b) })
}

func either(pieces []string, most int) string {
	seen := map[string]bool{}
	var kept []string
	for _, p := range pieces {
		if p != "" && !seen[p] {
			seen[p] = true
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "(" + strings.Join(first(kept, most), " | ") + ")"
}

// quoted is a lexeme that no sign in it can turn into an operator.
func quoted(lexeme string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(lexeme, `\`, `\\`), "'", "''") + "'"
}

func newSought(word string) sought {
	s := sought{typed: word, folded: Fold(word), forms: map[string]closeness{}, roots: map[locale.Lang]string{}}
	s.forms[s.folded] = exact
	for _, l := range locale.All {
		s.roots[l] = Root(l, s.folded)
	}
	return s
}

// add takes a word of the vocabulary in.
func (s *sought) add(word, folded, lexeme string, how closeness) {
	if s.forms[folded] < how {
		s.forms[folded] = how
	}
	if lexeme != "" {
		s.kin = append(s.kin, lexeme)
	}
	if folded != s.folded {
		s.others = append(s.others, other{word, how})
	}
}

// umlauts typed as two letters.
var umlauts = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u")

const stemsSQL = `select w.n::int, coalesce((tsvector_to_array(to_tsvector(('public.k_' || l.lang)::regconfig, w.word)))[1], '')
	from unnest($1::text[]) with ordinality w(word, n), unnest(array['en', 'de', 'fr', 'el']) l(lang)`

// begunSQL finds what begins like the stems, where that is frequent. To gather by a beginning, the index reads all that begins so, whatever
// else is asked: that is cheap for rare words alone.
const begunSQL = `select s.n::int, s.stem, v.lexeme from (select distinct n, stem from (` + stemsSQL + `) w(n, stem) where char_length(stem) >= 5) s,
	lateral (select lexeme, sum(df) as df, sum(sum(df)) over () as of_all from vocabulary where lexeme collate "C" >= s.stem and lexeme collate "C" < s.stem || chr(1114111)
		group by lexeme order by df desc, lexeme limit 12) v
	where v.of_all > 2000 order by s.n, v.df desc, v.lexeme`

const kinSQL = `select w.n::int, v.word, v.folded, v.lexeme, case when v.folded = w.folded or v.folded = w.plain then 5 when v.root = any(w.roots) then 4 else 2 end
	from (select n, folded, plain, de, array[root_en, root_de, root_fr, root_el] as roots, root_en, root_de, root_fr, root_el
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) with ordinality w(folded, plain, root_en, root_de, root_fr, root_el, de, n)) w,
	lateral (
		(select word, folded, lexeme, root, df from vocabulary where folded = w.folded or folded = w.plain limit 12)
		union (select word, folded, lexeme, root, df from vocabulary where (lang, root) in (('en', w.root_en), ('de', w.root_de), ('fr', w.root_fr), ('el', w.root_el)) limit 40)
		union (select word, folded, lexeme, root, df from vocabulary where w.de <> '' and lang = 'de' and folded like '%' || w.de || '%' and (folded like w.de || '%' or root like '%' || w.de) order by df desc, word limit 20)
	) v order by w.n, 5 desc, v.df desc, v.word`

// expand says what may stand for each word: its stems in four languages, its inflections and compounds in the vocabulary, and what the glossary calls it.
func (s Store) expand(ctx context.Context, words []string) ([]sought, error) {
	all := make([]sought, len(words))
	for n, w := range words {
		all[n] = newSought(w)
	}
	if len(all) == 0 {
		return nil, nil
	}
	spans, langs, keys := spansOf(all)
	b := &pgx.Batch{}
	b.Queue(stemsSQL, words)
	b.Queue(begunSQL, words)
	b.Queue(kinSQL, kinArgs(all)...)
	b.Queue(glossarySQL, langs, keys)
	results := s.db.SendBatch(ctx, b)
	defer results.Close()
	err := readStems(results, all)
	if err == nil {
		err = readBegun(results, all)
	}
	if err == nil {
		err = readKin(results, all)
	}
	if err == nil {
		err = readGlossary(results, all, spans)
	}
	if err != nil {
		return nil, fmt.Errorf("words of a query: %w", err)
	}
	return all, nil
}

func kinArgs(all []sought) []any {
	columns := make([][]string, 7)
	for _, w := range all {
		part := w.roots[locale.German]
		if len(part) < 4 || strings.ContainsAny(part, `%_\`) {
			part = ""
		}
		for n, value := range []string{w.folded, umlauts.Replace(w.folded), w.roots[locale.English], w.roots[locale.German], w.roots[locale.French], w.roots[locale.Greek], part} {
			columns[n] = append(columns[n], value)
		}
	}
	args := make([]any, len(columns))
	for n := range columns {
		args[n] = columns[n]
	}
	return args
}

func readStems(results pgx.BatchResults, all []sought) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	var n int
	var stem string
	_, err = pgx.ForEachRow(rows, []any{&n, &stem}, func() error {
		if stem == "" {
			return nil
		}
		w := &all[n-1]
		w.strong = append(w.strong, quoted(stem))
		if len([]rune(stem)) >= 5 {
			if !slices.Contains(w.begins, stem) {
				w.begins = append(w.begins, stem)
			}
			w.stems = append(w.stems, Fold(stem))
		}
		return nil
	})
	return err
}

// readBegun puts single lexemes in the place of a frequent beginning.
func readBegun(results pgx.BatchResults, all []sought) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	var n int
	var stem, lexeme string
	_, err = pgx.ForEachRow(rows, []any{&n, &stem, &lexeme}, func() error {
		w := &all[n-1]
		w.begins = slices.DeleteFunc(w.begins, func(b string) bool { return b == stem })
		w.begun = append(w.begun, lexeme)
		return nil
	})
	return err
}

func readKin(results pgx.BatchResults, all []sought) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	var n int
	var how closeness
	var word, folded, lexeme string
	_, err = pgx.ForEachRow(rows, []any{&n, &word, &folded, &lexeme, &how}, func() error {
		all[n-1].add(word, folded, lexeme, how)
		return nil
	})
	return err
}
