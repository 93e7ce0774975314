package meetings

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

func (h handlers) mountMinutes(r chi.Router, door guard.Door) {
	r.Get("/meetings/{meeting}/minutes", respond.Handle(h.minutes))
	r.Get("/meetings/{meeting}/minutes.md", respond.Handle(h.minutesFile))
	r.Post("/meetings/{meeting}/minutes/keep", respond.Handle(h.keepPart)) // sent every few seconds: outside the door that keeps forms of strangers
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get("/meetings/{meeting}/minutes/edit", respond.Handle(h.writePage))
		r.Post("/meetings/{meeting}/minutes/edit", respond.Handle(h.write))
		r.Get("/meetings/{meeting}/minutes/history/{point:[0-9]+}", respond.Handle(h.minuteHistory))
		r.Get("/meetings/{meeting}/minutes/lines/{line:[0-9]+}", respond.Handle(h.linePage))
		r.Post("/meetings/{meeting}/minutes/lines/{line:[0-9]+}", respond.Handle(h.reword))
		r.Post("/meetings/{meeting}/minutes/lines/{line:[0-9]+}/strike", respond.Handle(h.strike))
		r.Post("/meetings/{meeting}/minutes/lines/{line:[0-9]+}/unstrike", respond.Handle(h.unstrike))
		r.Get("/meetings/{meeting}/minutes/open", respond.Handle(h.openPage))
		r.Post("/meetings/{meeting}/minutes/open", respond.Handle(h.open))
		r.Get("/meetings/{meeting}/minutes/approve", respond.Handle(h.approvePage))
		r.Post("/meetings/{meeting}/minutes/approve", respond.Handle(h.approve))
		r.Post("/meetings/{meeting}/minutes/corrections", respond.Handle(h.correct))
		r.Post("/meetings/{meeting}/minutes/corrections/{correction:[0-9]+}", respond.Handle(h.judge))
		r.Post("/meetings/{meeting}/minutes/addenda", respond.Handle(h.addTo))
		r.Get("/meetings/{meeting}/live", respond.Handle(h.live))
	})
}

// minutes is the page on which the minutes are read.
type minutes struct {
	frame
	M       meeting.Minutes
	Fix     amendment // what the reader says is wrong
	More    amendment // what a keeper adds to approved minutes
	Answers map[int64]string
	Around  harvest.Around
}

// amendment is a correction or an addendum, as typed.
type amendment struct {
	Point, Body, Lang, Request string
}

func (h handlers) minutesOf(r *http.Request) (minutes, error) {
	n, err := number(r)
	if err != nil {
		return minutes{}, err
	}
	var around harvest.Around
	m, err := h.Meetings.Minutes(r.Context(), here(r).Seat, n, h.Harvest.Around(here(r).Seat, "meeting", n, &around))
	if err != nil {
		return minutes{}, err
	}
	lang := string(locale.Of(r.Context()))
	return minutes{frame: h.frame(r, m.Meeting, "minutes"), M: m, Answers: map[int64]string{}, Around: around,
		Fix: amendment{Point: form.Clean(r.URL.Query().Get("about"), 20), Lang: lang, Request: uuid.NewString()}, More: amendment{Lang: string(m.Lang), Request: uuid.NewString()}}, nil
}

func (h handlers) minutes(w http.ResponseWriter, r *http.Request) error {
	x, err := h.minutesOf(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// readable reports whether there is anything that the reader may read.
func (x minutes) readable() bool {
	return x.M.Open && (x.Minutes == meeting.OpenMinutes || x.Minutes == meeting.ApprovedMinutes || x.Minutes == meeting.DraftMinutes)
}

// minutesFile is the minutes as a file of Markdown.
func (h handlers) minutesFile(w http.ResponseWriter, r *http.Request) error {
	x, err := h.minutesOf(r)
	if err != nil {
		return err
	}
	if !x.readable() {
		return fault.NotFound
	}
	head := w.Header()
	head.Set("Content-Type", "text/markdown; charset=utf-8")
	head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": x.fileName()}))
	_, _ = w.Write([]byte(x.markdown(r.Context()))) // the reader may have gone
	return nil
}

// fileName says which meeting it is, and sorts by its day.
func (x minutes) fileName() string {
	name := x.Slug + "-" + strings.ToLower(code(x.Number))
	if x.StartsAt != nil {
		name = x.StartsAt.In(x.Location()).Format(time.DateOnly) + "-" + name
	}
	if title := link.Slug(x.Title); title != "" {
		name += "-" + title
	}
	return name + ".md"
}

// heading of a part: the number and title of its point, or a word for the whole.
func heading(ctx context.Context, p meeting.Part) string {
	if p.Point == 0 {
		return locale.T(ctx, "minutes.whole")
	}
	if p.Position == 0 {
		return p.Title
	}
	return strconv.Itoa(p.Position) + ". " + p.Title
}

// minuteAnchor of a part on the page.
func minuteAnchor(point int64) string { return "part-" + strconv.FormatInt(point, 10) }

// caught are the lines of one form in all parts that stand.
func (x minutes) caught(of meeting.LineForm) []meeting.MinuteLine {
	var all []meeting.MinuteLine
	for _, p := range x.M.Parts {
		for _, l := range p.Lines {
			if l.Form == of && !l.Removed {
				all = append(all, l)
			}
		}
	}
	return all
}

// standing are the lines of a part that were not taken out.
func standing(lines []meeting.MinuteLine) []meeting.MinuteLine {
	var all []meeting.MinuteLine
	for _, l := range lines {
		if !l.Removed {
			all = append(all, l)
		}
	}
	return all
}

// filled are the parts in which something stands, and all points of the agenda.
func (x minutes) filled() []meeting.Part {
	var all []meeting.Part
	for _, p := range x.M.Parts {
		if p.Point != 0 || p.Body != "" || len(standing(p.Lines)) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// lineCode is how what came of a line is called; empty without it.
func lineCode(l meeting.MinuteLine) string {
	switch l.Became {
	case "decision":
		return "D-" + strconv.Itoa(l.Number)
	case "action":
		return "A-" + strconv.Itoa(l.Number)
	case "criterion":
		return "C-" + strconv.Itoa(l.Number)
	}
	return ""
}

// doers are who will do it, members before the others.
func doers(ctx context.Context, l meeting.MinuteLine) string {
	var names []string
	for _, o := range l.Owners {
		names = append(names, locale.Name(ctx, o.Name))
	}
	if l.OwnerNames != "" {
		for _, name := range strings.Split(l.OwnerNames, "; ") { // members who left for good stand after whoever has no account
			names = append(names, locale.Name(ctx, name))
		}
	}
	return strings.Join(names, ", ")
}

// present splits who was there into names, and how many have none that the reader may know.
func (x minutes) present(ctx context.Context) (names []string, others int) {
	for _, p := range x.M.Present {
		if p.Name == "" {
			others++
			continue
		}
		name := locale.Name(ctx, p.Name)
		var more []string
		if p.Organisation != "" {
			more = append(more, p.Organisation)
		}
		if p.Online {
			more = append(more, strings.ToLower(locale.T(ctx, "meetings.online")))
		}
		if len(more) > 0 {
			name += " (" + strings.Join(more, "; ") + ")"
		}
		names = append(names, name)
	}
	return names, others
}

// apologies are who said that they do not come, and did not.
func (x minutes) apologies(ctx context.Context) string {
	var names []string
	for _, name := range x.M.Apologies {
		names = append(names, locale.Name(ctx, name))
	}
	return strings.Join(names, ", ")
}

func (x minutes) writers(ctx context.Context) string {
	var names []string
	for _, w := range x.M.Writers {
		names = append(names, locale.Name(ctx, w.Name))
	}
	return strings.Join(names, ", ")
}

// points are the parts as options: the whole, then the agenda.
func points(ctx context.Context, parts []meeting.Part) []ui.Option {
	var all []ui.Option
	for _, p := range parts {
		all = append(all, ui.Option{Value: strconv.FormatInt(p.Point, 10), Label: heading(ctx, p)})
	}
	return all
}

// became is the address of what a line became.
func (x minutes) became(l meeting.MinuteLine) string {
	return link.Item(x.Slug, string(l.Became), l.Number)
}

// mayCorrect reports whether the reader may say now what is wrong.
func (x minutes) mayCorrect(ctx context.Context) bool {
	return visit.Of(ctx).Seat.Can(community.CorrectMinutes) && x.CorrectableOn(x.Now)
}
