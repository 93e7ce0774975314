package meetings

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/calendar"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// mountCalendar serves meetings as calendar files.
func (h handlers) mountCalendar(r chi.Router) {
	r.Get("/meetings.ics", respond.Handle(h.meetingsFile))
	r.Get("/meetings/{meeting:[1-9][0-9]*}.ics", respond.Handle(h.meetingFile))
}

// MountPersonal serves what belongs to a person rather than to a community: the own calendar, and the way out of letters.
func MountPersonal(r chi.Router, door guard.Door, on Stores) {
	h := handlers{on}
	r.Get("/feeds/{token}/calendar.ics", respond.Handle(h.feed))
	r.Get("/unsubscribe/{token}", respond.Handle(h.wayOut))
	r.Post("/unsubscribe/{token}", respond.Handle(h.unsubscribe))
	r.Group(func(r chi.Router) {
		r.Use(door.SignedIn)
		r.Get(link.MyCalendar, respond.Handle(h.mine))
		r.Post(link.MyCalendar, respond.Handle(h.makeFeed))
		r.Post(link.MyCalendarOff, respond.Handle(h.dropFeed))
		r.Post(link.MyLetters, respond.Handle(h.setLetters))
	})
}

func (h handlers) meetingFile(w http.ResponseWriter, r *http.Request) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	d, err := h.Meetings.DatedOne(r.Context(), here(r).Seat, n, locale.Of(r.Context()))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-M-%d.ics"`, d.Slug, d.Number))
	return h.send(w, r, calendar.Calendar{Method: calendar.Publish}, []meeting.Dated{d}, locale.Of(r.Context()))
}

func (h handlers) meetingsFile(w http.ResponseWriter, r *http.Request) error {
	v, lang := here(r), locale.Of(r.Context())
	all, err := h.Meetings.Dated(r.Context(), v.Seat, lang)
	if err != nil {
		return err
	}
	c := calendar.Calendar{Method: calendar.Publish, Name: locale.In(lang, "calendar.feed-of", "community", v.Community.Name(lang)), Lang: string(lang), Zone: meeting.Dated{Zone: v.Community.Zone}.Location()}
	return h.send(w, r, c, all, lang)
}

// feed is the calendar behind a secret address. Who asks is not looked at: programs that fetch it sign in nowhere.
func (h handlers) feed(w http.ResponseWriter, r *http.Request) error {
	f, err := h.Meetings.Feed(r.Context(), chi.URLParam(r, "token"), form.Clean(r.URL.Query().Get("city"), 60))
	if err != nil {
		return err
	}
	return h.send(w, r, calendar.Calendar{Method: calendar.Publish, Name: locale.In(f.Lang, "calendar.feed-name"), Lang: string(f.Lang)}, f.Meetings, f.Lang)
}

// send answers with a file, or that it is still the same. Its tag alone decides: a meeting that is not in it any more leaves no newer date behind.
func (h handlers) send(w http.ResponseWriter, r *http.Request, c calendar.Calendar, all []meeting.Dated, lang locale.Lang) error {
	alarm, err := readAlarm(r)
	if err != nil {
		return err
	}
	var newest time.Time
	for _, d := range all {
		e := d.Event(lang, h.Base, h.Sender)
		e.Alarm = alarm
		c.Events = append(c.Events, e)
		if d.Changed.After(newest) {
			newest = d.Changed
		}
	}
	file, err := calendar.Write(c)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file)
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8; method="+c.Method)
	w.Header().Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:16])+`"`)
	r.Header.Del("If-Modified-Since")
	http.ServeContent(w, r, "", newest, bytes.NewReader(file))
	return nil
}

// MaxAlarm is how long before a meeting a calendar may be asked to remind, in minutes: a week.
const MaxAlarm = 7 * 24 * 60

func readAlarm(r *http.Request) (time.Duration, error) {
	typed := r.URL.Query().Get("alarm")
	if typed == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > MaxAlarm {
		return 0, fault.One("alarm", "between", "max", MaxAlarm)
	}
	return time.Duration(n) * time.Minute, nil
}

// mine is the page of the reader's own calendar and letters.
type mine struct {
	Since    time.Time // of the secret address; zero: there is none
	Address  string    // of a new one, shown once
	Alarm    string
	Letters  []meeting.Lettering
	Problems ui.Problems
}

func (h handlers) readMine(r *http.Request) (m mine, err error) {
	m.Alarm = "0"
	if m.Since, err = h.Meetings.FeedSince(r.Context(), here(r).Account.ID); err != nil {
		return m, err
	}
	m.Letters, err = h.Meetings.Letterings(r.Context(), here(r).Account.ID, locale.Of(r.Context()))
	return m, err
}

func (h handlers) mine(w http.ResponseWriter, r *http.Request) error {
	m, err := h.readMine(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, m.page())
}

// makeFeed shows the new address in its own answer: no other page will.
func (h handlers) makeFeed(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	token, err := h.Meetings.MakeFeed(r.Context(), here(r).Account.ID)
	if err != nil {
		return err
	}
	m, err := h.readMine(r)
	if err != nil {
		return err
	}
	alarm := in.Text("alarm")
	if n, err := strconv.Atoi(alarm); err != nil || n < 1 || n > MaxAlarm {
		alarm = ""
	}
	m.Address = h.Base + link.With(link.Calendar(token), "alarm", alarm)
	w.Header().Set("Cache-Control", "no-store")
	return respond.OK(w, r, m.page())
}

func (h handlers) dropFeed(w http.ResponseWriter, r *http.Request) error {
	if err := h.Meetings.DropFeed(r.Context(), here(r).Account.ID); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.MyCalendar, "calendar.notice.off")
}

func (h handlers) setLetters(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	var on []community.ID
	for _, typed := range in.Values["letters"] {
		id, err := strconv.ParseInt(typed, 10, 64)
		if err != nil {
			return fault.NotFound
		}
		on = append(on, community.ID(id))
	}
	if err := h.Meetings.SetLetterings(r.Context(), here(r).Account.ID, on); err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, link.MyCalendar, "letters.notice.saved")
}
