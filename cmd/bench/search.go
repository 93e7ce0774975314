package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/search"
)

// kindOfQuery is a part of the mix: what somebody types, made from words of a rank in the frequency list (1: the most frequent).
type kindOfQuery struct {
	name  string
	typed func(l lexicon, n int) string
}

// mix is what is measured: ten queries of each kind, three times each.
var mix = []kindOfQuery{
	{"a name that two texts in five hold", func(l lexicon, n int) string { return shared[n%3] }},
	{"two such names", func(l lexicon, n int) string { return shared[n%3] + " " + shared[(n+1)%3] }},
	{"a frequent word", func(l lexicon, n int) string { return l.word(n, 12+n) }},
	{"a frequent word and a name", func(l lexicon, n int) string { return l.word(n, 20+n) + " " + shared[n%3] }},
	{"a word of middling frequency", func(l lexicon, n int) string { return l.word(n, 300+30*n) }},
	{"two such words", func(l lexicon, n int) string { return l.word(n, 200+10*n) + " " + l.word(n, 150+10*n) }},
	{"a rare word", func(l lexicon, n int) string { return l.word(n, 9000+500*n) }},
	{"a word mistyped", func(l lexicon, n int) string { return slip(l.word(n, 900+100*n)) }},
	{"the beginning of a word", func(l lexicon, n int) string { w := []rune(l.word(n, 400+40*n)); return string(w[:max(5, len(w)-2)]) }},
	{"a phrase", func(l lexicon, n int) string { return `"` + shared[n%3] + " " + l.word(n, 15+n) + `"` }},
	{"a term of the glossary", func(l lexicon, n int) string {
		return []string{"chaleur anthropique", "Hitzeinsel", "κριτήρια", "uncertainty", "Kaltluft", "ombre", "resolution", "Rangfolge", "κλιματισμός", "storage heat"}[n]
	}},
	{"a frequent word with filters", func(l lexicon, n int) string { return "city:basel kind:discussion " + l.word(n, 12+n) }},
	{"a frequent word without another", func(l lexicon, n int) string { return l.word(n, 14+n) + " -" + shared[n%3] }},
	{"a question of five words", func(l lexicon, n int) string {
		return "how does " + strings.Join([]string{l.word(n, 40+n), l.word(n, 90+n), l.word(n, 250+n), shared[n%3], l.word(n, 700+n)}, " ")
	}},
	{"what is nowhere", func(l lexicon, n int) string { return "qxzw" + string(rune('a'+n)) + "vkj" }},
}

func slip(word string) string {
	r := []rune(word)
	if m := len(r) / 2; m > 0 && m+1 < len(r) {
		r[m], r[m+1] = r[m+1], r[m]
	}
	return string(r)
}

// measured is how long a kind of query took, page and all.
type measured map[string][]time.Duration

func (m measured) all() []time.Duration {
	var all []time.Duration
	for _, took := range m {
		all = append(all, took...)
	}
	return all
}

func at(took []time.Duration, percent int) time.Duration {
	took = slices.Clone(took)
	slices.Sort(took)
	return took[min(len(took)-1, len(took)*percent/100)]
}

// ask times the mix as a signed-in member, over the whole of a page.
func (b *bench) ask(l lexicon) (measured, error) {
	m := measured{}
	type one struct{ kind, query string }
	var all []one
	for _, k := range mix {
		for n := range 10 {
			all = append(all, one{k.name, k.typed(l, n)})
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 4 {
		r.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
		for _, q := range all {
			started := time.Now()
			if _, err := b.get(b.ours+link.Search+"?q="+url.QueryEscape(q.query), false); err != nil {
				return m, fmt.Errorf("%s: %w", q.query, err)
			}
			if round > 0 { // the first warms up
				m[q.kind] = append(m[q.kind], time.Since(started))
			}
		}
	}
	return m, nil
}

// searching compares the search over 1,000 items with that over many.
func (b *bench) searching(ctx context.Context, items int) error {
	l := newLexicon()
	runs := map[int]measured{}
	sizes := []int{1_000, items}
	for _, size := range sizes {
		started := time.Now()
		if err := b.fillTexts(ctx, l, size); err != nil {
			return err
		}
		if err := search.NewStore(b.pool, time.Now).Relearn(ctx); err != nil {
			return err
		}
		var there, visible, known int
		if err := b.pool.QueryRow(ctx, `select (select count(*) from item_search), (select count(*) from item_search s where audience < 2 or audience = 2 and community_id = (select id from community where slug = 'basel')), (select count(*) from vocabulary)`).Scan(&there, &visible, &known); err != nil {
			return err
		}
		fmt.Printf("%d items, %.0f %% of them visible to the member who asks, %d words known; filled in %.0f s\n", there, 100*float64(visible)/float64(there), known, time.Since(started).Seconds())
		var err error
		if runs[size], err = b.ask(l); err != nil {
			return err
		}
	}
	small, large := runs[sizes[0]], runs[sizes[1]]
	fmt.Printf("%-36s %22s   %22s\n", "ms for a page, signed in", "1,000 items: p50 / p95", fmt.Sprintf("%d: p50 / p95", items))
	for _, k := range mix {
		fmt.Printf("%-36s %12.1f / %7.1f   %12.1f / %7.1f\n", k.name, ms(at(small[k.name], 50)), ms(at(small[k.name], 95)), ms(at(large[k.name], 50)), ms(at(large[k.name], 95)))
	}
	s, g := small.all(), large.all()
	fmt.Printf("%-36s %12.1f / %7.1f   %12.1f / %7.1f\n", "all", ms(at(s, 50)), ms(at(s, 95)), ms(at(g, 50)), ms(at(g, 95)))
	fmt.Printf("p95 over %d items is %.1f times that over 1,000 (goal: p95 ≤ 50 ms)\n", items, float64(at(g, 95))/float64(at(s, 95)))
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
