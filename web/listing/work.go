package listing

import (
	"strings"
	"time"
	"unicode"
)

// Work is something that can be cited.
type Work struct {
	Key       string // ASCII, and the same for good
	Authors   []Author
	Title     string
	Genre     string // what it is called: "Case"
	Report    bool   // one of a numbered series; else a page
	Number    string // in its series: "E-7"
	Version   string // which state is meant: "3"
	Community string
	Programme string
	Lang      string
	Issued    time.Time // of that state
	URL       string    // of that state
}

// Author of a work: a person, or words that no program may take apart.
type Author struct {
	Name  string
	Words bool
}

// parted is a name as lists of literature sort it: given names, small words before the family name, family name. One word is no such name.
func (a Author) parted() (given, particle, family string, ok bool) {
	words := strings.Fields(a.Name)
	if a.Words || len(words) < 2 || strings.ContainsRune(a.Name, ',') {
		return "", "", "", false
	}
	last := len(words) - 1
	small := last
	for small > 1 && unicode.IsLower([]rune(words[small-1])[0]) {
		small--
	}
	return strings.Join(words[:small], " "), strings.Join(words[small:last], " "), words[last], true
}

// oneLine is a text without breaks and control characters.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
