package notice

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
)

// PerPage is how many threads stand on one page of the inbox; PerGroup how many notices of one are shown.
const (
	PerPage  = 20
	PerGroup = 4
	perPlace = 16 // of which the lines are made
)

// Filter says which notices an inbox shows; empty fields filter nothing. What waits for the catch-up is shown apart.
type Filter struct {
	Kind    string
	Unread  bool
	CatchUp bool
	Before  string // cursor that a List gave
}

// Place is what notices are grouped under: the id of a thread, or the negative one of a community.
type Place int64

// Group is what was told about one thread, or about the people of one community.
type Group struct {
	Place     Place
	Latest    int64 // id of the newest notice shown
	At        time.Time
	Unread    int // that count
	Total     int
	Slug      string
	Community string // its name
	Kind      item.Kind
	Number    int
	Title     string // empty: the people of the community, or what is gone
	Lang      locale.Lang
	Path      string // of a product
	Lines     []Line // the newest, at most PerGroup
	More      int    // earlier notices than those in the lines
}

// Line is one notice.
type Line struct {
	Why     string
	Verb    string
	At      time.Time
	Read    bool
	Actor   string // empty: nobody is named
	Others  int    // who thank for the same words
	Reply   int    // number of the reply, claim, release or report of use that it is about; 0: the thread itself
	Path    string // of a product, or of its release
	Excerpt string
	Lang    locale.Lang
	Words   string // of whoever decided: about words that were hidden or reported, or why a meeting will not be; or what came of using an entry
}

// add puts the next notice, an earlier one, under the others. Thanks for the same words stand in one line.
func (g *Group) add(l Line) {
	if n := len(g.Lines); n > 0 {
		if last := &g.Lines[n-1]; l.Why == "thanked" && last.Why == l.Why && last.Reply == l.Reply && last.Read == l.Read {
			last.Others++
			g.More--
			return
		}
		if n == PerGroup {
			return
		}
	}
	g.Lines = append(g.Lines, l)
	g.More--
}

// Page is one page of an inbox, the latest first.
type Page struct {
	Groups []Group
	Older  string // cursor for Filter.Before; empty on the last page
}

// chosen are the filters as a condition on notice n.
func (f Filter) chosen(n string) string {
	where := " and " + n + ".way <> 'catch-up'"
	if f.CatchUp {
		where = " and " + n + ".way = 'catch-up'"
	}
	if f.Kind != "" {
		where += " and " + n + ".kind = @kind"
	}
	if f.Unread {
		where += " and " + n + ".read_at is null"
	}
	return where
}

// heads are the newest notice of each place, found by walking down from the newest of all: a long past costs nothing.
func (f Filter) heads(most int) string {
	newer := named("o")
	return `select n.id, n.place, n.community_id, n.top_id, n.at from notice n` + community.ToldJoins + `
		where n.account_id = @me` + f.chosen("n") + ` and (n.at, n.id) < (@at, @id) and ` + community.Told + `
			and not exists (select from notice o` + newer.Replace(community.ToldJoins) + ` where o.account_id = @me and o.place = n.place and (o.at, o.id) > (n.at, n.id)` +
		f.chosen("o") + ` and ` + newer.Replace(community.Told) + `)
		order by n.at desc, n.id desc limit ` + strconv.Itoa(most) // not an argument: the planner must know that it is few
}

// List is a page of the reader's inbox. What became hidden, was removed or narrowed since is not in it.
func (s Store) List(ctx context.Context, reach community.Reach, f Filter, lang locale.Lang) (Page, error) {
	return s.list(ctx, reach, f, lang, PerPage)
}

func (s Store) list(ctx context.Context, reach community.Reach, f Filter, lang locale.Lang, most int) (Page, error) {
	at, id, err := readCursor(f.Before)
	if err != nil {
		return Page{}, err
	}
	args := reach.Args(pgx.NamedArgs{"kind": f.Kind, "at": at, "id": id, "lang": lang, "lines": perPlace})
	rows, err := s.db.Query(ctx, `with heads as (`+f.heads(most+1)+`)
		select h.place, h.id, h.at, (select count(*) from notice u`+toldIn("u", f)+` and u.read_at is null and u.way = 'inbox')::int,
			(select count(*) from notice u`+toldIn("u", f)+`)::int, c.slug, `+communityName+`, coalesce(g.kind, ''), coalesce(g.number, 0), case when g.removed_at is null then coalesce(g.title, '') else '' end, coalesce(g.lang, c.lang), coalesce((select p.slug from product p where p.item_id = g.id), ''), `+item.PathColumn+`,
			n.why, e.verb, n.at, n.read_at is not null, case when e.actor_id = s.account_id then '' else coalesce(w.name, '') end,
			case when i.parent_id is not null then i.number when e.verb in ('entry.use', 'entry.use-remove') then coalesce((e.detail->>'use')::int, 0) else 0 end, case when i.removed_at is null then coalesce(left(x.html, 800), '') else '' end, coalesce(i.lang, c.lang),
			case when e.verb in ('item.hide', 'report.settled', 'entry.unendorse', 'entry.use-remove') then coalesce(e.detail->>'reason', e.detail->>'note', '')
				when e.verb = 'entry.use' then coalesce((select left(u.outcome_html, 600) from entry_use u where u.entry_id = n.item_id and u.n = (e.detail->>'use')::int and u.removed_at is null), '')
				when e.verb = 'meeting.call-off' then coalesce((select mt.called_off_reason from meeting mt where mt.item_id = n.item_id), '') else '' end
		from heads h left join item g on g.id = h.top_id join community c on c.id = coalesce(g.community_id, h.community_id)
		cross join lateral (select u.* from notice u`+toldIn("u", f)+` order by u.at desc, u.id desc limit @lines) n
		join activity e on e.id = n.activity_id left join account w on w.id = e.actor_id left join item i on i.id = n.item_id
		left join item_text x on x.item_id = n.item_id left join discreet_author s on s.item_id = n.top_id
		order by h.at desc, h.id desc, n.at desc, n.id desc`, args)
	if err != nil {
		return Page{}, fmt.Errorf("inbox: %w", err)
	}
	var p Page
	var g Group
	var l Line
	_, err = pgx.ForEachRow(rows, []any{&g.Place, &g.Latest, &g.At, &g.Unread, &g.Total, &g.Slug, &g.Community, &g.Kind, &g.Number, &g.Title, &g.Lang, &g.Path, &l.Path,
		&l.Why, &l.Verb, &l.At, &l.Read, &l.Actor, &l.Reply, &l.Excerpt, &l.Lang, &l.Words}, func() error {
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Place != g.Place {
			g.More = g.Total
			p.Groups = append(p.Groups, g)
		}
		l.Excerpt = markup.Excerpt(markup.Plain(l.Excerpt), 140)
		if l.Verb == "entry.use" {
			l.Words = markup.Excerpt(markup.Plain(l.Words), 140)
		}
		p.Groups[len(p.Groups)-1].add(l)
		return nil
	})
	if err != nil {
		return Page{}, fmt.Errorf("inbox: %w", err)
	}
	if len(p.Groups) > most {
		p.Groups = p.Groups[:most]
		p.Older = p.Groups[most-1].cursor()
	}
	return p, nil
}

// named lets a condition on notice n speak of it under another name.
func named(name string) *strings.Replacer {
	var pairs []string
	for _, column := range []string{"item_id", "top_id", "community_id", "activity_id", "why"} {
		pairs = append(pairs, " n."+column, " "+name+"."+column, "(n."+column, "("+name+"."+column)
	}
	return strings.NewReplacer(pairs...)
}

// toldIn are the notices of the place of head h that the reader may see and that the filter lets through, under the name n.
func toldIn(n string, f Filter) string {
	as := named(n)
	return as.Replace(community.ToldJoins) + ` where ` + n + `.account_id = @me and ` + n + `.place = h.place` + f.chosen(n) + ` and ` + as.Replace(community.Told)
}

// Unread are the threads with something new that counts, the latest first and at most most. How many notices that are is known at the door.
func (s Store) Unread(ctx context.Context, reach community.Reach, lang locale.Lang, most int) ([]Group, error) {
	p, err := s.list(ctx, reach, Filter{Unread: true}, lang, most)
	return p.Groups, err
}

func (g Group) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf("%d.%d", g.At.UnixMicro(), g.Latest)))
}

// readCursor gives the place in the list after which a page begins: the very start for an empty one.
func readCursor(s string) (at time.Time, id int64, err error) {
	if s == "" {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	micro, rest, _ := strings.Cut(string(raw), ".")
	m, err1 := strconv.ParseInt(micro, 10, 64)
	id, err2 := strconv.ParseInt(rest, 10, 64)
	if err != nil || err1 != nil || err2 != nil || m < 0 || m > 4e15 {
		return at, 0, fmt.Errorf("cursor %q: %w", s, fault.NotFound)
	}
	return time.UnixMicro(m).UTC(), id, nil
}
