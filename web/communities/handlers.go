package communities

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// front is the home of a community.
type front struct {
	community.About
	Slug     string
	Latest   []item.Recent
	Next     []meeting.Row // meetings
	Criteria criterion.Front
	Shelf    []practice.LibraryRow
	People   []community.Person
	Balance  community.Balance
	Mine     community.Membership
	Waiting  int
	Follow   *ui.Follow              // nil: not for this reader
	ToGreet  int                     // new members whom nobody greeted, for who may
	Change   community.CharterChange // of the charter, since the reader agreed; without a language: none
	Now      time.Time
}

const newOnFront, facesOnFront, nextOnFront, criteriaOnFront, entriesOnFront = 8, 18, 3, 4, 3

func (h handlers) home(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visit.Of(r.Context())
	f := front{Slug: v.Seat.Slug, Now: v.Now}
	var err error
	if f.About, err = h.Communities.About(ctx, v.Seat, locale.Of(ctx), 0); err != nil {
		return err
	}
	if f.Latest, err = h.Items.Latest(ctx, v.Reach, v.Seat.Community, locale.Of(ctx), newOnFront); err != nil {
		return err
	}
	if f.Next, err = h.Meetings.Next(ctx, v.Reach, v.Seat.Community, nextOnFront); err != nil {
		return err
	}
	if f.Criteria, err = h.Criteria.Front(ctx, v.Seat, criteriaOnFront); err != nil {
		return err
	}
	shelf, err := h.Entries.Library(ctx, v.Reach, practice.LibraryFilter{In: v.Seat.Community, Order: practice.ByEvidence, Most: entriesOnFront, Bare: true})
	if err != nil {
		return err
	}
	f.Shelf = shelf.Rows
	if f.People, _, err = h.Communities.People(ctx, v.Seat, community.PeopleFilter{}); err != nil {
		return err
	}
	f.People = f.People[:min(len(f.People), facesOnFront)]
	if f.Balance, err = h.Communities.Balance(ctx, v.Seat); err != nil {
		return err
	}
	if f.Mine, err = h.Communities.Mine(ctx, v.Seat); err != nil {
		return err
	}
	if f.Change, err = h.changed(r, f.Mine, f.About.Charter); err != nil {
		return err
	}
	if v.Seat.Can(community.Admit) {
		waiting, err := h.Communities.Waiting(ctx, v.Seat)
		if err != nil {
			return err
		}
		f.Waiting = len(waiting)
	}
	if f.Follow, err = h.follow(ctx, v); err != nil {
		return err
	}
	if v.Seat.Can(community.Greet) {
		newcomers, err := h.Communities.Newcomers(ctx, v.Seat)
		if err != nil {
			return err
		}
		f.ToGreet = len(newcomers)
	}
	return respond.OK(w, r, f.page())
}

func (h handlers) about(w http.ResponseWriter, r *http.Request) error {
	ctx, v := r.Context(), visit.Of(r.Context())
	version := 0
	if typed := r.URL.Query().Get("charter"); typed != "" {
		n, err := strconv.ParseInt(typed, 10, 32)
		if err != nil || n < 1 {
			return fault.NotFound
		}
		version = int(n)
	}
	a, err := h.Communities.About(ctx, v.Seat, locale.Of(ctx), version)
	if err != nil {
		return err
	}
	return respond.OK(w, r, aboutPage(a))
}

// commitment is the join form, as typed.
type commitment struct {
	community.About
	community.Commitment
	Slug     string
	State    string
	Reason   string
	Lines    string // competences
	Problems ui.Problems
}

func (h handlers) commitment(r *http.Request) (commitment, error) {
	ctx, v := r.Context(), visit.Of(r.Context())
	mine, err := h.Communities.Mine(ctx, v.Seat)
	if err != nil {
		return commitment{}, err
	}
	about, err := h.Communities.About(ctx, v.Seat, locale.Of(ctx), 0)
	return commitment{About: about, Commitment: mine.Commitment, Slug: v.Seat.Slug, State: mine.State, Reason: mine.Reason, Lines: strings.Join(mine.Competences, "\n")}, err
}

// mayJoin reports whether the community takes in who asks, or invited this person.
func mayJoin(v *visit.Visit) bool { return v.Community.Admission != "invitation" || v.Seat.Invited }

func (h handlers) joinPage(w http.ResponseWriter, r *http.Request) error {
	c, err := h.commitment(r)
	if err != nil {
		return err
	}
	if v := visit.Of(r.Context()); c.State != "member" && !mayJoin(v) {
		return fmt.Errorf("join %s: %w", v.Seat.Slug, fault.Forbidden)
	}
	c.Agreed = c.State == "member"
	return respond.OK(w, r, c.page())
}

func (h handlers) join(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	c, err := h.commitment(r)
	if err != nil {
		return err
	}
	before := c.State
	c.Lines = in.Body("competences")
	charter, _ := strconv.Atoi(in.Get("charter")) // a broken one counts as none
	c.Commitment = community.Commitment{Perspective: community.Perspective(in.Text("perspective")), Bring: in.Body("bring"), Learn: in.Body("learn"), Meets: in.Text("meets"),
		Competences: community.ReadCompetences(c.Lines), Agreed: in.Chosen("agreed", "yes") && charter == c.About.Charter.Version || c.About.Charter.Versions == 0, Charter: charter}
	v := visit.Of(r.Context())
	state := ""
	if err = in.Err(); err == nil {
		state, err = h.Communities.Join(r.Context(), v.Seat, v.Account, c.Commitment)
	}
	if len(fault.Problems(err)) > 0 {
		c.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, c.page())
	}
	if err != nil {
		return err
	}
	notice := "communities.notice.joined"
	switch {
	case state == "waiting":
		notice = "communities.notice.asked"
	case before == "member":
		notice = "communities.notice.renewed"
	}
	return respond.SeeOtherSaying(w, r, link.Community(v.Seat.Slug), notice)
}

func (h handlers) leavePage(w http.ResponseWriter, r *http.Request) error {
	return h.leaveForm(w, r, http.StatusOK, nil)
}

func (h handlers) leaveForm(w http.ResponseWriter, r *http.Request, status int, problems ui.Problems) error {
	mine, err := h.Communities.Mine(r.Context(), visit.Of(r.Context()).Seat)
	if err != nil {
		return err
	}
	if mine.State != "member" && mine.State != "waiting" {
		return fault.NotFound
	}
	return respond.Page(w, r, status, leavePage(mine.State, problems))
}

func (h handlers) leave(w http.ResponseWriter, r *http.Request) error {
	v := visit.Of(r.Context())
	err := h.Communities.Leave(r.Context(), v.Seat)
	if len(fault.Problems(err)) > 0 {
		return h.leaveForm(w, r, http.StatusUnprocessableEntity, ui.ProblemsOf(r.Context(), err))
	}
	if err != nil {
		return err
	}
	to := link.Community(v.Seat.Slug)
	if v.Seat.Private {
		to = link.Communities
	}
	return respond.SeeOtherSaying(w, r, to, "communities.notice.left")
}

// words is the form of what a community is about, in one language.
type words struct {
	community.Words
	Slug     string
	Theirs   *community.Words // what stands now, when somebody was faster
	Problems ui.Problems
}

func textLang(ctx context.Context, typed string) locale.Lang {
	if locale.Known(typed) {
		return locale.Lang(typed)
	}
	return visit.Of(ctx).Community.Lang
}

func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	ctx, seat := r.Context(), visit.Of(r.Context()).Seat
	stored, err := h.Communities.WordsIn(ctx, seat, textLang(ctx, r.URL.Query().Get("text")))
	if err != nil {
		return err
	}
	return respond.OK(w, r, words{Words: stored, Slug: seat.Slug}.page())
}

func (h handlers) describe(w http.ResponseWriter, r *http.Request) error {
	ctx, seat := r.Context(), visit.Of(r.Context()).Seat
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	revision, _ := strconv.Atoi(in.Get("revision")) // 0 is always stale
	typed := words{Slug: seat.Slug, Words: community.Words{Revision: revision, Lang: textLang(ctx, in.Get("text")), Name: in.Text("name"), Summary: in.Text("summary"), Domain: in.Body("domain"),
		Agenda: in.Body("agenda"), Charter: in.Body("charter"), CharterNote: in.Text("charter-note"), Stage: in.Text("stage"), StageReason: in.Body("stage-reason")}}
	if err = in.Err(); err == nil {
		err = h.Communities.Describe(ctx, seat, typed.Words)
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Communities.WordsIn(ctx, seat, typed.Lang)
		if err != nil {
			return err
		}
		note := typed.CharterNote // stands with the version, not with the words
		typed.Revision, typed.CharterNote = theirs.Revision, ""
		if typed.Words == theirs { // the same form, sent twice
			return respond.SeeOtherSaying(w, r, link.About(seat.Slug), "communities.notice.described")
		}
		typed.Theirs, typed.CharterNote = &theirs, note
		return respond.Page(w, r, http.StatusConflict, typed.page())
	}
	if len(fault.Problems(err)) > 0 {
		typed.Problems = ui.ProblemsOf(ctx, err)
		return respond.Again(w, r, typed.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.About(seat.Slug), "communities.notice.described")
}
