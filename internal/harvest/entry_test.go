package harvest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/practice"
)

func (w *town) entries() practice.Store {
	return practice.NewStore(w.db, func() time.Time { return w.now })
}

// talk is a conversation begun by stella for an audience, with her words.
func (w *town) talk(audience item.Audience, words string) int {
	w.t.Helper()
	made, err := w.threads.Start(w.t.Context(), w.stella, discussion.Opening{Form: discussion.Conversation, Title: "A talk", Body: words, Lang: locale.English, Audience: audience, Request: uuid.New()})
	w.must(err)
	return made.Number
}

func aCase(text string, audience item.Audience) practice.New {
	return practice.New{Text: practice.Text{Form: practice.Case, Title: "A case", Lang: locale.English, Fields: practice.Fields{"situation": text}, Audience: audience}, Request: uuid.New()}
}

func TestAnyLineAndAnyPointOfAMeetingBecomesAnEntry(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	var point int64
	w.must(w.db.QueryRow(t.Context(), `insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, body, html, proposed_by, proposed_at)
		select community_id, item_id, 1, 'accepted', 'discussion', 'Which cells?', 'en', 'How *fine* they are.', '<p>How <em>fine</em> they are.</p>', $2, now() from meeting where community_id = $1 returning id`, w.here, w.simon.Account).Scan(&point))
	places := map[string]harvest.Passage{
		"a decision":  {At: harvest.At{Meeting: w.meeting, Line: 3}, Words: "We meet again."},
		"a criterion": {At: harvest.At{Meeting: w.meeting, Line: 1}, Words: "One cell must fit a city block."},
		"of a guest":  {At: harvest.At{Meeting: w.meeting, Line: 2}, Words: "It must cost nothing."},
		"a point":     {At: harvest.At{Meeting: w.meeting, Point: point}, Words: "How fine they are."},
	}
	for name, p := range places {
		if _, err := w.store.Entry(t.Context(), w.stella, aCase(p.Words, item.Community), []harvest.Passage{p}); p.Line > 0 && len(fault.Problems(err)) != 1 {
			t.Errorf("%s of draft minutes: %v", name, err)
		}
	}
	w.open()
	for name, p := range places {
		made, err := w.store.Entry(t.Context(), w.stella, aCase(p.Words, item.Public), []harvest.Passage{p})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		read, err := w.entries().Read(t.Context(), w.nobody, made.Number)
		w.must(err)
		if len(read.Sources) != 1 || read.Sources[0].Words != p.Words || !read.Sources[0].Open || read.Sources[0].Number != w.meeting {
			t.Errorf("%s: sources %+v", name, read.Sources)
		}
	}
	var around harvest.Around
	_, err := w.meetings.Minutes(t.Context(), w.nobody, w.meeting, w.store.Around(w.nobody, "meeting", w.meeting, &around))
	w.must(err)
	if len(around.Of(harvest.At{Meeting: w.meeting, Line: 3})) != 1 || len(around.Of(harvest.At{Meeting: w.meeting, Point: point})) == 0 {
		t.Errorf("the meeting does not say what became of it: %+v", around.Became)
	}
	if got := w.one(`select string_agg(coalesce(speaker_id::text, speaker_name), ',' order by n, entry_id) from entry_source where part = 'line-2'`); got != "a guest of the office" {
		t.Errorf("speaker of a guest's line: %s", got)
	}
}

func TestAPrivateCommunityKeepsItsWords(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	for _, sql := range []string{`update item set audience = 2 where community_id = $1`, `update community set visibility = 'private' where id = $1`} {
		_, err := w.db.Exec(t.Context(), sql, w.here)
		w.must(err)
	}
	for _, seat := range []*community.Seat{&w.coord, &w.stella, &w.simon, &w.nobody} {
		seat.Private = true
	}
	n := w.talk(item.Community, "Only we know that the pump leaks.")
	p := []harvest.Passage{{At: harvest.At{Discussion: n}, Words: "Only we know that the pump leaks."}}
	if _, err := w.store.Entry(t.Context(), w.nobody, aCase("x", item.Community), p); !errors.Is(err, fault.NotFound) {
		t.Errorf("a stranger: got %v, want not found", err)
	}
	if _, err := w.store.Entry(t.Context(), w.simon, aCase("x", item.Public), p); len(fault.Problems(err)) == 0 {
		t.Errorf("an entry for everybody: %v", err)
	}
	made, err := w.store.Entry(t.Context(), w.simon, aCase("Only we know that the pump leaks.", item.Community), p)
	w.must(err)
	if _, err := w.entries().Read(t.Context(), w.nobody, made.Number); !errors.Is(err, fault.NotFound) {
		t.Errorf("a stranger reads it: %v", err)
	}
}

func TestTheBasketHoldsAtMostFifty(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	var words []string
	for n := range harvest.MaxPassages + 1 {
		words = append(words, strings.Repeat("a", n+1)+".")
	}
	at := harvest.At{Discussion: w.talk(item.Public, strings.Join(words, " "))}
	for n, text := range words {
		_, err := w.store.Gather(t.Context(), w.simon, harvest.Passage{At: at, Words: text})
		if n < harvest.MaxPassages && err != nil || n == harvest.MaxPassages && len(fault.Problems(err)) != 1 {
			t.Fatalf("passage %d: %v", n+1, err)
		}
	}
	if _, err := w.store.Gather(t.Context(), w.simon, harvest.Passage{At: at, Words: "Never said."}); len(fault.Problems(err)) != 1 {
		t.Errorf("words that do not stand there: %v", err)
	}
	all, err := w.store.Basket(t.Context(), w.simon)
	w.must(err)
	if len(all) != harvest.MaxPassages || all[0].Kept != "a." || all[1].Kept != "aa." {
		t.Errorf("%d passages, first %+v", len(all), all[0])
	}
	w.must(w.store.Raise(t.Context(), w.simon, all[1].ID))
	w.must(w.store.Raise(t.Context(), w.simon, all[0].ID)) // now the second: back again
	w.must(w.store.Raise(t.Context(), w.simon, all[0].ID)) // the first cannot go higher
	again, err := w.store.Basket(t.Context(), w.simon)
	w.must(err)
	if again[0].ID != all[0].ID || again[1].ID != all[1].ID {
		t.Errorf("order %d, %d", again[0].ID, again[1].ID)
	}
}

// TestWordsAreQuotedOnlyWhereTheyMayBe walks through sharing, asking, answering and rewording in any order, and holds the store against what the speaker would say.
func TestWordsAreQuotedOnlyWhereTheyMayBe(t *testing.T) {
	t.Parallel()
	const words = "The pump by the square leaks at night."
	w := newTown(t, testdb.Tx(t))
	rapid.Check(t, func(rt *rapid.T) {
		tx, err := w.db.Begin(t.Context())
		w.must(err)
		defer func() { _ = tx.Rollback(t.Context()) }()
		v := *w
		v.db, v.store, v.threads = tx, harvest.NewStore(tx, func() time.Time { return w.now }), discussion.NewStore(tx, func() time.Time { return w.now })
		entries := v.entries()
		place := rapid.SampledFrom([]item.Audience{item.Public, item.Programme, item.Community}).Draw(rt, "place")
		n := v.talk(place, words)
		made, err := v.store.Entry(t.Context(), v.simon, aCase(words, item.Draft), []harvest.Passage{{At: harvest.At{Discussion: n}, Words: words}})
		v.must(err)
		audience, release, verbatim, revision, wasAsked := item.Draft, practice.Unasked, true, 1, false
		covered := func(a item.Audience) bool { return a == item.Draft || place <= a }
		rt.Repeat(map[string]func(*rapid.T){
			"revise": func(rt *rapid.T) {
				to := rapid.SampledFrom(practice.Audiences(false)).Draw(rt, "to")
				repeats := rapid.Bool().Draw(rt, "repeats")
				text := "It is fixed."
				if repeats {
					text = "He said: the *pump* by the\nsquare leaks at night"
				}
				e := practice.Edit{Text: aCase(text, to).Text, Revision: revision}
				err := entries.Revise(t.Context(), v.simon, made.Number, e)
				if repeats && !covered(to) && release != practice.Given {
					if p := fault.Problems(err); len(p) != 1 || p[0].Field != "audience" {
						rt.Fatalf("revised to %v while %q: %v", to, release, err)
					}
					return
				}
				if err != nil {
					rt.Fatal(err)
				}
				audience, verbatim, revision = to, repeats, revision+1
				if !covered(to) && release == practice.Unasked {
					release, wasAsked = practice.Asked, true
				}
			},
			"ask": func(rt *rapid.T) {
				err := entries.AskRelease(t.Context(), v.simon, made.Number)
				if audience == item.Draft {
					if !errors.Is(err, fault.Forbidden) {
						rt.Fatalf("asked for a draft: %v", err)
					}
					return
				}
				if err != nil {
					rt.Fatal(err)
				}
				if place > item.Public && release == practice.Unasked {
					release, wasAsked = practice.Asked, true
				}
			},
			"answer": func(rt *rapid.T) {
				yes := rapid.Bool().Draw(rt, "yes")
				err := entries.Answer(t.Context(), v.stella, made.Number, 1, yes)
				switch {
				case audience == item.Draft:
					if !errors.Is(err, fault.NotFound) {
						rt.Fatalf("answered about a draft: %v", err)
					}
				case release == practice.Unasked:
					if !errors.Is(err, fault.Forbidden) {
						rt.Fatalf("answered without a question: %v", err)
					}
				case err != nil:
					rt.Fatal(err)
				case yes:
					release = practice.Given
				default:
					release = practice.Refused
				}
			},
			"somebody else answers": func(rt *rapid.T) {
				if err := entries.Answer(t.Context(), v.coord, made.Number, 1, true); !errors.Is(err, fault.Forbidden) {
					rt.Fatalf("answered for somebody else: %v", err)
				}
			},
			"": func(rt *rapid.T) {
				var got practice.Release
				v.must(tx.QueryRow(t.Context(), `select release from entry_source where entry_id = $1`, made.ID).Scan(&got))
				if got != release {
					rt.Fatalf("release %q, want %q", got, release)
				}
				read, err := entries.Read(t.Context(), v.nobody, made.Number)
				if audience != item.Public {
					if !errors.Is(err, fault.NotFound) {
						rt.Fatalf("a stranger reads it: %v", err)
					}
					return
				}
				v.must(err)
				shows := read.Sources[0].Words != ""
				if shows != (place == item.Public || release == practice.Given) || shows != (read.Sources[0].Name != "") {
					rt.Fatalf("place %v, release %q: a stranger reads %+v", place, release, read.Sources[0])
				}
				past, err := entries.History(t.Context(), v.nobody, made.Number)
				v.must(err)
				for _, state := range past {
					if !shows && strings.Contains(state.Body, "leaks at night") && (state.Revision != revision || !verbatim || !wasAsked) {
						rt.Fatalf("the history tells: %+v", state)
					}
				}
			},
		})
	})
}
