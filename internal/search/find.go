package search

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
)

// How much a search looks at. Matches up to "many" are all ranked; of more, the newest, because to rank all takes half a second.
const (
	many      = 6000   // rows that are read at most, as estimated
	wrong     = 40_000 // the same, should the estimate be wrong
	loosely   = 2000   // the same, where some of the words are enough: they are compared word by word
	reachable = 100    // hits that can be opened; who wants more says more
	few       = 3      // hits under which a search tries harder
	PerPage   = 20     // threads and other items on one page
	MaxCount  = 1000   // hits that are counted, and ranked, of many
)

// Found is what a search found, of what the reader may see and of nothing else.
type Found struct {
	Query   Query
	Hits    []Hit
	Count   int      // of items
	AtLeast bool     // there are more, uncounted
	Newest  bool     // there were so many that only the newest were ranked
	Partly  bool     // nothing holds all the words
	Others  []string // other forms and words that were sought, and occur in what was found
	Facets  Facets
	Places  []Place
	Page    int
	Pages   int
	Cut     bool // there is more than can be opened
	Unknown string
}

// Facets count what was found by kind, city and language; the counts are of what was ranked.
type Facets struct{ Kinds, Cities, Langs []Facet }

// Facet is a value with how many items have it.
type Facet struct {
	Value string
	Count int
}

// Place is a community that exists for the reader.
type Place struct {
	ID    int64
	Slug  string
	Name  string   // in the reader's language, or the community's own
	Names []string // in every language
}

// Find answers a query with one page of what the reader may see.
func (s Store) Find(ctx context.Context, reach community.Reach, q Query, l locale.Lang, page int) (Found, error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	f := Found{Query: q, Page: max(1, page)}
	p, c, err := s.look(ctx, plan{reach: reach, filter: q.Filter}, l, &f)
	if err != nil || f.Query.Empty() {
		return f, err
	}
	return f, s.show(ctx, p, c, &f)
}

// look is the search up to the candidates, the best first.
func (s Store) look(ctx context.Context, p plan, l locale.Lang, f *Found) (plan, candidates, error) {
	var c candidates
	var err error
	if f.Places, err = s.places(ctx, p.reach, l); err != nil {
		return p, c, err
	}
	if named := f.city(); named < 0 {
		f.Query.Hints = append(f.Query.Hints, Hint{"city", f.Query.City})
		f.Query.City = ""
	} else if named > 0 {
		p.city = named
	}
	if f.Query.Empty() {
		return p, c, nil
	}
	if p.authors, err = s.authors(ctx, p); err != nil {
		return p, c, err
	}
	if f.Query.Reference.Number > 0 {
		c, err := s.numbered(ctx, p, f)
		if err != nil || len(c.top) > 0 || len(f.Query.Words) == 0 {
			f.Count, f.Facets = c.count, c.facets(f.Places)
			return plan{reach: p.reach}, c, err
		}
	}
	if p.words, err = s.expand(ctx, f.Query.Words); err != nil {
		return p, c, err
	}
	if p.phrases, p.not, err = s.phrases(ctx, f.Query); err != nil {
		return p, c, err
	}
	if c, err = s.harder(ctx, &p); err != nil {
		return p, c, err
	}
	f.Newest, f.Partly, f.Count, f.AtLeast, f.Cut = c.newest, c.partly, min(c.count, MaxCount), c.more || c.count > MaxCount, c.more || c.count > len(c.top)
	f.Facets = c.facets(f.Places)
	return p, c, nil
}

// harder looks for all the words; finding little, for near words in place of those that are nowhere; and then for some of the words.
func (s Store) harder(ctx context.Context, p *plan) (candidates, error) {
	c, err := s.candidates(ctx, *p, p.query(false, false), false)
	if err != nil || c.count >= few || len(p.words) == 0 {
		return c, err
	}
	missing, err := s.nowhere(ctx, *p)
	if err != nil {
		return c, err
	}
	if len(missing) > 0 {
		found, err := s.nearest(ctx, p.words, missing)
		if err != nil {
			return c, err
		}
		if found {
			if c, err = s.candidates(ctx, *p, p.query(false, false), false); err != nil || c.count >= few {
				return c, err
			}
		}
	}
	if len(p.words) < 2 {
		return c, nil
	}
	query, err := s.looser(ctx, *p)
	if err != nil {
		return c, err
	}
	some, err := s.candidates(ctx, *p, query, true)
	if err != nil {
		return c, err
	}
	some.some, some.partly = true, c.count == 0
	return some, nil
}

func (s Store) places(ctx context.Context, reach community.Reach, l locale.Lang) ([]Place, error) {
	rows, err := s.db.Query(ctx, `select c.id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug),
			array(select t.name from community_text t where t.community_id = c.id order by t.lang)
		from community c where c.visibility = 'public' or c.id = any(@mine) or @everywhere order by c.kind = 'umbrella', 3`, reach.Args(pgx.NamedArgs{"lang": l}))
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Place])
}

// city is the id of the community that the query names; 0 when it names none, -1 when none that exists for the reader is called so.
func (f Found) city() int64 {
	if f.Query.City == "" {
		return 0
	}
	want := Fold(f.Query.City)
	for _, p := range f.Places {
		if Fold(p.Slug) == want {
			return p.ID
		}
		for _, name := range p.Names {
			if Fold(name) == want {
				return p.ID
			}
		}
	}
	return -1
}

func (c candidates) facets(places []Place) Facets {
	slugs := map[int64]string{}
	for _, p := range places {
		slugs[p.ID] = p.Slug
	}
	kinds, cities, langs := map[string]int{}, map[string]int{}, map[string]int{}
	for _, g := range c.groups {
		kinds[g.kind] += g.n
		langs[g.lang] += g.n
		cities[slugs[g.city]] += g.n
	}
	return Facets{Kinds: ordered(kinds), Cities: ordered(cities), Langs: ordered(langs)}
}
