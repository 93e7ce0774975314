package programme_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme"
	"urbanfluxes.eu/koinon/internal/programme/demo"
)

// shelf keeps the files of an export in memory.
type shelf map[string]string

func (s shelf) File(name string, content []byte) error {
	s[name] = string(content)
	return nil
}

func (s shelf) fs() fs.FS {
	files := fstest.MapFS{}
	for name, content := range s {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return files
}

func export(t testing.TB, db postgres.DB) shelf {
	t.Helper()
	out := shelf{}
	if err := programme.Export(context.Background(), db, out); err != nil {
		t.Fatal(err)
	}
	return out
}

func run(t testing.TB, db postgres.DB, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := db.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// full is the demonstration with at least one row in every table that an export carries.
func full(t testing.TB, db postgres.DB) {
	t.Helper()
	if err := demo.Load(context.Background(), db, time.Date(2016, 6, 1, 9, 30, 0, 123456000, time.UTC)); err != nil {
		t.Fatal(err)
	}
	run(t, db, `update programme_text set notice = 'Moved on Friday.' where lang = 'en'`,
		`insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) select c.id, 'discussion', c2.n + 1, 'Who can read my map?', 'en', null, 2, '2016-05-01', '2016-05-01', '2016-05-02 10:00:00.000001'
			from community c join counter c2 on c2.community_id = c.id and c2.series = 'discussion' where c.slug = 'basel'`,
		`update counter set n = n + 1 where series = 'discussion' and community_id = (select id from community where slug = 'basel')`,
		`insert into item_text select id, E'---\n\\---\n\nA fence, and @regula-ammann, T-1.\n', '', 0 from item where title = 'Who can read my map?'`,
		`insert into discussion (item_id, form, pinned_at, locked_at, locked_reason) select id, 'help', '2016-05-03', '2016-05-04', 'Settled.' from item where title = 'Who can read my map?'`,
		`insert into help_request (item_id, community_id, state, state_at, tried, needed_by, addressed, discreet, answered_at, ending, outcome, outcome_at) select id, community_id, 'closed', '2016-05-02', 'Asked **around**.', '2016-05-20', 'scientist', true, '2016-05-02', 'worked', 'It worked.', '2016-05-03' from item where title = 'Who can read my map?'`,
		`insert into help_offer select h.item_id, a.id, 'Gladly', '2016-05-01 12:00' from help_request h join item i on i.id = h.item_id and i.title = 'Who can read my map?', account a where a.handle in ('jonas-wirz', 'lea-straumann')`,
		`insert into discreet_author select h.item_id, a.id from help_request h join item i on i.id = h.item_id and i.title = 'Who can read my map?', account a where a.handle = 'regula-ammann'`,
		`insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at, removed_at, removed_by, removed_reason, withdrawn_at, hidden_at)
			select c.id, 'entry', c2.n + 1, 'Shade nets', 'en', a.id, 3, '2016-05-01', '2016-05-01', '2016-05-01', '2016-05-09', a.id, 'a mistake', '2016-05-09', '2016-05-10' from community c join counter c2 on c2.community_id = c.id and c2.series = 'entry', account a where c.slug = 'basel' and a.handle = 'regula-ammann'`,
		`insert into item_text select id, 'Heard over lunch.', '', 0 from item where title = 'Shade nets'`,
		`insert into entry (item_id, community_id, form, fields) select id, community_id, 'experience', '{"told": "Heard over lunch."}' from item where title = 'Shade nets'`,
		`update counter set n = n + 1 where series = 'entry' and community_id = (select id from community where slug = 'basel')`,
		`insert into item_link (from_id, to_id, relation, quote, released, at) select e.id, d.id, 'from', 'a «word» & <more>', true, '2016-05-01' from item e, item d where e.title = 'Shade nets' and d.title = 'Who can read my map?'`,
		`insert into help_answer select d.item_id, (select i.id from item i where i.kind = 'reply' limit 1) from help_request d where false`,
		`insert into follow (account_id, level, at) select id, 'catch-up', '2016-05-01' from account where handle = 'regula-ammann'`,
		`insert into follow (account_id, community_id, level, at) select a.id, c.id, 'all', '2016-05-01' from account a, community c where handle = 'regula-ammann' on conflict do nothing`,
		`insert into follow (account_id, item_id, level, at) select a.id, i.id, 'nothing', '2016-05-01' from account a, item i where handle = 'regula-ammann' and i.kind = 'reply'`,
		`insert into read_mark select a.id, d.item_id, d.last_number, '2016-05-01' from account a, discussion d where a.handle = 'jonas-wirz' on conflict do nothing`,
		`insert into notice (account_id, activity_id, community_id, item_id, top_id, why, kind, way, at, read_at) select a.id, v.id, v.community_id, v.item_id, v.item_id, 'followed', 'replies', case when v.id % 3 = 0 then 'quiet' else 'inbox' end, v.at, case when v.id % 2 = 0 then v.at end from account a, activity v where a.handle = 'regula-ammann' on conflict do nothing`,
		`insert into draft (account_id, place, fields, tab, revision, at) select id, '/c/basel/discussions/1/edit', '{"body": ["half a thought \\u2028 <b>"]}', 'x', 3, '2016-05-01' from account where handle = 'regula-ammann'`,
		`insert into report (community_id, item_id, account_id, reason, at, settled_at, settled_by, outcome, note) select i.community_id, i.id, a.id, 'Off topic', '2016-05-01', '2016-05-02', a.id, 'kept', 'No.' from item i, account a where i.title = 'Shade nets' and a.handle = 'jonas-wirz'`,
		`insert into item_moved select community_id, 'discussion', n + 1, (select i.id from item i join community c on c.id = i.community_id where c.slug = 'london' and i.kind = 'discussion' order by i.id limit 1) from counter where series = 'discussion' and community_id = (select id from community where slug = 'basel')`,
		`update counter set n = n + 1 where series = 'discussion' and community_id = (select id from community where slug = 'basel')`,
		`insert into invitation (community_id, email, email_key, name, lang, note, invited_by, at, sent, account_id, accepted_at, withdrawn_at) select c.id, 'New@Example.org', 'new@example.org', 'New', 'de', 'Come', a.id, '2016-05-01', 2, a.id, '2016-05-02', '2016-05-03' from community c, account a where a.handle = 'beat-hollenstein'`,
		`update membership set greeted_at = '2016-05-01', coordinator_since = '2016-04-01', greeted_by = account_id, reminded_at = '2016-05-02', admitted_by = account_id, reason = 'because' where role = 'coordinator'`,
		`insert into wanted_organisation (community_id, name, sector, perspective, why, position, revision, added_by, at) select c.id, n, 'health', 'stakeholder', 'They know', 1, 2, null, '2016-05-01' from community c, unnest(array['Ζ', 'a clinic']) n`,
		`delete from handover_revision where community_id = (select id from community where slug = 'basel')`, `delete from handover where community_id = (select id from community where slug = 'basel')`,
		`insert into handover select c.id, E'Keys are\n---\nwith the porter.', '', 'en', 4, '2016-05-01', null from community c where slug = 'basel'`,
		`insert into handover_revision select c.id, n, 'Keys, ' || n, 'en', '2016-04-01', a.id from community c, account a, generate_series(1, 4) n where c.slug = 'basel' and a.handle = 'beat-hollenstein'`,
		`update glossary_term set created_by = a.id, updated_by = a.id from account a where a.handle = 'regula-ammann' and slug < 'c'`,
		`insert into activity (at, actor_id, verb, item_id, community_id, concerned, detail) select '2016-05-05', null, 'item.hide', i.id, i.community_id, array[a.id], '{"reason": "x", "n": 1.0}' from item i, account a where i.title = 'Shade nets' and a.handle = 'regula-ammann'`)
	meetings(t, db)
	criteria(t, db)
	repertoire(t, db)
	attach(t, db, "regula-ammann", "Who can read my map?")
}

// attach gives somebody a picture, and an item a drawing, a table of several pieces and a PDF.
func attach(t testing.TB, db postgres.DB, handle, title string) {
	t.Helper()
	var who account.ID
	if err := db.QueryRow(t.Context(), `select id from account where handle = $1`, handle).Scan(&who); err != nil {
		t.Fatal(err)
	}
	files := file.NewStore(db, func() time.Time { return time.Date(2016, 5, 2, 0, 0, 0, 1000, time.UTC) })
	drawing := drawn(t)
	if err := files.Portray(t.Context(), who, upload("me.png", drawing)); err != nil {
		t.Fatal(err)
	}
	for n, u := range []file.Upload{upload("Heat \"map\": α.png", drawing), upload("values.csv", bytes.Repeat([]byte("1;2\n"), 100_000)), upload("plan.pdf", []byte("%PDF-1.7\n"))} {
		f, err := files.Keep(t.Context(), who, u)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), `update item_file f set community_id = i.community_id, item_id = i.id, position = $3, expires_at = null, by_id = null, alt = case when width > 0 then 'A map' else '' end from item i where f.id = $1 and i.title = $2`, f.ID, title, 2*n); err != nil {
			t.Fatal(err)
		}
	}
}

func upload(name string, content []byte) file.Upload {
	return file.Upload{Name: name, Size: int64(len(content)), Content: bytes.NewReader(content)}
}

// drawn is a picture wider than the small size.
func drawn(t testing.TB) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 700, 300))
	for n := range picture.Pix {
		picture.Pix[n] = uint8(n * n / 700)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExportImportExportIsTheSameByteForByte(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	full(t, first)
	before := export(t, first)
	if len(before) < 30 {
		t.Fatalf("only %d files: %v", len(before), slices.Sorted(maps.Keys(before)))
	}
	if err := programme.Import(t.Context(), second, before.fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, export(t, second)); diff != "" {
		t.Error(diff)
	}
	var archive [2]bytes.Buffer
	for n, db := range []postgres.DB{first, second} {
		z := programme.NewZipSink(&archive[n])
		if err := errors.Join(programme.Export(t.Context(), db, z), z.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(archive[0].Bytes(), archive[1].Bytes()) {
		t.Error("the archives differ")
	}
	for _, what := range []string{`select count(*) from item_search`, `select count(*) from item_text where html = '' and body <> ''`, `select sum(replies * 1000 + last_number) from discussion`, `select sum(members * 1000 + last_member) from community`, `select sum(n) from counter`, `select count(*) from river_job`, `select count(*) from item_file f join file_chunk c on c.file_id = f.id`, `select count(*) from handover_revision`, `select count(key) from glossary_word`,
		`select count(*) from item_text where html like '%class="mention"%'`, `select count(*) from item_text where html like '%class="reference"%'`} {
		var a, b int
		if err := errors.Join(first.QueryRow(t.Context(), what).Scan(&a), second.QueryRow(t.Context(), what).Scan(&b)); err != nil {
			t.Fatal(err)
		}
		if a != b && !strings.Contains(what, "item_search") && !strings.Contains(what, "html") && !strings.Contains(what, "river") || b > 0 && strings.Contains(what, "river") || b == 0 && strings.Contains(what, "class=") {
			t.Errorf("%s: %d before, %d after", what, a, b)
		}
	}
}

// shown is what readers see of every item, by its place in the programme.
func shown(t testing.TB, db postgres.DB) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), `select concat_ws('|', c.slug, i.kind, p.number, i.number, t.html, t.renderer, h.tried_html, h.outcome_html, s.search, s.lang, s.audience, s.removed)
		from item i join community c on c.id = i.community_id left join item p on p.id = i.parent_id join item_text t on t.item_id = i.id left join item_search s on s.item_id = i.id left join help_request h on h.item_id = i.id order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPagesAndIndexAreRemadeOnImportAsTheyWere(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	if err := demo.Load(t.Context(), first, time.Now()); err != nil {
		t.Fatal(err)
	}
	live(t, first)
	if err := programme.Import(t.Context(), second, export(t, first).fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	before := shown(t, first)
	if diff := cmp.Diff(before, shown(t, second)); diff != "" {
		t.Error(diff)
	}
	if all := strings.Join(before, "\n"); !strings.Contains(all, "'zymurgi':") || !strings.Contains(all, "'quokka':") || !strings.Contains(all, "|t") {
		t.Error("what was tried, what worked and what was removed is not in the index")
	}
}

// live writes as members do: a request for help with its whole life, names in it, and a reply that a coordinator hides.
func live(t testing.TB, db postgres.DB) {
	t.Helper()
	store := discussion.NewStore(db, time.Now)
	asker, helper, coordinator := sits(t, db, "urs-dettwiler"), sits(t, db, "lea-straumann"), sits(t, db, "beat-hollenstein")
	request, err := store.Ask(t.Context(), asker, discussion.Asking{Opening: discussion.Opening{Title: "Who brews?", Body: "See T-1, @lea-straumann.", Lang: "en", Audience: item.Community, Request: uuid.New()}, Need: discussion.Need{Tried: "Some **zymurgy**, @jonas-wirz."}})
	if err != nil {
		t.Fatal(err)
	}
	reply := func(seat community.Seat, body string) int {
		made, err := store.Reply(t.Context(), seat, request.Number, discussion.Answer{Body: body, Lang: "en", Request: uuid.New()})
		if err != nil {
			t.Fatal(err)
		}
		return made.Number
	}
	good, bad := reply(helper, "Ask @beat-hollenstein in [Basel T-2]."), reply(helper, "Nonsense.")
	for _, err := range []error{store.Offer(t.Context(), helper, request.Number, "Gladly"), store.Hide(t.Context(), coordinator, request.Number, bad, "nonsense"),
		store.Close(t.Context(), asker, request.Number, discussion.Outcome{Ending: discussion.Worked, Text: "The quokka, see T-2.", Replies: []int{good}})} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// sits is the seat of somebody in Basel.
func sits(t testing.TB, db postgres.DB, handle string) community.Seat {
	t.Helper()
	var who account.Account
	var b community.Belonging
	var c community.Community
	err := db.QueryRow(t.Context(), `select a.id, a.name, c.id, c.slug, c.visibility, m.role, m.perspective from account a join membership m on m.account_id = a.id join community c on c.id = m.community_id where a.handle = $1 and c.slug = 'basel'`, handle).
		Scan(&who.ID, &who.Name, &c.ID, &c.Slug, &c.Visibility, &b.Role, &b.Perspective)
	if err != nil {
		t.Fatal(err)
	}
	b.Community, b.Slug = c.ID, c.Slug
	arrival := community.Arrival{Account: who, Belongings: []community.Belonging{b}, Reach: community.ReachOf(who, []community.Belonging{b})}
	return arrival.Seat(c)
}

func TestAMoveNamesTheSameCommunitiesAfterAnImport(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	if err := demo.Load(t.Context(), first, time.Date(2016, 6, 1, 9, 30, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	run(t, first, `insert into activity (at, verb, community_id, item_id, detail) select '2016-05-06', 'discussion.move', t.id, i.id, jsonb_build_object('from', f.id, 'to', t.id)
		from community f, community t, item i where f.slug = 'basel' and t.slug = 'london' and i.community_id = t.id and i.kind = 'discussion' and i.number = 1`)
	before := export(t, first)
	if moved := strings.ReplaceAll(before["activity.jsonl"], " ", ""); !strings.Contains(moved, `{"to":"london","from":"basel"}`) {
		t.Error("the export does not name the communities")
	}
	run(t, second, `alter sequence community_id_seq restart with 500`)
	if err := programme.Import(t.Context(), second, before.fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, export(t, second)); diff != "" {
		t.Error(diff)
	}
	var from, to string
	if err := second.QueryRow(t.Context(), `select f.slug, t.slug from activity v join community f on f.id = (v.detail->>'from')::bigint join community t on t.id = (v.detail->>'to')::bigint where v.verb = 'discussion.move'`).Scan(&from, &to); err != nil || from != "basel" || to != "london" {
		t.Errorf("moved from %s to %s, %v", from, to, err)
	}
}

func TestWithoutWhatIsPersonalAProgrammeIsStillWhole(t *testing.T) {
	t.Parallel()
	first, second := testdb.New(t), testdb.New(t)
	full(t, first)
	shared := export(t, first)
	for _, name := range []string{"discreet.json", "activity.jsonl", "notices.jsonl", "follows.jsonl", "read.jsonl", "drafts.jsonl"} {
		if shared[name] == "" {
			t.Errorf("%s is not there", name)
		}
		delete(shared, name)
	}
	if err := programme.Import(t.Context(), second, shared.fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shared, export(t, second)); diff != "" {
		t.Error(diff)
	}
}

func TestANewItemGoesOnAfterTheImportedOnes(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	before := example()
	if err := programme.Import(t.Context(), db, before.fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRow(t.Context(), `select n from counter where series = 'discussion'`).Scan(&n); err != nil || n != 2 {
		t.Errorf("the series stands at %d, %v; want 2", n, err)
	}
	run(t, db, `insert into account (handle, name, email, email_key, created_at) values ('x', 'X', 'x@y', 'x@y', now())`)
}

func TestShiftMovesTheNewestMomentShortlyBeforeNowAndKeepsDistances(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	if err := programme.Import(t.Context(), db, example().fs(), programme.Options{Shift: now}); err != nil {
		t.Fatal(err)
	}
	var newest, oldest time.Time
	if err := db.QueryRow(t.Context(), `select max(created_at), min(created_at) from item`).Scan(&newest, &oldest); err != nil {
		t.Fatal(err)
	}
	if want := now.Add(-time.Hour); !newest.Equal(want) || newest.Sub(oldest) != 48*time.Hour {
		t.Errorf("newest %v, oldest %v; want %v and two days before it", newest, oldest, want)
	}
	var needed, founded time.Time
	if err := db.QueryRow(t.Context(), `select (select needed_by from help_request), (select founded from community)`).Scan(&needed, &founded); err != nil {
		t.Fatal(err)
	}
	if needed.Format(time.DateOnly) != "2026-07-10" || founded.Format(time.DateOnly) != "2015-06-23" {
		t.Errorf("needed by %v, founded on %v", needed, founded)
	}
}
