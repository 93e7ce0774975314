// Package lookaround lets a visitor of a demonstration sign in as one of its people.
package lookaround

import (
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/programme/demo"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// Store finds the people of the demonstration.
type Store struct{ db postgres.DB }

// NewStore finds them in db.
func NewStore(db postgres.DB) Store { return Store{db} }

type handlers struct {
	door  guard.Door
	store Store
}

// Mount the room. It is for demonstrations on a loopback address only.
func Mount(r chi.Router, door guard.Door, store Store) {
	h := handlers{door: door, store: store}
	r.Get(link.LookAround, respond.Handle(h.page))
	r.Post(link.LookAround, respond.Handle(h.enter))
}

// guide is somebody to look around as.
type guide struct {
	As           string
	Account      account.ID
	Name         string
	Organisation string
	Perspective  community.Perspective
	Community    string
	Slug         string
}

func (s Store) guides(ctx context.Context) ([]guide, error) {
	return postgres.All[guide](ctx, s.db, `select g.role as as, a.id as account, a.name, a.organisation, m.perspective,
			(select t.name from community_text t where t.community_id = c.id and t.lang = c.lang) as community, c.slug
		from unnest($1::text[], $2::text[], $3::text[]) with ordinality g(role, handle, slug, n)
		join account a on a.handle = g.handle join community c on c.slug = g.slug
		join membership m on m.account_id = a.id and m.community_id = c.id order by g.n`, demo.Roles(), demo.Handles(), demo.Slugs())
}

func (h handlers) page(w http.ResponseWriter, r *http.Request) error {
	if !visit.Of(r.Context()).Demonstration {
		return fault.NotFound
	}
	guides, err := h.store.guides(r.Context())
	if err != nil {
		return err
	}
	return respond.OK(w, r, page(guides))
}

func (h handlers) enter(w http.ResponseWriter, r *http.Request) error {
	if !visit.Of(r.Context()).Demonstration {
		return fault.NotFound
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	guides, err := h.store.guides(r.Context())
	if err != nil {
		return err
	}
	for _, g := range guides {
		if g.As == in.Text("as") {
			if err := h.door.Begin(r.Context(), r, g.Account); err != nil {
				return err
			}
			if _, err := r.Cookie(guard.KeptCookie); err == nil {
				return respond.SeeOther(w, r, link.KeptText)
			}
			return respond.SeeOther(w, r, link.Home)
		}
	}
	return fault.NotFound
}
