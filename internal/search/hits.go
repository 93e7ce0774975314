package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
)

// Hit is a thread or another item that was found, with the post in it that fits best.
type Hit struct {
	ID       item.ID
	Kind     item.Kind
	Number   int
	Parent   int // number of the thread that a reply stands in; 0: none
	Top      item.Kind
	Title    string // of the thread, for a reply
	Slug     string
	City     string
	Lang     locale.Lang
	Audience item.Audience
	At       time.Time
	Author   item.Voice
	Marked   []Stretch // the title
	Excerpt  []Stretch
	Posts    int      // how many posts of the thread were found
	Also     []int    // numbers of further replies of the thread that were found
	Missing  []string // words that are not in it
	Path     string   // of a product, or of its release
	thread   item.ID
	plain    string
	mask     int64
	score    float64
	uses     map[string]bool // other forms that occur in it
}

var hitsSQL = `select i.id, i.kind, i.number, coalesce(p.number, 0), coalesce(p.kind, i.kind), coalesce(p.title, i.title), coalesce(p.id, i.id), i.community_id, i.lang, i.audience, i.created_at, ` + item.PathColumn + `,
		left(concat(` + ownWords + `, ` + besides + `), case when w.n <= 40 then 4000 else 1200 end), ` + item.VoiceColumns + `
	from unnest(@ids::bigint[]) with ordinality w(id, n) join item i on i.id = w.id join item_text t on t.item_id = i.id left join item p on p.id = i.parent_id ` + item.VoiceJoins + `
	where i.removed_at is null and p.removed_at is null and ` + community.Visible + ` order by w.n`

// show reads the candidates, ranks them by their very words, gathers posts of one thread, and cuts out a page.
func (s Store) show(ctx context.Context, p plan, c candidates, f *Found) error {
	r := p.reader(f.Query)
	threads, err := s.ranked(ctx, p, r, c, f)
	if err != nil {
		return err
	}
	f.Pages = (len(threads) + PerPage - 1) / PerPage
	f.Page = max(1, min(f.Page, f.Pages))
	f.Hits = threads[min(len(threads), (f.Page-1)*PerPage):min(len(threads), f.Page*PerPage)]
	for n := range f.Hits {
		r.mark(&f.Hits[n])
	}
	f.Others = told(p.words, func(_ sought, o other) bool {
		return slices.ContainsFunc(f.Hits, func(h Hit) bool { return h.uses[o.word] })
	})
	return nil
}

// ranked are the threads of the best candidates, the best first.
func (s Store) ranked(ctx context.Context, p plan, r reader, c candidates, f *Found) ([]Hit, error) {
	top := first(c.top, reachable)
	ids := make([]int64, len(top))
	by := map[item.ID]candidate{}
	for n, one := range top {
		ids[n] = int64(one.id)
		by[one.id] = one
	}
	places := map[int64]Place{}
	for _, place := range f.Places {
		places[place.ID] = place
	}
	rows, err := s.db.Query(ctx, hitsSQL, p.reach.Args(pgx.NamedArgs{"ids": ids}))
	if err != nil {
		return nil, fmt.Errorf("hits: %w", err)
	}
	hits, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Hit, error) {
		var h Hit
		var city int64
		var html string
		err := row.Scan(append([]any{&h.ID, &h.Kind, &h.Number, &h.Parent, &h.Top, &h.Title, &h.thread, &city, &h.Lang, &h.Audience, &h.At, &h.Path, &html}, h.Author.Scan()...)...)
		h.Slug, h.City, h.plain = places[city].Slug, places[city].Name, markup.Plain(html)
		h.score, h.mask = by[h.ID].score, by[h.ID].mask
		return h, err
	})
	if err != nil {
		return nil, fmt.Errorf("hits: %w", err)
	}
	r.rank(hits)
	threads := gather(hits, r)
	if c.some {
		threads = mostly(threads, r.weights(hits))
		f.tally(threads)
	}
	return threads, nil
}

// rank orders hits by how closely, where and how completely they hold the words; of equals the newest comes first.
func (r reader) rank(hits []Hit) {
	best := 0.0
	for _, h := range hits {
		best = max(best, h.score)
	}
	for n := range hits {
		h := &hits[n]
		coarse := 0.0
		if best > 0 {
			coarse = h.score / best
		}
		h.score = r.fit(h) + .4*coarse
	}
}

// gather puts the posts of one thread into one hit: the best of them, the words of all, the numbers of the others.
func gather(hits []Hit, r reader) []Hit {
	at := map[item.ID]int{}
	var threads []Hit
	sort.SliceStable(hits, func(a, b int) bool { return better(hits[a], hits[b]) })
	for _, h := range hits {
		n, known := at[h.thread]
		if !known {
			at[h.thread] = len(threads)
			h.Posts = 1
			threads = append(threads, h)
			continue
		}
		t := &threads[n]
		t.Posts++
		t.mask |= h.mask
		t.score += .03 * h.score
		if h.Parent > 0 && h.Top == "discussion" && len(t.Also) < 6 {
			t.Also = append(t.Also, h.Number)
		}
	}
	for n := range threads {
		sort.Ints(threads[n].Also)
		for i, w := range r.words {
			if threads[n].mask&(1<<i) == 0 {
				threads[n].Missing = append(threads[n].Missing, w.typed)
			}
		}
	}
	weights := r.weights(hits)
	sort.SliceStable(threads, func(a, b int) bool {
		if x, y := covered(threads[a].mask, weights), covered(threads[b].mask, weights); math.Abs(x-y) > 1e-9 {
			return x > y
		}
		return better(threads[a], threads[b])
	})
	return threads
}

// mostly keeps what holds at least half as much of the query as the best does.
func mostly(threads []Hit, weights []float64) []Hit {
	if len(threads) == 0 {
		return threads
	}
	best := covered(threads[0].mask, weights) // they are in that order
	n := sort.Search(len(threads), func(i int) bool { return covered(threads[i].mask, weights) < best/2 })
	return threads[:n]
}

// tally counts what is shown, where the database counted more loosely.
func (f *Found) tally(threads []Hit) {
	kinds, cities, langs := map[string]int{}, map[string]int{}, map[string]int{}
	f.Count, f.AtLeast, f.Cut, f.Newest = 0, false, false, false
	for _, h := range threads {
		f.Count += h.Posts
		kinds[string(h.Kind)] += h.Posts
		cities[h.Slug] += h.Posts
		langs[string(h.Lang)] += h.Posts
	}
	f.Facets = Facets{Kinds: ordered(kinds), Cities: ordered(cities), Langs: ordered(langs)}
}

func better(a, b Hit) bool {
	if math.Abs(a.score-b.score) > .004 {
		return a.score > b.score
	}
	return a.At.After(b.At)
}

// weights say how much each word tells: one that all hits hold tells little.
func (r reader) weights(hits []Hit) []float64 {
	weights := make([]float64, len(r.words))
	for i := range r.words {
		with := 0
		for _, h := range hits {
			if h.mask&(1<<i) != 0 {
				with++
			}
		}
		weights[i] = math.Log(1 + float64(len(hits)+1)/float64(with+1))
	}
	return weights
}

func covered(mask int64, weights []float64) float64 {
	sum := 0.0
	for i, w := range weights {
		if mask&(1<<i) != 0 {
			sum += w
		}
	}
	return sum
}

func ordered(counts map[string]int) []Facet {
	var all []Facet
	for value, n := range counts {
		if value != "" {
			all = append(all, Facet{value, n})
		}
	}
	sort.Slice(all, func(a, b int) bool {
		if all[a].Count != all[b].Count {
			return all[a].Count > all[b].Count
		}
		return all[a].Value < all[b].Value
	})
	return all
}
