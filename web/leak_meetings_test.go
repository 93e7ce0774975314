package web_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// partsOf a meeting that not everybody may read who may read the meeting: who reads what, once more in plain words.
var partsOf = map[string]func(r reader, x secret) bool{
	"online link":        func(r reader, x secret) bool { return r.keeps(x) || r.comes(x) },
	"note of an answer":  func(r reader, x secret) bool { return r.keeps(x) || r.comes(x) },
	"proposal":           reader.inside,
	"question":           reader.inside,
	"answer to a poll":   reader.inside,
	"correction":         func(r reader, x secret) bool { return r.keeps(x) || r.handle == casts[x.city].member },
	"guest":              reader.inside,
	"address of a guest": reader.coordinates,
	"minutes in draft":   reader.keeps,
}

// inside reports whether the reader belongs to the community of x.
func (r reader) inside(x secret) bool { return r.roles[x.city] != "" || r.admin }

func (r reader) coordinates(x secret) bool { return r.roles[x.city] == "coordinator" || r.admin }

// keeps reports whether the reader keeps the minutes of meeting x: the coordinators do, and whoever takes notes there.
func (r reader) keeps(x secret) bool {
	return r.coordinates(x) || x.notes != "" && x.notes == r.handle && r.inside(x)
}

// comes reports whether the reader said yes to meeting x.
func (r reader) comes(x secret) bool { return x.comes != "" && x.comes == r.handle }

var meetingAt = regexp.MustCompile(`/(?:meetings|decisions|actions)/(\d+)`)

// cast is who does what at the meetings of a city.
type cast struct{ city, coordinator, member, notes, comes string }

var casts = map[string]cast{
	"basel":  {"basel", "jonas-wirz", "regula-ammann", "lea-straumann", "urs-dettwiler"},
	secluded: {secluded, "gareth-holloway", "rosalind-pike", "", "tom-achterberg"},
}

// plans a meeting in draft, for an audience once it is published: a secret with the words of its first page.
func (w *town) plans(c cast, what, audience string) (x *secret, online *secret) {
	w.t.Helper()
	x = &secret{what: what, kind: "meeting", city: c.city, audience: audience, author: c.coordinator}
	online = &secret{part: "online link"}
	x.title = w.with(x)
	opens := audience
	if audience == "draft" {
		opens = "community"
	}
	at := w.as(c.coordinator).Post("/c/"+c.city+"/meetings/new", "request", uuid.NewString(), "title", x.title, "body", w.with(x)+" "+everybody, "lang", "en", "form", "workshop", "audience", opens,
		"day", "2098-03-05", "from", "14:00", "until", "16:00", "zone", "Europe/Zurich", "place", w.with(x), "address", w.with(x), "access_note", w.with(x), "online", "yes", "online_url", "https://meet.example.org/"+w.with(online)).Sees(w.t, 303).To()
	x.number = number(w.t, meetingAt, at, 1)
	x.href = fmt.Sprintf(`href="/c/%s/meetings/%d"`, c.city, x.number)
	w.secrets = append(w.secrets, x)
	w.about(x, online, "")
	return x, online
}

// about adds a part of meeting x; page is the route that shows it, where it is not the meeting's first page.
func (w *town) about(x, part *secret, page string) *secret {
	part.what, part.kind, part.city, part.audience, part.author, part.notes, part.comes, part.gone = part.part+" of "+x.what, x.kind, x.city, x.audience, x.author, x.notes, x.comes, x.gone
	part.at, part.page = x.number, page
	w.secrets = append(w.secrets, part)
	return part
}

// tells writes a part of meeting x by a statement in which $1 is the meeting, $2 its community and $3 and $4 new words.
func (w *town) tells(x *secret, part, page string, sql ...string) *secret {
	w.t.Helper()
	p := w.about(x, &secret{part: part}, page)
	member := casts[x.city].member
	if x.audience == "draft" {
		member = x.author // nobody else could
	}
	words := strings.NewReplacer("{m}", fmt.Sprintf("(select i.id from item i join community c on c.id = i.community_id where c.slug = '%s' and i.kind = 'meeting' and i.number = %d)", x.city, x.number),
		"{c}", "(select id from community where slug = '"+x.city+"')", "{member}", "(select id from account where handle = '"+member+"')", "{comes}", "(select id from account where handle = '"+x.comes+"')",
		"{notes}", "(select id from account where handle = '"+x.notes+"')")
	for _, one := range sql {
		one = words.Replace(one)
		for strings.Contains(one, "{word}") {
			one = strings.Replace(one, "{word}", w.with(p), 1)
		}
		w.do(one)
	}
	return p
}

const (
	meetingPage = "/c/{city}/meetings/{meeting}"
	point       = `insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, body, html, proposed_by, lead_name, proposed_at) values `
)

// prepares what belongs to a meeting before it: agenda, proposals, questions, answers, guests.
func (w *town) prepares(x, online *secret) {
	w.t.Helper()
	x.notes, x.comes = casts[x.city].notes, casts[x.city].comes
	online.notes, online.comes = x.notes, x.comes
	if x.notes != "" {
		w.do(`insert into meeting_role (community_id, meeting_id, role, account_id) select i.community_id, i.id, 'notes', a.id from item i join community c on c.id = i.community_id, account a
			where c.slug = $1 and i.kind = 'meeting' and i.number = $2 and a.handle = $3`, x.city, x.number, x.notes)
	}
	w.tells(x, "", meetingPage+"/agenda", point+`({c}, {m}, 1, 'accepted', 'discussion', '{word}', 'en', '{word}', '', {member}, '', now())`, `update agenda_point set html = '<p>' || body || '</p>' where html = '' and body <> ''`)
	w.tells(x, "proposal", meetingPage+"/agenda", point+`({c}, {m}, null, 'proposed', 'discussion', '{word}', 'en', '', '', {member}, '{word}', now())`)
	w.tells(x, "question", meetingPage+"/agenda", `insert into meeting_question (community_id, meeting_id, account_id, body, lang, at) values ({c}, {m}, {member}, '{word}', 'en', now())`)
	w.tells(x, "note of an answer", meetingPage+"/answers", `insert into rsvp (community_id, meeting_id, account_id, answer, note, at) values ({c}, {m}, {comes}, 'online', '{word}', now())`)
	w.tells(x, "guest", meetingPage+"/answers", `insert into meeting_guest (community_id, meeting_id, name, organisation, lang, invited_by, invited_at) values ({c}, {m}, '{word}', '{word}', 'en', {member}, now())`,
		`insert into rsvp (community_id, meeting_id, guest_id, answer, at) select community_id, meeting_id, id, 'in-person', now() from meeting_guest where meeting_id = {m}`)
	w.tells(x, "address of a guest", meetingPage+"/guests", `update meeting_guest set email = '{word}@example.net' where meeting_id = {m}`, `update meeting_guest set email_key = email where meeting_id = {m}`)
}

// seeks a date by a poll.
func (w *town) seeks(x *secret) {
	w.t.Helper()
	w.do(`update meeting m set state = 'finding', starts_at = null, ends_at = null, poll_until = '2097-01-01' from item i join community c on c.id = i.community_id where i.id = m.item_id and c.slug = $1 and i.number = $2`, x.city, x.number)
	w.tells(x, "", meetingPage+"/dates", `insert into date_option overriding user value select (jsonb_populate_record(null::date_option, jsonb_build_object('community_id', {c}, 'meeting_id', {m}, 'starts_at', '2098-01-01T12:00Z', 'ends_at', '2098-01-01T13:00Z',
		'place', '{word}', 'online', false, 'chosen', false, 'added_at', now()))).*`)
	w.tells(x, "answer to a poll", meetingPage+"/dates", `insert into date_voice (community_id, meeting_id, account_id, note, at) values ({c}, {m}, {member}, '{word}', now())`,
		`insert into date_answer (meeting_id, voice_id, option_id, answer) select v.meeting_id, v.id, o.id, 'yes' from date_voice v join date_option o on o.meeting_id = v.meeting_id where v.meeting_id = {m}`)
}

// held meetings have minutes in some state.
func (w *town) records(x *secret, state string) {
	w.t.Helper()
	part := ""
	if state == "draft" {
		part = "minutes in draft"
	}
	w.do(`update meeting m set state = case when $3 = 'approved' then 'closed' else 'held' end, starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour', minutes_state = $3, corrections_until = '2097-01-01'
		from item i join community c on c.id = i.community_id where i.id = m.item_id and c.slug = $1 and i.number = $2`, x.city, x.number, state)
	w.tells(x, part, meetingPage+"/minutes", `insert into minute (community_id, meeting_id, body, html, renderer, by_id, at) values ({c}, {m}, '{word}', '', 1, {member}, now())`, `update minute set html = '<p>' || body || '</p>'`)
	w.tells(x, part, meetingPage+"/minutes", `insert into minute_line (community_id, meeting_id, n, form, body, lang, speaker_name, at) values ({c}, {m}, 1, 'said', '{word}', 'en', '{word}', now())`)
	if state == "open" {
		w.tells(x, "correction", meetingPage+"/minutes", `insert into minute_correction (community_id, meeting_id, account_id, body, lang, at) values ({c}, {m}, {member}, '{word}', 'en', now())`)
	}
}

// settles a decision and an action by hand, and says that they came of meeting from (nil: of none).
func (w *town) settles(c cast, audience string, from *secret) {
	w.t.Helper()
	what := "of no meeting"
	if from != nil {
		what = "of " + from.what + " for " + from.audience
	}
	d := &secret{what: "decision " + what, kind: "decision", city: c.city, audience: audience, author: c.coordinator}
	d.title = w.with(d)
	at := w.as(c.coordinator).Post("/c/"+c.city+"/decisions/new", "request", uuid.NewString(), "text", d.title, "why", w.with(d), "rejected", w.with(d), "who", w.with(d), "on", "2026-01-05", "lang", "en", "audience", audience).Sees(w.t, 303).To()
	d.number = number(w.t, meetingAt, at, 1)
	a := &secret{what: "action " + what, kind: "action", city: c.city, audience: audience, author: c.coordinator}
	a.title = w.with(a)
	at = w.as(c.coordinator).Post("/c/"+c.city+"/actions/new", "request", uuid.NewString(), "text", a.title, "owners", w.with(a), "due", "2098-01-05", "lang", "en", "audience", audience).Sees(w.t, 303).To()
	a.number = number(w.t, meetingAt, at, 1)
	w.secrets = append(w.secrets, d, a)
	if from == nil {
		return
	}
	for _, x := range []*secret{d, a} {
		w.do(`with made as (update `+x.kind+` s set meeting_id = m.id from item i join community c on c.id = i.community_id join item m on m.community_id = c.id and m.kind = 'meeting' and m.number = $3
			where i.id = s.item_id and c.slug = $1 and i.number = $2 returning i.id, m.id as meeting)
			insert into item_link (from_id, to_id, to_part, relation, quote, at) select id, meeting, 'line-1', 'from', $4, now() from made`, x.city, x.number, from.number, x.title)
	}
}

// meetings are everything that meetings bring, for every audience, in both cities.
func (w *town) meetings() {
	w.t.Helper()
	basel := casts["basel"]
	for _, audience := range []string{"public", "programme", "community"} {
		w.gathers(basel, audience)
	}
	w.gathers(casts[secluded], "community")
	for _, c := range casts {
		hidden, link := w.plans(c, "meeting", "draft")
		w.prepares(hidden, link)
		audience := "public"
		if c.city == secluded {
			audience = "community"
		}
		w.settles(c, audience, hidden)
	}
	inside, _ := w.plans(basel, "meeting", "community")
	w.shows(inside)
	w.settles(basel, "public", inside)
	gone, link := w.plans(basel, "removed meeting", "public")
	w.shows(gone)
	gone.gone, link.gone = true, true
	w.do(`update item i set removed_at = now() from community c where c.id = i.community_id and c.slug = 'basel' and i.kind = 'meeting' and i.number = $1`, gone.number)
	w.do(`insert into meeting_series (community_id, rule, zone, created_at) select id, 'RRULE:FREQ=WEEKLY;COUNT=2', 'Europe/Zurich', now() from community where slug in ('basel', 'london')`)
	w.do(`update meeting m set series_id = s.id from meeting_series s where s.community_id = m.community_id`)
}

func (w *town) shows(x *secret) {
	w.t.Helper()
	w.as(x.author).Post(fmt.Sprintf("/c/%s/meetings/%d/publish", x.city, x.number)).Sees(w.t, 303)
}

func (w *town) gathers(c cast, audience string) {
	w.t.Helper()
	coming, link := w.plans(c, "meeting", audience)
	w.shows(coming)
	w.prepares(coming, link)
	sought, _ := w.plans(c, "meeting without a date", audience)
	w.shows(sought)
	w.seeks(sought)
	for _, minutes := range []string{"draft", "open", "approved"} {
		if minutes == "open" && audience == "programme" {
			continue
		}
		held, link := w.plans(c, "meeting with minutes "+minutes, audience)
		w.shows(held)
		w.prepares(held, link)
		w.records(held, minutes)
		if minutes == "approved" {
			w.settles(c, audience, held)
		}
	}
	off, _ := w.plans(c, "meeting called off", audience)
	w.shows(off)
	w.as(c.coordinator).Post(fmt.Sprintf("/c/%s/meetings/%d/call-off", c.city, off.number), "reason", w.with(off)).Sees(w.t, 303)
	w.settles(c, audience, nil)
}

var placeholder = regexp.MustCompile(`\{(\w+)(?::[^}]*)?\}`)

// within are the tables whose rows an address of a meeting may name.
var within = map[string]string{"option": "date_option", "guest": "meeting_guest", "point": "agenda_point", "question": "meeting_question", "correction": "minute_correction"}

// ids of what belongs to a meeting, or (0) to no meeting of the city.
func (w *town) ids(name, city string, meeting int) []string {
	w.t.Helper()
	key, table := "t.id", within[name]
	if name == "line" {
		key, table = "t.n", "minute_line"
	}
	if table == "" {
		return nil
	}
	rows, err := w.DB.Query(w.t.Context(), `select `+key+`::text from `+table+` t join community c on c.id = t.community_id left join item i on i.id = t.meeting_id where c.slug = $1 and coalesce(i.number, 0) = $2 order by 1`, city, meeting)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	all := []string{"999999"}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, id)
	}
	return all
}

// fill gives the addresses of a pattern with each placeholder replaced by each of its values; one without values is left alone.
func fill(pattern string, values func(name string) []string) []string {
	paths := []string{pattern}
	for _, m := range placeholder.FindAllStringSubmatch(pattern, -1) {
		all := values(m[1])
		if all == nil {
			continue
		}
		var next []string
		for _, p := range paths {
			for _, v := range all {
				next = append(next, strings.Replace(p, m[0], v, 1))
			}
		}
		paths = next
	}
	return paths
}

// ofMeetings are the addresses about each meeting, decision and action that there is.
func (w *town) ofMeetings(pattern string, about map[string]secret) (paths []string) {
	w.t.Helper()
	for _, x := range w.secrets {
		if x.number == 0 || !strings.Contains(pattern, "/"+x.kind+"s/") {
			continue
		}
		for _, p := range fill(pattern, func(name string) []string {
			switch name {
			case "city":
				return []string{x.city}
			case "meeting", "number":
				return []string{strconv.Itoa(x.number)}
			}
			return w.ids(name, x.city, x.number)
		}) {
			paths = append(paths, p)
			about[p] = *x
		}
	}
	return paths
}

// ofOthers are addresses below the meetings that name something else by its id: a series, a point of the backlog.
func (w *town) ofOthers(pattern string, cities []string) (paths []string) {
	w.t.Helper()
	for _, city := range cities {
		paths = append(paths, fill(pattern, func(name string) []string {
			switch name {
			case "city":
				return []string{city}
			case "series":
				return []string{"1", "2", "3", "999999"}
			case "format":
				return nil
			}
			return w.ids(name, city, 0)
		})...)
	}
	return paths
}

// there reports whether some page of the site shows the secret: the pages of a part may not be built.
func (w *town) there(x *secret, all []string) bool {
	return x.page == "" || slices.Contains(all, "GET "+x.page)
}
