// Package notice decides who is told of what happened, and keeps what each person was told.
package notice

import (
	"slices"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Levels of following, from the closest. The message "follow.level.<level>" says each.
const (
	All      = "all"
	Mentions = "mentions" // mentions and replies, and what else is said to the person
	CatchUp  = "catch-up" // mentions now, the rest kept for later
	Nothing  = "nothing"
)

// Levels in the order of a choice.
var Levels = []string{All, Mentions, CatchUp, Nothing}

// Default is the level of who never chose one.
const Default = Mentions

// Kinds of notices, for the filter of the inbox. The message "inbox.kind.<kind>" says each.
var Kinds = []string{"mentions", "replies", "thanks", "announcements", "meetings", "criteria", "repertoire", "help", "people"}

// Store keeps who follows what, and notices.
type Store struct {
	db  postgres.DB
	now func() time.Time
}

// NewStore keeps notices in db.
func NewStore(db postgres.DB, now func() time.Time) Store { return Store{db: db, now: now} }

// checkLevel judges a level; the empty one takes back what was chosen.
func checkLevel(level string) error {
	var in fault.Invalid
	in.Check(level == "" || slices.Contains(Levels, level), "level", "choose")
	return in.Err()
}
