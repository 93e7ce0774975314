// Package repertoire is what a community knows from doing, and the door by which it comes in.
package repertoire

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Entries practice.Store
	Harvest harvest.Store
	Items   item.Store
	Base    string
	Drafts  draft.Store
	Files   file.Store
	Notices notice.Store
}

type handlers struct{ Stores }

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	h.mountHarvest(r, door)
	r.Get("/repertoire", respond.Handle(h.library))
	r.Get("/repertoire/{entry}", respond.Handle(h.show))
	h.mountCiting(r)
	r.Get("/repertoire/{entry}/history", respond.Handle(h.history))
	h.mountLife(r, door)
	h.mountUses(r, door)
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/heard", respond.Handle(h.heardPage))
		r.Post("/heard", respond.Handle(h.note))
	})
	h.mountForm(r, door)
}

// MountAcross mounts what spans all communities.
func MountAcross(r chi.Router, on Stores) {
	h := handlers{on}
	r.Get(link.Library, respond.Handle(h.library))
}

// entry is the number that an address names. The number decides; the words after it are for people.
func entry(r *http.Request) (int, error) {
	digits, _, _ := strings.Cut(chi.URLParam(r, "entry"), "-")
	return form.Number(digits)
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }
