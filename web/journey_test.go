package web_test

import (
	"context"
	"html"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

func TestNewcomerSignsUpJoinsWithACommitmentAndIsWelcomed(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.Stranger(t)
	v.Get("/c/basel").Sees(t, 200, "Join")
	v.Get("/c/basel/join").Sees(t, 303)
	v.Post("/sign-up", "name", "Nora Keller", "email", "nora@example.org", "next", "/c/basel/join").Sees(t, 303)
	link := "/sign-in/" + tokenIn(s.Mails(t)[0].Text)
	v.Get(link).Sees(t, 200, "nora@example.org")
	v.Get(link).Sees(t, 200) // a mail scanner that looks twice uses nothing up
	if to := v.Post(link).Sees(t, 303).To(); to != "/c/basel/join" {
		t.Fatalf("led to %q", to)
	}
	v.Get(link).Sees(t, 410)
	v.Get("/c/basel/join").Sees(t, 200, "What I bring", "Charter")
	form := []string{"perspective", "stakeholder", "bring", "Schoolyards", "learn", "Night maps", "meets", "quarterly", "competences", "asphalt, trees", "charter", "2"}
	v.Post("/c/basel/join", form...).Sees(t, 422, "Please read the charter", "Schoolyards", "asphalt, trees")
	v.Post("/c/basel/join", append(form, "agreed", "yes")...).Sees(t, 303)
	v.Get("/c/basel").Sees(t, 200, "with the coordinator")
	v.Post("/c/basel/discussions/1/reply", "body", "Hello", "lang", "en").Sees(t, 403)

	c := s.As(t, "beat-hollenstein")
	c.Get("/").Sees(t, 200, "4 people ask to join")
	page := c.Get("/c/basel/members/waiting").Sees(t, 200, "Nora Keller", "Night maps")
	all := regexp.MustCompile(`action="(/c/basel/members/waiting/\d+)"`).FindAllStringSubmatch(page.Body, -1)
	admit := all[len(all)-1][1]
	c.Post(admit, "act", "decline").Sees(t, 422)
	c.Post(admit).Sees(t, 303)
	c.Post(admit).Sees(t, 303) // a double click
	if got := s.Mails(t)[0]; got.To != "nora@example.org" || !strings.Contains(got.Subject, "Basel") {
		t.Errorf("got mail %+v", got)
	}
	v.Post("/c/basel/discussions/1/reply", "body", "Hello", "lang", "en").Sees(t, 303)
	v.Get("/c/basel/members?q=asphalt").Sees(t, 200, "Nora Keller")
}

func TestATextTypedIntoAnExpiredSessionIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	if _, err := s.DB.Exec(t.Context(), `update account_session set expires_at = now() - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	request := uuid.NewString()
	const text = "Words that took an hour to write, with an umlaut: ä."
	to := v.Post("/c/basel/discussions/1/reply", "request", request, "body", text, "lang", "de", "answers", "2").Sees(t, 303).To()
	v.Get(to).Sees(t, 200, "What you typed is safe")

	other := s.As(t, "urs-dettwiler") // somebody else at the same browser does not get the text
	other.Jar = v.Jar
	other.Post("/look-around", "as", "coordinator").Sees(t, 303)
	other.Get("/kept").Sees(t, 404)
	other.Post("/sign-out")

	v.Post("/sign-in/link", "email", "regula-ammann@example.org", "next", "/kept").Sees(t, 303)
	if to := v.Post("/sign-in/"+tokenIn(s.Mails(t)[0].Text)).Sees(t, 303).To(); to != "/kept" {
		t.Fatalf("led to %q", to)
	}
	page := v.Get("/kept").Sees(t, 200, "Words that took an hour", request)
	v.Get("/kept").Sees(t, 200, "Words that took an hour") // loading the page again loses nothing
	fields := fieldsOf(page.Body)
	action := regexp.MustCompile(`<form class="form" method="post" action="([^"]+)"`).FindStringSubmatch(page.Body)[1]
	first := v.Post(action, fields...).Sees(t, 303).To()
	second := v.Post(action, fields...).Sees(t, 303).To()
	if first != second {
		t.Errorf("sent twice: %q and %q", first, second)
	}
	var n int
	if err := s.DB.QueryRow(t.Context(), `select count(*) from item_text where body = $1`, text).Scan(&n); err != nil || n != 1 {
		t.Errorf("stored %d times, %v", n, err)
	}
	v.Get("/kept").Sees(t, 404)
}

func TestWhoGoesBackAndWritesOnceMoreLosesNothing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	for _, c := range []struct {
		path  string
		first []string
	}{
		{"/c/basel/discussions/1/reply", []string{"body", "The first words.", "lang", "en"}},
		{"/c/basel/discussions/new", []string{"title", "First", "body", "The first words.", "lang", "en", "audience", "public"}},
		{"/c/basel/discussions/new", []string{"form", "help", "title", "First", "body", "The first words.", "tried", "nothing", "lang", "en", "audience", "public"}},
		{"/c/basel/heard", []string{"body", "The first words.", "lang", "en"}},
	} {
		count := func() (n int) {
			t.Helper()
			if err := s.DB.QueryRow(t.Context(), `select count(*) from item`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		form := append([]string{"request", uuid.NewString()}, c.first...)
		to := v.Post(c.path, form...).Sees(t, 303).To()
		if again := v.Post(c.path, form...).Sees(t, 303).To(); again != to || count() != before+1 {
			t.Errorf("%s: the same words twice lead to %s and %s, %d more", c.path, to, again, count()-before)
		}
		for i, word := range form {
			form[i] = strings.Replace(word, "The first words.", "Others, written after going back.", 1)
		}
		if v.Post(c.path, form...).Sees(t, 303); count() != before+2 {
			t.Errorf("%s: other words in the same form are lost", c.path)
		}
	}
}

func TestPasswordsAndMereButtonsAreNotKeptFromAnExpiredSession(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.Stranger(t)
	v.Post("/me/password", "password", "a warm evening", "again", "a warm evening").Sees(t, 303)
	v.Post("/c/basel/discussions/1/thanks", "thanks", "give").Sees(t, 303)
	v.Post("/c/basel/discussions/1/reply", "body", strings.Repeat("x", 500<<10), "lang", "de").Sees(t, 303)
	var n int
	if err := s.DB.QueryRow(t.Context(), `select count(*) from kept_form`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d forms are kept, %v", n, err)
	}
}

// fieldsOf are the hidden fields and texts of the page's own form.
func fieldsOf(body string) []string {
	body = body[strings.Index(body, "<main"):strings.Index(body, "</main")]
	var pairs []string
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		pairs = append(pairs, m[1], html.UnescapeString(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>`).FindAllStringSubmatch(body, -1) {
		pairs = append(pairs, m[1], html.UnescapeString(m[2]))
	}
	return pairs
}

func TestDiscussionIsStartedAnsweredQuotedEditedAndRemembered(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	form := []string{"request", uuid.NewString(), "title", "Nachtkarten im Gutachten?", "body", "Wer hat *Erfahrung*? Siehe T-1, @jonas-wirz.", "lang", "de", "audience", "community", "tags", "Nacht, Gutachten, nacht"}
	v.Post("/c/basel/discussions/new", append(form, "act", "preview")...).Sees(t, 200, "<em>Erfahrung</em>", `href="/c/basel/discussions/1" class="reference"`, `class="mention"`)
	thread := v.Post("/c/basel/discussions/new", form...).Sees(t, 303).To()
	if again := v.Post("/c/basel/discussions/new", form...).Sees(t, 303).To(); again != thread {
		t.Errorf("a double click made %q beside %q", again, thread)
	}
	v.Get(thread).Sees(t, 200, "Nachtkarten", "Nacht", "Gutachten")
	number := regexp.MustCompile(`/(\d+)-`).FindStringSubmatch(thread)[1]
	base := "/c/basel/discussions/" + number

	s.Stranger(t).Get(thread).Sees(t, 404)
	s.As(t, "eleni-markaki").Get(thread).Sees(t, 404)
	s.Stranger(t).Get("/c/basel/discussions").Misses(t, "Nachtkarten")
	s.Stranger(t).Get("/").Misses(t, "Nachtkarten")
	s.Stranger(t).Get("/c/basel/discussions/1").Sees(t, 301)
	s.Stranger(t).Get("/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an").Sees(t, 200).Misses(t, "Nachtkarten")
	v.Get("/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an").Sees(t, 200, "Nachtkarten") // the trail leads back

	j := s.As(t, "jonas-wirz")
	j.Get(base+"-wrong-words?quote=0").Sees(t, 301)
	j.Get(thread+"?quote=0").Sees(t, 200, "&gt; Wer hat *Erfahrung*?")
	at := j.Post(base+"/reply", "request", uuid.NewString(), "answers", "0", "body", "> Wer hat *Erfahrung*?\n\nWir.", "lang", "de").Sees(t, 303).To()
	j.Get(strings.Split(at, "#")[0]).Sees(t, 301)
	var quote string
	if err := s.DB.QueryRow(t.Context(), `select quote from item_link where relation = 'quotes' order by id desc limit 1`).Scan(&quote); err != nil || quote != "Wer hat *Erfahrung*?" {
		t.Errorf("quotation %q, %v", quote, err)
	}

	v.Post(base+"/replies/1/edit", "revision", "1", "body", "x", "lang", "de").Sees(t, 403)
	v.Post(base+"/replies/1/thanks").Sees(t, 303)
	v.Get(thread).Sees(t, 200, "1 thanks")
	j.Post(base+"/replies/1/thanks").Sees(t, 403)
	j.Post(base+"/replies/1/edit", "revision", "1", "body", "Wir, seit 2019.", "lang", "de").Sees(t, 303)
	j.Post(base+"/replies/1/edit", "revision", "1", "body", "Wir, seit 2018.", "lang", "de").Sees(t, 409, "changed meanwhile", "<del>2019.</del>", "<ins>2018.</ins>", `name="revision" value="2"`)
	j.Get(base+"/replies/1/history").Sees(t, 200, "Version 2", "Version 1", "<ins>")
	s.As(t, "eleni-markaki").Get(base+"/replies/1/history").Sees(t, 404)

	v.Post(base+"/edit", "revision", "1", "title", "Nachtkarten im Gutachten", "body", "Für alle.", "lang", "de", "audience", "public").Sees(t, 303)
	s.Stranger(t).Get("/c/basel/discussions/"+number+"-nachtkarten-im-gutachten").Sees(t, 200, "Wir, seit 2019.")
}

func TestUnreadIsByItemAndKnowsTheFirstNewReply(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	reader, writer := s.As(t, "silvan-oesch"), s.As(t, "regula-ammann")
	thread := writer.Post("/c/basel/discussions/new", "title", "Neu", "body", "x", "lang", "de", "audience", "public").Sees(t, 303).To()
	reader.Get("/c/basel/discussions?show=unread").Sees(t, 200, ">Neu</a>")
	reader.Get(thread)
	if err := s.Marks.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	reader.Get("/c/basel/discussions?show=unread").Misses(t, ">Neu</a>")
	number := regexp.MustCompile(`/(\d+)-`).FindStringSubmatch(thread)[1]
	for range 2 {
		writer.Post("/c/basel/discussions/"+number+"/reply", "body", "y", "lang", "de").Sees(t, 303)
	}
	reader.Get("/c/basel/discussions?show=unread").Sees(t, 200, ">Neu</a>", "2 new")
	reader.Get(thread)
	if err := s.Marks.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	writer.Post("/c/basel/discussions/"+number+"/reply", "body", "z", "lang", "de").Sees(t, 303)
	reader.Get(thread).Sees(t, 200, "new from here", "reply-3")
}

// Two hundred answer one thread at once: every acknowledged reply is there once, and the numbers have no gaps.
func TestACrowdAnswersOneThreadAtOnce(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	const crowd = 200
	v := s.As(t, "regula-ammann")
	var wait sync.WaitGroup
	got := make([]webtest.Answer, crowd)
	for n := range crowd {
		wait.Go(func() {
			one := *v
			request := uuid.NewString()
			got[n] = one.Post("/c/basel/discussions/1/reply", "request", request, "body", "crowd "+request, "lang", "de")
			if n%4 == 0 { // an impatient one
				if again := one.Post("/c/basel/discussions/1/reply", "request", request, "body", "crowd "+request, "lang", "de"); again.To() != got[n].To() {
					t.Errorf("sent twice: %d %q, then %d %q", got[n].Status, got[n].To(), again.Status, again.To())
				}
			}
		})
	}
	wait.Wait()
	places := map[string]bool{}
	for n, a := range got {
		if a.Status != http.StatusSeeOther || places[a.To()] {
			t.Errorf("reply %d: status %d, at %q", n, a.Status, a.To())
		}
		places[a.To()] = true
	}
	var replies, highest, distinct, counted int
	err := s.DB.QueryRow(t.Context(), `select count(*), max(i.number), count(distinct i.number), max(d.replies) from item i join discussion d on d.item_id = i.parent_id
		join item p on p.id = i.parent_id join community c on c.id = p.community_id where c.slug = 'basel' and p.number = 1 and p.kind = 'discussion'`).Scan(&replies, &highest, &distinct, &counted)
	if err != nil || replies != highest || replies != distinct || replies != counted || replies != crowd+5 {
		t.Errorf("%d replies, highest number %d, %d different, %d counted, %v", replies, highest, distinct, counted, err)
	}
}

func TestSignInTellsNobodyWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	known := s.Stranger(t).Post("/sign-in/link", "email", "regula-ammann@example.org")
	unknown := s.Stranger(t).Post("/sign-in/link", "email", "somebody@example.org")
	if known.Status != unknown.Status || known.To() != unknown.To() {
		t.Errorf("known %d %q, unknown %d %q", known.Status, known.To(), unknown.Status, unknown.To())
	}
	one := s.Stranger(t).Post("/sign-in", "email", "regula-ammann@example.org", "password", "wrong wrong").Sees(t, 422)
	two := s.Stranger(t).Post("/sign-in", "email", "somebody@example.org", "password", "wrong wrong").Sees(t, 422)
	strip := func(a webtest.Answer) string {
		return regexp.MustCompile(`(regula-ammann|somebody)@example.org`).ReplaceAllString(a.Body, "")
	}
	if strip(one) != strip(two) {
		t.Error("the pages differ")
	}
	mails := s.Mails(t)
	if len(mails) != 2 || tokenIn(mails[0].Text) != "" && tokenIn(mails[1].Text) != "" {
		t.Errorf("%d mails", len(mails))
	}
}

func TestAPrivateCommunityDoesNotExistForOthers(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	for _, sql := range []string{`update item set audience = 2 where community_id = (select id from community where slug = 'london')`,
		`update item_search set audience = 2 where community_id = (select id from community where slug = 'london')`, `update community set visibility = 'private' where slug = 'london'`} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	for name, v := range map[string]*webtest.Visitor{"stranger": s.Stranger(t), "elsewhere": s.As(t, "eleni-markaki")} {
		for _, path := range []string{"/c/london", "/c/london/about", "/c/london/members", "/c/london/discussions", "/c/london/discussions/1", "/c/london/nothing"} {
			if got := v.Get(path); got.Status != 404 || strings.Contains(got.Body, "London") {
				t.Errorf("%s as %s: %d", path, name, got.Status)
			}
		}
		v.Get("/").Misses(t, "/c/london", "Visit list")
		v.Get("/communities").Misses(t, "/c/london")
	}
	s.As(t, "rosalind-pike").Get("/c/london").Sees(t, 200)
}
