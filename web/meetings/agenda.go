package meetings

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountAgenda(r chi.Router, door guard.Door) {
	r.Get("/meetings/{meeting}/agenda", respond.Handle(h.agenda))
	r.Get("/meetings/{meeting}/agenda/print", respond.Handle(h.printAgenda))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/meetings/{meeting}/agenda/new", respond.Handle(h.newPoint))
		r.Post("/meetings/{meeting}/agenda/new", respond.Handle(h.addPoint))
		r.Get("/meetings/{meeting}/agenda/propose", respond.Handle(h.proposePage))
		r.Post("/meetings/{meeting}/agenda/propose", respond.Handle(h.propose))
		r.Get("/meetings/{meeting}/agenda/roles", respond.Handle(h.rolesPage))
		r.Post("/meetings/{meeting}/agenda/roles", respond.Handle(h.assign))
		r.Post("/meetings/{meeting}/agenda/carry", respond.Handle(h.carryOn))
		r.Post("/meetings/{meeting}/agenda/questions", respond.Handle(h.askQuestion))
		r.Post("/meetings/{meeting}/agenda/questions/{question}", respond.Handle(h.tickQuestion))
		r.Get("/meetings/{meeting}/agenda/{point}/edit", respond.Handle(h.editPoint))
		r.Post("/meetings/{meeting}/agenda/{point}/edit", respond.Handle(h.revisePoint))
		r.Post("/meetings/{meeting}/agenda/{point}/move", respond.Handle(h.movePoint))
		r.Get("/meetings/{meeting}/agenda/{point}/remove", respond.Handle(h.leavePage))
		r.Post("/meetings/{meeting}/agenda/{point}/remove", respond.Handle(h.removePoint))
		r.Post("/meetings/{meeting}/agenda/{point}/later", respond.Handle(h.shelvePoint))
		r.Get("/meetings/backlog", respond.Handle(h.backlog))
		r.Get("/meetings/backlog/propose", respond.Handle(h.proposePage))
		r.Post("/meetings/backlog/propose", respond.Handle(h.propose))
		r.Get("/meetings/backlog/{point}", respond.Handle(h.answerPage))
		r.Post("/meetings/backlog/{point}/accept", respond.Handle(h.accept))
		r.Post("/meetings/backlog/{point}/later", respond.Handle(h.putOff))
		r.Post("/meetings/backlog/{point}/decline", respond.Handle(h.decline))
		r.Post("/meetings/backlog/{point}/withdraw", respond.Handle(h.withdraw))
	})
}

// pointID is the point that an address names.
func pointID(r *http.Request) (meeting.PointID, error) {
	n, err := idIn(r, "point")
	return meeting.PointID(n), err
}

func idIn(r *http.Request, name string) (int64, error) {
	digits := chi.URLParam(r, name)
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != digits {
		return 0, fault.NotFound
	}
	return n, nil
}

// meetingAndPoint that an address names.
func meetingAndPoint(r *http.Request) (int, meeting.PointID, error) {
	n, err := number(r)
	if err != nil {
		return 0, 0, err
	}
	id, err := pointID(r)
	return n, id, err
}

// agenda is the page of a meeting's agenda.
type agenda struct {
	frame
	meeting.Agenda
	Slots    []meeting.Slot
	Open     []meeting.Open // left from the meeting Last
	Last     int
	Ticked   []string
	Asked    question
	Request  string
	Plans    bool // the reader may change the agenda now
	Proposes bool
	Around   harvest.Around
}

// question as typed.
type question struct{ Point, Body, Lang, Request string }

func (h handlers) readAgenda(r *http.Request, n int) (agenda, error) {
	v := here(r)
	var around harvest.Around
	a, err := h.Meetings.Agenda(r.Context(), v.Seat, n, h.Harvest.Around(v.Seat, "meeting", n, &around))
	if err != nil {
		return agenda{}, err
	}
	x := agenda{frame: h.frame(r, a.Meeting, "agenda"), Agenda: a, Around: around, Slots: a.Slots(a.Points), Request: uuid.NewString(), Asked: question{Lang: string(locale.Of(r.Context())), Request: uuid.NewString()}}
	takes := a.State.Ahead() || a.State == meeting.Held && (a.Minutes == meeting.NoMinutes || a.Minutes == meeting.DraftMinutes)
	x.Plans = takes && v.Seat.Can(community.Schedule)
	x.Proposes = takes && v.Seat.Can(community.ProposePoint)
	if x.Plans {
		if x.Open, x.Last, err = h.Meetings.OpenPoints(r.Context(), v.Seat, n); err != nil {
			return agenda{}, err
		}
	}
	return x, nil
}

func (h handlers) agenda(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := h.readAgenda(r, n)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (h handlers) printAgenda(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := h.readAgenda(r, n)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.printPage())
}

// orAgain answers an act on the agenda: the way on, or the agenda with what is wrong.
func (h handlers) orAgain(w http.ResponseWriter, r *http.Request, n int, err error, to, notice string, keep func(*agenda)) error {
	if len(fault.Problems(err)) > 0 {
		x, again := h.readAgenda(r, n)
		if again != nil {
			return again
		}
		x.Problems = ui.ProblemsOf(r.Context(), err)
		if keep != nil {
			keep(&x)
		}
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	if notice == "" {
		return respond.SeeOther(w, r, to)
	}
	return respond.SeeOtherSaying(w, r, to, notice)
}

// movePoint puts a point one up, one down, or at the place to which it was dragged. The way back leads to the button that was pressed.
func (h handlers) movePoint(w http.ResponseWriter, r *http.Request) error {
	n, id, err := meetingAndPoint(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	step, place := 0, 0
	switch to := in.Text("to"); to {
	case "up":
		step = -1
	case "down":
		step = 1
	default:
		if place, err = strconv.Atoi(to); err != nil || place < 1 {
			if err = here(r).Seat.Must(community.Schedule); err == nil {
				err = fault.One("to", "choose")
			}
			return h.orAgain(w, r, n, err, "", "", nil)
		}
	}
	err = h.Meetings.MovePoint(r.Context(), here(r).Seat, n, id, step, place)
	return h.orAgain(w, r, n, err, link.MeetingPart(here(r).Seat.Slug, n, "agenda")+"#point-"+strconv.FormatInt(int64(id), 10), "", nil)
}

func (h handlers) carryOn(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err = in.Err(); err == nil {
		err = h.Meetings.CarryOn(r.Context(), here(r).Seat, n, in.Values["open"], in.Request())
	}
	return h.orAgain(w, r, n, err, link.MeetingPart(here(r).Seat.Slug, n, "agenda"), "agenda.notice.carried", func(x *agenda) { x.Ticked = in.Values["open"] })
}

func (h handlers) askQuestion(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	asked := question{Point: in.Text("point"), Body: in.Body("body"), Lang: in.Text("lang"), Request: in.Request().String()}
	point := 0
	if asked.Point != "" {
		if point, err = strconv.Atoi(asked.Point); err != nil {
			point = -1 // no point has it
		}
	}
	if err = in.Err(); err == nil {
		err = h.Meetings.Ask(r.Context(), here(r).Seat, n, meeting.NewQuestion{Point: meeting.PointID(point), Body: asked.Body, Lang: locale.Lang(asked.Lang), Request: uuid.MustParse(asked.Request)})
	}
	return h.orAgain(w, r, n, err, link.MeetingPart(here(r).Seat.Slug, n, "agenda")+"#questions", "agenda.notice.asked", func(x *agenda) { x.Asked = asked })
}

func (h handlers) tickQuestion(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	id, err := idIn(r, "question")
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	err = h.Meetings.TickQuestion(r.Context(), here(r).Seat, n, id, in.Chosen("done", "yes"))
	return h.orAgain(w, r, n, err, link.MeetingPart(here(r).Seat.Slug, n, "agenda")+"#question-"+strconv.FormatInt(id, 10), "", nil)
}

// about are the questions about a point; 0: about the whole.
func (x agenda) about(id meeting.PointID) []meeting.Question {
	var all []meeting.Question
	for _, q := range x.Questions {
		if q.Point == id {
			all = append(all, q)
		}
	}
	return all
}

// slot of a point in words: 10:00–10:20; a point without minutes begins when the one before it ends.
func slot(slots []meeting.Slot, n int) string {
	if n >= len(slots) {
		return ""
	}
	if s := slots[n]; s.Until.After(s.From) {
		return locale.Hours(s.From, s.Until, s.From.Location())
	}
	return slots[n].From.Format("15:04")
}

// timeLeft says how the points fit into the meeting.
func timeLeft(ctx context.Context, m meeting.Meeting, points []meeting.Point) (text, tone string) {
	left, known := m.Left(points)
	sum := meeting.TotalMinutes(points)
	switch {
	case sum == 0:
		return "", ""
	case !known:
		return locale.N(ctx, "agenda.together", sum), ""
	case left < 0:
		return locale.N(ctx, "agenda.overrun", -left), "warn"
	case left > 0:
		return locale.N(ctx, "agenda.unused", left), ""
	default:
		return locale.T(ctx, "agenda.fits"), "good"
	}
}
