// Package reports is where coordinators settle what members reported, and where they answer for what they did.
package reports

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/audit"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Items       item.Store
	Discussions discussion.Store
	Audit       audit.Store
}

type handlers struct{ Stores }

// Mount the room below a community's address.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/reports", respond.Handle(h.list))
		r.Post("/reports/{report:[0-9]+}", respond.Handle(h.settle))
		r.Get("/audit", respond.Handle(h.audit))
	})
}

func here(r *http.Request) *visit.Visit { return visit.Of(r.Context()) }

// cases is the page of reports.
type cases struct {
	Slug     string
	Open     []item.Case
	Settled  []item.Case
	At       int64  // the report whose form came back
	Words    string // typed into it
	Problems ui.Problems
}

func (h handlers) cases(r *http.Request) (cases, error) {
	open, settled, err := h.Items.Reports(r.Context(), here(r).Seat)
	return cases{Slug: here(r).Seat.Slug, Open: open, Settled: settled}, err
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	c, err := h.cases(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, c.page())
}

func (h handlers) settle(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if err := seat.Must(community.Moderate); err != nil {
		return err
	}
	id, err := strconv.ParseInt(chi.URLParam(r, "report"), 10, 64)
	if err != nil {
		return fmt.Errorf("report: %w", fault.NotFound)
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	words := in.Body("reason-" + chi.URLParam(r, "report"))
	if err = in.Err(); err == nil {
		err = h.Discussions.Settle(r.Context(), seat, id, in.Chosen("act", "hide"), words)
	}
	if len(fault.Problems(err)) > 0 {
		c, failed := h.cases(r)
		if failed != nil {
			return errors.Join(err, failed)
		}
		c.At, c.Words, c.Problems = id, words, ui.ProblemsOf(r.Context(), err)
		for i := range c.Problems {
			c.Problems[i].Field += "-" + chi.URLParam(r, "report") // each case has a form of its own
		}
		return respond.Again(w, r, c.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Reports(seat.Slug), "reports.notice.settled")
}

// acts is the audit page.
type acts struct {
	audit.Page
	Slug string
	Verb string
}

func (h handlers) audit(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	before, err := strconv.ParseInt(q.Get("before"), 10, 64)
	if q.Get("before") != "" && (err != nil || before < 1) {
		return fmt.Errorf("acts before %q: %w", q.Get("before"), fault.NotFound)
	}
	verb := form.Clean(q.Get("verb"), 40)
	found, err := h.Audit.Acts(r.Context(), here(r).Seat, verb, before)
	if err != nil {
		return err
	}
	return respond.OK(w, r, acts{Page: found, Slug: here(r).Seat.Slug, Verb: verb}.page())
}

// older is the address of the page after this one.
func (a acts) older() string {
	if a.Older == 0 {
		return ""
	}
	return link.With(link.Audit(a.Slug), "verb", a.Verb, "before", strconv.FormatInt(a.Older, 10))
}

// subject is the address of what an act was about.
func subject(s audit.Subject) string {
	address := link.Within(s.Slug, string(s.Kind), s.Number, s.Reply, s.Path)
	if s.Reply > 0 && s.Kind == "discussion" {
		address = link.Reply(s.Slug, s.Number, "", s.Reply)
	}
	return address
}

// series are the letters under which items are counted.
var series = map[item.Kind]string{"discussion": "T", "meeting": "M", "decision": "D", "action": "A", "entry": "E", "criterion": "C", "round": "R"}

// number of what an act was about, as people write it: T-4, or the reply in it.
func number(s audit.Subject) string {
	if s.Path != "" {
		return s.Path
	}
	text := series[s.Kind] + "-" + strconv.Itoa(s.Number)
	if s.Reply > 0 {
		text += " › " + strconv.Itoa(s.Reply)
	}
	return text
}

// address of what was reported.
func address(slug string, c item.Case) string {
	if c.Top > 0 {
		return link.Reply(slug, c.Top, "", c.Number)
	}
	return link.Item(slug, string(c.Kind), c.Number)
}
