package programme

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/locale"
)

// entry is one "key: value" of a record.
type entry struct {
	key   string
	value json.RawMessage
	line  int
}

// text is one text of a document with its head.
type text struct {
	at   place
	head []entry
	body string
}

// texts takes a document apart.
func (r *reading) texts(file string, raw []byte) []text {
	var all []text
	rows := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if rows[0] != fence {
		r.refused.note(place{file, 1}, "a text begins with a line of three dashes")
		return nil
	}
	for n := 0; n < len(rows); {
		t := text{at: place{file, n + 1}}
		n++
		for ; n < len(rows) && rows[n] != fence; n++ {
			key, value, ok := strings.Cut(rows[n], ": ")
			if !ok || !json.Valid([]byte(value)) {
				r.refused.note(place{file, n + 1}, "a line of a head reads «key: value», the value in JSON")
				continue
			}
			t.head = append(t.head, entry{key, json.RawMessage(value), n + 1})
		}
		if n == len(rows) {
			r.refused.note(t.at, "the head has no closing line of three dashes")
			return all
		}
		var body []string
		for n++; n < len(rows) && rows[n] != fence; n++ {
			line := rows[n]
			if strings.HasPrefix(strings.TrimLeft(line, `\`), fence) {
				bare, escaped := strings.CutPrefix(line, `\`)
				if !escaped {
					r.refused.note(place{file, n + 1}, "a line of a text that begins with three dashes needs a backslash before them")
				}
				line = bare
			}
			body = append(body, line)
		}
		t.body = strings.Join(body, "\n")
		all = append(all, t)
	}
	return all
}

// records takes an array of objects apart.
func (r *reading) records(file string, raw []byte) [][]entry {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		r.refused.note(place{file, 1}, "the file holds a JSON array")
		return nil
	}
	var all [][]entry
	for d.More() {
		var one json.RawMessage
		if err := d.Decode(&one); err != nil {
			r.refused.note(place{file, lineAt(raw, syntaxAt(err, d))}, "broken JSON: %s", told(err))
			return all
		}
		line := lineAt(raw, int(d.InputOffset())-len(one))
		all = append(all, r.entries(place{file, line}, one))
	}
	if _, err := d.Token(); err != nil {
		r.refused.note(place{file, lineAt(raw, syntaxAt(err, d))}, "broken JSON: %s", told(err))
	} else if rest := bytes.TrimSpace(raw[d.InputOffset():]); len(rest) > 0 {
		r.refused.note(place{file, lineAt(raw, int(d.InputOffset()))}, "something stands after the array")
	}
	return all
}

// entries of an object, in their order; at is where it begins.
func (r *reading) entries(at place, raw []byte) []entry {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		r.refused.note(at, "a JSON object is expected here")
		return nil
	}
	all := []entry{}
	for d.More() {
		key, err := d.Token()
		line := at.line + lineAt(raw, int(d.InputOffset())) - 1
		var value json.RawMessage
		if err == nil {
			err = d.Decode(&value)
		}
		if err != nil {
			r.refused.note(place{at.file, line}, "broken JSON: %s", told(err))
			return all
		}
		all = append(all, entry{fmt.Sprint(key), value, line})
	}
	if _, err := d.Token(); err != nil {
		r.refused.note(at, "broken JSON: %s", told(err))
	}
	return all
}

// object reads a file that is one record.
func (r *reading) object(file string, raw []byte, into any) place {
	at := place{file, 1}
	r.fill(at, r.entries(at, raw), reflect.ValueOf(into).Elem())
	return at
}

// fill puts the entries of a record into v and judges each by its rules.
func (r *reading) fill(at place, entries []entry, v reflect.Value) {
	known := columns(v.Type())
	seen := map[string]bool{}
	for _, e := range entries {
		n := slices.IndexFunc(known, func(c column) bool { return c.key == e.key })
		where := place{at.file, e.line}
		switch {
		case n < 0:
			r.refused.note(where, "there is no field %q here", e.key)
		case seen[e.key]:
			r.refused.note(where, "%s stands twice", e.key)
		default:
			seen[e.key] = true
			c := known[n]
			field := v.FieldByIndex(c.index)
			if r.value(where, c.key, e.value, field) {
				r.judge(where, c, field)
			}
		}
	}
	for _, c := range known {
		if !c.optional && !seen[c.key] {
			r.refused.note(at, "%s is missing", c.key)
		}
	}
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// value reads one value; what was wrong is noted and the answer false.
func (r *reading) value(at place, key string, raw json.RawMessage, v reflect.Value) bool {
	if string(bytes.TrimSpace(raw)) == "null" {
		r.refused.note(at, "%s: what is not there is left out, not null", key)
		return false
	}
	t := v.Type()
	switch {
	case reflect.PointerTo(t).Implements(unmarshaler):
	case t.Kind() == reflect.Struct:
		r.fill(at, r.entries(at, raw), v)
		return true
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct:
		v.Set(reflect.New(t.Elem()))
		r.fill(at, r.entries(at, raw), v.Elem())
		return true
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		var all []json.RawMessage
		if err := json.Unmarshal(raw, &all); err != nil {
			r.refused.note(at, "%s: a JSON array of objects is expected", key)
			return false
		}
		v.Set(reflect.MakeSlice(t, len(all), len(all)))
		for n, one := range all {
			r.fill(at, r.entries(at, one), v.Index(n))
		}
		return true
	}
	if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
		r.refused.note(at, "%s: %s", key, told(err))
		return false
	}
	if !whole(raw) {
		r.refused.note(at, "%s: a NUL character, or half of a pair of UTF-16", key)
		return false
	}
	if t == reflect.TypeFor[json.RawMessage]() && !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		r.refused.note(at, "%s: a JSON object is expected", key)
		return false
	}
	return true
}

// whole reports whether no escape in JSON stands for a NUL character or for half of a surrogate pair: what the database takes for no text.
func whole(raw []byte) bool {
	high := false // the escape just read is the first half of a pair
	for at := 0; at < len(raw); at++ {
		if raw[at] != '\\' {
			if high {
				return false
			}
			continue
		}
		at++
		if raw[at] != 'u' {
			if high {
				return false
			}
			continue
		}
		code, err := strconv.ParseUint(string(raw[at+1:at+5]), 16, 16)
		at += 4
		low := code >= 0xdc00 && code < 0xe000
		if err != nil || code == 0 || high != low {
			return false
		}
		high = code >= 0xd800 && code < 0xdc00
	}
	return !high
}

// judge holds a value against the rules of its column.
func (r *reading) judge(at place, c column, v reflect.Value) {
	words := []string{}
	switch {
	case v.Kind() == reflect.String:
		words = append(words, v.String())
	case v.Type() == reflect.TypeFor[[]string]():
		words = v.Interface().([]string)
	}
	if v.CanInt() && (v.Int() > math.MaxInt32 || v.Int() < math.MinInt32) {
		r.refused.note(at, "%s: %d is too large a number", c.key, v.Int())
	}
	for _, rule := range c.rules {
		name, want, _ := strings.Cut(rule, "=")
		switch name {
		case "from":
			if least, _ := strconv.ParseInt(want, 10, 64); v.Int() < least { // the rules are ours
				r.refused.note(at, "%s: %d is less than %s", c.key, v.Int(), want)
			}
		default:
			for _, w := range words {
				r.rule(at, c.key, name, want, w)
			}
		}
	}
}

func (r *reading) rule(at place, key, name, want, word string) {
	switch name {
	case "some":
		if word == "" {
			r.refused.note(at, "%s is empty", key)
		}
	case "max":
		if most, _ := strconv.Atoi(want); utf8.RuneCountInString(word) > most { // the rules are ours
			r.refused.note(at, "%s is longer than %s characters", key, want)
		}
	case "lang":
		if !locale.Known(word) {
			r.refused.note(at, "%s: %q is none of the languages en, de, fr, el", key, word)
		}
	case "of":
		if !slices.Contains(strings.Split(want, "|"), word) {
			r.refused.note(at, "%s: %q is none of %s", key, word, strings.ReplaceAll(want, "|", ", "))
		}
	case "slug":
		if !slugs.MatchString(word) || len(word) > 60 {
			r.refused.note(at, "%s: %q may hold small letters, digits and single hyphens only", key, word)
		}
	case "person", "community", "item":
		if word != "" {
			r.wanted = append(r.wanted, wanted{at, key, name, word})
		}
	}
}

// lineAt is the line of a byte.
func lineAt(raw []byte, offset int) int {
	return 1 + bytes.Count(raw[:min(max(offset, 0), len(raw))], []byte("\n"))
}

func syntaxAt(err error, d *json.Decoder) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return int(syntax.Offset)
	}
	return int(d.InputOffset())
}

// told is a fault of encoding/json in the words of this format.
func told(err error) string {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Sprintf("a %s does not belong here", kind.Value)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
