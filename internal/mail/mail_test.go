package mail_test

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/mail"
)

func now() time.Time { return time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC) }

func TestAMessageIsReadBackByASecondImplementation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	transport, err := mail.NewTransport("", "koinon@example.org", dir, now)
	if err != nil {
		t.Fatal(err)
	}
	sent := mail.Message{To: "ada@example.org", Subject: "Καλώς ήρθατε: Ηράκλειο\r\nBcc: thief@example.org", Text: "Γεια σας,\n\nhttps://koinon.example.org/sign-in/" + strings.Repeat("x", 90) + "\n", HTML: "<p>Γεια σας</p>", Lang: locale.Greek}
	if err := transport.Send(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	msg, err := netmail.ReadMessage(file)
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != "Καλώς ήρθατε: Ηράκλειο Bcc: thief@example.org" || msg.Header.Get("Bcc") != "" {
		t.Errorf("subject %q, bcc %q, %v", subject, msg.Header.Get("Bcc"), err)
	}
	if msg.Header.Get("Auto-Submitted") != "auto-generated" || msg.Header.Get("Message-ID") == "" || msg.Header.Get("Content-Language") != "el" {
		t.Errorf("headers %v", msg.Header)
	}
	if at, err := msg.Header.Date(); err != nil || !at.Equal(now()) {
		t.Errorf("date %v, %v", at, err)
	}
	kind, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain", sent.Text}, {"text/html", sent.HTML}} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil || !strings.HasPrefix(part.Header.Get("Content-Type"), want.kind) || strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")) != strings.TrimSpace(want.text) {
			t.Errorf("%s: %q, %v", part.Header.Get("Content-Type"), text, err)
		}
	}
	kept, err := mail.List(mail.Box(dir), 10)
	if err != nil || len(kept) != 1 || kept[0].To != sent.To || strings.TrimSpace(kept[0].Text) != strings.TrimSpace(sent.Text) {
		t.Errorf("in the mailbox: %+v, %v", kept, err)
	}
}

func TestTheMailboxOpensNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"../mail.go", "/etc/passwd", "x.eml/../y.eml", "none.eml", ".sending-1", ""} {
		if _, err := mail.Read(mail.Box(dir), name); err == nil {
			t.Errorf("%q was opened", name)
		}
	}
}

func TestABadServerAddressDoesNotTellItsPassword(t *testing.T) {
	t.Parallel()
	if _, err := mail.NewTransport("smtp://user:secret@%zz", "koinon@example.org", "", now); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
	if _, err := mail.NewTransport("", "not an address", t.TempDir(), now); err == nil {
		t.Error("a sender that is no address was taken")
	}
}

// letter is a message read back by the standard library alone.
type letter struct {
	netmail.Header
	parts map[string]string // by media type with its method
}

func readBack(t *testing.T, m mail.Message) letter {
	t.Helper()
	dir := t.TempDir()
	transport, err := mail.NewTransport("", "Koinon <koinon@example.org>", dir, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := transport.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	msg, err := netmail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	l := letter{Header: msg.Header, parts: map[string]string{}}
	l.read(t, msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
	return l
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
	l.parts[media] = string(text)
}

func TestALetterOfAListCarriesItsThreadItsWayOutAndItsFile(t *testing.T) {
	t.Parallel()
	const file = "BEGIN:VCALENDAR\r\nSUMMARY:Δροσιά\r\nEND:VCALENDAR\r\n"
	address := "https://koinon.example.org/unsubscribe/" + strings.Repeat("x", 120)
	m := mail.Message{To: "ada@example.org", From: "Basel", Subject: "[Basel] Hitze", Text: "Text\n", HTML: "<p>Text</p>", Lang: locale.German,
		ID: "invitation.7", Thread: "meeting.7", List: "Ηράκλειο", ListID: "meetings.heraklion", Unsubscribe: address, Invite: &mail.Invite{Method: "REQUEST", File: []byte(file)}}
	got := readBack(t, m)
	for name, want := range map[string]string{"Message-Id": "<invitation.7@example.org>", "In-Reply-To": "<meeting.7@example.org>", "References": "<meeting.7@example.org>",
		"List-Unsubscribe": "<" + address + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
		"From": `"Basel" <koinon@example.org>`, "To": "<ada@example.org>"} {
		if got.Get(name) != want {
			t.Errorf("%s: got %q, want %q", name, got.Get(name), want)
		}
	}
	if list, err := new(mime.WordDecoder).DecodeHeader(got.Get("List-Id")); err != nil || list != "Ηράκλειο <meetings.heraklion.example.org>" {
		t.Errorf("list %q, %v", list, err)
	}
	if got.parts["text/calendar;REQUEST"] != file || got.parts["application/ics"] != file || got.parts["text/plain"] != "Text\r\n" || got.parts["text/html"] != "<p>Text</p>" {
		t.Errorf("parts %q", got.parts)
	}
}

func TestNoTextBreaksAHeaderOpen(t *testing.T) {
	t.Parallel()
	const evil = "x\r\nBcc: thief@example.org\n\nText \"q\" \\ <a@b> \x00\u2028\u0085y"
	got := readBack(t, mail.Message{To: "ada@example.org", From: evil, Subject: evil, Text: "t", HTML: "h", ID: evil, Thread: evil, List: evil, ListID: evil, Unsubscribe: "https://example.org/" + evil,
		Invite: &mail.Invite{Method: "REQUEST", File: []byte("f")}})
	if got.Get("Bcc") != "" || len(got.parts) != 4 {
		t.Errorf("headers %v, parts %q", got.Header, got.parts)
	}
	if from, err := got.AddressList("From"); err != nil || len(from) != 1 || from[0].Address != "koinon@example.org" {
		t.Errorf("from %v, %v", from, err)
	}
}

func TestTheMailboxReadsTheTextOfALetterWithAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	transport, err := mail.NewTransport("", "koinon@example.org", dir, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := transport.Send(t.Context(), mail.Message{To: "ada@example.org", Subject: "s", Text: "The text\n", HTML: "<p>h</p>", Invite: &mail.Invite{Method: "CANCEL", File: []byte("f")}}); err != nil {
		t.Fatal(err)
	}
	if kept, err := mail.List(mail.Box(dir), 1); err != nil || len(kept) != 1 || kept[0].Text != "The text\n" {
		t.Errorf("got %+v, %v", kept, err)
	}
}
