package criteria

import (
	"context"
	"net/http"
	"regexp"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// tieForm is a relation as typed. Other is a number ("C-9"), or the address of the other criterion's page.
type tieForm struct{ Relation, City, Other, Note string }

var criterionAddress = regexp.MustCompile(`/c/([a-z0-9-]{1,40})/criteria/([1-9][0-9]{0,8})(?:[/?#]|$)`)

// tie in the words of the domain. A pasted address says both city and number.
func (f tieForm) tie() criterion.Tie {
	t := criterion.Tie{Relation: criterion.Relation(f.Relation), City: f.City, Note: f.Note}
	if found := criterionAddress.FindStringSubmatch(f.Other); found != nil {
		t.City = found[1]
		t.Number, _ = strconv.Atoi(found[2]) // digits, as the pattern has it
		return t
	}
	t.Number = codeTyped(f.Other)
	return t
}

func (h handlers) relate(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := lifeForm{Act: "relate", Tie: tieForm{Relation: in.Text("relate-relation"), City: in.Text("relate-city"), Other: in.Text("relate-other"), Note: in.Text("relate-note")}}
	if err = in.Err(); err == nil {
		err = h.Criteria.Relate(r.Context(), here(r).Seat, n, f.Tie.tie())
	}
	return h.lived(w, r, n, f, err, "relate")
}

func (h handlers) unrelate(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	relation, err := strconv.ParseInt(chi.URLParam(r, "relation"), 10, 64)
	if err != nil {
		return fault.NotFound
	}
	err = h.Criteria.Unrelate(r.Context(), here(r).Seat, n, relation)
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(here(r).Seat.Slug, n), "criteria.life.notice.unrelate")
}

// relatedBy are the relations of one kind.
func (x shown) relatedBy(relation criterion.Relation) []criterion.Related {
	var some []criterion.Related
	for _, r := range x.Related {
		if r.Relation == relation {
			some = append(some, r)
		}
	}
	return some
}

// mayPart reports whether the reader may take a relation back.
func mayPart(seat community.Seat, r criterion.Related) bool {
	return seat.Can(community.Word) || r.Mine && seat.Can(community.Relate)
}

// codeFrom is how a criterion is called on a page of the community slug: "C-7", or "Basel C-7" elsewhere.
func codeFrom(slug string, r criterion.Related) string {
	if r.Slug == slug {
		return code(r.Number)
	}
	return r.City + " " + code(r.Number)
}

func relationOptions(ctx context.Context) []ui.Option {
	var all []ui.Option
	for _, r := range criterion.Relations {
		all = append(all, ui.Option{Value: string(r), Label: locale.T(ctx, "criteria.relation."+string(r)), Hint: locale.T(ctx, "criteria.relation-hint."+string(r))})
	}
	return all
}

func (f lifeForm) cityOptions() []ui.Option {
	var all []ui.Option
	for _, c := range f.Cities {
		all = append(all, ui.Option{Value: c.Slug, Label: c.Name})
	}
	return all
}

// relation that is chosen; the first one at first.
func (f tieForm) relation() string {
	if f.Relation == "" {
		return string(criterion.SameNeed)
	}
	return f.Relation
}
