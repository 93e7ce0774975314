package repertoire

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/listing"
	"urbanfluxes.eu/koinon/web/visit"
)

// takeFormats are the files in which several entries are taken along.
var takeFormats = []struct{ ending, name string }{{"zip", "Markdown (ZIP)"}, {"csv", "CSV"}, {"json", "JSON"}, {"bib", "BibTeX"}}

const takenAtOnce = 100 // entries that are in memory together

// takeaway is what a reader takes along of the library: the entries that were ticked, or all that the filters leave.
type takeaway struct {
	h     handlers
	r     *http.Request
	ids   []item.ID
	older string // where it goes on
	first []practice.Copy
}

// ticked are the entries that an address names: "basel/7".
func ticked(values []string) []practice.Chosen {
	var all []practice.Chosen
	for _, v := range values {
		slug, digits, _ := strings.Cut(v, "/")
		if n, err := form.Number(digits); err == nil {
			all = append(all, practice.Chosen{Slug: form.Clean(slug, 60), Number: n})
		}
	}
	return all
}

// takeAlong sends several entries as one file. They are read and sent in portions: a library may be large.
func (h handlers) takeAlong(w http.ResponseWriter, r *http.Request) (err error) {
	format, v := chi.URLParam(r, "format"), here(r)
	if v.Community != nil {
		if err := v.Seat.MaySee(); err != nil {
			return err
		}
	}
	x := takeaway{h: h, r: r}
	if typed := r.URL.Query()["entry"]; len(typed) > 0 {
		x.ids, err = h.Entries.Ticked(r.Context(), v.Reach, ticked(typed))
	} else {
		err = x.filtered(format)
	}
	if err != nil {
		return err
	}
	if x.first, err = h.Entries.Copies(r.Context(), v.Reach, x.ids[:min(takenAtOnce, len(x.ids))]); err != nil {
		return err
	}
	name := "repertoire"
	if v.Community != nil {
		name = v.Seat.Slug + "-repertoire"
	}
	listing.Older(w, x.older)
	if format != "json" {
		listing.Attached(w, name+"."+format)
	}
	b := bufio.NewWriter(w)
	write := map[string]func(io.Writer) error{"zip": x.zip, "csv": x.csv, "json": x.json, "bib": x.bib}[format]
	w.Header().Set("Content-Type", map[string]string{"zip": "application/zip", "csv": "text/csv; charset=utf-8; header=present", "json": "application/json; charset=utf-8", "bib": "application/x-bibtex; charset=utf-8"}[format])
	if err = write(b); err == nil {
		err = b.Flush()
	}
	if err != nil { // too late for a page: a file that breaks off is not taken for a whole one
		slog.WarnContext(r.Context(), "repertoire not taken along", "error", err, "request", v.RequestID)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// filtered are the entries that the filters of the library leave.
func (x *takeaway) filtered(format string) error {
	f := ReadLibrary(x.r)
	f.Most, f.Bare = listing.Most, true
	page, err := x.h.Entries.Library(x.r.Context(), here(x.r).Reach, f)
	if err != nil {
		return err
	}
	for _, row := range page.Rows {
		x.ids = append(x.ids, row.ID)
	}
	if page.Older != "" {
		f.Before, f.After = page.Older, ""
		address := link.Library
		if v := here(x.r); v.Community != nil {
			address = link.Repertoire(v.Seat.Slug)
		}
		x.older = link.As(LibraryAt(address, f), format)
	}
	return nil
}

// each gives the entries one after the other.
func (x takeaway) each(do func(taken) error) error {
	for from := 0; from < len(x.ids); from += takenAtOnce {
		all := x.first
		if from > 0 {
			var err error
			if all, err = x.h.Entries.Copies(x.r.Context(), here(x.r).Reach, x.ids[from:min(from+takenAtOnce, len(x.ids))]); err != nil {
				return err
			}
		}
		for _, c := range all {
			if err := do(x.h.taken(x.r, c)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x takeaway) bib(w io.Writer) error {
	return x.each(func(t taken) error {
		_, err := io.WriteString(w, t.Cited.BibTeX()+"\n")
		return err
	})
}

func (x takeaway) json(w io.Writer) error {
	before := "{\n \"entries\": [\n"
	err := x.each(func(t taken) error {
		one, err := json.Marshal(t.out())
		if err == nil {
			_, err = fmt.Fprintf(w, "%s%s", before, one)
		}
		before = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	if before[0] == '{' {
		if _, err := io.WriteString(w, before); err != nil {
			return err
		}
	}
	older, err := json.Marshal(x.older)
	if err == nil {
		_, err = fmt.Fprintf(w, "\n ],\n \"older\": %s\n}\n", older)
	}
	return err
}

// takenColumns of the table, one row for each entry.
var takenColumns = []string{"community", "number", "form", "title", "language", "audience", "summary", "authors", "place", "latitude", "longitude", "happened", "url", "topics", "tags", "text", "uses", "cities", "shared_at", "edited_at", "checked_at", "endorsed_at", "revision", "page", "permalink", "citation"}

func (t taken) cells() []string {
	var authors []string
	for _, a := range t.authors() {
		authors = append(authors, a.Name)
	}
	degrees := func(x *float64) string {
		if x == nil {
			return ""
		}
		return strconv.FormatFloat(*x, 'f', -1, 64)
	}
	return []string{t.Slug, strconv.Itoa(t.Number), string(t.Form), t.Title, string(t.Lang), t.Audience.Word(), t.Summary, strings.Join(authors, "; "), t.Place, degrees(t.Latitude), degrees(t.Longitude), t.Happened, t.Entry.URL, strings.Join(t.Topics, "; "), strings.Join(t.Tags, "; "),
		practice.Compose(t.Form, t.Lang, t.Fields), strconv.Itoa(len(t.Reports)), strconv.Itoa(t.Cities), dayOf(t.SharedAt), dayOf(t.Edited), dayOf(t.CheckedAt), dayOf(t.EndorsedAt), strconv.Itoa(t.Revision), t.page(), t.Cited.URL, t.Cited.Words}
}

func (x takeaway) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(takenColumns); err != nil {
		return err
	}
	err := x.each(func(t taken) error {
		cells := t.cells()
		for n := range cells {
			if takenColumns[n] != "latitude" && takenColumns[n] != "longitude" { // numbers, which may be negative
				cells[n] = listing.Cell(cells[n])
			}
		}
		return c.Write(cells)
	})
	c.Flush()
	if err != nil {
		return err
	}
	return c.Error()
}

// zip has one document for each entry, and one that lists them and says under which terms they are.
func (x takeaway) zip(w io.Writer) error {
	z := zip.NewWriter(w)
	ctx := x.r.Context()
	var list strings.Builder
	err := x.each(func(t taken) error {
		at := t.State()
		file, err := z.CreateHeader(&zip.FileHeader{Name: t.name() + ".md", Method: zip.Deflate, Modified: at})
		if err != nil {
			return err
		}
		fmt.Fprintf(&list, "- [%s](%s.md): %s, %s\n", listing.Plainly(t.Cited.Title), t.name(), listing.Plainly(locale.T(ctx, "repertoire.form."+string(t.Form))), listing.Plainly(communityIn(t.Citable, locale.Of(ctx))))
		_, err = io.WriteString(file, t.markdown())
		return err
	})
	if err != nil {
		return err
	}
	v := visit.Of(ctx)
	file, err := z.CreateHeader(&zip.FileHeader{Name: "README.md", Method: zip.Deflate, Modified: v.Now.UTC()})
	if err != nil {
		return err
	}
	text := "# " + listing.Plainly(locale.T(ctx, "cite.readme", "programme", v.Programme)) + "\n\n" + locale.T(ctx, "cite.terms") + "\n\n" + list.String()
	if x.older != "" {
		text += "\n" + locale.T(ctx, "cite.more", "n", len(x.ids)) + " <" + x.h.Base + x.older + ">\n"
	}
	if _, err := io.WriteString(file, text); err != nil {
		return err
	}
	return z.Close()
}
