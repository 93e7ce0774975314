package home

import (
	"fmt"
	"net/http"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

var (
	newsAs   = []ui.Alternate{{Kind: "atom", Href: link.News}}
	citiesAs = []ui.Alternate{{Kind: "json", Href: link.As(link.Communities, "json")}}
)

const inFeed = 30

// began is the date of the feed's identity; it never changes.
var began = time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)

// news is what is new in all communities and public, as a feed.
func (h handlers) news(w http.ResponseWriter, r *http.Request) error {
	lang := locale.Of(r.Context())
	anybody := community.ReachOf(account.Account{}, nil)
	anybody.NoProducts = !visit.Of(r.Context()).Products
	latest, err := h.Items.Latest(r.Context(), anybody, 0, lang, inFeed)
	if err != nil {
		return err
	}
	feed := listing.Feed{Self: link.News, Page: link.Home, Lang: string(lang), Since: began, Title: visit.Of(r.Context()).Programme + " · " + locale.T(r.Context(), "home.new")}
	for _, i := range latest {
		feed.Entries = append(feed.Entries, listing.Entry{Name: fmt.Sprintf("%s/%s/%d", link.Community(i.Slug), i.Kind, i.Number), Page: pageOf(i), Title: i.Title, Lang: string(i.Lang),
			Author: locale.Name(r.Context(), i.Author.Name), Tags: []string{i.Community, locale.T(r.Context(), "kind."+string(i.Kind))}, Made: i.CreatedAt, Updated: i.ActiveAt})
	}
	return h.Feeds.Atom(w, feed)
}

func pageOf(i item.Recent) string {
	if i.Kind == "discussion" {
		return link.Discussion(i.Slug, i.Number, i.Title)
	}
	return link.Within(i.Slug, string(i.Kind), i.Number, 0, i.Path)
}

// communityOut is a community as other programs read it.
type communityOut struct {
	Slug       string      `json:"slug"`
	Kind       string      `json:"kind"`
	Name       string      `json:"name"`
	Summary    string      `json:"summary,omitempty"`
	Lang       locale.Lang `json:"lang"`
	Latitude   *float64    `json:"latitude,omitempty"`
	Longitude  *float64    `json:"longitude,omitempty"`
	Members    int         `json:"members"`
	Visibility string      `json:"visibility"`
	Admission  string      `json:"admission"`
	Page       string      `json:"page"`
}

func (h handlers) communitiesAs(w http.ResponseWriter, r *http.Request) error {
	cards, err := h.Communities.List(r.Context(), visit.Of(r.Context()).Reach, locale.Of(r.Context()))
	if err != nil {
		return err
	}
	out := []communityOut{}
	for _, c := range cards {
		out = append(out, communityOut{c.Slug, c.Kind, c.Name, c.Summary, c.TextLang, c.Latitude, c.Longitude, c.Members, c.Visibility, c.Admission, link.Community(c.Slug)})
	}
	return listing.JSON(w, map[string]any{"communities": out})
}
