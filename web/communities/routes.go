// Package communities is what a community is about, and coming and going.
package communities

import (
	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
)

// Stores that the room needs.
type Stores struct {
	Communities community.Store
	Items       item.Store
	Meetings    meeting.Store
	Criteria    criterion.Store
	Entries     practice.Store
	Notices     notice.Store
}

type handlers struct {
	Stores
	door guard.Door
}

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{Stores: on, door: door}
	r.Get("/", respond.Handle(h.home))
	r.Get("/about", respond.Handle(h.about))
	r.Get("/about/charter", respond.Handle(h.charter))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/join", respond.Handle(h.joinPage))
		r.Post("/join", respond.Handle(h.join))
		r.Get("/leave", respond.Handle(h.leavePage))
		r.Post("/leave", respond.Handle(h.leave))
		r.Post("/renew", respond.Handle(h.renew))
		r.Post("/about/charter/agree", respond.Handle(h.agree))
		r.Get("/about/edit", respond.Handle(h.edit))
		r.Post("/about/edit", respond.Handle(h.describe))
	})
}
