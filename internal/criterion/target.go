package criterion

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/fault"
)

// Comparator says how a measured value is held against the target. The message "criteria.comparator.<comparator>" says each; Sign is its mathematical form.
type Comparator string

// The comparators; Open: there is no target in numbers.
const (
	Open    Comparator = ""
	AtMost  Comparator = "at-most"
	Below   Comparator = "below"
	Equals  Comparator = "equals"
	AtLeast Comparator = "at-least"
	Above   Comparator = "above"
	Between Comparator = "between"
)

// Comparators in the order in which people choose among them.
var Comparators = []Comparator{Open, AtMost, Below, Equals, AtLeast, Above, Between}

var signs = map[Comparator]string{AtMost: "≤", Below: "<", Equals: "=", AtLeast: "≥", Above: ">", Between: "–"}

// Sign of a comparator; of Between it stands between the two numbers.
func (c Comparator) Sign() string { return signs[c] }

// targetLine is the target of criterion c as it stands in its history, the same in every language: "grid spacing ≤ 100 m".
const targetLine = `concat_ws(' ', nullif(c.measure, ''), case c.comparator when 'at-most' then '≤' when 'below' then '<' when 'equals' then '=' when 'at-least' then '≥' when 'above' then '>' end,
	c.target || coalesce('–' || c.target_to, ''), nullif(c.unit, ''))`

// Limits of a criterion, in characters.
const (
	MaxMeasure = 200
	MaxUnit    = 40
	MaxReason  = 500
)

// Target is what is measured and what it should be: "grid spacing ≤ 100 m". Measure may stand alone.
type Target struct {
	Measure    string
	Comparator Comparator
	Value      float64
	To         float64 // upper end of Between
	Unit       string
}

// Numeric reports whether there is a number to be held against a measured value.
func (t Target) Numeric() bool { return t.Comparator != Open }

func (t Target) check(in *fault.Invalid) {
	in.Check(utf8.RuneCountInString(t.Measure) <= MaxMeasure, "measure", "too-long", "max", MaxMeasure)
	in.Check(utf8.RuneCountInString(t.Unit) <= MaxUnit, "unit", "too-long", "max", MaxUnit)
	in.Check(slices.Contains(Comparators, t.Comparator), "comparator", "choose")
	if t.Comparator == Open {
		return
	}
	in.Check(finite(t.Value), "target", "number")
	if t.Comparator == Between {
		in.Check(finite(t.To), "target_to", "number")
		in.Check(!finite(t.To) || t.To > t.Value, "target_to", "above-target")
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && math.Abs(x) < 1e300 }

// value and to are the numbers as they are stored.
func (t Target) value() *float64 {
	if t.Comparator == Open {
		return nil
	}
	return &t.Value
}

func (t Target) to() *float64 {
	if t.Comparator != Between {
		return nil
	}
	return &t.To
}

// Number as people write it, with the shortest digits that give it back.
func Number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
