package harvest

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

// A theme is what several people said several times.
const (
	leastSayings = 3
	leastVoices  = 2
)

const (
	alikeFrom = 0.24 // cosine from which two sayings are alike; set by reading what the demonstration programme gives below and above
	apartFrom = 0.17 // mean cosine below which two groups of sayings are not one theme
	leastOwn  = 2    // things that two sayings alike speak of both
	longest   = 4    // words that name a theme
)

// utterance is a passage that somebody said, with what it speaks of.
type utterance struct {
	item  item.ID
	part  string
	words string
	lang  locale.Lang
	voice string // who; empty when nobody knows
	meant []search.Meant
}

// vector weighs what an utterance speaks of; its length is 1.
type vector map[string]float64

func (v vector) times(o vector) float64 {
	if len(o) < len(v) {
		v, o = o, v
	}
	sum := 0.0
	for key, x := range v {
		sum += x * o[key]
	}
	return sum
}

// weigh gives each thing the more weight the fewer utterances speak of it (inverse document frequency), and lists who speaks of what.
func weigh(all []utterance) ([]vector, map[string][]int) {
	speaking := map[string][]int{}
	counts := make([]map[string]int, len(all))
	for n, u := range all {
		counts[n] = map[string]int{}
		for _, m := range u.meant {
			if counts[n][m.Key]++; counts[n][m.Key] == 1 {
				speaking[m.Key] = append(speaking[m.Key], n)
			}
		}
	}
	vectors := make([]vector, len(all))
	for n := range all {
		v, square := vector{}, 0.0
		for key, count := range counts[n] {
			v[key] = (1 + math.Log(float64(count))) * math.Log(1+float64(len(all))/float64(len(speaking[key])))
			square += v[key] * v[key]
		}
		for key := range v {
			v[key] /= math.Sqrt(square)
		}
		vectors[n] = v
	}
	return vectors, speaking
}

// pair of utterances that are alike.
type pair struct {
	a, b int
	how  float64
}

// pairs are all that are alike, the most alike first. What more than a tenth of many utterances speak of makes no two alike.
func pairs(all []utterance, vectors []vector, speaking map[string][]int) []pair {
	var found []pair
	common := max(20, len(all)/10)
	for a := range all {
		shared := map[int]int{}
		for key := range vectors[a] {
			if others := speaking[key]; len(others) <= common {
				for _, b := range others {
					if b > a {
						shared[b]++
					}
				}
			}
		}
		for b, n := range shared {
			if all[a].item == all[b].item && all[a].part == all[b].part || n < leastOwn {
				continue
			}
			if how := vectors[a].times(vectors[b]); how >= alikeFrom {
				found = append(found, pair{a, b, how})
			}
		}
	}
	slices.SortFunc(found, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.how, x.how), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	return found
}

// group of utterances that are one theme so far.
type group struct {
	members []int
	sum     vector
}

// grouped joins what is alike, the most alike first, as long as the groups are alike on the whole: else one saying would lead to the next, and all would be one.
func grouped(all []utterance, vectors []vector, found []pair) []group {
	of, groups := make([]int, len(all)), make([]group, len(all))
	for n := range all {
		of[n], groups[n] = n, group{members: []int{n}, sum: vectors[n]}
	}
	for _, p := range found {
		a, b := of[p.a], of[p.b]
		if a == b || groups[a].sum.times(groups[b].sum) < apartFrom*float64(len(groups[a].members)*len(groups[b].members)) {
			continue
		}
		sum := vector{}
		for _, g := range []group{groups[a], groups[b]} {
			for key, x := range g.sum {
				sum[key] += x
			}
		}
		groups[a] = group{members: append(groups[a].members, groups[b].members...), sum: sum}
		for _, n := range groups[b].members {
			of[n] = a
		}
		groups[b] = group{}
	}
	return slices.DeleteFunc(groups, func(g group) bool { return len(g.members) < leastSayings })
}

// alike is a theme as likeness finds it.
type alike struct {
	key, words string
	sayings    []utterance // one of each post or line, in their order
	voices     int
}

// themesAmong finds what several people said in words that are alike.
func themesAmong(all []utterance) []alike {
	vectors, speaking := weigh(all)
	var themes []alike
	for _, g := range grouped(all, vectors, pairs(all, vectors, speaking)) {
		if t := g.theme(all, vectors); len(t.sayings) >= leastSayings && t.voices >= leastVoices {
			themes = append(themes, t)
		}
	}
	return themes
}

// theme keeps of each post the passage that is nearest to the others, and names the whole by what most speak of.
func (g group) theme(all []utterance, vectors []vector) alike {
	var t alike
	slices.SortFunc(g.members, func(a, b int) int {
		return cmp.Or(cmp.Compare(vectors[b].times(g.sum), vectors[a].times(g.sum)), cmp.Compare(a, b))
	})
	seen, voices := map[string]bool{}, map[string]bool{}
	var kept []int
	for _, n := range g.members {
		if u := all[n]; !seen[sayingAt(u.item, u.part)] {
			seen[sayingAt(u.item, u.part)] = true
			kept = append(kept, n)
			if u.voice != "" {
				voices[u.voice] = true
			}
		}
	}
	slices.Sort(kept)
	for _, n := range kept {
		t.sayings = append(t.sayings, all[n])
	}
	t.voices = len(voices)
	t.key, t.words = g.named(t.sayings)
	return t
}

// named is the theme's key, which its words in other order and inflection do not change, and the words themselves, as they were said most often.
func (g group) named(sayings []utterance) (key, words string) {
	spoken, in := map[string]map[string]int{}, map[string]int{}
	for _, u := range sayings {
		once := map[string]bool{}
		for _, m := range u.meant {
			if spoken[m.Key] == nil {
				spoken[m.Key] = map[string]int{}
			}
			spoken[m.Key][m.Word]++
			if !once[m.Key] {
				once[m.Key] = true
				in[m.Key]++
			}
		}
	}
	var keys []string
	for k, n := range in {
		if n > 1 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(g.sum[b], g.sum[a]), cmp.Compare(a, b)) })
	keys = keys[:min(longest, len(keys))]
	var said []string
	for _, k := range keys {
		best := ""
		for w, n := range spoken[k] {
			if best == "" || n > spoken[k][best] || n == spoken[k][best] && w < best {
				best = w
			}
		}
		said = append(said, best)
	}
	slices.Sort(keys)
	return cut(strings.Join(keys, " ")), cut(strings.Join(said, " · "))
}

// cut keeps what the schema keeps.
func cut(text string) string {
	if r := []rune(text); len(r) > 200 {
		return string(r[:200])
	}
	return text
}
