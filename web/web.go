// Package web is the site: the table of contents of its rooms, and the door before them.
package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzip"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/audit"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/desk"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/internal/search"
	"urbanfluxes.eu/koinon/web/accounts"
	"urbanfluxes.eu/koinon/web/admin"
	"urbanfluxes.eu/koinon/web/communities"
	"urbanfluxes.eu/koinon/web/criteria"
	"urbanfluxes.eu/koinon/web/designs"
	"urbanfluxes.eu/koinon/web/discussions"
	"urbanfluxes.eu/koinon/web/drafts"
	"urbanfluxes.eu/koinon/web/files"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/home"
	"urbanfluxes.eu/koinon/web/inbox"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/lookaround"
	"urbanfluxes.eu/koinon/web/mailbox"
	"urbanfluxes.eu/koinon/web/meetings"
	"urbanfluxes.eu/koinon/web/members"
	"urbanfluxes.eu/koinon/web/products"
	"urbanfluxes.eu/koinon/web/registers"
	"urbanfluxes.eu/koinon/web/repertoire"
	"urbanfluxes.eu/koinon/web/reports"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/searching"
	"urbanfluxes.eu/koinon/web/static"
	"urbanfluxes.eu/koinon/web/texts"
)

// Site is what the rooms stand on.
type Site struct {
	DB       postgres.DB
	Accounts account.Store
	Sessions *account.Sessions
	Marks    *item.Marks
	Base     string // such as https://koinon.example.org
	Secure   bool   // reached by https
	Demo     bool   // look around as somebody, and a mailbox
	MailDir  string
	MailFrom string // address that mails come from
	Trusted  []netip.Prefix
	Log      *slog.Logger
	Seen     func(method, route string, status int, took time.Duration)
	Ready    func(*http.Request) error
	Now      func() time.Time
}

// New is the whole site.
func New(s Site) http.Handler {
	door := guard.Door{DB: s.DB, Accounts: s.Accounts, Store: s.Sessions, Sessions: guard.NewSessions(s.Sessions, s.Secure), Secure: s.Secure, Now: s.Now}
	r := chi.NewRouter()
	r.Use(located(s.Trusted), named(s.Log, s.Seen), secured(s.Secure), caught, middleware.GetHead)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	r.Get("/readyz", s.ready)
	r.Handle("/static/*", static.Handler())
	r.Get("/favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, static.URL("icon.svg"), http.StatusFound)
	})
	r.Get("/robots.txt", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("User-agent: *\nDisallow: /sign-in\nDisallow: /sign-up\nDisallow: /me\nDisallow: /feeds\nDisallow: /unsubscribe\n"))
	})
	r.Group(func(r chi.Router) { s.rooms(r, door) })
	return r
}

func (s Site) rooms(r chi.Router, door guard.Door) {
	r.Use(Compressed(), uncached, limited, door.Arrive, crossOrigin())
	communityStore := community.NewStore(s.DB, s.Accounts, s.Now)
	items := item.NewStore(s.DB, s.Now)
	attached := file.NewStore(s.DB, s.Now)
	threads, feeds := discussion.NewStore(s.DB, s.Now), listing.Feeds{Base: s.Base}
	notices := notice.NewStore(s.DB, s.Now)
	meetingStore := meeting.NewStore(s.DB, s.Now)
	criteriaStores := criteria.Stores{Criteria: criterion.NewStore(s.DB, s.Now), Harvest: harvest.NewStore(s.DB, s.Now), Products: product.NewStore(s.DB, s.Now), Items: items, Attached: attached, Marks: s.Marks, Now: s.Now, Base: s.Base}
	entries := practice.NewStore(s.DB, s.Now)
	draftStore := draft.NewStore(s.DB, s.Now)
	drafts.Mount(r, door, drafts.Stores{Drafts: draftStore, Discussions: threads})
	home.Mount(r, door, home.Stores{Communities: communityStore, Items: items, Discussions: threads, Meetings: meetingStore, Criteria: criteriaStores.Criteria, Desk: desk.NewStore(s.DB, communityStore, s.Now), Feeds: feeds})
	accounts.Mount(r, door)
	files.Mount(r, door, attached)
	inbox.Mount(r, door, notices)
	searching.Mount(r, door, search.NewStore(s.DB, s.Now), s.Base)
	texts.Mount(r)
	designs.Mount(r)
	admin.Mount(r, door, admin.Stores{Communities: communityStore, Criteria: criteriaStores.Criteria})
	members.MountPeople(r, door, communityStore)
	gatherings := meetings.Stores{Meetings: meetingStore, Communities: communityStore, Items: items, Marks: s.Marks, Now: s.Now, Base: s.Base, Sender: s.MailFrom}
	meetings.MountPersonal(r, door, gatherings)
	meetings.MountPasses(r, door, gatherings)
	productStores := products.Stores{Products: criteriaStores.Products, Criteria: criteriaStores.Criteria, Items: items, Files: attached, Notices: notices, Marks: s.Marks, Now: s.Now}
	repertoire.MountAcross(r, repertoire.Stores{Entries: entries, Items: items})
	criteria.MountAcross(r.With(guard.Products), door, criteriaStores)
	products.Mount(r.With(guard.Products), door, productStores)
	if s.Demo {
		lookaround.Mount(r, door, lookaround.NewStore(s.DB))
		mailbox.Mount(r, s.MailDir)
	}
	r.Route("/c/{city}", func(r chi.Router) {
		r.Use(guard.Community)
		communities.Mount(r, door, communities.Stores{Communities: communityStore, Items: items, Meetings: meetingStore, Criteria: criteriaStores.Criteria, Notices: notices})
		members.Mount(r, door, communityStore)
		meetings.Mount(r, door, gatherings)
		registers.Mount(r, door, registers.Stores{Meetings: meetingStore, Marks: s.Marks, Now: s.Now})
		repertoire.Mount(r, door, repertoire.Stores{Entries: entries, Harvest: criteriaStores.Harvest, Items: items, Base: s.Base, Drafts: draftStore, Files: attached, Notices: notices})
		products.MountIn(r.With(guard.Products), productStores)
		criteria.Mount(r.With(guard.Products), door, criteriaStores)
		discussions.Mount(r, door, discussions.Stores{Discussions: threads, Items: items, Marks: s.Marks, Drafts: draftStore, Files: attached, Notices: notices, Feeds: feeds})
		reports.Mount(r, door, reports.Stores{Items: items, Discussions: threads, Audit: audit.NewStore(s.DB)})
		files.MountIn(r, door, attached)
		inbox.MountFollowing(r, door, notices)
	})
	r.NotFound(respond.Handle(func(http.ResponseWriter, *http.Request) error { return fault.NotFound }))
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) { respond.Fault(w, r, respond.ErrMethod) })
}

// Compressed gzips pages. The encoder of klauspost/compress does the same as the standard one in half the time.
func Compressed() func(http.Handler) http.Handler {
	c := middleware.NewCompressor(5, "text/html", "application/json", "application/atom+xml", "text/csv", "text/calendar")
	c.SetEncoder("gzip", func(w io.Writer, level int) io.Writer {
		z, err := gzip.NewWriterLevel(w, level)
		if err != nil {
			return nil // never: the level is ours
		}
		return z
	})
	return c.Handler
}

// crossOrigin refuses forms that another site sends in a reader's name.
func crossOrigin() func(http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(respond.Handle(func(http.ResponseWriter, *http.Request) error { return fault.Forbidden }))
	return protection.Handler
}

func (s Site) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.Ready(r); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", "error", err)
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

// SessionsFor is how scs keeps sessions here, for tools and tests that sign somebody in.
func SessionsFor(store *account.Sessions) *scs.SessionManager { return guard.NewSessions(store, false) }
