package atlas

// A box is an upright rectangle on the map, a segment a straight line.
type (
	box     struct{ left, top, right, bottom float64 }
	segment struct{ x1, y1, x2, y2 float64 }
)

func (b box) overlaps(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

func (b box) inside() bool {
	return b.left >= rim && b.top >= rim && b.right <= Width-rim && b.bottom <= Height-rim
}

func (b box) holds(x, y float64) bool {
	return b.left <= x && x <= b.right && b.top <= y && y <= b.bottom
}

// half is the middle of a box.
func (b box) half() box {
	x, y := (b.right-b.left)/4, (b.bottom-b.top)/4
	return box{b.left + x, b.top + y, b.right - x, b.bottom - y}
}

func (b box) crosses(s segment) bool {
	return b.holds(s.x1, s.y1) || b.holds(s.x2, s.y2) ||
		s.crosses(segment{b.left, b.top, b.right, b.bottom}) || s.crosses(segment{b.left, b.bottom, b.right, b.top})
}

func (s segment) crosses(o segment) bool {
	return s.side(o.x1, o.y1)*s.side(o.x2, o.y2) < 0 && o.side(s.x1, s.y1)*o.side(s.x2, s.y2) < 0
}

// side is above nought on one side of the line and below on the other.
func (s segment) side(x, y float64) float64 {
	return (s.x2-s.x1)*(y-s.y1) - (s.y2-s.y1)*(x-s.x1)
}
