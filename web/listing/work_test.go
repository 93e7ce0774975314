package listing_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"urbanfluxes.eu/koinon/web/listing"
)

// hostile are texts that would break out of a format that took them as they are.
var hostile = []string{"A vine on wires", `He said "shade": 50 % & more_ #1 $x$ ~ ^ \ end`, "}, title = {Mine", "}\n@article{evil, title={x}}", `\input{/etc/passwd}`, "{", "}}}{{{", "---\nadmin: true\n---", "a: b # c", "- item", "*bold* _em_ `code` <script>alert(1)</script>",
	"[click](javascript:alert(1))", "=1+1", "1. one", "1) one", "# heading #", "Κριτήριο για τα δέντρα", "Bäume & Grünflächen: «Schatten»", "line\u2028break\u2029\r\n\x00\x07\u0085end", "'single' \"double\"", "\ufeffbom \u202eright to left", "😀 emoji", "!!binary |", "&anchor *alias", "{{a}}", "@string{x}", "~", "null", "2026-05-04", "yes", "%comment", "Anna and Bob", "![x](http://e/x.png)", "<!-- -->", "| a | b |", "&lt;b&gt;"}

func work(title, author string) listing.Work {
	return listing.Work{Key: "basel-e1", Authors: []listing.Author{{Name: author}, {Name: "a member, planning office", Words: true}}, Title: title, Genre: "Case", Report: true, Number: "E-1", Version: "3", Community: title, Programme: "URBANFLUXES", Lang: "de",
		Issued: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC), URL: "https://koinon.example.org/c/basel/repertoire/1?revision=3"}
}

// readBib reads BibTeX as BibTeX does: braces are counted whether a backslash stands before them or not.
func readBib(t *testing.T, source string) (entries []map[string]string) {
	t.Helper()
	head := regexp.MustCompile(`^@([a-z]+)\{([!-~]+?),\s*`)
	for source = strings.TrimSpace(source); source != ""; source = strings.TrimSpace(source) {
		m := head.FindStringSubmatch(source)
		if m == nil {
			t.Fatalf("no entry begins at %q", source)
		}
		entry := map[string]string{"kind": m[1], "key": m[2]}
		for source = source[len(m[0]):]; !strings.HasPrefix(source, "}"); source = strings.TrimLeft(source, ", \n") {
			name, rest, ok := strings.Cut(source, " = ")
			if !ok {
				t.Fatalf("no field at %q", source)
			}
			if source = rest; source[0] != '{' {
				end := strings.IndexAny(source, ",\n")
				entry[name], source = source[:end], source[end:]
				continue
			}
			depth, end := 0, 0
			for n, r := range source {
				switch r {
				case '{':
					depth++
				case '}':
					depth--
				}
				if depth == 0 {
					end = n
					break
				}
			}
			entry[name], source = source[1:end], source[end+1:]
		}
		entries, source = append(entries, entry), source[1:]
	}
	return entries
}

// spoken is what TeX would print of a field.
func spoken(field string) string {
	for code, r := range map[string]string{`{\textbackslash}`: "\x01", `{\textbraceleft}`: "\x02", `{\textbraceright}`: "\x03"} {
		field = strings.ReplaceAll(field, code, r)
	}
	field = strings.NewReplacer(`{\textasciitilde}`, "~", `{\textasciicircum}`, "^", `{\textquotedbl}`, `"`, `{\textless}`, "<", `{\textgreater}`, ">", `\%`, "%", `\&`, "&", `\$`, "$", `\#`, "#", `\_`, "_").Replace(field)
	if strings.Contains(field, `\`) {
		return "a command is left: " + field
	}
	return strings.NewReplacer("{", "", "}", "", "\x01", `\`, "\x02", "{", "\x03", "}").Replace(field)
}

func TestNoTitleOrNameBreaksOutOfBibTeX(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		both := work(text, "Regula Ammann").BibTeX() + work("Another", text).BibTeX()
		entries := readBib(t, both)
		if len(entries) != 2 {
			t.Errorf("%q made %d entries", text, len(entries))
			continue
		}
		want := seen(text)
		if got := spoken(entries[0]["title"]); got != want {
			t.Errorf("%q became the title %q", text, got)
		}
		if authors := strings.Split(strings.ReplaceAll(entries[1]["author"], "{Anna and Bob}", "{Anna Bob}"), " and "); len(authors) != 2 || authors[1] != "{a member, planning office}" {
			t.Errorf("%q became the authors %q", text, authors)
		}
		for _, e := range entries {
			if len(e) != 12 || e["key"] != "basel-e1" || e["month"] != "may" || e["url"] != "https://koinon.example.org/c/basel/repertoire/1?revision=3" || e["kind"] != "techreport" {
				t.Errorf("%q: %v", text, e)
			}
		}
	}
}

// seen is what is left of a text on one line.
func seen(text string) string {
	text = strings.NewReplacer("\x00", "", "\x07", "", "\ufeff", "", "\u202e", "", "\u2028", " ", "\u2029", " ", "\u0085", " ").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

func TestNamesAreSortedAsPeopleSortThem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Regula Ammann": "Ammann, Regula", "Anna Maria van der Meer": "van der Meer, Anna Maria", "Ελένη Μαρκάκη": "Μαρκάκη, Ελένη", "Aristoteles": "{Aristoteles}", "Meier, Anna": "{Meier, Anna}"} {
		if got, _, _ := strings.Cut(readBib(t, work("x", name).BibTeX())[0]["author"], " and "); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	csl := work("x", "Anna Maria van der Meer").CSL()["author"].([]map[string]string)
	if got := fmt.Sprint(csl); got != "[map[family:Meer given:Anna Maria non-dropping-particle:van der] map[literal:a member, planning office]]" {
		t.Error(got)
	}
}

// cslFields are the variables of the CSL-JSON schema 1.0.2 that a citation here has, with their types there.
var cslFields = map[string]string{"id": "string", "type": "string", "author": "names", "title": "string", "genre": "string", "number": "string", "version": "string", "publisher": "string", "collection-title": "string", "language": "string", "URL": "string", "issued": "date"}

func TestCitationsAreCSLByItsSchema(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		w := work(text, text)
		w.Report = text[0] != '-'
		raw, err := json.Marshal([]any{w.CSL()})
		if err != nil || !utf8.Valid(raw) {
			t.Fatal(err)
		}
		var items []map[string]any
		if err := json.Unmarshal(raw, &items); err != nil {
			t.Fatal(err)
		}
		for name, value := range items[0] {
			ok := false
			switch cslFields[name] {
			case "string":
				_, ok = value.(string)
			case "names":
				ok = cslNames(value)
			case "date":
				ok = fmt.Sprint(value) == "map[date-parts:[[2026 5 4]]]"
			}
			if !ok {
				t.Errorf("%q: the schema knows no %s: %v", text, name, value)
			}
		}
		if kind := items[0]["type"]; kind != "report" && kind != "webpage" || items[0]["title"] != seen(text) {
			t.Errorf("%q: %v %v", text, kind, items[0]["title"])
		}
	}
}

func cslNames(value any) bool {
	for _, one := range value.([]any) {
		for part, text := range one.(map[string]any) {
			if part != "family" && part != "given" && part != "literal" && part != "non-dropping-particle" || text == "" {
				return false
			}
		}
	}
	return true
}

func TestNothingBreaksOutOfMarkdown(t *testing.T) {
	t.Parallel()
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	for _, hostile := range hostile {
		source := []byte("# " + listing.Plainly(hostile) + "\n\n- " + listing.Plainly(hostile) + "\n")
		var kinds []string
		doc := md.Parser().Parse(text.NewReader(source))
		for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
			kinds = append(kinds, n.Kind().String())
		}
		var html strings.Builder
		if err := md.Convert(source, &html); err != nil {
			t.Fatal(err)
		}
		got := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(html.String())
		want := "<h1>" + seen(hostile) + "</h1>\n<ul>\n<li>" + seen(hostile) + "</li>\n</ul>\n"
		if strings.Join(kinds, " ") != "Heading List" || got != want && !strings.Contains(hostile, "http") {
			t.Errorf("%q became %s: %q", hostile, kinds, got)
		}
	}
}
