package products

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// index is the list of products as an address asks for it.
type index struct {
	Rows   []product.Row
	Filter product.Filter
	Cities []product.City
	MayAdd bool
}

func (h handlers) index(r *http.Request) (x index, err error) {
	q := r.URL.Query()
	if f := product.Form(q.Get("form")); slices.Contains(product.Forms, f) {
		x.Filter.Form = f
	}
	if s := product.State(q.Get("state")); slices.Contains(product.States, s) {
		x.Filter.State = s
	}
	x.Filter.City = form.Clean(q.Get("city"), 60)
	x.MayAdd = community.Seat{Administers: here(r).Account.Administrator}.Can(community.KeepProducts)
	if x.Cities, err = h.Products.Cities(r.Context(), here(r).Reach, locale.Of(r.Context())); err != nil {
		return x, err
	}
	if !slices.ContainsFunc(x.Cities, func(c product.City) bool { return c.Slug == x.Filter.City }) {
		x.Filter.City = ""
	}
	x.Rows, err = h.Products.List(r.Context(), here(r).Reach, x.Filter)
	return x, err
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	x, err := h.index(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// at is the address of the list with one filter changed.
func (x index) at(name, value string) string {
	pairs := map[string]string{"form": string(x.Filter.Form), "state": string(x.Filter.State), "city": x.Filter.City}
	pairs[name] = value
	return link.With(link.Products, "form", pairs["form"], "state", pairs["state"], "city", pairs["city"])
}

func (x index) filtered() bool { return x.Filter != product.Filter{} }

func (x index) alternates() []ui.Alternate {
	return []ui.Alternate{{Kind: "json", Href: link.As(x.at("", ""), "json")}, {Kind: "csv", Href: link.As(x.at("", ""), "csv")}}
}

type releaseInShort struct {
	Version string `json:"version"`
	On      string `json:"on,omitempty"`
	Page    string `json:"page"`
}

type rowOut struct {
	Slug     string          `json:"slug"`
	Name     string          `json:"name"`
	Lang     locale.Lang     `json:"lang"`
	Form     product.Form    `json:"form"`
	State    product.State   `json:"state"`
	Summary  string          `json:"summary"`
	Audience string          `json:"audience"`
	Makers   []string        `json:"makers"`
	Latest   *releaseInShort `json:"latest_release,omitempty"`
	Next     *releaseInShort `json:"next_release,omitempty"`
	Criteria int             `json:"criteria"`
	Met      int             `json:"met"`
	Partly   int             `json:"partly"`
	Open     int             `json:"open"`
	Page     string          `json:"page"`
}

func inShort(of string, d product.Dated) *releaseInShort {
	if d.Slug == "" {
		return nil
	}
	return &releaseInShort{d.Version, form.DayText(d.On), link.Release(of, d.Slug)}
}

// listAs is the list for other programs.
func (h handlers) listAs(w http.ResponseWriter, r *http.Request) error {
	x, err := h.index(r)
	if err != nil {
		return err
	}
	all, table := []rowOut{}, [][]string{}
	for _, p := range x.Rows {
		out := rowOut{p.Slug, p.Name, p.Lang, p.Form, p.State, p.Summary, p.Audience.Word(), named(r, p.Makers), inShort(p.Slug, p.Latest), inShort(p.Slug, p.Next), p.Criteria, p.Met, p.Partly, p.Open(), link.Product(p.Slug)}
		all = append(all, out)
		table = append(table, []string{p.Slug, p.Name, string(p.Lang), string(p.Form), string(p.State), p.Summary, out.Audience, strings.Join(out.Makers, "; "), p.Latest.Version, form.DayText(p.Latest.On), p.Next.Version, form.DayText(p.Next.On),
			strconv.Itoa(p.Criteria), strconv.Itoa(p.Met), strconv.Itoa(p.Partly), strconv.Itoa(p.Open()), out.Page})
	}
	if chi.URLParam(r, "format") == "csv" {
		return listing.CSV(w, "products", []string{"slug", "name", "language", "form", "state", "summary", "audience", "makers", "latest_release", "published_on", "next_release", "due_on", "criteria", "met", "partly", "open", "page"}, table)
	}
	return listing.JSON(w, map[string]any{"products": all})
}

// named are makers as the reader reads their names.
func named(r *http.Request, makers []string) []string {
	names := make([]string, len(makers))
	for n, m := range makers {
		names[n] = locale.Name(r.Context(), m)
	}
	return names
}
