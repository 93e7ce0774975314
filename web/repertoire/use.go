package repertoire

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

func (h handlers) mountUses(r chi.Router, door guard.Door) {
	r.Get("/repertoire/{entry}/uses", respond.Handle(h.uses))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/repertoire/{entry}/use", respond.Handle(h.useForm))
		r.Post("/repertoire/{entry}/use", respond.Handle(h.reportUse))
		r.Get("/repertoire/{entry}/uses/{use}/edit", respond.Handle(h.editUse))
		r.Post("/repertoire/{entry}/uses/{use}/edit", respond.Handle(h.reviseUse))
		r.Get("/repertoire/{entry}/uses/{use}/remove", respond.Handle(h.removeUsePage))
		r.Post("/repertoire/{entry}/uses/{use}/remove", respond.Handle(h.removeUse))
		r.Post("/repertoire/{entry}/uses/{use}/restore", respond.Handle(h.restoreUse))
	})
}

// usage is the form of a report, as typed.
type usage struct {
	practice.UsedEntry
	Slug                                string
	N                                   int // 0: a new report
	In, Place, On, Outcome, Again, Lang string
	Request                             string
	Revision                            int
	InName                              string // of the community that the report names already
	Theirs                              *practice.WrittenUse
	Problems                            ui.Problems
}

// newUsage is an empty form for the visitor: in the own community.
func newUsage(ctx context.Context, slug string, e practice.UsedEntry) usage {
	v := visit.Of(ctx)
	u := usage{UsedEntry: e, Slug: slug, Request: uuid.NewString(), Lang: string(locale.Of(ctx))}
	if own := ownCommunity(v); own != 0 {
		u.In = strconv.FormatInt(int64(own), 10)
	}
	return u
}

// ownCommunity is where a visitor is at home: in the community visited, or in the first that the visitor belongs to, cities before the umbrella.
func ownCommunity(v *visit.Visit) community.ID {
	for _, b := range v.Belongings {
		if v.Seat.Standing >= community.Member && b.Community == v.Seat.Community {
			return b.Community
		}
	}
	if len(v.Belongings) == 0 {
		return 0
	}
	return v.Belongings[0].Community
}

// belongings are the visitor's communities to choose from.
func belongings(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, b := range visit.Of(ctx).Belongings {
		all = append(all, ui.Option{Value: strconv.FormatInt(int64(b.Community), 10), Label: b.Name(locale.Of(ctx))})
	}
	return all
}

// cities are the visitor's communities, and the one that the report names already.
func (u usage) cities(ctx context.Context) []ui.Option {
	all := belongings(ctx)
	for _, o := range all {
		if o.Value == u.In {
			return all
		}
	}
	if u.InName != "" {
		all = append(all, ui.Option{Value: u.In, Label: u.InName})
	}
	return all
}

func (u *usage) read(in form.Values) {
	u.In, u.Place, u.On, u.Outcome, u.Again, u.Lang = in.Text("used-in"), in.Text("used-place"), in.Text("used-on"), in.Body("used-outcome"), in.Text("used-again"), in.Text("used-lang")
	u.Request = in.Request().String()
	u.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
}

// report in the words of the domain; all that is wrong with it is told together with a day that is none.
func (u usage) report(request uuid.UUID) (practice.NewUse, error) {
	in, _ := strconv.ParseInt(u.In, 10, 64) // what is no number is no community
	on, err := form.Day("used-on", u.On)
	return practice.NewUse{In: community.ID(in), Place: u.Place, On: on, Outcome: u.Outcome, Again: practice.Again(u.Again), Lang: locale.Lang(u.Lang), Request: request}, err
}

func (u usage) action() string {
	if u.N == 0 {
		return link.EntryAct(u.Slug, u.Number, "use")
	}
	return link.EntryAct(u.Slug, u.Number, "uses/"+strconv.Itoa(u.N)+"/edit")
}

// back is the place from which the form was opened.
func (u usage) back() string {
	if u.N == 0 {
		return link.Entry(u.Slug, u.Number, u.Title) + "#uses"
	}
	return link.EntryUse(u.Slug, u.Number, u.N)
}

func (h handlers) usable(r *http.Request) (usage, error) {
	number, err := entry(r)
	if err != nil {
		return usage{}, err
	}
	e, err := h.Entries.Usable(r.Context(), here(r).Seat, number)
	return newUsage(r.Context(), here(r).Seat.Slug, e), err
}

func (h handlers) useForm(w http.ResponseWriter, r *http.Request) error {
	u, err := h.usable(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, u.page())
}

func (h handlers) reportUse(w http.ResponseWriter, r *http.Request) error {
	u, err := h.usable(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	u.read(in)
	if err = in.Err(); err == nil {
		var report practice.NewUse
		if report, err = u.report(in.Sent()); err == nil {
			err = h.Entries.ReportUse(r.Context(), here(r).Seat, u.Number, report)
		}
	}
	if len(fault.Problems(err)) > 0 {
		u.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, u.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, u.back(), "entry.use.notice.reported")
}

// writtenUse is the report that an address names, as a form.
func (h handlers) writtenUse(r *http.Request) (usage, error) {
	w, err := h.standingUse(r)
	u := usage{UsedEntry: w.UsedEntry, Slug: here(r).Seat.Slug, N: w.N, In: strconv.FormatInt(int64(w.In), 10), InName: w.City, Place: w.Place, On: form.DayText(w.On), Outcome: w.Outcome, Again: string(w.Again), Lang: string(w.UseEdit.Lang), Revision: w.Revision}
	if err == nil && !w.Mine {
		err = fault.Forbidden
	}
	return u, err
}

func (h handlers) standingUse(r *http.Request) (practice.WrittenUse, error) {
	number, err := entry(r)
	if err != nil {
		return practice.WrittenUse{}, err
	}
	n, err := form.Number(chi.URLParam(r, "use"))
	if err != nil {
		return practice.WrittenUse{}, err
	}
	return h.Entries.WrittenUse(r.Context(), here(r).Seat, number, n)
}

func (h handlers) editUse(w http.ResponseWriter, r *http.Request) error {
	u, err := h.writtenUse(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, u.page())
}

func (h handlers) reviseUse(w http.ResponseWriter, r *http.Request) error {
	u, err := h.writtenUse(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	u.read(in)
	if err = in.Err(); err == nil {
		var report practice.NewUse
		if report, err = u.report(uuid.Nil); err == nil {
			err = h.Entries.ReviseUse(r.Context(), here(r).Seat, u.Number, u.N, practice.UseEdit{NewUse: report, Revision: u.Revision})
		}
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.standingUse(r)
		if err != nil {
			return err
		}
		u.Theirs, u.Revision = &theirs, theirs.Revision
		return respond.Page(w, r, http.StatusConflict, u.page())
	}
	if len(fault.Problems(err)) > 0 {
		u.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, u.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, u.back(), "entry.use.notice.revised")
}
