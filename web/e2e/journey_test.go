package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"urbanfluxes.eu/koinon/web/webtest"
)

// click presses what a selector finds and waits for the page behind it.
func (w window) click(selector string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	before := w.mark()
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		w.t.Fatalf("click %s: %v", selector, err)
	}
	w.arrive(ctx, before)
}

// mark remembers which page is open, so that the next can be told from it.
func (w window) mark() string { return eval[string](w, `String(performance.timeOrigin)`) }

func (w window) arrive(ctx context.Context, before string) {
	w.t.Helper()
	for ctx.Err() == nil {
		state, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.readyState + String(performance.timeOrigin)`))
		if err == nil && strings.HasPrefix(state, "complete") && state != "complete"+before {
			return
		}
	}
	w.t.Fatalf("no page came; still at %s: %s", eval[string](w, `location.href + document.readyState + " " + document.activeElement.outerHTML.slice(0, 200)`), before)
}

func (w window) fill(name, text string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(fmt.Sprintf(`main [name=%q]`, name)), text)); err != nil {
		w.t.Fatalf("fill %s: %v", name, err)
	}
}

func (w window) tick(selector string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		w.t.Fatalf("tick %s: %v", selector, err)
	}
}

func (w window) text() string { return eval[string](w, `document.body.innerText`) }

func (w window) shows(words string) {
	w.t.Helper()
	if text := w.text(); !strings.Contains(text, words) {
		w.t.Fatalf("%q is not on the page %s: %s", words, eval[string](w, `location.href`), text)
	}
}

// The stakeholder's journey, in four languages, with scripts and without: open the site, open a city, read, sign in, join another
// city with a commitment, start a discussion, reply with a quotation, sign out.
func TestStakeholderReadsJoinsAndTalks(t *testing.T) {
	s, base := site(t)
	people := map[string]string{"en": "katerina-lydaki", "de": "stavros-kallergis", "fr": "dimitra-xenou", "el": "manolis-petrakis"}
	for _, lang := range []string{"en", "de", "fr", "el"} {
		for _, scripts := range []bool{true, false} {
			name := fmt.Sprintf("%s with scripts %t", lang, scripts)
			t.Run(name, func(t *testing.T) {
				w := open(t, base)
				if !scripts {
					w.noScripts()
				}
				w.language(lang)
				w.size(1280, 900)
				who := people[lang]
				if !scripts {
					who = map[string]string{"en": "beat-hollenstein", "de": "silvan-oesch", "fr": "noemie-charlet", "el": "verena-gysin"}[lang]
				}
				stakeholder(t, w, s, who, lang)
			})
		}
	}
}

func stakeholder(t *testing.T, w window, s *webtest.Site, who, lang string) {
	w.visit("/")
	w.click(`.hero .rows a[href="/c/basel"]`)
	w.click(`.rail a[href="/c/basel/discussions"]`)
	w.visit("/c/basel/discussions/1")
	w.shows("zwei Uhr nachts")
	w.click(`#answer a.button`) // sign in
	w.fill("email", who+"@example.org")
	w.click(`form[action="/sign-in/link"] button`)
	link := mailed(t, s, who)
	w.visit(link)
	if _, err := s.DB.Exec(t.Context(), `update account set lang = $2 where handle = $1`, who, lang); err != nil {
		t.Fatal(err)
	}
	w.click(`main form button.button:not([name])`)
	w.shows("zwei Uhr nachts") // back where it was
	w.visit("/c/london/join")
	w.tick(`#field-perspective-stakeholder`)
	w.fill("bring", "Streets")
	w.fill("learn", "Shade")
	w.tick(`#field-meets-quarterly`)
	w.click(`main form button.button:not([name])`) // without the charter
	if n := eval[int](w, `document.querySelectorAll("[data-summary] a, .field.wrong").length`); n < 2 {
		t.Errorf("%d marks of what is wrong", n)
	}
	if got := eval[string](w, `document.querySelector("main [name=bring]").value`); got != "Streets" {
		t.Errorf("typed text is lost: %q", got)
	}
	w.tick(`#field-agreed`)
	w.click(`main form button.button:not([name])`)
	w.click(`main .head a.button`) // start a discussion
	title := "Shade " + who
	w.fill("title", title)
	w.fill("body", "Where **first**?")
	w.click(`button[value=preview]`)
	if bold := eval[string](w, `document.querySelector(".preview strong").innerText`); bold != "first" {
		t.Errorf("preview shows %q", bold)
	}
	w.click(`main form button.button:not([name])`)
	w.shows(title)
	w.click(`.opening .post-acts a[href*="quote=0"]`)
	if got := eval[string](w, `document.querySelector("#field-body").value`); !strings.HasPrefix(got, "> Where **first**?") {
		t.Errorf("quotation: %q", got)
	}
	w.fill("body", "At the stops.")
	w.click(`#answer form button.button:not([name])`)
	w.shows("At the stops.")
	if at := eval[string](w, `location.hash`); at != "#reply-1" {
		t.Errorf("the page opens at %q", at)
	}
	w.visit("/c/london/members")
	w.visit("/")
	if eval[bool](w, `!!document.querySelector("details[data-menu]")`) {
		w.tick(`details[data-menu]:last-of-type summary`)
	}
	w.click(`form[action="/sign-out"] button`)
	w.visit("/me")
	if path := eval[string](w, `location.pathname`); path != "/sign-in" {
		t.Errorf("after signing out /me shows %s", path)
	}
}

// mailed is the address in the letter that somebody got last.
func mailed(t *testing.T, s *webtest.Site, who string) string {
	t.Helper()
	for _, m := range s.Mails(t) {
		if m.To == who+"@example.org" {
			for _, line := range strings.Split(m.Text, "\n") {
				if i := strings.Index(line, "/sign-in/"); i >= 0 {
					return strings.TrimSpace(line[i:])
				}
			}
		}
	}
	t.Fatalf("no letter to %s", who)
	return ""
}

func TestEverythingIsReachedByKeyboard(t *testing.T) {
	s, base := site(t)
	w := open(t, base)
	w.language("en")
	w.size(1280, 900)
	w.signIn(s, "regula-ammann")
	w.visit("/c/basel")
	press := func(keys string, options ...chromedp.KeyOption) {
		t.Helper()
		w.do(chromedp.KeyEvent(keys, options...))
	}
	focus := func() string {
		return eval[string](w, `(() => { const e = document.activeElement; return (e.getAttribute("href") || e.name || e.innerText || e.tagName).trim(); })()`)
	}
	press(kb.Tab)
	if got := focus(); got != "#content" {
		t.Fatalf("the first stop is %q, not the way past the navigation", got)
	}
	tabTo := func(want string) {
		t.Helper()
		for range 120 {
			if focus() == want {
				if outline := eval[string](w, `getComputedStyle(document.activeElement).outlineStyle`); outline == "none" {
					t.Errorf("the focus on %q cannot be seen", want)
				}
				return
			}
			press(kb.Tab)
		}
		t.Fatalf("%q is not reached by Tab", want)
	}
	enter := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
		defer cancel()
		before := w.mark()
		press(kb.Enter)
		w.arrive(ctx, before)
	}
	tabTo("/c/basel/discussions/new")
	enter()
	tabTo("title")
	press("By keyboard")
	tabTo("body")
	press("Without a mouse.")
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	before := w.mark()
	press(kb.Enter, chromedp.KeyModifiers(2)) // Ctrl+Enter sends
	w.arrive(ctx, before)
	w.shows("Without a mouse.")
	tabTo("body")
	press("A reply.")
	tabTo("Reply")
	enter()
	w.shows("A reply.")
	w.visit("/")
	tabTo("Regula Ammann")
	press(kb.Enter)
	tabTo("/me")
	press(kb.Escape)
	if eval[bool](w, `document.querySelectorAll("details[data-menu][open]").length > 0`) {
		t.Error("Escape leaves the menu open")
	}
}

// On a phone four rooms stand in the bar, and the others behind «More».
func TestARoomBehindMoreIsReachedByKeyboard(t *testing.T) {
	bothWays(t, func(p party) {
		w := p.as("regula-ammann")
		w.size(360, 740)
		w.visit("/c/basel/discussions")
		if got := eval[string](w, `[...document.querySelectorAll(".bar-list > li > a")].map(a => a.getAttribute("href").slice("/c/basel".length)).join(" ")`); got != " /discussions /repertoire /heard" {
			t.Errorf("the bar shows %q", got)
		}
		if got := eval[string](w, `[...document.querySelectorAll(".rail a")].filter(a => a.checkVisibility()).map(a => a.getBoundingClientRect()).filter(r => r.height < 44 || r.bottom > innerHeight || r.right > innerWidth).length + ""`); got != "0" {
			t.Errorf("%s places of the bar are small or out of view", got)
		}
		press := func(key string) {
			t.Helper()
			w.do(chromedp.KeyEvent(key))
		}
		until := func(selector string) {
			t.Helper()
			for range 40 {
				if eval[bool](w, `document.activeElement.matches("`+selector+`")`) {
					return
				}
				press(kb.Tab)
			}
			t.Fatalf("%s is not reached by Tab", selector)
		}
		open := func() bool { return eval[bool](w, `document.querySelector(".rail-more").open`) }
		until(".rail-more > summary")
		press(kb.Enter)
		if !open() {
			t.Fatal("Enter does not open «More»")
		}
		if p.scripts {
			until(".rail-rest a")
			press(kb.Escape)
			if open() || !eval[bool](w, `document.activeElement.matches(".rail-more > summary")`) {
				t.Error("Escape does not lead back from «More»")
			}
			press(kb.Enter)
		}
		until(".rail-rest a[href='/c/basel/members']")
		ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
		defer cancel()
		before := w.mark()
		press(kb.Enter)
		w.arrive(ctx, before)
		if !eval[bool](w, `document.querySelector(".rail-more > summary.current") && document.querySelector(".rail-rest a[aria-current]").pathname == "/c/basel/members"`) {
			t.Error("«More» does not say that the open room is behind it")
		}
	})
}

func TestAnErrorIsReadFirst(t *testing.T) {
	s, base := site(t)
	w := open(t, base)
	w.language("en")
	w.signIn(s, "regula-ammann")
	w.visit("/c/basel/discussions/new")
	w.click(`main form button.button:not([name])`)
	if !eval[bool](w, `document.activeElement.matches("[data-summary]")`) {
		t.Error("the summary has not the focus")
	}
	if title := eval[string](w, `document.title`); !strings.HasPrefix(title, "Error:") {
		t.Errorf("title %q", title)
	}
	w.tick(`[data-summary] a`)
	if !eval[bool](w, `document.activeElement.name === "title"`) {
		t.Error("the summary's link does not lead to the field")
	}
}
