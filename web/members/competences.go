package members

import (
	"fmt"
	"net/http"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// knowledge is a page of who knows what, in one community or in all of the reader's.
type knowledge struct {
	All    []community.Competence
	Filter community.CompetenceFilter
	Next   string // key after which the next page begins; empty: none
	Slug   string // of the community; empty: all of the reader's
}

func read(r *http.Request) community.CompetenceFilter {
	q := r.URL.Query()
	f := community.CompetenceFilter{Words: form.Clean(q.Get("q"), 100), Perspective: q.Get("perspective"), After: form.Clean(q.Get("after"), 100)}
	if f.Perspective != "stakeholder" && f.Perspective != "scientist" {
		f.Perspective = ""
	}
	return f
}

func (h handlers) competences(w http.ResponseWriter, r *http.Request) error {
	seat := visit.Of(r.Context()).Seat
	k := knowledge{Filter: read(r), Slug: seat.Slug}
	var more bool
	var err error
	if k.All, more, err = h.communities.Competences(r.Context(), seat, k.Filter); err != nil {
		return err
	}
	return respond.OK(w, r, k.until(more).page())
}

func (h handlers) people(w http.ResponseWriter, r *http.Request) error {
	reach := visit.Of(r.Context()).Reach
	if !reach.Signed() {
		return fmt.Errorf("people of all communities: %w", fault.Forbidden)
	}
	k := knowledge{Filter: read(r)}
	var more bool
	var err error
	if k.All, more, err = h.communities.CompetencesAround(r.Context(), reach, k.Filter); err != nil {
		return err
	}
	return respond.OK(w, r, k.until(more).page())
}

func (k knowledge) until(more bool) knowledge {
	if more {
		k.Next = k.All[len(k.All)-1].Key
	}
	return k
}

// address of the page without its filters.
func (k knowledge) address() string {
	if k.Slug == "" {
		return link.People
	}
	return link.With(link.Members(k.Slug), "view", "competences")
}

func (k knowledge) with(perspective, after string) string {
	return link.With(k.address(), "q", k.Filter.Words, "perspective", perspective, "after", after)
}

// everybody who knows about c: the list of people that the competence's words find.
func (k knowledge) everybody(c community.Competence) string {
	if k.Slug == "" {
		return ""
	}
	return link.With(link.Members(k.Slug), "q", c.Key, "perspective", k.Filter.Perspective)
}

// path of the page, for its form.
func (k knowledge) path() string {
	if k.Slug == "" {
		return link.People
	}
	return link.Members(k.Slug)
}
