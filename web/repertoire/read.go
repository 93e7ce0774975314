package repertoire

import (
	"errors"
	"net/http"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// index is a page of the list of entries.
type index struct {
	List   practice.Page
	Filter practice.Filter
	Show   string // "", "mine" or "drafts"
	Tags   []item.Tag
	Slug   string
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	v, q := here(r), r.URL.Query()
	x := index{Slug: v.Seat.Slug, Filter: practice.Filter{Tag: form.Clean(q.Get("tag"), item.MaxTag), Before: form.Clean(q.Get("before"), 80), After: form.Clean(q.Get("after"), 80)}}
	if show := q.Get("show"); v.SignedIn() && (show == "mine" || show == "drafts") {
		x.Show, x.Filter.Mine, x.Filter.Drafts = show, show == "mine", show == "drafts"
	}
	var err error
	if x.List, err = h.Entries.List(r.Context(), v.Seat, x.Filter); err != nil {
		return err
	}
	if x.Tags, err = h.Items.TagsInUse(r.Context(), v.Seat, "entry", 14); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// at is the address of the list with one filter changed.
func (x index) at(name, value string) string {
	pairs := map[string]string{"show": x.Show, "tag": x.Filter.Tag}
	pairs[name] = value
	return link.With(link.Repertoire(x.Slug), "show", pairs["show"], "tag", pairs["tag"], "before", pairs["before"], "after", pairs["after"])
}

func (x index) filtered() bool {
	return x.Show != "" || x.Filter.Tag != "" || x.Filter.Before != "" || x.Filter.After != ""
}

// shown is an entry with what the reader may do.
type shown struct {
	practice.Whole
	Slug     string
	Follow   *ui.Follow
	Citation citation
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	v := here(r)
	e, err := h.Entries.Read(r.Context(), v.Seat, number)
	if errors.Is(err, fault.Gone) {
		return h.gone(w, r, number)
	}
	if err != nil {
		return err
	}
	if right := link.Entry(v.Seat.Slug, number, e.Title); right != r.URL.Path {
		return respond.Moved(w, r, right)
	}
	if r.URL.Query().Has("revision") {
		return h.then(w, r, number, e)
	}
	x := shown{Whole: e, Slug: v.Seat.Slug, Citation: h.citationOfShown(r, e)}
	if x.Follow, err = h.follow(r, e); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// before is an entry as it stood at a revision.
type before struct {
	practice.State
	Slug   string
	Number int
	Public bool
}

// then shows an entry as it stood; the newest state is the entry itself.
func (h handlers) then(w http.ResponseWriter, r *http.Request, number int, e practice.Whole) error {
	revision, err := form.Number(r.URL.Query().Get("revision"))
	if err != nil {
		return err
	}
	at, err := h.Entries.State(r.Context(), here(r).Seat, number, revision)
	if err != nil {
		return err
	}
	return respond.OK(w, r, before{State: at, Slug: here(r).Seat.Slug, Number: number, Public: e.Audience == item.Public}.page())
}

// past is the history of an entry.
type past struct {
	States []item.Revision
	Slug   string
	Number int
}

func (h handlers) history(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	states, err := h.Entries.History(r.Context(), here(r).Seat, number)
	if err != nil {
		return err
	}
	return respond.OK(w, r, past{States: states, Slug: here(r).Seat.Slug, Number: number}.page())
}
