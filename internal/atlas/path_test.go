package atlas_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/atlas"
)

var whole = regexp.MustCompile(`-?\d+`)

// rings reads a path of relative steps back into corners.
func rings(t *testing.T, d string) [][][2]float64 {
	t.Helper()
	var all [][][2]float64
	for part := range strings.SplitSeq(strings.TrimPrefix(d, "M"), "M") {
		var ring [][2]float64
		var at [2]float64
		numbers := whole.FindAllString(part, -1)
		if len(numbers)%2 != 0 {
			t.Fatalf("half a step in %q", part)
		}
		for i, text := range numbers {
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			at[i%2] += float64(n)
			if i%2 == 1 {
				ring = append(ring, at)
			}
		}
		all = append(all, ring)
	}
	return all
}

// onLand counts the coasts that a ray crosses.
func onLand(t *testing.T, x, y float64) bool {
	t.Helper()
	in := false
	for _, ring := range rings(t, atlas.Land) {
		for i, b := range ring {
			a := ring[(i+len(ring)-1)%len(ring)]
			if (a[1] > y) != (b[1] > y) && x < a[0]+(y-a[1])*(b[0]-a[0])/(b[1]-a[1]) {
				in = !in
			}
		}
	}
	return in
}
