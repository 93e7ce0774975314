package community

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold makes spellings of a name the same: case, accents, and white space do not count.
func fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ReplaceAll(strings.ToLower(name), "ß", "ss")) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(strings.ReplaceAll(b.String(), "ς", "σ")), " ")
}

// plurals are endings that make a word of another; they count only where both words occur.
var plurals = []string{"s", "es", "n", "en", "e", "x"}

// singular is the shorter form of a folded name when that occurs as well, else the name itself.
func singular(name string, occurs func(string) bool) string {
	for _, end := range plurals {
		if short, ok := strings.CutSuffix(name, end); ok && len(short) >= 4 && occurs(short) {
			return short
		}
	}
	return name
}
