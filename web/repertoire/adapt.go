package repertoire

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

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

func (h handlers) mountAdapting(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/repertoire/{entry}/adapt", respond.Handle(h.adaptForm))
		r.Post("/repertoire/{entry}/adapt", respond.Handle(h.adapt))
	})
}

// adapting is the form that makes an entry of another city's, as typed.
type adapting struct {
	practice.Original
	Slug           string
	In             string
	Title, Summary string
	Fields         practice.Fields
	Request        string
	Problems       ui.Problems
}

func (a adapting) lang() string { return string(a.Original.Text.Lang) }

// parts that the original may have, but for what differs, which is asked first.
func (a adapting) parts() []practice.Part {
	return slices.DeleteFunc(a.Original.Text.Form.Parts(), func(p practice.Part) bool { return p == practice.Differs })
}

// cities are the reader's other communities.
func (a adapting) cities(ctx context.Context) []ui.Option { return otherBelongings(ctx) }

// otherBelongings are the visitor's communities but the one visited.
func otherBelongings(ctx context.Context) []ui.Option {
	here := strconv.FormatInt(int64(visit.Of(ctx).Seat.Community), 10)
	return slices.DeleteFunc(belongings(ctx), func(o ui.Option) bool { return o.Value == here })
}

func (h handlers) adaptedOriginal(r *http.Request) (adapting, error) {
	number, err := entry(r)
	if err != nil {
		return adapting{}, err
	}
	o, err := h.Entries.Original(r.Context(), here(r).Seat, number)
	if err != nil {
		return adapting{}, err
	}
	a := adapting{Original: o, Slug: here(r).Seat.Slug, Title: o.Text.Title, Summary: o.Summary, Fields: o.Fields, Request: uuid.NewString()}
	cities := otherBelongings(r.Context())
	if len(cities) == 0 {
		return a, fault.Forbidden
	}
	a.In = cities[0].Value
	return a, nil
}

func (h handlers) adaptForm(w http.ResponseWriter, r *http.Request) error {
	a, err := h.adaptedOriginal(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, a.page())
}

func (h handlers) adapt(w http.ResponseWriter, r *http.Request) error {
	a, err := h.adaptedOriginal(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a.In, a.Title, a.Summary, a.Request, a.Fields = in.Text("adapt-in"), in.Text("title"), in.Text("summary"), in.Request().String(), practice.Fields{}
	for _, p := range a.Original.Text.Form.Parts() {
		if text := in.Body(string(p)); text != "" {
			a.Fields[p] = text
		}
	}
	var slug string
	var made item.Made
	if err = in.Err(); err == nil {
		into, _ := strconv.ParseInt(a.In, 10, 64) // what is no number is no community
		slug, made, err = h.Entries.Adapt(r.Context(), here(r).Seat, a.Number, practice.Adaptation{In: community.ID(into), Title: a.Title, Summary: a.Summary, Fields: a.Fields, Request: in.Sent()})
	}
	if len(fault.Problems(err)) > 0 {
		a.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, a.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Entry(slug, made.Number, a.Title), "entry.adapt.notice.made")
}

// head is the entry as the pages about it know it.
func (s shown) head() practice.UsedEntry {
	return practice.UsedEntry{Number: s.Number, Title: s.Title, Lang: s.Lang, Form: s.Form, Audience: s.Audience, Writes: s.Mine}
}

func (s shown) mayTie(ctx context.Context) bool { return practice.MayRelate(visit.Of(ctx).Seat) }

// mayAcross are the acts that people of any community are offered: "use", "adapt", "relate".
func (s shown) mayAcross(ctx context.Context) []string {
	var may []string
	if mayReport(visit.Of(ctx), s.Audience) {
		may = append(may, "use")
	}
	if s.Audience < item.Community || s.Audience == item.Community && s.Mine {
		if len(otherBelongings(ctx)) > 0 {
			may = append(may, "adapt")
		}
	}
	return may
}

// tieEvidence says how well the entry at the other end travelled.
func tieEvidence(ctx context.Context, t practice.Tie) string {
	said := howTravelled(ctx, t.Uses, t.Cities)
	if t.Yes > 0 {
		said += ", " + locale.N(ctx, "entry.use.would.yes", t.Yes)
	}
	return said
}

// likelyLabel says why the entries below it are offered.
func (t tying) likelyLabel(ctx context.Context) string {
	if t.Sought {
		return locale.T(ctx, "entry.tie.found", "words", t.Other)
	}
	return locale.T(ctx, "entry.tie.like")
}
