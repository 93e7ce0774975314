// Package static serves styles, scripts and pictures, each under the hash of its content.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed css/*.css js/*.js img/*
var files embed.FS

// asset is one file as it goes over the wire.
type asset struct {
	url    string
	kind   string
	plain  []byte
	zipped []byte // nil when it would not be smaller
}

var byName, byURL = load()

func load() (map[string]*asset, map[string]*asset) {
	names, urls := map[string]*asset{}, map[string]*asset{}
	add := func(name string, content []byte) {
		sum := sha256.Sum256(content)
		a := &asset{url: "/static/" + hex.EncodeToString(sum[:6]) + "/" + name, kind: mime.TypeByExtension(path.Ext(name)), plain: content}
		if zipped := zip(content); len(zipped) < len(content) {
			a.zipped = zipped
		}
		names[name], urls[a.url] = a, a
	}
	add("app.css", together("css/reset.css", "css/base.css", "css/parts.css", "css/pages.css", "css/meetings.css", "css/dates.css", "css/agenda.css", "css/answers.css", "css/minutes.css", "css/letters.css", "css/products.css", "css/logging.css", "css/life.css", "css/claims.css", "css/importance.css", "css/register.css", "css/entry-life.css", "css/uses.css", "css/cite.css", "css/library.css", "css/entries.css"))
	add("app.js", together("js/app.js", "js/drafts.js", "js/files.js", "js/dates.js", "js/agenda.js", "js/attendance.js", "js/minutes.js"))
	pictures, _ := fs.Glob(files, "img/*") // the pattern is sound
	for _, name := range pictures {
		add(path.Base(name), together(name))
	}
	return names, urls
}

func together(names ...string) []byte {
	var all bytes.Buffer
	for _, name := range names {
		content, err := files.ReadFile(name)
		if err != nil {
			panic(err) // embedded when the program was built
		}
		all.Write(content)
	}
	return all.Bytes()
}

func zip(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is sound
	_, _ = w.Write(content)                               // a buffer does not fail
	_ = w.Close()
	return b.Bytes()
}

// URL of a file by its name; empty for an unknown one.
func URL(name string) string {
	if a := byName[name]; a != nil {
		return a.url
	}
	return ""
}

// Handler serves everything below /static/.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := byURL[r.URL.Path]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		body := a.plain
		if a.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			body = a.zipped
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // the reader may have gone
		}
	})
}
