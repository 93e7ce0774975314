package criterion_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// raise logs a criterion and returns its number.
func (w *town) raise(t *testing.T, seat community.Seat, n criterion.New) int {
	t.Helper()
	if n.Statement == "" {
		n.Statement = "Shows single courtyards"
	}
	n.Lang, n.Request = "en", uuid.New()
	made, err := w.store.Raise(t.Context(), seat, n)
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

// meeting is one of the town, for an audience.
func (w *town) meeting(t *testing.T, number int, audience item.Audience) item.ID {
	t.Helper()
	var id item.ID
	err := w.db.QueryRow(t.Context(), `with i as (insert into item (community_id, kind, number, title, lang, author_id, updated_by, audience, created_at, updated_at, active_at)
			values ($1, 'meeting', $2, 'In the courtyard', 'en', $3, $3, $4, $5, $5, $5) returning id),
		x as (insert into item_text (item_id, body, html, renderer) select id, '', '', 1 from i)
		insert into meeting (item_id, community_id, form, state, state_at, zone, opens_to) select id, $1, 'regular', 'finding', $5, 'Europe/Zurich', least($4, 2) from i returning item_id`, w.here, number, w.coord.Account, audience, w.now).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestOnlyTheSpeakerAnswersForTheWordsAndWhoLoggedThemHears(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.raise(t, w.simon, criterion.New{Source: &criterion.NewSource{Form: criterion.FromPerson, Speaker: w.stella.Account, Words: "I need the courtyard."}})
	for name, seat := range map[string]community.Seat{"who logged it": w.simon, "the coordinator": w.coord, "a stranger": w.nobody} {
		for act, err := range map[string]error{"confirm": w.store.Confirm(t.Context(), seat, n, 1, 1, true), "deny": w.store.Deny(t.Context(), seat, n, 1), "release": w.store.Release(t.Context(), seat, n, 1, true),
			"correct": w.store.Correct(t.Context(), seat, n, 1, 1, "Mine", true)} {
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s may %s: %v", name, act, err)
			}
		}
	}
	if err := w.store.Confirm(t.Context(), w.stella, n, 1, 1, false); err != nil {
		t.Fatal(err)
	}
	if s := w.read(t, w.stella, n).Sources[0]; s.Answer != criterion.Confirmed || s.AnsweredOf != 1 || !s.Mine || s.MineAlone {
		t.Errorf("after confirming: %+v", s)
	}
	var told int
	if err := w.db.QueryRow(t.Context(), `select count(*) from activity where verb = 'criterion.confirm' and actor_id = $1 and concerned = array[$2::bigint]`, w.stella.Account, w.simon.Account).Scan(&told); err != nil || told != 1 {
		t.Errorf("who logged it was told %d times, %v", told, err)
	}
	if err := w.store.Correct(t.Context(), w.stella, n, 1, 1, "Shows single courtyards in old blocks", true); err != nil {
		t.Fatal(err)
	}
	c := w.read(t, w.simon, n)
	if s := c.Sources[0]; c.Statement != "Shows single courtyards in old blocks" || c.Revision != 2 || s.Answer != criterion.Corrected || s.AnsweredOf != 2 {
		t.Errorf("after correcting: %q, %+v", c.Statement, s)
	}
	if _, stale := fault.Stale(w.store.Confirm(t.Context(), w.stella, n, 1, 1, false)); !stale {
		t.Error("an older wording was confirmed as if it were the newest")
	}
	if err := w.store.Deny(t.Context(), w.stella, n, 1); err != nil {
		t.Fatal(err)
	}
	if s := w.read(t, w.nobody, n).Sources[0]; s.Words != "" || s.Answer != criterion.Denied || s.Released {
		t.Errorf("a stranger reads denied words: %+v", s)
	}
}

func TestWordsFromWhereTheReaderMayNotListenStayThereUntilTheirSpeakerReleasesThem(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	m := w.meeting(t, 1, item.Community)
	n := w.raise(t, w.simon, criterion.New{Source: &criterion.NewSource{Form: criterion.FromMeeting, Item: m, Speaker: w.stella.Account, Words: "Only here.", Organisation: "Planning"}})
	if s := w.read(t, w.simon, n).Sources[0]; s.Words != "Only here." || s.Name == "" || s.Number != 1 || s.Organisation != "Planning" || s.Perspective != community.Stakeholder {
		t.Errorf("a member reads %+v", s)
	}
	hidden := w.read(t, w.nobody, n).Sources[0]
	if hidden.Words != "" || hidden.Name != "" || hidden.Organisation != "" || hidden.Speaker != 0 || hidden.Title != "" || hidden.Number != 0 || !hidden.Withheld || hidden.Open {
		t.Errorf("a stranger reads %+v", hidden)
	}
	if len(w.read(t, w.nobody, n).Trail) != 0 {
		t.Error("the trail shows what may not be opened")
	}
	if err := w.store.Release(t.Context(), w.stella, n, 1, true); err != nil {
		t.Fatal(err)
	}
	if s := w.read(t, w.nobody, n).Sources[0]; s.Words != "Only here." || s.Title != "" || s.Open {
		t.Errorf("released, a stranger reads %+v", s)
	}
	stands, err := w.store.SourceOf(t.Context(), w.simon, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	change := criterion.NewSource{Form: criterion.FromMeeting, Item: m, Speaker: w.stella.Account, Words: "Something else."}
	if err := w.store.ReviseSource(t.Context(), w.simon, n, 1, change, stands.Stamp); err != nil {
		t.Fatal(err)
	}
	if s := w.read(t, w.nobody, n).Sources[0]; s.Words != "" || s.Released {
		t.Errorf("other words count as released: %+v", s)
	}
	if _, stale := fault.Stale(w.store.ReviseSource(t.Context(), w.simon, n, 1, change, stands.Stamp)); !stale {
		t.Error("a change from an older state was stored")
	}
	if trail := w.read(t, w.simon, n).Trail; len(trail) != 1 || trail[0].Quote != "Something else." {
		t.Errorf("the trail says %+v", trail)
	}
}

func TestNobodyButTheSpeakerAndTheCoordinatorsTakesAVoiceAway(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.raise(t, w.simon, criterion.New{})
	if err := w.store.Need(t.Context(), w.stella, n, "en"); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Need(t.Context(), w.stella, n, "en"); err != nil {
		t.Fatal(err)
	}
	if got := w.read(t, w.stella, n).Sources; len(got) != 1 || !got[0].MineAlone {
		t.Fatalf("said twice: %+v", got)
	}
	if err := w.store.RemoveSource(t.Context(), w.simon, n, 1); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a scientist took a voice away: %v", err)
	}
	stands, err := w.store.SourceOf(t.Context(), w.simon, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.ReviseSource(t.Context(), w.simon, n, 1, criterion.NewSource{Form: criterion.FromPerson, SpeakerName: "Somebody Else"}, stands.Stamp); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a scientist gave a voice to somebody else: %v", err)
	}
	if err := w.store.NeedNoMore(t.Context(), w.stella, n); err != nil {
		t.Fatal(err)
	}
	if got := w.read(t, w.stella, n).Sources; len(got) != 0 {
		t.Errorf("taken back: %+v", got)
	}
	if err := w.store.Need(t.Context(), w.nobody, n, "en"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a stranger needs it: %v", err)
	}
}

func TestSourcesThatCannotBeAreRefusedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	other := newTown(t, w.db)
	elsewhere := other.meeting(t, 1, item.Public)
	hidden := w.meeting(t, 2, item.Draft)
	day := time.Date(1200, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		source criterion.NewSource
		field  string
	}{
		"no form":                           {criterion.NewSource{}, "source"},
		"a meeting without one":             {criterion.NewSource{Form: criterion.FromMeeting}, "meeting"},
		"a meeting of another city":         {criterion.NewSource{Form: criterion.FromMeeting, Item: elsewhere}, "meeting"},
		"a meeting that is still a draft":   {criterion.NewSource{Form: criterion.FromMeeting, Item: hidden}, "meeting"},
		"a meeting as a discussion":         {criterion.NewSource{Form: criterion.FromDiscussion, Item: elsewhere}, "discussion"},
		"a point of no agenda":              {criterion.NewSource{Form: criterion.FromMeeting, Item: w.meeting(t, 3, item.Public), Point: 999_999}, "point"},
		"a speaker who is no member":        {criterion.NewSource{Form: criterion.FromPerson, Speaker: other.stella.Account}, "speaker"},
		"a person who is nobody":            {criterion.NewSource{Form: criterion.FromPerson}, "speaker"},
		"an address that runs a script":     {criterion.NewSource{Form: criterion.FromDocument, URL: "javascript:alert(1)"}, "url"},
		"words that are too long":           {criterion.NewSource{Form: criterion.FromPerson, SpeakerName: "A", Words: strings.Repeat("ä", criterion.MaxWords+1)}, "words"},
		"a perspective that does not exist": {criterion.NewSource{Form: criterion.FromPerson, Perspective: "king"}, "perspective"},
		"a day long ago":                    {criterion.NewSource{Form: criterion.FromPerson, SpeakerName: "A", SaidOn: &day}, "said_on"},
	} {
		_, err := w.store.Raise(t.Context(), w.simon, criterion.New{Statement: "Bad source", Lang: "en", Source: &c.source, Request: uuid.New()})
		if p := fault.Problems(err); len(p) == 0 || p[0].Field != c.field {
			t.Errorf("%s: got %v, want a problem of %s", name, err, c.field)
		}
	}
	left := 0
	if err := w.db.QueryRow(t.Context(), `select count(*) from item where community_id = $1 and kind = 'criterion'`, w.here).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d criteria stand, %v", left, err)
	}
}

func TestTargetsThatAreNoNumbersAndProductsOfNobodyAreRefused(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n := w.raise(t, w.simon, criterion.New{})
	for name, c := range map[string]struct {
		change criterion.Change
		field  string
	}{
		"no number":                   {criterion.Change{Target: criterion.Target{Comparator: criterion.AtMost, Value: math.NaN()}}, "target"},
		"beyond all numbers":          {criterion.Change{Target: criterion.Target{Comparator: criterion.AtMost, Value: math.Inf(1)}}, "target"},
		"an empty span":               {criterion.Change{Target: criterion.Target{Comparator: criterion.Between, Value: 2, To: 1}}, "target_to"},
		"an unknown comparator":       {criterion.Change{Target: criterion.Target{Comparator: "about", Value: 2}}, "comparator"},
		"a long unit":                 {criterion.Change{Target: criterion.Target{Unit: strings.Repeat("m", 41)}}, "unit"},
		"a product that is not there": {criterion.Change{Products: []item.ID{math.MaxInt64}}, "products"},
		"an unknown category":         {criterion.Change{Category: "none-such"}, "category"},
		"an audience of nobody":       {criterion.Change{Audience: item.Draft}, "audience"},
		"a long statement":            {criterion.Change{Statement: strings.Repeat("x", 201)}, "statement"},
	} {
		c.change.Revision, c.change.Lang = 1, "en"
		if c.change.Statement == "" {
			c.change.Statement = "Changed"
		}
		if p := fault.Problems(w.store.Word(t.Context(), w.simon, n, c.change)); len(p) == 0 || p[0].Field != c.field {
			t.Errorf("%s: got %v, want a problem of %s", name, p, c.field)
		}
	}
	if c := w.read(t, w.simon, n); c.Statement != "Shows single courtyards" || c.Revision != 1 {
		t.Errorf("something was stored: %+v", c.Criterion)
	}
}

func TestACriterionIsWordedByThoseWhoMayAndItsOlderWordingStays(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	mine := w.raise(t, w.stella, criterion.New{Statement: "Shows hot places"})
	theirs := w.raise(t, w.simon, criterion.New{Statement: "Night values", Source: &criterion.NewSource{Form: criterion.FromPerson, Speaker: w.stella.Account}})
	change := criterion.Change{Revision: 1, Statement: "Shows hot places at night", Why: "People sleep badly.", Lang: "en", Category: "content", Tags: []string{"night"},
		Target: criterion.Target{Measure: "air temperature", Comparator: criterion.Between, Value: 18, To: 30, Unit: "furlongs"}}
	if err := w.store.Word(t.Context(), w.stella, theirs, change); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a stakeholder worded somebody else's: %v", err)
	}
	if err := w.store.Word(t.Context(), w.stella, mine, change); err != nil {
		t.Fatal(err)
	}
	if _, stale := fault.Stale(w.store.Word(t.Context(), w.simon, mine, change)); !stale {
		t.Error("a wording from an older state was stored")
	}
	c := w.read(t, w.nobody, mine)
	if c.Statement != change.Statement || c.Category != "content" || c.Target != change.Target || c.Revision != 2 {
		t.Errorf("worded: %+v", c.Criterion)
	}
	states, err := w.store.History(t.Context(), w.nobody, mine)
	if err != nil || len(states) != 2 || states[1].Title != "Shows hot places" {
		t.Errorf("history: %+v, %v", states, err)
	}
	if err := w.store.Word(t.Context(), w.simon, theirs, criterion.Change{Revision: 1, Statement: "Night values per street", Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	var told int
	if err := w.db.QueryRow(t.Context(), `select count(*) from activity where verb = 'criterion.word' and actor_id = $1 and $2 = any(concerned)`, w.simon.Account, w.stella.Account).Scan(&told); err != nil || told != 1 {
		t.Errorf("who asked was told %d times of the new wording, %v", told, err)
	}
	if _, err := w.db.Exec(t.Context(), `update criterion set state = 'merged', merged_into = (select item_id from criterion k join item i on i.id = k.item_id where k.community_id = $1 and i.number = $2) where item_id = $3`, w.here, theirs, c.ID); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"word": w.store.Word(t.Context(), w.simon, mine, change), "need": w.store.Need(t.Context(), w.simon, mine, "en")} {
		if p := fault.Problems(err); len(p) != 1 || p[0].Key != "criterion-merged" {
			t.Errorf("%s a merged one: %v", name, err)
		}
	}
}

func TestSimilarCriteriaAreThoseOfTheCityFirstAndNoneThatTheReaderMayNotOpen(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	other := newTown(t, w.db)
	far := other.raise(t, other.simon, criterion.New{Statement: "Shows the shade of single trees"})
	other.raise(t, other.simon, criterion.New{Statement: "Shows the shade of single trees at noon", Audience: item.Community})
	near := w.raise(t, w.simon, criterion.New{Statement: "Shows the shade of trees"})
	alike, err := w.store.Similar(t.Context(), w.simon, "shows the shade of single trees", "en", 0)
	if err != nil || len(alike) != 2 || alike[0].Slug != w.slug || alike[0].Number != near || alike[1].Slug != other.slug || alike[1].Number != far {
		t.Errorf("got %+v, %v", alike, err)
	}
	if alike, err := w.store.Similar(t.Context(), w.simon, "minutes of the tram", "en", 0); err != nil || len(alike) != 0 {
		t.Errorf("got %+v, %v for something else", alike, err)
	}
}
