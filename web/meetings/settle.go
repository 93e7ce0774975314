package meetings

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// settling is a page that asks before a date is chosen or taken off, or the poll closed without one.
type settling struct {
	seeking
	Option meeting.Option
	Told   int // members and guests who will hear of it
}

// settling is the page about the date that the address names; without one, about the poll.
func (h handlers) settling(r *http.Request) (settling, error) {
	if err := here(r).Seat.Must(community.Schedule); err != nil {
		return settling{}, err
	}
	x, err := h.seeking(r)
	if err != nil {
		return settling{}, err
	}
	s := settling{seeking: x, Told: here(r).Community.Members}
	digits := chi.URLParam(r, "option")
	if digits == "" {
		return s, nil
	}
	for _, o := range x.sheet.Poll.Options {
		if strconv.FormatInt(int64(o.ID), 10) == digits {
			s.Option = o
			return s, nil
		}
	}
	return s, fault.NotFound
}

// heard is how many people answered to the date.
func (s settling) heard() int { return s.Option.Yes + s.Option.IfNeedBe + s.Option.No }

func (h handlers) choosePage(w http.ResponseWriter, r *http.Request) error {
	s, err := h.settling(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, s.choosePage())
}

func (h handlers) choose(w http.ResponseWriter, r *http.Request) error {
	s, err := h.settling(r)
	if err != nil {
		return err
	}
	err = h.Meetings.Choose(r.Context(), here(r).Seat, s.Number, s.Option.ID)
	if len(fault.Problems(err)) > 0 {
		s.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, s.choosePage())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, s.home(), "poll.notice.chosen")
}

func (h handlers) takeOffPage(w http.ResponseWriter, r *http.Request) error {
	s, err := h.settling(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, s.takeOffPage())
}

func (h handlers) takeOff(w http.ResponseWriter, r *http.Request) error {
	s, err := h.settling(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	knowing, err := strconv.Atoi(in.Get("answers"))
	if err != nil {
		knowing = -1 // knows of none, and not even of that
	}
	err = h.Meetings.TakeOff(r.Context(), here(r).Seat, s.Number, s.Option.ID, knowing)
	if len(fault.Problems(err)) > 0 {
		s.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, s.takeOffPage())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, s.at("dates"), "poll.notice.taken-off")
}

func (h handlers) closePollPage(w http.ResponseWriter, r *http.Request) error {
	s, err := h.settling(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, s.closePage())
}

func (h handlers) closePoll(w http.ResponseWriter, r *http.Request) error {
	s, err := h.settling(r)
	if err != nil {
		return err
	}
	err = h.Meetings.ClosePoll(r.Context(), here(r).Seat, s.Number)
	if len(fault.Problems(err)) > 0 {
		s.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, s.closePage())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, s.home(), "poll.notice.closed")
}
