package repertoire

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// unusing is the question whether a report is to go.
type unusing struct {
	practice.WrittenUse
	Slug, Reason string
	Problems     ui.Problems
}

func (h handlers) removeUsePage(w http.ResponseWriter, r *http.Request) error {
	use, err := h.standingUse(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, unusing{WrittenUse: use, Slug: here(r).Seat.Slug}.page())
}

func (h handlers) removeUse(w http.ResponseWriter, r *http.Request) error {
	use, err := h.standingUse(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x := unusing{WrittenUse: use, Slug: here(r).Seat.Slug, Reason: in.Text("reason")}
	if err = in.Err(); err == nil {
		err = h.Entries.RemoveUse(r.Context(), here(r).Seat, use.Number, use.N, x.Reason)
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.EntryAct(x.Slug, use.Number, "uses"), "entry.use.notice.removed")
}

func (h handlers) restoreUse(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	n, err := form.Number(chi.URLParam(r, "use"))
	if err != nil {
		return err
	}
	slug, notice := here(r).Seat.Slug, "entry.use.notice.restored"
	err = h.Entries.RestoreUse(r.Context(), here(r).Seat, number, n)
	if len(fault.Problems(err)) > 0 {
		err, notice = nil, "entry.use.notice.too-late"
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.EntryUse(slug, number, n), notice)
}

// usesPage is a page of the reports of an entry.
type usesPage struct {
	practice.Uses
	Slug string
	City string // the filter
}

func (h handlers) uses(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := practice.UseFilter{City: form.Clean(q.Get("city"), 60)}
	f.Before, _ = form.Number(q.Get("before")) // what is no number begins at the newest
	f.After, _ = form.Number(q.Get("after"))
	page, err := h.Entries.Uses(r.Context(), here(r).Seat, number, f)
	if err != nil {
		return err
	}
	return respond.OK(w, r, usesPage{Uses: page, Slug: here(r).Seat.Slug, City: f.City}.page())
}

// at is the address of the list, with a filter and the place of a page.
func (t usesPage) at(city, name string, n int) string {
	page := ""
	if n > 0 {
		page = strconv.Itoa(n)
	}
	return link.With(link.EntryAct(t.Slug, t.Number, "uses"), "city", city, name, page)
}

// mayReport reports whether the visitor is offered to say "used it here".
func mayReport(v *visit.Visit, audience item.Audience) bool {
	return v.Seat.Can(community.UseEntry) && audience != item.Draft
}
