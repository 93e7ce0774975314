package meetings

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
)

// live is the meeting as it runs, on one screen.
type live struct {
	frame
	M       meeting.Minutes
	Slots   []liveSlot
	At      int // index of the point that is on; -1 when there is no agenda
	Planned int // index of the point that should be on now; -1 before, after, and without times
	Whole   meeting.Part
}

// liveSlot is a point with the time that is planned for it.
type liveSlot struct {
	meeting.Part
	From, Until time.Time
}

func (h handlers) live(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	m, err := h.Meetings.MustKeep(r.Context(), here(r).Seat, n)
	if err != nil {
		return err
	}
	x := live{frame: h.frame(r, m.Meeting, "live"), M: m, At: -1, Planned: -1, Whole: m.Parts[0]}
	x.plan(form.Clean(r.URL.Query().Get("at"), 20))
	return respond.OK(w, r, x.page())
}

// plan works out when each point should be on, which one should be now, and which one is: the one chosen, else the one planned, else the first.
func (x *live) plan(chosen string) {
	at := time.Time{}
	if x.StartsAt != nil {
		at = *x.StartsAt
	}
	for i, p := range x.M.Parts[1:] {
		if p.Position == 0 {
			break // what left the agenda stands last
		}
		until := at.Add(time.Duration(p.Duration) * time.Minute)
		x.Slots = append(x.Slots, liveSlot{Part: p, From: at, Until: until})
		if !x.Now.Before(at) && x.Now.Before(until) {
			x.Planned = i
		}
		if strconv.Itoa(p.Position) == chosen {
			x.At = i
		}
		at = until
	}
	if x.At < 0 && len(x.Slots) > 0 {
		x.At = max(x.Planned, 0)
	}
}

// current is the part beneath which lines are caught.
func (x live) current() meeting.Part {
	if x.At < 0 {
		return x.Whole
	}
	return x.Slots[x.At].Part
}

func (x live) place(i int) string {
	return x.frame.at("live") + "?at=" + strconv.Itoa(x.Slots[i].Position)
}

func (x live) hours(s liveSlot) string {
	if x.StartsAt == nil || s.Duration == 0 {
		return ""
	}
	return locale.Hours(s.From, s.Until, x.Location())
}

// left says how many minutes the point on has, or is over; the script counts on from the same words.
func (x live) left(ctx context.Context) string {
	n := int(math.Ceil(x.Slots[x.At].Until.Sub(x.Now).Minutes()))
	if n < 0 {
		return locale.T(ctx, "minutes.live.over", "n", -n)
	}
	return locale.T(ctx, "minutes.live.left", "n", n)
}

// timed reports whether the point on has an end that is told: one of today's meeting, with a time of its own.
func (x live) timed() bool {
	return x.At >= 0 && x.StartsAt != nil && x.Slots[x.At].Duration > 0 && x.Now.After(x.StartsAt.Add(-time.Hour)) && x.Now.Before(x.EndsAt.Add(12*time.Hour))
}

func liveWords(ctx context.Context) string {
	words, _ := json.Marshal(map[string]string{"left": locale.T(ctx, "minutes.live.left", "n", "%"), "over": locale.T(ctx, "minutes.live.over", "n", "%")}) // strings marshal
	return string(words)
}
