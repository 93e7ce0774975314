package meeting

import (
	"time"

	"github.com/teambition/rrule-go"
)

// Occurrences of a rule as RFC 5545 writes it, from a first time on its own clock.
func Occurrences(rule string, first time.Time) ([]time.Time, error) {
	o, err := rrule.StrToROption(rule)
	if err != nil {
		return nil, err
	}
	o.Dtstart = first
	return occurrences(*o)
}
