package members

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// outreach is whom the community wants to reach, and who is here.
type outreach struct {
	All     []community.Wanted
	Balance community.Balance // of the members
	Slug    string
}

// Of counts the wanted organisations of a perspective, and those of them that are here.
func (o outreach) Of(p community.Perspective) (wanted, here int) {
	for _, w := range o.All {
		if w.Perspective == p {
			if wanted++; w.Here > 0 {
				here++
			}
		}
	}
	return wanted, here
}

func (h handlers) reach(w http.ResponseWriter, r *http.Request) error {
	seat := visit.Of(r.Context()).Seat
	o := outreach{Slug: seat.Slug}
	var err error
	if o.All, err = h.communities.Wanted(r.Context(), seat); err != nil {
		return err
	}
	if o.Balance, err = h.communities.Balance(r.Context(), seat); err != nil {
		return err
	}
	return respond.OK(w, r, o.page())
}

// wanted is the form of an organisation, as typed.
type wanted struct {
	community.Wanted
	Request  uuid.UUID
	Theirs   *community.Wanted // what stands now, when somebody was faster
	Problems ui.Problems
}

func (h handlers) newWanted(w http.ResponseWriter, r *http.Request) error {
	if err := visit.Of(r.Context()).Seat.Must(community.KeepWanted); err != nil {
		return err
	}
	return respond.OK(w, r, wanted{Request: uuid.New()}.page())
}

func readWanted(in form.Values) wanted {
	revision, _ := strconv.Atoi(in.Get("revision")) // 0 is always stale
	return wanted{Request: in.Request(), Wanted: community.Wanted{Name: in.Text("name"), Sector: in.Text("sector"), Perspective: community.Perspective(in.Text("perspective")), Why: in.Body("why"), Revision: revision}}
}

func (h handlers) want(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	seat, typed := visit.Of(r.Context()).Seat, readWanted(in)
	if err = in.Err(); err == nil {
		err = h.communities.Want(r.Context(), seat, typed.Wanted, typed.Request)
	}
	return h.wantedDone(w, r, typed, err, "members.notice.wanted")
}

// wantedDone shows a rejected form again, or leads back to the list.
func (h handlers) wantedDone(w http.ResponseWriter, r *http.Request, typed wanted, err error, notice string) error {
	if len(fault.Problems(err)) > 0 {
		if err := visit.Of(r.Context()).Seat.Must(community.KeepWanted); err != nil {
			return err
		}
		typed.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, typed.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Reach(visit.Of(r.Context()).Seat.Slug), notice)
}

func (h handlers) wantedOne(r *http.Request) (community.Wanted, error) {
	n, err := number(r, "id")
	if err != nil {
		return community.Wanted{}, err
	}
	return h.communities.WantedOne(r.Context(), visit.Of(r.Context()).Seat, community.WantedID(n))
}

func (h handlers) editWanted(w http.ResponseWriter, r *http.Request) error {
	one, err := h.wantedOne(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, wanted{Wanted: one}.page())
}

func (h handlers) changeWanted(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	stands, err := h.wantedOne(r)
	if err != nil {
		return err
	}
	typed := readWanted(in)
	typed.ID = stands.ID
	if err = in.Err(); err == nil {
		err = h.communities.ChangeWanted(r.Context(), visit.Of(r.Context()).Seat, typed.Wanted)
	}
	if _, stale := fault.Stale(err); stale {
		if typed.Revision = stands.Revision; typed.Wanted == stands { // the same form, sent twice
			err = nil
		} else {
			typed.Theirs = &stands
			return respond.Page(w, r, http.StatusConflict, typed.page())
		}
	}
	return h.wantedDone(w, r, typed, err, "members.notice.wanted-changed")
}

func (h handlers) moveWanted(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	n, err := number(r, "id")
	if err != nil {
		return err
	}
	seat := visit.Of(r.Context()).Seat
	if err := h.communities.MoveWanted(r.Context(), seat, community.WantedID(n), in.Chosen("way", "up")); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Reach(seat.Slug)+"#organisation-"+strconv.Itoa(n))
}

func (h handlers) unwant(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r, "id")
	if err != nil {
		return err
	}
	seat := visit.Of(r.Context()).Seat
	if err := h.communities.Unwant(r.Context(), seat, community.WantedID(n)); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Reach(seat.Slug), "members.notice.unwanted")
}
