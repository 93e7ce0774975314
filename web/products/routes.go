// Package products is where the end products of the programme stand, with their releases and what they satisfy.
package products

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Products product.Store
	Criteria criterion.Store
	Items    item.Store
	Files    file.Store
	Notices  notice.Store
	Marks    *item.Marks
	Now      func() time.Time
}

type handlers struct{ Stores }

// Mount the room.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Get("/products", respond.Handle(h.list))
	r.Get("/products.{format:json|csv}", respond.Handle(h.listAs))
	r.Get("/products/{product:[a-z0-9-]+}.json", respond.Handle(h.showAs))
	r.Get("/products/{product}", respond.Handle(h.show))
	r.Get("/products/{product}/history", respond.Handle(h.history))
	r.Get("/products/{product}/{release}", respond.Handle(h.release))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/products/new", respond.Handle(h.newPage))
		r.Post("/products/new", respond.Handle(h.add))
		r.Get("/products/{product}/edit", respond.Handle(h.edit))
		r.Post("/products/{product}/edit", respond.Handle(h.revise))
		r.Post("/products/{product}/remove", respond.Handle(h.remove))
		r.Post("/products/{product}/follow", respond.Handle(h.follow))
		r.Get("/products/{product}/releases/new", respond.Handle(h.newRelease))
		r.Post("/products/{product}/releases/new", respond.Handle(h.addRelease))
		r.Get("/products/{product}/{release}/edit", respond.Handle(h.editRelease))
		r.Post("/products/{product}/{release}/edit", respond.Handle(h.reviseRelease))
		r.Get("/products/{product}/{release}/publish", respond.Handle(h.publishPage))
		r.Post("/products/{product}/{release}/publish", respond.Handle(h.publish))
		r.Get("/products/{product}/{release}/withdraw", respond.Handle(h.withdrawPage))
		r.Post("/products/{product}/{release}/withdraw", respond.Handle(h.withdraw))
		r.Post("/products/{product}/{release}/remove", respond.Handle(h.removeRelease))
	})
}

// MountIn is the part of the room below a community's address: what names a product by its number finds it there.
func MountIn(r chi.Router, on Stores) {
	r.Get("/products/{number}", respond.Handle(handlers{on}.byNumber))
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }

// slug is the product that an address names.
func slug(r *http.Request) string { return form.Clean(chi.URLParam(r, "product"), product.MaxSlug) }

func releaseSlug(r *http.Request) string {
	return form.Clean(chi.URLParam(r, "release"), product.MaxSlug)
}

// seatIn is the reader's seat in the umbrella, without visiting it.
func seatIn(r *http.Request, home community.Community) community.Seat {
	return here(r).Arrival.Seat(home)
}

// mayKeep reports whether the reader may change a product and its releases.
func mayKeep(r *http.Request, p product.Product) bool {
	return p.Makes || seatIn(r, p.Home).Can(community.KeepProducts)
}

// byNumber leads on to the product of a number, or to its release of another.
func (h handlers) byNumber(w http.ResponseWriter, r *http.Request) error {
	n, err := form.Number(chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	at, _ := strconv.ParseInt(r.URL.Query().Get("at"), 10, 32) // a broken one is none
	of, release, err := h.Products.At(r.Context(), here(r).Seat, n, int(at))
	switch {
	case err != nil:
		return err
	case release != "":
		return respond.SeeOther(w, r, link.Release(of, release))
	}
	return respond.SeeOther(w, r, link.Product(of))
}
