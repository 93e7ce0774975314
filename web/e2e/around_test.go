package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// A coordinator pastes a list, reads what is wrong in which line, and sends the rest.
func TestInvitingByAPastedList(t *testing.T) {
	bothWays(t, func(p party) {
		w := p.as("beat-hollenstein")
		w.visit("/c/basel/members/invite")
		w.fill("addresses", "Ada Example <ada@example.org>\nbert at example.org\nADA@example.org\nregula-ammann@example.org\ncleo@example.net")
		w.fill("note", "We need your courtyards.")
		w.click(`main form button[value=preview]`)
		w.shows("Nothing has been sent or stored yet.")
		for line, verdict := range map[int]string{1: "will be invited", 2: "not an e-mail address", 3: "stands on line 1 already", 4: "is a member here", 5: "will be invited"} {
			if got := eval[string](w, `document.querySelectorAll(".judged > li")[`+string(rune('0'+line-1))+`].innerText`); !contains(got, verdict) {
				t.Errorf("line %d reads %q, not %q", line, got, verdict)
			}
		}
		if n := len(p.s.Mails(t)); n != 0 {
			t.Errorf("%d letters went out before anything was sent", n)
		}
		w.click(`main form button[value=change]`)
		if got := eval[string](w, `document.querySelector("[name=addresses]").value`); !contains(got, "bert at example.org") {
			t.Errorf("back in the form the list reads %q", got)
		}
		w.click(`main form button[value=preview]`)
		w.click(`main form button[value=send]`)
		w.shows("ada@example.org")
		w.shows("cleo@example.net")
		var to []string
		for _, m := range p.s.Mails(t) {
			to = append(to, m.To)
			if !contains(m.Text, "We need your courtyards.") {
				t.Errorf("the letter to %s lacks the note", m.To)
			}
		}
		if len(to) != 2 {
			t.Errorf("letters went to %v", to)
		}
	})
}

// With a slip of the hand, and in another language than the thread's, the thread is found.
func TestSearchForgivesAndTranslates(t *testing.T) {
	bothWays(t, func(p party) {
		w := p.as("regula-ammann")
		for words, title := range map[string]string{
			"Kaltluff Wiesental":   "Kaltluft aus dem Wiesental: was passiert an der Grenze?", // a typo
			"couloir d'air frais":  "Kaltluft aus dem Wiesental: was passiert an der Grenze?", // another language
			"couloir d'air fraiss": "Kaltluft aus dem Wiesental: was passiert an der Grenze?", // both
		} {
			w.visit("/search")
			w.fill("q", words)
			w.click(`main form[role=search] button, main search button, main form[action="/search"] button`)
			w.shows(title)
		}
		w.click(`main a[href*="/c/basel/discussions/"]`)
		w.shows("Kaltluft aus dem Wiesental")
	})
}

// A picture goes along with a reply, with words for those who cannot see it.
func TestAPictureIsAttachedAndDescribed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Courtyard & shade.png")
	if err := os.WriteFile(path, drawing(t), 0o600); err != nil {
		t.Fatal(err)
	}
	const words = "A courtyard with two mulberry trees, seen from above"
	bothWays(t, func(p party) {
		w := p.as("regula-ammann")
		w.visit("/c/basel/discussions/1")
		w.fill("body", "See the courtyard.")
		eval[int](w, `(document.querySelector("#choose-files").closest("details") || {}).open = true, 0`)
		w.choose(`#choose-files`, path)
		if p.scripts {
			w.waits(`!!document.querySelector("#alt-new-0")`)
			w.fill("alt-new", words)
		}
		w.click(reply)
		w.shows("See the courtyard.")
		if !p.scripts {
			w.click(`.shots figcaption a`)
			w.fill("alt", words)
			w.click(send)
		}
		w.waits(`[...document.querySelectorAll(".shots img")].some(i => i.alt === "` + words + `" && (i.scrollIntoView(), true) && i.complete && i.naturalWidth > 0)`)
		if eval[bool](w, `!!document.querySelector(".shots figcaption a")`) {
			t.Error("a described picture still asks for words")
		}
		other := p.as("lea-straumann")
		other.visit(w.path())
		other.waits(`[...document.querySelectorAll(".shots img")].some(i => i.alt === "` + words + `")`)
	})
}
