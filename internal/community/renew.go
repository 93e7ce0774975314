package community

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// A commitment is asked after for the first time a month before the year is over. Nobody loses a place by it.
const (
	askAfterMonths   = 11
	lapsesAfterYears = 1
)

// renewalDue is the condition on membership m under which the commitment is asked after at @now.
const renewalDue = `coalesce(m.renewed_at, m.since) <= @now::timestamptz - interval '11 months'`

// RenewalDue reports whether a member should be asked whether the commitment is still true.
func (m Membership) RenewalDue(now time.Time) bool {
	return m.State == "member" && m.Renewed != nil && !m.Renewed.AddDate(0, askAfterMonths, 0).After(now)
}

// Renew says that the reader's commitment is still true.
func (s Store) Renew(ctx context.Context, seat Seat) error {
	if err := seat.MaySee(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update membership set renewed_at = $3, revision = revision + 1 where community_id = $1 and account_id = $2 and state = 'member'`, seat.Community, seat.Account, s.now())
		if err != nil {
			return fmt.Errorf("renew in %s: %w", seat.Slug, err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("renew in %s: %w", seat.Slug, fault.Forbidden)
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.renew", Community: int64(seat.Community)})
	})
}

// Renewal is a member whose commitment lapses soon, or has.
type Renewal struct {
	Number      int
	Name        string
	Perspective Perspective
	RenewedAt   time.Time
	RemindedAt  *time.Time
}

// LapsesAt is when the year is over.
func (r Renewal) LapsesAt() time.Time { return r.RenewedAt.AddDate(lapsesAfterYears, 0, 0) }

// PerRenewals is how many members stand on one list of renewals.
const PerRenewals = 200

// Renewals are the members whose commitment lapses within 30 days or has lapsed, the longest ago first.
func (s Store) Renewals(ctx context.Context, seat Seat) ([]Renewal, error) {
	if err := seat.Must(Admit); err != nil {
		return nil, err
	}
	all, err := postgres.All[Renewal](ctx, s.db, `select m.number, a.name, m.perspective, coalesce(m.renewed_at, m.since) as renewed_at, m.reminded_at
		from membership m join account a on a.id = m.account_id
		where m.community_id = @community and m.state = 'member' and coalesce(m.renewed_at, m.since) <= @now::timestamptz + interval '30 days' - interval '1 year' and `+shown+`
		order by coalesce(m.renewed_at, m.since), m.number limit @limit`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "now": s.now(), "limit": PerRenewals}))
	if err != nil {
		return nil, fmt.Errorf("renewals in %s: %w", seat.Slug, err)
	}
	return all, nil
}

const remindTogether = 200

// RemindRenewals writes to members whose commitment is due, to each once a year in each community. It acts for the system; run twice, it writes once.
func (s Store) RemindRenewals(ctx context.Context) error {
	for {
		n := 0
		err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
			n, err = s.remind(ctx, tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("remind of renewals: %w", err)
		}
		if n < remindTogether {
			return nil
		}
	}
}

func (s Store) remind(ctx context.Context, tx pgx.Tx) (int, error) {
	type reminder struct {
		Account account.ID
		Slug    string
		Name    string
	}
	all, err := postgres.All[reminder](ctx, tx, `with due as (select m.community_id, m.account_id from membership m
			where m.state = 'member' and `+renewalDue+` and (m.reminded_at is null or m.reminded_at <= @now::timestamptz - interval '1 year')
			order by m.community_id, m.account_id limit @limit for update skip locked),
		told as (update membership m set reminded_at = @now from due where m.community_id = due.community_id and m.account_id = due.account_id returning m.community_id, m.account_id)
		select told.account_id as account, c.slug, x.name from told join account a on a.id = told.account_id join community c on c.id = told.community_id
		join community_text x on x.community_id = c.id and x.lang = coalesce((select t.lang from community_text t where t.community_id = c.id and t.lang = a.lang), c.lang)`,
		pgx.NamedArgs{"now": s.now(), "limit": remindTogether})
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		if err := s.letters.Write(ctx, tx, account.Letter{Kind: "renewal", Account: r.Account, Link: link.Community(r.Slug), Words: map[string]string{"community": r.Name}}); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
