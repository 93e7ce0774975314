package repertoire

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/respond"
)

// shown is an entry with what the reader may do.
type shown struct {
	practice.Whole
	Slug     string
	Tongue   *tongue // nil: the entry's own language
	Citation citation
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	v := here(r)
	e, err := h.Entries.Read(r.Context(), v.Seat, number)
	if err != nil {
		return err
	}
	if right := link.Entry(v.Seat.Slug, number, e.Title); right != r.URL.Path {
		return respond.Moved(w, r, right)
	}
	x := shown{Whole: e, Slug: v.Seat.Slug, Citation: h.citationOfShown(r, e)}
	x.speak(r)
	return respond.OK(w, r, x.page())
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
