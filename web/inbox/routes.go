// Package inbox is what a reader was told, and how closely the reader follows what.
package inbox

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

type handlers struct{ notices notice.Store }

// Mount the room.
func Mount(r chi.Router, door guard.Door, notices notice.Store) {
	h := handlers{notices}
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get(link.Inbox, respond.Handle(h.list))
		r.Post(link.InboxRead, respond.Handle(h.read))
		r.Post(link.InboxUndo, respond.Handle(h.undo))
		r.Get(link.MyNotices, respond.Handle(h.settings))
		r.Post(link.MyNotices, respond.Handle(h.set))
	})
}

// MountFollowing mounts below a community's address what is followed there.
func MountFollowing(r chi.Router, door guard.Door, notices notice.Store) {
	h := handlers{notices}
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Post("/follow", respond.Handle(h.followCommunity))
		r.Post("/discussions/{thread}/follow", respond.Handle(h.followThread))
	})
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }
