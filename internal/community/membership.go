package community

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// How often somebody can meet; the message "members.meets.<word>" says each.
var Meets = []string{"monthly", "quarterly", "yearly", "online"}

// MaxCompetences a member may name.
const MaxCompetences = 8

// Commitment is what somebody says when joining.
type Commitment struct {
	Perspective Perspective
	Bring       string
	Learn       string
	Meets       string
	Competences []string
	Agreed      bool // to the charter, or there is none
	Charter     int  // version agreed to
}

// Membership is the reader's own place in a community, or the wish for one.
type Membership struct {
	State    string // "", "waiting", "member", "declined" or "left"
	Revision int
	Reason   string
	Since    *time.Time
	Renewed  *time.Time // when the commitment was last said to be true
	Commitment
}

// ReadCompetences parts a text into competences: one a line, or between commas.
func ReadCompetences(text string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if name := strings.Join(strings.Fields(part), " "); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

func (c Commitment) check() error {
	var in fault.Invalid
	in.Check(c.Perspective == Stakeholder || c.Perspective == Scientist, "perspective", "choose")
	in.Check(c.Bring != "", "bring", "required")
	in.Check(utf8.RuneCountInString(c.Bring) <= 1000, "bring", "too-long", "max", 1000)
	in.Check(c.Learn != "", "learn", "required")
	in.Check(utf8.RuneCountInString(c.Learn) <= 1000, "learn", "too-long", "max", 1000)
	in.Check(slices.Contains(Meets, c.Meets), "meets", "choose")
	in.Check(len(c.Competences) <= MaxCompetences, "competences", "too-many", "max", MaxCompetences)
	for _, name := range c.Competences {
		if utf8.RuneCountInString(name) > 80 {
			in.Check(false, "competences", "too-long", "max", 80)
			break
		}
	}
	in.Check(c.Agreed, "agreed", "agree")
	return in.Err()
}

// Mine is the reader's membership here; its State is empty when there never was one.
func (s Store) Mine(ctx context.Context, seat Seat) (Membership, error) {
	var m Membership
	if seat.Account == 0 {
		return m, nil
	}
	err := s.db.QueryRow(ctx, `select m.state, m.revision, m.reason, m.since, coalesce(m.renewed_at, m.since), m.perspective, m.bring, m.learn, m.meets, m.charter_version,
			array(select k.name from competence k where k.community_id = m.community_id and k.account_id = m.account_id order by k.position)
		from membership m where m.community_id = $1 and m.account_id = $2`, seat.Community, seat.Account).
		Scan(&m.State, &m.Revision, &m.Reason, &m.Since, &m.Renewed, &m.Perspective, &m.Bring, &m.Learn, &m.Meets, &m.Charter, &m.Competences)
	if errors.Is(err, pgx.ErrNoRows) {
		return Membership{}, nil
	}
	return m, err
}

// Join asks for a place, or takes it where the community is open or the person was invited. Members change their commitment by it.
// It returns the state after it: "member" or "waiting".
func (s Store) Join(ctx context.Context, seat Seat, who account.Account, c Commitment) (string, error) {
	if err := seat.MaySee(); err != nil {
		return "", err
	}
	if seat.Account == 0 {
		return "", fmt.Errorf("join %s: %w", seat.Slug, fault.Forbidden)
	}
	if err := c.check(); err != nil {
		return "", err
	}
	state := ""
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		stands, may, err := s.admission(ctx, tx, seat)
		if err != nil {
			return err
		}
		switch {
		case stands == "member":
			state = "member"
		case may == "now":
			state = "member"
		case may == "ask":
			state = "waiting"
		default:
			return fmt.Errorf("join %s: %w", seat.Slug, fault.Forbidden)
		}
		if err := s.write(ctx, tx, seat, c); err != nil {
			return err
		}
		if stands == state {
			return nil
		}
		if state == "member" {
			return s.seatMember(ctx, tx, seat, seat.Account, 0)
		}
		return s.ask(ctx, tx, seat, who)
	})
	return state, err
}

// lock lets comings and goings of a community happen one after the other. It is a statement of its own: one that waits for a
// row judges all other tables as they were before it waited.
func lock(ctx context.Context, tx pgx.Tx, seat Seat) error {
	if _, err := tx.Exec(ctx, `select from community where id = $1 for update`, seat.Community); err != nil {
		return fmt.Errorf("membership in %s: %w", seat.Slug, err)
	}
	return nil
}

// admission says how somebody stands now, and whether joining is possible: "now", "ask" or "".
func (s Store) admission(ctx context.Context, tx pgx.Tx, seat Seat) (stands, may string, err error) {
	if err := lock(ctx, tx, seat); err != nil {
		return "", "", err
	}
	var admission, visibility string
	var invited bool
	err = tx.QueryRow(ctx, `select c.admission, c.visibility, coalesce((select m.state from membership m where m.community_id = c.id and m.account_id = $2), ''),
			exists (select from personal_link l where l.purpose = 'invitation' and l.account_id = $2 and l.detail->>'community' = c.slug and l.used_at is not null and `+notWithdrawn+`)
		from community c where c.id = $1`, seat.Community, seat.Account).Scan(&admission, &visibility, &stands, &invited)
	if err != nil {
		return "", "", fmt.Errorf("join %s: %w", seat.Slug, err)
	}
	switch {
	case invited || admission == "open" && visibility == "public":
		may = "now"
	case admission == "request":
		may = "ask"
	}
	return stands, may, nil
}

func (s Store) write(ctx context.Context, tx pgx.Tx, seat Seat, c Commitment) error {
	b := &pgx.Batch{}
	b.Queue(`insert into membership (community_id, account_id, state, perspective, bring, learn, meets, charter_version, asked_at) values ($1, $2, 'left', $3, $4, $5, $6, $7, $8)
		on conflict (community_id, account_id) do update set perspective = excluded.perspective, bring = excluded.bring, learn = excluded.learn, meets = excluded.meets,
			charter_version = excluded.charter_version, renewed_at = excluded.asked_at, revision = membership.revision + 1`,
		seat.Community, seat.Account, c.Perspective, c.Bring, c.Learn, c.Meets, c.Charter, s.now())
	b.Queue(`delete from competence where community_id = $1 and account_id = $2`, seat.Community, seat.Account)
	b.Queue(`insert into competence (community_id, account_id, position, name) select $1, $2, n, name from unnest($3::text[]) with ordinality as k(name, n)`, seat.Community, seat.Account, c.Competences)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("commitment: %w", err)
	}
	return nil
}

// seatMember makes somebody a member; who comes back gets the old number again.
func (s Store) seatMember(ctx context.Context, tx pgx.Tx, seat Seat, who, by account.ID) error {
	now := s.now()
	b := &pgx.Batch{}
	b.Queue(`update community c set members = members + 1, last_member = last_member + case when exists
		(select from membership m where m.community_id = c.id and m.account_id = $2 and m.number is not null) then 0 else 1 end where id = $1`, seat.Community, who)
	b.Queue(`update membership m set state = 'member', role = 'member', number = coalesce(m.number, (select c.last_member from community c where c.id = m.community_id)),
		since = $3, renewed_at = $3, admitted_by = nullif($4::bigint, 0), left_at = null, reason = '', reminded_at = null, coordinator_since = null where m.community_id = $1 and m.account_id = $2`, seat.Community, who, now, by)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("admit to %s: %w", seat.Slug, err)
	}
	if err := s.accept(ctx, tx, seat, who); err != nil {
		return err
	}
	if err := activity.Write(ctx, tx, activity.Entry{At: now, Actor: who, Verb: "community.join", Community: int64(seat.Community), Concerned: []account.ID{who}}); err != nil {
		return err
	}
	return s.tell(ctx, tx, seat, account.Letter{Kind: "welcome", Account: who, Link: link.Community(seat.Slug)})
}

func (s Store) ask(ctx context.Context, tx pgx.Tx, seat Seat, who account.Account) error {
	if _, err := tx.Exec(ctx, `update membership set state = 'waiting', asked_at = $3, reason = '' where community_id = $1 and account_id = $2`, seat.Community, seat.Account, s.now()); err != nil {
		return fmt.Errorf("ask to join %s: %w", seat.Slug, err)
	}
	coordinators, err := s.coordinators(ctx, tx, seat)
	if err != nil {
		return err
	}
	for _, c := range coordinators {
		if err := s.tell(ctx, tx, seat, account.Letter{Kind: "asked", Account: c, Link: link.Waiting(seat.Slug), Words: map[string]string{"name": who.Name}}); err != nil {
			return err
		}
	}
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: who.ID, Verb: "community.ask", Community: int64(seat.Community), Concerned: coordinators})
}

func (s Store) coordinators(ctx context.Context, tx pgx.Tx, seat Seat) ([]account.ID, error) {
	rows, err := tx.Query(ctx, `select account_id from membership where community_id = $1 and state = 'member' and role = 'coordinator' order by number`, seat.Community)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[account.ID])
}

// tell writes a letter that names the community in the reader's language.
func (s Store) tell(ctx context.Context, tx pgx.Tx, seat Seat, l account.Letter) error {
	var name string
	err := tx.QueryRow(ctx, `select x.name from community c join account a on a.id = $2
		join community_text x on x.community_id = c.id and x.lang = coalesce((select t.lang from community_text t where t.community_id = c.id and t.lang = a.lang), c.lang) where c.id = $1`, seat.Community, l.Account).Scan(&name)
	if err != nil {
		return fmt.Errorf("letter about %s: %w", seat.Slug, err)
	}
	if l.Words == nil {
		l.Words = map[string]string{}
	}
	l.Words["community"] = name
	return s.letters.Write(ctx, tx, l)
}

// Leave ends a membership, or takes back the wish for one. The last coordinator stays until there is another.
func (s Store) Leave(ctx context.Context, seat Seat) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, seat); err != nil {
			return err
		}
		var state, role string
		var others int
		err := tx.QueryRow(ctx, `select m.state, m.role, (select count(*) from membership o where o.community_id = m.community_id and o.state = 'member' and o.role = 'coordinator' and o.account_id <> m.account_id)
			from membership m where m.community_id = $1 and m.account_id = $2`, seat.Community, seat.Account).Scan(&state, &role, &others)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && state != "member" && state != "waiting" {
			return fmt.Errorf("membership in %s: %w", seat.Slug, fault.NotFound)
		}
		if err != nil {
			return fmt.Errorf("leave %s: %w", seat.Slug, err)
		}
		if state == "member" && role == "coordinator" && others == 0 {
			return fault.One("leave", "last-coordinator")
		}
		if _, err := tx.Exec(ctx, `update membership set state = 'left', role = 'member', coordinator_since = null, left_at = $3 where community_id = $1 and account_id = $2`, seat.Community, seat.Account, s.now()); err != nil {
			return fmt.Errorf("leave %s: %w", seat.Slug, err)
		}
		if state == "member" {
			if _, err := tx.Exec(ctx, `update community set members = members - 1 where id = $1`, seat.Community); err != nil {
				return fmt.Errorf("leave %s: %w", seat.Slug, err)
			}
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.leave", Community: int64(seat.Community)})
	})
}
