// Package accounts is signing in and out, and what people say of themselves.
package accounts

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/parting"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

type handlers struct {
	accounts account.Store
	parting  parting.Store
	door     guard.Door
}

// Mount the room.
func Mount(r chi.Router, door guard.Door) {
	h := handlers{accounts: door.Accounts, parting: parting.NewStore(door.DB, door.Now), door: door}
	r.Get(link.SignIn, respond.Handle(h.signInPage))
	r.Post(link.SignIn, respond.Handle(h.signIn))
	r.Post(link.SignInLink, respond.Handle(h.wantLink))
	r.Get(link.SignInSent, respond.Handle(h.sent))
	r.Get(link.SignIn+"/{token}", respond.Handle(h.linkPage))
	r.Post(link.SignIn+"/{token}", respond.Handle(h.useLink))
	r.Get(link.SignUp, respond.Handle(h.signUpPage))
	r.Post(link.SignUp, respond.Handle(h.signUp))
	r.Post(link.SignOut, respond.Handle(h.signOut))
	r.Post(link.Language, respond.Handle(h.speak))
	r.Get(link.KeptText, respond.Handle(h.kept))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get(link.Me, respond.Handle(h.me))
		r.Post(link.Me, respond.Handle(h.describe))
		r.Get(link.MySessions, respond.Handle(h.sessions))
		r.Post(link.MySessions, respond.Handle(h.signOutElsewhere))
		r.Post(link.MySessions+"/{id}", respond.Handle(h.revoke))
		r.Get(link.ConfirmMyself, respond.Handle(h.confirmPage))
		r.Post(link.ConfirmMyself, respond.Handle(h.confirm))
		r.Group(func(r chi.Router) {
			r.Use(guard.Proved)
			r.Get(link.MyPassword, respond.Handle(h.passwordPage))
			r.Post(link.MyPassword, respond.Handle(h.setPassword))
			r.Get(link.MyData, respond.Handle(h.dataPage))
			r.Post(link.MyData, respond.Handle(h.take))
			r.Get(link.MyLeaving, respond.Handle(h.leavePage))
			r.Post(link.MyLeaving, respond.Handle(h.leave))
			r.Get(link.MyAddress, respond.Handle(h.addressPage))
			r.Post(link.MyAddress, respond.Handle(h.wantAddress))
		})
	})
}

// nextOf is where to go on to, inside the site; a kept text goes first.
func nextOf(r *http.Request, wished string) string {
	if _, err := r.Cookie(guard.KeptCookie); err == nil {
		return link.KeptText
	}
	return link.Local(wished)
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }
