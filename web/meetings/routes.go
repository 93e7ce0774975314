// Package meetings is where a community plans, prepares and records its meetings.
package meetings

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Meetings    meeting.Store
	Harvest     harvest.Store
	Communities community.Store
	Items       item.Store
	Marks       *item.Marks
	Now         func() time.Time
	Base        string
	Sender      string // mail address that letters come from
}

type handlers struct{ Stores }

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	h.mountDates(r, door)
	h.mountAnswers(r, door)
	r.Get("/meetings", respond.Handle(h.list))
	r.Get("/meetings/{meeting}", respond.Handle(h.show))
	h.mountMinutes(r, door)
	r.Get("/meetings/series/{series}", respond.Handle(h.series))
	h.mountAgenda(r, door)
	h.mountCalendar(r)
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/meetings/new", respond.Handle(h.newPage))
		r.Post("/meetings/new", respond.Handle(h.schedule))
		r.Get("/meetings/{meeting}/edit", respond.Handle(h.edit))
		r.Post("/meetings/{meeting}/edit", respond.Handle(h.revise))
		r.Get("/meetings/{meeting}/publish", respond.Handle(h.publishPage))
		r.Post("/meetings/{meeting}/publish", respond.Handle(h.publish))
		r.Get("/meetings/{meeting}/call-off", respond.Handle(h.callOffPage))
		r.Post("/meetings/{meeting}/call-off", respond.Handle(h.callOff))
		r.Post("/meetings/{meeting}/hold", respond.Handle(h.hold))
		r.Post("/meetings/series/{series}/publish", respond.Handle(h.publishSeries))
	})
}

// number is the meeting that an address names.
func number(r *http.Request) (int, error) { return form.Number(chi.URLParam(r, "meeting")) }

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }
