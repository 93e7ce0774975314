// Package criteria is where a community makes clear what makes an end product useful, and sees how far it is.
package criteria

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Criteria criterion.Store
	Harvest  harvest.Store
	Products product.Store
	Items    item.Store
	Attached file.Store
	Marks    *item.Marks
	Now      func() time.Time
	Base     string
}

type handlers struct{ Stores }

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Get("/criteria/{criterion}", respond.Handle(h.show))
	h.mountLogging(r, door)
	h.mountLife(r, door)
	h.mountClaims(r, door)
	h.mountImportance(r, door)
	h.mountHarvest(r, door)
	h.mountRegister(r, door)
}

// MountAcross is the part of the room that looks at all cities.
func MountAcross(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	h.mountMatrix(r)
}

// number is the criterion that an address names.
func number(r *http.Request) (int, error) { return numberOf(r, "criterion") }

func numberOf(r *http.Request, param string) (int, error) { return form.Number(chi.URLParam(r, param)) }

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }
