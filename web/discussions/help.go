package discussions

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// need is what a help request asks beyond its text, as typed.
type need struct {
	Tried, By, Addressed string
	Discreet             bool
	Theirs               string // what stands as tried, when somebody was faster
}

func readNeed(in form.Values) need {
	return need{Tried: in.Body("tried"), By: in.Text("by"), Addressed: in.Text("addressed"), Discreet: in.Chosen("discreet", "yes")}
}

func needOf(p discussion.Plea) need {
	n := need{Tried: p.Tried, Addressed: string(p.Addressed), Discreet: p.Discreet}
	if p.By != nil {
		n.By = p.By.Format(time.DateOnly)
	}
	return n
}

func (n need) need(r *http.Request) discussion.Need {
	return discussion.Need{Tried: n.Tried, By: n.By, Zone: here(r).Community.Location(), Addressed: community.Perspective(n.Addressed)}
}

func (h handlers) ask(r *http.Request, d draft, o discussion.Opening) (item.Made, error) {
	return h.Discussions.Ask(r.Context(), here(r).Seat, discussion.Asking{Opening: o, Need: d.Need.need(r), Discreet: d.Need.Discreet})
}

// needed fills in what stands beyond the text of a help request.
func (h handlers) needed(r *http.Request, d *draft) error {
	if d.Form != discussion.Help {
		return nil
	}
	p, err := h.Discussions.Plea(r.Context(), here(r).Seat, d.Thread)
	d.Need = needOf(p)
	return err
}

// theirs is what stands now beyond the text, when somebody was faster.
func (h handlers) theirs(r *http.Request, d *draft) error {
	if d.Form != discussion.Help {
		return nil
	}
	p, err := h.Discussions.Plea(r.Context(), here(r).Seat, d.Thread)
	d.Need.Theirs = p.Tried
	return err
}

// plea of a thread that asks for help; nil of any other.
func (h handlers) plea(r *http.Request, t discussion.Thread) (*discussion.Plea, error) {
	if t.Form != discussion.Help {
		return nil, nil
	}
	p, err := h.Discussions.Plea(r.Context(), here(r).Seat, t.Number)
	return &p, err
}

func (h handlers) offer(w http.ResponseWriter, r *http.Request) error {
	number, _, err := place(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	seat, said := here(r).Seat, "help.notice.offered"
	if in.Chosen("act", "back") {
		err, said = h.Discussions.TakeBack(r.Context(), seat, number), "help.notice.taken-back"
	} else if err = in.Err(); err == nil {
		err = h.Discussions.Offer(r.Context(), seat, number, in.Text("note"))
	}
	if len(fault.Problems(err)) > 0 {
		t, failed := h.thread(r, number, 1)
		if failed != nil {
			return failed
		}
		t.Answer = answer{Request: uuid.NewString(), Lang: defaultLang(r, t.Lang)}
		t.Offer = offer{Note: in.Text("note"), Problems: ui.ProblemsOf(r.Context(), err)}
		return respond.Again(w, r, t.page())
	}
	if _, late := fault.Stale(err); late {
		t, failed := h.thread(r, number, 1)
		if failed != nil {
			return failed
		}
		t.Answer, t.Offer = answer{Request: uuid.NewString(), Lang: defaultLang(r, t.Lang)}, offer{Late: true}
		return respond.Page(w, r, http.StatusConflict, t.page())
	}
	if err != nil {
		return err
	}
	return h.backToPanel(w, r, number, said)
}

// backToPanel leads back to the panel of a help request, under its full address: a further redirect would swallow what is said.
func (h handlers) backToPanel(w http.ResponseWriter, r *http.Request, number int, said string) error {
	p, err := h.Discussions.Plea(r.Context(), here(r).Seat, number)
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Discussion(here(r).Seat.Slug, number, p.Title)+"#help", said)
}

// offer is the note with an offer, as typed.
type offer struct {
	Note     string
	Late     bool // the request was closed meanwhile
	Problems ui.Problems
}

func (h handlers) reopen(w http.ResponseWriter, r *http.Request) error {
	number, _, err := place(r)
	if err != nil {
		return err
	}
	if err := h.Discussions.Reopen(r.Context(), here(r).Seat, number); err != nil {
		return err
	}
	return h.backToPanel(w, r, number, "help.notice.reopened")
}

// ending is the form in which the asker says what worked, as typed.
type ending struct {
	Thread   int
	Title    string
	Slug     string
	Ending   string
	Text     string
	Helped   []string // numbers of replies
	Closed   bool
	Given    []discussion.Given
	Lang     string
	Preview  string
	Theirs   *discussion.Plea // what stands now, when it was closed meanwhile
	Problems ui.Problems
}

// ended is the form as it stands, for the asker alone.
func (h handlers) ended(r *http.Request) (ending, error) {
	number, _, err := place(r)
	if err != nil {
		return ending{}, err
	}
	seat := here(r).Seat
	p, err := h.Discussions.Plea(r.Context(), seat, number)
	if err != nil {
		return ending{}, err
	}
	if !p.Mine {
		return ending{}, fmt.Errorf("end the help request of somebody else: %w", fault.Forbidden)
	}
	e := ending{Thread: number, Title: p.Title, Slug: seat.Slug, Lang: string(p.Lang), Ending: p.Ending, Text: p.Outcome, Closed: p.State == discussion.Closed}
	if e.Given, err = h.Discussions.Given(r.Context(), seat, number); err != nil {
		return e, err
	}
	for _, g := range e.Given {
		if g.Helped {
			e.Helped = append(e.Helped, strconv.Itoa(g.Number))
		}
	}
	if e.Ending == "" && len(e.Given) > 0 {
		e.Ending = discussion.Worked
	}
	return e, nil
}

func (h handlers) endPage(w http.ResponseWriter, r *http.Request) error {
	e, err := h.ended(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, e.page())
}

func (h handlers) end(w http.ResponseWriter, r *http.Request) error {
	e, err := h.ended(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	e.Ending, e.Text, e.Helped, e.Closed = in.Text("ending"), in.Body("text"), in.Values["helped"], in.Chosen("closed", "yes")
	if in.Chosen("act", "preview") {
		if e.Preview, err = h.preview(r, e.Text); err != nil {
			return err
		}
		return respond.OK(w, r, e.page())
	}
	if err = in.Err(); err == nil {
		err = h.Discussions.Close(r.Context(), here(r).Seat, e.Thread, discussion.Outcome{Ending: e.Ending, Text: e.Text, Replies: e.helped(), Closed: e.Closed})
	}
	if _, stale := fault.Stale(err); stale {
		p, err := h.Discussions.Plea(r.Context(), here(r).Seat, e.Thread)
		if err != nil {
			return err
		}
		e.Theirs, e.Closed = &p, true
		return respond.Page(w, r, http.StatusConflict, e.page())
	}
	if len(fault.Problems(err)) > 0 {
		e.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, e.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Discussion(e.Slug, e.Thread, e.Title), "help.notice.closed")
}

// helped are the numbers ticked, of replies that are there.
func (e ending) helped() []int {
	numbers := []int{}
	for _, g := range e.Given {
		if slices.Contains(e.Helped, strconv.Itoa(g.Number)) {
			numbers = append(numbers, g.Number)
		}
	}
	return numbers
}
