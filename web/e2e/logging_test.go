package e2e_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"urbanfluxes.eu/koinon/web/webtest"
)

// loggingPages are those on which criteria are taken down, worded and traced: as scientists, their speakers, members and strangers see them.
func loggingPages(t *testing.T, s *webtest.Site) []look {
	t.Helper()
	lea, urs := s.As(t, "lea-straumann"), s.As(t, "urs-dettwiler")
	log := "/c/basel/criteria/log?meeting=3&speaker=%40regula-ammann"
	at := lea.Post("/c/basel/criteria/new", "statement", "Rasterweite fein genug für einzelne Innenhöfe", "why", "Dort sitzen die Leute.", "lang", "de", "audience", "public", "category", "scale", "measure", "Rasterweite", "comparator", "between", "target", "0,5", "target_to", "2", "unit", "m",
		"source", "meeting", "meeting", "3", "words", "Hundert Meter sind der ganze Block.", "speaker", "@regula-ammann").Sees(t, 303).To()
	lea.Post(at+"/sources/new", "source", "document", "document", "Richtplan, Seite 12", "url", "https://example.org/richtplan", "words", "Pro Innenhof ein Wert.", "words_lang", "de").Sees(t, 303)
	lea.Post(at+"/edit", "revision", "1", "statement", "Rasterweite fein genug für jeden Innenhof", "why", "Dort sitzen die Leute.", "lang", "de", "audience", "public").Sees(t, 303)
	urs.Post(at+"/need").Sees(t, 303)
	bare := lea.Post("/c/basel/criteria/new", "statement", "Werte in der Nacht", "lang", "de", "audience", "public").Sees(t, 303).To()
	return []look{{"criterion", "", at}, {"criterion-scientist", "lea-straumann", at}, {"criterion-speaker", "regula-ammann", at}, {"criterion-asked", "urs-dettwiler", at}, {"criterion-bare", "lea-straumann", bare}, {"criterion-history", "", at + "/history"},
		{"criterion-edit", "lea-straumann", at + "/edit"}, {"criterion-new", "urs-dettwiler", "/c/basel/criteria/new?statement=Werte+in+der+Nacht"}, {"criterion-correct", "regula-ammann", at + "/sources/1/correct"},
		{"source-new", "lea-straumann", at + "/sources/new"}, {"source-edit", "lea-straumann", at + "/sources/1/edit"}, {"source-remove", "lea-straumann", at + "/sources/2/remove"}, {"criteria-log", "lea-straumann", log}}
}

// take types into whatever has the focus, and presses Enter.
func (w window) take(text string) {
	w.t.Helper()
	w.waits(`document.activeElement.name === "statement"`)
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	before := w.mark()
	if err := chromedp.Do(ctx, chromedp.SendKeys(chromedp.CSS(`:focus`), text+"\r")); err != nil {
		w.t.Fatalf("enter %q: %v", text, err)
	}
	w.arrive(ctx, before)
}

// A scientist takes down ten criteria without leaving the keyboard; the one who asked reads, corrects and owns the wording.
func TestCriteriaAreTakenDownByKeyboardAndCorrectedByTheirSpeaker(t *testing.T) {
	bothWays(t, func(p party) {
		p.s.WithoutCriteria(p.t)
		lea, regula := p.as("lea-straumann"), p.as("regula-ammann")
		lea.visit("/c/basel/criteria/log?meeting=3&speaker=%40regula-ammann")
		for n := range 10 {
			lea.take(fmt.Sprintf("Street %d at night", n))
		}
		lea.shows("Just logged")
		lea.shows("Street 9 at night")
		if p.scripts {
			lea.fill("statement", "Streets at night")
			lea.waits(`document.querySelector("[data-similar] a") !== null`)
		} else {
			lea.fill("statement", "Streets at night")
			lea.click(`button[value="similar"]`)
		}
		lea.shows("Something similar is asked for already")
		regula.size(360, 780)
		regula.visit("/c/basel/criteria/1")
		regula.shows("You are quoted here")
		regula.noOverflow("the criterion on a phone")
		regula.click(`.quoted a.button`)
		regula.retype("statement", "Each street at three in the morning")
		regula.click(send)
		regula.shows("The criterion says it in your words now.")
		lea.visit("/c/basel/criteria/1")
		lea.shows("Each street at three in the morning")
		lea.shows("Worded by its speaker")
	})
}
