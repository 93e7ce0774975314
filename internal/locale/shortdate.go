package locale

import (
	"context"
	"strconv"
	"time"
)

var shortWeekdays = map[Lang][7]string{
	English: {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	German:  {"So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."},
	French:  {"dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."},
	Greek:   {"Κυρ", "Δευ", "Τρί", "Τετ", "Πέμ", "Παρ", "Σάβ"},
}

// ShortDate is a date for a narrow column, with the year only when it is another than that of now: Tue 12 May, Di., 12. Mai, mar. 12 mai, Τρί 12 Μαΐ.
func ShortDate(ctx context.Context, t, now time.Time) string {
	l := Of(ctx)
	day := strconv.Itoa(t.Day())
	sep := " "
	switch {
	case l == German:
		day, sep = day+".", ", "
	case l == French && t.Day() == 1:
		day = "1er"
	}
	text := shortWeekdays[l][t.Weekday()] + sep + day + " " + ShortMonth(ctx, t)
	if t.Year() != now.In(t.Location()).Year() {
		text += " " + strconv.Itoa(t.Year())
	}
	return text
}
