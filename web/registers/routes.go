// Package registers is what a community settled, and what is to do.
package registers

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Meetings meeting.Store
	Marks    *item.Marks // what was told of what somebody opens is known
	Now      func() time.Time
}

type handlers struct{ Stores }

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Get("/decisions", respond.Handle(h.decisions))
	r.Get("/decisions.{format:json|csv}", respond.Handle(h.decisionsAs))
	r.Get("/decisions/{number}", respond.Handle(h.decision))
	r.Get("/actions", respond.Handle(h.actions))
	r.Get("/actions.{format:json|csv}", respond.Handle(h.actionsAs))
	r.Get("/actions/{number}", respond.Handle(h.action))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/decisions/new", respond.Handle(h.newDecision))
		r.Post("/decisions/new", respond.Handle(h.decide))
		r.Post("/decisions/{number}/supersede", respond.Handle(h.supersede))
		r.Post("/decisions/{number}/review", respond.Handle(h.review))
		r.Get("/actions/new", respond.Handle(h.newAction))
		r.Post("/actions/new", respond.Handle(h.give))
		r.Post("/actions/{number}/progress", respond.Handle(h.progress))
		r.Post("/actions/{number}/hand", respond.Handle(h.hand))
	})
}

// number is the decision or action that an address names.
func number(r *http.Request) (int, error) { return form.Number(chi.URLParam(r, "number")) }

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }
