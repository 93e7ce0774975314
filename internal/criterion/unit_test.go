package criterion_test

import (
	"testing"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
)

func TestMeasuredValueIsHeldAgainstTheTarget(t *testing.T) {
	t.Parallel()
	atMost := func(x float64, unit string) criterion.Target {
		return criterion.Target{Comparator: criterion.AtMost, Value: x, Unit: unit}
	}
	with := func(c criterion.Comparator, x, to float64, unit string) criterion.Target {
		return criterion.Target{Comparator: c, Value: x, To: to, Unit: unit}
	}
	for name, c := range map[string]struct {
		target   criterion.Target
		measured float64
		unit     string
		want     string // met, not, apart; or the key of the problem
	}{
		"within":                     {atMost(100, "m"), 90, "m", "met"},
		"at the limit":               {atMost(100, "m"), 100, "m", "met"},
		"beyond":                     {atMost(100, "m"), 100.1, "m", "not"},
		"kilometres for metres":      {atMost(100, "m"), 0.09, "km", "met"},
		"no loss by turning units":   {atMost(0.3, "m"), 30, "cm", "met"},
		"binary fractions":           {with(criterion.Equals, 0.3, 0, ""), 0.1 + 0.2, "", "met"},
		"below is not at":            {with(criterion.Below, 0.3, 0, ""), 0.1 + 0.2, "", "not"},
		"just below":                 {with(criterion.Below, 0.3, 0, ""), 0.2999, "", "met"},
		"above is not at":            {with(criterion.Above, 5, 0, "%"), 5, "%", "not"},
		"at least":                   {with(criterion.AtLeast, 5, 0, "%"), 5, "percent", "met"},
		"kelvin and celsius":         {atMost(1.5, "K"), 1.2, "°C", "met"},
		"two ways to write a flux":   {atMost(20, "W/m²"), 15, "W m-2", "met"},
		"superscripts":               {atMost(20, "W m⁻²"), 0.03, "kW/m^2", "not"},
		"megawatts by their capital": {with(criterion.AtLeast, 10, 0, "kW"), 15, "MW", "met"},
		"hours in words":             {atMost(24, "Stunden"), 1, "Day", "met"},
		"months are no days":         {atMost(1, "month"), 30, "days", "other-dimension"},
		"years of months":            {atMost(1, "year"), 12, "months", "met"},
		"hectares":                   {atMost(1, "ha"), 10000, "m²", "met"},
		"between, at its end":        {with(criterion.Between, 10, 20, "m"), 2000, "cm", "met"},
		"between, beyond":            {with(criterion.Between, 10, 20, "m"), 9, "m", "not"},
		"length is no time":          {atMost(100, "m"), 5, "s", "other-dimension"},
		"francs are no euros":        {atMost(100, "CHF"), 5, "EUR", "other-dimension"},
		"francs by other names":      {atMost(100, "Fr."), 99, "CHF", "met"},
		"euros by their sign":        {atMost(100, "€"), 101, "Euro", "not"},
		"the same words":             {atMost(3, "clicks"), 2, "clicks", "met"},
		"the same words, other case": {atMost(3, "Clicks per map"), 4, "clicks  per map", "not"},
		"words nobody knows":         {atMost(3, "clicks"), 2, "steps", "apart"},
		"no unit for one":            {atMost(3, "m"), 2, "", "unit-missing"},
		"no units at all":            {atMost(3, ""), 2, "", "met"},
		"no target in numbers":       {criterion.Target{Measure: "clear"}, 2, "m", "apart"},
		"a negative target":          {with(criterion.AtLeast, -2, 0, "K"), -2, "K", "met"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			met, comparable, err := criterion.Compare(c.target, c.measured, c.unit)
			got := map[bool]string{true: "met", false: "not"}[met]
			if !comparable {
				got = "apart"
			}
			if p := fault.Problems(err); len(p) > 0 {
				got = p[0].Key
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
