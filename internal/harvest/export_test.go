package harvest

import (
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

// Passages parts a rendered text, for tests.
func Passages(html string) []string { return paragraphs(html) }

// Likeness of two texts among others, for tests.
func Likeness(x search.Lexicon, langs []locale.Lang, texts []string) float64 {
	var all []utterance
	for n, text := range texts {
		all = append(all, utterance{lang: langs[n], words: text, meant: x.Meant(langs[n], text)})
	}
	vectors, _ := weigh(all)
	return vectors[0].times(vectors[1])
}
