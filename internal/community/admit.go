package community

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Request is somebody's wish to join.
type Request struct {
	Account      account.ID
	Name         string
	Organisation string
	Sector       string
	Perspective  Perspective
	Bring        string
	Learn        string
	Meets        string
	Competences  []string
	AskedAt      time.Time
}

// Waiting are those who asked to join, the first to ask first.
func (s Store) Waiting(ctx context.Context, seat Seat) ([]Request, error) {
	if err := seat.Must(Admit); err != nil {
		return nil, err
	}
	return postgres.All[Request](ctx, s.db, `select a.id as account, a.name, a.organisation, a.sector, m.perspective, m.bring, m.learn, m.meets, m.asked_at,
			array(select k.name from competence k where k.community_id = m.community_id and k.account_id = m.account_id order by k.position) as competences
		from membership m join account a on a.id = m.account_id where m.community_id = $1 and m.state = 'waiting' order by m.asked_at, a.id`, seat.Community)
}

// Admit makes somebody who waits a member. Doing it twice is done once.
func (s Store) Admit(ctx context.Context, seat Seat, who account.ID) error {
	return s.decide(ctx, seat, who, func(tx pgx.Tx) error {
		if err := activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.admit", Community: int64(seat.Community), Concerned: []account.ID{who}}); err != nil {
			return err
		}
		return s.seatMember(ctx, tx, seat, who, seat.Account)
	})
}

// Decline says no, with a reason that the person reads.
func (s Store) Decline(ctx context.Context, seat Seat, who account.ID, reason string) error {
	if err := seat.Must(Admit); err != nil {
		return err
	}
	var in fault.Invalid
	in.Check(reason != "", "reason", "required")
	in.Check(utf8.RuneCountInString(reason) <= 500, "reason", "too-long", "max", 500)
	if err := in.Err(); err != nil {
		return err
	}
	return s.decide(ctx, seat, who, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update membership set state = 'declined', reason = $3 where community_id = $1 and account_id = $2`, seat.Community, who, reason); err != nil {
			return fmt.Errorf("decline: %w", err)
		}
		if err := activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.decline", Community: int64(seat.Community), Concerned: []account.ID{who}}); err != nil {
			return err
		}
		return s.tell(ctx, tx, seat, account.Letter{Kind: "declined", Account: who, Words: map[string]string{"reason": reason}})
	})
}

func (s Store) decide(ctx context.Context, seat Seat, who account.ID, do func(pgx.Tx) error) error {
	if err := seat.Must(Admit); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, seat); err != nil {
			return err
		}
		var state string
		err := tx.QueryRow(ctx, `select state from membership where community_id = $1 and account_id = $2`, seat.Community, who).Scan(&state)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("request of %d: %w", who, fault.NotFound)
		}
		if err != nil || state == "member" || state == "declined" {
			return err // decided already: a second click changes nothing
		}
		if state != "waiting" {
			return fmt.Errorf("request of %d: %w", who, fault.NotFound)
		}
		return do(tx)
	})
}

// Appoint makes a member a coordinator, or one of several coordinators a member again: oneself, too. One always stays.
func (s Store) Appoint(ctx context.Context, seat Seat, number int, coordinator bool) error {
	if err := seat.Must(Appoint); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, seat); err != nil {
			return err
		}
		if err := s.stillMay(ctx, tx, seat); err != nil {
			return err
		}
		var who account.ID
		var role string
		var others int
		err := tx.QueryRow(ctx, `select m.account_id, m.role, (select count(*) from membership o where o.community_id = m.community_id and o.state = 'member' and o.role = 'coordinator' and o.account_id <> m.account_id)
			from membership m where m.community_id = $1 and m.number = $2 and m.state = 'member'`, seat.Community, number).Scan(&who, &role, &others)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("member %d of %s: %w", number, seat.Slug, fault.NotFound)
		}
		if err != nil || coordinator == (role == "coordinator") {
			return err // nothing to change: a second click
		}
		if !coordinator && others == 0 {
			return fault.One("leave", "last-coordinator")
		}
		role = "member"
		if coordinator {
			role = "coordinator"
		}
		if _, err := tx.Exec(ctx, `update membership set role = $3, coordinator_since = case when $3 = 'coordinator' then $4::timestamptz end where community_id = $1 and account_id = $2`, seat.Community, who, role, s.now()); err != nil {
			return fmt.Errorf("appoint: %w", err)
		}
		if coordinator && who != seat.Account {
			if err := s.tell(ctx, tx, seat, account.Letter{Kind: "appointed", Account: who, Link: link.Handover(seat.Slug)}); err != nil {
				return err
			}
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.appoint", Community: int64(seat.Community), Concerned: []account.ID{who}, Detail: map[string]any{"number": number, "role": role}})
	})
}

// stillMay refuses a coordinator who stopped being one while this request waited for the lock.
func (s Store) stillMay(ctx context.Context, tx pgx.Tx, seat Seat) error {
	if seat.Administers {
		return nil
	}
	var still bool
	err := tx.QueryRow(ctx, `select exists (select from membership where community_id = $1 and account_id = $2 and state = 'member' and role = 'coordinator')`, seat.Community, seat.Account).Scan(&still)
	if err == nil && !still {
		err = fmt.Errorf("appoint in %s: %w", seat.Slug, fault.Forbidden)
	}
	return err
}
