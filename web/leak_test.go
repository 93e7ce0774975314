package web_test

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

// secret is something that was made: who may read it follows from where it stands, for whom, and what became of it.
type secret struct {
	what, city, audience, author string
	also                         string // who wrote it too
	told                         string // the page that tells it to everybody: the demonstration names whoever one may look around as
	gone                         bool   // removed or hidden: nobody reads it
	words                        []string
	title, tag                   string
	first                        string // word of the text before it was edited
	thread, reply, entry         int
	kind                         string // "meeting", "decision" or "action"
	number, at                   int    // of it, or of the meeting of which it is a part
	part, page                   string // of a meeting: who may read it, and the route that shows it
	notes, comes                 string // who takes notes at the meeting, and who said yes
	href                         string // how a page leads there
	was                          string // address before it was moved
	files                        []string
}

// reader is a role of the table, with the places that it has.
type reader struct {
	name, handle string
	v            *webtest.Visitor
	roles        map[string]string
	admin        bool
}

const secluded = "london" // the private community

// may says who reads what: the table of the design once more, in plain words.
func (r reader) may(x secret) bool {
	inside := r.roles[x.city] != "" || r.admin
	if mayPart, ok := partsOf[x.part]; ok && !mayPart(r, x) {
		return false
	}
	if mayPart, ok := ofEntries[x.part]; ok {
		return mayPart(r, x)
	}
	switch {
	case x.gone, x.city == secluded && !inside:
		return false
	case x.audience == "public":
		return true
	case x.audience == "programme":
		return len(r.roles) > 0 || r.admin
	case x.audience == "community":
		return inside
	default:
		return r.handle != "" && (x.author == r.handle || x.also == r.handle) || r.roles[x.city] == "coordinator"
	}
}

// town is the site with everything that there is to hide.
type town struct {
	*webtest.Site
	t       *testing.T
	random  *rand.Rand
	people  map[string]*webtest.Visitor
	secrets []*secret
	png     []byte
	open    int // number of an entry of Basel that everybody reads
}

// word is one that stands nowhere else, and resembles none that does.
func (w *town) word() string {
	var b strings.Builder
	for range 6 {
		b.WriteByte("bdfgklmnprstvz"[w.random.IntN(14)])
		b.WriteByte("aeiou"[w.random.IntN(5)])
	}
	return "x" + b.String() + "q"
}

func (w *town) as(handle string) *webtest.Visitor {
	if w.people[handle] == nil {
		w.people[handle] = w.As(w.t, handle)
	}
	return w.people[handle]
}

func (w *town) do(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.DB.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func (w *town) ask(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.DB.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// with gives a secret a new word.
func (w *town) with(x *secret) string {
	word := w.word()
	x.words = append(x.words, word)
	return word
}

// everybody is named in every text, so that everybody would be told.
const everybody = "@eleni-markaki @nobody-yet @once-here @luca-ferraro @urs-dettwiler @lea-straumann @beat-hollenstein @the-admin @tom-achterberg @gareth-holloway, see T-1 and Basel T-1."

func (w *town) attached(x *secret) []webtest.File {
	return []webtest.File{{Name: w.with(x) + ".txt", Content: []byte("plain words " + w.with(x))}, {Name: w.with(x) + ".png", Content: w.png}}
}

var (
	threadAt = regexp.MustCompile(`/c/([a-z]+)/discussions/(\d+)`)
	replyAt  = regexp.MustCompile(`#reply-(\d+)`)
)

func number(t *testing.T, at *regexp.Regexp, address string, group int) int {
	t.Helper()
	m := at.FindStringSubmatch(address)
	if m == nil {
		t.Fatalf("no number in %q", address)
	}
	n, _ := strconv.Atoi(m[group]) // digits
	return n
}

// starts a thread of a form, edits it, and has somebody else reply: two secrets.
func (w *town) starts(author, other, city, form, audience string, more ...string) (thread, reply *secret) {
	w.t.Helper()
	x := &secret{what: form + " " + strings.Join(more, " "), city: city, audience: audience, author: author}
	x.title = w.with(x)
	x.tag = w.with(x)
	words := []string{"title", x.title, "lang", "en", "audience", audience, "tags", x.tag, "form", form}
	if form == "help" {
		words = append(words, "tried", w.with(x))
	}
	x.first = w.with(x)
	fields := append(append(words, "request", uuid.NewString(), "body", x.first+" "+everybody, "with-files", "yes", "alt-new", "", "alt-new", w.with(x)), more...)
	made := w.as(author).Send("/c/"+city+"/discussions/new", w.attached(x), fields...).Sees(w.t, 303).To()
	x.thread = number(w.t, threadAt, made, 2)
	at := fmt.Sprintf("/c/%s/discussions/%d", city, x.thread)
	w.as(author).Post(at+"/edit", append(words, "revision", "1", "body", w.with(x)+" "+everybody)...).Sees(w.t, 303)
	if form == "help" {
		w.as(other).Post(at+"/offer", "note", w.with(x)).Sees(w.t, 303)
	}
	reply = w.replies(x, other)
	if form == "help" {
		w.as(author).Post(at+"/outcome", "ending", "worked", "helped", "1", "text", w.with(x)).Sees(w.t, 303)
	}
	w.secrets = append(w.secrets, x)
	return x, reply
}

func (w *town) replies(on *secret, author string) *secret {
	w.t.Helper()
	x := &secret{what: "reply in " + on.what, city: on.city, audience: on.audience, author: author, thread: on.thread}
	at := fmt.Sprintf("/c/%s/discussions/%d", on.city, on.thread)
	made := w.as(author).Send(at+"/reply", w.attached(x), "request", uuid.NewString(), "answers", "0", "body", "> "+on.first+"\n\n"+w.with(x)+" "+everybody, "lang", "en", "with-files", "yes", "alt-new", "", "alt-new", w.with(x)).Sees(w.t, 303).To()
	x.reply = number(w.t, replyAt, made, 1)
	w.as(author).Post(fmt.Sprintf("%s/replies/%d/edit", at, x.reply), "revision", "1", "body", w.with(x)+" "+everybody, "lang", "en").Sees(w.t, 303)
	w.secrets = append(w.secrets, x)
	return x
}

// heard over lunch, and worked up for an audience.
func (w *town) heard(author, city, audience string) *secret {
	w.t.Helper()
	x := &secret{what: "entry", city: city, audience: audience, author: author}
	x.title, x.tag = w.word(), w.with(x)
	w.as(author).Post("/c/"+city+"/heard", "request", uuid.NewString(), "body", w.with(x), "lang", "en").Sees(w.t, 303)
	x.entry = w.ask(`select max(i.number) from item i join community c on c.id = i.community_id where c.slug = $1 and i.kind = 'entry'`, city)
	w.as(author).Post(fmt.Sprintf("/c/%s/repertoire/%d/edit", city, x.entry), "revision", "1", "form", "experience", "title", x.title, "told", w.with(x)+" "+everybody, "lang", "en", "audience", audience, "tags", x.tag).Sees(w.t, 303)
	x.words = append(x.words, x.title)
	w.secrets = append(w.secrets, x)
	return x
}

// filled is the site with all of it in it: every kind, audience and fate, in an open community and in a private one.
func filled(t *testing.T) (*town, []reader) {
	t.Helper()
	s := webtest.New(t)
	w := &town{Site: s, t: t, random: rand.New(rand.NewPCG(1, 2)), people: map[string]*webtest.Visitor{}}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	w.png = b.Bytes()
	for _, sql := range []string{`update item set audience = 2 where community_id = (select id from community where slug = 'london')`,
		`update item_search set audience = 2 where community_id = (select id from community where slug = 'london')`, `update community set visibility = 'private' where slug = 'london'`,
		`insert into account (handle, name, email, email_key, administrator, created_at) values ('nobody-yet', 'Nobody Yet', 'n@example.org', 'n@example.org', false, now()), ('the-admin', 'The Admin', 'a@example.org', 'a@example.org', true, now()), ('once-here', 'Once Here', 'o@example.org', 'o@example.org', false, now())`,
		`insert into membership (community_id, account_id, number, state, perspective, asked_at, since) select c.id, a.id, 900, 'member', 'stakeholder', now(), now() from community c, account a where c.slug in ('basel', 'london') and a.handle = 'once-here'`} {
		w.do(sql)
	}
	s.Tell(t)
	for _, audience := range []string{"public", "programme", "community"} {
		w.city("basel", "regula-ammann", "noemie-charlet", "jonas-wirz", audience)
	}
	w.city(secluded, "rosalind-pike", "abimbola-adeyemi", "gareth-holloway", "community")
	w.heard("regula-ammann", "basel", "draft")
	w.heard("rosalind-pike", secluded, "draft")
	w.heard("once-here", "basel", "draft")
	w.heard("once-here", secluded, "draft")
	w.starts("once-here", "regula-ammann", "basel", "conversation", "community")
	w.fates()
	w.meetings()
	w.repertoire()
	s.Tell(t)
	w.do(`update membership set state = 'left', number = null where account_id = (select id from account where handle = 'once-here')`)
	for _, x := range w.secrets {
		w.fileAddresses(x)
	}
	return w, w.readers()
}

func (w *town) city(city, author, other, coordinator, audience string) {
	w.t.Helper()
	w.starts(author, other, city, "conversation", audience)
	w.starts(coordinator, other, city, "announcement", audience)
	w.starts(author, other, city, "help", audience)
	w.starts(author, other, city, "help", audience, "discreet", "yes")
	w.heard(author, city, audience)
}

// fates are what becomes of items: removed, hidden, moved.
func (w *town) fates() {
	w.t.Helper()
	w.Tell(w.t) // they stand in inboxes before
	own, _ := w.starts("regula-ammann", "regula-ammann", "basel", "conversation", "public")
	_, reply := w.starts("regula-ammann", "noemie-charlet", "basel", "conversation", "public")
	hidden, under := w.starts("regula-ammann", "noemie-charlet", "basel", "help", "public")
	_, hiddenReply := w.starts("regula-ammann", "noemie-charlet", "basel", "conversation", "public")
	moved, along := w.starts("regula-ammann", "noemie-charlet", "basel", "help", "public")
	near, nearReply := w.starts("regula-ammann", "noemie-charlet", "basel", "conversation", "community")
	w.Tell(w.t)
	at := func(x *secret) string {
		if x.reply > 0 {
			return fmt.Sprintf("/c/%s/discussions/%d/replies/%d", x.city, x.thread, x.reply)
		}
		return fmt.Sprintf("/c/%s/discussions/%d", x.city, x.thread)
	}
	regula, beat, admin := w.as("regula-ammann"), w.as("beat-hollenstein"), w.as("the-admin")
	regula.Post(at(own)+"/remove").Sees(w.t, 303)
	w.as("noemie-charlet").Post(at(reply)+"/remove").Sees(w.t, 303)
	w.as("urs-dettwiler").Post(at(hidden)+"/report", "reason", "Look at this").Sees(w.t, 303)
	beat.Post(at(hidden)+"/hide", "reason", "Not here").Sees(w.t, 303)
	beat.Post(at(hiddenReply)+"/hide", "reason", "Not here").Sees(w.t, 303)
	for _, x := range w.secrets {
		x.gone = x.gone || x == reply || x == hiddenReply || x.city == "basel" && (x.thread == own.thread || x.thread == hidden.thread) && x.entry == 0
	}
	_ = under // gone with its thread
	for _, move := range []struct {
		thread, reply *secret
		to            string
	}{{moved, along, secluded}, {near, nearReply, "heraklion"}} {
		was := at(move.thread)
		to := admin.Post(was+"/move", "to", move.to).Sees(w.t, 303).To()
		for _, x := range []*secret{move.thread, move.reply} {
			x.was, x.city, x.thread = was, move.to, number(w.t, threadAt, to, 2)
			if move.to == secluded {
				x.audience = "community"
			}
		}
	}
}

func (w *town) fileAddresses(x *secret) {
	w.t.Helper()
	rows, err := w.DB.Query(w.t.Context(), `select f.id, f.name from item_file f join item i on i.id = f.item_id left join item p on p.id = i.parent_id join community c on c.id = i.community_id
		where c.slug = $1 and coalesce(p.number, i.number) = $2 and coalesce(p.kind, i.kind) = 'discussion' and case when p.id is null then 0 else i.number end = $3 and $2 > 0`, x.city, x.thread, x.reply)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			w.t.Fatal(err)
		}
		x.files = append(x.files, fmt.Sprintf("/c/%s/files/%d/%s", x.city, id, name))
	}
	if x.thread > 0 && len(x.files) != 2 {
		w.t.Fatalf("%s has the files %v", x.what, x.files)
	}
}

func (w *town) readers() []reader {
	w.t.Helper()
	all := []reader{{name: "stranger", v: w.Stranger(w.t)}}
	for _, r := range []struct{ name, handle string }{{"account", "nobody-yet"}, {"elsewhere", "eleni-markaki"}, {"waiting", "luca-ferraro"}, {"member", "urs-dettwiler"}, {"scientist", "lea-straumann"},
		{"coordinator", "beat-hollenstein"}, {"administrator", "the-admin"}, {"former member", "once-here"}, {"author", "regula-ammann"}, {"member of the private", "tom-achterberg"}, {"coordinator of the private", "gareth-holloway"}} {
		one := reader{name: r.name, handle: r.handle, v: w.as(r.handle), roles: map[string]string{}, admin: r.handle == "the-admin"}
		rows, err := w.DB.Query(w.t.Context(), `select c.slug, m.role from membership m join community c on c.id = m.community_id join account a on a.id = m.account_id where a.handle = $1 and m.state = 'member'`, r.handle)
		if err != nil {
			w.t.Fatal(err)
		}
		for rows.Next() {
			var city, role string
			if err := rows.Scan(&city, &role); err != nil {
				w.t.Fatal(err)
			}
			one.roles[city] = role
		}
		if rows.Close(); rows.Err() != nil {
			w.t.Fatal(rows.Err())
		}
		all = append(all, one)
	}
	return all
}

// addresses are all pages of the site with everything that could be asked of them, from the router's own list.
func (w *town) addresses() (all []string, about map[string]secret) {
	w.t.Helper()
	about = map[string]secret{}
	cities := []string{"basel", "london", "heraklion", "umbrella"}
	for _, route := range routes(w.t, w.Handler) {
		pattern, ok := strings.CutPrefix(route, "GET ")
		if !ok {
			continue
		}
		for _, path := range w.concretes(pattern, cities, about) {
			all = append(all, path)
			for _, query := range append(w.entryQueries(pattern, path), queries[pattern]...) {
				all = append(all, path+"?"+query)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all), about
}

// queries are what else a page may be asked.
var queries = map[string][]string{
	"/":                              {"later=x"},
	"/inbox":                         {"show=unread", "show=catch-up", "kind=mentions", "kind=help", "kind=replies", "kind=meetings"},
	"/c/{city}/discussions":          {"form=help", "form=help&state=open", "form=help&state=closed", "form=announcement", "show=unread", "show=mine", "in=en"},
	"/c/{city}/repertoire":           {"show=mine", "show=drafts"},
	"/c/{city}/members":              {"view=competences", "q=a"},
	"/c/{city}/discussions/{thread}": {"quote=0", "quote=1", "page=1"},
	"/c/{city}/discussions.{format:json|csv|atom}": {"form=help", "show=mine"},
	"/c/{city}/meetings":                           {"before=zzz", "show=past", "view=past"},
	"/c/{city}/decisions":                          {"show=review", "show=over", "show=superseded"},
	"/c/{city}/actions":                            {"show=mine", "show=overdue", "show=over"},
	"/search":                                      {"kind=discussion", "kind=reply", "kind=entry", "kind=meeting", "kind=decision", "kind=action", "city=basel", "city=london", "by=regula-ammann", "by=Regula", "in=en", "before=2099-01-01"},
	"/search.json":                                 {"kind=discussion", "city=london", "by=rosalind-pike"},
	"/c/{city}/discussions/{thread:[1-9][0-9]*}.json": {"page=1"},
}

// concretes are the addresses of a route: one for each thing that it can be about.
func (w *town) concretes(pattern string, cities []string, about map[string]secret) []string {
	w.t.Helper()
	paths := []string{pattern}
	spread := func(name string, values ...string) {
		var next []string
		for _, p := range paths {
			if !strings.Contains(p, name) {
				next = append(next, p)
				continue
			}
			for _, v := range values {
				next = append(next, strings.Replace(p, name, v, 1))
			}
		}
		paths = next
	}
	switch {
	case strings.Contains(pattern, "/files/{file}"):
		paths = nil
		for _, x := range w.secrets {
			for _, f := range x.files {
				address := f
				if strings.HasSuffix(pattern, "/edit") {
					address = f[:strings.LastIndex(f, "/")] + "/edit"
				}
				paths, about[address] = append(paths, address), *x
				for _, city := range cities {
					if elsewhere := "/c/" + city + strings.TrimPrefix(address, "/c/"+x.city); city != x.city {
						paths = append(paths, elsewhere)
					}
				}
			}
		}
	case strings.Contains(pattern, "/meetings/{meeting"), strings.Contains(pattern, "/decisions/{number"), strings.Contains(pattern, "/actions/{number"):
		paths = w.ofMeetings(pattern, about)
	case strings.Contains(pattern, "/meetings/"):
		paths = w.ofOthers(pattern, cities)
	case strings.Contains(pattern, "{entry"):
		paths = w.ofEntry(pattern, about)
	case strings.Contains(pattern, "{thread"):
		paths = nil
		for _, x := range w.secrets {
			if x.thread == 0 || strings.Contains(pattern, "{reply") && x.reply == 0 {
				continue
			}
			fill := strings.NewReplacer("{city}", x.city, "{thread:[1-9][0-9]*}", strconv.Itoa(x.thread), "{thread}", strconv.Itoa(x.thread), "{reply:[0-9]+}", strconv.Itoa(x.reply))
			paths = append(paths, fill.Replace(pattern))
			if x.reply == 0 || strings.Contains(pattern, "{reply") {
				about[fill.Replace(pattern)] = *x
			}
			if x.was != "" && strings.HasPrefix(pattern, "/c/{city}/discussions/{thread}") && x.reply == 0 {
				paths = append(paths, x.was+strings.TrimPrefix(pattern, "/c/{city}/discussions/{thread}"))
			}
		}
		if pattern == "/c/{city}/discussions/{thread}" || strings.HasSuffix(pattern, ".json") {
			paths = append(paths, strings.NewReplacer("{city}", "basel", "{thread}", "1", "{thread:[1-9][0-9]*}", "1").Replace(pattern)) // named by all the others
		}
	}
	spread("{city}", cities...)
	spread("{meeting:[1-9][0-9]*}", "1")
	spread("{meeting}", "1")
	spread("{number:[0-9]+}", "1", "2", "3", "4", "5", "900")
	spread("{format:json|csv|atom}", "json", "csv", "atom")
	spread("{format:json|csv}", "json", "csv")
	spread("{format:json|csv|ics}", "json", "csv", "ics")
	spread("{format:json|ics}", "json", "ics")
	spread("{term}", "urban-heat-island", "nothing")
	spread("{point:[0-9]+}", "0", "1")
	spread("{line:[0-9]+}", "1")
	spread("{token}", "none")
	spread("{id:[0-9]+}", "1")
	spread("{id}", "1")
	spread("{account}", "1")
	spread("{product:[a-z0-9-]+}", "flux-maps", "nothing")
	spread("{product}", "flux-maps", "nothing")
	spread("{release}", "1-0", "nothing")
	spread("{number}", "1")
	spread("{criterion:[1-9][0-9]*}", "1", "5", "900")
	spread("{criterion}", "1", "5", "900")
	spread("{claim:[1-9][0-9]*}", "1", "900")
	spread("{claim}", "1", "900")
	spread("{source}", "1", "900")
	spread("{relation:[1-9][0-9]*}", "1")
	spread("{category}", "content", "nothing")
	spread("{format:json|csv|xlsx}", "json", "csv", "xlsx")
	spread("{format:csv|json|xlsx}", "csv", "json", "xlsx")
	spread("{format:zip|csv|json|bib}", "zip", "csv", "json", "bib")
	spread("{theme}", "1")
	spread("{format:md|json|bib|csl\\.json}", "md", "json", "bib", "csl.json")
	spread("{name}", "none.eml")
	paths = w.anyOther(paths)
	for _, p := range paths {
		if strings.Contains(p, "{") {
			w.t.Errorf("%s: the test does not know what to put into %s", pattern, p)
		}
	}
	return paths
}

func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	w, readers := filled(t)
	addresses, about := w.addresses()
	all := routes(t, w.Handler)
	addresses = append(addresses, "/c/basel/nothing", "/c/london/nothing", "/nothing", "/c/basel/discussions?before=zzz", "/c/basel/repertoire?before=zzz", "/c/basel/discussions/99999", "/c/london/discussions/99999")
	if len(w.secrets) < 50 || len(addresses) < 500 {
		t.Fatalf("%d secrets, %d addresses", len(w.secrets), len(addresses))
	}
	for _, r := range readers {
		t.Run(r.name, func(t *testing.T) {
			read := map[string]bool{} // words that the reader came across
			for _, address := range addresses {
				got := r.v.Get(address)
				for range 2 {
					if to := got.To(); got.Status == http.StatusMovedPermanently {
						got.Body += r.v.Get(to).Body + to
					}
				}
				w.reads(t, r, address, got.Body, read)
				if x, ok := about[address]; ok && !r.may(x) && !x.gone {
					w.looksLikeNothing(t, r, x, address, got)
				}
			}
			for _, x := range w.secrets {
				w.downloads(t, r, x, read)
				if r.may(*x) && w.there(x, all) {
					for _, word := range x.words {
						if !read[word] {
							t.Errorf("%s never came across %q of %s for %s in %s, which is theirs to read", r.name, word, x.what, x.audience, x.city)
						}
					}
				}
			}
		})
	}
}

// reads judges one page.
func (w *town) reads(t *testing.T, r reader, address, body string, read map[string]bool) {
	t.Helper()
	for _, x := range w.secrets {
		if x.href != "" && !r.may(*x) && strings.Contains(body, x.href) {
			t.Errorf("%s is led to %s for %s in %s from %s", r.name, x.what, x.audience, x.city, address)
		}
		for _, word := range x.words {
			if !strings.Contains(body, word) {
				continue
			}
			read[word] = true
			if !r.may(*x) && !echoed(address, word) && (x.told == "" || x.told != address) {
				i := strings.Index(body, word)
				t.Errorf("%s reads %q of %s for %s in %s (gone %t) on %s: …%s…", r.name, word, x.what, x.audience, x.city, x.gone, address, body[max(0, i-150):min(len(body), i+60)])
			}
		}
	}
}

// echoed reports whether the reader put the word there.
func echoed(address, word string) bool { return strings.Contains(address, word) }

// looksLikeNothing compares what is closed with what is not there.
func (w *town) looksLikeNothing(t *testing.T, r reader, x secret, address string, got webtest.Answer) {
	t.Helper()
	nothing := address
	for _, n := range []int{x.thread, x.entry, x.number} {
		if n > 0 {
			nothing = strings.Replace(nothing, "/"+strconv.Itoa(n), "/99999", 1)
		}
	}
	if strings.Contains(address, "/files/") {
		nothing = regexp.MustCompile(`/files/\d+`).ReplaceAllString(address, "/files/999999")
	}
	want := r.v.Get(nothing)
	if got.Status != want.Status {
		t.Errorf("%s: %s for %s in %s is answered %d, and what is not there %d", r.name, address, x.audience, x.city, got.Status, want.Status)
	}
}

// downloads opens the files of an item.
func (w *town) downloads(t *testing.T, r reader, x *secret, read map[string]bool) {
	t.Helper()
	for _, f := range x.files {
		for _, address := range []string{f, f + "?size=small"} {
			got := r.v.Get(address)
			if open := got.Status == http.StatusOK; open != r.may(*x) {
				t.Errorf("%s: %s of %s for %s in %s is answered %d", r.name, address, x.what, x.audience, x.city, got.Status)
			}
			w.reads(t, r, f, got.Body, read)
		}
	}
}

// What a reader may not read is found, counted, suggested and offered no more than a word that stands nowhere.
func TestNothingLeaksThroughWhatIsSearchedFor(t *testing.T) {
	t.Parallel()
	w, readers := filled(t)
	nonsense := []string{w.word(), w.word(), w.word(), w.word()}
	for _, r := range readers {
		t.Run(r.name, func(t *testing.T) {
			baseline := map[string]webtest.Answer{} // what nonsense is answered
			for _, x := range w.secrets {
				asks := []string{}
				for n := 0; n < len(x.words); n += 4 { // one that is found shows itself among those that are not
					asks = append(asks, "/search?q=%s\x00"+strings.Join(x.words[n:min(n+4, len(x.words))], " "))
				}
				if x.title != "" {
					typo := x.title[:4] + "h" + x.title[5:]
					asks = append(asks, "/search.json?q=%s\x00"+x.title, "/search?q=%s\x00"+typo, "/search.json?q=%s\x00"+typo, "/search?city="+x.city+"&q=%s\x00"+x.title,
						"/c/"+x.city+"/discussions/similar?in=en&title=%s\x00"+x.title, "/c/"+x.city+"/discussions/new?title=%s\x00"+x.title)
				}
				if x.tag != "" {
					asks = append(asks, "/c/"+x.city+"/discussions?tag=%s\x00"+x.tag, "/c/"+x.city+"/discussions.json?tag=%s\x00"+x.tag, "/c/"+x.city+"/repertoire?tag=%s\x00"+x.tag, "/search?tag=%s\x00"+x.tag)
				}
				found := false
				for _, a := range asks {
					ask, word, _ := strings.Cut(a, "\x00")
					got := r.v.Get(fmt.Sprintf(ask, url.QueryEscape(word)))
					if r.may(*x) {
						found = found || strings.Contains(got.Body, ">1<") || strings.Contains(got.Body, `"count":1`)
						continue
					}
					nonsense := strings.Join(nonsense[:1+strings.Count(word, " ")], " ")
					want, ok := baseline[ask+nonsense]
					if !ok {
						want = r.v.Get(fmt.Sprintf(ask, url.QueryEscape(nonsense)))
						baseline[ask+nonsense] = want
					}
					if a, b := plainly(got.Body, word), plainly(want.Body, nonsense); got.Status != want.Status || a != b {
						t.Errorf("%s: %s with %q of %s for %s in %s is answered otherwise than with nonsense: %s", r.name, ask, word, x.what, x.audience, x.city, firstDifference(a, b))
					}
				}
				if r.may(*x) && x.title != "" && x.also != r.handle && !found { // a draft is searched for by its author and the coordinators
					t.Errorf("%s does not find %s for %s in %s", r.name, x.what, x.audience, x.city)
				}
			}
		})
	}
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// plainly is a page without what was asked, and without what differs each time.
func plainly(body, asked string) string {
	body = html.UnescapeString(body)
	for _, form := range append([]string{asked, url.QueryEscape(asked)}, strings.Fields(asked)...) {
		body = strings.ReplaceAll(body, form, "…")
	}
	return uuids.ReplaceAllString(body, "…")
}

func firstDifference(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[max(0, n-80):min(len(a), n+160)] + " ≠ " + b[max(0, n-80):min(len(b), n+160)]
}
