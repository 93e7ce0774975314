package discussions

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	drafts "urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// kept is the draft for a place and what the form shows of it; without one only the place.
func (h handlers) kept(r *http.Request, place, back, tab string) (drafts.Draft, ui.Drafting, error) {
	show := ui.Drafting{Place: place, Back: back, Tab: tab}
	d, err := h.Drafts.Load(r.Context(), here(r).Account.ID, place)
	if errors.Is(err, fault.NotFound) {
		return d, show, nil
	}
	show.Loaded, show.Revision, show.SavedAt = true, d.Revision, d.At
	return d, show, err
}

// typedAgain is what a form that comes back knows of its draft.
func typedAgain(in form.Values, place, back string) ui.Drafting {
	revision, _ := strconv.Atoi(in.Get("draft")) // a broken one is none
	return ui.Drafting{Place: place, Back: back, Tab: in.Text("tab"), Revision: revision, Unsaved: true}
}

// saveDraft keeps what was typed by hand and leads back to the form. With a draft of another window in the way, again shows both.
func (h handlers) saveDraft(w http.ResponseWriter, r *http.Request, in form.Values, known ui.Drafting, again func(status int, known ui.Drafting, err error) error) error {
	me := here(r).Account.ID
	err := in.Err()
	if err == nil {
		_, err = h.Drafts.Save(r.Context(), me, known.Place, in.Values, known.Revision, known.Tab)
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Drafts.Load(r.Context(), me, known.Place)
		if err != nil {
			return err
		}
		known.Stale, known.Revision, known.Elsewhere = true, theirs.Revision, theirs.Words()
		return again(http.StatusConflict, known, nil)
	}
	if len(fault.Problems(err)) > 0 {
		return again(http.StatusUnprocessableEntity, known, err)
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(w, r, known.Back)
}

// sent forgets the draft of a form that was sent. Left behind, it harms nobody: it is logged, not shown.
func (h handlers) sent(r *http.Request, place string) {
	if err := h.Drafts.Drop(r.Context(), here(r).Account.ID, place); err != nil {
		slog.WarnContext(r.Context(), "draft not dropped", "error", err)
	}
}

// resume fills the form with its draft.
func (d draft) resume(from drafts.Draft) draft {
	d.Title, d.Body, d.Tags = from.Get("title"), from.Get("body"), from.Get("tags")
	if lang := from.Get("lang"); lang != "" {
		d.Lang = lang
	}
	if audience := from.Get("audience"); audience != "" {
		d.Audience = audience
	}
	if kind := from.Get("form"); kind != "" && d.Thread == 0 {
		d.Form = kind
	}
	if revision, err := strconv.Atoi(from.Get("revision")); err == nil && d.Thread != 0 {
		d.Revision = revision // the state from which the writing began: who was faster meanwhile is noticed on sending
	}
	return d
}

// resumed fills the answer box with its draft, if there is one.
func (t thread) resumed(a answer, found drafts.Draft) answer {
	a.Drafting = ui.Drafting{Place: link.ThreadAct(t.Slug, t.Number, "reply"), Back: link.Thread(t.Slug, t.Number) + "#answer", Tab: a.Request}
	if found.Revision == 0 {
		return a
	}
	a.Drafting.Loaded, a.Drafting.Revision, a.Drafting.SavedAt = true, found.Revision, found.At
	a.Body, a.Answers = found.Get("body"), found.Get("answers")
	if lang := found.Get("lang"); lang != "" {
		a.Lang = lang
	}
	return a
}

// carry keeps an answer to a thread that was moved away meanwhile as a draft there, and leads on to it. Any other failure stays what it is.
func (h handlers) carry(w http.ResponseWriter, r *http.Request, number int, in form.Values, failed error) error {
	if !errors.Is(failed, fault.NotFound) {
		return failed
	}
	slug, now, title, err := h.Discussions.Moved(r.Context(), here(r).Seat, number)
	if err != nil {
		return failed
	}
	place := link.ThreadAct(slug, now, "reply")
	_, known, err := h.kept(r, place, "", "")
	if err == nil {
		_, err = h.Drafts.Save(r.Context(), here(r).Account.ID, place, in.Values, known.Revision, in.Text("tab"))
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Discussion(slug, now, title)+"#answer", "discussions.notice.moved-meanwhile")
}

// withDraft fills the form with its draft, if there is one.
func (h handlers) withDraft(r *http.Request, d draft) (draft, error) {
	found, show, err := h.kept(r, d.action(), d.action(), d.Request)
	if show.Loaded {
		d = d.resume(found)
	}
	d.Drafting = show
	return d, err
}

// draftAct keeps a form by hand; done says that the answer is given.
func (h handlers) draftAct(w http.ResponseWriter, r *http.Request, in form.Values, d draft) (done bool, err error) {
	if !in.Chosen("act", "draft") {
		return false, nil
	}
	return true, h.saveDraft(w, r, in, d.Drafting, func(status int, known ui.Drafting, err error) error {
		d.Drafting, d.Problems = known, ui.ProblemsOf(r.Context(), err)
		return respond.Page(w, r, status, d.page())
	})
}
