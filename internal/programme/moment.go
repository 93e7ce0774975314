package programme

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Moment is a point in time as the format writes it: RFC 3339, UTC, microseconds. The zero one is none.
type Moment struct{ time.Time }

const momentForm = "2006-01-02T15:04:05.000000Z"

// MarshalJSON writes the moment.
func (m Moment) MarshalJSON() ([]byte, error) {
	return []byte(`"` + m.UTC().Format(momentForm) + `"`), nil
}

// UnmarshalJSON reads a moment, in this form alone.
func (m *Moment) UnmarshalJSON(raw []byte) error {
	t, err := time.Parse(`"`+momentForm+`"`, string(raw))
	if err != nil || t.IsZero() {
		return fmt.Errorf("%s is not a moment like \"2016-03-01T09:30:00.000000Z\"", raw)
	}
	m.Time = t
	return nil
}

// Scan reads a timestamp of the database.
func (m *Moment) Scan(value any) error {
	t, _ := value.(time.Time) // null is the zero moment
	m.Time = t
	return nil
}

// Value of the moment for the database.
func (m Moment) Value() (driver.Value, error) {
	if m.IsZero() {
		return nil, nil
	}
	return m.Time, nil
}

// Day is a date of the calendar, such as the one on which a community was founded. The zero one is none.
type Day struct{ time.Time }

// MarshalJSON writes the day.
func (d Day) MarshalJSON() ([]byte, error) {
	return []byte(`"` + d.Format(time.DateOnly) + `"`), nil
}

// UnmarshalJSON reads a day.
func (d *Day) UnmarshalJSON(raw []byte) error {
	t, err := time.Parse(`"`+time.DateOnly+`"`, string(raw))
	if err != nil || t.IsZero() {
		return fmt.Errorf("%s is not a day like \"2016-03-01\"", raw)
	}
	d.Time = t
	return nil
}

// Scan reads a date of the database.
func (d *Day) Scan(value any) error {
	t, _ := value.(time.Time) // null is the zero day
	d.Time = t
	return nil
}

// Value of the day for the database.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.Time, nil
}
