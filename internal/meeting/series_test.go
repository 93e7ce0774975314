package meeting_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/meeting"
)

// The examples of RFC 5545, section 3.8.5.3, that end within a series: DTSTART;TZID=America/New_York:19970902T090000 where nothing else is said.
func TestRulesRecurAsTheExamplesOfTheStandard(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ rule, first, days string }{
		"daily for 10 occurrences":                       {"FREQ=DAILY;COUNT=10", "1997-09-02", "1997-09-02 09-03 09-04 09-05 09-06 09-07 09-08 09-09 09-10 09-11"},
		"every 10 days, 5 occurrences":                   {"FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02", "1997-09-02 09-12 09-22 10-02 10-12"},
		"weekly for 10 occurrences":                      {"FREQ=WEEKLY;COUNT=10", "1997-09-02", "1997-09-02 09-09 09-16 09-23 09-30 10-07 10-14 10-21 10-28 11-04"},
		"weekly on Tuesday and Thursday for five weeks":  {"FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09-02", "1997-09-02 09-04 09-09 09-11 09-16 09-18 09-23 09-25 09-30 10-02"},
		"every other week on Tuesday and Thursday, 8":    {"FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "1997-09-02", "1997-09-02 09-04 09-16 09-18 09-30 10-02 10-14 10-16"},
		"monthly on the first Friday for 10 occurrences": {"FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05", "1997-09-05 10-03 11-07 12-05 1998-01-02 02-06 03-06 04-03 05-01 06-05"},
		"monthly on the second-to-last Monday for 6":     {"FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22", "1997-09-22 10-20 11-17 12-22 1998-01-19 02-16"},
		"every other month on first and last Sunday, 10": {"FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07", "1997-09-07 09-28 11-02 11-30 1998-01-04 01-25 03-01 03-29 05-03 05-31"},
		"monthly on the 2nd and 15th for 10 occurrences": {"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997-09-02", "1997-09-02 09-15 10-02 10-15 11-02 11-15 12-02 12-15 1998-01-02 01-15"},
		"monthly on the first and last day for 10":       {"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", "1997-09-30", "1997-09-30 10-01 10-31 11-01 11-30 12-01 12-31 1998-01-01 01-31 02-01"},
		"every 18 months on the 10th thru 15th for 10":   {"FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997-09-10", "1997-09-10 09-11 09-12 09-13 09-14 09-15 1999-03-10 03-11 03-12 03-13"},
		"yearly in June and July for 10 occurrences":     {"FREQ=YEARLY;COUNT=10;BYMONTH=6,7", "1997-06-10", "1997-06-10 07-10 1998-06-10 07-10 1999-06-10 07-10 2000-06-10 07-10 2001-06-10 07-10"},
		"the third of Tuesday, Wednesday, Thursday, 3":   {"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "1997-09-04 10-07 11-06"},
		"an invalid day (February 30) is left out":       {"FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-15", "2007-01-15 01-30 02-15 03-15 03-30"},
		"weekly until October 7, 1997":                   {"FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", "1997-09-02", "1997-09-02 09-04 09-09 09-11 09-16 09-18 09-23 09-25 09-30 10-02"},
	} {
		first, err := time.Parse(time.DateOnly, c.first)
		if err != nil {
			t.Fatal(err)
		}
		got, err := meeting.Occurrences(c.rule, first.Add(9*time.Hour))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var days []string
		for _, day := range got {
			days = append(days, day.Format(time.DateOnly))
		}
		if want := spelled(c.days); strings.Join(days, " ") != want {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(days, " "), want)
		}
	}
}

// spelled writes the year of every day out.
func spelled(days string) string {
	year := ""
	var all []string
	for _, day := range strings.Fields(days) {
		if len(day) == 10 {
			year = day[:5]
		} else {
			day = year + day
		}
		all = append(all, day)
	}
	return strings.Join(all, " ")
}

func TestASeriesKeepsItsHourWhateverTheClocksDo(t *testing.T) {
	t.Parallel()
	for zone, offsets := range map[string]string{"Europe/London": "GMT GMT BST BST", "Europe/Zurich": "CET CET CEST CEST", "Europe/Athens": "EET EET EEST EEST"} {
		p := meeting.Plan{When: meeting.When{Zone: zone, Day: "2027-03-16", From: "18:00", Until: "20:00"}}
		times, err := p.Times(meeting.Repeat{Every: "week", Count: 4})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, at := range times {
			names = append(names, at[0].Format("MST"))
			if at[0].Format("15:04") != "18:00" || at[1].Sub(at[0]) != 2*time.Hour {
				t.Errorf("%s: %v – %v", zone, at[0], at[1])
			}
		}
		if strings.Join(names, " ") != offsets {
			t.Errorf("%s: %v", zone, names)
		}
	}
}

func TestTheWaysOfComingAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		day    string
		repeat meeting.Repeat
		days   string
	}{
		"two weeks":                  {"2027-01-05", meeting.Repeat{Every: "two-weeks", Count: 3}, "2027-01-05 01-19 02-02"},
		"the last day of a month":    {"2027-01-31", meeting.Repeat{Every: "month-day", Count: 4}, "2027-01-31 02-28 03-31 04-30"},
		"the 15th":                   {"2027-01-15", meeting.Repeat{Every: "month-day", Until: "2027-03-15"}, "2027-01-15 02-15 03-15"},
		"second Tuesday":             {"2027-01-12", meeting.Repeat{Every: "month-weekday", Count: 3}, "2027-01-12 02-09 03-09"},
		"fifth is the last Friday":   {"2027-01-29", meeting.Repeat{Every: "month-weekday", Count: 3}, "2027-01-29 02-26 03-26"},
		"without the second of them": {"2027-01-05", meeting.Repeat{Every: "week", Count: 3, Except: "2027-01-12"}, "2027-01-05 01-19"},
	} {
		times, err := (meeting.Plan{When: meeting.When{Zone: "Europe/Zurich", Day: c.day, From: "10:00", Until: "11:00"}}).Times(c.repeat)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var days []string
		for _, at := range times {
			days = append(days, at[0].Format(time.DateOnly))
		}
		if strings.Join(days, " ") != spelled(c.days) {
			t.Errorf("%s: %v", name, days)
		}
	}
}

func TestASeriesThatCannotBeIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		repeat meeting.Repeat
		from   string
		field  string
	}{
		"without an end":        {meeting.Repeat{Every: "week"}, "10:00", "count"},
		"with two ends":         {meeting.Repeat{Every: "week", Count: 3, Until: "2027-12-01"}, "10:00", "count"},
		"too many":              {meeting.Repeat{Every: "week", Count: 61}, "10:00", "count"},
		"for a century":         {meeting.Repeat{Every: "week", Until: "2127-01-01"}, "10:00", "count"},
		"one alone":             {meeting.Repeat{Every: "week", Count: 1}, "10:00", "count"},
		"ends before it begins": {meeting.Repeat{Every: "week", Until: "2020-01-01"}, "10:00", "until_day"},
		"in no known way":       {meeting.Repeat{Every: "moon", Count: 3}, "10:00", "every"},
		"on the missing hour":   {meeting.Repeat{Every: "week", Count: 3}, "02:30", "from"},
		"without a strange day": {meeting.Repeat{Every: "week", Count: 3, Except: "2027-03-23"}, "10:00", "except"},
		"without no day at all": {meeting.Repeat{Every: "week", Count: 3, Except: "Easter"}, "10:00", "except"},
	} {
		_, err := (meeting.Plan{When: meeting.When{Zone: "Europe/Zurich", Day: "2027-03-21", From: c.from, Until: "11:00"}}).Times(c.repeat)
		if problems := fault.Problems(err); len(problems) == 0 || problems[0].Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsTypedInAZoneComesBackAsItWasTyped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Europe/London", "Europe/Zurich", "Europe/Athens", "America/New_York", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone")
		day := time.Date(rapid.IntRange(2015, 2037).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 28).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		from := time.Duration(rapid.IntRange(0, 23*60+58).Draw(t, "from")) * time.Minute
		w := meeting.When{Zone: zone, Day: day.Format(time.DateOnly), From: day.Add(from).Format("15:04"), Until: "23:59"}
		var in fault.Invalid
		start, end := w.Span(&in, "")
		if in.Err() != nil {
			return // an hour that is none
		}
		if again := meeting.Typed(start, end, zone); again != w {
			t.Fatalf("%+v came back as %+v", w, again)
		}
	})
}
