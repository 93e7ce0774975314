package parting_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/parting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme/demo"
)

// meets has somebody take part in everything that belongs to meetings, marked: at a past meeting, at a coming one and in a register.
func meets(t *testing.T, tx pgx.Tx, handle string) {
	t.Helper()
	fill := strings.NewReplacer("{me}", "(select id from account where handle = '"+handle+"')", "{mark}", "mark-"+handle, "{basel}", "(select id from community where slug = 'basel')",
		"{past}", "(select id from item where title = 'mark-"+handle+" past')", "{coming}", "(select id from item where title = 'mark-"+handle+" coming')", "{text}", "'mark-"+handle+" ", "{handle}", handle,
		"{link}", "<a href=\"/c/basel/members/' || (select number from membership where account_id = (select id from account where handle = '"+handle+"') and community_id = (select id from community where slug = 'basel')) || '\" class=\"mention\">@Somebody</a>")
	const made = `insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at, updated_by)
		select {basel}, k, 2000 + (select count(*) from item), '{mark} ' || n, 'en', {me}, 2, now(), now(), now(), {me} from (values %s) v (k, n)`
	sql := []string{
		fmt.Sprintf(made, "('meeting', 'past')"), fmt.Sprintf(made, "('meeting', 'coming')"), fmt.Sprintf(made, "('decision', 'decision')"), fmt.Sprintf(made, "('action', 'action')"),
		`insert into item_text select id, '', '', 1 from item where title like '{mark} %' and kind in ('meeting', 'decision', 'action') on conflict do nothing`,
		`insert into item_search (item_id, community_id, audience, kind, lang, at, search) select id, community_id, audience, kind, lang, now(), '' from item where title like '{mark} %' and kind in ('meeting', 'decision', 'action')`,
		`insert into meeting (item_id, community_id, form, state, state_at, opens_to, starts_at, ends_at, zone, minutes_state, approved_by) select {past}, {basel}, 'regular', 'closed', now(), 2, now() - interval '9 days', now() - interval '8 days', 'Europe/Zurich', 'approved', {me}`,
		`insert into meeting (item_id, community_id, form, state, state_at, opens_to, starts_at, ends_at, zone) select {coming}, {basel}, 'regular', 'published', now(), 2, now() + interval '9 days', now() + interval '10 days', 'Europe/Zurich'`,
		`insert into meeting_series (community_id, rule, zone, created_by, created_at) values ({basel}, {text}rule', 'Europe/Zurich', {me}, now())`,
		`insert into meeting_role values ({basel}, {past}, 'notes', {me})`,
		`insert into meeting_guest (community_id, meeting_id, name, email, email_key, organisation, lang, invited_by, invited_at) values ({basel}, {past}, {text}guest', '{mark}-secret@example.net', '{mark}-secret@example.net', 'Elsewhere', 'en', {me}, now())`,
		`insert into meeting_guest (community_id, meeting_id, name, email, email_key, organisation, perspective, lang, invited_at) select {basel}, {coming}, {text}own guest', email, email_key, {text}firm', 'scientist', 'en', now() from account where id = {me}`,
		`insert into date_option overriding user value select (jsonb_populate_record(null::date_option, jsonb_build_object('community_id', {basel}, 'meeting_id', {past}, 'starts_at', now(), 'ends_at', now() + interval '1 hour',
			'place', {text}option', 'online', false, 'chosen', false, 'added_at', now()))).*`,
		`insert into date_voice (community_id, meeting_id, account_id, note, at) values ({basel}, {past}, {me}, {text}voice', now())`,
		`insert into date_answer select {past}, v.id, o.id, 'if-need-be' from date_voice v, date_option o where v.meeting_id = {past} and o.meeting_id = {past}`,
		`insert into rsvp (community_id, meeting_id, account_id, answer, note, at) values ({basel}, {past}, {me}, 'in-person', {text}came', now()), ({basel}, {coming}, {me}, 'online', {text}comes', now())`,
		`insert into attendance (community_id, meeting_id, account_id, perspective, organisation, way, by_id, at) values ({basel}, {past}, {me}, 'stakeholder', {text}office', 'in-person', {me}, now())`,
		`insert into attendance (community_id, meeting_id, guest_id, perspective, organisation, way, at) select {basel}, {coming}, id, perspective, organisation, 'online', now() from meeting_guest where name = {text}own guest'`,
		`insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, body, html, lead_id, proposed_by, proposed_at, settled_by) values ({basel}, {past}, 1, 'accepted', 'decision', {text}point', 'en', {text}matter, ask @{handle}', '<p>ask {link}</p>', {me}, {me}, now(), {me})`,
		`insert into meeting_question (community_id, meeting_id, account_id, body, lang, at) values ({basel}, {past}, {me}, {text}question', 'en', now())`,
		`insert into minute (community_id, meeting_id, body, html, renderer, revision, by_id, at) values ({basel}, {past}, {text}minutes by @{handle}', '<p>minutes by {link}, not @{handle}-2</p>', 1, 2, {me}, now())`,
		`insert into minute_revision select id, 1, {text}first minutes by @{handle}', {me}, now() from minute where meeting_id = {past}`,
		`insert into minute_addendum (community_id, meeting_id, n, body, html, renderer, lang, by_id, at) values ({basel}, {past}, 1, {text}addendum', '', 1, 'en', {me}, now())`,
		`insert into minute_correction (community_id, meeting_id, account_id, body, lang, at, settled_by) values ({basel}, {past}, {me}, {text}correction', 'en', now(), {me})`,
		`insert into minute_line (community_id, meeting_id, n, form, body, lang, speaker_id, by_id, at) values ({basel}, {past}, 1, 'said', {text}line', 'en', {me}, {me}, now())`,
		`insert into minute_line (community_id, meeting_id, n, form, body, lang, owner_names, at) values ({basel}, {past}, 2, 'todo', {text}todo', 'en', 'Ms Guest', now())`,
		`insert into minute_line_owner select id, {me} from minute_line where body = {text}todo'`,
		`insert into decision (item_id, community_id, meeting_id, why, why_html, decided_on) select id, {basel}, {past}, {text}why', '<p>{link}</p>', current_date from item where title = {text}decision'`,
		`insert into action (item_id, community_id, meeting_id, state_at, state_by, owner_names) select id, {basel}, {past}, now(), {me}, 'Ms Guest' from item where title = {text}action'`,
		`insert into action_owner select item_id, {me} from action where meeting_id = {past}`,
		`insert into meeting_letter (meeting_id, letter, edition, account_id, at) values ({past}, 'minutes', 77, {me}, now())`,
		`insert into mail_off values ({me}, {basel}, 'meetings', now())`,
		`insert into feed_token values ({me}, sha256('{mark}'), now())`,
		`insert into pass (token_hash, purpose, community_id, meeting_id, account_id, created_at, expires_at) values (sha256('{mark}'), 'meeting', {basel}, {past}, {me}, now(), now())`,
	}
	for _, one := range sql {
		if _, err := tx.Exec(t.Context(), fill.Replace(one)); err != nil {
			t.Fatalf("%s: %v", fill.Replace(one), err)
		}
	}
}

type taken map[string]string

func (t taken) File(name string, content []byte) error { t[name] = string(content); return nil }

func town(t *testing.T, handles ...string) (pgx.Tx, []account.Account) {
	t.Helper()
	tx := testdb.Tx(t)
	if err := demo.Load(t.Context(), tx, time.Now()); err != nil {
		t.Fatal(err)
	}
	var all []account.Account
	for _, handle := range handles {
		a := account.Account{Handle: handle}
		if err := tx.QueryRow(t.Context(), `select id, name, email, lang from account where handle = $1`, handle).Scan(&a.ID, &a.Name, &a.Email, &a.Lang); err != nil {
			t.Fatal(err)
		}
		meets(t, tx, handle)
		all = append(all, a)
	}
	return tx, all
}

func TestWhatSomebodyDidAtMeetingsIsTakenAlongAndNothingElse(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler", "silvan-oesch")
	for n, me := range people {
		files := taken{}
		if err := parting.NewStore(tx, time.Now).Take(t.Context(), me.ID, files); err != nil {
			t.Fatal(err)
		}
		mark := "mark-" + me.Handle
		for file, word := range map[string]string{"date-answers.json": "voice", "answers.json": "comes", "attendance.json": "office", "points-proposed.json": "matter", "points-led.json": "point", "questions.json": "question",
			"minutes-added.json": "addendum", "minutes-corrected.json": "correction", "lines.json": "line", "decisions.json": "why", "actions.json": "action", "series.json": "rule", "guests-invited.json": "guest", "guest.json": "firm"} {
			if !strings.Contains(files[file], mark+" "+word) {
				t.Errorf("%s: %q is missing in %s", me.Handle, word, files[file])
			}
		}
		for file, word := range map[string]string{"date-answers.json": "if-need-be", "meeting-roles.json": `"notes"`, "minutes-written.json": `"revision": 1`, "lines.json": mark + " todo", "meeting-letters.json": "77", "letters-off.json": "basel", "calendar.json": "created_at", "links.json": "basel", "actions.json": `"owned": true`} {
			if !strings.Contains(files[file], word) {
				t.Errorf("%s: %q is missing in %s", me.Handle, word, files[file])
			}
		}
		for file, content := range files {
			for _, strange := range []string{"mark-" + people[1-n].Handle, "secret@", people[1-n].Email} {
				if strings.Contains(content, strange) {
					t.Errorf("%s takes %q along in %s", me.Handle, strange, file)
				}
			}
			if strings.Contains(content, mark+" minutes") {
				t.Errorf("minutes are not one person's: %s", file)
			}
		}
	}
}

func TestLinesOfMinutesInDraftAreTakenByWhoWroteThemOnly(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler")
	for _, sql := range []string{`update meeting set minutes_state = 'draft' where minutes_state <> 'none'`, `update minute_line set by_id = null`} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	files := taken{}
	if err := parting.NewStore(tx, time.Now).Take(t.Context(), people[0].ID, files); err != nil || files["lines.json"] != "[]\n" {
		t.Errorf("got %s, %v", files["lines.json"], err)
	}
}

func TestMinutesStayTrueWhenSomebodyLeaves(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler", "silvan-oesch")
	if err := parting.NewStore(tx, time.Now).Leave(t.Context(), people[0], parting.Leaving{Email: people[0].Email, Remove: true}); err != nil {
		t.Fatal(err)
	}
	role, mark := text(t, tx, `select name from account where id = $1`, people[0].ID), "mark-urs-dettwiler"
	if !strings.HasPrefix(role, "a member") {
		t.Fatalf("called %q", role)
	}
	for sql, want := range map[string]string{
		`select string_agg(perspective || ' ' || organisation, ', ' order by way) from attendance where organisation like $1 || '%'`:                      "stakeholder mark-urs-dettwiler office, scientist mark-urs-dettwiler firm",
		`select owner_names from action x join item i on i.id = x.item_id where i.title = $1 || ' action'`:                                                "Ms Guest; " + role,
		`select owner_names from minute_line where body = $1 || ' todo'`:                                                                                  "Ms Guest; " + role,
		`select speaker_name from minute_line where body = $1 || ' line'`:                                                                                 role,
		`select lead_name from agenda_point where title = $1 || ' point'`:                                                                                 role,
		`select title from agenda_point where title = $1 || ' point'`:                                                                                     mark + " point",
		`select body from meeting_question where body = $1 || ' question'`:                                                                                mark + " question",
		`select body from minute_correction where body = $1 || ' correction'`:                                                                             mark + " correction",
		`select string_agg(title, ', ' order by id) from item where title like $1 || '%' and removed_at is null`:                                          mark + " past, " + mark + " coming, " + mark + " decision, " + mark + " action",
		`select count(*)::text from meeting_guest where name = $1 || ' own guest'`:                                                                        "0",
		`select count(*)::text from meeting_guest where name = $1 || ' guest'`:                                                                            "1",
		`select count(*)::text from rsvp where note like $1 || '%'`:                                                                                       "0",
		`select count(*)::text from rsvp r where $1 <> '' and r.note like 'mark-silvan-oesch %'`:                                                          "2",
		`select count(*)::text from date_answer a join date_voice v on v.id = a.voice_id where v.note like 'mark-%' and v.note not like $1 || '%'`:        "1",
		`select replace(html, h.handle, 'H') from minute, (select handle from account where handle like 'former-%') h where body like $1 || '%'`:          "<p>minutes by @H, not @urs-dettwiler-2</p>",
		`select replace(body, h.handle, 'H') from minute, (select handle from account where handle like 'former-%') h where body like $1 || '%'`:          mark + " minutes by @H",
		`select replace(html, h.handle, 'H') from agenda_point, (select handle from account where handle like 'former-%') h where title = $1 || ' point'`: "<p>ask @H</p>",
		`select replace(why_html, h.handle, 'H') from decision, (select handle from account where handle like 'former-%') h where why like $1 || '%'`:     "<p>@H</p>",
	} {
		if got := text(t, tx, sql, mark); got != want {
			t.Errorf("%s:\n got %q\nwant %q", sql, got, want)
		}
	}
	for title, words := range map[string]string{" action": "guest & member", " past": "addendum"} {
		if text(t, tx, `select search @@ to_tsquery('public.k_en', $2) from item_search s join item i on i.id = s.item_id where i.title = $1`, mark+title, words) != "true" {
			t.Errorf("%s is not found by %s", title, words)
		}
	}
}

func text(t *testing.T, tx pgx.Tx, sql string, args ...any) string {
	t.Helper()
	var got string
	if err := tx.QueryRow(context.WithoutCancel(t.Context()), `select x::text from (`+sql+`) q (x)`, args...).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}
