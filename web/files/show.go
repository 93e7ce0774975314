package files

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/web/form"
)

// show hands a file out, whole or a range of it, to who may read its item at this moment.
func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	n, err := id(r, "file")
	if err != nil {
		return err
	}
	f, err := h.files.Find(r.Context(), here(r).Seat, file.ID(n))
	if err != nil {
		return err
	}
	if !strings.HasSuffix(r.URL.Path, "/"+f.Name) {
		http.Redirect(w, r, link.With(link.File(here(r).Seat.Slug, n, f.Name), "size", r.URL.Query().Get("size")), http.StatusMovedPermanently)
		return nil
	}
	small := f.Picture() && r.URL.Query().Get("size") == "small"
	tag := f.Tag()
	if small {
		tag += "-small"
	}
	kind, disposition := f.Media, "attachment"
	switch {
	case f.Picture():
		disposition = "inline"
	case strings.HasPrefix(kind, "image/"):
		kind = "application/octet-stream" // no picture to be shown
	}
	head := w.Header()
	head.Set("Content-Type", kind)
	head.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	head.Set("ETag", `"`+tag+`"`)
	head.Set("X-Robots-Tag", "noindex")
	head.Del("Content-Language")
	form.Unhurried(w)
	http.ServeContent(w, r, "", f.At, h.files.Open(r.Context(), f, small))
	return nil
}

// portrait hands out the picture of a person whose profile the reader may see.
func (h handlers) portrait(w http.ResponseWriter, r *http.Request) error {
	n, err := id(r, "account")
	if err != nil {
		return err
	}
	hash, ok := strings.CutSuffix(chi.URLParam(r, "name"), ".jpg")
	if !ok || len(hash) != 16 || strings.Trim(hash, "0123456789abcdef") != "" {
		return fault.NotFound
	}
	small := r.URL.Query().Get("size") == "small"
	content, err := h.files.Portrait(r.Context(), here(r).Reach, account.ID(n), hash, small)
	if err != nil {
		return err
	}
	tag := hash
	if small {
		tag += "-small"
	}
	head := w.Header()
	head.Set("Content-Type", "image/jpeg")
	head.Set("Content-Disposition", "inline")
	head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	head.Set("Cache-Control", "private, max-age=3600") // the browser alone, so that a page of fifty voices asks once
	head.Set("ETag", `"`+tag+`"`)
	head.Del("Content-Language")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return nil
}
