package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/web/webtest"
)

// datePages are those of meetings whose date is sought, was found, and is to be: as coordinators, members, guests and strangers see them.
func datePages(t *testing.T, s *webtest.Site) []look {
	t.Helper()
	beat, regula, urs := s.As(t, "beat-hollenstein"), s.As(t, "regula-ammann"), s.As(t, "urs-dettwiler")
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	seek := func(title string) string {
		edit := beat.Post("/c/basel/meetings/new", "title", title, "form", "workshop", "zone", "Europe/Zurich", "place", "Rathaus", "lang", "de", "audience", "public", "act", "find").Sees(t, 303).To()
		at := edit[:len(edit)-len("/edit")]
		beat.Post(edit, "until_day", day(9), "until_at", "18:00", "day-1", day(20), "from-1", "10:00", "until-1", "12:00", "day-2", day(21), "from-2", "23:00", "until-2", "23:30", "place-2", "Sternwarte", "online-2", "yes",
			"day-3", day(25), "last_day-3", day(26), "from-3", "09:00", "until-3", "16:00").Sees(t, 303)
		return at
	}
	option := func(at string, n int) int {
		return one(t, s, `select o.id from date_option o join item i on i.id = o.meeting_id where i.title = $1 order by o.starts_at offset $2 limit 1`, at, n)
	}
	open, done := seek("Wann begehen wir die Altstadt?"), seek("Schatten im Sommer")
	for n, v := range []*webtest.Visitor{regula, urs} {
		v.Post(open, fmt.Sprint("answer-", option("Wann begehen wir die Altstadt?", 0)), "yes", fmt.Sprint("answer-", option("Wann begehen wir die Altstadt?", 1)), []string{"no", "if-need-be"}[n], "note", "Nur mit dem Zug.").Sees(t, 303)
		v.Post(done, fmt.Sprint("answer-", option("Schatten im Sommer", 2)), "yes").Sees(t, 303)
	}
	guests := open[:len(open)-len("/dates")] + "/guests"
	beat.Post(guests, "people", "Anna Baum <anna@example.org>, Planungsbüro", "perspective", "stakeholder", "lang", "de").Sees(t, 303)
	guest := one(t, s, `select max(id) from meeting_guest`)
	token, err := meeting.NewStore(s.DB, time.Now).MakePass(t.Context(), s.DB, item.ID(one(t, s, `select max(meeting_id) from meeting_guest`)), meeting.Person{Guest: meeting.GuestID(guest)})
	if err != nil {
		t.Fatal(err)
	}
	first := fmt.Sprintf("%s/%d", open, option("Wann begehen wir die Altstadt?", 0))
	beat.Post(fmt.Sprintf("%s/%d/choose", done, option("Schatten im Sommer", 2))).Sees(t, 303)
	return []look{{"dates", "", open}, {"dates-member", "regula-ammann", open + "?zone=Europe/Athens"}, {"dates-coordinator", "beat-hollenstein", open}, {"dates-chosen", "regula-ammann", done}, {"dates-glance", "lea-straumann", open[:len(open)-len("/dates")]},
		{"dates-edit", "beat-hollenstein", open + "/edit"}, {"dates-choose", "beat-hollenstein", first + "/choose"}, {"dates-remove", "beat-hollenstein", first + "/remove"}, {"dates-close", "beat-hollenstein", open + "/close"},
		{"guests", "beat-hollenstein", guests}, {"guests-withdraw", "beat-hollenstein", fmt.Sprintf("%s/%d/withdraw", guests, guest)}, {"pass", "", "/m/" + token}}
}

// put writes a value into a field that a picker fills.
func (w window) put(name, value string) {
	w.t.Helper()
	eval[int](w, fmt.Sprintf(`document.querySelector('main [name=%q]').value = %q, 0`, name, value))
}

// A coordinator offers dates, members say when they could, one of the dates is chosen: with scripts and without, at a desk and on a phone.
func TestACommunityFindsADate(t *testing.T) {
	bothWays(t, func(p party) {
		beat, regula := p.as("beat-hollenstein"), p.as("regula-ammann")
		day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
		beat.visit("/c/basel/meetings/new")
		beat.fill("title", "Where does the wind go?")
		beat.click(`button[value="find"]`)
		beat.put("day-1", day(20))
		beat.put("from-1", "10:00")
		beat.put("until-1", "12:00")
		beat.put("day-2", day(21))
		more := beat.tick
		if !p.scripts {
			more = beat.click
		}
		more(`button[value="more"]`)
		beat.waits(`!!document.querySelector("[name=day-5]")`)
		beat.put("day-5", day(22))
		more(`button[value="copy"]`)
		beat.waits(`document.querySelector("[name=until-5]").value === "12:00"`)
		beat.click(send)
		beat.shows("The poll is open.")
		at := beat.path()

		regula.size(360, 780)
		regula.visit(at)
		regula.shows("Nobody has answered yet.")
		regula.noOverflow("the poll on a phone")
		for n, answer := range []string{"no", "yes", "if-need-be"} {
			regula.tick(fmt.Sprintf(`.own td:nth-of-type(%d) input[value=%q]`, n+1, answer))
		}
		regula.fill("note", "By tram")
		regula.click(`.dates-note button`)
		regula.shows("Your answers are kept.")

		beat.visit(at)
		beat.shows("1 yes")
		beat.shows("By tram")
		beat.click(`.best a`)
		beat.shows("Choose this date?")
		beat.click(agree)
		beat.shows("The date is set.")
		regula.visit(at)
		regula.shows("The poll: who could when")
		regula.noOverflow("the closed poll on a phone")
	})
}

// agree is the button of a page that asks.
const agree = `main form[method="post"] .acts button.button:not([name])`
