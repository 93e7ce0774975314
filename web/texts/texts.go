// Package texts are the pages that explain the site itself.
package texts

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/respond"
)

// Mount the room.
func Mount(r chi.Router) {
	for path, name := range map[string]string{link.Accessibility: "accessibility", link.Privacy: "privacy"} {
		r.Get(path, respond.Handle(func(w http.ResponseWriter, r *http.Request) error { return respond.OK(w, r, page(name)) }))
	}
}
