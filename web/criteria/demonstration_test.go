package criteria_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/web/webtest"
)

// The demonstration's own criteria: what each filter keeps and leaves out, for a stranger.
func TestFiltersOfTheRegisterKeepWhatTheySay(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	stranger := s.Stranger(t)
	for query, want := range map[string]struct{ kept, left string }{
		"product=storage-heat":                  {`/criteria/7"`, `/criteria/1"`},
		"meeting=M-1":                           {`/criteria/1"`, `/criteria/13"`},
		"meeting=2":                             {`/criteria/13"`, `/criteria/1"`},
		"fulfilment=not":                        {`/criteria/5"`, `/criteria/1"`},
		"category=trust":                        {`/criteria/15"`, `/criteria/1"`},
		"least=8":                               {`/criteria/1"`, `/criteria/7"`},
		"q=Kaltluft":                            {`/criteria/5"`, `/criteria/4"`},
		"show=declined":                         {`Declined`, `/criteria/1"`},
		"sort=gap&least=1":                      {`/criteria/7"`, `/criteria/16"`}, // too few rated C-16
		"perspective=scientist&show=all":        {"", `/criteria/5"`},
		"product=flux-maps&fulfilment=met&q=wo": {`/criteria/1"`, `/criteria/5"`},
	} {
		page := stranger.Get("/c/basel/criteria?"+query).Sees(t, http.StatusOK)
		if !strings.Contains(page.Body, want.kept) {
			t.Errorf("%s leaves out %s", query, want.kept)
		}
		if strings.Contains(page.Body, want.left) {
			t.Errorf("%s keeps %s", query, want.left)
		}
	}
}

func TestACoordinatorAgreesAndParksManyAtOnce(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	beat, today := s.As(t, "beat-hollenstein"), time.Now().UTC().Format(time.DateOnly)
	state := func(number int) (word string) {
		t.Helper()
		if err := s.DB.QueryRow(t.Context(), `select c.state || coalesce(' ' || (select m.number::text from item m where m.id = c.agreed_at), '') from criterion c join item i on i.id = c.item_id join community o on o.id = i.community_id where o.slug = 'basel' and i.number = $1`, number).Scan(&word); err != nil {
			t.Fatal(err)
		}
		return word
	}
	chosen := func(number int, of string) string {
		revision := 0
		if err := s.DB.QueryRow(t.Context(), `select i.revision from item i join community o on o.id = i.community_id where o.slug = 'basel' and i.kind = 'criterion' and i.number = $1`, number).Scan(&revision); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d.%d.%s", number, revision, of)
	}
	beat.Post("/c/basel/criteria", "act", "agree", "on", today, "in_meeting", "M-99", "chosen", chosen(15, "raised"), "chosen", chosen(16, "raised")).Sees(t, 422, "There is no such meeting here.")
	if state(15) != "raised" {
		t.Errorf("agreed in no meeting: %s", state(15))
	}
	beat.Post("/c/basel/criteria", "act", "agree", "on", today, "in_meeting", "M-3", "chosen", chosen(15, "raised"), "chosen", chosen(16, "raised")).Sees(t, 303)
	if state(15) != "agreed 3" || state(16) != "agreed 3" {
		t.Errorf("agreed: %s, %s", state(15), state(16))
	}
	beat.Post("/c/basel/criteria", "act", "park", "reason", "After the winter.", "chosen", chosen(15, "agreed"), "chosen", chosen(16, "raised")).Sees(t, 422) // one of them is agreed meanwhile
	if state(15) != "agreed 3" {
		t.Errorf("one of two was parked: %s", state(15))
	}
	beat.Post("/c/basel/criteria", "act", "park", "reason", "After the winter.", "chosen", chosen(15, "agreed"), "chosen", chosen(16, "agreed")).Sees(t, 303)
	beat.Get("/c/basel/criteria/15").Sees(t, 200, "After the winter.")
	s.As(t, "urs-dettwiler").Post("/c/basel/criteria", "act", "park", "chosen", chosen(1, "agreed")).Sees(t, 403)
}

// The annex leads from the words of who asked to the verdict of who answered.
func TestTheAnnexLeadsFromSourceToVerdict(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	page := s.Stranger(t).Get("/c/basel/criteria/annex?q=Hotspots").Sees(t, 200, "Zeigt, wo die Hotspots liegen", "Wo sind die Hotspots?", "Urban energy-budget flux maps", "Damit finde ich meine Areale auf einen Blick.")
	if strings.Contains(page.Body, "Jede Nachtkarte") {
		t.Error("the annex holds what its filter leaves out")
	}
	s.Stranger(t).Get("/c/basel/criteria/annex?fulfilment=open").Sees(t, 200, "waiting for an answer", "Steht gross oben, gut.")
}
