package members

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// personOut is a member as other programs read it: what the reader would see on the pages, and no more.
type personOut struct {
	Number       int      `json:"number"`
	Name         string   `json:"name"`
	Role         string   `json:"role"`
	Perspective  string   `json:"perspective"`
	Organisation string   `json:"organisation,omitempty"`
	Sector       string   `json:"sector,omitempty"`
	Languages    []string `json:"languages"`
	Email        string   `json:"email,omitempty"`
	About        string   `json:"about,omitempty"`
	Bring        string   `json:"bring,omitempty"`
	Learn        string   `json:"learn,omitempty"`
	Meets        string   `json:"meets"`
	Since        string   `json:"since"`
	Competences  []string `json:"competences"`
	Page         string   `json:"page"`
}

func (d directory) alternates() []ui.Alternate {
	return []ui.Alternate{{Kind: "json", Href: link.As(d.with(d.Filter.Perspective, 0), "json")}, {Kind: "csv", Href: link.As(d.with(d.Filter.Perspective, 0), "csv")}}
}

// listAs is the people list for other programs; it is for members, so that nobody gathers names from outside.
func (h handlers) listAs(w http.ResponseWriter, r *http.Request) error {
	v, d := visit.Of(r.Context()), ask(r)
	if !v.Seat.Inside() {
		return fmt.Errorf("people of %s: %w", v.Seat.Slug, fault.Forbidden)
	}
	format := chi.URLParam(r, "format")
	d.Filter.Most = listing.Most
	people, more, err := h.communities.People(r.Context(), v.Seat, d.Filter)
	if err != nil {
		return err
	}
	if more {
		listing.Older(w, link.As(d.with(d.Filter.Perspective, people[len(people)-1].Number), format))
	}
	out, rows := []personOut{}, [][]string{}
	for _, p := range people {
		one := personOut{p.Number, p.Name, p.Role, string(p.Perspective), p.Organisation, p.Sector, p.Languages, p.Email, p.About, p.Bring, p.Learn, p.Meets, p.Since.UTC().Format(time.DateOnly), p.Competences, link.Member(d.Slug, p.Number)}
		out = append(out, one)
		rows = append(rows, []string{strconv.Itoa(one.Number), one.Name, one.Role, one.Perspective, one.Organisation, one.Sector, strings.Join(one.Languages, ", "), one.Email, one.About, one.Bring, one.Learn, one.Meets, one.Since, strings.Join(one.Competences, ", "), one.Page})
	}
	if format == "csv" {
		return listing.CSV(w, d.Slug+"-people", []string{"number", "name", "role", "perspective", "organisation", "sector", "languages", "email", "about", "bring", "learn", "meets", "since", "competences", "page"}, rows)
	}
	return listing.JSON(w, map[string]any{"community": d.Slug, "people": out})
}
