package webtest

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
)

// File is one that a visitor chooses in a form.
type File struct {
	Name    string
	Content []byte
}

// Parts is a form with files as a browser sends it, and its content type; pairs are name and value.
func Parts(files []File, pairs ...string) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1]) // a buffer does not fail
	}
	for _, f := range files {
		part, _ := w.CreateFormFile("files", f.Name)
		_, _ = part.Write(f.Content)
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// Send sends a form with files; pairs are name and value.
func (v *Visitor) Send(path string, files []File, pairs ...string) Answer {
	v.t.Helper()
	return v.SendRaw(path, files, 0, pairs...)
}

// SendRaw is Send that ends so many bytes too early.
func (v *Visitor) SendRaw(path string, files []File, missing int, pairs ...string) Answer {
	v.t.Helper()
	body, contentType := Parts(files, pairs...)
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body[:len(body)-missing]))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.Do(r)
}
