package meetings

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// guests is the page of those who come without an account, with the form that invites more.
type guests struct {
	frame
	Guests            []meeting.Guest
	People            string
	Perspective, Lang string
	Request           string
	Guest             meeting.Guest // whose invitation is to be taken back
}

func (h handlers) guests(r *http.Request) (guests, error) {
	v := here(r)
	if err := v.Seat.Must(community.Schedule); err != nil {
		return guests{}, err
	}
	n, err := number(r)
	if err != nil {
		return guests{}, err
	}
	m, all, err := h.Meetings.Guests(r.Context(), v.Seat, n)
	if err != nil {
		return guests{}, err
	}
	return guests{frame: h.frame(r, m, "guests"), Guests: all, Perspective: string(community.Stakeholder), Lang: string(v.Community.Lang), Request: uuid.NewString()}, nil
}

// guest of the page that the address names.
func (h handlers) guest(r *http.Request) (guests, error) {
	x, err := h.guests(r)
	if err != nil {
		return x, err
	}
	for _, g := range x.Guests {
		if strconv.FormatInt(int64(g.ID), 10) == chi.URLParam(r, "guest") {
			x.Guest = g
			return x, nil
		}
	}
	return x, fault.NotFound
}

func (h handlers) guestsPage(w http.ResponseWriter, r *http.Request) error {
	x, err := h.guests(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (h handlers) inviteGuests(w http.ResponseWriter, r *http.Request) error {
	x, err := h.guests(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x.People, x.Perspective, x.Lang, x.Request = in.Body("people"), in.Text("perspective"), in.Text("lang"), in.Request().String()
	if err = in.Err(); err == nil {
		_, err = h.Meetings.InviteGuests(r.Context(), here(r).Seat, x.Number, meeting.Listing{People: x.People, Perspective: community.Perspective(x.Perspective), Lang: locale.Lang(x.Lang), Request: uuid.MustParse(x.Request)})
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at("guests"), "guests.notice.invited")
}

func (h handlers) inviteGuestAgain(w http.ResponseWriter, r *http.Request) error {
	x, err := h.guest(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	return h.guestDone(w, r, x, "guests.notice.again", h.Meetings.InviteGuestAgain(r.Context(), here(r).Seat, x.Number, x.Guest.ID, in.Request()))
}

func (h handlers) withdrawGuestPage(w http.ResponseWriter, r *http.Request) error {
	x, err := h.guest(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.withdrawPage())
}

func (h handlers) withdrawGuest(w http.ResponseWriter, r *http.Request) error {
	x, err := h.guest(r)
	if err != nil {
		return err
	}
	return h.guestDone(w, r, x, "guests.notice.withdrawn", h.Meetings.WithdrawGuest(r.Context(), here(r).Seat, x.Number, x.Guest.ID))
}

// guestDone leads back to the list, or shows it with what went wrong.
func (h handlers) guestDone(w http.ResponseWriter, r *http.Request, x guests, notice string, err error) error {
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at("guests"), notice)
}
