package form_test

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/web/form"
)

// sent is a form with a text and a file as a browser sends it.
func sent(t *testing.T, text string, file []byte) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("text", text); err != nil {
		t.Fatal(err)
	}
	part, err := w.CreateFormFile("file", "list.csv")
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func TestAFormWithAFileGivesBoth(t *testing.T) {
	t.Parallel()
	v, file, err := form.ReadFile(httptest.NewRecorder(), sent(t, "a\r\nb\x00", []byte("1234567890")), "file", 10)
	if err != nil || v.Get("text") != "a\nb\ufffd" || v.Err() == nil || file.Name != "list.csv" || string(file.Data) != "1234567890" {
		t.Errorf("got %q, %+v, %v", v.Get("text"), file, err)
	}
	if v, err := form.Read(httptest.NewRecorder(), sent(t, "words", []byte("1"))); err != nil || v.Get("text") != "words" || len(v.Values) != 1 {
		t.Errorf("read without the file: got %+v, %v", v, err)
	}
}

func TestAFileTooLargeIsItsFieldsProblemAndTheWordsStay(t *testing.T) {
	t.Parallel()
	v, file, err := form.ReadFile(httptest.NewRecorder(), sent(t, "words", make([]byte, 11)), "file", 10)
	if p := fault.Problems(err); len(p) != 1 || p[0].Field != "file" || p[0].Key != "file-too-large" || v.Get("text") != "words" || file.Data != nil {
		t.Errorf("got %v, %q, %d bytes", err, v.Get("text"), len(file.Data))
	}
}

func TestTextsTooLargeAndFormsCutInTheMiddleAreRefused(t *testing.T) {
	t.Parallel()
	var tooLarge *http.MaxBytesError
	if _, _, err := form.ReadFile(httptest.NewRecorder(), sent(t, string(make([]byte, form.MaxBytes+1)), nil), "file", 10); !errors.As(err, &tooLarge) {
		t.Errorf("a text too large: got %v", err)
	}
	r := sent(t, "words", []byte("1234567890"))
	body := new(bytes.Buffer)
	if _, err := body.ReadFrom(r.Body); err != nil {
		t.Fatal(err)
	}
	cut := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body.Bytes()[:body.Len()-40]))
	cut.Header = r.Header
	if _, _, err := form.ReadFile(httptest.NewRecorder(), cut, "file", 10); len(fault.Problems(err)) != 1 {
		t.Errorf("cut in the middle: got %v, want a problem", err)
	}
}
