// Package admin is where an administrator presents the programme and founds communities.
package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Communities community.Store
	Criteria    criterion.Store
	Entries     practice.Store
}

type handlers struct{ Stores }

// Mount the room.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn, administrators)
		r.Get(link.Admin, respond.Handle(h.page))
		r.Post(link.Admin, respond.Handle(h.present))
		r.Get(link.Admin+"/communities", respond.Handle(h.foundPage))
		r.Post(link.Admin+"/communities", respond.Handle(h.found))
		h.mountCriteria(r)
		h.mountTopics(r)
	})
}

func administrators(next http.Handler) http.Handler {
	return respond.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if !visit.Of(r.Context()).Account.Administrator {
			return fault.Forbidden
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// presentation is the form of the programme's words, as typed.
type presentation struct {
	community.ProgrammeWords
	Theirs   *community.ProgrammeWords // what stands now, when somebody was faster
	Problems ui.Problems
}

func textLang(r *http.Request, typed string) locale.Lang {
	if locale.Known(typed) {
		return locale.Lang(typed)
	}
	return locale.Of(r.Context())
}

func (h handlers) page(w http.ResponseWriter, r *http.Request) error {
	stored, err := h.Communities.ProgrammeIn(r.Context(), textLang(r, r.URL.Query().Get("text")))
	if err != nil {
		return err
	}
	return respond.OK(w, r, presentation{ProgrammeWords: stored}.page())
}

func (h handlers) present(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	revision, _ := strconv.Atoi(in.Get("revision")) // 0 is always stale
	p := presentation{ProgrammeWords: community.ProgrammeWords{Revision: revision, Name: in.Text("name"), Lang: textLang(r, in.Get("text")), Tagline: in.Text("tagline"), Purpose: in.Body("purpose")}}
	if err = in.Err(); err == nil {
		err = h.Communities.Present(r.Context(), visit.Of(r.Context()).Account, p.ProgrammeWords)
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Communities.ProgrammeIn(r.Context(), p.Lang)
		if err != nil {
			return err
		}
		if p.Revision = theirs.Revision; p.ProgrammeWords == theirs { // the same form, sent twice
			return respond.SeeOtherSaying(w, r, link.With(link.Admin, "text", string(p.Lang)), "admin.notice.saved")
		}
		p.Theirs = &theirs
		return respond.Page(w, r, http.StatusConflict, p.page())
	}
	if len(fault.Problems(err)) > 0 {
		p.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, p.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.With(link.Admin, "text", string(p.Lang)), "admin.notice.saved")
}

// founding is the form of a new community, as typed.
type founding struct {
	community.Founding
	Place    string // latitude and longitude
	Problems ui.Problems
}

func (h handlers) foundPage(w http.ResponseWriter, r *http.Request) error {
	a := visit.Of(r.Context()).Account
	return respond.OK(w, r, founding{Founding: community.Founding{Request: uuid.New(), Kind: "city", Lang: a.Lang, Zone: "Europe/Zurich", Visibility: "public", Admission: "request", Coordinator: a.Email}}.page())
}

func (h handlers) found(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	f := founding{Place: in.Text("latitude"), Founding: community.Founding{Request: in.Request(), Slug: in.Text("slug"), Kind: in.Text("kind"), Name: in.Text("name"), Lang: locale.Lang(in.Text("lang")), Zone: in.Text("zone"),
		Visibility: in.Text("visibility"), Admission: in.Text("admission"), Coordinator: in.Text("coordinator"), Perspective: community.Perspective(in.Text("perspective"))}}
	if f.Slug == "" {
		f.Slug = link.Slug(f.Name)
	}
	if err = in.Err(); err == nil {
		f.Latitude, f.Longitude, err = place(f.Place)
	}
	if err == nil {
		err = h.Communities.Found(r.Context(), visit.Of(r.Context()).Account, f.Founding)
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Communities, "admin.notice.founded")
}

// place reads "47.56, 7.59"; an empty text is no place.
func place(text string) (lat, lon *float64, err error) {
	if text == "" {
		return nil, nil, nil
	}
	first, second, found := strings.Cut(text, ",")
	a, err1 := strconv.ParseFloat(strings.TrimSpace(first), 64)
	b, err2 := strconv.ParseFloat(strings.TrimSpace(second), 64)
	if !found || err1 != nil || err2 != nil {
		return nil, nil, fault.One("latitude", "place")
	}
	return &a, &b, nil
}
