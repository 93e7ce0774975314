package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme/demo"
	"urbanfluxes.eu/koinon/internal/search"
)

// secret is a text with a word that stands nowhere else, and who may read it.
type secret struct {
	name, word string
	readers    []string
	make       func(t *testing.T, tx postgres.DB, s secret)
}

const everybody = "stranger account elsewhere waiting member author coordinator administrator"

var secrets = []secret{
	{"public", "quellwolke", strings.Fields(everybody), audience(item.Public)},
	{"programme", "ampfergrund", strings.Fields("elsewhere member author coordinator administrator"), audience(item.Programme)},
	{"community", "fischreuse", strings.Fields("member author coordinator administrator"), audience(item.Community)},
	{"draft", "dornbusch", strings.Fields("author coordinator"), func(t *testing.T, db postgres.DB, s secret) {
		id := start(t, db, s, item.Community)
		change(t, db, `update item set audience = 3 where id = $1`, id)
	}},
	{"narrowed later", "wollgras", strings.Fields("member author coordinator administrator"), func(t *testing.T, db postgres.DB, s secret) {
		id := start(t, db, s, item.Public)
		change(t, db, `update item set audience = 2 where id = $1`, id)
	}},
	{"removed", "krummholz", nil, func(t *testing.T, db postgres.DB, s secret) {
		id := start(t, db, s, item.Public)
		change(t, db, `update item set removed_at = now() where id = $1`, id)
	}},
	{"reply in a removed thread", "lattich", nil, func(t *testing.T, db postgres.DB, s secret) {
		other := s
		other.word = "nichts"
		id := start(t, db, other, item.Public)
		var number int
		if err := db.QueryRow(t.Context(), `select number from item where id = $1`, id).Scan(&number); err != nil {
			t.Fatal(err)
		}
		if _, err := discussion.NewStore(db, time.Now).Reply(t.Context(), seat(t, db, "regula-ammann"), number, discussion.Answer{Body: "Ein " + s.word, Lang: locale.German, Request: uuid.New()}); err != nil {
			t.Fatal(err)
		}
		change(t, db, `update item set removed_at = now() where id = $1`, id)
	}},
	{"private community", "eisenhut", []string{"administrator"}, func(t *testing.T, db postgres.DB, s secret) {
		id := start(t, db, s, item.Community)
		change(t, db, `with made as (insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ('geheimbund', 'city', 'de', 'Europe/Zurich', 'private', now(), now(), now()) returning id),
			named as (insert into community_text (community_id, lang, name, summary, domain, agenda) select id, 'de', 'Geheimbund', '', '', '' from made)
			update item i set community_id = made.id, number = 1 from made where i.id = $1`, id)
	}},
}

func audience(a item.Audience) func(*testing.T, postgres.DB, secret) {
	return func(t *testing.T, db postgres.DB, s secret) { start(t, db, s, a) }
}

func change(t *testing.T, db postgres.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func start(t *testing.T, db postgres.DB, s secret, a item.Audience) item.ID {
	t.Helper()
	made, err := discussion.NewStore(db, time.Now).Start(t.Context(), seat(t, db, "regula-ammann"), discussion.Opening{Form: discussion.Conversation, Title: "Über " + s.word, Lang: locale.German, Audience: a,
		Body: "Hier steht einmal " + s.word + " zwischen Bäumen in der Nacht.", Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func seat(t *testing.T, db postgres.DB, handle string) community.Seat {
	t.Helper()
	s := community.Seat{Slug: "basel", Standing: community.Member, Reach: reachOf(t, db, handle)}
	s.Account = s.Reach.Me
	if err := db.QueryRow(t.Context(), `select id from community where slug = 'basel'`).Scan(&s.Community); err != nil {
		t.Fatal(err)
	}
	return s
}

func readers(t *testing.T, db postgres.DB) map[string]community.Reach {
	t.Helper()
	change(t, db, `insert into account (handle, name, email, email_key, created_at) values ('no-member', 'Nobody', 'n@example.org', 'n@example.org', now()), ('waiting', 'Waiting', 'w@example.org', 'w@example.org', now()), ('admin', 'Admin', 'a@example.org', 'a@example.org', now())`)
	change(t, db, `update account set administrator = true where handle = 'admin'`)
	change(t, db, `insert into membership (community_id, account_id, state, perspective, asked_at) select c.id, a.id, 'waiting', 'stakeholder', now() from community c, account a where c.slug = 'basel' and a.handle = 'waiting'`)
	all := map[string]community.Reach{}
	for name, handle := range map[string]string{"stranger": "", "account": "no-member", "elsewhere": "eleni-markaki", "waiting": "waiting", "member": "urs-dettwiler", "author": "regula-ammann", "coordinator": "beat-hollenstein", "administrator": "admin"} {
		all[name] = reachOf(t, db, handle)
	}
	return all
}

// queries that could bring a word to light: itself, its beginning, a slip, a phrase, its neighbours, filters alone.
func probes(word string) []string {
	return []string{word, word[:len(word)-2], word[:2] + word[3:], `"` + word + `"`, "Nacht " + word, word + " Bäume by:regula", "stadt:Basel " + word, "art:gespräch " + word, "-Nacht " + word}
}

func ask(t *testing.T, store search.Store, reach community.Reach, query string) search.Found {
	t.Helper()
	found, err := store.Find(t.Context(), reach, search.Parse(query), locale.German, 1)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}

// TestWhatOneMayNotReadChangesNothingThatOneIsTold puts texts in one by one: to who may not read a text, every answer stays the same to the letter.
func TestWhatOneMayNotReadChangesNothingThatOneIsTold(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	store := search.NewStore(db, time.Now)
	all := readers(t, db)
	always := []string{"Nacht Bäume", "stadt:Basel", "stadt:Geheimbund Nacht", "by:regula", "art:antwort", "by:me", "vor:2100", "T-8", "Basel T-9", "T-10", "Geheimbund T-1"}
	learn := func() {
		if err := store.Learn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	learn()
	for _, s := range secrets {
		known := map[string]search.Found{}
		asked := append(probes(s.word), always...)
		for who, reach := range all {
			for _, q := range asked {
				known[who+q] = ask(t, store, reach, q)
			}
		}
		s.make(t, db, s)
		learn()
		may := map[string]bool{}
		for _, who := range s.readers {
			may[who] = true
		}
		for who, reach := range all {
			if may[who] {
				if got := ask(t, store, reach, s.word); len(got.Hits) == 0 || !strings.Contains(got.Hits[0].Title, s.word) {
					t.Errorf("%s does not find what is %s", who, s.name)
				}
				continue
			}
			for _, q := range asked {
				if diff := cmp.Diff(known[who+q], ask(t, store, reach, q), cmpopts.IgnoreUnexported(search.Hit{})); diff != "" {
					t.Errorf("%s, asking %s, learns of what is %s: %s", who, q, s.name, diff)
				}
			}
		}
	}
}

func TestAnExcludedWordOrPhraseIsNotFoundInAnyForm(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	store := search.NewStore(db, time.Now)
	reach := reachOf(t, db, "regula-ammann")
	const yard = "Welche Bäume vertragen den Hinterhof?"
	for query, want := range map[string]bool{"Welche Bäume Hinterhof": true, "Bäume -Hinterhof": false, `Bäume -"den Hinterhof"`: false, `Bäume -"Hinterhof vertragen"`: true, "-Hinterhof": false} {
		if found := ask(t, store, reach, query); slices.Contains(titles(found.Hits, 100), yard) != want {
			t.Errorf("%s: %v", query, titles(found.Hits, 100))
		}
	}
}

func TestAReferenceLeadsToWhatItNames(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	store := search.NewStore(db, time.Now)
	reach := reachOf(t, db, "regula-ammann")
	for query, want := range map[string]int{"Basel t-1": 1, "Βασιλεία T-1": 1, "T-1 Bâle": 1, "T-4711": 0, "T-1": 4} {
		if found := ask(t, store, reach, query); len(found.Hits) != want || found.Count != want {
			t.Errorf("%s: %d found: %v", query, found.Count, titles(found.Hits, 5))
		}
	}
}

func TestAnythingThatCanBeTypedIsHarmless(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	store := search.NewStore(db, time.Now)
	if err := store.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	reach := reachOf(t, db, "regula-ammann")
	for _, typed := range []string{"", " ", `'`, `\`, `\'`, `' | !'`, "a:*", "(((", "!", "&|!<->", "%", "_", `%_%\`, "by:%", `by:\`, "tag:'", "tag:%", "city:%", `"`, `""`, "-", "--", `-"`, ":", "x:", ":x", "\x00", "\xff\xfe", strings.Repeat("a ", 500),
		strings.Repeat("ä", 400), "before:9999-99-99", "after:0000", "before:1", "🌳", "-🌳", "kind:", "'; drop table item; --", "http://example.org/?a=b&c=%27", "$1", "@query", "{x}", "0x", "1e9", "½", "ﬁ", "\u202eabc", "a\u0301\u0302\u0303", "-Nacht", "-Nacht -Bäume"} {
		if _, err := store.Find(t.Context(), reach, search.Parse(typed), locale.English, 1); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, page := range []int{-1, 0, 7, 1 << 30} {
		if _, err := store.Find(t.Context(), reach, search.Parse("Nacht"), locale.English, page); err != nil {
			t.Errorf("page %d: %v", page, err)
		}
	}
}

func TestManyMatchesAreSearchedNewestFirstAndNeverCountedExactly(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	change(t, db, `with made as (insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at)
			select c.id, 'discussion', 1000 + n, 'Sammelwort ' || n, 'de', n % 3, now() - make_interval(mins => n), now(), now() from community c, generate_series(1, 24000) n where c.slug = 'basel' returning id, community_id, audience, created_at, title),
		texted as (insert into item_text (item_id, body, html, renderer) select id, title, title, 1 from made)
		insert into item_search (item_id, community_id, audience, kind, lang, at, search) select id, community_id, audience, 'discussion', 'de', created_at, setweight(to_tsvector('public.k_de', title), 'A') from made`)
	change(t, db, `analyze item_search, item, item_text`)
	store := search.NewStore(db, time.Now).Patiently()
	found := ask(t, store, community.Reach{Mine: []int64{}, Coordinated: []int64{}}, "Sammelwort")
	if !found.Newest || !found.AtLeast || found.Count != search.MaxCount || !found.Cut || len(found.Hits) != search.PerPage || found.Hits[0].Title != "Sammelwort 3" {
		t.Errorf("newest %v, count %d, cut %v, %d hits, first %v", found.Newest, found.Count, found.Cut, len(found.Hits), titles(found.Hits, 1))
	}
	if one := ask(t, store, community.Reach{Mine: []int64{}, Coordinated: []int64{}}, `"Sammelwort 24000"`); one.Newest || one.Count != 1 {
		t.Errorf("one of many: newest %v, count %d", one.Newest, one.Count)
	}
}

func TestTheVocabularyLearnsEachTextOnce(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	store := search.NewStore(db, time.Now)
	snapshot := func() string {
		if err := store.Learn(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query(t.Context(), `select lang || word || df || root || lexeme from vocabulary order by 1`)
		if err != nil {
			t.Fatal(err)
		}
		all, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(all) < 500 {
			t.Fatal(len(all), err)
		}
		return fmt.Sprint(all)
	}
	once := snapshot()
	if twice := snapshot(); twice != once {
		t.Error("learning twice changes the vocabulary")
	}
	change(t, db, `update item_text set body = body`)
	if edited := snapshot(); edited != once {
		t.Error("an edit counts the words once more")
	}
	if err := store.Relearn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := snapshot(); again != once {
		t.Error("learning anew gives another vocabulary")
	}
}
