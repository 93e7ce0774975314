package community_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// programme is a database with accounts and communities in it.
type programme struct {
	t        testing.TB
	db       postgres.DB
	store    community.Store
	now      time.Time
	accounts account.Store
}

func newProgramme(t testing.TB, db postgres.DB) *programme {
	t.Helper()
	p := &programme{t: t, db: db, now: time.Now().UTC().Truncate(time.Second)}
	now := func() time.Time { return p.now }
	jobs, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	p.accounts = account.NewStore(db, jobs, true, now)
	p.store = community.NewStore(db, p.accounts, now)
	return p
}

func (p *programme) do(sql string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Exec(context.Background(), sql, args...); err != nil {
		p.t.Fatal(err)
	}
}

// row reads the single value of a query.
func (p *programme) row(into any, sql string, args ...any) {
	p.t.Helper()
	if err := p.db.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		p.t.Fatal(err)
	}
}

// found makes a German-speaking community with a name and a charter.
func (p *programme) found(slug, visibility, admission string) (id community.ID) {
	p.t.Helper()
	p.row(&id, `insert into community (slug, kind, lang, languages, zone, visibility, admission, stage_since, founded, created_at)
		values ($1, 'city', 'de', array['de'], 'Europe/Zurich', $2, $3, $4::timestamptz::date, $4::timestamptz::date, $4) returning id`, slug, visibility, admission, p.now)
	p.do(`insert into community_text (community_id, lang, name, domain_html) values ($1, 'de', $2, '<p>Hitze</p>')`, id, slug)
	p.do(`insert into charter (community_id, version, made_at) values ($1, 1, $2)`, id, p.now)
	p.do(`insert into charter_text (community_id, version, lang, body, html) values ($1, 1, 'de', 'Zuhören.', '<p>Zuhören.</p>')`, id)
	return id
}

type person struct{ account.Account }

// person has an account and a session, whose token is the name.
func (p *programme) person(name string) person {
	p.t.Helper()
	var id account.ID
	err := postgres.InTx(context.Background(), p.db, func(tx pgx.Tx) (err error) {
		id, err = account.Create(context.Background(), tx, account.Newcomer{Name: name, Email: name + "@example.org", Lang: locale.English, At: p.now})
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.do(`insert into account_session (token_hash, account_id, data, expires_at) values ($1, $2, '', $3)`, name, id, p.now.Add(time.Hour))
	return person{account.Account{ID: id, Name: name, Email: name + "@example.org", Lang: locale.English}}
}

// member is a person who belongs to a community.
func (p *programme) member(name string, in community.ID, role string, as community.Perspective) person {
	p.t.Helper()
	who := p.person(name)
	p.do(`update community set members = members + 1, last_member = last_member + 1 where id = $1`, in)
	p.do(`insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
		select $1, $2, last_member, 'member', $3, $4, $5, $5 from community where id = $1`, in, who.ID, role, as, p.now)
	return who
}

// seat is where a person sits in a community, as the door works it out.
func (p *programme) seat(who person, slug string) community.Seat {
	p.t.Helper()
	a, err := community.Arrive(context.Background(), p.db, who.Name, slug, p.now)
	if err != nil || a.Community == nil {
		p.t.Fatalf("arrive at %s: %v", slug, err)
	}
	return a.Seat(*a.Community)
}

func commitment() community.Commitment {
	return community.Commitment{Perspective: community.Stakeholder, Bring: "maps", Learn: "shade", Meets: "monthly", Agreed: true, Charter: 1}
}
