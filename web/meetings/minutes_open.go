package meetings

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// daysToCorrect are proposed when minutes are opened.
const daysToCorrect = 14

// opening asks before the minutes are shown, or approved.
type opening struct {
	minutes
	Until string
}

func (h handlers) opening(r *http.Request) (opening, error) {
	x, err := h.minutesOf(r)
	if err != nil {
		return opening{}, err
	}
	if !x.Keeper {
		return opening{}, fault.Forbidden
	}
	o := opening{minutes: x, Until: x.Now.In(x.Location()).AddDate(0, 0, daysToCorrect).Format(time.DateOnly)}
	if x.Corrections != nil {
		o.Until = x.Corrections.Format(time.DateOnly)
	}
	return o, nil
}

func (h handlers) openPage(w http.ResponseWriter, r *http.Request) error {
	o, err := h.opening(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, o.openPage())
}

func (h handlers) open(w http.ResponseWriter, r *http.Request) error {
	o, err := h.opening(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	o.Until = in.Text("until")
	until, _ := meeting.ReadDay(o.Until) // a day that is none is refused by the store
	if err = in.Err(); err == nil {
		err = h.Meetings.Open(r.Context(), here(r).Seat, o.Number, until)
	}
	if len(fault.Problems(err)) > 0 {
		o.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, o.openPage())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, o.at("minutes"), "minutes.notice.opened")
}

func (h handlers) approving(r *http.Request) (opening, error) {
	if err := here(r).Seat.Must(community.Schedule); err != nil {
		return opening{}, err
	}
	return h.opening(r)
}

func (h handlers) approvePage(w http.ResponseWriter, r *http.Request) error {
	o, err := h.approving(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, o.approvePage())
}

func (h handlers) approve(w http.ResponseWriter, r *http.Request) error {
	o, err := h.approving(r)
	if err != nil {
		return err
	}
	err = h.Meetings.Approve(r.Context(), here(r).Seat, o.Number)
	if len(fault.Problems(err)) > 0 {
		o.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, o.approvePage())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, o.at("minutes"), "minutes.notice.approved")
}

func readAmendment(in form.Values) amendment {
	return amendment{Point: in.Text("point"), Body: in.Body("body"), Lang: in.Text("lang"), Request: in.Request().String()}
}

// input is what was typed, for the store.
func (a amendment) input() (meeting.Amendment, error) {
	var in fault.Invalid
	point := int64(0)
	if a.Point != "" {
		n, err := strconv.ParseInt(a.Point, 10, 64)
		in.Check(err == nil && n >= 0, "point", "choose")
		point = n
	}
	return meeting.Amendment{Point: point, Body: a.Body, Lang: locale.Lang(a.Lang), Request: uuid.MustParse(a.Request)}, in.Err()
}

func (h handlers) correct(w http.ResponseWriter, r *http.Request) error {
	x, err := h.minutesOf(r)
	if err != nil {
		return err
	}
	if err := here(r).Seat.Must(community.CorrectMinutes); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x.Fix = readAmendment(in)
	a, err := x.Fix.input()
	if broken := in.Err(); broken != nil {
		err = broken
	}
	if err == nil {
		err = h.Meetings.Correct(r.Context(), here(r).Seat, x.Number, a)
	}
	return h.afterAmending(w, r, x, err, "#corrections", "minutes.notice.corrected")
}

func (h handlers) addTo(w http.ResponseWriter, r *http.Request) error {
	x, err := h.minutesOf(r)
	if err != nil {
		return err
	}
	if !x.Keeper {
		return fault.Forbidden
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x.More = readAmendment(in)
	a, err := x.More.input()
	if broken := in.Err(); broken != nil {
		err = broken
	}
	if err == nil {
		err = h.Meetings.Append(r.Context(), here(r).Seat, x.Number, a)
	}
	return h.afterAmending(w, r, x, err, "#addenda", "minutes.notice.added")
}

func (h handlers) judge(w http.ResponseWriter, r *http.Request) error {
	x, err := h.minutesOf(r)
	if err != nil {
		return err
	}
	if !x.Keeper {
		return fault.Forbidden
	}
	id, err := numberIn(r, "correction")
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	field := meeting.FieldOf("answer", id)
	x.Answers[id] = in.Text(field)
	if err = in.Err(); err == nil {
		err = h.Meetings.Judge(r.Context(), here(r).Seat, x.Number, id, in.Chosen("act", "take"), x.Answers[id])
	}
	return h.afterAmending(w, r, x, err, "#corrections", "minutes.notice.judged")
}

func (h handlers) afterAmending(w http.ResponseWriter, r *http.Request, x minutes, err error, where, notice string) error {
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.at("minutes")+where, notice)
}
