package community

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Duty is what waits for the coordinator of a community.
type Duty struct {
	Slug      string
	Name      string
	Waiting   int // requests to join
	Ungreeted int // members of the last 90 days whom nobody greeted
	Lapsing   int // commitments that lapse within 30 days, or have
}

// Duties in each community that the reader coordinates, in the reader's language, those with none left out.
func (s Store) Duties(ctx context.Context, reach Reach, lang locale.Lang) ([]Duty, error) {
	if len(reach.Coordinated) == 0 {
		return nil, nil
	}
	all, err := postgres.All[Duty](ctx, s.db, `select * from (select c.slug, x.name, count(*) filter (where m.state = 'waiting')::int as waiting, count(*) filter (where `+ungreeted+`)::int as ungreeted,
			count(*) filter (where m.state = 'member' and coalesce(m.renewed_at, m.since) <= @now::timestamptz + interval '30 days' - interval '1 year')::int as lapsing
		from community c `+inLang+` join membership m on m.community_id = c.id where c.id = any(@coordinated) group by c.id, c.slug, x.name) d
		where waiting + ungreeted + lapsing > 0 order by name`, reach.Args(pgx.NamedArgs{"lang": lang, "now": s.now()}))
	if err != nil {
		return nil, fmt.Errorf("duties: %w", err)
	}
	return all, nil
}

// Owed is what a community asks of the reader: whether the commitment is still true, and to agree to a changed charter.
type Owed struct {
	Slug      string
	Name      string
	RenewedAt time.Time
	Renew     bool
	Charter   bool
}

// Owed in each of the reader's communities, in the reader's language, those that ask nothing left out.
func (s Store) Owed(ctx context.Context, reach Reach, lang locale.Lang) ([]Owed, error) {
	if len(reach.Mine) == 0 {
		return nil, nil
	}
	all, err := postgres.All[Owed](ctx, s.db, `select * from (select c.slug, x.name, coalesce(m.renewed_at, m.since) as renewed_at, `+renewalDue+` as renew,
			coalesce((select h.version > m.charter_version and exists (select from charter_text t where t.community_id = h.community_id and t.version = h.version)
				from charter h where h.community_id = c.id order by h.version desc limit 1), false) as charter
		from membership m join community c on c.id = m.community_id `+inLang+` where m.account_id = @me and m.state = 'member') o
		where renew or charter order by name`, reach.Args(pgx.NamedArgs{"lang": lang, "now": s.now()}))
	if err != nil {
		return nil, fmt.Errorf("what is owed: %w", err)
	}
	return all, nil
}
