package criterion

import "math"

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
