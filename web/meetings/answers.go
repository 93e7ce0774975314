package meetings

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountAnswers(r chi.Router, door guard.Door) {
	r.Get("/meetings/{meeting}/answers", respond.Handle(h.answers))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Post("/meetings/{meeting}/answers", respond.Handle(h.answer))
		r.Get("/meetings/{meeting}/answers.csv", respond.Handle(h.answersCSV))
		r.Get("/meetings/{meeting}/answers/sheet", respond.Handle(h.answersSheet))
		r.Post("/meetings/{meeting}/attendance", respond.Handle(h.record))
	})
}

// rsvpForm is where one person says whether they come, with a button for each answer.
type rsvpForm struct {
	meeting.Invitation
	Action   string
	From     string // the page to come back to: "overview" or ""
	Wish     string // what a link from a letter said: "yes", "maybe" or "no"
	Now      time.Time
	Problems ui.Problems
}

func readRsvp(in form.Values) meeting.Rsvp {
	a := meeting.Rsvp{Answer: meeting.Answer(in.Text("answer"))}
	if _, sent := in.Values["note"]; sent {
		note := in.Body("note")
		a.Note = &note
	}
	return a
}

// wished reports whether a link from a letter meant this answer. Who says yes comes in person where one can.
func (f rsvpForm) wished(a meeting.Answer) bool {
	all := f.Answers()
	return f.Wish == string(a) || f.Wish == "yes" && len(all) > 0 && a == all[0]
}

// again is the form as it was sent, with what is wrong.
func (f rsvpForm) again(r *http.Request, a meeting.Rsvp, err error) rsvpForm {
	f.Problems = ui.ProblemsOf(r.Context(), err)
	if a.Note != nil {
		f.Note = *a.Note
	}
	return f
}

// attended is the page about who comes and came.
type attended struct {
	frame
	meeting.Who
	Rsvp       rsvpForm
	Attendance attendance
}

func (h handlers) attended(r *http.Request) (attended, error) {
	n, err := number(r)
	if err != nil {
		return attended{}, err
	}
	m, who, err := h.Meetings.Who(r.Context(), here(r).Seat, n)
	if err != nil {
		return attended{}, err
	}
	x := attended{frame: h.frame(r, m, "answers"), Who: who}
	x.Rsvp = rsvpForm{Invitation: who.Invitation, Action: x.at("answers"), Now: x.Now}
	x.Attendance = attendance{frame: x.frame, People: who.People, Request: uuid.NewString(), Fresh: who.Came.Coming() == 0, Walked: make([]walked, 3)}
	return x, nil
}

// mayAnswer reports whether the reader is asked whether they come.
func (x attended) mayAnswer(seat community.Seat) bool {
	return seat.Can(community.Attend) && x.Rsvp.Open(x.Now)
}

// keeps reports whether the reader keeps attendance now.
func (x attended) keeps() bool {
	return x.Keeper && x.Named && (x.State == meeting.Published && x.Begun(x.Now) || x.State.Took()) && x.Minutes != meeting.ApprovedMinutes
}

// said are those who gave an answer; with none, those who gave none.
func (x attended) said(a meeting.Answer) []meeting.Attending {
	return slices.DeleteFunc(slices.Clone(x.People), func(p meeting.Attending) bool { return p.Answer != a })
}

// there are those who were there.
func (x attended) there() []meeting.Attending {
	return slices.DeleteFunc(slices.Clone(x.People), func(p meeting.Attending) bool { return p.Way == "" })
}

func (h handlers) answers(w http.ResponseWriter, r *http.Request) error {
	x, err := h.attended(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (h handlers) answer(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Attend); err != nil {
		return err
	}
	n, err := number(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a := readRsvp(in)
	if err = in.Err(); err == nil {
		err = h.Meetings.Answer(r.Context(), v.Seat, n, a)
	}
	if len(fault.Problems(err)) > 0 {
		x, again := h.attended(r)
		if again != nil {
			return again
		}
		x.Rsvp = x.Rsvp.again(r, a, err)
		x.Problems = x.Rsvp.Problems
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	to := link.MeetingPart(v.Seat.Slug, n, "answers")
	switch in.Get("from") {
	case "overview":
		to = link.Meeting(v.Seat.Slug, n)
	case "list":
		to = link.Meetings(v.Seat.Slug)
	}
	return respond.SeeOtherSaying(w, r, to, "answers.notice."+string(a.Answer))
}

// kept is attended for those who keep attendance alone.
func (h handlers) kept(r *http.Request) (attended, error) {
	x, err := h.attended(r)
	if err == nil && !x.Keeper {
		err = fault.Forbidden
	}
	return x, err
}

func (h handlers) answersSheet(w http.ResponseWriter, r *http.Request) error {
	x, err := h.kept(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.sheetPage())
}

func (h handlers) answersCSV(w http.ResponseWriter, r *http.Request) error {
	x, err := h.kept(r)
	if err != nil {
		return err
	}
	rows := make([][]string, 0, len(x.People))
	for _, p := range x.People {
		rows = append(rows, []string{p.Name, p.Organisation, string(p.Perspective), strconv.FormatBool(p.Guest != 0), string(p.Answer), p.Note, string(p.Way)})
	}
	return listing.CSV(w, x.Slug+"-"+code(x.Number)+"-answers", []string{"name", "organisation", "perspective", "guest", "answer", "note", "was_there"}, rows)
}
