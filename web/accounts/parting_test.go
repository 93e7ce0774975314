package accounts_test

import (
	"archive/zip"
	"io"
	"regexp"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/programme"
	"urbanfluxes.eu/koinon/web/webtest"
)

func do(t *testing.T, s *webtest.Site, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func unpacked(t *testing.T, archive string) map[string]string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(raw)
	}
	return files
}

// marked gives each of two people a row with a mark of their own wherever something is kept about a person.
func marked(t *testing.T, s *webtest.Site, handle, mark string) {
	t.Helper()
	fill := func(sql string) string {
		return strings.NewReplacer("{me}", "(select id from account where handle = '"+handle+"')", "{mark}", mark, "{basel}", "(select id from community where slug = 'basel')",
			"{next}", "(select 1000 + count(*) from item)").Replace(sql)
	}
	for _, sql := range []string{
		`update account set about = '{mark} about', organisation = '{mark} organisation' where id = {me}`,
		`update membership set bring = '{mark} bring', learn = '{mark} learn' where account_id = {me}`,
		`insert into competence select {basel}, {me}, 99, '{mark} competence'`,
		`insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at, updated_by) select {basel}, 'discussion', {next}, '{mark} title', 'en', {me}, 2, now(), now(), now(), {me}`,
		`insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) select {basel}, 'discussion', {next}, '{mark} discreet', 'en', 2, now(), now(), now()`,
		`insert into item_text select id, '{mark} body', '', 1 from item where title like '{mark} %'`,
		`insert into discussion (item_id, form) select id, 'help' from item where title like '{mark} %'`,
		`insert into help_request (item_id, community_id, state_at, tried, outcome, discreet) select id, community_id, now(), '{mark} tried', '{mark} outcome', author_id is null from item where title like '{mark} %'`,
		`insert into discreet_author select id, {me} from item where title = '{mark} discreet'`,
		`insert into item_revision select id, 7, '{mark} revision', 'en', 'earlier', {me}, now() from item where title = '{mark} title'`,
		`insert into draft (account_id, place, fields, at) values ({me}, '/x', '{"body": "{mark} draft"}', now())`,
		`insert into kept_form values (decode(md5('{mark}'), 'hex'), {me}, '/y', '{"body": ["{mark} unsent"]}', now(), now())`,
		`insert into follow (account_id, item_id, level, at) select {me}, id, 'all', now() from item where title = '{mark} title'`,
		`with told as (insert into activity (at, verb) values (now(), '{mark} notice') returning id) insert into notice (account_id, activity_id, why, kind, way, at) select {me}, id, 'concerned', 'people', 'inbox', now() from told`,
		`insert into account_session (token_hash, account_id, data, agent, expires_at) values ('{mark}', {me}, '', '{mark} agent', now() + interval '1 day')`,
		`insert into report (community_id, item_id, account_id, reason, at) select community_id, id, {me}, '{mark} report', now() from item where number = 1 and kind = 'discussion' and community_id = {basel}`,
		`insert into help_offer select id, {me}, '{mark} offer', now() from item where title = '{mark} title'`,
		`insert into activity (at, actor_id, verb) values (now(), {me}, '{mark}.acted')`,
		`insert into desk_later values ({me}, '{mark} later', now())`,
		`update account set picture = '0123456789abcdef' where id = {me}`,
		`insert into account_picture values ({me}, '{mark} face', '{mark} face', now())`,
		`insert into item_file (community_id, item_id, name, media, size, sha256, alt, by_id, at) select community_id, id, '{mark} file.txt', 'text/plain', 9, sha256(''), '{mark} alt', {me}, now() from item where title = '{mark} title'`,
		`insert into item_file (community_id, item_id, name, media, size, sha256, at) select community_id, id, '{mark} discreet file.txt', 'text/plain', 9, sha256(''), now() from item where title = '{mark} discreet'`,
		`insert into item_file (name, media, size, sha256, by_id, at, expires_at) values ('{mark} kept file.txt', 'text/plain', 9, sha256(''), {me}, now(), now() + interval '1 day')`,
		`insert into file_chunk select id, '', 0, ('{mark} content of ' || name)::bytea from item_file where name like '{mark} %'`,
		`with t as (insert into glossary_term (slug, request, created_by, created_at, updated_by, updated_at) values ('{mark}', gen_random_uuid(), {me}, now(), {me}, now()) returning id) insert into glossary_definition select id, 'en', '{mark} definition' from t`,
		`insert into handover_revision select {basel}, coalesce((select max(revision) from handover_revision where community_id = {basel}), 50) + 1, '{mark} handover', 'en', now(), {me}`,
		`insert into item (community_id, kind, number, lang, author_id, audience, created_at, updated_at, active_at, updated_by) select {basel}, 'entry', {next}, 'en', {me}, 3, now(), now(), now(), {me}`,
		`insert into item_text select id, '{mark} heard', '', 1 from item where kind = 'entry' and author_id = {me} and number > 900`,
		`insert into entry (item_id, community_id, form) select id, community_id, 'experience' from item where kind = 'entry' and author_id = {me} and number > 900`,
		`insert into invitation (community_id, email, email_key, lang, note, at) select {basel}, email, email_key, 'en', '{mark} invitation', now() from account where id = {me}`,
	} {
		do(t, s, fill(sql))
	}
}

func TestAPersonsDataAreAllAndOnlyWhatIsTheirs(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	people, marks := []string{"regula-ammann", "silvan-oesch"}, []string{"mark-one", "mark-two"}
	for n, p := range people {
		marked(t, s, p, marks[n])
	}
	for n, me := range people {
		other := people[1-n]
		got := s.As(t, me).Post("/me/data").Sees(t, 200)
		if got.Header.Get("Content-Type") != "application/zip" {
			t.Fatalf("got %s", got.Header.Get("Content-Type"))
		}
		files := unpacked(t, got.Body)
		var all strings.Builder
		texts := 0
		for name, content := range files {
			all.WriteString(content)
			if strings.HasPrefix(name, "texts/") && !strings.Contains(name, ".revision-") {
				texts++
			}
		}
		for _, what := range []string{" about", " organisation", " bring", " learn", " competence", " title", " discreet", " body", " tried", " outcome", " revision", " draft", " unsent", " notice", " agent", " report", " offer", ".acted", " invitation", " later", " face", " file.txt", " alt", " discreet file.txt", " content of " + marks[n] + " file", " content of " + marks[n] + " discreet", " content of " + marks[n] + " kept", " definition", " handover", " heard"} {
			if !strings.Contains(all.String(), marks[n]+what) {
				t.Errorf("%s: %q is missing", me, what)
			}
		}
		for _, word := range []string{marks[1-n], other + "@example.org"} {
			if strings.Contains(all.String(), word) {
				t.Errorf("%s: %q is somebody else's", me, word)
			}
		}
		var want int
		if err := s.DB.QueryRow(t.Context(), `select count(*) from item i join account a on a.handle = $1 where i.author_id = a.id or i.id in (select item_id from discreet_author d where d.account_id = a.id)`, me).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if texts != want || want < 5 {
			t.Errorf("%s: %d texts, want %d", me, texts, want)
		}
	}
}

func TestTakingAndLeavingAskAgainWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	do(t, s, `update account_session set proved_at = now() - interval '1 hour'`)
	for _, path := range []string{"/me/data", "/me/leave"} {
		if to := v.Get(path).Sees(t, 303).To(); !strings.HasPrefix(to, "/confirm") {
			t.Errorf("%s led to %s", path, to)
		}
		if to := v.Post(path, "email", "regula-ammann@example.org").Sees(t, 303).To(); !strings.HasPrefix(to, "/confirm") {
			t.Errorf("%s led to %s", path, to)
		}
	}
}

type everything map[string]string

func (e everything) File(name string, content []byte) error {
	e[name] = string(content)
	return nil
}

var linked = regexp.MustCompile(`href="(/[^"#]*)`)

// walk opens every page that links lead to, and returns all that was read.
func walk(v *webtest.Visitor, from ...string) map[string]string {
	read := map[string]string{}
	for queue := from; len(queue) > 0 && len(read) < 1200; queue = queue[1:] {
		path := strings.ReplaceAll(queue[0], "&amp;", "&")
		if _, done := read[path]; done || strings.HasPrefix(path, "/static") || strings.HasPrefix(path, "/mailbox") || strings.Contains(path, "quote=") {
			continue
		}
		read[path] = v.Get(path).Body
		for _, m := range linked.FindAllStringSubmatch(read[path], -1) {
			queue = append(queue, m[1])
		}
	}
	return read
}

func TestWhoLeavesForGoodIsNamedNowhere(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	// @regula-ammann-2 is somebody else
	v := s.As(t, "beat-hollenstein")
	v.Post("/c/basel/discussions/new", "title", "Who comes", "body", "Ask @regula-ammann, or @regula-ammann-2; not x@regula-ammann.example.", "lang", "en", "audience", "public").Sees(t, 303)
	marked(t, s, "regula-ammann", "mark-one")
	do(t, s, `insert into draft (account_id, place, fields, at) select id, '/z', '{"body": "Ask @regula-ammann."}', now() from account where handle = 'beat-hollenstein'`,
		`insert into help_request (item_id, community_id, state_at, tried, tried_html) select id, community_id, now(), 'Asked @regula-ammann.', '<p>Asked <a href="/c/basel/members/1">@Regula Ammann</a>.</p>' from item where title = 'Who comes'`,
		`insert into item_link (from_id, to_id, relation, quote, at) select a.id, b.id, 'quotes', 'said @regula-ammann', now() from item a, item b where a.title = 'Who comes' and b.number = 1 and b.kind = 'discussion' limit 1`,
		`insert into handover select id, 'Ask @regula-ammann', '<p>Ask <a href="#">@Regula Ammann</a></p>', 'en', 1, now(), null from community where slug = 'basel' on conflict (community_id) do update set body = excluded.body, html = excluded.html`)
	v = s.As(t, "regula-ammann")
	v.Get("/me/leave").Sees(t, 200, "a member, planning office", "cannot be undone", "Remove those")
	v.Post("/me/leave", "email", "somebody@example.org", "texts", "keep").Sees(t, 422, "not the address")
	var before, stays int
	counts := `select (select count(*) from item), (select count(*) from item where removed_at is null and audience < 3)`
	if err := s.DB.QueryRow(t.Context(), counts).Scan(&before, &stays); err != nil {
		t.Fatal(err)
	}
	v.Post("/me/leave", "email", "Regula-Ammann@example.org", "texts", "keep").Sees(t, 303)
	v.Get("/me").Sees(t, 303)
	v.Get("/").Sees(t, 200, "Sign in")
	s.Stranger(t).Post("/sign-in/link", "email", "regula-ammann@example.org", "next", "/").Sees(t, 303)
	if got := s.Mails(t); len(got) != 1 || strings.Contains(got[0].Text, "Regula") {
		t.Errorf("mails: %+v", got)
	}
	var items, standing int
	if err := s.DB.QueryRow(t.Context(), counts).Scan(&items, &standing); err != nil || items != before || standing != stays {
		t.Errorf("%d items, %d standing; want %d and %d (%v)", items, standing, before, stays, err)
	}
	s.Stranger(t).Get("/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an").Sees(t, 200, "a member, planning office")
	german := s.Stranger(t)
	german.Lang = "de"
	german.Get("/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an").Sees(t, 200, "ein Mitglied, Planungsamt")
	do(t, s, `insert into account (handle, name, email, email_key, administrator, created_at) values ('the-admin', 'The Admin', 'ad@example.org', 'ad@example.org', true, now())`)
	traces := regexp.MustCompile(`(?i)regula[ -]ammann(?:$|[^-.\w]|-[^2])|Regula Ammann|mark-one (?:about|organisation|bring|learn|competence|draft|unsent|agent|invitation|later|face|kept file|heard|discreet heard)`)
	for _, role := range []string{"", "luca-ferraro", "urs-dettwiler", "lea-straumann", "beat-hollenstein", "eleni-markaki", "the-admin"} {
		reader := s.Stranger(t)
		if role != "" {
			reader = s.As(t, role)
		}
		read := walk(reader, "/", "/c/basel/discussions.atom", "/c/basel/discussions.json", "/c/basel/discussions.csv", "/new.atom", "/c/basel/members.csv", "/c/basel/members.json", "/c/basel/members?q=regula", "/c/basel/discussions/1.json")
		if len(read) < 60 {
			t.Errorf("%q read %d pages only", role, len(read))
		}
		for path, body := range read {
			if at := traces.FindStringIndex(strings.ReplaceAll(body, path, "")); at != nil && !strings.Contains(path, "q=") {
				t.Errorf("%q reads of it at %s: …%s…", role, path, body[max(0, at[0]-80):min(len(body), at[1]+80)])
			}
		}
	}
	files := everything{}
	if err := programme.Export(t.Context(), s.DB, files); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if at := traces.FindStringIndex(content); at != nil {
			t.Errorf("%s: …%s…", name, content[max(0, at[0]-80):min(len(content), at[1]+80)])
		}
	}
	if !strings.Contains(files["communities/basel/handover.md"], "Ask @former-") {
		t.Errorf("handover: %s", files["communities/basel/handover.md"])
	}
	rows, err := s.DB.Query(t.Context(), `select table_name, column_name from information_schema.columns where table_schema = 'public' and data_type in ('text', 'jsonb', 'tsvector', 'ARRAY') and table_name in (select tablename from pg_tables where schemaname = 'public')`)
	if err != nil {
		t.Fatal(err)
	}
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	rows.Close()
	for _, c := range columns {
		var found string
		err := s.DB.QueryRow(t.Context(), `select coalesce(string_agg(left(`+c[1]+`::text, 300), ' ¦ '), '') from `+c[0]+` where `+c[1]+`::text ~* 'regula[ -]ammann($|[^-.\w]|-[^2])'`).Scan(&found)
		if err != nil || found != "" && c[0] != "item_text" && c[1] != "search" {
			t.Errorf("%s.%s: %s %v", c[0], c[1], found, err)
		}
	}
}

func TestTextsThatNobodyAnsweredCanGoAndTheOthersStay(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	lonely := v.Post("/c/basel/discussions/new", "title", "Nobody answers", "body", "Echo.", "lang", "en", "audience", "public").Sees(t, 303).To()
	answered := v.Post("/c/basel/discussions/new", "title", "Somebody answers", "body", "Hello?", "lang", "en", "audience", "public").Sees(t, 303).To()
	s.As(t, "silvan-oesch").Post(strings.TrimSuffix(answered, "-somebody-answers")+"/reply", "body", "Here.", "lang", "en").Sees(t, 303)
	v.Post("/me/leave", "email", "regula-ammann@example.org", "texts", "remove").Sees(t, 303)
	reader := s.As(t, "silvan-oesch")
	reader.Get(lonely).Sees(t, 410)
	reader.Get(answered).Sees(t, 200, "Hello?", "a member, planning office")
	var left int
	if err := s.DB.QueryRow(t.Context(), `select count(*) from item i join item_text t on t.item_id = i.id where i.title = 'Nobody answers' or t.body = 'Echo.'`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d texts are left, %v", left, err)
	}
	if err := s.DB.QueryRow(t.Context(), `select count(*) from discussion d where d.replies <> (select count(*) from item k where k.parent_id = d.item_id and k.removed_at is null)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d threads count wrongly, %v", left, err)
	}
}

func TestUnansweredQuestionsAskedDiscreetlyGoAlongAndTellNobodyWhoAsked(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	ask := func(title string) string {
		return v.Post("/c/basel/discussions/new", "form", "help", "discreet", "yes", "title", title, "body", "Echo.", "tried", "Echoes.", "lang", "en", "audience", "public").Sees(t, 303).To()
	}
	lonely, alone, answered := ask("Lonely"), ask("Alone"), ask("Answered")
	v.Post(strings.TrimSuffix(alone, "-alone")+"/reply", "body", "Echo once more.", "lang", "en").Sees(t, 303)
	s.As(t, "silvan-oesch").Post(strings.TrimSuffix(answered, "-answered")+"/reply", "body", "Here.", "lang", "en").Sees(t, 303)
	v.Post("/me/leave", "email", "regula-ammann@example.org", "texts", "remove").Sees(t, 303)
	reader := s.As(t, "silvan-oesch")
	reader.Get(lonely).Sees(t, 410)
	reader.Get(alone).Sees(t, 410)
	reader.Get(answered).Sees(t, 200, "Echo.", "Echoes.")
	var left int
	if err := s.DB.QueryRow(t.Context(), `select count(*) from item i join item_text t on t.item_id = i.id left join help_request h on h.item_id = i.id where t.body like 'Echo%' or h.tried like 'Echo%'`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d texts are left, want the answered one; %v", left, err)
	}
	if err := s.DB.QueryRow(t.Context(), `select count(*) from item i join discreet_author d on d.item_id = i.id where i.removed_by is not null or d.account_id = (select removed_by from item order by removed_at desc nulls last limit 1)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d discreet texts tell who asked, %v", left, err)
	}
}

func TestNobodyIsKeptFromLeavingByTextsFullOfTheirName(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	const name = "@urs-dettwiler "
	full := func(most int) string { return strings.TrimSpace(strings.Repeat(name, most/len(name))) }
	beat := s.As(t, "beat-hollenstein")
	thread := beat.Post("/c/basel/discussions/new", "title", full(200), "body", full(100_000), "lang", "en", "audience", "public", "form", "help", "tried", full(20_000)).Sees(t, 303).To()
	beat.Post("/c/basel/discussions/1/replies/2/hide", "reason", full(500)).Sees(t, 303)
	beat.Post("/drafts", "place", "/c/basel/discussions/1/reply", "draft", "0", "tab", "a", "body", full(100_000), "lang", "en").Sees(t, 200)
	urs := s.As(t, "urs-dettwiler")
	urs.Post("/me/leave", "email", "urs-dettwiler@example.org", "texts", "keep").Sees(t, 303)
	for _, page := range []string{"/c/basel/discussions", beat.Get("/c/basel/discussions/1").Sees(t, 301).To(), "/me/drafts", beat.Get(thread).Sees(t, 301).To(), "/search?q=Ask"} {
		got := beat.Get(page)
		if got.Status != 200 || strings.Contains(got.Body, name[:len(name)-1]) {
			t.Errorf("%s: %d, or the name is there", page, got.Status)
		}
	}
}

func TestNothingIsToldToWhoHasLeft(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs := s.As(t, "urs-dettwiler")
	thread := urs.Post("/c/basel/discussions/new", "title", "Going", "body", "Words.", "lang", "en", "audience", "public").Sees(t, 303).To()
	s.As(t, "silvan-oesch").Post(strings.TrimSuffix(thread, "-going")+"/reply", "body", "Stay.", "lang", "en").Sees(t, 303)
	urs.Post("/me/leave", "email", "urs-dettwiler@example.org", "texts", "keep").Sees(t, 303)
	s.As(t, "silvan-oesch").Post(strings.TrimSuffix(thread, "-going")+"/reply", "body", "Gone?", "lang", "en").Sees(t, 303)
	s.Tell(t)
	var told int
	if err := s.DB.QueryRow(t.Context(), `select count(*) from notice n join account a on a.id = n.account_id where a.left_at is not null`).Scan(&told); err != nil || told != 0 {
		t.Errorf("%d notices, %v", told, err)
	}
}

func TestTheLastCoordinatorHandsOverFirst(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "beat-hollenstein")
	do(t, s, `update membership set role = 'member' where account_id <> (select id from account where handle = 'beat-hollenstein')`)
	v.Get("/me/leave").Sees(t, 200, "only coordinator", `href="/c/basel/members"`)
	v.Post("/me/leave", "email", "beat-hollenstein@example.org").Sees(t, 422, "One coordinator has to stay")
	do(t, s, `update membership set role = 'coordinator' where account_id = (select id from account where handle = 'silvan-oesch')`)
	v.Post("/me/leave", "email", "beat-hollenstein@example.org").Sees(t, 303)
	var n int
	if err := s.DB.QueryRow(t.Context(), `select count(*) from community c where c.members <> (select count(*) from membership m where m.community_id = c.id and m.state = 'member')`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d communities count wrongly, %v", n, err)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	do(t, s, `update account set administrator = true where handle = 'regula-ammann'`)
	s.As(t, "regula-ammann").Post("/me/leave", "email", "regula-ammann@example.org").Sees(t, 422, "only administrator")
}
