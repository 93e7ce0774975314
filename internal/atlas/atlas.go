// Package atlas is the map of Europe on which a programme shows its cities.
package atlas

import (
	_ "embed"
	"math"
	"sort"
	"strconv"
	"strings"
)

// Size of the map, in units of its own.
const (
	Width  = 620.0
	Height = 600.0
)

// The projection is Lambert's azimuthal equal-area one about the middle of the map (Snyder 1987, Map projections, p. 185).
const (
	middleLat = 48.0
	middleLon = 9.5
	scale     = 1290.0 // units per radius of the earth
)

// Point is where a place lies on the map; latitude and longitude in degrees.
func Point(lat, lon float64) (x, y float64) {
	phi, lambda := lat*math.Pi/180, (lon-middleLon)*math.Pi/180
	phi1 := middleLat * math.Pi / 180
	k := math.Sqrt(2 / (1 + math.Sin(phi1)*math.Sin(phi) + math.Cos(phi1)*math.Cos(phi)*math.Cos(lambda)))
	return Width/2 + scale*k*math.Cos(phi)*math.Sin(lambda), Height/2 - scale*k*(math.Cos(phi1)*math.Sin(phi)-math.Sin(phi1)*math.Cos(phi)*math.Cos(lambda))
}

//go:embed europe.txt
var europe string

// Land is the path of all coastlines, for an SVG's d.
var Land = path(europe)

// path draws rings with relative steps, which are shorter.
func path(rings string) string {
	var d strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(rings), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		x, y := 0, 0
		for i, pair := range strings.Fields(line) {
			sx, sy, _ := strings.Cut(pair, ",")
			px, _ := strconv.Atoi(sx) // the file is ours
			py, _ := strconv.Atoi(sy)
			switch {
			case i == 0:
				d.WriteString("M" + strconv.Itoa(px) + " " + strconv.Itoa(py))
			case i == 1:
				d.WriteString("l" + step(px-x, py-y))
			default:
				d.WriteString(" " + step(px-x, py-y))
			}
			x, y = px, py
		}
		d.WriteString("z")
	}
	return d.String()
}

func step(dx, dy int) string {
	if dy < 0 {
		return strconv.Itoa(dx) + strconv.Itoa(dy)
	}
	return strconv.Itoa(dx) + " " + strconv.Itoa(dy)
}

// Pin is a place to be shown, with its label.
type Pin struct {
	Label    string
	Lat, Lon float64
}

// Placed is a pin on the map with room for its label.
type Placed struct {
	Pin
	X, Y           float64 // of the pin
	LabelX, LabelY float64 // of the label's baseline
	End            bool    // the label ends there instead of beginning there
}

const (
	letter = 11.5 // units that a letter of a label takes
	line   = 26.0 // height of a label
	gap    = 13.0
)

// Place finds room for labels: to the right of a pin where that is free and inside the map, else to the left, else further down.
func Place(pins []Pin) []Placed {
	placed := make([]Placed, 0, len(pins))
	for _, p := range pins {
		x, y := Point(p.Lat, p.Lon)
		placed = append(placed, Placed{Pin: p, X: x, Y: y})
	}
	sort.SliceStable(placed, func(a, b int) bool { return placed[a].Y < placed[b].Y })
	var taken []box
	for i := range placed {
		taken = append(taken, placed[i].find(taken))
	}
	return placed
}

type box struct{ left, top, right, bottom float64 }

func (b box) overlaps(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

func (p *Placed) find(taken []box) box {
	width := float64(len([]rune(p.Label))) * letter
	for row := 0; ; row++ {
		for _, end := range []bool{false, true} {
			b := box{left: p.X + gap, right: p.X + gap + width}
			if end {
				b = box{left: p.X - gap - width, right: p.X - gap}
			}
			b.top = p.Y - line/2 + float64(row)*line
			b.bottom = b.top + line
			inside := b.left >= 0 && b.right <= Width && b.top >= 0 && b.bottom <= Height
			if row < 50 && (!inside || crosses(b, taken)) {
				continue
			}
			p.End, p.LabelX, p.LabelY = end, b.left, b.bottom-line*0.27
			if end {
				p.LabelX = b.right
			}
			return b
		}
	}
}

func crosses(b box, taken []box) bool {
	for _, o := range taken {
		if b.overlaps(o) {
			return true
		}
	}
	return false
}
