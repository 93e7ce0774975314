// Package respond answers requests: pages, redirects, and faults as pages.
package respond

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Page renders whole, then answers: a page that fails half-way is never sent.
func Page(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(r.Context(), b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may have gone: nothing to tell anybody
	return nil
}

// OK answers with a page and 200.
func OK(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	return Page(w, r, http.StatusOK, page)
}

// Again shows a rejected form once more: 422.
func Again(w http.ResponseWriter, r *http.Request, page templ.Component) error {
	return Page(w, r, http.StatusUnprocessableEntity, page)
}

// SeeOther leads on after a write.
func SeeOther(w http.ResponseWriter, r *http.Request, address string) error {
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// SeeOtherSaying leads on and shows the message notice once on the next page.
func SeeOtherSaying(w http.ResponseWriter, r *http.Request, address, notice string) error {
	http.SetCookie(w, &http.Cookie{Name: NoticeCookie, Value: notice, Path: "/", MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return SeeOther(w, r, address)
}

// Moved leads on to the right address for good; a notice goes along, and so does the query when the address has none of its own.
func Moved(w http.ResponseWriter, r *http.Request, address string) error {
	if notice := visit.Of(r.Context()).Notice; notice != "" {
		http.SetCookie(w, &http.Cookie{Name: NoticeCookie, Value: notice, Path: "/", MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	if r.URL.RawQuery != "" && !strings.Contains(address, "?") {
		address += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, address, http.StatusMovedPermanently)
	return nil
}

// NoticeCookie carries the key of a message over one redirect.
const NoticeCookie = "notice"

// Handle makes a handler of do; what it returns becomes a page.
func Handle(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(w, r); err != nil {
			Fault(w, r, err)
		}
	}
}

// Fault answers with the page of a failure. Only what is our fault is logged.
func Fault(w http.ResponseWriter, r *http.Request, err error) {
	status := Status(err)
	gone := errors.Is(r.Context().Err(), context.Canceled)
	if status >= 500 && !(gone && errors.Is(err, context.Canceled)) {
		slog.ErrorContext(r.Context(), "request failed", "error", err, "method", r.Method, "path", r.URL.Path, "request", visit.Of(r.Context()).RequestID)
	}
	if gone {
		return // nobody waits for the answer
	}
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	if failed := Page(w, r, status, ui.FaultPage(status)); failed != nil {
		slog.ErrorContext(r.Context(), "fault page failed", "error", failed, "request", visit.Of(r.Context()).RequestID)
		http.Error(w, http.StatusText(status), status)
	}
}

// ErrMethod says that an address does not take that kind of request.
var ErrMethod = errors.New("method not allowed")

// Status of a failure in HTTP's words.
func Status(err error) int {
	var tooLarge *http.MaxBytesError
	if _, stale := fault.Stale(err); stale {
		return http.StatusConflict
	}
	switch {
	case errors.Is(err, fault.NotFound):
		return http.StatusNotFound
	case errors.Is(err, fault.Forbidden):
		return http.StatusForbidden
	case errors.Is(err, ErrMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, fault.Gone):
		return http.StatusGone
	case errors.Is(err, fault.TooMany):
		return http.StatusTooManyRequests
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case len(fault.Problems(err)) > 0:
		return http.StatusUnprocessableEntity
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
