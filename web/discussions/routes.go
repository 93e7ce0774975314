// Package discussions is where a community talks.
package discussions

import (
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/discussion"
	drafts "urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Discussions discussion.Store
	Items       item.Store
	Marks       *item.Marks
	Drafts      drafts.Store
	Files       file.Store
	Notices     notice.Store
	Harvest     harvest.Store
	Feeds       listing.Feeds
}

type handlers struct{ Stores }

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Get("/discussions", respond.Handle(h.list))
	r.Get("/discussions.{format:json|csv|atom}", respond.Handle(h.listAs))
	r.Get("/discussions/{thread:[1-9][0-9]*}.json", respond.Handle(h.showAs))
	r.Get("/discussions/{thread}", respond.Handle(h.show))
	r.Get("/discussions/{thread}/history", respond.Handle(h.history))
	r.Get("/discussions/{thread}/replies/{reply:[0-9]+}/history", respond.Handle(h.history))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/discussions/new", respond.Handle(h.newPage))
		r.Post("/discussions/new", respond.Handle(h.start))
		r.Post("/discussions/{thread}/reply", respond.Handle(h.reply))
		r.Get("/discussions/{thread}/edit", respond.Handle(h.edit))
		r.Post("/discussions/{thread}/edit", respond.Handle(h.revise))
		r.Get("/discussions/{thread}/replies/{reply:[0-9]+}/edit", respond.Handle(h.edit))
		r.Post("/discussions/{thread}/replies/{reply:[0-9]+}/edit", respond.Handle(h.revise))
		r.Post("/discussions/{thread}/offer", respond.Handle(h.offer))
		r.Get("/discussions/{thread}/outcome", respond.Handle(h.endPage))
		r.Post("/discussions/{thread}/outcome", respond.Handle(h.end))
		r.Post("/discussions/{thread}/reopen", respond.Handle(h.reopen))
		r.Post("/discussions/{thread}/thanks", respond.Handle(h.thank))
		r.Post("/discussions/{thread}/replies/{reply:[0-9]+}/thanks", respond.Handle(h.thank))
		h.mountKeeping(r)
	})
}

// place is the thread and, unless 0, the reply that an address names. The number decides; the words after it are for people.
func place(r *http.Request) (thread, reply int, err error) {
	digits, _, _ := strings.Cut(chi.URLParam(r, "thread"), "-")
	if thread, err = form.Number(digits); err != nil {
		return 0, 0, err
	}
	if text := chi.URLParam(r, "reply"); text != "" {
		reply, err = form.Number(text)
	}
	return thread, reply, err
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }

// at is the address of a post of a thread.
func at(slug string, thread int, title string, reply int) string {
	if reply == 0 {
		return link.Discussion(slug, thread, title)
	}
	return link.Reply(slug, thread, title, reply)
}
