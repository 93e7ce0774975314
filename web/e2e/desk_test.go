package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/web/webtest"
)

// A coordinator starts the day on the desk and empties it: admits and declines, settles a report, greets, puts off what can wait.
func TestCoordinatorEmptiesTheDesk(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("with scripts %t", scripts), func(t *testing.T) {
			s, base := site(t)
			busyMorning(t, s)
			w := open(t, base)
			w.language("en")
			if !scripts {
				w.noScripts()
			}
			w.signIn(s, "beat-hollenstein")
			w.size(1280, 900)
			w.visit("/")
			for _, words := range []string{"ask to join", "1 report to settle", "not greeted yet", "Nobody has answered yet"} {
				w.shows(words)
			}
			w.click(`.desk-line.admit .acts a.button`)
			for n := w.count(`main form[action*="/waiting/"]`); n > 0; n = w.count(`main form[action*="/waiting/"]`) {
				w.click(`main form[action*="/waiting/"] button:not([value=decline])`)
			}
			w.visit("/")
			w.click(`.desk-line.report .acts a.button`)
			w.fill(eval[string](w, `document.querySelector("main textarea").name`), "A joke among neighbours.")
			w.click(`main button[value=keep]`)
			w.visit("/")
			for w.count(`.desk-line.greet`) > 0 {
				w.click(`.desk-line.greet .acts a.button`)
				w.click(`main form[action$="/greet"] button`)
				w.visit("/")
			}
			for n := w.count(`.desk-line`); n > 0; n = w.count(`.desk-line`) {
				w.click(`.desk-line form[action="/desk/later"] button`)
			}
			w.visit("/inbox?show=unread")
			if w.count(`main form[action="/inbox/read"]`) > 0 {
				w.click(`main .head form[action="/inbox/read"] button`)
			}
			w.visit("/")
			w.shows("Your desk is empty")
			w.picture(fmt.Sprintf("desk-empty-%t", scripts))
		})
	}
}

func (w window) count(selector string) int {
	w.t.Helper()
	n, err := chromedp.Run(w.ctx, chromedp.Evaluate[int](fmt.Sprintf(`document.querySelectorAll(%q).length`, selector)))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// busyMorning leaves something of every sort on the desk of Basel's coordinator.
func busyMorning(t *testing.T, s *webtest.Site) {
	t.Helper()
	s.As(t, "regula-ammann").Post("/c/basel/discussions/1/replies/2/report", "reason", "Is that meant seriously?").Sees(t, 303)
	asked := s.As(t, "verena-gysin").Post("/c/basel/discussions/new", "form", "help", "request", uuid.NewString(), "title", "Who has shaded a tram stop?", "body", "Ours is a grill.", "tried", "Paint", "lang", "en", "audience", "public").Sees(t, 303).To()
	number := strings.Split(strings.TrimPrefix(asked, "/c/basel/discussions/"), "-")[0]
	for _, sql := range []string{
		`update item set created_at = now() - interval '5 days' where kind = 'discussion' and number = ` + number + ` and community_id = (select id from community where slug = 'basel')`,
		`update membership set greeted_at = null, since = now() - interval '3 days' where community_id = (select id from community where slug = 'basel') and account_id = (select id from account where handle = 'urs-dettwiler')`,
	} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}
