package repertoire

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// authorship is the page on which an author says who else writes an entry.
type authorship struct {
	practice.Authorship
	Me                 int64
	Slug               string
	Name, Organisation string // typed
	Problems           ui.Problems
}

func (h handlers) authorship(r *http.Request) (authorship, error) {
	number, err := entry(r)
	if err != nil {
		return authorship{}, err
	}
	v := here(r)
	a, err := h.Entries.Authorship(r.Context(), v.Seat, number)
	return authorship{Authorship: a, Me: int64(v.Seat.Account), Slug: v.Seat.Slug}, err
}

func (h handlers) authors(w http.ResponseWriter, r *http.Request) error {
	a, err := h.authorship(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, a.page())
}

func (h handlers) addAuthor(w http.ResponseWriter, r *http.Request) error {
	a, err := h.authorship(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a.Name, a.Organisation = in.Text("name"), in.Text("organisation")
	if err = in.Err(); err == nil {
		err = h.Entries.AddAuthor(r.Context(), here(r).Seat, a.Number, practice.Named{Name: a.Name, Organisation: a.Organisation})
	}
	if len(fault.Problems(err)) > 0 {
		a.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, a.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.EntryAct(a.Slug, a.Number, "authors"), "entry.form.notice.author")
}

func (h handlers) dropAuthor(w http.ResponseWriter, r *http.Request) error {
	number, id, err := authorOf(r)
	if err != nil {
		return err
	}
	v := here(r)
	if err := h.Entries.DropAuthor(r.Context(), v.Seat, number, id); err != nil {
		return err
	}
	if _, err := h.Entries.Authorship(r.Context(), v.Seat, number); err != nil { // who took themselves away may be out of the room now
		return respond.SeeOtherSaying(w, r, link.Repertoire(v.Seat.Slug), "repertoire.notice.saved")
	}
	return respond.SeeOtherSaying(w, r, link.EntryAct(v.Seat.Slug, number, "authors"), "repertoire.notice.saved")
}

func (h handlers) placeAuthor(w http.ResponseWriter, r *http.Request) error {
	number, id, err := authorOf(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	place, _ := strconv.Atoi(in.Get("place")) // a broken one is the first
	if err := h.Entries.PlaceAuthor(r.Context(), here(r).Seat, number, id, place); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.EntryAct(here(r).Seat.Slug, number, "authors"))
}

// authorOf is whom beside the author of which entry an address names.
func authorOf(r *http.Request) (number int, id int64, err error) {
	if number, err = entry(r); err != nil {
		return 0, 0, err
	}
	if id, err = strconv.ParseInt(chi.URLParam(r, "id"), 10, 64); err != nil {
		return 0, 0, fault.NotFound
	}
	return number, id, nil
}
