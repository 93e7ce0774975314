package discussions

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/ui"
)

// voiceOut is who speaks, as other programs read it.
type voiceOut struct {
	Name         string `json:"name"`
	Perspective  string `json:"perspective,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Page         string `json:"page,omitempty"`
}

type rowOut struct {
	Number    int         `json:"number"`
	Title     string      `json:"title"`
	Lang      locale.Lang `json:"lang"`
	Form      string      `json:"form"`
	Audience  string      `json:"audience"`
	Author    voiceOut    `json:"author"`
	CreatedAt time.Time   `json:"created_at"`
	ActiveAt  time.Time   `json:"active_at"`
	Replies   int         `json:"replies"`
	Tags      []string    `json:"tags"`
	Excerpt   string      `json:"excerpt"`
	Page      string      `json:"page"`
}

type listOut struct {
	Community   string   `json:"community"`
	Discussions []rowOut `json:"discussions"`
	Older       string   `json:"older,omitempty"`
}

// alternates are the list as it is filtered, for other programs.
func (x index) alternates() []ui.Alternate {
	var all []ui.Alternate
	for _, kind := range []string{"atom", "json", "csv"} {
		all = append(all, ui.Alternate{Kind: kind, Href: link.As(x.at("", ""), kind)})
	}
	return all
}

// listAs is the list for other programs. A feed holds what is public, whoever reads it: it goes on to others.
func (h handlers) listAs(w http.ResponseWriter, r *http.Request) error {
	x, seat, format := h.index(r), here(r).Seat, chi.URLParam(r, "format")
	if format == "csv" {
		x.Filter.Most = listing.Most
	}
	if format == "atom" {
		x.Filter.Unread, x.Filter.Mine = false, false
		seat.Reach = community.ReachOf(account.Account{}, nil)
	}
	var err error
	if x.List, err = h.Discussions.List(r.Context(), seat, x.Filter); err != nil {
		return err
	}
	switch format {
	case "atom":
		return h.Feeds.Atom(w, x.feed(r))
	case "csv":
		older := x.older("csv")
		listing.Older(w, older)
		return listing.CSV(w, x.Slug+"-discussions", []string{"number", "title", "language", "form", "audience", "author", "perspective", "organisation", "created_at", "active_at", "replies", "tags", "page"}, x.table(r))
	}
	out := listOut{Community: x.Slug, Discussions: []rowOut{}, Older: x.older("json")}
	for _, row := range x.List.All() {
		out.Discussions = append(out.Discussions, rowOut{row.Number, row.Title, row.Lang, row.Form, row.Audience.Word(), x.voice(r, row.Author), row.CreatedAt.UTC(), row.ActiveAt.UTC(), row.Replies, row.Tags, row.Excerpt,
			link.Discussion(x.Slug, row.Number, row.Title)})
	}
	listing.Older(w, out.Older)
	return listing.JSON(w, out)
}

func (x index) older(format string) string {
	if x.List.Older == "" {
		return ""
	}
	return link.As(x.at("before", x.List.Older), format)
}

func (x index) voice(r *http.Request, v item.Voice) voiceOut { return voiceOf(r, x.Slug, v) }

func voiceOf(r *http.Request, slug string, v item.Voice) voiceOut {
	if v.Discreet { // files travel: what only a few may know is in none
		return voiceOut{Name: locale.T(r.Context(), "ui.a-member")}
	}
	out := voiceOut{Name: locale.Name(r.Context(), v.Name), Perspective: string(v.Perspective), Organisation: v.Organisation}
	if v.Number > 0 {
		out.Page = link.Member(slug, v.Number)
	}
	return out
}

func (x index) table(r *http.Request) [][]string {
	var rows [][]string
	for _, row := range x.List.All() {
		v := x.voice(r, row.Author)
		rows = append(rows, []string{"T-" + strconv.Itoa(row.Number), row.Title, string(row.Lang), row.Form, row.Audience.Word(), v.Name, v.Perspective, v.Organisation,
			row.CreatedAt.UTC().Format(time.RFC3339), row.ActiveAt.UTC().Format(time.RFC3339), strconv.Itoa(row.Replies), strings.Join(row.Tags, ", "), link.Discussion(x.Slug, row.Number, row.Title)})
	}
	return rows
}

func (x index) feed(r *http.Request) listing.Feed {
	v := here(r)
	f := listing.Feed{Self: link.As(x.at("", ""), "atom"), Page: x.at("", ""), Lang: string(locale.Of(r.Context())), Since: v.Community.Founded,
		Title: locale.T(r.Context(), "ui.section.discussions") + " · " + v.Community.Name(locale.Of(r.Context()))}
	for _, row := range x.List.All() {
		f.Entries = append(f.Entries, listing.Entry{Name: fmt.Sprintf("%s/T-%d", link.Community(x.Slug), row.Number), Page: link.Discussion(x.Slug, row.Number, row.Title), Title: row.Title, Lang: string(row.Lang),
			Author: voiceOf(r, x.Slug, row.Author).Name, Summary: row.Excerpt, Tags: row.Tags, Made: row.CreatedAt, Updated: row.ActiveAt})
	}
	return f
}

type postOut struct {
	Number    int         `json:"number"`
	Lang      locale.Lang `json:"lang"`
	Author    *voiceOut   `json:"author,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
	EditedAt  *time.Time  `json:"edited_at,omitempty"`
	Answers   *int        `json:"answers,omitempty"`
	Thanks    int         `json:"thanks"`
	Removed   bool        `json:"removed,omitempty"`
	HTML      string      `json:"html,omitempty"`
}

type threadOut struct {
	Community string    `json:"community"`
	Number    int       `json:"number"`
	Title     string    `json:"title"`
	Form      string    `json:"form"`
	Audience  string    `json:"audience"`
	Tags      []string  `json:"tags"`
	Page      string    `json:"page"`
	Opening   postOut   `json:"opening"`
	Replies   []postOut `json:"replies"`
	Next      string    `json:"next,omitempty"`
}

// showAs is one page of a thread for other programs. Reading it leaves no mark.
func (h handlers) showAs(w http.ResponseWriter, r *http.Request) error {
	number, _, err := place(r)
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page")) // a broken one is the first
	t, err := h.thread(r, number, page)
	if err != nil {
		return err
	}
	out := threadOut{Community: t.Slug, Number: t.Number, Title: t.Title, Form: t.Form, Audience: t.Audience.Word(), Tags: []string{}, Page: t.URL, Opening: t.out(r, t.Post), Replies: []postOut{}}
	for _, tag := range t.Tags {
		out.Tags = append(out.Tags, tag.Name)
	}
	for _, p := range t.Replies {
		out.Replies = append(out.Replies, t.out(r, p))
	}
	if t.Page < t.Pages {
		out.Next = link.With(link.As(link.Thread(t.Slug, t.Number), "json"), "page", strconv.Itoa(t.Page+1))
	}
	return listing.JSON(w, out)
}

func (t thread) out(r *http.Request, p discussion.Post) postOut {
	if p.Removal.Gone() {
		return postOut{Number: p.Number, Lang: p.Lang, CreatedAt: p.At.UTC(), Removed: true}
	}
	v := voiceOf(r, t.Slug, p.Author)
	return postOut{Number: p.Number, Lang: p.Lang, Author: &v, CreatedAt: p.At.UTC(), EditedAt: p.Edited, Answers: p.Answers, Thanks: p.Thanks, HTML: p.HTML}
}
