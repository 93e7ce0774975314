package practice

import (
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// PerList is how many entries stand on one page of the library.
const PerList = 30

// MaxCount is how many entries are counted one by one: of those that words find, and of those whose tags are counted.
const MaxCount = 1000

// Proof is what is known of an entry's use. The message "library.evidence.<evidence>" says each.
type Proof string

// What is known of the use of entries: some hold together.
const (
	Used     Proof = "used"
	Widely   Proof = "widely" // in several cities
	Endorsed Proof = "endorsed"
	Unused   Proof = "unused"
)

// Evidences in the order in which people choose among them.
var Evidences = []Proof{Widely, Used, Endorsed, Unused}

// codes are the values of library.evidence that mean this.
func (e Proof) codes() []int16 {
	return map[Proof][]int16{Used: {1, 2, 5, 6}, Widely: {2, 6}, Endorsed: {4, 5, 6}, Unused: {0, 4}}[e]
}

// Freshness says how long ago an entry was last known to be true. The message "library.age.<age>" says each.
type Freshness string

// The ages of entries: of less than one year, of less than two, and older.
const (
	Fresh Freshness = "fresh"
	Older Freshness = "older"
	Stale Freshness = "stale"
)

// Ages in their order; the place of one is its value in library.age.
var Ages = []Freshness{Fresh, Older, Stale}

// Order of the library. The message "library.sort.<order>" says each.
type Order string

// The orders of the library. Where words are sought, ByRelevance is the usual one, else ByActivity.
const (
	ByActivity  Order = ""
	ByEvidence  Order = "evidence"
	ByNewness   Order = "newest"
	ByTitle     Order = "title"
	ByRelevance Order = "relevance"
)

// Orders in which people choose among them.
var Orders = []Order{ByActivity, ByEvidence, ByNewness, ByTitle}

// LibraryFilter says which entries the library shows, and in which order. Empty fields narrow nothing; several values of one field mean any of them.
type LibraryFilter struct {
	In       community.ID // one community; 0: all
	Forms    []Form
	Topics   []string // keys
	Tags     []string // keys
	Cities   []string // slugs
	Langs    []locale.Lang
	Evidence []Proof
	Ages     []Freshness
	Words    string // what is sought
	Mine     bool   // written by the reader, drafts too
	Drafts   bool
	Order    Order
	Before   string
	After    string // cursors that a LibraryPage gave
	Most     int    // rows on a page; 0: PerList
	Bare     bool   // rows alone, without counts
}

// Narrowed reports whether the filter leaves something out, beside what is not in its community.
func (f LibraryFilter) Narrowed() bool { return f.Narrowings() > 0 || f.Words != "" }

// Narrowings is how many values the filter has chosen.
func (f LibraryFilter) Narrowings() int {
	return len(f.Forms) + len(f.Topics) + len(f.Tags) + len(f.Cities) + len(f.Langs) + len(f.Evidence) + len(f.Ages)
}

func (f LibraryFilter) most() int {
	if f.Most > 0 {
		return f.Most
	}
	return PerList
}

// LibraryRow is an entry as the library lists it.
type LibraryRow struct {
	ID        item.ID
	Number    int
	Community community.ID
	Slug      string
	City      string // name of the community
	Form      Form
	Title     string
	Lang      locale.Lang
	Summary   string
	Excerpt   string // of the text; what there is without a summary
	Place     string
	Audience  item.Audience
	At        time.Time
	ActiveAt  time.Time
	SharedAt  time.Time
	FreshAt   time.Time // edited, shared, or said to be still true
	Uses      int
	Cities    int
	Endorsed  bool
	Others    int // who wrote it beside the author
	Author    item.Voice
	Topics    []Topic
	place     libraryPlace
}

// LibraryPage is one page of the library.
type LibraryPage struct {
	Rows    []LibraryRow
	Newer   string // cursor for LibraryFilter.After; empty on the first page
	Older   string // cursor for LibraryFilter.Before; empty on the last page
	Count   int
	AtLeast bool     // there are more, uncounted
	Others  []string // other words that were sought beside those typed
	Partly  bool     // nothing holds all the words
	Facets  map[string]Facet
}

// The facets of the library.
const (
	FacetForm     = "form"
	FacetTopic    = "topic"
	FacetTag      = "tag"
	FacetCity     = "city"
	FacetLang     = "lang"
	FacetEvidence = "evidence"
	FacetAge      = "age"
)

// Facet is a property with its values, each with how many entries would be there, were only the other properties chosen as they are.
type Facet struct {
	Values  []FacetValue
	AtLeast bool // only the first were counted
}

// FacetValue is one value of a facet. Name is that of what people have named: topics, tags and cities.
type FacetValue struct {
	Value, Name string
	Count       int
	Chosen      bool
}
