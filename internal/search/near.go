package search

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/jackc/pgx/v5"
)

// nearSQL finds the words of the vocabulary that look most like one that is nowhere.
const nearSQL = `select w.n::int, v.word, v.folded, v.lexeme from unnest($1::text[]) with ordinality w(folded, n),
	lateral (select word, folded, lexeme, similarity(folded, w.folded) as near from vocabulary where folded % w.folded order by near desc, df desc, word limit 8) v
	where v.near >= 0.4 order by w.n, v.near desc`

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
	found := false
	_, err = pgx.ForEachRow(rows, []any{&n, &word, &form, &lexeme}, func() error {
		w := &all[missing[n-1]]
		if edits(w.folded, form) > 1+len(w.folded)/4 {
			return nil
		}
		w.add(word, form, lexeme, typo)
		found = true
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("near words: %w", err)
	}
	return found, nil
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
