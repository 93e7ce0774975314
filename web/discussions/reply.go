package discussions

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// answer is the reply form, as typed.
type answer struct {
	Body, Lang, Answers, Request string
	Preview                      string
	Files                        []file.File
	Follow                       bool
	Problems                     ui.Problems
	Drafting                     ui.Drafting
}

func (h handlers) reply(w http.ResponseWriter, r *http.Request) error {
	number, _, err := place(r)
	if err != nil {
		return err
	}
	v := here(r)
	if !v.Seat.Can(community.Reply) {
		if err := v.Seat.Must(community.ReplyProgramme); err != nil {
			return err
		}
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
	place := link.ThreadAct(v.Seat.Slug, number, "reply")
	typed := answer{Body: in.Body("body"), Lang: in.Text("lang"), Answers: in.Text("answers"), Request: in.Request().String(), Files: files.Shown, Follow: in.Chosen("follow", "yes"), Drafting: typedAgain(in, place, link.Thread(v.Seat.Slug, number)+"#answer")}
	if in.Chosen("act", "draft") {
		return h.saveDraft(w, r, in, typed.Drafting, func(status int, known ui.Drafting, err error) error {
			typed.Drafting, typed.Problems = known, ui.ProblemsOf(r.Context(), err)
			return h.replyAgain(w, r, number, status, typed)
		})
	}
	if in.Chosen("act", "preview") {
		typed.Problems = ui.ProblemsOf(r.Context(), files.Err)
		if typed.Preview, err = h.preview(r, typed.Body); err != nil {
			return err
		}
		return h.replyAgain(w, r, number, http.StatusOK, typed)
	}
	a := discussion.Answer{Body: typed.Body, Lang: locale.Lang(typed.Lang), Request: uuid.MustParse(typed.Request), Files: files.Chosen}
	if n, err := strconv.ParseInt(typed.Answers, 10, 32); err == nil && n >= 0 {
		answers := int(n)
		a.Answers = &answers
	}
	var made item.Made
	if err = errors.Join(in.Err(), files.Err); err == nil {
		made, err = h.Discussions.Reply(r.Context(), v.Seat, number, a)
	}
	if len(fault.Problems(err)) > 0 {
		typed.Problems = ui.ProblemsOf(r.Context(), err)
		return h.replyAgain(w, r, number, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return h.carry(w, r, number, in, err)
	}
	h.sent(r, place)
	if err := h.followIfWished(r, number, typed.Follow); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Thread(v.Seat.Slug, number)+"?at="+strconv.Itoa(made.Number)+"#reply-"+strconv.Itoa(made.Number))
}

func (h handlers) replyAgain(w http.ResponseWriter, r *http.Request, number, status int, typed answer) error {
	t, err := h.thread(r, number, 1)
	if err != nil {
		return err
	}
	if t.Pages > 1 {
		if t, err = h.thread(r, number, t.Pages); err != nil {
			return err
		}
	}
	t.Answer = typed
	return respond.Page(w, r, status, t.page())
}

func (h handlers) preview(r *http.Request, body string) (string, error) {
	names, err := h.Items.Resolve(r.Context(), here(r).Seat, body)
	if err != nil {
		return "", err
	}
	if html := markup.Render(body, names.Targets()); html != "" {
		return html, nil
	}
	return "<p>–</p>", nil
}
