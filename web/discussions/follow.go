package discussions

import (
	"net/http"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/web/ui"
)

// follow is how closely the reader follows the thread; nil for who belongs to no community.
func (t thread) follow(r *http.Request, l notice.Level) *ui.Follow {
	v := here(r)
	if !v.Seat.Can(community.FollowItem) {
		return nil
	}
	return &ui.Follow{Action: link.ThreadAct(t.Slug, t.Number, "follow"), Level: l.Level, From: l.From, Own: l.Own, Above: l.Above, Community: v.Community.Name(locale.Of(r.Context()))}
}

// offersFollowing reports whether the answer box offers to tell of everything that is said here: writing never does so by itself.
func (t thread) offersFollowing() bool { return t.Follow != nil && t.Follow.Level != notice.All }

// followIfWished follows a thread from the answer box, if its box was ticked.
func (h handlers) followIfWished(r *http.Request, number int, wished bool) error {
	if !wished {
		return nil
	}
	_, err := h.Notices.FollowItem(r.Context(), here(r).Seat, "discussion", number, notice.All)
	return err
}
