package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"urbanfluxes.eu/koinon/web/webtest"
)

// party is the site and how its visitors come: with scripts or without.
type party struct {
	t       *testing.T
	s       *webtest.Site
	base    string
	scripts bool
}

// bothWays runs a journey with scripts and without, each on a site of its own.
func bothWays(t *testing.T, journey func(party)) {
	t.Helper()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			s, base := site(t)
			journey(party{t, s, base, scripts})
		})
	}
}

// as opens a window for somebody of the demonstration.
func (p party) as(who string) window {
	p.t.Helper()
	w := open(p.t, p.base)
	if !p.scripts {
		w.noScripts()
	}
	w.language("en")
	w.size(1280, 900)
	w.signIn(p.s, who)
	return w
}

const (
	send  = `main form button.button:not([name])`              // the one that sends a form
	reply = `#answer form[enctype] .acts > button:not([name])` // and the one under a thread
)

// retype puts other words in place of those in a field.
func (w window) retype(name, text string) {
	w.t.Helper()
	eval[int](w, fmt.Sprintf(`document.querySelector('main [name=%q]').value = "", 0`, name))
	w.fill(name, text)
}

// menu opens the menu around a selector and presses what it finds there.
func (w window) menu(selector string) {
	w.t.Helper()
	eval[int](w, fmt.Sprintf(`document.querySelector(%q).closest("details").open = true, 0`, selector)) // as its summary does, which a test reaches by selector only with pains
	w.click(selector)
}

// follows everything that is new at a place.
func (w window) follows(path string) {
	w.t.Helper()
	w.visit(path)
	eval[int](w, `document.querySelector('form[action$="/follow"]').closest("details").open = true, 0`)
	w.tick(`#field-level-all`)
	w.click(`form[action$="/follow"] button`)
}

func (w window) misses(words ...string) {
	w.t.Helper()
	text := w.text()
	for _, word := range words {
		if strings.Contains(text, word) {
			w.t.Errorf("%q is on the page %s", word, eval[string](w, `location.href`))
		}
	}
}

// waits until a script of the page has brought about what condition says.
func (w window) waits(condition string) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if eval[bool](w, condition) {
			return
		}
	}
	w.t.Fatalf("%s never came true: %s", condition, w.text())
}

func (w window) path() string { w.t.Helper(); return eval[string](w, `location.pathname`) }

// status is with what the open page was answered.
func (w window) status() int {
	w.t.Helper()
	return eval[int](w, `performance.getEntriesByType("navigation")[0].responseStatus`)
}

// choose puts files into the field for files.
func (w window) choose(selector string, paths ...string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS(selector), paths)); err != nil {
		w.t.Fatalf("choose files: %v", err)
	}
}
