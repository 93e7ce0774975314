package form

import (
	"strconv"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
)

// Number is one that an address names, such as "12". Anything else than its plain digits is fault.NotFound, so that a thing has one address.
func Number(digits string) (int, error) {
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != digits {
		return 0, fault.NotFound
	}
	return int(n), nil
}

// Day is a typed day between 1970 and 2200; nothing typed is none.
func Day(field, typed string) (*time.Time, error) {
	if typed == "" {
		return nil, nil
	}
	day, err := time.Parse(time.DateOnly, typed)
	if err != nil || day.Year() < 1970 || day.Year() > 2200 {
		return nil, fault.One(field, "date")
	}
	return &day, nil
}

// DayText is a day as a field and a table have it; empty for none.
func DayText(day *time.Time) string {
	if day == nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

// Audience of a word; one that does not exist is wider than any, and so refused by every room.
func Audience(word string) item.Audience {
	if a, ok := item.AudienceOf(word); ok {
		return a
	}
	return -1
}
