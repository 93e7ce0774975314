package mail_test

import (
	"io"
	"mime"
	"mime/multipart"
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
