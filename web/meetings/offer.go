package meetings

import (
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// moreRows is how many empty rows a form offers at a time.
const moreRows = 4

// offering is the form in which dates are put on offer, as typed.
type offering struct {
	seeking
	Rows              []offered
	UntilDay, UntilAt string
	Request           string
}

// offered is one row of it.
type offered struct {
	N                         int
	Day, From, Until, LastDay string
	Place                     string
	Online                    bool
}

// empty rows say no date; times alone may have been copied there.
func (o offered) empty() bool { return o.Day == "" && o.LastDay == "" && o.Place == "" }

// more reports whether the row says more than a date and its times.
func (o offered) more() bool { return o.LastDay != "" || o.Place != "" || o.Online }

// offering is the form as it opens: the date that a draft has is the first on offer.
func (h handlers) offering(r *http.Request) (offering, error) {
	s, err := h.settling(r)
	if err != nil {
		return offering{}, err
	}
	if s.State != meeting.Draft && s.State != meeting.Finding {
		return offering{}, fault.NotFound
	}
	o := offering{seeking: s.seeking, Request: uuid.NewString(), UntilAt: "18:00"}
	o.UntilDay = o.Now.In(o.Location()).AddDate(0, 0, 7).Format(time.DateOnly)
	if until := o.sheet.Poll.Until; until != nil && until.After(o.Now) {
		typed := until.In(o.Location())
		o.UntilDay, o.UntilAt = typed.Format(time.DateOnly), typed.Format("15:04")
	}
	if o.State == meeting.Draft && o.StartsAt != nil {
		w := meeting.Typed(*o.StartsAt, *o.EndsAt, o.Zone)
		o.Rows = append(o.Rows, offered{N: 1, Day: w.Day, From: w.From, Until: w.Until, LastDay: w.LastDay})
	}
	return o.longer(), nil
}

// longer is the form with more empty rows.
func (o offering) longer() offering {
	for range moreRows {
		if len(o.Rows) < meeting.MaxOptions {
			o.Rows = append(o.Rows, offered{N: len(o.Rows) + 1})
		}
	}
	return o
}

// copied fills the times of the first row into those that have none.
func (o offering) copied() offering {
	for i := range o.Rows {
		if row := &o.Rows[i]; row.From == "" && row.Until == "" {
			row.From, row.Until = o.Rows[0].From, o.Rows[0].Until
		}
	}
	return o
}

func (o offering) read(in form.Values) offering {
	o.UntilDay, o.UntilAt, o.Request = in.Text("until_day"), in.Text("until_at"), in.Request().String()
	rows, _ := strconv.Atoi(in.Get("rows"))
	o.Rows = nil
	for n := 1; n <= max(rows, moreRows) && n <= meeting.MaxOptions || in.Get("day-"+strconv.Itoa(n)) != "" && n <= 2*meeting.MaxOptions; n++ {
		at := "-" + strconv.Itoa(n)
		o.Rows = append(o.Rows, offered{N: n, Day: in.Text("day" + at), From: in.Text("from" + at), Until: in.Text("until" + at), LastDay: in.Text("last_day" + at), Place: in.Text("place" + at), Online: in.Chosen("online"+at, "yes")})
	}
	return o
}

func (o offering) opening() meeting.Opening {
	p := meeting.Opening{UntilDay: o.UntilDay, UntilAt: o.UntilAt, Request: uuid.MustParse(o.Request)}
	for _, row := range o.Rows {
		if !row.empty() {
			p.Offers = append(p.Offers, meeting.Offer{Row: row.N, When: meeting.When{Day: row.Day, From: row.From, Until: row.Until, LastDay: row.LastDay}, Place: row.Place, Online: row.Online})
		}
	}
	return p
}

func (h handlers) offerPage(w http.ResponseWriter, r *http.Request) error {
	o, err := h.offering(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, o.offerPage())
}

func (h handlers) offer(w http.ResponseWriter, r *http.Request) error {
	o, err := h.offering(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	o = o.read(in)
	switch in.Get("act") {
	case "more":
		return respond.OK(w, r, o.longer().offerPage())
	case "copy":
		return respond.OK(w, r, o.copied().offerPage())
	}
	if err = in.Err(); err == nil && o.State == meeting.Draft {
		err = h.Meetings.OpenPoll(r.Context(), here(r).Seat, o.Number, o.opening())
	} else if err == nil {
		err = h.Meetings.OfferDates(r.Context(), here(r).Seat, o.Number, o.opening())
	}
	if len(fault.Problems(err)) > 0 {
		o.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, o.offerPage())
	}
	if err != nil {
		return err
	}
	if o.State == meeting.Draft {
		return respond.SeeOtherSaying(w, r, o.at("dates"), "poll.notice.opened")
	}
	return respond.SeeOtherSaying(w, r, o.at("dates"), "poll.notice.offered")
}
