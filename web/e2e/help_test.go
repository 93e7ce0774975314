package e2e_test

import (
	"strings"
	"testing"
)

// A scientist asks stakeholders for examples, is offered help, gets an answer and says what worked.
func TestAScientistAsksStakeholdersForExamples(t *testing.T) {
	bothWays(t, func(p party) {
		nikos, manolis := p.as("nikos-fragkiadakis"), p.as("manolis-petrakis")
		manolis.follows("/c/heraklion")

		nikos.visit("/c/heraklion")
		nikos.click(`main a[href="/c/heraklion/discussions/new?form=help"]`)
		nikos.fill("title", "Which courtyards stay cool?")
		nikos.fill("body", "For the model we need **three** courtyards that people know to be cool.")
		nikos.fill("tried", "Aerial pictures: they show shade, not coolness.")
		nikos.tick(`#field-addressed-stakeholder`)
		nikos.click(send)
		nikos.shows("help wanted")
		nikos.shows("above all the stakeholders")
		thread := nikos.path()

		p.s.Tell(t)
		manolis.visit("/inbox")
		manolis.shows("Which courtyards stay cool?")
		manolis.click(`.told-list a[href^="` + thread + `"]`)
		manolis.shows("Aerial pictures")
		manolis.fill("note", "I know two near the market")
		manolis.click(`form.offer button`)
		manolis.shows("The person who asks sees your offer.")
		manolis.fill("body", "The one behind the old tannery: two mulberries, wet stone.")
		manolis.click(reply)
		manolis.shows("two mulberries")

		p.s.Tell(t)
		nikos.visit("/inbox")
		nikos.shows("Μανώλης Πετράκης")
		nikos.click(`.told-list a[href^="` + thread + `"]`)
		nikos.shows("You have answers. Did something work?")
		nikos.click(`a.button[href$="/outcome"]`)
		nikos.click(send) // nothing said yet
		nikos.shows("How did it end?")
		if n := eval[int](nikos, `document.querySelectorAll(".field.wrong, [data-summary] a").length`); n < 1 {
			t.Error("an empty form is taken")
		}
		nikos.tick(`#field-ending-worked`)
		nikos.tick(`main input[name=helped]`)
		nikos.retype("text", "Measured there: 3 K cooler at noon.")
		nikos.click(send)
		nikos.shows("What worked")
		nikos.shows("3 K cooler at noon")
		nikos.visit("/c/heraklion/discussions?form=help&state=closed")
		nikos.shows("Which courtyards stay cool?")
		nikos.visit("/c/heraklion/discussions?form=help&state=open")
		nikos.misses("Which courtyards stay cool?")
	})
}

// Who asks discreetly is “a member” for everybody but the coordinators.
func TestAShyMemberAsksDiscreetly(t *testing.T) {
	bothWays(t, func(p party) {
		shy, other, coordinator := p.as("verena-gysin"), p.as("lea-straumann"), p.as("beat-hollenstein")
		shy.visit("/c/basel/discussions?form=help")
		shy.click(`main a[href="/c/basel/discussions/new?form=help"]`)
		shy.fill("title", "What does a heat flux mean?")
		shy.fill("body", "I nod in every meeting.")
		shy.tick(`#field-discreet`)
		shy.click(send)
		shy.shows("asked discreetly: others read “a member”")
		thread := shy.path()

		p.s.Tell(t)
		other.follows(thread)
		other.shows("a member")
		other.misses("Verena", "Gysin")
		other.fill("body", "How much heat goes through a square metre each second.")
		other.click(reply)
		p.s.Tell(t)
		shy.visit("/inbox")
		shy.shows("What does a heat flux mean?")
		shy.visit(thread)
		shy.fill("body", "Like water through a hose, then. Thank you!")
		shy.click(reply)
		p.s.Tell(t)
		for _, page := range []string{thread, "/c/basel/discussions?form=help", "/search?q=heat+flux+mean"} {
			other.visit(page)
			other.shows("What does a heat flux mean?")
			other.misses("Verena", "Gysin")
		}
		other.visit("/inbox")
		told := eval[string](other, `[...document.querySelectorAll(".told")].map(e => e.innerText).filter(t => t.includes("What does a heat flux mean?")).join()`)
		if !contains(told, "Like water through a hose") || contains(told, "Gysin") {
			t.Errorf("who follows the thread is told %q", told)
		}
		coordinator.visit(thread)
		coordinator.shows("Verena Gysin")
		coordinator.shows("only coordinators see the name")
		for _, m := range p.s.Mails(t) {
			if strings.Contains(m.Subject+m.Text, "heat flux") && strings.Contains(m.Text, "Gysin") {
				t.Errorf("a letter names who asks: %s", m.Subject)
			}
		}
	})
}

// What was heard over lunch is taken down in two taps and a sentence, on a phone.
func TestWhatWasHeardOverLunchTakesTwoTaps(t *testing.T) {
	bothWays(t, func(p party) {
		w := p.as("silvan-oesch")
		w.size(360, 740)
		w.visit("/c/basel")
		const door = `.bar-list a[href="/c/basel/heard"]`
		if !eval[bool](w, `(() => { const r = [...document.querySelectorAll('`+door+`')].map(a => a.getBoundingClientRect()).filter(r => r.width > 0); return r.some(r => r.top >= 0 && r.bottom <= innerHeight && r.height >= 24); })()`) {
			t.Error("the way to «Heard over lunch» is not in the first view of the phone")
		}
		w.click(door)
		if p.scripts && !eval[bool](w, `(async () => { for (let n = 0; n < 120 && document.activeElement.name !== "body"; n++) await new Promise(requestAnimationFrame); return document.activeElement.name === "body"; })()`) {
			t.Error("the field does not wait for words")
		}
		w.fill("body", "The postman says the north side is cooler by ten.")
		if !eval[bool](w, `(() => { const r = document.querySelector("main form.heard button").getBoundingClientRect(); return document.elementFromPoint(r.left + 20, r.bottom - 4)?.closest("form.heard") && r.height >= 40 || false; })()`) {
			t.Error("the button is not in view below the field")
		}
		w.click(send)
		w.shows("Only you and the coordinators see it.")
		w.shows("The postman says")
		w.noOverflow("heard")
	})
}
