package programme

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

// FuzzReading: whatever stands in a file, reading refuses or takes it, and never fails otherwise. It stands inside the package
// because it reads without a database.
func FuzzReading(f *testing.F) {
	const head = "---\npart: \"discussion\"\nnumber: 1\nlang: \"en\"\naudience: \"public\"\ncreated_at: \"2016-02-01T00:00:00.000000Z\"\nform: \"conversation\"\n---\nHello.\n"
	f.Add("communities/basel/discussions/1.md", head)
	f.Add("communities/basel/discussions/1.md", head+"---\npart: \"reply\"\n---\n\\---\n---\npart: \"state\"\n---\n")
	f.Add("communities/basel/about.en.md", "---\npart: \"agenda\"\n---\n")
	f.Add("communities/basel/charter/1.md", "---\ncharter: 1\n---\n")
	f.Add("people.json", `[{"handle": "ada", "languages": ["en"], "created_at": "2016-02-01T00:00:00.000000Z"}, [], {"a": {}}]`)
	f.Add("activity.jsonl", "\n{}\n[]")
	f.Fuzz(func(t *testing.T, name, content string) {
		if !fs.ValidPath(name) || name == "." {
			return
		}
		files := fstest.MapFS{
			"programme.json":                   {Data: []byte(`{"format": "koinon-programme 1", "name": "N", "lang": "en", "revision": 1, "created_at": "2016-01-01T00:00:00.000000Z"}`)},
			"communities/basel/community.json": {Data: []byte(`{"slug": "basel"}`)},
			name:                               {Data: []byte(content)},
		}
		var refused *Refused
		if _, err := readAll(files); err != nil && !errors.As(err, &refused) && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q: %v", name, content, err)
		}
	})
}
