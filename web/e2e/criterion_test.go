package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/locale"
)

// One criterion from a sentence in a meeting to "met", by who asked for it: harvested from the minutes, confirmed by its speaker, agreed, rated by both sides, claimed for a release,
// half accepted, claimed for the next one, accepted; another city relates its own need to it; matrix, annex and trail show all of it. With scripts in English, without in German.
func TestASentenceInTheMinutesBecomesACriterionThatIsMet(t *testing.T) {
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
		host := p.s.As(t, "beat-hollenstein")
		at := host.Post("/c/basel/meetings/new", "title", "How fine a grid", "form", "regular", "day", time.Now().UTC().Format(time.DateOnly), "from", "00:01", "until", "23:58", "zone", "UTC", "lang", "de", "audience", "public").Sees(t, 303).To()
		host.Post(at+"/publish").Sees(t, 303)
		beat, lea, regula := as("beat-hollenstein"), as("lea-straumann"), as("regula-ammann")
		const statement = "Jeder Schulhof ist einzeln zu erkennen"

		// A sentence in the minutes, with who said it.
		beat.visit(at + "/minutes/edit")
		beat.fill("line-0", "criterion: @regula-ammann Ich muss jeden Schulhof sehen.")
		beat.enter()
		beat.visit(at + "/minutes/open")
		beat.put("until", time.Now().AddDate(0, 0, 7).Format(time.DateOnly))
		beat.click(send)

		// It becomes a criterion, which its speaker confirms and the community agrees on.
		lea.visit(at + "/minutes")
		lea.click(`.line-more a[href*="criteria/harvest"]`)
		lea.shows("Ich muss jeden Schulhof sehen.")
		lea.retype("statement", statement)
		lea.click(send)
		criterion := lea.path()
		lea.shows("How fine a grid")
		regula.visit("/")
		regula.shows(statement)
		regula.visit(criterion)
		regula.shows(says("criteria.log.quoted"))
		regula.click(`.quoted form[action$="/confirm"] button`)
		regula.shows(says("criteria.log.you.confirmed"))
		beat.visit(criterion)
		beat.menu(`form[action$="/agree"] button`)
		beat.shows(says("criteria.life.notice.agree"))

		// Both sides say how important it is, and it shows where they differ.
		rate := func(w window, value int) {
			w.visit(criterion)
			eval[int](w, fmt.Sprintf(`document.querySelector('input[name="importance"][value="%d"]').checked = true, 0`, value))
			w.click(`form.rating[action$="/importance"] button`)
			w.shows(says("importance.notice.rated"))
		}
		rate(regula, 9)
		rate(lea, 5)
		rows, err := p.s.DB.Query(t.Context(), `select handle, case perspective when 'stakeholder' then '9' else '5' end from (
			select a.handle, m.perspective, row_number() over (partition by m.perspective order by a.id) as n from membership m join account a on a.id = m.account_id join community c on c.id = m.community_id
			where c.slug = 'basel' and m.state = 'member' and a.handle not in ('regula-ammann', 'lea-straumann', 'beat-hollenstein')) x where n <= 2`)
		if err != nil {
			t.Fatal(err)
		}
		others := map[string]string{}
		for rows.Next() {
			var who, value string
			if err := rows.Scan(&who, &value); err != nil {
				t.Fatal(err)
			}
			others[who] = value
		}
		for who, value := range others {
			p.s.As(t, who).Post(criterion+"/importance", "importance", value, "importance-lang", "de").Sees(t, 303)
		}
		regula.visit(criterion)
		regula.shows(says("importance.stakeholders-higher", "high", "9", "low", "5"))

		// A release claims it and is half accepted; the next one is accepted.
		claim := func(version, answer, reason string) {
			lea.visit(criterion + "/claims/new")
			lea.put("release", optionOf(lea, "release", "flux maps "+version))
			eval[int](lea, `document.querySelector('input[name="extent"][value="fully"]').checked = true, 0`)
			lea.fill("evidence", "Verglichen mit dem Luftbild.")
			lea.click(`main form[action$="/claims/new"] button.button:not([name])`)
			lea.shows(says("claims.notice.made"))
			number := eval[string](lea, `Array.from(document.querySelectorAll('main a[href*="/claims/"]'), a => a.pathname).filter(h => /claims\/[0-9]+$/.test(h)).sort().pop() || location.pathname`)
			regula.visit("/")
			regula.shows(statement)
			regula.visit(number)
			eval[int](regula, fmt.Sprintf(`document.querySelector('input[name="answer"][value=%q]').checked = true, 0`, answer))
			if reason != "" {
				regula.fill("reason", reason)
			}
			regula.click(`form[action$="/answer"] .acts button`)
			regula.shows(says("claims.notice.answered"))
		}
		claim("1.0", "partly", "Nur die grossen.")
		regula.visit(criterion)
		regula.shows(says("criteria.fulfilment.partly"))
		claim("1.1", "accepted", "")
		regula.visit(criterion)
		regula.shows(says("criteria.fulfilment.met"))
		regula.shows("Nur die grossen.")

		// Another city has the same need; matrix, annex and trail show it.
		eleni := as("eleni-markaki")
		eleni.visit(criterion)
		eval[int](eleni, `document.querySelector('input[name="relate-relation"][value="same-need"]').checked = true, 0`)
		eleni.put("relate-city", "heraklion")
		eleni.put("relate-other", "C-3")
		eleni.menu(`form[action$="/relate"] button`)
		eleni.shows(says("criteria.life.notice.relate"))
		eleni.visit("/criteria?share=common")
		eleni.leads(criterion)
		eleni.visit("/c/heraklion/criteria/3")
		eleni.leads(criterion)
		beat.visit("/c/basel/criteria/annex")
		beat.shows("Nur die grossen.")
		beat.visit(at + "/minutes")
		beat.shows(says("harvest.became"))
		beat.leads(criterion)
		regula.size(360, 780)
		regula.visit(criterion)
		regula.noOverflow("a criterion that is met, on a phone")
	})
}

// leads checks that the page links to an address.
func (w window) leads(to string) {
	w.t.Helper()
	if w.count(fmt.Sprintf(`main a[href=%q]`, to)) == 0 {
		w.t.Errorf("%s does not lead to %s", w.path(), to)
	}
}
