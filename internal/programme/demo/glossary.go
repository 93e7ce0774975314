package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

type termFile struct {
	Source      string
	Words       map[locale.Lang][]string
	Definitions byLang
}

// glossary are the words of the field in four languages.
func (l loader) glossary(ctx context.Context) error {
	terms, err := read[[]termFile]("glossary.json")
	if err != nil {
		return err
	}
	store := search.NewStore(l.tx, func() time.Time { return l.now })
	for n, t := range terms {
		in := search.TermInput{Source: t.Source, Request: uuid.New(), Senses: map[locale.Lang]search.Sense{}}
		for lang, words := range t.Words {
			in.Senses[lang] = search.Sense{Words: words, Definition: t.Definitions[lang]}
		}
		if _, err := store.AddTermAs(ctx, l.tx, 0, in); err != nil {
			return fmt.Errorf("term %d: %w", n+1, err)
		}
	}
	return nil
}
