package web_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

// asked starts a help request in Basel and returns its address.
func asked(t *testing.T, v *webtest.Visitor, title string, more ...string) string {
	t.Helper()
	form := append(more, "form", "help", "request", uuid.NewString(), "title", title, "body", "How does one begin?", "tried", "Only sun sails", "lang", "en", "audience", "public") // the first of a name counts
	return v.Post("/c/basel/discussions/new", form...).Sees(t, 303).To()
}

// act is the address of an act on the thread behind address.
func act(address, act string) string {
	return regexp.MustCompile(`^(/c/[a-z]+/discussions/\d+)`).FindString(address) + "/" + act
}

func TestAScientistAsksStakeholdersForExamplesAndGetsOne(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	lea, regula := s.As(t, "lea-straumann"), s.As(t, "regula-ammann")
	lea.Get("/c/basel").Sees(t, 200, "Ask for help")
	lea.Get("/c/basel/discussions/new?form=help").Sees(t, 200, "What did you try already?", "Ask discreetly", `name="by"`)
	lea.Post("/c/basel/discussions/new", "form", "help", "title", "", "body", "words", "tried", "kept words", "by", "3.5.2020", "lang", "en", "audience", "public").
		Sees(t, 422, "This day has passed already", "Please fill in", "kept words", "3.5.2020")
	thread := asked(t, lea, "Which walls stay green?", "addressed", "stakeholder", "by", "24.12.2100", "tags", "façades")
	lea.Get(thread).Sees(t, 200, "help wanted", "Only sun sails", "24 December 2100", "above all the stakeholders", "End the request").Misses(t, "I can help")

	regula.Get("/c/basel/discussions?form=help&state=asked").Sees(t, 200, "Which walls stay green?")
	regula.Get(thread).Sees(t, 200, "I can help")
	regula.Post(act(thread, "offer"), "note", strings.Repeat("x", 501)).Sees(t, 422, "This is too long")
	back, _, _ := strings.Cut(regula.Post(act(thread, "offer"), "note", "I know one at the hospital").Sees(t, 303).To(), "#")
	regula.Get(back).Sees(t, 200, "sees your offer", "You offered to help", "I know one at the hospital", "help offered")
	regula.Post(act(thread, "offer"), "act", "back").Sees(t, 303)
	regula.Get(thread).Sees(t, 200, "help wanted", "I can help")
	regula.Post(act(thread, "offer")).Sees(t, 303)
	regula.Post(act(thread, "offer")).Sees(t, 303) // a double click
	regula.Post(act(thread, "reply"), "body", "The wall of the hospital: since 1998.", "lang", "en").Sees(t, 303)

	lea.Get("/c/basel").Sees(t, 200, "answered")
	lea.Get(thread).Sees(t, 200, "Did something work?", "Say what worked")
	lea.Get(act(thread, "outcome")).Sees(t, 200, "#1 by Regula Ammann: The wall of the hospital")
	lea.Post(act(thread, "outcome"), "ending", "worked", "text", "").Sees(t, 422, "tick a reply")
	regula.Post(act(thread, "outcome"), "ending", "worked", "text", "mine").Sees(t, 403)
	to := lea.Post(act(thread, "outcome"), "ending", "worked", "helped", "1", "text", "The hospital wall is *in the model* now.").Sees(t, 303).To()
	lea.Get(to).Sees(t, 200, "stands at the top", "What worked", "<em>in the model</em>", "at=1#reply-1", "closed", "Reopen the request")
	s.Stranger(t).Get(to).Sees(t, 200, "What worked", "#1 by Regula Ammann").Misses(t, "Reopen the request", "Correct this")
	lea.Post(act(thread, "outcome"), "ending", "nothing", "text", "another tab").Sees(t, 409, "closed meanwhile", "another tab")
	lea.Post(act(thread, "outcome"), "ending", "worked", "helped", "1", "text", "Better words", "closed", "yes").Sees(t, 303)
	s.As(t, "urs-dettwiler").Post(act(thread, "offer")).Sees(t, 409, "This request was closed meanwhile")
	s.As(t, "urs-dettwiler").Post(act(thread, "reopen")).Sees(t, 403)
	s.As(t, "beat-hollenstein").Post(act(thread, "reopen")).Sees(t, 303)
	lea.Get(thread).Sees(t, 200, "help offered").Misses(t, "What worked</h2>")
}

// left counts by whom a page could be traced to somebody.
func left(body string, who ...string) (n int) {
	for _, word := range who {
		n += strings.Count(body, word)
	}
	return n
}

func TestWhoAsksDiscreetlyIsKnownToTheCoordinatorsAlone(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	shy, lea, beat := s.As(t, "urs-dettwiler"), s.As(t, "lea-straumann"), s.As(t, "beat-hollenstein")
	var number int
	var id int64
	if err := s.DB.QueryRow(t.Context(), `select m.number, a.id from membership m join account a on a.id = m.account_id join community c on c.id = m.community_id where a.handle = 'urs-dettwiler' and c.slug = 'basel'`).Scan(&number, &id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(t.Context(), `insert into account (handle, name, email, email_key, administrator, created_at) values ('the-admin', 'The Admin', 'a@example.org', 'a@example.org', true, now())`); err != nil {
		t.Fatal(err)
	}
	traces := []string{"Dettwiler", "urs-dettwiler", fmt.Sprintf(`/members/%d"`, number)}
	readers := map[string]*webtest.Visitor{"visitor": s.Stranger(t), "member": lea, "member elsewhere": s.As(t, "eleni-markaki"), "administrator": s.As(t, "the-admin")}
	var coming int64
	if err := s.DB.QueryRow(t.Context(), `select n + 1 from counter k join community c on c.id = k.community_id where c.slug = 'basel' and k.series = 'discussion'`).Scan(&coming); err != nil {
		t.Fatal(err)
	}
	next := fmt.Sprintf("/c/basel/discussions/%d", coming)
	pages := []string{"/", "/communities", "/c/basel", "/c/basel/about", "/c/basel/members", "/c/basel/discussions", "/c/basel/discussions?form=help", "/c/basel/discussions?show=unread", "/c/basel/discussions?show=mine",
		"/c/basel/repertoire", next + "-how-do-i-read-this-map", next + "-how-do-i-read-this-map?quote=0", next + "-how-do-i-read-this-map?quote=2", next + "/history", next + "/replies/2/history", next + "/replies/3/history"}
	before := map[string]int{}
	for who, v := range readers {
		for _, page := range pages {
			before[who+page] = left(v.Get(page).Body, traces...)
		}
	}

	thread := asked(t, shy, "How do I read this map?", "discreet", "yes", "tags", "maps")
	if thread != next+"-how-do-i-read-this-map" {
		t.Fatalf("the thread is at %s", thread)
	}
	shy.Get(thread).Sees(t, 200, "others read “a member”", "Edit", "Dettwiler").Misses(t, "Say thanks")
	shy.Get(act(thread, "edit")).Sees(t, 200, "Edit the help request", "Only sun sails").Misses(t, "Ask discreetly")
	shy.Post(act(thread, "edit"), "revision", "1", "title", "How do I read this map?", "body", "How does one begin, with T-1?", "tried", "The legend", "lang", "en", "audience", "public").Sees(t, 303)
	shy.Post(act(thread, "edit"), "revision", "1", "title", "Late", "body", "late", "tried", "The legend, late", "lang", "en", "audience", "public").Sees(t, 409, "<ins>late</ins>")
	lea.Post(act(thread, "offer"), "note", "gladly").Sees(t, 303)
	lea.Post(act(thread, "reply"), "body", "Blue gives off less than it takes in.", "lang", "en").Sees(t, 303)
	shy.Post(act(thread, "reply"), "body", "> Blue gives off less\n\nAnd red? As in T-1.", "answers", "1", "lang", "en").Sees(t, 303)
	shy.Post(act(thread, "reply"), "body", "Never mind, I see.", "lang", "en").Sees(t, 303)
	shy.Post(act(thread, "replies/2/edit"), "revision", "1", "body", "> Blue gives off less\n\nAnd red, in T-1 and T-2?", "lang", "en").Sees(t, 303)
	shy.Post(act(thread, "replies/1/thanks"), "thanks", "give").Sees(t, 303)
	shy.Post(act(thread, "thanks"), "thanks", "give").Sees(t, 403)
	shy.Post(act(thread, "offer")).Sees(t, 403)
	shy.Get("/c/basel/discussions?show=mine").Sees(t, 200, "How do I read this map?")
	shy.Post(act(thread, "outcome"), "ending", "worked", "helped", "1", "text", "Lea's sentence.").Sees(t, 303)
	shy.Post(act(thread, "reopen")).Sees(t, 303)
	shy.Post(act(thread, "outcome"), "ending", "worked", "helped", "1", "text", "Lea's sentence.").Sees(t, 303)

	for who, v := range readers {
		for _, page := range pages {
			got := v.Get(page)
			if n := left(got.Body, traces...); n > before[who+page] {
				t.Errorf("%s (%d) tells the %s who asks: %d traces, %d before", page, got.Status, who, n, before[who+page])
			}
		}
	}
	lea.Get(thread).Sees(t, 200, "a member", "What worked", "#1 by Lea Straumann")
	beat.Get(thread).Sees(t, 200, "Urs Dettwiler", "only coordinators see the name").Misses(t, act(thread, "edit"))
	beat.Get("/c/basel/discussions?form=help").Sees(t, 200, "Urs Dettwiler", "only coordinators see the name")
	if strings.Contains(s.Logged(), "ettwiler") {
		t.Error("the log knows who asks")
	}
	for _, m := range s.Mails(t) {
		if left(m.Subject+m.Text, traces...) > 0 {
			t.Errorf("a mail tells who asks: %s", m.Subject)
		}
	}
	if _, err := s.DB.Exec(t.Context(), `update discreet_author set account_id = null`); err != nil { // as when the account goes
		t.Fatal(err)
	}
	lea.Get(thread).Sees(t, 200, "a member").Misses(t, "former member")
	for what, sql := range map[string]string{
		"items":     `select count(*) from item i where (i.id = $1 or i.parent_id = $1) and $2 in (i.author_id, i.updated_by)`,
		"revisions": `select count(*) from item_revision v join item i on i.id = v.item_id where (i.id = $1 or i.parent_id = $1) and v.by_id = $2`,
		"links":     `select count(*) from item_link l join item i on i.id = l.from_id where (i.id = $1 or i.parent_id = $1) and l.by_id = $2`,
		"activity":  `select count(*) from activity a join item i on i.id = a.item_id where (i.id = $1 or i.parent_id = $1) and a.actor_id = $2`,
		"threads":   `select count(*) from discussion d where d.item_id = $1 and d.last_author_id = $2`,
	} {
		var n, top int64
		if err := s.DB.QueryRow(t.Context(), `select i.id from item i join community c on c.id = i.community_id where c.slug = 'basel' and i.kind = 'discussion' and i.number = $1`, coming).Scan(&top); err != nil {
			t.Fatal(err)
		}
		if err := s.DB.QueryRow(t.Context(), sql, top, id).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s name who asks: %d, %v", what, n, err)
		}
	}
}

func TestWhoMayDoWhatWithAHelpRequest(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	people := seats(t, s)
	open := asked(t, s.As(t, "regula-ammann"), "How much water?", "audience", "programme")
	for route, want := range map[string]string{
		"GET " + act(open, "outcome"):  "404 404 403 404 403 403 403 403",
		"POST " + act(open, "outcome"): "404 404 403 404 403 403 403 403",
		"POST " + act(open, "reopen"):  "404 404 403 404 403 403 303 403",
		"POST " + act(open, "offer"):   "403 403 403 403 303 303 303 403",
	} {
		method, path, _ := strings.Cut(route, " ")
		for n, seat := range order[1:] {
			if got := ask(people[seat], method, path, route); itoa(got.Status) != strings.Fields(want)[n+1] {
				t.Errorf("%s as %s: got %d, want %s", route, seat, got.Status, strings.Fields(want)[n+1])
			}
		}
	}
}
