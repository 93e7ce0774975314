package criteria

import (
	"context"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
)

// resultList is a page of the criteria by importance.
type resultList struct {
	criterion.Results
	Slug   string
	Cursor string
}

func (h handlers) resultList(r *http.Request, most int) (resultList, error) {
	x := resultList{Slug: here(r).Seat.Slug, Cursor: form.Clean(r.URL.Query().Get("after"), 30)}
	var err error
	x.Results, err = h.Criteria.Results(r.Context(), here(r).Seat, x.Cursor, most)
	return x, err
}

func (h handlers) results(w http.ResponseWriter, r *http.Request) error {
	x, err := h.resultList(r, criterion.ResultsPage)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// older is where the list goes on, as a page (empty format) or for other programs.
func (x resultList) older(format string) string {
	if x.Older == "" {
		return ""
	}
	address := link.With(link.CriteriaImportance(x.Slug), "after", x.Older)
	if format != "" {
		address = link.As(address, format)
	}
	return address
}

type groupOut struct {
	N      int     `json:"n"`
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

type resultOut struct {
	Number      int       `json:"number"`
	Statement   string    `json:"statement"`
	Lang        string    `json:"lang"`
	State       string    `json:"state"`
	Overall     float64   `json:"overall"`
	Stakeholder *groupOut `json:"stakeholder"` // null: nobody of them rated
	Scientist   *groupOut `json:"scientist"`
	Page        string    `json:"page"`
}

func outOf(g criterion.Group) *groupOut {
	if g.N == 0 {
		return nil
	}
	return &groupOut{g.N, g.Low, g.Median, g.High}
}

// cells of a group: n, low, median, high; empty but for n where nobody rated.
func (g *groupOut) cells() []string {
	if g == nil {
		return []string{"0", "", "", ""}
	}
	return []string{strconv.Itoa(g.N), criterion.Number(g.Low), criterion.Number(g.Median), criterion.Number(g.High)}
}

func (h handlers) resultsAs(w http.ResponseWriter, r *http.Request) error {
	x, err := h.resultList(r, listing.Most)
	if err != nil {
		return err
	}
	all := []resultOut{}
	var table [][]string
	for _, row := range x.Rows {
		out := resultOut{row.Number, row.Statement, row.Lang, string(row.State), row.Overall(), outOf(row.Stakeholder), outOf(row.Scientist), link.Criterion(x.Slug, row.Number)}
		all = append(all, out)
		cells := append([]string{code(row.Number), row.Statement, row.Lang, out.State, criterion.Number(out.Overall)}, out.Stakeholder.cells()...)
		table = append(table, append(append(cells, out.Scientist.cells()...), out.Page))
	}
	format := chi.URLParam(r, "format")
	listing.Older(w, x.older(format))
	if format == "csv" {
		return listing.CSV(w, x.Slug+"-importance", []string{"number", "statement", "language", "state", "overall", "stakeholder_n", "stakeholder_low", "stakeholder_median", "stakeholder_high",
			"scientist_n", "scientist_low", "scientist_median", "scientist_high", "page"}, table)
	}
	return listing.JSON(w, map[string]any{"community": x.Slug, "criteria": all, "older": x.older(format)})
}

// singles are the numbers behind what is shown, without name and time.
func (h handlers) singles(w http.ResponseWriter, r *http.Request) error {
	slug := here(r).Seat.Slug
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 32)
	if err != nil {
		after = 0
	}
	all, next, err := h.Criteria.Singles(r.Context(), here(r).Seat, int(after))
	if err != nil {
		return err
	}
	table := make([][]string, 0, len(all))
	for _, one := range all {
		table = append(table, []string{code(one.Number), string(one.Perspective), strconv.Itoa(one.Value)})
	}
	if next > 0 {
		listing.Older(w, link.With(link.CriteriaRatings(slug), "after", strconv.Itoa(next)))
	}
	return listing.CSV(w, slug+"-ratings", []string{"criterion", "perspective", "value"}, table)
}

// voices says how many members of a perspective rated.
func voicesIn(ctx context.Context, v criterion.Voices) string {
	if v.Few {
		return locale.T(ctx, "importance.voices-few", "members", locale.Number(locale.Of(ctx), v.Members))
	}
	return locale.N(ctx, "importance.voices", v.Members, "rated", locale.Number(locale.Of(ctx), v.Rated))
}
