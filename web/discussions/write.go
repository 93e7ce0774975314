package discussions

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// draft is the form of a discussion or of a reply to be changed, as typed.
type draft struct {
	ID            item.ID
	Thread, Reply int // 0: new, or the opening
	Form          string
	Title         string
	Body          string
	Lang          string
	Audience      string
	Tags          string
	Request       string
	Revision      int
	Slug          string
	Preview       string
	Files         []file.File
	Theirs        *discussion.Source // what stands now, when somebody was faster
	Need          need               // of a help request
	Problems      ui.Problems
	Drafting      ui.Drafting
	Similar       []discussion.Alike
}

func (h handlers) newPage(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Discuss); err != nil {
		return err
	}
	d := draft{Form: discussion.Conversation, Lang: defaultLang(r, v.Community.Lang), Audience: item.Public.Word(), Request: uuid.NewString(), Slug: v.Seat.Slug, Title: form.Clean(r.URL.Query().Get("title"), item.MaxTitle)}
	if r.URL.Query().Get("form") == discussion.Help {
		d.Form = discussion.Help
	}
	if v.Seat.Private {
		d.Audience = item.Community.Word()
	}
	var err error
	if d, err = h.withDraft(r, d); err != nil {
		return err
	}
	if d.Similar, err = h.alike(r, d.Title, d.Lang); err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

func readDraft(r *http.Request, in form.Values) draft {
	d := draft{Form: in.Text("form"), Title: in.Text("title"), Body: in.Body("body"), Lang: in.Text("lang"), Audience: in.Text("audience"), Tags: in.Text("tags"), Request: in.Request().String(), Slug: here(r).Seat.Slug, Need: readNeed(in)}
	if d.Form == "" {
		d.Form = discussion.Conversation
	}
	d.Revision, _ = strconv.Atoi(in.Get("revision")) // 0 is always stale
	return d
}

// audience typed; one that does not exist is wider than any, and so refused.
func (d draft) audience() item.Audience {
	if a, ok := item.AudienceOf(d.Audience); ok {
		return a
	}
	return -1
}

// received is a form with its files, as it came.
type received struct {
	form.Values
	files form.Attached
}

// receive reads a form about an item (0: a new one); who calls it closes it.
func (h handlers) receive(w http.ResponseWriter, r *http.Request, about item.ID) (received, error) {
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return received{}, err
	}
	files, err := form.Attach(r.Context(), h.Files, here(r).Account.ID, about, in)
	if err != nil {
		in.Close()
	}
	return received{in, files}, err
}

// broken is what was wrong with the form before anybody read what it says.
func (in received) broken() error { return errors.Join(in.Err(), in.files.Err) }

// about fills d with what was typed.
func (in received) about(r *http.Request, d draft) draft {
	typed := readDraft(r, in.Values)
	typed.Files = in.files.Shown
	if d.Thread > 0 {
		typed.Thread, typed.Reply, typed.Form = d.Thread, d.Reply, d.Form
	}
	typed.Drafting = typedAgain(in.Values, typed.action(), typed.action())
	return typed
}

func (h handlers) start(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Discuss); err != nil {
		return err
	}
	in, err := h.receive(w, r, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	d := in.about(r, draft{})
	if done, err := h.draftAct(w, r, in.Values, d); done {
		return err
	}
	if in.Chosen("act", "preview") {
		return h.previewed(w, r, d, in.files.Err)
	}
	var made item.Made
	if err = in.broken(); err == nil {
		made, err = h.open(r, d, in)
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	h.sent(r, d.action())
	return respond.SeeOther(w, r, link.Discussion(v.Seat.Slug, made.Number, d.Title))
}

// open starts the discussion, or asks for help.
func (h handlers) open(r *http.Request, d draft, in received) (item.Made, error) {
	o := discussion.Opening{Form: d.Form, Title: d.Title, Body: d.Body, Lang: locale.Lang(d.Lang), Audience: d.audience(), Tags: item.ReadTags(d.Tags), Request: in.Sent(), Files: in.files.Chosen}
	if d.Form == discussion.Help {
		return h.ask(r, d, o)
	}
	return h.Discussions.Start(r.Context(), here(r).Seat, o)
}

// previewed shows how the text will look, above the form.
func (h handlers) previewed(w http.ResponseWriter, r *http.Request, d draft, problems error) (err error) {
	d.Problems = ui.ProblemsOf(r.Context(), problems)
	if d.Preview, err = h.preview(r, d.Body); err != nil {
		return err
	}
	if d.Thread == 0 {
		if d.Similar, err = h.alike(r, d.Title, d.Lang); err != nil {
			return err
		}
	}
	return respond.OK(w, r, d.page())
}

// written is what stands, when the reader wrote it.
func (h handlers) written(r *http.Request) (draft, error) {
	number, reply, err := place(r)
	if err != nil {
		return draft{}, err
	}
	v := here(r)
	s, err := h.Discussions.Written(r.Context(), v.Seat, number, reply)
	if err != nil {
		return draft{}, err
	}
	if s.Author.Account != v.Account.ID {
		return draft{}, fault.Forbidden
	}
	files, err := h.Files.Of(r.Context(), v.Seat, s.ID)
	if err != nil {
		return draft{}, err
	}
	d := draft{ID: s.ID, Files: files, Thread: number, Reply: reply, Form: s.Form, Title: s.Title, Body: s.Body, Lang: string(s.Lang), Audience: s.Audience.Word(), Tags: strings.Join(s.Tags, ", "),
		Revision: s.Revision, Slug: v.Seat.Slug, Request: uuid.NewString()}
	return d, h.needed(r, &d)
}

func (h handlers) edit(w http.ResponseWriter, r *http.Request) error {
	d, err := h.written(r)
	if err != nil {
		return err
	}
	if d, err = h.withDraft(r, d); err != nil {
		return err
	}
	return respond.OK(w, r, d.page())
}

func (h handlers) revise(w http.ResponseWriter, r *http.Request) error {
	stands, err := h.written(r)
	if err != nil {
		return err
	}
	in, err := h.receive(w, r, stands.ID)
	if err != nil {
		return err
	}
	defer in.Close()
	d := in.about(r, stands)
	if done, err := h.draftAct(w, r, in.Values, d); done {
		return err
	}
	if in.Chosen("act", "preview") {
		return h.previewed(w, r, d, in.files.Err)
	}
	if err = in.broken(); err == nil {
		err = h.change(r, d, in.files.Chosen)
	}
	if _, stale := fault.Stale(err); stale {
		return h.stale(w, r, d)
	}
	if len(fault.Problems(err)) > 0 {
		d.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, d.page())
	}
	if err != nil {
		return err
	}
	h.sent(r, d.action())
	if d.Reply != 0 {
		return respond.SeeOther(w, r, link.Thread(d.Slug, d.Thread)+"?at="+strconv.Itoa(d.Reply)+"#reply-"+strconv.Itoa(d.Reply))
	}
	return respond.SeeOther(w, r, link.Discussion(d.Slug, d.Thread, d.Title))
}

// change stores what was typed over what stands.
func (h handlers) change(r *http.Request, d draft, files []file.Choice) error {
	e := discussion.Edit{Revision: d.Revision, Title: d.Title, Body: d.Body, Lang: locale.Lang(d.Lang), Audience: d.audience(), Tags: item.ReadTags(d.Tags), Files: files}
	switch seat := here(r).Seat; {
	case d.Form == discussion.Help:
		return h.Discussions.ReviseHelp(r.Context(), seat, d.Thread, e, d.Need.need(r))
	case d.Reply == 0:
		return h.Discussions.Revise(r.Context(), seat, d.Thread, e)
	default:
		return h.Discussions.ReviseReply(r.Context(), seat, d.Thread, d.Reply, e)
	}
}

// stale shows what was typed beside what stands now. Nothing is saved until the writer sends again.
func (h handlers) stale(w http.ResponseWriter, r *http.Request, d draft) error {
	theirs, err := h.Discussions.Written(r.Context(), here(r).Seat, d.Thread, d.Reply)
	if err != nil {
		return err
	}
	d.Theirs, d.Revision = &theirs, theirs.Revision
	if err := h.theirs(r, &d); err != nil {
		return err
	}
	return respond.Page(w, r, http.StatusConflict, d.page())
}

func (h handlers) thank(w http.ResponseWriter, r *http.Request) error {
	number, reply, err := place(r)
	if err != nil {
		return err
	}
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	if err := h.Discussions.Thank(r.Context(), here(r).Seat, number, reply, !in.Chosen("thanks", "back")); err != nil {
		return err
	}
	to := link.Thread(here(r).Seat.Slug, number)
	if reply > 0 {
		to += "?at=" + strconv.Itoa(reply) + "#reply-" + strconv.Itoa(reply)
	}
	return respond.SeeOther(w, r, to)
}
