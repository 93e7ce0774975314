package discussions

import (
	"net/http"
	"strconv"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
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
	if err := mayReply(v.Seat); err != nil {
		return err
	}
	in, err := h.receive(w, r, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	place := link.ThreadAct(v.Seat.Slug, number, "reply")
	typed := answer{Body: in.Body("body"), Lang: in.Text("lang"), Answers: in.Text("answers"), Request: in.Request().String(), Files: in.files.Shown, Follow: in.Chosen("follow", "yes"),
		Drafting: typedAgain(in.Values, place, link.Thread(v.Seat.Slug, number)+"#answer")}
	if done, err := h.replyAct(w, r, in, number, typed); done {
		return err
	}
	var made item.Made
	if err = in.broken(); err == nil {
		made, err = h.Discussions.Reply(r.Context(), v.Seat, number, typed.answer(in))
	}
	if len(fault.Problems(err)) > 0 {
		typed.Problems = ui.ProblemsOf(r.Context(), err)
		return h.replyAgain(w, r, number, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return h.carry(w, r, number, in.Values, err)
	}
	h.sent(r, place)
	if err := h.followIfWished(r, number, typed.Follow); err != nil {
		return err
	}
	return respond.SeeOther(w, r, link.Thread(v.Seat.Slug, number)+"?at="+strconv.Itoa(made.Number)+"#reply-"+strconv.Itoa(made.Number))
}

func mayReply(seat community.Seat) error {
	if seat.Can(community.Reply) {
		return nil
	}
	return seat.Must(community.ReplyProgramme)
}

// answer is what was typed, as the store takes it.
func (a answer) answer(in received) discussion.Answer {
	out := discussion.Answer{Body: a.Body, Lang: locale.Lang(a.Lang), Request: in.Sent(), Files: in.files.Chosen}
	if n, err := strconv.ParseInt(a.Answers, 10, 32); err == nil && n >= 0 {
		answers := int(n)
		out.Answers = &answers
	}
	return out
}

// replyAct keeps or previews the reply, when that is what was pressed.
func (h handlers) replyAct(w http.ResponseWriter, r *http.Request, in received, number int, typed answer) (done bool, err error) {
	switch {
	case in.Chosen("act", "draft"):
		return true, h.saveDraft(w, r, in.Values, typed.Drafting, func(status int, known ui.Drafting, err error) error {
			typed.Drafting, typed.Problems = known, ui.ProblemsOf(r.Context(), err)
			return h.replyAgain(w, r, number, status, typed)
		})
	case in.Chosen("act", "preview"):
		typed.Problems = ui.ProblemsOf(r.Context(), in.files.Err)
		if typed.Preview, err = h.preview(r, typed.Body); err != nil {
			return true, err
		}
		return true, h.replyAgain(w, r, number, http.StatusOK, typed)
	}
	return false, nil
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
