package criteria

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// sourceFields are where a criterion comes from, as typed.
type sourceFields struct {
	Form                               string // empty: none
	Meeting                            string // "3", or "3.12" with a point of its agenda
	Discussion, Document, URL          string
	Words, WordsLang                   string
	Speaker, Perspective, Organisation string
	SaidOn                             string
	Choices                            criterion.Choices
}

func readSource(in form.Values) sourceFields {
	return sourceFields{Form: in.Text("source"), Meeting: in.Text("meeting"), Discussion: in.Text("discussion"), Document: in.Text("document"), URL: in.Text("url"), Words: in.Body("words"), WordsLang: in.Text("words_lang"),
		Speaker: in.Text("speaker"), Perspective: in.Text("perspective"), Organisation: in.Text("organisation"), SaidOn: in.Text("said_on")}
}

var meetingChosen = regexp.MustCompile(`^([1-9][0-9]{0,8})(?:\.([1-9][0-9]{0,17}))?$`)

// meeting chosen, and its point; zeros for none.
func (f sourceFields) meeting() (number int, point int64) {
	if found := meetingChosen.FindStringSubmatch(f.Meeting); found != nil {
		number, _ = strconv.Atoi(found[1]) // digits
		point, _ = strconv.ParseInt(found[2], 10, 64)
	}
	return number, point
}

// conversation is how people name a discussion or a reply: "T-12", or its address.
var conversation = regexp.MustCompile(`^(?:(?:https?://[^/\s]+)?/c/([a-z0-9-]+)/discussions/)?(?:T-)?([1-9][0-9]{0,8})(?:-[^?#\s]*)?(?:\?(?:[^#\s]*&)?at=([1-9][0-9]{0,8}))?(?:[?&][^#\s]*)?(?:#reply-([1-9][0-9]{0,8}))?$`)

// sourceOf is what was typed as the criterion's source; nil for none.
func (h handlers) sourceOf(r *http.Request, f sourceFields) (*criterion.NewSource, error) {
	if f.Form == "" {
		return nil, nil
	}
	seat, ctx := here(r).Seat, r.Context()
	n := criterion.NewSource{Form: criterion.SourceForm(f.Form), Words: f.Words, Lang: locale.Lang(f.WordsLang), Perspective: community.Perspective(f.Perspective), Organisation: f.Organisation}
	var err error
	switch n.Form {
	case criterion.FromMeeting:
		number, point := f.meeting()
		if n.Point = point; number != 0 {
			n.Item, err = h.Criteria.Meeting(ctx, seat, number)
		}
	case criterion.FromDiscussion:
		n.Item, err = h.conversation(r, f.Discussion)
	case criterion.FromDocument:
		n.Document, n.URL = f.Document, f.URL
	}
	if err != nil {
		return nil, err
	}
	if n.SaidOn, err = form.Day("said_on", f.SaidOn); err != nil {
		return nil, err
	}
	if n.Speaker, n.SpeakerName, err = h.Criteria.Speaker(ctx, seat, f.Speaker); err != nil {
		return nil, err
	}
	if n.Speaker != 0 {
		n.Perspective = "" // that of the membership
	}
	return &n, nil
}

func (h handlers) conversation(r *http.Request, typed string) (item.ID, error) {
	if typed == "" {
		return 0, nil
	}
	found := conversation.FindStringSubmatch(typed)
	if found == nil {
		return 0, fault.One("discussion", "no-discussion")
	}
	number, _ := strconv.Atoi(found[2]) // digits
	reply, _ := strconv.Atoi(found[3] + found[4])
	if found[3] != "" && found[4] != "" {
		reply, _ = strconv.Atoi(found[4])
	}
	return h.Criteria.Conversation(r.Context(), here(r).Seat, found[1], number, reply)
}

// fieldsOf a source as it stands.
func fieldsOf(s criterion.Source, slug string) sourceFields {
	f := sourceFields{Form: string(s.Form), Document: s.Document, URL: s.URL, Words: s.Words, WordsLang: string(s.Lang), Speaker: s.Name, Perspective: string(s.Perspective), Organisation: s.Organisation}
	if s.Handle != "" {
		f.Speaker = "@" + s.Handle
	}
	switch {
	case s.Kind == "meeting" && s.Point != 0:
		f.Meeting = strconv.Itoa(s.Number) + "." + strconv.FormatInt(s.Point, 10)
	case s.Kind == "meeting":
		f.Meeting = strconv.Itoa(s.Number)
	case s.Kind == "reply":
		f.Discussion = link.Reply(s.Slug, s.Number, s.Title, s.Reply)
	case s.Kind == "discussion" && s.Slug == slug:
		f.Discussion = "T-" + strconv.Itoa(s.Number)
	case s.Kind == "discussion":
		f.Discussion = link.Discussion(s.Slug, s.Number, s.Title)
	}
	if s.SaidOn != nil {
		f.SaidOn = s.SaidOn.Format(time.DateOnly)
	}
	return f
}

// sourceForm is one source of a criterion, to be added or changed.
type sourceForm struct {
	sourceFields
	Criterion criterion.Criterion
	Slug      string
	N         int // 0: a new one
	Request   string
	Stamp     string
	Theirs    *criterion.Source // what stands now, when somebody was faster
	Problems  ui.Problems
}

func (f sourceForm) act(act string) string {
	return link.CriterionAct(f.Slug, f.Criterion.Number, "sources/"+strconv.Itoa(f.N)+"/"+act)
}

func (f sourceForm) action() string {
	if f.N == 0 {
		return link.CriterionAct(f.Slug, f.Criterion.Number, "sources/new")
	}
	return f.act("edit")
}

// back is the place of the sources on the criterion's page.
func (f sourceForm) back() string { return link.Criterion(f.Slug, f.Criterion.Number) + "#sources" }

// sourceForm reads the criterion of an address, and the source where it names one, when the seat may change them.
func (h handlers) sourceForm(r *http.Request) (sourceForm, error) {
	number, err := number(r)
	if err != nil {
		return sourceForm{}, err
	}
	f := sourceForm{Slug: here(r).Seat.Slug, Request: uuid.NewString()}
	if f.Criterion, err = h.Criteria.Head(r.Context(), here(r).Seat, number); err != nil {
		return f, err
	}
	if !criterion.MayWord(here(r).Seat, f.Criterion.State, f.Criterion.Author.Account) {
		return f, fault.Forbidden
	}
	f.sourceFields = sourceFields{Form: string(criterion.FromMeeting), WordsLang: string(f.Criterion.Lang)}
	if n, err := numberOf(r, "source"); err == nil {
		s, err := h.Criteria.SourceOf(r.Context(), here(r).Seat, number, n)
		if err != nil {
			return f, err
		}
		f.N, f.sourceFields, f.Stamp = n, fieldsOf(s, f.Slug), s.Stamp
	} else if chi.URLParam(r, "source") != "" {
		return f, err
	}
	return f, h.offer(r, &f.sourceFields)
}

// offer fills what the fields of a source offer.
func (h handlers) offer(r *http.Request, f *sourceFields) error {
	number, _ := f.meeting()
	var err error
	f.Choices, err = h.Criteria.Choices(r.Context(), here(r).Seat, number)
	return err
}

func (h handlers) sourcePage(w http.ResponseWriter, r *http.Request) error {
	f, err := h.sourceForm(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, f.page())
}

func (h handlers) saveSource(w http.ResponseWriter, r *http.Request) error {
	f, err := h.sourceForm(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	offered := f.Choices
	f.sourceFields, f.Request, f.Stamp = readSource(in), in.Request().String(), in.Text("stamp")
	f.Choices = offered
	if err = in.Err(); err == nil {
		err = h.keepSource(r, f, in.Sent())
	}
	if _, stale := fault.Stale(err); stale {
		theirs, err := h.Criteria.SourceOf(r.Context(), here(r).Seat, f.Criterion.Number, f.N)
		if err != nil {
			return err
		}
		f.Theirs, f.Stamp = &theirs, theirs.Stamp
		return respond.Page(w, r, http.StatusConflict, f.page())
	}
	if len(fault.Problems(err)) > 0 {
		f.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, f.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, f.back(), "criteria.log.notice.source")
}

func (h handlers) keepSource(r *http.Request, f sourceForm, request uuid.UUID) error {
	n, err := h.sourceOf(r, f.sourceFields)
	if err != nil {
		return err
	}
	if n == nil {
		return fault.One("source", "choose")
	}
	if f.N == 0 {
		return h.Criteria.AddSource(r.Context(), here(r).Seat, f.Criterion.Number, *n, request)
	}
	return h.Criteria.ReviseSource(r.Context(), here(r).Seat, f.Criterion.Number, f.N, *n, f.Stamp)
}

func (h handlers) removeSourcePage(w http.ResponseWriter, r *http.Request) error {
	f, err := h.sourceForm(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, f.removal())
}

func (h handlers) removeSource(w http.ResponseWriter, r *http.Request) error {
	f, err := h.sourceForm(r)
	if err != nil {
		return err
	}
	if err := h.Criteria.RemoveSource(r.Context(), here(r).Seat, f.Criterion.Number, f.N); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, f.back(), "criteria.log.notice.unsourced")
}

// need says that the reader needs it, too; or takes that back.
func (h handlers) need(w http.ResponseWriter, r *http.Request) error {
	return h.onPage(w, r, "#sources", "criteria.log.notice.need", func(x shown) error {
		return h.Criteria.Need(r.Context(), here(r).Seat, x.Number, locale.Of(r.Context()))
	})
}

func (h handlers) needNoMore(w http.ResponseWriter, r *http.Request) error {
	return h.onPage(w, r, "#sources", "criteria.log.notice.unneed", func(x shown) error {
		return h.Criteria.NeedNoMore(r.Context(), here(r).Seat, x.Number)
	})
}

// onPage does something to the criterion whose page is open, and shows that page again: with what was wrong, or with the notice.
func (h handlers) onPage(w http.ResponseWriter, r *http.Request, at, notice string, do func(shown) error) error {
	x, err := h.whole(r)
	if err != nil {
		return err
	}
	err = do(x)
	if _, stale := fault.Stale(err); stale {
		x.Problems = ui.ProblemsOf(r.Context(), fault.One("criterion", "changed-meanwhile"))
		return respond.Page(w, r, http.StatusConflict, x.page())
	}
	if len(fault.Problems(err)) > 0 {
		x.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, x.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Criterion(x.Slug, x.Number)+at, notice)
}

// asked reports whether the reader is one of those who asked.
func (x shown) asked() bool {
	for _, s := range x.Sources {
		if s.Mine && s.Answer != criterion.Denied {
			return true
		}
	}
	return false
}

// askedAlone reports whether the reader's own word stands there, which may be taken back.
func (x shown) askedAlone() bool {
	for _, s := range x.Sources {
		if s.MineAlone {
			return true
		}
	}
	return false
}

// sourceAt is the address of what a source names, where the reader may open it.
func sourceAt(s criterion.Source) string {
	switch {
	case s.Kind == "meeting" && s.Part != "":
		return link.MeetingPart(s.Slug, s.Number, "minutes") + "#" + s.Part
	case s.Kind == "meeting" && s.Point != 0:
		return link.MeetingPart(s.Slug, s.Number, "agenda") + "#point-" + strconv.FormatInt(s.Point, 10)
	case s.Kind == "meeting":
		return link.Meeting(s.Slug, s.Number)
	case s.Kind == "reply":
		return link.Reply(s.Slug, s.Number, s.Title, s.Reply)
	case s.Kind == "discussion":
		return link.Discussion(s.Slug, s.Number, s.Title)
	}
	return ""
}

// sourceTitle says where a source was said, in the reader's words.
func sourceTitle(ctx context.Context, s criterion.Source) string {
	switch {
	case s.Form == criterion.FromDocument && s.Document != "":
		return s.Document
	case s.Form == criterion.FromDocument:
		return s.URL
	case s.Form == criterion.FromPerson:
		return locale.T(ctx, "criteria.source.person")
	case s.Open:
		return s.Title
	case s.City != "":
		return locale.T(ctx, "criteria.log.conversation-in", "city", s.City)
	}
	return locale.T(ctx, "criteria.log.conversation")
}
