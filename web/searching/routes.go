// Package searching is one box over everything, and the glossary that links the languages.
package searching

import (
	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
)

type handlers struct {
	search search.Store
	base   string
}

// Mount the room. Base is the site's own address, for browsers that take its search into their bar.
func Mount(r chi.Router, door guard.Door, store search.Store, base string) {
	h := handlers{store, base}
	r.Get(link.Search, respond.Handle(h.find))
	r.Get(link.SearchJSON, respond.Handle(h.json))
	r.Get(link.SearchPlugin, respond.Handle(h.plugin))
	r.Get(link.Glossary, respond.Handle(h.glossary))
	r.Get("/glossary/{term}", respond.Handle(h.term))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get(link.NewTerm, respond.Handle(h.newTerm))
		r.Post(link.NewTerm, respond.Handle(h.addTerm))
		r.Get("/glossary/{term}/edit", respond.Handle(h.editTerm))
		r.Post("/glossary/{term}/edit", respond.Handle(h.reviseTerm))
		r.Post("/glossary/{term}/remove", respond.Handle(h.removeTerm))
	})
}
