package search

import (
	"context"
	"slices"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Ranked are entries of the repertoire that a query finds, the best first.
type Ranked struct {
	IDs    []int64
	More   bool     // there are more
	Partly bool     // nothing holds all the words
	Others []string // other forms and words that were sought, and occur in the best
}

// Entries finds those of one community, or of all (0), as a search for that kind alone finds them; at most so many.
func (s Store) Entries(ctx context.Context, reach community.Reach, typed string, in int64, most int) (Ranked, error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	q := Parse(typed)
	q.Kind = "entry"
	f := Found{Query: q}
	p, c, err := s.look(ctx, plan{reach: reach, filter: q.Filter, city: in, ranks: most}, locale.Of(ctx), &f)
	if err != nil {
		return Ranked{}, err
	}
	read := p.reader(f.Query)
	best, err := s.ranked(ctx, p, read, c, &f)
	if err != nil {
		return Ranked{}, err
	}
	r := Ranked{IDs: []int64{}, More: c.more || c.count > most, Partly: c.partly}
	shown := first(best, PerPage)
	for n := range shown {
		read.mark(&shown[n])
	}
	r.Others = told(p.words, func(_ sought, o other) bool {
		return slices.ContainsFunc(shown, func(h Hit) bool { return h.uses[o.word] })
	})
	for _, h := range best {
		r.IDs = append(r.IDs, int64(h.ID))
	}
	if !c.some {
		for _, one := range c.top[min(len(c.top), reachable):] {
			r.IDs = append(r.IDs, int64(one.id))
		}
	}
	return r, nil
}
