package search

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of a query, in characters and in words; what goes beyond is not sought.
const (
	MaxQuery = 300
	maxWords = 12
)

// Query is what somebody seeks. Empty fields filter nothing.
type Query struct {
	Words     []string  // all of them, in their order, without stop words
	Phrases   []string  // said in quotes: exactly so
	Not       []string  // words and phrases that must not occur
	Reference Reference // what is called by its number
	Filter
	Hints []Hint
}

// Filter narrows a search to some items.
type Filter struct {
	Kind, City, Tag, By, Lang string
	Before, After             time.Time // items made before that day; from that day on
}

// Hint says what of a query was not understood, or not taken as it was typed: Key completes the message "search.hint.<key>".
type Hint struct{ Key, Word string }

// Empty reports whether nothing is sought.
func (q Query) Empty() bool {
	return len(q.Words) == 0 && len(q.Phrases) == 0 && q.Filter == (Filter{}) && q.Reference == (Reference{})
}

// part of a query: an optional minus and keyword, then a word or something in quotes.
var part = regexp.MustCompile(`(-?)(?:([\p{L}][\p{L}\p{M}-]*):)?(?:["“”„«»]([^"“”„«»]*)["“”„«»]?|([^\s"“”„«»]+))`)

// Parse reads a query. Nothing that can be typed is an error.
func Parse(typed string) Query {
	var q Query
	var passing []string
	for _, m := range part.FindAllStringSubmatch(clean(typed), -1) {
		minus, key, quoted, word := m[1] != "", m[2], strings.TrimSpace(m[3]), m[4]
		if filter := filters[Fold(key)]; filter != "" && !minus {
			q.filter(filter, quoted+word)
			continue
		}
		if key != "" {
			if !minus && !strings.HasPrefix(word, "//") && filters[Fold(key)] == "" {
				q.Hints = append(q.Hints, Hint{"filter", key})
			}
			word = key + " " + word
		}
		switch {
		case minus:
			if text := strings.Join(texts(quoted+" "+word), " "); text != "" {
				q.Not = append(q.Not, text)
			}
		case quoted != "":
			q.Phrases = append(q.Phrases, quoted)
		}
		if minus {
			continue
		}
		if ref, ok := readReference(word); ok && key == "" && q.Reference.Number == 0 {
			q.Reference = ref
			continue
		}
		for _, w := range words(word) {
			if f := Fold(w); stop[f] || utf8.RuneCountInString(w) < 2 && !isDigit(w) {
				passing = append(passing, w)
			} else {
				q.Words = append(q.Words, w)
			}
		}
	}
	if len(q.Words) == 0 && len(q.Phrases) == 0 {
		q.Words = passing // somebody seeks nothing but "to be"
	}
	q.Words, q.Phrases, q.Not = first(once(q.Words), maxWords), first(q.Phrases, 4), first(q.Not, 6)
	return q
}

func clean(typed string) string {
	typed = strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(typed, " "))
	if runes := []rune(typed); len(runes) > MaxQuery {
		typed = string(runes[:MaxQuery])
	}
	return typed
}

func (q *Query) filter(name, value string) {
	folded := Fold(value)
	understood := true
	switch name {
	case "kind":
		if kinds[folded] != "" {
			q.Kind = kinds[folded]
		}
		understood = kinds[folded] != ""
	case "lang":
		if languages[folded] != "" {
			q.Lang = languages[folded]
		}
		understood = languages[folded] != ""
	case "before", "after":
		var t time.Time
		if t, understood = readDay(value); !understood {
			break
		}
		if name == "before" {
			q.Before = t
		} else {
			q.After = t
		}
	case "city":
		q.City = value
	case "tag":
		q.Tag = strings.TrimPrefix(value, "#")
	case "by":
		q.By = value
	}
	if !understood && value != "" {
		q.Hints = append(q.Hints, Hint{name, value})
	}
}

// Set takes a filter from a field of a form; a field wins over a word.
func (q *Query) Set(name, value string) {
	if value = strings.TrimSpace(clean(value)); value != "" {
		q.filter(name, value)
	}
}

var decimal = regexp.MustCompile(`^\d+[.,]\d+$`)

// words of a chunk without spaces; numbers such as 4.6 stay whole.
func words(chunk string) []string {
	if decimal.MatchString(chunk) {
		return []string{strings.Replace(chunk, ",", ".", 1)}
	}
	return texts(chunk)
}

func texts(of string) []string {
	var all []string
	for _, t := range tokens(of) {
		all = append(all, t.text)
	}
	return all
}

func isDigit(w string) bool { return len(w) == 1 && w[0] >= '0' && w[0] <= '9' }

func once(words []string) []string {
	seen := map[string]bool{}
	var kept []string
	for _, w := range words {
		if f := Fold(w); !seen[f] {
			seen[f] = true
			kept = append(kept, w)
		}
	}
	return kept
}

func first[T any](all []T, n int) []T { return all[:min(len(all), n)] }
