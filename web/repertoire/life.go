package repertoire

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// mountLife is how a community stands behind an entry, keeps it true and reads it in other languages.
func (h handlers) mountLife(r chi.Router, door guard.Door) {
	r.Get("/repertoire/{entry}/languages", respond.Handle(h.languages))
	r.Get("/repertoire/{entry}/changes", respond.Handle(h.changes))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Post("/repertoire/{entry}/endorse", respond.Handle(h.endorse))
		r.Post("/repertoire/{entry}/unendorse", respond.Handle(h.unendorse))
		r.Post("/repertoire/{entry}/still-true", respond.Handle(h.stillTrue))
		r.Get("/repertoire/{entry}/translate", respond.Handle(h.translatePage))
		r.Post("/repertoire/{entry}/translate", respond.Handle(h.translate))
		r.Post("/repertoire/{entry}/untranslate", respond.Handle(h.untranslate))
	})
}

// standingForm is what was typed into a form about whether the community stands behind an entry.
type standingForm struct {
	practice.Whole
	Act, Slug       string // "endorse" or "unendorse"
	Meeting, Reason string
	Problems        ui.Problems
}

func (h handlers) endorse(w http.ResponseWriter, r *http.Request) error {
	return h.stand(w, r, "endorse", func(f standingForm) error {
		meeting, err := strconv.Atoi(f.Meeting)
		if f.Meeting != "" && (err != nil || meeting < 1) {
			meeting = -1 // which no meeting is called
		}
		return h.Entries.Endorse(r.Context(), here(r).Seat, f.Number, meeting)
	})
}

func (h handlers) unendorse(w http.ResponseWriter, r *http.Request) error {
	return h.stand(w, r, "unendorse", func(f standingForm) error {
		return h.Entries.Unendorse(r.Context(), here(r).Seat, f.Number, f.Reason)
	})
}

func (h handlers) stand(w http.ResponseWriter, r *http.Request, act string, do func(standingForm) error) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	seat := here(r).Seat
	if err := seat.Must(community.EndorseEntry); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := standingForm{Act: act, Slug: seat.Slug, Meeting: in.Text("meeting"), Reason: in.Text("reason")}
	f.Number = number
	if err = in.Err(); err == nil {
		err = do(f)
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		if f.Whole, err = h.Entries.Read(r.Context(), seat, number); err != nil {
			return err
		}
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Entry(seat.Slug, number, ""), "entry.life.notice."+act)
}

func (h handlers) stillTrue(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	seat, do, notice := here(r).Seat, h.Entries.StillTrue, "entry.life.notice.still-true"
	if in.Chosen("act", "back") {
		do, notice = h.Entries.NotSure, "entry.life.notice.not-sure"
	}
	if err := do(r.Context(), seat, number); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Entry(seat.Slug, number, ""), notice)
}

// held are the meetings in which an entry may have been settled.
func held(ctx context.Context, all []practice.EndorsedIn) []ui.Option {
	options := []ui.Option{{Label: locale.T(ctx, "entry.life.no-meeting")}}
	for _, m := range all {
		options = append(options, ui.Option{Value: strconv.Itoa(m.Number), Label: locale.Day(ctx, m.Day) + " · " + m.Title})
	}
	return options
}

// longAgo says how long before now t was, in one unit that helps: days, months, years.
func longAgo(ctx context.Context, t, now time.Time) string {
	if now.Sub(t) < 30*24*time.Hour {
		return locale.Ago(ctx, t, now)
	}
	months := (now.Year()-t.Year())*12 + int(now.Month()) - int(t.Month())
	if now.Day() < t.Day() {
		months--
	}
	if months < 24 {
		return locale.N(ctx, "entry.life.months-ago", max(1, months))
	}
	return locale.N(ctx, "entry.life.years-ago", months/12)
}

// mayVouch reports whether the reader is asked if the entry is still true.
func (s shown) mayVouch(seat community.Seat) bool {
	return !s.Draft() && seat.Can(community.VouchEntry)
}

// vouched reports whether the reader was the last to say that the entry, as it is now, is still true.
func (s shown) vouched() bool { return s.Life.Age.Mine && s.Life.Age.Confirmed() }

// endorsedWords say who stands behind the entry and since when; where it was settled, a link says.
func (s shown) endorsedWords(ctx context.Context) string {
	return locale.T(ctx, "entry.life.endorsed", "community", s.Life.Endorsement.Community, "day", locale.Day(ctx, s.Life.Endorsement.At.In(ui.Zone(ctx))))
}

// since is what changed in an entry since one of its states.
type since struct {
	Before, Now item.Revision
	Slug        string
	Number      int
}

func (h handlers) changes(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	states, err := h.Entries.History(r.Context(), here(r).Seat, number)
	if err != nil {
		return err
	}
	from, err := strconv.Atoi(r.URL.Query().Get("since"))
	if err != nil {
		from = states[len(states)-1].Revision
	}
	for _, state := range states {
		if state.Revision == from {
			return respond.OK(w, r, since{Before: state, Now: states[0], Slug: here(r).Seat.Slug, Number: number}.page())
		}
	}
	return fmt.Errorf("state %d of entry %d: %w", from, number, fault.NotFound)
}

func seatOf(ctx context.Context) community.Seat { return visit.Of(ctx).Seat }
