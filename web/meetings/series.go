package meetings

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// repeat is how a meeting comes again, as typed.
type repeat struct {
	Every, Count, Until, Except string
	Times                       [][2]time.Time // a preview
}

func readRepeat(in form.Values) repeat {
	return repeat{Every: in.Text("every"), Count: in.Text("count"), Until: in.Text("until_day"), Except: in.Text("except")}
}

// repeat is what was typed; what is no number is refused by the store.
func (t repeat) repeat() meeting.Repeat {
	r := meeting.Repeat{Every: t.Every, Until: t.Until, Except: t.Except}
	if t.Count != "" {
		n, err := strconv.Atoi(t.Count)
		if err != nil || n < 1 {
			n = -1
		}
		r.Count = n
	}
	return r
}

// previewSeries shows when the meetings of a series would be.
func (h handlers) previewSeries(w http.ResponseWriter, r *http.Request, p plan) error {
	var err error
	p.Repeat.Times, err = p.plan().Times(p.Repeat.repeat())
	if len(fault.Problems(err)) > 0 {
		p.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, p.page())
	}
	if err != nil {
		return err
	}
	return respond.OK(w, r, p.page())
}

// seriesShown is the page of a series.
type seriesShown struct {
	meeting.Series
	Slug     string
	Problems ui.Problems
}

func (h handlers) readSeries(r *http.Request) (seriesShown, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "series"), 10, 64)
	if err != nil || id < 1 {
		return seriesShown{}, fault.NotFound
	}
	found, err := h.Meetings.Series(r.Context(), here(r).Seat, id)
	return seriesShown{Series: found, Slug: here(r).Seat.Slug}, err
}

func (h handlers) series(w http.ResponseWriter, r *http.Request) error {
	x, err := h.readSeries(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (h handlers) publishSeries(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Schedule); err != nil {
		return err
	}
	x, err := h.readSeries(r)
	if err != nil {
		return err
	}
	err = h.Meetings.PublishSeries(r.Context(), here(r).Seat, x.ID)
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Series(x.Slug, x.ID), "meetings.notice.published")
}
