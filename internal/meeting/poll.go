package meeting

import (
	"cmp"
	"slices"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
)

// OptionID of a date on offer.
type OptionID int64

// DateAnswer is what a person says to one date. The message "poll.answer.<answer>" says each.
type DateAnswer string

// The answers; who has not answered yet said none of them.
const (
	Yes      DateAnswer = "yes"
	IfNeedBe DateAnswer = "if-need-be"
	No       DateAnswer = "no"
)

// DateAnswers in the order in which people choose among them.
var DateAnswers = []DateAnswer{Yes, IfNeedBe, No}

// Limits of a poll.
const (
	MaxOptions = 60
	MaxNote    = 500 // characters
)

// Poll is the search for a date: what is on offer, and who could when.
type Poll struct {
	Until     *time.Time // nil: no date was ever sought
	ClosedAt  *time.Time
	Options   []Option
	Heard     int       // people who answered
	Voices    []Voice   // those people; none for readers from outside the community
	Waiting   []Silent  // members and guests who did not answer yet; none for readers from outside
	Mine      *Voice    // the reader's own answers
	Reminders int       // sent so far
	Now       time.Time // when it was read
}

// Option is one date on offer with what people said to it.
type Option struct {
	ID       OptionID
	StartsAt time.Time
	EndsAt   time.Time
	Place    string // empty: where the meeting is anyway
	Online   bool
	Chosen   bool
	AddedAt  time.Time
	Yes      int
	IfNeedBe int
	No       int
	// Of those who said yes or if need be.
	Stakeholders int
	Scientists   int
}

// Could is how many people can come.
func (o Option) Could() int { return o.Yes + o.IfNeedBe }

// Voice is one person in a poll. Organisation is empty unless the reader may see it.
type Voice struct {
	Account      account.ID
	Guest        GuestID
	Name         string
	Number       int // of the membership; 0 for guests
	Perspective  community.Perspective
	Organisation string
	Note         string
	At           time.Time
	Answers      map[OptionID]DateAnswer
}

// Count says how many dates got each answer, and how many none.
func (v Voice) Count(options []Option) (yes, ifNeedBe, no, open int) {
	for _, o := range options {
		switch v.Answers[o.ID] {
		case Yes:
			yes++
		case IfNeedBe:
			ifNeedBe++
		case No:
			no++
		default:
			open++
		}
	}
	return yes, ifNeedBe, no, open
}

// New reports whether the date came after the person's answers.
func (v Voice) New(o Option) bool { return v.Answers[o.ID] == "" && o.AddedAt.After(v.At) }

// Silent is somebody who did not answer yet.
type Silent struct {
	Person
	Name        string
	Number      int // of the membership; 0 for guests
	Perspective community.Perspective
}

// Open reports whether answers are taken.
func (p Poll) Open(s State) bool {
	return s == Finding && p.Until != nil && p.Until.After(p.Now)
}

// Chosen is the date that was settled on, nil as long as none was.
func (p Poll) Chosen() *Option {
	for i := range p.Options {
		if p.Options[i].Chosen {
			return &p.Options[i]
		}
	}
	return nil
}

// Best are the dates on which most people can come, of those the ones that suit most without reserve; none where nobody can.
func (p Poll) Best() []Option {
	var best []Option
	for _, o := range p.Options {
		if o.Could() == 0 {
			continue
		}
		if len(best) > 0 {
			better := cmp.Or(cmp.Compare(o.Could(), best[0].Could()), cmp.Compare(o.Yes, best[0].Yes))
			if better < 0 {
				continue
			}
			if better > 0 {
				best = nil
			}
		}
		best = append(best, o)
	}
	return slices.Clip(best)
}
