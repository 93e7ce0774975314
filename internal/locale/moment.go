package locale

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

var months = map[Lang][12]string{
	English: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	German:  {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	French:  {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	Greek:   {"Ιανουαρίου", "Φεβρουαρίου", "Μαρτίου", "Απριλίου", "Μαΐου", "Ιουνίου", "Ιουλίου", "Αυγούστου", "Σεπτεμβρίου", "Οκτωβρίου", "Νοεμβρίου", "Δεκεμβρίου"},
}

// Day writes a date in full: 23 June 2015, 23. Juni 2015, 23 juin 2015, 23 Ιουνίου 2015.
func Day(ctx context.Context, t time.Time) string {
	l := Of(ctx)
	day := strconv.Itoa(t.Day())
	switch {
	case l == German:
		day += "."
	case l == French && t.Day() == 1:
		day = "1er"
	}
	return day + " " + months[l][t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// Moment writes date, time (24 hours) and the zone's abbreviation, as seen in zone.
func Moment(ctx context.Context, t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return Day(ctx, t) + ", " + t.Format("15:04") + " " + zoneName(t)
}

// zoneName is the abbreviation where the zone has one, else its offset from UTC.
func zoneName(t time.Time) string {
	name, offset := t.Zone()
	if name != "" && name[0] != '+' && name[0] != '-' {
		return name
	}
	return fmt.Sprintf("UTC%+03d:%02d", offset/3600, offset/60%60)
}

// Ago says how long before now t was, in one unit; the date itself when that is more than 30 days.
func Ago(ctx context.Context, t, now time.Time) string {
	d := now.Sub(t)
	switch {
	case d < time.Minute:
		return T(ctx, "moment.now")
	case d < time.Hour:
		return N(ctx, "moment.minutes", int(d/time.Minute))
	case d < 24*time.Hour:
		return N(ctx, "moment.hours", int(d/time.Hour))
	case d < 30*24*time.Hour:
		return N(ctx, "moment.days", int(d/(24*time.Hour)))
	default:
		return Day(ctx, t)
	}
}
