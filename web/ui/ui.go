// Package ui holds the page shell and the parts that pages share.
package ui

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/visit"
)

// Crumb is a step of the way to a page.
type Crumb struct{ Text, Href string }

// Page is the frame of every page. Section marks the entry of the rail or of the top bar.
type Page struct {
	Title       string
	Description string
	Section     string
	Crumbs      []Crumb
	Wrong       bool // a rejected form: the title says so first
	NoIndex     bool
	Alternates  []Alternate // the same list for other programs
}

// Head opens a page: kicker, title and lead, with the page's acts as children.
type Head struct{ Kicker, Title, Lead, Lang string }

// Go is a link that looks like a button; Kind "" is the primary one, "quiet", "danger" or "link".
type Go struct{ Text, Href, Kind string }

// Button sends the form it stands in.
type Button struct{ Text, Kind, Name, Value string }

// Pair is a hidden field.
type Pair struct{ Name, Value string }

// PostButton is a form of one button.
type PostButton struct {
	Action, Text, Kind string
	Fields             []Pair
}

// Option of a choice.
type Option struct{ Value, Label, Hint string }

// Field is a labelled field of a form.
type Field struct {
	Name, Label, Hint, Value string
	Type, Autocomplete, Mode string
	Lang                     string
	List                     string // id of a datalist that offers words
	Optional                 bool
	Focus                    bool // the field that a page opens for
	Rows                     int
	Problems                 []string
}

// Choice is one out of several.
type Choice struct {
	Name, Label, Hint, Value string
	Options                  []Option
	Boxed                    bool
	Problems                 []string
}

// Checks is any number out of several.
type Checks struct {
	Name, Label, Hint string
	Options           []Option
	Values            []string
	Problems          []string
}

// Checkbox is a yes or no.
type Checkbox struct {
	Name, Value, Label, Hint string
	Checked                  bool
	Problems                 []string
}

// Editor is a field for a longer text, with help and preview.
type Editor struct {
	Field
	Preview string // HTML to show; empty: none
}

// Empty says that nothing is there yet, and what the first step is.
type Empty struct{ Title, Text string }

// Fact is a term with its text.
type Fact struct{ Term, Text string }

// Tag is a word that leads to what carries it.
type Tag struct {
	Name, Href string
	Current    bool
}

// Tab is one of several views of a list.
type Tab struct {
	Text, Href string
	Current    bool
	Count      int
}

// Pager leads to the neighbouring pages of a list.
type Pager struct{ Newer, Older string }

// Voice is who speaks.
type Voice struct {
	Name, Href, Organisation string
	Perspective              community.Perspective
	Lang                     string
}

// When is a moment.
type When struct {
	At   time.Time
	Zone *time.Location
}

// Problems are what is wrong with a form, in the reader's language and in the order of its fields.
type Problems []Problem

// Problem of one field. Name is what the field is called, for problems that do not say it themselves.
type Problem struct{ Field, Name, Text string }

// ProblemsOf an error; empty when it is not about input.
func ProblemsOf(ctx context.Context, err error) Problems {
	var all Problems
	for _, p := range fault.Problems(err) {
		problem := Problem{Field: p.Field, Text: locale.T(ctx, "problem."+p.Key, p.Args...)}
		if slices.Contains(nameless, p.Key) && locale.Has(locale.Of(ctx), "field."+p.Field) {
			problem.Name = locale.T(ctx, "field."+p.Field)
		}
		all = append(all, problem)
	}
	return all
}

// nameless are the problems that could be any field's.
var nameless = []string{"required", "choose", "too-long", "too-short", "too-many", "broken-text"}

// inSummary is the problem as it is told away from its field.
func (p Problem) inSummary(ctx context.Context) string {
	if p.Name == "" {
		return p.Text
	}
	return locale.T(ctx, "ui.colon", "before", p.Name, "after", p.Text)
}

// At are the problems of one field.
func (p Problems) At(field string) []string {
	var texts []string
	for _, problem := range p {
		if problem.Field == field {
			texts = append(texts, problem.Text)
		}
	}
	return texts
}

// Rename points the problems of one field at another, where a page has two of the same name.
func (p Problems) Rename(field, to string) Problems {
	for n := range p {
		if p[n].Field == field {
			p[n].Field = to
		}
	}
	return p
}

// Any reports whether something is wrong.
func (p Problems) Any() bool { return len(p) > 0 }

// CityClass tints a community: the same one always the same.
func CityClass(slug string) string {
	known := map[string]string{"basel": "city-1", "heraklion": "city-3", "london": "city-2", "umbrella": "city-4"}
	if class, ok := known[slug]; ok {
		return class
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(slug)) // a hash does not fail
	return "city-" + strconv.Itoa(int(h.Sum32()%5)+1)
}

func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 || locale.Left(name) {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return string(unicode.ToUpper(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return string([]rune{unicode.ToUpper(first), unicode.ToUpper(last)})
}

func describedBy(name, hint string, problems []string) string {
	var ids []string
	if hint != "" {
		ids = append(ids, "hint-"+name)
	}
	if len(problems) > 0 {
		ids = append(ids, "error-"+name)
	}
	return strings.Join(ids, " ")
}

func fieldClass(problems []string) string {
	if len(problems) > 0 {
		return "field wrong"
	}
	return "field"
}

func buttonClass(kind string) string { return strings.TrimSpace("button " + kind) }

func typeOf(f Field) string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func rowsOf(n int) string { return strconv.Itoa(max(n, 3)) }

func has(values []string, v string) bool {
	for _, x := range values {
		if x == v {
			return true
		}
	}
	return false
}

func editorWords(ctx context.Context) string {
	words, _ := json.Marshal(map[string]string{ // strings marshal
		"label": locale.T(ctx, "ui.editor.tools"), "bold": locale.T(ctx, "ui.editor.bold"), "italic": locale.T(ctx, "ui.editor.italic"),
		"quote": locale.T(ctx, "ui.editor.quote"), "list": locale.T(ctx, "ui.editor.list"), "link": locale.T(ctx, "ui.editor.link"),
	})
	return string(words)
}

var ownNames = map[locale.Lang]string{locale.English: "English", locale.German: "Deutsch", locale.French: "Français", locale.Greek: "Ελληνικά"}

// OwnName of a language, as its speakers write it.
func OwnName(l locale.Lang) string { return ownNames[l] }

// Languages are the four as options, each under its own name.
func Languages() []Option {
	var all []Option
	for _, l := range locale.All {
		all = append(all, Option{Value: string(l), Label: ownNames[l]})
	}
	return all
}

// Zone is the zone in which moments are told: that of the community visited, else UTC.
func Zone(ctx context.Context) *time.Location { return zoneOf(ctx, nil) }

// zoneOf is the zone given, else that of the community visited, else UTC.
func zoneOf(ctx context.Context, zone *time.Location) *time.Location {
	if zone != nil {
		return zone
	}
	if c := visit.Of(ctx).Community; c != nil {
		return c.Location()
	}
	return time.UTC
}
