package meeting

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Limits of the guests of one meeting, in people and characters.
const (
	MaxGuests       = 200
	maxGuestName    = 120
	maxOrganisation = 160
)

// Guest is somebody without an account who is invited to one meeting. The address is for those who may schedule.
type Guest struct {
	ID           GuestID
	Name         string
	Email        string // empty: was in the room, gets no mail
	Organisation string
	Perspective  community.Perspective
	Lang         locale.Lang
	Mail         bool // wants letters about this meeting
	InvitedAt    time.Time
	By           string // empty when that person has left
	Dates        bool   // answered the date poll
	Answer       string // to the invitation; empty: none yet
}

// Answered reports whether the guest said anything yet.
func (g Guest) Answered() bool { return g.Dates || g.Answer != "" }

// Listing is a list of people to invite, as pasted: on each line «Name <address>, organisation» or «Name, address, organisation».
type Listing struct {
	People      string
	Perspective community.Perspective
	Lang        locale.Lang
	Request     uuid.UUID
}

var (
	bracketed = regexp.MustCompile(`^\s*"?([^"<>]*?)"?\s*<\s*([^<>\s]+)\s*>\s*(?:[,;\t]\s*(.*))?$`)
	listed    = regexp.MustCompile(`^\s*"?([^"<>,;\t]*?)"?\s*[,;\t]\s*([^<>\s,;]+@[^<>\s,;]+)\s*(?:[,;\t]\s*(.*))?$`)
)

// read judges every line; problems stand at the field people and name the line.
func (l Listing) read() ([]Guest, error) {
	var in fault.Invalid
	var all []Guest
	first := map[string]bool{}
	for n, line := range strings.Split(l.People, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		parts := bracketed.FindStringSubmatch(line)
		if parts == nil {
			parts = listed.FindStringSubmatch(line)
		}
		if parts == nil {
			in.Check(false, "people", "guest-line", "line", n+1)
			continue
		}
		g := Guest{Name: strings.TrimSpace(parts[1]), Email: parts[2], Organisation: strings.TrimSpace(parts[3]), Perspective: l.Perspective, Lang: l.Lang}
		if key := guestKey(g.Email); !first[key] {
			first[key] = true
			g.check(&in, n+1)
			all = append(all, g)
		}
	}
	in.Check(len(all) > 0 || len(in.Problems) > 0, "people", "required")
	in.Check(len(all) <= MaxGuests, "people", "guests-many", "max", MaxGuests)
	in.Check(slices.Contains([]community.Perspective{"", community.Stakeholder, community.Scientist}, l.Perspective), "perspective", "choose")
	in.Check(locale.Known(string(l.Lang)), "lang", "choose")
	if len(in.Problems) > 10 {
		in.Problems = in.Problems[:10]
	}
	return all, in.Err()
}

func (g Guest) check(in *fault.Invalid, line int) {
	var address fault.Invalid
	account.CheckEmail(&address, "people", g.Email)
	in.Check(len(address.Problems) == 0, "people", "guest-address", "line", line)
	in.Check(g.Name != "", "people", "guest-name", "line", line)
	in.Check(utf8.RuneCountInString(g.Name) <= maxGuestName && utf8.RuneCountInString(g.Organisation) <= maxOrganisation, "people", "guest-long", "line", line)
}

func guestKey(email string) string { return strings.ToLower(email) }

// Guests of a meeting with their addresses, for those who may schedule; in the order in which they were invited.
func (s Store) Guests(ctx context.Context, seat community.Seat, number int) (Meeting, []Guest, error) {
	var m Meeting
	if err := seat.Must(community.Schedule); err != nil {
		return m, nil, err
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return m, nil, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id})
	var all []Guest
	b := &pgx.Batch{}
	head(b, seat, args, &m)
	b.Queue(`select g.id, g.name, g.email, g.organisation, g.perspective, g.lang, g.mail, g.invited_at, coalesce(a.name, '') as by,
			exists (select from date_voice v where v.meeting_id = g.meeting_id and v.guest_id = g.id) as dates,
			coalesce((select r.answer from rsvp r where r.meeting_id = g.meeting_id and r.guest_id = g.id), '') as answer
		from meeting_guest g left join account a on a.id = g.invited_by where g.community_id = @community and g.meeting_id = @id order by g.id`, args).Query(func(rows pgx.Rows) error {
		all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Guest])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return m, nil, fmt.Errorf("guests of meeting %d: %w", number, err)
	}
	return m, all, nil
}

// InviteGuests invites people without an account to one meeting. Whoever is invited already is left as they are; members have their own invitation. It returns how many are new.
func (s Store) InviteGuests(ctx context.Context, seat community.Seat, number int, l Listing) (invited int, err error) {
	if err := seat.Must(community.Schedule); err != nil {
		return 0, err
	}
	all, err := l.read()
	if err != nil {
		return 0, err
	}
	return invited, postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if again, err := s.claimed(ctx, tx, seat, l.Request, found.id); again || err != nil {
			return err
		}
		if !found.state.Ahead() {
			return fmt.Errorf("guests of meeting %d in %s: %w", number, found.state, fault.One("state", "meeting-state"))
		}
		made, err := s.addGuests(ctx, tx, seat, found, all)
		if err != nil {
			return err
		}
		if len(made) == 0 {
			return fault.One("people", "guests-known")
		}
		invited = len(made)
		return s.invite(ctx, tx, seat, found, "meeting.invite-guests", made)
	})
}

func (s Store) addGuests(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, all []Guest) ([]GuestID, error) {
	var made []GuestID
	for _, g := range all {
		rows, err := tx.Query(ctx, `insert into meeting_guest (community_id, meeting_id, name, email, email_key, organisation, perspective, lang, invited_by, invited_at)
			select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
			where not exists (select from membership m join account a on a.id = m.account_id where m.community_id = $1 and m.state = 'member' and a.email_key = $5)
			on conflict (meeting_id, email_key) where email_key <> '' do nothing returning id`,
			seat.Community, found.id, g.Name, g.Email, guestKey(g.Email), g.Organisation, g.Perspective, g.Lang, seat.Account, s.now())
		if err != nil {
			return nil, fmt.Errorf("guest of meeting %d: %w", found.number, err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[GuestID])
		if err != nil {
			return nil, fmt.Errorf("guest of meeting %d: %w", found.number, err)
		}
		made = append(made, ids...)
	}
	n := 0
	if err := tx.QueryRow(ctx, `select count(*) from meeting_guest where community_id = $1 and meeting_id = $2`, seat.Community, found.id).Scan(&n); err != nil {
		return nil, fmt.Errorf("guests of meeting %d: %w", found.number, err)
	}
	if n > MaxGuests {
		return nil, fault.One("people", "guests-many", "max", MaxGuests)
	}
	return made, nil
}

// invite says that guests were invited, or asked once more; the letters follow.
func (s Store) invite(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, verb string, who []GuestID) error {
	return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: verb, Item: int64(found.id), Community: int64(seat.Community), Detail: map[string]any{"guests": who}})
}

// maxLinks is how often a guest may be sent the link within an hour.
const maxLinks = 3

// InviteGuestAgain sends a guest the link once more. The same form sent twice sends one letter; too many letters within an hour are fault.TooMany.
func (s Store) InviteGuestAgain(ctx context.Context, seat community.Seat, number int, guest GuestID, request uuid.UUID) error {
	return s.withGuest(ctx, seat, number, guest, func(tx pgx.Tx, found placed) error {
		if again, err := s.claimed(ctx, tx, seat, request, found.id); again || err != nil {
			return err
		}
		sent := 0
		err := tx.QueryRow(ctx, `select count(*) from activity where item_id = $1 and verb in ('meeting.invite-guests', 'meeting.invite-again') and at > $2 and detail->'guests' @> to_jsonb($3::bigint)`,
			found.id, s.now().Add(-time.Hour), guest).Scan(&sent)
		if err != nil {
			return fmt.Errorf("links of guest %d of meeting %d: %w", guest, number, err)
		}
		if sent >= maxLinks {
			return fmt.Errorf("links of guest %d of meeting %d: %w", guest, number, fault.TooMany)
		}
		return s.invite(ctx, tx, seat, found, "meeting.invite-again", []GuestID{guest})
	})
}

// WithdrawGuest takes an invitation back: the guest's links are dead, and the answers go with them.
func (s Store) WithdrawGuest(ctx context.Context, seat community.Seat, number int, guest GuestID) error {
	return s.withGuest(ctx, seat, number, guest, func(tx pgx.Tx, found placed) error {
		if _, err := tx.Exec(ctx, `delete from meeting_guest where community_id = $1 and meeting_id = $2 and id = $3`, seat.Community, found.id, guest); err != nil {
			return fmt.Errorf("withdraw guest %d of meeting %d: %w", guest, number, err)
		}
		return nil
	})
}

func (s Store) withGuest(ctx context.Context, seat community.Seat, number int, guest GuestID, do func(pgx.Tx, placed) error) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		there := false
		if err := tx.QueryRow(ctx, `select exists (select from meeting_guest where community_id = $1 and meeting_id = $2 and id = $3)`, seat.Community, found.id, guest).Scan(&there); err != nil {
			return fmt.Errorf("guest %d of meeting %d: %w", guest, number, err)
		}
		if !there {
			return fmt.Errorf("guest %d of meeting %d: %w", guest, number, fault.NotFound)
		}
		if !found.state.Ahead() {
			return fmt.Errorf("guests of meeting %d in %s: %w", number, found.state, fault.One("state", "meeting-state"))
		}
		return do(tx, found)
	})
}
