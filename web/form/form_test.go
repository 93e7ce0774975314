package form_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/form"
)

func TestWhatIsTypedOnOneLineStaysOnItAndTurnsNothingAround(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]struct{ text, body string }{
		"plain words":                   {"plain words", "plain words"},
		"two\r\nlines":                  {"two lines", "two\nlines"},
		"old\rlines\tand\u2028more":     {"old lines and more", "old\nlines\tand\u2028more"},
		"x\r\nBcc: a@example.org":       {"x Bcc: a@example.org", "x\nBcc: a@example.org"},
		"bell\x07 escape\x1b[31m\u0085": {"bell escape[31m", "bell escape[31m"},
		"gnp.\u202eexe\u2066a\u2069":    {"gnp.exea", "gnp.\u202eexe\u2066a\u2069"},
		"e\u0301 👩\u200d👧":              {"é 👩\u200d👧", "é 👩\u200d👧"},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(url.Values{"f": {typed}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		in, err := form.Read(httptest.NewRecorder(), r)
		if err != nil || in.Err() != nil {
			t.Fatal(err, in.Err())
		}
		if got := in.Text("f"); got != want.text {
			t.Errorf("%q on one line: got %q, want %q", typed, got, want.text)
		}
		if got := in.Body("f"); got != want.body {
			t.Errorf("%q: got %q, want %q", typed, got, want.body)
		}
	}
}
