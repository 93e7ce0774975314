package meetings_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/webtest"
)

// coming is a day so many days ahead, as typed.
func coming(days int) string { return time.Now().AddDate(0, 0, days).Format(time.DateOnly) }

// seek schedules a meeting without a date and opens a poll of dates, each from 10 to 12.
func seek(t *testing.T, beat *webtest.Visitor, audience string, days ...int) (at string) {
	t.Helper()
	to := beat.Post("/c/basel/meetings/new", "title", "Shade in the old town", "form", "regular", "zone", "Europe/Zurich", "lang", "en", "audience", audience, "act", "find").Sees(t, 303).To()
	at = strings.TrimSuffix(to, "/dates/edit")
	pairs := []string{"until_day", coming(6), "until_at", "18:00", "rows", "4"}
	for n, day := range days {
		pairs = append(pairs, fmt.Sprint("day-", n+1), coming(day), fmt.Sprint("from-", n+1), "10:00", fmt.Sprint("until-", n+1), "12:00")
	}
	beat.Post(to, pairs...).Sees(t, 303)
	return at
}

var fields = regexp.MustCompile(`name="(answer-\d+)"`)

// answerFields are the radio groups of a page, in the order of their dates.
func answerFields(body string) (all []string) {
	for _, m := range fields.FindAllStringSubmatch(body, -1) {
		if len(all) == 0 || all[len(all)-1] != m[1] {
			all = append(all, m[1])
		}
	}
	return all
}

func TestMembersFindADateTogether(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula, lea := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.As(t, "lea-straumann")
	at := seek(t, beat, "community", 20, 21, 22)
	regula.Get(at).Sees(t, 200, "date sought", "3 dates are on offer", "Say when you can")
	f := answerFields(regula.Get(at+"/dates").Sees(t, 200, "Nobody has answered yet", "Europe/Zurich").Body)
	if len(f) != 3 {
		t.Fatalf("%d radio groups", len(f))
	}
	regula.Post(at+"/dates", f[0], "no", f[1], "yes", f[2], "if-need-be", "note", "On foot").Sees(t, 303)
	lea.Post(at+"/dates", f[1], "if-need-be", f[0], "yes").Sees(t, 303)
	got := regula.Get(at+"/dates").Sees(t, 200, "This date suits most", "1 yes, 1 if need be", "1 scientist", "Change my answers", "On foot", "2 people answered")
	if !regexp.MustCompile(f[1] + `" value="yes" checked`).MatchString(got.Body) {
		t.Error("the own answer is not there to change")
	}
	s.Stranger(t).Get(at+"/dates").Sees(t, 404)
	option := strings.TrimPrefix(f[1], "answer-")
	regula.Get(at+"/dates/"+option+"/choose").Sees(t, 403)
	beat.Get(at+"/dates/"+option+"/choose").Sees(t, 200, "Choose this date?", "1 yes, 1 if need be")
	for range 2 { // a double click
		beat.Post(at+"/dates/"+option+"/choose").Sees(t, 303)
	}
	regula.Get(at).Sees(t, 200, "scheduled", "10:00–12:00")
	regula.Get(at+"/dates").Sees(t, 200, "The poll: who could when", "chosen", "if need be").Misses(t, `type="radio"`)
	regula.Post(at+"/dates", f[0], "yes").Sees(t, 422, "The poll is closed")
}

func TestReadersFromOutsideSeeHowManyButNotWho(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := seek(t, beat, "public", 20, 21)
	f := answerFields(regula.Get(at + "/dates").Body)
	regula.Post(at+"/dates", f[0], "yes", "note", "My secret train").Sees(t, 303)
	for _, v := range []*webtest.Visitor{s.Stranger(t), s.As(t, "eleni-markaki")} {
		v.Get(at+"/dates").Sees(t, 200, "1 yes", "1 stakeholder").Misses(t, "Regula Ammann", "secret train", "has not answered yet", `type="radio"`)
	}
	s.As(t, "eleni-markaki").Post(at+"/dates", f[0], "yes").Sees(t, 403)
}

func TestTheReaderChoosesTheZone(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	to := beat.Post("/c/basel/meetings/new", "title", "Late", "form", "online", "zone", "Europe/London", "lang", "en", "audience", "community", "act", "find").Sees(t, 303).To()
	at := strings.TrimSuffix(to, "/edit")
	beat.Post(to, "until_day", coming(6), "until_at", "18:00", "day-1", "2199-07-04", "from-1", "22:30", "until-1", "23:30").Sees(t, 303)
	beat.Get(at).Sees(t, 200, "22:30–23:30", "Europe/London (of the meeting)")
	beat.Get(at+"?zone=Europe/Athens").Sees(t, 200, "00:30–01:30", "5 Jul", "in Europe/London: Thu 4 Jul 2199, 22:30", `action="`+at+`?zone=Europe%2FAthens"`)
	for _, zone := range []string{"Europe/Atlantis", "Local", "../../etc/passwd", "%ff%00", strings.Repeat("x", 3000)} {
		beat.Get(at+"?zone="+zone).Sees(t, 200, "22:30–23:30")
	}
}

func TestRowsAreAddedAndTimesCopiedWithoutScripts(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	to := beat.Post("/c/basel/meetings/new", "title", "Rows", "form", "regular", "day", coming(30), "from", "14:00", "until", "16:00", "zone", "Europe/Zurich", "lang", "en", "audience", "community", "act", "find").Sees(t, 303).To()
	beat.Get(to).Sees(t, 200, `value="`+coming(30)+`"`, `name="day-5"`, "becomes one of those on offer").Misses(t, `name="day-6"`)
	beat.Post(to, "rows", "5", "day-1", coming(30), "from-1", "14:00", "until-1", "16:00", "act", "more").Sees(t, 200, `name="day-9"`, `value="14:00"`)
	got := beat.Post(to, "rows", "5", "day-1", coming(30), "from-1", "14:00", "until-1", "16:00", "act", "copy").Sees(t, 200)
	if n := strings.Count(got.Body, `value="14:00"`); n != 5 {
		t.Errorf("%d rows begin at 14:00", n)
	}
	beat.Post(to, "rows", "5", "day-1", coming(30), "from-1", "14:00", "until-1", "13:00", "until_day", coming(5), "until_at", "18:00").Sees(t, 422, `href="#field-until-1"`)
	beat.Post(to, "rows", "5", "from-1", "14:00", "until_day", coming(5), "until_at", "18:00").Sees(t, 422, `href="#field-day-1"`)
}

func TestBadAnswersGetAClearPageAndStoreNothing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := seek(t, beat, "community", 20) + "/dates"
	f := answerFields(regula.Get(at).Body)[0]
	for name, c := range map[string]struct {
		pairs []string
		want  int
	}{
		"nothing":       {nil, 422},
		"a strange one": {[]string{f, "perhaps"}, 422},
		"another date":  {[]string{"answer-999999", "yes"}, 422},
		"no number":     {[]string{"answer-x", "yes"}, 422},
		"a long note":   {[]string{f, "yes", "note", strings.Repeat("ä", 501)}, 422},
		"broken text":   {[]string{f, "yes", "note", "a\xff"}, 422},
		"10 MB":         {[]string{f, "yes", "note", strings.Repeat("a", 10<<20)}, 413},
	} {
		if got := regula.Post(at, c.pairs...); got.Status != c.want {
			t.Errorf("%s: got %d, want %d", name, got.Status, c.want)
		}
	}
	regula.Post(at, f, "yes", "note", strings.Repeat("ä", 501)).Sees(t, 422, `value="yes" checked`, strings.Repeat("ä", 501))
	regula.Get(at).Sees(t, 200, "Nobody has answered yet")
	beat.Post(at+"/remind", "edition", "x").Sees(t, 422)
}

func TestADateIsTakenOffKnowingHowManyAnswered(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := seek(t, beat, "community", 20, 21) + "/dates"
	f := answerFields(regula.Get(at).Body)
	to := at + "/" + strings.TrimPrefix(f[0], "answer-") + "/remove"
	beat.Get(to).Sees(t, 200, "Nobody has answered to it yet")
	regula.Post(at, f[0], "yes").Sees(t, 303)
	beat.Post(to, "answers", "0").Sees(t, 422, "More answers have come", "1 answer to it will be gone", `name="answers" value="1"`)
	beat.Post(to, "answers", "1").Sees(t, 303)
	beat.Get(at).Sees(t, 200).Misses(t, f[0])
}

func TestTheSilentAreRemindedOnce(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	at := seek(t, beat, "community", 20) + "/dates"
	got := beat.Get(at).Sees(t, 200, "who have not answered", `name="edition" value="1"`)
	if !regexp.MustCompile(`Remind the \d+ people`).MatchString(got.Body) {
		t.Error("the button does not say how many")
	}
	for range 2 {
		beat.Post(at+"/remind", "edition", "1").Sees(t, 303)
	}
	beat.Get(at).Sees(t, 200, "1 reminder sent so far", `name="edition" value="2"`)
}

func TestAMeetingWhoseDateIsSoughtTakesNoOther(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	at := seek(t, beat, "community", 20)
	beat.Get(at+"/edit").Sees(t, 200, "A date is being sought").Misses(t, `name="from"`)
	beat.Post(at+"/edit", "revision", "1", "title", "Shade", "form", "regular", "day", coming(9), "from", "10:00", "until", "11:00", "zone", "Europe/Zurich", "lang", "en", "audience", "community").Sees(t, 422, "A date is being sought")
	beat.Post(at+"/publish").Sees(t, 422)
	beat.Post(at+"/dates/close").Sees(t, 303)
	s.As(t, "regula-ammann").Get(at).Sees(t, 404)
	beat.Get(at+"/dates").Sees(t, 200, "closed without choosing")
}

// guest invites Anna and returns the address of her page.
func guest(t *testing.T, s *webtest.Site, beat *webtest.Visitor, at string) (address string) {
	t.Helper()
	beat.Post(at+"/guests", "people", "Anna Baum <anna@example.org>, Planning office", "perspective", "stakeholder", "lang", "fr").Sees(t, 303)
	var id meeting.GuestID
	var in item.ID
	if err := s.DB.QueryRow(t.Context(), `select id, meeting_id from meeting_guest where email_key = 'anna@example.org'`).Scan(&id, &in); err != nil {
		t.Fatal(err)
	}
	return "/m/" + token(t, s, in, meeting.Person{Guest: id})
}

func token(t *testing.T, s *webtest.Site, in item.ID, who meeting.Person) string {
	t.Helper()
	secret, err := meeting.NewStore(s.DB, time.Now).MakePass(context.Background(), s.DB, in, who)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestGuestAnswersSignedOutInTheirLanguage(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula, anna := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.Stranger(t)
	at := seek(t, beat, "community", 20, 21)
	f := answerFields(regula.Get(at + "/dates").Body)
	regula.Post(at+"/dates", f[0], "yes", "note", "My secret train").Sees(t, 303)
	page := guest(t, s, beat, at)
	got := anna.Get(page).Sees(t, 200, `lang="fr"`, "Anna Baum", "1 oui", "Envoyer mes réponses").Misses(t, "Regula", "secret train", "anna@example.org", "Town hall")
	if got.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(got.Body, "noindex") {
		t.Error("the secret address may be passed on")
	}
	anna.Post(page, f[0], "if-need-be", "note", "En train").Sees(t, 303)
	anna.Get(page).Sees(t, 200, "1 oui, 1 si nécessaire", "En train", "Modifier mes réponses")
	anna.Get(page+"?lang=el").Sees(t, 200, "Αλλαγή απαντήσεων")
	regula.Get(at+"/dates").Sees(t, 200, "Anna Baum", "Planning office", "guest").Misses(t, "anna@example.org")
	beat.Get(at+"/guests").Sees(t, 200, "anna@example.org", "answered the poll")
	regula.Get(at+"/guests").Sees(t, 403)
	anna.Post(page, f[0], "perhaps").Sees(t, 422)
	r := httptest.NewRequest(http.MethodPost, page, strings.NewReader(f[0]+"=no"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	anna.Do(r).Sees(t, 403)
	for _, secret := range []string{"/m/" + strings.Repeat("a", 43), "/m/x", "/m/%ff%00"} {
		anna.Get(secret).Sees(t, 404, "This link does not lead anywhere")
		anna.Post(secret, f[0], "yes").Sees(t, 404)
	}
	beat.Post(at+"/dates/close").Sees(t, 303)
	anna.Get(page).Sees(t, 404)
	anna.Post(page, f[0], "yes").Sees(t, 404)
	if _, err := s.DB.Exec(t.Context(), `update pass set expires_at = now() - interval '1 day'; update item set audience = 2 where kind = 'meeting'`); err != nil {
		t.Fatal(err)
	}
	anna.Get(page).Sees(t, 410, "This link has expired")
}

func TestAPassIsNotTriedOrUsedWithoutEnd(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, anna := s.As(t, "beat-hollenstein"), s.Stranger(t)
	page := guest(t, s, beat, seek(t, beat, "community", 20))
	until429 := func(ask func() webtest.Answer, before int) {
		t.Helper()
		for range 121 { // a window of time may end meanwhile
			got := ask()
			if got.Status == http.StatusTooManyRequests {
				return
			}
			got.Sees(t, before)
		}
		t.Error("no end to it")
	}
	until429(func() webtest.Answer { return anna.Get("/m/guessed") }, 404)
	until429(func() webtest.Answer { return anna.Post(page) }, 422)
	anna.Get(page).Sees(t, 200)
}

func TestAMembersPassShowsNamesOnlyAfterSigningIn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := seek(t, beat, "community", 20)
	f := answerFields(regula.Get(at + "/dates").Body)
	regula.Post(at+"/dates", f[0], "yes").Sees(t, 303)
	var in item.ID
	var p meeting.Person
	if err := s.DB.QueryRow(t.Context(), `select i.id, a.id from item i, account a where i.kind = 'meeting' and i.title = 'Shade in the old town' and a.handle = 'urs-dettwiler'`).Scan(&in, &p.Account); err != nil {
		t.Fatal(err)
	}
	page := "/m/" + token(t, s, in, p)
	somebody := s.Stranger(t)
	somebody.Post(page, f[0], "no").Sees(t, 303)
	somebody.Get(page).Sees(t, 200, "Urs", "/sign-in?next=").Misses(t, "Regula Ammann")
	s.As(t, "urs-dettwiler").Get(at+"/dates").Sees(t, 200, "Regula", `value="no" checked`)
	somebody.Get("/me").Sees(t, 303) // it signs nobody in
	if _, err := s.DB.Exec(t.Context(), `delete from membership where account_id = $1`, p.Account); err != nil {
		t.Fatal(err)
	}
	somebody.Get(page).Sees(t, 404)
}

func TestGuestIsWithdrawnAndTheLinkIsDead(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, anna := s.As(t, "beat-hollenstein"), s.Stranger(t)
	at := seek(t, beat, "community", 20)
	page := guest(t, s, beat, at)
	anna.Get(page).Sees(t, 200)
	list := beat.Get(at+"/guests").Sees(t, 200, "Anna Baum", "Planning office", "invited").Body
	to := regexp.MustCompile(`/guests/\d+`).FindString(list)
	beat.Post(at+to+"/again").Sees(t, 303)
	beat.Get(at+to+"/withdraw").Sees(t, 200, "Withdraw the invitation of Anna Baum?")
	beat.Post(at+to+"/withdraw").Sees(t, 303)
	anna.Get(page).Sees(t, 404)
	beat.Post(at+to+"/withdraw").Sees(t, 404)
	beat.Post(at+"/guests", "people", "nobody here", "perspective", "stakeholder", "lang", "fr").Sees(t, 422, "Line 1", "nobody here")
	beat.Post(at+"/guests", "people", "Regula <regula-ammann@example.org>", "perspective", "stakeholder", "lang", "fr").Sees(t, 422, "or are members")
}

func TestScriptInNamesOfGuestsAndNotesStaysText(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, regula := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann")
	at := seek(t, beat, "community", 20)
	f := answerFields(regula.Get(at + "/dates").Body)
	const evil = `<script>alert(1)</script>`
	regula.Post(at+"/dates", f[0], "yes", "note", evil).Sees(t, 303)
	beat.Post(at+"/guests", "people", "A, a@example.org, "+evil, "perspective", "", "lang", "en").Sees(t, 303)
	for _, page := range []string{"/dates", "/guests", ""} {
		beat.Get(at+page).Sees(t, 200).Misses(t, "<script>alert")
	}
}
