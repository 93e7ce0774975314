package community

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// PerPeople is how many people stand on one page of the list.
const PerPeople = 60

// PeopleFilter says whom a list shows; empty fields filter nothing.
type PeopleFilter struct {
	Words       string // in names, organisations and competences
	Perspective string
	After       int // number of the last member on the page before
	Most        int // people on a page; 0: PerPeople
}

// Person is a member, as the reader may see.
type Person struct {
	Account      account.ID
	Number       int
	Handle       string
	Name         string
	Role         string
	Perspective  Perspective
	Organisation string
	Sector       string
	Languages    []string
	About        string
	Email        string
	Bring        string
	Learn        string
	Meets        string
	Since        time.Time
	Competences  []string
	Picture      string // hash; empty without one
}

const organisationShown = `(a.organisation_for = 0 or (a.organisation_for = 1 and @signed) or (a.organisation_for = 2 and m.community_id = any(@mine)) or a.id = @me)`

const personColumns = `a.id as account, m.number, a.handle, a.name, m.role, m.perspective, case when ` + organisationShown + ` then a.organisation else '' end as organisation,
	a.sector, a.languages, a.about, case when a.id = @me or (a.email_for = 1 and @signed) or (a.email_for = 2 and m.community_id = any(@mine)) then a.email else '' end as email,
	m.bring, m.learn, m.meets, m.since, array(select k.name from competence k where k.community_id = m.community_id and k.account_id = m.account_id order by k.position) as competences, a.picture`

// shown is the condition under which a profile is listed for the reader.
const shown = `(a.profile_for = 0 or (a.profile_for = 1 and @signed) or (a.profile_for = 2 and m.community_id = any(@mine)) or a.id = @me or @everywhere)`

// People are the members whose profiles the reader may see, in the order in which they joined; more says that there are others after them.
func (s Store) People(ctx context.Context, seat Seat, f PeopleFilter) (people []Person, more bool, err error) {
	if err := seat.MaySee(); err != nil {
		return nil, false, err
	}
	where := ""
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "after": f.After, "limit": f.per() + 1})
	if f.Perspective != "" {
		where += " and m.perspective = @perspective"
		args["perspective"] = f.Perspective
	}
	if f.Words != "" {
		where += ` and (unaccent(a.name) ilike unaccent(@words) or (unaccent(a.organisation) ilike unaccent(@words) and ` + organisationShown + `) or exists
			(select from competence k where k.community_id = m.community_id and k.account_id = m.account_id and unaccent(k.name) ilike unaccent(@words)))`
		args["words"] = like(f.Words)
	}
	people, err = postgres.All[Person](ctx, s.db, `select `+personColumns+` from membership m join account a on a.id = m.account_id
		where m.community_id = @community and m.state = 'member' and m.number > @after and `+shown+where+` order by m.number limit @limit`, args)
	if err != nil {
		return nil, false, fmt.Errorf("people of %s: %w", seat.Slug, err)
	}
	if len(people) > f.per() {
		return people[:f.per()], true, nil
	}
	return people, false, nil
}

func (f PeopleFilter) per() int {
	if f.Most > 0 {
		return f.Most
	}
	return PerPeople
}

// Person is one member by number.
func (s Store) Person(ctx context.Context, seat Seat, number int) (Person, error) {
	if err := seat.MaySee(); err != nil {
		return Person{}, err
	}
	p, err := postgres.One[Person](ctx, s.db, `select `+personColumns+` from membership m join account a on a.id = m.account_id
		where m.community_id = @community and m.state = 'member' and m.number = @number and `+shown, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number}))
	if err != nil {
		return p, fmt.Errorf("member %d of %s: %w", number, seat.Slug, err)
	}
	return p, nil
}

// Balance counts the perspectives among the members.
type Balance struct{ Stakeholders, Scientists int }

// Balance of a community.
func (s Store) Balance(ctx context.Context, seat Seat) (Balance, error) {
	if err := seat.MaySee(); err != nil {
		return Balance{}, err
	}
	return postgres.One[Balance](ctx, s.db, `select count(*) filter (where perspective = 'stakeholder')::int as stakeholders, count(*) filter (where perspective = 'scientist')::int as scientists
		from membership where community_id = $1 and state = 'member'`, seat.Community)
}
