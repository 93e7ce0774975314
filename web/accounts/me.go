package accounts

import (
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"

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

// profile is the form of a person, as typed.
type profile struct {
	account.Profile
	Stale    bool
	Problems ui.Problems
}

func (h handlers) me(w http.ResponseWriter, r *http.Request) error {
	a := here(r).Account
	return respond.OK(w, r, profile{Profile: account.Profile{Revision: a.Revision, Name: a.Name, Organisation: a.Organisation, Sector: a.Sector, Languages: a.Languages,
		Lang: a.Lang, About: a.About, ProfileFor: a.ProfileFor, OrganisationFor: a.OrganisationFor, EmailFor: a.EmailFor}}.page())
}

func readProfile(in form.Values) account.Profile {
	circle := func(name string) account.For {
		n, err := strconv.Atoi(in.Get(name))
		if err != nil {
			return -1
		}
		return account.For(n)
	}
	revision, _ := strconv.Atoi(in.Get("revision")) // 0 is always stale
	return account.Profile{Revision: revision, Name: in.Text("name"), Organisation: in.Text("organisation"), Sector: in.Text("sector"), Languages: in.Values["languages"],
		Lang: locale.Lang(in.Text("lang")), About: in.Body("about"), ProfileFor: circle("profile-for"), OrganisationFor: circle("organisation-for"), EmailFor: circle("email-for")}
}

func (h handlers) describe(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	p := profile{Profile: readProfile(in)}
	err = in.Err()
	if err == nil {
		err = h.accounts.Describe(r.Context(), here(r).Account.ID, p.Profile)
	}
	if conflict, stale := fault.Stale(err); stale {
		p.Revision, p.Stale = conflict.Revision, true
		return respond.Page(w, r, http.StatusConflict, p.page())
	}
	if len(fault.Problems(err)) > 0 {
		p.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, p.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Me, "accounts.notice.saved")
}

func (h handlers) sessions(w http.ResponseWriter, r *http.Request) error {
	list, err := h.accounts.ListSessions(r.Context(), here(r).Account.ID)
	if err != nil {
		return err
	}
	return respond.OK(w, r, sessionsPage(list))
}

func (h handlers) revoke(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return fmt.Errorf("session: %w", fault.NotFound)
	}
	if err := h.accounts.Revoke(r.Context(), here(r).Account.ID, id); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.MySessions, "accounts.notice.revoked")
}

func (h handlers) signOutElsewhere(w http.ResponseWriter, r *http.Request) error {
	if err := h.accounts.SignOutElsewhere(r.Context(), here(r).Account.ID, here(r).Session.ID); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.MySessions, "accounts.notice.revoked")
}

// proof is the page that asks again who somebody is.
type proof struct {
	Next        string
	HasPassword bool
	Problems    ui.Problems
}

func (h handlers) confirmPage(w http.ResponseWriter, r *http.Request) error {
	has, err := h.accounts.HasPassword(r.Context(), here(r).Account.ID)
	if err != nil {
		return err
	}
	return respond.OK(w, r, proof{Next: link.Local(r.URL.Query().Get("next")), HasPassword: has}.page())
}

func (h handlers) confirm(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a, next := here(r).Account, link.Local(in.Text("next"))
	if in.Chosen("way", "mail") {
		if err := h.accounts.WantProof(r.Context(), a, guard.Address(r), next); err != nil {
			return err
		}
		return respond.SeeOther(w, r, link.SignInSent)
	}
	if err := h.accounts.Demand(r.Context(), a, in.Get("password"), guard.Address(r)); err != nil {
		if len(fault.Problems(err)) == 0 {
			return err
		}
		return respond.Again(w, r, proof{Next: next, HasPassword: true, Problems: ui.ProblemsOf(r.Context(), err)}.page())
	}
	if err := h.door.Begin(r.Context(), r, a.ID); err != nil {
		return err
	}
	return respond.SeeOther(w, r, next)
}

func (h handlers) passwordPage(w http.ResponseWriter, r *http.Request) error {
	return respond.OK(w, r, passwordPage(nil))
}

func (h handlers) setPassword(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	v := here(r)
	if err := h.accounts.SetPassword(r.Context(), v.Account, v.Session.ID, in.Get("password"), in.Get("again")); err != nil {
		if len(fault.Problems(err)) == 0 {
			return err
		}
		return respond.Again(w, r, passwordPage(ui.ProblemsOf(r.Context(), err)))
	}
	return respond.SeeOtherSaying(w, r, link.Me, "accounts.notice.password")
}

func (h handlers) addressPage(w http.ResponseWriter, r *http.Request) error {
	return respond.OK(w, r, addressPage("", nil))
}

func (h handlers) wantAddress(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.accounts.WantAddress(r.Context(), here(r).Account, in.Text("email"), guard.Address(r)); err != nil {
		if len(fault.Problems(err)) == 0 {
			return err
		}
		return respond.Again(w, r, addressPage(in.Text("email"), ui.ProblemsOf(r.Context(), err)))
	}
	return respond.SeeOther(w, r, link.SignInSent)
}

// withoutLang takes the passing language out of an address, so that the chosen one shows.
func withoutLang(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return link.Home
	}
	q := u.Query()
	q.Del("lang")
	u.RawQuery = q.Encode()
	return u.String()
}

// longFields of a kept form are shown to be read; the others travel along unseen.
func longFields(fields url.Values) (long, short []ui.Pair) {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, text := range fields[name] {
			if name == "body" || len(text) > 60 || strings.Contains(text, "\n") {
				long = append(long, ui.Pair{Name: name, Value: text})
			} else {
				short = append(short, ui.Pair{Name: name, Value: text})
			}
		}
	}
	return long, short
}

// deviceOf names the programme and system of a session in two words.
func deviceOf(agent string) string {
	pick := func(pairs ...string) string {
		for i := 0; i < len(pairs); i += 2 {
			if strings.Contains(agent, pairs[i]) {
				return pairs[i+1]
			}
		}
		return ""
	}
	browser := pick("Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari")
	system := pick("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS X", "macOS", "Linux", "Linux")
	return strings.TrimSpace(browser + " · " + system)
}
