// Package drafts keeps what is being written: by itself while it is typed, and as a list to come back to.
package drafts

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// Stores that the room needs.
type Stores struct {
	Drafts      draft.Store
	Discussions discussion.Store
}

type handlers struct{ Stores }

// Mount the room. Saving stands outside the door that keeps forms of strangers: a draft is sent every few seconds.
func Mount(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Post(link.Drafts, respond.Handle(h.save))
	r.With(door.SignedIn).Get(link.MyDrafts, respond.Handle(h.mine))
}

// said is the answer to the script that saves.
type said struct {
	Revision int    `json:"revision"`
	HTML     string `json:"html,omitempty"` // to show when the same text is open elsewhere
}

func (h handlers) save(w http.ResponseWriter, r *http.Request) error {
	v := visit.Of(r.Context())
	if !v.SignedIn() {
		return fault.Forbidden
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	place := in.Text("place")
	if in.Chosen("act", "discard") {
		if err := h.Drafts.Drop(r.Context(), v.Account.ID, place); err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, link.Local(in.Get("next")), "drafts.notice.discarded")
	}
	if err := in.Err(); err != nil {
		return err
	}
	revision, _ := strconv.Atoi(in.Get("draft")) // a broken one is none
	saved, err := h.Drafts.Save(r.Context(), v.Account.ID, place, in.Values, revision, in.Text("tab"))
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Drafts.Load(r.Context(), v.Account.ID, place)
		if err != nil {
			return err
		}
		html, err := rendered(r, ui.DraftElsewhere(theirs.Words(), locale.T(r.Context(), "drafts.mine")))
		if err != nil {
			return err
		}
		return answer(w, http.StatusConflict, said{Revision: theirs.Revision, HTML: html})
	}
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, said{Revision: saved.Revision})
}

func rendered(r *http.Request, part templ.Component) (string, error) {
	var b bytes.Buffer
	err := part.Render(r.Context(), &b)
	return b.String(), err
}

func answer(w http.ResponseWriter, status int, a said) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // the reader may have gone
	return nil
}

// row is a draft in the list, with its place in words.
type row struct {
	draft.Draft
	In       string // name of the community, if the reader may know it
	Kind     string // of the form: the message "drafts.place.<kind>"
	Title    string // of the thread, or how it is called by number
	Continue string
	Excerpt  string
	Whole    string // what was typed, when the excerpt cuts it
	Lang     string
}

func (h handlers) mine(w http.ResponseWriter, r *http.Request) error {
	v := visit.Of(r.Context())
	all, err := h.Drafts.Mine(r.Context(), v.Account.ID)
	if err != nil {
		return err
	}
	places := make([]discussion.Place, len(all))
	for i, d := range all {
		places[i] = placeOf(d.Place)
	}
	names, err := h.Discussions.Named(r.Context(), v.Reach, places, locale.Of(r.Context()))
	if err != nil {
		return err
	}
	list := page{}
	for i, d := range all {
		list.Rows = append(list.Rows, rowOf(d, places[i], names[places[i]]))
	}
	return respond.OK(w, r, list.page())
}

func rowOf(d draft.Draft, p discussion.Place, named discussion.Named) row {
	r := row{Draft: d, In: named.Community, Title: named.Title, Lang: d.Get("lang"), Continue: d.Place, Kind: "else"}
	if r.Title == "" {
		r.Title = "T-" + strconv.Itoa(p.Number)
	}
	_, form, _ := strings.Cut(strings.TrimPrefix(d.Place, link.Discussions(p.Slug)), "/")
	switch {
	case strings.HasPrefix(d.Place, "/c/") && strings.Contains(d.Place, "/repertoire/"):
		r.Kind = "entry"
	case p.Slug == "":
	case form == "new":
		r.Kind = "new"
	case strings.HasSuffix(form, "/reply"):
		r.Kind, r.Continue = "reply", strings.TrimSuffix(d.Place, "/reply")+"#answer"
	case strings.Contains(form, "/replies/"):
		r.Kind = "edit-reply"
	case strings.HasSuffix(form, "/edit"):
		r.Kind = "edit"
	}
	r.Excerpt = markup.Excerpt(strings.Join(strings.Fields(d.Words()), " "), 200)
	if whole := d.Words(); len(whole) > 200 {
		r.Whole = whole
	}
	return r
}

// placeOf is the thread that an address of a form names; number 0 for a new one, the zero value when it names none.
func placeOf(address string) discussion.Place {
	parts := strings.Split(address, "/") // "", "c", slug, "discussions", number …
	if len(parts) < 5 || parts[1] != "c" || parts[3] != "discussions" {
		return discussion.Place{}
	}
	n, err := strconv.ParseInt(parts[4], 10, 32)
	if err != nil {
		n = 0 // "new", or no number that a thread could have
	}
	return discussion.Place{Slug: parts[2], Number: int(n)}
}

type page struct{ Rows []row }
