package repertoire

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// mountForm is where entries are written, and what is done to one as a whole.
func (h handlers) mountForm(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/repertoire/new", respond.Handle(h.newPage))
		r.Post("/repertoire/new", respond.Handle(h.begin))
		r.Get("/repertoire/{entry}/edit", respond.Handle(h.edit))
		r.Post("/repertoire/{entry}/edit", respond.Handle(h.revise))
		r.Get("/repertoire/{entry}/authors", respond.Handle(h.authors))
		r.Post("/repertoire/{entry}/authors", respond.Handle(h.addAuthor))
		r.Post("/repertoire/{entry}/authors/{id:[0-9]+}/drop", respond.Handle(h.dropAuthor))
		r.Post("/repertoire/{entry}/authors/{id:[0-9]+}/place", respond.Handle(h.placeAuthor))
		r.Post("/repertoire/{entry}/remove", h.plainly("removed", h.Entries.Remove))
		r.Post("/repertoire/{entry}/restore", h.plainly("restored", h.Entries.Restore))
		r.Get("/repertoire/{entry}/hide", respond.Handle(h.asked("hide")))
		r.Post("/repertoire/{entry}/hide", respond.Handle(h.reasoned("hide", "hidden", h.Entries.Hide)))
		r.Post("/repertoire/{entry}/show", h.plainly("shown", h.Entries.Show))
		r.Get("/repertoire/{entry}/report", respond.Handle(h.asked("report")))
		r.Post("/repertoire/{entry}/report", respond.Handle(h.reasoned("report", "reported", h.Entries.Report)))
		r.Post("/repertoire/{entry}/thanks", respond.Handle(h.thank))
		r.Post("/repertoire/{entry}/follow", respond.Handle(h.followEntry))
	})
}

// plainly is an act of one button. What was not possible is said on a page of its own.
func (h handlers) plainly(said string, do func(context.Context, community.Seat, int) error) http.HandlerFunc {
	return respond.Handle(func(w http.ResponseWriter, r *http.Request) error {
		number, err := entry(r)
		if err != nil {
			return err
		}
		slug := here(r).Seat.Slug
		err = do(r.Context(), here(r).Seat, number)
		if problems := ui.ProblemsOf(r.Context(), err); problems.Any() {
			return respond.Again(w, r, refused{Problems: problems, Back: link.Entry(slug, number, "")}.page())
		}
		if err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, link.Entry(slug, number, ""), "discussions.notice."+said)
	})
}

// refused says why an act was not possible.
type refused struct {
	Problems ui.Problems
	Back     string
}

// gone is the page of an entry that was taken away, for those who could read it.
type gone struct {
	Slug    string
	Number  int
	Removal item.Removal
}

func (h handlers) gone(w http.ResponseWriter, r *http.Request, number int) error {
	removal, err := h.Entries.Removal(r.Context(), here(r).Seat, number)
	if err != nil {
		return err
	}
	return respond.Page(w, r, http.StatusGone, gone{Slug: here(r).Seat.Slug, Number: number, Removal: removal}.page())
}

// inquiry is the page of an act that needs a reason: hide or report.
type inquiry struct {
	practice.Whole
	Act, Slug, Reason string
	Problems          ui.Problems
}

// inquire gathers the page of an act for whoever may do it.
func (h handlers) inquire(r *http.Request, act string) (inquiry, error) {
	number, err := entry(r)
	if err != nil {
		return inquiry{}, err
	}
	v := here(r)
	may := community.Moderate
	if act == "report" {
		may = community.Report
	}
	if err := v.Seat.Must(may); err != nil {
		return inquiry{}, err
	}
	e, err := h.Entries.Read(r.Context(), v.Seat, number)
	if err == nil && act == "report" && e.Mine {
		err = fmt.Errorf("report own entry %d: %w", number, fault.Forbidden)
	}
	return inquiry{Whole: e, Act: act, Slug: v.Seat.Slug}, err
}

func (h handlers) asked(act string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		x, err := h.inquire(r, act)
		if err != nil {
			return err
		}
		return respond.OK(w, r, x.page())
	}
}

// reasoned does an act with the reason that was typed, or shows its page again.
func (h handlers) reasoned(act, said string, do func(context.Context, community.Seat, int, string) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		x, err := h.inquire(r, act)
		if err != nil {
			return err
		}
		in, err := form.Read(w, r)
		if err != nil {
			return err
		}
		x.Reason = in.Body("reason")
		if err = in.Err(); err == nil {
			err = do(r.Context(), here(r).Seat, x.Number, x.Reason)
		}
		if len(fault.Problems(err)) > 0 {
			x.Problems = ui.ProblemsOf(r.Context(), err)
			return respond.Again(w, r, x.page())
		}
		if err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, link.Entry(x.Slug, x.Number, ""), "discussions.notice."+said)
	}
}

func (h handlers) thank(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Entries.Thank(r.Context(), here(r).Seat, number, !in.Chosen("thanks", "back")); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Entry(here(r).Seat.Slug, number, "")+"#thanks")
}

// follow is how closely the reader follows the entry; nil for who belongs to no community.
func (h handlers) follow(r *http.Request, e practice.Whole) (*ui.Follow, error) {
	v := here(r)
	if !v.Seat.Can(community.FollowItem) || e.Draft() {
		return nil, nil
	}
	l, err := h.Notices.Level(r.Context(), v.Account.ID, v.Seat.Community, e.ID)
	if err != nil {
		return nil, err
	}
	return &ui.Follow{Action: link.EntryAct(v.Seat.Slug, e.Number, "follow"), Level: l.Level, From: l.From, Own: l.Own, Above: l.Above, Community: v.Community.Name(locale.Of(r.Context()))}, nil
}

func (h handlers) followEntry(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if err := seat.Must(community.FollowItem); err != nil {
		return err
	}
	number, err := entry(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	level := in.Text("level")
	switch level {
	case "":
		return fault.One("level", "choose")
	case ui.Inherit:
		level = ""
	}
	title, err := h.Notices.FollowItem(r.Context(), seat, "entry", number, level)
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Entry(seat.Slug, number, title), "follow.notice.saved")
}
