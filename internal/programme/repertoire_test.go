package programme_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/internal/programme"
)

const (
	inBasel = `(select id from community where slug = 'basel')`
	regula  = `(select id from account where handle = 'regula-ammann')`
	jonas   = `(select id from account where handle = 'jonas-wirz')`
)

// called is the item of that title.
func called(title string) string { return `(select id from item where title = '` + title + `')` }

// learns gives Basel an entry, at revision 3, in English, for all.
func learns(t testing.TB, db postgres.DB, form practice.Form, title string, f practice.Fields) {
	t.Helper()
	fields, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `with n as (insert into counter (community_id, series, n) values (`+inBasel+`, 'entry', 1) on conflict (community_id, series) do update set n = counter.n + 1 returning n),
			i as (insert into item (community_id, kind, number, title, lang, author_id, audience, revision, created_at, updated_at, active_at) select `+inBasel+`, 'entry', n, $1, 'en', `+jonas+`, 0, 3, '2016-05-14', '2016-05-14', '2016-05-15' from n returning id, community_id),
			x as (insert into item_text select id, $2, '', 0 from i)
		insert into entry (item_id, community_id, form, fields, shared_at) select id, community_id, $3, $4, '2016-05-14 08:00' from i`, title, practice.Compose(form, locale.English, f), form, string(fields)); err != nil {
		t.Fatal(err)
	}
}

// repertoire gives Basel entries with at least one row in every table about them.
func repertoire(t testing.TB, db postgres.DB) {
	t.Helper()
	learns(t, db, practice.Case, "Shade by vines", practice.Fields{"situation": "A **hot** wall, see T-1.", "done": "A vine on wires.\n---\nAnd water.", "more": "See @regula-ammann."})
	learns(t, db, practice.Method, "Vines on wires", practice.Fields{"steps": "Wire, vine, wait."})
	learns(t, db, practice.Problem, "Walls that glow", practice.Fields{"shows": "At night."})
	learns(t, db, practice.Story, "The vine and us", practice.Fields{"realised": "We sleep."})
	german, err := json.Marshal(practice.Fields{"situation": "Eine **heisse** Wand, siehe T-1."})
	if err != nil {
		t.Fatal(err)
	}
	run(t, db,
		`insert into topic (key, position, retired_at) values ('old-one', 99, '2016-05-01')`, `insert into topic_text select id, l, 'Old ' || l from topic, unnest(array['en', 'el']) l where key = 'old-one'`,
		`update entry set (summary, place, latitude, longitude, happened, url, checked_at, checked_by, endorsed_at, endorsed_by, endorsed_in, endorsed_revision, sources, reported, uses, cities) = ('Green & <cool>', 'A yard', 47.5596, 7.5886, 'in the summer of 2015', 'https://example.org/vine',
			'2016-05-20', `+regula+`, '2016-05-21', `+regula+`, `+called("Shade & streets")+`, 2, 5, 4, 2, 2) where item_id = `+called("Shade by vines"),
		`update entry set quoting = 'unnamed', shared_at = '2016-05-14' where item_id = `+called("The vine and us"),
		`insert into entry_topic select `+inBasel+`, `+called("Shade by vines")+`, id from topic where key in ('greenery', 'old-one')`,
		`insert into entry_author (community_id, entry_id, account_id, name, organisation, position) values (`+inBasel+`, `+called("Shade by vines")+`, null, 'A gardener', 'Gardens', 7), (`+inBasel+`, `+called("Shade by vines")+`, `+regula+`, '', '', 2)`,
		`insert into entry_source (community_id, entry_id, n, item_id, point_id, part, words, lang, speaker_id, perspective, organisation, said_on, release, asked_at, answered_at, by_id, at)
			select `+inBasel+`, `+called("Shade by vines")+`, 1, `+called("Shade & streets")+`, (select id from agenda_point where title = 'Where to plant'), 'line-1', 'It was cool', 'de', `+regula+`, 'stakeholder', 'Planning', '2016-05-10', 'given', '2016-05-15', '2016-05-16', `+jonas+`, '2016-05-14'`,
		`insert into entry_source (community_id, entry_id, n, item_id, words, lang, speaker_name, at) values (`+inBasel+`, `+called("Shade by vines")+`, 4, null, 'And green', 'en', 'a neighbour', '2016-05-14')`,
		`insert into entry_use (community_id, entry_id, n, account_id, used_in, place, used_on, outcome, outcome_html, again, lang, perspective, organisation, revision, at, edited_at) values
			(`+inBasel+`, `+called("Shade by vines")+`, 1, `+regula+`, `+inBasel+`, 'School', '2016-05-11', 'It **grew**, see T-1.', '', 'changed', 'de', 'stakeholder', 'Planning', 2, '2016-05-17', '2016-05-18'),
			(`+inBasel+`, `+called("Shade by vines")+`, 2, `+jonas+`, (select id from community where slug = 'london'), '', null, 'It did not', '', 'no', 'en', '', '', 1, '2016-05-17', null)`,
		`insert into entry_use (community_id, entry_id, n, account_id, used_in, outcome, outcome_html, again, lang, at, removed_at, removed_by, removed_reason) values (`+inBasel+`, `+called("Shade by vines")+`, 3, `+jonas+`, (select id from community where slug = 'heraklion'), 'Buy wires', '', 'yes', 'en', '2016-05-17', '2016-05-18', `+regula+`, 'an advertisement')`,
		`insert into entry_translation (community_id, entry_id, lang, title, summary, fields, body, html, renderer, of_revision, revision, by_id, at) values (`+inBasel+`, `+called("Shade by vines")+`, 'de', 'Schatten', 'Grün', '`+string(german)+`', 'x', '', 0, 2, 3, `+regula+`, '2016-05-18')`,
		`insert into item_link (from_id, to_id, relation, quote, by_id, at) values (`+called("Shade by vines")+`, `+called("Vines on wires")+`, 'uses', 'With wires', `+jonas+`, '2016-05-19'), (`+called("Shade by vines")+`, `+called("Walls that glow")+`, 'addresses', '', `+jonas+`, '2016-05-19'),
			(`+called("The vine and us")+`, `+called("Shade by vines")+`, 'adapted', '', `+jonas+`, '2016-05-19'), (`+called("Shade by vines")+`, `+called("The vine and us")+`, 'related', '', `+jonas+`, '2016-05-19')`,
		`insert into activity (at, actor_id, verb, item_id, community_id, detail) select '2016-05-19', `+jonas+`, 'entry.adapt', i.id, i.community_id, jsonb_build_object('entry', o.id, 'n', 1.0) from item i, item o where i.title = 'Shade by vines' and o.title = 'The vine and us'`,
		`insert into activity (at, actor_id, verb, item_id, community_id, detail) select '2016-05-19', `+jonas+`, 'entry.use', i.id, i.community_id, '{"use": 1}' from item i where i.title = 'Shade by vines'`,
		`insert into gathered (account_id, community_id, item_id, words, position, at) select `+regula+`, `+inBasel+`, `+called("Shade & streets")+`, 'for later', 1, now()`,
		`with h as (insert into theme (community_id, key, words, sayings, voices, found_at) values (`+inBasel+`, 'hot', 'hot nights', 3, 2, now()) returning id) insert into theme_saying select id, `+called("Shade & streets")+`, '', 'hot' from h`)
}

func TestEvidenceTextsAndWhatWasAdaptedAreWorkedOutAnewOnImport(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	full(t, first)
	run(t, second, `alter sequence item_id_seq restart with 70000`)
	if err := programme.Import(t.Context(), second, export(t, first).fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`select string_agg(concat_ws(' ', i.title, e.form, e.fields, e.sources, e.reported, e.uses, e.cities, e.shared_at), ', ' order by i.title, i.id) from entry e join item i on i.id = e.item_id join community c on c.id = i.community_id where c.slug = 'basel'`,
		`select string_agg(concat_ws(' ', t.key, l.lang, l.name, t.retired_at), ', ' order by t.key, l.lang) from topic t join topic_text l on l.topic_id = t.id`,
		`select o.title from activity v join item o on o.id = (v.detail->>'entry')::bigint where v.verb = 'entry.adapt' and v.detail->>'n' is not null`,
		`select s.words || p.title from entry_source s join agenda_point p on p.id = s.point_id where s.words = 'It was cool'`,
	} {
		var before, after string
		if err := errors.Join(first.QueryRow(t.Context(), sql).Scan(&before), second.QueryRow(t.Context(), sql).Scan(&after)); err != nil || before != after {
			t.Errorf("%s:\nbefore %s\n after %s (%v)", sql, before, after, err)
		}
	}
	var text, found string
	if err := second.QueryRow(t.Context(), `select concat_ws(' | ', x.html, u.outcome_html, t.body, t.html, t.renderer > 0), (select search::text from item_search s where s.item_id = x.item_id) from item_text x join entry_use u on u.entry_id = x.item_id and u.n = 1 join entry_translation t on t.entry_id = x.item_id where x.item_id = `+called("Shade by vines")).Scan(&text, &found); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<strong>hot</strong>", "<strong>grew</strong>", "## Die Situation\n\nEine **heisse**", "<strong>heisse</strong>", "/c/basel/discussions/1"} {
		if want = strings.Replace(want, "Die Situation", locale.In(locale.German, "repertoire.part.situation"), 1); !strings.Contains(text, want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	if !strings.Contains(found, "'green':") || !strings.Contains(found, "'vine':") || strings.Contains(found, "'situat':") {
		t.Errorf("found by %s", found)
	}
}

func TestTheIndexOfAnEntryIsTheSameAfterAnImport(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	if err := programme.Import(t.Context(), first, example().fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	store, f := practice.NewStore(first, time.Now), practice.Fields{}
	for n, form := range practice.Forms {
		for k, part := range form.Parts() {
			f[part] = strings.Repeat("plane trees and basins ", n+k+1)
		}
		written := practice.Fields{}
		for _, part := range form.Parts() {
			written[part] = f[part]
		}
		begins(t, store, sits(t, first, "bo"), practice.Text{Form: form, Title: "About " + string(form), Lang: locale.English, Fields: written, Facts: practice.Facts{Summary: "Shade, " + string(form)}})
	}
	if err := programme.Import(t.Context(), second, export(t, first).fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shown(t, first), shown(t, second)); diff != "" {
		t.Error(diff)
	}
}

func TestDaysOnWhichAnEntryWasUsedMoveWithTheProgramme(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	full(t, first)
	run(t, first, `update programme set created_at = '2016-05-11'`)
	if err := programme.Import(t.Context(), second, export(t, first).fs(), programme.Options{Shift: time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	var used, said string
	if err := second.QueryRow(t.Context(), `select (select used_on::text from entry_use where place = 'School'), (select said_on::text from entry_source where words = 'It was cool')`).Scan(&used, &said); err != nil || used != "2016-05-11" || said != "2016-05-10" {
		t.Errorf("before the programme: used on %s, said on %s, %v", used, said, err)
	}
	third := testdb.New(t)
	run(t, first, `update programme set created_at = '2016-05-01'`)
	if err := programme.Import(t.Context(), third, export(t, first).fs(), programme.Options{Shift: time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	if err := third.QueryRow(t.Context(), `select (select used_on::text from entry_use where place = 'School'), (select said_on::text from entry_source where words = 'It was cool')`).Scan(&used, &said); err != nil || used < "2029-12" || said < "2029-12" {
		t.Errorf("within it: used on %s, said on %s, %v", used, said, err)
	}
}

func TestEntriesWithoutFieldsAreReadAsOneText(t *testing.T) {
	t.Parallel()
	db, files := testdb.New(t), example()
	old := func(n, form, audience, body string) {
		files["communities/basel/repertoire/"+n+".md"] = "---\npart: \"entry\"\nnumber: " + n + "\ntitle: \"Old\"\nlang: \"en\"\nauthor: \"ada\"\naudience: \"" + audience + "\"\ncreated_at: \"2016-02-01T00:00:00.000000Z\"\nform: \"" + form + "\"\n---\n" + body + "\n"
	}
	old("1", "experience", "public", "Told by *bo*.")
	old("2", "method", "community", "Wait.")
	old("3", "experience", "draft", "Half a thought.")
	if err := programme.Import(t.Context(), db, files.fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := db.QueryRow(t.Context(), `select string_agg(concat_ws(' ', i.number, e.fields, e.shared_at is not null, x.body, x.html), ', ' order by i.number) from entry e join item i on i.id = e.item_id join item_text x on x.item_id = i.id`).Scan(&got); err != nil {
		t.Fatal(err)
	}
	use := locale.In(locale.English, "repertoire.part.use")
	if want := `1 {"told": "Told by *bo*."} t Told by *bo*. <p>Told by <em>bo</em>.</p>`; !strings.HasPrefix(got, want) || !strings.Contains(got, `2 {"use": "Wait."} t ## `+use+"\n\nWait.") || !strings.Contains(got, `3 {"told": "Half a thought."} f Half`) {
		t.Errorf("got %s", got)
	}
	again := export(t, db)
	for _, n := range []string{"1", "3"} {
		if name := "communities/basel/repertoire/" + n + ".md"; again[name] != files[name] {
			t.Errorf("%s came out as %s", files[name], again[name])
		}
	}
}

func TestABadEntryIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	full(t, db)
	sound := export(t, db)
	again := testdb.Tx(t)
	holds := func(title string) string {
		for file, content := range sound {
			if strings.Contains(file, "/repertoire/") && strings.Contains(content, `title: "`+title+`"`) {
				return file
			}
		}
		t.Fatalf("%s stands nowhere", title)
		return ""
	}
	ref := func(title string) string {
		parts := strings.Split(holds(title), "/")
		return parts[1] + "/E-" + strings.TrimSuffix(parts[3], ".md")
	}
	const by, story, method = "Shade by vines", "The vine and us", "Vines on wires"
	for what, c := range map[string]struct{ in, from, to, reason string }{
		"a part of another form":             {by, `fields: {"situation"`, `fields: {"steps"`, `fields: "steps" is no part of the form case`},
		"a part of no form":                  {by, `fields: {"situation"`, `fields: {"taste":"Salt","situation"`, `fields: "taste" is no part of the form case`},
		"a part that is no text":             {by, `"done":"A vine`, `"x":1,"done":"A vine`, "fields: a number does not belong here"},
		"a part that is too long":            {by, `"done":"A vine`, `"done":"` + strings.Repeat("ä", practice.MaxPart+1) + `A vine`, `fields: "done" is longer than 20000 characters`},
		"a summary that is too long":         {by, `summary: "Green`, `summary: "` + strings.Repeat("ä", 501) + `Green`, "summary is longer than 500 characters"},
		"half a place":                       {by, "latitude: 47.5596\n", "", "no place on earth"},
		"a place beyond the pole":            {by, "latitude: 47.5596", "latitude: 90.1", "no place on earth"},
		"an address that is none":            {by, `https://example.org/vine`, `javascript:alert(1)`, "no address of the web"},
		"an endorsed draft":                  {by, `audience: "public"`, `audience: "draft"`, "a draft is endorsed by nobody"},
		"an endorsement to come":             {by, "endorsed_revision: 2", "endorsed_revision: 4", "stands at revision 3"},
		"an endorsement of no revision":      {by, "endorsed_revision: 2\n", "", "stand together"},
		"an endorser without an endorsement": {by, "endorsed_at: \"2016-05-21T00:00:00.000000Z\"\n", "", "endorsed_revision: an endorsement and its revision stand together"},
		"an endorsement in no meeting":       {by, `endorsed_in: "basel/M-`, `endorsed_in: "basel/D-`, "is no meeting of this community"},
		"a check without its moment":         {by, "checked_at: \"2016-05-20T00:00:00.000000Z\"\n", "", "checked_at is missing"},
		"a topic that is not there":          {by, `topics: ["greenery"`, `topics: ["taste"`, `topics: there is no "taste"`},
		"a topic twice":                      {by, `topics: ["greenery"`, `topics: ["greenery","greenery"`, "a topic stands twice"},
		"four topics":                        {by, `topics: ["greenery"`, `topics: ["water","energy","greenery"`, "more than 3"},
		"an author nobody knows":             {by, `authors: [{"person":"regula-ammann"}`, `authors: [{"person":"nobody"}`, `person: nobody is called "nobody"`},
		"an author without a name":           {by, `authors: [{"person":"regula-ammann"}`, `authors: [{"organisation":"Gardens"}`, "a person or a name"},
		"an author twice":                    {by, `authors: [{"person":"regula-ammann"}`, `authors: [{"person":"regula-ammann"},{"person":"regula-ammann"}`, "an author stands twice"},
		"words that are too long":            {by, `"words":"It was cool"`, `"words":"` + strings.Repeat("ä", 2001) + `"`, "words is longer than 2000 characters"},
		"words said nowhere":                 {by, `"item":"basel/M-`, `"item":"basel/M-9`, "item: there is no item"},
		"words of a decision":                {by, `"item":"basel/M-`, `"item":"basel/D-`, "is no discussion, reply, meeting or entry"},
		"words of the entry itself":          {by, `{"n":4,`, `{"n":4,"item":"` + ref(by) + `",`, "grew out of itself"},
		"a point that is not there":          {by, `"point":1,"part":"line-1"`, `"point":9,"part":"line-1"`, "no point 9"},
		"a source twice":                     {by, `{"n":4,`, `{"n":1,`, "a source stands twice"},
		"a release that nobody gave":         {by, `,"answered_at":"2016-05-16T00:00:00.000000Z"`, ``, "given or refused at a moment"},
		"a strange release":                  {by, `"release":"given"`, `"release":"sold"`, "none of asked, given, refused"},
		"sources numbered too low":           {by, "numbered: 5", "numbered: 4", "the last source is number 4"},
		"a use by nobody":                    {by, `{"n":1,"person":"regula-ammann",`, `{"n":1,`, "person is missing"},
		"a use by somebody unknown":          {by, `{"n":1,"person":"regula-ammann",`, `{"n":1,"person":"nobody",`, `nobody is called "nobody"`},
		"a use in no city":                   {by, `"city":"london"`, `"city":"atlantis"`, `there is no community "atlantis"`},
		"a use without an outcome":           {by, `"outcome":"It did not"`, `"outcome":""`, "outcome is empty"},
		"a strange answer":                   {by, `"again":"no"`, `"again":"maybe"`, "none of yes, changed, no"},
		"a use twice":                        {by, `{"n":2,`, `{"n":1,`, "a use stands twice"},
		"uses numbered too low":              {by, "reported: 4", "reported: 3", "the last use is number 3"},
		"a removal without its moment":       {by, `"removed_at":"2016-05-18T00:00:00.000000Z",`, ``, "removed_at is missing"},
		"a translation into its language":    {by, `translations: [{"lang":"de"`, `translations: [{"lang":"en"`, "is the language of the entry itself"},
		"a translation of a text to come":    {by, `"of_revision":2`, `"of_revision":4`, "stands at revision 3"},
		"a translation without a title":      {by, `"title":"Schatten"`, `"title":""`, "title is empty"},
		"a translated part of another form":  {by, `"fields":{"situation":"Eine`, `"fields":{"shows":"Eine`, `translations: "shows" is no part of the form case`},
		"what is shared without a title":     {method, `title: "Vines on wires"` + "\n", "", "title is missing"},
		"a strange wish":                     {story, `quoting: "unnamed"`, `quoting: "aloud"`, "none of named, unnamed, no"},
		"a relation to a discussion":         {by, `"relation":"uses","to":"` + ref(method), `"relation":"uses","to":"basel/T-1`, "uses leads to an entry"},
		"a relation to nothing":              {by, `"relation":"uses","to":"` + ref(method), `"relation":"uses","to":"basel/E-99`, "there is no item"},
		"a circle of adaptations":            {by, `"relation":"related","to":"` + ref(story), `"relation":"adapted","to":"` + ref(story), "adaptations go in a circle"},
		"adapted from itself":                {story, `"relation":"adapted","to":"` + ref(by), `"relation":"adapted","to":"` + ref(story), "in a circle"},
	} {
		bad := shelf{}
		for file, content := range sound {
			bad[file] = content
		}
		name := holds(c.in)
		if bad[name] = strings.Replace(sound[name], c.from, c.to, 1); bad[name] == sound[name] {
			t.Errorf("%s: %q does not stand in %s:\n%s", what, c.from, name, sound[name])
			continue
		}
		err := programme.Import(t.Context(), again, bad.fs(), programme.Options{})
		if err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, c := range map[string]struct{ from, to, reason string }{
		"a topic without a name": {`"key":"old-one","en":"Old en","el":"Old el"`, `"key":"old-one"`, "a name in one language at least"},
		"a topic twice":          {`"key":"old-one"`, `"key":"water"`, "a topic stands twice"},
		"a key that is none":     {`"key":"old-one"`, `"key":"1-one"`, "begins with no letter"},
	} {
		bad := shelf{}
		for file, content := range sound {
			bad[file] = content
		}
		bad["topics.json"] = strings.Replace(sound["topics.json"], c.from, c.to, 1)
		if err := programme.Import(t.Context(), again, bad.fs(), programme.Options{}); err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), "topics.json:") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func begins(t testing.TB, store practice.Store, seat community.Seat, text practice.Text) {
	t.Helper()
	if _, err := store.Begin(t.Context(), seat, practice.New{Text: text, Request: uuid.New()}); err != nil {
		t.Fatal(err)
	}
}
