package criterion

import (
	"context"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
)

// SmallestGroup is how many ratings a perspective needs before anything of them is shown.
const SmallestGroup = 3

// Group is how one perspective rates a criterion: how many did, and median and quartiles of their numbers.
type Group struct {
	N                 int // 0 where the group is hidden
	Low, Median, High float64
}

// Importance of a criterion by perspective. Where one group has fewer than SmallestGroup ratings both are hidden, so that subtraction reveals nothing.
type Importance struct {
	Stakeholder Group
	Scientist   Group
	Hidden      bool // somebody rated, too few to show
}

// importanceColumns selects an Importance for a criterion c, joined by importanceJoins.
const importanceColumns = `coalesce(ist.n, 0), coalesce(ist.low, 0), coalesce(ist.median, 0), coalesce(ist.high, 0), coalesce(isc.n, 0), coalesce(isc.low, 0), coalesce(isc.median, 0), coalesce(isc.high, 0)`

const importanceJoins = ` left join importance ist on ist.criterion_id = c.item_id and ist.perspective = 'stakeholder' left join importance isc on isc.criterion_id = c.item_id and isc.perspective = 'scientist'`

// importanceShown holds where the groups are large enough to be shown; only then may anything be sorted, filtered or counted by importanceOverall and importanceGap.
const importanceShown = `(coalesce(ist.n, 0) + coalesce(isc.n, 0) > 0 and coalesce(ist.n, 0) not in (1, 2) and coalesce(isc.n, 0) not in (1, 2))`

// importanceOverall is the mean of the medians of the perspectives that rated, each counting the same; importanceGap is by how much stakeholders rate it higher (below zero: scientists). Null where they are not shown.
const (
	importanceOverall = `case when ` + importanceShown + ` then (coalesce(ist.median, isc.median) + coalesce(isc.median, ist.median)) / 2 end`
	importanceGap     = `case when ` + importanceShown + ` then ist.median - isc.median end`
)

// scan targets of importanceColumns; hide afterwards.
func (m *Importance) scan() []any {
	return []any{&m.Stakeholder.N, &m.Stakeholder.Low, &m.Stakeholder.Median, &m.Stakeholder.High, &m.Scientist.N, &m.Scientist.Low, &m.Scientist.Median, &m.Scientist.High}
}

// hide leaves out what would say something of a few.
func (m *Importance) hide() {
	few := func(g Group) bool { return g.N > 0 && g.N < SmallestGroup }
	if few(m.Stakeholder) || few(m.Scientist) {
		*m = Importance{Hidden: true}
	}
}

// Any reports whether there is something to show.
func (m Importance) Any() bool { return m.Stakeholder.N+m.Scientist.N > 0 }

// Overall is the mean of the medians of the perspectives that rated, each counting the same.
func (m Importance) Overall() float64 {
	switch {
	case m.Stakeholder.N == 0:
		return m.Scientist.Median
	case m.Scientist.N == 0:
		return m.Stakeholder.Median
	}
	return (m.Stakeholder.Median + m.Scientist.Median) / 2
}

// Gap is by how much stakeholders rate it higher than scientists; 0 unless both are shown.
func (m Importance) Gap() float64 {
	if m.Stakeholder.N == 0 || m.Scientist.N == 0 {
		return 0
	}
	return m.Stakeholder.Median - m.Scientist.Median
}

// Differ reports whether the perspectives are two points or more apart.
func (m Importance) Differ() bool { return math.Abs(m.Gap()) >= 2 }

// Rated is how important a criterion is, as its page shows it: the result, what the reader said, and the reasons of groups that are shown.
type Rated struct {
	Importance
	Mine    *Rating // nil: not rated
	Reasons []Reason
}

// Reason that somebody gave for a rating: with the perspective, without name, number and time.
type Reason struct {
	Perspective community.Perspective
	Words       string
	Lang        string
}

// FewReasons is how many reasons of each perspective the page of a criterion shows; manyReasons how many the page about them does.
const (
	FewReasons  = 10
	manyReasons = 1000
)

// queueImportance queues the reading of how important criterion @id is, with at most so many reasons of each perspective.
func queueImportance(b *pgx.Batch, seat community.Seat, args pgx.NamedArgs, most int, r *Rated) {
	b.Queue(`select `+importanceColumns+` from criterion c`+importanceJoins+` where c.community_id = @community and c.item_id = @id`, args).QueryRow(func(row pgx.Row) error {
		err := row.Scan(r.scan()...)
		r.hide()
		return err
	})
	if seat.Account != 0 {
		b.Queue(`select value, reason, lang from rating where community_id = @community and criterion_id = @id and account_id = @me and round_id is null`, args).Query(func(rows pgx.Rows) error {
			mine, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Rating])
			if len(mine) > 0 {
				r.Mine = &mine[0]
			}
			return err
		})
	}
	// The hash gives an order that stays, and is not the one in which people rated.
	b.Queue(fmt.Sprintf(`select perspective, reason, lang from (
			select r.perspective, r.reason, r.lang, row_number() over (partition by r.perspective order by md5(r.id::text)) as place
			from criterion c join rating r on r.criterion_id = c.item_id and r.round_id is null and r.reason <> ''`+importanceJoins+`
			where c.community_id = @community and c.item_id = @id and `+importanceShown+`) t where place <= %d order by perspective desc, place`, most), args).Query(func(rows pgx.Rows) error {
		var err error
		r.Reasons, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Reason])
		return err
	})
}

// Reasons is a criterion with how important it is and every reason given.
func (s Store) Reasons(ctx context.Context, seat community.Seat, number int) (Criterion, Rated, error) {
	var c Criterion
	var r Rated
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return c, r, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id})
	b := &pgx.Batch{}
	head(b, args, &c)
	queueImportance(b, seat, args, manyReasons, &r)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return c, r, fmt.Errorf("reasons for criterion %d: %w", number, err)
	}
	return c, r, nil
}
