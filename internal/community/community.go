// Package community knows the communities of practice of a programme: what they are about, who belongs to them and who may do what.
package community

import (
	"sync"
	"time"

	"urbanfluxes.eu/koinon/internal/locale"
)

// ID of a community.
type ID int64

// Community is a community of practice, of a city or the umbrella over them.
type Community struct {
	ID         ID
	Slug       string
	Kind       string // "city" or "umbrella"
	Lang       locale.Lang
	Languages  []string
	Zone       string
	Names      map[locale.Lang]string
	Latitude   *float64
	Longitude  *float64
	Visibility string // "public" or "private"
	Admission  string // "open", "request" or "invitation"
	Stage      string
	StageSince time.Time
	Founded    time.Time
	Members    int
	Revision   int
}

// Name in the language, or in the community's own.
func (c Community) Name(l locale.Lang) string {
	if name := c.Names[l]; name != "" {
		return name
	}
	return c.Names[c.Lang]
}

// Location is the time zone in which typed times are read and shown; UTC when the stored name is unknown here.
func (c Community) Location() *time.Location {
	if known, ok := zones.Load(c.Zone); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(c.Zone, zone)
	return zone
}

// zones keeps loaded time zones: each is read from files, and a page asks for one many times.
var zones sync.Map

// Private communities do not exist for outsiders.
func (c Community) Private() bool { return c.Visibility == "private" }

// Belonging is one membership of the reader, as every page needs it.
type Belonging struct {
	Community   ID                     `json:"community"`
	Slug        string                 `json:"slug"`
	Names       map[locale.Lang]string `json:"names"`
	Lang        locale.Lang            `json:"lang"`
	Number      int                    `json:"number"`
	Role        string                 `json:"role"`
	Perspective Perspective            `json:"perspective"`
}

// Name in the language, or in the community's own.
func (b Belonging) Name(l locale.Lang) string {
	if name := b.Names[l]; name != "" {
		return name
	}
	return b.Names[b.Lang]
}
