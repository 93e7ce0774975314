package locale

import (
	"context"
	"strconv"
	"time"
)

var weekdays = map[Lang][7]string{
	English: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	German:  {"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	French:  {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	Greek:   {"Κυριακή", "Δευτέρα", "Τρίτη", "Τετάρτη", "Πέμπτη", "Παρασκευή", "Σάββατο"},
}

var shortMonths = map[Lang][12]string{
	English: {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	German:  {"Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."},
	French:  {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
	Greek:   {"Ιαν", "Φεβ", "Μαρ", "Απρ", "Μαΐ", "Ιουν", "Ιουλ", "Αυγ", "Σεπ", "Οκτ", "Νοε", "Δεκ"},
}

// Weekday names the day of the week.
func Weekday(ctx context.Context, t time.Time) string { return weekdays[Of(ctx)][t.Weekday()] }

// ShortMonth names the month of a date, shortened as the language does.
func ShortMonth(ctx context.Context, t time.Time) string { return shortMonths[Of(ctx)][t.Month()-1] }

// WeekdayDate is a date with its day of the week: Tuesday 23 June 2015, Dienstag, 23. Juni 2015, mardi 23 juin 2015, Τρίτη 23 Ιουνίου 2015.
func WeekdayDate(ctx context.Context, t time.Time) string {
	if Of(ctx) == German {
		return Weekday(ctx, t) + ", " + Day(ctx, t)
	}
	return Weekday(ctx, t) + " " + Day(ctx, t)
}

// Span writes from when to when something lasts, as seen in zone, with the zone's abbreviation: Tuesday 23 June 2015, 09:00–12:30 CEST.
func Span(ctx context.Context, start, end time.Time, zone *time.Location) string {
	start, end = start.In(zone), end.In(zone)
	if start.Year() == end.Year() && start.YearDay() == end.YearDay() {
		return WeekdayDate(ctx, start) + ", " + Hours(start, end, zone) + " " + zoneName(start)
	}
	return WeekdayDate(ctx, start) + ", " + start.Format("15:04") + " – " + WeekdayDate(ctx, end) + ", " + end.Format("15:04") + " " + zoneName(end)
}

// Hours are the times of day from start to end, as seen in zone: 09:00–12:30.
func Hours(start, end time.Time, zone *time.Location) string {
	return start.In(zone).Format("15:04") + "–" + end.In(zone).Format("15:04")
}

// ZoneOf is the abbreviation of a zone at a moment, else its offset from UTC.
func ZoneOf(t time.Time, zone *time.Location) string { return zoneName(t.In(zone)) }

// DayOfMonth is the bare number of a day.
func DayOfMonth(t time.Time) string { return strconv.Itoa(t.Day()) }
