package practice

import (
	"slices"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Relation of one entry to another, as it is stored: from the first to the second.
type Relation string

// The relations of entries.
const (
	RelUses      Relation = "uses"      // a case used a method
	RelAddresses Relation = "addresses" // a method addresses a problem
	RelRelated   Relation = "related"   // no direction: it begins at the lower id
	RelAdapted   Relation = "adapted"   // from another entry of the same form
)

// makesSense says between which forms a relation makes sense, as "from: to".
var makesSense = map[Relation]map[Form][]Form{
	RelUses: {
		Case: {Method, Tool}, Story: {Method, Tool}, Experience: {Method, Tool}, Method: {Method, Tool}, Tool: {Method, Tool},
	},
	RelAddresses: {
		Method: {Problem}, Tool: {Problem}, Case: {Problem},
	},
	RelRelated: {
		Case: Forms, Method: Forms, Tool: Forms, Story: Forms, Experience: Forms, Problem: Forms,
	},
	RelAdapted: {
		Case: {Case}, Method: {Method}, Tool: {Tool}, Story: {Story}, Experience: {Experience}, Problem: {Problem},
	},
}

// MakesSense reports whether an entry of the form from may be so related to one of the form to.
func (r Relation) MakesSense(from, to Form) bool { return slices.Contains(makesSense[r][from], to) }

// Way is a relation as it is chosen on the page of an entry. The message "entry.tie.way.<way>" says each.
type Way string

// The ways in which an entry is related to another.
const (
	WayUses        Way = "uses"
	WayUsedBy      Way = "used-by"
	WayAddresses   Way = "addresses"
	WayAddressedBy Way = "addressed-by"
	WayRelated     Way = "related"
	WayAdapted     Way = "adapted"
)

var ways = []struct {
	way      Way
	relation Relation
	back     bool // from the other entry to this one
}{
	{WayAddressedBy, RelAddresses, true}, {WayAddresses, RelAddresses, false}, {WayUses, RelUses, false}, {WayUsedBy, RelUses, true}, {WayRelated, RelRelated, false}, {WayAdapted, RelAdapted, false},
}

// WaysOf are the ways in which an entry of a form may be related to others, in the order in which people choose among them.
func WaysOf(f Form) []Way {
	var all []Way
	for _, w := range ways {
		if slices.ContainsFunc(Forms, func(other Form) bool {
			return w.relation.MakesSense(f, other) && !w.back || w.relation.MakesSense(other, f) && w.back
		}) {
			all = append(all, w.way)
		}
	}
	return all
}

// stored is the relation of a way, and whether it goes from the other entry to this one.
func (w Way) stored() (r Relation, back bool) {
	for _, one := range ways {
		if one.way == w {
			return one.relation, one.back
		}
	}
	return "", false
}

// MaxTieNote is how long the note of a relation may be, in characters.
const MaxTieNote = 2000

// NewTie relates an entry to another.
type NewTie struct {
	Way   Way
	Other string // "E-7", "Basel E-7" or an address
	Note  string // what to know of it; what differs, where it was adapted
}

func (t NewTie) check() error {
	var in fault.Invalid
	r, _ := t.Way.stored()
	in.Check(r != "", "tie-way", "choose")
	in.Check(t.Other != "", "tie-other", "entry-which")
	in.Check(t.Note != "" || t.Way != WayAdapted, "tie-note", "required")
	in.Check(utf8.RuneCountInString(t.Note) <= MaxTieNote, "tie-note", "too-long", "max", MaxTieNote)
	return in.Err()
}

// Tie is a relation on the page of an entry, with the entry at its other end.
type Tie struct {
	Link              int64
	Relation          Relation
	Back              bool // from the other entry to this one
	Form              Form
	Slug, City        string
	Community         community.ID
	Number            int
	Title             string // a draft may have none
	Lang              locale.Lang
	Summary           string
	Audience          item.Audience
	Authors           []string
	Uses, Cities      int
	Yes, Changed, Not int // what its users say
	Note              string
	MayPart           bool // by the reader
}
