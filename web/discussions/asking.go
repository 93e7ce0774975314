package discussions

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// asking is the page of an act that needs a reason: hide, lock or report.
type asking struct {
	Act      string
	Thread   int
	Reply    int
	Slug     string
	Source   discussion.Source
	HTML     string
	Reason   string
	Before   bool // the reader has reported it already
	Problems ui.Problems
}

func (a asking) action() string {
	if a.Reply == 0 {
		return link.ThreadAct(a.Slug, a.Thread, a.Act)
	}
	return link.ReplyAct(a.Slug, a.Thread, a.Reply, a.Act)
}

// inquire gathers the page of an act for whoever may do it.
func (h handlers) inquire(r *http.Request, act string) (asking, error) {
	number, reply, err := place(r)
	if err != nil {
		return asking{}, err
	}
	v := here(r)
	may := community.Moderate
	if act == "report" {
		may = community.Report
	}
	if err := v.Seat.Must(may); err != nil {
		return asking{}, err
	}
	a := asking{Act: act, Thread: number, Reply: reply, Slug: v.Seat.Slug}
	if a.Source, err = h.Discussions.Written(r.Context(), v.Seat, number, reply); err != nil {
		return a, err
	}
	if act == "report" {
		at, err := h.Items.Reported(r.Context(), v.Seat, a.Source.ID)
		if err != nil {
			return a, err
		}
		a.Before = !at.IsZero()
	}
	a.HTML, err = h.preview(r, a.Source.Body)
	return a, err
}

func (h handlers) asked(act string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		a, err := h.inquire(r, act)
		if err != nil {
			return err
		}
		return respond.OK(w, r, a.page())
	}
}

// reasoned does an act with the reason that was typed, or shows its page again.
func (h handlers) reasoned(w http.ResponseWriter, r *http.Request, act, said string, do func(a asking) error) error {
	a, err := h.inquire(r, act)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a.Reason = in.Body("reason")
	if err = in.Err(); err == nil {
		err = do(a)
	}
	if len(fault.Problems(err)) > 0 {
		a.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, a.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, back(r, a.Thread, a.Reply), "discussions.notice."+said)
}

func (h handlers) hide(w http.ResponseWriter, r *http.Request) error {
	return h.reasoned(w, r, "hide", "hidden", func(a asking) error {
		return h.Discussions.Hide(r.Context(), here(r).Seat, a.Thread, a.Reply, a.Reason)
	})
}

func (h handlers) lock(w http.ResponseWriter, r *http.Request) error {
	return h.reasoned(w, r, "lock", "locked", func(a asking) error {
		return h.Discussions.Lock(r.Context(), here(r).Seat, a.Thread, a.Reason)
	})
}

func (h handlers) report(w http.ResponseWriter, r *http.Request) error {
	return h.reasoned(w, r, "report", "reported", func(a asking) error {
		return h.Discussions.Report(r.Context(), here(r).Seat, a.Thread, a.Reply, a.Reason)
	})
}
