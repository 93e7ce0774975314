package meetings_test

import (
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"urbanfluxes.eu/koinon/web/webtest"
)

// letter is a mail read back by the standard library alone.
type letter struct {
	netmail.Header
	Subject string
	parts   map[string]string // by media type and method
}

// sent are the letters that went to an address, the oldest first.
func sent(t *testing.T, s *webtest.Site, to string) (all []letter) {
	t.Helper()
	s.Deliver(t)
	names, err := filepath.Glob(filepath.Join(s.MailDir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(names)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := netmail.ReadMessage(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		if msg.Header.Get("To") != "<"+to+">" {
			continue
		}
		l := letter{Header: msg.Header, parts: map[string]string{}}
		if l.Subject, err = new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject")); err != nil {
			t.Fatal(err)
		}
		l.read(t, msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
		all = append(all, l)
	}
	return all
}

func (l letter) read(t *testing.T, kind, encoding string, body io.Reader) {
	t.Helper()
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatalf("%q: %v", kind, err)
	}
	if strings.HasPrefix(media, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.read(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
	switch encoding {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if params["method"] != "" {
		media += ";" + params["method"]
	}
	l.parts[media] = strings.ReplaceAll(string(text), "\r\n", "\n")
}

func (l letter) event(t *testing.T, method string) *ics.VEvent {
	t.Helper()
	file := l.parts["text/calendar;"+method]
	if file == "" || file != l.parts["application/ics"] {
		t.Fatalf("no calendar file for %s in %v", method, l.parts)
	}
	return event(t, file)
}

func event(t *testing.T, file string) *ics.VEvent {
	t.Helper()
	cal, err := ics.ParseCalendar(strings.NewReader(file))
	if err != nil || len(cal.Events()) != 1 {
		t.Fatalf("%v in\n%s", err, file)
	}
	return cal.Events()[0]
}

func value(e *ics.VEvent, p ics.ComponentProperty) string {
	if found := e.GetProperty(p); found != nil {
		return found.Value
	}
	return ""
}

// scheduled is a published meeting of Basel on a day in the next summer, and its address.
func scheduled(t *testing.T, s *webtest.Site, title, audience string) (coordinator *webtest.Visitor, at string) {
	t.Helper()
	beat := s.As(t, "beat-hollenstein")
	at = beat.Post("/c/basel/meetings/new", "title", title, "form", "workshop", "day", nextSummer(), "from", "14:00", "until", "16:30", "zone", "Europe/Athens", "place", "Town hall", "address", "Market 9\n4051 Basel",
		"online", "yes", "online_url", "https://meet.example.org/secret", "body", "Three courtyards, *measured*.", "lang", "en", "audience", audience).Sees(t, 303).To()
	beat.Post(at+"/publish").Sees(t, 303)
	return beat, at
}

func nextSummer() string { return time.Now().AddDate(1, 0, 0).Format("2006") + "-06-23" }

const regula = "regula-ammann@example.org"

func TestAnInvitationAChangeAndACancellationFitTogether(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	s.As(t, "regula-ammann") // reads English from now on
	beat, at := scheduled(t, s, "Shade in the old town", "community")
	edit := func(pairs ...string) {
		t.Helper()
		beat.Post(at+"/edit", append([]string{"title", "Shade in the old town", "form", "workshop", "day", nextSummer(), "until", "17:30", "zone", "Europe/Athens", "place", "Town hall", "address", "Market 9\n4051 Basel",
			"online", "yes", "online_url", "https://meet.example.org/secret", "body", "Three courtyards, *measured*.", "lang", "en", "audience", "community"}, pairs...)...).Sees(t, 303)
	}
	sent(t, s, regula)
	edit("from", "15:00", "revision", "1")
	sent(t, s, regula)
	beat.Post(at+"/call-off", "reason", "The room is flooded.").Sees(t, 303)
	all := sent(t, s, regula)
	if len(all) != 3 {
		t.Fatalf("%d letters", len(all))
	}
	invitation, change, cancellation := all[0], all[1], all[2]
	root := invitation.Get("References")
	for _, l := range all {
		if l.Get("References") != root || l.Get("In-Reply-To") != root || !strings.HasPrefix(l.Get("List-Id"), `"Basel" <meetings.basel.`) || l.Get("Auto-Submitted") != "auto-generated" ||
			l.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || l.Get("From") != `"Basel" <koinon@example.org>` {
			t.Errorf("%s: headers %v", l.Subject, l.Header)
		}
		for _, part := range l.parts {
			if strings.Contains(part, "meet.example.org") || strings.Contains(part, "jonas-wirz@") {
				t.Errorf("%s tells too much: %s", l.Subject, part)
			}
		}
		for _, media := range []string{"text/plain", "text/html"} {
			if !strings.Contains(l.parts[media], "Shade in the old town") || !strings.Contains(l.parts[media], "/unsubscribe/") || !strings.Contains(l.parts[media], "because you belong to Basel") {
				t.Errorf("%s: %s", media, l.parts[media])
			}
		}
	}
	if ids := []string{invitation.Get("Message-Id"), change.Get("Message-Id"), cancellation.Get("Message-Id")}; ids[0] == ids[1] || ids[1] == ids[2] || slices.Contains(ids, root) {
		t.Errorf("ids %v, root %s", ids, root)
	}
	for _, want := range []struct {
		l       letter
		subject string
		words   []string
	}{
		{invitation, "[Basel] Shade in the old town", []string{"14:00–16:30 EEST", "13:00–15:30 CEST in Basel", "Where: Town hall, Market 9, 4051 Basel", "Three courtyards, measured.", "?answer=yes", "?answer=maybe", "?answer=no"}},
		{change, "[Basel] Changed: Shade in the old town", []string{"15:00–17:30 EEST (before: ", "14:00–16:30 EEST)", "?answer=no"}},
		{cancellation, "[Basel] Called off: Shade in the old town", []string{"Why: The room is flooded."}},
	} {
		if want.l.Subject != want.subject {
			t.Errorf("subject %q", want.l.Subject)
		}
		for _, w := range want.words {
			if !strings.Contains(want.l.parts["text/plain"], w) {
				t.Errorf("%q is not in %s", w, want.l.parts["text/plain"])
			}
		}
	}
	first, second, last := invitation.event(t, "REQUEST"), change.event(t, "REQUEST"), cancellation.event(t, "CANCEL")
	if first.Id() != second.Id() || second.Id() != last.Id() || value(first, ics.ComponentPropertySequence) != "0" || value(second, ics.ComponentPropertySequence) != "1" || value(last, ics.ComponentPropertySequence) != "2" ||
		value(last, ics.ComponentPropertyStatus) != "CANCELLED" {
		t.Errorf("%s\n%s\n%s", invitation.parts["application/ics"], change.parts["application/ics"], cancellation.parts["application/ics"])
	}
	who := first.Attendees()
	if len(who) != 1 || who[0].Email() != regula || who[0].ParticipationStatus() != ics.ParticipationStatusNeedsAction || value(first, ics.ComponentPropertyOrganizer) != "mailto:koinon@example.org" {
		t.Errorf("attendees %v", who)
	}
	if start, err := second.GetStartAt(); err != nil || start.UTC().Format("15:04") != "12:00" {
		t.Errorf("starts %v, %v", start, err)
	}
}

func TestATitleBreaksNeitherHeadersNorCalendars(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	const evil = "Shade\r\nBcc: thief@example.org\r\nBEGIN:VEVENT\r\nEND:VEVENT; a, b \\n <script>alert(1)</script> \"q\" ψ"
	beat, at := scheduled(t, s, evil, "community")
	for _, l := range sent(t, s, regula) {
		if l.Get("Bcc") != "" || len(l.parts) != 4 || strings.Contains(l.parts["text/html"], "<script") {
			t.Errorf("%v", l)
		}
		if len(l.event(t, "REQUEST").Attendees()) != 1 {
			t.Error("another attendee")
		}
	}
	event(t, beat.Get(at+".ics").Sees(t, 200).Body)
}

func TestOneClickEndsLettersAndTheSiteDoesToo(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	regulas := s.As(t, "regula-ammann")
	scheduled(t, s, "First", "community")
	l := sent(t, s, regula)[0]
	way := strings.TrimPrefix(strings.Trim(l.Get("List-Unsubscribe"), "<>"), "http://koinon.test")
	stranger := s.Stranger(t)
	stranger.Get(way).Sees(t, 200, "come to you by mail", "Send me no more of them")
	scheduled(t, s, "Second", "community")
	if n := len(sent(t, s, regula)); n != 2 {
		t.Fatalf("looking ended the letters: %d", n)
	}
	bare := httptest.NewRequest(http.MethodPost, way, strings.NewReader("List-Unsubscribe=One-Click"))
	bare.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	stranger.Do(bare).Sees(t, 200, "No more letters about meetings of Basel")
	scheduled(t, s, "Third", "community")
	if n := len(sent(t, s, regula)); n != 2 {
		t.Errorf("%d letters after one click", n)
	}
	regulas.Get("/me/calendar").Sees(t, 200, "Letters about meetings")
	stranger.Post(way, "act", "again").Sees(t, 303)
	scheduled(t, s, "Fourth", "community")
	if n := len(sent(t, s, regula)); n != 3 {
		t.Errorf("%d letters after wanting them again", n)
	}
	regulas.Post("/me/letters").Sees(t, 303)
	scheduled(t, s, "Fifth", "community")
	if n := len(sent(t, s, regula)); n != 3 {
		t.Errorf("%d letters after the switch", n)
	}
	stranger.Get(way).Sees(t, 200, "No more letters about meetings of Basel")
}

func TestThePublishPageShowsTheInvitation(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	at := beat.Post("/c/basel/meetings/new", "title", "Shade in the old town", "form", "regular", "day", nextSummer(), "from", "14:00", "until", "16:30", "zone", "Europe/Zurich", "lang", "en", "audience", "community").Sees(t, 303).To()
	var members int
	if err := s.DB.QueryRow(context.Background(), `select count(*) from membership m join community c on c.id = m.community_id where c.slug = 'basel' and m.state = 'member'`).Scan(&members); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(context.Background(), `insert into mail_off (account_id, community_id, letters, at) select a.id, c.id, 'meetings', now() from account a, community c where a.handle = 'regula-ammann' and c.slug = 'basel'`); err != nil {
		t.Fatal(err)
	}
	beat.Get(at+"/publish").Sees(t, 200, itoa(members-1)+" people get this letter", "Subject: [Basel] Shade in the old town", "Are you coming?", "14:00–16:30").Misses(t, "/m/", "/unsubscribe/")
	s.As(t, "regula-ammann").Get(at+"/publish").Sees(t, 403)
}

func itoa(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

func TestEveryLanguageHasItsLetter(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	for lang, words := range map[string]string{"de": "lädt Sie zu einem Treffen ein", "fr": "vous invite à une rencontre", "el": "σας προσκαλούμε σε συνάντηση", "en": "invites you to a meeting"} {
		s.As(t, "regula-ammann")
		if _, err := s.DB.Exec(context.Background(), `update account set lang = $1 where handle = 'regula-ammann'`, lang); err != nil {
			t.Fatal(err)
		}
		scheduled(t, s, "Shade "+lang, "community")
		all := sent(t, s, regula)
		last := all[len(all)-1]
		if last.Get("Content-Language") != lang || !strings.Contains(last.parts["text/plain"], words) || strings.Contains(last.parts["text/plain"], "letters.") {
			t.Errorf("%s: %s", lang, last.parts["text/plain"])
		}
	}
}

func TestTheLetterOfASeriesHasAllItsDatesAndOneFileForThem(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat := s.As(t, "beat-hollenstein")
	first := beat.Post("/c/basel/meetings/new", "title", "Every week", "form", "regular", "day", nextSummer(), "from", "14:00", "until", "15:00", "zone", "Europe/Zurich", "lang", "en", "audience", "community", "every", "week", "count", "3").Sees(t, 303).To()
	series := between(beat.Get(first).Body, `href="/c/basel/meetings/series/`, `"`)
	beat.Post("/c/basel/meetings/series/"+series+"/publish").Sees(t, 303)
	s.As(t, "regula-ammann") // reads English from now on
	all := sent(t, s, regula)
	if len(all) != 1 || !strings.Contains(all[0].Subject, "Several meetings: Every week") {
		t.Fatalf("%d letters: %+v", len(all), all)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(all[0].parts["text/calendar;PUBLISH"]))
	if err != nil || len(cal.Events()) != 3 {
		t.Fatalf("%v in %v", err, all[0].parts)
	}
	uids := map[string]bool{}
	for _, e := range cal.Events() {
		uids[e.Id()] = true
		if len(e.Attendees()) > 0 {
			t.Error("somebody is named")
		}
	}
	if len(uids) != 3 || !strings.Contains(all[0].parts["text/plain"], "The dates:") {
		t.Errorf("%v, %s", uids, all[0].parts["text/plain"])
	}
}
