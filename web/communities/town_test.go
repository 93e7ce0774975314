package communities_test

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
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/web/communities"
	"urbanfluxes.eu/koinon/web/guard"
)

// town is a programme with one community, "basel", and the room mounted below it.
type town struct {
	t           *testing.T
	tx          pgx.Tx
	site        http.Handler
	communities community.Store
	basel       community.ID
	now         time.Time
}

func newTown(t *testing.T) *town {
	t.Helper()
	d := &town{t: t, tx: testdb.Tx(t), now: time.Now().UTC().Truncate(time.Second)}
	now := func() time.Time { return d.now }
	jobs, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	accounts, sessions := account.NewStore(d.tx, jobs, true, now), account.NewSessions(d.tx)
	door := guard.Door{DB: d.tx, Accounts: accounts, Store: sessions, Sessions: guard.NewSessions(sessions, false), Now: now}
	d.communities = community.NewStore(d.tx, accounts, now)
	r := chi.NewRouter()
	r.Use(door.Arrive)
	r.Route("/c/{city}", func(r chi.Router) {
		r.Use(guard.Community)
		communities.Mount(r, door, communities.Stores{Communities: d.communities, Items: item.NewStore(d.tx, now), Meetings: meeting.NewStore(d.tx, now), Notices: notice.NewStore(d.tx, now)})
	})
	d.site, d.basel = r, d.found("basel", "public", "open")
	return d
}

// found makes a community whose words exist in English and German, with a first charter.
func (d *town) found(slug, visibility, admission string) (id community.ID) {
	d.t.Helper()
	d.row(&id, `insert into community (slug, kind, lang, languages, zone, visibility, admission, stage_since, founded, created_at)
		values ($1, 'city', 'de', array['de'], 'Europe/Zurich', $2, $3, $4::timestamptz::date, $4::timestamptz::date, $4) returning id`, slug, visibility, admission, d.now)
	for _, lang := range []locale.Lang{locale.English, locale.German} {
		w := community.Words{Lang: lang, Name: slug + "-" + string(lang), Summary: "summary in " + string(lang), Domain: "The *heat* of streets, in " + string(lang) + "."}
		if err := community.WriteWords(context.Background(), d.tx, id, w); err != nil {
			d.t.Fatal(err)
		}
	}
	d.do(`insert into charter (community_id, version, made_at) values ($1, 1, $2)`, id, d.now)
	d.do(`insert into charter_text (community_id, version, lang, body, html) values ($1, 1, 'de', 'We listen.', '<p>We listen.</p>')`, id)
	return id
}

func (d *town) do(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.tx.Exec(context.Background(), sql, args...); err != nil {
		d.t.Fatal(err)
	}
}

// row reads the single value of a query.
func (d *town) row(into any, sql string, args ...any) {
	d.t.Helper()
	if err := d.tx.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		d.t.Fatal(err)
	}
}

// person has an account and a session; nobody is the person without a name.
type person struct {
	account.Account
	token string
}

func (d *town) person(name string) person {
	d.t.Helper()
	id, err := account.Create(context.Background(), d.tx, account.Newcomer{Name: name, Email: strings.ToLower(name) + "@example.org", Lang: locale.English, At: d.now})
	if err != nil {
		d.t.Fatal(err)
	}
	p := person{Account: account.Account{ID: id, Name: name, Lang: locale.English}, token: "token of " + name}
	ends := d.now.Add(24 * time.Hour)
	data, err := scs.GobCodec{}.Encode(ends, map[string]any{account.SessionAccount: int64(id)})
	if err != nil {
		d.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(p.cookie()))
	d.do(`insert into account_session (token_hash, account_id, data, expires_at) values ($1, $2, $3, $4)`, base64.RawURLEncoding.EncodeToString(sum[:]), id, data, ends)
	return p
}

func (p person) cookie() string { return base64.RawURLEncoding.EncodeToString([]byte(p.token)) }

// seat of a person in a community, as the door works it out.
func (d *town) seat(p person, slug string) community.Seat {
	d.t.Helper()
	sum := sha256.Sum256([]byte(p.cookie()))
	a, err := community.Arrive(context.Background(), d.tx, base64.RawURLEncoding.EncodeToString(sum[:]), slug, d.now)
	if err != nil || a.Community == nil {
		d.t.Fatalf("arrive at %s: %v", slug, err)
	}
	return a.Seat(*a.Community)
}

// member puts a person into a community as if admitted.
func (d *town) member(name string, in community.ID, role string, as community.Perspective) person {
	d.t.Helper()
	p := d.person(name)
	d.do(`update community set members = members + 1, last_member = last_member + 1 where id = $1`, in)
	d.do(`insert into membership (community_id, account_id, number, state, role, perspective, bring, learn, asked_at, since)
		select $1, $2, last_member, 'member', $3, $4, 'time', 'shade', $5, $5 from community where id = $1`, in, p.ID, role, as, d.now)
	return p
}

// send asks for a page, or posts fields to it.
func (d *town) send(p person, method, path string, fields url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(fields.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if p.token != "" {
		r.AddCookie(&http.Cookie{Name: "koinon", Value: p.cookie()})
	}
	w := httptest.NewRecorder()
	d.site.ServeHTTP(w, r)
	return w
}

func (d *town) get(p person, path string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.send(p, http.MethodGet, path, nil)
}

func (d *town) post(p person, path string, fields url.Values) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.send(p, http.MethodPost, path, fields)
}

func (d *town) want(w *httptest.ResponseRecorder, status int, words ...string) {
	d.t.Helper()
	if w.Code != status {
		d.t.Errorf("got status %d, want %d", w.Code, status)
	}
	for _, text := range words {
		if !strings.Contains(w.Body.String(), text) {
			d.t.Errorf("the page does not say %q", text)
		}
	}
}

// letters are the kinds of the letters enqueued so far, in their order.
func (d *town) letters() (kinds []string) {
	d.t.Helper()
	rows, err := d.tx.Query(context.Background(), `select args->'Letter'->>'kind' from river_job where kind = 'letter' order by id`)
	if err != nil {
		d.t.Fatal(err)
	}
	kinds, err = pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		d.t.Fatal(err)
	}
	return kinds
}
