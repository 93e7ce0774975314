package accounts

import (
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// entrance is what the sign-in and sign-up pages show.
type entrance struct {
	Name, Email, Next string
	Password          bool // the password form was the one that went wrong
	Kept              bool
	Open              bool
	Problems          ui.Problems
}

func (h handlers) entrance(r *http.Request) entrance {
	_, err := r.Cookie(guard.KeptCookie)
	return entrance{Next: link.Local(r.URL.Query().Get("next")), Kept: err == nil, Open: h.accounts.Open()}
}

func (h handlers) signInPage(w http.ResponseWriter, r *http.Request) error {
	if here(r).SignedIn() {
		return respond.SeeOther(w, r, nextOf(r, r.URL.Query().Get("next")))
	}
	return respond.OK(w, r, h.entrance(r).signInPage())
}

func (h handlers) signIn(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	e := h.entrance(r)
	e.Email, e.Next, e.Password = in.Text("email"), link.Local(in.Text("next")), true
	id, err := h.accounts.SignIn(r.Context(), e.Email, in.Get("password"), guard.Address(r))
	if err != nil {
		if len(fault.Problems(err)) == 0 {
			return err
		}
		e.Problems = ui.ProblemsOf(r.Context(), err).Rename("email", secondEmail)
		return respond.Again(w, r, e.signInPage())
	}
	if err := h.door.Begin(r.Context(), r, id); err != nil {
		return err
	}
	return respond.SeeOther(w, r, nextOf(r, e.Next))
}

func (h handlers) wantLink(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	e := h.entrance(r)
	e.Email, e.Next = in.Text("email"), link.Local(in.Text("next"))
	if err := h.accounts.WantLink(r.Context(), e.Email, guard.Address(r), e.Next, locale.Of(r.Context())); err != nil {
		if len(fault.Problems(err)) == 0 {
			return err
		}
		e.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, e.signInPage())
	}
	return respond.SeeOther(w, r, link.SignInSent)
}

func (h handlers) sent(w http.ResponseWriter, r *http.Request) error {
	return respond.OK(w, r, sentPage())
}

func (h handlers) linkPage(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	p, err := h.accounts.Peek(r.Context(), chi.URLParam(r, "token"))
	if errors.Is(err, fault.NotFound) || errors.Is(err, fault.Gone) {
		return respond.Page(w, r, respond.Status(err), spentPage())
	}
	if err != nil {
		return err
	}
	return respond.OK(w, r, opened{Personal: p, Token: chi.URLParam(r, "token")}.page())
}

// opened is the page behind a personal link.
type opened struct {
	account.Personal
	Token    string
	Typed    string
	Problems ui.Problems
}

func (h handlers) useLink(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	p, err := h.accounts.Use(r.Context(), token, in.Text("name"), locale.Of(r.Context()))
	switch {
	case errors.Is(err, fault.NotFound) || errors.Is(err, fault.Gone):
		return respond.Page(w, r, respond.Status(err), spentPage())
	case len(fault.Problems(err)) > 0:
		return respond.Again(w, r, opened{Personal: p, Token: token, Typed: in.Text("name"), Problems: ui.ProblemsOf(r.Context(), err)}.page())
	case err != nil:
		return err
	}
	if p.Purpose == "address" {
		return respond.SeeOtherSaying(w, r, link.Me, "accounts.notice.address")
	}
	if err := h.door.Begin(r.Context(), r, p.Account); err != nil {
		return err
	}
	if p.Purpose == "invitation" {
		return respond.SeeOther(w, r, link.Join(p.Community))
	}
	return respond.SeeOther(w, r, nextOf(r, p.Next))
}

func (h handlers) signUpPage(w http.ResponseWriter, r *http.Request) error {
	return respond.OK(w, r, h.entrance(r).signUpPage())
}

func (h handlers) signUp(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	e := h.entrance(r)
	e.Name, e.Email, e.Next = in.Text("name"), in.Text("email"), link.Local(in.Text("next"))
	err = in.Err()
	if err == nil {
		err = h.accounts.SignUp(r.Context(), e.Name, e.Email, guard.Address(r), e.Next, locale.Of(r.Context()))
	}
	if err != nil {
		if len(fault.Problems(err)) == 0 {
			return err
		}
		e.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, e.signUpPage())
	}
	return respond.SeeOther(w, r, link.SignInSent)
}

func (h handlers) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := h.door.Sessions.Destroy(r.Context()); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Home, "accounts.notice.signed-out")
}

func (h handlers) speak(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	lang := in.Text("lang")
	if !locale.Known(lang) {
		return fault.One("lang", "choose")
	}
	if v := here(r); v.SignedIn() {
		if err := h.accounts.Speak(r.Context(), v.Account.ID, locale.Lang(lang)); err != nil {
			return err
		}
	}
	http.SetCookie(w, &http.Cookie{Name: guard.LanguageCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: h.door.Secure})
	return respond.SeeOther(w, r, withoutLang(link.Local(in.Text("next"))))
}

// kept shows what was typed into an expired session, ready to be sent to where it was meant for.
func (h handlers) kept(w http.ResponseWriter, r *http.Request) error {
	c, err := r.Cookie(guard.KeptCookie)
	if err != nil {
		return fault.NotFound
	}
	if !here(r).SignedIn() {
		return respond.SeeOther(w, r, link.SignInThen(link.KeptText))
	}
	k, err := h.accounts.Kept(r.Context(), c.Value, here(r).Account.ID)
	if err != nil {
		return err
	}
	return respond.OK(w, r, keptPage(k))
}
