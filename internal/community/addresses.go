package community

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
)

// MaxLines of addresses in one sending.
const MaxLines = 500

// Addressee is one address out of a list, with what stood beside it. Problem is the key of what is wrong with it; empty when nothing is.
type Addressee struct {
	Line    int
	Text    string // as typed
	Name    string
	Email   string
	Lang    locale.Lang // empty: the letter's own
	Problem string      // "email", "doubled", "name", "language", "quote" or "column"
	First   int         // line on which a doubled address stands first
}

// Key is what makes two spellings of an address the same.
func (a Addressee) Key() string { return strings.ToLower(a.Email) }

// Decode makes text of a file: UTF-8, or else the single-byte writing that office programs use for lang.
// What is no text at all is a fault.Invalid of the field.
func Decode(raw []byte, field string, lang locale.Lang) (string, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(raw, 0) >= 0 {
		return "", fault.One(field, "no-text")
	}
	if !utf8.Valid(raw) {
		table := charmap.Windows1252
		if lang == locale.Greek {
			table = charmap.Windows1253
		}
		decoded, err := table.NewDecoder().Bytes(raw)
		if err != nil {
			return "", fault.One(field, "no-text")
		}
		raw = decoded
	}
	return norm.NFC.String(string(raw)), nil
}

// ReadAddresses reads a pasted list or a CSV: one address a line or several between commas or semicolons, each bare, as «Name <address>»
// or as a line «name, address, language», with or without a headline. More than MaxLines is a fault.Invalid of the field.
func ReadAddresses(text, field string) ([]Addressee, error) {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	if n := filled(lines); n > MaxLines+1 { // one may be the headline
		return nil, fault.One(field, "too-many-lines", "max", MaxLines, "n", n)
	}
	var all []Addressee
	var head []string
	begun, first := false, map[string]int{}
	for n, line := range lines {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if !begun {
			begun = true
			if head = headline(line); head != nil {
				continue
			}
		}
		for _, a := range readLine(line, head) {
			a.Line, a.Text = n+1, line
			if a.Problem == "" {
				if a.First = first[a.Key()]; a.First > 0 {
					a.Problem = "doubled"
				} else {
					first[a.Key()] = a.Line
				}
			}
			all = append(all, a)
		}
	}
	if len(all) > MaxLines {
		return nil, fault.One(field, "too-many-lines", "max", MaxLines, "n", len(all))
	}
	return all, nil
}

func filled(lines []string) (n int) {
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

// columns are the words that a headline uses, folded.
var columns = map[string]string{
	"name": "name", "nom": "name", "ονομα": "name", "full name": "name", "vorname": "name", "nachname": "name", "first name": "name", "last name": "name", "surname": "name", "prenom": "name", "επωνυμο": "name",
	"mail": "email", "e-mail": "email", "email": "email", "e-mail-adresse": "email", "mailadresse": "email", "courriel": "email", "adresse": "email", "address": "email", "e-mail address": "email", "email address": "email",
	"language": "lang", "lang": "lang", "sprache": "lang", "langue": "lang", "γλωσσα": "lang",
}

// headline says which column is what; nil when the line is no headline.
func headline(line string) []string {
	if strings.ContainsRune(line, '@') {
		return nil
	}
	cells, sound := cells(line)
	if !sound {
		return nil
	}
	var head []string
	for _, c := range cells {
		head = append(head, columns[fold(c)])
	}
	if !slices.Contains(head, "email") {
		return nil
	}
	return head
}

// cells parts a line at commas, semicolons and tabs outside of quotation marks; a mark that is never closed is unsound.
func cells(line string) (parts []string, sound bool) {
	var cell strings.Builder
	quoted := false
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
			cell.WriteRune(r)
		case !quoted && (r == ',' || r == ';' || r == '\t'):
			parts = append(parts, unquote(cell.String()))
			cell.Reset()
		default:
			cell.WriteRune(r)
		}
	}
	return append(parts, unquote(cell.String())), !quoted
}

func unquote(cell string) string {
	cell = strings.TrimSpace(cell)
	if len(cell) >= 2 && cell[0] == '"' && cell[len(cell)-1] == '"' {
		cell = strings.TrimSpace(cell[1 : len(cell)-1])
	}
	return strings.ReplaceAll(cell, `""`, `"`)
}

func readLine(line string, head []string) []Addressee {
	parts, sound := cells(line)
	if !sound {
		return []Addressee{{Problem: "quote"}}
	}
	if head != nil {
		return []Addressee{byHead(parts, head)}
	}
	at := 0
	for _, p := range parts {
		if strings.ContainsRune(p, '@') {
			at++
		}
	}
	if at == 1 {
		return []Addressee{record(parts)}
	}
	var all []Addressee
	for _, p := range parts {
		if p != "" {
			all = append(all, complete(one(p), "", ""))
		}
	}
	if all == nil { // nothing but commas
		all = []Addressee{{Problem: "email"}}
	}
	return all
}

func byHead(parts, head []string) Addressee {
	var name []string
	email, lang := "", ""
	for n, p := range parts {
		switch {
		case n >= len(head) || p == "":
		case head[n] == "name":
			name = append(name, p)
		case head[n] == "email" && email == "":
			email = p
		case head[n] == "lang":
			lang = p
		}
	}
	return complete(one(email), strings.Join(name, " "), lang)
}

// record reads a line with one address: what stands before it is the name, what stands after it the language.
func record(parts []string) Addressee {
	var name []string
	for n, p := range parts {
		if !strings.ContainsRune(p, '@') {
			if p != "" {
				name = append(name, p)
			}
			continue
		}
		lang := ""
		for i, after := range parts[n+1:] {
			if i > 0 && after != "" {
				return Addressee{Problem: "column"}
			}
			if i == 0 {
				lang = after
			}
		}
		return complete(one(p), strings.Join(name, " "), lang)
	}
	return Addressee{Problem: "email"} // not reached: the caller counted one
}

// one reads an address, bare or behind a name in angle brackets.
func one(text string) Addressee {
	a := Addressee{Email: text}
	if open := strings.LastIndexByte(text, '<'); open >= 0 && strings.HasSuffix(text, ">") {
		a.Name, a.Email = unquote(text[:open]), strings.TrimSpace(text[open+1:len(text)-1])
	}
	var in fault.Invalid
	account.CheckEmail(&in, "email", a.Email)
	if in.Err() != nil {
		a.Problem = "email"
	}
	return a
}

func complete(a Addressee, name, lang string) Addressee {
	if a.Name = strings.Join(strings.Fields(name+" "+a.Name), " "); a.Problem != "" {
		return a
	}
	if utf8.RuneCountInString(a.Name) > 120 || strings.ContainsFunc(a.Name, unicode.IsControl) || !utf8.ValidString(a.Name) {
		a.Problem = "name"
		return a
	}
	if lang = strings.ToLower(lang); lang != "" && !locale.Known(lang) {
		a.Problem = "language"
		return a
	}
	a.Lang = locale.Lang(lang)
	return a
}

// WriteAddresses is a list that ReadAddresses reads as the sound ones of all. Its headline keeps a name with an @ from being read as an address.
func WriteAddresses(all []Addressee) string {
	var b strings.Builder
	b.WriteString("name,email,lang\n")
	for _, a := range all {
		if a.Problem == "" {
			b.WriteString(`"` + strings.ReplaceAll(a.Name, `"`, `""`) + `",` + a.Email + "," + string(a.Lang) + "\n")
		}
	}
	return b.String()
}
