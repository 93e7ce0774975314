package atlas

import (
	"cmp"
	"slices"
)

// Pin is a place to be shown, with its label.
type Pin struct {
	Label    string
	Lat, Lon float64
}

// Placed is a pin on the map with room for its label.
type Placed struct {
	Pin
	X, Y           float64 // of the pin
	Text           string  // what there is room for: the label, or its beginning, or nothing
	LabelX, LabelY float64 // of the label's baseline
	End            bool    // the label ends there instead of beginning there
	Far            bool    // the label stands off, so a line should lead to it from the pin
	LeadX, LeadY   float64 // where that line ends
}

// Measures of what is drawn, in units of the map.
const (
	height = 24.0 // of a label
	dot    = 9.5  // radius of a pin with its rim
	gap    = 13.0 // from the middle of a pin to its label
	drop   = 7.0  // from the middle of a label to its baseline
	rim    = 3.0  // that stays free at the edge of the map
)

// Place finds room for labels, first close to their pins and then, for those that found none, further off. Labels cover neither
// each other nor a pin; one that finds no room stays empty. Places beyond the map are left out; the rest come from north to south.
func Place(pins []Pin) []Placed {
	var placed []Placed
	var s sheet
	for _, p := range pins {
		x, y := Point(p.Lat, p.Lon)
		if x < dot || x > Width-dot || y < dot || y > Height-dot {
			continue
		}
		placed = append(placed, Placed{Pin: p, X: x, Y: y, LabelX: x + gap, LabelY: y + drop})
		s.dots = append(s.dots, box{x - dot, y - dot, x + dot, y + dot})
	}
	slices.SortStableFunc(placed, func(a, b Placed) int {
		return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X), cmp.Compare(a.Label, b.Label))
	})
	for _, spots := range [][]spot{near, far} {
		for _, i := range s.turns(placed, spots) {
			if placed[i].Text == "" {
				s.settle(&placed[i], spots)
			}
		}
	}
	return placed
}

// turns is the order in which labels look for room: whoever has the least choice goes first.
func (s *sheet) turns(placed []Placed, spots []spot) []int {
	order, choice := make([]int, len(placed)), make([]int, len(placed))
	for i, p := range placed {
		order[i] = i
		_, width := fit(p.Label)
		for _, o := range spots {
			if b, _ := o.room(p, width); b.inside() && !s.covers(b) {
				choice[i]++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(choice[a], choice[b]) })
	return order
}

// A spot is where a label may stand, seen from its pin: away from it, up or down, to the right or to the left.
type spot struct {
	away, down float64
	end        bool
}

// The best spots come first.
var near, far = func() (near, far []spot) {
	for _, down := range []float64{0, -10, 10, -17, 17} {
		near = append(near, spot{gap, down, false}, spot{gap, down, true})
	}
	for _, away := range []float64{26, 44, 66, 90} {
		for _, down := range []float64{0, -14, 14, -28, 28, -42, 42, -56, 56, -70, 70} {
			far = append(far, spot{away, down, false}, spot{away, down, true})
		}
	}
	return near, far
}()

// room is the box of a label there, and the side of it where the label is anchored.
func (o spot) room(p Placed, width float64) (b box, anchor float64) {
	b = box{p.X + o.away, p.Y + o.down - height/2, p.X + o.away + width, p.Y + o.down + height/2}
	if o.end {
		b.left, b.right = p.X-o.away-width, p.X-o.away
		return b, b.right
	}
	return b, b.left
}

// A sheet is what has been drawn so far.
type sheet struct {
	dots, labels []box
	leads        []segment
}

func (s *sheet) settle(p *Placed, spots []spot) {
	text, width := fit(p.Label)
	for _, o := range spots {
		b, x := o.room(*p, width)
		lead := segment{p.X, p.Y, x, p.Y + o.down}
		standsOff := o.away > gap
		if !b.inside() || s.covers(b) || standsOff && s.meets(lead, p) {
			continue
		}
		p.Text, p.LabelX, p.LabelY, p.End = text, x, p.Y+o.down+drop, o.end
		s.labels = append(s.labels, b)
		if standsOff {
			p.Far, p.LeadX, p.LeadY = true, lead.x2, lead.y2
			s.leads = append(s.leads, lead)
		}
		return
	}
}

func (s *sheet) covers(b box) bool {
	return slices.ContainsFunc(s.dots, b.overlaps) || slices.ContainsFunc(s.labels, b.overlaps) || slices.ContainsFunc(s.leads, b.crosses)
}

// meets tells whether a line from a pin runs into a label, another line or the middle of a pin further on.
func (s *sheet) meets(line segment, p *Placed) bool {
	return slices.ContainsFunc(s.labels, func(b box) bool { return b.crosses(line) }) ||
		slices.ContainsFunc(s.leads, line.crosses) ||
		slices.ContainsFunc(s.dots, func(b box) bool { return !b.holds(p.X, p.Y) && b.half().crosses(line) })
}
