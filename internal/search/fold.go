package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"urbanfluxes.eu/koinon/internal/locale"
)

// Words that are compared are folded: small letters, no accents, Greek in Latin letters, so that a word is found however it was typed.
var latin = map[rune]string{
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p",
	'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o", 'ß': "ss", 'œ': "oe", 'æ': "ae", 'ø': "o", 'ł': "l",
}

// Fold makes a word comparable.
func Fold(word string) string {
	if plain(word) {
		return strings.ToLower(word)
	}
	var b strings.Builder
	for _, r := range word {
		if int(r) >= len(near) {
			return fold(word)
		}
		b.WriteString(near[r])
	}
	return b.String()
}

// near are the letters of our languages, folded once: Latin and Greek stand before U+0400.
var near = func() (all [0x400]string) {
	for r := range all {
		all[r] = fold(string(rune(r)))
	}
	return all
}()

// fold is Fold for any letters.
func fold(word string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case latin[r] != "":
			b.WriteString(latin[r])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reports whether a word has ASCII letters only: most words of a text do, and need no more than small letters.
func plain(word string) bool {
	for n := range len(word) {
		if word[n] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// endings that inflections of one word differ in, the longest first, per language and folded.
var endings = map[locale.Lang][]string{
	locale.English: {"ies", "es", "s", "y", "e"},
	locale.German:  {"ern", "ien", "ium", "em", "en", "er", "es", "e", "n", "s"},
	locale.French:  {"aux", "ees", "es", "ee", "e", "s", "x"},
	locale.Greek:   {"oyn", "eon", "eos", "eis", "iou", "ioy", "ion", "ies", "ias", "oys", "ata", "atos", "aton", "on", "oy", "oi", "os", "is", "as", "es", "ei", "a", "i", "o", "e", "s", "n"},
}

const shortestRoot = 3

// Root is what the inflections of a folded word share: cruder than a stem, because PostgreSQL's stems part κριτήριο from κριτήρια and
// Hitzeinsel from Hitzeinseln.
func Root(lang locale.Lang, folded string) string {
	root := folded
	switch {
	case lang == locale.English && strings.HasSuffix(root, "rion"):
		root = strings.TrimSuffix(root, "on")
	case lang == locale.English && strings.HasSuffix(root, "ria"):
		root = strings.TrimSuffix(root, "a")
	case lang == locale.French && strings.HasSuffix(root, "aux") && len(root) > 5:
		root = strings.TrimSuffix(root, "ux") + "l"
	}
	for stripped := true; stripped; {
		stripped = false
		for _, e := range endings[lang] {
			if strings.HasSuffix(root, e) && utf8.RuneCountInString(root)-len(e) >= shortestRoot {
				root, stripped = strings.TrimSuffix(root, e), true
				break
			}
		}
		if lang == locale.Greek || lang == locale.English {
			break // one ending; German and French heap them
		}
	}
	if lang == locale.Greek && len(root) > shortestRoot {
		root = strings.TrimSuffix(root, "i")
	}
	return root
}

// letter reports whether r is part of a word.
func letter(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

// token is a word at its place in a text.
type token struct {
	text       string
	start, end int
}

// tokens are the words of a text in their order.
func tokens(text string) []token {
	var all []token
	start := -1
	for at, r := range text {
		switch {
		case letter(r) && start < 0:
			start = at
		case !letter(r) && start >= 0:
			all = append(all, token{text[start:at], start, at})
			start = -1
		}
	}
	if start >= 0 {
		all = append(all, token{text[start:], start, len(text)})
	}
	return all
}

// KeyOf is a phrase's roots without its stop words, as the glossary compares phrases.
func KeyOf(lang locale.Lang, phrase string) string {
	var roots []string
	for _, t := range tokens(phrase) {
		if f := Fold(t.text); !stop[f] && len(f) > 1 {
			roots = append(roots, Root(lang, f))
		}
	}
	return strings.Join(roots, " ")
}
