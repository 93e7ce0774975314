// Package desk knows what waits for a person, as a member and as a coordinator.
package desk

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// After so long something waits for somebody.
const (
	UnansweredDays = 3   // a help request without an answer
	QuietDays      = 21  // a community in which nobody says anything
	GreetDays      = 90  // a newcomer whom nobody has greeted; later it would be odd
	RenewDays      = 335 // eleven months: a commitment that is about to be a year old
	LaterDays      = 7   // a line that was put off
	most           = 12  // lines of one kind
)

// Kind of a line; the message "desk.<kind>" says it.
type Kind string

// What waits for a member.
const (
	Outcome Kind = "outcome" // the reader's own request was answered: what worked?
	Offered Kind = "offered" // the reader offered help that has not come yet
	Match   Kind = "match"   // a request that the reader may know about, or that asks the reader's perspective
	Renewal Kind = "renewal" // the reader's commitment is a year old
	Charter Kind = "charter" // a charter that changed after the reader agreed
	Drafts  Kind = "drafts"  // texts not sent
)

// What waits for a coordinator.
const (
	Admit      Kind = "admit"
	Report     Kind = "report"
	Unanswered Kind = "unanswered"
	Greet      Kind = "greet"
	Lapsing    Kind = "lapsing"
	Quiet      Kind = "quiet"
)

// Line is one thing that waits.
type Line struct {
	Kind   Kind
	Key    string // under which it can be put off; a new state has a new key
	Slug   string
	City   string // the community's name
	N      int    // how many; 0 where it is one thing
	Number int    // of the item
	Title  string
	Lang   locale.Lang
	Names  []string // of people, at most three
	At     time.Time
}

// Desk is what waits for one person, in the order in which it should be done.
type Desk struct {
	Mine        []Line
	Coordinator []Line
}

// Store reads what waits.
type Store struct {
	db  postgres.DB
	now func() time.Time
}

// NewStore reads what waits in db.
func NewStore(db postgres.DB, now func() time.Time) Store { return Store{db: db, now: now} }

// Of is the desk of a reader, in one round trip. What was put off is not on it.
func (s Store) Of(ctx context.Context, reach community.Reach, lang locale.Lang) (Desk, error) {
	var d Desk
	if reach.Me == 0 {
		return d, nil
	}
	now := s.now()
	args := reach.Args(pgx.NamedArgs{"lang": lang, "now": now, "most": most,
		"unanswered": now.AddDate(0, 0, -UnansweredDays), "quiet": now.AddDate(0, 0, -QuietDays), "newcomer": now.AddDate(0, 0, -GreetDays), "renew": now.AddDate(0, 0, -RenewDays)})
	b := &pgx.Batch{}
	gather := func(into *[]Line, queries []string) {
		for _, sql := range queries {
			b.Queue(sql, args).Query(func(rows pgx.Rows) error {
				lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[Line])
				*into = append(*into, lines...)
				return err
			})
		}
	}
	gather(&d.Mine, mine)
	if len(reach.Coordinated) > 0 || reach.Everywhere {
		gather(&d.Coordinator, coordinators)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return d, fmt.Errorf("desk: %w", err)
	}
	return d, nil
}

// Later takes a line off the reader's desk for a week.
func (s Store) Later(ctx context.Context, reach community.Reach, line string) error {
	kind, rest, ok := strings.Cut(line, ":")
	if reach.Me == 0 || !ok || kind == "" || rest == "" || utf8.RuneCountInString(line) > 80 {
		return fmt.Errorf("line %.80q: %w", line, fault.NotFound)
	}
	now := s.now()
	_, err := s.db.Exec(ctx, `with over as (delete from desk_later where account_id = $1 and until < $3 and line <> $2)
		insert into desk_later (account_id, line, until) values ($1, $2, $4) on conflict (account_id, line) do update set until = excluded.until`,
		reach.Me, line, now, now.AddDate(0, 0, LaterDays))
	if err != nil {
		return fmt.Errorf("put off %q: %w", line, err)
	}
	return nil
}

// Back puts a line on the reader's desk again.
func (s Store) Back(ctx context.Context, reach community.Reach, line string) error {
	if _, err := s.db.Exec(ctx, `delete from desk_later where account_id = $1 and line = $2`, reach.Me, line); err != nil {
		return fmt.Errorf("back on the desk: %w", err)
	}
	return nil
}
