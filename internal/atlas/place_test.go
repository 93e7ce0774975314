package atlas_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/atlas"
)

// Labels are set in 21 units; no letter of the tests is narrower than narrow, so a label is at least that wide.
const (
	narrow = 6.0
	tall   = 20.0
)

type box struct{ left, top, right, bottom float64 }

func label(p atlas.Placed) box {
	width := narrow * float64(len([]rune(p.Text)))
	b := box{p.LabelX, p.LabelY - 16, p.LabelX + width, p.LabelY - 16 + tall}
	if p.End {
		b.left, b.right = p.LabelX-width, p.LabelX
	}
	return b
}

func (b box) overlaps(o box) bool {
	return b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom
}

func (b box) reaches(x, y, radius float64) bool {
	dx, dy := max(b.left-x, x-b.right, 0), max(b.top-y, y-b.bottom, 0)
	return dx*dx+dy*dy < radius*radius
}

// some are up to sixty places with names of many lengths, others for every seed but the same each time.
func some(seed uint64) []atlas.Pin {
	r := rand.New(rand.NewPCG(seed, 1))
	letters := []rune("abcdefghijklmnopqrstuvwxyzéüßαβγδεθλμπρσφψω")
	all := make([]atlas.Pin, r.IntN(60))
	for i := range all {
		name := []rune{'A' + rune(r.IntN(26))}
		for range 2 + r.IntN(16)*(1+r.IntN(3)) {
			name = append(name, letters[r.IntN(len(letters))])
		}
		all[i] = atlas.Pin{Label: string(name), Lat: 30 + 36*r.Float64(), Lon: -16 + 56*r.Float64()}
		if i > 0 && r.IntN(3) == 0 {
			all[i].Lat, all[i].Lon = all[i-1].Lat+r.Float64()/2, all[i-1].Lon+r.Float64()/2
		}
	}
	return all
}

const seeds = 300

func TestLabelsNeverCoverEachOtherNorAPin(t *testing.T) {
	for seed := range uint64(seeds) {
		placed := atlas.Place(some(seed))
		for i, a := range placed {
			if a.Text == "" {
				continue
			}
			for j, b := range placed {
				if label(a).reaches(b.X, b.Y, 8) {
					t.Fatalf("seed %d: %q covers the pin of %q", seed, a.Text, b.Label)
				}
				if i < j && b.Text != "" && label(a).overlaps(label(b)) {
					t.Fatalf("seed %d: %q covers %q", seed, a.Text, b.Text)
				}
			}
		}
	}
}

func TestLabelsStayOnTheMap(t *testing.T) {
	for seed := range uint64(seeds) {
		for _, p := range atlas.Place(some(seed)) {
			if p.X < 0 || p.X > atlas.Width || p.Y < 0 || p.Y > atlas.Height {
				t.Fatalf("seed %d: the pin of %q lies off the map", seed, p.Label)
			}
			if b := label(p); p.Text != "" && (b.left < 0 || b.right > atlas.Width || b.top < 0 || b.bottom > atlas.Height) {
				t.Fatalf("seed %d: %q leaves the map: %v", seed, p.Text, b)
			}
		}
	}
}

func TestTheSamePlacesFallOutTheSameInAnyOrder(t *testing.T) {
	for seed := range uint64(seeds) {
		pins := some(seed)
		want := atlas.Place(pins)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(pins), func(i, j int) { pins[i], pins[j] = pins[j], pins[i] })
		if diff := cmp.Diff(want, atlas.Place(pins)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

func TestThreeCitiesKeepTheirWholeNamesBesideTheirPins(t *testing.T) {
	placed := atlas.Place([]atlas.Pin{
		{Label: "Heraklion", Lat: heraklion.lat, Lon: heraklion.lon},
		{Label: "Basel", Lat: basel.lat, Lon: basel.lon},
		{Label: "London", Lat: london.lat, Lon: london.lon},
	})
	var names []string
	for _, p := range placed {
		names = append(names, p.Text)
		if p.Far {
			t.Errorf("%s has its label far off", p.Label)
		}
	}
	if want := []string{"London", "Basel", "Heraklion"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestNeighboursShareTheRoomAroundThem(t *testing.T) {
	placed := atlas.Place([]atlas.Pin{
		{Label: "Basel", Lat: 47.558, Lon: 7.588}, {Label: "Lörrach", Lat: 47.61, Lon: 7.66},
		{Label: "Mulhouse", Lat: 47.75, Lon: 7.34}, {Label: "Freiburg", Lat: 47.99, Lon: 7.85},
	})
	for _, p := range placed {
		if p.Text != p.Label {
			t.Errorf("%s found no room", p.Label)
		}
	}
}

func TestALongNameIsCutAndKeptWhole(t *testing.T) {
	name := "Gemeinschaft der Städte am Oberrhein und an seinen Nebenflüssen"
	p := atlas.Place([]atlas.Pin{{Label: name, Lat: basel.lat, Lon: basel.lon}})[0]
	if p.Label != name || p.Text == "" || p.Text == name || []rune(p.Text)[len([]rune(p.Text))-1] != '…' {
		t.Errorf("label %q, text %q", p.Label, p.Text)
	}
}

func TestPlacesBeyondTheMapAreLeftOut(t *testing.T) {
	if placed := atlas.Place([]atlas.Pin{{Label: "Singapore", Lat: 1.35, Lon: 103.8}, {Label: "Antipodes", Lat: -50, Lon: -168}}); len(placed) != 0 {
		t.Errorf("got %v", placed)
	}
}

func BenchmarkPlaceOfAHundredCities(b *testing.B) {
	var cities []atlas.Pin
	for i := range 100 {
		cities = append(cities, atlas.Pin{Label: fmt.Sprintf("Settlement %d", i), Lat: 36 + float64(i%10)*2.3, Lon: -8 + float64(i/10)*4})
	}
	for b.Loop() {
		atlas.Place(cities)
	}
}
