package programme_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme"
)

// criteria gives Basel criteria, and the umbrella a product, with at least one row in every table about them.
func criteria(t testing.TB, db postgres.DB) {
	t.Helper()
	const basel, umbrella, regula, jonas = `(select id from community where slug = 'basel')`, `(select id from community where slug = 'umbrella')`, `(select id from account where handle = 'regula-ammann')`, `(select id from account where handle = 'jonas-wirz')`
	called := func(title string) string { return `(select id from item where title = '` + title + `')` }
	item := func(in, kind, title string) string {
		return `with n as (insert into counter (community_id, series, n) values (` + in + `, '` + kind + `', 1) on conflict (community_id, series) do update set n = counter.n + 1 returning n),
			i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) select ` + in + `, '` + kind + `', n, '` + title + `', 'en', ` + jonas + `, 0, '2016-05-14', '2016-05-14', '2016-05-15' from n returning id)
			insert into item_text select id, 'Because of **` + title + `**.', '', 0 from i`
	}
	child := func(in, kind, title, parent string, number int) string {
		return fmt.Sprintf(`with i as (insert into item (community_id, kind, number, parent_id, title, lang, author_id, audience, created_at, updated_at, active_at) select `+in+`, '`+kind+`', %d, `+called(parent)+`, '`+title+`', 'en', `+jonas+`, 0, '2016-05-20', '2016-05-20', '2016-05-20' returning id)
			insert into item_text select id, 'Said of **`+title+`**.', '', 0 from i`, number)
	}
	run(t, db, item(umbrella, "product", "Shadow atlas"), child(umbrella, "release", "Atlas 1", "Shadow atlas", 1), child(umbrella, "release", "Atlas 2", "Shadow atlas", 2),
		item(basel, "criterion", "Shade by hour"), item(basel, "criterion", "Shade at noon"), item(basel, "criterion", "Shade at dusk"),
		child(basel, "claim", "Atlas shows it", "Shade by hour", 1), child(basel, "claim", "Atlas shows it twice", "Shade by hour", 2),
		`insert into criterion_category (key, position, retired_at) values ('old-one', 99, '2016-05-01')`,
		`insert into criterion_category_text select id, l, 'Old ' || l, case l when 'en' then 'Once' else '' end from criterion_category, unnest(array['en', 'el']) l where key = 'old-one'`,
		`insert into product (item_id, community_id, slug, form, state, summary, releases) select id, community_id, 'shadow-atlas', 'map', 'available', 'Where the shade is', 2 from item where title = 'Shadow atlas'`,
		`insert into product_maker (product_id, account_id, name, position, since, ended_at) values (`+called("Shadow atlas")+`, `+jonas+`, '', 1, null, null), (`+called("Shadow atlas")+`, null, 'A university', 2, '2016-05-01', '2016-05-02')`,
		`insert into release (item_id, community_id, product_id, slug, state, due_on, published_on, limits, limits_html) select i.id, i.community_id, i.parent_id, '1', 'published', '2016-05-01', '2016-05-20', 'No **trees**, see T-1.', '' from item i where title = 'Atlas 1'`,
		`insert into release (item_id, community_id, product_id, slug, state, due_on) select i.id, i.community_id, i.parent_id, '2', 'planned', '2016-07-01' from item i where title = 'Atlas 2'`,
		`insert into release_link values (`+called("Atlas 1")+`, 1, 'Map', 'https://example.org/1'), (`+called("Atlas 1")+`, 2, 'Data & more', 'https://example.org/2')`,
		`insert into criterion (item_id, community_id, state, state_at, category_id, measure, comparator, target, target_to, unit, agreed_on, agreed_at, sources, claims, fulfilment, fulfilment_at, need_id)
			select i.id, i.community_id, 'agreed', '2016-05-18', (select id from criterion_category where key = 'scale'), 'time step', 'between', 0.5, 1, 'h', '2016-05-10', `+called("Shade & streets")+`, 3, 2, 'partly', '2016-05-24', i.id from item i where title = 'Shade by hour'`,
		`insert into criterion (item_id, community_id, state, state_at, merged_into, sources, need_id) select i.id, i.community_id, 'merged', '2016-05-18', o.id, 1, o.id from item i, item o where i.title = 'Shade at noon' and o.title = 'Shade by hour'`,
		`insert into criterion (item_id, community_id, state_at, comparator, target, sources, need_id) select i.id, i.community_id, '2016-05-14', 'at-most', 100, 0, o.id from item i, item o where i.title = 'Shade at dusk' and o.title = 'Shade by hour'`,
		`insert into item_link (from_id, to_id, relation, quote, by_id, at) values (`+called("Shade at dusk")+`, `+called("Shade by hour")+`, 'same-need', 'The same tree', `+jonas+`, '2016-05-19')`,
		`insert into activity (at, actor_id, verb, item_id, community_id, detail) select '2016-05-19', `+jonas+`, 'criterion.relate', i.id, i.community_id, jsonb_build_object('relation', 'same-need', 'other', o.id) from item i, item o where i.title = 'Shade at dusk' and o.title = 'Shade by hour'`,
		`insert into criterion_product select i.community_id, i.id, p.id from item i, item p where i.title like 'Shade at d%' and p.title = 'Shadow atlas'`,
		`insert into criterion_source (community_id, criterion_id, n, form, item_id, point_id, part, words, lang, speaker_id, speaker_name, perspective, organisation, said_on, released, answer, answered_at, answered_revision, by_id, at)
			select `+basel+`, `+called("Shade by hour")+`, 1, 'meeting', `+called("Shade & streets")+`, (select id from agenda_point where title = 'Where to plant'), 'line-1', 'When is it cool?', 'de', `+regula+`, 'or so', 'stakeholder', 'Planning', '2016-05-10', true, 'corrected', '2016-05-15', 1, `+jonas+`, '2016-05-14'`,
		`insert into criterion_source (community_id, criterion_id, n, form, document, url, lang, kept_from, at) values (`+basel+`, `+called("Shade by hour")+`, 2, 'document', 'A report', 'https://example.org/report', 'en', `+called("Shade at noon")+`, '2016-05-14')`,
		`insert into criterion_step (community_id, criterion_id, step, reason, on_day, meeting_id, into_id, by_id, at) values (`+basel+`, `+called("Shade by hour")+`, 'raised', '', null, null, null, `+jonas+`, '2016-05-14'),
			(`+basel+`, `+called("Shade by hour")+`, 'agreed', 'All did', '2016-05-10', `+called("Shade & streets")+`, null, null, '2016-05-18'), (`+basel+`, `+called("Shade at noon")+`, 'merged', '', null, null, `+called("Shade by hour")+`, `+jonas+`, '2016-05-18')`,
		`insert into rating (community_id, criterion_id, account_id, perspective, value, reason, lang, at, changed_at) select `+basel+`, `+called("Shade by hour")+`, a.id, 'stakeholder', 4 + (row_number() over (order by a.id))::int, 'As I say', 'fr', '2016-05-20', '2016-05-21' from account a where a.handle in ('regula-ammann', 'silvan-oesch', 'urs-dettwiler', 'verena-gysin')`,
		`insert into rating (community_id, criterion_id, perspective, value, lang, at, changed_at) values (`+basel+`, `+called("Shade by hour")+`, 'scientist', 2, 'en', '2016-05-20', '2016-05-20')`,
		`insert into importance select community_id, criterion_id, perspective, count(*), percentile_cont(0.25) within group (order by value), percentile_cont(0.5) within group (order by value), percentile_cont(0.75) within group (order by value) from rating where community_id = `+basel+` and criterion_id = `+called("Shade by hour")+` group by 1, 2, 3`,
		`insert into claim (item_id, community_id, criterion_id, release_id, extent, limits, limits_html, measured, measured_unit, state, edition, answer_by, settled_at)
			select i.id, i.community_id, i.parent_id, `+called("Atlas 1")+`, 'partly', 'Not **here**.', '', 0.25, 'h', 'accepted', 2, '2016-07-20', '2016-05-24' from item i where title = 'Atlas shows it'`,
		`insert into claim (item_id, community_id, criterion_id, release_id, extent, state, answer_by, settled_at) select i.id, i.community_id, i.parent_id, `+called("Atlas 1")+`, 'fully', 'withdrawn', '2016-06-20', '2016-05-24' from item i where title = 'Atlas shows it twice'`,
		`insert into claim_reopening values (`+called("Atlas shows it")+`, 2, 'A new map', `+jonas+`, '2016-05-23')`,
		`insert into verdict (community_id, claim_id, edition, account_id, answer, reason, lang, perspective, organisation, by_id, at) values (`+basel+`, `+called("Atlas shows it")+`, 1, `+regula+`, 'not', 'Where?', 'de', 'stakeholder', 'Planning', `+regula+`, '2016-05-22'),
			(`+basel+`, `+called("Atlas shows it")+`, 2, `+regula+`, 'silent', '', 'en', '', '', null, '2016-05-24'), (`+basel+`, `+called("Atlas shows it")+`, 2, null, 'accepted', '', 'en', 'stakeholder', '', null, '2016-05-24')`,
		`insert into verdict (community_id, claim_id, edition, community, answer, reason, lang, by_id, at) values (`+basel+`, `+called("Atlas shows it")+`, 1, true, 'partly', 'So we say', 'en', `+regula+`, '2016-05-22')`)
}

func TestImportanceFulfilmentAndNeedsAreWorkedOutAnewOnImport(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	full(t, first)
	if err := programme.Import(t.Context(), second, export(t, first).fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`select string_agg(concat_ws(' ', c.slug, i.number, m.perspective, m.n, m.low, m.median, m.high), ', ' order by c.slug, i.number, m.perspective) from importance m join item i on i.id = m.criterion_id join community c on c.id = i.community_id`,
		`select string_agg(concat_ws(' ', c.slug, i.number, k.fulfilment, k.claims, k.sources, k.target, o.title), ', ' order by c.slug, i.number) from criterion k join item i on i.id = k.item_id join community c on c.id = i.community_id join item o on o.id = k.need_id where i.title like 'Shade %'`,
		`select string_agg(concat_ws(' ', l.lang, c.key, l.name, l.hint, c.position), ', ' order by c.position, l.lang) from criterion_category c join criterion_category_text l on l.category_id = c.id where c.key <> 'old-one'`,
		`select o.title from activity v join item o on o.id = (v.detail->>'other')::bigint where v.verb = 'criterion.relate' and v.item_id = (select id from item where title = 'Shade at dusk')`,
	} {
		var before, after string
		if err := first.QueryRow(t.Context(), sql).Scan(&before); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if err := second.QueryRow(t.Context(), sql).Scan(&after); err != nil || before != after {
			t.Errorf("%s:\nbefore %s\n after %s (%v)", sql, before, after, err)
		}
	}
	var html string
	if err := second.QueryRow(t.Context(), `select (select limits_html from release where slug = '1' and limits like 'No%') || (select limits_html from claim where limits <> '' and measured = 0.25)`).Scan(&html); err != nil || !strings.Contains(html, "<strong>trees</strong>") || !strings.Contains(html, `/c/umbrella/discussions/1`) || !strings.Contains(html, "<strong>here</strong>") {
		t.Errorf("limits: %s, %v", html, err)
	}
}

func TestWhatWaitsForAnAnswerStillLiesAheadWhenAProgrammeIsShifted(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	full(t, first)
	run(t, first, `update programme set created_at = '2016-05-15'`)
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	if err := programme.Import(t.Context(), second, export(t, first).fs(), programme.Options{Shift: now}); err != nil {
		t.Fatal(err)
	}
	var answerBy time.Time
	var published, said, due string
	err := second.QueryRow(t.Context(), `select (select answer_by from claim where measured = 0.25), (select published_on::text from release where slug = '1' and limits like 'No%'), (select said_on::text from criterion_source where words = 'When is it cool?'),
		(select due_on::text from release where slug = '2' and item_id = (select id from item where title = 'Atlas 2'))`).Scan(&answerBy, &published, &said, &due)
	if err != nil || !answerBy.After(now) || published < "2029-12" || said != "2016-05-10" || due < "2030-01-20" {
		t.Errorf("answer by %v, published on %s, said on %s, due on %s, %v", answerBy, published, said, due, err)
	}
}

func TestABadCriterionIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	full(t, db)
	sound := export(t, db)
	again := testdb.Tx(t)
	holds := func(words string) string {
		for file, content := range sound {
			if strings.HasSuffix(file, ".md") && strings.Contains(content, words) && strings.Contains(file, "/criteria/") || strings.Contains(file, "/products/") && strings.Contains(content, words) {
				return file
			}
		}
		t.Fatalf("%s stands nowhere", words)
		return ""
	}
	const by, noon, dusk, atlas = `title: "Shade by hour"`, `title: "Shade at noon"`, `title: "Shade at dusk"`, `title: "Shadow atlas"`
	ref := func(title string) string {
		parts := strings.Split(holds(title), "/")
		return parts[1] + "/C-" + strings.TrimSuffix(parts[3], ".md")
	}
	for what, c := range map[string]struct{ in, from, to, reason string }{
		"a claim for a planned release":   {by, `/1"` + "\nextent: \"partly\"", `/2"` + "\nextent: \"partly\"", "is planned"},
		"a claim for no release":          {by, "\nextent: \"partly\"", "x\nextent: \"partly\"", "release is missing"},
		"two claims for one release":      {by, `state: "withdrawn"`, `state: "silent"`, "a claim for a release stands twice"},
		"a verdict by a maker":            {by, `"person":"regula-ammann","answer":"not"`, `"person":"jonas-wirz","answer":"not"`, "decides nothing"},
		"two verdicts by one person":      {by, `"edition":2,"person":"regula-ammann"`, `"person":"regula-ammann"`, "a verdict stands twice"},
		"a verdict of an edition to come": {by, `"edition":2,"person":"regula-ammann"`, `"edition":3,"person":"regula-ammann"`, "stands at edition 2"},
		"a community that is a person":    {by, `"community":true`, `"community":true,"person":"silvan-oesch"`, "of a person or of the community"},
		"an edition without its reason":   {by, `reopenings: [`, `reopenings: [{"edition":3,"reason":"again","at":"2016-05-23T00:00:00.000000Z"},`, "needs 1 of them"},
		"a rating of zero":                {by, `"value":5`, `"value":0`, "0 is less than 1"},
		"a rating of ten":                 {by, `"value":5`, `"value":10`, "10 is more than 9"},
		"two ratings of one person":       {by, `"person":"silvan-oesch","perspective"`, `"person":"regula-ammann","perspective"`, "a rating stands twice"},
		"an upper end below the lower":    {by, `target_to: 1`, `target_to: 0.25`, "above the lower"},
		"an unknown category":             {by, `category: "scale"`, `category: "taste"`, `there is no "taste"`},
		"an agreement without its day":    {by, "agreed_on: \"2016-05-10\"\n", "", "agreed_on is missing"},
		"a meeting that is none":          {by, `"form":"meeting","item":"basel/M-`, `"form":"meeting","item":"basel/D-`, "is no meeting of this community"},
		"a point that is not there":       {by, `"point":1,"part":"line-1"`, `"point":9,"part":"line-1"`, "no point 9"},
		"an address that is none":         {by, `https://example.org/report`, `javascript:alert(1)`, "no address of the web"},
		"a source twice":                  {by, `{"n":2,`, `{"n":1,`, "a source stands twice"},
		"a target without a comparator":   {dusk, "comparator: \"at-most\"\n", "", "stand together"},
		"a criterion for no product":      {dusk, `umbrella/P-`, `basel/T-1", "umbrella/P-`, "is no product"},
		"merged into itself":              {noon, `merged_into: "` + ref(by), `merged_into: "` + ref(noon), "no other criterion"},
		"merged into nothing":             {noon, `merged_into: "` + ref(by) + "\"\n", "", "exactly when it is merged"},
		"a circle of merges":              {by, "state: \"agreed\"\n", "state: \"merged\"\nmerged_into: \"" + ref(noon) + "\"\n", "in a circle"},
		"a maker without a name":          {atlas, `{"name":"A university","since"`, `{"since"`, "a person or a name"},
		"a release without its day":       {atlas, "published_on: \"2016-05-20\"\n", "", "published_on is missing"},
		"two releases of one slug":        {atlas, `slug: "2"`, `slug: "1"`, "a slug of a release stands twice"},
		"a strange kind of product":       {atlas, `form: "map"`, `form: "song"`, "none of"},
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
}
