package repertoire

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// heard is the one field, as typed, and what its writer noted before.
type heard struct {
	Body, Lang, Request string
	Notes               []practice.LibraryRow
	Slug                string
	Problems            ui.Problems
}

func (h handlers) heardPage(w http.ResponseWriter, r *http.Request) error {
	if err := here(r).Seat.Must(community.WriteEntry); err != nil {
		return err
	}
	x := heard{Lang: langOf(r), Request: uuid.NewString()}
	if err := h.notes(r, &x); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// notes are the reader's own drafts, below the field.
func (h handlers) notes(r *http.Request, x *heard) error {
	x.Slug = here(r).Seat.Slug
	seat := here(r).Seat
	page, err := h.Entries.Library(r.Context(), seat.Reach, practice.LibraryFilter{In: seat.Community, Mine: true, Drafts: true, Bare: true})
	x.Notes = page.Rows
	return err
}

// langOf is the language in which the reader is likely to write here.
func langOf(r *http.Request) string {
	v := here(r)
	if slices.Contains(v.Account.Languages, string(v.Community.Lang)) {
		return string(v.Community.Lang)
	}
	return string(locale.Of(r.Context()))
}

func (h handlers) note(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.WriteEntry); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x := heard{Body: in.Body("body"), Lang: in.Text("lang"), Request: in.Request().String()}
	if err = in.Err(); err == nil {
		_, err = h.Entries.Note(r.Context(), v.Seat, practice.Heard{Body: x.Body, Lang: locale.Lang(x.Lang), Request: in.Sent()})
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		if err := h.notes(r, &x); err != nil {
			return err
		}
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Heard(v.Seat.Slug), "repertoire.notice.noted")
}

// draft is the form of an entry, as typed.
type draft struct {
	Number                            int
	Title, Body, Lang, Audience, Tags string
	Revision                          int
	Slug, Preview                     string
	Was                               string         // title that stands
	Theirs                            *practice.Edit // what stands now, when somebody was faster
	Problems                          ui.Problems
}

// written is what stands, when the reader wrote it.
func (h handlers) written(r *http.Request) (draft, error) {
	number, err := entry(r)
	if err != nil {
		return draft{}, err
	}
	e, err := h.Entries.Written(r.Context(), here(r).Seat, number)
	return draft{Number: number, Title: e.Title, Was: e.Title, Body: e.Fields[practice.Told], Lang: string(e.Lang), Audience: e.Audience.Word(), Tags: strings.Join(e.Tags, ", "), Revision: e.Revision, Slug: here(r).Seat.Slug}, err
}

func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	d, err := h.written(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

// change is what was typed; an audience that does not exist is wider than any, and so refused.
func (d draft) change() practice.Edit {
	audience, ok := item.AudienceOf(d.Audience)
	if !ok {
		audience = -1
	}
	return practice.Edit{Revision: d.Revision, Text: practice.Text{Form: practice.Experience, Title: d.Title, Fields: practice.Fields{practice.Told: d.Body}, Lang: locale.Lang(d.Lang), Audience: audience, Tags: item.ReadTags(d.Tags)}}
}

func (h handlers) revise(w http.ResponseWriter, r *http.Request) error {
	d, err := h.written(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	stood := d.Audience
	d.Title, d.Body, d.Lang, d.Audience, d.Tags = in.Text("title"), in.Body("body"), in.Text("lang"), in.Text("audience"), in.Text("tags")
	d.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	if in.Chosen("act", "preview") {
		return h.preview(w, r, d)
	}
	if err = in.Err(); err == nil {
		err = h.Entries.Revise(r.Context(), here(r).Seat, d.Number, d.change())
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Entries.Written(r.Context(), here(r).Seat, d.Number)
		if err != nil {
			return err
		}
		d.Theirs, d.Revision = &theirs, theirs.Revision
		return respond.Page(w, r, http.StatusConflict, d.page())
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	notice := "repertoire.notice.saved"
	if stood == item.Draft.Word() && d.Audience != stood {
		notice = "repertoire.notice.shared"
	}
	return respond.SeeOtherSaying(w, r, link.Entry(d.Slug, d.Number, d.Title), notice)
}

func (h handlers) preview(w http.ResponseWriter, r *http.Request, d draft) error {
	names, err := h.Items.Resolve(r.Context(), here(r).Seat, d.Body)
	if err != nil {
		return err
	}
	if d.Preview = markup.Render(d.Body, names.Targets()); d.Preview == "" {
		d.Preview = "<p>–</p>"
	}
	return respond.OK(w, r, d.page())
}
