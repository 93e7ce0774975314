package community

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Arrival is what the door learns about a request in one query, and a second one where notices wait: session, account, community and seat.
type Arrival struct {
	Programme     string
	Demonstration bool
	Products      bool            // the programme makes end products, and asks for criteria
	Session       account.Session // zero without a living one
	Account       account.Account // zero for a visitor
	Belongings    []Belonging
	Community     *Community // nil when the address names none, or an unknown one
	Reach         Reach
	Invited       bool // to this community, which is private or takes people in by invitation
	Unread        int  // notices in the inbox, up to MostCounted
}

const arrive = `
select p.name, p.demonstration, p.products,
	s.id, s.account_id, s.data, s.agent, s.created_at, s.seen_at, s.proved_at, s.expires_at,
	a.handle, a.name, a.email, a.organisation, a.sector, a.languages, a.lang, a.about,
	a.profile_for, a.organisation_for, a.email_for, a.administrator, a.revision, a.created_at,
	(select coalesce(json_agg(json_build_object('community', m.community_id, 'slug', mc.slug, 'lang', mc.lang, 'number', m.number, 'role', m.role, 'perspective', m.perspective,
			'names', (select json_object_agg(t.lang, t.name) from community_text t where t.community_id = mc.id)) order by mc.kind, mc.slug), '[]')
		from membership m join community mc on mc.id = m.community_id where m.account_id = a.id and m.state = 'member'),
	c.id, c.slug, c.kind, c.lang, c.languages, c.zone, c.latitude, c.longitude, c.visibility, c.admission, c.stage, c.stage_since, c.founded, c.members, c.revision,
	(select json_object_agg(t.lang, t.name) from community_text t where t.community_id = c.id),
	coalesce((c.visibility = 'private' or c.admission = 'invitation') and exists (select from personal_link l where l.account_id = a.id and l.purpose = 'invitation' and l.detail->>'community' = c.slug and l.used_at is not null and ` + notWithdrawn + `), false),
	exists (select from notice u where u.account_id = a.id and u.read_at is null and u.way = 'inbox')
from programme p
left join account_session s on s.token_hash = $1 and s.expires_at > $3
left join account a on a.id = s.account_id
left join community c on c.slug = $2`

// Arrive reads who comes with the session tokenHash (empty: none) and to which community slug (empty: none).
func Arrive(ctx context.Context, db postgres.DB, tokenHash, slug string, now time.Time) (Arrival, error) {
	var (
		found       Arrival
		sessionID   *int64
		accountID   *account.ID
		agent       *string
		times       [4]*time.Time
		handle, nam *string
		email, org  *string
		sector, abt *string
		lang        *locale.Lang
		circles     [3]*account.For
		admin       *bool
		revision    *int
		created     *time.Time
		belongings  []byte
		c           arrived
		waiting     bool
	)
	err := db.QueryRow(ctx, arrive, tokenHash, slug, now).Scan(&found.Programme, &found.Demonstration, &found.Products,
		&sessionID, &accountID, &found.Session.Data, &agent, &times[0], &times[1], &times[2], &times[3],
		&handle, &nam, &email, &org, &sector, &found.Account.Languages, &lang, &abt,
		&circles[0], &circles[1], &circles[2], &admin, &revision, &created, &belongings,
		&c.id, &c.slug, &c.kind, &c.lang, &c.languages, &c.zone, &c.latitude, &c.longitude, &c.visibility, &c.admission, &c.stage,
		&c.stageSince, &c.founded, &c.members, &c.revision, &c.names, &found.Invited, &waiting)
	if errors.Is(err, pgx.ErrNoRows) {
		return found, fmt.Errorf("the programme's row is missing: %w", err)
	}
	if err != nil {
		return found, fmt.Errorf("arrive: %w", err)
	}
	if sessionID != nil {
		found.Session.ID, found.Session.Agent = *sessionID, *agent
		found.Session.CreatedAt, found.Session.SeenAt, found.Session.ProvedAt, found.Session.ExpiresAt = *times[0], *times[1], *times[2], *times[3]
	}
	if handle != nil {
		found.Session.Account = *accountID
		found.Account.ID, found.Account.Handle, found.Account.Name, found.Account.Email = *accountID, *handle, *nam, *email
		found.Account.Organisation, found.Account.Sector, found.Account.Lang, found.Account.About = *org, *sector, *lang, *abt
		found.Account.ProfileFor, found.Account.OrganisationFor, found.Account.EmailFor = *circles[0], *circles[1], *circles[2]
		found.Account.Administrator, found.Account.Revision, found.Account.CreatedAt = *admin, *revision, *created
		if err := json.Unmarshal(belongings, &found.Belongings); err != nil {
			return found, fmt.Errorf("arrive: memberships: %w", err)
		}
	}
	if waiting {
		if err := db.QueryRow(ctx, `select `+toldUnread+` from account a where a.id = $1`, found.Account.ID).Scan(&found.Unread); err != nil {
			return found, fmt.Errorf("arrive: notices: %w", err)
		}
	}
	found.Community = c.community()
	found.Reach = ReachOf(found.Account, found.Belongings)
	found.Reach.NoProducts = !found.Products
	return found, nil
}

// ReachOf works out what an account with these memberships may see.
func ReachOf(a account.Account, belongings []Belonging) Reach {
	reach := Reach{Me: a.ID, Everywhere: a.Administrator, Mine: []int64{}, Coordinated: []int64{}}
	for _, b := range belongings {
		reach.Mine = append(reach.Mine, int64(b.Community))
		if b.Role == "coordinator" {
			reach.Coordinated = append(reach.Coordinated, int64(b.Community))
		}
	}
	return reach
}

// Seat is the arriving person's place in c.
func (a Arrival) Seat(c Community) Seat {
	seat := Seat{Community: c.ID, Slug: c.Slug, Private: c.Private(), Account: a.Account.ID, Reach: a.Reach, Administers: a.Account.Administrator, Invited: a.Invited}
	if len(a.Belongings) > 0 {
		seat.Standing = Elsewhere
	}
	for _, b := range a.Belongings {
		if b.Community != c.ID {
			continue
		}
		seat.Number, seat.Perspective = b.Number, b.Perspective
		switch {
		case b.Role == "coordinator":
			seat.Standing = Coordinator
		case b.Perspective == Scientist:
			seat.Standing = ScientificMember
		default:
			seat.Standing = Member
		}
	}
	return seat
}

type arrived struct {
	id                                             *ID
	slug, kind, zone, visibility, admission, stage *string
	lang                                           *locale.Lang
	languages                                      []string
	latitude, longitude                            *float64
	stageSince, founded                            *time.Time
	members, revision                              *int
	names                                          []byte
}

func (c arrived) community() *Community {
	if c.id == nil {
		return nil
	}
	found := &Community{ID: *c.id, Slug: *c.slug, Kind: *c.kind, Lang: *c.lang, Languages: c.languages, Zone: *c.zone, Latitude: c.latitude, Longitude: c.longitude,
		Visibility: *c.visibility, Admission: *c.admission, Stage: *c.stage, StageSince: *c.stageSince, Founded: *c.founded, Members: *c.members, Revision: *c.revision}
	// The names were made by json_object_agg of this very query: they cannot fail to parse.
	_ = json.Unmarshal(c.names, &found.Names)
	return found
}
