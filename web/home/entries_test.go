package home_test

import (
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

func TestEntriesWaitOnTheDesksOfThoseWhoseTheyAre(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	do := func(sql string, args ...any) {
		t.Helper()
		if _, err := s.DB.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	const asks, drafts = "May your words be read in this entry?", "A draft of yours waits. Does it want to be shared?"
	author, speaker, coordinator, other := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein"), s.As(t, "lea-straumann")
	before := map[*webtest.Visitor]int{}
	for _, v := range []*webtest.Visitor{author, speaker, coordinator, other} {
		before[v] = s.Asked(func() { v.Get("/").Sees(t, 200) })
	}
	do(`with made as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at)
			select c.id, 'entry', 900 + n, 'Vine ' || n, 'en', a.id, case when n = 1 then 3 else 0 end, now() - interval '3 years', now() - interval '8 days', now() from community c, account a, generate_series(1, 3) n where c.slug = 'basel' and a.handle = 'regula-ammann' returning *),
		texts as (insert into item_text (item_id, body, html, renderer) select id, 'The vine', '<p>The vine</p>', 1 from made)
		insert into entry (item_id, community_id, form, shared_at) select id, community_id, 'experience', case when audience < 3 then now() - interval '3 years' end from made`)
	do(`insert into entry_source (community_id, entry_id, n, words, lang, speaker_id, release, asked_at, at) select i.community_id, i.id, 1, 'It cools', 'en', a.id, 'asked', now(), now()
		from item i, account a where i.kind = 'entry' and i.number in (901, 902) and a.handle = 'urs-dettwiler'`)

	author.Get("/").Sees(t, 200, drafts, "/c/basel/repertoire/901/edit", "Vine 1").Misses(t, asks)
	page := speaker.Get("/").Sees(t, 200, asks, "/c/basel/repertoire/902-vine-2").Misses(t, drafts)
	if n := strings.Count(page.Body, asks); n != 1 {
		t.Errorf("asked %d times: once for what others read, never for a draft", n)
	}
	coordinator.Get("/").Sees(t, 200, "2 entries are older than two years and unconfirmed", "/repertoire?age=stale&amp;city=basel")
	other.Get("/").Misses(t, asks, drafts, "older than two years")
	for v, asked := range before {
		if now := s.Asked(func() { v.Get("/").Sees(t, 200) }); now != asked {
			t.Errorf("the desk asks the database %d times, before %d", now, asked)
		}
	}
	do(`update entry set checked_at = now() where item_id = (select id from item where kind = 'entry' and number = 902)`)
	coordinator.Get("/").Sees(t, 200, "1 entry is older than two years and unconfirmed")
	do(`update item set updated_at = now() where kind = 'entry' and number = 901`)
	author.Get("/").Misses(t, drafts)
}
