package registers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
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

// actionList is one page of the register of actions.
type actionList struct {
	meeting.Actions
	Slug string
	meeting.Register
}

func (h handlers) actionList(r *http.Request) (actionList, error) {
	x := actionList{Slug: here(r).Seat.Slug, Register: register(r, meeting.ActionViews)}
	if x.Show == "mine" && !here(r).SignedIn() {
		x.Show = ""
	}
	if chi.URLParam(r, "format") == "csv" {
		x.Most = listing.Most
	}
	var err error
	x.Actions, err = h.Meetings.Actions(r.Context(), here(r).Seat, x.Register)
	return x, err
}

func (h handlers) actions(w http.ResponseWriter, r *http.Request) error {
	x, err := h.actionList(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

func (x actionList) older(format string) string {
	if x.Older == "" {
		return ""
	}
	address := link.With(link.Actions(x.Slug), "show", x.Show, "before", x.Older)
	if format != "" {
		address = link.As(address, format)
	}
	return address
}

type actionOut struct {
	Number   int         `json:"number"`
	Title    string      `json:"title"`
	Lang     locale.Lang `json:"lang"`
	Audience string      `json:"audience"`
	Owners   []string    `json:"owners"`
	Due      string      `json:"due,omitempty"`
	State    string      `json:"state"`
	Reason   string      `json:"reason,omitempty"`
	Meeting  int         `json:"meeting,omitempty"`
	Page     string      `json:"page"`
}

func (h handlers) actionsAs(w http.ResponseWriter, r *http.Request) error {
	x, err := h.actionList(r)
	if err != nil {
		return err
	}
	all := []actionOut{}
	var table [][]string
	for _, a := range x.Rows {
		owners := []string{}
		for _, o := range ownersOf(a) {
			owners = append(owners, locale.Name(r.Context(), o.Name))
		}
		out := actionOut{a.Number, a.Title, a.Lang, a.Audience.Word(), owners, form.DayText(a.Due), string(a.State), a.Reason, a.Meeting, link.Action(x.Slug, a.Number)}
		all = append(all, out)
		table = append(table, []string{"A-" + strconv.Itoa(a.Number), a.Title, string(a.Lang), out.Audience, strings.Join(owners, ", "), out.Due, out.State, a.Reason, code("M", a.Meeting), out.Page})
	}
	listing.Older(w, x.older(chi.URLParam(r, "format")))
	if chi.URLParam(r, "format") == "csv" {
		return listing.CSV(w, x.Slug+"-actions", []string{"number", "title", "language", "audience", "owners", "due", "state", "reason", "meeting", "page"}, table)
	}
	return listing.JSON(w, map[string]any{"community": x.Slug, "actions": all, "older": x.older("json")})
}

// owner of an action; without a number there is no page about the person.
type owner struct {
	Name   string
	Number int
}

func ownersOf(a meeting.ActionRow) []owner {
	var all []owner
	for n, name := range a.Owners {
		all = append(all, owner{name, a.OwnerPlaces[n]})
	}
	if a.OwnerNames != "" {
		for _, name := range strings.Split(a.OwnerNames, "; ") { // members who left for good stand after whoever has no account
			all = append(all, owner{Name: name})
		}
	}
	return all
}

// todo is an action with what the reader may do.
type todo struct {
	meeting.Action
	Slug           string
	Reason         string // typed
	Owners         string // typed, or as it stands
	Due            string
	Problems       ui.Problems
	MayGo, MayGive bool
}

func (h handlers) readAction(r *http.Request) (todo, error) {
	n, err := number(r)
	if err != nil {
		return todo{}, err
	}
	seat := here(r).Seat
	a, err := h.Meetings.Action(r.Context(), seat, n)
	if err != nil {
		return todo{}, err
	}
	h.Marks.Read(seat.Account, a.ID, 0, here(r).Now)
	var names []string
	for _, o := range ownersOf(a.ActionRow) {
		names = append(names, locale.Name(r.Context(), o.Name))
	}
	give := seat.Can(community.Settle)
	return todo{Action: a, Slug: seat.Slug, Owners: strings.Join(names, ", "), Due: form.DayText(a.ActionRow.Due), Reason: a.ActionRow.Reason, MayGive: give, MayGo: give || a.Mine && seat.Inside()}, err
}

func (h handlers) action(w http.ResponseWriter, r *http.Request) error {
	a, err := h.readAction(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, a.page())
}

func (h handlers) progress(w http.ResponseWriter, r *http.Request) error {
	a, err := h.readAction(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a.Reason = in.Body("reason")
	if err = in.Err(); err == nil {
		err = h.Meetings.Progress(r.Context(), here(r).Seat, a.Number, meeting.ActionState(in.Text("state")), a.Reason)
	}
	next := link.Action(a.Slug, a.Number)
	if to := in.Get("next"); to != "" {
		next = link.Local(to)
	}
	return a.answer(w, r, err, next, "registers.notice.progress")
}

func (h handlers) hand(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.Settle); err != nil {
		return err
	}
	a, err := h.readAction(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	a.Owners, a.Due = in.Text("owners"), in.Text("due")
	who, others, err := h.Meetings.Owners(r.Context(), here(r).Seat, a.Owners)
	if err != nil {
		return err
	}
	due, err := form.Day("due", a.Due)
	if err == nil {
		err = h.Meetings.Hand(r.Context(), here(r).Seat, a.Number, who, others, due)
	}
	return a.answer(w, r, err, link.Action(a.Slug, a.Number), "registers.notice.saved")
}

func (a todo) answer(w http.ResponseWriter, r *http.Request, err error, next, notice string) error {
	if len(fault.Problems(err)) > 0 {
		a.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, a.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, next, notice)
}

// actionForm is an action to be given, as typed.
type actionForm struct {
	Slug, Request                     string
	Text, Owners, Due, Lang, Audience string
	Private                           bool
	Problems                          ui.Problems
}

func (h handlers) newAction(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Settle); err != nil {
		return err
	}
	return respond.OK(w, r, actionForm{Slug: v.Seat.Slug, Private: v.Seat.Private, Request: uuid.NewString(), Lang: string(v.Community.Lang), Audience: item.Community.Word()}.page())
}

func (h handlers) give(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Settle); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := actionForm{Slug: v.Seat.Slug, Private: v.Seat.Private, Request: in.Request().String(), Text: in.Body("text"), Owners: in.Text("owners"), Due: in.Text("due"), Lang: in.Text("lang"), Audience: in.Text("audience")}
	var who []account.ID
	var others string
	if who, others, err = h.Meetings.Owners(r.Context(), v.Seat, f.Owners); err != nil {
		return err
	}
	made := item.Made{}
	var due *time.Time
	if err = in.Err(); err == nil {
		due, err = form.Day("due", f.Due)
	}
	if err == nil {
		made, err = h.Meetings.Give(r.Context(), v.Seat, meeting.NewAction{Text: f.Text, Owners: who, OwnerNames: others, Due: due, Lang: locale.Lang(f.Lang), Audience: form.Audience(f.Audience), Request: uuid.MustParse(f.Request)})
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Action(v.Seat.Slug, made.Number), "registers.notice.recorded")
}
