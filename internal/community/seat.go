package community

import (
	"fmt"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
)

// Perspective is a fact about a voice, shown beside it, never a rank.
type Perspective string

// The two perspectives.
const (
	Stakeholder Perspective = "stakeholder"
	Scientist   Perspective = "scientist"
)

// Standing is the column of the table of permissions in which a person stands.
type Standing int

// The standings, from the outside inwards.
const (
	Visitor Standing = iota
	Elsewhere
	Member
	ScientificMember
	Coordinator
	Administrator // only in the table: a seat says Administers
)

// Permission is an act that a seat allows or not.
type Permission string

// The acts. The message "may.<permission>" says what somebody was not allowed to do.
const (
	Reply          Permission = "reply"           // to an item that the reader can open
	ReplyProgramme Permission = "reply-programme" // to an item open to the whole programme
	Discuss        Permission = "discuss"
	Thank          Permission = "thank"
	WriteEntry     Permission = "write-entry" // of the repertoire
	Announce       Permission = "announce"
	Admit          Permission = "admit"
	Invite         Permission = "invite"
	Appoint        Permission = "appoint"
	Greet          Permission = "greet"
	KeepHandover   Permission = "keep-handover"
	SeeWanted      Permission = "see-wanted" // the organisations that the community wants to reach
	KeepWanted     Permission = "keep-wanted"
	EditAbout      Permission = "edit-about"
	Found          Permission = "found" // a new community
	Report         Permission = "report"
	Moderate       Permission = "moderate" // hide, show, pin, lock, settle reports, read the audit page
	Move           Permission = "move"     // a thread to another community
	Follow         Permission = "follow"
	FollowItem     Permission = "follow-item" // that the reader can open
	Schedule       Permission = "schedule"    // meetings, their polls, agendas and minutes
	ProposePoint   Permission = "propose-point"
	AnswerDates    Permission = "answer-dates" // of a date poll
	Attend         Permission = "attend"       // say whether one comes
	Settle         Permission = "settle"       // record a decision, or an action
	CorrectMinutes Permission = "correct-minutes"
	Raise          Permission = "raise"           // a criterion, as heard or as wanted
	Word           Permission = "word"            // log, word and merge criteria
	Relate         Permission = "relate"          // criteria that the reader can open
	Judge          Permission = "judge"           // agree, park, decline and reopen criteria; record the community's answer to a claim
	Rate           Permission = "rate"            // how important a criterion is
	ClaimMet       Permission = "claim-met"       // that a release satisfies a criterion
	AnswerClaim    Permission = "answer-claim"    // of those who asked
	KeepProducts   Permission = "keep-products"   // products and their makers
	KeepCategories Permission = "keep-categories" // of criteria
	UseEntry       Permission = "use-entry"       // say that one used it, and what came of it
	EndorseEntry   Permission = "endorse-entry"   // in the name of the community
	VouchEntry     Permission = "vouch-entry"     // say that it is still true
	RelateEntry    Permission = "relate-entry"    // to others that the reader can open
	TranslateEntry Permission = "translate-entry"
	SeeThemes      Permission = "see-themes"      // what several people said in their own words
	CollectEntries Permission = "collect-entries" // into a collection
	KeepTopics     Permission = "keep-topics"     // that entries are about
)

var inside = []Standing{Member, ScientificMember, Coordinator}

var permissions = map[Permission][]Standing{
	Reply:          inside,
	ReplyProgramme: {Elsewhere, Member, ScientificMember, Coordinator},
	Discuss:        inside,
	Thank:          inside,
	WriteEntry:     inside,
	Announce:       {Coordinator},
	Admit:          {Coordinator, Administrator},
	Invite:         {Coordinator, Administrator},
	Appoint:        {Coordinator, Administrator},
	Greet:          {Coordinator, Administrator},
	KeepHandover:   {Coordinator, Administrator},
	SeeWanted:      {Member, ScientificMember, Coordinator, Administrator},
	KeepWanted:     {Coordinator, Administrator},
	EditAbout:      {Coordinator, Administrator},
	Found:          {Administrator},
	Report:         inside,
	Moderate:       {Coordinator, Administrator},
	Move:           {Coordinator, Administrator},
	Follow:         inside,
	FollowItem:     {Elsewhere, Member, ScientificMember, Coordinator, Administrator},
	Schedule:       {Coordinator, Administrator},
	ProposePoint:   inside,
	AnswerDates:    inside,
	Attend:         inside,
	Settle:         {Coordinator, Administrator},
	CorrectMinutes: inside,
	Raise:          inside,
	Word:           {ScientificMember, Coordinator},
	Relate:         {Elsewhere, Member, ScientificMember, Coordinator},
	Judge:          {Coordinator},
	Rate:           inside,
	ClaimMet:       {ScientificMember, Coordinator},
	AnswerClaim:    inside,
	KeepProducts:   {Administrator},
	KeepCategories: {Administrator},
	UseEntry:       {Elsewhere, Member, ScientificMember, Coordinator},
	EndorseEntry:   {Coordinator},
	VouchEntry:     inside,
	RelateEntry:    inside,
	TranslateEntry: inside,
	SeeThemes:      {Coordinator},
	CollectEntries: {Coordinator},
	KeepTopics:     {Administrator},
}

// Seat is one person's place in one community.
type Seat struct {
	Community   ID
	Slug        string
	Private     bool
	Account     account.ID
	Standing    Standing
	Administers bool // the programme, whatever the standing here
	Perspective Perspective
	Number      int  // of the membership; 0 without one
	Invited     bool // may join, and read what a private community is about
	Reach       Reach
}

// Can reports whether the seat allows p. Pages use it to hide; stores use Must.
func (s Seat) Can(p Permission) bool {
	for _, allowed := range permissions[p] {
		if allowed == s.Standing || (s.Administers && allowed == Administrator) {
			return true
		}
	}
	return false
}

// Must is nil when the seat allows p. In a private community a stranger learns nothing, not even that it is there.
func (s Seat) Must(p Permission) error {
	if s.Can(p) {
		return nil
	}
	if s.Private && !s.Inside() {
		return fmt.Errorf("community %s: %w", s.Slug, fault.NotFound)
	}
	return fmt.Errorf("%s in %s: %w", p, s.Slug, fault.Forbidden)
}

// Inside reports whether the person belongs here, or administers the programme.
func (s Seat) Inside() bool { return s.Standing >= Member || s.Administers }

// MaySee is nil unless the community is private and the person has neither a place in it nor an invitation.
func (s Seat) MaySee() error {
	if s.Private && !s.Inside() && !s.Invited {
		return fmt.Errorf("community %s: %w", s.Slug, fault.NotFound)
	}
	return nil
}
