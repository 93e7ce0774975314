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

func (h handlers) start(w http.ResponseWriter, r *http.Request) error {
	v := here(r)
	if err := v.Seat.Must(community.Discuss); err != nil {
		return err
	}
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return err
	}
	defer in.Close()
	files, err := form.Attach(r.Context(), h.Files, v.Account.ID, 0, in)
	if err != nil {
		return err
	}
	d := readDraft(r, in)
	d.Files = files.Shown
	d.Drafting = typedAgain(in, d.action(), d.action())
	if done, err := h.draftAct(w, r, in, d); done {
		return err
	}
	if in.Chosen("act", "preview") {
		d.Problems = ui.ProblemsOf(r.Context(), files.Err)
		if d.Preview, err = h.preview(r, d.Body); err != nil {
			return err
		}
		if d.Similar, err = h.alike(r, d.Title, d.Lang); err != nil {
			return err
		}
		return respond.OK(w, r, d.page())
	}
	var made item.Made
	if err = errors.Join(in.Err(), files.Err); err == nil && d.Form == discussion.Help {
		made, err = h.ask(r, d, files.Chosen)
	} else if err == nil {
		made, err = h.Discussions.Start(r.Context(), v.Seat, discussion.Opening{Form: d.Form, Title: d.Title, Body: d.Body, Lang: locale.Lang(d.Lang), Audience: d.audience(),
			Tags: item.ReadTags(d.Tags), Request: uuid.MustParse(d.Request), Files: files.Chosen})
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
	in, err := form.ReadFiles(w, r)
	if err != nil {
		return err
	}
	defer in.Close()
	files, err := form.Attach(r.Context(), h.Files, here(r).Account.ID, stands.ID, in)
	if err != nil {
		return err
	}
	d := readDraft(r, in)
	d.Files = files.Shown
	d.Thread, d.Reply, d.Form = stands.Thread, stands.Reply, stands.Form
	d.Drafting = typedAgain(in, d.action(), d.action())
	if done, err := h.draftAct(w, r, in, d); done {
		return err
	}
	if in.Chosen("act", "preview") {
		d.Problems = ui.ProblemsOf(r.Context(), files.Err)
		if d.Preview, err = h.preview(r, d.Body); err != nil {
			return err
		}
		return respond.OK(w, r, d.page())
	}
	change := discussion.Edit{Revision: d.Revision, Title: d.Title, Body: d.Body, Lang: locale.Lang(d.Lang), Audience: d.audience(), Tags: item.ReadTags(d.Tags), Files: files.Chosen}
	err = errors.Join(in.Err(), files.Err)
	switch {
	case err != nil:
	case d.Form == discussion.Help:
		err = h.Discussions.ReviseHelp(r.Context(), here(r).Seat, d.Thread, change, d.Need.need(r))
	case d.Reply == 0:
		err = h.Discussions.Revise(r.Context(), here(r).Seat, d.Thread, change)
	default:
		err = h.Discussions.ReviseReply(r.Context(), here(r).Seat, d.Thread, d.Reply, change)
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
	title := d.Title
	if d.Reply != 0 {
		return respond.SeeOther(w, r, link.Thread(d.Slug, d.Thread)+"?at="+strconv.Itoa(d.Reply)+"#reply-"+strconv.Itoa(d.Reply))
	}
	return respond.SeeOther(w, r, link.Discussion(d.Slug, d.Thread, title))
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
