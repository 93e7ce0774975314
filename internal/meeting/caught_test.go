package meeting_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/meeting"
)

func day(year, month, date int) *time.Time {
	at := time.Date(year, time.Month(month), date, 0, 0, 0, 0, time.UTC)
	return &at
}

func TestALineSaysWhatItIsInFourLanguages(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]meeting.Caught{
		"decision: we plant lime trees":                       {Form: meeting.DecidedLine, Body: "we plant lime trees"},
		"Decided : we plant":                                  {Form: meeting.DecidedLine, Body: "we plant"},
		"- DECISION: we plant":                                {Form: meeting.DecidedLine, Body: "we plant"},
		"action: @anna by 2027-03-01 send the map":            {Form: meeting.TodoLine, Body: "send the map", People: []string{"anna"}, Due: day(2027, 3, 1)},
		"todo: send the map by 1/3/2027":                      {Form: meeting.TodoLine, Body: "send the map", Due: day(2027, 3, 1)},
		"to-do: send the map to @bea by 1.3.2027 @anna-k":     {Form: meeting.TodoLine, Body: "send the map to", People: []string{"anna-k", "bea"}, Due: day(2027, 3, 1)},
		"action: @anna, @bea and @carl: ask the office":       {Form: meeting.TodoLine, Body: "ask the office", People: []string{"anna", "bea", "carl"}},
		"action: ask @anna what the office thinks":            {Form: meeting.TodoLine, Body: "ask @anna what the office thinks"},
		"action: by 31.2.2027 nothing":                        {Form: meeting.TodoLine, Body: "by 31.2.2027 nothing"},
		"action: @anna by 2027-03-01":                         {Form: meeting.TodoLine, Body: "@anna by 2027-03-01", People: []string{"anna"}, Due: day(2027, 3, 1)},
		"said: @anna the nights are the problem":              {Form: meeting.SaidLine, Body: "the nights are the problem", People: []string{"anna"}},
		"criterion: the map shows single blocks":              {Form: meeting.CriterionLine, Body: "the map shows single blocks"},
		"parked: the fountain":                                {Form: meeting.ParkedLine, Body: "the fountain"},
		"entschieden: wir pflanzen":                           {Form: meeting.DecidedLine, Body: "wir pflanzen"},
		"Beschluss: wir pflanzen":                             {Form: meeting.DecidedLine, Body: "wir pflanzen"},
		"zu tun: @anna bis 1.3.2027 Karte senden":             {Form: meeting.TodoLine, Body: "Karte senden", People: []string{"anna"}, Due: day(2027, 3, 1)},
		"Aufgabe: Karte senden bis zum 01.03.2027":            {Form: meeting.TodoLine, Body: "Karte senden", Due: day(2027, 3, 1)},
		"Kriterium: auf Strassenebene":                        {Form: meeting.CriterionLine, Body: "auf Strassenebene"},
		"gesagt: die Nächte":                                  {Form: meeting.SaidLine, Body: "die Nächte"},
		"geparkt: der Brunnen":                                {Form: meeting.ParkedLine, Body: "der Brunnen"},
		"décidé : planter des tilleuls":                       {Form: meeting.DecidedLine, Body: "planter des tilleuls"},
		"À faire : @anna d’ici le 1/3/2027 envoyer le plan":   {Form: meeting.TodoLine, Body: "envoyer le plan", People: []string{"anna"}, Due: day(2027, 3, 1)},
		"a faire: envoyer le plan avant le 1/3/2027":          {Form: meeting.TodoLine, Body: "envoyer le plan", Due: day(2027, 3, 1)},
		"critère : à l’échelle de la rue":                     {Form: meeting.CriterionLine, Body: "à l’échelle de la rue"},
		"dit : les nuits":                                     {Form: meeting.SaidLine, Body: "les nuits"},
		"reporté : la fontaine":                               {Form: meeting.ParkedLine, Body: "la fontaine"},
		"απόφαση: φυτεύουμε φλαμουριές":                       {Form: meeting.DecidedLine, Body: "φυτεύουμε φλαμουριές"},
		"ΑΠΟΦΑΣΗ: φυτεύουμε":                                  {Form: meeting.DecidedLine, Body: "φυτεύουμε"},
		"ενέργεια: @anna και @bea έως τις 1/3/2027 να σταλεί": {Form: meeting.TodoLine, Body: "να σταλεί", People: []string{"anna", "bea"}, Due: day(2027, 3, 1)},
		"κριτήριο: σε επίπεδο δρόμου":                         {Form: meeting.CriterionLine, Body: "σε επίπεδο δρόμου"},
		"ειπώθηκε: οι νύχτες":                                 {Form: meeting.SaidLine, Body: "οι νύχτες"},
		"εκκρεμεί: το σιντριβάνι":                             {Form: meeting.ParkedLine, Body: "το σιντριβάνι"},
		"Nobody: knows":                                       {Form: meeting.SaidLine, Body: "Nobody: knows"},
		"write to name@example.org":                           {Form: meeting.SaidLine, Body: "write to name@example.org"},
	} {
		got, ok := meeting.ReadLine(meeting.SaidLine, typed)
		if !ok {
			t.Errorf("%q: no line", typed)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", typed, diff)
		}
	}
	for _, typed := range []string{"", "   ", "\t"} {
		if got, ok := meeting.ReadLine(meeting.SaidLine, typed); ok {
			t.Errorf("%q: got %+v, want no line", typed, got)
		}
	}
}

func TestOnlyLinesThatSayWhatTheyAreAreLiftedOut(t *testing.T) {
	t.Parallel()
	rest, lines := meeting.Lift("We walked round.\n\ndecision: plant\n\n```\ndecision: an example\n```\naction: @anna water\nDecision:\nparked: " + strings.Repeat("x", meeting.MaxLine+1))
	if want := "We walked round.\n\n\n```\ndecision: an example\n```\nDecision:\nparked: " + strings.Repeat("x", meeting.MaxLine+1); rest != want {
		t.Errorf("got %q, want %q", rest, want)
	}
	want := []meeting.Caught{{Form: meeting.DecidedLine, Body: "plant"}, {Form: meeting.TodoLine, Body: "water", People: []string{"anna"}}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func FuzzLiftingLosesNoWord(f *testing.F) {
	for _, seed := range []string{"decision: a\nb", "action: @x by 2027-03-01 c", "~~~\nsaid: a\n~~~", "à faire : @a, @b d'ici le 1/3/2027", "todo: by 1.3.2027 by 1.3.2027 @a", "- * said: :@:", "απόφαση:ς", "\x00said: \xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rest, lines := meeting.Lift(text)
		if utf8.ValidString(text) && !utf8.ValidString(rest) {
			t.Errorf("%q: rest %q is broken", text, rest)
		}
		if got, again := meeting.Lift(rest); len(again) > 0 || got != rest {
			t.Errorf("%q: lifting again took %d lines", text, len(again))
		}
		if want := strings.Count(text, "\n") + 1; len(strings.Split(text, "\n"))-len(lines) < 0 || want < len(lines) {
			t.Errorf("%q: %d lines out of %d", text, len(lines), want)
		}
		for _, line := range lines {
			if line.Body == "" || utf8.RuneCountInString(line.Body) > meeting.MaxLine || !strings.Contains(text, line.Body) {
				t.Errorf("%q: a line %q", text, line.Body)
			}
			for _, who := range line.People {
				if !strings.Contains(text, "@"+who) {
					t.Errorf("%q: nobody is called %q", text, who)
				}
			}
		}
		for _, word := range strings.Fields(rest) {
			if !strings.Contains(text, word) {
				t.Errorf("%q: %q was not written", text, word)
			}
		}
	})
}
