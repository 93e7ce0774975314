package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/web/webtest"
)

// What seats makes in Basel, numbered after what the demonstration has there.
const (
	courtyard  = "meetings/6"
	shadeFirst = "decisions/6"
	measureIt  = "actions/8"

	gridSpacing = "criteria/900" // asked for by a member
)

// The seats of the route × role table, in its order: a stranger, somebody with an account only, a member elsewhere, a waiting
// newcomer, a member, a scientist, a coordinator, an administrator.
func seats(t *testing.T, s *webtest.Site) map[string]*webtest.Visitor {
	t.Helper()
	run := func(sql string) {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	run(`insert into account (handle, name, email, email_key, created_at) values ('nobody-yet', 'Nobody Yet', 'n@example.org', 'n@example.org', now()), ('the-admin', 'The Admin', 'a@example.org', 'a@example.org', now())`)
	run(`update account set administrator = true where handle = 'the-admin'`)
	all := map[string]*webtest.Visitor{"stranger": s.Stranger(t)}
	for seat, handle := range map[string]string{"account": "nobody-yet", "elsewhere": "eleni-markaki", "waiting": "luca-ferraro", "member": "urs-dettwiler",
		"scientist": "lea-straumann", "coordinator": "beat-hollenstein", "administrator": "the-admin"} {
		all[seat] = s.As(t, handle)
	}
	s.WithoutRepertoire(t)
	teller := s.As(t, "regula-ammann") // E-1 of Basel, read by everybody
	teller.Post("/c/basel/heard", "body", "The vine on wires cools best.", "lang", "en").Sees(t, 303)
	teller.Post("/c/basel/repertoire/4/edit", "revision", "1", "title", "A vine on wires", "told", "The vine on wires cools best.", "lang", "en", "audience", "public").Sees(t, 303)
	usedByEleni(t, s)
	beat := s.As(t, "beat-hollenstein") // what he makes is published and read by everybody
	making := func(want, form string, fields ...string) {
		if at := beat.Post("/c/basel/"+form, fields...).Sees(t, 303).To(); at != "/c/basel/"+want {
			t.Fatalf("%s made %s, want %s", form, at, want)
		}
	}
	making(courtyard, "meetings/new", "title", "In the courtyard", "form", "regular", "day", "2199-05-04", "from", "10:00", "until", "12:00", "zone", "Europe/Zurich", "lang", "en", "audience", "public")
	beat.Post("/c/basel/"+courtyard+"/publish").Sees(t, 303)
	making(shadeFirst, "decisions/new", "text", "Shade first", "on", "2026-05-04", "lang", "en", "audience", "public")
	making(measureIt, "actions/new", "text", "Measure it", "lang", "en", "audience", "public")
	for _, at := range []string{"meetings/7", "meetings/8"} { // whose dates are sought
		making(at, "meetings/new", "title", "When?", "form", "regular", "zone", "Europe/Zurich", "lang", "en", "audience", "public")
		beat.Post("/c/basel/"+at+"/dates/edit", "day-1", "2199-05-04", "from-1", "10:00", "until-1", "12:00", "until_day", "2199-05-01", "until_at", "18:00").Sees(t, 303)
	}
	s.WithoutCriteria(t)
	administrator := all["administrator"]
	administrator.Post("/products/new", "name", "Flux maps", "form", "map", "state", "in-work", "summary", "Where heat is stored.", "lang", "en", "audience", "public").Sees(t, 303)
	administrator.Post("/products/flux-maps/releases/new", "version", "1.0", "state", "planned", "lang", "en").Sees(t, 303)
	release := s.Ask(t)
	s.As(t, "lea-straumann").Post("/c/basel/"+gridSpacing+"/claims/new", "release", release, "extent", "fully", "evidence", "See.", "lang", "en").Sees(t, 303)
	// eleni-markaki belongs to the umbrella and Heraklion only, and makes the product that is claimed
	return all
}

var order = []string{"stranger", "account", "elsewhere", "waiting", "member", "scientist", "coordinator", "administrator"}

// One row per route: what each seat gets in Basel, in the order above. A form is sent empty: 422 means that the seat may send it.
var table = map[string]string{
	"GET /":                                 "200 200 200 200 200 200 200 200",
	"POST /desk/later":                      "303 404 404 404 404 404 404 404",
	"POST /desk/back":                       "303 303 303 303 303 303 303 303",
	"GET /communities":                      "200 200 200 200 200 200 200 200",
	"GET /new.atom":                         "200 200 200 200 200 200 200 200",
	"GET /communities.json":                 "200 200 200 200 200 200 200 200",
	"GET /sign-in":                          "200 303 303 303 303 303 303 303",
	"POST /sign-in":                         "422 422 422 422 422 422 422 422",
	"POST /sign-in/link":                    "422 422 422 422 422 422 422 422",
	"GET /sign-in/sent":                     "200 200 200 200 200 200 200 200",
	"GET /sign-in/{token}":                  "404 404 404 404 404 404 404 404",
	"POST /sign-in/{token}":                 "404 404 404 404 404 404 404 404",
	"GET /sign-up":                          "200 200 200 200 200 200 200 200",
	"POST /sign-up":                         "422 422 422 422 422 422 422 422",
	"POST /language":                        "422 422 422 422 422 422 422 422",
	"GET /kept":                             "404 404 404 404 404 404 404 404",
	"GET /me":                               "303 200 200 200 200 200 200 200",
	"POST /me":                              "303 422 422 422 422 422 422 422",
	"GET /me/sessions":                      "303 200 200 200 200 200 200 200",
	"POST /me/sessions":                     "303 303 303 303 303 303 303 303",
	"POST /me/sessions/{id}":                "303 404 404 404 404 404 404 404",
	"GET /confirm":                          "303 200 200 200 200 200 200 200",
	"POST /confirm":                         "303 422 422 422 422 422 422 422",
	"GET /me/password":                      "303 200 200 200 200 200 200 200",
	"POST /me/password":                     "303 422 422 422 422 422 422 422",
	"GET /me/data":                          "303 200 200 200 200 200 200 200",
	"POST /me/data":                         "303 200 200 200 200 200 200 200",
	"GET /me/leave":                         "303 200 200 200 200 200 200 200",
	"POST /me/leave":                        "303 422 422 422 422 422 422 422",
	"GET /me/address":                       "303 200 200 200 200 200 200 200",
	"POST /me/address":                      "303 422 422 422 422 422 422 422",
	"GET /me/notices":                       "303 200 200 200 200 200 200 200",
	"POST /me/notices":                      "303 422 422 422 422 422 422 422",
	"GET /inbox":                            "303 200 200 200 200 200 200 200",
	"POST /inbox/read":                      "303 404 404 404 404 404 404 404",
	"POST /inbox/undo":                      "303 404 404 404 404 404 404 404",
	"GET /accessibility":                    "200 200 200 200 200 200 200 200",
	"GET /privacy":                          "200 200 200 200 200 200 200 200",
	"GET /design":                           "200 200 200 200 200 200 200 200",
	"GET /admin":                            "303 403 403 403 403 403 403 200",
	"POST /admin":                           "303 403 403 403 403 403 403 422",
	"GET /admin/communities":                "303 403 403 403 403 403 403 200",
	"POST /admin/communities":               "303 403 403 403 403 403 403 422",
	"GET /search":                           "200 200 200 200 200 200 200 200",
	"GET /search.json":                      "200 200 200 200 200 200 200 200",
	"GET /opensearch.xml":                   "200 200 200 200 200 200 200 200",
	"GET /glossary":                         "200 200 200 200 200 200 200 200",
	"GET /glossary/{term}":                  "200 200 200 200 200 200 200 200",
	"GET /glossary/new":                     "303 403 200 403 200 200 200 200",
	"POST /glossary/new":                    "303 403 422 403 422 422 422 422",
	"GET /glossary/{term}/edit":             "303 403 200 403 200 200 200 200",
	"POST /glossary/{term}/edit":            "303 403 422 403 422 422 422 422",
	"POST /glossary/{term}/remove":          "303 403 303 403 403 403 404 404", // who belongs elsewhere coordinates there, and was faster
	"GET /look-around":                      "200 200 200 200 200 200 200 200",
	"POST /look-around":                     "404 404 404 404 404 404 404 404",
	"GET /mailbox":                          "200 200 200 200 200 200 200 200",
	"GET /mailbox/{name}":                   "404 404 404 404 404 404 404 404",
	"GET /c/{city}/":                        "200 200 200 200 200 200 200 200",
	"GET /c/{city}/about":                   "200 200 200 200 200 200 200 200",
	"GET /c/{city}/join":                    "303 200 200 200 200 200 200 200",
	"POST /c/{city}/join":                   "303 422 422 422 422 422 422 422",
	"GET /c/{city}/leave":                   "303 404 404 200 200 200 200 404",
	"GET /c/{city}/about/edit":              "303 403 403 403 403 403 200 200",
	"POST /c/{city}/about/edit":             "303 403 403 403 403 403 422 422",
	"GET /c/{city}/members":                 "200 200 200 200 200 200 200 200",
	"GET /c/{city}/members/{number:[0-9]+}": "200 200 200 200 200 200 200 200",
	"POST /c/{city}/members/{number:[0-9]+}/role":             "303 403 403 403 403 403 303 303",
	"POST /c/{city}/members/invitations/{id:[0-9]+}/again":    "303 403 403 403 403 403 404 404",
	"POST /c/{city}/members/invitations/{id:[0-9]+}/withdraw": "303 403 403 403 403 403 404 404",
	"GET /c/{city}/members/renewals":                          "303 403 403 403 403 403 200 200",
	"GET /c/{city}/members/newcomers":                         "303 403 403 403 403 403 200 200",
	"GET /c/{city}/members/{number:[0-9]+}/greet":             "303 403 403 403 403 403 200 200",
	"POST /c/{city}/members/{number:[0-9]+}/greet":            "303 403 403 403 403 403 422 422",
	"GET /c/{city}/handover":                                  "303 403 403 403 403 403 200 200",
	"GET /c/{city}/handover/history":                          "303 403 403 403 403 403 200 200",
	"GET /c/{city}/handover/edit":                             "303 403 403 403 403 403 200 200",
	"POST /c/{city}/handover/edit":                            "303 403 403 403 403 403 422 422",
	"GET /c/{city}/reach":                                     "303 403 403 403 200 200 200 200",
	"GET /c/{city}/reach/new":                                 "303 403 403 403 403 403 200 200",
	"POST /c/{city}/reach/new":                                "303 403 403 403 403 403 422 422",
	"GET /c/{city}/reach/{id:[0-9]+}":                         "303 403 403 403 403 403 404 404",
	"POST /c/{city}/reach/{id:[0-9]+}":                        "303 403 403 403 403 403 404 404",
	"POST /c/{city}/reach/{id:[0-9]+}/move":                   "303 403 403 403 403 403 404 404",
	"POST /c/{city}/reach/{id:[0-9]+}/remove":                 "303 403 403 403 403 403 404 404",
	"GET /people":                                                       "303 403 200 403 200 200 200 200",
	"GET /c/{city}/about/charter":                                       "200 200 200 200 200 200 200 200",
	"POST /c/{city}/about/charter/agree":                                "303 403 403 403 409 409 409 403",
	"POST /c/{city}/renew":                                              "303 403 403 403 303 303 303 403",
	"GET /c/{city}/members/waiting":                                     "303 403 403 403 403 403 200 200",
	"POST /c/{city}/members/waiting/{account:[0-9]+}":                   "303 403 403 403 403 403 404 404",
	"GET /c/{city}/members/invite":                                      "303 403 403 403 403 403 200 200",
	"POST /c/{city}/members/invite":                                     "303 403 403 403 403 403 422 422",
	"GET /c/{city}/members.{format:json|csv}":                           "303 403 403 403 200 200 200 200",
	"GET /c/{city}/discussions.{format:json|csv|atom}":                  "200 200 200 200 200 200 200 200",
	"GET /c/{city}/discussions/{thread:[1-9][0-9]*}.json":               "200 200 200 200 200 200 200 200",
	"GET /c/{city}/discussions":                                         "200 200 200 200 200 200 200 200",
	"GET /c/{city}/discussions/{thread}":                                "301 301 301 301 301 301 301 301",
	"GET /c/{city}/discussions/{thread}/history":                        "200 200 200 200 200 200 200 200",
	"GET /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/history": "200 200 200 200 200 200 200 200",
	"GET /c/{city}/discussions/new":                                     "303 403 403 403 200 200 200 403",
	"POST /c/{city}/discussions/new":                                    "303 403 403 403 422 422 422 403",
	"POST /c/{city}/follow":                                             "303 403 403 403 422 422 422 403",
	"POST /c/{city}/discussions/{thread}/follow":                        "303 403 422 403 422 422 422 422",
	"POST /c/{city}/discussions/{thread}/reply":                         "303 403 422 403 422 422 422 403",
	"GET /c/{city}/discussions/{thread}/edit":                           "303 403 403 403 403 403 403 403",
	"POST /c/{city}/discussions/{thread}/edit":                          "303 403 403 403 403 403 403 403",
	"GET /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/edit":    "303 403 403 403 403 403 403 403",
	"POST /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/edit":   "303 403 403 403 403 403 403 403",
	"POST /c/{city}/discussions/{thread}/thanks":                        "303 403 403 403 303 303 303 403",
	"POST /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/thanks": "303 403 403 403 303 303 303 403",
	"POST /drafts":                                                              "403 422 422 422 422 422 422 422",
	"GET /me/drafts":                                                            "303 200 200 200 200 200 200 200",
	"GET /c/{city}/reports":                                                     "303 403 403 403 403 403 200 200",
	"POST /c/{city}/reports/{report:[0-9]+}":                                    "303 403 403 403 403 403 422 422",
	"GET /c/{city}/audit":                                                       "303 403 403 403 403 403 200 200",
	"GET /c/{city}/discussions/similar":                                         "303 403 403 403 200 200 200 403",
	"POST /c/{city}/discussions/{thread}/remove":                                "303 403 403 403 403 403 403 403",
	"POST /c/{city}/discussions/{thread}/restore":                               "303 403 403 403 403 403 403 403",
	"GET /c/{city}/discussions/{thread}/hide":                                   "303 403 403 403 403 403 200 200",
	"POST /c/{city}/discussions/{thread}/hide":                                  "303 403 403 403 403 403 422 422",
	"POST /c/{city}/discussions/{thread}/show":                                  "303 403 403 403 403 403 303 303",
	"GET /c/{city}/discussions/{thread}/report":                                 "303 403 403 403 200 200 200 403",
	"POST /c/{city}/discussions/{thread}/report":                                "303 403 403 403 422 422 422 403",
	"POST /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/remove":         "303 403 403 403 403 403 403 403",
	"POST /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/restore":        "303 403 403 403 403 403 403 403",
	"GET /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/hide":            "303 403 403 403 403 403 200 200",
	"POST /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/hide":           "303 403 403 403 403 403 422 422",
	"POST /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/show":           "303 403 403 403 403 403 303 303",
	"GET /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/report":          "303 403 403 403 200 200 200 403",
	"POST /c/{city}/discussions/{thread}/replies/{reply:[0-9]+}/report":         "303 403 403 403 422 422 422 403",
	"POST /c/{city}/discussions/{thread}/pin":                                   "303 403 403 403 403 403 303 303",
	"POST /c/{city}/discussions/{thread}/unpin":                                 "303 403 403 403 403 403 303 303",
	"GET /c/{city}/discussions/{thread}/lock":                                   "303 403 403 403 403 403 200 200",
	"POST /c/{city}/discussions/{thread}/lock":                                  "303 403 403 403 403 403 422 422",
	"POST /c/{city}/discussions/{thread}/unlock":                                "303 403 403 403 403 403 303 303",
	"GET /c/{city}/discussions/{thread}/move":                                   "303 403 403 403 403 403 200 200",
	"POST /c/{city}/discussions/{thread}/move":                                  "303 403 403 403 403 403 422 422",
	"POST /c/{city}/discussions/{thread}/offer":                                 "303 403 403 403 404 404 404 403",
	"GET /c/{city}/discussions/{thread}/outcome":                                "303 404 404 404 404 404 404 404",
	"POST /c/{city}/discussions/{thread}/outcome":                               "303 404 404 404 404 404 404 404",
	"POST /c/{city}/discussions/{thread}/reopen":                                "303 404 404 404 404 404 404 404",
	"GET /c/{city}/heard":                                                       "303 403 403 403 200 200 200 403",
	"POST /c/{city}/heard":                                                      "303 403 403 403 422 422 422 403",
	"GET /c/{city}/repertoire":                                                  "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire/{entry}":                                          "301 301 301 301 301 301 301 301",
	"GET /c/{city}/repertoire/{entry}/history":                                  "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire/{entry}/edit":                                     "303 403 403 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/edit":                                    "303 403 403 403 403 403 403 403",
	"GET /c/{city}/repertoire/{entry}/languages":                                "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire/{entry}/changes":                                  "200 200 200 200 200 200 200 200",
	"POST /c/{city}/repertoire/{entry}/endorse":                                 "303 403 403 403 403 403 303 403",
	"POST /c/{city}/repertoire/{entry}/unendorse":                               "303 403 403 403 403 403 422 403",
	"POST /c/{city}/repertoire/{entry}/still-true":                              "303 403 403 403 303 303 303 403",
	"GET /c/{city}/repertoire/{entry}/translate":                                "303 403 403 403 200 200 200 403",
	"POST /c/{city}/repertoire/{entry}/translate":                               "303 403 403 403 422 422 422 403",
	"POST /c/{city}/repertoire/{entry}/untranslate":                             "303 403 403 403 303 303 303 403",
	"GET /c/{city}/meetings":                                                    "200 200 200 200 200 200 200 200",
	"GET /c/{city}/meetings.ics":                                                "200 200 200 200 200 200 200 200",
	"GET /c/{city}/meetings/{meeting:[1-9][0-9]*}.ics":                          "200 200 200 200 200 200 200 200",
	"GET /feeds/{token}/calendar.ics":                                           "404 404 404 404 404 404 404 404",
	"GET /unsubscribe/{token}":                                                  "404 404 404 404 404 404 404 404",
	"POST /unsubscribe/{token}":                                                 "404 404 404 404 404 404 404 404",
	"GET /me/calendar":                                                          "303 200 200 200 200 200 200 200",
	"POST /me/calendar":                                                         "303 200 200 200 200 200 200 200",
	"POST /me/calendar/off":                                                     "303 303 303 303 303 303 303 303",
	"POST /me/letters":                                                          "303 303 303 303 303 303 303 303",
	"GET /c/{city}/meetings/{meeting}":                                          "200 200 200 200 200 200 200 200",
	"GET /c/{city}/meetings/{meeting}/agenda":                                   "200 200 200 200 200 200 200 200",
	"GET /c/{city}/meetings/{meeting}/agenda/print":                             "200 200 200 200 200 200 200 200",
	"GET /c/{city}/meetings/{meeting}/agenda/new":                               "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/agenda/new":                              "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/agenda/propose":                           "303 403 403 403 200 200 200 403",
	"POST /c/{city}/meetings/{meeting}/agenda/propose":                          "303 403 403 403 422 422 422 403",
	"GET /c/{city}/meetings/{meeting}/agenda/roles":                             "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/agenda/roles":                            "303 403 403 403 403 403 303 303",
	"POST /c/{city}/meetings/{meeting}/agenda/carry":                            "303 403 403 403 403 403 422 422",
	"POST /c/{city}/meetings/{meeting}/agenda/questions":                        "303 403 403 403 422 422 422 403",
	"POST /c/{city}/meetings/{meeting}/agenda/questions/{question}":             "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/{meeting}/agenda/{point}/edit":                      "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/agenda/{point}/edit":                     "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/agenda/{point}/move":                     "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/agenda/{point}/remove":                    "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/agenda/{point}/remove":                   "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/agenda/{point}/later":                    "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/backlog":                                            "303 403 403 403 200 200 200 200",
	"GET /c/{city}/meetings/backlog/propose":                                    "303 403 403 403 200 200 200 403",
	"POST /c/{city}/meetings/backlog/propose":                                   "303 403 403 403 422 422 422 403",
	"GET /c/{city}/meetings/backlog/{point}":                                    "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/backlog/{point}/accept":                            "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/backlog/{point}/later":                             "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/backlog/{point}/decline":                           "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/backlog/{point}/withdraw":                          "303 403 403 403 404 404 404 404",
	"GET /c/{city}/meetings/series/{series}":                                    "404 404 404 404 404 404 404 404",
	"POST /c/{city}/meetings/series/{series}/publish":                           "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/new":                                                "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/new":                                               "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/edit":                                     "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/edit":                                    "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/publish":                                  "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/publish":                                 "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/call-off":                                 "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/call-off":                                "303 403 403 403 403 403 422 422",
	"POST /c/{city}/meetings/{meeting}/hold":                                    "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/answers":                                  "200 200 200 200 200 200 200 200",
	"POST /c/{city}/meetings/{meeting}/answers":                                 "303 403 403 403 422 422 422 403",
	"GET /c/{city}/meetings/{meeting}/answers.csv":                              "303 403 403 403 403 403 200 200",
	"GET /c/{city}/meetings/{meeting}/answers/sheet":                            "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/attendance":                              "303 403 403 403 403 403 303 303",
	"POST /m/{token}/answer":                                                    "404 404 404 404 404 404 404 404",
	"GET /c/{city}/decisions":                                                   "200 200 200 200 200 200 200 200",
	"GET /c/{city}/decisions.{format:json|csv}":                                 "200 200 200 200 200 200 200 200",
	"GET /c/{city}/decisions/{number}":                                          "200 200 200 200 200 200 200 200",
	"GET /c/{city}/decisions/new":                                               "303 403 403 403 403 403 200 200",
	"POST /c/{city}/decisions/new":                                              "303 403 403 403 403 403 422 422",
	"POST /c/{city}/decisions/{number}/supersede":                               "303 403 403 403 403 403 422 422",
	"POST /c/{city}/decisions/{number}/review":                                  "303 403 403 403 403 403 303 303",
	"GET /c/{city}/actions":                                                     "200 200 200 200 200 200 200 200",
	"GET /c/{city}/actions.{format:json|csv}":                                   "200 200 200 200 200 200 200 200",
	"GET /c/{city}/actions/{number}":                                            "200 200 200 200 200 200 200 200",
	"GET /c/{city}/actions/new":                                                 "303 403 403 403 403 403 200 200",
	"POST /c/{city}/actions/new":                                                "303 403 403 403 403 403 422 422",
	"POST /c/{city}/actions/{number}/progress":                                  "303 403 403 403 403 403 422 422",
	"POST /c/{city}/actions/{number}/hand":                                      "303 403 403 403 403 403 303 303",
	"GET /pictures/{account}/{name}":                                            "404 404 404 404 404 404 404 404",
	"GET /me/picture":                                                           "303 200 200 200 200 200 200 200",
	"POST /me/picture":                                                          "303 422 422 422 422 422 422 422",
	"GET /c/{city}/files/{file}/{name}":                                         "404 404 404 404 404 404 404 404",
	"GET /c/{city}/files/{file}/edit":                                           "303 404 404 404 404 404 404 404",
	"POST /c/{city}/files/{file}/edit":                                          "303 404 404 404 404 404 404 404",
	"GET /c/{city}/meetings/{meeting}/dates":                                    "200 200 200 200 200 200 200 200",
	"POST /c/{city}/meetings/{meeting}/dates":                                   "303 403 403 403 422 422 422 403",
	"GET /c/{city}/meetings/{meeting}/dates/edit":                               "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/dates/edit":                              "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/dates/close":                              "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/dates/close":                             "303 403 403 403 403 403 303 404", // a draft again, which administrators do not read
	"POST /c/{city}/meetings/{meeting}/dates/remind":                            "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/dates/{option}/choose":                    "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/dates/{option}/choose":                   "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/{meeting}/dates/{option}/remove":                    "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/dates/{option}/remove":                   "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/{meeting}/guests":                                   "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/guests":                                  "303 403 403 403 403 403 422 422",
	"POST /c/{city}/meetings/{meeting}/guests/{guest}/again":                    "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/{meeting}/guests/{guest}/withdraw":                  "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/guests/{guest}/withdraw":                 "303 403 403 403 403 403 404 404",
	"GET /m/{token}":                                                            "404 404 404 404 404 404 404 404",
	"POST /m/{token}":                                                           "404 404 404 404 404 404 404 404",
	"GET /c/{city}/criteria/{criterion}":                                        "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/importance":                                         "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/importance.{format:json|csv}":                       "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/ratings.csv":                                        "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/rate":                                               "303 403 403 403 200 200 200 403",
	"POST /c/{city}/criteria/rate":                                              "303 403 403 403 303 303 303 403",
	"GET /c/{city}/criteria/{criterion}/importance":                             "200 200 200 200 200 200 200 200",
	"POST /c/{city}/criteria/{criterion}/importance":                            "303 403 403 403 422 422 422 403",
	"POST /c/{city}/criteria/{criterion}/importance/withdraw":                   "303 403 403 403 303 303 303 403",
	"GET /c/{city}/repertoire/{entry}/uses":                                     "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire/{entry}/use":                                      "303 403 200 403 200 200 200 403",
	"POST /c/{city}/repertoire/{entry}/use":                                     "303 403 422 403 422 422 422 403",
	"GET /c/{city}/repertoire/{entry}/uses/{use}/edit":                          "303 403 200 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/uses/{use}/edit":                         "303 403 422 403 403 403 403 403",
	"GET /c/{city}/repertoire/{entry}/uses/{use}/remove":                        "303 403 200 403 403 403 200 200",
	"POST /c/{city}/repertoire/{entry}/uses/{use}/remove":                       "303 403 303 403 403 403 410 410", // the reporter was faster
	"POST /c/{city}/repertoire/{entry}/uses/{use}/restore":                      "303 403 303 403 403 403 403 403",
	"GET /c/{city}/repertoire/{entry}/relate":                                   "303 403 200 403 200 200 200 403",
	"POST /c/{city}/repertoire/{entry}/relate":                                  "303 403 422 403 422 422 422 403",
	"POST /c/{city}/repertoire/{entry}/relations/{relation:[1-9][0-9]*}/remove": "303 403 404 403 404 404 404 403",
	"GET /c/{city}/repertoire/{entry}/adapt":                                    "303 403 200 403 403 403 200 403", // who coordinates belongs to the umbrella, too
	"POST /c/{city}/repertoire/{entry}/adapt":                                   "303 403 422 403 403 403 422 403",
	"GET /repertoire":                                                           "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire/new":                                              "303 403 403 403 200 200 200 403",
	"POST /c/{city}/repertoire/new":                                             "303 403 403 403 422 422 422 403",
	"GET /c/{city}/repertoire/{entry}/authors":                                  "303 403 403 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/authors":                                 "303 403 403 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/authors/{id:[0-9]+}/drop":                "303 403 403 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/authors/{id:[0-9]+}/place":               "303 403 403 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/remove":                                  "303 403 403 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/restore":                                 "303 403 403 403 403 403 403 403",
	"GET /c/{city}/repertoire/{entry}/hide":                                     "303 403 403 403 403 403 200 200",
	"POST /c/{city}/repertoire/{entry}/hide":                                    "303 403 403 403 403 403 422 422",
	"POST /c/{city}/repertoire/{entry}/show":                                    "303 403 403 403 403 403 303 303",
	"GET /c/{city}/repertoire/{entry}/report":                                   "303 403 403 403 200 200 200 403",
	"POST /c/{city}/repertoire/{entry}/report":                                  "303 403 403 403 422 422 422 403",
	"POST /c/{city}/repertoire/{entry}/thanks":                                  "303 403 403 403 303 303 303 403",
	"POST /c/{city}/repertoire/{entry}/follow":                                  "303 403 422 403 422 422 422 422",
	// Last, because they end what the others need.
	"POST /c/{city}/leave": "303 404 404 303 303 303 303 404",
	"POST /sign-out":       "303 303 303 303 303 303 303 303",

	"GET /c/{city}/meetings/{meeting}/minutes":                                  "200 200 200 200 200 200 200 200",
	"GET /c/{city}/meetings/{meeting}/minutes.md":                               "404 404 404 404 404 404 404 404",
	"POST /c/{city}/meetings/{meeting}/minutes/keep":                            "403 403 403 403 403 403 200 200",
	"GET /c/{city}/meetings/{meeting}/minutes/edit":                             "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/minutes/edit":                            "303 403 403 403 403 403 303 303",
	"GET /c/{city}/meetings/{meeting}/minutes/history/{point:[0-9]+}":           "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/{meeting}/minutes/lines/{line:[0-9]+}":              "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/minutes/lines/{line:[0-9]+}":             "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/minutes/lines/{line:[0-9]+}/strike":      "303 403 403 403 403 403 404 404",
	"POST /c/{city}/meetings/{meeting}/minutes/lines/{line:[0-9]+}/unstrike":    "303 403 403 403 403 403 404 404",
	"GET /c/{city}/meetings/{meeting}/minutes/open":                             "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/minutes/open":                            "303 403 403 403 403 403 422 422",
	"GET /c/{city}/meetings/{meeting}/minutes/approve":                          "303 403 403 403 403 403 200 200",
	"POST /c/{city}/meetings/{meeting}/minutes/approve":                         "303 403 403 403 403 403 422 422",
	"POST /c/{city}/meetings/{meeting}/minutes/corrections":                     "303 403 403 403 422 422 422 403",
	"POST /c/{city}/meetings/{meeting}/minutes/corrections/{correction:[0-9]+}": "303 403 403 403 403 403 422 422",
	"POST /c/{city}/meetings/{meeting}/minutes/addenda":                         "303 403 403 403 403 403 422 422",
	"GET /c/{city}/criteria":                                                    "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria.{format:json|csv|xlsx}":                             "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/annex":                                              "200 200 200 200 200 200 200 200",
	"POST /c/{city}/criteria":                                                   "303 403 403 403 403 422 422 403",
	"GET /c/{city}/criteria/import":                                             "303 403 403 403 403 200 200 403",
	"POST /c/{city}/criteria/import":                                            "303 403 403 403 403 422 422 403",
	"GET /c/{city}/meetings/{meeting}/live":                                     "303 403 403 403 403 403 200 200",

	"GET /products":                               "200 200 200 200 200 200 200 200",
	"GET /products.{format:json|csv}":             "200 200 200 200 200 200 200 200",
	"GET /products/{product:[a-z0-9-]+}.json":     "200 200 200 200 200 200 200 200",
	"GET /products/{product}":                     "200 200 200 200 200 200 200 200",
	"GET /products/{product}/history":             "200 200 200 200 200 200 200 200",
	"GET /products/{product}/{release}":           "200 200 200 200 200 200 200 200",
	"GET /products/new":                           "303 403 403 403 403 403 403 200",
	"POST /products/new":                          "303 403 403 403 403 403 403 422",
	"GET /products/{product}/edit":                "303 403 403 403 403 403 403 200",
	"POST /products/{product}/edit":               "303 403 403 403 403 403 403 422",
	"POST /products/{product}/remove":             "303 403 403 403 403 403 403 422",
	"POST /products/{product}/follow":             "303 403 422 403 422 422 422 422",
	"GET /products/{product}/releases/new":        "303 403 403 403 403 403 403 200",
	"POST /products/{product}/releases/new":       "303 403 403 403 403 403 403 422",
	"GET /products/{product}/{release}/edit":      "303 403 403 403 403 403 403 200",
	"POST /products/{product}/{release}/edit":     "303 403 403 403 403 403 403 422",
	"GET /products/{product}/{release}/publish":   "303 403 403 403 403 403 403 200",
	"POST /products/{product}/{release}/publish":  "303 403 403 403 403 403 403 422",
	"GET /products/{product}/{release}/withdraw":  "303 403 403 403 403 403 403 200",
	"POST /products/{product}/{release}/withdraw": "303 403 403 403 403 403 403 422",
	"POST /products/{product}/{release}/remove":   "303 403 403 403 403 403 403 422",
	"GET /c/{city}/products/{number}":             "404 404 404 404 404 404 404 404",
	// The sources are one that lea-straumann took down from regula-ammann, who alone speaks for it.
	"GET /c/{city}/criteria/log":                                   "303 403 403 403 200 200 200 403",
	"POST /c/{city}/criteria/log":                                  "303 403 403 403 422 422 422 403",
	"GET /c/{city}/criteria/similar":                               "303 403 403 403 200 200 200 403",
	"GET /c/{city}/criteria/new":                                   "303 403 403 403 200 200 200 403",
	"POST /c/{city}/criteria/new":                                  "303 403 403 403 422 422 422 403",
	"GET /c/{city}/criteria/{criterion}/history":                   "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/{criterion}/edit":                      "303 403 403 403 403 200 200 403",
	"POST /c/{city}/criteria/{criterion}/edit":                     "303 403 403 403 403 422 422 403",
	"GET /c/{city}/criteria/{criterion}/sources/new":               "303 403 403 403 403 200 200 403",
	"POST /c/{city}/criteria/{criterion}/sources/new":              "303 403 403 403 403 422 422 403",
	"POST /c/{city}/criteria/{criterion}/need":                     "303 403 403 403 303 303 303 403",
	"POST /c/{city}/criteria/{criterion}/unneed":                   "303 403 403 403 303 303 303 403",
	"GET /c/{city}/criteria/{criterion}/sources/{source}/edit":     "303 403 403 403 403 200 200 403",
	"POST /c/{city}/criteria/{criterion}/sources/{source}/edit":    "303 403 403 403 403 422 422 403",
	"GET /c/{city}/criteria/{criterion}/sources/{source}/remove":   "303 403 403 403 403 200 200 403",
	"POST /c/{city}/criteria/{criterion}/sources/{source}/remove":  "303 403 403 403 403 303 404 403",
	"GET /c/{city}/criteria/{criterion}/sources/{source}/correct":  "303 403 403 403 403 403 403 403",
	"POST /c/{city}/criteria/{criterion}/sources/{source}/correct": "303 403 403 403 403 403 403 403",
	"POST /c/{city}/criteria/{criterion}/sources/{source}/confirm": "303 403 403 403 403 403 403 403",
	"POST /c/{city}/criteria/{criterion}/sources/{source}/deny":    "303 403 403 403 403 403 403 403",
	"POST /c/{city}/criteria/{criterion}/sources/{source}/release": "303 403 403 403 403 403 403 403",
	// No criterion has the number: who may do it learns that.
	"GET /criteria":                                                               "200 200 200 200 200 200 200 200",
	"GET /criteria.{format:json|csv}":                                             "200 200 200 200 200 200 200 200",
	"POST /c/{city}/criteria/{criterion}/agree":                                   "303 403 403 403 403 403 422 403",
	"POST /c/{city}/criteria/{criterion}/park":                                    "303 403 403 403 403 403 303 403",
	"POST /c/{city}/criteria/{criterion}/decline":                                 "303 403 403 403 403 403 422 403",
	"POST /c/{city}/criteria/{criterion}/reopen":                                  "303 403 403 403 403 403 422 403",
	"POST /c/{city}/criteria/{criterion}/merge":                                   "303 403 403 403 403 422 422 403",
	"POST /c/{city}/criteria/{criterion}/relate":                                  "303 403 422 403 422 422 422 403",
	"POST /c/{city}/criteria/{criterion}/relations/{relation:[1-9][0-9]*}/remove": "303 403 404 403 404 404 404 403",
	"GET /c/{city}/criteria/{criterion}/claims/{claim:[1-9][0-9]*}.json":          "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/{criterion}/claims/{claim}":                           "200 200 200 200 200 200 200 200",
	"GET /c/{city}/criteria/{criterion}/claims/new":                               "303 403 200 403 403 200 200 403", // who belongs elsewhere makes the product
	"POST /c/{city}/criteria/{criterion}/claims/new":                              "303 403 422 403 403 422 422 403",
	"POST /c/{city}/criteria/{criterion}/claims/{claim}/answer":                   "303 403 403 403 422 403 403 403", // the member asked; the scientist claims
	"POST /c/{city}/criteria/{criterion}/claims/{claim}/reopen":                   "303 403 403 403 422 403 422 403",
	"GET /c/{city}/criteria/{criterion}/claims/{claim}/withdraw":                  "303 403 403 403 403 200 200 403",
	"POST /c/{city}/criteria/{criterion}/claims/{claim}/withdraw":                 "303 403 403 403 403 303 303 403",
	"GET /admin/criteria":                                                         "303 403 403 403 403 403 403 200",
	"POST /admin/criteria/products":                                               "303 403 403 403 403 403 403 422",
	"GET /admin/criteria/add":                                                     "303 403 403 403 403 403 403 200",
	"POST /admin/criteria/add":                                                    "303 403 403 403 403 403 403 422",
	"GET /admin/criteria/categories/{category}":                                   "303 403 403 403 403 403 403 404",
	"POST /admin/criteria/categories/{category}":                                  "303 403 403 403 403 403 403 404",
	"POST /admin/criteria/categories/{category}/move":                             "303 403 403 403 403 403 403 404",
	"POST /admin/criteria/categories/{category}/retire":                           "303 403 403 403 403 403 403 404",
	"GET /admin/topics":                                                           "303 403 403 403 403 403 403 200",
	"GET /admin/topics/add":                                                       "303 403 403 403 403 403 403 200",
	"POST /admin/topics/add":                                                      "303 403 403 403 403 403 403 422",
	"GET /admin/topics/{topic}/names":                                             "303 403 403 403 403 403 403 404",
	"POST /admin/topics/{topic}/names":                                            "303 403 403 403 403 403 403 404",
	"POST /admin/topics/{topic}/move":                                             "303 403 403 403 403 403 403 404",
	"POST /admin/topics/{topic}/retire":                                           "303 403 403 403 403 403 403 404",

	"GET /c/{city}/criteria/harvest":  "303 403 403 403 404 404 404 403",
	"POST /c/{city}/criteria/harvest": "303 403 403 403 404 404 404 403",

	"GET /c/{city}/repertoire/{entry:[0-9]+}.{format:md|json|bib|csl\\.json}": "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire/harvest":                                        "303 403 403 403 404 404 404 403",
	"POST /c/{city}/repertoire/harvest":                                       "303 403 403 403 422 422 422 403",
	"GET /c/{city}/repertoire/gathered":                                       "303 403 403 403 200 200 200 403",
	"POST /c/{city}/repertoire/gathered":                                      "303 403 403 403 404 404 404 403",
	"POST /c/{city}/repertoire/gathered/{passage}/remove":                     "303 403 403 403 303 303 303 403",
	"POST /c/{city}/repertoire/gathered/{passage}/up":                         "303 403 403 403 303 303 303 403",
	"POST /c/{city}/repertoire/{entry}/sources/ask":                           "303 403 403 403 403 403 403 403",
	"POST /c/{city}/repertoire/{entry}/sources/{source}/release":              "303 404 404 404 404 404 404 404",
	"POST /c/{city}/repertoire/{entry}/sources/{source}/refuse":               "303 404 404 404 404 404 404 404",
	"GET /repertoire.{format:zip|csv|json|bib}":                               "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire.{format:zip|csv|json|bib}":                      "200 200 200 200 200 200 200 200",
	"GET /c/{city}/repertoire/themes":                                         "303 403 403 403 403 403 200 403",
	"POST /c/{city}/repertoire/themes/{theme}/gather":                         "303 403 403 403 403 403 404 403",
	"POST /c/{city}/repertoire/themes/{theme}/dismiss":                        "303 403 403 403 403 403 404 403",
	"POST /c/{city}/repertoire/themes/{theme}/restore":                        "303 403 403 403 403 403 404 403",
}

// open routes stand before the door and are the same for everybody.
var before = map[string]bool{"GET /healthz": true, "GET /readyz": true, "GET /favicon.ico": true, "GET /robots.txt": true}

// nobodys are ids that nothing has.
var nobodys = regexp.MustCompile(`\{[^}]*\}`)

// concrete is an address of a route: the oldest thread of Basel, by regula-ammann, its second reply and its author; a published meeting,
// and two whose dates are sought.
func concrete(pattern string) string {
	for _, sought := range [][2]string{{"/dates/close", "8"}, {"/dates", "7"}} {
		pattern = strings.Replace(pattern, "{meeting}"+sought[0], sought[1]+sought[0], 1)
	}
	pattern = strings.NewReplacer("{city}", "basel", "{product}", "flux-maps", "{product:[a-z0-9-]+}", "flux-maps", "{release}", "1-0", "{thread}", "1", "{thread:[1-9][0-9]*}", "1",
		"meetings/{meeting}", courtyard, "meetings/{meeting:[1-9][0-9]*}", courtyard, "criteria/{criterion}/claims/{claim}", gridSpacing+"/claims/1", "criteria/{criterion}/claims/{claim:[1-9][0-9]*}", gridSpacing+"/claims/1",
		"criteria/{criterion}", gridSpacing, "{source}", "2", "decisions/{number}", shadeFirst, "actions/{number}", measureIt, "{entry}", "4", "{entry:[0-9]+}", "4", "{format:md|json|bib|csl\\.json}", "md", "{reply:[0-9]+}", "2", "{number:[0-9]+}", "1",
		"criteria/{criterion}", gridSpacing, "{source}", "2", "decisions/{number}", shadeFirst, "actions/{number}", measureIt, "{entry}", "4", "{use}", "1", "{reply:[0-9]+}", "2", "{number:[0-9]+}", "1",
		"criteria/{criterion}", gridSpacing, "{source}", "2", "decisions/{number}", shadeFirst, "actions/{number}", measureIt, "{entry}", "4", "{entry:[0-9]+}", "4", "{format:md|json|bib|csl\\.json}", "md", "{format:zip|csv|json|bib}", "zip", "{reply:[0-9]+}", "2", "{number:[0-9]+}", "1",
		"{token}", "none", "{name}", "none.eml", "{term}", "urban-heat-island", "{format:json|csv}", "csv", "{format:json|csv|xlsx}", "xlsx", "{format:json|csv|atom}", "json").Replace(pattern)
	return nobodys.ReplaceAllString(pattern, "999999")
}

func routes(t *testing.T, h http.Handler) []string {
	t.Helper()
	var all []string
	err := chi.Walk(h.(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if !strings.HasPrefix(route, "/static/") && !before[method+" "+route] {
			all = append(all, method+" "+route)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(all)
	return all
}

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	all := routes(t, s.Handler)
	known := map[string]bool{}
	for _, route := range all {
		known[route] = true
		if _, ok := table[route]; !ok {
			t.Errorf("%s has no row in the table", route)
		}
	}
	for route := range table {
		if !known[route] {
			t.Errorf("%s is in the table but leads nowhere", route)
		}
	}
	last := map[string]bool{"POST /c/{city}/leave": true, "POST /sign-out": true, "POST /me/sessions": true}
	sort.SliceStable(all, func(a, b int) bool { return !last[all[a]] && last[all[b]] })
	people := seats(t, s)
	for _, route := range all {
		method, pattern, _ := strings.Cut(route, " ")
		want := strings.Fields(table[route])
		if len(want) != len(order) {
			continue
		}
		for n, seat := range order {
			got := ask(people[seat], method, concrete(pattern), route)
			if text := http.StatusText(got.Status); text == "" || want[n] != itoa(got.Status) {
				t.Errorf("%s as %s: got %d, want %s", route, seat, got.Status, want[n])
			}
		}
	}
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

func ask(v *webtest.Visitor, method, path, route string) webtest.Answer {
	if method == http.MethodGet {
		return v.Get(path)
	}
	if strings.HasSuffix(route, "/role") {
		return v.Post(path, "role", "coordinator")
	}
	return v.Post(path, "nothing", "")
}

// A page asks the database as often for many rows as for few.
func TestQueriesOfAPageDoNotGrowWithItsRows(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	pages := []string{"/", "/communities", "/c/basel", "/c/basel/about", "/c/basel/members", "/c/basel/members/1", "/c/basel/members/waiting", "/c/basel/discussions", "/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an", "/me"}
	v := s.As(t, "beat-hollenstein")
	few := map[string]int{}
	for _, path := range pages {
		v.Get(path) // statements are prepared on the first visit
		few[path] = s.Asked(func() { v.Get(path).Sees(t, 200) })
	}
	member := s.As(t, "regula-ammann")
	for range 25 {
		member.Post("/c/basel/discussions/new", "title", "One more", "body", "See T-1, @jonas-wirz.", "lang", "de", "audience", "public", "tags", "more").Sees(t, 303)
		member.Post("/c/basel/discussions/1/reply", "body", "See T-2, @jonas-wirz.", "lang", "de").Sees(t, 303)
	}
	if _, err := s.DB.Exec(t.Context(), `with made as (insert into account (handle, name, email, email_key, profile_for, created_at)
			select 'more-' || n, 'More ' || n, 'more' || n || '@example.org', 'more' || n || '@example.org', 0, now() from generate_series(1, 40) n returning id)
		insert into membership (community_id, account_id, number, state, perspective, asked_at, since)
		select c.id, made.id, case when made.id % 2 = 0 then 1000 + made.id end, case when made.id % 2 = 0 then 'member' else 'waiting' end, 'scientist', now(), now() from made, community c where c.slug = 'basel'`); err != nil {
		t.Fatal(err)
	}
	for _, path := range pages {
		if many := s.Asked(func() { v.Get(path).Sees(t, 200) }); many != few[path] || many > 17 {
			t.Errorf("%s: %d queries for few rows, %d for many", path, few[path], many)
		}
	}
}

func TestQueriesOfAMeetingDoNotGrowWithItsRows(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	const at = "/c/basel/meetings/4"
	pages := []string{at, at + "/agenda", at + "/answers", at + ".ics", "/c/basel/meetings", "/c/basel/meetings.ics", "/c/basel/meetings/3/minutes", "/c/basel/meetings/3/minutes/edit", "/c/london/meetings/3/dates", "/c/basel/decisions", "/c/basel/actions"}
	v := s.As(t, "beat-hollenstein")
	few := map[string]int{}
	for _, path := range pages {
		v.Get(path) // statements are prepared on the first visit
		few[path] = s.Asked(func() { v.Get(path).Sees(t, 200) })
	}
	for _, sql := range []string{
		`insert into account (handle, name, email, email_key, profile_for, created_at) select 'more-' || n, 'More ' || n, 'more' || n || '@example.org', 'more' || n || '@example.org', 0, now() from generate_series(1, 40) n`,
		`insert into membership (community_id, account_id, number, state, perspective, asked_at, since) select c.id, a.id, 1000 + a.id, 'member', 'scientist', now(), now() from account a, community c where a.handle like 'more-%' and c.slug in ('basel', 'london')`,
		`insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, proposed_at) select m.community_id, m.item_id, 100 + g, 'accepted', 'discussion', 'More ' || g, 'en', now() from meeting m, generate_series(1, 30) g`,
		`insert into rsvp (community_id, meeting_id, account_id, answer, at) select m.community_id, m.item_id, a.id, 'in-person', now() from meeting m, account a where a.handle like 'more-%'`,
		`insert into date_voice (community_id, meeting_id, account_id, at) select m.community_id, m.item_id, a.id, now() from meeting m, account a where a.handle like 'more-%' and m.state = 'finding'`,
		`insert into minute_line (community_id, meeting_id, n, form, body, lang, at) select m.community_id, m.item_id, 500 + g, 'said', 'More ' || g, 'en', now() from meeting m, generate_series(1, 30) g where m.minutes_state <> 'none'`,
		`insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) select c.id, k, 500 + g, 'More ' || g, 'en', 0, now(), now(), now() from community c, generate_series(1, 25) g, unnest(array['meeting', 'decision', 'action']) k where c.slug = 'basel'`,
		`insert into item_text (item_id, body, html, renderer) select id, '', '', 1 from item where title like 'More %'`,
		`insert into meeting (item_id, community_id, form, state, state_at, opens_to, starts_at, ends_at, zone) select id, community_id, 'regular', 'published', now(), 0, now() + interval '9 days', now() + interval '10 days', 'UTC' from item where kind = 'meeting' and title like 'More %'`,
		`insert into decision (item_id, community_id, decided_on) select id, community_id, now() from item where kind = 'decision' and title like 'More %'`,
		`insert into action (item_id, community_id, state_at) select id, community_id, now() from item where kind = 'action' and title like 'More %'`,
	} {
		if _, err := s.DB.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for _, path := range pages {
		if many := s.Asked(func() { v.Get(path).Sees(t, 200) }); many != few[path] || many > 20 {
			t.Errorf("%s: %d queries for few rows, %d for many", path, few[path], many)
		}
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, webtest.Options{NoDemo: true})
	for _, path := range []string{"/", "/c/nowhere", "/static/none", "/healthz", "/sign-in"} {
		got := s.Stranger(t).Get(path)
		if csp := got.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: headers %v", path, got.Header)
		}
	}
}

var inline = regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|javascript:|^\s*(css|script) [a-z]+\(`)

func TestTemplatesHoldNothingInline(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/*.templ")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d templates, %v", len(files), err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(raw), "\n") {
			if inline.MatchString(line) || strings.Contains(line, "<script") && !strings.Contains(line, "src=") {
				t.Errorf("%s:%d: %s", name, n+1, strings.TrimSpace(line))
			}
		}
	}
}

func TestFormsFromElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	r := httptest.NewRequest(http.MethodPost, "/c/basel/discussions/1/reply", strings.NewReader("body=x&lang=de"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	s.As(t, "regula-ammann").Do(r).Sees(t, http.StatusForbidden)
}

func TestBadRequestsGetAClearPageAndStoreNothing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.As(t, "regula-ammann")
	count := func() (n int) {
		if err := s.DB.QueryRow(t.Context(), `select count(*) from item`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	items := count()
	big := strings.Repeat("a", 10<<20)
	cases := map[string]struct {
		got  webtest.Answer
		want int
	}{
		"10 MB":                       {v.Post("/c/basel/discussions/1/reply", "body", big, "lang", "de"), 413},
		"an over-long body":           {v.Post("/c/basel/discussions/1/reply", "body", strings.Repeat("ä", 100_001), "lang", "de"), 422},
		"an empty body":               {v.Post("/c/basel/discussions/1/reply", "body", "  \n ", "lang", "de"), 422},
		"a NUL":                       {v.Post("/c/basel/discussions/1/reply", "body", "a\x00b", "lang", "de"), 422},
		"broken UTF-8":                {v.Post("/c/basel/discussions/1/reply", "body", "a\xff\xfeb", "lang", "de"), 422},
		"an unknown language":         {v.Post("/c/basel/discussions/1/reply", "body", "a", "lang", "xx"), 422},
		"a thread that is not here":   {v.Post("/c/basel/discussions/4711/reply", "body", "a", "lang", "de"), 404},
		"a number beyond numbers":     {v.Get("/c/basel/discussions/99999999999999999999"), 404},
		"not a number":                {v.Get("/c/basel/discussions/1x"), 404},
		"leading zeros":               {v.Get("/c/basel/discussions/01"), 404},
		"a wrong method":              {v.Do(httptest.NewRequest(http.MethodDelete, "/c/basel/discussions", nil)), 405},
		"a page that is not there":    {v.Get("/c/basel/discussions/1?page=2"), 404},
		"a broken cursor":             {v.Get("/c/basel/discussions?before=zzz"), 404},
		"a strange tag":               {v.Get("/c/basel/discussions?tag=%ff%00'--"), 200},
		"a strange name":              {v.Get("/c/basel/members?q=%25_%5c%00"), 200},
		"an unknown community":        {v.Get("/c/atlantis"), 404},
		"a broken community":          {v.Get("/c/%ff%00/discussions"), 404},
		"an audience not on offer":    {v.Post("/c/basel/discussions/new", "title", "a", "body", "b", "lang", "de", "audience", "draft"), 422},
		"an over-long title":          {v.Post("/c/basel/discussions/new", "title", strings.Repeat("x", 201), "body", "b", "lang", "de", "audience", "public"), 422},
		"an over-long tag":            {v.Post("/c/basel/discussions/new", "title", "x", "body", "b", "lang", "de", "audience", "public", "tags", strings.Repeat("t", 61)), 422},
		"an announcement by a member": {v.Post("/c/basel/discussions/new", "title", "x", "body", "b", "lang", "de", "audience", "public", "form", "announcement"), 403},
	}
	for name, c := range cases {
		if c.got.Status != c.want {
			t.Errorf("%s: got %d, want %d", name, c.got.Status, c.want)
		}
		c.got.Misses(t, "SQLSTATE", "pgx", "panic", "goroutine")
		if !strings.Contains(c.got.Body, "<main") {
			t.Errorf("%s: no page", name)
		}
	}
	if n := count(); n != items {
		t.Errorf("%d items were stored", n-items)
	}
}

func TestScriptInNamesAndTitlesStaysText(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	const evil = `"><script>alert(1)</script>`
	v := s.As(t, "regula-ammann")
	v.Post("/me", "revision", "1", "name", evil, "organisation", evil, "sector", "planning", "lang", "en", "about", evil, "profile-for", "0", "organisation-for", "0", "email-for", "3").Sees(t, 303)
	got := v.Post("/c/basel/discussions/new", "title", evil, "body", evil, "lang", "en", "audience", "public", "tags", evil).Sees(t, 303)
	for _, path := range []string{got.To(), "/c/basel", "/c/basel/discussions", "/c/basel/members", "/c/basel/members/1", "/me", "/", got.To() + "/history"} {
		v.Get(path).Misses(t, "<script>alert")
	}
}

func TestLogsHoldNeitherAddressesNorSecrets(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	v := s.Stranger(t)
	v.Post("/sign-in/link", "email", "regula-ammann@example.org", "next", "/").Sees(t, 303)
	token := tokenIn(s.Mails(t)[0].Text)
	v.Get("/sign-in/"+token).Sees(t, 200)
	v.Post("/sign-in/"+token).Sees(t, 303)
	for _, secret := range []string{token, "regula-ammann@", "192.0.2.1"} {
		if strings.Contains(s.Logged(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if !strings.Contains(s.Logged(), "/sign-in/{token}") {
		t.Error("the route is not in the log")
	}
}

var token = regexp.MustCompile(`/sign-in/([A-Za-z0-9_-]{40,})`)

func tokenIn(text string) string {
	if m := token.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
