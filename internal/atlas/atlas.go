// Package atlas is the map of Europe on which a programme shows its cities.
package atlas

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
)

// Size of the map, in units of its own.
const (
	Width  = 620.0
	Height = 560.0
)

// The projection is Lambert's azimuthal equal-area one (Snyder 1987, Map projections, p. 185).
const (
	middleLat = 50.0
	middleLon = 12.0
	middleX   = 296.0 // where that place lies on the map
	middleY   = 260.0
	scale     = 985.0 // units per radius of the earth
)

// Point is where a place lies on the map; latitude and longitude in degrees.
func Point(lat, lon float64) (x, y float64) {
	sin, cos := math.Sincos(lat * math.Pi / 180)
	sin1, cos1 := math.Sincos(middleLat * math.Pi / 180)
	sinL, cosL := math.Sincos((lon - middleLon) * math.Pi / 180)
	k := scale * math.Sqrt(2/(1+sin1*sin+cos1*cos*cosL))
	return middleX + k*cos*sinL, middleY - k*(cos1*sin-sin1*cos*cosL)
}

//go:embed europe.txt
var europe string

// Land and Borders are the paths of all coastlines and of the borders between countries, Grid is that of every tenth
// meridian and parallel; each for an SVG's d.
var (
	Land, Borders = read(europe)
	Grid          = grid()
)

// read takes the file apart: a line that names the source, the coastlines, an empty line, the borders.
func read(file string) (land, borders string) {
	_, paths, _ := strings.Cut(file, "\n")
	land, borders, _ = strings.Cut(paths, "\n\n")
	return strings.ReplaceAll(land, "\n", ""), strings.ReplaceAll(borders, "\n", "")
}

func grid() string {
	var d strings.Builder
	for lon := -40.0; lon <= 50; lon += 10 {
		for lat := 30.0; lat <= 70; lat += 10 {
			vertex(&d, lat == 30, lat, lon)
		}
	}
	for lat := 30.0; lat <= 70; lat += 10 {
		for lon := -40.0; lon <= 50; lon += 5 {
			vertex(&d, lon == -40, lat, lon)
		}
	}
	return d.String()
}

func vertex(d *strings.Builder, first bool, lat, lon float64) {
	x, y := Point(lat, lon)
	if first {
		d.WriteByte('M')
	} else {
		d.WriteByte('L')
	}
	d.WriteString(strconv.Itoa(int(math.Round(x))) + " " + strconv.Itoa(int(math.Round(y))))
}
