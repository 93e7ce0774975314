package ui

import (
	"regexp"
	"strings"
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// stretch of a text: kept, added or taken away.
type stretch struct {
	Text           string
	Added, Removed bool
}

var words = regexp.MustCompile(`\s+|[^\s]+`)

// difference tells two texts apart word by word.
func difference(before, after string) []stretch {
	d := diffmatchpatch.New()
	d.DiffTimeout = 200 * time.Millisecond
	known := map[string]rune{}
	var list []string
	encode := func(text string) []rune {
		var out []rune
		for _, w := range words.FindAllString(text, -1) {
			code, ok := known[w]
			if !ok {
				list = append(list, w)
				code = rune(len(list))
				if code >= 0xD800 {
					code += 0x800 // past the surrogates, which are no runes
				}
				known[w] = code
			}
			out = append(out, code)
		}
		return out
	}
	var all []stretch
	for _, part := range d.DiffMainRunes(encode(before), encode(after), false) {
		var text strings.Builder
		for _, code := range part.Text {
			if code >= 0xD800 {
				code -= 0x800
			}
			text.WriteString(list[code-1])
		}
		all = append(all, stretch{Text: text.String(), Added: part.Type == diffmatchpatch.DiffInsert, Removed: part.Type == diffmatchpatch.DiffDelete})
	}
	return all
}
