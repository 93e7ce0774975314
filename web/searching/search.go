package searching

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// asked is a search as its address has it. The language of a text is "in": "lang" is the language of the page.
type asked struct{ Q, Kind, City, Tag, By, In, Before, After string }

func readAsked(r *http.Request) asked {
	q := r.URL.Query()
	word := func(name string) string { return form.Clean(q.Get(name), 80) }
	return asked{Q: form.Clean(q.Get("q"), search.MaxQuery), Kind: word("kind"), City: word("city"), Tag: word("tag"), By: word("by"), In: word("in"), Before: word("before"), After: word("after")}
}

func (a asked) query() search.Query {
	q := search.Parse(a.Q)
	for _, f := range a.fields() {
		q.Set(f.filter, f.value)
	}
	return q
}

type field struct{ name, filter, value string }

func (a asked) fields() []field {
	return []field{{"kind", "kind", a.Kind}, {"city", "city", a.City}, {"tag", "tag", a.Tag}, {"by", "by", a.By}, {"in", "lang", a.In}, {"before", "before", a.Before}, {"after", "after", a.After}}
}

// filtered reports whether a field narrows the search.
func (a asked) filtered() bool { return a != asked{Q: a.Q} }

// at is the address of this search with one field changed, on its first page.
func (a asked) at(name, value string) string {
	pairs := []string{"q", a.Q}
	for _, f := range a.fields() {
		if f.name == name {
			f.value = value
		}
		pairs = append(pairs, f.name, f.value)
	}
	if name == "q" || name == "page" {
		pairs = append(pairs, name, value)
	}
	return link.With(link.Search, pairs...)
}

// results is a page of what was found.
type results struct {
	asked
	search.Found
	Terms []search.Term
}

func (h handlers) found(r *http.Request) (results, error) {
	x := results{asked: readAsked(r)}
	page, _ := strconv.Atoi(r.URL.Query().Get("page")) // a broken one is the first
	var err error
	x.Found, err = h.search.Find(r.Context(), visit.Of(r.Context()).Reach, x.query(), locale.Of(r.Context()), page)
	return x, err
}

func (h handlers) find(w http.ResponseWriter, r *http.Request) error {
	x, err := h.found(r)
	if err != nil {
		return err
	}
	if x.Terms, err = h.search.About(r.Context(), x.Query); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// answer and hit are the search as other programs read it.
type answer struct {
	Query  string   `json:"query"`
	Count  int      `json:"count"`
	More   bool     `json:"more"`   // there are at least so many
	Newest bool     `json:"newest"` // only the newest were ranked
	Partly bool     `json:"partly"` // nothing holds all the words
	Also   []string `json:"also"`
	Page   int      `json:"page"`
	Pages  int      `json:"pages"`
	Hits   []hit    `json:"hits"`
}

type hit struct {
	Title   string    `json:"title"`
	URL     string    `json:"url"`
	Kind    string    `json:"kind"`
	City    string    `json:"city"`
	Lang    string    `json:"lang"`
	Author  string    `json:"author,omitempty"`
	At      time.Time `json:"at"`
	Excerpt string    `json:"excerpt"`
	Missing []string  `json:"missing,omitempty"`
}

func (h handlers) json(w http.ResponseWriter, r *http.Request) error {
	x, err := h.found(r)
	if err != nil {
		return err
	}
	a := answer{Query: x.Q, Count: x.Count, More: x.AtLeast, Newest: x.Newest, Partly: x.Partly, Also: append([]string{}, x.Others...), Page: x.Page, Pages: x.Pages, Hits: []hit{}}
	for _, f := range x.Hits {
		a.Hits = append(a.Hits, hit{Title: f.Title, URL: address(f), Kind: string(f.Kind), City: f.Slug, Lang: string(f.Lang), Author: f.Author.Name, At: f.At, Excerpt: plain(f.Excerpt), Missing: f.Missing})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return json.NewEncoder(w).Encode(a)
}

// plugin lets a browser search here from its own bar.
func (h handlers) plugin(w http.ResponseWriter, r *http.Request) error {
	type target struct {
		Type     string `xml:"type,attr"`
		Template string `xml:"template,attr"`
	}
	w.Header().Set("Content-Type", "application/opensearchdescription+xml; charset=utf-8")
	_, _ = w.Write([]byte(xml.Header)) // the reader may have gone
	return xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
		Name    string   `xml:"ShortName"`
		About   string   `xml:"Description"`
		URL     target   `xml:"Url"`
	}{Name: "Koinon", About: locale.T(r.Context(), "search.lead"), URL: target{"text/html", h.base + link.Search + "?q={searchTerms}"}})
}

// address of a hit: a reply stands on its thread's page.
func address(h search.Hit) string {
	if h.Parent > 0 && h.Top == "discussion" {
		return link.Reply(h.Slug, h.Parent, h.Title, h.Number)
	}
	if h.Kind == "discussion" {
		return link.Discussion(h.Slug, h.Number, h.Title)
	}
	if h.Parent > 0 {
		return link.Within(h.Slug, string(h.Top), h.Parent, h.Number, h.Path)
	}
	return link.Within(h.Slug, string(h.Kind), h.Number, 0, h.Path)
}

func alsoAt(h search.Hit, reply int) string {
	thread := h.Number
	if h.Parent > 0 {
		thread = h.Parent
	}
	return link.Reply(h.Slug, thread, h.Title, reply)
}

func plain(stretches []search.Stretch) string {
	var b strings.Builder
	for _, s := range stretches {
		b.WriteString(s.Text)
	}
	return b.String()
}

// exactly is the address of the same search without other forms: each word in quotes.
func (x results) exactly() string {
	words := make([]string, len(x.Query.Words))
	for n, w := range x.Query.Words {
		words[n] = `"` + w + `"`
	}
	for _, p := range x.Query.Phrases {
		words = append(words, `"`+p+`"`)
	}
	for _, n := range x.Query.Not {
		words = append(words, `-"`+n+`"`)
	}
	bare := x.asked
	bare.Q = strings.Join(words, " ")
	q := x.Query
	for _, f := range []struct {
		value string
		into  *string
	}{{q.Kind, &bare.Kind}, {q.City, &bare.City}, {q.Tag, &bare.Tag}, {q.By, &bare.By}, {q.Lang, &bare.In}} {
		*f.into = f.value
	}
	if !q.Before.IsZero() {
		bare.Before = q.Before.Format(time.DateOnly)
	}
	if !q.After.IsZero() {
		bare.After = q.After.Format(time.DateOnly)
	}
	return bare.at("", "")
}

func (x results) pageAt(n int) string {
	if n < 1 || n > x.Pages {
		return ""
	}
	return x.at("page", strconv.Itoa(n))
}
