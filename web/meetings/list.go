package meetings

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
)

// index is the list of a community's meetings: what comes, and a page of what was.
type index struct {
	Slug   string
	Coming []meeting.Row
	Past   meeting.Page
	Before string
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	x := index{Slug: v.Seat.Slug, Before: form.Clean(r.URL.Query().Get("before"), 80)}
	var err error
	if x.Before == "" {
		if x.Coming, err = h.Meetings.Coming(r.Context(), v.Seat); err != nil {
			return err
		}
	}
	if x.Past, err = h.Meetings.Past(r.Context(), v.Seat, x.Before); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}
