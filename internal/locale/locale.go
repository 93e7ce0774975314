// Package locale speaks the four languages of the product: messages, plurals and moments.
package locale

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Lang is one of the four languages, as BCP 47 writes it.
type Lang string

// The languages in which every page exists.
const (
	English Lang = "en"
	German  Lang = "de"
	French  Lang = "fr"
	Greek   Lang = "el"
)

// All languages, in the order in which a choice lists them.
var All = []Lang{English, German, French, Greek}

var tags = map[Lang]language.Tag{English: language.English, German: language.German, French: language.French, Greek: language.Greek}

var matcher = language.NewMatcher([]language.Tag{language.English, language.German, language.French, language.Greek})

//go:embed messages/*.json
var files embed.FS

// message holds one text per plural form; a text without forms stands under "other".
type message map[string]string

var messages = mustLoad(files)

func mustLoad(fsys fs.FS) map[Lang]map[string]message {
	loaded, err := load(fsys)
	if err != nil {
		panic(err)
	}
	return loaded
}

func load(fsys fs.FS) (map[Lang]map[string]message, error) {
	all := map[Lang]map[string]message{}
	for _, l := range All {
		all[l] = map[string]message{}
	}
	names, err := fs.Glob(fsys, "messages/*.json")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		if err := add(all, raw); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

func add(all map[Lang]map[string]message, raw []byte) error {
	var read map[string]map[Lang]json.RawMessage
	if err := json.Unmarshal(raw, &read); err != nil {
		return err
	}
	for key, byLang := range read {
		for l, text := range byLang {
			if all[l] == nil {
				return fmt.Errorf("%s: unknown language %q", key, l)
			}
			if _, twice := all[l][key]; twice {
				return fmt.Errorf("%s: stands twice", key)
			}
			m := message{}
			if text[0] == '"' {
				var s string
				if err := json.Unmarshal(text, &s); err != nil {
					return fmt.Errorf("%s: %w", key, err)
				}
				m["other"] = s
			} else if err := json.Unmarshal(text, &m); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			all[l][key] = m
		}
	}
	return nil
}

// Known reports whether s is one of the four languages.
func Known(s string) bool { _, ok := tags[Lang(s)]; return ok }

// Negotiate picks the language that an Accept-Language header likes best; English when none fits.
func Negotiate(accept string) Lang {
	_, i := language.MatchStrings(matcher, accept)
	return All[i]
}

type key struct{}

// With returns a context that speaks l.
func With(ctx context.Context, l Lang) context.Context { return context.WithValue(ctx, key{}, l) }

// Of is the language of ctx, English unless set.
func Of(ctx context.Context) Lang {
	if l, ok := ctx.Value(key{}).(Lang); ok {
		return l
	}
	return English
}

// T is the message named key in the language of ctx. Args are pairs of placeholder and value.
// A missing key shows itself, so that a page never fails for a word; tests find such keys.
func T(ctx context.Context, key string, args ...any) string { return In(Of(ctx), key, args...) }

// In is T for a stated language.
func In(l Lang, key string, args ...any) string {
	m, ok := messages[l][key]
	if !ok {
		return key
	}
	return fill(m["other"], args)
}

// N is the message named key in the plural form that n asks for; {n} is the number itself.
func N(ctx context.Context, key string, n int, args ...any) string {
	l := Of(ctx)
	m, ok := messages[l][key]
	if !ok {
		return key
	}
	text, ok := m[form(l, n)]
	if !ok {
		text = m["other"]
	}
	if len(args) == 0 {
		return fill(text, []any{"n", Number(l, n)})
	}
	return fill(text, append([]any{"n", Number(l, n)}, args...))
}

// Has reports whether l knows key.
func Has(l Lang, key string) bool { _, ok := messages[l][key]; return ok }

// Keys of a language, sorted.
func Keys(l Lang) []string {
	keys := make([]string, 0, len(messages[l]))
	for k := range messages[l] {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Forms of a message by plural form ("one", "other", …), for tests of completeness.
func Forms(l Lang, key string) map[string]string { return messages[l][key] }

func form(l Lang, n int) string {
	switch plural.Cardinal.MatchPlural(tags[l], n, 0, 0, 0, 0) {
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	default:
		return "other"
	}
}

// fill puts words into the placeholders of a text, each once from left to right. It is on the way of every word of a page.
func fill(text string, args []any) string {
	if len(args) == 0 || strings.IndexByte(text, '{') < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 16)
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(text[open:], '}')
		if end < 0 {
			break
		}
		b.WriteString(text[:open])
		b.WriteString(word(text[open:open+end+1], args))
		text = text[open+end+1:]
	}
	b.WriteString(text)
	return b.String()
}

// word is what a placeholder such as "{name}" stands for; itself when nothing was given.
func word(placeholder string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != placeholder[1:len(placeholder)-1] {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return strconv.Itoa(v)
		default:
			return fmt.Sprint(v)
		}
	}
	return placeholder
}

// Number writes n with the thousands mark of the language.
func Number(l Lang, n int) string {
	s := strconv.Itoa(n)
	if n < 0 || len(s) <= 3 || (len(s) == 4 && l != English) {
		return s
	}
	mark := map[Lang]string{English: ",", German: ".", French: "\u202f", Greek: "."}[l]
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(r)
	}
	return b.String()
}
