// Package home is the programme's front page and the list of its communities.
package home

import (
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/atlas"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/desk"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Communities community.Store
	Items       item.Store
	Discussions discussion.Store
	Desk        desk.Store
	Meetings    meeting.Store
	Criteria    criterion.Store
	Entries     practice.Store
	Feeds       listing.Feeds
}

type handlers struct{ Stores }

// Mount the room.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Get(link.Home, respond.Handle(h.home))
	h.mountDesk(r, door)
	r.Get(link.News, respond.Handle(h.news))
	r.Get(link.Communities, respond.Handle(h.communities))
	r.Get(link.As(link.Communities, "json"), respond.Handle(h.communitiesAs))
}

// front is the programme's home page.
type front struct {
	Programme   community.Programme
	Cards       []community.Card
	Pins        []pin
	Latest      []item.Recent
	Next        []meeting.Row
	Products    []criterion.FrontProduct
	Shelf       []practice.LibraryRow
	Unread      int
	Desk        desk.Desk
	Coordinated []int64
	Later       string // key of the line just put off
}

// pin is a city on the map.
type pin struct {
	atlas.Placed
	Slug string
}

// How much stands on the front page.
const (
	latest   = 8
	next     = 4
	products = 5
	entries  = 3
)

func (h handlers) home(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visit.Of(r.Context())
	var f front
	var err error
	if f.Programme, err = h.Communities.Programme(ctx, locale.Of(ctx)); err != nil {
		return err
	}
	if f.Cards, err = h.Communities.List(ctx, v.Reach, locale.Of(ctx)); err != nil {
		return err
	}
	if f.Latest, err = h.Items.Latest(ctx, v.Reach, 0, locale.Of(ctx), latest); err != nil {
		return err
	}
	if f.Next, err = h.Meetings.Next(ctx, v.Reach, 0, next); err != nil {
		return err
	}
	if f.Products, err = h.Criteria.FrontProducts(ctx, v.Reach, products); err != nil {
		return err
	}
	shelf, err := h.Entries.Library(ctx, v.Reach, practice.LibraryFilter{Order: practice.ByEvidence, Most: entries, Bare: true})
	if err != nil {
		return err
	}
	f.Shelf = shelf.Rows
	if v.SignedIn() {
		if f.Desk, err = h.Desk.Of(ctx, v.Reach, locale.Of(ctx)); err != nil {
			return err
		}
		f.Later = form.Clean(r.URL.Query().Get("later"), 80)
		if f.Unread, err = h.Discussions.CountUnread(ctx, v.Reach); err != nil {
			return err
		}
	}
	f.Coordinated = v.Reach.Coordinated
	f.Pins = pins(f.Cards)
	return respond.OK(w, r, f.page())
}

func pins(cards []community.Card) []pin {
	var places []atlas.Pin
	slugs := map[string]string{}
	for _, c := range cards {
		if c.Latitude != nil && c.Longitude != nil {
			places = append(places, atlas.Pin{Label: c.Name, Lat: *c.Latitude, Lon: *c.Longitude})
			slugs[c.Name] = c.Slug
		}
	}
	var placed []pin
	for _, p := range atlas.Place(places) {
		placed = append(placed, pin{Placed: p, Slug: slugs[p.Label]})
	}
	return placed
}

func (f front) mine() []community.Card {
	var mine []community.Card
	for _, c := range f.Cards {
		if c.Mine {
			mine = append(mine, c)
		}
	}
	return mine
}

// waiting are the communities of others in which an administrator may decide who comes in.
func (f front) waiting() []community.Card {
	var waiting []community.Card
	for _, c := range f.Cards {
		if c.Waiting > 0 && !f.coordinates(c.ID) {
			waiting = append(waiting, c)
		}
	}
	return waiting
}

func (f front) coordinates(id community.ID) bool { return slices.Contains(f.Coordinated, int64(id)) }

// deskEmpty reports whether nothing waits to be done; what is new to read does not count.
func (f front) deskEmpty() bool {
	return len(f.Desk.Told) == 0 && len(f.Desk.Mine) == 0 && len(f.Desk.Coordinator) == 0 && len(f.waiting()) == 0
}

// asked reports whether the reader waits to be let in somewhere.
func (f front) asked() bool {
	return slices.ContainsFunc(f.Cards, func(c community.Card) bool { return c.Asked })
}

func (h handlers) communities(w http.ResponseWriter, r *http.Request) error {
	cards, err := h.Communities.List(r.Context(), visit.Of(r.Context()).Reach, locale.Of(r.Context()))
	if err != nil {
		return err
	}
	return respond.OK(w, r, communitiesPage(cards))
}
