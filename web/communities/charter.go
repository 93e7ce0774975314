package communities

import (
	"net/http"
	"strconv"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/visit"
)

// charters are the versions of a charter; one of them stands open with what it changed.
type charters struct {
	Slug      string
	All       []community.CharterVersion
	Open      int // version
	Change    community.CharterChange
	Newest    int
	Mine      community.Membership
	Agreement *community.Agreement // for who edits the charter
	Stale     bool                 // a newer version came while the reader agreed
}

func (h handlers) charter(w http.ResponseWriter, r *http.Request) error {
	open := 0
	if typed := r.URL.Query().Get("version"); typed != "" {
		n, err := strconv.Atoi(typed)
		if err != nil || n < 1 || n > 1<<30 {
			return fault.NotFound
		}
		open = n
	}
	return h.charters(w, r, http.StatusOK, charters{Open: open})
}

func (h handlers) charters(w http.ResponseWriter, r *http.Request, status int, c charters) error {
	ctx, seat := r.Context(), visit.Of(r.Context()).Seat
	c.Slug = seat.Slug
	var err error
	if c.All, err = h.Communities.CharterVersions(ctx, seat); err != nil {
		return err
	}
	if len(c.All) > 0 {
		if c.Newest = c.All[0].Version; c.Open == 0 {
			c.Open = c.Newest
		}
	}
	if c.Open > 0 {
		if c.Change, err = h.Communities.CharterChange(ctx, seat, locale.Of(ctx), c.Open-1, c.Open); err != nil {
			return err
		}
	}
	if c.Mine, err = h.Communities.Mine(ctx, seat); err != nil {
		return err
	}
	if seat.Can(community.EditAbout) {
		agreement, err := h.Communities.Agreement(ctx, seat)
		if err != nil {
			return err
		}
		c.Agreement = &agreement
	}
	return respond.Page(w, r, status, c.page())
}

// changed is how the charter differs from the version that the reader, a member, agreed to; without a language when it does not, or there is none.
func (h handlers) changed(r *http.Request, mine community.Membership, c community.Charter) (community.CharterChange, error) {
	if mine.State != "member" || c.Versions == 0 || mine.Charter >= c.Version {
		return community.CharterChange{}, nil
	}
	return h.Communities.CharterChange(r.Context(), visit.Of(r.Context()).Seat, locale.Of(r.Context()), mine.Charter, c.Version)
}

func (h handlers) agree(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(in.Get("version")) // 0 is always stale
	seat := visit.Of(r.Context()).Seat
	err = h.Communities.Agree(r.Context(), seat, version)
	if _, stale := fault.Stale(err); stale {
		return h.charters(w, r, http.StatusConflict, charters{Stale: true})
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Community(seat.Slug), "communities.notice.agreed")
}

func (h handlers) renew(w http.ResponseWriter, r *http.Request) error {
	seat := visit.Of(r.Context()).Seat
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Communities.Renew(r.Context(), seat); err != nil {
		return err
	}
	next := link.Community(seat.Slug)
	if in.Text("next") != "" {
		next = link.Local(in.Text("next"))
	}
	return respond.SeeOtherSaying(w, r, next, "communities.notice.renewed")
}
