package listing_test

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"urbanfluxes.eu/koinon/web/listing"
)

func TestFrontMatterIsReadBackAsItWasMeant(t *testing.T) {
	t.Parallel()
	for _, text := range append(hostile, "", "...", "\t", "\u00a0\u00ad", "\U000e0001", "a\n---\nb: c", strings.Repeat("long ", 400)) {
		source := listing.FrontMatter{{"title", text}, {"number", 7}, {"latitude", 47.56}, {"tags", []string{text + "x", "b"}}, {"none", []string{}}, {"empty", ""}}.String()
		inner, ok := strings.CutPrefix(source, "---\n")
		inner, rest, closed := strings.Cut(inner, "\n---\n")
		if !ok || !closed || rest != "" {
			t.Fatalf("%q: the front matter does not end where it should: %q", text, source)
		}
		var read struct {
			Title    string
			Number   int
			Latitude float64
			Tags     []string
		}
		d := yaml.NewDecoder(strings.NewReader(inner))
		d.KnownFields(true)
		if err := d.Decode(&read); err != nil {
			t.Errorf("%q: %v in %q", text, err, inner)
			continue
		}
		if read.Title != text || read.Number != 7 || read.Latitude != 47.56 || len(read.Tags) != 2 || read.Tags[0] != text+"x" {
			t.Errorf("%q came back as %+v", text, read)
		}
	}
}
