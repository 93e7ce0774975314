package community

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// WantedID of an organisation that a community wants to reach.
type WantedID int64

// Wanted is an organisation that a community wants to reach, and why.
type Wanted struct {
	ID          WantedID
	Name        string
	Sector      string
	Perspective Perspective
	Why         string
	Revision    int
	Here        int // members from there whose organisation the reader may see
}

// MaxWanted organisations of one community.
const MaxWanted = 200

const (
	organisationKey = `trim(regexp_replace(lower(unaccent(a.organisation)), '[^[:alnum:]]+', ' ', 'g'))`
	wantedKey       = `trim(regexp_replace(lower(unaccent(w.name)), '[^[:alnum:]]+', ' ', 'g'))`
)

// here counts the members by organisation, as far as the reader may see whence they come.
const here = `here as (select ` + organisationKey + ` as name, count(*)::int as n from membership m join account a on a.id = m.account_id
	where m.community_id = @community and m.state = 'member' and a.organisation <> '' and ` + shown + ` and ` + organisationShown + ` group by 1)`

// Wanted organisations, in the order that the coordinators gave them, each with how many of its people are here.
func (s Store) Wanted(ctx context.Context, seat Seat) ([]Wanted, error) {
	if err := seat.Must(SeeWanted); err != nil {
		return nil, err
	}
	all, err := postgres.All[Wanted](ctx, s.db, `with `+here+` select w.id, w.name, w.sector, w.perspective, w.why, w.revision, coalesce(here.n, 0) as here
		from wanted_organisation w left join here on here.name = `+wantedKey+`
		where w.community_id = @community order by w.position, w.id`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community}))
	if err != nil {
		return nil, fmt.Errorf("organisations that %s wants to reach: %w", seat.Slug, err)
	}
	return all, nil
}

// WantedOne is one of them, to be changed.
func (s Store) WantedOne(ctx context.Context, seat Seat, id WantedID) (Wanted, error) {
	if err := seat.Must(KeepWanted); err != nil {
		return Wanted{}, err
	}
	w, err := postgres.One[Wanted](ctx, s.db, `select id, name, sector, perspective, why, revision, 0 as here from wanted_organisation where community_id = $1 and id = $2`, seat.Community, id)
	if err != nil {
		return w, fmt.Errorf("organisation %d of %s: %w", id, seat.Slug, err)
	}
	return w, nil
}

func (w Wanted) check() error {
	var in fault.Invalid
	in.Check(w.Name != "", "name", "required")
	in.Check(utf8.RuneCountInString(w.Name) <= 160, "name", "too-long", "max", 160)
	in.Check(w.Sector == "" || slices.Contains(account.Sectors, w.Sector), "sector", "choose")
	in.Check(w.Perspective == Stakeholder || w.Perspective == Scientist, "perspective", "choose")
	in.Check(utf8.RuneCountInString(w.Why) <= 500, "why", "too-long", "max", 500)
	return in.Err()
}

// Want adds an organisation at the end of the list. The same form sent twice adds it once.
func (s Store) Want(ctx context.Context, seat Seat, w Wanted, request uuid.UUID) error {
	if err := seat.Must(KeepWanted); err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	return s.wanting(ctx, seat, w.Name, "community.want", func(tx pgx.Tx) error {
		if first, err := s.claim(ctx, tx, seat, request); err != nil || !first {
			return err
		}
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from wanted_organisation where community_id = $1`, seat.Community).Scan(&n); err != nil {
			return err
		}
		if n >= MaxWanted {
			return fault.One("name", "too-many", "max", MaxWanted)
		}
		_, err := tx.Exec(ctx, `insert into wanted_organisation (community_id, name, sector, perspective, why, position, added_by, at)
			select $1, $2, $3, $4, $5, coalesce(max(position), 0) + 1, $6, $7 from wanted_organisation where community_id = $1`, seat.Community, w.Name, w.Sector, w.Perspective, w.Why, seat.Account, s.now())
		return err
	})
}

// ChangeWanted changes one. A change that started from another revision is a fault.Conflict.
func (s Store) ChangeWanted(ctx context.Context, seat Seat, w Wanted) error {
	if err := seat.Must(KeepWanted); err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	return s.wanting(ctx, seat, w.Name, "community.want", func(tx pgx.Tx) error {
		var revision int
		err := tx.QueryRow(ctx, `select revision from wanted_organisation where community_id = $1 and id = $2`, seat.Community, w.ID).Scan(&revision)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.NotFound
		}
		if err != nil {
			return err
		}
		if revision != w.Revision {
			return &fault.Conflict{Revision: revision}
		}
		_, err = tx.Exec(ctx, `update wanted_organisation set name = $3, sector = $4, perspective = $5, why = $6, revision = revision + 1 where community_id = $1 and id = $2`,
			seat.Community, w.ID, w.Name, w.Sector, w.Perspective, w.Why)
		return err
	})
}

// Unwant takes one off the list.
func (s Store) Unwant(ctx context.Context, seat Seat, id WantedID) error {
	if err := seat.Must(KeepWanted); err != nil {
		return err
	}
	return s.wanting(ctx, seat, "", "community.unwant", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from wanted_organisation where community_id = $1 and id = $2`, seat.Community, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = fault.NotFound
		}
		return err
	})
}

// MoveWanted moves one a place up or down; at the end of the list it stays.
func (s Store) MoveWanted(ctx context.Context, seat Seat, id WantedID, up bool) error {
	if err := seat.Must(KeepWanted); err != nil {
		return err
	}
	return s.wanting(ctx, seat, "", "", func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id from wanted_organisation where community_id = $1 order by position, id`, seat.Community)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[WantedID])
		if err != nil {
			return err
		}
		at := slices.Index(ids, id)
		if at < 0 {
			return fault.NotFound
		}
		to := at + 1
		if up {
			to = at - 1
		}
		if to < 0 || to >= len(ids) {
			return nil
		}
		ids[at], ids[to] = ids[to], ids[at]
		_, err = tx.Exec(ctx, `update wanted_organisation w set position = o.n from unnest($2::bigint[]) with ordinality o(id, n) where w.community_id = $1 and w.id = o.id`, seat.Community, ids)
		return err
	})
}

// wanting changes the list while nobody else does, and notes it under verb unless that is empty.
func (s Store) wanting(ctx context.Context, seat Seat, name, verb string, do func(pgx.Tx) error) error {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, seat); err != nil {
			return err
		}
		if err := do(tx); err != nil || verb == "" {
			return err
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: verb, Community: int64(seat.Community), Detail: map[string]any{"name": name}})
	})
	if postgres.Violates(err, "wanted_once") {
		return fault.One("name", "wanted-already")
	}
	if err != nil && len(fault.Problems(err)) == 0 {
		return fmt.Errorf("organisations that %s wants to reach: %w", seat.Slug, err)
	}
	return err
}

// Reached counts the wanted organisations of which somebody is here.
func Reached(all []Wanted) (n int) {
	for _, w := range all {
		if w.Here > 0 {
			n++
		}
	}
	return n
}
