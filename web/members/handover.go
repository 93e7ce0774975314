package members

import (
	"net/http"
	"strconv"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// succession is what the next coordinator needs to know: as written down, and as the community stands.
type succession struct {
	community.Handover
	State community.State
	Slug  string
}

func (h handlers) handover(w http.ResponseWriter, r *http.Request) error {
	seat := visit.Of(r.Context()).Seat
	s := succession{Slug: seat.Slug}
	var err error
	if s.Handover, err = h.communities.Handover(r.Context(), seat); err != nil {
		return err
	}
	if s.State, err = h.communities.State(r.Context(), seat); err != nil {
		return err
	}
	return respond.OK(w, r, s.page())
}

func (h handlers) handoverHistory(w http.ResponseWriter, r *http.Request) error {
	states, err := h.communities.HandoverStates(r.Context(), visit.Of(r.Context()).Seat)
	if err != nil {
		return err
	}
	return respond.OK(w, r, handoverHistoryPage(states))
}

// notes is the form of the handover, as typed.
type notes struct {
	community.Handover
	Slug     string
	Theirs   *community.Handover // what stands now, when somebody was faster
	Problems ui.Problems
}

func (h handlers) editHandover(w http.ResponseWriter, r *http.Request) error {
	v := visit.Of(r.Context())
	stored, err := h.communities.Handover(r.Context(), v.Seat)
	if err != nil {
		return err
	}
	if stored.Revision == 0 {
		stored.Lang = v.Community.Lang
		stored.Body = locale.In(stored.Lang, "members.handover.outline")
	}
	return respond.OK(w, r, notes{Handover: stored, Slug: v.Seat.Slug}.page())
}

func (h handlers) handOver(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	seat := visit.Of(r.Context()).Seat
	revision, err := strconv.ParseInt(in.Get("revision"), 10, 32)
	if err != nil {
		revision = -1 // always stale
	}
	typed := notes{Slug: seat.Slug, Handover: community.Handover{Body: in.Body("body"), Lang: locale.Lang(in.Text("lang")), Revision: int(revision)}}
	if err = in.Err(); err == nil {
		err = h.communities.HandOver(r.Context(), seat, typed.Body, typed.Lang, typed.Revision)
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.communities.Handover(r.Context(), seat)
		if err != nil {
			return err
		}
		if theirs.Body == typed.Body && theirs.Lang == typed.Lang { // the same form, sent twice
			return respond.SeeOtherSaying(w, r, link.Handover(seat.Slug), "members.notice.handed-over")
		}
		typed.Revision, typed.Theirs = theirs.Revision, &theirs
		return respond.Page(w, r, http.StatusConflict, typed.page())
	}
	if len(fault.Problems(err)) > 0 {
		if err := seat.Must(community.KeepHandover); err != nil {
			return err
		}
		typed.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, typed.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Handover(seat.Slug), "members.notice.handed-over")
}
