package discussions

import (
	"context"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// mountKeeping are the acts that keep order, on a thread and on its replies.
func (h handlers) mountKeeping(r chi.Router) {
	r.Get("/discussions/similar", respond.Handle(h.similar))
	for _, post := range []string{"/discussions/{thread}", "/discussions/{thread}/replies/{reply:[0-9]+}"} {
		r.Post(post+"/remove", h.plain("removed", h.Discussions.Remove))
		r.Post(post+"/restore", h.plain("restored", h.Discussions.Restore))
		r.Get(post+"/hide", respond.Handle(h.asked("hide")))
		r.Post(post+"/hide", respond.Handle(h.hide))
		r.Post(post+"/show", h.plain("shown", h.Discussions.Show))
		r.Get(post+"/report", respond.Handle(h.asked("report")))
		r.Post(post+"/report", respond.Handle(h.report))
	}
	r.Post("/discussions/{thread}/pin", h.plain("pinned", h.pin(true)))
	r.Post("/discussions/{thread}/unpin", h.plain("unpinned", h.pin(false)))
	r.Get("/discussions/{thread}/lock", respond.Handle(h.asked("lock")))
	r.Post("/discussions/{thread}/lock", respond.Handle(h.lock))
	r.Post("/discussions/{thread}/unlock", h.plain("unlocked", func(ctx context.Context, seat community.Seat, number, _ int) error {
		return h.Discussions.Unlock(ctx, seat, number)
	}))
	r.Get("/discussions/{thread}/move", respond.Handle(h.movePage))
	r.Post("/discussions/{thread}/move", respond.Handle(h.move))
}

// plain is an act of one button. What was not possible is said on a page of its own.
func (h handlers) plain(said string, do func(context.Context, community.Seat, int, int) error) http.HandlerFunc {
	return respond.Handle(func(w http.ResponseWriter, r *http.Request) error {
		number, reply, err := place(r)
		if err != nil {
			return err
		}
		err = do(r.Context(), here(r).Seat, number, reply)
		if problems := ui.ProblemsOf(r.Context(), err); problems.Any() {
			return respond.Again(w, r, refused{Problems: problems, Back: back(r, number, reply)}.page())
		}
		if err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, back(r, number, reply), "discussions.notice."+said)
	})
}

func (h handlers) pin(on bool) func(context.Context, community.Seat, int, int) error {
	return func(ctx context.Context, seat community.Seat, number, _ int) error {
		return h.Discussions.Pin(ctx, seat, number, on)
	}
}

// back is where an act on a post leads on to.
func back(r *http.Request, number, reply int) string {
	return at(here(r).Seat.Slug, number, "", reply)
}

// refused says why an act was not possible.
type refused struct {
	Problems ui.Problems
	Back     string
}

// elsewhere answers for a thread that is not to be read here: removed, moved away, or never there.
func (h handlers) elsewhere(w http.ResponseWriter, r *http.Request, number int, err error) error {
	seat := here(r).Seat
	switch {
	case errors.Is(err, fault.Gone):
		removal, err := h.Discussions.Removal(r.Context(), seat, number)
		if err != nil {
			return err
		}
		return respond.Page(w, r, http.StatusGone, gone{Slug: seat.Slug, Thread: number, Removal: removal}.page())
	case errors.Is(err, fault.NotFound):
		slug, now, title, moved := h.Discussions.Moved(r.Context(), seat, number)
		if moved != nil {
			return err // the first failure says what was sought
		}
		return respond.Moved(w, r, link.Discussion(slug, now, title))
	default:
		return err
	}
}

// gone is the page of a discussion that was taken away, for those who could read it.
type gone struct {
	Slug    string
	Thread  int
	Removal item.Removal
}

func (h handlers) similar(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if err := here(r).Seat.Must(community.Discuss); err != nil {
		return err
	}
	alike, err := h.alike(r, form.Clean(q.Get("title"), item.MaxTitle), form.Clean(q.Get("in"), 2))
	if err != nil {
		return err
	}
	return respond.OK(w, r, similar(here(r).Seat.Slug, alike))
}

func (h handlers) alike(r *http.Request, title, lang string) ([]discussion.Alike, error) {
	return h.Discussions.Similar(r.Context(), here(r).Seat, title, locale.Lang(lang))
}

// eventsAfter are the acts of power that happened after a reply and before the next.
func (t thread) eventsAfter(reply int) []discussion.Event {
	var all []discussion.Event
	for _, e := range t.Events {
		if e.After == reply {
			all = append(all, e)
		}
	}
	return all
}

// fromName is the community from which a thread was moved, in the reader's language; empty when the reader may not know it.
func fromName(e discussion.Event, l locale.Lang) string {
	if name := e.From[l]; name != "" {
		return name
	}
	for _, l := range locale.All {
		if name := e.From[l]; name != "" {
			return name
		}
	}
	return ""
}
