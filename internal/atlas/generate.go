//go:build ignore

// Generate makes europe.txt out of land-50m.json, a TopoJSON of Natural Earth's 1:50m land polygons (public domain), as the npm
// package world-atlas holds it:
//
//	npm pack world-atlas && tar xzf world-atlas-*.tgz && go run generate.go package/land-50m.json > europe.txt
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"

	"urbanfluxes.eu/koinon/internal/atlas"
)

type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]float64
	Objects   map[string]struct {
		Geometries []struct {
			Type string
			Arcs json.RawMessage
		}
	}
}

type point struct{ x, y float64 }

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var t topology
	if err := json.Unmarshal(raw, &t); err != nil {
		panic(err)
	}
	fmt.Println("# Coastlines of Europe, simplified, in map units: one ring a line. Source: Natural Earth 1:50m land, public domain.")
	for _, g := range t.Objects["land"].Geometries {
		var polygons [][][]int
		if g.Type == "Polygon" {
			var rings [][]int
			must(json.Unmarshal(g.Arcs, &rings))
			polygons = [][][]int{rings}
		} else {
			must(json.Unmarshal(g.Arcs, &polygons))
		}
		for _, rings := range polygons {
			for _, ring := range rings {
				write(clip(project(t.ring(ring))))
			}
		}
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (t topology) ring(arcs []int) []point {
	var line []point
	for _, n := range arcs {
		back := n < 0
		if back {
			n = ^n
		}
		var x, y float64
		var arc []point
		for _, d := range t.Arcs[n] {
			x, y = x+d[0], y+d[1]
			arc = append(arc, point{x*t.Transform.Scale[0] + t.Transform.Translate[0], y*t.Transform.Scale[1] + t.Transform.Translate[1]})
		}
		if back {
			for i, j := 0, len(arc)-1; i < j; i, j = i+1, j-1 {
				arc[i], arc[j] = arc[j], arc[i]
			}
		}
		line = append(line, arc...)
	}
	return line
}

// project leaves out rings that come nowhere near the map.
func project(line []point) []point {
	near := false
	out := make([]point, 0, len(line))
	for _, p := range line {
		if p.x > -32 && p.x < 60 && p.y > 20 && p.y < 75 {
			near = true
		}
		lon := math.Max(-60, math.Min(80, p.x))
		lat := math.Max(5, math.Min(80, p.y))
		x, y := atlas.Point(lat, lon)
		out = append(out, point{x, y})
	}
	if !near {
		return nil
	}
	return out
}

// clip cuts a ring at the frame, a little outside the picture (Sutherland and Hodgman 1974).
func clip(ring []point) []point {
	const out = 12
	edges := []struct {
		inside func(point) bool
		cut    func(a, b point) point
	}{
		{func(p point) bool { return p.x >= -out }, func(a, b point) point { return atX(a, b, -out) }},
		{func(p point) bool { return p.x <= atlas.Width+out }, func(a, b point) point { return atX(a, b, atlas.Width+out) }},
		{func(p point) bool { return p.y >= -out }, func(a, b point) point { return atY(a, b, -out) }},
		{func(p point) bool { return p.y <= atlas.Height+out }, func(a, b point) point { return atY(a, b, atlas.Height+out) }},
	}
	for _, e := range edges {
		var kept []point
		for i, b := range ring {
			a := ring[(i+len(ring)-1)%len(ring)]
			switch {
			case e.inside(a) && e.inside(b):
				kept = append(kept, b)
			case e.inside(a):
				kept = append(kept, e.cut(a, b))
			case e.inside(b):
				kept = append(kept, e.cut(a, b), b)
			}
		}
		ring = kept
		if len(ring) == 0 {
			return nil
		}
	}
	return ring
}

func atX(a, b point, x float64) point { return point{x, a.y + (b.y-a.y)*(x-a.x)/(b.x-a.x)} }
func atY(a, b point, y float64) point { return point{a.x + (b.x-a.x)*(y-a.y)/(b.y-a.y), y} }

func write(ring []point) {
	if len(ring) < 4 || area(ring) < 14 {
		return
	}
	ring = append(ring, ring[0])
	half := len(ring) / 2
	line := append(simplify(ring[:half+1]), simplify(ring[half:])[1:]...)
	if len(line) < 4 {
		return
	}
	for i, p := range line[:len(line)-1] {
		if i > 0 {
			fmt.Print(" ")
		}
		fmt.Printf("%.0f,%.0f", p.x, p.y)
	}
	fmt.Println()
}

func area(ring []point) float64 {
	sum := 0.0
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p.x*q.y - q.x*p.y
	}
	return math.Abs(sum) / 2
}

// simplify drops points that lie within tolerance of the line without them (Douglas and Peucker 1973).
func simplify(line []point) []point {
	const tolerance = 1.1
	far, at := 0.0, 0
	a, b := line[0], line[len(line)-1]
	for i := 1; i < len(line)-1; i++ {
		if d := distance(line[i], a, b); d > far {
			far, at = d, i
		}
	}
	if far <= tolerance {
		return []point{a, b}
	}
	return append(simplify(line[:at+1]), simplify(line[at:])[1:]...)
}

func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	if dx == 0 && dy == 0 {
		return math.Hypot(p.x-a.x, p.y-a.y)
	}
	t := math.Max(0, math.Min(1, ((p.x-a.x)*dx+(p.y-a.y)*dy)/(dx*dx+dy*dy)))
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}
