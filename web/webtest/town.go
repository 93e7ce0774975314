package webtest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/web/guard"
)

// Town is a programme with one community, "basel", and one room mounted below it: all in a transaction that is rolled back.
type Town struct {
	T           *testing.T
	DB          pgx.Tx
	Site        http.Handler
	Communities community.Store
	Basel       community.ID
	Now         time.Time
}

// NewTown mounts a room below every community's address.
func NewTown(t *testing.T, mount func(*Town, chi.Router, guard.Door)) *Town {
	t.Helper()
	d := &Town{T: t, DB: testdb.Tx(t), Now: time.Now().UTC().Truncate(time.Second)}
	jobs, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	accounts, sessions := account.NewStore(d.DB, jobs, true, d.Clock), account.NewSessions(d.DB)
	door := guard.Door{DB: d.DB, Accounts: accounts, Store: sessions, Sessions: guard.NewSessions(sessions, false), Now: d.Clock}
	d.Communities = community.NewStore(d.DB, accounts, d.Clock)
	r := chi.NewRouter()
	r.Use(door.Arrive)
	r.Route("/c/{city}", func(r chi.Router) {
		r.Use(guard.Community)
		mount(d, r, door)
	})
	d.Site, d.Basel = r, d.Found("basel", "public", "open")
	return d
}

// Clock says what time it is in the town.
func (d *Town) Clock() time.Time { return d.Now }

// Found makes a community whose words exist in English and German, with a first charter.
func (d *Town) Found(slug, visibility, admission string) (id community.ID) {
	d.T.Helper()
	d.Row(&id, `insert into community (slug, kind, lang, languages, zone, visibility, admission, stage_since, founded, created_at)
		values ($1, 'city', 'de', array['de'], 'Europe/Zurich', $2, $3, $4::timestamptz::date, $4::timestamptz::date, $4) returning id`, slug, visibility, admission, d.Now)
	for _, lang := range []locale.Lang{locale.English, locale.German} {
		w := community.Words{Lang: lang, Name: slug, Summary: "summary in " + string(lang), Domain: "The *heat* of streets, in " + string(lang) + "."}
		if err := community.WriteWords(context.Background(), d.DB, id, w); err != nil {
			d.T.Fatal(err)
		}
	}
	d.Do(`insert into charter (community_id, version, made_at) values ($1, 1, $2)`, id, d.Now)
	d.Do(`insert into charter_text (community_id, version, lang, body, html) values ($1, 1, 'de', 'We listen.', '<p>We listen.</p>')`, id)
	return id
}

// Do runs a statement.
func (d *Town) Do(sql string, args ...any) {
	d.T.Helper()
	if _, err := d.DB.Exec(context.Background(), sql, args...); err != nil {
		d.T.Fatal(err)
	}
}

// Row reads the single value of a query.
func (d *Town) Row(into any, sql string, args ...any) {
	d.T.Helper()
	if err := d.DB.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		d.T.Fatal(err)
	}
}

// Person has an account and a session; nobody is the person without a name.
type Person struct {
	account.Account
	token string
}

// Person makes somebody with an account and a session.
func (d *Town) Person(name string) Person {
	d.T.Helper()
	id, err := account.Create(context.Background(), d.DB, account.Newcomer{Name: name, Email: strings.ToLower(name) + "@example.org", Lang: locale.English, At: d.Now})
	if err != nil {
		d.T.Fatal(err)
	}
	p := Person{Account: account.Account{ID: id, Name: name, Lang: locale.English}, token: "token of " + name}
	ends := d.Now.Add(24 * time.Hour)
	data, err := scs.GobCodec{}.Encode(ends, map[string]any{account.SessionAccount: int64(id)})
	if err != nil {
		d.T.Fatal(err)
	}
	sum := sha256.Sum256([]byte(p.Cookie()))
	d.Do(`insert into account_session (token_hash, account_id, data, expires_at) values ($1, $2, $3, $4)`, base64.RawURLEncoding.EncodeToString(sum[:]), id, data, ends)
	return p
}

// Cookie of the session.
func (p Person) Cookie() string { return base64.RawURLEncoding.EncodeToString([]byte(p.token)) }

// Seat of a person in a community, as the door works it out.
func (d *Town) Seat(p Person, slug string) community.Seat {
	d.T.Helper()
	sum := sha256.Sum256([]byte(p.Cookie()))
	a, err := community.Arrive(context.Background(), d.DB, base64.RawURLEncoding.EncodeToString(sum[:]), slug, d.Now)
	if err != nil || a.Community == nil {
		d.T.Fatalf("arrive at %s: %v", slug, err)
	}
	return a.Seat(*a.Community)
}

// Member puts a person into a community as if admitted.
func (d *Town) Member(name string, in community.ID, role string, as community.Perspective) Person {
	d.T.Helper()
	p := d.Person(name)
	d.Do(`update community set members = members + 1, last_member = last_member + 1 where id = $1`, in)
	d.Do(`insert into membership (community_id, account_id, number, state, role, perspective, bring, learn, asked_at, since)
		select $1, $2, last_member, 'member', $3, $4, 'time', 'shade', $5, $5 from community where id = $1`, in, p.ID, role, as, d.Now)
	return p
}

// Send asks for a page, or posts fields to it.
func (d *Town) Send(p Person, method, path string, fields url.Values) *httptest.ResponseRecorder {
	d.T.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(fields.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if p.token != "" {
		r.AddCookie(&http.Cookie{Name: "koinon", Value: p.Cookie()})
	}
	w := httptest.NewRecorder()
	d.Site.ServeHTTP(w, r)
	return w
}

// Get asks for a page.
func (d *Town) Get(p Person, path string) *httptest.ResponseRecorder {
	d.T.Helper()
	return d.Send(p, http.MethodGet, path, nil)
}

// Post sends a form.
func (d *Town) Post(p Person, path string, fields url.Values) *httptest.ResponseRecorder {
	d.T.Helper()
	return d.Send(p, http.MethodPost, path, fields)
}

// Want fails the test unless the answer has the status and the words.
func (d *Town) Want(w *httptest.ResponseRecorder, status int, words ...string) {
	d.T.Helper()
	if w.Code != status {
		d.T.Errorf("got status %d, want %d", w.Code, status)
	}
	for _, text := range words {
		if !strings.Contains(w.Body.String(), text) {
			d.T.Errorf("the page does not say %q", text)
		}
	}
}

// Letters are those enqueued so far, in their order.
func (d *Town) Letters() (all []account.Letter) {
	d.T.Helper()
	rows, err := d.DB.Query(context.Background(), `select args->'Letter' from river_job where kind = 'letter' order by id`)
	if err != nil {
		d.T.Fatal(err)
	}
	all, err = pgx.CollectRows(rows, pgx.RowTo[account.Letter])
	if err != nil {
		d.T.Fatal(err)
	}
	return all
}
