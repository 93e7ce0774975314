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
	const entry = "---\npart: \"entry\"\nnumber: 1\ntitle: \"Vine\"\nlang: \"en\"\naudience: \"public\"\ncreated_at: \"2016-02-01T00:00:00.000000Z\"\nform: \"case\"\n"
	f.Add("communities/basel/repertoire/1.md", entry+"---\nOld words.\n")
	f.Add("communities/basel/repertoire/1.md", entry+"topics: [\"water\"]\nfields: {\"done\":\"A vine.\",\"steps\":\"\",\"taste\":\"x\"}\nsources: [{\"n\":1,\"item\":\"basel/E-1\",\"lang\":\"en\",\"release\":\"given\",\"at\":\"2016-02-01T00:00:00.000000Z\"}]\n"+
		"uses: [{\"n\":1,\"person\":\"ada\",\"city\":\"basel\",\"outcome\":\"x\",\"again\":\"yes\",\"lang\":\"en\",\"at\":\"2016-02-01T00:00:00.000000Z\"}]\ntranslations: [{\"lang\":\"en\",\"title\":\"V\",\"fields\":{},\"of_revision\":1,\"at\":\"2016-02-01T00:00:00.000000Z\"}]\n---\n")
	f.Add("communities/basel/repertoire/1.md", entry+"links: [{\"relation\":\"adapted\",\"to\":\"basel/E-1\",\"at\":\"2016-02-01T00:00:00.000000Z\"}]\nendorsed_at: \"2016-02-01T00:00:00.000000Z\"\nlatitude: 1e999\n---\n")
	f.Add("topics.json", `[{"key": "water", "en": "Water"}, {"key": "1", "retired_at": ""}, {"key": "water"}]`)
	f.Add("activity.jsonl", `{"at": "2016-02-01T00:00:00.000000Z", "verb": "entry.adapt", "detail": {"entry": 7, "other": "basel/E-1"}}`)
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
