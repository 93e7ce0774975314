package home

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/desk"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

func (h handlers) mountDesk(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Post(link.DeskLater, respond.Handle(h.later))
		r.Post(link.DeskBack, respond.Handle(h.back))
	})
}

func (h handlers) later(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	line := in.Text("line")
	if err := h.Desk.Later(r.Context(), visit.Of(r.Context()).Reach, line); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.With(link.Home, "later", line))
}

func (h handlers) back(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Desk.Back(r.Context(), visit.Of(r.Context()).Reach, in.Text("line")); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Home)
}

// address to which a line leads.
func address(l desk.Line) string {
	switch l.Kind {
	case desk.Outcome:
		return link.ThreadAct(l.Slug, l.Number, "outcome")
	case desk.Offered, desk.Match, desk.Asked:
		return thread(l)
	case desk.Unanswered:
		return link.With(link.Members(l.Slug), "view", "competences")
	case desk.Renewal:
		return link.Join(l.Slug)
	case desk.Charter:
		return link.Charter(l.Slug)
	case desk.Drafts:
		return link.MyDrafts
	case desk.Report:
		return link.Reports(l.Slug)
	case desk.Admit:
		return link.Waiting(l.Slug)
	case desk.Greet:
		return link.Newcomers(l.Slug)
	case desk.Lapsing:
		return link.Renewals(l.Slug)
	case desk.Act, desk.Overdue:
		return link.Action(l.Slug, l.Number)
	case desk.Review:
		return link.Decision(l.Slug, l.Number)
	case desk.Come, desk.Dates:
		return link.Meeting(l.Slug, l.Number)
	case desk.Write, desk.Correct:
		return link.MeetingPart(l.Slug, l.Number, "minutes")
	case desk.Harvest:
		return link.MeetingPart(l.Slug, l.Number, "minutes")
	case desk.Quoted:
		return link.Criterion(l.Slug, l.Number)
	case desk.Claimed, desk.Orphaned:
		return link.Claim(l.Slug, l.Number, l.Part)
	case desk.Release:
		return link.Entry(l.Slug, l.Number, l.Title)
	case desk.Unshared:
		return link.EntryAct(l.Slug, l.Number, "edit")
	case desk.Aged:
		return link.StaleEntries(l.Slug)
	case desk.Rate:
		return link.Criteria(l.Slug) + "/rate"
	case desk.Stale:
		return link.With(link.Criteria(l.Slug), "state", "raised")
	case desk.Sourceless:
		return link.With(link.Criteria(l.Slug), "unsourced", "yes")
	case desk.Proposals:
		if l.Number == 0 {
			return link.Backlog(l.Slug)
		}
		return link.MeetingPart(l.Slug, l.Number, "agenda")
	default:
		return link.NewDiscussion(l.Slug)
	}
}

func thread(l desk.Line) string { return link.Discussion(l.Slug, l.Number, l.Title) }

// titled is where the title of a line leads: to what it is about.
func titled(l desk.Line) string {
	switch l.Kind {
	case desk.Outcome, desk.Offered, desk.Match, desk.Asked, desk.Unanswered:
		return thread(l)
	default:
		return address(l)
	}
}
