package practice_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
)

func TestAnEntryThatBecomesOneOfAnotherKindLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		form := rapid.SampledFrom(practice.Forms)
		from, words, fields := form.Draw(r, "from"), []string{}, practice.Fields{}
		for _, p := range from.Parts() {
			if text := rapid.StringMatching(`[a-z]{0,8}`).Draw(r, string(p)); text != "" {
				fields[p] = "(" + string(p) + ")" + text + "."
				words = append(words, fields[p])
			}
		}
		now := from
		for _, to := range rapid.SliceOfN(form, 1, 5).Draw(r, "ways") {
			fields = fields.Recast(now, to)
			now = to
			for p := range fields {
				if !contains(to.Parts(), p) {
					r.Fatalf("a %s has the part %s", to, p)
				}
			}
		}
		whole := practice.Compose(now, locale.English, fields)
		for _, w := range words {
			if strings.Count(whole, w) != 1 {
				r.Fatalf("%q stands %d times in %q", w, strings.Count(whole, w), whole)
			}
		}
	})
}

func contains(all []practice.Part, p practice.Part) bool {
	for _, x := range all {
		if x == p {
			return true
		}
	}
	return false
}

func TestWhatIsWrongWithAnEntryIsSaidAtItsField(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	angle := func(x float64) *float64 { return &x }
	sound := practice.Text{Form: practice.Case, Title: "Awnings", Lang: locale.English, Audience: item.Public}
	for name, c := range map[string]struct {
		spoil func(*practice.Text)
		field string
	}{
		"no such form":          {func(e *practice.Text) { e.Form = "novel" }, "form"},
		"a part of another":     {func(e *practice.Text) { e.Fields = practice.Fields{"steps": "x"} }, "form"},
		"a part of none":        {func(e *practice.Text) { e.Fields = practice.Fields{"__proto__": "x"} }, "form"},
		"a long part":           {func(e *practice.Text) { e.Fields = practice.Fields{"done": strings.Repeat("ä", practice.MaxPart+1)} }, "done"},
		"long together":         {func(e *practice.Text) { e.Fields = whole(practice.MaxPart) }, "situation"},
		"shared without title":  {func(e *practice.Text) { e.Title = "" }, "title"},
		"no such language":      {func(e *practice.Text) { e.Lang = "xx" }, "lang"},
		"half a place":          {func(e *practice.Text) { e.Latitude = angle(47) }, "latitude"},
		"off the earth":         {func(e *practice.Text) { e.Latitude, e.Longitude = angle(91), angle(7) }, "latitude"},
		"no number":             {func(e *practice.Text) { e.Latitude, e.Longitude = angle(math.NaN()), angle(7) }, "latitude"},
		"a script as address":   {func(e *practice.Text) { e.URL = "javascript:alert(1)" }, "url"},
		"a name in the address": {func(e *practice.Text) { e.URL = "https://a@b.example" }, "url"},
		"four topics":           {func(e *practice.Text) { e.Topics = []string{"water", "energy", "planning", "greenery"} }, "topics"},
		"a long summary":        {func(e *practice.Text) { e.Summary = strings.Repeat("x", practice.MaxSummary+1) }, "summary"},
		"no such consent":       {func(e *practice.Text) { e.Quoting = "perhaps" }, "quoting"},
		"nobody's audience":     {func(e *practice.Text) { e.Audience = -1 }, "audience"},
	} {
		e := sound
		c.spoil(&e)
		_, err := d.store.Begin(t.Context(), author, practice.New{Text: e, Request: uuid.New()})
		if got := fault.Problems(err); len(got) != 1 || got[0].Field != c.field {
			t.Errorf("%s: %+v, want one at %s", name, got, c.field)
		}
	}
	var stored int
	if err := d.tx.QueryRow(t.Context(), `select count(*) from item`).Scan(&stored); err != nil || stored != 0 {
		t.Errorf("%d were stored, %v", stored, err)
	}
}

// whole is a case with every part so long.
func whole(characters int) practice.Fields {
	f := practice.Fields{}
	for _, p := range practice.Case.Parts() {
		f[p] = strings.Repeat("x", characters)
	}
	return f
}

func TestAnEntryIsReadAsItWasWrittenAndAsItStoodBefore(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, member := d.belonging(community.Member, "Ada Weber"), d.belonging(community.Member, "Bo Keller")
	lat, lon := 47.5793, 7.6471
	text := practice.Text{Form: practice.Story, Title: "From a complaint to a rule", Lang: locale.English, Fields: practice.Fields{"immediate": "A *visit*.", "applied": "The nurses moved the beds.", "more": "Ask the ward."},
		Facts:    practice.Facts{Summary: "Beds were moved.", Place: "Basel", Latitude: &lat, Longitude: &lon, Happened: "May", Quoting: "unnamed"},
		Audience: item.Community, Tags: []string{"hospital"}, Topics: []string{"heat-health", "communication"}}
	request := uuid.New()
	made, err := d.store.Begin(t.Context(), author, practice.New{Text: text, Request: request})
	again, err2 := d.store.Begin(t.Context(), author, practice.New{Text: text, Request: request})
	if err != nil || err2 != nil || again.Number != made.Number || !again.Before {
		t.Fatalf("the form sent twice: %+v, %+v, %v, %v", made, again, err, err2)
	}
	w, err := d.store.Written(t.Context(), author, made.Number)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, w.Text); diff != "" {
		t.Error(diff)
	}
	w.Form, w.Fields, w.Title = practice.Case, w.Fields.Recast(practice.Story, practice.Case), "A rule"
	if err := d.store.Revise(t.Context(), author, made.Number, w); err != nil {
		t.Fatal(err)
	}
	read, err := d.store.Read(t.Context(), member, made.Number)
	if err != nil || !strings.Contains(read.HTML, "<em>visit</em>") || !strings.Contains(read.HTML, "nurses") || !strings.Contains(read.HTML, "Ask the ward") || read.Form != practice.Case {
		t.Errorf("as a case: %s, %v", read.HTML, err)
	}
	then, err := d.store.State(t.Context(), member, made.Number, 1)
	if err != nil || then.Title != "From a complaint to a rule" || then.Now != "A rule" || then.Newest != 2 || then.Name != "Ada Weber" || !strings.Contains(then.HTML, "What we did with it") {
		t.Errorf("the first state: %+v, %v", then, err)
	}
	if now, err := d.store.State(t.Context(), member, made.Number, 2); err != nil || now.Title != "A rule" {
		t.Errorf("the newest state: %+v, %v", now, err)
	}
	if _, err := d.store.State(t.Context(), member, made.Number, 3); !errors.Is(err, fault.NotFound) {
		t.Errorf("a state to come: %v", err)
	}
	if _, err := d.store.State(t.Context(), d.seat(community.Visitor), made.Number, 1); !errors.Is(err, fault.NotFound) {
		t.Errorf("for a visitor: %v", err)
	}
}

func TestAnEntryIsTakenAwayAndBroughtBack(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, member, coordinator := d.seat(community.Member), d.seat(community.Member), d.seat(community.Coordinator)
	n := d.begun(author, practice.Text{Form: practice.Tool, Title: "A map", Audience: item.Community})
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	stands := func() error { _, err := d.store.Read(t.Context(), member, n); return err }
	must("thanks", d.store.Thank(t.Context(), member, n, true))
	if err := d.store.Remove(t.Context(), member, n); !errors.Is(err, fault.Forbidden) {
		t.Errorf("removed by a member: %v", err)
	}
	must("remove", d.store.Remove(t.Context(), author, n))
	if r, err := d.store.Removal(t.Context(), author, n); !errors.Is(stands(), fault.Gone) || err != nil || !r.MayUndo {
		t.Errorf("removed: %v, %+v, %v", stands(), r, err)
	}
	must("restore", d.store.Restore(t.Context(), author, n))
	must("stands", stands())
	must("report", d.store.Report(t.Context(), member, n, "It names my neighbour."))
	if w, err := d.store.Read(t.Context(), member, n); err != nil || w.Regard.At == nil || !w.Regard.Thanked || w.Regard.Thanks != 1 {
		t.Errorf("regard: %+v, %v", w.Regard, err)
	}
	if err := d.store.Hide(t.Context(), coordinator, n, ""); len(fault.Problems(err)) != 1 {
		t.Errorf("hidden without a reason: %v", err)
	}
	must("hide", d.store.Hide(t.Context(), coordinator, n, "It names somebody."))
	if r, err := d.store.Removal(t.Context(), member, n); !errors.Is(stands(), fault.Gone) || err != nil || r.Reason != "It names somebody." {
		t.Errorf("hidden: %+v, %v", r, err)
	}
	if _, err := d.store.Removal(t.Context(), d.seat(community.Visitor), n); !errors.Is(err, fault.NotFound) {
		t.Errorf("told to a visitor: %v", err)
	}
	must("show", d.store.Show(t.Context(), coordinator, n))
	must("stands again", stands())
}
