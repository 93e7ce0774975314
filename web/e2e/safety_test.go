package e2e_test

import (
	"fmt"
	"testing"
)

// Two coordinators change one text: who comes second sees both and decides, and nothing is lost.
func TestTwoPeopleEditOneText(t *testing.T) {
	bothWays(t, func(p party) {
		beat, jonas := p.as("beat-hollenstein"), p.as("jonas-wirz")
		const edit = "/c/basel/handover/edit"
		beat.visit(edit)
		jonas.visit(edit)
		beat.retype("body", "Call the fountain office first.")
		beat.click(send)
		beat.shows("Saved.")
		jonas.retype("body", "Call the school first.")
		jonas.click(send)
		if got := jonas.status(); got != 409 {
			t.Errorf("the second is answered %d", got)
		}
		jonas.shows("Somebody saved another text meanwhile")
		for mark, want := range map[string]string{"del": "fountain", "ins": "school"} {
			if got := eval[string](jonas, fmt.Sprintf(`[...document.querySelectorAll(".diff %s")].map(e => e.textContent).join(" ")`, mark)); !contains(got, want) {
				t.Errorf("%s shows %q, not %q", mark, got, want)
			}
		}
		if got := eval[string](jonas, `document.querySelector("main [name=body]").value`); got != "Call the school first." {
			t.Errorf("the typed text is %q", got)
		}
		beat.visit("/c/basel/handover")
		beat.shows("Call the fountain office first.")
		jonas.retype("body", "Call the fountain office first, then the school.")
		jonas.click(send)
		beat.visit("/c/basel/handover")
		beat.shows("first, then the school.")
		beat.visit("/c/basel/handover/history")
		beat.shows("Call the fountain office first.")
	})
}

// One person with a discussion open in two windows is warned in the same way.
func TestAnOldWindowSavesNothingByItself(t *testing.T) {
	bothWays(t, func(p party) {
		one, two := p.as("regula-ammann"), p.as("regula-ammann")
		const edit = "/c/basel/discussions/1/edit"
		one.visit(edit)
		two.visit(edit)
		one.fill("body", " One more line.")
		one.click(send)
		one.shows("One more line.")
		two.fill("body", " Another line.")
		two.click(send)
		if got := two.status(); got != 409 {
			t.Errorf("the second window is answered %d", got)
		}
		two.shows("This text was changed meanwhile")
		if got := eval[string](two, `[...document.querySelectorAll(".diff del")].map(e => e.textContent).join(" ")`); !contains(got, "One more") {
			t.Errorf("what the other window saved is shown as %q", got)
		}
		if got := eval[string](two, `document.querySelector("main [name=body]").value`); !contains(got, "Another line.") {
			t.Errorf("the typed text is %q", got)
		}
		two.click(send) // this one it shall be
		two.shows("Another line.")
		two.visit("/c/basel/discussions/1/history")
		two.shows("One more line.")
	})
}

// Two windows with one draft notice each other: by themselves with scripts, when saving by hand without.
func TestTwoWindowsWithOneDraft(t *testing.T) {
	bothWays(t, func(p party) {
		one, two := p.as("urs-dettwiler"), p.as("urs-dettwiler")
		const thread = "/c/basel/discussions/1"
		one.visit(thread)
		two.visit(thread)
		one.fill("body", "The first window.")
		if p.scripts {
			one.waits(`document.querySelector("[data-draft]").textContent.startsWith("Draft saved")`)
			two.fill("body", "The second window.")
			two.waits(`document.querySelector("[data-draft]").textContent.includes("This text is open elsewhere too")`)
			two.waits(`document.querySelector("[data-draft]").textContent.includes("The first window.")`)
			two.tick(`[data-mine]`)
			two.waits(`document.querySelector("[data-draft]").textContent.startsWith("Draft saved")`)
		} else {
			one.click(`#answer button[value=draft]`)
			one.shows("Draft of ")
			two.fill("body", "The second window.")
			two.click(`#answer button[value=draft]`)
			two.shows("This text is open elsewhere too")
			if got := eval[string](two, `document.querySelector("main details .diff").textContent`); got != "The first window." {
				t.Errorf("the other window's text is shown as %q", got)
			}
			two.click(`#answer button[value=draft]`)
		}
		two.visit("/me/drafts")
		two.shows("The second window.")
		two.click(`main a.button[href^="/c/basel/discussions/1"]`)
		if got := eval[string](two, `document.querySelector("main [name=body]").value`); got != "The second window." {
			t.Errorf("the draft comes back as %q", got)
		}
		two.click(reply)
		two.shows("The second window.")
		two.visit("/me/drafts")
		two.shows("No drafts")
	})
}

// An author takes a reply away and back; a member reports it; a coordinator hides it for a reason, which its author reads.
func TestRemovingReportingAndHiding(t *testing.T) {
	bothWays(t, func(p party) {
		author, reader, coordinator := p.as("regula-ammann"), p.as("lea-straumann"), p.as("beat-hollenstein")
		author.visit("/c/basel/discussions/2")
		author.fill("body", "Only a fool would say that.")
		author.click(reply)
		author.shows("Only a fool")
		thread := author.path()
		number := eval[string](author, `location.hash.replace("#reply-", "")`)
		acts := "/c/basel/discussions/2/replies/" + number

		author.menu(`form[action="` + acts + `/remove"] button`)
		author.shows("This reply was removed by its author")
		author.misses("Only a fool")
		author.click(`form[action="` + acts + `/restore"] button`)
		author.shows("Only a fool")

		reader.visit(thread)
		reader.menu(`a[href="` + acts + `/report"]`)
		reader.shows("Only a fool") // the text in question
		reader.click(send)
		reader.fill("reason", "We do not talk like this here.")
		reader.click(send)
		reader.shows("The coordinators will look at it.")

		coordinator.visit("/c/basel/reports")
		coordinator.shows("We do not talk like this here.")
		coordinator.shows("Lea Straumann")
		coordinator.fill(eval[string](coordinator, `document.querySelector("main form textarea").name`), "Please say what is wrong with the thought, not with the person.")
		coordinator.click(`main form button[value=hide]`)
		coordinator.visit("/c/basel/audit")
		coordinator.shows("not with the person")

		p.s.Tell(t)
		author.visit("/inbox")
		author.shows("not with the person")
		author.visit(thread)
		author.shows("This reply was hidden by the coordinators: Please say what is wrong with the thought")
		author.misses("Only a fool")
		reader.visit(thread)
		reader.misses("Only a fool")
		reader.shows("Please say what is wrong with the thought")
		p.s.Tell(t)
		reader.visit("/inbox")
		reader.shows("has dealt with your report")
		coordinator.visit(thread)
		coordinator.click(`form[action="` + acts + `/show"] button`)
		reader.visit(thread)
		reader.shows("Only a fool")
	})
}
