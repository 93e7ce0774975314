package parting_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/parting"
)

// learns has somebody write entries alone and with others, use, translate and be quoted, marked; others do beside.
func learns(t *testing.T, tx pgx.Tx, handle string) {
	t.Helper()
	entry := func(title string) string {
		return "(select id from item where title = 'learn-" + handle + " " + title + "')"
	}
	fill := strings.NewReplacer("{me}", "(select id from account where handle = '"+handle+"')", "{other}", "(select id from account where handle = 'beat-hollenstein')", "{basel}", "(select id from community where slug = 'basel')",
		"{alone}", entry("alone"), "{theirs}", entry("theirs"), "{draft}", entry("draft"), "{mine}", entry("mine"), "{used}", entry("used"), "{text}", "'learn-"+handle+" ", "{mark}", "learn-"+handle, "{handle}", handle,
		"{link}", "<a href=\"/c/basel/members/' || (select number from membership where account_id = (select id from account where handle = '"+handle+"') and community_id = (select id from community where slug = 'basel')) || '\" class=\"mention\">@Somebody</a>")
	written := func(title, author string, audience int) string {
		return fmt.Sprintf(`with i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at, updated_by)
				values ({basel}, 'entry', 4000 + (select count(*) from item), {text}%s', 'en', %s, %d, now(), now(), now(), %[2]s) returning id, community_id, title, audience, author_id),
			x as (insert into item_text select id, '', '', 1 from i), s as (insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search) select id, community_id, audience, author_id, 'entry', 'en', now(), '' from i)
			insert into entry (item_id, community_id, form, fields, summary, place, shared_at) select id, community_id, 'case', jsonb_build_object('done', title || E' text\nby\n@{handle}, not @{handle}-2'), title || ' summary', 'Asked @{handle}', case when audience < 3 then now() end from i`, title, author, audience)
	}
	for _, one := range []string{
		written("alone", "{me}", 2), written("theirs", "{other}", 2), written("draft", "{me}", 3), written("mine", "{me}", 3), written("used", "{me}", 2),
		`insert into entry_author (community_id, entry_id, account_id, name, organisation, position) values ({basel}, {theirs}, null, 'not mine', '', 1), ({basel}, {theirs}, {me}, '', '', 2), ({basel}, {draft}, null, 'A gardener', '', 1), ({basel}, {draft}, {other}, '', '', 2), ({basel}, {mine}, null, 'A gardener', '', 1)`,
		`insert into item_revision values ({theirs}, 1, 'then', 'en', {text}edit', {me}, now()), ({theirs}, 2, 'then', 'en', 'not mine', {other}, now())`,
		`insert into entry_source (community_id, entry_id, n, words, lang, speaker_id, organisation, release, asked_at, answered_at, by_id, at) values ({basel}, {theirs}, 1, {text}words to @{handle}', 'en', {me}, {text}office', 'asked', now(), null, {other}, now()), ({basel}, {theirs}, 3, {text}no', 'en', {me}, '', 'given', now(), now(), {other}, now()),
			({basel}, {used}, 1, 'not mine', 'en', {other}, '', '', null, null, {me}, now()), ({basel}, {mine}, 1, 'not mine', 'en', {other}, '', '', null, null, {me}, now())`,
		`insert into entry_source (community_id, entry_id, n, words, lang, speaker_id, by_id, at) select community_id, id, 2, {text}hushed', 'en', {me}, null, now() from item where id = (select min(id) from item where kind = 'entry' and audience = 3 and author_id <> {me} and not exists (select from entry_source s where s.entry_id = item.id and s.n = 2))`,
		`insert into entry_use (community_id, entry_id, n, account_id, used_in, place, outcome, outcome_html, again, lang, organisation, at) values ({basel}, {theirs}, 1, {me}, {basel}, {text}place', {text}outcome', '<p>{link}</p>', 'yes', 'en', {text}office', now()), ({basel}, {used}, 1, {other}, {basel}, '', 'not mine', '', 'no', 'en', '', now())`,
		`insert into entry_translation (community_id, entry_id, lang, title, summary, fields, body, html, renderer, of_revision, by_id, at) values ({basel}, {theirs}, 'de', {text}Titel', 'Ruf @{handle}', jsonb_build_object('done', E'Frag\n@{handle}'), 'Frag @{handle}', '<p>{link}</p>', 1, 1, {me}, now())`,
		`update entry set (checked_at, checked_by, endorsed_at, endorsed_by, endorsed_revision) = (now(), {me}, now(), {me}, 1) where item_id = {theirs}`,
		`insert into gathered (account_id, community_id, item_id, words, position, at) values ({me}, {basel}, {theirs}, {text}gathered', 1, now()), ({other}, {basel}, {mine}, 'not mine', 1, now()), ({me}, {basel}, (select id from item where kind = 'discussion' and removed_at is null order by id limit 1), {text}removed', 2, now())`,
		`insert into gathered (account_id, community_id, item_id, words, position, at) select {me}, i.community_id, i.id, {text}elsewhere', 3, now() from item i join community c on c.id = i.community_id where c.slug = 'london' and i.audience = 2 order by i.id limit 1`,
		`with h as (insert into theme (community_id, key, words, sayings, voices, found_at, dismissed_by) values ({basel}, {text}key', 'hot', 3, 2, now(), {me}) returning id) insert into theme_saying select id, {mine}, '', 'said by @{handle}' from h`,
	} {
		if _, err := tx.Exec(t.Context(), fill.Replace(one)); err != nil {
			t.Fatalf("%s: %v", fill.Replace(one), err)
		}
	}
}

func TestWhatSomebodyLearntUsedTranslatedSaidAndGatheredIsTakenAlong(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler", "silvan-oesch")
	for _, me := range people {
		learns(t, tx, me.Handle)
	}
	for n, me := range people {
		files := taken{}
		if err := parting.NewStore(tx, time.Now).Take(t.Context(), me.ID, files); err != nil {
			t.Fatal(err)
		}
		mark := "learn-" + me.Handle
		for file, words := range map[string][]string{"entries.json": {" alone", " draft", " theirs", " alone summary", " theirs text"}, "entries-edited.json": {" edit"}, "uses.json": {" outcome", " place", " office"}, "translations.json": {" Titel"},
			"said.json": {" words to", " no", " hushed"}, "words-taken-in.json": {}, "gathered.json": {" gathered"}} {
			for _, word := range words {
				if !strings.Contains(files[file], mark+word) {
					t.Errorf("%s: %q is missing in %s: %s", me.Handle, word, file, files[file])
				}
			}
			if strings.Contains(files[file], "learn-"+people[1-n].Handle) || strings.Contains(files[file], "not mine") {
				t.Errorf("%s: %s holds what others said: %s", me.Handle, file, files[file])
			}
		}
		if strings.Contains(files["gathered.json"], " elsewhere") {
			t.Errorf("%s takes along what only London reads: %s", me.Handle, files["gathered.json"])
		}
		if !strings.Contains(files["said.json"], `"entry": null`) || strings.Count(files["words-taken-in.json"], `"basel/entry-4`) != 2 {
			t.Errorf("%s: %s %s", me.Handle, files["said.json"], files["words-taken-in.json"])
		}
	}
}

func TestEntriesAndUsesStayWithARoleAndDraftsGoToWhoWritesThemToo(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler", "silvan-oesch")
	me := people[0]
	learns(t, tx, me.Handle)
	for _, one := range people {
		if err := parting.NewStore(tx, time.Now).Leave(t.Context(), one, parting.Leaving{Email: one.Email, Remove: true}); err != nil {
			t.Fatal(err)
		}
	}
	role, mark := text(t, tx, `select name from account where id = $1`, me.ID), "learn-"+me.Handle
	handle := text(t, tx, `select handle from account where id = $1`, me.ID)
	for sql, want := range map[string]string{
		`select concat_ws(' ', u.place, u.outcome, u.outcome_html, a.name) from entry_use u join account a on a.id = u.account_id where u.place = $1 || ' place'`:                                                       mark + " place " + mark + " outcome <p>@" + handle + "</p> " + role,
		`select string_agg(concat_ws(' ', name, account_id), ', ' order by position) from entry_author w join item i on i.id = w.entry_id where i.title = $1 || ' theirs'`:                                              "not mine, " + role,
		`select string_agg(concat_ws(' ', words, speaker_name, release, speaker_id, asked_at is null), ', ' order by n) from entry_source where words like $1 || '%' and words not like '%hushed'`:                      mark + " words to @" + handle + " " + role + "  t, " + mark + " no " + role + " given f",
		`select fields->>'done' from entry e join item i on i.id = e.item_id where i.title = $1 || ' theirs'`:                                                                                                           mark + " theirs text\nby\n@" + handle + ", not @urs-dettwiler-2",
		`select concat_ws(' ', t.summary, t.fields->>'done', t.body, t.html) from entry_translation t where t.title = $1 || ' Titel'`:                                                                                   "Ruf @" + handle + " Frag\n@" + handle + " Frag @" + handle + " <p>@" + handle + "</p>",
		`select e.place || coalesce((select name from account where id = e.endorsed_by), '') from entry e join item i on i.id = e.item_id where i.title = $1 || ' theirs'`:                                              "Asked @" + handle + role,
		`select concat_ws(' ', (select handle from account where id = i.author_id), i.removed_at is null, s.author_id = i.author_id) from item i join item_search s on s.item_id = i.id where i.title = $1 || ' draft'`: "beat-hollenstein t t",
		`select string_agg(concat_ws(' ', name, account_id), ', ' order by position) from entry_author w join item i on i.id = w.entry_id where i.title = $1 || ' draft'`:                                               "A gardener, " + role,
		`select count(*)::text from item where title in ($1 || ' mine', $1 || ' alone')`:                                                                                                                                "0",
		`select (select name from account where id = i.author_id) from item i where title = $1 || ' used' and removed_at is null`:                                                                                       role,
		`select concat_ws(' ', count(*), count(*) filter (where e.fields = '{}' and e.summary = '' and e.place = ''), count(x.id), count(g.id)) from item i join entry e on e.item_id = i.id left join entry_source x on x.entry_id = i.id left join entry_author w on w.entry_id = i.id left join gathered g on g.item_id = i.id
			where i.kind = 'entry' and i.title = '' and i.removed_at is not null and i.number > 4000 and $1 <> ''`: "2 2 0 0",
		`select count(*)::text from theme_saying where words like '%urs-dettwiler%' and $1 <> ''`: "0",
	} {
		if got := text(t, tx, sql, mark); got != want {
			t.Errorf("%s:\n got %q\nwant %q", sql, got, want)
		}
	}
	if text(t, tx, `select search @@ to_tsquery('public.k_en', 'summary') from item_search s join item i on i.id = s.item_id where i.title = $1`, mark+" theirs") != "true" {
		t.Error("an entry is not found by its summary any more")
	}
}
