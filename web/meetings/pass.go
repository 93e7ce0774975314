package meetings

import (
	"errors"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// How often somebody may answer with one pass, and try addresses that are none.
const (
	passAnswers = 60 // in an hour
	passMisses  = 60 // in a quarter of an hour, from one network address
)

// passes is the door for those who hold a link from a letter.
type passes struct {
	handlers
	accounts account.Store
}

// MountPasses opens the pages that work with a link from a letter, signed in or not.
func MountPasses(r chi.Router, door guard.Door, on Stores) {
	h := passes{handlers: handlers{on}, accounts: door.Accounts}
	r.Get("/m/{token}", respond.Handle(lost(h.passPage)))
	r.Post("/m/{token}", respond.Handle(lost(h.answerByPass)))
	r.Post("/m/{token}/answer", respond.Handle(lost(h.sayByPass)))
}

// lost says of a link that leads nowhere, or not any more, what its holder can do.
func lost(do func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := do(w, r)
		switch {
		case errors.Is(err, fault.Gone):
			return respond.Page(w, r, http.StatusGone, lostPage("expired"))
		case errors.Is(err, fault.NotFound):
			return respond.Page(w, r, http.StatusNotFound, lostPage("unknown"))
		}
		return err
	}
}

// passed is what the holder of a pass sees: the meeting, and the own answers.
type passed struct {
	meeting.Passed
	Pass     meeting.Pass
	Token    string
	Now      time.Time
	sheet    sheet
	Rsvp     rsvpForm // of a published meeting
	Problems ui.Problems
}

// at is the address of the page itself.
func (x passed) at() string { return link.Pass(x.Token) }

// open is the request in the language of the pass, unless its holder chose another here, and what the pass shows.
func (h passes) open(w http.ResponseWriter, r *http.Request) (*http.Request, passed, error) {
	x := passed{Token: chi.URLParam(r, "token"), Now: h.Now()}
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the secret
	var err error
	if x.Pass, err = h.Meetings.OpenPass(r.Context(), x.Token); err != nil {
		if errors.Is(err, fault.NotFound) {
			if busy := h.accounts.Pace(r.Context(), "passes from "+guard.Address(r), passMisses, 15*time.Minute); busy != nil {
				return r, x, busy
			}
		}
		return r, x, err
	}
	if _, chosen := r.Cookie(guard.LanguageCookie); chosen != nil && !locale.Known(r.URL.Query().Get("lang")) && !here(r).SignedIn() {
		r = r.WithContext(locale.With(r.Context(), x.Pass.Lang))
		w.Header().Set("Content-Language", string(x.Pass.Lang))
	}
	if x.Passed, err = h.Meetings.Through(r.Context(), x.Pass); err != nil {
		return r, x, err
	}
	if x.State == meeting.Published {
		v, err := h.Meetings.InvitationOf(r.Context(), x.Pass)
		if err != nil {
			return r, x, err
		}
		x.Rsvp = rsvpForm{Invitation: v, Action: x.at() + "/answer", Wish: r.URL.Query().Get("answer"), Now: x.Now}
	}
	x.sheet = sheetOf(r, x.Meeting, x.Poll, x.at())
	if x.Poll.Open(x.State) {
		x.sheet.Action = x.at()
	}
	return r, x, nil
}

func (h passes) passPage(w http.ResponseWriter, r *http.Request) error {
	r, x, err := h.open(w, r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (h passes) answerByPass(w http.ResponseWriter, r *http.Request) error {
	r, x, err := h.open(w, r)
	if err != nil {
		return err
	}
	if err := h.accounts.Pace(r.Context(), "pass "+x.Token, passAnswers, time.Hour); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a := readAnswers(in)
	if err = in.Err(); err == nil {
		err = h.Meetings.AnswerDatesWith(r.Context(), x.Pass, a)
	}
	if len(fault.Problems(err)) > 0 {
		x.sheet = x.sheet.again(r, a, err)
		x.Problems = x.sheet.Problems
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.sheet.address(x.at()), "poll.notice.answered")
}

// sayByPass says whether the holder of a pass comes.
func (h passes) sayByPass(w http.ResponseWriter, r *http.Request) error {
	r, x, err := h.open(w, r)
	if err != nil {
		return err
	}
	if err := h.accounts.Pace(r.Context(), "pass "+x.Token, passAnswers, time.Hour); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a := readRsvp(in)
	if err = in.Err(); err == nil {
		err = h.Meetings.AnswerAs(r.Context(), x.Pass, a)
	}
	if len(fault.Problems(err)) > 0 {
		x.Rsvp = x.Rsvp.again(r, a, err)
		x.Problems = x.Rsvp.Problems
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at(), "answers.notice."+string(a.Answer))
}
