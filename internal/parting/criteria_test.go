package parting_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/parting"
)

// asks has somebody ask for something, rate, claim, answer and make a product, marked; others do beside.
func asks(t *testing.T, tx pgx.Tx, handle string) {
	t.Helper()
	fill := strings.NewReplacer("{me}", "(select id from account where handle = '"+handle+"')", "{other}", "(select id from account where handle = 'beat-hollenstein')", "{basel}", "(select id from community where slug = 'basel')",
		"{umbrella}", "(select id from community where slug = 'umbrella')", "{criterion}", "(select id from item where title = 'ask-"+handle+" criterion')", "{product}", "(select id from item where title = 'ask-"+handle+" product')",
		"{release}", "(select id from item where title = 'ask-"+handle+" release')", "{claim}", "(select id from item where title = 'ask-"+handle+" claim')", "{text}", "'ask-"+handle+" ", "{mark}", "ask-"+handle, "{handle}", handle)
	item := func(in, kind, parent string) string {
		return fmt.Sprintf(`insert into item (community_id, kind, number, parent_id, title, lang, author_id, audience, created_at, updated_at, active_at, updated_by)
			values (%s, '%s', 3000 + (select count(*) from item), %s, {text}%[2]s', 'en', {me}, 2, now(), now(), now(), {me})`, in, kind, parent)
	}
	for _, one := range []string{
		item("{umbrella}", "product", "null"), item("{umbrella}", "release", "{product}"), item("{basel}", "criterion", "null"), item("{basel}", "claim", "{criterion}"),
		`insert into item_text select id, '', '', 1 from item where title like '{mark} %' on conflict do nothing`,
		`insert into product (item_id, community_id, slug, form, state, summary) values ({product}, {umbrella}, '{mark}', 'map', 'available', {text}summary')`,
		`insert into product_maker (product_id, account_id, position) values ({product}, {me}, 1), ({product}, {other}, 2)`,
		`insert into release (item_id, community_id, product_id, slug, state, published_on, limits) values ({release}, {umbrella}, {product}, '1', 'published', current_date, 'Ask @{handle}.')`,
		`insert into criterion (item_id, community_id, state_at, need_id) values ({criterion}, {basel}, now(), {criterion})`,
		`insert into criterion_source (community_id, criterion_id, n, form, words, lang, speaker_id, perspective, organisation, by_id, at) values ({basel}, {criterion}, 1, 'person', {text}words', 'en', {me}, 'stakeholder', {text}office', {other}, now()),
			({basel}, {criterion}, 2, 'document', {text}not mine', 'en', {other}, '', '', {me}, now())`,
		`insert into criterion_step (community_id, criterion_id, step, reason, by_id, at) values ({basel}, {criterion}, 'raised', {text}step', {me}, now())`,
		`insert into rating (community_id, criterion_id, account_id, perspective, value, reason, lang, at, changed_at) values ({basel}, {criterion}, {me}, 'stakeholder', 7, {text}rating', 'en', now(), now()), ({basel}, {criterion}, {other}, 'stakeholder', 3, 'theirs', 'en', now(), now())`,
		`insert into claim (item_id, community_id, criterion_id, release_id, extent, limits, edition, answer_by) values ({claim}, {basel}, {criterion}, {release}, 'fully', {text}limits', 2, now())`,
		`insert into claim_reopening values ({claim}, 2, {text}reopening', {me}, now())`,
		`insert into verdict (community_id, claim_id, edition, account_id, answer, reason, lang, perspective, organisation, by_id, at) values ({basel}, {claim}, 1, {me}, 'partly', {text}verdict', 'en', 'stakeholder', {text}office', {me}, now()),
			({basel}, {claim}, 2, {other}, 'not', 'theirs', 'en', 'stakeholder', '', {other}, now())`,
		`insert into verdict (community_id, claim_id, edition, community, answer, reason, lang, by_id, at) values ({basel}, {claim}, 2, true, 'not', {text}for all', 'en', {me}, now())`,
	} {
		if _, err := tx.Exec(t.Context(), fill.Replace(one)); err != nil {
			t.Fatalf("%s: %v", fill.Replace(one), err)
		}
	}
}

func TestWhatSomebodyAskedForRatedClaimedAnsweredAndMadeIsTakenAlong(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler", "silvan-oesch")
	for _, me := range people {
		asks(t, tx, me.Handle)
	}
	for n, me := range people {
		files := taken{}
		if err := parting.NewStore(tx, time.Now).Take(t.Context(), me.ID, files); err != nil {
			t.Fatal(err)
		}
		mark := "ask-" + me.Handle
		for file, words := range map[string][]string{"asked-for.json": {" words", " office", " criterion"}, "sources-logged.json": {}, "criteria-decided.json": {" step"}, "ratings.json": {" rating"}, "claims.json": {" limits"},
			"claims-reopened.json": {" reopening"}, "verdicts.json": {" verdict", " for all"}, "products-made.json": {" product"}} {
			for _, word := range words {
				if !strings.Contains(files[file], mark+word) {
					t.Errorf("%s: %q is missing in %s", me.Handle, word, files[file])
				}
			}
			if strings.Contains(files[file], "ask-"+people[1-n].Handle) || strings.Contains(files[file], "not mine") || strings.Contains(files[file], "theirs") {
				t.Errorf("%s: %s holds what others said: %s", me.Handle, file, files[file])
			}
		}
		if !strings.Contains(files["ratings.json"], `"value": 7`) || !strings.Contains(files["sources-logged.json"], `"source": 2`) {
			t.Errorf("%s: %s %s", me.Handle, files["ratings.json"], files["sources-logged.json"])
		}
	}
}

func TestWhatSomebodyAskedForAndRatedStaysWithoutTheName(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "urs-dettwiler", "silvan-oesch")
	me := people[0]
	asks(t, tx, me.Handle)
	asks(t, tx, "silvan-oesch")
	role := "a member"
	for _, one := range people {
		if err := parting.NewStore(tx, time.Now).Leave(t.Context(), one, parting.Leaving{Email: one.Email, Remove: true}); err != nil {
			t.Fatal(err)
		}
	}
	if got := text(t, tx, `select name from account where id = $1`, me.ID); strings.HasPrefix(got, role) {
		role = got
	}
	mark := "ask-" + me.Handle
	for sql, want := range map[string]string{
		`select speaker_name || ', ' || organisation from criterion_source where words = $1 || ' words'`:                                                                                                                               role + ", " + mark + " office",
		`select title from item where title = $1 || ' criterion' and removed_at is null`:                                                                                                                                               mark + " criterion",
		`select title from item where title = $1 || ' claim' and removed_at is null`:                                                                                                                                                   mark + " claim",
		`select string_agg(concat_ws(' ', perspective, value, reason, account_id is null), ', ' order by value) from rating r join item i on i.id = r.criterion_id where i.title = $1 || ' criterion'`:                                 "stakeholder 3 theirs f, stakeholder 7  t",
		`select concat_ws(' ', answer, perspective, reason, account_id is null, by_id is null) from verdict where reason = $1 || ' verdict'`:                                                                                           "partly stakeholder " + mark + " verdict t t",
		`select concat_ws(' ', answer, community, by_id is null) from verdict where reason = $1 || ' for all'`:                                                                                                                         "not t f",
		`select string_agg(concat_ws(' ', name, ended_at is null), ', ' order by m.position) from product_maker m join product p on p.item_id = m.product_id where p.slug = $1`:                                                        role + " f,  t",
		`select replace(limits, h.handle, 'H') from release r join product p on p.item_id = r.product_id, (select a.handle from account a where a.id = (select author_id from item where title = $1 || ' claim')) h where p.slug = $1`: "Ask @H.",
	} {
		if got := text(t, tx, sql, mark); got != want {
			t.Errorf("%s:\n got %q\nwant %q", sql, got, want)
		}
	}
}

func TestTwoMakersOfOneRoleLeaveOneAfterTheOther(t *testing.T) {
	t.Parallel()
	tx, people := town(t, "lea-straumann", "maud-delaunay")
	asks(t, tx, "lea-straumann")
	if _, err := tx.Exec(t.Context(), `insert into product_maker (product_id, account_id, position) select p.item_id, $1, 3 from product p where p.slug = 'ask-lea-straumann'`, people[1].ID); err != nil {
		t.Fatal(err)
	}
	for _, one := range people {
		if err := parting.NewStore(tx, time.Now).Leave(t.Context(), one, parting.Leaving{Email: one.Email}); err != nil {
			t.Fatal(err)
		}
	}
	if got := text(t, tx, `select count(*) || ' ' || count(distinct name) from product_maker m join product p on p.item_id = m.product_id where p.slug = 'ask-lea-straumann' and name <> ''`); got != "1 1" {
		t.Errorf("got %s", got)
	}
}
