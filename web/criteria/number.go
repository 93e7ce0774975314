package criteria

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"urbanfluxes.eu/koinon/internal/fault"
)

var (
	numberTyped = regexp.MustCompile(`^[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]{1,3})?$`)
	twoReadings = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}$`) // one thousand to some, one to others
	inGroups    = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "", "\u2212", "-")
)

// readNumber is a number as people type it, with a comma or a point: "0,5", "0.5", "1'000". What is none is not a number, and so refused by whoever needs one; what may be read in two ways is asked for again.
func readNumber(in *fault.Invalid, field, typed string) float64 {
	text := inGroups.Replace(typed)
	if twoReadings.MatchString(text) {
		in.Check(false, field, "number-unclear")
		return math.NaN()
	}
	if !numberTyped.MatchString(text) {
		return math.NaN()
	}
	x, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil {
		return math.NaN() // beyond what can be held
	}
	return x
}
