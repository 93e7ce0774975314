package community

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Handover is what the next coordinator needs to know, as the present ones wrote it down. Revision 0: nothing yet.
type Handover struct {
	Body      string
	HTML      string
	Lang      locale.Lang
	Revision  int
	UpdatedAt *time.Time
	By        string // name of who wrote it last; empty when that person has left
}

// Handover of a community.
func (s Store) Handover(ctx context.Context, seat Seat) (Handover, error) {
	if err := seat.Must(KeepHandover); err != nil {
		return Handover{}, err
	}
	h, err := postgres.One[Handover](ctx, s.db, `select h.body, h.html, h.lang, h.revision, h.updated_at, coalesce(a.name, '') as by
		from handover h left join account a on a.id = h.updated_by where h.community_id = $1`, seat.Community)
	if errors.Is(err, fault.NotFound) {
		return Handover{}, nil
	}
	if err != nil {
		return h, fmt.Errorf("handover of %s: %w", seat.Slug, err)
	}
	return h, nil
}

// HandOver writes down what the next coordinator needs to know. A change that started from another revision is a fault.Conflict.
func (s Store) HandOver(ctx context.Context, seat Seat, body string, lang locale.Lang, revision int) error {
	if err := seat.Must(KeepHandover); err != nil {
		return err
	}
	var in fault.Invalid
	in.Check(utf8.RuneCountInString(body) <= 50000, "body", "too-long", "max", 50000)
	in.Check(locale.Known(string(lang)), "lang", "choose")
	if err := in.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := lock(ctx, tx, seat); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `insert into handover (community_id, body, html, lang, updated_at, updated_by) select $1, $2, $3, $4, $5, $6 where $7 = 0
			on conflict (community_id) do nothing`, seat.Community, body, markup.Render(body, markup.Targets{}), lang, s.now(), seat.Account, revision)
		if err == nil && revision > 0 {
			tag, err = tx.Exec(ctx, `update handover set body = $2, html = $3, lang = $4, updated_at = $5, updated_by = $6, revision = revision + 1 where community_id = $1 and revision = $7`,
				seat.Community, body, markup.Render(body, markup.Targets{}), lang, s.now(), seat.Account, revision)
		}
		if err != nil {
			return fmt.Errorf("handover of %s: %w", seat.Slug, err)
		}
		if tag.RowsAffected() == 0 {
			stored := 0
			if err := tx.QueryRow(ctx, `select coalesce(max(revision), 0) from handover where community_id = $1`, seat.Community).Scan(&stored); err != nil {
				return fmt.Errorf("handover of %s: %w", seat.Slug, err)
			}
			return fmt.Errorf("handover of %s: %w", seat.Slug, &fault.Conflict{Revision: stored})
		}
		if _, err := tx.Exec(ctx, `insert into handover_revision (community_id, revision, body, lang, at, by_id) values ($1, $2, $3, $4, $5, $6)`, seat.Community, revision+1, body, lang, s.now(), seat.Account); err != nil {
			return fmt.Errorf("handover of %s: %w", seat.Slug, err)
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "community.handover", Community: int64(seat.Community)})
	})
}

// HandoverState is one state of the handover, as it was saved.
type HandoverState struct {
	Revision int
	Body     string
	Lang     locale.Lang
	At       time.Time
	By       string // name of who wrote it; empty when that person has left
}

// MaxHandoverStates in the history.
const MaxHandoverStates = 50

// HandoverStates are the newest states of the handover, the newest first.
func (s Store) HandoverStates(ctx context.Context, seat Seat) ([]HandoverState, error) {
	if err := seat.Must(KeepHandover); err != nil {
		return nil, err
	}
	all, err := postgres.All[HandoverState](ctx, s.db, `select h.revision, h.body, h.lang, h.at, coalesce(a.name, '') as by from handover_revision h left join account a on a.id = h.by_id
		where h.community_id = $1 order by h.revision desc limit $2`, seat.Community, MaxHandoverStates)
	if err != nil {
		return nil, fmt.Errorf("handover of %s: %w", seat.Slug, err)
	}
	return all, nil
}

// OnDuty is a coordinator, and since when.
type OnDuty struct {
	Number      int
	Name        string
	Perspective Perspective
	Since       time.Time
}

// State is how a community stands on the day somebody takes it over.
type State struct {
	Coordinators []OnDuty
	Waiting      int
	Invited      int // invitations that are open
	Ungreeted    int
	Lapsing      int      // commitments that lapse within 30 days, or have
	Missing      []string // wanted organisations of which nobody is here
	Charter      int      // newest version; 0: none
	Agreement
}

// State of a community, for its handover.
func (s Store) State(ctx context.Context, seat Seat) (State, error) {
	var out State
	if err := seat.Must(KeepHandover); err != nil {
		return out, err
	}
	now := s.now()
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "now": now, "open": now.Add(-InvitationLasts)})
	b := &pgx.Batch{}
	b.Queue(`select m.number, a.name, m.perspective, coalesce(m.coordinator_since, m.since) as since from membership m join account a on a.id = m.account_id
		where m.community_id = @community and m.state = 'member' and m.role = 'coordinator' order by 4, m.number`, args).Query(func(rows pgx.Rows) (err error) {
		out.Coordinators, err = pgx.CollectRows(rows, pgx.RowToStructByName[OnDuty])
		return err
	})
	b.Queue(`select count(*) filter (where m.state = 'waiting')::int, count(*) filter (where `+ungreeted+`)::int,
			count(*) filter (where m.state = 'member' and coalesce(m.renewed_at, m.since) <= @now::timestamptz + interval '30 days' - interval '1 year')::int,
			(select count(*)::int from invitation i where i.community_id = @community and i.accepted_at is null and i.withdrawn_at is null and i.at > @open),
			(select coalesce(max(version), 0) from charter where community_id = @community)
		from membership m where m.community_id = @community`, args).QueryRow(func(row pgx.Row) error {
		return row.Scan(&out.Waiting, &out.Ungreeted, &out.Lapsing, &out.Invited, &out.Charter)
	})
	b.Queue(agreement, seat.Community).QueryRow(func(row pgx.Row) error { return row.Scan(&out.Agreed, &out.Members) })
	b.Queue(`with `+here+` select w.name from wanted_organisation w where w.community_id = @community and not exists (select from here where here.name = `+wantedKey+`) order by w.position, w.id`, args).Query(func(rows pgx.Rows) (err error) {
		out.Missing, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return out, fmt.Errorf("state of %s: %w", seat.Slug, err)
	}
	return out, nil
}
