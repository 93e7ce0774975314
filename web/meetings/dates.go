package meetings

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountDates(r chi.Router, door guard.Door) {
	r.Get("/meetings/{meeting}/dates", respond.Handle(h.dates))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Post("/meetings/{meeting}/dates", respond.Handle(h.answerDates))
		r.Get("/meetings/{meeting}/dates/edit", respond.Handle(h.offerPage))
		r.Post("/meetings/{meeting}/dates/edit", respond.Handle(h.offer))
		r.Get("/meetings/{meeting}/dates/close", respond.Handle(h.closePollPage))
		r.Post("/meetings/{meeting}/dates/close", respond.Handle(h.closePoll))
		r.Post("/meetings/{meeting}/dates/remind", respond.Handle(h.remind))
		r.Get("/meetings/{meeting}/dates/{option}/choose", respond.Handle(h.choosePage))
		r.Post("/meetings/{meeting}/dates/{option}/choose", respond.Handle(h.choose))
		r.Get("/meetings/{meeting}/dates/{option}/remove", respond.Handle(h.takeOffPage))
		r.Post("/meetings/{meeting}/dates/{option}/remove", respond.Handle(h.takeOff))
		r.Get("/meetings/{meeting}/guests", respond.Handle(h.guestsPage))
		r.Post("/meetings/{meeting}/guests", respond.Handle(h.inviteGuests))
		r.Post("/meetings/{meeting}/guests/{guest}/again", respond.Handle(h.inviteGuestAgain))
		r.Get("/meetings/{meeting}/guests/{guest}/withdraw", respond.Handle(h.withdrawGuestPage))
		r.Post("/meetings/{meeting}/guests/{guest}/withdraw", respond.Handle(h.withdrawGuest))
	})
}

// sheet is what a poll shows: the dates, one's own answers to fill in where Action leads somewhere, and those of the others.
type sheet struct {
	meeting.Meeting
	Poll     meeting.Poll
	Here     string         // address of the page
	Action   string         // where answers go; empty: none are taken
	Zone     *time.Location // in which times are shown
	Zones    []string       // to choose among
	Slug     string
	Named    bool // other people stand in it by name
	Settles  bool // dates can be chosen and taken off
	Given    map[meeting.OptionID]meeting.DateAnswer
	Note     string
	Problems ui.Problems
}

// seeking is the page of a poll.
type seeking struct {
	frame
	sheet sheet
}

// sheetOf a meeting in the zone that the address asks for, else the meeting's own.
func sheetOf(r *http.Request, m meeting.Meeting, p meeting.Poll, here string) sheet {
	s := sheet{Meeting: m, Poll: p, Here: here, Zone: m.Location(), Zones: []string{m.Zone}, Given: map[meeting.OptionID]meeting.DateAnswer{}}
	if p.Mine != nil {
		s.Given, s.Note = p.Mine.Answers, p.Mine.Note
	}
	if name := form.Clean(r.URL.Query().Get("zone"), 60); name != "" && name != "Local" {
		if zone, err := time.LoadLocation(name); err == nil {
			s.Zone = zone
		}
	}
	return s
}

// address of the page or an act on it, in the zone that the reader chose.
func (s sheet) address(path string) string {
	if s.Zone.String() == s.Meeting.Zone {
		return path
	}
	return link.With(path, "zone", s.Zone.String())
}

func (h handlers) seeking(r *http.Request) (seeking, error) {
	v := here(r)
	n, err := number(r)
	if err != nil {
		return seeking{}, err
	}
	m, p, err := h.Meetings.Dates(r.Context(), v.Seat, n)
	if err != nil {
		return seeking{}, err
	}
	x := seeking{frame: h.frame(r, m, "dates")}
	x.sheet = sheetOf(r, m, p, x.at("dates"))
	x.sheet.Slug, x.sheet.Named, x.sheet.Settles = v.Seat.Slug, v.Seat.Inside(), v.Seat.Can(community.Schedule) && m.State == meeting.Finding
	x.sheet.Zones = append(x.sheet.Zones, v.Community.Zone)
	if p.Open(m.State) && v.Seat.Can(community.AnswerDates) {
		x.sheet.Action = x.at("dates")
	}
	return x, nil
}

func (h handlers) dates(w http.ResponseWriter, r *http.Request) error {
	x, err := h.seeking(r)
	if err != nil {
		return err
	}
	if !x.Sought && here(r).Seat.Can(community.Schedule) && x.State == meeting.Draft {
		return respond.SeeOther(w, r, x.at("dates/edit"))
	}
	if !x.Sought {
		return fault.NotFound
	}
	return respond.OK(w, r, x.page())
}

// readAnswers are the radio groups of a form: answer-<date>.
func readAnswers(in form.Values) meeting.Answers {
	a := meeting.Answers{To: map[meeting.OptionID]meeting.DateAnswer{}, Note: in.Body("note")}
	for name := range in.Values {
		digits, ok := strings.CutPrefix(name, "answer-")
		if !ok {
			continue
		}
		id, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			id = 0 // no date has it
		}
		a.To[meeting.OptionID(id)] = meeting.DateAnswer(in.Get(name))
	}
	return a
}

// again is the sheet with what was typed, and what is wrong with it.
func (s sheet) again(r *http.Request, a meeting.Answers, err error) sheet {
	given := map[meeting.OptionID]meeting.DateAnswer{}
	for id, answer := range s.Given {
		given[id] = answer
	}
	for id, answer := range a.To {
		given[id] = answer
	}
	s.Given, s.Note, s.Problems = given, a.Note, ui.ProblemsOf(r.Context(), err)
	return s
}

func (h handlers) answerDates(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.AnswerDates); err != nil {
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
	a := readAnswers(in)
	if err = in.Err(); err == nil {
		err = h.Meetings.AnswerDates(r.Context(), here(r).Seat, n, a)
	}
	if err != nil && len(fault.Problems(err)) == 0 {
		return err
	}
	x, failed := h.seeking(r)
	if failed != nil {
		return failed
	}
	if err != nil {
		x.sheet = x.sheet.again(r, a, err)
		x.Problems = x.sheet.Problems
		return respond.Again(w, r, x.page())
	}
	return respond.SeeOtherSaying(w, r, x.sheet.address(x.at("dates")), "poll.notice.answered")
}

func (h handlers) remind(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Schedule); err != nil {
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
	edition, err := strconv.Atoi(in.Get("edition"))
	if err != nil || edition < 1 {
		err = fault.One("remind", "choose")
	} else {
		_, err = h.Meetings.Remind(r.Context(), here(r).Seat, n, edition)
	}
	if err != nil && len(fault.Problems(err)) == 0 {
		return err
	}
	x, failed := h.seeking(r)
	if failed != nil {
		return failed
	}
	if err != nil {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	return respond.SeeOtherSaying(w, r, x.at("dates"), "poll.notice.reminded")
}
