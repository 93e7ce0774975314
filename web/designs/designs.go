// Package designs shows every shared part of the pages in every state.
package designs

import (
	"context"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// Mount the room.
func Mount(r chi.Router) {
	r.Get(link.Design, respond.Handle(func(w http.ResponseWriter, r *http.Request) error { return respond.OK(w, r, page()) }))
}

func problems(ctx context.Context) ui.Problems {
	var in fault.Invalid
	in.Check(false, "wrong", "required")
	in.Check(false, "wrong-area", "too-long", "max", 1000)
	return ui.ProblemsOf(ctx, in.Err())
}

func ago(ctx context.Context, d time.Duration) ui.When {
	return ui.When{At: visit.Of(ctx).Now.Add(-d)}
}
