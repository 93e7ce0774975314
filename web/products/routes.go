// Package products is where the end products of the programme stand, with their releases and what they satisfy.
package products

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Products product.Store
	Criteria criterion.Store
	Items    item.Store
	Files    file.Store
	Marks    *item.Marks
	Now      func() time.Time
}

type handlers struct{ Stores }

// Mount the room.
func Mount(r chi.Router, door guard.Door, on Stores) {
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }
