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
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// ungreeted is the condition on membership m under which somebody new waits for a greeting at @now. Who coordinates needs none.
const ungreeted = `m.state = 'member' and m.role = 'member' and m.greeted_at is null and m.since > @now::timestamptz - interval '90 days'`

// Newcomer is a member who was not greeted yet.
type Newcomer struct {
	Number      int
	Name        string
	Perspective Perspective
	Bring       string
	Learn       string
	Since       time.Time
	Lang        locale.Lang // in which the person reads
}

const newcomerColumns = `m.number, a.name, m.perspective, m.bring, m.learn, m.since, a.lang`

// Newcomers are the members of the last 90 days whom nobody greeted yet, the longest here first.
func (s Store) Newcomers(ctx context.Context, seat Seat) ([]Newcomer, error) {
	if err := seat.Must(Greet); err != nil {
		return nil, err
	}
	all, err := postgres.All[Newcomer](ctx, s.db, `select `+newcomerColumns+` from membership m join account a on a.id = m.account_id
		where m.community_id = @community and `+ungreeted+` order by m.since, m.number limit 200`, pgx.NamedArgs{"community": seat.Community, "now": s.now()})
	if err != nil {
		return nil, fmt.Errorf("newcomers of %s: %w", seat.Slug, err)
	}
	return all, nil
}

// Newcomer is one of them; who was greeted meanwhile is fault.Gone.
func (s Store) Newcomer(ctx context.Context, seat Seat, number int) (Newcomer, error) {
	if err := seat.Must(Greet); err != nil {
		return Newcomer{}, err
	}
	n, err := postgres.One[Newcomer](ctx, s.db, `select `+newcomerColumns+` from membership m join account a on a.id = m.account_id
		where m.community_id = $1 and m.number = $2 and m.state = 'member' and m.greeted_at is null`, seat.Community, number)
	if errors.Is(err, fault.NotFound) {
		var there bool
		if err := s.db.QueryRow(ctx, `select exists (select from membership where community_id = $1 and number = $2 and state = 'member')`, seat.Community, number).Scan(&there); err != nil {
			return n, err
		}
		if there {
			return n, fmt.Errorf("newcomer %d of %s: %w", number, seat.Slug, fault.Gone)
		}
	}
	if err != nil {
		return n, fmt.Errorf("newcomer %d of %s: %w", number, seat.Slug, err)
	}
	return n, nil
}

// GreetByLetter sends a newcomer words of welcome. Of two who greet at once one letter goes out; greeted tells whether it was this one.
func (s Store) GreetByLetter(ctx context.Context, seat Seat, by account.Account, number int, text string) (greeted bool, err error) {
	if err := seat.Must(Greet); err != nil {
		return false, err
	}
	var in fault.Invalid
	in.Check(text != "", "text", "required")
	in.Check(utf8.RuneCountInString(text) <= 4000, "text", "too-long", "max", 4000)
	if err := in.Err(); err != nil {
		return false, err
	}
	return s.greet(ctx, seat, number, func(tx pgx.Tx, who account.ID) error {
		return s.tell(ctx, tx, seat, account.Letter{Kind: "greeting", Account: who, Link: link.Community(seat.Slug), Words: map[string]string{"by": by.Name, "text": text}})
	})
}

// GreetInPerson notes that a newcomer was greeted face to face.
func (s Store) GreetInPerson(ctx context.Context, seat Seat, number int) (greeted bool, err error) {
	if err := seat.Must(Greet); err != nil {
		return false, err
	}
	return s.greet(ctx, seat, number, func(pgx.Tx, account.ID) error { return nil })
}

func (s Store) greet(ctx context.Context, seat Seat, number int, then func(pgx.Tx, account.ID) error) (greeted bool, err error) {
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var who account.ID
		var at *time.Time
		err := tx.QueryRow(ctx, `select account_id, greeted_at from membership where community_id = $1 and number = $2 and state = 'member' for update`, seat.Community, number).Scan(&who, &at)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("newcomer %d of %s: %w", number, seat.Slug, fault.NotFound)
		}
		if err != nil || at != nil {
			return err
		}
		greeted = true
		if _, err := tx.Exec(ctx, `update membership set greeted_at = $3, greeted_by = $4 where community_id = $1 and account_id = $2`, seat.Community, who, s.now(), seat.Account); err != nil {
			return fmt.Errorf("greet in %s: %w", seat.Slug, err)
		}
		if err := activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.greet", Community: int64(seat.Community), Concerned: []account.ID{who}}); err != nil {
			return err
		}
		return then(tx, who)
	})
	return greeted && err == nil, err
}
