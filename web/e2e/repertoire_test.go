package e2e_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

// A conversation becomes a recurring problem with two ways of addressing it; a member of another city finds it by a misspelt word of another language, adapts one way and reports how
// it was used; whoever began sees what became of it, and the trail reads both ways. With scripts in English, without in German.
func TestAConversationBecomesAProblemThatAnotherCityKnowsHowToAddress(t *testing.T) {
	bothWays(t, func(p party) {
		lang := map[bool]locale.Lang{true: locale.English, false: locale.German}[p.scripts]
		says := func(key string, args ...any) string { return locale.In(lang, key, args...) }
		as := func(who string) window {
			w := p.as(who)
			w.visit("/")
			if lang != locale.English {
				w.click(`form[action="/language"] button[value="de"]`)
			}
			return w
		}
		thread := p.s.As(t, "regula-ammann").Post("/c/basel/discussions/new", "title", "Was die Karte nicht sagt", "body", "Wie geht ihr damit um?", "lang", "de", "audience", "public").Sees(t, 303).To()
		at, _, _ := strings.Cut(thread, "-")
		say := func(who, words string) { p.s.As(t, who).Post(at+"/reply", "body", words, "lang", "de").Sees(t, 303) }
		say("urs-dettwiler", "Jedes Mal steht die Unsicherheit im Anhang, wo sie niemand liest.")
		say("lea-straumann", "Wir drucken neben den Nordpfeil, wofür die Karte reicht.")
		say("silvan-oesch", "Bei uns entschied eine Rangfolge statt der Grade.")
		regula, urs, lea := as("regula-ammann"), as("urs-dettwiler"), as("lea-straumann")

		// Two clicks: the words stand in the form, and are saved.
		made := func(w window, reply int, form, title string) string {
			w.visit(thread)
			w.click(fmt.Sprintf(`#reply-%d .making > a`, reply))
			eval[int](w, fmt.Sprintf(`document.querySelector('input[name="form"][value=%q]').checked = true, 0`, form))
			eval[int](w, `document.querySelector('input[name="audience"][value="public"]').checked = true, 0`)
			w.retype("title", title)
			w.click(send)
			w.shows(says("gather.notice.made"))
			return w.path()
		}
		problem := made(regula, 1, "problem", "Die Unsicherheit steht, wo sie niemand liest")
		regula.shows("Jedes Mal steht die Unsicherheit im Anhang")
		method := made(lea, 2, "method", "Der Kasten neben dem Nordpfeil")
		ranking := made(regula, 3, "case", "Rangfolge statt Grade")
		regula.visit(thread)
		for _, entry := range []string{problem, method, ranking} {
			regula.leads(entry)
		}

		// Both ways of addressing it are tied to the problem, from either side.
		tie := func(w window, from, way, to string) {
			number, _, _ := strings.Cut(to[strings.LastIndex(to, "/")+1:], "-")
			w.visit(from)
			eval[int](w, fmt.Sprintf(`document.querySelector('form[action$="/relate"] input[name="tie-way"][value=%q]').checked = true, 0`, way))
			w.put("tie-other", "E-"+number)
			w.menu(`form[action$="/relate"] .acts > button:not([name])`)
			w.leads(to)
		}
		tie(regula, problem, "addressed-by", ranking)
		tie(lea, method, "addresses", problem)
		regula.visit(problem)
		regula.leads(method)
		regula.leads(ranking)

		// In London somebody misspells an English word, and finds it.
		if err := search.NewStore(p.s.DB, time.Now).Learn(t.Context()); err != nil {
			t.Fatal(err)
		}
		rosalind := as("rosalind-pike")
		rosalind.visit("/repertoire?q=uncertanty&kind=problem")
		rosalind.leads(problem)
		rosalind.visit(method)
		rosalind.click(`a[href$="/adapt"]`)
		rosalind.retype("differs", "Our maps are read in committee, on paper, by people who decide within a minute.")
		rosalind.retype("title", "A box under the title")
		rosalind.click(`form.adapting .acts > button`)
		adapted := rosalind.path()
		rosalind.shows(says("entry.adapt.notice.made"))
		rosalind.visit(bare(adapted) + "/edit")
		eval[int](rosalind, `document.querySelector('input[name="audience"][value="public"]').checked = true, 0`)
		rosalind.click(`main form .acts > button:not([value="preview"])`)
		adapted = rosalind.path()

		// She says how it was used, and those who wrote it hear of both.
		rosalind.visit(method)
		rosalind.put("used-outcome", "The committee asked two questions less.")
		eval[int](rosalind, `document.querySelector('input[name="used-again"][value="changed"]').checked = true, 0`)
		rosalind.menu(`form[action$="/use"] .acts > button`)
		rosalind.shows("The committee asked two questions less.")
		p.s.Tell(t)
		lea.visit("/inbox")
		lea.leadsTo(bare(method))
		lea.visit(method)
		lea.shows("The committee asked two questions less.")
		lea.leads(adapted)

		// The trail reads both ways at every step.
		rosalind.visit(adapted)
		rosalind.leads(method)
		urs.visit(problem)
		urs.leadsTo(bare(thread))
		urs.visit(method)
		urs.leads(problem)
		urs.size(360, 780)
		urs.noOverflow("an entry that travelled, on a phone")
	})
}

// leadsTo checks that the page links to an address, or to a part of what stands there.
func (w window) leadsTo(to string) {
	w.t.Helper()
	if w.count(fmt.Sprintf(`main a[href^=%q]`, to)) == 0 {
		w.t.Errorf("%s does not lead to %s", w.path(), to)
	}
}

// bare is an address without the words that stand in it for people.
func bare(path string) string {
	return path[:strings.LastIndex(path, "/")+1] + numberOf(path)
}

// numberOf an entry, from its address.
func numberOf(path string) string {
	number, _, _ := strings.Cut(path[strings.LastIndex(path, "/")+1:], "-")
	return number
}
