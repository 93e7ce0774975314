package community

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// CharterVersion is one state of the charter in a list of them.
type CharterVersion struct {
	Version     int
	MadeAt      time.Time
	Note        string
	Name        string // of who made it, where the reader may see the profile
	Number      int    // of that member; 0: none to show
	Perspective Perspective
	Langs       []locale.Lang // in which it differs from the version before
}

// MaxCharterVersions in a list: those before stay readable by their number.
const MaxCharterVersions = 100

// CharterVersions are the newest versions, the newest first.
func (s Store) CharterVersions(ctx context.Context, seat Seat) ([]CharterVersion, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	all, err := postgres.All[CharterVersion](ctx, s.db, `select h.version, h.made_at, h.note,
			coalesce(case when m.account_id is not null and `+shown+` then a.name end, '') as name,
			coalesce(case when m.state = 'member' and `+shown+` then m.number end, 0) as number, coalesce(case when `+shown+` then m.perspective end, '') as perspective,
			array(select l from unnest(array['en', 'de', 'fr', 'el']) l
				left join charter_text t on t.community_id = h.community_id and t.version = h.version and t.lang = l
				left join charter_text b on b.community_id = h.community_id and b.version = h.version - 1 and b.lang = l
				where t.body is distinct from b.body) as langs
		from charter h left join account a on a.id = h.made_by left join membership m on m.community_id = h.community_id and m.account_id = h.made_by
		where h.community_id = @community order by h.version desc limit @limit`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "limit": MaxCharterVersions}))
	if err != nil {
		return nil, fmt.Errorf("charter of %s: %w", seat.Slug, err)
	}
	return all, nil
}

// CharterChange are the words of two versions in one language; Before is empty where there were none.
type CharterChange struct {
	Lang          locale.Lang
	Before, After string
}

// CharterChange tells version from an earlier one, in the reader's language where it differs there, else in one in which it does.
func (s Store) CharterChange(ctx context.Context, seat Seat, lang locale.Lang, earlier, version int) (CharterChange, error) {
	var c CharterChange
	if err := seat.MaySee(); err != nil {
		return c, err
	}
	err := s.db.QueryRow(ctx, `select l, coalesce(b.body, ''), coalesce(t.body, '') from charter h join community c on c.id = h.community_id
		cross join unnest(array['en', 'de', 'fr', 'el']) l
		left join charter_text t on t.community_id = h.community_id and t.version = h.version and t.lang = l
		left join charter_text b on b.community_id = h.community_id and b.version = $3 and b.lang = l
		where h.community_id = $1 and h.version = $2 and (t.body is not null or b.body is not null)
		order by t.body is distinct from b.body desc, l = $4 desc, l = c.lang desc, l limit 1`, seat.Community, version, earlier, lang).Scan(&c.Lang, &c.Before, &c.After)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, fmt.Errorf("charter %d of %s: %w", version, seat.Slug, fault.NotFound)
	}
	if err != nil {
		return c, fmt.Errorf("charter %d of %s: %w", version, seat.Slug, err)
	}
	return c, nil
}

// Agreement counts the members who agreed to the newest charter.
type Agreement struct{ Agreed, Members int }

// Agreement on the charter, for who edits it.
func (s Store) Agreement(ctx context.Context, seat Seat) (Agreement, error) {
	if err := seat.Must(EditAbout); err != nil {
		return Agreement{}, err
	}
	return postgres.One[Agreement](ctx, s.db, agreement, seat.Community)
}

const agreement = `select count(*) filter (where charter_version = (select max(version) from charter where community_id = $1))::int as agreed, count(*)::int as members
	from membership where community_id = $1 and state = 'member'`

// Agree notes that the reader, a member, agrees to a version of the charter. One that is not the newest any more is a fault.Conflict.
func (s Store) Agree(ctx context.Context, seat Seat, version int) error {
	if err := seat.MaySee(); err != nil {
		return err
	}
	if seat.Standing < Member {
		return fmt.Errorf("agree to the charter of %s: %w", seat.Slug, fault.Forbidden)
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// Describe holds the same row while it makes a version.
		if err := lock(ctx, tx, seat); err != nil {
			return err
		}
		var newest int
		if err := tx.QueryRow(ctx, `select coalesce(max(version), 0) from charter where community_id = $1`, seat.Community).Scan(&newest); err != nil {
			return fmt.Errorf("charter of %s: %w", seat.Slug, err)
		}
		if newest != version || version == 0 {
			return fmt.Errorf("charter %d of %s: %w", version, seat.Slug, &fault.Conflict{Revision: newest})
		}
		tag, err := tx.Exec(ctx, `update membership set charter_version = $3, revision = revision + 1 where community_id = $1 and account_id = $2 and state = 'member' and charter_version <> $3`, seat.Community, seat.Account, version)
		if err != nil || tag.RowsAffected() == 0 {
			return err // agreed already: a second click changes nothing
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.agree", Community: int64(seat.Community), Detail: map[string]any{"version": version}})
	})
}
