package repertoire

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// newPage is the form of a kind, or the choice among them.
func (h handlers) newPage(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.WriteEntry); err != nil {
		return err
	}
	d := writing{Form: practice.Form(r.URL.Query().Get("form")), Lang: langOf(r), Audience: item.Draft.Word(), Stood: item.Draft.Word(), Request: uuid.NewString(), Slug: v.Seat.Slug,
		Title: form.Clean(r.URL.Query().Get("title"), item.MaxTitle)}
	if !d.Form.Known() {
		found, err := h.kept(r, d.action())
		if err != nil {
			return err
		}
		return respond.OK(w, r, kinds{Slug: d.Slug, Begun: practice.Form(found.Get("form")), Title: found.Get("title"), At: found.At}.page())
	}
	if err := h.choices(r, &d); err != nil {
		return err
	}
	d, err := h.withDraft(r, d)
	if err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

// begin writes a new entry.
func (h handlers) begin(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.WriteEntry); err != nil {
		return err
	}
	in, d, err := h.receive(w, r, writing{Form: practice.Experience, Slug: v.Seat.Slug, Stood: item.Draft.Word()})
	if err != nil {
		return err
	}
	defer in.Close()
	if done, err := h.beside(w, r, in, d); done {
		return err
	}
	var made item.Made
	if err = in.broken(); err == nil {
		made, err = h.Entries.Begin(r.Context(), v.Seat, practice.New{Text: d.text(in.files.Chosen), Request: in.Sent()})
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	h.sent(r, d.action())
	return respond.SeeOtherSaying(w, r, link.Entry(d.Slug, made.Number, d.Title), d.said())
}

// said is what is told after the form was accepted.
func (d writing) said() string {
	switch {
	case d.Audience == item.Draft.Word():
		return "entry.form.notice.kept"
	case d.Stood == item.Draft.Word():
		return "repertoire.notice.shared"
	default:
		return "repertoire.notice.saved"
	}
}

// written is what stands, when the reader is one of those who write it.
func (h handlers) written(r *http.Request) (writing, error) {
	number, err := entry(r)
	if err != nil {
		return writing{}, err
	}
	v := here(r)
	e, err := h.Entries.Written(r.Context(), v.Seat, number)
	if err != nil {
		return writing{}, err
	}
	d := writing{ID: e.ID, Number: number, Slug: v.Seat.Slug, Request: uuid.NewString(), Was: e.Title, Stood: e.Audience.Word(), Revision: e.Revision,
		Form: e.Form, Title: e.Title, Fields: e.Fields, Lang: string(e.Lang), Audience: e.Audience.Word(), Tags: strings.Join(e.Tags, ", "), Topics: e.Topics,
		Summary: e.Summary, Place: e.Place, Latitude: degreesTyped(e.Latitude), Longitude: degreesTyped(e.Longitude), Happened: e.Happened, URL: e.URL, Quoting: e.Quoting}
	if d.Files, err = h.Files.Of(r.Context(), v.Seat, e.ID); err != nil {
		return d, err
	}
	return d, h.choices(r, &d)
}

func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	d, err := h.written(r)
	if err != nil {
		return err
	}
	if d, err = h.withDraft(r, d); err != nil {
		return err
	}
	d.At = practice.Part(form.Clean(r.URL.Query().Get("part"), 40))
	return respond.OK(w, r, d.page())
}

func (h handlers) revise(w http.ResponseWriter, r *http.Request) error {
	stands, err := h.written(r)
	if err != nil {
		return err
	}
	in, d, err := h.receive(w, r, stands)
	if err != nil {
		return err
	}
	defer in.Close()
	if done, err := h.beside(w, r, in, d); done {
		return err
	}
	if err = in.broken(); err == nil {
		err = h.Entries.Revise(r.Context(), here(r).Seat, d.Number, practice.Edit{Text: d.text(in.files.Chosen), Revision: d.Revision})
	}
	if _, stale := fault.Stale(err); stale {
		if theirs, same, failed := h.stands(r, d); failed != nil || !same {
			return h.stale(w, r, d, theirs, failed)
		}
		err = nil // the same form sent twice
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	h.sent(r, d.action())
	return respond.SeeOtherSaying(w, r, link.Entry(d.Slug, d.Number, d.Title), d.said())
}

// stands is what an entry says now; same, when that is what was typed.
func (h handlers) stands(r *http.Request, d writing) (theirs practice.Edit, same bool, err error) {
	theirs, err = h.Entries.Written(r.Context(), here(r).Seat, d.Number)
	if err != nil {
		return theirs, false, err
	}
	mine, now := d.text(nil), theirs.Text
	mine.Tags, now.Tags = nil, nil // each is spelt as the community first did
	slices.Sort(mine.Topics)
	now.Topics = slices.Sorted(slices.Values(now.Topics))
	if len(mine.Topics) == 0 && len(now.Topics) == 0 {
		mine.Topics, now.Topics = nil, nil
	}
	return theirs, theirs.Revision == d.Revision+1 && reflect.DeepEqual(mine, now), nil
}

// stale shows what was typed beside what stands now. Nothing is saved until the writer sends again.
func (h handlers) stale(w http.ResponseWriter, r *http.Request, d writing, theirs practice.Edit, err error) error {
	if err != nil {
		return err
	}
	d.Theirs, d.Revision, d.Stood = &theirs, theirs.Revision, theirs.Audience.Word()
	return respond.Page(w, r, http.StatusConflict, d.page())
}

// broken is what was wrong with a form before anybody read what it says.
func (in received) broken() error {
	if err := in.Err(); err != nil {
		return err
	}
	return in.files.Err
}
