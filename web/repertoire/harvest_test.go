package repertoire_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"urbanfluxes.eu/koinon/web/webtest"
)

// said is a thread in Basel of regula-ammann with a reply of silvan-oesch, for an audience.
func said(t *testing.T, s *webtest.Site, audience string) (at, number string) {
	t.Helper()
	at = s.As(t, "regula-ammann").Post("/c/basel/discussions/new", "form", "conversation", "title", "The hot square", "body", "Nobody sits on the square in July.", "lang", "en", "audience", audience).Sees(t, 303).To()
	number, _, _ = strings.Cut(at[strings.LastIndex(at, "/")+1:], "-")
	s.As(t, "silvan-oesch").Post("/c/basel/discussions/"+number+"/reply", "body", "We let the **market hall** spray water at noon. People came back within a week.", "lang", "en").Sees(t, 303)
	return at, number
}

// clicked is where a link of a page leads.
func clicked(t *testing.T, a webtest.Answer, words string) string {
	t.Helper()
	for _, found := range regexp.MustCompile(`(?s)<a[^>]*href="([^"]*)"[^>]*>(.*?)</a>`).FindAllStringSubmatch(a.Body, -1) {
		if strings.Contains(found[2], words) {
			return html.UnescapeString(found[1])
		}
	}
	t.Fatalf("no link %q on the page", words)
	return ""
}

// sent are the fields of the form of class "growing" as a browser sends them when its first button is clicked, with those given instead.
func sent(t *testing.T, a webtest.Answer, instead ...string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	add := func(name, value string) {
		if !slices.Contains(everyOther(instead), name) {
			pairs = append(pairs, name, value)
		}
	}
	var walk func(n *html.Node, inside bool)
	walk = func(n *html.Node, inside bool) {
		if n.Type == html.ElementNode && n.Data == "form" {
			inside = strings.Contains(attr(n, "class"), "growing")
		}
		if inside && n.Type == html.ElementNode {
			switch {
			case n.Data == "input" && (attr(n, "type") == "radio" || attr(n, "type") == "checkbox") && !has(n, "checked"):
			case n.Data == "input":
				add(attr(n, "name"), attr(n, "value"))
			case n.Data == "textarea" && n.FirstChild != nil:
				add(attr(n, "name"), strings.TrimPrefix(n.FirstChild.Data, "\n"))
			case n.Data == "option" && has(n, "selected"):
				add(attr(n.Parent, "name"), attr(n, "value"))
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inside)
		}
	}
	walk(root, false)
	if len(pairs) == 0 {
		t.Fatalf("no form on the page, status %d", a.Status)
	}
	return append(pairs, instead...)
}

func everyOther(pairs []string) []string {
	var all []string
	for n := 0; n < len(pairs); n += 2 {
		all = append(all, pairs[n])
	}
	return all
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

const into = "/c/basel/repertoire/harvest"

func TestAReplyBecomesACaseInTwoClicks(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, number := said(t, s, "public")
	urs, stranger := s.As(t, "urs-dettwiler"), s.Stranger(t)
	thread := urs.Get(at).Sees(t, 200)
	stranger.Get(at).Sees(t, 200).Misses(t, "repertoire/harvest")

	first := urs.Get(strings.ReplaceAll(into+"?discussion="+number+"&reply=1", "&amp;", "&")).Sees(t, 200, "market hall", "Silvan Oesch")
	if !strings.Contains(thread.Body, `href="`+into+"?discussion="+number+"&amp;reply=1") {
		t.Errorf("no link at the reply")
	}
	made := urs.Post(into, sent(t, first)...).Sees(t, 303).To()
	urs.Get(made).Sees(t, 200, "Saved, and linked", "Case", "market hall", "Words it grew out of", "With words of: Silvan Oesch", "The hot square", "reply-1", "The situation")
	stranger.Get(made).Sees(t, 200, "With words of: Silvan Oesch")
	stranger.Get(at).Sees(t, 200, "became", "Case E-", `href="`+made+`"`)
	s.Tell(t)
	if got := one(t, s, `select count(*) from activity where verb = 'entry.credit' and concerned = array[(select id from account where handle = 'silvan-oesch')]`); got != "1" {
		t.Errorf("silvan was credited %s times", got)
	}
	if to := clicked(t, urs.Get(made), "The hot square"); !strings.Contains(to, "?at=1#reply-1") {
		t.Errorf("the words lead to %s", to)
	}
}

func one(t *testing.T, s *webtest.Site, sql string, args ...any) (text string) {
	t.Helper()
	if err := s.DB.QueryRow(t.Context(), `select (`+sql+`)::text`, args...).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheSameFormSentTwiceAtOnceMakesOneEntry(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	_, number := said(t, s, "public")
	before := one(t, s, `select count(*) from entry`)
	urs := s.As(t, "urs-dettwiler")
	fields := sent(t, urs.Get(into+"?discussion="+number+"&reply=1"))
	var wait sync.WaitGroup
	to := make([]string, 4)
	for n := range to {
		wait.Go(func() { to[n] = urs.Post(into, fields...).To() })
	}
	wait.Wait()
	for _, at := range to {
		if at == "" || at != to[0] {
			t.Fatalf("led to %v", to)
		}
	}
	if got := one(t, s, `select count(*) from entry`); got == before || one(t, s, `select max(n) from entry_source`) != "1" {
		t.Errorf("%s entries after %s", got, before)
	}
}

func TestARejectedHarvestKeepsEverything(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, number := said(t, s, "public")
	urs := s.As(t, "urs-dettwiler")
	page := urs.Get(into+"?discussion="+number+"&reply=1&form=problem").Sees(t, 200)
	urs.Post(into, sent(t, page, "words-1", "Nobody ever said this", "title", "", "text", "What I typed", "audience", "community")...).
		Sees(t, 422, "do not stand in the text", "Nobody ever said this", "What I typed", `value="problem" id="field-form-problem" checked`, `value="community" id="field-audience-community" checked`)
	urs.Post(into, sent(t, page, "form", "poem")...).Sees(t, 422, "Please check these points")
	urs.Post(into, "form", "case", "title", "x", "text", "y", "lang", "en", "audience", "public").Sees(t, 422, "at least one passage")
	made := urs.Post(into, sent(t, page, "words-1", "People came back within a week.")...).Sees(t, 303).To()
	urs.Get(made).Sees(t, 200, "Recurring problem", "How it shows")
}

func TestWordsThatTheReaderCannotOpenBecomeNothing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, number := said(t, s, "community")
	eleni, urs := s.As(t, "eleni-markaki"), s.As(t, "urs-dettwiler")
	eleni.Get(into+"?discussion="+number+"&reply=1").Sees(t, 403).Misses(t, "market hall")
	eleni.Post(into, "at", "discussion="+number+"&reply=1", "words-1", "People came back", "form", "case", "title", "x", "lang", "en", "audience", "public").Sees(t, 403).Misses(t, "market hall")
	s.Stranger(t).Get(into+"?discussion="+number+"&reply=1").Sees(t, 303)
	home := "/c/heraklion/repertoire/harvest?discussion=" + number + "&reply=1" // the number of another city's discussion
	eleni.Get(home).Misses(t, "market hall")
	if _, err := s.DB.Exec(t.Context(), `update item set removed_at = now() where kind = 'reply' and parent_id = (select id from item where kind = 'discussion' and title = 'The hot square')`); err != nil {
		t.Fatal(err)
	}
	urs.Get(into+"?discussion="+number+"&reply=1").Sees(t, http.StatusGone).Misses(t, "market hall")
	urs.Post(into, "at", "discussion="+number+"&reply=1", "words-1", "People came back within a week.", "form", "case", "title", "Mine", "text", "Typed before", "lang", "en", "audience", "public").
		Sees(t, 422, "not there any more", "Typed before")
	urs.Get(at).Sees(t, 200)
}

func TestWhoAskedDiscreetlyIsNobodyInAnEntry(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	at := s.As(t, "regula-ammann").Post("/c/basel/discussions/new", "form", "help", "title", "A quiet question", "body", "How do I tell my office that the model was wrong?", "lang", "en", "audience", "community", "discreet", "yes").Sees(t, 303).To()
	number, _, _ := strings.Cut(at[strings.LastIndex(at, "/")+1:], "-")
	for _, who := range []string{"urs-dettwiler", "beat-hollenstein", "regula-ammann"} { // a member, the coordinator, and the asker herself
		v := s.As(t, who)
		page := v.Get(into+"?discussion="+number+"&reply=0").Sees(t, 200, "asked discreetly")
		made := v.Post(into, sent(t, page)...).Sees(t, 303).To()
		s.As(t, "urs-dettwiler").Get(made).Sees(t, 200, "Nobody is named").Misses(t, "With words of")
	}
	if got := one(t, s, `select count(*) from entry_source where words like 'How do I tell%' and (speaker_id is not null or speaker_name <> '' or perspective <> '' or organisation <> '' or release <> '')`); got != "0" {
		t.Errorf("%s sources tell who asked", got)
	}
	if got := one(t, s, `select count(*) from activity where verb in ('entry.credit', 'entry.ask-release') and (select id from account where handle = 'regula-ammann') = any(concerned)`); got != "0" {
		t.Errorf("%s activities name who asked", got)
	}
}

func TestUnreleasedWordsLeakNowhere(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, number := said(t, s, "community")
	urs, silvan, eleni, stranger := s.As(t, "urs-dettwiler"), s.As(t, "silvan-oesch"), s.As(t, "eleni-markaki"), s.Stranger(t)
	page := urs.Get(into+"?discussion="+number+"&reply=1").Sees(t, 200, "Members of this community")
	fields := sent(t, page)
	wide := sent(t, page, "audience", "public")
	urs.Post(into, wide...).Sees(t, 422, "stand here word for word", `id="error-audience"`, "market hall")
	made := urs.Post(into, fields...).Sees(t, 303).To()
	entry, _, _ := strings.Cut(made[strings.LastIndex(made, "/")+1:], "-")
	open := "/c/basel/repertoire/" + entry
	stranger.Get(made).Sees(t, 404)

	edit := func(text, audience, revision string, status int) webtest.Answer {
		return urs.Post(open+"/edit", "revision", revision, "form", "case", "title", "Water at noon", "situation", text, "body", text, "lang", "en", "audience", audience).Sees(t, status)
	}
	edit("So he said: people CAME back *within* a week, and it was good.", "public", "1", 422)
	edit("Spraying brought visitors.", "public", "1", 303)
	for name, v := range map[string]*webtest.Visitor{"stranger": stranger, "elsewhere": eleni} {
		v.Get(made).Sees(t, 301)
		shown := v.Get("/c/basel/repertoire/"+entry+"-water-at-noon").Sees(t, 200, "From a conversation in Basel").Misses(t, "People came back", "Silvan", "The hot square", "reply-1")
		if strings.Contains(shown.Body, "2026") && strings.Contains(shown.Body, "Health") {
			t.Errorf("%s learns when it was said", name)
		}
		v.Get(open+"/history").Sees(t, 200, "Spraying").Misses(t, "People came back", "market hall")
		v.Get("/search?q=people+came+back+within").Sees(t, 200).Misses(t, "within a week")
		v.Get("/search.json?q=market+hall").Sees(t, 200).Misses(t, "Water at noon", "within a week")
	}
	for _, at := range []string{"-water-at-noon?revision=1", ".json", ".md"} {
		stranger.Get(open+at).Sees(t, 200).Misses(t, "People came back", "market hall", "Silvan")
	}
	in := func(text string) []string {
		return []string{"lang", "fr", "title", "De l’eau à midi", "part-situation", text, "of", "2", "revision", "0"}
	}
	urs.Post(open+"/translate", in("Il a dit : «People came back within a week.»")...).Sees(t, 422, "stand here word for word")
	urs.Post(open+"/translate", in("On est revenu.")...).Sees(t, 303)
	if got := one(t, s, `select release from entry_source order by id desc limit 1`); got != "asked" {
		t.Fatalf("release: %s, want asked", got)
	}
	silvan.Get(open+"-water-at-noon").Sees(t, 200, "asks whether it may quote", "My words may be quoted")
	urs.Post(open+"/sources/1/release").Sees(t, 403)
	silvan.Post(open+"/sources/9/release").Sees(t, 404)
	silvan.Post(open+"/sources/1/release").Sees(t, 303)
	stranger.Get(open+"-water-at-noon").Sees(t, 200, "People came back", "Silvan Oesch").Misses(t, "The hot square")
	edit("So he said: people came back within a week.", "public", "2", 303)
	silvan.Post(open+"/sources/1/refuse").Sees(t, 303)
	stranger.Get(open+"-water-at-noon").Sees(t, 200, "From a conversation in Basel").Misses(t, "Silvan")
	edit("So he said: people came back within a week.", "public", "3", 422)
}

func TestSeveralPassagesAreGatheredAndBecomeOneEntry(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, number := said(t, s, "public")
	urs := s.As(t, "urs-dettwiler")
	basket := "/c/basel/repertoire/gathered"
	urs.Get(basket).Sees(t, 200, "Nothing is gathered yet")
	for _, reply := range []string{"0", "1"} {
		urs.Post(basket+"?discussion="+number+"&reply="+reply).Sees(t, 303)
		urs.Post(basket+"?discussion="+number+"&reply="+reply).Sees(t, 303) // again: nothing more
	}
	urs.Get(at).Sees(t, 200, "Gathered. You find it", "Put back")
	s.As(t, "silvan-oesch").Get(at).Sees(t, 200).Misses(t, "Put back")
	page := urs.Get(basket).Sees(t, 200, "Nobody sits on the square", "People came back", "Move up")
	s.As(t, "silvan-oesch").Get(basket).Sees(t, 200, "Nothing is gathered yet")
	ids := regexp.MustCompile(`name="passage" value="(\d+)"`).FindAllStringSubmatch(page.Body, -1)
	if len(ids) != 2 {
		t.Fatalf("%d passages in the basket", len(ids))
	}
	urs.Post(basket+"/"+ids[1][1]+"/up").Sees(t, 303)
	s.As(t, "silvan-oesch").Post(basket+"/"+ids[1][1]+"/remove").Sees(t, 303) // somebody else's: nothing happens
	form := urs.Get(into+"?form=problem&as=quotes&passage="+ids[0][1]+"&passage="+ids[1][1]).Sees(t, 200)
	if first, second := strings.Index(form.Body, "&gt; We let the"), strings.Index(form.Body, "&gt; Nobody sits"); first < 0 || second < first {
		t.Errorf("the passages do not come as quotations in the order of the basket: %d, %d", first, second)
	}
	made := urs.Post(into, sent(t, form)...).Sees(t, 303).To()
	urs.Get(made).Sees(t, 200, "Recurring problem", "source-1", "source-2", "Silvan Oesch", "Regula Ammann")
	urs.Get(basket).Sees(t, 200, "Nothing is gathered yet")
}

func TestAPassageHiddenSinceCannotBeUsed(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, number := said(t, s, "public")
	urs := s.As(t, "urs-dettwiler")
	basket := "/c/basel/repertoire/gathered"
	urs.Post(basket+"?discussion="+number+"&reply=1").Sees(t, 303)
	page := urs.Get(basket)
	id := regexp.MustCompile(`name="passage" value="(\d+)"`).FindStringSubmatch(page.Body)[1]
	form := urs.Get(into+"?passage="+id).Sees(t, 200)
	s.As(t, "beat-hollenstein").Post("/c/basel/discussions/"+number+"/replies/1/hide", "reason", "private", "note", "x").Sees(t, 303)
	urs.Get(basket).Sees(t, 200, "not there any more").Misses(t, "People came back", "Silvan")
	urs.Get(into+"?passage="+id).Sees(t, 303)
	urs.Post(into, sent(t, form)...).Sees(t, 422, "not there any more")
	urs.Post(basket+"/"+id+"/remove").Sees(t, 303)
	urs.Get(basket).Sees(t, 200, "Nothing is gathered yet")
}

func TestANoteBecomesAWholeEntryItself(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	urs := s.As(t, "urs-dettwiler")
	urs.Post("/c/basel/heard", "body", "Somebody told me that the vine on wires cools best.", "lang", "en").Sees(t, 303)
	number := one(t, s, `select max(number) from item where kind = 'entry' and community_id = (select id from community where slug = 'basel')`)
	page := urs.Get(into+"?note="+number+"&form=method").Sees(t, 200, "Your note itself becomes the entry")
	s.As(t, "lea-straumann").Get(into+"?note="+number).Sees(t, 404)
	s.As(t, "beat-hollenstein").Get(into+"?note="+number).Sees(t, 403)
	fields := sent(t, page, "title", "Vines on wires", "audience", "community")
	made := urs.Post(into, fields...).Sees(t, 303).To()
	if !strings.Contains(made, "/repertoire/"+number) {
		t.Errorf("the note became %s", made)
	}
	urs.Get(made).Sees(t, 200, "Method", "When to use it", "vine on wires cools best")
	urs.Post(into, fields...).Sees(t, 303)
	if got := one(t, s, `select revision from item where kind = 'entry' and number = `+number+` and community_id = (select id from community where slug = 'basel')`); got != "2" {
		t.Errorf("sent twice: revision %s", got)
	}
}

func TestWhatWorkedIsKeptOfAnAnsweredRequest(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	regula := s.As(t, "regula-ammann")
	at := regula.Post("/c/basel/discussions/new", "form", "help", "title", "Blinds that hold", "body", "Which blinds survive the storm on the bridge?", "lang", "en", "audience", "public").Sees(t, 303).To()
	number, _, _ := strings.Cut(at[strings.LastIndex(at, "/")+1:], "-")
	s.As(t, "silvan-oesch").Post("/c/basel/discussions/"+number+"/reply", "body", "Ours hang on steel ropes.", "lang", "en").Sees(t, 303)
	regula.Post("/c/basel/discussions/"+number+"/outcome", "ending", "worked", "text", "Steel ropes held all winter.", "helped", "1").Sees(t, 303)
	urs := s.As(t, "urs-dettwiler")
	to := clicked(t, urs.Get(at).Sees(t, 200), "Keep what worked")
	form := urs.Get(to).Sees(t, 200, "survive the storm", "Ours hang on steel ropes.", "Steel ropes held all winter.")
	made := urs.Post(into, sent(t, form)...).Sees(t, 303).To()
	urs.Get(made).Sees(t, 200, "The situation", "What was done", "What came of it", "Steel ropes held all winter.", "Silvan Oesch", "Regula Ammann")
	if got := one(t, s, `select count(*) from entry_source where entry_id = (select max(item_id) from entry)`); got != "3" {
		t.Errorf("%s sources", got)
	}
}

func TestAWholeDiscussionBecomesOneEntryOfWhatIsTaken(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	_, number := said(t, s, "programme")
	urs := s.As(t, "urs-dettwiler")
	form := urs.Get(into+"?discussion="+number+"&whole=yes").Sees(t, 200, `value="The hot square"`, "Nobody sits on the square", "&gt; We let the market hall", `value="programme" id="field-audience-programme" checked`)
	made := urs.Post(into, sent(t, form)...).Sees(t, 303).To()
	urs.Get(made).Sees(t, 200, "source-1", "source-2")
	left := slices.DeleteFunc(chunks(sent(t, urs.Get(into+"?discussion="+number+"&whole=yes"))), func(pair [2]string) bool { return pair[0] == "take-2" })
	var fields []string
	for _, pair := range left {
		fields = append(fields, pair[0], pair[1])
	}
	made = urs.Post(into, fields...).Sees(t, 303).To()
	urs.Get(made).Sees(t, 200, "source-1").Misses(t, "source-2", "With words of: Regula Ammann, Silvan")
}

func chunks(pairs []string) [][2]string {
	var all [][2]string
	for n := 0; n < len(pairs); n += 2 {
		all = append(all, [2]string{pairs[n], pairs[n+1]})
	}
	return all
}

func TestAnAdaptationPublishesNoUnreleasedWords(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.WithoutRepertoire(t)
	_, number := said(t, s, "community")
	priya := s.As(t, "priya-raman") // at home in both cities
	page := priya.Get(into+"?discussion="+number+"&reply=1").Sees(t, 200)
	made := priya.Post(into, sent(t, page)...).Sees(t, 303).To()
	entry, _, _ := strings.Cut(made[strings.LastIndex(made, "/")+1:], "-")
	london := one(t, s, `select id from community where slug = 'london'`)
	at := priya.Post("/c/basel/repertoire/"+entry+"/adapt", "adapt-in", london, "title", "Spray at noon", "differs", "It rains here.", "situation", "People came back within a week.").Sees(t, 303).To()
	there, _, _ := strings.Cut(at, "-spray")
	edit := func(text string, status int) {
		t.Helper()
		priya.Post(there+"/edit", "revision", "1", "form", "case", "title", "Spray at noon", "situation", text, "differs", "It rains here.", "lang", "en", "audience", "public").Sees(t, status)
	}
	edit("People came back within a week.", 422)
	edit("Visitors returned soon.", 303)
	s.Stranger(t).Get(at).Sees(t, 200, "Visitors returned soon.").Misses(t, "People came back", "market hall")
}
