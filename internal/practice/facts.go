package practice

import (
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
)

// Limits of what stands beside the text of an entry, in characters.
const (
	MaxSummary  = 500
	MaxPlace    = 200
	MaxHappened = 100
	MaxURL      = 1000
	MaxPart     = 20_000
	MaxTopics   = 3
)

// Quotings say whether a story may be quoted: with the name, without it, or not at all. The message "repertoire.quoting.<quoting>" says each; "" is not said.
var Quotings = []string{"", "named", "unnamed", "no"}

// Facts stand beside the text of an entry. None is required.
type Facts struct {
	Summary             string // in plain language
	Place               string
	Latitude, Longitude *float64 // degrees, both or none
	Happened            string   // when, in words
	URL                 string
	Quoting             string
}

func (f Facts) check(in *fault.Invalid) {
	for _, limit := range []struct {
		field, value string
		most         int
	}{{"summary", f.Summary, MaxSummary}, {"place", f.Place, MaxPlace}, {"happened", f.Happened, MaxHappened}, {"url", f.URL, MaxURL}} {
		field := limit.field
		in.Check(utf8.RuneCountInString(limit.value) <= limit.most, field, "too-long", "max", limit.most)
	}
	in.Check((f.Latitude == nil) == (f.Longitude == nil) && within(f.Latitude, 90) && within(f.Longitude, 180), "latitude", "coordinates")
	if f.URL != "" {
		u, err := url.Parse(f.URL)
		in.Check(err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil, "url", "web-address")
	}
	in.Check(slices.Contains(Quotings, f.Quoting), "quoting", "choose")
}

// within reports whether an angle, if there is one, is a number of at most so many degrees.
func within(angle *float64, most float64) bool {
	return angle == nil || *angle >= -most && *angle <= most
}

// factColumns are set from factArgs.
const factColumns = `summary, place, latitude, longitude, happened, url, quoting`

const factValues = `@summary, @place, @latitude::double precision, @longitude::double precision, @happened, @url, @quoting`

func (f Facts) args(args pgx.NamedArgs) pgx.NamedArgs {
	args["summary"], args["place"], args["latitude"], args["longitude"], args["happened"], args["url"], args["quoting"] = f.Summary, f.Place, f.Latitude, f.Longitude, f.Happened, f.URL, f.Quoting
	return args
}

func (f *Facts) scan() []any {
	return []any{&f.Summary, &f.Place, &f.Latitude, &f.Longitude, &f.Happened, &f.URL, &f.Quoting}
}
