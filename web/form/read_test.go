package form_test

import (
	"testing"

	"urbanfluxes.eu/koinon/web/form"
)

func TestOnlyPlainDigitsNameSomething(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int{"12": 12, "1": 1, "0": 0, "01": 0, "+1": 0, "-3": 0, "1.0": 0, "١": 0, "": 0, "99999999999": 0, " 1": 0} {
		n, err := form.Number(typed)
		if n != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %d, %v, want %d", typed, n, err, want)
		}
	}
}

func TestADayIsOneOfTheCalendar(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]bool{"2027-02-28": true, "": true, "2027-02-30": false, "28.2.2027": false, "1969-12-31": false, "2201-01-01": false} {
		day, err := form.Day("on", typed)
		if (err == nil) != want || err == nil && form.DayText(day) != typed {
			t.Errorf("%q is %v, %v", typed, day, err)
		}
	}
}
