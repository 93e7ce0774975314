// Package webtest gives tests the whole site on a database of its own, and visitors in any seat.
package webtest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme/demo"
	"urbanfluxes.eu/koinon/web"
	"urbanfluxes.eu/koinon/web/letters"
)

// Site is the whole application with the demonstration programme, without a network.
type Site struct {
	Handler  http.Handler
	DB       *postgres.Pool
	Accounts account.Store
	Sessions *account.Sessions
	Marks    *item.Marks
	MailDir  string
	Log      *strings.Builder
	writer   *account.Writer
	Courier  *meeting.Courier
	asked    *asked
	mu       sync.Mutex
}

// Options of a site.
type Options struct {
	SignUpByInvitation bool
	NoDemo             bool
}

// New is a site on a database of its own.
func New(t testing.TB, options ...Options) *Site {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	pool, count := counted(t, testdb.NewURL(t))
	s := &Site{DB: pool, asked: count, MailDir: t.TempDir(), Sessions: account.NewSessions(pool), Marks: item.NewMarks(pool), Log: &strings.Builder{}}
	if !o.NoDemo {
		if err := demo.Load(context.Background(), pool, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	jobs, err := river.NewClient(riverpgxv5.New(pool.Pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.Accounts = account.NewStore(pool, jobs, !o.SignUpByInvitation, time.Now)
	transport, err := mail.NewTransport("", "koinon@example.org", s.MailDir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s.writer = &account.Writer{Store: s.Accounts, Compose: letters.Composer("http://koinon.test"), Send: transport.Send}
	s.Courier = &meeting.Courier{Store: meeting.NewStore(pool, time.Now), Compose: letters.MeetingComposer("http://koinon.test", "koinon@example.org"), Send: transport.Send}
	s.Handler = web.New(web.Site{DB: pool, Accounts: s.Accounts, Sessions: s.Sessions, Marks: s.Marks, Base: "http://koinon.test", Demo: true, MailDir: s.MailDir, MailFrom: "koinon@example.org",
		Log: slog.New(slog.NewTextHandler(lockedWriter{s}, nil)), Seen: func(string, string, int, time.Duration) {}, Now: time.Now, Ready: func(*http.Request) error { return nil }})
	return s
}

type lockedWriter struct{ s *Site }

func (w lockedWriter) Write(p []byte) (int, error) {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	return w.s.Log.Write(p)
}

// Logged is what the site wrote into its log so far.
func (s *Site) Logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Log.String()
}

// Deliver does the waiting background work: it writes every letter that was asked for, and says how many there were.
func (s *Site) Deliver(t testing.TB) int {
	t.Helper()
	letters := waiting[struct{ Letter account.Letter }](t, s, "letter")
	for _, l := range letters {
		if err := s.writer.Deliver(context.Background(), l.Letter); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range waiting[meeting.Round](t, s, meeting.Round{}.Kind()) {
		if err := s.Courier.Store.Call(context.Background(), r); err != nil {
			t.Fatal(err)
		}
	}
	errands := waiting[meeting.Errand](t, s, meeting.Errand{}.Kind())
	for _, e := range errands {
		if err := s.Courier.Deliver(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	return len(letters) + len(errands)
}

// waiting takes the jobs of a kind out of the queue, in their order.
func waiting[T any](t testing.TB, s *Site, kind string) []T {
	t.Helper()
	type job struct{ Args T }
	jobs, err := postgres.All[job](context.Background(), s.DB, `with done as (delete from river_job where kind = $1 returning id, args) select args from done order by id`, kind)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]T, 0, len(jobs))
	for _, j := range jobs {
		all = append(all, j.Args)
	}
	return all
}

// Tell does the waiting background work that tells people what concerns them, and says how many activities there were.
func (s *Site) Tell(t testing.TB) int {
	t.Helper()
	jobs := waiting[notice.Job](t, s, notice.Job{}.Kind())
	notices := notice.NewStore(s.DB, time.Now)
	for _, j := range jobs {
		if err := notices.Tell(context.Background(), j.Activity); err != nil {
			t.Fatal(err)
		}
	}
	return len(jobs)
}

// Mails are the letters sent, the newest first.
func (s *Site) Mails(t testing.TB) []mail.Kept {
	t.Helper()
	s.Deliver(t)
	all, err := mail.List(mail.Box(s.MailDir), 100)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// WithoutMeetings takes the meetings of the demonstration away, for tests that count meetings of their own.
func (s *Site) WithoutMeetings(t testing.TB) {
	t.Helper()
	if _, err := s.DB.Exec(context.Background(), `update item set removed_at = now() where kind = 'meeting'`); err != nil {
		t.Fatal(err)
	}
}

// Visitor is a browser without scripts.
type Visitor struct {
	t    testing.TB
	site *Site
	Jar  http.CookieJar
	Lang string
}

// Stranger comes without an account.
func (s *Site) Stranger(t testing.TB) *Visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Visitor{t: t, site: s, Jar: jar, Lang: "en"}
}

// As is somebody of the demonstration, signed in.
func (s *Site) As(t testing.TB, handle string) *Visitor {
	t.Helper()
	v := s.Stranger(t)
	var id int64
	if err := s.DB.QueryRow(context.Background(), `update account set lang = 'en' where handle = $1 returning id`, handle).Scan(&id); err != nil {
		t.Fatalf("%s: %v", handle, err)
	}
	sessions := web.SessionsFor(s.Sessions)
	ctx, err := sessions.Load(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	sessions.Put(ctx, account.SessionAccount, id)
	token, expiry, err := sessions.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	v.Jar.SetCookies(home, []*http.Cookie{{Name: "koinon", Value: token, Expires: expiry, Path: "/"}})
	return v
}

var home = &url.URL{Scheme: "http", Host: "koinon.test", Path: "/"}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// To is where a redirect leads.
func (a Answer) To() string { return a.Header.Get("Location") }

// Do sends a request with the visitor's cookies and keeps those that come back.
func (v *Visitor) Do(r *http.Request) Answer {
	v.t.Helper()
	r.Host = home.Host
	r.Header.Set("Accept-Language", v.Lang)
	for _, c := range v.Jar.Cookies(home) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.site.Handler.ServeHTTP(w, r)
	res := w.Result()
	defer res.Body.Close()
	v.Jar.SetCookies(home, res.Cookies())
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(body)}
}

// Get opens an address.
func (v *Visitor) Get(path string) Answer {
	v.t.Helper()
	return v.Do(httptest.NewRequest(http.MethodGet, path, nil))
}

// Post sends a form; pairs are name and value.
func (v *Visitor) Post(path string, pairs ...string) Answer {
	v.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.Do(r)
}

// Sees fails the test unless the answer has the status and the words in it.
func (a Answer) Sees(t testing.TB, status int, words ...string) Answer {
	t.Helper()
	if a.Status != status {
		t.Fatalf("got status %d, want %d: %s", a.Status, status, excerpt(a.Body))
	}
	for _, w := range words {
		if !strings.Contains(a.Body, w) {
			t.Errorf("%q is not on the page: %s", w, excerpt(a.Body))
		}
	}
	return a
}

// Misses fails the test when any of the words is on the page.
func (a Answer) Misses(t testing.TB, words ...string) Answer {
	t.Helper()
	for _, w := range words {
		if strings.Contains(a.Body, w) {
			t.Errorf("%q is on the page", w)
		}
	}
	return a
}

func excerpt(body string) string {
	if i := strings.Index(body, "<main"); i > 0 {
		body = body[i:]
	}
	return body[:min(len(body), 1500)]
}

// Cookies that the visitor holds.
func (v *Visitor) Cookies() []*http.Cookie { return v.Jar.Cookies(home) }

// WithoutCriteria takes the criteria and products of the demonstration away, as if they had never been, for tests that make their own.
func (s *Site) WithoutCriteria(t testing.TB) {
	t.Helper()
	_, err := s.DB.Exec(context.Background(), `do $$ begin
		update minute_line set item_id = null where item_id in (select id from item where kind = 'criterion');
		delete from item where kind = 'claim';
		update criterion_source set kept_from = null;
		delete from criterion_step;
		update criterion set state = 'raised', merged_into = null;
		delete from item where kind = 'criterion';
		delete from item where kind = 'release';
		delete from item where kind = 'product';
		delete from counter where series in ('criterion', 'product');
	end $$`)
	if err != nil {
		t.Fatal(err)
	}
}
