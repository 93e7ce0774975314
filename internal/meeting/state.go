package meeting

import (
	"fmt"
	"slices"

	"urbanfluxes.eu/koinon/internal/fault"
)

// State of a meeting. The message "meetings.state.<state>" says each.
type State string

// The states, from the first thought to the approved minutes.
const (
	Draft     State = "draft"
	Finding   State = "finding" // a date is sought by a poll
	Published State = "published"
	Held      State = "held"
	Closed    State = "closed"
	CalledOff State = "called-off"
)

var nextStates = map[State][]State{
	Draft:     {Finding, Published, CalledOff},
	Finding:   {Draft, Published, CalledOff},
	Published: {Held, CalledOff},
	Held:      {Closed},
}

// May reports whether a meeting goes from s to next.
func (s State) May(next State) bool { return slices.Contains(nextStates[s], next) }

// Ahead reports whether the meeting is still to come: it can be planned, answered and called off.
func (s State) Ahead() bool { return s == Draft || s == Finding || s == Published }

// Took reports whether the meeting took place.
func (s State) Took() bool { return s == Held || s == Closed }

// must is nil when the meeting may go to next. The message "problem.meeting-state" says that it has moved on.
func (p placed) must(next State) error {
	if p.state.May(next) {
		return nil
	}
	return fmt.Errorf("meeting %d from %s to %s: %w", p.number, p.state, next, fault.One("state", "meeting-state"))
}
