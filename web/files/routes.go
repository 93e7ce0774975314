// Package files hands out the files of items and the pictures of people, and lets their owners describe and remove them.
package files

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

type handlers struct{ files file.Store }

// Mount the pictures of people.
func Mount(r chi.Router, door guard.Door, store file.Store) {
	h := handlers{store}
	r.Get("/pictures/{account}/{name}", respond.Handle(h.portrait))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get(link.MyPicture, respond.Handle(h.myPicture))
		r.Post(link.MyPicture, respond.Handle(h.portray))
	})
}

// MountIn mounts the files of items below a community's address.
func MountIn(r chi.Router, door guard.Door, store file.Store) {
	h := handlers{store}
	r.Get("/files/{file}/{name}", respond.Handle(h.show))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/files/{file}/edit", respond.Handle(h.edit))
		r.Post("/files/{file}/edit", respond.Handle(h.change))
	})
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }

// id out of an address.
func id(r *http.Request, param string) (int64, error) {
	digits := chi.URLParam(r, param)
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != digits {
		return 0, fault.NotFound
	}
	return n, nil
}
