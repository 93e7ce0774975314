package criteria

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountHarvest(r chi.Router, door guard.Door) {
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/criteria/harvest", respond.Handle(h.harvestPage))
		r.Post("/criteria/harvest", respond.Handle(h.harvest))
	})
}

// harvestForm makes a criterion of words that were said elsewhere.
type harvestForm struct {
	Slug       string
	Private    bool
	From       harvest.Said
	Categories []criterion.Category

	Words, Statement, Why, Category, Lang, Audience, Request string
	Problems                                                 ui.Problems
}

// action is where the form is sent, and where it stands.
func (f harvestForm) action() string {
	if f.From.Line > 0 {
		return link.HarvestLine(f.Slug, f.From.Meeting, f.From.Line)
	}
	return link.HarvestPost(f.Slug, f.From.Discussion, f.From.Reply)
}

// heardAt is what the address of a harvest names, when the reader may make a criterion of it.
func (h handlers) heardAt(r *http.Request) (harvest.Said, error) {
	at := form.At(r)
	return h.Harvest.ForCriterion(r.Context(), here(r).Seat, harvest.At{Discussion: at.Discussion, Reply: at.Reply, Meeting: at.Meeting, Line: at.Line})
}

func (h handlers) harvestPage(w http.ResponseWriter, r *http.Request) error {
	from, err := h.heardAt(r)
	if err != nil {
		return err
	}
	if from.Became > 0 {
		return respond.SeeOther(w, r, link.Criterion(here(r).Seat.Slug, from.Became))
	}
	words := form.Clean(r.URL.Query().Get("words"), criterion.MaxWords)
	if words == "" {
		words = markup.Excerpt(from.Words, criterion.MaxWords-1)
	}
	audience := max(from.Audience, criterion.OpenTo(here(r).Seat.Private)[0])
	f := harvestForm{From: from, Words: words, Statement: markup.Excerpt(words, item.MaxTitle-1), Lang: string(from.Lang), Audience: audience.Word(), Request: uuid.NewString()}
	return h.harvestAgain(w, r, http.StatusOK, f)
}

// harvestAgain shows the form with what was typed.
func (h handlers) harvestAgain(w http.ResponseWriter, r *http.Request, status int, f harvestForm) (err error) {
	f.Slug, f.Private = here(r).Seat.Slug, here(r).Seat.Private
	if f.Categories, err = h.Criteria.Categories(r.Context(), locale.Of(r.Context())); err != nil {
		return err
	}
	return respond.Page(w, r, status, f.page())
}

func (h handlers) harvest(w http.ResponseWriter, r *http.Request) error {
	from, err := h.heardAt(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := harvestForm{From: from, Words: in.Body("words"), Statement: in.Text("statement"), Why: in.Body("why"), Category: in.Text("category"), Lang: in.Text("lang"), Audience: in.Text("audience"), Request: in.Request().String()}
	made, err := item.Made{}, in.Err()
	if err == nil {
		made, err = h.gather(r, f)
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return h.harvestAgain(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	said := "harvest.notice.made"
	if made.Before {
		said = "harvest.notice.before"
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(here(r).Seat.Slug, made.Number), said)
}

func (h handlers) gather(r *http.Request, f harvestForm) (item.Made, error) {
	c := criterion.New{Statement: f.Statement, Why: f.Why, Lang: locale.Lang(f.Lang), Category: f.Category, Request: uuid.MustParse(f.Request)}
	c.Audience, _ = item.AudienceOf(f.Audience) // an unknown one is a draft, which no criterion is
	if f.From.Line > 0 {
		return h.Harvest.FromLine(r.Context(), here(r).Seat, f.From.Meeting, f.From.Line, c)
	}
	return h.Harvest.FromPost(r.Context(), here(r).Seat, f.From.Discussion, f.From.Reply, f.Words, c)
}

// offered are the categories that one may choose, and none.
func (f harvestForm) offered(ctx context.Context) []ui.Option {
	all := []ui.Option{{Label: locale.T(ctx, "harvest.no-category")}}
	for _, c := range f.Categories {
		if !c.Retired {
			all = append(all, ui.Option{Value: c.Key, Label: c.Name})
		}
	}
	return all
}

// audienceHint says who reads the words where they stand, when not everybody does.
func (f harvestForm) audienceHint(ctx context.Context) string {
	if f.From.Audience == item.Public {
		return ""
	}
	return locale.T(ctx, "harvest.audience-hint", "audience", locale.T(ctx, "audience."+f.From.Audience.Word()))
}
