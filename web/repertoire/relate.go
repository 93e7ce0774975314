package repertoire

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountTies(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/repertoire/{entry}/relate", respond.Handle(h.tieForm))
		r.Post("/repertoire/{entry}/relate", respond.Handle(h.tie))
		r.Post("/repertoire/{entry}/relations/{relation:[1-9][0-9]*}/remove", respond.Handle(h.untie))
	})
}

// tying is the form that relates an entry to another, as typed.
type tying struct {
	practice.UsedEntry
	Slug             string
	Way, Other, Note string
	Likely           []practice.Likely
	Sought           bool // the reader's own words were sought
	Problems         ui.Problems
}

func (t tying) action() string { return link.EntryAct(t.Slug, t.Number, "relate") }

// back is the place of the relations on the page of the entry.
func (t tying) back() string { return link.Entry(t.Slug, t.Number, t.Title) + "#ties" }

// way that is chosen; the first one at first.
func (t tying) way() string {
	if t.Way == "" {
		return string(practice.WaysOf(t.Form)[0])
	}
	return t.Way
}

func (h handlers) tieable(r *http.Request) (tying, error) {
	number, err := entry(r)
	if err != nil {
		return tying{}, err
	}
	e, err := h.Entries.Tieable(r.Context(), here(r).Seat, number)
	return tying{UsedEntry: e, Slug: here(r).Seat.Slug}, err
}

func (h handlers) tieForm(w http.ResponseWriter, r *http.Request) error {
	t, err := h.tieable(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if way := q.Get("way"); slices.Contains(practice.WaysOf(t.Form), practice.Way(way)) {
		t.Way = way
	}
	t.Other = form.Clean(q.Get("q"), item.MaxTitle)
	if t, err = h.seek(r, t); err != nil {
		return err
	}
	return respond.OK(w, r, t.page())
}

// seek adds entries that may be meant: by the words typed, or like the entry itself.
func (h handlers) seek(r *http.Request, t tying) (tying, error) {
	words := t.Title
	if t.Sought = t.Other != ""; t.Sought {
		words = t.Other
	}
	var err error
	t.Likely, err = h.Entries.Likely(r.Context(), here(r).Seat, t.Number, words)
	return t, err
}

func (h handlers) tie(w http.ResponseWriter, r *http.Request) error {
	t, err := h.tieable(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	t.Way, t.Other, t.Note = in.Text("tie-way"), in.Text("tie-other"), in.Body("tie-note")
	if picked := in.Text("tie-pick"); picked != "" && !in.Chosen("act", "seek") {
		t.Other = picked
	}
	if in.Chosen("act", "seek") {
		if t, err = h.seek(r, t); err != nil {
			return err
		}
		return respond.OK(w, r, t.page())
	}
	if err = in.Err(); err == nil {
		err = h.Entries.Relate(r.Context(), here(r).Seat, t.Number, practice.NewTie{Way: practice.Way(t.Way), Other: t.Other, Note: t.Note})
	}
	if len(fault.Problems(err)) > 0 {
		t.Problems = ui.ProblemsOf(r.Context(), err)
		if t, err = h.seek(r, t); err != nil {
			return err
		}
		return respond.Again(w, r, t.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, t.back(), "entry.tie.notice.made")
}

func (h handlers) untie(w http.ResponseWriter, r *http.Request) error {
	t, err := h.tieable(r)
	if err != nil {
		return err
	}
	relation, err := strconv.ParseInt(chi.URLParam(r, "relation"), 10, 64)
	if err != nil {
		return fault.NotFound
	}
	if err := h.Entries.Unrelate(r.Context(), here(r).Seat, t.Number, relation); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, t.back(), "entry.tie.notice.gone")
}

func (t tying) ways(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, w := range practice.WaysOf(t.Form) {
		if w == practice.WayAdapted && !t.Writes {
			continue
		}
		all = append(all, ui.Option{Value: string(w), Label: locale.T(ctx, "entry.tie.way."+string(w))})
	}
	return all
}

// options are the entries that may be meant, as a choice.
func (t tying) options(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, l := range t.Likely {
		hint := locale.T(ctx, "repertoire.form."+string(l.Form))
		if l.Uses > 0 {
			hint += " · " + howTravelled(ctx, l.Uses, l.Cities)
		}
		all = append(all, ui.Option{Value: link.Entry(l.Slug, l.Number, ""), Label: entryCode(t.Slug, l.Slug, l.City, l.Number) + " · " + l.Title, Hint: hint})
	}
	return all
}

// entryCode is how an entry is called on a page of the community slug: "E-7", or "Basel E-7" elsewhere.
func entryCode(slug, at, city string, number int) string {
	code := "E-" + strconv.Itoa(number)
	if at == slug {
		return code
	}
	return city + " " + code
}

// travelled says how well an entry travelled.
func howTravelled(ctx context.Context, uses, cities int) string {
	return locale.N(ctx, "entry.use.times", uses) + " " + locale.N(ctx, "entry.use.cities", cities)
}

// tieGroup are relations of one kind on the page of an entry.
type tieGroup struct {
	Key  string // of its heading; empty: none
	Ties []practice.Tie
}

// tieGroups of an entry: what it takes up, then where it is taken up, then what is merely related.
func (s shown) tieGroups() []tieGroup {
	var all []tieGroup
	add := func(key string, fits func(practice.Tie) bool) {
		var some []practice.Tie
		for _, t := range s.Ties {
			if fits(t) {
				some = append(some, t)
			}
		}
		if len(some) > 0 {
			all = append(all, tieGroup{key, some})
		}
	}
	for _, f := range []practice.Form{practice.Method, practice.Tool, practice.Case} {
		add("entry.tie.ways."+string(f), func(t practice.Tie) bool { return t.Relation == practice.RelAddresses && t.Back && t.Form == f })
	}
	add("entry.tie.addresses", func(t practice.Tie) bool { return t.Relation == practice.RelAddresses && !t.Back })
	add("entry.tie.uses", func(t practice.Tie) bool { return t.Relation == practice.RelUses && !t.Back })
	add("entry.tie.used-by", func(t practice.Tie) bool { return t.Relation == practice.RelUses && t.Back })
	add("entry.tie.adaptations", func(t practice.Tie) bool { return t.Relation == practice.RelAdapted && t.Back })
	add("entry.tie.related", func(t practice.Tie) bool { return t.Relation == practice.RelRelated })
	return all
}

// originals are what the entry was adapted from.
func (s shown) originals() []practice.Tie {
	var all []practice.Tie
	for _, t := range s.Ties {
		if t.Relation == practice.RelAdapted && !t.Back {
			all = append(all, t)
		}
	}
	return all
}

// trailApart is the trail without what stands among the relations and leads no way.
func (s shown) trailApart() []item.Step {
	return slices.DeleteFunc(slices.Clone(s.Trail), func(step item.Step) bool { return step.Relation == string(practice.RelRelated) && step.Kind == "entry" })
}

// byAuthors are the names of those who wrote an entry, in a row.
func byAuthors(ctx context.Context, t practice.Tie) string {
	names := make([]string, len(t.Authors))
	for n, name := range t.Authors {
		names[n] = locale.Name(ctx, name)
	}
	return strings.Join(names, ", ")
}
