package criterion

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
)

// ResultsPage is how many criteria one page of results shows; MostApart how many of those on which the perspectives differ most stand above.
const (
	ResultsPage = 50
	MostApart   = 5
)

// Result is a criterion with how important it is.
type Result struct {
	Number    int
	Statement string
	Lang      string
	State     State
	Importance
}

// Results are the criteria that are asked for and whose importance is shown, the most important first.
type Results struct {
	Rows    []Result
	Apart   []Result // the perspectives differ, most first
	Unshown int      // criteria of which nothing is shown: nobody rated, or too few
	Voices  []Voices
	Older   string // cursor; empty on the last page
}

// Voices of one perspective: how many of its members rated something that is shown. Few: somebody did, too few to say how many.
type Voices struct {
	Perspective    community.Perspective
	Rated, Members int
	Few            bool
}

const resultColumns = `i.number, i.title, i.lang, c.state, ` + importanceColumns

// resultsFrom are the criteria that results speak of.
const resultsFrom = ` from item i join criterion c on c.item_id = i.id` + importanceJoins + `
	where i.community_id = @community and i.kind = 'criterion' and i.removed_at is null and c.community_id = @community and c.state in ('raised', 'agreed') and ` + community.Visible

func (r *Result) targets() []any {
	return append([]any{&r.Number, &r.Statement, &r.Lang, &r.State}, r.scan()...)
}

// Results is a page of the criteria by importance, from the cursor on (empty: the first), at most so many.
func (s Store) Results(ctx context.Context, seat community.Seat, cursor string, most int) (Results, error) {
	var all Results
	if err := seat.MaySee(); err != nil {
		return all, err
	}
	overall, number := resultCursor(cursor)
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "overall": overall, "number": number, "most": most + 1, "apart": MostApart})
	b := &pgx.Batch{}
	b.Queue(resultsSQL, args).Query(func(rows pgx.Rows) error {
		var r Result
		apart := false
		_, err := pgx.ForEachRow(rows, append(r.targets(), &apart), func() error {
			one := r
			one.hide()
			if apart {
				all.Apart = append(all.Apart, one)
			} else {
				all.Rows = append(all.Rows, one)
			}
			return nil
		})
		return err
	})
	b.Queue(voicesSQL, args).Query(func(rows pgx.Rows) error {
		var v Voices
		_, err := pgx.ForEachRow(rows, []any{&v.Perspective, &v.Rated, &v.Members, &all.Unshown}, func() error {
			all.Voices = append(all.Voices, v)
			return nil
		})
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return all, fmt.Errorf("importance of criteria: %w", err)
	}
	if len(all.Rows) > most {
		all.Rows = all.Rows[:most]
		last := all.Rows[most-1]
		all.Older = Number(last.Overall()) + "-" + strconv.Itoa(last.Number)
	}
	for n := range all.Voices {
		all.Voices[n].hide()
	}
	return all, nil
}

// resultsSQL goes once over the criteria, and brings only those that are shown on the page: by importance, and those on which the perspectives are furthest apart.
const resultsSQL = `with every as materialized (select c.item_id, i.number, ` + importanceOverall + ` as overall, abs(` + importanceGap + `) as gap` + resultsFrom + ` and ` + importanceShown + `),
	picked as ((select item_id, number, overall as rank, false as apart from every where overall < @overall or overall = @overall and number > @number order by overall desc, number limit @most)
		union all (select item_id, number, gap, true from every where gap >= 2 order by gap desc, number limit @apart))
	select ` + resultColumns + `, p.apart from picked p join item i on i.id = p.item_id join criterion c on c.item_id = p.item_id` + importanceJoins + ` order by p.apart, p.rank desc, p.number`

// voicesSQL counts members by the perspective that they have now, and those of them who rated a criterion that is shown: what is hidden counts for nothing here. Beside them stands
// of how many criteria nothing is shown.
const voicesSQL = `with every as materialized (select c.item_id, ` + importanceShown + ` as shown` + resultsFrom + `)
	select m.perspective, count(*) filter (where exists (select from rating r where r.account_id = m.account_id and r.community_id = @community and r.round_id is null
			and coalesce(r.criterion_id in (select item_id from every where shown), false))), count(*), (select count(*) from every where not shown)
	from membership m where m.community_id = @community and m.state = 'member' group by m.perspective order by m.perspective desc`

func (v *Voices) hide() {
	if v.Rated > 0 && v.Rated < SmallestGroup {
		v.Rated, v.Few = 0, true
	}
}

// resultCursor reads where a page of results goes on; one that nobody was given begins at the start.
func resultCursor(cursor string) (overall float64, number int) {
	left, right, _ := strings.Cut(cursor, "-")
	overall, err := strconv.ParseFloat(left, 64)
	number, wrong := strconv.Atoi(right)
	if err != nil || wrong != nil || !finite(overall) || number < 0 || number > 1<<30 {
		return MostImportant + 1, 0
	}
	return overall, number
}

// Single is one number that somebody gave.
type Single struct {
	Number      int // of the criterion
	Perspective community.Perspective
	Value       int
}

// singlesPage is how many criteria one answer with single numbers covers.
const singlesPage = 500

// Singles are the numbers behind what is shown of all criteria of which the seat may see it, so that anybody can work it out again: by criterion, perspective and value, without name
// or time. They go on after the criterion next; 0 at the end.
func (s Store) Singles(ctx context.Context, seat community.Seat, after int) (all []Single, next int, err error) {
	if err := seat.MaySee(); err != nil {
		return nil, 0, err
	}
	rows, err := s.db.Query(ctx, `with shown as (select c.item_id, i.number from item i join criterion c on c.item_id = i.id`+importanceJoins+`
			where i.community_id = @community and i.kind = 'criterion' and i.removed_at is null and `+community.Visible+` and `+importanceShown+` and i.number > @after order by i.number limit @most)
		select s.number, r.perspective, r.value from shown s join rating r on r.criterion_id = s.item_id and r.round_id is null order by s.number, r.perspective, r.value`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "after": after, "most": singlesPage}))
	if err != nil {
		return nil, 0, fmt.Errorf("single ratings: %w", err)
	}
	if all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Single]); err != nil {
		return nil, 0, fmt.Errorf("single ratings: %w", err)
	}
	criteria := map[int]bool{}
	for _, one := range all {
		criteria[one.Number] = true
	}
	if len(criteria) == singlesPage {
		next = all[len(all)-1].Number
	}
	return all, next, nil
}
