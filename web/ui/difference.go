package ui

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// stretch is a part of a text: kept, added or taken away. A heading has lost its marks.
type stretch struct {
	Text           string
	Added, Removed bool
	Heading        bool
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

// margin is how many characters of unchanged text stay on either side of a change when the difference is shown in brief.
const margin = 160

// brief leaves out what did not change, but for some words around each change.
func brief(all []stretch) []stretch {
	var short []stretch
	for n, s := range all {
		text := []rune(s.Text)
		if s.Added || s.Removed || len(text) <= 2*margin {
			short = append(short, s)
			continue
		}
		cut := ""
		if n > 0 {
			cut = strings.TrimRightFunc(string(text[:margin]), notSpace)
		}
		cut += "\n[…]\n"
		if n < len(all)-1 {
			cut += strings.TrimLeft(strings.TrimLeftFunc(string(text[len(text)-margin:]), notSpace), " ")
		}
		if n == 0 {
			cut = strings.TrimLeft(cut, "\n")
		}
		short = append(short, stretch{Text: cut})
	}
	return short
}

func notSpace(r rune) bool { return !unicode.IsSpace(r) }

var marks = regexp.MustCompile(`^#{1,6} +`)

// headed cuts the stretches where a line begins or ends that is a heading.
func headed(all []stretch) []stretch {
	var cut []stretch
	begins, heading := true, false
	for _, s := range all {
		for line := range strings.Lines(s.Text) {
			if begins {
				bare := marks.ReplaceAllString(line, "")
				heading = len(bare) < len(line) && strings.TrimSpace(bare) != ""
				if heading {
					line = bare
				}
			}
			begins = strings.HasSuffix(line, "\n")
			part := stretch{Text: line, Added: s.Added, Removed: s.Removed, Heading: heading}
			if last := len(cut) - 1; last >= 0 && !heading && part.Added == cut[last].Added && part.Removed == cut[last].Removed && !cut[last].Heading {
				cut[last].Text += line
			} else {
				cut = append(cut, part)
			}
			heading = heading && !begins
		}
	}
	return cut
}
