package meetings

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// lineForm is the form of one line, as typed.
type lineForm struct {
	frame
	L                               meeting.MinuteLine
	Parts                           []meeting.Part
	Point, Form, Body, Lang, People string
	Why, Rejected, Due, Review      string
	Revision                        int
	Theirs                          *meeting.MinuteLine
}

// numberIn is a number that an address holds.
func numberIn(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(chi.URLParam(r, name), 10, 32)
	if err != nil {
		return 0, fault.NotFound
	}
	return n, nil
}

func (h handlers) lineForm(r *http.Request) (lineForm, error) {
	n, err := number(r)
	if err != nil {
		return lineForm{}, err
	}
	line, err := numberIn(r, "line")
	if err != nil {
		return lineForm{}, err
	}
	m, err := h.Meetings.MustKeep(r.Context(), here(r).Seat, n)
	if err != nil {
		return lineForm{}, err
	}
	l, err := m.Line(int(line))
	if err != nil {
		return lineForm{}, err
	}
	x := lineForm{frame: h.frame(r, m.Meeting, "minutes"), L: l, Parts: m.Parts, Point: strconv.FormatInt(l.Point, 10), Form: string(l.Form), Body: l.Body, Lang: string(l.Lang),
		Why: l.Why, Rejected: l.Rejected, Due: typedDay(l.Due), Review: typedDay(l.Review), Revision: l.Revision}
	x.People = typedPeople(r.Context(), l)
	return x, nil
}

func typedDay(day *time.Time) string {
	if day == nil {
		return ""
	}
	return day.Format(time.DateOnly)
}

// typedPeople are the people of a line as one would type them.
func typedPeople(ctx context.Context, l meeting.MinuteLine) string {
	var all []string
	for _, o := range append([]meeting.Named{l.Speaker}, l.Owners...) {
		switch {
		case o.Handle != "":
			all = append(all, "@"+o.Handle)
		case o.Name != "":
			all = append(all, locale.Name(ctx, o.Name))
		}
	}
	if l.OwnerNames != "" {
		all = append(all, l.OwnerNames)
	}
	return strings.Join(all, ", ")
}

func (h handlers) linePage(w http.ResponseWriter, r *http.Request) error {
	x, err := h.lineForm(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (x *lineForm) take(in form.Values) {
	x.Point, x.Form, x.Body, x.Lang, x.People = in.Text("point"), in.Text("form"), in.Text("body"), in.Text("lang"), in.Text("people")
	x.Why, x.Rejected, x.Due, x.Review = in.Body("why"), in.Body("rejected"), in.Text("due"), in.Text("review")
	x.Revision, _ = strconv.Atoi(in.Get("revision")) // a broken one is stale
}

// input is what was typed, for the store; a day that is none is said at its field.
func (x lineForm) input() (meeting.Rewording, error) {
	var in fault.Invalid
	r := meeting.Rewording{Form: meeting.LineForm(x.Form), Body: x.Body, Lang: locale.Lang(x.Lang), People: x.People, Why: x.Why, Rejected: x.Rejected, Revision: x.Revision}
	point, err := strconv.ParseInt(x.Point, 10, 64)
	in.Check(err == nil && point >= 0, "point", "choose")
	r.Point = point
	r.Due, r.Review = dayTyped(&in, "due", x.Due), dayTyped(&in, "review", x.Review)
	return r, in.Err()
}

func dayTyped(in *fault.Invalid, field, typed string) *time.Time {
	if typed == "" {
		return nil
	}
	day, ok := meeting.ReadDay(typed)
	if in.Check(ok, field, "date"); !ok {
		return nil
	}
	return &day
}

func (h handlers) reword(w http.ResponseWriter, r *http.Request) error {
	x, err := h.lineForm(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x.take(in)
	var change meeting.Rewording
	if err = in.Err(); err == nil {
		change, err = x.input()
	}
	if err == nil {
		err = h.Meetings.Reword(r.Context(), here(r).Seat, x.Number, x.L.N, change)
	}
	if _, stale := fault.Stale(err); stale {
		now, err := h.lineForm(r)
		if err != nil {
			return err
		}
		x.Theirs, x.Revision = &now.L, now.Revision
		return respond.Page(w, r, http.StatusConflict, x.page())
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at("minutes/edit")+"#"+minuteAnchor(change.Point), "minutes.notice.saved")
}

func (h handlers) strike(w http.ResponseWriter, r *http.Request) error {
	return h.striking(w, r, h.Meetings.Strike, "minutes.notice.struck")
}

func (h handlers) unstrike(w http.ResponseWriter, r *http.Request) error {
	return h.striking(w, r, h.Meetings.Unstrike, "minutes.notice.unstruck")
}

func (h handlers) striking(w http.ResponseWriter, r *http.Request, do func(context.Context, community.Seat, int, int) error, notice string) error {
	x, err := h.lineForm(r)
	if err != nil {
		return err
	}
	err = do(r.Context(), here(r).Seat, x.Number, x.L.N)
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at("minutes/edit")+"#"+minuteAnchor(x.L.Point), notice)
}
