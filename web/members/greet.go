package members

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

func (h handlers) newcomers(w http.ResponseWriter, r *http.Request) error {
	all, err := h.communities.Newcomers(r.Context(), visit.Of(r.Context()).Seat)
	if err != nil {
		return err
	}
	return respond.OK(w, r, newcomersPage(all))
}

// greeting is the form of a welcome, as typed.
type greeting struct {
	community.Newcomer
	Text     string
	Problems ui.Problems
}

func (h handlers) newcomer(r *http.Request) (community.Newcomer, error) {
	n, err := number(r, "number")
	if err != nil {
		return community.Newcomer{}, err
	}
	return h.communities.Newcomer(r.Context(), visit.Of(r.Context()).Seat, n)
}

func (h handlers) greetPage(w http.ResponseWriter, r *http.Request) error {
	n, err := h.newcomer(r)
	if err != nil {
		return err
	}
	v := visit.Of(r.Context())
	return respond.OK(w, r, greeting{Newcomer: n, Text: locale.In(n.Lang, "members.greet.prefilled", "community", v.Community.Name(n.Lang), "by", v.Account.Name)}.page())
}

func (h handlers) greet(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	n, err := number(r, "number")
	if err != nil {
		return err
	}
	v, greeted := visit.Of(r.Context()), false
	if in.Chosen("act", "in-person") {
		greeted, err = h.communities.GreetInPerson(r.Context(), v.Seat, n)
	} else if err = in.Err(); err == nil {
		greeted, err = h.communities.GreetByLetter(r.Context(), v.Seat, v.Account, n, in.Body("text"))
	}
	if len(fault.Problems(err)) > 0 {
		newcomer, gone := h.newcomer(r)
		if gone != nil {
			return gone
		}
		return respond.Again(w, r, greeting{Newcomer: newcomer, Text: in.Body("text"), Problems: ui.ProblemsOf(r.Context(), err)}.page())
	}
	if err != nil {
		return err
	}
	notice := "members.notice.greeted"
	if !greeted {
		notice = "members.notice.greeted-before"
	}
	return respond.SeeOtherSaying(w, r, link.Newcomers(v.Seat.Slug), notice)
}

func (h handlers) renewals(w http.ResponseWriter, r *http.Request) error {
	all, err := h.communities.Renewals(r.Context(), visit.Of(r.Context()).Seat)
	if err != nil {
		return err
	}
	return respond.OK(w, r, renewalsPage(all))
}
