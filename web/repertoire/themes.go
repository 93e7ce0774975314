package repertoire

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// mountThemes mounts what several people said in their own words, for the coordinators.
func (h handlers) mountThemes(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/repertoire/themes", respond.Handle(h.themes))
		r.Post("/repertoire/themes/{theme}/gather", respond.Handle(h.gatherTheme))
		r.Post("/repertoire/themes/{theme}/dismiss", respond.Handle(h.dismissTheme))
		r.Post("/repertoire/themes/{theme}/restore", respond.Handle(h.restoreTheme))
	})
}

// themeList are the themes as the page shows them.
type themeList struct {
	Waiting, Dismissed []harvest.Theme
	Slug               string
	Problems           ui.Problems
}

func (h handlers) themeList(r *http.Request) (x themeList, err error) {
	x.Slug = here(r).Seat.Slug
	x.Waiting, x.Dismissed, err = h.Harvest.Themes(r.Context(), here(r).Seat)
	return x, err
}

func (h handlers) themes(w http.ResponseWriter, r *http.Request) error {
	x, err := h.themeList(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func themeOf(r *http.Request) (int64, error) {
	n, err := form.Number(chi.URLParam(r, "theme"))
	return int64(n), err
}

func (h handlers) gatherTheme(w http.ResponseWriter, r *http.Request) error {
	id, err := themeOf(r)
	if err == nil {
		err = h.Harvest.GatherTheme(r.Context(), here(r).Seat, id)
	}
	if len(fault.Problems(err)) > 0 {
		x, failed := h.themeList(r)
		if failed != nil {
			return failed
		}
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Gathered(here(r).Seat.Slug))
}

func (h handlers) dismissTheme(w http.ResponseWriter, r *http.Request) error {
	id, err := themeOf(r)
	if err == nil {
		err = h.Harvest.DismissTheme(r.Context(), here(r).Seat, id)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Themes(here(r).Seat.Slug), "themes.notice.dismissed")
}

func (h handlers) restoreTheme(w http.ResponseWriter, r *http.Request) error {
	id, err := themeOf(r)
	if err == nil {
		err = h.Harvest.RestoreTheme(r.Context(), here(r).Seat, id)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Themes(here(r).Seat.Slug)+"#theme-"+strconv.FormatInt(id, 10))
}
