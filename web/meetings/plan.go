package meetings

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// plan is the form of a meeting, as typed.
type plan struct {
	Slug                            string
	Number                          int // 0: a new one
	Title, Body, Lang, Form         string
	Audience                        string
	Day, From, Until, LastDay, Zone string
	Place, Address, MapURL          string
	AccessNote, OnlineURL, Capacity string
	Online                          bool
	Request                         string
	Revision                        int
	State                           meeting.State
	Private                         bool
	Like                            int           // a new one like this
	Repeat                          repeat        // of a new one
	Theirs                          *meeting.Plan // what stands now, when somebody was faster
	Problems                        ui.Problems
}

func (p plan) action() string {
	if p.Number == 0 {
		return link.NewMeeting(p.Slug)
	}
	return link.MeetingPart(p.Slug, p.Number, "edit")
}

func (p plan) back() string {
	if p.Number == 0 {
		return link.Meetings(p.Slug)
	}
	return link.Meeting(p.Slug, p.Number)
}

func readPlan(r *http.Request, in form.Values) plan {
	p := plan{Slug: here(r).Seat.Slug, Private: here(r).Seat.Private, Title: in.Text("title"), Body: in.Body("body"), Lang: in.Text("lang"), Form: in.Text("form"), Audience: in.Text("audience"),
		Day: in.Text("day"), From: in.Text("from"), Until: in.Text("until"), LastDay: in.Text("last_day"), Zone: in.Text("zone"),
		Place: in.Text("place"), Address: in.Body("address"), MapURL: in.Text("map_url"), AccessNote: in.Body("access_note"), OnlineURL: in.Text("online_url"), Capacity: in.Text("capacity"),
		Online: in.Chosen("online", "yes"), Request: in.Request().String()}
	p.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	p.Repeat = readRepeat(in)
	if in.Chosen("take-over", "yes") {
		p.Like, _ = strconv.Atoi(in.Get("like")) // 0: like none
	}
	return p
}

// plan is what was typed, for the store; what is no number or audience is refused there.
func (p plan) plan() meeting.Plan {
	audience, ok := item.AudienceOf(p.Audience)
	if !ok {
		audience = -1
	}
	capacity := 0
	if p.Capacity != "" {
		n, err := strconv.Atoi(p.Capacity)
		if err != nil || n < 1 {
			n = -1
		}
		capacity = n
	}
	return meeting.Plan{Form: meeting.Form(p.Form), Title: p.Title, Body: p.Body, Lang: locale.Lang(p.Lang), OpensTo: audience,
		When:  meeting.When{Zone: p.Zone, Day: p.Day, From: p.From, Until: p.Until, LastDay: p.LastDay},
		Place: p.Place, Address: p.Address, MapURL: p.MapURL, AccessNote: p.AccessNote, Online: p.Online, OnlineURL: p.OnlineURL, Capacity: capacity,
		Like: p.Like, Request: uuid.MustParse(p.Request), Revision: p.Revision}
}

// typed shows a stored plan in the form.
func typed(m meeting.Plan) plan {
	p := plan{Title: m.Title, Body: m.Body, Lang: string(m.Lang), Form: string(m.Form), Audience: m.OpensTo.Word(), Day: m.When.Day, From: m.When.From, Until: m.When.Until, LastDay: m.When.LastDay, Zone: m.When.Zone,
		Place: m.Place, Address: m.Address, MapURL: m.MapURL, AccessNote: m.AccessNote, Online: m.Online, OnlineURL: m.OnlineURL, Revision: m.Revision, Request: uuid.NewString()}
	if m.Capacity > 0 {
		p.Capacity = strconv.Itoa(m.Capacity)
	}
	return p
}

func (h handlers) newPage(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Schedule); err != nil {
		return err
	}
	p := plan{Slug: v.Seat.Slug, Private: v.Seat.Private, Form: string(meeting.Regular), Lang: string(v.Community.Lang), Audience: item.Community.Word(), Zone: v.Community.Zone, Request: uuid.NewString()}
	if like, err := strconv.Atoi(r.URL.Query().Get("like")); err == nil {
		earlier, err := h.Meetings.Like(r.Context(), v.Seat, like)
		if err != nil {
			return err
		}
		p = typed(earlier)
		p.Slug, p.Private, p.Like = v.Seat.Slug, v.Seat.Private, like
	}
	return respond.OK(w, r, p.page())
}

func (h handlers) schedule(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Schedule); err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	p := readPlan(r, in)
	if in.Chosen("act", "preview") {
		return h.previewSeries(w, r, p)
	}
	var made item.Made
	switch err = in.Err(); {
	case err != nil:
	case p.Repeat.repeat().Once():
		made, err = h.Meetings.Schedule(r.Context(), v.Seat, p.plan())
	default:
		made, err = h.Meetings.ScheduleSeries(r.Context(), v.Seat, p.plan(), p.Repeat.repeat())
	}
	if len(fault.Problems(err)) > 0 {
		p.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, p.page())
	}
	if err != nil {
		return err
	}
	if in.Chosen("act", "find") {
		return respond.SeeOther(w, r, link.MeetingPart(v.Seat.Slug, made.Number, "dates/edit"))
	}
	return respond.SeeOtherSaying(w, r, link.Meeting(v.Seat.Slug, made.Number), "meetings.notice.scheduled")
}

// planned is the form with what stands.
func (h handlers) planned(r *http.Request) (plan, error) {
	n, err := number(r)
	if err != nil {
		return plan{}, err
	}
	m, state, err := h.Meetings.Planned(r.Context(), here(r).Seat, n)
	if err != nil {
		return plan{}, err
	}
	p := typed(m)
	p.Slug, p.Private, p.Number, p.State = here(r).Seat.Slug, here(r).Seat.Private, n, state
	return p, nil
}

func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	p, err := h.planned(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, p.page())
}

func (h handlers) revise(w http.ResponseWriter, r *http.Request) error {
	stands, err := h.planned(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	p := readPlan(r, in)
	p.Number, p.State = stands.Number, stands.State
	if err = in.Err(); err == nil {
		err = h.Meetings.Revise(r.Context(), here(r).Seat, p.Number, p.plan())
	}
	if _, stale := fault.Stale(err); stale {
		theirs, _, err := h.Meetings.Planned(r.Context(), here(r).Seat, p.Number)
		if err != nil {
			return err
		}
		p.Theirs, p.Revision = &theirs, theirs.Revision
		return respond.Page(w, r, http.StatusConflict, p.page())
	}
	if len(fault.Problems(err)) > 0 {
		p.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, p.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, p.back(), "meetings.notice.saved")
}
