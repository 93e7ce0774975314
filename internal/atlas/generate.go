//go:build ignore

// Generate makes europe.txt out of land-50m.json and countries-50m.json, TopoJSON of Natural Earth's 1:50m land and countries
// (public domain), as the npm package world-atlas holds them. In this folder:
//
//	npm pack world-atlas --pack-destination /tmp && tar xzf /tmp/world-atlas-*.tgz -C /tmp
//	go run generate.go /tmp/package/land-50m.json /tmp/package/countries-50m.json > /tmp/europe.txt && mv /tmp/europe.txt .
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"urbanfluxes.eu/koinon/internal/atlas"
)

const (
	outside = 12.0 // units around the picture that are kept, so that the cut does not show
	island  = 5.0  // square units that an island needs to be shown
	detail  = 3.0  // square units that a bend of a coast needs to be kept
	course  = 8.0  // the same for a bend of a border
)

type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]float64
	Objects   map[string]struct{ Geometries []geometry }
}

type geometry struct {
	Type       string
	Properties struct{ Name string }
	Arcs       json.RawMessage
}

type point struct{ x, y float64 }

func main() {
	fmt.Println("Coastlines of Europe, an empty line, borders: SVG paths in map units. Source: Natural Earth 1:50m, public domain; made by generate.go.")
	coasts(open(os.Args[1]))
	fmt.Println()
	borders(open(os.Args[2]))
}

func open(name string) topology {
	raw, err := os.ReadFile(name)
	must(err)
	var t topology
	must(json.Unmarshal(raw, &t))
	return t
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func coasts(t topology) {
	for _, g := range t.Objects["land"].Geometries {
		for _, ring := range g.rings() {
			var line []point
			for _, arc := range ring {
				line = append(line, t.arc(arc)...)
			}
			line = clip(project(line))
			if area(line) < island {
				continue
			}
			write(simplify(append(line, line[0]), detail), "z")
		}
	}
}

// disputed are pairs of neighbours whose dividing line, where all of it lies south of a latitude, the map leaves out rather than
// take sides.
var disputed = map[[2]string]float64{{"Kosovo", "Serbia"}: 90, {"Cyprus", "N. Cyprus"}: 90, {"Russia", "Ukraine"}: 46.5}

// borders are the arcs that two countries share.
func borders(t topology) {
	owners := make([][]string, len(t.Arcs))
	for _, g := range t.Objects["countries"].Geometries {
		for _, ring := range g.rings() {
			for _, arc := range ring {
				arc = max(arc, ^arc)
				owners[arc] = append(owners[arc], g.Properties.Name)
			}
		}
	}
	for arc, names := range owners {
		slices.Sort(names)
		if names = slices.Compact(names); len(names) != 2 {
			continue
		}
		degrees := t.arc(arc)
		south := disputed[[2]string(names)]
		if !slices.ContainsFunc(degrees, func(p point) bool { return p.y >= south }) {
			continue
		}
		var line []point
		for _, p := range project(degrees) {
			if p.x < -outside || p.x > atlas.Width+outside || p.y < -outside || p.y > atlas.Height+outside {
				write(simplify(line, course), "")
				line = nil
				continue
			}
			line = append(line, p)
		}
		write(simplify(line, course), "")
	}
}

func (g geometry) rings() [][]int {
	var polygons [][][]int
	switch g.Type {
	case "Polygon":
		polygons = make([][][]int, 1)
		must(json.Unmarshal(g.Arcs, &polygons[0]))
	case "MultiPolygon":
		must(json.Unmarshal(g.Arcs, &polygons))
	}
	return slices.Concat(polygons...)
}

// arc is a line of degrees; a number below zero means the arc of its complement, backwards.
func (t topology) arc(n int) []point {
	var line []point
	var x, y float64
	for _, d := range t.Arcs[max(n, ^n)] {
		x, y = x+d[0], y+d[1]
		line = append(line, point{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]})
	}
	if n < 0 {
		slices.Reverse(line)
	}
	return line
}

// project puts degrees on the map and leaves out lines that come nowhere near it; what is far off is drawn nearer, where the
// projection is well behaved.
func project(line []point) []point {
	near := func(p point) bool { return p.x > -40 && p.x < 65 && p.y > 20 && p.y < 75 }
	if !slices.ContainsFunc(line, near) {
		return nil
	}
	out := make([]point, 0, len(line))
	for _, p := range line {
		x, y := atlas.Point(math.Max(5, math.Min(80, p.y)), math.Max(-60, math.Min(85, p.x)))
		out = append(out, point{x, y})
	}
	return out
}

// clip cuts a ring at the frame (Sutherland and Hodgman 1974): left and top, then right and bottom.
func clip(ring []point) []point {
	turn := func(p point) point { return point{p.y, p.x} }
	for _, e := range []struct{ sign, edge float64 }{{1, -outside}, {-1, -atlas.Width - outside}} {
		ring = cut(ring, e.sign, e.edge)
	}
	ring = each(ring, turn)
	for _, e := range []struct{ sign, edge float64 }{{1, -outside}, {-1, -atlas.Height - outside}} {
		ring = cut(ring, e.sign, e.edge)
	}
	return each(ring, turn)
}

func each(ring []point, change func(point) point) []point {
	for i, p := range ring {
		ring[i] = change(p)
	}
	return ring
}

// cut keeps the side of a ring where sign*x >= edge.
func cut(ring []point, sign, edge float64) []point {
	var kept []point
	for i, b := range ring {
		a := ring[(i+len(ring)-1)%len(ring)]
		if (sign*a.x >= edge) != (sign*b.x >= edge) {
			kept = append(kept, point{sign * edge, a.y + (b.y-a.y)*(sign*edge-a.x)/(b.x-a.x)})
		}
		if sign*b.x >= edge {
			kept = append(kept, b)
		}
	}
	return kept
}

func area(ring []point) float64 {
	sum := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p.x*q.y - q.x*p.y
	}
	return math.Abs(sum) / 2
}

// simplify drops the least of all bends again and again until each one left matters (Visvalingam and Whyatt 1993).
func simplify(line []point, least float64) []point {
	line = slices.Clone(line)
	for len(line) > 2 {
		at, smallest := 0, least
		for i := 1; i < len(line)-1; i++ {
			if a := area(line[i-1 : i+2]); a < smallest {
				at, smallest = i, a
			}
		}
		if at == 0 {
			break
		}
		line = slices.Delete(line, at, at+1)
	}
	return line
}

// write draws a line of whole units with relative steps, which are shorter.
func write(line []point, end string) {
	line = slices.Compact(each(line, func(p point) point { return point{math.Round(p.x), math.Round(p.y)} }))
	if end == "z" && len(line) > 1 && line[0] == line[len(line)-1] {
		line = line[:len(line)-1]
	}
	if len(line) < 2 || end == "z" && len(line) < 3 {
		return
	}
	fmt.Printf("M%.0f %.0f", line[0].x, line[0].y)
	for i, p := range line[1:] {
		dx, dy := p.x-line[i].x, p.y-line[i].y
		switch {
		case i == 0:
			fmt.Print("l")
		case dx >= 0:
			fmt.Print(" ")
		}
		fmt.Print(number(dx))
		if dy >= 0 {
			fmt.Print(" ")
		}
		fmt.Print(number(dy))
	}
	fmt.Println(end)
}

// number has no minus before nought.
func number(v float64) string { return fmt.Sprint(int(v)) }
