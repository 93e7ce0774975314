// Package guard stands at the door: who comes, in which language, to which community, and may they come in.
package guard

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Door is what the guards need.
type Door struct {
	DB       postgres.DB
	Accounts account.Store
	Sessions *scs.SessionManager
	Store    *account.Sessions
	Secure   bool // the site is reached by https
	Now      func() time.Time
}

// NewSessions is scs as this site uses it: hashed tokens, a fixed end, nothing written by reading.
func NewSessions(store *account.Sessions, secure bool) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.HashTokenInStore = true
	m.Lifetime = account.SessionDays * 24 * time.Hour
	m.IdleTimeout = 0
	m.Cookie.Name = "koinon"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = secure
	m.Cookie.Persist = true
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { respond.Fault(w, r, err) }
	return m
}

// LanguageCookie keeps the language that a visitor chose.
const LanguageCookie = "lang"

// Arrive learns in one query who comes with which session to which community, and puts the visit into the request.
func (d Door) Arrive(next http.Handler) http.Handler {
	inner := d.Sessions.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash := d.tokenHash(r)
		arrival, err := community.Arrive(r.Context(), d.DB, hash, slugOf(r.URL.Path), d.Now())
		if err != nil {
			respond.Fault(w, r, err)
			return
		}
		v := &visit.Visit{Arrival: arrival, RequestID: visit.Of(r.Context()).RequestID, Path: r.URL.RequestURI(), Now: d.Now()}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			v.Path = link.Home
		}
		if c := v.Community; c != nil {
			v.Seat = arrival.Seat(*c)
			if v.Seat.MaySee() != nil {
				v.Community = nil
			}
		}
		lang := language(r, v)
		v.Notice = takeNotice(w, r)
		d.Store.Seen(v.Session.ID, v.Session.SeenAt, v.Now)
		ctx := visit.With(locale.With(r.Context(), lang), v)
		ctx = account.WithLoaded(ctx, hash, v.Session.Data)
		w.Header().Set("Content-Language", string(lang))
		w.Header().Add("Vary", "Accept-Language")
		inner.ServeHTTP(w, r.WithContext(ctx))
	})
}

// tokenHash is the hash of the session's token, as scs computes it for its store.
func (d Door) tokenHash(r *http.Request) string {
	c, err := r.Cookie(d.Sessions.Cookie.Name)
	if err != nil || c.Value == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(c.Value))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func slugOf(path string) string {
	rest, ok := strings.CutPrefix(path, "/c/")
	if !ok {
		return ""
	}
	slug, _, _ := strings.Cut(rest, "/")
	if strings.ContainsRune(slug, 0) || len(slug) > 60 || strings.ToValidUTF8(slug, "") != slug {
		return ""
	}
	return slug
}

// language: the address for this page only, else the person's own, else the one chosen before, else the browser's.
func language(r *http.Request, v *visit.Visit) locale.Lang {
	if l := r.URL.Query().Get("lang"); locale.Known(l) {
		return locale.Lang(l)
	}
	if v.SignedIn() {
		return v.Account.Lang
	}
	if c, err := r.Cookie(LanguageCookie); err == nil && locale.Known(c.Value) {
		return locale.Lang(c.Value)
	}
	return locale.Negotiate(r.Header.Get("Accept-Language"))
}

func takeNotice(w http.ResponseWriter, r *http.Request) string {
	c, err := r.Cookie(respond.NoticeCookie)
	if err != nil || r.Method != http.MethodGet {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: respond.NoticeCookie, Path: "/", MaxAge: -1})
	if !strings.Contains(c.Value, ".notice.") || !locale.Has(locale.English, c.Value) {
		return ""
	}
	return c.Value
}

// Community lets nobody on to a community that does not exist for them.
func Community(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if visit.Of(r.Context()).Community == nil {
			respond.Fault(w, r, fmt.Errorf("community %s: %w", slugOf(r.URL.Path), fault.NotFound))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// KeptCookie holds the token of a form that waits for its writer to sign in again.
const KeptCookie = "kept"

const maxKept = 400 << 10 // bytes of a form that is kept

// SignedIn leads strangers to the sign-in page. What they sent is kept, and waits for them there.
func (d Door) SignedIn(next http.Handler) http.Handler {
	return respond.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if visit.Of(r.Context()).SignedIn() {
			if err := d.deliver(w, r); err != nil {
				return err
			}
			next.ServeHTTP(w, r)
			return nil
		}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			return respond.SeeOther(w, r, link.SignInThen(r.URL.RequestURI()))
		}
		values, err := form.Read(w, r)
		if err != nil {
			return err
		}
		if values.Dropped() > 0 {
			values.Set(form.LostFiles, "yes")
		}
		if size(values.Values) > maxKept || !worthKeeping(values.Values) {
			return respond.SeeOther(w, r, link.SignInThen(link.Home))
		}
		owner, err := d.Accounts.ExpiredOwner(r.Context(), d.tokenHash(r))
		if err != nil {
			return err
		}
		token, err := d.Accounts.Keep(r.Context(), owner, Address(r), account.Kept{Path: r.URL.Path, Fields: values.Values})
		if err != nil {
			return err
		}
		http.SetCookie(w, &http.Cookie{Name: KeptCookie, Value: token, Path: "/", MaxAge: int(account.KeptFor / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: d.Secure})
		return respond.SeeOther(w, r, link.SignInThen(link.KeptText))
	})
}

// deliver lets a kept form go once its writer, signed in again, sends it.
func (d Door) deliver(w http.ResponseWriter, r *http.Request) error {
	c, err := r.Cookie(KeptCookie)
	if err != nil || r.Method != http.MethodPost {
		return nil
	}
	k, err := d.Accounts.Kept(r.Context(), c.Value, visit.Of(r.Context()).Account.ID)
	if err == nil && k.Path != r.URL.Path {
		return nil
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	http.SetCookie(w, &http.Cookie{Name: KeptCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: d.Secure})
	return d.Accounts.Forget(r.Context(), c.Value)
}

// passing fields are no text of anybody's.
var passing = map[string]bool{"request": true, "revision": true, "lang": true, "act": true, "thanks": true, "role": true, "next": true, "way": true, "answers": true, form.LostFiles: true, "with-files": true,
	"file": true, "drop": true, "draft": true, "tab": true, "level": true, "follow": true, "forget": true, "place": true, "upto": true, "list": true, "back": true, "done": true}

// worthKeeping tells a form with somebody's words from a mere button; one with a password is never kept.
func worthKeeping(v url.Values) bool {
	words := false
	for name, texts := range v {
		if name == "password" || name == "again" {
			return false
		}
		for _, text := range texts {
			words = words || !passing[name] && strings.TrimSpace(text) != ""
		}
	}
	return words
}

func size(v url.Values) int {
	n := 0
	for name, texts := range v {
		for _, text := range texts {
			n += len(name) + len(text)
		}
	}
	return n
}

// ProofLasts is how long ago a person may have shown who it is before a sensitive change.
const ProofLasts = 15 * time.Minute

// Proved asks again who somebody is before a sensitive change. It stands behind SignedIn.
func Proved(next http.Handler) http.Handler {
	return respond.Handle(func(w http.ResponseWriter, r *http.Request) error {
		v := visit.Of(r.Context())
		if v.Now.Sub(v.Session.ProvedAt) <= ProofLasts {
			next.ServeHTTP(w, r)
			return nil
		}
		return respond.SeeOther(w, r, link.With(link.ConfirmMyself, "next", r.URL.Path))
	})
}

// Products lets nobody into the rooms about end products where the programme makes none.
func Products(next http.Handler) http.Handler {
	return respond.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if !visit.Of(r.Context()).Products {
			return fmt.Errorf("criteria and products are switched off: %w", fault.NotFound)
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// Begin signs a person in: a new token, so that one known before is worth nothing.
func (d Door) Begin(ctx context.Context, r *http.Request, id account.ID) error {
	if err := d.Sessions.RenewToken(ctx); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	d.Sessions.Put(ctx, account.SessionAccount, int64(id))
	d.Sessions.Put(ctx, account.SessionAgent, strings.ToValidUTF8(r.UserAgent(), ""))
	return nil
}

// Address is the network address of a request, for rate limits; an IPv6 network of 64 bits counts as one.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip := net.ParseIP(host)
	if ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return host
}
