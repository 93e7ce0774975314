package accounts

import (
	"bytes"
	"errors"
	"net/http"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/parting"
	"urbanfluxes.eu/koinon/internal/programme"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) dataPage(w http.ResponseWriter, r *http.Request) error {
	return respond.OK(w, r, dataPage())
}

// take answers with an archive of what is the reader's own.
func (h handlers) take(w http.ResponseWriter, r *http.Request) error {
	a := here(r).Account
	var b bytes.Buffer
	z := programme.NewZipSink(&b)
	err := z.File("README.md", []byte(locale.T(r.Context(), "accounts.data.readme")+"\n"))
	if err == nil {
		err = h.parting.Take(r.Context(), a.ID, z)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="koinon-`+a.Handle+`.zip"`)
	_, _ = w.Write(b.Bytes()) // the reader may have gone: nothing to tell anybody
	return nil
}

// leaving is the form that asks whether somebody means it, as typed.
type leaving struct {
	parting.Consequence
	Email    string
	Texts    string // "keep" or "remove"
	Problems ui.Problems
}

func (h handlers) leavePage(w http.ResponseWriter, r *http.Request) error {
	return h.askLeaving(w, r, http.StatusOK, leaving{Texts: "keep"})
}

func (h handlers) askLeaving(w http.ResponseWriter, r *http.Request, status int, l leaving) error {
	var err error
	if l.Consequence, err = h.parting.Consequence(r.Context(), here(r).Account.ID, locale.Of(r.Context())); err != nil {
		return err
	}
	return respond.Page(w, r, status, l.page())
}

func (h handlers) leave(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	typed := leaving{Email: in.Text("email"), Texts: in.Get("texts")}
	if err = in.Err(); err == nil {
		err = h.parting.Leave(r.Context(), here(r).Account, parting.Leaving{Email: typed.Email, Remove: typed.Texts == "remove"})
	}
	if len(fault.Problems(err)) > 0 {
		typed.Problems = ui.ProblemsOf(r.Context(), err)
		return h.askLeaving(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	if err := h.door.Sessions.Destroy(r.Context()); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Home, "accounts.notice.left")
}
