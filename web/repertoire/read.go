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

// shown is an entry with what the reader may do.
type shown struct {
	practice.Whole
	Slug     string
	Tongue   *tongue // nil: the entry's own language
	Citation citation
	Follow   *ui.Follow
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
	x.speak(r)
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
