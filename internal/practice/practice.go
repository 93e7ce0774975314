// Package practice is the shared repertoire: what a community knows from doing.
package practice

import (
	"slices"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Store keeps the entries of the repertoire.
type Store struct {
	db    postgres.DB
	items item.Store
	now   func() time.Time
}

// NewStore keeps entries in db.
func NewStore(db postgres.DB, now func() time.Time) Store {
	return Store{db: db, items: item.NewStore(db, now), now: now}
}

// On is the store inside a transaction.
func (s Store) On(db postgres.DB) Store { return NewStore(db, s.now) }

// Entry is one of the repertoire, as read.
type Entry struct {
	ID        item.ID
	Number    int
	Community community.ID
	Form      Form
	Title     string // a draft may have none
	Lang      locale.Lang
	HTML      string
	Fields    Fields
	Facts
	Audience item.Audience
	Author   item.Voice
	At       time.Time
	ActiveAt time.Time
	Edited   *time.Time
	SharedAt *time.Time
	Revision int
	Uses     int // reports that stand
	Cities   int // from which they come
}

// Draft reports whether only those who write the entry and the coordinators read it.
func (e Entry) Draft() bool { return e.Audience == item.Draft }

// Audiences that an entry may have, from the narrowest: a private community holds none wider than itself.
func Audiences(private bool) []item.Audience {
	if private {
		return []item.Audience{item.Draft, item.Community}
	}
	return []item.Audience{item.Draft, item.Community, item.Programme, item.Public}
}

func checkAudience(in *fault.Invalid, a item.Audience, private bool) {
	in.Check(slices.Contains(Audiences(private), a), "audience", "choose")
}
