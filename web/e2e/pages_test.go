package e2e_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// pages are all looks: those that stand, and those that first have to be brought about.
func pages(t *testing.T, s *webtest.Site) []look {
	t.Helper()
	administrator(t, s)
	regula, beat, urs := s.As(t, "regula-ammann"), s.As(t, "beat-hollenstein"), s.As(t, "urs-dettwiler")
	thread := regula.Send("/c/basel/discussions/new", []webtest.File{{Name: "Innenhof von oben.png", Content: drawing(t)}, {Name: "Messreihe Juli, alle Stationen, mit Anmerkungen.csv", Content: []byte("a,b\n1,2\n")}},
		"title", "Innenhof im Juli", "body", "Bild und Zahlen dazu.", "lang", "de", "audience", "public", "with-files", "yes").Sees(t, 303).To()
	at := strings.SplitN(thread, "-", 2)[0]
	for _, body := range []string{"Das geht so nicht.", "Zu spät, zurück damit.", "Danke!"} {
		urs.Post(at+"/reply", "body", body, "lang", "de").Sees(t, 303)
	}
	beat.Post(at+"/replies/1/hide", "reason", "Bitte ohne Vorwürfe.").Sees(t, 303)
	urs.Post(at+"/replies/2/remove").Sees(t, 303)
	beat.Post(at+"/lock", "reason", "Bis zum Treffen.").Sees(t, 303)
	beat.Post(at+"/pin").Sees(t, 303)
	gone := regula.Post("/c/basel/discussions/new", "title", "Doppelt", "body", "Versehen.", "lang", "de", "audience", "public").Sees(t, 303).To()
	regula.Post(strings.SplitN(gone, "-", 2)[0]+"/remove").Sees(t, 303)
	urs.Post("/drafts", "place", "/c/basel/discussions/1/reply", "tab", "a", "draft", "0", "body", "Halb geschrieben", "lang", "de").Sees(t, 200)
	s.Tell(t)
	closed, answered, discreet := help(t, s, "state = 'closed' and not discreet"), help(t, s, "state = 'answered' and not discreet"), help(t, s, "discreet")
	offered := help(t, s, "state = 'offered'")
	file := one(t, s, `select max(id) from item_file where media = 'image/png'`)
	entry := one(t, s, `select i.number from item i join community c on c.id = i.community_id where c.slug = 'basel' and i.kind = 'entry' and i.audience < 3 order by i.number limit 1`)
	author := ""
	if err := s.DB.QueryRow(t.Context(), `select a.handle from item i join community c on c.id = i.community_id join account a on a.id = i.author_id where c.slug = 'basel' and i.kind = 'entry' and i.number = $1`, entry).Scan(&author); err != nil {
		t.Fatal(err)
	}
	meeting := beat.Post("/c/basel/meetings/new", "title", "Schatten in der Altstadt", "form", "workshop", "day", "2199-05-07", "from", "10:00", "until", "11:00", "zone", "Europe/Zurich", "place", "Rathaus", "access_note", "Tram 6", "lang", "de", "audience", "public").Sees(t, 303).To()
	for _, title := range []string{"Begrüssung", "Wo fehlt Schatten?", "Drei Plätze für den Sommer wählen"} {
		beat.Post(meeting+"/agenda/new", "title", title, "form", "decision", "minutes", "25", "body", "Siehe T-1.", "lead_name", "Gast vom Kanton", "lang", "de").Sees(t, 303)
	}
	beat.Post(meeting+"/publish").Sees(t, 303)
	regula.Post(meeting+"/agenda/propose", "title", "Wer giesst die Bäume?", "form", "help", "lang", "de").Sees(t, 303)
	regula.Post(meeting+"/agenda/questions", "body", "Gibt es einen Lift?", "lang", "de").Sees(t, 303)
	regula.Post("/c/basel/meetings/backlog/propose", "title", "Besuch auf dem Dach", "form", "demonstration", "lang", "de").Sees(t, 303)
	agendaPoint, proposed := one(t, s, `select min(id) from agenda_point where state = 'accepted'`), one(t, s, `select min(id) from agenda_point where state = 'proposed'`)
	return append(append(append(append(looks[:len(looks):len(looks)], gatherings...), datePages(t, s)...), append(productPages(t, s), append(append(loggingPages(t, s), importancePages(t, s)...), append(claimPages(t, s), entryLifePages(t, s)...)...)...)...),
		look{"agenda", "", meeting + "/agenda"}, look{"agenda-member", "regula-ammann", meeting + "/agenda"}, look{"agenda-coordinator", "beat-hollenstein", meeting + "/agenda"}, look{"agenda-print", "", meeting + "/agenda/print"},
		look{"agenda-new", "beat-hollenstein", meeting + "/agenda/new"}, look{"agenda-edit", "beat-hollenstein", fmt.Sprintf("%s/agenda/%d/edit", meeting, agendaPoint)}, look{"agenda-leave", "beat-hollenstein", fmt.Sprintf("%s/agenda/%d/remove", meeting, agendaPoint)},
		look{"agenda-propose", "regula-ammann", meeting + "/agenda/propose"}, look{"agenda-roles", "beat-hollenstein", meeting + "/agenda/roles"}, look{"backlog", "regula-ammann", "/c/basel/meetings/backlog"}, look{"backlog-answer", "beat-hollenstein", fmt.Sprintf("/c/basel/meetings/backlog/%d", proposed)},
		look{"help-closed", "", closed}, look{"help-closed-asker", "regula-ammann", closed}, look{"help-outcome", "regula-ammann", closed + "/outcome"}, look{"help-answered", "regula-ammann", answered},
		look{"help-offered", "regula-ammann", offered}, look{"help-asker", "urs-dettwiler", offered}, look{"help-end", "urs-dettwiler", offered + "/outcome"}, look{"help-edit", "urs-dettwiler", offered + "/edit"},
		look{"discreet", "regula-ammann", discreet}, look{"discreet-coordinator", "beat-hollenstein", discreet},
		look{"entry", author, fmt.Sprintf("/c/basel/repertoire/%d", entry)}, look{"entry-edit", author, fmt.Sprintf("/c/basel/repertoire/%d/edit", entry)}, look{"entry-history", author, fmt.Sprintf("/c/basel/repertoire/%d/history", entry)},
		look{"heard-notes", author, "/c/basel/heard"}, look{"thread-taken", "beat-hollenstein", at}, look{"thread-locked", "", at}, look{"file-edit", "regula-ammann", fmt.Sprintf("/c/basel/files/%d/edit", file)},
		look{"edit-files", "regula-ammann", at + "/edit"}, look{"gone", "regula-ammann", strings.SplitN(gone, "-", 2)[0]}, look{"draft-kept", "urs-dettwiler", "/c/basel/discussions/1"}, look{"drafts-some", "urs-dettwiler", "/me/drafts"},
		look{"inbox-coordinator", "beat-hollenstein", "/inbox"}, look{"inbox-hidden", "urs-dettwiler", "/inbox"}, look{"desk-coordinator", "beat-hollenstein", "/"}, look{"city-coordinator", "beat-hollenstein", "/c/basel"},
		look{"audit-some", "beat-hollenstein", "/c/basel/audit"})
}

func one(t *testing.T, s *webtest.Site, sql string, args ...any) (n int) {
	t.Helper()
	if err := s.DB.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// help is the address of the oldest help request of Basel in some state.
func help(t *testing.T, s *webtest.Site, which string) string {
	t.Helper()
	return fmt.Sprintf("/c/basel/discussions/%d", one(t, s, `select i.number from help_request h join item i on i.id = h.item_id join community c on c.id = i.community_id where c.slug = 'basel' and `+which+` order by i.number limit 1`))
}

// drawing is a picture with some colour in it.
func drawing(t *testing.T) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for x := range 800 {
		for y := range 600 {
			p.Set(x, y, color.RGBA{uint8(x), uint8(y), 120, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
