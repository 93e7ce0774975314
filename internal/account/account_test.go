package account_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// desk is a store whose letters are written at once, and a clock to turn.
type desk struct {
	account.Store
	tx      pgx.Tx
	now     time.Time
	jobs    []river.JobArgs
	letters []account.Written
	writer  account.Writer
}

func (d *desk) InsertTx(_ context.Context, _ pgx.Tx, args river.JobArgs, _ *river.InsertOpts) (*rivertype.JobInsertResult, error) {
	d.jobs = append(d.jobs, args)
	return &rivertype.JobInsertResult{}, nil
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{tx: testdb.Tx(t), now: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	d.Store = account.NewStore(d.tx, d, true, func() time.Time { return d.now })
	d.writer = account.Writer{Store: d.Store,
		Compose: func(_ context.Context, w account.Written) (mail.Message, error) {
			d.letters = append(d.letters, w)
			return mail.Message{}, nil
		},
		Send: func(context.Context, mail.Message) error { return nil }}
	return d
}

// deliver writes a letter now; the last one written is returned.
func (d *desk) deliver(t *testing.T, l account.Letter) account.Written {
	t.Helper()
	if err := d.writer.Deliver(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	return d.letters[len(d.letters)-1]
}

func (d *desk) person(t *testing.T, name string) account.Account {
	t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"
	a := account.Account{Name: name, Email: email, Revision: 1}
	err := postgres.InTx(t.Context(), d.tx, func(tx pgx.Tx) (err error) {
		a.ID, err = account.Create(t.Context(), tx, account.Newcomer{Name: name, Email: email, Lang: locale.German, At: d.now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func token(t *testing.T, w account.Written) string {
	t.Helper()
	path, ok := strings.CutPrefix(w.Path, "/sign-in/")
	if !ok {
		t.Fatalf("no personal link in %+v", w)
	}
	return path
}

func TestALinkSignsInOnceAndInTime(t *testing.T) {
	t.Parallel()
	d := open(t)
	a := d.person(t, "Ada Bell")
	link := token(t, d.deliver(t, account.Letter{Kind: "sign-in", Email: "ADA.BELL@example.org", Link: "sign-in", Next: "/c/basel"}))
	if p, err := d.Peek(t.Context(), link); err != nil || p.Account != a.ID || p.Next != "/c/basel" {
		t.Fatalf("got %+v, %v", p, err)
	}
	if p, err := d.Use(t.Context(), link, "", locale.English); err != nil || p.Account != a.ID {
		t.Fatalf("got %+v, %v", p, err)
	}
	if _, err := d.Use(t.Context(), link, "", locale.English); !errors.Is(err, fault.Gone) {
		t.Errorf("used twice: %v", err)
	}
	late := token(t, d.deliver(t, account.Letter{Kind: "sign-in", Email: a.Email, Link: "sign-in"}))
	d.now = d.now.Add(30 * time.Minute)
	if _, err := d.Use(t.Context(), late, "", locale.English); !errors.Is(err, fault.Gone) {
		t.Errorf("used late: %v", err)
	}
	if _, err := d.Peek(t.Context(), "invented"); !errors.Is(err, fault.NotFound) {
		t.Errorf("invented: %v", err)
	}
}

func TestNeitherLinksNorSessionsNorKeptFormsCanBeReadFromTheDatabase(t *testing.T) {
	t.Parallel()
	d := open(t)
	a := d.person(t, "Ada Bell")
	link := token(t, d.deliver(t, account.Letter{Kind: "sign-in", Email: a.Email, Link: "sign-in"}))
	kept, err := d.Keep(t.Context(), a.ID, "192.0.2.1", account.Kept{Path: "/x", Fields: url.Values{"body": {"words"}}})
	if err != nil {
		t.Fatal(err)
	}
	var dump string
	err = d.tx.QueryRow(t.Context(), `select coalesce((select string_agg(l::text, '') from personal_link l), '') || coalesce((select string_agg(k::text, '') from kept_form k), '') || coalesce((select string_agg(r::text, '') from rate_limit r), '')`).Scan(&dump)
	if err != nil || strings.Contains(dump, link) || strings.Contains(dump, kept) || strings.Contains(dump, "192.0.2.1") {
		t.Errorf("a secret or an address stands in clear, %v", err)
	}
}

func TestAskingForALinkDoesTheSameForKnownAndUnknownAddresses(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.person(t, "Ada Bell")
	for _, email := range []string{"ada.bell@example.org", "nobody@example.org"} {
		if err := d.WantLink(t.Context(), email, "192.0.2.1", "/", locale.French); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.jobs) != 2 || fmt.Sprintf("%T", d.jobs[0]) != fmt.Sprintf("%T", d.jobs[1]) {
		t.Fatalf("jobs %v", d.jobs)
	}
	known := d.deliver(t, account.Letter{Kind: "sign-in", Email: "ada.bell@example.org", Lang: locale.French, Link: "sign-in"})
	unknown := d.deliver(t, account.Letter{Kind: "sign-in", Email: "nobody@example.org", Lang: locale.French, Link: "sign-in"})
	if known.Kind != "sign-in" || known.Lang != locale.German || unknown.Kind != "unknown" || unknown.Path != "/sign-up" || unknown.Lang != locale.French {
		t.Errorf("got %+v and %+v", known, unknown)
	}
	again := d.deliver(t, account.Letter{Kind: "sign-up", Email: "ada.bell@example.org", Link: "sign-up", Detail: map[string]string{"name": "Somebody Else"}})
	if again.Kind != "known" {
		t.Errorf("signing up with a known address: %+v", again)
	}
	if p, err := d.Use(t.Context(), token(t, again), "", locale.English); err != nil || p.Purpose != "sign-in" {
		t.Errorf("got %+v, %v", p, err)
	}
	var accounts int
	if err := d.tx.QueryRow(t.Context(), `select count(*) from account`).Scan(&accounts); err != nil || accounts != 1 {
		t.Errorf("%d accounts, %v", accounts, err)
	}
}

func TestSigningUpMakesTheAccountWhenTheAddressIsConfirmed(t *testing.T) {
	t.Parallel()
	d := open(t)
	for range 2 { // two people of the same name
		d.person(t, "Cléo Dahl")
		if _, err := d.tx.Exec(t.Context(), `update account set email = handle || '@x.org', email_key = handle || '@x.org'`); err != nil {
			t.Fatal(err)
		}
	}
	l := d.deliver(t, account.Letter{Kind: "sign-up", Email: "c@example.org", Link: "sign-up", Detail: map[string]string{"name": "Cléo Dahl", "lang": "fr"}})
	p, err := d.Use(t.Context(), token(t, l), "", locale.English)
	if err != nil {
		t.Fatal(err)
	}
	var handle, lang string
	if err := d.tx.QueryRow(t.Context(), `select handle, lang from account where id = $1`, p.Account).Scan(&handle, &lang); err != nil || handle != "cleo-dahl-3" || lang != "fr" {
		t.Errorf("handle %q, language %q, %v", handle, lang, err)
	}
	closed := account.NewStore(d.tx, d, false, time.Now)
	if err := closed.SignUp(t.Context(), "X Y", "x@example.org", "192.0.2.1", "/", locale.English); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by invitation only: %v", err)
	}
}

func TestAnInvitedPersonNamesHerselfAndGetsAnAccount(t *testing.T) {
	t.Parallel()
	d := open(t)
	l := d.deliver(t, account.Letter{Kind: "invitation", Email: "new@example.org", Link: "invitation", Detail: map[string]string{"community": "basel", "lang": "de"}})
	if _, err := d.Use(t.Context(), token(t, l), " ", locale.English); len(fault.Problems(err)) == 0 && err == nil {
		t.Error("without a name")
	}
	p, err := d.Use(t.Context(), token(t, l), "Nora Keller", locale.English)
	if err != nil || p.Account == 0 || p.Community != "basel" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	d := open(t)
	a := d.person(t, "Ada Bell")
	for typed, want := range map[string]string{"": "required", "short": "too-short", "password123": "guessable", "ada.bell@example.org": "guessable", "my ada.bell word": "guessable"} {
		err := d.SetPassword(t.Context(), a, 0, typed, typed)
		if problems := fault.Problems(err); len(problems) == 0 || problems[0].Key != want {
			t.Errorf("%q: got %v, want %s", typed, err, want)
		}
	}
	if err := d.SetPassword(t.Context(), a, 0, "a warm evening", "a warm morning"); err == nil {
		t.Error("two different ones were taken")
	}
	if err := d.SetPassword(t.Context(), a, 0, "a warm evening", "a warm evening"); err != nil {
		t.Fatal(err)
	}
	if id, err := d.SignIn(t.Context(), " Ada.Bell@example.org"[1:], "a warm evening", "192.0.2.1"); err != nil || id != a.ID {
		t.Errorf("got %d, %v", id, err)
	}
	wrong := func(email, password string) []fault.Problem {
		_, err := d.SignIn(t.Context(), email, password, "192.0.2.1")
		return fault.Problems(err)
	}
	if diff := cmp.Diff(wrong(a.Email, "something else"), wrong("nobody@example.org", "something else")); diff != "" {
		t.Errorf("known and unknown addresses are told apart: %s", diff)
	}
	var hash string
	if err := d.tx.QueryRow(t.Context(), `select hash from credential`).Scan(&hash); err != nil || !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$`).MatchString(hash) {
		t.Errorf("stored as %q, %v", hash, err)
	}
}

func TestGuessingIsSlowedByAccountAndByAddress(t *testing.T) {
	t.Parallel()
	d := open(t)
	a := d.person(t, "Ada Bell")
	try := func(email, from string, times int) (last error) {
		for range times {
			_, last = d.SignIn(t.Context(), email, "wrong wrong wrong", from)
		}
		return last
	}
	if err := try(a.Email, "192.0.2.1", 10); errors.Is(err, fault.TooMany) {
		t.Error("ten attempts are too many already")
	}
	if err := try(a.Email, "192.0.2.2", 1); !errors.Is(err, fault.TooMany) {
		t.Errorf("the eleventh for one account from elsewhere: %v", err)
	}
	d.now = d.now.Add(15 * time.Minute)
	if err := try(a.Email, "192.0.2.1", 1); errors.Is(err, fault.TooMany) {
		t.Error("after a quarter of an hour it is still closed")
	}
	for n := range 6 { // one address against many accounts
		err := try(fmt.Sprintf("p%d@example.org", n), "198.51.100.7", 10)
		if n < 5 && errors.Is(err, fault.TooMany) {
			t.Errorf("closed after %d attempts", (n+1)*10)
		}
	}
	if err := try("other@example.org", "198.51.100.7", 1); !errors.Is(err, fault.TooMany) {
		t.Errorf("the sixty-first from one address: %v", err)
	}
	before := len(d.jobs)
	for range 8 {
		if err := d.WantLink(t.Context(), a.Email, "203.0.113.1", "/", locale.English); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(d.jobs) - before; got != 5 {
		t.Errorf("%d letters to one address in a quarter of an hour, want 5 and no word about it", got)
	}
}

func TestAChangedPasswordEndsAllOtherSessionsAndIsTold(t *testing.T) {
	t.Parallel()
	d := open(t)
	a, other := d.person(t, "Ada Bell"), d.person(t, "Cleo Dahl")
	var here int64
	for n, who := range []account.ID{a.ID, a.ID, other.ID} {
		var id int64
		if err := d.tx.QueryRow(t.Context(), `insert into account_session (token_hash, account_id, data, expires_at) values ($1, $2, '', now() + interval '1 day') returning id`, fmt.Sprint(n), who).Scan(&id); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			here = id
		}
	}
	if err := d.SetPassword(t.Context(), a, here, "a warm evening", "a warm evening"); err != nil {
		t.Fatal(err)
	}
	var left []int64
	if err := d.tx.QueryRow(t.Context(), `select array_agg(account_id order by account_id) from account_session`).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{int64(a.ID), int64(other.ID)}, left); diff != "" {
		t.Error(diff)
	}
	if len(d.jobs) != 1 {
		t.Errorf("%d letters", len(d.jobs))
	}
	if err := d.Revoke(t.Context(), other.ID, here); !errors.Is(err, fault.NotFound) {
		t.Errorf("ending somebody else's session: %v", err)
	}
	if err := d.Revoke(t.Context(), a.ID, here); err != nil {
		t.Error(err)
	}
}

func TestAnAddressChangesOnlyByTheLinkSentToIt(t *testing.T) {
	t.Parallel()
	d := open(t)
	a, other := d.person(t, "Ada Bell"), d.person(t, "Cleo Dahl")
	l := d.deliver(t, account.Letter{Kind: "address", Account: a.ID, Email: "new@example.org", Link: "address"})
	if l.To != "new@example.org" {
		t.Errorf("sent to %q", l.To)
	}
	email := func() (e string) {
		if err := d.tx.QueryRow(t.Context(), `select email from account where id = $1`, a.ID).Scan(&e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	if email() != a.Email {
		t.Error("changed before the link was used")
	}
	if _, err := d.Use(t.Context(), token(t, l), "", locale.English); err != nil || email() != "new@example.org" {
		t.Errorf("got %q, %v", email(), err)
	}
	if len(d.jobs) != 1 {
		t.Errorf("%d notices to the old address", len(d.jobs))
	}
	taken := d.deliver(t, account.Letter{Kind: "address", Account: a.ID, Email: other.Email, Link: "address"})
	if _, err := d.Use(t.Context(), token(t, taken), "", locale.English); !errors.Is(err, fault.Gone) || email() != "new@example.org" {
		t.Errorf("somebody else's address: %q, %v", email(), err)
	}
}

func TestAProfileIsJudgedWholeAndNeverOverwrittenUnseen(t *testing.T) {
	t.Parallel()
	d := open(t)
	a := d.person(t, "Ada Bell")
	good := account.Profile{Revision: 1, Name: "Ada Bell", Sector: "health", Languages: []string{"en", "el"}, Lang: locale.Greek, ProfileFor: 1, OrganisationFor: 3, EmailFor: 3}
	bad := account.Profile{Revision: 1, Name: strings.Repeat("x", 121), Sector: "magic", Lang: "xx", About: strings.Repeat("ä", 1001), ProfileFor: 7, EmailFor: 0}
	var fields []string
	for _, p := range fault.Problems(d.Describe(t.Context(), a.ID, bad)) {
		fields = append(fields, p.Field)
	}
	if diff := cmp.Diff([]string{"name", "sector", "lang", "about", "profile-for", "email-for"}, fields); diff != "" {
		t.Error(diff)
	}
	if err := d.Describe(t.Context(), a.ID, good); err != nil {
		t.Fatal(err)
	}
	if c, stale := fault.Stale(d.Describe(t.Context(), a.ID, good)); !stale || c.Revision != 2 {
		t.Errorf("a stale profile was taken")
	}
}

func TestAKeptFormIsForItsWriterAlone(t *testing.T) {
	t.Parallel()
	d := open(t)
	a, other := d.person(t, "Ada Bell"), d.person(t, "Cleo Dahl")
	want := account.Kept{Path: "/c/basel/discussions/1/reply", Fields: url.Values{"body": {"words"}, "lang": {"de"}}}
	key, err := d.Keep(t.Context(), a.ID, "192.0.2.1", want)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Kept(t.Context(), key, other.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("somebody else: %v", err)
	}
	got, err := d.Kept(t.Context(), key, a.ID)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	d.now = d.now.Add(account.KeptFor)
	if _, err := d.Kept(t.Context(), key, a.ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("after a day: %v", err)
	}
	if err := d.Sweep(t.Context()); err != nil {
		t.Error(err)
	}
}

func FuzzOnlySoundAddressesAreTaken(f *testing.F) {
	for _, seed := range []string{"a@b.c", "a@b", "<a@b.c>", "a b@c.d", "a@b.c\nBcc: x@y.z", "\"a\"@b.c", "a@b.c,d@e.f", "ä@b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		var in fault.Invalid
		account.CheckEmail(&in, "email", email)
		if in.Err() == nil && strings.ContainsAny(email, "\r\n ,;<>\"") {
			t.Errorf("%q was taken", email)
		}
	})
}
