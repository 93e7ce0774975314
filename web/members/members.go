// Package members is who belongs to a community, and letting people in.
package members

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

type handlers struct {
	communities community.Store
	accounts    account.Store
}

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, communities community.Store) {
	h := handlers{communities: communities, accounts: door.Accounts}
	r.Get("/members", respond.Handle(h.list))
	r.Get("/members/{number:[0-9]+}", respond.Handle(h.show))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/members.{format:json|csv}", respond.Handle(h.listAs))
		r.Get("/members/waiting", respond.Handle(h.waiting))
		r.Post("/members/waiting/{account:[0-9]+}", respond.Handle(h.decide))
		r.Get("/members/invite", respond.Handle(h.invitePage))
		r.Post("/members/invite", respond.Handle(h.invite))
		r.Post("/members/{number:[0-9]+}/role", respond.Handle(h.appoint))
		h.belonging(r)
	})
}

// directory is a page of the people list.
type directory struct {
	People  []community.Person
	Filter  community.PeopleFilter
	Next    int // number after which the next page begins; 0: none
	Members int
	Slug    string
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("view") == "competences" {
		return h.competences(w, r)
	}
	v, d := visit.Of(r.Context()), ask(r)
	people, more, err := h.communities.People(r.Context(), v.Seat, d.Filter)
	if err != nil {
		return err
	}
	d.People = people
	if more {
		d.Next = people[len(people)-1].Number
	}
	return respond.OK(w, r, d.page())
}

// ask is the list that an address asks for.
func ask(r *http.Request) directory {
	v, q := visit.Of(r.Context()), r.URL.Query()
	d := directory{Slug: v.Seat.Slug, Members: v.Community.Members, Filter: community.PeopleFilter{Words: form.Clean(q.Get("q"), 100), Perspective: q.Get("perspective")}}
	if d.Filter.Perspective != "stakeholder" && d.Filter.Perspective != "scientist" {
		d.Filter.Perspective = ""
	}
	d.Filter.After, _ = strconv.Atoi(q.Get("after")) // a broken one begins at the beginning
	if d.Filter.After < 0 || d.Filter.After > 1<<30 {
		d.Filter.After = 0
	}
	return d
}

func number(r *http.Request, name string) (int, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, name), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%s %q: %w", name, chi.URLParam(r, name), fault.NotFound)
	}
	return int(n), nil
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "number")
	if err != nil {
		return err
	}
	p, err := h.communities.Person(r.Context(), visit.Of(r.Context()).Seat, n)
	if err != nil {
		return err
	}
	return respond.OK(w, r, personPage(p, nil))
}

// queue is the page of those who wait. Who was to be declined without a sound reason stands open in it, with what was typed.
type queue struct {
	Requests []community.Request
	At       account.ID
	Reason   string
	Problems ui.Problems
}

func (h handlers) waiting(w http.ResponseWriter, r *http.Request) error {
	return h.queue(w, r, http.StatusOK, queue{})
}

func (h handlers) queue(w http.ResponseWriter, r *http.Request, status int, q queue) error {
	var err error
	if q.Requests, err = h.communities.Waiting(r.Context(), visit.Of(r.Context()).Seat); err != nil {
		return err
	}
	return respond.Page(w, r, status, q.page())
}

func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(chi.URLParam(r, "account"), 10, 64)
	if err != nil {
		return fmt.Errorf("request: %w", fault.NotFound)
	}
	seat, who := visit.Of(r.Context()).Seat, account.ID(id)
	notice := "members.notice.admitted"
	if in.Chosen("act", "decline") {
		notice = "members.notice.declined"
		if err = in.Err(); err == nil {
			err = h.communities.Decline(r.Context(), seat, who, in.Body(reasonOf(who)))
		}
	} else {
		err = h.communities.Admit(r.Context(), seat, who)
	}
	if len(fault.Problems(err)) > 0 {
		q := queue{At: who, Reason: in.Body(reasonOf(who)), Problems: ui.ProblemsOf(r.Context(), err)}
		for i := range q.Problems {
			q.Problems[i].Field = reasonOf(who)
		}
		return h.queue(w, r, http.StatusUnprocessableEntity, q)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Waiting(seat.Slug), notice)
}

func (h handlers) appoint(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	n, err := number(r, "number")
	if err != nil {
		return err
	}
	seat := visit.Of(r.Context()).Seat
	if err := seat.Must(community.Appoint); err != nil {
		return err
	}
	p, err := h.communities.Person(r.Context(), seat, n)
	if err != nil {
		return err
	}
	err = h.communities.Appoint(r.Context(), seat, n, in.Chosen("role", "coordinator"))
	if len(fault.Problems(err)) > 0 {
		return respond.Again(w, r, personPage(p, ui.ProblemsOf(r.Context(), err)))
	}
	if err != nil {
		return err
	}
	notice := "members.notice.appointed"
	if n == seat.Number && !in.Chosen("role", "coordinator") {
		notice = "members.notice.stepped-down"
	}
	return respond.SeeOtherSaying(w, r, link.Member(seat.Slug, n), notice)
}
