// Package e2e_test looks at the site as people do: in a real browser.
package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"urbanfluxes.eu/koinon/web/webtest"
)

// browser is one Chromium for all tests of the run.
var browser struct {
	sync.Once
	ctx    context.Context
	cancel func()
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if browser.cancel != nil {
		browser.cancel()
	}
	os.Exit(code)
}

func chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("browser tests need Chromium: run «make browser», or install the package chromium")
}

func start() {
	path, err := chromium()
	if err != nil {
		browser.err = err
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("no-first-run", true))
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	browser.err = chromedp.Do(ctx)
	browser.ctx, browser.cancel = ctx, func() { cancel(); cancelAlloc() }
}

// window is a tab on the running site.
type window struct {
	t    *testing.T
	ctx  context.Context
	base string
}

// site is the whole application at an address.
func site(t *testing.T) (*webtest.Site, string) {
	t.Helper()
	s := webtest.New(t)
	s.Tell(t)
	server := httptest.NewServer(s.Handler)
	t.Cleanup(server.Close)
	return s, server.URL
}

// open is a fresh tab with cookies of its own.
func open(t *testing.T, base string) window {
	t.Helper()
	browser.Do(start)
	if browser.err != nil {
		t.Fatal(browser.err)
	}
	ctx, cancel := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancelTime := context.WithTimeout(ctx, 30*time.Minute)
	t.Cleanup(cancelTime)
	w := window{t, ctx, base}
	w.do(chromedp.Navigate("about:blank"))
	w.dark(false) // and without motion: a page takes no clicks while one fades into the next
	return w
}

func (w window) do(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, actions...); err != nil {
		w.t.Fatal(err)
	}
}

// call sends a command of the browser's protocol.
func call[P, R any](w window, command cdp.Command[P, R], params P) R {
	w.t.Helper()
	got, err := chromedp.Call(w.ctx, command, params)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// eval runs a script of the test's in the page; the site's own policy does not bind it.
func eval[T any](w window, script string) T {
	w.t.Helper()
	got, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w window) size(width, height int64) {
	w.t.Helper()
	call(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
}

func (w window) dark(dark bool) {
	w.t.Helper()
	value := "light"
	if dark {
		value = "dark"
	}
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (w window) language(lang string) {
	w.t.Helper()
	call(w, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": lang}})
}

func (w window) noScripts() {
	w.t.Helper()
	call(w, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

func (w window) visit(path string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.base + path))
}

// signIn takes over the session of somebody of the demonstration.
func (w window) signIn(s *webtest.Site, handle string) {
	w.t.Helper()
	for _, c := range s.As(w.t, handle).Cookies() {
		call(w, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: w.base})
	}
}

func (w window) picture(name string) {
	w.t.Helper()
	dir := os.Getenv("KOINON_SCREENSHOTS")
	if dir == "" {
		return
	}
	beyond := true
	shot := call(w, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
	if err := os.MkdirAll(dir, 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func modules(t *testing.T, path string) string {
	t.Helper()
	full := filepath.Join("node_modules", filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		t.Fatalf("browser tests need %s: run «make browser», or «npm ci» in web/e2e", full)
	}
	return full
}

// look is a page in somebody's eyes.
type look struct{ name, as, path string }

var looks = []look{
	{"home", "", "/"}, {"communities", "", "/communities"}, {"city", "", "/c/basel"}, {"about", "", "/c/basel/about"}, {"people", "", "/c/basel/members"}, {"person", "", "/c/basel/members/1"},
	{"discussions", "", "/c/basel/discussions"}, {"thread", "", "/c/basel/discussions/1"}, {"sign-in", "", "/sign-in"}, {"sign-up", "", "/sign-up"}, {"sent", "", "/sign-in/sent"}, {"spent", "", "/sign-in/none"},
	{"look-around", "", "/look-around"}, {"mailbox", "", "/mailbox"}, {"accessibility", "", "/accessibility"}, {"privacy", "", "/privacy"}, {"design", "", "/design"}, {"not-found", "", "/nothing"},
	{"desk", "regula-ammann", "/"}, {"city-member", "regula-ammann", "/c/basel"}, {"thread-member", "regula-ammann", "/c/basel/discussions/1?quote=2"}, {"thread-none", "regula-ammann", "/c/basel/discussions/6"}, {"new", "regula-ammann", "/c/basel/discussions/new"},
	{"edit", "regula-ammann", "/c/basel/discussions/1/edit"}, {"history", "regula-ammann", "/c/basel/discussions/1/replies/5/history"}, {"unread", "regula-ammann", "/c/basel/discussions?show=unread"}, {"filtered-empty", "regula-ammann", "/c/basel/discussions?tag=none"}, {"me", "regula-ammann", "/me"}, {"sessions", "regula-ammann", "/me/sessions"}, {"picture", "regula-ammann", "/me/picture"},
	{"password", "regula-ammann", "/me/password"}, {"address", "regula-ammann", "/me/address"}, {"confirm", "regula-ammann", "/confirm"}, {"join", "regula-ammann", "/c/london/join"}, {"commitment", "regula-ammann", "/c/basel/join"}, {"leave", "regula-ammann", "/c/basel/leave"}, {"forbidden", "regula-ammann", "/c/basel/about/edit"},
	{"data", "regula-ammann", "/me/data"}, {"leave-for-good", "regula-ammann", "/me/leave"}, {"leave-last", "beat-hollenstein", "/me/leave"},
	{"waiting", "beat-hollenstein", "/c/basel/members/waiting"}, {"invite", "beat-hollenstein", "/c/basel/members/invite"}, {"about-edit", "beat-hollenstein", "/c/basel/about/edit"}, {"new-coordinator", "beat-hollenstein", "/c/basel/discussions/new"},
	{"help", "", "/c/basel/discussions?form=help"}, {"ask", "regula-ammann", "/c/basel/discussions/new?form=help"}, {"heard", "regula-ammann", "/c/basel/heard"}, {"repertoire", "regula-ammann", "/c/basel/repertoire"}, {"library", "", "/repertoire"}, {"library-narrowed", "regula-ammann", "/repertoire?kind=experience&kind=case&in=de&sort=title"},
	{"themes", "beat-hollenstein", "/c/basel/repertoire/themes"}, {"reports", "beat-hollenstein", "/c/basel/reports"}, {"audit", "beat-hollenstein", "/c/basel/audit"}, {"hide", "beat-hollenstein", "/c/basel/discussions/1/replies/2/hide"}, {"lock", "beat-hollenstein", "/c/basel/discussions/1/lock"}, {"move", "beat-hollenstein", "/c/basel/discussions/1/move"},
	{"thread-coordinator", "beat-hollenstein", "/c/basel/discussions/1"}, {"report", "regula-ammann", "/c/basel/discussions/1/replies/2/report"}, {"drafts", "regula-ammann", "/me/drafts"}, {"similar", "regula-ammann", "/c/basel/discussions/new?title=Womit+fangen+wir+an"},
	{"inbox", "regula-ammann", "/inbox"}, {"inbox-undo", "regula-ammann", "/inbox?show=unread&done=read.0.0.0"}, {"inbox-catch-up", "regula-ammann", "/inbox?show=catch-up"}, {"my-notices", "regula-ammann", "/me/notices"}, {"my-calendar", "regula-ammann", "/me/calendar"},
	{"competences", "", "/c/basel/members?view=competences"}, {"charter", "", "/c/basel/about/charter"}, {"people-around", "regula-ammann", "/people"}, {"reach", "regula-ammann", "/c/basel/reach"},
	{"reach-kept", "beat-hollenstein", "/c/basel/reach"}, {"reach-new", "beat-hollenstein", "/c/basel/reach/new"}, {"newcomers", "beat-hollenstein", "/c/basel/members/newcomers"}, {"greet", "beat-hollenstein", "/c/basel/members/1/greet"},
	{"renewals", "beat-hollenstein", "/c/basel/members/renewals"}, {"handover", "beat-hollenstein", "/c/basel/handover"}, {"handover-history", "beat-hollenstein", "/c/basel/handover/history"}, {"handover-edit", "beat-hollenstein", "/c/basel/handover/edit"},
	{"search", "", "/search"}, {"search-found", "regula-ammann", "/search?q=Hitze+Nacht"}, {"search-nothing", "", "/search?q=xqzzt&city=basel"}, {"search-partly", "", "/search?q=colour:red+uncertanty+trees"},
	{"glossary", "", "/glossary"}, {"term", "beat-hollenstein", "/glossary/urban-heat-island"}, {"term-edit", "regula-ammann", "/glossary/urban-heat-island/edit"}, {"term-new", "regula-ammann", "/glossary/new"},
	{"admin", "tom-achterberg", "/admin"}, {"found", "tom-achterberg", "/admin/communities"},
	{"criteria", "", "/c/basel/criteria"}, {"criteria-scientist", "lea-straumann", "/c/basel/criteria?show=all&sort=importance"}, {"criteria-none", "", "/c/basel/criteria?q=nothingofthekind"}, {"annex", "", "/c/basel/criteria/annex"}, {"criteria-import", "lea-straumann", "/c/basel/criteria/import"},
	{"matrix", "", "/criteria"}, {"matrix-filtered", "regula-ammann", "/criteria?share=common&state=declined"},
	{"admin-criteria", "tom-achterberg", "/admin/criteria"}, {"category", "tom-achterberg", "/admin/criteria/categories/content"}, {"category-new", "tom-achterberg", "/admin/criteria/add"}, {"admin-topics", "tom-achterberg", "/admin/topics"}, {"topic", "tom-achterberg", "/admin/topics/water/names"}, {"topic-new", "tom-achterberg", "/admin/topics/add"},
	{"harvest-post", "regula-ammann", "/c/basel/criteria/harvest?discussion=1&reply=2"},
	{"harvest-entry", "regula-ammann", "/c/basel/repertoire/harvest?discussion=1&reply=2"}, {"harvest-thread", "regula-ammann", "/c/basel/repertoire/harvest?discussion=1&whole=yes"}, {"gathered", "regula-ammann", "/c/basel/repertoire/gathered"},
}

// administrator gives the demonstration one, for the pages that only an administrator sees.
func administrator(t *testing.T, s *webtest.Site) {
	t.Helper()
	if _, err := s.DB.Exec(t.Context(), `update account set administrator = true where handle = 'tom-achterberg'`); err != nil {
		t.Fatal(err)
	}
}

type violation struct {
	ID    string
	Help  string
	Nodes []struct{ HTML, FailureSummary string }
}

func TestEveryPagePassesAxeInBothModesAndTwoWidths(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(modules(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s, base := site(t)
	all := pages(t, s)
	windows := map[string]window{}
	for _, l := range all {
		w, ok := windows[l.as]
		if !ok {
			w = open(t, base)
			w.language("en")
			if l.as != "" {
				w.signIn(s, l.as)
			}
			windows[l.as] = w
		}
		for _, width := range []int64{1280, 360} {
			w.size(width, 900)
			w.dark(false)
			w.visit(l.path)
			eval[int](w, string(axe)+";0")
			for _, dark := range []bool{false, true} {
				w.dark(dark)
				name := fmt.Sprintf("%s-%d", l.name, width)
				if dark {
					name += "-dark"
				}
				w.picture(name)
				what := `{resultTypes: ["violations"]}`
				if dark { // of all rules this one alone asks for colours
					what = `{resultTypes: ["violations"], runOnly: ["color-contrast", "link-in-text-block"]}`
				}
				raw := eval[string](w, `axe.run(document, `+what+`).then(r => JSON.stringify(r.violations.map(v => ({ID: v.id, Help: v.help, Nodes: v.nodes.slice(0, 3).map(n => ({HTML: n.html.slice(0, 300), FailureSummary: n.failureSummary}))}))))`)
				var found []violation
				if err := json.Unmarshal([]byte(raw), &found); err != nil {
					t.Fatalf("%s: %v: %s", name, err, raw)
				}
				for _, v := range found {
					t.Errorf("%s: %s (%s): %+v", name, v.ID, v.Help, v.Nodes)
				}
				w.noOverflow(name)
			}
		}
	}
}

func (w window) noOverflow(name string) {
	w.t.Helper()
	wide := eval[string](w, `(() => { const d = document.documentElement; if (d.scrollWidth <= d.clientWidth) return "";
		return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > d.clientWidth + 1 && !e.closest(".prose pre, .prose table, .reader")).slice(0, 3).map(e => e.outerHTML.slice(0, 160)).join("\n") || "the page itself"; })()`)
	if wide != "" {
		w.t.Errorf("%s is wider than the window: %s", name, wide)
	}
}

func TestPagesFitNarrowWindowsInEveryLanguage(t *testing.T) {
	t.Parallel()
	s, base := site(t)
	all := pages(t, s)
	for _, lang := range []string{"de", "fr", "el", "en"} {
		windows := map[string]window{}
		for _, l := range all {
			w, ok := windows[l.as]
			if !ok {
				w = open(t, base)
				w.language(lang)
				if l.as != "" {
					w.signIn(s, l.as)
				}
				w.size(320, 700)
				windows[l.as] = w
			}
			path := l.path
			if l.as != "" {
				path = withLang(path, lang)
			}
			w.visit(path)
			w.noOverflow(lang + " " + l.name)
			missing := eval[string](w, `(document.body.innerText.match(/\b(ui|home|desk|accounts|communities|members|discussions|help|repertoire|inbox|follow|drafts|files|reports|search|glossary|audience|admin|mailbox|lookaround|texts|designs|taking|fault|moment|problem|field|may|meetings|poll|guests|pass|agenda|answers|minutes|letters|calendar|series|registers|actions|criteria|products|claims|importance|matrix|harvest|entry|library|gather|themes|cite)\.[a-z-]+(\.[a-z-]+)*\b/g) || []).join(" ")`)
			if missing != "" {
				t.Errorf("%s %s shows keys instead of words: %s", lang, l.name, missing)
			}
			if l.name == "thread-member" || l.name == "home" || l.name == "join" || l.name == "sign-in" || l.name == "discussions" {
				w.picture(fmt.Sprintf("%s-320-%s", l.name, lang))
			}
		}
	}
}

func withLang(path, lang string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + lang
	}
	return path + "?lang=" + lang
}

func TestEveryPageIsValidHTML(t *testing.T) {
	t.Parallel()
	s, _ := site(t)
	all := pages(t, s)
	dir := t.TempDir()
	for _, l := range all {
		v := s.Stranger(t)
		if l.as != "" {
			v = s.As(t, l.as)
		}
		got := v.Get(l.path)
		for got.Status == 301 || got.Status == 303 {
			got = v.Get(got.To())
		}
		if err := os.WriteFile(filepath.Join(dir, l.name+".html"), []byte(got.Body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cli := modules(t, "html-validate/bin/html-validate.mjs")
	config, err := filepath.Abs("htmlvalidate.json")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("node", cli, "--config", config, "--formatter", "text", dir).CombinedOutput()
	if err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}
