package web_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// Routes of the rooms that show what belongs to an entry, so that what they should show is asked for only where they stand.
const (
	newEntry     = "/c/{city}/repertoire/new"
	entryUses    = "/c/{city}/repertoire/{entry}/uses"
	entryInOther = "/c/{city}/repertoire/{entry}/languages"
	harvesting   = "/c/{city}/repertoire/harvest"
	themes       = "/c/{city}/repertoire/themes"
)

// ofEntries are what belongs to the repertoire and not to an entry: who reads it, once more in plain words.
var ofEntries = map[string]func(r reader, x secret) bool{
	"gathered":    func(r reader, x secret) bool { return r.handle == x.author },
	"theme":       func(r reader, x secret) bool { return r.roles[x.city] == "coordinator" },
	"removed use": func(reader, secret) bool { return false }, // its reporter is none of the readers
}

// entryOf is entry x in SQL.
func entryOf(x *secret) string {
	return fmt.Sprintf("(select i.id from item i join community c on c.id = i.community_id where c.slug = '%s' and i.kind = 'entry' and i.number = %d)", x.city, x.entry)
}

// learns plants an entry of a city for an audience, with a new word in everything that belongs to it: title, text, facts, an author without an account, a use, a translation, words that were released.
func (w *town) learns(city, audience, author, also string) *secret {
	w.t.Helper()
	x := &secret{what: "whole entry", city: city, audience: audience, author: author, also: also}
	x.title, x.tag = w.with(x), w.with(x)
	width := map[string]int{"public": 0, "programme": 1, "community": 2, "draft": 3}[audience]
	x.entry = w.ask(`with n as (insert into counter (community_id, series, n) select id, 'entry', 1 from community where slug = $1 on conflict (community_id, series) do update set n = counter.n + 1 returning community_id, n),
			i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) select community_id, 'entry', n, $2, 'en', a.id, $3::int, now(), now(), now() from n, account a where a.handle = $4 returning id, community_id, number),
			e as (insert into entry (item_id, community_id, form, fields, shared_at, latitude, longitude, uses, cities, reported, sources) select id, community_id, 'case', jsonb_build_object('situation', $5::text), case when $3::int < 3 then now() end, 47.5, 7.6, 1, 1, 1, 1 from i),
			t as (insert into item_text select id, $5::text, '<p>' || $5::text || '</p>', 1 from i)
		select number from i`, city, x.title, width, author, w.with(x))
	x.href = fmt.Sprintf(`href="/c/%s/repertoire/%d-%s"`, city, x.entry, x.title)
	w.secrets = append(w.secrets, x)
	fill := strings.NewReplacer("{e}", entryOf(x), "{in}", "(select id from community where slug = '"+city+"')", "{author}", "(select id from account where handle = '"+author+"')", "{also}", "(select id from account where handle = '"+also+"')")
	belongs := func(page string, sql ...string) {
		part := &secret{what: x.what + " by " + page, city: city, audience: audience, author: author, also: also, page: page}
		for _, one := range sql {
			w.plants(part, fill.Replace(one))
		}
		w.secrets = append(w.secrets, part)
	}
	belongs(newEntry, `update entry set (summary, place, happened, url) = ('{word}', '{word}', '{word}', 'https://example.org/{word}') where item_id = {e}`,
		`insert into entry_author (community_id, entry_id, name, organisation, position) values ({in}, {e}, '{word}', '{word}', 1)`)
	belongs(entryUses, `insert into entry_use (community_id, entry_id, n, account_id, used_in, place, used_on, outcome, outcome_html, again, lang, perspective, at) select {in}, {e}, 1, {author}, {in}, '{word}', current_date, o, '<p>' || o || '</p>', 'yes', 'en', 'stakeholder', now() from (values ('{word}')) q (o)`)
	belongs(entryInOther, `insert into entry_translation (community_id, entry_id, lang, title, summary, fields, body, html, renderer, of_revision, by_id, at) select {in}, {e}, 'de', '{word}', '{word}', jsonb_build_object('situation', o), o, '<p>' || o || '</p>', 1, 1, {author}, now() from (values ('{word}')) q (o)`)
	belongs(harvesting, `insert into entry_source (community_id, entry_id, n, words, lang, speaker_name, release, asked_at, answered_at, at) values ({in}, {e}, 1, '{word}', 'en', '{word}', 'given', now(), now(), now())`)
	if also != "" {
		w.do(fill.Replace(`insert into entry_author (community_id, entry_id, account_id, position) values ({in}, {e}, {also}, 2)`))
	}
	for _, sql := range []string{
		`with t as (insert into tag (community_id, key, name) values ({in}, '` + x.tag + `', '` + x.tag + `') returning id) insert into item_tag select {in}, {e}, id from t`,
		`insert into entry_topic select {in}, {e}, id from topic where key in ('greenery', 'water')`,
		`insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search) select i.id, i.community_id, i.audience, i.author_id, i.kind, i.lang, i.created_at, to_tsvector('public.k_en', concat_ws(' ', i.title, t.body)) from item i join item_text t on t.item_id = i.id where i.id = {e} on conflict do nothing`,
		`insert into activity (at, actor_id, verb, item_id, community_id, concerned) select now(), {author}, v, {e}, {in}, '{}' from unnest(array['entry.begin', 'entry.share', 'entry.endorse', 'entry.still-true']) v`,
		`insert into activity (at, actor_id, verb, item_id, community_id, detail) values (now(), {author}, 'entry.use', {e}, {in}, '{"use": 1}'), (now(), {author}, 'entry.translate', {e}, {in}, '{"lang": "de"}')`,
	} {
		w.do(fill.Replace(sql))
	}
	return x
}

// takesIn has an entry that everybody reads quote words that not everybody may read: who may open what they were said in may.
func (w *town) takesIn(into *secret, n int, release string, said secret, in string) {
	w.t.Helper()
	said.what, said.words, said.title, said.tag, said.thread, said.entry, said.reply, said.files, said.page, said.href, said.was = "words taken in and "+strings.ReplaceAll(" "+release, " ", "not released: ")+" of "+said.what, nil, "", "", 0, 0, 0, nil, "", "", ""
	x := &said
	answered := "null"
	if release == "refused" {
		answered = "now()"
	}
	w.plants(x, fmt.Sprintf(`with q as (select '{word}'::text as words, %s as said),
		s as (insert into entry_source (community_id, entry_id, n, item_id, words, lang, speaker_id, release, asked_at, answered_at, at) select e.community_id, e.id, %d, q.said, q.words, 'en', (select author_id from item where id = q.said), '%s', now(), %s, now() from item e, q where e.id = %s)
		insert into item_link (from_id, to_id, relation, quote, at) select %[5]s, q.said, 'from', q.words, now() from q`, in, n, release, answered, entryOf(into)))
	w.do(`update entry set sources = greatest(sources, $1) where item_id = `+entryOf(into), n)
	w.secrets = append(w.secrets, x)
}

// relates two entries, with a note that only those read who read both.
func (w *town) relates(from, to *secret, relation string) {
	w.t.Helper()
	x := &secret{what: "note on " + relation + " to " + to.what, city: to.city, audience: to.audience, author: to.author, also: to.also, gone: from.gone || to.gone, page: "none"}
	w.plants(x, `insert into item_link (from_id, to_id, relation, quote, at) values (`+entryOf(from)+`, `+entryOf(to)+`, '`+relation+`', '{word}', now())`)
	w.do(`insert into activity (at, verb, item_id, community_id, detail) select now(), v, f.id, f.community_id, jsonb_build_object('entry', t.id, 'other', t.id, 'relation', '` + relation + `') from item f, item t, unnest(array['entry.relate', 'entry.adapt']) v where f.id = ` + entryOf(from) + ` and t.id = ` + entryOf(to))
	w.do(`insert into activity (at, verb, item_id, community_id, detail) select now(), v, f.id, f.community_id, jsonb_build_object('entry', t.id, 'other', t.id, 'relation', '` + relation + `') from item f, item t, unnest(array['entry.relate', 'entry.adapt']) v where f.id = ` + entryOf(to) + ` and t.id = ` + entryOf(from))
	w.secrets = append(w.secrets, x)
}

// repertoire is everything that the repertoire brings, for every audience, in both cities.
func (w *town) repertoire() {
	w.t.Helper()
	open := w.learns("basel", "public", "regula-ammann", "")
	w.open = open.entry
	programme := w.learns("basel", "programme", "regula-ammann", "noemie-charlet")
	inside := w.learns("basel", "community", "regula-ammann", "")
	private := w.learns(secluded, "community", "rosalind-pike", "")
	draft := w.learns("basel", "draft", "noemie-charlet", "regula-ammann")
	draft.page = newEntry // where those who write it too are named
	alone := w.learns("basel", "draft", "noemie-charlet", "")
	hidden := w.learns(secluded, "draft", "rosalind-pike", "abimbola-adeyemi")
	left := w.learns("basel", "draft", "noemie-charlet", "once-here")
	for _, x := range w.parts(left) {
		x.also = "" // who has left the community writes there no more
	}
	gone := w.learns("basel", "public", "regula-ammann", "")
	w.do(`update item set removed_at = now(), hidden_at = now(), removed_reason = 'not here' where id = ` + entryOf(gone))
	for _, x := range w.parts(gone) {
		x.gone = true
	}
	for n, to := range []*secret{programme, inside, private, draft, alone, hidden, gone} {
		for k, relation := range []string{"adapted", "uses", "addresses", "related"} {
			if (n+k)%2 == 0 {
				w.relates(open, to, relation)
			} else {
				w.relates(to, open, relation)
			}
		}
	}
	w.quotes(open, alone)
	w.usesElsewhere(open)
	w.keeps()
}

// parts of an entry were planted right after it.
func (w *town) parts(entry *secret) []*secret {
	n := slices.Index(w.secrets, entry)
	return w.secrets[n : n+5]
}

// quotes takes words into an open entry that were said among members, in the private community, in a draft, and in what was removed.
func (w *town) quotes(open, draft *secret) {
	w.t.Helper()
	thread := func(city, audience string, removed bool) (secret, string) {
		fate, speaker := "null", "noemie-charlet" // none of the readers: who said something reads it wherever it stands
		if city == secluded {
			speaker = "rosalind-pike"
		}
		if removed {
			fate = "now()"
		}
		n := w.ask(fmt.Sprintf(`with i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at, removed_at)
				select c.id, 'discussion', 9000 + (select count(*) from item), 'Said here', 'en', (select id from account where handle = '%s'), %s, now(), now(), now(), %s from community c where c.slug = '%s' returning id),
			t as (insert into item_text select id, '', '', 1 from i), d as (insert into discussion (item_id, form) select id, 'conversation' from i) select id from i`, speaker, map[string]string{"programme": "1", "community": "2"}[audience], fate, city))
		return secret{what: "a thread for " + audience, city: city, audience: audience, gone: removed}, strconv.Itoa(n)
	}
	number := 10
	for _, from := range []struct {
		city, audience string
		removed        bool
	}{{"basel", "programme", false}, {"basel", "community", false}, {secluded, "community", false}, {"basel", "community", true}} {
		for _, release := range []string{"", "asked", "refused"} {
			said, in := thread(from.city, from.audience, from.removed)
			w.takesIn(open, number, release, said, in)
			number++
		}
	}
	w.takesIn(open, number, "", *draft, entryOf(draft))
}

// usesElsewhere has somebody of the private community report a use, and another report removed.
func (w *town) usesElsewhere(open *secret) {
	w.t.Helper()
	name := &secret{what: "name of the private community", told: "/look-around", city: secluded, audience: "community", href: `href="/c/` + secluded + `/members/`}
	w.plants(name, `update community_text set name = '{word}' where community_id = (select id from community where slug = '`+secluded+`')`)
	reports := `insert into entry_use (community_id, entry_id, n, account_id, used_in, place, outcome, outcome_html, again, lang, at, removed_at, removed_by, removed_reason)
		select i.community_id, i.id, %d, (select id from account where handle = 'rosalind-pike'), (select id from community where slug = '` + secluded + `'), %s, o, '<p>' || o || '</p>', 'yes', 'en', now(), %s from item i, (values (%s)) q (o) where i.id = ` + entryOf(open)
	w.do(fmt.Sprintf(reports, 2, "''", "null, null, ''", "'It worked'"))
	w.do(`update entry set uses = 2, cities = 2, reported = 3 where item_id = ` + entryOf(open))
	removed := &secret{part: "removed use", what: "removed use", city: open.city, audience: "public", page: "none"}
	w.plants(removed, fmt.Sprintf(reports, 3, "'{word}'", "now(), null, '{word}'", "'{word}'"))
	w.secrets = append(w.secrets, name, removed)
}

// keeps plants what people laid together for themselves, and what is suggested to coordinators.
func (w *town) keeps() {
	w.t.Helper()
	for _, c := range []struct{ city, who, coordinator string }{{"basel", "regula-ammann", "jonas-wirz"}, {"basel", "noemie-charlet", ""}, {secluded, "rosalind-pike", ""}} {
		x := &secret{part: "gathered", what: "gathered by " + c.who, city: c.city, author: c.who, page: "none"}
		w.plants(x, `insert into gathered (account_id, community_id, item_id, words, position, at) select a.id, c.id, i.id, '{word}', 1, now() from account a, community c join item i on i.community_id = c.id and i.kind = 'discussion' and i.number = 1 where a.handle = '`+c.who+`' and c.slug = '`+c.city+`'`)
		w.secrets = append(w.secrets, x)
	}
	for _, city := range []string{"basel", secluded} {
		x := &secret{part: "theme", what: "theme", city: city, page: themes}
		w.plants(x, `with q as (select '{word}'::text as said), h as (insert into theme (community_id, key, words, sayings, voices, found_at) select id, 'k', '{word}', 5, 3, now() from community where slug = '`+city+`' returning id, community_id)
			insert into theme_saying (theme_id, item_id, words) select h.id, i.id, q.said from h, q, lateral (select distinct on (i.author_id) i.id from item i where i.community_id = h.community_id and i.kind in ('discussion', 'reply') and i.removed_at is null and i.author_id is not null
				and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null) order by i.author_id, i.id limit 5) i`)
		w.secrets = append(w.secrets, x)
	}
}

// ofEntry are the addresses about each entry that there is.
func (w *town) ofEntry(pattern string, about map[string]secret) (paths []string) {
	for _, x := range w.secrets {
		if x.entry == 0 {
			continue
		}
		for n, p := range fill(pattern, func(name string) []string {
			switch name {
			case "city":
				return []string{x.city}
			case "entry":
				return []string{strconv.Itoa(x.entry)}
			case "use", "source", "revision", "relation", "point", "line", "n":
				return []string{"1", "2", "3", "10", "999"}
			case "lang":
				return []string{"de", "fr", "en", "xx"}
			}
			return nil
		}) {
			paths = append(paths, p)
			if n == 0 {
				about[p] = *x
			}
		}
	}
	return paths
}

// entryQueries are what pages of the repertoire may be asked about what the reader may not know of: facets of lists, passages to make an entry of, entries to relate.
func (w *town) entryQueries(pattern, path string) (all []string) {
	switch pattern {
	case "/repertoire", "/c/{city}/repertoire":
		all = []string{"kind=case", "topic=greenery", "in=en", "evidence=used", "evidence=none", "age=new", "endorsed=yes", "sort=used", "show=mine", "show=drafts", "city=" + secluded, "city=basel", "before=zzz"}
		for _, x := range w.secrets {
			if x.entry > 0 {
				all = append(all, "tag="+x.tag, "q="+x.title)
			}
		}
	case "/c/{city}/repertoire/{entry}":
		all = []string{"revision=1", "in=de"}
	case newEntry:
		all = []string{"form=case", "form=story"}
	case harvesting:
		all = append(w.passages(strings.Split(path, "/")[2]), "passage=1&passage=2&passage=3")
	case "/c/{city}/repertoire/{entry}/relate":
		for n, x := range w.secrets {
			if x.entry == 0 || !strings.HasPrefix(path, fmt.Sprintf("/c/basel/repertoire/%d/", w.open)) {
				continue
			}
			for _, way := range []string{"adapted", "uses", "addresses", "related"}[n%4:] {
				all = append(all, fmt.Sprintf("way=%s&q=%s+E-%d", way, x.city, x.entry), "way="+way+"&q="+x.title)
			}
		}
	}
	return all
}

// passages are addresses at which an entry may be made of words of a city.
func (w *town) passages(city string) (all []string) {
	for _, x := range w.secrets {
		switch {
		case city != x.city:
		case x.entry > 0:
			all = append(all, fmt.Sprintf("note=%d", x.entry))
		case x.thread > 0:
			all = append(all, fmt.Sprintf("discussion=%d&reply=%d", x.thread, x.reply))
		case x.kind == "meeting" && x.at == 0:
			all = append(all, fmt.Sprintf("meeting=%d&line=1", x.number))
			for _, id := range w.ids("point", x.city, x.number) {
				all = append(all, fmt.Sprintf("meeting=%d&point=%s", x.number, id))
			}
		}
	}
	return all
}

var (
	figures = regexp.MustCompile(`\d+`)
	moments = regexp.MustCompile(`<time[^>]*>[^<]*</time>|datetime="[^"]*"`)
)

// Whoever reads nothing of it sees the same lists, counts, facets, feeds and pages before and after something was hidden there.
func TestWhatIsHiddenChangesNothingThatOthersSee(t *testing.T) {
	t.Parallel()
	w := &town{Site: webtest.New(t), t: t, random: rand.New(rand.NewPCG(5, 6)), people: map[string]*webtest.Visitor{}}
	for _, sql := range []string{`update item set audience = 2 where community_id = (select id from community where slug = 'london')`,
		`update item_search set audience = 2 where community_id = (select id from community where slug = 'london')`, `update community set visibility = 'private' where slug = 'london'`} {
		w.do(sql)
	}
	w.Tell(t)
	var addresses []string
	for _, route := range routes(t, w.Handler) {
		pattern, ok := strings.CutPrefix(route, "GET ")
		if !ok || strings.Contains(pattern, "/look-around") || strings.Contains(pattern, "/mailbox") || strings.Contains(pattern, "/metrics") {
			continue
		}
		for _, p := range fill(pattern, func(name string) []string {
			switch name {
			case "city":
				return []string{"basel", "umbrella"}
			case "entry", "thread", "meeting":
				return []string{"1", "2"}
			case "format":
				return alternatives(pattern)
			}
			return nil
		}) {
			if strings.Contains(p, "{") {
				continue
			}
			addresses = append(addresses, p)
			if strings.HasSuffix(p, "/repertoire") {
				for _, q := range []string{"form=case", "topic=greenery", "evidence=used", "sort=used", "lang=en", "tag=a", "q=tree"} {
					addresses = append(addresses, p+"?"+q)
				}
			}
		}
	}
	if len(addresses) < 60 {
		t.Fatalf("only %d addresses", len(addresses))
	}
	readers := map[string]*webtest.Visitor{"stranger": w.Stranger(t), "elsewhere": w.as("eleni-markaki"), "member": w.as("urs-dettwiler")}
	look := func() map[string]string {
		seen := map[string]string{}
		for who, v := range readers {
			for _, address := range addresses {
				got := v.Get(address)
				if to := got.To(); got.Status == http.StatusMovedPermanently {
					got = v.Get(to)
				}
				seen[who+" "+address] = fmt.Sprint(got.Status) + moments.ReplaceAllString(plainly(got.Body, "nothing"), "")
			}
		}
		return seen
	}
	first := look() // marks as read what is read, and fills what is made when it is first wanted
	before := look()
	draft := w.learns("basel", "draft", "noemie-charlet", "")
	private := w.learns(secluded, "community", "rosalind-pike", "")
	hidden := w.learns(secluded, "draft", "rosalind-pike", "")
	open := &secret{city: "basel", entry: 1}
	for n, to := range []*secret{draft, private, hidden} {
		for _, relation := range []string{"adapted", "uses", "addresses", "related"} {
			if n%2 == 0 {
				w.relates(to, open, relation)
			} else {
				w.relates(open, to, relation)
			}
		}
		w.do(`update entry set endorsed_at = now(), endorsed_revision = 1, checked_at = now() where item_id = ` + entryOf(to))
	}
	after := look()
	for at, was := range before {
		if is := after[at]; is != was && first[at] == was {
			t.Errorf("%s changed: %s", at, firstDifference(was, is))
		}
	}
	if _, ok := before["stranger /c/basel/repertoire"]; !ok || !strings.HasPrefix(before["stranger /c/basel/repertoire"], strconv.Itoa(http.StatusOK)) || !figures.MatchString(before["stranger /"]) {
		t.Error("the list of a community was not looked at")
	}
}

// alternatives are those of the only placeholder that has some: "json" and "csv" of {format:json|csv}.
func alternatives(pattern string) []string {
	for _, m := range regexp.MustCompile(`\{\w+:([a-z.\\|]+)\}`).FindAllStringSubmatch(pattern, -1) {
		return strings.Split(strings.ReplaceAll(m[1], `\`, ""), "|")
	}
	return []string{"json", "csv"}
}

// anyOther fills what rooms name beside an entry, and formats, whichever a list is to be had in.
func (w *town) anyOther(paths []string) (all []string) {
	for _, p := range paths {
		all = append(all, fill(p, func(name string) []string {
			switch name {
			case "format":
				return alternatives(p)
			case "passage", "theme", "collection", "topic", "key", "other", "form":
				return []string{"1", "greenery", "999"}
			}
			return nil
		})...)
	}
	return all
}
