package members

import (
	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
)

// belonging are the pages of a community for which one signs in.
func (h handlers) belonging(r chi.Router) {
	r.Post("/members/invitations/{id:[0-9]+}/again", respond.Handle(h.inviteAgain))
	r.Post("/members/invitations/{id:[0-9]+}/withdraw", respond.Handle(h.withdraw))
	r.Get("/members/renewals", respond.Handle(h.renewals))
	r.Get("/members/newcomers", respond.Handle(h.newcomers))
	r.Get("/members/{number:[0-9]+}/greet", respond.Handle(h.greetPage))
	r.Post("/members/{number:[0-9]+}/greet", respond.Handle(h.greet))
	r.Get("/handover", respond.Handle(h.handover))
	r.Get("/handover/history", respond.Handle(h.handoverHistory))
	r.Get("/handover/edit", respond.Handle(h.editHandover))
	r.Post("/handover/edit", respond.Handle(h.handOver))
	r.Get("/reach", respond.Handle(h.reach))
	r.Get("/reach/new", respond.Handle(h.newWanted))
	r.Post("/reach/new", respond.Handle(h.want))
	r.Get("/reach/{id:[0-9]+}", respond.Handle(h.editWanted))
	r.Post("/reach/{id:[0-9]+}", respond.Handle(h.changeWanted))
	r.Post("/reach/{id:[0-9]+}/move", respond.Handle(h.moveWanted))
	r.Post("/reach/{id:[0-9]+}/remove", respond.Handle(h.unwant))
}

// MountPeople is the part of the room that spans the reader's communities.
func MountPeople(r chi.Router, door guard.Door, communities community.Store) {
	h := handlers{communities: communities, accounts: door.Accounts}
	r.With(door.SignedIn).Get("/people", respond.Handle(h.people))
}
