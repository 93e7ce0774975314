package criterion

import (
	"math"
	"strings"

	"golang.org/x/text/unicode/norm"

	"urbanfluxes.eu/koinon/internal/fault"
)

// unit is what a number is counted in: of a dimension, so many times its base. Temperatures are differences, so that K and °C are the same.
type unit struct {
	dimension string
	factor    float64
}

// units as people write them, tidied as tidyUnit does. Money is worth what it says: no currency is turned into another.
var units = unitTable(map[string]map[float64]string{
	"length":         {1e-3: "mm", 1e-2: "cm", 0.1: "dm", 1: "m|metre|metres|meter|meters|mètre|mètres|μέτρο|μέτρα", 1000: "km|kilometre|kilometres|kilometer|kilometers|kilomètre|kilomètres|χιλιόμετρα|χλμ"},
	"area":           {1e-6: "mm2", 1e-4: "cm2", 1: "m2|sqm|τμ", 100: "a|are", 1e4: "ha|hectare|hectares|hektar|hektaren|εκτάρια", 1e6: "km2"},
	"volume":         {1e-3: "l|litre|litres|liter|liters", 1: "m3"},
	"time":           {1: "s|sec|second|seconds|sekunde|sekunden|seconde|secondes|δευτερόλεπτα", 60: "min|minute|minutes|minuten|λεπτό|λεπτά", 3600: "h|hour|hours|stunde|stunden|heure|heures|ώρα|ώρες", 86400: "d|day|days|tag|tage|jour|jours|ημέρα|ημέρες", 604800: "week|weeks|woche|wochen|semaine|semaines|εβδομάδα|εβδομάδες"},
	"months":         {1: "month|months|monat|monate|mois|μήνας|μήνες", 12: "year|years|jahr|jahre|an|ans|année|années|έτος|έτη|χρόνια"}, // as long as the calendar has them
	"temperature":    {1: "K|kelvin|°C|degC|ºC", 1e-3: "mK"},
	"speed":          {1: "m/s|m s-1", 1 / 3.6: "km/h|km h-1"},
	"mass":           {1e-3: "g", 1: "kg", 1000: "t"},
	"concentration":  {1e-9: "ug/m3|ug m-3", 1e-6: "mg/m3|mg m-3"},
	"pressure":       {1: "Pa", 100: "hPa|mbar", 1000: "kPa", 1e5: "bar"},
	"power":          {1: "W", 1e3: "kW", 1e6: "MW", 1e9: "GW"},
	"power per area": {1e-3: "mW/m2|mW m-2", 1: "W/m2|W m-2", 1e3: "kW/m2|kW m-2"},
	"energy":         {1: "J", 1e3: "kJ", 1e6: "MJ", 1e9: "GJ", 3.6e6: "kWh", 3.6e9: "MWh", 3.6e12: "GWh"},
	"share":          {1e-3: "‰", 1e-2: "%|percent|per cent|prozent|pour cent|τοις εκατό"},
	"data":           {1: "B", 1e3: "kB|KB", 1e6: "MB", 1e9: "GB", 1e12: "TB"},
	"francs":         {1: "CHF|Fr|sFr|franken"},
	"euros":          {1: "EUR|€|euro|euros|ευρώ"},
	"pounds":         {1: "GBP|£"},
	"dollars":        {1: "USD|$|US$"},
})

func unitTable(all map[string]map[float64]string) map[string]unit {
	table := map[string]unit{}
	for dimension, sizes := range all {
		for factor, names := range sizes {
			for name := range strings.SplitSeq(names, "|") {
				table[name] = unit{dimension, factor}
			}
		}
	}
	return table
}

var unitSigns = strings.NewReplacer("²", "2", "³", "3", "⁻", "-", "¹", "1", "−", "-", "^", "", "·", " ", "*", " ", "µ", "u", "μg", "ug", " / ", "/", "τ.μ.", "τμ", "Fr.", "Fr", "℃", "°C", "° C", "°C")

// tidyUnit is a unit with its signs written one way.
func tidyUnit(text string) string {
	return strings.Join(strings.Fields(unitSigns.Replace(norm.NFC.String(text))), " ")
}

// unitOf a text; the second is false when nobody here knows it. Letters keep their case (mW, MW), unless only a word can be meant.
func unitOf(text string) (unit, bool) {
	text = tidyUnit(text)
	u, known := units[text]
	if !known && len([]rune(text)) > 2 {
		u, known = units[strings.ToLower(text)]
	}
	return u, known
}

// tolerance is how far apart two numbers may be and still count as the same, as a part of the larger one: what turning units into one another and binary fractions may lose, and no more.
const tolerance = 1e-9

// Compare holds a measured value against a target. They are comparable when there is a target in numbers and the units are of one dimension, or the same words; an amount in another dimension is a problem of the
// field "unit". Values that differ by less than a thousand-millionth are the same.
func Compare(t Target, measured float64, in string) (met, comparable bool, err error) {
	if !t.Numeric() {
		return false, false, nil
	}
	asked, knowsAsked := unitOf(t.Unit)
	got, knowsGot := unitOf(in)
	switch {
	case knowsAsked && knowsGot && asked.dimension != got.dimension:
		return false, false, fault.One("unit", "other-dimension", "unit", t.Unit)
	case knowsAsked && knowsGot:
		measured *= got.factor / asked.factor
	case strings.EqualFold(tidyUnit(t.Unit), tidyUnit(in)):
	case in == "":
		return false, false, fault.One("unit", "unit-missing", "unit", t.Unit)
	default:
		return false, false, nil
	}
	return t.holds(measured), true, nil
}

// holds reports whether a value in the target's own unit is within it.
func (t Target) holds(x float64) bool {
	switch t.Comparator {
	case AtMost:
		return x <= t.Value || same(x, t.Value)
	case Below:
		return x < t.Value && !same(x, t.Value)
	case Equals:
		return same(x, t.Value)
	case AtLeast:
		return x >= t.Value || same(x, t.Value)
	case Above:
		return x > t.Value && !same(x, t.Value)
	case Between:
		return (x >= t.Value || same(x, t.Value)) && (x <= t.To || same(x, t.To))
	}
	return false
}

func same(x, y float64) bool { return math.Abs(x-y) <= tolerance*max(math.Abs(x), math.Abs(y)) }
