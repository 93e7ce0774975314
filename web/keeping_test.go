package web_test

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

func revisionOf(t *testing.T, a webtest.Answer) (int, string) {
	t.Helper()
	var said struct {
		Revision int
		HTML     string
	}
	if err := json.Unmarshal([]byte(a.Body), &said); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	return said.Revision, said.HTML
}

func TestADraftSavedByHandComesBackIsTheWritersOwnAndGoesWhenSent(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v, other := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	if _, err := s.DB.Exec(t.Context(), `delete from draft`); err != nil {
		t.Fatal(err)
	}
	var own int
	if err := s.DB.QueryRow(t.Context(), `select k.number from item k join item t on t.id = k.parent_id join community c on c.id = t.community_id join account a on a.id = k.author_id
		where c.slug = 'basel' and t.number = 1 and a.handle = 'regula-ammann' and k.kind = 'reply' limit 1`).Scan(&own); err != nil {
		t.Fatal(err)
	}
	reply := "/c/basel/discussions/1/replies/" + strconv.Itoa(own) + "/edit"
	places := map[string][2]string{ // where the form is sent: where it stands
		"/c/basel/discussions/new":     {"/c/basel/discussions/new", ""},
		"/c/basel/discussions/1/reply": {"/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an", "#answer"},
		"/c/basel/discussions/1/edit":  {"/c/basel/discussions/1/edit", ""},
		reply:                          {reply, ""},
	}
	for place, form := range places {
		got := v.Post(place, "act", "draft", "draft", "0", "tab", "a", "title", "Entwurfstitel", "body", "halbfertig & <b>", "lang", "fr", "revision", "1", "audience", "community").Sees(t, 303)
		if to, _, _ := strings.Cut(got.To(), "#"); to != place && !strings.HasSuffix(got.To(), form[1]) {
			t.Errorf("%s leads to %s", place, got.To())
		}
		v.Get(form[0]).Sees(t, 200, "Draft of ", "halbfertig &amp; &lt;b&gt;", "Discard draft", `name="draft" value="1"`)
		other.Get(form[0]).Misses(t, "halbfertig")
	}
	v.Get("/me/drafts").Sees(t, 200, "New discussion", "Reply in “Wo, warum", "Change to a reply", "halbfertig &amp; &lt;b&gt;", "Continue writing")
	other.Get("/me/drafts").Sees(t, 200, "No drafts")
	if n := len(regexp.MustCompile(`value="discard"`).FindAllString(v.Get("/me/drafts").Body, -1)); n != 4 {
		t.Errorf("%d drafts listed, want 4", n)
	}
	v.Post("/drafts", "act", "discard", "place", "/c/basel/discussions/1/edit", "next", "/me/drafts").Sees(t, 303)
	v.Get("/c/basel/discussions/1/edit").Sees(t, 200).Misses(t, "halbfertig")
	v.Post("/c/basel/discussions/1/reply", "draft", "1", "body", "fertig", "lang", "de").Sees(t, 303)
	v.Post("/c/basel/discussions/new", "draft", "1", "title", "Fertig", "body", "fertig", "lang", "de", "audience", "public").Sees(t, 303)
	v.Post(reply, "revision", "1", "body", "fertig", "lang", "de").Sees(t, 303)
	v.Get("/me/drafts").Sees(t, 200).Misses(t, "New discussion", "Reply in", "halbfertig")
}

func TestTwoWindowsWithOneTextNoticeEachOther(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	const place = "/c/basel/discussions/1/reply"
	save := func(tab, revision, body string) webtest.Answer {
		return v.Post("/drafts", "place", place, "tab", tab, "draft", revision, "body", body, "lang", "de")
	}
	first, _ := revisionOf(t, save("one", "0", "Eins").Sees(t, 200))
	again, _ := revisionOf(t, save("one", strconv.Itoa(first), "Eins, weiter").Sees(t, 200))
	// The answer to a save got lost: the same window may go on from the state it knew.
	third, _ := revisionOf(t, save("one", strconv.Itoa(first), "Eins, noch weiter").Sees(t, 200))
	if first != 1 || again != 2 || third != 3 {
		t.Errorf("revisions %d, %d, %d", first, again, third)
	}
	known, html := revisionOf(t, save("two", "0", "Zwei").Sees(t, 409))
	if known != 3 || !strings.Contains(html, "Eins, noch weiter") || !strings.Contains(html, "open elsewhere") {
		t.Errorf("%d %s", known, html)
	}
	v.Get("/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an").Sees(t, 200, "Eins, noch weiter").Misses(t, "Zwei</textarea>")
	// By hand, without scripts: both texts on one page, and saving again is a choice.
	v.Post(place, "act", "draft", "draft", "0", "tab", "two", "body", "Zwei", "lang", "de").Sees(t, 409, "Eins, noch weiter", "Zwei</textarea>", `name="draft" value="3"`)
	v.Post(place, "act", "draft", "draft", "3", "tab", "two", "body", "Zwei", "lang", "de").Sees(t, 303)
	save("one", "3", "Eins wieder").Sees(t, 409)
	v.Post("/drafts", "place", "elsewhere", "body", "x").Sees(t, 422)
	v.Post("/drafts", "place", place, "draft", "4", "tab", "two", "body", strings.Repeat("ä", 150_000)).Sees(t, 422)
	s.Stranger(t).Post("/drafts", "place", place, "body", "x").Sees(t, 403)
	s.As(t, "urs-dettwiler").Post("/drafts", "place", place, "draft", "0", "tab", "j", "body", "Jonas").Sees(t, 200)
	v.Get("/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an").Sees(t, 200, "Zwei</textarea>").Misses(t, "Jonas</textarea>")
}

func start(t *testing.T, v *webtest.Visitor, title, audience string) string {
	t.Helper()
	to := v.Post("/c/basel/discussions/new", "title", title, "body", "Worteröffnung", "lang", "de", "audience", audience, "tags", "eigentag").Sees(t, 303).To()
	return "/c/basel/discussions/" + regexp.MustCompile(`/(\d+)-`).FindStringSubmatch(to)[1]
}

func follow(v *webtest.Visitor, a webtest.Answer) webtest.Answer {
	for range 3 {
		if a.Status != 301 && a.Status != 303 {
			break
		}
		to, _, _ := strings.Cut(a.To(), "#")
		a = v.Get(to)
	}
	return a
}

func TestAnAuthorRemovesAndTakesItBack(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v, other := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	thread := start(t, v, "Kurzlebig", "public")
	other.Post(thread+"/reply", "body", "Wegdamit", "lang", "de").Sees(t, 303)
	v.Post(thread+"/remove").Sees(t, 422, "Others have replied")
	v.Post(thread+"/replies/1/remove").Sees(t, 403)
	follow(other, other.Post(thread+"/replies/1/remove").Sees(t, 303)).Sees(t, 200, "removed by its author", "Undo", "ten minutes").Misses(t, "Wegdamit")
	follow(v, v.Get(thread)).Sees(t, 200, "removed by its author", "0 replies").Misses(t, "Wegdamit", "Undo")
	other.Get(thread+"/replies/1/history").Sees(t, 410)
	other.Get(thread+"/replies/1/edit").Sees(t, 410)
	follow(other, other.Post(thread+"/replies/1/restore").Sees(t, 303)).Sees(t, 200, "Wegdamit", "1 reply")
	other.Post(thread + "/replies/1/remove")
	if _, err := s.DB.Exec(t.Context(), `update item set withdrawn_at = withdrawn_at - interval '11 minutes' where withdrawn_at is not null`); err != nil {
		t.Fatal(err)
	}
	other.Post(thread+"/replies/1/restore").Sees(t, 422, "too late")

	follow(v, v.Post(thread+"/remove").Sees(t, 303)).Sees(t, 410, "removed by whoever started it", "Undo").Misses(t, "Worteröffnung", "Kurzlebig")
	follow(s.Stranger(t), s.Stranger(t).Get(thread)).Sees(t, 410).Misses(t, "Kurzlebig", "Undo", "Regula")
	for _, page := range []string{"/c/basel/discussions", "/c/basel", "/", "/c/basel/discussions?tag=eigentag", "/c/basel/discussions/similar?title=Kurzlebig&in=de"} {
		v.Get(page).Misses(t, "Kurzlebig", ">eigentag<")
	}
	follow(v, v.Post(thread+"/restore").Sees(t, 303)).Sees(t, 200, "Kurzlebig")
}

func TestAMemberReportsACoordinatorHidesAndAnswersForIt(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v, other, coordinator, stranger := s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler"), s.As(t, "beat-hollenstein"), s.Stranger(t)
	thread := start(t, v, "Ruhig bleiben", "public")
	other.Post(thread+"/reply", "body", "Schimpfwort", "lang", "de").Sees(t, 303)
	reply := thread + "/replies/1"
	v.Get(reply+"/report").Sees(t, 200, "Schimpfwort")
	v.Post(reply+"/report", "reason", "").Sees(t, 422)
	v.Post(reply+"/report", "reason", "Bitte ansehen").Sees(t, 303)
	v.Get(reply+"/report").Sees(t, 200, "reported this text already")
	v.Post(reply+"/report", "reason", "Noch einmal").Sees(t, 303)
	other.Get("/c/basel/reports").Sees(t, 403).Misses(t, "Bitte ansehen")
	page := coordinator.Get("/c/basel/reports").Sees(t, 200, "Schimpfwort", "Bitte ansehen").Misses(t, "Noch einmal")
	id := regexp.MustCompile(`/reports/(\d+)"`).FindStringSubmatch(page.Body)[1]
	coordinator.Post("/c/basel/reports/"+id, "act", "hide", "reason-"+id, "").Sees(t, 422, `href="#field-reason-`+id, "Schimpfwort")
	coordinator.Post("/c/heraklion/reports/"+id, "act", "hide", "reason-"+id, "x").Sees(t, 403)
	coordinator.Post("/c/basel/reports/"+id, "act", "hide", "reason-"+id, "Kein guter Ton").Sees(t, 303)
	coordinator.Get("/c/basel/reports").Sees(t, 200, "No open reports", "Kein guter Ton", "Settled").Misses(t, "Schimpfwort")

	for name, who := range map[string]*webtest.Visitor{"author": other, "reporter": v, "coordinator": coordinator, "stranger": stranger} {
		for _, path := range []string{thread, thread + "?quote=1", reply + "/history", "/c/basel/discussions", "/c/basel", "/", "/c/basel/audit", "/c/basel/reports", reply + "/report", reply + "/edit", reply + "/hide"} {
			if strings.Contains(follow(who, who.Get(path)).Body, "Schimpfwort") {
				t.Errorf("%s reads it on %s", name, path)
			}
		}
		follow(who, who.Get(thread)).Sees(t, 200, "hidden by the coordinators: Kein guter Ton").Misses(t, "Undo")
	}
	other.Post(reply+"/restore").Sees(t, 422)
	follow(coordinator, coordinator.Post(reply+"/show").Sees(t, 303)).Sees(t, 200, "Schimpfwort")
	coordinator.Get("/c/basel/audit").Sees(t, 200, "Hid a text", "Showed a text again", "Settled a report", "Kein guter Ton", "Beat Hollenstein", "Ruhig bleiben")
	coordinator.Get("/c/basel/audit?verb=item.hide").Sees(t, 200, "Kein guter Ton").Misses(t, "<strong>Settled a report")
	coordinator.Get("/c/basel/audit?verb=discussion.start").Sees(t, 404)
	coordinator.Get("/c/basel/audit?before=x").Sees(t, 404)
}

func TestACoordinatorPinsLocksAndMoves(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v, coordinator := s.As(t, "regula-ammann"), s.As(t, "beat-hollenstein")
	if _, err := s.DB.Exec(t.Context(), `update account set administrator = true where handle = 'beat-hollenstein'`); err != nil {
		t.Fatal(err)
	}
	thread := start(t, v, "Wandernd", "public")
	follow(coordinator, coordinator.Post(thread+"/pin").Sees(t, 303)).Sees(t, 200, "pinned this discussion", "Unpin")
	start(t, v, "Neuer", "public")
	list := s.Stranger(t).Get("/c/basel/discussions").Sees(t, 200).Body
	if strings.Index(list, ">Wandernd<") > strings.Index(list, ">Neuer<") || strings.Count(list, ">Wandernd<") != 1 {
		t.Error("the pinned one is not first, or not once")
	}
	coordinator.Post(thread+"/lock", "reason", "Alles gesagt").Sees(t, 303)
	follow(v, v.Get(thread)).Sees(t, 200, "No more replies: Alles gesagt", "Coordinators alone").Misses(t, `name="body"`)
	v.Post(thread+"/reply", "body", "Doch noch etwas", "lang", "de").Sees(t, 422, "locked")
	coordinator.Post(thread+"/reply", "body", "Schlusswort", "lang", "de").Sees(t, 303)
	coordinator.Get(thread+"/move").Sees(t, 200, "London")
	coordinator.Post(thread+"/move", "to", "atlantis").Sees(t, 422)
	v.Post(thread+"/move", "to", "london").Sees(t, 403)
	coordinator.Post(thread+"/reply", "act", "draft", "draft", "0", "tab", "a", "body", "Noch im Entwurf", "lang", "de").Sees(t, 303)
	there := coordinator.Post(thread+"/move", "to", "london").Sees(t, 303).To()
	follow(coordinator, coordinator.Get(there)).Sees(t, 200, "from Basel", "Schlusswort", "eigentag", "stands here now")
	coordinator.Get("/me/drafts").Sees(t, 200, "Noch im Entwurf", "/c/london/discussions/")
	london := strings.TrimSuffix(there, "-wandernd")
	v.Post(thread+"/reply", "body", "Zu spät gesendet", "lang", "de").Sees(t, 303)
	v.Get("/me/drafts").Sees(t, 200, "Zu spät gesendet", london+"#answer")
	if got := v.Get(thread).Sees(t, 301).To(); got != there {
		t.Errorf("the old address leads to %s, want %s", got, there)
	}
	if _, err := s.DB.Exec(t.Context(), `update item set audience = 2 where title = 'Wandernd' or parent_id = (select id from item where title = 'Wandernd')`); err != nil {
		t.Fatal(err)
	}
	s.Stranger(t).Get(thread).Sees(t, 404).Misses(t, "london", "Wandernd")
}

func TestSimilarDiscussionsAreOfferedBeforeSending(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	start(t, v, "Schattenbäume am Bahnhofplatz", "community")
	v.Get("/c/basel/discussions/similar?title=Schattenb%C3%A4ume+Bahnhof&in=de").Sees(t, 200, "Schattenbäume am Bahnhofplatz").Misses(t, "<html")
	v.Get("/c/basel/discussions/new?title=Schattenb%C3%A4ume+Bahnhof").Sees(t, 200, "talked about already")
	v.Post("/c/basel/discussions/new", "act", "preview", "title", "Schattenbäume Bahnhofplatz", "body", "x", "lang", "de", "audience", "public").Sees(t, 200, "Schattenbäume am Bahnhofplatz</a>")
	v.Post("/c/basel/discussions/new", "act", "preview", "title", "Etwas ganz anderes", "body", "x", "lang", "de", "audience", "public").Sees(t, 200).Misses(t, "talked about already")
	s.Stranger(t).Get("/c/basel/discussions/similar?title=Schattenb%C3%A4ume&in=de").Sees(t, 303)
}
