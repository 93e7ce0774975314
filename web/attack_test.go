package web_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

// fields are all names that some form of the site reads.
var fields = strings.Fields(`again languages about act addressed addresses admission agenda agreed alt answers as audience back body bring by charter charter-note closed competences coordinator definition-en discreet domain done
	draft email ending file drop alt-new with-files follow forget form helped kind lang latitude learn level line list meets name next note organisation perspective place purpose reason reason-1 request revision role sector slug source
	stage stage-reason summary tab tagline tags text texts thanks title to tried typed upto verb version visibility way why words-en zone profile-for email-for`)

// hostile is what nobody types.
var hostile = map[string]string{
	"NUL": "a\x00b", "broken UTF-8": "\xff\xfe\xc0\xaf", "beyond numbers": "99999999999999999999", "beyond 32 bits": "9999999999", "the largest number": "9223372036854775807", "a negative number": "-1", "quotes": `'"; drop table item; --`, "a header": "x\r\nSet-Cookie: a=b",
	"markup": `"><script>alert(1)</script>`, "a formula": "=cmd|' /C calc'!A0", "a path": "../../../../etc/passwd", "directions": "\u202egnp.exe", "long": strings.Repeat("ä", 200_000), "many lines": strings.Repeat("x\n", 20_000), "LIKE": `%_\`, "elsewhere": "//evil.example/",
}

// targets are the addresses of all forms: about Basel's own things, about others', and about what is not there.
func targets(t *testing.T, s *webtest.Site) (all []string) {
	t.Helper()
	one := func(sql string) string {
		var n int64
		if err := s.DB.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return strconv.FormatInt(n, 10)
	}
	fill := strings.NewReplacer("{city}", "basel", "{thread}", one(`select i.number from help_request h join item i on i.id = h.item_id join community c on c.id = i.community_id where c.slug = 'basel' and state = 'answered' limit 1`),
		"{entry}", "1", "{reply:[0-9]+}", "1", "{number:[0-9]+}", "1", "{account:[0-9]+}", one(`select id from account where handle = 'luca-ferraro'`), "{token}", "none", "{id}", "1", "{report:[0-9]+}", one(`select min(id) from report`),
		"{name}", "none.eml", "{file}", one(`select min(id) from item_file where item_id is not null`), "{account}", "1", "{id:[0-9]+}", "1", "{term}", "urban-heat-island")
	for _, route := range routes(t, s.Handler) {
		if method, pattern, _ := strings.Cut(route, " "); method == http.MethodPost && pattern != "/sign-out" && pattern != "/me/leave" && pattern != "/c/{city}/leave" && pattern != "/me/sessions" {
			all = append(all, fill.Replace(pattern))
		}
	}
	return all
}

func TestNoFormBreaksTheServer(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs := s.As(t, "urs-dettwiler")
	urs.Send("/c/basel/discussions/new", []webtest.File{{Name: "a.txt", Content: []byte("words")}}, "title", "Mine", "body", "b", "lang", "de", "audience", "public", "with-files", "yes").Sees(t, 303)
	urs.Post("/c/basel/discussions/1/report", "reason", "r").Sees(t, 303)
	if _, err := s.DB.Exec(t.Context(), `update account set administrator = true where handle = 'beat-hollenstein'`); err != nil {
		t.Fatal(err)
	}
	people := map[string]*webtest.Visitor{"member": urs, "coordinator and administrator": s.As(t, "beat-hollenstein")}
	own := asked(t, urs, "Asked by an attacker")
	urs.Post("/c/basel/heard", "body", "Noted by an attacker", "lang", "de").Sees(t, 303)
	var note int
	if err := s.DB.QueryRow(t.Context(), `select max(i.number) from item i join community c on c.id = i.community_id where c.slug = 'basel' and i.kind = 'entry'`).Scan(&note); err != nil {
		t.Fatal(err)
	}
	for _, address := range append(targets(t, s), act(own, "edit"), act(own, "outcome"), act(own, "reply"), fmt.Sprintf("/c/basel/repertoire/%d/edit", note)) {
		for who, v := range people {
			for what, text := range hostile {
				form := url.Values{}
				for _, name := range fields {
					form.Set(name, text)
				}
				judge := func(how string) {
					var pairs []string
					for name := range form {
						pairs = append(pairs, name, form.Get(name))
					}
					got := v.Post(address, pairs...)
					if got.Status >= 500 || got.Status == 200 && strings.Contains(got.Body, "<script>alert") || got.Header.Get("Set-Cookie") == "a=b" || strings.Contains(got.To(), "evil.example") && strings.HasPrefix(got.To(), "//") {
						t.Errorf("%s by a %s with %s %s: %d %s", address, who, what, how, got.Status, got.To())
					}
				}
				if len(text) < 10_000 { // else the form as a whole is too heavy
					judge("everywhere")
				}
				for name, sound := range map[string]string{"lang": "de", "audience": "public", "revision": "1", "title": "Sound", "body": "Sound words", "reason": "Sound", "reason-1": "Sound", "note": "Sound", "act": "draft", "draft": "0", "place": "/c/basel/discussions/1/reply", "ending": "worked", "text": "Sound", "level": "all", "request": uuid.NewString()} {
					form.Set(name, sound)
				}
				if len(text) >= 10_000 {
					for _, name := range fields {
						if form.Get(name) == text && name != "tried" {
							form.Del(name)
						}
					}
				}
				judge("among sound words")
				form.Set("act", "send")
				form.Set("draft", text)
				form.Set("place", "/c/basel/discussions/"+text+"/reply")
				form.Set("revision", text)
				judge("as a number")
			}
		}
	}
	urs.Post("/c/basel/discussions/1/reply", "body", "T-9999999999, C-99999999999999999999 and Basel T-2147483648.", "lang", "de").Sees(t, 303)
	for _, page := range []string{"/c/basel/members?after=99999999999", "/c/basel/about?charter=9999999999", "/c/basel/about/charter?version=9999999999", "/c/basel/discussions/1?page=9999999999&at=9999999999", "/c/basel/discussions/9999999999", "/c/basel/discussions/1.json?page=9999999999",
		"/search?q=T-9999999999&page=9999999999", "/search?q=T-999999999", "/people?after=9999999999", "/c/basel/audit?before=9999999999999", "/c/basel/members/invite?before=99999999999", "/inbox?done=read.1.99999999999.1", "/?later=" + strings.Repeat("x:", 200), "/", "/me/drafts", "/inbox", "/me", "/me/notices", "/glossary", "/c/basel/reports", "/c/basel/audit", "/c/basel/reach", "/c/basel/members/invite", "/c/basel/repertoire", "/c/basel/discussions", "/admin", "/search?q=Sound"} {
		for who, v := range people {
			if got := v.Get(page); got.Status >= 500 || strings.Contains(got.Body, "<script>alert") {
				t.Errorf("%s as %s afterwards: %d", page, who, got.Status)
			}
		}
	}
}

func TestNobodyUsesWhatIsSomebodyElses(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	regula, urs, eleni, beat := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler"), s.As(t, "eleni-markaki"), s.As(t, "beat-hollenstein")
	count := func(sql string, args ...any) (n int) {
		t.Helper()
		if err := s.DB.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	file := []webtest.File{{Name: "theirs.txt", Content: []byte("kept words")}}
	// Regula's form is not accepted: her upload waits. Another of hers stands on an item.
	regula.Send("/c/basel/discussions/new", file, "title", "", "body", "b", "lang", "de", "audience", "public", "with-files", "yes").Sees(t, 422)
	kept := count(`select max(id) from item_file where item_id is null`)
	theirs := regula.Send("/c/basel/discussions/new", file, "title", "With a file", "body", "b", "lang", "de", "audience", "public", "with-files", "yes").Sees(t, 303).To()
	standing := count(`select max(id) from item_file where item_id is not null`)
	for _, id := range []int{kept, standing} {
		n := strconv.Itoa(id)
		got := urs.Post("/c/basel/discussions/new", "title", "Thief", "body", "b", "lang", "de", "audience", "public", "with-files", "yes", "file", n)
		if got.Status == 303 && strings.Contains(urs.Get(got.To()).Body, "theirs.txt") {
			t.Errorf("file %d of somebody else goes along", id)
		}
		got.Misses(t, "theirs.txt")
		urs.Post("/c/basel/discussions/new", "title", "", "body", "b", "lang", "de", "audience", "public", "with-files", "yes", "file", n, "drop", n).Misses(t, "theirs.txt")
		urs.Post("/c/basel/discussions/1/reply", "body", "b", "lang", "de", "with-files", "yes", "file", n, "drop", n).Misses(t, "theirs.txt")
	}
	if n := count(`select count(*) from item_file where id = any($1)`, []int{kept, standing}); n != 2 {
		t.Errorf("%d of two files are left", n)
	}
	at := fmt.Sprintf("/c/basel/files/%d/edit", standing)
	urs.Post(at, "act", "remove").Sees(t, 403)
	beat.Post(at, "act", "remove").Sees(t, 403)
	eleni.Post(fmt.Sprintf("/c/heraklion/files/%d/edit", standing), "act", "remove").Sees(t, 404)

	// A coordinator has no power elsewhere, however the address is put.
	urs.Post(act(theirs, "report"), "reason", "r").Sees(t, 303)
	report := count(`select max(id) from report`)
	eleni.Post(fmt.Sprintf("/c/heraklion/reports/%d", report), "act", "hide", fmt.Sprintf("reason-%d", report), "mine", "reason", "mine").Sees(t, 404)
	beat.Post("/c/basel/members/invite", "addresses", "ada@example.org", "lang", "de", "act", "send", "request", uuid.NewString()).Sees(t, 303)
	invitation := count(`select max(id) from invitation`)
	for _, how := range []string{"withdraw", "again"} {
		eleni.Post(fmt.Sprintf("/c/heraklion/members/invitations/%d/%s", invitation, how), "request", uuid.NewString()).Sees(t, 404)
	}
	beat.Post("/c/basel/reach/new", "name", "Fountain office", "sector", "planning", "perspective", "stakeholder", "why", "water", "request", uuid.NewString()).Sees(t, 303)
	wanted := count(`select max(id) from wanted_organisation`)
	for _, how := range []string{"", "/move", "/remove"} {
		eleni.Post(fmt.Sprintf("/c/heraklion/reach/%d%s", wanted, how), "name", "Mine", "way", "up").Sees(t, 404)
	}
	luca := count(`select id from account where handle = 'luca-ferraro'`)
	eleni.Post(fmt.Sprintf("/c/heraklion/members/waiting/%d", luca), "act", "admit").Sees(t, 404)
	for _, address := range []string{"/c/basel/members/3/greet", "/c/basel/members/3/role", "/c/basel/handover/edit", "/c/basel/discussions/1/hide", "/c/basel/discussions/1/lock", "/c/basel/discussions/1/move"} {
		eleni.Post(address, "text", "t", "role", "coordinator", "body", "b", "reason", "r", "to", "heraklion", "lang", "de", "revision", "0").Sees(t, 403)
	}
	// The asker alone says what helped, and only of replies to the own question.
	thread := asked(t, regula, "Whose words count?")
	urs.Post(act(thread, "reply"), "body", "Mine do.", "lang", "de").Sees(t, 303)
	regula.Post(act(thread, "outcome"), "ending", "worked", "helped", "2", "helped", "99", "text", "words").Sees(t, 303)
	if n := count(`select count(*) from help_answer a join item i on i.id = a.item_id where i.title = 'Whose words count?'`); n != 0 {
		t.Errorf("%d replies of other threads helped", n)
	}
	for _, how := range []string{"reopen", "outcome", "remove", "restore", "edit"} {
		urs.Post(act(thread, how), "ending", "worked", "text", "mine", "title", "Mine", "body", "mine", "lang", "de", "audience", "public", "revision", "1").Sees(t, 403)
	}
	// Drafts lie under the writer's own name.
	regula.Post("/drafts", "place", "/c/basel/discussions/1/reply", "draft", "0", "tab", "a", "body", "Half a thought", "lang", "de").Sees(t, 200)
	urs.Post("/drafts", "act", "discard", "place", "/c/basel/discussions/1/reply", "next", "//evil.example").Sees(t, 303)
	urs.Post("/drafts", "place", "/c/basel/discussions/1/reply", "draft", "1", "tab", "a", "body", "Over it", "lang", "de").Misses(t, "Half a thought")
	regula.Get("/me/drafts").Sees(t, 200, "Half a thought").Misses(t, "Over it")
}

// at once sends the same form many times at the same moment.
func atOnce(n int, send func() webtest.Answer) []int {
	var wait sync.WaitGroup
	all := make([]int, n)
	for i := range n {
		wait.Go(func() { all[i] = send().Status })
	}
	wait.Wait()
	slices.Sort(all)
	return slices.Compact(all)
}

func TestFormsSentManyTimesAtOnceCountOnce(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	regula, urs, beat := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein")
	count := func(sql string) (n int) {
		t.Helper()
		if err := s.DB.QueryRow(t.Context(), sql).Scan(&n); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return n
	}
	thread := asked(t, regula, "Sent many times")
	urs.Post(act(thread, "reply"), "body", "An answer.", "lang", "de").Sees(t, 303)
	beat.Post("/c/basel/discussions/1/replies/2/hide", "reason", "so that it can be shown").Sees(t, 303)
	if _, err := s.DB.Exec(t.Context(), `update membership set greeted_at = null, greeted_by = null, since = now() - interval '2 days' where number = 3 and community_id = (select id from community where slug = 'basel')`); err != nil {
		t.Fatal(err)
	}
	form := map[string]string{}
	request := func(of string) string {
		if form[of] == "" {
			form[of] = uuid.NewString()
		}
		return form[of]
	}
	for _, c := range []struct {
		who   *webtest.Visitor
		path  string
		pairs []string
		count string
		more  int
	}{
		{urs, "/c/basel/heard", []string{"request", request("heard"), "body", "Heard once.", "lang", "de"}, `select count(*) from item where kind = 'entry'`, 1},
		{urs, act(thread, "offer"), []string{"note", "once"}, `select count(*) from activity where verb = 'help.offer'`, 1},
		{regula, act(thread, "outcome"), []string{"ending", "worked", "helped", "1", "text", "so"}, `select count(*) from activity where verb = 'help.close'`, 1},
		{regula, act(thread, "reopen"), nil, `select count(*) from activity where verb = 'help.reopen'`, 1},
		{urs, act(thread, "report"), []string{"reason", "Please look"}, `select count(*) from report`, 1},
		{urs, act(thread, "follow"), []string{"level", "all"}, `select count(*) from follow where level = 'all' and item_id is not null and account_id = (select id from account where handle = 'urs-dettwiler')`, 1},
		{beat, act(thread, "pin"), nil, `select count(*) from activity where verb = 'discussion.pin'`, 1},
		{beat, act(thread, "lock"), []string{"reason", "enough"}, `select count(*) from activity where verb = 'discussion.lock'`, 1},
		{beat, "/c/basel/discussions/1/replies/2/show", nil, `select count(*) from activity where verb = 'item.show'`, 1},
		{beat, "/c/basel/members/3/greet", []string{"text", "Welcome"}, `select count(*) from river_job where kind = 'letter'`, 1},
		{beat, "/c/basel/members/invite", []string{"request", request("invite"), "addresses", "once@example.org", "lang", "de", "act", "send"}, `select count(*) from invitation`, 1},
		{beat, "/c/basel/handover/edit", []string{"body", "Once.", "lang", "de", "revision", strconv.Itoa(count(`select coalesce(max(h.revision), 0) from handover h join community c on c.id = h.community_id where c.slug = 'basel'`))}, `select count(*) from handover_revision`, 1},
		{beat, "/c/basel/reach/new", []string{"request", request("reach"), "name", "Once", "perspective", "stakeholder", "why", "w"}, `select count(*) from wanted_organisation`, 1},
		{urs, "/glossary/new", []string{"request", request("term"), "words-en", "onceness"}, `select count(*) from glossary_term`, 1},
		{urs, "/drafts", []string{"place", "/c/basel/discussions/1/reply", "draft", "0", "tab", "one", "body", "once", "lang", "de"}, `select count(*) from draft`, 1},
		{beat, act(thread, "hide"), []string{"reason", "once"}, `select count(*) from activity where verb = 'item.hide'`, 1},
	} {
		before := count(c.count)
		statuses := atOnce(6, func() webtest.Answer { return c.who.Post(c.path, c.pairs...) })
		if got := count(c.count) - before; got != c.more || statuses[len(statuses)-1] >= 500 {
			t.Errorf("%s six times at once: %d more, want %d; answered %v", c.path, got, c.more, statuses)
		}
	}
}

func TestNamesAndTagsAreTextInEveryFormat(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	const formula, markup = `=HYPERLINK("http://evil.example","x")`, `]]><script>alert(1)</script>&`
	v := s.As(t, "regula-ammann")
	v.Post("/me", "revision", "1", "name", "@SUM(1+1)", "organisation", "+"+markup, "sector", "planning", "lang", "en", "about", "x", "profile-for", "0", "organisation-for", "0", "email-for", "3").Sees(t, 303)
	v.Send("/c/basel/discussions/new", []webtest.File{{Name: "=cmd\"; filename=\"evil.html\r\nX: y<script>.csv", Content: []byte("a,b\n=1+1,2\n")}}, "title", formula, "body", markup, "lang", "en", "audience", "public", "tags", "-1<script>alert(1)</script>, =1", "with-files", "yes").Sees(t, 303)
	for _, path := range []string{"/c/basel/discussions.csv", "/c/basel/members.csv"} {
		rows, err := csv.NewReader(strings.NewReader(v.Get(path).Sees(t, 200).Body)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("%s: a spreadsheet takes %q for a formula", path, cell)
				}
			}
		}
	}
	for _, path := range []string{"/c/basel/discussions.atom", "/new.atom", "/c/basel/discussions", "/search?q=HYPERLINK", "/c/basel/members", "/people", "/c/basel", "/"} {
		v.Get(path).Sees(t, 200).Misses(t, "<script>alert")
	}
	var id int64
	var name string
	if err := s.DB.QueryRow(t.Context(), `select id, name from item_file order by id desc limit 1`).Scan(&id, &name); err != nil {
		t.Fatal(err)
	}
	got := v.Get(fmt.Sprintf("/c/basel/files/%d/%s", id, url.PathEscape(name))).Sees(t, 200)
	if disposition := got.Header.Get("Content-Disposition"); !strings.HasPrefix(disposition, "attachment; filename") || strings.Contains(disposition, `filename="evil`) || got.Header.Get("X") != "" {
		t.Errorf("disposition %q", disposition)
	}
}
