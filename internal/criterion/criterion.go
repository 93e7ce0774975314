// Package criterion is what makes an end product useful, in the words of those who ask for it: where a criterion comes from, its life, how important it is,
// and how far a release satisfies it by the word of those who asked.
package criterion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// State of a criterion. The message "criteria.state.<state>" says each.
type State string

// The states of a criterion.
const (
	Raised   State = "raised"
	Agreed   State = "agreed"
	Parked   State = "parked"
	Declined State = "declined"
	Merged   State = "merged"
)

// States in the order in which people look for them.
var States = []State{Raised, Agreed, Parked, Declined, Merged}

// Standing reports whether the criterion is still asked for: it may be rated and claimed.
func (s State) Standing() bool { return s == Raised || s == Agreed }

// Fulfilment says how far a criterion is, by the claims. The message "criteria.fulfilment.<fulfilment>" says each.
type Fulfilment string

// How far a criterion is: nobody claimed, a claim waits for those who asked, they kept silent, not, partly, met.
const (
	Unclaimed Fulfilment = "none"
	Waiting   Fulfilment = "open"
	Unsaid    Fulfilment = "silent"
	NotMet    Fulfilment = "not"
	PartlyMet Fulfilment = "partly"
	Met       Fulfilment = "met"
)

// Fulfilments in the order of how far they are.
var Fulfilments = []Fulfilment{Unclaimed, Waiting, Unsaid, NotMet, PartlyMet, Met}

// Store keeps criteria with all that belongs to them.
type Store struct {
	db    postgres.DB
	items item.Store
	now   func() time.Time
}

// NewStore keeps criteria in db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, items: item.NewStore(db, now), now: now}
}

// On is the same store inside a transaction of somebody else, or on another database.
func (s Store) On(db postgres.DB) Store { return NewStore(db, s.now) }

// Criterion is one, as read.
type Criterion struct {
	ID           item.ID
	Number       int
	Statement    string
	Lang         locale.Lang
	Why          string // rendered; empty where nobody said
	Audience     item.Audience
	Author       item.Voice // who logged it
	Revision     int
	At           time.Time
	EditedAt     *time.Time
	State        State
	StateAt      time.Time
	Category     string // its key; empty: none yet
	Target       Target
	AgreedOn     *time.Time
	MergedInto   int // number; 0: it stands for itself
	Fulfilment   Fulfilment
	FulfilmentAt *time.Time
	Need         item.ID // shared by all that are the same need
}

// placed is a criterion as the store found it, for those who may do something with it.
type placed struct {
	id       item.ID
	number   int
	state    State
	audience item.Audience
	lang     locale.Lang
	revision int
	author   int64
	need     item.ID
}

// find is where a criterion stands, when the seat may read it.
func (s Store) find(ctx context.Context, seat community.Seat, number int) (placed, error) {
	return findIn(ctx, s.db, seat, number, "")
}

// lock is find for a change: nobody else changes the criterion until tx ends.
func (s Store) lock(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (placed, error) {
	return findIn(ctx, tx, seat, number, " for update of i, c")
}

func findIn(ctx context.Context, db postgres.DB, seat community.Seat, number int, locking string) (placed, error) {
	p := placed{number: number}
	if err := seat.MaySee(); err != nil {
		return p, err
	}
	removed := false
	err := db.QueryRow(ctx, `select i.id, c.state, i.audience, i.lang, i.revision, coalesce(i.author_id, 0), c.need_id, i.removed_at is not null
		from item i join criterion c on c.item_id = i.id
		where i.community_id = @community and i.kind = 'criterion' and i.number = @number and i.parent_id is null and `+community.Visible+locking,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number})).
		Scan(&p.id, &p.state, &p.audience, &p.lang, &p.revision, &p.author, &p.need, &removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return p, fmt.Errorf("criterion %d: %w", number, fault.NotFound)
	case err != nil:
		return p, fmt.Errorf("criterion %d: %w", number, err)
	case removed:
		return p, fmt.Errorf("criterion %d: %w", number, fault.Gone)
	}
	return p, nil
}

// Asked holds for criterion @criterion and an account aa.id that asked for it: the speaker of one of its sources who did not deny it. In a list of accounts it is who is told of a claim.
const Asked = `exists (select from criterion_source asked where asked.criterion_id = @criterion and asked.speaker_id = aa.id and asked.answer <> 'denied')`

// tell writes what happened to a criterion; concerned are accounts that hear of it.
func (s Store) tell(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, verb string, concerned []int64, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	if concerned == nil {
		concerned = []int64{}
	}
	_, err := tx.Exec(ctx, `with active as (update item set active_at = $1 where id = $4)
		insert into activity (at, actor_id, verb, item_id, community_id, concerned, detail) values ($1, $2, $3, $4, $5, $6, $7)`, s.now(), seat.Account, verb, id, seat.Community, concerned, detail)
	if err != nil {
		return fmt.Errorf("tell of criterion %d: %w", id, err)
	}
	return nil
}

// askers are the accounts that asked for a criterion, and who logged it.
func askers(ctx context.Context, tx pgx.Tx, id item.ID) ([]int64, error) {
	rows, err := tx.Query(ctx, `select distinct speaker_id from criterion_source where criterion_id = $1 and speaker_id is not null and answer <> 'denied' order by 1`, id)
	if err != nil {
		return nil, fmt.Errorf("who asked for criterion %d: %w", id, err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
