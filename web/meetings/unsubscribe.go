package meetings

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
)

// out is the page behind the link at the foot of a letter.
type out struct {
	meeting.WayOut
	Token string
}

func (h handlers) wayOut(w http.ResponseWriter, r *http.Request) error {
	token := chi.URLParam(r, "token")
	way, err := h.Meetings.WayOut(r.Context(), token)
	if err != nil {
		return err
	}
	if !here(r).SignedIn() && r.URL.Query().Get("lang") == "" {
		r = r.WithContext(locale.With(r.Context(), way.Lang))
		w.Header().Set("Content-Language", string(way.Lang))
	}
	return respond.OK(w, r, out{way, token}.page())
}

// unsubscribe takes the bare POST of a mail program (RFC 8058), which follows no redirect, and the button of the page.
func (h handlers) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	token := chi.URLParam(r, "token")
	if err := h.Meetings.Unsubscribe(r.Context(), token, in.Text("act") != "again"); err != nil {
		return err
	}
	if in.Text("act") != "" {
		return respond.SeeOtherSaying(w, r, link.Unsubscribe(token), "letters.notice.saved")
	}
	return h.wayOut(w, r)
}
