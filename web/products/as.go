package products

import (
	"net/http"
	"time"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/product"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/listing"
)

type makerOut struct {
	Name         string `json:"name"`
	Perspective  string `json:"perspective,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Until        string `json:"until,omitempty"`
	Page         string `json:"page,omitempty"`
}

type linkOut struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

type fileOut struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Page string `json:"page"`
}

type releaseOut struct {
	Version     string               `json:"version"`
	Lang        locale.Lang          `json:"lang"`
	State       product.ReleaseState `json:"state"`
	DueOn       string               `json:"due_on,omitempty"`
	PublishedOn string               `json:"published_on,omitempty"`
	Reason      string               `json:"withdrawn_because,omitempty"`
	HTML        string               `json:"html,omitempty"`
	Limits      string               `json:"limits_html,omitempty"`
	Links       []linkOut            `json:"links"`
	Files       []fileOut            `json:"files"`
	Page        string               `json:"page"`
}

type claimOut struct {
	Release string `json:"release"`
	Extent  string `json:"extent"`
	State   string `json:"state"`
	Page    string `json:"page"`
}

type criterionOut struct {
	Community  string               `json:"community"`
	Number     int                  `json:"number"`
	Statement  string               `json:"statement"`
	Lang       locale.Lang          `json:"lang"`
	State      criterion.State      `json:"state"`
	Fulfilment criterion.Fulfilment `json:"fulfilment"`
	Claims     []claimOut           `json:"claims"`
	Page       string               `json:"page"`
}

type productOut struct {
	Slug     string         `json:"slug"`
	Name     string         `json:"name"`
	Lang     locale.Lang    `json:"lang"`
	Form     product.Form   `json:"form"`
	State    product.State  `json:"state"`
	Summary  string         `json:"summary"`
	HTML     string         `json:"html,omitempty"`
	Audience string         `json:"audience"`
	Tags     []string       `json:"tags"`
	Added    time.Time      `json:"added_at"`
	Edited   *time.Time     `json:"edited_at,omitempty"`
	Makers   []makerOut     `json:"makers"`
	Files    []fileOut      `json:"files"`
	Releases []releaseOut   `json:"releases"`
	Criteria []criterionOut `json:"criteria"`
	Page     string         `json:"page"`
}

// showAs is a product for other programs. Reading it leaves no mark.
func (h handlers) showAs(w http.ResponseWriter, r *http.Request) error {
	x, err := h.shown(r)
	if err != nil {
		return err
	}
	out := productOut{Slug: x.Slug, Name: x.Name, Lang: x.Lang, Form: x.Form, State: x.State, Summary: x.Summary, HTML: x.HTML, Audience: x.Audience.Word(), Tags: append([]string{}, x.Tags...), Added: x.At.UTC(), Edited: x.EditedAt,
		Makers: []makerOut{}, Files: x.filesOut(x.Files), Releases: []releaseOut{}, Criteria: []criterionOut{}, Page: link.Product(x.Slug)}
	for _, m := range x.Makers {
		v := voiceOf(m)
		out.Makers = append(out.Makers, makerOut{locale.Name(r.Context(), m.Name), string(m.Perspective), m.Organisation, form.DayText(m.EndedAt), v.Href})
	}
	for _, one := range x.Releases {
		out.Releases = append(out.Releases, x.releaseOut(one))
	}
	for _, city := range x.Cities {
		for _, c := range city.Criteria {
			out.Criteria = append(out.Criteria, city.criterionOut(c))
		}
	}
	return listing.JSON(w, out)
}

func (x shown) filesOut(files []file.File) []fileOut {
	all := []fileOut{}
	for _, f := range files {
		all = append(all, fileOut{f.Name, f.Size, link.File(x.Home.Slug, int64(f.ID), f.Name)})
	}
	return all
}

func (x shown) releaseOut(r product.Release) releaseOut {
	out := releaseOut{Version: r.Version, Lang: r.Lang, State: r.State, DueOn: form.DayText(r.DueOn), PublishedOn: form.DayText(r.PublishedOn), Reason: r.Reason, HTML: r.HTML, Limits: r.LimitsHTML, Links: []linkOut{}, Files: x.filesOut(r.Files), Page: link.Release(x.Slug, r.Slug)}
	for _, l := range r.Links {
		out.Links = append(out.Links, linkOut(l))
	}
	return out
}

func (c asking) criterionOut(of criterion.OfProduct) criterionOut {
	out := criterionOut{c.Slug, of.Number, of.Statement, of.Lang, of.State, of.Fulfilment, []claimOut{}, link.Criterion(c.Slug, of.Number)}
	for _, k := range of.Claims {
		out.Claims = append(out.Claims, claimOut{k.Version, k.Extent, k.State, link.Claim(c.Slug, of.Number, k.Number)})
	}
	return out
}
