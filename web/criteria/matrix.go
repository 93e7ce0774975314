package criteria

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

func (h handlers) mountMatrix(r chi.Router) {
	r.Get(link.Matrix, respond.Handle(h.matrix))
	r.Get(link.Matrix+".{format:json|csv}", respond.Handle(h.matrixAs))
}

// compared is the matrix as a page shows it.
type compared struct {
	criterion.Matrix
	criterion.Compared
	Categories []criterion.Category
}

func (h handlers) compared(r *http.Request, most int) (compared, error) {
	q, lang := r.URL.Query(), locale.Of(r.Context())
	x := compared{Compared: criterion.Compared{Category: form.Clean(q.Get("category"), 40), Share: q.Get("share"), Fulfilment: criterion.Fulfilment(q.Get("fulfilment")), State: criterion.State(q.Get("state")),
		After: form.Clean(q.Get("after"), 60), Most: most}}
	var err error
	if x.Categories, err = h.Criteria.Categories(r.Context(), lang); err != nil {
		return x, err
	}
	if nameOf(x.Categories, x.Category) == "" { // what is unknown is not looked for
		x.Category = ""
	}
	if !slices.Contains(criterion.Shares, x.Share) {
		x.Share = ""
	}
	if !slices.Contains(criterion.Fulfilments, x.Fulfilment) {
		x.Fulfilment = ""
	}
	if !slices.Contains(criterion.States, x.State) || x.State == criterion.Merged {
		x.State = ""
	}
	x.Matrix, err = h.Criteria.Matrix(r.Context(), here(r).Reach, lang, x.Compared)
	return x, err
}

func (h handlers) matrix(w http.ResponseWriter, r *http.Request) error {
	x, err := h.compared(r, 0)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// address of the matrix with its filters.
func (x compared) address() string {
	return link.With(link.Matrix, "category", x.Category, "share", x.Share, "fulfilment", string(x.Fulfilment), "state", string(x.State))
}

func (x compared) filtered() bool { return x.address() != link.Matrix }

// more is where the list goes on; empty at its end.
func (x compared) more(format string) string {
	if x.Matrix.After == "" {
		return ""
	}
	address := link.With(x.address(), "after", x.Matrix.After)
	if format != "" {
		address = link.As(address, format)
	}
	return address
}

func (x compared) alternates() []ui.Alternate {
	return []ui.Alternate{{Kind: "json", Href: link.As(x.address(), "json")}, {Kind: "csv", Href: link.As(x.address(), "csv")}}
}

// city is what a community is called.
func (x compared) city(slug string) string {
	for _, c := range x.Cities {
		if c.Slug == slug {
			return c.Name
		}
	}
	return slug
}

func (x compared) categoryOptions(ctx context.Context) []ui.Option {
	all := []ui.Option{{Label: locale.T(ctx, "matrix.any")}}
	for _, c := range x.Categories {
		if !c.Retired || c.Key == x.Category {
			all = append(all, ui.Option{Value: c.Key, Label: c.Name})
		}
	}
	return all
}

func wordOptions[T ~string](ctx context.Context, key string, words []T) []ui.Option {
	all := []ui.Option{{Label: locale.T(ctx, "matrix.any")}}
	for _, word := range words {
		all = append(all, ui.Option{Value: string(word), Label: locale.T(ctx, key+string(word))})
	}
	return all
}

// unmerged are the states in which a criterion stands for itself.
var unmerged = []criterion.State{criterion.Raised, criterion.Agreed, criterion.Parked, criterion.Declined}

type matrixGroupOut struct {
	N      int     `json:"n"`
	Low    float64 `json:"first_quartile"`
	Median float64 `json:"median"`
	High   float64 `json:"third_quartile"`
}

type markOut struct {
	Relation  string `json:"relation"`
	Community string `json:"community"`
	Number    int    `json:"number"`
}

type cellOut struct {
	Community    string          `json:"community"`
	Number       int             `json:"number"`
	Statement    string          `json:"statement"`
	Lang         locale.Lang     `json:"lang"`
	Category     string          `json:"category,omitempty"`
	State        string          `json:"state"`
	Fulfilment   string          `json:"fulfilment"`
	Stakeholders *matrixGroupOut `json:"stakeholders,omitempty"`
	Scientists   *matrixGroupOut `json:"scientists,omitempty"`
	Hidden       bool            `json:"too_few_ratings,omitempty"`
	Relations    []markOut       `json:"relations,omitempty"`
	Page         string          `json:"page"`
}

type needOut struct {
	Title    string      `json:"title"`
	Lang     locale.Lang `json:"lang"`
	Common   bool        `json:"common"`
	Criteria []cellOut   `json:"criteria"`
}

func matrixGroup(g criterion.Group) *matrixGroupOut {
	if g.N == 0 {
		return nil
	}
	return &matrixGroupOut{g.N, g.Low, g.Median, g.High}
}

func cellOf(c criterion.Cell) cellOut {
	out := cellOut{c.Slug, c.Number, c.Statement, c.Lang, c.Category, string(c.State), string(c.Fulfilment), matrixGroup(c.Importance.Stakeholder), matrixGroup(c.Importance.Scientist), c.Importance.Hidden, nil, link.Criterion(c.Slug, c.Number)}
	for _, m := range c.Marks {
		out.Relations = append(out.Relations, markOut{string(m.Relation), m.Slug, m.Number})
	}
	return out
}

// cells of a table for one group: how many, and the median.
func (g *matrixGroupOut) cells() []string {
	if g == nil {
		return []string{"", ""}
	}
	return []string{strconv.Itoa(g.N), criterion.Number(g.Median)}
}

func (h handlers) matrixAs(w http.ResponseWriter, r *http.Request) error {
	format := chi.URLParam(r, "format")
	most := 0
	if format == "csv" {
		most = listing.Most
	}
	x, err := h.compared(r, most)
	if err != nil {
		return err
	}
	needs := []needOut{}
	var table [][]string
	for _, n := range x.Needs {
		out := needOut{n.Cells[0].Statement, n.Cells[0].Lang, n.Common(), nil}
		first := n.Cells[0].Slug + " " + code(n.Cells[0].Number)
		for _, c := range n.Cells {
			o := cellOf(c)
			out.Criteria = append(out.Criteria, o)
			row := []string{first, out.Title, o.Community, code(o.Number), o.Statement, string(o.Lang), o.Category, o.State, o.Fulfilment}
			table = append(table, append(append(append(row, o.Stakeholders.cells()...), o.Scientists.cells()...), o.Page))
		}
		needs = append(needs, out)
	}
	listing.Older(w, x.more(format))
	if format == "csv" {
		return listing.CSV(w, "criteria", []string{"need", "title", "community", "number", "statement", "language", "category", "state", "fulfilment", "stakeholders", "stakeholders_median", "scientists", "scientists_median", "page"}, table)
	}
	communities := []string{}
	for _, c := range x.Cities {
		communities = append(communities, c.Slug)
	}
	return listing.JSON(w, map[string]any{"communities": communities, "needs": needs, "more": x.more("json")})
}
