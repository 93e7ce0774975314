package practice

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// MaxOutcome is how long it may be what came of a use, in characters.
const MaxOutcome = 5000

// Again says whether somebody would use an entry again. The message "entry.use.again.<again>" says each.
type Again string

// The answers to "would you use it again?".
const (
	UseAgain    Again = "yes"
	UseChanged  Again = "changed" // with changes
	UseNotAgain Again = "no"
)

// Agains in the order in which people choose among them.
var Agains = []Again{UseAgain, UseChanged, UseNotAgain}

// NewUse is what somebody tells who used an entry.
type NewUse struct {
	In      community.ID // one of the reporter's own communities
	Place   string
	On      *time.Time // day; nil: not said
	Outcome string     // what came of it, Markdown
	Again   Again
	Lang    locale.Lang
	Request uuid.UUID
}

// check judges all but the day, which depends on the clock of the community.
func (u NewUse) check() error {
	var in fault.Invalid
	in.Check(u.In > 0, "used-in", "choose")
	in.Check(utf8.RuneCountInString(u.Place) <= MaxPlace, "used-place", "too-long", "max", MaxPlace)
	in.Check(u.Outcome != "", "used-outcome", "required")
	in.Check(utf8.RuneCountInString(u.Outcome) <= MaxOutcome, "used-outcome", "too-long", "max", MaxOutcome)
	in.Check(slices.Contains(Agains, u.Again), "used-again", "choose")
	in.Check(locale.Known(string(u.Lang)), "used-lang", "choose")
	return in.Err()
}

// UseEdit is a changed report, and the revision from which it started.
type UseEdit struct {
	NewUse
	Revision int
}

// Use is a report of somebody who used an entry.
type Use struct {
	N            int
	Slug, City   string // empty: a community that the reader may not know of
	Place        string
	UsedOn       *time.Time
	HTML         string
	Again        Again
	Lang         locale.Lang
	Account      bool // by somebody with an account still
	Name         string
	Member       int // of the reporter in that community; 0: none any more, or not to be known
	Perspective  community.Perspective
	Organisation string
	At           time.Time
	EditedAt     *time.Time
	Revision     int
	Mine         bool // the reader's
	ByAuthor     bool // of one who wrote the entry
	RemovedAt    *time.Time
	Reason       string // for which a coordinator removed it
	MayUndo      bool   // the reader removed it a moment ago
}

// CityUse is how an entry was used in one community.
type CityUse struct {
	Slug, City              string // empty: communities that the reader may not know of, together
	Uses, Yes, Changed, Not int
}

// Evidence is what is known of the use of an entry: by community, the most frequent first, and the newest reports.
type Evidence struct {
	ByCity []CityUse
	Newest []Use
}

// Total of all communities.
func (e Evidence) Total() CityUse {
	var all CityUse
	for _, c := range e.ByCity {
		all.Uses, all.Yes, all.Changed, all.Not = all.Uses+c.Uses, all.Yes+c.Yes, all.Changed+c.Changed, all.Not+c.Not
	}
	return all
}

// usable is nil when an entry may be reported as used: one that others read.
func (f found) usable() bool { return f.audience != item.Draft }
