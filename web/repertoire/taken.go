package repertoire

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// taken is an entry that somebody takes along.
type taken struct {
	practice.Copy
	Cited     citation
	Base      string
	Programme string
	in        context.Context // in the language of the entry
}

func (h handlers) taken(r *http.Request, c practice.Copy) taken {
	programme := visit.Of(r.Context()).Programme
	return taken{Copy: c, Cited: citationOf(c.Entry, c.Citable, c.State(), h.Base, programme, c.Lang), Base: h.Base, Programme: programme, in: locale.With(context.Background(), c.Lang)}
}

// name of its files, which stays when other entries come and go: city, number and title.
func (x taken) name() string {
	return strings.TrimSuffix(fmt.Sprintf("%s-e-%03d-%s", link.Slug(x.Slug), x.Number, link.Slug(x.Title)), "-")
}

func (x taken) page() string { return x.Base + link.Entry(x.Slug, x.Number, x.Title) }

// takenAuthor is an author as other programs read it.
type takenAuthor struct {
	Name         string `json:"name"`
	Perspective  string `json:"perspective,omitempty"`
	Organisation string `json:"organisation,omitempty"`
}

func (x taken) authors() []takenAuthor {
	if x.Unnamed() {
		return []takenAuthor{{Name: locale.T(x.in, "ui.a-member")}}
	}
	all := []takenAuthor{{ui.NameOf(x.in, x.Author), string(x.Author.Perspective), x.Author.Organisation}}
	for _, o := range x.Others {
		all = append(all, takenAuthor{Name: locale.Name(x.in, o.Name), Organisation: o.Organisation})
	}
	return all
}

// takenOut is an entry as other programs read it; names as in the open format of a programme.
type takenOut struct {
	Number           int                    `json:"number"`
	Community        string                 `json:"community"`
	Form             practice.Form          `json:"form"`
	Title            string                 `json:"title"`
	Lang             locale.Lang            `json:"lang"`
	Audience         string                 `json:"audience"`
	Summary          string                 `json:"summary,omitempty"`
	Authors          []takenAuthor          `json:"authors"`
	Quoting          string                 `json:"quoting,omitempty"`
	Place            string                 `json:"place,omitempty"`
	Latitude         *float64               `json:"latitude,omitempty"`
	Longitude        *float64               `json:"longitude,omitempty"`
	Happened         string                 `json:"happened,omitempty"`
	URL              string                 `json:"url,omitempty"`
	Topics           []string               `json:"topics"`
	Tags             []string               `json:"tags"`
	Fields           practice.Fields        `json:"fields"`
	CreatedAt        time.Time              `json:"created_at"`
	SharedAt         *time.Time             `json:"shared_at,omitempty"`
	EditedAt         *time.Time             `json:"edited_at,omitempty"`
	CheckedAt        *time.Time             `json:"checked_at,omitempty"`
	EndorsedAt       *time.Time             `json:"endorsed_at,omitempty"`
	EndorsedRevision *int                   `json:"endorsed_revision,omitempty"`
	Revision         int                    `json:"revision"`
	Uses             []practice.CopiedUse   `json:"uses"`
	Words            []practice.CopiedWords `json:"words"`
	Page             string                 `json:"page"`
	Permalink        string                 `json:"permalink"`
	Citation         string                 `json:"citation"`
}

func utcOf(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	in := at.UTC()
	return &in
}

func (x taken) out() takenOut {
	out := takenOut{Number: x.Number, Community: x.Slug, Form: x.Form, Title: x.Title, Lang: x.Lang, Audience: x.Audience.Word(), Summary: x.Summary, Authors: x.authors(), Quoting: x.Quoting, Place: x.Place, Latitude: x.Latitude, Longitude: x.Longitude,
		Happened: x.Happened, URL: x.Entry.URL, Topics: x.Topics, Tags: x.Tags, Fields: x.Fields, CreatedAt: x.At.UTC(), SharedAt: utcOf(x.SharedAt), EditedAt: utcOf(x.Edited), CheckedAt: utcOf(x.CheckedAt), EndorsedAt: utcOf(x.EndorsedAt), EndorsedRevision: x.EndorsedRevision,
		Revision: x.Revision, Uses: []practice.CopiedUse{}, Words: []practice.CopiedWords{}, Page: x.page(), Permalink: x.Cited.URL, Citation: x.Cited.Words}
	for _, u := range x.Reports {
		u.Name = locale.Name(x.in, u.Name)
		out.Uses = append(out.Uses, u)
	}
	for _, w := range x.Copy.Words {
		w.Name = locale.Name(x.in, w.Name)
		out.Words = append(out.Words, w)
	}
	return out
}

func dayOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}

func (x taken) frontMatter() listing.FrontMatter {
	var authors []string
	for _, a := range x.authors() {
		authors = append(authors, a.Name)
	}
	f := listing.FrontMatter{{"title", x.Title}, {"form", string(x.Form)}, {"number", "E-" + strconv.Itoa(x.Number)}, {"revision", x.Revision}, {"community", communityIn(x.Citable, x.Lang)}, {"programme", x.Programme}, {"lang", string(x.Lang)}, {"authors", authors},
		{"summary", x.Summary}, {"place", x.Place}}
	if x.Latitude != nil {
		f = append(f, [2]any{"latitude", *x.Latitude}, [2]any{"longitude", *x.Longitude})
	}
	f = append(f, listing.FrontMatter{{"happened", x.Happened}, {"url", x.Entry.URL}, {"topics", x.Topics}, {"tags", x.Tags}, {"audience", x.Audience.Word()}, {"quoting", x.Quoting}, {"shared", dayOf(x.SharedAt)}, {"edited", dayOf(x.Edited)}, {"checked", dayOf(x.CheckedAt)}, {"endorsed", dayOf(x.EndorsedAt)}}...)
	if x.EndorsedRevision != nil {
		f = append(f, [2]any{"endorsed_revision", *x.EndorsedRevision})
	}
	return append(f, [2]any{"uses", len(x.Reports)}, [2]any{"permalink", x.Cited.URL})
}

// markdown is the entry as a document: what is known about it, its text, who used it, the words it grew out of, and how it is cited.
func (x taken) markdown() string {
	var b strings.Builder
	b.WriteString(x.frontMatter().String())
	fmt.Fprintf(&b, "\n# %s\n", listing.Plainly(x.Cited.Title))
	if x.Summary != "" {
		fmt.Fprintf(&b, "\n*%s*\n", listing.Plainly(x.Summary))
	}
	if body := practice.Compose(x.Form, x.Lang, x.Fields); body != "" {
		b.WriteString("\n" + body + "\n")
	}
	x.markdownUses(&b)
	if len(x.Copy.Words) > 0 {
		fmt.Fprintf(&b, "\n## %s\n", locale.T(x.in, "cite.words-of"))
	}
	for _, w := range x.Copy.Words {
		fmt.Fprintf(&b, "\n> %s\n>\n> %s\n", listing.Plainly(w.Words), listing.Plainly(commaed(locale.Name(x.in, w.Name), standOf(x.in, string(w.Perspective)), w.Organisation, w.SaidOn)))
	}
	fmt.Fprintf(&b, "\n---\n\n%s\n", listing.Plainly(x.Cited.Words))
	return b.String()
}

func (x taken) markdownUses(b *strings.Builder) {
	if len(x.Reports) > 0 {
		fmt.Fprintf(b, "\n## %s\n", locale.T(x.in, "cite.uses"))
	}
	for _, u := range x.Reports {
		fmt.Fprintf(b, "\n### %s\n\n%s\n\n%s\n", listing.Plainly(commaed(u.City, u.Place, u.UsedOn)), u.Outcome, listing.Plainly(commaed(locale.Name(x.in, u.Name), standOf(x.in, string(u.Perspective)), u.Organisation, locale.T(x.in, "cite.again."+u.Again))))
	}
}

func standOf(ctx context.Context, perspective string) string {
	if perspective == "" {
		return ""
	}
	return locale.T(ctx, "perspective."+perspective)
}

// commaed are the words that there are, with commas between.
func commaed(words ...string) string {
	var all []string
	for _, w := range words {
		if w != "" {
			all = append(all, w)
		}
	}
	return strings.Join(all, ", ")
}
