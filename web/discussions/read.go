package discussions

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	drafts "urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/web/form"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// index is a page of the list of discussions.
type index struct {
	List   discussion.Page
	Filter discussion.Filter
	Show   string // "", "unread" or "mine"
	Tags   []item.Tag
	Slug   string
}

func (h handlers) list(w http.ResponseWriter, r *http.Request) error {
	x := h.index(r)
	var err error
	if x.List, err = h.Discussions.List(r.Context(), here(r).Seat, x.Filter); err != nil {
		return err
	}
	if x.Tags, err = h.Items.TagsInUse(r.Context(), here(r).Seat, "discussion", 14); err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// index is the list that an address asks for.
func (h handlers) index(r *http.Request) index {
	v, q := here(r), r.URL.Query()
	x := index{Slug: v.Seat.Slug, Show: q.Get("show"), Filter: discussion.Filter{Tag: form.Clean(q.Get("tag"), item.MaxTag), Before: form.Clean(q.Get("before"), 80), After: form.Clean(q.Get("after"), 80)}}
	if form := q.Get("form"); form == discussion.Conversation || form == discussion.Announcement || form == discussion.Help {
		x.Filter.Form = form
	}
	if state := q.Get("state"); x.Filter.Form == discussion.Help && (state == discussion.OpenHelp || slices.Contains(discussion.HelpStates, state)) {
		x.Filter.State = state
	}
	if in := q.Get("in"); locale.Known(in) {
		x.Filter.Lang = in
	}
	x.Filter.Unread, x.Filter.Mine = x.Show == "unread" && v.SignedIn(), x.Show == "mine" && v.SignedIn()
	return x
}

// at is the address of the list with one filter changed.
func (x index) at(name, value string) string {
	pairs := map[string]string{"show": x.Show, "form": x.Filter.Form, "state": x.Filter.State, "tag": x.Filter.Tag, "in": x.Filter.Lang}
	pairs[name] = value
	return link.With(link.Discussions(x.Slug), "show", pairs["show"], "form", pairs["form"], "state", pairs["state"], "tag", pairs["tag"], "in", pairs["in"], "before", pairs["before"], "after", pairs["after"])
}

func (x index) filtered() bool {
	return x.Show != "" || x.Filter.Form != "" || x.Filter.Tag != "" || x.Filter.Lang != "" || x.Filter.Before != "" || x.Filter.After != ""
}

// thread is a page of a discussion.
type thread struct {
	discussion.Thread
	Slug      string
	URL       string // of its first page
	MayReply  bool
	MayThank  bool
	Me        int64
	Answer    answer
	Moderates bool
	MayReport bool
	Plea      *discussion.Plea // of a help request
	Offer     offer
	Follow    *ui.Follow // nil: not for this reader
	Around    harvest.Around
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	number, _, err := place(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	page, _ := strconv.Atoi(q.Get("page")) // a broken one is the first
	if at, err := strconv.Atoi(q.Get("at")); err == nil {
		page = discussion.PageOf(at)
	}
	var draft drafts.Draft
	t, err := h.thread(r, number, page, h.Drafts.LoadBesides(here(r).Account.ID, link.ThreadAct(here(r).Seat.Slug, number, "reply"), &draft))
	if err != nil {
		return h.elsewhere(w, r, number, err)
	}
	v := here(r)
	if t.URL != r.URL.Path {
		return respond.Moved(w, r, t.URL)
	}
	h.Marks.Read(v.Account.ID, t.ID, min(t.Last, t.Page*discussion.PerPage), v.Now)
	t.Answer = answer{Request: uuid.NewString(), Lang: defaultLang(r, t.Lang)}
	if t.MayReply {
		t.Answer = t.resumed(t.Answer, draft)
	}
	if quoted, err := strconv.Atoi(q.Get("quote")); err == nil && t.MayReply && quoted >= 0 {
		source, err := h.Discussions.Written(r.Context(), v.Seat, number, quoted)
		if err != nil {
			return err
		}
		t.Answer.Body, t.Answer.Answers = strings.TrimLeft(t.Answer.Body+"\n\n"+markup.Quote(source.Body), "\n"), strconv.Itoa(quoted)
	}
	return respond.OK(w, r, t.page())
}

func (h handlers) thread(r *http.Request, number, page int, besides ...postgres.Besides) (thread, error) {
	v := here(r)
	var level notice.Level
	var around harvest.Around
	read, err := h.Discussions.Read(r.Context(), v.Seat, number, page, append(besides, h.Harvest.Around(v.Seat, "discussion", number, &around), h.Notices.LevelOf(v.Account.ID, v.Seat.Community, "discussion", number, &level))...)
	t := thread{Thread: read, Slug: v.Seat.Slug, URL: link.Discussion(v.Seat.Slug, number, read.Title), Me: int64(v.Account.ID), MayThank: v.Seat.Can(community.Thank), Around: around}
	t.MayReply = v.Seat.Can(community.Reply) || v.Seat.Can(community.ReplyProgramme) && read.Audience <= item.Programme
	t.Moderates, t.MayReport = v.Seat.Can(community.Moderate), v.Seat.Can(community.Report)
	t.MayReply = t.MayReply && (t.Order.LockedAt == nil || t.Moderates)
	if err == nil {
		t.Plea, err = h.plea(r, read)
	}
	t.Follow = t.follow(r, level)
	return t, err
}

// defaultLang is the language in which an answer is likely to be written.
func defaultLang(r *http.Request, of locale.Lang) string {
	for _, l := range here(r).Account.Languages {
		if l == string(of) {
			return l
		}
	}
	return string(locale.Of(r.Context()))
}

func (t thread) pageAt(n int) string {
	if n < 1 || n > t.Pages {
		return ""
	}
	page := ""
	if n > 1 {
		page = strconv.Itoa(n)
	}
	return link.With(t.URL, "page", page)
}

// firstNew is the number of the first reply that is new to the reader; 0 when none is, or all are.
func (t thread) firstNew() int {
	if t.Read > 0 && t.Read < t.Last {
		return t.Read + 1
	}
	return 0
}

// past is the history of one post.
type past struct {
	States []item.Revision
	Slug   string
	Thread int
	Reply  int
	Title  string
}

func (h handlers) history(w http.ResponseWriter, r *http.Request) error {
	number, reply, err := place(r)
	if err != nil {
		return err
	}
	states, err := h.Discussions.History(r.Context(), here(r).Seat, number, reply)
	if err != nil {
		return err
	}
	return respond.OK(w, r, past{States: states, Slug: here(r).Seat.Slug, Thread: number, Reply: reply, Title: states[0].Title}.page())
}

// postAt is the address of a reply, or of the opening (0).
func (t thread) postAt(reply int) string { return postAt(t.URL, reply) }

func postAt(thread string, reply int) string {
	if reply == 0 {
		return thread
	}
	n := strconv.Itoa(reply)
	return thread + "?at=" + n + "#reply-" + n
}
