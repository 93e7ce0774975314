package members_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
)

// sendFile posts fields and a file as a browser does.
func (d *town) sendFile(p person, path, name string, file []byte, fields ...string) *httptest.ResponseRecorder {
	d.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			d.T.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("files", name)
	if err != nil {
		d.T.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		d.T.Fatal(err)
	}
	if err := w.Close(); err != nil {
		d.T.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "koinon", Value: p.Cookie()})
	answer := httptest.NewRecorder()
	d.Site.ServeHTTP(answer, r)
	return answer
}

func (d *town) nothingSent(what string) {
	d.T.Helper()
	var n int
	if d.Row(&n, `select (select count(*) from invitation) + (select count(*) from river_job) + (select count(*) from personal_link) + (select count(*) from request)`); n != 0 {
		d.T.Errorf("%s: %d rows were stored", what, n)
	}
}

const inviting = "/c/basel/members/invite"

var hidden = regexp.MustCompile(`(?s)<input type="hidden" name="([a-z]+)" value="([^"]*)"`)

// fieldsOf are the hidden fields of a page's form.
func fieldsOf(w *httptest.ResponseRecorder) url.Values {
	v := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(w.Body.String(), -1) {
		v.Set(m[1], strings.NewReplacer("&#34;", `"`, "&lt;", "<", "&gt;", ">", "&#39;", "'", "&amp;", "&").Replace(m[2]))
	}
	return v
}

func TestCoordinatorChecksAListBeforeItIsSent(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	d.Member("Mia", d.Basel, "member", community.Stakeholder)
	d.Person("Known") // has an account, and belongs nowhere
	list := "Ada Example <ada@example.org>\nmia@example.org\nknown@example.org\nno address\nADA@example.org\n=1+1;eva@example.org;fr\nUrs,urs@example.org,tlh"
	page := d.Post(cora, inviting, url.Values{"addresses": {list}, "note": {"Come <b>soon</b>."}, "lang": {"de"}})
	d.Want(page, http.StatusOK, "3 will be invited", "1 is a member already", "3 lines with faults", "Line 4", "not an e-mail address", "stands on line 1 already", "the language must be", "=1+1", "Come &lt;b&gt;soon&lt;/b&gt;.")
	if strings.Contains(page.Body.String(), "account") {
		t.Error("the page speaks of accounts")
	}
	d.nothingSent("a preview")
	fields := fieldsOf(page)
	fields.Set("act", "change")
	d.Want(d.Post(cora, inviting, fields), http.StatusOK, "no address\nADA@example.org", "Come &lt;b&gt;soon")
	d.nothingSent("going back")
	fields.Set("act", "send")
	for range 2 { // the same form sent twice
		if got := d.Post(cora, inviting, fields); got.Code != http.StatusSeeOther || got.Header().Get("Location") != inviting {
			t.Fatalf("got %d to %q: %s", got.Code, got.Header().Get("Location"), got.Body.String())
		}
	}
	var sent []string
	for _, l := range d.Letters() {
		sent = append(sent, fmt.Sprintf("%s %s %s %s %s", l.Kind, l.Email, l.Lang, l.Name, l.Words["note"]))
	}
	want := []string{"invitation-note ada@example.org de Ada Example Come <b>soon</b>.", "invitation-note known@example.org de  Come <b>soon</b>.", "invitation-note eva@example.org fr =1+1 Come <b>soon</b>."}
	if fmt.Sprint(sent) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", sent, want)
	}
	d.Want(d.Get(cora, inviting), http.StatusOK, "ada@example.org", "Withdraw", "Send again")
	again := d.Post(cora, inviting, url.Values{"addresses": {"ada@example.org"}, "lang": {"de"}})
	d.Want(again, http.StatusOK, "1 was invited before", "invite again")
	fields = fieldsOf(again)
	fields.Set("act", "send")
	d.Want(d.Post(cora, inviting, fields), http.StatusUnprocessableEntity, "Nobody is left to invite")
	fields.Set("again", "ada@example.org")
	d.Want(d.Post(cora, inviting, fields), http.StatusSeeOther)
	if n := len(d.Letters()); n != 4 {
		t.Errorf("got %d letters, want 4", n)
	}
}

func TestAFileOfAddressesIsReadInTheWritingOfItsProgram(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	d.Want(d.sendFile(cora, inviting, "list.csv", []byte("Name;E-Mail;Sprache\r\nZo\xeb M\xfcller;zoe@example.org;de\r\n"), "addresses", "", "note", "", "lang", "de"), http.StatusOK, "1 will be invited", "Zoë Müller", "Line 2")
	d.Want(d.sendFile(cora, inviting, "list.csv", []byte("\xef\xbb\xbfemail\nzoe@example.org\n"), "lang", "de"), http.StatusOK, "1 will be invited")
	d.nothingSent("a file")
}

func TestFilesThatAreNoListGetAClearAnswer(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	var long bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&long, "Somebody %d,a%d@example.org,de\n", i, i)
	}
	for name, c := range map[string]struct {
		file   []byte
		fields []string
		says   string
	}{
		"100,000 lines":       {long.Bytes(), nil, "too large: at most 1000 kB"},
		"501 lines":           {bytes.Repeat([]byte("a@example.org\n"), 502), nil, "These are 502 lines; at most 500"},
		"one endless line":    {bytes.Repeat([]byte("a"), 900_000), nil, "at most 500"},
		"a workbook":          {[]byte("PK\x03\x04\x14\x00"), nil, "no text"},
		"a list and a file":   {[]byte("a@example.org"), []string{"addresses", "b@example.org"}, "not both"},
		"an empty file":       {nil, nil, "at least one address"},
		"a note too long":     {[]byte("a@example.org"), []string{"note", strings.Repeat("ä", 1001)}, "at most 1000"},
		"an unknown language": {[]byte("a@example.org"), []string{"lang", "xx"}, "choose"},
		"broken text":         {nil, []string{"addresses", "a\xff@example.org"}, "broken"},
	} {
		got := d.sendFile(cora, inviting, "list.csv", c.file, c.fields...)
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), c.says) {
			t.Errorf("%s: got %d, want 422 saying %q", name, got.Code, c.says)
		}
	}
	d.Want(d.sendFile(cora, inviting, "list.csv", long.Bytes(), "addresses", "", "note", "My words stay."), http.StatusUnprocessableEntity, "My words stay.")
	d.nothingSent("a rejected file")
}

func TestAListSentFromAnExpiredSessionIsKept(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	got := d.sendFile(person{}, inviting, "list.csv", nil, "addresses", "ada@example.org", "note", "Come.", "act", "preview")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(got.Header().Get("Location"), "/sign-in") {
		t.Fatalf("got %d to %q", got.Code, got.Header().Get("Location"))
	}
	var kept string
	if d.Row(&kept, `select fields::text from kept_form`); !strings.Contains(kept, "ada@example.org") || !strings.Contains(kept, "Come.") {
		t.Errorf("got %q, want what was typed", kept)
	}
}
