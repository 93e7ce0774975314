package meetings

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// point is the form of a point, as typed. It adds one to an agenda, changes one there, or proposes one.
type point struct {
	Slug, Title, Form, Minutes, Lead, LeadName string
	Body, Lang, Place, Request                 string
	Number                                     int             // of the meeting; 0: proposed for one of the next
	ID                                         meeting.PointID // 0: a new one
	Proposal                                   bool
	Revision                                   int
	Members                                    []meeting.MemberName
	Points                                     []meeting.Point // on the agenda, to choose a place among
	Theirs                                     *meeting.PointText
	Problems                                   ui.Problems
}

func readPoint(in form.Values) point {
	p := point{Title: in.Text("title"), Form: in.Text("form"), Minutes: in.Text("minutes"), Lead: in.Text("lead"), LeadName: in.Text("lead_name"), Body: in.Body("body"), Lang: in.Text("lang"),
		Place: in.Text("place"), Request: in.Request().String()}
	p.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	return p
}

// text is what was typed, for the store; what is no number is refused there.
func (p point) text() meeting.PointText {
	t := meeting.PointText{Form: meeting.PointForm(p.Form), Title: p.Title, Lang: locale.Lang(p.Lang), Body: p.Body, Minutes: count(p.Minutes), Lead: count(p.Lead), LeadName: p.LeadName,
		Request: uuid.MustParse(p.Request), Revision: p.Revision}
	t.Place = max(count(p.Place), 0)
	return t
}

// count is a typed number; 0 for nothing, -1 for what is none.
func count(typed string) int {
	if typed == "" {
		return 0
	}
	n, err := strconv.ParseUint(typed, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

func typedPoint(t meeting.PointText) point {
	p := point{Title: t.Title, Form: string(t.Form), LeadName: t.LeadName, Body: t.Body, Lang: string(t.Lang), Revision: t.Revision, Request: uuid.NewString()}
	if t.Minutes > 0 {
		p.Minutes = strconv.Itoa(t.Minutes)
	}
	if t.Lead > 0 {
		p.Lead = strconv.Itoa(t.Lead)
	}
	return p
}

// pointForm completes a form with what it offers. The number of its meeting is 0 for the backlog.
func (h handlers) pointForm(r *http.Request, p point) (point, error) {
	v := here(r)
	p.Slug = v.Seat.Slug
	var err error
	if p.Members, err = h.Meetings.Choosable(r.Context(), v.Seat); err != nil {
		return p, err
	}
	if chi.URLParam(r, "meeting") == "" {
		return p, nil
	}
	if p.Number, err = number(r); err != nil {
		return p, err
	}
	a, err := h.Meetings.Agenda(r.Context(), v.Seat, p.Number)
	p.Points = a.Points
	return p, err
}

func (h handlers) newPoint(w http.ResponseWriter, r *http.Request) error {
	return h.emptyPoint(w, r, community.Schedule, false)
}

func (h handlers) proposePage(w http.ResponseWriter, r *http.Request) error {
	return h.emptyPoint(w, r, community.ProposePoint, true)
}

func (h handlers) emptyPoint(w http.ResponseWriter, r *http.Request, may community.Permission, proposal bool) error {
	v := here(r)
	if err := v.Seat.Must(may); err != nil {
		return err
	}
	p, err := h.pointForm(r, point{Form: string(meeting.PointForms[1]), Lang: string(v.Community.Lang), Proposal: proposal, Request: uuid.NewString()})
	if err != nil {
		return err
	}
	return respond.OK(w, r, p.page())
}

func (h handlers) addPoint(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Schedule); err != nil {
		return err
	}
	return h.takePoint(w, r, false)
}

func (h handlers) propose(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.ProposePoint); err != nil {
		return err
	}
	return h.takePoint(w, r, true)
}

// takePoint takes the form of a new point.
func (h handlers) takePoint(w http.ResponseWriter, r *http.Request, proposal bool) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	p, err := h.pointForm(r, readPoint(in))
	if err != nil {
		return err
	}
	p.Proposal = proposal
	notice := "agenda.notice.added"
	switch err = in.Err(); {
	case err != nil:
	case proposal:
		notice = "agenda.notice.proposed"
		err = h.Meetings.Propose(r.Context(), here(r).Seat, p.Number, p.text())
	default:
		err = h.Meetings.AddPoint(r.Context(), here(r).Seat, p.Number, p.text())
	}
	return p.answer(w, r, err, notice)
}

// answer to a form that was sent: the way on, or the form again.
func (p point) answer(w http.ResponseWriter, r *http.Request, err error, notice string) error {
	if len(fault.Problems(err)) > 0 {
		p.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, p.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, p.back(), notice)
}

func (p point) action() string {
	switch {
	case p.Number == 0:
		return link.Backlog(p.Slug) + "/propose"
	case p.Proposal:
		return link.MeetingPart(p.Slug, p.Number, "agenda/propose")
	case p.ID == 0:
		return link.MeetingPart(p.Slug, p.Number, "agenda/new")
	default:
		return link.AgendaPoint(p.Slug, p.Number, int64(p.ID), "edit")
	}
}

func (p point) back() string {
	switch {
	case p.Number == 0:
		return link.Backlog(p.Slug)
	case p.ID > 0:
		return link.MeetingPart(p.Slug, p.Number, "agenda") + "#point-" + strconv.FormatInt(int64(p.ID), 10)
	default:
		return link.MeetingPart(p.Slug, p.Number, "agenda")
	}
}

// standingPoint is the form with what stands.
func (h handlers) standingPoint(r *http.Request) (point, error) {
	n, id, err := meetingAndPoint(r)
	if err != nil {
		return point{}, err
	}
	t, err := h.Meetings.PlannedPoint(r.Context(), here(r).Seat, n, id)
	if err != nil {
		return point{}, err
	}
	p := typedPoint(t)
	p.ID = id
	return h.pointForm(r, p)
}

func (h handlers) editPoint(w http.ResponseWriter, r *http.Request) error {
	p, err := h.standingPoint(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, p.page())
}

func (h handlers) revisePoint(w http.ResponseWriter, r *http.Request) error {
	stands, err := h.standingPoint(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	p := readPoint(in)
	p.Slug, p.Number, p.ID, p.Members, p.Points = stands.Slug, stands.Number, stands.ID, stands.Members, stands.Points
	if err = in.Err(); err == nil {
		err = h.Meetings.RevisePoint(r.Context(), here(r).Seat, p.Number, p.ID, p.text())
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Meetings.PlannedPoint(r.Context(), here(r).Seat, p.Number, p.ID)
		if err != nil {
			return err
		}
		p.Theirs, p.Revision = &theirs, theirs.Revision
		return respond.Page(w, r, http.StatusConflict, p.page())
	}
	return p.answer(w, r, err, "agenda.notice.saved")
}

// leaving is the page that asks how a point leaves the agenda.
type leaving struct {
	point
	Reason string
}

func (h handlers) leavePage(w http.ResponseWriter, r *http.Request) error {
	p, err := h.standingPoint(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, leaving{point: p}.page())
}

func (h handlers) removePoint(w http.ResponseWriter, r *http.Request) error {
	p, err := h.standingPoint(r)
	if err != nil {
		return err
	}
	err = h.Meetings.RemovePoint(r.Context(), here(r).Seat, p.Number, p.ID)
	return leaving{point: p}.answer(w, r, err, "agenda.notice.removed")
}

func (h handlers) shelvePoint(w http.ResponseWriter, r *http.Request) error {
	p, err := h.standingPoint(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	l := leaving{point: p, Reason: in.Body("reason")}
	if err = in.Err(); err == nil {
		err = h.Meetings.Shelve(r.Context(), here(r).Seat, p.Number, p.ID, l.Reason)
	}
	return l.answer(w, r, err, "agenda.notice.later")
}

func (l leaving) answer(w http.ResponseWriter, r *http.Request, err error, notice string) error {
	if len(fault.Problems(err)) > 0 {
		l.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, l.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.MeetingPart(l.Slug, l.Number, "agenda"), notice)
}
