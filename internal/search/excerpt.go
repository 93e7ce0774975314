package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/locale"
)

// Stretch is a piece of a text, marked when it is what was sought.
type Stretch struct {
	Text   string
	Marked bool
}

// reader reads texts with the words of a query in mind.
type reader struct {
	words  []sought
	quoted []sought // words of phrases
}

func (p plan) reader(q Query) reader {
	r := reader{words: p.words}
	for _, phrase := range q.Phrases {
		for _, w := range texts(phrase) {
			if !stop[Fold(w)] {
				r.quoted = append(r.quoted, newSought(w))
			}
		}
	}
	return r
}

// read is a word of a text as words are compared.
type read struct {
	token
	folded, root string
}

func readText(l locale.Lang, text string) []read {
	all := tokens(text)
	out := make([]read, len(all))
	for n, t := range all {
		f := Fold(t.text)
		out[n] = read{t, f, Root(l, f)}
	}
	return out
}

// close is how close a word of a text in l is to the one sought.
func (s sought) close(l locale.Lang, w read) closeness {
	if how := s.forms[w.folded]; how > far {
		return how
	}
	if w.root == s.roots[l] && len(w.root) > 3 {
		return inflection
	}
	for _, stem := range s.stems {
		if strings.HasPrefix(w.folded, stem) {
			return inflection
		}
	}
	if part := s.roots[locale.German]; l == locale.German && len(part) >= 4 && (strings.HasPrefix(w.folded, part) || strings.HasSuffix(w.root, part)) {
		return compound
	}
	return far
}

// found is where a text holds a sought word, and how closely at best.
type found struct {
	best closeness
	at   []int // indexes of words
	uses []string
}

func (s sought) in(l locale.Lang, text []read) found {
	var f found
	for n, w := range text {
		how := s.close(l, w)
		if how == far {
			continue
		}
		f.best = max(f.best, how)
		f.at = append(f.at, n)
		if w.folded != s.folded {
			for _, o := range s.others {
				if Fold(o.word) == w.folded {
					f.uses = append(f.uses, o.word)
				}
			}
		}
	}
	for _, a := range s.alike {
		if at := a.in(text); len(at) > 0 {
			f.best = max(f.best, meaning)
			f.at = append(f.at, at...)
			f.uses = append(f.uses, a.phrase)
		}
	}
	return f
}

// in are the words of a text that make up the phrase; stop words may stand between. A text may cite it in another language than its own.
func (a alike) in(text []read) []int {
	if len(a.keys) == 0 {
		return nil
	}
	var all []int
	for n := range text {
		at, k := []int{}, 0
		for i := n; i < len(text) && k < len(a.keys); i++ {
			if begins(text[i].folded, a.keys[k]) && Root(a.lang, text[i].folded) == a.keys[k] {
				at = append(at, i)
				k++
			} else if k == 0 || !stop[text[i].folded] {
				break
			}
		}
		if k == len(a.keys) {
			all = append(all, at...)
		}
	}
	return all
}

// begins reports whether a word may have the root, as far as their first letters tell: cheaper than to find its root.
func begins(word, root string) bool {
	return strings.HasPrefix(word, root[:min(len(root), shortestRoot)])
}

// fit is how well a hit holds the words: in its title more than in its text, closely more than loosely, together more than apart.
func (r reader) fit(h *Hit) float64 {
	title, body := readText(h.Lang, h.Title), readText(h.Lang, h.plain)
	ofTitle := 1.0
	if h.Parent > 0 {
		ofTitle = .5 // the thread's, not its own
	}
	sum := 0.0
	var inTitle, inBody [][]int
	for i, w := range r.words {
		t, b := w.in(h.Lang, title), w.in(h.Lang, body)
		if t.best > far || b.best > far {
			h.mask |= 1 << i
		}
		inTitle, inBody = append(inTitle, t.at), append(inBody, b.at)
		many := min(1, .6+.1*float64(len(b.at)))
		sum += max(ofTitle*worth[t.best], .45*many*worth[b.best]) + .25*min(ofTitle*worth[t.best], worth[b.best])
	}
	n := float64(max(1, len(r.words)))
	return sum/n + .3*ofTitle*together(inTitle) + .25*together(inBody)
}

// together is the share of neighbouring query words that a text also has side by side, in their order.
func together(at [][]int) float64 {
	if len(at) < 2 {
		return 0
	}
	pairs := 0.0
	for i := 1; i < len(at); i++ {
		for _, a := range at[i-1] {
			if slices.Contains(at[i], a+1) || slices.Contains(at[i], a+2) {
				pairs++
				break
			}
		}
	}
	return pairs / float64(len(at)-1)
}

// excerptLength in characters.
const excerptLength = 240

// mark marks the words in a hit's title and in the stretch of its text that holds most of them.
func (r reader) mark(h *Hit) {
	h.uses = map[string]bool{}
	all := append(append([]sought{}, r.words...), r.quoted...)
	title, body := readText(h.Lang, h.Title), readText(h.Lang, h.plain)
	titles, bodies := map[int]bool{}, map[int]bool{}
	for _, w := range all {
		for marks, text := range map[*map[int]bool][]read{&titles: title, &bodies: body} {
			f := w.in(h.Lang, text)
			for _, n := range f.at {
				(*marks)[n] = true
			}
			for _, u := range f.uses {
				h.uses[u] = true
			}
		}
	}
	h.Marked = stretches(h.Title, title, titles, 0, len(h.Title))
	from, to := window(h.plain, body, bodies)
	h.Excerpt = stretches(h.plain, body, bodies, from, to)
	if from > 0 {
		h.Excerpt = append([]Stretch{{Text: "… "}}, h.Excerpt...)
	}
	if to < len(h.plain) {
		h.Excerpt = append(h.Excerpt, Stretch{Text: " …"})
	}
}

// window is the stretch of a text, in bytes, that holds most marked words; it begins and ends with a word.
func window(text string, words []read, marked map[int]bool) (from, to int) {
	if utf8.RuneCountInString(text) <= excerptLength || len(words) == 0 {
		return 0, len(text)
	}
	first, best := 0, -1
	for n := range words {
		if !marked[n] {
			continue
		}
		count := 0
		for i := n; i < len(words) && utf8.RuneCountInString(text[words[n].start:words[i].end]) <= excerptLength-60; i++ {
			if marked[i] {
				count++
			}
		}
		if count > best {
			first, best = n, count
		}
	}
	for lead := 0; first > 0 && lead < 6 && best >= 0; lead++ {
		first--
	}
	from = words[first].start
	if first == 0 {
		from = 0
	}
	last := first
	for last+1 < len(words) && utf8.RuneCountInString(text[from:words[last+1].end]) <= excerptLength {
		last++
	}
	if last == len(words)-1 {
		return from, len(text)
	}
	return from, words[last].end
}

func stretches(text string, words []read, marked map[int]bool, from, to int) []Stretch {
	var all []Stretch
	at := from
	for n, w := range words {
		if !marked[n] || w.start < from || w.end > to {
			continue
		}
		if w.start > at {
			all = append(all, Stretch{Text: text[at:w.start]})
		}
		all = append(all, Stretch{Text: text[w.start:w.end], Marked: true})
		at = w.end
	}
	if at < to {
		all = append(all, Stretch{Text: text[at:to]})
	}
	return all
}
