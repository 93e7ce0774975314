package criteria

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// logForm is a criterion to be taken down in one line, with what stays the same from one to the next.
type logForm struct {
	Slug, Request, Statement, Lang, Category, Audience string
	Source                                             sourceFields
	Private                                            bool
	Categories                                         []criterion.Category
	Noted                                              []criterion.Noted
	Similar                                            []criterion.Alike
	Problems                                           ui.Problems
}

// at is the address of the page that takes down the next one: where it was said, who asked and what it is about stay.
func (f logForm) at() string {
	number, point := f.Source.meeting()
	meeting, of := "", ""
	if number != 0 {
		meeting = strconv.Itoa(number)
	}
	if point != 0 {
		of = strconv.FormatInt(point, 10)
	}
	return link.With(link.LogCriteria(f.Slug), "meeting", meeting, "point", of, "speaker", f.Source.Speaker, "perspective", f.Source.Perspective, "organisation", f.Source.Organisation, "category", f.Category, "in", f.Lang, "audience", f.Audience)
}

// asked is what the address keeps from the one before.
func (h handlers) asked(r *http.Request) logForm {
	q, seat := r.URL.Query(), here(r).Seat
	f := logForm{Slug: seat.Slug, Private: seat.Private, Request: uuid.NewString(), Lang: writing(r), Category: form.Clean(q.Get("category"), 40), Audience: form.Clean(q.Get("audience"), 20),
		Source: sourceFields{Speaker: form.Clean(q.Get("speaker"), criterion.MaxName), Perspective: form.Clean(q.Get("perspective"), 20), Organisation: form.Clean(q.Get("organisation"), criterion.MaxOrg)}}
	if f.Source.Meeting = form.Clean(q.Get("meeting"), 10); q.Get("point") != "" {
		f.Source.Meeting += "." + form.Clean(q.Get("point"), 20)
	}
	if lang := q.Get("in"); locale.Known(lang) {
		f.Lang = lang
	}
	return f
}

// fill what the page offers and shows besides the line.
func (h handlers) fill(r *http.Request, f *logForm) error {
	if err := h.offer(r, &f.Source); err != nil {
		return err
	}
	var err error
	if f.Categories, err = h.Criteria.Categories(r.Context(), locale.Of(r.Context())); err != nil {
		return err
	}
	if f.Audience == "" {
		f.Audience = f.audience().Word()
	}
	f.Noted, err = h.Criteria.JustLogged(r.Context(), here(r).Seat)
	return err
}

// audience that is offered first: not wider than that of the meeting.
func (f logForm) audience() item.Audience {
	widest := criterion.OpenTo(f.Private)[0]
	number, _ := f.Source.meeting()
	if g := f.Source.Choices.Gathering(number); g != nil {
		return min(max(widest, g.Audience), item.Community)
	}
	return widest
}

func (h handlers) logPage(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Raise); err != nil {
		return err
	}
	f := h.asked(r)
	if err := h.fill(r, &f); err != nil {
		return err
	}
	return respond.OK(w, r, f.page())
}

func (h handlers) log(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Raise); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := logForm{Slug: here(r).Seat.Slug, Private: here(r).Seat.Private, Request: in.Request().String(), Statement: in.Text("statement"), Lang: in.Text("lang"), Category: in.Text("category"), Audience: in.Text("audience"), Source: readSource(in)}
	f.Source.Form = f.form()
	if in.Chosen("act", "similar") {
		if f.Similar, err = h.alike(r, f.Statement, f.Lang, 0); err != nil {
			return err
		}
		if err := h.fill(r, &f); err != nil {
			return err
		}
		return respond.OK(w, r, f.page())
	}
	if err = in.Err(); err == nil {
		err = h.note(r, f, in.Sent())
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		if err := h.fill(r, &f); err != nil {
			return err
		}
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOther(w, r, f.at())
}

// form of the source that was typed: the meeting, else who asked, else none.
func (f logForm) form() string {
	s := f.Source
	switch {
	case s.Meeting != "":
		return string(criterion.FromMeeting)
	case s.Speaker != "" || s.Perspective != "" || s.Organisation != "" || s.Words != "":
		return string(criterion.FromPerson)
	}
	return ""
}

func (h handlers) note(r *http.Request, f logForm, request uuid.UUID) error {
	source, err := h.sourceOf(r, f.Source)
	if err != nil {
		return err
	}
	_, err = h.Criteria.Raise(r.Context(), here(r).Seat, criterion.New{Statement: f.Statement, Lang: locale.Lang(f.Lang), Audience: form.Audience(f.Audience), Category: f.Category, Source: source, Request: request})
	return err
}

// gathering in which the criteria are taken down; nil without one.
func (f logForm) gathering() *criterion.Gathering {
	number, _ := f.Source.meeting()
	return f.Source.Choices.Gathering(number)
}

// folded reports whether what may be said besides the line stands open: when something of it is wrong.
func (f logForm) folded() bool {
	for _, p := range f.Problems {
		if p.Field != "statement" {
			return true
		}
	}
	return false
}
