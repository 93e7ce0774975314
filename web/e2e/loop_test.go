package e2e_test

import (
	"fmt"
	"testing"
	"time"
)

// One meeting from end to end: a date is found, the agenda is made of proposals, members answer, attendance and minutes are kept by two
// hands, what was settled stands on its registers, a correction is taken, the minutes are approved, and the next agenda carries what was left open.
func TestAMeetingRunsFromThePollToTheNextAgenda(t *testing.T) {
	bothWays(t, func(p party) {
		beat, regula, urs := p.as("beat-hollenstein"), p.as("regula-ammann"), p.as("urs-dettwiler")
		today := time.Now().In(time.UTC)
		day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }

		// A poll, and its date.
		beat.visit("/c/basel/meetings/new")
		beat.fill("title", "Shade for the school yard")
		beat.put("zone", "UTC")
		beat.click(`button[value="find"]`)
		for n, at := range []string{day(2), day(3)} {
			beat.put(fmt.Sprint("day-", n+1), at)
			beat.put(fmt.Sprint("from-", n+1), "00:01")
			beat.put(fmt.Sprint("until-", n+1), "23:58")
		}
		beat.put("until_day", day(1))
		beat.put("until_at", "23:59")
		beat.click(send)
		beat.shows("The poll is open.")
		dates := beat.path()
		at := dates[:len(dates)-len("/dates")]
		regula.visit(dates)
		regula.tick(`.own td:nth-of-type(1) input[value="yes"]`)
		regula.tick(`.own td:nth-of-type(2) input[value="no"]`)
		regula.click(`.dates-note button`)
		beat.visit(dates)
		beat.click(`.best a`)
		beat.click(agree)
		beat.shows("The date is set.")

		// The agenda is made of what members propose.
		for n, w := range []window{regula, urs} {
			w.visit(at + "/agenda/propose")
			w.fill("title", []string{"Trees in the yard", "Awnings for the windows"}[n])
			w.click(send)
		}
		for range 2 {
			beat.visit(at + "/agenda")
			beat.click(`form[action$="/accept"] button`)
		}
		beat.visit(at + "/agenda")
		beat.shows("Trees in the yard")
		beat.shows("Awnings for the windows")
		beat.visit(at + "/agenda/roles")
		beat.put("notes", optionOf(beat, "notes", "Urs Dettwiler"))
		beat.click(send)

		// Who comes, and, on the day, who came.
		regula.visit(at)
		regula.click(`.rsvp button[value="in-person"]`)
		urs.visit(at + "/answers")
		urs.click(`.rsvp button[value="maybe"]`)
		urs.shows("Regula Ammann")
		if _, err := p.s.DB.Exec(t.Context(), `update meeting m set starts_at = now() - interval '1 hour', ends_at = now() + interval '1 hour' from item i where i.id = m.item_id and i.title = 'Shade for the school yard'`); err != nil {
			t.Fatal(err)
		}
		urs.visit(at + "/answers")
		for _, name := range []string{"Regula Ammann", "Urs Dettwiler"} {
			urs.tick(fmt.Sprintf(`input[name=%q][value="in-person"]`, ticked(urs, name)))
		}
		urs.click(`form.attendance .acts button:not([name])`)

		// Two hands write the minutes.
		points := eval[[]string](urs, `fetch(location.origin + "`+at+`/minutes/edit").then(r => r.text()).then(t => Array.from(t.matchAll(/name="line-([1-9][0-9]*)"/g), m => m[1]))`)
		if len(points) != 2 {
			t.Fatalf("points %v", points)
		}
		urs.visit(at + "/minutes/edit")
		urs.fill("line-"+points[0], "decision: we plant two limes")
		urs.enter()
		urs.fill("line-"+points[0], "criterion: the map shows single trees")
		urs.enter()
		beat.visit(at + "/minutes/edit")
		beat.fill("line-"+points[1], "todo: @regula-ammann by "+day(14)+" ask for prices of awnings")
		beat.enter()
		beat.fill("line-"+points[1], "parked: who cleans the awnings")
		beat.enter()
		urs.visit(at + "/minutes/open")
		urs.shows("1 decision goes")
		urs.put("until", day(7))
		urs.click(send)

		// What was settled stands where it belongs; a member corrects; the coordinator approves.
		regula.visit("/")
		regula.shows("ask for prices of awnings")
		regula.visit("/c/basel/decisions")
		regula.shows("we plant two limes")
		regula.visit(at + "/minutes?about=0")
		regula.shows("the map shows single trees")
		regula.fill("body", "They were three limes.")
		regula.click(`#correct .acts button`)
		urs.visit(at + "/minutes")
		urs.shows("They were three limes.")
		urs.click(`button[value="take"]`)
		beat.visit(at + "/minutes/approve")
		beat.click(send)
		regula.visit(at + "/minutes")
		regula.shows("minutes approved")

		// The next agenda carries the open points on.
		beat.visit("/c/basel/meetings/new")
		beat.fill("title", "The yard again")
		beat.put("day", day(30))
		beat.put("from", "10:00")
		beat.put("until", "12:00")
		beat.click(send)
		next := beat.path()
		beat.visit(next + "/agenda")
		beat.shows("ask for prices of awnings")
		beat.shows("who cleans the awnings")
		eval[int](beat, `document.querySelectorAll('form[action$="/carry"] input[type=checkbox]').forEach(c => c.checked = true), 0`)
		beat.click(`form[action$="/carry"] button`)
		beat.visit(next)
		beat.shows("ask for prices of awnings")
		beat.shows("who cleans the awnings")
		if p.scripts {
			beat.size(360, 780)
			beat.noOverflow("a meeting with carried points on a phone")
		}
	})
}

// optionOf is the value of the option of a select that reads so.
func optionOf(w window, name, text string) string {
	w.t.Helper()
	return eval[string](w, fmt.Sprintf(`Array.from(document.querySelectorAll('main [name=%q] option')).find(o => o.textContent.includes(%q)).value`, name, text))
}

// ticked is the name of the fields that say how a person was there.
func ticked(w window, person string) string {
	w.t.Helper()
	return eval[string](w, fmt.Sprintf(`Array.from(document.querySelectorAll('form.attendance fieldset, form.attendance li, form.attendance tr')).find(e => e.textContent.includes(%q) && e.querySelector('input[type=radio]')).querySelector('input[type=radio]').name`, person))
}
