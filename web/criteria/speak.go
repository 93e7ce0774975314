package criteria

import (
	"net/http"
	"strconv"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// correction is the speaker's own wording, as typed.
type correction struct {
	shown
	Source    criterion.Source
	Statement string
	Revision  int
	Release   bool
	Theirs    bool // somebody changed the wording meanwhile
}

// spoken is the source of an address, when the reader is its speaker.
func (h handlers) spoken(r *http.Request) (shown, criterion.Source, error) {
	n, err := numberOf(r, "source")
	if err != nil {
		return shown{}, criterion.Source{}, err
	}
	x, err := h.whole(r)
	if err != nil {
		return x, criterion.Source{}, err
	}
	for _, s := range x.Sources {
		if s.N == n && s.Mine {
			return x, s, nil
		}
		if s.N == n {
			return x, s, fault.Forbidden
		}
	}
	return x, criterion.Source{}, fault.NotFound
}

// sourceAct is the address of an act on a source.
func (x shown) sourceAct(n int, act string) string {
	return x.at("sources/" + strconv.Itoa(n) + "/" + act)
}

func (h handlers) confirm(w http.ResponseWriter, r *http.Request) error {
	return h.said(w, r, "criteria.log.notice.confirmed", func(n, source int, in form.Values) error {
		revision, _ := strconv.Atoi(in.Get("revision")) // 0 is always stale
		return h.Criteria.Confirm(r.Context(), here(r).Seat, n, source, revision, in.Chosen("released", "yes"))
	})
}

func (h handlers) deny(w http.ResponseWriter, r *http.Request) error {
	return h.said(w, r, "criteria.log.notice.denied", func(n, source int, _ form.Values) error {
		return h.Criteria.Deny(r.Context(), here(r).Seat, n, source)
	})
}

func (h handlers) release(w http.ResponseWriter, r *http.Request) error {
	return h.said(w, r, "criteria.log.notice.released", func(n, source int, in form.Values) error {
		return h.Criteria.Release(r.Context(), here(r).Seat, n, source, in.Chosen("released", "yes"))
	})
}

// said is an answer of a speaker, on the criterion's page.
func (h handlers) said(w http.ResponseWriter, r *http.Request, notice string, do func(n, source int, in form.Values) error) error {
	x, s, err := h.spoken(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	return h.onPage(w, r, "#quoted", notice, func(shown) error { return do(x.Number, s.N, in) })
}

func (h handlers) correctPage(w http.ResponseWriter, r *http.Request) error {
	x, s, err := h.spoken(r)
	if err != nil {
		return err
	}
	if err := here(r).Seat.Must(community.Raise); err != nil {
		return err
	}
	return respond.OK(w, r, correction{shown: x, Source: s, Statement: x.Whole.Statement, Revision: x.Whole.Revision, Release: s.Released}.page())
}

func (h handlers) correct(w http.ResponseWriter, r *http.Request) error {
	x, s, err := h.spoken(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	c := correction{shown: x, Source: s, Statement: in.Text("statement"), Release: in.Chosen("released", "yes")}
	c.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	if err = in.Err(); err == nil {
		err = h.Criteria.Correct(r.Context(), here(r).Seat, x.Number, s.N, c.Revision, c.Statement, c.Release)
	}
	if _, stale := fault.Stale(err); stale {
		c.Theirs, c.Revision = true, x.Whole.Revision
		return respond.Page(w, r, http.StatusConflict, c.page())
	}
	if len(fault.Problems(err)) > 0 {
		c.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, c.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(x.Slug, x.Number)+"#quoted", "criteria.log.notice.corrected")
}
