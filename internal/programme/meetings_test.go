package programme_test

import (
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme"
)

// meetings gives Basel meetings with at least one row in every table about them. Their texts are rendered by an import.
func meetings(t testing.TB, db postgres.DB) {
	t.Helper()
	const basel, regula, meeting = `(select id from community where slug = 'basel')`, `(select id from account where handle = 'regula-ammann')`, `(select id from item where title = 'Shade & streets')`
	const point = `(select id from agenda_point where title = 'Where to plant')`
	item := func(kind, title, audience string) string {
		return `with n as (insert into counter (community_id, series, n) values (` + basel + `, '` + kind + `', 1) on conflict (community_id, series) do update set n = counter.n + 1 returning n),
			i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) select ` + basel + `, '` + kind + `', n, '` + title + `', 'en', ` + regula + `, ` + audience + `, '2016-05-01', '2016-05-01', '2016-05-01' from n returning id)
			insert into item_text select id, 'About **` + title + `**.', '', 0 from i`
	}
	run(t, db, item("meeting", "Shade & streets", "2"), item("meeting", "Another day", "2"), item("decision", "Plant first", "2"), item("decision", "Plant later", "2"), item("action", "Count the trees", "2"),
		`insert into meeting_series (community_id, rule, zone, created_by, created_at) values (`+basel+`, E'DTSTART;TZID=Europe/Zurich:20160401T100000\nRRULE:FREQ=WEEKLY;COUNT=3', 'Europe/Zurich', `+regula+`, '2016-04-01')`,
		`insert into meeting (item_id, community_id, form, state, state_at, opens_to, starts_at, ends_at, zone, place, address, map_url, access_note, online, online_url, capacity, answers_until, uid, sequence, series_id, poll_until, poll_closed_at, minutes_state, opened_at, corrections_until, approved_at, approved_by)
			select `+meeting+`, `+basel+`, 'workshop', 'closed', '2016-05-12', 2, '2016-05-10 08:00', '2016-05-10 10:00', 'Europe/Zurich', 'Town hall', E'Square 1\nBasel', 'https://maps.example.org/1', 'Lift', true, 'https://meet.example.org/1', 30, '2016-05-09', 'c2a9f2b6-98a8-4a0c-8d1f-3f6f7c0d9b11', 2, max(s.id), '2016-05-02', '2016-05-03', 'approved', '2016-05-11', '2016-05-20', '2016-05-21', `+regula+` from meeting_series s`,
		`insert into meeting (item_id, community_id, form, state, state_at, opens_to, zone, called_off_reason) select id, community_id, 'online', 'called-off', '2016-05-12', 0, 'Europe/Athens', 'Rain' from item where title = 'Another day'`,
		`insert into meeting_role select `+basel+`, `+meeting+`, r, `+regula+` from unnest(array['chair', 'notes']) r`,
		`insert into meeting_guest (community_id, meeting_id, name, email, email_key, organisation, perspective, lang, mail, invited_by, invited_at) values (`+basel+`, `+meeting+`, 'A Guest', 'Guest@Example.org', 'guest@example.org', 'Trams', 'stakeholder', 'de', false, `+regula+`, '2016-05-01'),
			(`+basel+`, `+meeting+`, 'Walked in', '', '', '', '', 'en', true, null, '2016-05-10')`,
		`insert into date_option (community_id, meeting_id, starts_at, ends_at, place, online, chosen, added_at) values (`+basel+`, `+meeting+`, '2016-05-10 08:00', '2016-05-10 10:00', '', false, true, '2016-04-30'), (`+basel+`, `+meeting+`, '2016-05-11 08:00', '2016-05-11 10:00', 'Here', true, false, '2016-05-01')`,
		`insert into date_voice (community_id, meeting_id, account_id, note, at) values (`+basel+`, `+meeting+`, `+regula+`, 'Rather the first', '2016-05-01')`,
		`insert into date_voice (community_id, meeting_id, guest_id, at) select community_id, meeting_id, id, '2016-05-01' from meeting_guest where name = 'A Guest'`,
		`insert into date_answer select v.meeting_id, v.id, o.id, case when o.chosen then 'yes' when v.guest_id is null then 'if-need-be' else 'no' end from date_voice v join date_option o on o.meeting_id = v.meeting_id where v.meeting_id = `+meeting,
		`insert into rsvp (community_id, meeting_id, account_id, answer, note, at) values (`+basel+`, `+meeting+`, `+regula+`, 'online', 'Late', '2016-05-04')`,
		`insert into attendance (community_id, meeting_id, account_id, perspective, organisation, way, by_id, at) values (`+basel+`, `+meeting+`, `+regula+`, 'stakeholder', 'Planning', 'in-person', `+regula+`, '2016-05-10'), (`+basel+`, `+meeting+`, null, 'scientist', '', 'online', null, '2016-05-10')`,
		`insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, body, minutes, lead_id, lead_name, proposed_by, proposed_at, settled_by, settled_at, revision) values
			(`+basel+`, `+meeting+`, 1, 'accepted', 'decision', 'Where to plant', 'en', 'See T-1.', 20, `+regula+`, '', `+regula+`, '2016-05-01', `+regula+`, '2016-05-02', 2), (`+basel+`, `+meeting+`, null, 'declined', 'poster', 'Kites', 'en', '', 0, null, 'Somebody', null, '2016-05-01', null, null, 1)`,
		`insert into agenda_point (community_id, state, form, title, lang, proposed_at, reason, carried_from) select community_id, 'later', 'help', 'Next time', 'de', '2016-05-11', 'No time', id from agenda_point where title = 'Where to plant'`,
		`insert into meeting_question (community_id, meeting_id, point_id, account_id, body, lang, at, done_at) values (`+basel+`, `+meeting+`, `+point+`, `+regula+`, 'Which trees?', 'en', '2016-05-05', '2016-05-10')`,
		`insert into minute (community_id, meeting_id, point_id, body, html, renderer, revision, by_id, at) values (`+basel+`, `+meeting+`, null, 'We began.', '', 0, 1, `+regula+`, '2016-05-10'), (`+basel+`, `+meeting+`, `+point+`, E'@regula-ammann spoke.\n---', '', 0, 3, `+regula+`, '2016-05-10')`,
		`insert into minute_revision select id, n, 'Earlier ' || n, `+regula+`, '2016-05-10' from minute, generate_series(1, 2) n where body like '%spoke%'`,
		`insert into decision (item_id, community_id, meeting_id, point_id, why, rejected, who, decided_on, review_on) select id, community_id, `+meeting+`, `+point+`, 'Because of T-1', 'Nothing', 'All', '2016-05-10', '2016-11-01' from item where title = 'Plant first'`,
		`insert into decision (item_id, community_id, decided_on) select id, community_id, '2016-05-20' from item where title = 'Plant later'`,
		`update decision set superseded_by = (select id from item where title = 'Plant later') where item_id = (select id from item where title = 'Plant first')`,
		`insert into action (item_id, community_id, meeting_id, point_id, due, owner_names, state, state_at, state_by, reason) select id, community_id, `+meeting+`, `+point+`, '2016-06-10', 'The trams', 'dropped', '2016-05-20', `+regula+`, 'Too many' from item where title = 'Count the trees'`,
		`insert into action_owner select id, `+regula+` from item where title = 'Count the trees'`,
		`insert into minute_line (community_id, meeting_id, point_id, n, form, body, lang, speaker_id, speaker_name, why, rejected, due, review_on, owner_names, item_id, revision, by_id, at, removed_at)
			select `+basel+`, `+meeting+`, `+point+`, 1, 'decided', 'Plant first', 'en', `+regula+`, 'or so', 'why', 'no', null, '2016-11-01', '', id, 2, `+regula+`, '2016-05-10', null from item where title = 'Plant first'`,
		`insert into minute_line (community_id, meeting_id, n, form, body, lang, due, owner_names, at, removed_at) values (`+basel+`, `+meeting+`, 2, 'todo', 'Gone', 'de', '2016-06-01', 'They', '2016-05-10', '2016-05-11')`,
		`insert into minute_line_owner select id, `+regula+` from minute_line where n = 2 and meeting_id = `+meeting,
		`insert into minute_correction (community_id, meeting_id, point_id, account_id, body, lang, at, state, answer, settled_by, settled_at) values (`+basel+`, `+meeting+`, `+point+`, `+regula+`, 'It was noon', 'en', '2016-05-12', 'taken', 'Yes', `+regula+`, '2016-05-13')`,
		`insert into minute_addendum (community_id, meeting_id, n, body, html, renderer, lang, by_id, at) values (`+basel+`, `+meeting+`, 1, 'Also **this**.', '', 0, 'en', `+regula+`, '2016-05-30')`,
		`insert into item_link (from_id, from_part, to_id, to_part, relation, quote, at) select `+meeting+`, 'point-' || `+point+`, t.id, '', 'related', '', '2016-05-01' from item t where t.title = 'Plant later'`,
		`insert into item_link (from_id, to_id, to_part, relation, quote, at) select t.id, `+meeting+`, 'line-1', 'from', 'Plant first', '2016-05-11' from item t where t.title = 'Plant first'`,
		`insert into mail_off select `+regula+`, `+basel+`, 'meetings', '2016-05-01'`)
}

func TestHistoryKeepsItsDayAndOtherMeetingsTheirWeekdayAndHour(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	full(t, db)
	run(t, db, `update programme set created_at = '2016-05-15'`,
		`update meeting set starts_at = '2016-08-01 08:00', ends_at = '2016-08-01 09:00' where called_off_reason = 'Rain'`,
		`update meeting_series set rule = E'DTSTART;TZID=Europe/Zurich:20160506T100000\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;TZID=Europe/Zurich:20160520T100000' where rule like '%20160401%'`)
	files := export(t, db).fs()
	again := testdb.New(t)
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	if err := programme.Import(t.Context(), again, files, programme.Options{Shift: now}); err != nil {
		t.Fatal(err)
	}
	var past, coming, first, later time.Time
	var rule string
	if err := again.QueryRow(t.Context(), `select (select starts_at from meeting where place = 'Town hall'), (select starts_at from meeting where called_off_reason = 'Rain'),
			(select d.decided_on from decision d join item i on i.id = d.item_id where i.title = 'Plant first'), (select d.decided_on from decision d join item i on i.id = d.item_id where i.title = 'Plant later'),
			(select rule from meeting_series where rule like '%EXDATE%')`).Scan(&past, &coming, &first, &later, &rule); err != nil {
		t.Fatal(err)
	}
	if !past.Equal(time.Date(2016, 5, 10, 8, 0, 0, 0, time.UTC)) || first.Format(time.DateOnly) != "2016-05-10" {
		t.Errorf("what was before the programme began: a meeting %v, a decision %v", past, first)
	}
	athens, _ := time.LoadLocation("Europe/Athens")
	if at := coming.In(athens); !at.After(now) || at.Weekday() != time.Monday || at.Hour() != 11 {
		t.Errorf("a meeting on a Monday at eleven in summer is now %v", at)
	}
	if later.Weekday() != time.Friday || later.Year() < 2029 {
		t.Errorf("what was decided on a Friday is now of %v", later)
	}
	if !strings.Contains(rule, "DTSTART;TZID=Europe/Zurich:20160506T100000") || strings.Contains(rule, "20160520T") {
		t.Errorf("a series with its first meeting before and its exception after: %s", rule)
	}
}

func TestABadMeetingIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	full(t, db)
	sound := export(t, db)
	again, name := testdb.Tx(t), ""
	for file, content := range sound {
		if strings.Contains(content, `title: "Shade & streets"`) || strings.Contains(content, `title: "Shade \u0026 streets"`) {
			name = file
		}
	}
	for what, c := range map[string]struct{ from, to, reason string }{
		"an unknown zone":              {`zone: "Europe/Zurich"`, `zone: "Europe/Atlantis"`, "no time zone"},
		"an end before the start":      {`ends_at: "2016-05-10T10`, `ends_at: "2016-05-09T10`, "ends after it starts"},
		"a strange form":               {`form: "workshop"`, `form: "party"`, "none of"},
		"a strange series":             {`series: 1`, `series: 7`, "no series 7"},
		"a guest who is not there":     {`"guest":1`, `"guest":9`, "no guest 9"},
		"an option that is not there":  {`"yes":[1]`, `"yes":[1,5]`, "no option 5"},
		"a point that is not there":    {"part: \"minutes\"\npoint: 1", "part: \"minutes\"\npoint: 8", "no point 8"},
		"a position without accepting": {"\nn: 2\n", "\nn: 2\nposition: 4\n", "exactly when it is accepted"},
		"no UUID":                      {`uid: "c2a9`, `uid: "xx`, "no UUID"},
	} {
		bad := shelf{}
		for file, content := range sound {
			bad[file] = content
		}
		if bad[name] = strings.Replace(sound[name], c.from, c.to, 1); bad[name] == sound[name] {
			t.Errorf("%s: %q does not stand in %s:\n%s", what, c.from, name, sound[name])
			continue
		}
		err := programme.Import(t.Context(), again, bad.fs(), programme.Options{})
		if err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
