package repertoire

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// basket is the page of what the reader gathered.
type basket struct {
	Slug     string
	All      []harvest.Gathered
	Problems ui.Problems
}

func (h handlers) gatheredPage(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Harvest.Basket(r.Context(), here(r).Seat)
	if err != nil {
		return err
	}
	return respond.OK(w, r, basket{Slug: here(r).Seat.Slug, All: all}.page())
}

// usable are the passages of which something can be made.
func (b basket) usable() int {
	n := 0
	for _, g := range b.All {
		if !g.Gone {
			n++
		}
	}
	return n
}

// gather lays the words at the place that the address names aside: all that fit, or those that the form has. Sent once more from there, it takes them out again.
func (h handlers) gather(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	at := form.At(r)
	if in.Chosen("act", "undo") {
		if err := h.Harvest.DropAt(r.Context(), here(r).Seat, at); err != nil {
			return err
		}
		return h.wayBack(w, r, at, "gather.notice.dropped")
	}
	if _, err := h.Harvest.Gather(r.Context(), here(r).Seat, harvest.Passage{At: at, Words: in.Body("words")}); err != nil {
		if len(fault.Problems(err)) > 0 {
			all, again := h.Harvest.Basket(r.Context(), here(r).Seat)
			if again != nil {
				return again
			}
			return respond.Again(w, r, basket{Slug: here(r).Seat.Slug, All: all, Problems: ui.ProblemsOf(r.Context(), err)}.page())
		}
		return err
	}
	return h.wayBack(w, r, at, "gather.notice.gathered")
}

// wayBack leads to the place where the words stand.
func (h handlers) wayBack(w http.ResponseWriter, r *http.Request, at harvest.At, notice string) error {
	said, err := h.Harvest.ForEntry(r.Context(), here(r).Seat, at)
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, said.Address(here(r).Seat.Slug), notice)
}

// layAside gathers the words chosen in the form that would make an entry of them.
func (h handlers) layAside(w http.ResponseWriter, r *http.Request, p harvest.Passage, g growing) error {
	if _, err := h.Harvest.Gather(r.Context(), here(r).Seat, p); err != nil {
		if len(fault.Problems(err)) > 0 {
			g.Problems = ui.ProblemsOf(r.Context(), err)
			return respond.Again(w, r, g.ready(r).page())
		}
		return err
	}
	return h.wayBack(w, r, p.At, "gather.notice.gathered")
}

func passageID(r *http.Request) (int64, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "passage"), 10, 64)
	if err != nil || id < 1 {
		return 0, fault.NotFound
	}
	return id, nil
}

func (h handlers) dropPassage(w http.ResponseWriter, r *http.Request) error {
	id, err := passageID(r)
	if err != nil {
		return err
	}
	if err := h.Harvest.Drop(r.Context(), here(r).Seat, id); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Gathered(here(r).Seat.Slug), "gather.notice.dropped")
}

func (h handlers) raisePassage(w http.ResponseWriter, r *http.Request) error {
	id, err := passageID(r)
	if err != nil {
		return err
	}
	if err := h.Harvest.Raise(r.Context(), here(r).Seat, id); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Gathered(here(r).Seat.Slug))
}

// askRelease asks those whose words an entry grew out of whether everybody may read them.
func (h handlers) askRelease(w http.ResponseWriter, r *http.Request) error {
	number, err := entry(r)
	if err != nil {
		return err
	}
	if err := h.Entries.AskRelease(r.Context(), here(r).Seat, number); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Entry(here(r).Seat.Slug, number, "")+"#words", "gather.notice.asked")
}

// answerRelease is the word of the speaker of a source.
func (h handlers) answerRelease(release bool) func(http.ResponseWriter, *http.Request) error {
	notice := "gather.notice.refused"
	if release {
		notice = "gather.notice.released"
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		number, err := entry(r)
		if err != nil {
			return err
		}
		n, err := form.Number(chi.URLParam(r, "source"))
		if err != nil {
			return err
		}
		if err := h.Entries.Answer(r.Context(), here(r).Seat, number, n, release); err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, link.EntrySource(here(r).Seat.Slug, number, n, ""), notice)
	}
}
