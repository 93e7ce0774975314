package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/teambition/rrule-go"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MostOccurrences is how many meetings one series makes.
const MostOccurrences = 60

// Repeat is how a meeting comes again. The message "series.every.<every>" says each.
type Repeat struct {
	Every  string // one of Everies
	Count  int    // how many in all; 0: until a day
	Until  string // last day, as typed
	Except string // days on which it is left out, as typed
}

// Everies are the ways in which a meeting may come again: on the same weekday, on the same day of the month (or its last one), on the
// same weekday of the month (the fourth and fifth are the last).
var Everies = []string{"week", "two-weeks", "month-day", "month-weekday"}

// Once reports whether the meeting does not come again.
func (r Repeat) Once() bool { return r.Every == "" || r.Every == "once" }

// option of the rule, on the meeting's own clock: recurrence counts days as people see them, whatever the clocks do (RFC 5545, 3.3.10).
func (r Repeat) option(start time.Time) rrule.ROption {
	o := rrule.ROption{Dtstart: start, Count: r.Count}
	day := (int(start.Weekday()) + 6) % 7 // rrule counts from Monday
	weekday := []rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}[day]
	switch r.Every {
	case "week", "two-weeks":
		o.Freq, o.Byweekday = rrule.WEEKLY, []rrule.Weekday{weekday}
		if r.Every == "two-weeks" {
			o.Interval = 2
		}
	case "month-day":
		o.Freq = rrule.MONTHLY
		for d := min(start.Day(), 28); d <= start.Day(); d++ {
			o.Bymonthday = append(o.Bymonthday, d)
		}
		o.Bysetpos = []int{-1} // the 31st is the last day of a shorter month
	case "month-weekday":
		nth := (start.Day()-1)/7 + 1
		if nth > 3 {
			nth = -1
		}
		o.Freq, o.Byweekday = rrule.MONTHLY, []rrule.Weekday{weekday.Nth(nth)}
	}
	return o
}

// spans are all times of a series from its first, and its rule as RFC 5545 writes it.
func (r Repeat) spans(in *fault.Invalid, w When) (all [][2]time.Time, rule string) {
	start, end := w.Span(in, "")
	in.Check(slices.Contains(Everies, r.Every), "every", "choose")
	until, except := r.bounds(in, w)
	if in.Err() != nil {
		return nil, ""
	}
	zone := location(w.Zone)
	first, last := start.In(zone), end.In(zone)
	o := r.option(onPaper(first))
	if !until.IsZero() {
		o.Until = until.Add(24*time.Hour - time.Second)
	}
	days, err := occurrences(o)
	if err != nil || len(days) > MostOccurrences {
		in.Check(false, "count", "series-too-long", "max", MostOccurrences)
		return nil, ""
	}
	nights := int(onPaper(last).Truncate(24*time.Hour).Sub(onPaper(first).Truncate(24*time.Hour)).Hours() / 24)
	for _, day := range days {
		if slices.Contains(except, day.Format(time.DateOnly)) {
			continue
		}
		from, begins := Moment(day, first.Hour(), first.Minute(), zone)
		to, ends := Moment(day.AddDate(0, 0, nights), last.Hour(), last.Minute(), zone)
		if !begins || !ends {
			in.Check(false, "from", "no-such-hour-on", "day", day.Format(time.DateOnly))
			return nil, ""
		}
		all = append(all, [2]time.Time{from, to})
	}
	in.Check(len(all) > 1, "count", "series-too-short")
	for _, day := range except {
		in.Check(slices.ContainsFunc(days, func(d time.Time) bool { return d.Format(time.DateOnly) == day }), "except", "not-in-series", "day", day)
	}
	return all, written(o, w.Zone, first, except)
}

// bounds are where the series ends and what it leaves out.
func (r Repeat) bounds(in *fault.Invalid, w When) (until time.Time, except []string) {
	in.Check(r.Count >= 0 && r.Count <= MostOccurrences, "count", "series-too-long", "max", MostOccurrences)
	in.Check(r.Count > 0 || r.Until != "", "count", "series-end")
	in.Check(r.Count == 0 || r.Until == "", "count", "series-one-end")
	if r.Until != "" {
		until = dayOf(in, r.Until, "until_day")
		in.Check(until.IsZero() || until.Format(time.DateOnly) > w.Day, "until_day", "before-start")
	}
	for _, day := range strings.FieldsFunc(r.Except, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\n' }) {
		if d := dayOf(in, day, "except"); !d.IsZero() {
			except = append(except, d.Format(time.DateOnly))
		}
	}
	in.Check(len(except) <= MostOccurrences, "except", "too-many", "max", MostOccurrences)
	return until, except
}

// onPaper is a moment as its own clock shows it, without a zone: on paper no clock is ever changed.
func onPaper(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
}

var errEndless = errors.New("series without an end")

// occurrences of a rule on paper; at most one more than a series may have.
func occurrences(o rrule.ROption) ([]time.Time, error) {
	rule, err := rrule.NewRRule(o)
	if err != nil {
		return nil, err
	}
	if o.Count == 0 && o.Until.IsZero() {
		return nil, errEndless
	}
	var all []time.Time
	for next := rule.Iterator(); len(all) <= MostOccurrences; {
		at, ok := next()
		if !ok {
			break
		}
		all = append(all, at)
	}
	return all, nil
}

func written(o rrule.ROption, zone string, first time.Time, except []string) string {
	const clock = "20060102T150405"
	lines := []string{"DTSTART;TZID=" + zone + ":" + first.Format(clock), "RRULE:" + o.RRuleString()}
	for _, day := range except {
		lines = append(lines, "EXDATE;TZID="+zone+":"+strings.ReplaceAll(day, "-", "")+first.Format("T150405"))
	}
	return strings.Join(lines, "\n")
}

// Times are when the meetings of a series would be, before anything is stored.
func (p Plan) Times(r Repeat) ([][2]time.Time, error) {
	var in fault.Invalid
	all, _ := r.spans(&in, p.When)
	return all, in.Err()
}

// ScheduleSeries makes the meetings of a series, all in draft. The same form sent again gets the first one.
func (s Store) ScheduleSeries(ctx context.Context, seat community.Seat, p Plan, r Repeat) (item.Made, error) {
	if err := seat.Must(community.Schedule); err != nil {
		return item.Made{}, err
	}
	var in fault.Invalid
	if _, _, err := p.check(seat.Private); err != nil {
		in.Problems = fault.Problems(err)
	}
	var rest fault.Invalid
	times, rule := r.spans(&rest, p.When)
	for _, problem := range rest.Problems {
		if !slices.ContainsFunc(in.Problems, func(known fault.Problem) bool { return known.Field == problem.Field }) {
			in.Problems = append(in.Problems, problem)
		}
	}
	if err := in.Err(); err != nil {
		return item.Made{}, err
	}
	names, err := s.items.Resolve(ctx, seat, p.Body)
	if err != nil {
		return item.Made{}, err
	}
	return s.once(ctx, seat, p.Request, func(tx pgx.Tx) (first item.Made, err error) {
		var series int64
		if err := tx.QueryRow(ctx, `insert into meeting_series (community_id, rule, zone, created_by, created_at) values ($1, $2, $3, $4, $5) returning id`,
			seat.Community, rule, p.When.Zone, seat.Account, s.now()).Scan(&series); err != nil {
			return first, fmt.Errorf("series: %w", err)
		}
		var ids []int64
		for n, at := range times {
			made, err := s.add(ctx, tx, seat, p, &at[0], &at[1], names)
			if err != nil {
				return first, err
			}
			if n == 0 {
				first, p.Request = made, uuid.Nil // the form made the first
			}
			ids = append(ids, int64(made.ID))
		}
		_, err = tx.Exec(ctx, `update meeting set series_id = $3 where community_id = $1 and item_id = any($2)`, seat.Community, ids, series)
		return first, err
	})
}

// Series is a row of meetings that were scheduled together.
type Series struct {
	ID   int64
	Rule string
	Zone string
	Rows []Row
}

// Drafts are how many of its meetings are not published yet.
func (s Series) Drafts() int {
	n := 0
	for _, r := range s.Rows {
		if r.State == Draft {
			n++
		}
	}
	return n
}

// Series reads a series, as far as the seat may see its meetings; of one of which it sees none there is none.
func (s Store) Series(ctx context.Context, seat community.Seat, id int64) (Series, error) {
	found := Series{ID: id}
	if err := seat.MaySee(); err != nil {
		return found, err
	}
	rows, err := s.db.Query(ctx, `select `+rowColumns+rowTables+` where m.community_id = @community and m.series_id = @series and i.removed_at is null and `+community.Visible+`
		order by m.starts_at nulls last, i.id`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "series": id}))
	if err != nil {
		return found, fmt.Errorf("series %d: %w", id, err)
	}
	if found.Rows, err = pgx.CollectRows(rows, pgx.RowToStructByName[Row]); err != nil {
		return found, fmt.Errorf("series %d: %w", id, err)
	}
	if len(found.Rows) == 0 {
		return found, fmt.Errorf("series %d: %w", id, fault.NotFound)
	}
	if err := s.db.QueryRow(ctx, `select rule, zone from meeting_series where community_id = $1 and id = $2`, seat.Community, id).Scan(&found.Rule, &found.Zone); err != nil {
		return found, fmt.Errorf("series %d: %w", id, err)
	}
	return found, nil
}

// PublishSeries publishes all meetings of a series that are still in draft. The members are invited once, to all of them.
func (s Store) PublishSeries(ctx context.Context, seat community.Seat, id int64) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select i.number from meeting m join item i on i.id = m.item_id where m.community_id = $1 and m.series_id = $2 and m.state = 'draft' and m.starts_at is not null and i.removed_at is null
			order by m.starts_at, i.id`, seat.Community, id)
		if err != nil {
			return fmt.Errorf("series %d: %w", id, err)
		}
		numbers, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			return fmt.Errorf("series %d: %w", id, err)
		}
		if len(numbers) == 0 {
			return fault.One("state", "meeting-state")
		}
		for n, number := range numbers {
			found, err := s.lock(ctx, tx, seat, number)
			if err != nil {
				return err
			}
			verb := "meeting.appear"
			if n == 0 {
				verb = "series.publish"
			}
			if err := s.show(ctx, tx, seat, found, verb); err != nil {
				return err
			}
		}
		return nil
	})
}

// Like is the plan of an earlier meeting as the start of a new one: everything but its time.
func (s Store) Like(ctx context.Context, seat community.Seat, number int) (Plan, error) {
	p, _, err := s.Planned(ctx, seat, number)
	p.When = When{Zone: p.When.Zone}
	p.Revision, p.OnlineURL = 0, strings.TrimSpace(p.OnlineURL)
	if !locale.Known(string(p.Lang)) {
		p.Lang = locale.English
	}
	return p, err
}
