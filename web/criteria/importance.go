package criteria

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountImportance(r chi.Router, door guard.Door) {
	r.Get("/criteria/importance", respond.Handle(h.results))
	r.Get("/criteria/importance.{format:json|csv}", respond.Handle(h.resultsAs))
	r.Get("/criteria/ratings.csv", respond.Handle(h.singles))
	r.Get("/criteria/{criterion}/importance", respond.Handle(h.reasons))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/criteria/rate", respond.Handle(h.ballot))
		r.Post("/criteria/rate", respond.Handle(h.rateMany))
		r.Post("/criteria/{criterion}/importance", respond.Handle(h.rate))
		r.Post("/criteria/{criterion}/importance/withdraw", respond.Handle(h.unrate))
	})
}

// The fields of a rating on the page of a criterion, where other forms have a reason too.
const (
	ratingField       = "importance"
	ratingReasonField = "importance-reason"
	ratingLangField   = "importance-lang"
)

// ratingForm is what somebody says of a criterion, as typed.
type ratingForm struct{ Value, Reason, Lang string }

// ratingForm as typed, or as it stands.
func (x shown) ratingForm(ctx context.Context) ratingForm {
	switch {
	case x.Rating != nil:
		return *x.Rating
	case x.Rated.Mine != nil:
		return ratingForm{strconv.Itoa(x.Rated.Mine.Value), x.Rated.Mine.Reason, string(x.Rated.Mine.Lang)}
	}
	return ratingForm{Lang: string(locale.Of(ctx))}
}

func (h handlers) rate(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := ratingForm{Value: in.Text(ratingField), Reason: in.Body(ratingReasonField), Lang: in.Text(ratingLangField)}
	if err = in.Err(); err == nil {
		err = h.Criteria.Rate(r.Context(), here(r).Seat, n, criterion.Rating{Value: onScale(f.Value), Reason: f.Reason, Lang: locale.Lang(f.Lang)})
	}
	if len(fault.Problems(err)) > 0 {
		return h.rateAgain(w, r, f, err)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(here(r).Seat.Slug, n)+"#importance", "importance.notice.rated")
}

// rateAgain shows the page of the criterion with a rating that was refused.
func (h handlers) rateAgain(w http.ResponseWriter, r *http.Request, f ratingForm, refused error) error {
	x, err := h.whole(r)
	if err != nil {
		return err
	}
	x.Rating = &f
	x.Problems = ui.ProblemsOf(r.Context(), refused).Rename("value", ratingField).Rename("reason", ratingReasonField).Rename("lang", ratingLangField)
	return respond.Again(w, r, x.page())
}

func (h handlers) unrate(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	if err := h.Criteria.Unrate(r.Context(), here(r).Seat, n); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(here(r).Seat.Slug, n)+"#importance", "importance.notice.withdrawn")
}

// onScale is a number of the scale as a form has it; 0 when it is none.
func onScale(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || n < criterion.LeastImportant || n > criterion.MostImportant {
		return 0
	}
	return n
}

// groupOf a perspective.
func groupOf(m criterion.Importance, p community.Perspective) criterion.Group {
	if p == community.Stakeholder {
		return m.Stakeholder
	}
	return m.Scientist
}

// perspectives in the order in which pages show them.
var perspectives = []community.Perspective{community.Stakeholder, community.Scientist}

// inWords tells the result of one perspective.
func inWords(ctx context.Context, g criterion.Group) string {
	if g.N == 0 {
		return locale.T(ctx, "importance.nobody")
	}
	return locale.N(ctx, "importance.group", g.N, "median", locale.Decimal(ctx, g.Median), "low", locale.Decimal(ctx, g.Low), "high", locale.Decimal(ctx, g.High))
}

// apart says in words by how much the perspectives differ; empty where they do not.
func apart(ctx context.Context, m criterion.Importance) string {
	if !m.Differ() {
		return ""
	}
	key := "importance.stakeholders-higher"
	high, low := m.Stakeholder.Median, m.Scientist.Median
	if m.Gap() < 0 {
		key, high, low = "importance.scientists-higher", low, high
	}
	return locale.T(ctx, key, "high", locale.Decimal(ctx, high), "low", locale.Decimal(ctx, low))
}

// axis places a number of the scale on a drawing 320 wide, between margins that hold the marks of its ends.
func axis(x float64) float64 { return 20 + (x-criterion.LeastImportant)*35 }

func px(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// hexagon is the mark of scientists, as wide as the square of stakeholders.
func hexagon(x, y float64) string {
	return fmt.Sprintf("%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f", x-4, y-7, x+4, y-7, x+8, y, x+4, y+7, x-4, y+7, x-8, y)
}

// plotted tells a drawing in words.
func plotted(ctx context.Context, m criterion.Importance) string {
	text := ""
	for _, p := range perspectives {
		if text != "" {
			text += " "
		}
		text += locale.T(ctx, "ui.colon", "before", locale.T(ctx, "importance.of."+string(p)), "after", inWords(ctx, groupOf(m, p)))
	}
	return text
}

func reasonsFrom(all []criterion.Reason, p community.Perspective) []criterion.Reason {
	var of []criterion.Reason
	for _, one := range all {
		if one.Perspective == p {
			of = append(of, one)
		}
	}
	return of
}

// reasoned is how important a criterion is, with every reason.
type reasoned struct {
	criterion.Criterion
	Rated criterion.Rated
	Slug  string
}

func (h handlers) reasons(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x := reasoned{Slug: here(r).Seat.Slug}
	if x.Criterion, x.Rated, err = h.Criteria.Reasons(r.Context(), here(r).Seat, n); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}
