// Package form reads what people typed.
package form

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/fault"
)

// MaxBytes is the most that a form may weigh; the longest text is 100,000 characters.
const MaxBytes = 1 << 20

// Values are the fields of a form as typed: valid UTF-8, composed (NFC), line ends as "\n".
type Values struct {
	url.Values
	broken []string
	parts
}

// Read parses the form of r. A body that is too large or malformed is an error; broken text is noted for Err. Files are left out.
func Read(w http.ResponseWriter, r *http.Request) (Values, error) {
	if boundary(r) != "" {
		return readParts(w, r, false)
	}
	r.Body = http.MaxBytesReader(w, r.Body, MaxBytes)
	if err := r.ParseForm(); err != nil {
		if _, tooLarge := err.(*http.MaxBytesError); tooLarge {
			return Values{}, err
		}
		return Values{}, fault.One("form", "unreadable")
	}
	v := Values{Values: url.Values{}}
	for name, texts := range r.PostForm {
		for _, text := range texts {
			v.take(name, text)
		}
	}
	return v, nil
}

// take adds a field as it was typed, made clean.
func (v *Values) take(name, text string) {
	clean := strings.ToValidUTF8(text, "\ufffd")
	if clean != text || strings.ContainsRune(text, 0) || !utf8.ValidString(name) {
		v.broken = append(v.broken, name)
		clean = strings.ReplaceAll(clean, "\x00", "\ufffd")
	}
	clean = strings.Map(printed, lineEnds.Replace(clean))
	v.Add(strings.ToValidUTF8(name, "\ufffd"), norm.NFC.String(clean))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// printed drops the controls that nobody types and no page, mail or feed may hold.
func printed(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' {
		return -1
	}
	return r
}

// onOneLine makes spaces of line ends, and drops the marks that would turn the direction of whatever stands beside the words.
func onOneLine(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r == '\u2028' || r == '\u2029':
		return ' '
	case r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
		return -1
	}
	return r
}

// Text is a field on one line, without white space around it.
func (v Values) Text(name string) string {
	return strings.TrimSpace(strings.Map(onOneLine, v.Get(name)))
}

// Body is a longer text; only white space at its end goes.
func (v Values) Body(name string) string { return strings.TrimRight(v.Get(name), " \t\n") }

// Chosen reports whether a box was ticked or a button with that value pressed.
func (v Values) Chosen(name, value string) bool {
	for _, got := range v.Values[name] {
		if got == value {
			return true
		}
	}
	return false
}

// Request is the form's own id, which makes sending it twice harmless; a form without one gets a new id.
func (v Values) Request() uuid.UUID {
	if id, err := uuid.Parse(v.Get("request")); err == nil {
		return id
	}
	return uuid.New()
}

// Sent is the id of what the form sends: with other words than before it is something else.
func (v Values) Sent() uuid.UUID { return draft.Sent(v.Values) }

// Err names the fields whose text was broken (not UTF-8, or with NUL bytes); nil when none was.
func (v Values) Err() error {
	var in fault.Invalid
	for _, name := range v.broken {
		in.Check(false, name, "broken-text")
	}
	return in.Err()
}

// Clean is a word out of an address: valid, on one line, at most n characters.
func Clean(word string, n int) string {
	word = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(word, "")))
	if runes := []rune(word); len(runes) > n {
		return string(runes[:n])
	}
	return norm.NFC.String(word)
}
