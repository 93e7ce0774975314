package repertoire

import (
	"errors"
	"log/slog"
	"net/http"

	drafts "urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// beside does what the other buttons of the form ask for: a look at it, another kind, or to keep it; done says that the answer is given.
func (h handlers) beside(w http.ResponseWriter, r *http.Request, in received, d writing) (done bool, err error) {
	switch {
	case in.Chosen("act", "draft"):
		return true, h.keep(w, r, in, d)
	case in.Chosen("act", "preview"):
		return true, h.preview(w, r, d, in.files.Err)
	case in.Chosen("act", "recast"):
		if to := practice.Form(in.Text("kind")); to.Known() {
			d.Fields, d.Form = d.Fields.Recast(d.Form, to), to
		}
		d.Problems = ui.ProblemsOf(r.Context(), in.files.Err)
		return true, respond.OK(w, r, d.page())
	}
	return false, nil
}

// preview shows how the text will look, in the form.
func (h handlers) preview(w http.ResponseWriter, r *http.Request, d writing, problems error) error {
	body := practice.Compose(d.Form, d.text(nil).Lang, d.Fields)
	names, err := h.Items.Resolve(r.Context(), here(r).Seat, body)
	if err != nil {
		return err
	}
	if d.Preview = markup.Render(body, names.Targets()); d.Preview == "" {
		d.Preview = "<p>–</p>"
	}
	d.Problems = ui.ProblemsOf(r.Context(), problems)
	return respond.OK(w, r, d.page())
}

// keep stores the form by hand and leads back to it. With a draft of another window in the way both are shown.
func (h handlers) keep(w http.ResponseWriter, r *http.Request, in received, d writing) error {
	me := here(r).Account.ID
	err := in.Err()
	if err == nil {
		_, err = h.Drafts.Save(r.Context(), me, d.action(), in.Values.Values, d.Drafting.Revision, d.Drafting.Tab)
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Drafts.Load(r.Context(), me, d.action())
		if err != nil {
			return err
		}
		d.Drafting.Stale, d.Drafting.Revision, d.Drafting.Elsewhere = true, theirs.Revision, theirs.Words()
		return respond.Page(w, r, http.StatusConflict, d.page())
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(w, r, d.back())
}

// kept is the draft for a place; revision 0: none.
func (h handlers) kept(r *http.Request, place string) (drafts.Draft, error) {
	found, err := h.Drafts.Load(r.Context(), here(r).Account.ID, place)
	if errors.Is(err, fault.NotFound) {
		return drafts.Draft{}, nil
	}
	return found, err
}

// sent forgets the draft of a form that was sent. Left behind, it harms nobody: it is logged, not shown.
func (h handlers) sent(r *http.Request, place string) {
	if err := h.Drafts.Drop(r.Context(), here(r).Account.ID, place); err != nil {
		slog.WarnContext(r.Context(), "draft not dropped", "error", err)
	}
}
