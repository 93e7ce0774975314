package search

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
)

// Marks stand in the index beside the words, a letter and a value each (item_search.marks). A search asks for them so that PostgreSQL reads
// only rows that come into question; whether the reader may see a row, community.Visible says on the row itself.

// maxAuthors that are sought by their marks; "by:a" may mean thousands.
const maxAuthors = 50

func mark(letter string, id int64) string { return letter + strconv.FormatInt(id, 10) }

// within are the marks of all that a reader may see, in one community or (0) in all; none: an administrator, who sees nearly all.
func within(r community.Reach, city int64) []string {
	if r.Everywhere && city == 0 {
		return nil
	}
	marks, mine, coordinated := []string{"a0"}, r.Mine, r.Coordinated
	if r.Signed() {
		marks = append(marks, "a1")
	}
	if city != 0 {
		for n := range marks {
			marks[n] = mark(marks[n]+":", city)
		}
		only := func(id int64) bool { return id != city }
		mine, coordinated = slices.DeleteFunc(slices.Clone(mine), only), slices.DeleteFunc(slices.Clone(coordinated), only)
		if r.Everywhere {
			mine = []int64{city}
		}
	}
	for _, id := range mine {
		marks = append(marks, mark("a2:", id))
	}
	for _, id := range slices.Concat(coordinated, mine) { // also drafts that the reader writes with others: whose they are the marks do not know
		marks = append(marks, mark("a3:", id))
	}
	if r.Me != 0 {
		marks = append(marks, mark("d", int64(r.Me)))
	}
	return marks
}

// marks that a row must have, at least one of each list.
func (p plan) marks() [][]string {
	var all [][]string
	add := func(ok bool, marks ...string) {
		if ok {
			all = append(all, marks)
		}
	}
	reach := within(p.reach, p.city)
	add(len(reach) > 0, reach...)
	add(p.filter.Kind != "", "k"+p.filter.Kind)
	add(p.filter.Lang != "", "l"+p.filter.Lang)
	if p.filter.By != "" && len(p.authors) <= maxAuthors {
		by := []string{}
		for _, id := range p.authors {
			by = append(by, mark("b", id))
		}
		add(true, by...)
	}
	add(len(p.weeks) > 0, p.weeks...)
	return all
}

// indexed is the part of the condition on row i that the index answers.
func (p plan) indexed(query string) (string, pgx.NamedArgs) {
	args := p.reach.Args(nil)
	conditions := []string{"not i.removed"}
	if query != "" {
		conditions = append(conditions, "i.search @@ @query::tsquery")
		args["query"] = query
	}
	for n, marks := range p.marks() {
		name := "marks" + strconv.Itoa(n)
		conditions = append(conditions, "i.marks && @"+name+"::text[]")
		args[name] = marks
	}
	return strings.Join(conditions, " and "), args
}

// ages say when index rows were made: so many between each of these moments and the next, as the planner's statistics know, and the last.
func (s Store) ages(ctx context.Context) ([]time.Time, error) {
	var ages []time.Time
	var last *time.Time
	err := s.db.QueryRow(ctx, `select coalesce((select histogram_bounds::text::timestamptz[] from pg_stats where schemaname = 'public' and tablename = 'item_search' and attname = 'at'), '{}'),
		(select at from item_search order by at desc, item_id desc limit 1)`).Scan(&ages, &last)
	if err != nil {
		return nil, fmt.Errorf("ages: %w", err)
	}
	if len(ages) < 2 || last == nil {
		return nil, nil
	}
	return append(ages, *last), nil
}

// theFirstMonday that weeks are counted from, as item_search.marks does.
var theFirstMonday = time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)

// maxWeeks is how many marks name a stretch of time; each costs time on every row.
const maxWeeks = 6

// lately are the weeks in which the newest share of all rows was made, or some more; none: not known, or further back than such marks reach.
func lately(ages []time.Time, share float64) []string {
	if len(ages) < 3 || share >= 1 {
		return nil
	}
	bounds, last := ages[:len(ages)-1], ages[len(ages)-1]
	at := (1 - share) * float64(len(bounds)-1)
	from := bounds[int(at)]
	from = from.Add(time.Duration((at - float64(int(at))) * float64(bounds[min(int(at)+1, len(bounds)-1)].Sub(from))))
	for _, length := range []int64{1, 4, 16, 64} {
		first, final := weeks(from)/length, weeks(last)/length
		if final-first >= maxWeeks {
			continue
		}
		var marks []string
		for n := final; n >= first; n-- {
			marks = append(marks, mark("w"+strconv.FormatInt(length, 10)+":", n))
		}
		return marks
	}
	return nil
}

// weeks from the first Monday to t.
func weeks(t time.Time) int64 { return int64(t.UTC().Sub(theFirstMonday)/(24*time.Hour)) / 7 }
