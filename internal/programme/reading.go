package programme

import (
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/file"
)

// Limits of what an import reads, so that a small archive cannot become a large trouble.
const (
	maxFiles = 500_000
	maxFile  = 256 << 20 // bytes of a text
	maxAll   = 2 << 30   // bytes of all texts together; other files are read one at a time
)

var slugs = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// reading carries the files of an import, what they became, and what is wrong with them.
type reading struct {
	book    *book
	refused Refused
	from    fs.FS
	files   map[string][]byte
	others  map[string]bool // files that are no texts: they are read when they are wanted
	wanted  []wanted
	things  map[string]*piece // by reference
}

// wanted is a reference that must lead somewhere.
type wanted struct {
	at              place
	key, kind, word string
}

func newReading(from fs.FS) (*reading, error) {
	r := &reading{book: &book{}, from: from, others: map[string]bool{}, files: map[string][]byte{}, things: map[string]*piece{}}
	size := int64(0)
	err := fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return nil
		}
		if len(r.files)+len(r.others) >= maxFiles {
			return &Refused{Faults: []Fault{{File: name, Reason: fmt.Sprintf("there are more than %d files", maxFiles)}}}
		}
		if !entry.Type().IsRegular() {
			r.refused.note(place{name, 0}, "this is not a plain file")
			r.files[name] = nil
			return nil
		}
		if !isText(name) {
			r.others[name] = true
			return nil
		}
		raw, err := readFile(from, name, maxFile)
		if err != nil {
			return err
		}
		if size += int64(len(raw)); len(raw) > maxFile || size > maxAll {
			return &Refused{Faults: []Fault{{File: name, Reason: fmt.Sprintf("a text may hold %d MB, and all together %d MB", maxFile>>20, maxAll>>20)}}}
		}
		if at := broken(raw); at >= 0 {
			r.refused.note(place{name, lineAt(raw, at)}, "broken UTF-8, or a NUL character")
			raw = nil
		}
		r.files[name] = raw
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// readFile reads no more than is allowed, whatever the archive says of itself.
func readFile(from fs.FS, name string, most int64) ([]byte, error) {
	f, err := from.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, &Refused{Faults: []Fault{{File: name, Reason: "the file cannot be read: " + err.Error()}}}
	}
	return raw, nil
}

func isText(name string) bool {
	return strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".md")
}

// broken is the first byte that is no text; -1 when all are.
func broken(raw []byte) int {
	for at := 0; at < len(raw); {
		c, n := utf8.DecodeRune(raw[at:])
		if c == 0 || c == utf8.RuneError && n <= 1 {
			return at
		}
		at += n
	}
	return -1
}

// take hands out a file once; whoever takes it answers for it.
func (r *reading) take(name string) ([]byte, bool) {
	raw, ok := r.files[name]
	delete(r.files, name)
	return raw, ok && raw != nil
}

// open reads a file that is no text, once; one byte more than it should have shows that it has more.
func (r *reading) open(name string, size int) ([]byte, bool) {
	if !r.others[name] {
		return nil, false
	}
	delete(r.others, name)
	raw, err := readFile(r.from, name, int64(min(size, file.MaxSize)))
	if err != nil {
		r.refused.note(place{name, 0}, "the file cannot be read")
	}
	return raw, true
}

// under are the files of a folder whose names end so, in the order of their names.
func (r *reading) under(folder, suffix string) []string {
	var names []string
	for name := range r.files {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok && strings.HasSuffix(rest, suffix) && !strings.Contains(rest, "/") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// unread notes the files that nobody knows.
func (r *reading) unread() {
	var names []string
	for name := range r.files {
		names = append(names, name)
	}
	for name := range r.others {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		r.refused.note(place{name, 0}, "no file of this name belongs to a programme")
	}
}

// references notes those that lead nowhere.
func (r *reading) references() {
	people, communities := map[string]bool{}, map[string]bool{}
	for _, p := range r.book.People {
		people[p.Handle] = true
	}
	for _, c := range r.book.Communities {
		communities[c.Record.Slug] = true
	}
	for _, w := range r.wanted {
		switch {
		case w.kind == "person" && !people[w.word]:
			r.refused.note(w.at, "%s: nobody is called %q", w.key, w.word)
		case w.kind == "community" && !communities[w.word]:
			r.refused.note(w.at, "%s: there is no community %q", w.key, w.word)
		case w.kind == "item" && r.things[w.word] == nil:
			r.refused.note(w.at, "%s: there is no item %q", w.key, w.word)
		}
	}
}

// listOf reads a file that is an array of records; none is an empty one.
func listOf[T any](r *reading, name string, at func(*T) *place) []T {
	raw, ok := r.take(name)
	if !ok {
		return nil
	}
	var all []T
	for _, entries := range r.records(name, raw) {
		var one T
		*at(&one) = placeOf(name, entries)
		r.fill(*at(&one), entries, reflect.ValueOf(&one).Elem())
		all = append(all, one)
	}
	return all
}

// linesOf reads a file that is one record a line; none is an empty one.
func linesOf[T any](r *reading, name string, at func(*T) *place) []T {
	raw, ok := r.take(name)
	if !ok {
		return nil
	}
	var all []T
	n := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(string(raw), "\n"), "\n") {
		n++
		var one T
		*at(&one) = place{name, n}
		r.fill(place{name, n}, r.entries(place{name, n}, []byte(line)), reflect.ValueOf(&one).Elem())
		all = append(all, one)
	}
	return all
}

// headOf reads the head of a text.
func headOf[T any](r *reading, t text) words[T] {
	w := words[T]{at: t.at, Body: t.body}
	r.fill(t.at, t.head, reflect.ValueOf(&w.Head).Elem())
	return w
}

func placeOf(name string, entries []entry) place {
	if len(entries) == 0 {
		return place{name, 0}
	}
	return place{name, entries[0].line}
}

// once notes a key that stands twice.
type once map[string]bool

func (o once) see(r *reading, at place, key, what string) {
	if o[key] {
		r.refused.note(at, "%s stands twice: %s", what, key)
	}
	o[key] = true
}

// series notes where numbers that should run from one on without gaps do not.
func (r *reading) series(at place, numbers map[int]place, what string) {
	for n := 1; n <= len(numbers); n++ {
		if _, ok := numbers[n]; !ok {
			r.refused.note(at, "%s: number %d is missing", what, n)
			return
		}
	}
}
