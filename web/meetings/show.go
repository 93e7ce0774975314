package meetings

import (
	"net/http"
	"strconv"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// frame is what all pages of one meeting have in common. Tab is "", "agenda", "answers" or "minutes".
type frame struct {
	meeting.Meeting
	Slug     string
	Tab      string
	Problems ui.Problems
	Now      time.Time
}

// frame of a page; who opens any of them knows what was told of the meeting.
func (h handlers) frame(r *http.Request, m meeting.Meeting, tab string) frame {
	h.Marks.Read(here(r).Account.ID, m.ID, 0, here(r).Now)
	return frame{Meeting: m, Slug: here(r).Seat.Slug, Tab: tab, Now: h.Now()}
}

// code of a meeting, as people write it.
func code(number int) string { return "M-" + strconv.Itoa(number) }

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// at is the address of a page about a part of the meeting.
func (f frame) at(part string) string { return link.MeetingPart(f.Slug, f.Number, part) }

// home is the first page of the meeting.
func (f frame) home() string { return link.Meeting(f.Slug, f.Number) }

// shown is the first page of a meeting.
type shown struct {
	frame
	meeting.Whole
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := h.whole(r, n)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (h handlers) whole(r *http.Request, n int) (shown, error) {
	m, err := h.Meetings.Read(r.Context(), here(r).Seat, n)
	if err != nil {
		return shown{}, err
	}
	return shown{frame: h.frame(r, m.Meeting, ""), Whole: m}, nil
}

// asked is a page that asks before something that many will hear of.
type asked struct {
	frame
	Reason string
	Told   int // members who will hear of it
}

func (h handlers) ask(r *http.Request) (asked, error) {
	v := here(r)
	if err := v.Seat.Must(community.Schedule); err != nil {
		return asked{}, err
	}
	n, err := number(r)
	if err != nil {
		return asked{}, err
	}
	m, err := h.Meetings.Head(r.Context(), v.Seat, n)
	if err != nil {
		return asked{}, err
	}
	return asked{frame: h.frame(r, m, ""), Told: v.Community.Members}, nil
}

func (h handlers) callOffPage(w http.ResponseWriter, r *http.Request) error {
	a, err := h.ask(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, a.callOffPage())
}

func (h handlers) callOff(w http.ResponseWriter, r *http.Request) error {
	a, err := h.ask(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a.Reason = in.Body("reason")
	if err = in.Err(); err == nil {
		err = h.Meetings.CallOff(r.Context(), here(r).Seat, a.Number, a.Reason)
	}
	if len(fault.Problems(err)) > 0 {
		a.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, a.callOffPage())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, a.home(), "meetings.notice.called-off")
}

func (h handlers) hold(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	err = h.Meetings.Hold(r.Context(), here(r).Seat, n)
	if len(fault.Problems(err)) > 0 {
		x, again := h.whole(r, n)
		if again != nil {
			return again
		}
		x.frame.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Meeting(here(r).Seat.Slug, n), "meetings.notice.held")
}
