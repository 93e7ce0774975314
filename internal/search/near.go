package search

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/jackc/pgx/v5"
)

// nearSQL finds the words of the vocabulary and of the glossary that look most like one that is nowhere.
const nearSQL = `select w.n::int, v.word, v.folded, v.lexeme from unnest($1::text[]) with ordinality w(folded, n),
	lateral ((select word, folded, lexeme, similarity(folded, w.folded) as near, df from vocabulary where folded % w.folded order by near desc, df desc, word limit 8)
		union all (select min(g.word), lower(g.word), '', similarity(lower(g.word), w.folded), 0 from glossary_word g where g.word !~ ' ' and lower(g.word) % w.folded group by 2 order by 4 desc, 2 limit 4)) v
	where v.near >= 0.4 order by w.n, v.near desc, v.df desc, v.word`

// nearest adds near words to those that nothing visible holds.
func (s Store) nearest(ctx context.Context, all []sought, missing []int) (bool, error) {
	folded := make([]string, len(missing))
	for n, i := range missing {
		folded[n] = all[i].folded
	}
	rows, err := s.db.Query(ctx, nearSQL, folded)
	if err != nil {
		return false, fmt.Errorf("near words: %w", err)
	}
	var n int
	var word, form, lexeme string
	meant := map[int]string{} // the nearest to each
	_, err = pgx.ForEachRow(rows, []any{&n, &word, &form, &lexeme}, func() error {
		w := &all[missing[n-1]]
		if edits(w.folded, form) > 1+len(w.folded)/4 {
			return nil
		}
		w.add(word, form, lexeme, typo)
		if meant[missing[n-1]] == "" {
			meant[missing[n-1]] = word
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("near words: %w", err)
	}
	return len(meant) > 0, s.asMeant(ctx, all, meant)
}

// asMeant puts beside misspelt words what stands for those that were meant: their inflections, and what the glossary calls them in every language.
func (s Store) asMeant(ctx context.Context, all []sought, meant map[int]string) error {
	if len(meant) == 0 {
		return nil
	}
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = w.typed
		if right, misspelt := meant[i]; misspelt {
			words[i] = right
		}
	}
	right, err := s.expand(ctx, words)
	if err != nil {
		return err
	}
	for i, w := range right {
		if _, misspelt := meant[i]; misspelt {
			all[i].takeIn(w)
		} else if w.term.length > all[i].term.length { // a term of several words, one of them misspelt
			all[i].terms, all[i].term, all[i].alike, all[i].others = w.terms, w.term, w.alike, append(all[i].others, w.others...)
		}
	}
	return nil
}

// takeIn lets what stands for the word that was meant stand for this one, as a near word does.
func (s *sought) takeIn(meant sought) {
	s.strong, s.begins, s.begun = append(s.strong, meant.strong...), append(s.begins, meant.begins...), append(s.begun, meant.begun...)
	s.kin, s.stems, s.others = append(s.kin, meant.kin...), append(s.stems, meant.stems...), append(s.others, meant.others...)
	s.terms, s.term, s.alike = append(s.terms, meant.terms...), meant.term, append(s.alike, meant.alike...)
	for form := range meant.forms {
		if s.forms[form] < typo {
			s.forms[form] = typo
		}
	}
}

// edits is how many letters must be put in, left out, changed or swapped with their neighbour to make b of a.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, now := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(y)]
}

// told are the other forms worth telling, the surest kinds first, each once.
func told(all []sought, occurs func(s sought, o other) bool) []string {
	type ranked struct {
		word string
		rank int
	}
	order := map[closeness]int{typo: 0, meaning: 1, inflection: 2, exact: 2, compound: 3}
	var words []ranked
	seen := map[string]bool{}
	for _, s := range all {
		for _, o := range s.others {
			if key := strings.ToLower(o.word); !seen[key] && occurs(s, o) {
				seen[key] = true
				words = append(words, ranked{o.word, order[o.how]})
			}
		}
	}
	sort.SliceStable(words, func(a, b int) bool { return words[a].rank < words[b].rank })
	var out []string
	for _, w := range words[:min(len(words), 8)] {
		out = append(out, w.word)
	}
	return out
}
