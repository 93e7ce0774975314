package file

import (
	"bytes"
	"testing"
)

func FuzzContentIsTypedWithoutHarm(f *testing.F) {
	for _, seed := range []string{"%PDF-1.7", "II*\x00", "PK\x03\x04PK\x05\x06", "words\n", "<svg/>", "#!/bin/sh", "\xef\xbb\xbf<p>", "W\xe4rme", "\x00", "PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		media, err := mediaOf(Upload{Name: "a.txt", Size: int64(len(content)), Content: bytes.NewReader(content)})
		if (err == nil) != (len(extensions[media]) > 0) {
			t.Errorf("%q, %v", media, err)
		}
	})
}

func FuzzAnyHeadHasAnOrientation(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
	f.Add([]byte("\xff\xd8\xff\xff\xff\xe1\x00\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if o := orientation(bytes.NewReader(content)); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
		progressive(bytes.NewReader(content))
	})
}

func FuzzNamesAreSound(f *testing.F) {
	for _, seed := range []string{"a.pdf", "..", "", "\u202e", "a/b\\c", ". .pdf"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := cleanName(name, []string{".pdf"})
		if got != cleanName(got, []string{".pdf"}) || len([]rune(got)) > maxName || len(got) < 5 || bytes.ContainsAny([]byte(got), "/\\\r\n\x00") {
			t.Errorf("%q becomes %q", name, got)
		}
	})
}
