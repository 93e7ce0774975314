package meetings

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// backlog is what waits for a meeting.
type backlog struct {
	meeting.Backlog
	Slug string
}

func (h handlers) backlog(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Meetings.Backlog(r.Context(), here(r).Seat)
	if err != nil {
		return err
	}
	return respond.OK(w, r, backlog{Backlog: all, Slug: here(r).Seat.Slug}.page())
}

// answering is the page on which coordinators say what becomes of a point.
type answering struct {
	meeting.Answering
	Slug     string
	Meeting  string // number chosen
	Place    string
	Act      string // that was tried
	Reason   string
	Problems ui.Problems
}

func (h handlers) answering(r *http.Request) (answering, error) {
	id, err := pointID(r)
	if err != nil {
		return answering{}, err
	}
	found, err := h.Meetings.Answering(r.Context(), here(r).Seat, id)
	if err != nil {
		return answering{}, err
	}
	a := answering{Answering: found, Slug: here(r).Seat.Slug}
	if found.Point.Meeting > 0 {
		a.Meeting = strconv.Itoa(found.Point.Meeting)
	} else if len(found.Coming) > 0 {
		a.Meeting = strconv.Itoa(found.Coming[0].Number)
	}
	return a, nil
}

func (h handlers) answerPage(w http.ResponseWriter, r *http.Request) error {
	a, err := h.answering(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, a.page())
}

// answered does what a coordinator decided about a point: the way on, or the page again.
func (h handlers) answered(w http.ResponseWriter, r *http.Request, act, notice string, do func(a answering) error) error {
	a, err := h.answering(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a.Act, a.Reason, a.Place = act, in.Body("reason"), in.Text("place")
	a.Meeting = in.Text("meeting")
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
	return respond.SeeOtherSaying(w, r, a.onwards(), notice)
}

// onwards is the agenda to which a point was put, or for which it was proposed; else the backlog.
func (a answering) onwards() string {
	n := a.Point.Meeting
	if chosen := count(a.Meeting); a.Act == "accept" && chosen > 0 {
		n = chosen
	}
	if n > 0 {
		return link.MeetingPart(a.Slug, n, "agenda")
	}
	return link.Backlog(a.Slug)
}

func (h handlers) accept(w http.ResponseWriter, r *http.Request) error {
	return h.answered(w, r, "accept", "agenda.notice.accepted", func(a answering) error {
		n := count(a.Meeting)
		if n < 0 {
			return fault.One("meeting", "choose")
		}
		return h.Meetings.Accept(r.Context(), here(r).Seat, a.Point.ID, n, max(count(a.Place), 0))
	})
}

func (h handlers) putOff(w http.ResponseWriter, r *http.Request) error {
	return h.answered(w, r, "later", "agenda.notice.later", func(a answering) error {
		return h.Meetings.PutOff(r.Context(), here(r).Seat, a.Point.ID, a.Reason)
	})
}

func (h handlers) decline(w http.ResponseWriter, r *http.Request) error {
	return h.answered(w, r, "decline", "agenda.notice.declined", func(a answering) error {
		return h.Meetings.Decline(r.Context(), here(r).Seat, a.Point.ID, a.Reason)
	})
}

func (h handlers) withdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := pointID(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Meetings.Withdraw(r.Context(), here(r).Seat, id); err != nil {
		return err
	}
	to := link.Backlog(here(r).Seat.Slug)
	if n := count(in.Text("meeting")); n > 0 {
		to = link.MeetingPart(here(r).Seat.Slug, n, "agenda")
	}
	return respond.SeeOtherSaying(w, r, to, "agenda.notice.withdrawn")
}

// roles is the form of who does what at a meeting.
type roles struct {
	frame
	meeting.Rotation
	Chosen  map[string]string
	Request string
}

func (h handlers) roles(r *http.Request) (roles, error) {
	v := here(r)
	if err := v.Seat.Must(community.Schedule); err != nil {
		return roles{}, err
	}
	n, err := number(r)
	if err != nil {
		return roles{}, err
	}
	m, err := h.Meetings.Head(r.Context(), v.Seat, n)
	if err != nil {
		return roles{}, err
	}
	found, err := h.Meetings.Rotation(r.Context(), v.Seat, n)
	if err != nil {
		return roles{}, err
	}
	x := roles{frame: h.frame(r, m, "agenda"), Rotation: found, Chosen: map[string]string{}, Request: uuid.NewString()}
	for _, d := range found.Duties {
		if d.Number > 0 {
			x.Chosen[d.Role] = strconv.Itoa(d.Number)
		}
	}
	return x, nil
}

func (h handlers) rolesPage(w http.ResponseWriter, r *http.Request) error {
	x, err := h.roles(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (h handlers) assign(w http.ResponseWriter, r *http.Request) error {
	x, err := h.roles(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	to := map[string]int{}
	for _, role := range meeting.Duties {
		x.Chosen[role] = in.Text(role)
		if to[role] = count(x.Chosen[role]); to[role] < 0 {
			to[role] = 1 << 30 // nobody has it
		}
	}
	if err = in.Err(); err == nil {
		err = h.Meetings.Assign(r.Context(), here(r).Seat, x.Number, to)
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at("agenda"), "agenda.notice.roles")
}
