package repertoire

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// mostChosen is how many values of one facet an address may choose.
const mostChosen = 20

// The names of the facets in an address. "in" is the language of the text: "lang" is the language of the page.
var facetNames = []struct{ facet, name string }{
	{practice.FacetForm, "kind"}, {practice.FacetTopic, "topic"}, {practice.FacetEvidence, "evidence"}, {practice.FacetCity, "city"},
	{practice.FacetTag, "tag"}, {practice.FacetLang, "in"}, {practice.FacetAge, "age"},
}

// ReadLibrary is what an address asks of the library. What it does not know it leaves out.
func ReadLibrary(r *http.Request) practice.LibraryFilter {
	q, v := r.URL.Query(), here(r)
	f := practice.LibraryFilter{Words: form.Clean(q.Get("q"), search.MaxQuery), Order: practice.Order(q.Get("sort")), Before: form.Clean(q.Get("before"), 600), After: form.Clean(q.Get("after"), 600)}
	f.Forms = known(q["kind"], practice.Forms)
	f.Langs = known(q["in"], locale.All)
	f.Evidence = known(q["evidence"], practice.Evidences)
	f.Ages = known(q["age"], practice.Ages)
	f.Topics, f.Tags = chosen(q["topic"], 40), lowered(chosen(q["tag"], item.MaxTag))
	if v.Community != nil {
		f.In = v.Seat.Community
	} else {
		f.Cities = chosen(q["city"], 60)
	}
	if !slices.Contains(practice.Orders, f.Order) && (f.Order != practice.ByRelevance || f.Words == "") {
		f.Order = ""
	}
	if f.After != "" {
		f.Before = ""
	}
	if show := q.Get("show"); v.SignedIn() {
		f.Mine, f.Drafts = show == "mine", show == "drafts"
	}
	return f
}

// known are the values of an address that exist, each once.
func known[T ~string](typed []string, all []T) []T {
	var kept []T
	for _, v := range all {
		if slices.Contains(typed, string(v)) {
			kept = append(kept, v)
		}
	}
	return kept
}

// chosen are the words of an address, each once and not too many.
func chosen(typed []string, n int) []string {
	var kept []string
	for _, v := range typed {
		if v = form.Clean(v, n); v != "" && !slices.Contains(kept, v) && len(kept) < mostChosen {
			kept = append(kept, v)
		}
	}
	return kept
}

// LibraryAt is the address that asks the library for the same.
func LibraryAt(address string, f practice.LibraryFilter) string {
	return link.WithAll(address, libraryValues(f))
}

func libraryValues(f practice.LibraryFilter) url.Values {
	values := url.Values{"q": {f.Words}, "sort": {string(f.Order)}, "before": {f.Before}, "after": {f.After}, "topic": slices.Clone(f.Topics), "tag": slices.Clone(f.Tags), "city": slices.Clone(f.Cities),
		"kind": words(f.Forms), "in": words(f.Langs), "evidence": words(f.Evidence), "age": words(f.Ages)}
	switch {
	case f.Mine:
		values.Set("show", "mine")
	case f.Drafts:
		values.Set("show", "drafts")
	}
	return values
}

func words[T ~string](all []T) []string {
	var out []string
	for _, v := range all {
		out = append(out, string(v))
	}
	return out
}

// shelves are the library as a page shows it.
type shelves struct {
	practice.LibraryPage
	Filter  practice.LibraryFilter
	Address string
	Slug    string // of the community; empty across all

	Gathered int // passages that the reader laid aside in this community
}

func (h handlers) library(w http.ResponseWriter, r *http.Request) error {
	x := shelves{Filter: ReadLibrary(r), Address: link.Library}
	if v := here(r); v.Community != nil {
		if err := v.Seat.MaySee(); err != nil {
			return err
		}
		x.Slug, x.Address = v.Seat.Slug, link.Repertoire(v.Seat.Slug)
	}
	var err error
	if x.LibraryPage, err = h.Entries.Library(r.Context(), here(r).Reach, x.Filter); err != nil {
		return err
	}
	if x.Slug != "" {
		if x.Gathered, err = h.Entries.Gathered(r.Context(), here(r).Seat); err != nil {
			return err
		}
	}
	return respond.OK(w, r, x.page())
}

// at is the address of the first page with values changed.
func (x shelves) at(change func(url.Values)) string {
	values := libraryValues(x.Filter)
	values.Del("before")
	values.Del("after")
	change(values)
	return link.WithAll(x.Address, values)
}

// toggled is the address with one value of a facet chosen, or chosen no more.
func (x shelves) toggled(name, value string) string {
	return x.at(func(v url.Values) {
		if slices.Contains(v[name], value) {
			v[name] = slices.DeleteFunc(v[name], func(have string) bool { return have == value })
		} else {
			v.Add(name, value)
		}
	})
}

func (x shelves) with(name, value string) string {
	return x.at(func(v url.Values) { v.Set(name, value) })
}

// bare is the address without what narrows the view; words and order stay.
func (x shelves) bare() string {
	return x.at(func(v url.Values) {
		for _, f := range facetNames {
			v.Del(f.name)
		}
	})
}

func (x shelves) newer() string {
	if x.Newer == "" {
		return ""
	}
	return x.with("after", x.Newer)
}

func (x shelves) older() string {
	if x.Older == "" {
		return ""
	}
	return x.with("before", x.Older)
}

// entrance reports whether this is the first page, as somebody sees it who has chosen nothing yet.
func (x shelves) entrance() bool {
	f := x.Filter
	return !f.Narrowed() && !f.Mine && !f.Drafts && f.Before == "" && f.After == "" && f.Order == ""
}

// valueName is a value in the reader's words.
func valueName(ctx context.Context, facet string, v practice.FacetValue) string {
	switch facet {
	case practice.FacetForm:
		return locale.T(ctx, "repertoire.form."+v.Value)
	case practice.FacetLang:
		return ui.OwnName(locale.Lang(v.Value))
	case practice.FacetEvidence, practice.FacetAge:
		return locale.T(ctx, "library."+facet+"."+v.Value)
	}
	return v.Name
}

// counted says how many entries there are, never more exactly than is known.
func (x shelves) counted(ctx context.Context) string {
	if x.AtLeast && !x.narrowedBeside() {
		return locale.T(ctx, "library.many", "n", locale.Number(locale.Of(ctx), x.Count))
	}
	return locale.N(ctx, "library.count", x.Count)
}

func (x shelves) narrowedBeside() bool { return x.Filter.Narrowings() > 0 }

func facetCount(ctx context.Context, f practice.Facet, n int) string {
	text := locale.Number(locale.Of(ctx), n)
	if f.AtLeast {
		text += "+"
	}
	return text
}

func (x shelves) tabs(ctx context.Context) []ui.Tab {
	f := x.Filter
	return []ui.Tab{{Text: locale.T(ctx, "repertoire.all"), Href: x.with("show", ""), Current: !f.Mine && !f.Drafts},
		{Text: locale.T(ctx, "repertoire.mine"), Href: x.with("show", "mine"), Current: f.Mine}, {Text: locale.T(ctx, "repertoire.drafts"), Href: x.with("show", "drafts"), Current: f.Drafts}}
}

// sorts are the orders of the list, as words in a row.
func (x shelves) sorts(ctx context.Context) []ui.Tag {
	var tags []ui.Tag
	orders, current := practice.Orders, x.Filter.Order
	if x.Filter.Words != "" {
		orders = append([]practice.Order{practice.ByRelevance}, orders[1:]...)
		if current == "" {
			current = practice.ByRelevance
		}
	}
	for _, o := range orders {
		name, value := string(o), string(o)
		if o == practice.ByActivity {
			name = "active"
		}
		if o == practice.ByRelevance {
			value = ""
		}
		tags = append(tags, ui.Tag{Name: locale.T(ctx, "library.sort."+name), Href: x.with("sort", value), Current: o == current})
	}
	return tags
}

// ageOf is how old the knowledge of an entry is.
func ageOf(ctx context.Context, r practice.LibraryRow) practice.Freshness {
	now := visit.Of(ctx).Now
	switch {
	case r.FreshAt.After(now.AddDate(-1, 0, 0)):
		return practice.Fresh
	case r.FreshAt.After(now.AddDate(-2, 0, 0)):
		return practice.Older
	}
	return practice.Stale
}

func headline(r practice.LibraryRow) string {
	if r.Title == "" {
		return r.Excerpt
	}
	return r.Title
}

func said(r practice.LibraryRow) string {
	if r.Summary != "" {
		return r.Summary
	}
	if r.Title == "" {
		return ""
	}
	return r.Excerpt
}

func (x shelves) lead(ctx context.Context) string {
	if x.Slug == "" {
		return locale.T(ctx, "library.lead")
	}
	return locale.T(ctx, "repertoire.lead")
}

// nothing reports whether there is nothing to narrow.
func (x shelves) nothing() bool { return len(x.Rows) == 0 && !x.Filter.Narrowed() && x.Count == 0 }

// worth reports whether a facet parts anything.
func worth(f practice.Facet) bool {
	return len(f.Values) > 1 || slices.ContainsFunc(f.Values, func(v practice.FacetValue) bool { return v.Chosen })
}

// pairs are the values of the address, but for some names.
func (x shelves) pairs(but []string) []ui.Pair {
	values := libraryValues(x.Filter)
	var pairs []ui.Pair
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, v := range values[name] {
			if v != "" && !slices.Contains(but, name) {
				pairs = append(pairs, ui.Pair{Name: name, Value: v})
			}
		}
	}
	return pairs
}

// chosenValues are what narrows the view, each leading to the view without it.
func (x shelves) chosenValues(ctx context.Context) []ui.Tag {
	var tags []ui.Tag
	for _, f := range facetNames {
		for _, v := range x.Facets[f.facet].Values {
			if v.Chosen {
				tags = append(tags, ui.Tag{Name: locale.T(ctx, "ui.colon", "before", locale.T(ctx, "library.facet."+f.facet), "after", valueName(ctx, f.facet, v)), Href: x.toggled(f.name, v.Value)})
			}
		}
	}
	return tags
}

func (x shelves) countOf(form practice.Form) int {
	for _, v := range x.Facets[practice.FacetForm].Values {
		if v.Value == string(form) {
			return v.Count
		}
	}
	return 0
}

// toTopic is the view of a topic together with what is chosen already.
func (x shelves) toTopic(key string) string {
	if slices.Contains(x.Filter.Topics, key) {
		return x.at(func(url.Values) {})
	}
	return x.toggled("topic", key)
}

func (x shelves) also(ctx context.Context) string {
	return locale.T(ctx, "search.also", "words", strings.Join(x.Others, ", "))
}

func lowered(all []string) []string {
	for n := range all {
		all[n] = strings.ToLower(all[n])
	}
	return all
}
