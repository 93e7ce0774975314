package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// enter presses the key in the field that is open, and waits for the page behind it.
func (w window) enter() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	before := w.mark()
	w.do(chromedp.KeyEvent(kb.Enter))
	w.arrive(ctx, before)
}

// Two people write the minutes of one meeting at once: lines are caught one after the other, and who is slower sees both texts.
func TestTwoPeopleWriteTheMinutes(t *testing.T) {
	bothWays(t, func(p party) {
		host := p.s.As(t, "beat-hollenstein")
		at := host.Post("/c/basel/meetings/new", "title", "In the courtyard", "form", "regular", "day", time.Now().UTC().Format(time.DateOnly), "from", "00:01", "until", "23:58", "zone", "UTC", "lang", "en", "audience", "public").Sees(t, 303).To()
		host.Post(at+"/publish").Sees(t, 303)
		beat, jonas := p.as("beat-hollenstein"), p.as("jonas-wirz")
		edit := at + "/minutes/edit"
		beat.visit(edit)
		jonas.visit(edit)

		beat.fill("line-0", "decision: plant limes")
		beat.enter()
		beat.shows("plant limes")
		if got := eval[string](beat, `document.activeElement.name`); got != "line-0" {
			t.Errorf("the next line would be typed into %q", got)
		}
		beat.fill("line-0", "todo: @regula-ammann by 2199-03-01 water them")
		beat.enter()
		beat.shows("water them")
		beat.shows("Regula Ammann")
		beat.shows("1 March 2199")

		beat.fill("body-0", "Eleven people came.")
		if p.scripts {
			beat.waits(`document.querySelector("[data-saved]").textContent.startsWith("Saved")`)
			jonas.fill("body-0", "Twelve people came.")
			jonas.waits(`document.querySelector("[data-below]").textContent.includes("changed this point meanwhile")`)
			jonas.waits(`document.querySelector("[data-below] del").textContent.includes("Eleven")`)
			jonas.tick(`[data-theirs]`)
			if got := eval[string](jonas, `document.querySelector("[name=body-0]").value`); got != "Eleven people came." {
				t.Errorf("the other text reads %q", got)
			}
			jonas.retype("body-0", "Eleven people came, and a dog.")
			jonas.waits(`document.querySelector("[data-saved]").textContent.startsWith("Saved")`)
		} else {
			beat.click(`.minutes-acts button:not([name])`)
			beat.shows("The minutes are saved.")
			jonas.fill("body-0", "Twelve people came.")
			jonas.click(`.minutes-acts button:not([name])`)
			if got := jonas.status(); got != 409 {
				t.Errorf("the second is answered %d", got)
			}
			jonas.shows("Somebody wrote here meanwhile")
			jonas.shows("changed this point meanwhile")
			jonas.retype("body-0", "Eleven people came, and a dog.")
			jonas.click(`.minutes-acts button:not([name])`)
			jonas.shows("The minutes are saved.")
		}
		beat.visit(at + "/minutes")
		beat.shows("Eleven people came, and a dog.")
		beat.shows("plant limes")
		beat.shows("water them")
	})
}
