package programme

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// encoded is v as JSON on one line; no character is escaped without need.
func encoded(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// object is one record, indented.
func object(v any) ([]byte, error) {
	raw, err := encoded(v)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// list is an array of records, one a line.
func list[T any](all []T) ([]byte, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	b.WriteString("[")
	for n, v := range all {
		raw, err := encoded(v)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  ")
		b.Write(raw)
	}
	b.WriteString("\n]\n")
	return b.Bytes(), nil
}

// lines are records of a file that may be long: one JSON object a line, and nothing around them.
func lines[T any](all []T) ([]byte, error) {
	var b bytes.Buffer
	for _, v := range all {
		raw, err := encoded(v)
		if err != nil {
			return nil, err
		}
		b.Write(raw)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// fence opens and closes the head of a text.
const fence = "---"

// document gathers texts, each under its own head: "key: value" lines between fences, the values in JSON.
type document struct{ bytes.Buffer }

// add writes one more text. A line of it that looks like a fence gets a backslash, and one that has backslashes already gets one more.
func (d *document) add(head any, body string) error {
	d.WriteString(fence + "\n")
	v := reflect.ValueOf(head)
	for _, f := range columns(v.Type()) {
		value := v.FieldByIndex(f.index)
		if f.optional && value.IsZero() {
			continue
		}
		raw, err := encoded(value.Interface())
		if err != nil {
			return err
		}
		d.WriteString(f.key + ": ")
		d.Write(raw)
		d.WriteByte('\n')
	}
	d.WriteString(fence + "\n")
	for line := range strings.SplitSeq(body, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, `\`), fence) {
			d.WriteByte('\\')
		}
		d.WriteString(line + "\n")
	}
	return nil
}

// column is a field of a record: its key in the files, and what must hold for it.
type column struct {
	key      string
	index    []int
	optional bool
	rules    []string
}

// columns of a record's type, in the order in which they are written; those of an embedded record stand where it stands.
func columns(t reflect.Type) []column {
	var all []column
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		c := column{key: key, index: f.Index, optional: strings.Contains(options, "omit")}
		if is := f.Tag.Get("is"); is != "" {
			c.rules = strings.Split(is, ",")
		}
		all = append(all, c)
	}
	return all
}
