package inbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
)

// box is a page of the inbox.
type box struct {
	notice.Page
	Filter notice.Filter
	Show   string // "", "unread" or "catch-up"
	Done   *done  // what the reader just did, to be undone
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	b := box{Show: q.Get("show"), Filter: notice.Filter{Before: form.Clean(q.Get("before"), 80)}}
	if kind := q.Get("kind"); slices.Contains(notice.Kinds, kind) {
		b.Filter.Kind = kind
	}
	b.Filter.Unread, b.Filter.CatchUp = b.Show == "unread", b.Show == "catch-up"
	if d, ok := readDone(q.Get("done")); ok {
		b.Done = &d
	}
	var err error
	if b.Page, err = h.notices.List(r.Context(), here(r).Reach, b.Filter, locale.Of(r.Context())); err != nil {
		return err
	}
	return respond.OK(w, r, b.page())
}

// at is the address of the inbox with one filter changed; a change begins at the first page.
func (b box) at(name, value string) string {
	pairs := map[string]string{"show": b.Show, "kind": b.Filter.Kind}
	pairs[name] = value
	return link.With(link.Inbox, "show", pairs["show"], "kind", pairs["kind"], "before", pairs["before"])
}

// back is this very page.
func (b box) back() string { return b.at("before", b.Filter.Before) }

// mayReadAll reports whether one button marks all: on the first page of what is not filtered by kind, so that nothing unseen is marked.
func (b box) mayReadAll() bool {
	if b.Filter.Kind != "" || b.Filter.Before != "" {
		return false
	}
	return slices.ContainsFunc(b.Groups, func(g notice.Group) bool {
		return slices.ContainsFunc(g.Lines, func(l notice.Line) bool { return !l.Read })
	})
}

// done is a marking that may be undone.
type done struct {
	Act   string // "read" or "unread"
	Place notice.Place
	Upto  int64 // id of the newest notice that it was about
	At    time.Time
}

func (d done) String() string {
	return fmt.Sprintf("%s.%d.%d.%d", d.Act, d.Place, d.Upto, d.At.UnixMicro())
}

func readDone(text string) (done, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || parts[0] != "read" && parts[0] != "unread" {
		return done{}, false
	}
	place, err1 := strconv.ParseInt(parts[1], 10, 64)
	upto, err2 := strconv.ParseInt(parts[2], 10, 64)
	micro, err3 := strconv.ParseInt(parts[3], 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || micro < 0 || micro > 4e15 {
		return done{}, false
	}
	return done{Act: parts[0], Place: notice.Place(place), Upto: upto, At: time.UnixMicro(micro).UTC()}, true
}

// backTo is the page of the inbox from which a form came.
func backTo(in form.Values) string {
	back := link.Local(in.Text("back"))
	if path, _, _ := strings.Cut(back, "?"); path != link.Inbox {
		return link.Inbox
	}
	return back
}

func (h handlers) read(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	place, err1 := strconv.ParseInt(in.Get("place"), 10, 64)
	upto, err2 := strconv.ParseInt(in.Get("upto"), 10, 64)
	d := done{Act: in.Text("act"), Place: notice.Place(place), Upto: upto}
	if err1 != nil || err2 != nil || d.Act != "read" && d.Act != "unread" {
		return fmt.Errorf("marking in the inbox: %w", fault.NotFound)
	}
	if d.Act == "unread" {
		err = h.notices.MarkUnread(r.Context(), here(r).Account.ID, d.Place, d.Upto)
	} else {
		d.At, err = h.notices.Read(r.Context(), here(r).Account.ID, d.Place, d.Upto, in.Chosen("list", "catch-up"))
	}
	if err != nil {
		return err
	}
	if d.At.IsZero() {
		d.At = time.UnixMicro(0)
	}
	return respond.SeeOther(w, r, link.With(backTo(in), "done", d.String()))
}

func (h handlers) undo(w http.ResponseWriter, r *http.Request) error {
	in, err := form.Read(w, r)
	if err != nil {
		return err
	}
	d, ok := readDone(in.Text("done"))
	if !ok {
		return fmt.Errorf("undo in the inbox: %w", fault.NotFound)
	}
	if d.Act == "read" {
		err = h.notices.Unmark(r.Context(), here(r).Account.ID, d.At)
	} else {
		_, err = h.notices.Read(r.Context(), here(r).Account.ID, d.Place, d.Upto, false)
	}
	if err != nil {
		return err
	}
	return respond.SeeOtherSaying(w, r, backTo(in), "inbox.notice.undone")
}
