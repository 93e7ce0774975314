package registers

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// decisionList is one page of the register of decisions.
type decisionList struct {
	meeting.Decisions
	Slug string
	meeting.Register
	Now time.Time
}

func (h handlers) decisionList(r *http.Request) (decisionList, error) {
	x := decisionList{Slug: here(r).Seat.Slug, Register: register(r, meeting.DecisionViews), Now: h.Now()}
	if chi.URLParam(r, "format") == "csv" {
		x.Most = listing.Most
	}
	var err error
	x.Decisions, err = h.Meetings.Decisions(r.Context(), here(r).Seat, x.Register)
	return x, err
}

// register is what the address asks to see; an unknown view is the first one.
func register(r *http.Request, views []string) meeting.Register {
	q := r.URL.Query()
	f := meeting.Register{Show: q.Get("show"), Before: form.Clean(q.Get("before"), 80)}
	if !slices.Contains(views, f.Show) {
		f.Show = ""
	}
	return f
}

func (h handlers) decisions(w http.ResponseWriter, r *http.Request) error {
	x, err := h.decisionList(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (x decisionList) older(format string) string {
	if x.Older == "" {
		return ""
	}
	address := link.With(link.Decisions(x.Slug), "show", x.Show, "before", x.Older)
	if format != "" {
		address = link.As(address, format)
	}
	return address
}

type decisionOut struct {
	Number       int         `json:"number"`
	Title        string      `json:"title"`
	Lang         locale.Lang `json:"lang"`
	Audience     string      `json:"audience"`
	DecidedOn    string      `json:"decided_on"`
	ReviewOn     string      `json:"review_on,omitempty"`
	Who          string      `json:"who,omitempty"`
	SupersededBy int         `json:"superseded_by,omitempty"`
	Meeting      int         `json:"meeting,omitempty"`
	Page         string      `json:"page"`
}

func (h handlers) decisionsAs(w http.ResponseWriter, r *http.Request) error {
	x, err := h.decisionList(r)
	if err != nil {
		return err
	}
	all := []decisionOut{}
	var table [][]string
	for _, d := range x.Rows {
		out := decisionOut{d.Number, d.Title, d.Lang, d.Audience.Word(), d.DecidedOn.Format(time.DateOnly), form.DayText(d.ReviewOn), d.Who, d.SupersededBy, d.Meeting, link.Decision(x.Slug, d.Number)}
		all = append(all, out)
		table = append(table, []string{"D-" + strconv.Itoa(d.Number), d.Title, string(d.Lang), out.Audience, out.DecidedOn, out.ReviewOn, d.Who, code("D", d.SupersededBy), code("M", d.Meeting), out.Page})
	}
	listing.Older(w, x.older(chi.URLParam(r, "format")))
	if chi.URLParam(r, "format") == "csv" {
		return listing.CSV(w, x.Slug+"-decisions", []string{"number", "title", "language", "audience", "decided_on", "review_on", "who", "superseded_by", "meeting", "page"}, table)
	}
	return listing.JSON(w, map[string]any{"community": x.Slug, "decisions": all, "older": x.older("json")})
}

// code of an item, as people write it; empty for none.
func code(series string, number int) string {
	if number == 0 {
		return ""
	}
	return series + "-" + strconv.Itoa(number)
}

// decided is a decision with what the reader may do.
type decided struct {
	meeting.Decision
	Slug     string
	Now      time.Time
	By       string // typed: which decision took its place
	Next     string // typed: when to look again
	Problems ui.Problems
}

func (h handlers) readDecision(r *http.Request) (decided, error) {
	n, err := number(r)
	if err != nil {
		return decided{}, err
	}
	d, err := h.Meetings.Decision(r.Context(), here(r).Seat, n)
	if err != nil {
		return decided{}, err
	}
	h.Marks.Read(here(r).Account.ID, d.ID, 0, here(r).Now)
	return decided{Decision: d, Slug: here(r).Seat.Slug, Now: h.Now()}, err
}

func (h handlers) decision(w http.ResponseWriter, r *http.Request) error {
	d, err := h.readDecision(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

func (h handlers) supersede(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Settle); err != nil {
		return err
	}
	d, err := h.readDecision(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	d.By = in.Text("by")
	by, err := strconv.Atoi(trimCode(d.By))
	if err != nil {
		err = fault.One("by", "no-decision")
	} else {
		err = h.Meetings.Supersede(r.Context(), here(r).Seat, d.Number, by)
	}
	return d.answer(w, r, err, "registers.notice.superseded")
}

// trimCode leaves the number of "D-12".
func trimCode(typed string) string {
	if len(typed) > 2 && (typed[0] == 'D' || typed[0] == 'd') && typed[1] == '-' {
		return typed[2:]
	}
	return typed
}

func (h handlers) review(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Settle); err != nil {
		return err
	}
	d, err := h.readDecision(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	d.Next = in.Text("review")
	next, err := form.Day("review", d.Next)
	if err == nil {
		err = h.Meetings.Review(r.Context(), here(r).Seat, d.Number, next)
	}
	return d.answer(w, r, err, "registers.notice.reviewed")
}

func (d decided) answer(w http.ResponseWriter, r *http.Request, err error, notice string) error {
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Decision(d.Slug, d.Number), notice)
}

// decisionForm is a decision to be recorded, as typed.
type decisionForm struct {
	Slug, Request                              string
	Text, Why, Rejected, Who, On, Review, Lang string
	Audience                                   string
	Private                                    bool
	Problems                                   ui.Problems
}

func (h handlers) newDecision(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Settle); err != nil {
		return err
	}
	f := decisionForm{Slug: v.Seat.Slug, Private: v.Seat.Private, Request: uuid.NewString(), On: h.Now().In(v.Community.Location()).Format(time.DateOnly), Lang: string(v.Community.Lang), Audience: item.Community.Word()}
	return respond.OK(w, r, f.page())
}

func (h handlers) decide(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Settle); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := decisionForm{Slug: v.Seat.Slug, Private: v.Seat.Private, Request: in.Request().String(), Text: in.Body("text"), Why: in.Body("why"), Rejected: in.Body("rejected"), Who: in.Text("who"), On: in.Text("on"),
		Review: in.Text("review"), Lang: in.Text("lang"), Audience: in.Text("audience")}
	made := item.Made{}
	if err = in.Err(); err == nil {
		made, err = h.Meetings.Decide(r.Context(), v.Seat, f.decision())
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Decision(v.Seat.Slug, made.Number), "registers.notice.recorded")
}

// decision is what was typed. A day that is none is before all decisions, and so refused by the store at its own field.
func (f decisionForm) decision() meeting.NewDecision {
	d := meeting.NewDecision{Text: f.Text, Why: f.Why, Rejected: f.Rejected, Who: f.Who, Lang: locale.Lang(f.Lang), Audience: form.Audience(f.Audience), Request: uuid.MustParse(f.Request)}
	if on, err := form.Day("on", f.On); err == nil && on != nil {
		d.On = *on
	}
	review, err := form.Day("review", f.Review)
	if err != nil {
		review = &time.Time{}
	}
	d.Review = review
	return d
}
