package meetings

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// writing is the page on which the minutes are written: one form, so that nothing typed is lost whichever button is pressed.
type writing struct {
	frame
	M        meeting.Minutes
	Parts    []writingPart
	Request  string
	Conflict bool
	Preview  bool
}

// writingPart is a part as typed, over the part as it stands.
type writingPart struct {
	meeting.Part
	Typed, Was string // the text; the mark of the text that the writer started from
	Started    int    // its revision
	Form, Line string
	Sent       bool    // the form holds the text
	Theirs     *string // what stands now, when somebody was faster
	Shown      *shownPart
}

// shownPart is what a part would become.
type shownPart struct {
	HTML  string
	Lines []meeting.Caught
}

// mark of a text, by which an unchanged one is known again.
func mark(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func (p writingPart) field(name string) string { return meeting.FieldOf(name, p.Point) }

// liftable reports whether a save by hand takes lines out of the text, which was saved by itself before.
func (p writingPart) liftable() bool {
	_, lines := meeting.Lift(p.Typed)
	return len(lines) > 0
}

func (p writingPart) changed() bool { return p.Was != mark(p.Typed) }

func (h handlers) writing(r *http.Request) (writing, error) {
	n, err := number(r)
	if err != nil {
		return writing{}, err
	}
	m, err := h.Meetings.MustKeep(r.Context(), here(r).Seat, n)
	if err != nil {
		return writing{}, err
	}
	x := writing{frame: h.frame(r, m.Meeting, "minutes"), M: m, Request: uuid.NewString()}
	for _, p := range m.Parts {
		x.Parts = append(x.Parts, writingPart{Part: p, Typed: p.Body, Was: mark(p.Body), Started: p.Revision, Form: string(meeting.SaidLine)})
	}
	return x, nil
}

func (h handlers) writePage(w http.ResponseWriter, r *http.Request) error {
	x, err := h.writing(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// take lays what was typed over what stands. A text that its writer did not touch, or gives up for the other, stands as it is.
func (x *writing) take(in form.Values) {
	x.Request = in.Request().String()
	for i := range x.Parts {
		p := &x.Parts[i]
		if form := in.Text(p.field("form")); form != "" {
			p.Form = form
		}
		p.Line = in.Text(p.field("line"))
		if _, p.Sent = in.Values[p.field("body")]; !p.Sent || in.Chosen(p.field("choose"), "theirs") {
			continue
		}
		typed := writingPart{Typed: in.Body(p.field("body")), Was: in.Text(p.field("was"))}
		if !typed.changed() {
			continue
		}
		p.Typed, p.Was = typed.Typed, typed.Was
		p.Started, _ = strconv.Atoi(in.Get(p.field("revision"))) // a broken one is stale
	}
}

// input is what was typed, for the store.
func (x writing) input(lift bool) meeting.Writing {
	w := meeting.Writing{Lift: lift}
	if lift {
		w.Request = uuid.MustParse(x.Request)
	}
	for _, p := range x.Parts {
		if p.changed() || lift && p.Mine && p.Sent && p.liftable() {
			w.Texts = append(w.Texts, meeting.Wording{Point: p.Point, Body: p.Typed, Revision: p.Started})
		}
		if p.Line != "" {
			w.Lines = append(w.Lines, meeting.Catch{Point: p.Point, Form: meeting.LineForm(p.Form), Text: p.Line})
		}
	}
	return w
}

// judge marks the parts that somebody else changed meanwhile; saving them again is a choice between both texts.
func (x *writing) judge() {
	x.Conflict = true
	for i := range x.Parts {
		p := &x.Parts[i]
		if p.changed() && p.Started != p.Revision && p.Typed != p.Body {
			theirs := p.Body
			p.Theirs, p.Started, p.Was = &theirs, p.Revision, mark(theirs)
		}
	}
}

func (h handlers) write(w http.ResponseWriter, r *http.Request) error {
	x, err := h.writing(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	x.take(in)
	if in.Chosen("act", "preview") {
		x.preview()
		return respond.OK(w, r, x.page())
	}
	if err = in.Err(); err == nil {
		_, err = h.Meetings.Write(r.Context(), here(r).Seat, x.Number, x.input(true))
	}
	if _, stale := fault.Stale(err); stale {
		if x, err = h.writing(r); err != nil {
			return err
		}
		x.take(in)
		x.judge()
		return respond.Page(w, r, http.StatusConflict, x.page())
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, x.next(in), "minutes.notice.saved")
}

// next is where writing goes on: the field of the last line, which an address that ends in it opens for another.
func (x writing) next(in form.Values) string {
	back := x.at("minutes/edit")
	if in.Text("back") == "live" {
		return x.at("live") + "?at=" + form.Clean(in.Get("at"), 20)
	}
	for _, p := range x.Parts {
		if p.Line != "" {
			return back + "#field-" + p.field("line")
		}
	}
	for _, p := range x.Parts {
		if p.changed() {
			return back + "#" + minuteAnchor(p.Point)
		}
	}
	return back
}

// preview shows what the texts and lines would become; nothing is kept.
func (x *writing) preview() {
	x.Preview = true
	for i := range x.Parts {
		x.Parts[i].show()
	}
}

func (p *writingPart) show() {
	rest, lines := meeting.Lift(p.Typed)
	if c, ok := meeting.ReadLine(meeting.LineForm(p.Form), p.Line); ok {
		lines = append(lines, c)
	}
	p.Shown = &shownPart{HTML: markup.Render(rest, markup.Targets{}), Lines: lines}
}

// kept is the answer to the script that saves a part by itself.
type kept struct {
	Revision int    `json:"revision"`
	Was      string `json:"was"`
	Body     string `json:"body,omitempty"` // what stands now, when somebody was faster
	HTML     string `json:"html"`           // to show beneath: what lines would be taken out, or both texts
}

// keepPart saves the text of the one part that a script sends and takes no lines out. It never writes over what somebody else wrote.
func (h handlers) keepPart(w http.ResponseWriter, r *http.Request) error {
	x, err := h.writing(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err == nil {
		err = in.Err()
	}
	if err != nil {
		return err
	}
	x.take(in)
	var sent *writingPart
	for i := range x.Parts {
		x.Parts[i].Line = ""
		if x.Parts[i].changed() {
			sent = &x.Parts[i]
		}
	}
	if sent == nil {
		return answerJSON(w, http.StatusOK, kept{})
	}
	revisions, err := h.Meetings.Write(r.Context(), here(r).Seat, x.Number, x.input(false))
	status := http.StatusOK
	if _, stale := fault.Stale(err); stale {
		if x, err = h.writing(r); err != nil {
			return err
		}
		x.take(in)
		x.judge()
		status = http.StatusConflict
		for i := range x.Parts {
			if x.Parts[i].Theirs != nil {
				sent = &x.Parts[i]
			}
		}
	}
	if err != nil {
		return err
	}
	answer := kept{Revision: revisions[sent.Point], Was: mark(sent.Typed)}
	if status == http.StatusConflict {
		answer.Revision, answer.Was, answer.Body = sent.Started, mark(sent.Body), sent.Body
	} else {
		sent.show()
	}
	answer.HTML, err = sent.below(r.Context())
	if err != nil {
		return err
	}
	return answerJSON(w, status, answer)
}

func (p writingPart) below(ctx context.Context) (string, error) {
	var b bytes.Buffer
	err := p.beneath(true).Render(ctx, &b)
	return b.String(), err
}

func answerJSON(w http.ResponseWriter, status int, a kept) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // the writer may have gone
	return nil
}

// minutePast is the history of the text of one point.
type minutePast struct {
	frame
	Heading string
	States  []meeting.Wrote
}

func (h handlers) minuteHistory(w http.ResponseWriter, r *http.Request) error {
	x, err := h.writing(r)
	if err != nil {
		return err
	}
	point, err := numberIn(r, "point")
	if err != nil {
		return err
	}
	for _, p := range x.Parts {
		if p.Point != point {
			continue
		}
		states, err := h.Meetings.MinuteHistory(r.Context(), here(r).Seat, x.Number, point)
		if err != nil {
			return err
		}
		return respond.OK(w, r, minutePast{frame: x.frame, Heading: heading(r.Context(), p.Part), States: states}.page())
	}
	return fault.NotFound
}
