package repertoire

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// heard is the one field, as typed, and what its writer noted before.
type heard struct {
	Body, Lang, Request string
	Notes               []practice.LibraryRow
	Slug                string
	Problems            ui.Problems
}

func (h handlers) heardPage(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.WriteEntry); err != nil {
		return err
	}
	x := heard{Lang: langOf(r), Request: uuid.NewString()}
	if err := h.notes(r, &x); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// notes are the reader's own drafts, below the field.
func (h handlers) notes(r *http.Request, x *heard) error {
	x.Slug = here(r).Seat.Slug
	seat := here(r).Seat
	page, err := h.Entries.Library(r.Context(), seat.Reach, practice.LibraryFilter{In: seat.Community, Mine: true, Drafts: true, Bare: true})
	x.Notes = page.Rows
	return err
}

// langOf is the language in which the reader is likely to write here.
func langOf(r *http.Request) string {
	v := here(r)
	if slices.Contains(v.Account.Languages, string(v.Community.Lang)) {
		return string(v.Community.Lang)
	}
	return string(locale.Of(r.Context()))
}

func (h handlers) note(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.WriteEntry); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x := heard{Body: in.Body("body"), Lang: in.Text("lang"), Request: in.Request().String()}
	if err = in.Err(); err == nil {
		_, err = h.Entries.Note(r.Context(), v.Seat, practice.Heard{Body: x.Body, Lang: locale.Lang(x.Lang), Request: in.Sent()})
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		if err := h.notes(r, &x); err != nil {
			return err
		}
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Heard(v.Seat.Slug), "repertoire.notice.noted")
}
