package atlas_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/atlas"
)

type place struct{ lat, lon float64 }

var (
	london    = place{51.507, -0.128}
	basel     = place{47.558, 7.588}
	heraklion = place{35.339, 25.133}
)

func TestCitiesLieTowardsEachOtherAsInTheWorld(t *testing.T) {
	lx, ly := atlas.Point(london.lat, london.lon)
	bx, by := atlas.Point(basel.lat, basel.lon)
	hx, hy := atlas.Point(heraklion.lat, heraklion.lon)
	if lx >= bx || ly >= by {
		t.Errorf("London at %.0f %.0f is not west and north of Basel at %.0f %.0f", lx, ly, bx, by)
	}
	if hx <= bx || hy <= by {
		t.Errorf("Heraklion at %.0f %.0f is not east and south of Basel at %.0f %.0f", hx, hy, bx, by)
	}
}

func TestThePartsOfEuropeThatMatterAreOnTheMap(t *testing.T) {
	for name, p := range map[string]place{
		"Lisbon": {38.72, -9.14}, "Nicosia": {35.17, 33.36}, "Helsinki": {60.17, 24.94}, "Oslo": {59.91, 10.75}, "Galway": {53.27, -9.05},
		"Valletta": {35.9, 14.51}, "Kyiv": {50.45, 30.52}, "Istanbul": {41.01, 28.98},
	} {
		if x, y := atlas.Point(p.lat, p.lon); x < 10 || x > atlas.Width-10 || y < 10 || y > atlas.Height-10 {
			t.Errorf("%s lies off the map, at %.0f %.0f", name, x, y)
		}
	}
}

func TestInlandPlacesLieOnLandAndSeasDoNot(t *testing.T) {
	for name, c := range map[string]struct {
		place
		land bool
	}{
		"London": {london, true}, "Basel": {basel, true}, "Cretan mountains": {place{35.22, 24.9}, true}, "Madrid": {place{40.42, -3.7}, true},
		"Cyprus": {place{35.0, 33.2}, true}, "Sicily": {place{37.5, 14.2}, true}, "Warsaw": {place{52.23, 21.01}, true},
		"North Sea": {place{56, 3}, false}, "Bay of Biscay": {place{45.5, -5}, false}, "Aegean south of Crete": {place{34.4, 25}, false},
		"Adriatic": {place{43, 15}, false}, "Black Sea": {place{43.5, 31}, false}, "Baltic": {place{56.5, 19.8}, false},
	} {
		x, y := atlas.Point(c.lat, c.lon)
		if got := onLand(t, x, y); got != c.land {
			t.Errorf("%s on land: %v, want %v", name, got, c.land)
		}
	}
}

func TestHeraklionLiesOnTheCoastOfCrete(t *testing.T) {
	x, y := atlas.Point(heraklion.lat, heraklion.lon)
	nearest := 1e9
	for _, ring := range rings(t, atlas.Land) {
		for _, p := range ring {
			nearest = min(nearest, (p[0]-x)*(p[0]-x)+(p[1]-y)*(p[1]-y))
		}
	}
	if nearest > 7*7 {
		t.Errorf("the nearest corner of a coast is %.1f square units away", nearest)
	}
}

func TestTheMapIsLightEnoughForEveryVisit(t *testing.T) {
	paths := atlas.Land + atlas.Borders
	var small bytes.Buffer
	w := gzip.NewWriter(&small)
	if _, err := w.Write([]byte(paths)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(paths) > 9<<10 || small.Len() > 4<<10 {
		t.Errorf("paths are %d bytes, %d compressed", len(paths), small.Len())
	}
	if len(atlas.Grid) > 1500 {
		t.Errorf("the grid is %d bytes", len(atlas.Grid))
	}
}

func TestPathsHoldNothingButSteps(t *testing.T) {
	for name, d := range map[string]string{"land": atlas.Land, "borders": atlas.Borders, "grid": atlas.Grid} {
		if !strings.HasPrefix(d, "M") || strings.Trim(d, "MLlz0123456789- ") != "" || strings.ContainsAny(d, "\n\"<") {
			t.Errorf("%s is no plain path: %.60s", name, d)
		}
	}
}
