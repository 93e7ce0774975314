package meetings

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/letters"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// publishing asks before a meeting is published, and shows the letter that goes out with it.
type publishing struct {
	asked
	Letter letters.Meeting
	People int // who get the letter
}

func (h handlers) publishing(r *http.Request) (publishing, error) {
	a, err := h.ask(r)
	if err != nil {
		return publishing{}, err
	}
	p := publishing{asked: a}
	l, people, err := h.Meetings.Preview(r.Context(), here(r).Seat, a.Number, locale.Of(r.Context()))
	if err != nil {
		return p, err
	}
	p.Letter, p.People = letters.MeetingLetter(r.Context(), h.Base, l), people
	return p, nil
}

func (h handlers) publishPage(w http.ResponseWriter, r *http.Request) error {
	p, err := h.publishing(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, p.page())
}

func (h handlers) publish(w http.ResponseWriter, r *http.Request) error {
	p, err := h.publishing(r)
	if err != nil {
		return err
	}
	err = h.Meetings.Publish(r.Context(), here(r).Seat, p.Number)
	if len(fault.Problems(err)) > 0 {
		p.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, p.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, p.home(), "meetings.notice.published")
}
