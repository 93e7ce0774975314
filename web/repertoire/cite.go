package repertoire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// mountCiting mounts what is taken along of one entry.
func (h handlers) mountCiting(r chi.Router) {
	r.Get(`/repertoire/{entry:[0-9]+}.{format:md|json|bib|csl\.json}`, respond.Handle(h.entryAs))
}

// citation is how an entry is cited, in the words of the reader and for programs.
type citation struct {
	listing.Work
	Words string
	Slug  string
	N     int
}

// citationOf e in l, the language of the words. Authors who did not agree to be named are a member of their community.
func citationOf(e practice.Entry, c practice.Citable, at time.Time, base, programme string, l locale.Lang) citation {
	ctx := locale.With(context.Background(), l)
	w := listing.Work{Key: link.Slug(c.Slug) + "-e" + strconv.Itoa(e.Number), Title: e.Title, Genre: locale.In(l, "repertoire.form."+string(e.Form)), Report: e.Form != practice.Story && e.Form != practice.Experience,
		Number: "E-" + strconv.Itoa(e.Number), Version: strconv.Itoa(e.Revision), Community: locale.In(l, "cite.community", "name", communityIn(c, l)), Programme: programme, Lang: string(e.Lang), Issued: at, URL: base + link.EntryState(c.Slug, e.Number, e.Revision)}
	if w.Title == "" {
		w.Title = locale.In(l, "repertoire.untitled")
	}
	if e.Unnamed() {
		w.Authors = []listing.Author{{Name: locale.In(l, "ui.a-member"), Words: true}}
	} else {
		w.Authors = append(w.Authors, listing.Author{Name: ui.NameOf(ctx, e.Author), Words: e.Author.Name == "" || locale.Left(e.Author.Name)})
		for _, o := range c.Others {
			w.Authors = append(w.Authors, listing.Author{Name: locale.Name(ctx, o.Name), Words: o.Name == "" || locale.Left(o.Name)})
		}
	}
	names := make([]string, len(w.Authors))
	for n, a := range w.Authors {
		names[n] = a.Name
	}
	who := strings.Join(names, "; ")
	if w.Authors[0].Words {
		who = capital(who)
	}
	words := locale.In(l, "cite.words", "authors", who, "year", w.Issued.Format("2006"), "title", w.Title, "form", w.Genre, "community", w.Community, "programme", programme, "number", w.Number, "revision", w.Version, "address", w.URL)
	return citation{Work: w, Words: words, Slug: c.Slug, N: e.Number}
}

func capital(text string) string {
	first, rest := []rune(text)[:1], []rune(text)[1:]
	return strings.ToUpper(string(first)) + string(rest)
}

// communityIn is the name of the community in l, or in its own language.
func communityIn(c practice.Citable, l locale.Lang) string {
	for _, in := range []locale.Lang{l, c.HomeLang} {
		if c.Names[in] != "" {
			return c.Names[in]
		}
	}
	return c.Slug
}

// citationOfShown is how the entry on the page is cited: for people in their language, for programs as in its files.
func (h handlers) citationOfShown(r *http.Request, e practice.Whole) citation {
	programme := visit.Of(r.Context()).Programme
	c := citationOf(e.Entry, e.Cite, e.State(), h.Base, programme, e.Lang)
	c.Words = citationOf(e.Entry, e.Cite, e.State(), h.Base, programme, locale.Of(r.Context())).Words
	return c
}

// Address is the entry in another format.
func (c citation) Address(format string) string { return link.EntryAs(c.Slug, c.N, format) }

// CSLText is the citation as a file of CSL-JSON has it.
func (c citation) CSLText() string { return cslText([]listing.Work{c.Work}) }

func cslText(works []listing.Work) string {
	all := []map[string]any{}
	for _, w := range works {
		all = append(all, w.CSL())
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	_ = e.Encode(all) // texts and numbers only
	return b.String()
}

// entryAs is an entry to take along. The words in it are in the language of the entry, so that everybody gets the same.
func (h handlers) entryAs(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	c, err := h.Entries.Copy(r.Context(), here(r).Seat, number)
	if err != nil {
		return err
	}
	x := h.taken(r, c)
	switch format := chi.URLParam(r, "format"); format {
	case "md":
		return sendCopy(w, r, x.name()+".md", "text/markdown; charset=utf-8", x.markdown())
	case "bib":
		return sendCopy(w, r, x.name()+".bib", "application/x-bibtex; charset=utf-8", x.Cited.BibTeX())
	case "csl.json":
		return sendCopy(w, r, x.name()+".csl.json", "application/vnd.citationstyles.csl+json", x.Cited.CSLText())
	default:
		return listing.JSON(w, x.out())
	}
}

// sendCopy answers with a file to keep, unless the reader has it already.
func sendCopy(w http.ResponseWriter, r *http.Request, name, kind, content string) error {
	sum := sha256.Sum256([]byte(content))
	w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`)
	w.Header().Set("Content-Type", kind)
	listing.Attached(w, name)
	r.Header.Del("If-Modified-Since")
	http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	return nil
}
