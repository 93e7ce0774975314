package repertoire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/webtest"
)

const vineTitle = "Ein Weinstock an Drähten"

// vine is a case in German that regula-ammann wrote in Basel, read by everybody, and what changes it.
func vine(t *testing.T, s *webtest.Site) (at string, change func()) {
	t.Helper()
	seat := community.Seat{Slug: "basel", Standing: community.Member}
	var me account.ID
	if err := s.DB.QueryRow(t.Context(), `select c.id, a.id from community c, account a where c.slug = 'basel' and a.handle = 'regula-ammann'`).Scan(&seat.Community, &me); err != nil {
		t.Fatal(err)
	}
	seat.Account, seat.Reach = me, community.Reach{Me: me, Mine: []int64{int64(seat.Community)}, Coordinated: []int64{}}
	store := practice.NewStore(s.DB, time.Now)
	text := practice.Text{Form: practice.Case, Title: vineTitle, Lang: locale.German, Fields: practice.Fields{"situation": "Der Hof war heiss.", "done": "Wir spannten Drähte."}, Facts: practice.Facts{Summary: "Schatten für wenig Geld."}, Audience: item.Public}
	made, err := store.Begin(t.Context(), seat, practice.New{Text: text, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	return link.Entry("basel", made.Number, ""), func() {
		t.Helper()
		text.Fields["done"] = "Wir spannten Drähte und pflanzten zwei Stöcke."
		if err := store.Revise(t.Context(), seat, made.Number, practice.Edit{Text: text, Revision: 1}); err != nil {
			t.Fatal(err)
		}
	}
}

// read follows an address to where the entry is.
func read(t *testing.T, v *webtest.Visitor, address string) webtest.Answer {
	t.Helper()
	got := v.Get(address)
	if got.Status == 301 {
		got = v.Get(got.To())
	}
	return got.Sees(t, 200)
}

func TestACoordinatorEndorsesAnEntryAndReadersSeeWhetherItChangedSince(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, change := vine(t, s)
	beat, member, stranger := s.As(t, "beat-hollenstein"), s.As(t, "urs-dettwiler"), s.Stranger(t)
	read(t, member, at+"?lang=en").Misses(t, "Endorse it", "/endorse")
	read(t, beat, at+"?lang=en").Sees(t, 200, "Endorse it", "No meeting", at+"/endorse")
	beat.Post(at+"/endorse?lang=en", "meeting", "9999").Sees(t, 422, `href="#field-meeting"`, "There is no such meeting here.")
	beat.Post(at+"/endorse", "meeting", "").Sees(t, 303)
	read(t, stranger, at+"?lang=en").Sees(t, 200, "Endorsed by Basel on").Misses(t, "Changed since")
	change()
	read(t, stranger, at+"?lang=en").Sees(t, 200, "Changed since", at+"/changes?since=1")
	stranger.Get(at+"/changes?since=1&lang=en").Sees(t, 200, "<ins>", "zwei")
	stranger.Get(at+"/changes?since=7").Sees(t, 404)
	read(t, beat, at+"?lang=en").Sees(t, 200, "Endorse it as it is now", "Take the endorsement back")
	beat.Post(at+"/unendorse?lang=en", "reason", "").Sees(t, 422, `href="#field-reason"`)
	beat.Post(at+"/unendorse", "reason", "It did not last.").Sees(t, 303)
	read(t, stranger, at+"?lang=en").Misses(t, "Endorsed by")
	beat.Get("/c/basel/audit?lang=en").Sees(t, 200, "Endorsed an entry", "Took back the endorsement of an entry", "It did not last.")
	s.Tell(t)
	s.As(t, "regula-ammann").Get("/inbox?lang=en&kind=repertoire").Sees(t, 200, "endorsed your entry in the name of the community", "It did not last.")
}

func TestAnOldEntryIsConfirmedInOneClick(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, _ := vine(t, s)
	if _, err := s.DB.Exec(t.Context(), `update entry e set shared_at = now() - interval '9 years 1 month' from item i where i.id = e.item_id and i.title = $1`, vineTitle); err != nil {
		t.Fatal(err)
	}
	member, other, stranger := s.As(t, "urs-dettwiler"), s.As(t, "lea-straumann"), s.Stranger(t)
	read(t, stranger, at+"?lang=en").Sees(t, 200, ">9 years ago<").Misses(t, "Still true")
	read(t, member, at+"?lang=en").Sees(t, 200, "Nobody has confirmed this for 2 years or more.", "Still true")
	member.Post(at+"/still-true").Sees(t, 303)
	read(t, stranger, at+"?lang=en").Sees(t, 200, "Confirmed", "Urs Dettwiler")
	read(t, other, at+"?lang=en").Sees(t, 200, "Still true").Misses(t, "Nobody has confirmed", "Take it back")
	read(t, member, at+"?lang=en").Sees(t, 200, "Take it back")
	other.Post(at+"/still-true", "act", "back").Sees(t, 303)
	read(t, stranger, at+"?lang=en").Sees(t, 200, "Urs Dettwiler")
	member.Post(at+"/still-true", "act", "back").Sees(t, 303)
	read(t, stranger, at+"?lang=en").Misses(t, "Confirmed", "Urs Dettwiler")
}

func TestAnEntryIsReadInTheLanguageOfItsReaderWithTheOriginalOneClickAway(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	at, change := vine(t, s)
	translator, other, stranger := s.As(t, "lea-straumann"), s.As(t, "urs-dettwiler"), s.Stranger(t)
	stranger.Get(at+"/languages?lang=en").Sees(t, 200, "Not translated yet").Misses(t, "/translate")
	translator.Get(at+"/translate?in=en&lang=en").Sees(t, 200, "Der Hof war heiss.", `name="part-situation"`, "The situation (English)").Misses(t, `name="part-outcome"`)
	typed := []string{"lang", "en", "of", "1", "revision", "0", "title", "", "summary", "Shade for little money.", "part-situation", "The yard was hot.", "part-done", "We put up <b>wires</b>."}
	translator.Post(at+"/translate?lang=en", typed...).Sees(t, 422, `href="#field-title"`, "The yard was hot.")
	typed[7] = "A vine on wires"
	translator.Post(at+"/translate?lang=en", "lang", "en", "of", "1", "revision", "0", "title", "x", "part-done", strings.Repeat("x", practice.MaxPart+1)).Sees(t, 422, `href="#field-part-done"`, "What was done: ")
	if to := translator.Post(at+"/translate", typed...).Sees(t, 303).To(); !strings.HasSuffix(to, "?in=en") {
		t.Errorf("saved, one is led to %s", to)
	}
	read(t, stranger, at+"?lang=en").Sees(t, 200, "A vine on wires", "The yard was hot.", "We put up &lt;b&gt;wires", "Translated from German by Lea Straumann", "Read the original", "?in=de").Misses(t, "The original changed", "Edit the translation")
	read(t, stranger, at+"?lang=en&in=de").Sees(t, 200, vineTitle, "Der Hof war heiss.", "?in=en").Misses(t, "Translated from")
	read(t, stranger, at+"?lang=fr").Sees(t, 200, "Der Hof war heiss.", "English")
	stranger.Get(at+"/languages?lang=en").Sees(t, 200, "The yard was hot.", "Der Hof war heiss.").Misses(t, "Remove the translation")
	other.Post(at+"/translate", typed...).Sees(t, 409, "The yard was hot.")

	change()
	read(t, stranger, at+"?lang=en").Sees(t, 200, "The original changed since.", at+"/changes?since=1")
	translator.Get(at+"/translate?in=en&lang=en").Sees(t, 200, "The translation says what the original says now", `name="of" value="2"`, `name="revision" value="1"`)
	save := func(more ...string) {
		t.Helper()
		translator.Post(at+"/translate", append([]string{"lang", "en", "of", "2", "title", "A vine on wires", "part-situation", "The yard was hot.", "asks", "abreast"}, more...)...).Sees(t, 303)
	}
	save("revision", "1")
	read(t, stranger, at+"?lang=en").Sees(t, 200, "The original changed since.")
	save("revision", "2", "abreast", "yes")
	read(t, stranger, at+"?lang=en").Misses(t, "The original changed since.")

	other.Post(at+"/untranslate", "lang", "en").Sees(t, 403)
	translator.Get(at+"/languages?in=en&lang=en").Sees(t, 200, "Remove the translation")
	translator.Post(at+"/untranslate", "lang", "en").Sees(t, 303)
	read(t, stranger, at+"?lang=en").Sees(t, 200, "Der Hof war heiss.").Misses(t, "Translated from")
}
