// Package account knows who signs in: people, their passwords, sessions, mailed links and privacy choices.
package account

import (
	"time"

	"urbanfluxes.eu/koinon/internal/locale"
)

// ID of an account; 0 is nobody.
type ID int64

// For says who may see a part of a profile. Its numbers agree with the audiences of items.
type For int16

// The circles that a person may open a part of the profile to.
const (
	ForEverybody For = 0
	ForProgramme For = 1
	ForCommunity For = 2
	ForNobody    For = 3
)

// Sectors of work that a profile may name; the message "sector.<name>" says each.
var Sectors = []string{"planning", "health", "energy", "environment", "civil-protection", "statistics", "research", "education", "industry", "other"}

// Account is a person who can sign in.
type Account struct {
	ID              ID
	Handle          string
	Name            string
	Email           string
	Organisation    string
	Sector          string
	Languages       []string
	Lang            locale.Lang
	About           string
	ProfileFor      For
	OrganisationFor For
	EmailFor        For
	Administrator   bool
	Revision        int
	CreatedAt       time.Time
}

// SignedIn tells a person from nobody.
func (a Account) SignedIn() bool { return a.ID != 0 }

// Session is one place where an account is signed in.
type Session struct {
	ID        int64
	Account   ID
	Data      []byte
	Agent     string
	CreatedAt time.Time
	SeenAt    time.Time
	ProvedAt  time.Time
	ExpiresAt time.Time
}
