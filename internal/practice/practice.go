// Package practice is the shared repertoire: what a community knows from doing.
package practice

import (
	"slices"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Experience is the form of an entry that tells freely what somebody lived through. The message "repertoire.form.<form>" says each form.
const Experience = "experience"

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

// Entry is one of the repertoire, as read.
type Entry struct {
	ID       item.ID
	Number   int
	Form     string
	Title    string // a draft may have none
	Lang     locale.Lang
	HTML     string
	Audience item.Audience
	Author   item.Voice
	At       time.Time
	ActiveAt time.Time
	Edited   *time.Time
	Revision int
	Tags     []item.Tag
	Trail    []item.Step
}

// Draft reports whether only its author and the coordinators read the entry.
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
