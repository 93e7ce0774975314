package inbox

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// readLevel is the level typed, empty to take it back; a form without one is a fault.
func readLevel(w http.ResponseWriter, r *http.Request) (string, error) {
	in, err := form.Read(w, r)
	if err != nil {
		return "", err
	}
	switch level := in.Text("level"); level {
	case "":
		return "", fault.One("level", "choose")
	case ui.Inherit:
		return "", nil
	default:
		return level, nil
	}
}

func (h handlers) followCommunity(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if err := seat.Must(community.Follow); err != nil {
		return err
	}
	level, err := readLevel(w, r)
	if err != nil {
		return err
	}
	if err := h.notices.FollowCommunity(r.Context(), seat, level); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Community(seat.Slug), "follow.notice.saved")
}

func (h handlers) followThread(w http.ResponseWriter, r *http.Request) error {
	seat := here(r).Seat
	if err := seat.Must(community.FollowItem); err != nil {
		return err
	}
	digits, _, _ := strings.Cut(chi.URLParam(r, "thread"), "-")
	number, err := form.Number(digits)
	if err != nil {
		return err
	}
	level, err := readLevel(w, r)
	if err != nil {
		return err
	}
	title, err := h.notices.FollowItem(r.Context(), seat, "discussion", number, level)
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.Discussion(seat.Slug, number, title), "follow.notice.saved")
}

// mine is the page of the reader's own settings.
type mine struct {
	notice.Level
	Settings []notice.Setting
	Problems ui.Problems
}

func (h handlers) mine(r *http.Request) (mine, error) {
	v := here(r)
	level, err := h.notices.Level(r.Context(), v.Account.ID, 0, 0)
	if err != nil {
		return mine{}, err
	}
	all, err := h.notices.Settings(r.Context(), v.Reach, locale.Of(r.Context()))
	return mine{Level: level, Settings: all}, err
}

func (h handlers) settings(w http.ResponseWriter, r *http.Request) error {
	m, err := h.mine(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, m.page())
}

// set the account's level, or forget the setting for a community or an item.
func (h handlers) set(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	me := here(r).Account.ID
	if what, id, ok := strings.Cut(in.Text("forget"), "."); ok {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n < 1 {
			return fault.NotFound
		}
		if what == "community" {
			err = h.notices.Forget(r.Context(), me, community.ID(n), 0)
		} else {
			err = h.notices.Forget(r.Context(), me, 0, item.ID(n))
		}
		if err != nil {
			return err
		}
		return respond.SeeOtherSaying(w, r, link.MyNotices, "follow.notice.saved")
	}
	level, err := readLevel(w, r)
	if err == nil {
		err = h.notices.FollowByDefault(r.Context(), me, level)
	}
	if len(fault.Problems(err)) > 0 {
		m, failed := h.mine(r)
		if failed != nil {
			return failed
		}
		m.Problems = ui.ProblemsOf(r.Context(), err)
		return respond.Again(w, r, m.page())
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.MyNotices, "follow.notice.saved")
}

// forgetting is the value of the button that forgets a setting.
func forgetting(s notice.Setting) string {
	if s.Item != 0 {
		return "item." + strconv.FormatInt(int64(s.Item), 10)
	}
	return "community." + strconv.FormatInt(int64(s.Community), 10)
}
