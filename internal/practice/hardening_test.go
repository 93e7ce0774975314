package practice_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
)

// shade is a sound case for the community.
func shade() practice.Text {
	return practice.Text{Form: practice.Case, Title: "Shade", Lang: locale.English, Fields: practice.Fields{"done": "A vine."}, Audience: item.Community}
}

func TestWhatNoEntryMayBeIsRefusedByItsFieldAndStoresNothing(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	degrees := func(x float64) *float64 { return &x }
	for what, c := range map[string]struct {
		change func(*practice.Text)
		field  string
	}{
		"no form":                 {func(x *practice.Text) { x.Form = "song" }, "form"},
		"a part of another form":  {func(x *practice.Text) { x.Fields = practice.Fields{"steps": "Wait."} }, "form"},
		"a part of ten megabytes": {func(x *practice.Text) { x.Fields["done"] = strings.Repeat("x", 10<<20) }, "done"},
		"no title":                {func(x *practice.Text) { x.Title = "" }, "title"},
		"a long title":            {func(x *practice.Text) { x.Title = strings.Repeat("ä", item.MaxTitle+1) }, "title"},
		"a long summary":          {func(x *practice.Text) { x.Summary = strings.Repeat("ä", practice.MaxSummary+1) }, "summary"},
		"half a place":            {func(x *practice.Text) { x.Latitude = degrees(47) }, "latitude"},
		"a place beyond the pole": {func(x *practice.Text) { x.Latitude, x.Longitude = degrees(91), degrees(7) }, "latitude"},
		"a script for an address": {func(x *practice.Text) { x.URL = "javascript:alert(1)" }, "url"},
		"an address with a name":  {func(x *practice.Text) { x.URL = "https://me:secret@example.org/" }, "url"},
		"a strange wish":          {func(x *practice.Text) { x.Quoting = "aloud" }, "quoting"},
		"no language":             {func(x *practice.Text) { x.Lang = "xx" }, "lang"},
		"an unknown audience":     {func(x *practice.Text) { x.Audience = -1 }, "audience"},
		"four topics":             {func(x *practice.Text) { x.Topics = []string{"water", "energy", "planning", "greenery"} }, "topics"},
	} {
		text := shade()
		c.change(&text)
		_, err := d.store.Begin(t.Context(), author, practice.New{Text: text, Request: uuid.New()})
		if problems := fault.Problems(err); len(problems) != 1 || problems[0].Field != c.field {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := d.number(`select (select count(*) from item) + (select count(*) from activity) + (select count(*) from counter)`); n != 0 {
		t.Errorf("%d rows were stored", n)
	}
}

func TestATitleIsEnoughToShareAnEntry(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	text := shade()
	text.Fields = nil
	made, err := d.store.Begin(t.Context(), author, practice.New{Text: text, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.store.Read(t.Context(), d.seat(community.Member), made.Number)
	if err != nil || e.Title != "Shade" || e.HTML != "" || len(e.Fields.Missing(e.Form)) != 4 {
		t.Errorf("got %+v, %v", e.Entry, err)
	}
}

func TestTopicsThatAreNoMoreStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	text := shade()
	text.Topics = []string{"water", "nonsense", "energy"}
	made, err := d.store.Begin(t.Context(), author, practice.New{Text: text, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	about := func() string {
		w, err := d.store.Written(t.Context(), author, made.Number)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(w.Topics, " ")
	}
	if got := about(); got != "water energy" {
		t.Errorf("begun about %q", got)
	}
	if _, err := d.tx.Exec(t.Context(), `update topic set retired_at = now() where key in ('water', 'planning')`); err != nil {
		t.Fatal(err)
	}
	for revision, c := range []struct{ typed, want string }{{"water planning", "water"}, {"energy", "energy"}, {"water energy", "energy"}} {
		text.Topics = strings.Fields(c.typed)
		if err := d.store.Revise(t.Context(), author, made.Number, practice.Edit{Text: text, Revision: revision + 1}); err != nil {
			t.Fatal(err)
		}
		if got := about(); got != c.want {
			t.Errorf("with %q it is about %q, want %q", c.typed, got, c.want)
		}
	}
}

func TestANoteOfWhateverLengthIsTakenAndTextThatIsNoneIsNot(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	made, err := d.store.Note(t.Context(), author, practice.Heard{Body: strings.Repeat("ä", item.MaxBody), Lang: locale.English, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	if n := d.number(`select char_length(fields->>'told') from entry where item_id = $1`, made.ID); n != item.MaxBody {
		t.Errorf("%d characters were kept", n)
	}
	if _, err := d.store.Note(t.Context(), author, practice.Heard{Body: strings.Repeat("ä", item.MaxBody+1), Lang: locale.English, Request: uuid.New()}); len(fault.Problems(err)) != 1 {
		t.Errorf("a longer one: %v", err)
	}
	if _, err := d.store.Begin(t.Context(), d.seat(community.Elsewhere), practice.New{Text: shade(), Request: uuid.New()}); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by a member elsewhere: %v", err)
	}
}

func TestAnEntryThatIsADraftAgainIsEndorsedNoMore(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	text := shade()
	made, err := d.store.Begin(t.Context(), author, practice.New{Text: text, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.tx.Exec(t.Context(), `update entry set endorsed_at = now(), endorsed_by = $2, endorsed_revision = 1 where item_id = $1`, made.ID, author.Account); err != nil {
		t.Fatal(err)
	}
	for revision, c := range []struct {
		audience item.Audience
		want     int
	}{{item.Public, 1}, {item.Draft, 0}, {item.Public, 0}} {
		text.Audience = c.audience
		if err := d.store.Revise(t.Context(), author, made.Number, practice.Edit{Text: text, Revision: revision + 1}); err != nil {
			t.Fatal(err)
		}
		if n := d.number(`select count(endorsed_at) from entry where item_id = $1`, made.ID); n != c.want {
			t.Errorf("for %s: %d endorsements, want %d", c.audience.Word(), n, c.want)
		}
	}
}
