package discussions

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// moving is the page on which a thread gets another community.
type moving struct {
	Thread   int
	Slug     string
	Source   discussion.Source
	Targets  []discussion.Target
	To       string
	Problems ui.Problems
}

func (h handlers) moving(r *http.Request) (moving, error) {
	number, _, err := place(r)
	if err != nil {
		return moving{}, err
	}
	v := here(r)
	m := moving{Thread: number, Slug: v.Seat.Slug}
	if m.Targets, err = h.Discussions.Targets(r.Context(), v.Seat, locale.Of(r.Context())); err != nil {
		return m, err
	}
	m.Source, err = h.Discussions.Written(r.Context(), v.Seat, number, 0)
	return m, err
}

func (h handlers) movePage(w http.ResponseWriter, r *http.Request) error {
	m, err := h.moving(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, m.page())
}

func (h handlers) move(w http.ResponseWriter, r *http.Request) error {
	m, err := h.moving(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	m.To = in.Text("to")
	var moved item.Made
	if err = in.Err(); err == nil {
		moved, err = h.Discussions.Move(r.Context(), here(r).Seat, m.Thread, m.To)
	}
	if len(fault.Problems(err)) > 0 {
		m.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, m.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Discussion(m.To, moved.Number, m.Source.Title), "discussions.notice.moved")
}

func (m moving) options() []ui.Option {
	var all []ui.Option
	for _, t := range m.Targets {
		all = append(all, ui.Option{Value: t.Slug, Label: t.Name})
	}
	return all
}
