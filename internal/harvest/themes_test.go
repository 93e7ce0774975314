package harvest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/search"
)

// say opens a discussion, and answers in it when there is one already.
func (w *town) say(seat community.Seat, thread int, lang locale.Lang, body string) int {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	if thread == 0 {
		made, err := w.threads.Start(w.t.Context(), seat, discussion.Opening{Title: "A question", Body: body, Lang: lang, Form: discussion.Conversation, Audience: item.Community, Request: uuid.New()})
		w.must(err)
		return made.Number
	}
	_, err := w.threads.Reply(w.t.Context(), seat, thread, discussion.Answer{Body: body, Lang: lang, Request: uuid.New()})
	w.must(err)
	return thread
}

// thrice lets two people say the same three times in their own words, among other things.
func (w *town) thrice() {
	w.t.Helper()
	w.say(w.stella, 0, locale.German, "Bei uns fehlt auf dem Schulhof jeder Schatten, die Bäume wurden gefällt.")
	w.say(w.simon, 0, locale.German, "Die Schulhöfe haben keinen Schatten mehr: kein Baum weit und breit.")
	w.say(w.stella, 0, locale.German, "Noch ein Schulhof, auf dem ein Baum und damit der Schatten fehlt.")
	w.say(w.simon, 0, locale.German, "Die Messkampagne beginnt im Juni mit zwölf Stationen.")
	w.say(w.coord, 0, locale.German, "Das Protokoll der Sitzung liegt im Ordner der Stadtverwaltung.")
}

func (w *town) find() {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	w.must(w.store.FindThemes(w.t.Context()))
}

// themes that wait, in short: words, voices, and how many sayings.
func (w *town) themes() (told []string) {
	w.t.Helper()
	waiting, _, err := w.store.Themes(w.t.Context(), w.coord)
	w.must(err)
	for _, t := range waiting {
		told = append(told, fmt.Sprintf("%s: %d by %d", t.Words, len(t.Sayings), t.Voices))
	}
	at, err := w.themesWaiting(w.coord.Reach)
	w.must(err)
	counted := 0
	for _, a := range at {
		counted += a.N
	}
	if counted != len(waiting) {
		w.t.Errorf("the desk counts %d, the page shows %d", counted, len(waiting))
	}
	return told
}

func TestWordsAreAlikeInOtherInflectionsAndLanguages(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	terms := search.NewStore(tx, time.Now)
	if _, err := terms.AddTermAs(t.Context(), tx, 0, search.TermInput{Request: uuid.New(), Senses: map[locale.Lang]search.Sense{locale.English: {Words: []string{"heat island"}}, locale.German: {Words: []string{"Wärmeinsel"}}, locale.Greek: {Words: []string{"θερμική νησίδα"}}}}); err != nil {
		t.Fatal(err)
	}
	x, err := terms.Lexicon(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const other = "Ganz anderes: die Rechnung des Caterings."
	for name, c := range map[string]struct {
		a, b   locale.Lang
		one    string
		two    string
		likely bool
	}{
		"German inflection": {locale.German, locale.German, "Der Baum wirft Schatten", "Bäume werfen ihre Schatten", true},
		"Greek inflection":  {locale.Greek, locale.Greek, "Το κριτήριο για τη σκιά των δέντρων", "Κριτήρια: η σκιά κάθε δέντρου", true},
		"another language":  {locale.English, locale.German, "The heat island stays overnight", "Die Wärmeinseln bleiben", true},
		"Greek and English": {locale.Greek, locale.English, "Οι θερμικές νησίδες τη νύχτα", "heat islands", true},
		"only in passing":   {locale.English, locale.English, "I have seen that we need something new today", "Yes, we need to see something today", false},
		"nothing":           {locale.English, locale.English, "The tram tracks are warm", "The ballot is secret", false},
	} {
		how := harvest.Likeness(x, []locale.Lang{c.a, c.b, locale.German}, []string{c.one, c.two, other})
		if how > .3 != c.likely {
			t.Errorf("%s: %q and %q are %.2f alike", name, c.one, c.two, how)
		}
	}
}

func TestPassagesLeaveOutWhatIsQuoted(t *testing.T) {
	t.Parallel()
	got := harvest.Passages("<blockquote>\n<p>They said.</p>\n<blockquote><p>Deeper.</p></blockquote>\n</blockquote>\n<p>I <em>say</em> &amp; mean.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<p>end")
	if diff := cmp.Diff([]string{"I say & mean.", "one", "two", "end"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatSeveralPeopleSaidAgainIsAThemeForTheCoordinator(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.thrice()
	w.find()
	want := []string{"Schatten · Schulhof: 3 by 2"}
	told := w.themes()
	if len(told) != 1 || !strings.HasSuffix(told[0], ": 3 by 2") || !strings.Contains(told[0], "Schatten") || !strings.Contains(told[0], "Schulhof") {
		t.Fatalf("got %q, want about %q", told, want)
	}
	waiting, _, err := w.store.Themes(t.Context(), w.coord)
	w.must(err)
	id := waiting[0].ID
	w.find() // again: the same
	if again := w.themes(); cmp.Diff(told, again) != "" {
		t.Errorf("the second time: %q", again)
	}
	if waiting, _, err = w.store.Themes(t.Context(), w.coord); err != nil || waiting[0].ID != id {
		t.Errorf("%v: the theme found again is another", err)
	}
	for name, seat := range map[string]community.Seat{"member": w.stella, "scientist": w.simon, "nobody": w.nobody} {
		_, _, err := w.store.Themes(t.Context(), seat)
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s reads themes: %v", name, err)
		}
		for act, do := range map[string]error{"gather": w.store.GatherTheme(t.Context(), seat, id), "dismiss": w.store.DismissTheme(t.Context(), seat, id), "restore": w.store.RestoreTheme(t.Context(), seat, id)} {
			if !errors.Is(do, fault.Forbidden) {
				t.Errorf("%s may %s: %v", name, act, do)
			}
		}
		if at, err := w.themesWaiting(seat.Reach); err != nil || len(at) != 0 {
			t.Errorf("%s is told of %v, %v", name, at, err)
		}
	}
}

func TestWhoRepeatsItselfInOneDiscussionSaysItOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	at := w.say(w.stella, 0, locale.German, "Auf dem Schulhof fehlt der Schatten der Bäume.")
	w.say(w.stella, at, locale.German, "Wie gesagt: Schulhof ohne Baum, ohne Schatten.")
	w.say(w.simon, at, locale.German, "Schulhöfe ohne Schatten, weil Bäume fehlen.")
	w.find()
	if told := w.themes(); len(told) != 0 {
		t.Errorf("two people once each: %q", told)
	}
	w.say(w.coord, at, locale.German, "Kein Baum, kein Schatten auf dem Schulhof.")
	w.find()
	if told := w.themes(); len(told) != 1 {
		t.Errorf("three people: %q", told)
	}
}

func TestDismissedThemesStayDismissed(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.thrice()
	w.find()
	waiting, _, err := w.store.Themes(t.Context(), w.coord)
	w.must(err)
	w.must(w.store.DismissTheme(t.Context(), w.coord, waiting[0].ID))
	w.must(w.store.DismissTheme(t.Context(), w.coord, waiting[0].ID))
	w.say(w.coord, 0, locale.German, "Auch beim dritten Schulhof: weder Baum noch Schatten.")
	w.find()
	if told := w.themes(); len(told) != 0 {
		t.Errorf("a dismissed theme is back: %q", told)
	}
	_, dismissed, err := w.store.Themes(t.Context(), w.coord)
	if w.must(err); len(dismissed) != 1 || len(dismissed[0].Sayings) != 4 {
		t.Errorf("dismissed: %v", dismissed)
	}
	if n := w.one(`select count(*)::text from activity where verb = 'theme.dismiss'`); n != "1" {
		t.Errorf("dismissed %s times", n)
	}
	w.must(w.store.RestoreTheme(t.Context(), w.coord, waiting[0].ID))
	if told := w.themes(); len(told) != 1 {
		t.Errorf("after it was restored: %q", told)
	}
	elsewhere := w.coord
	elsewhere.Community++
	if err := w.store.DismissTheme(t.Context(), elsewhere, waiting[0].ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("the coordinator of another community: %v", err)
	}
}

func TestWhatWasRemovedOrChangedIsInNoTheme(t *testing.T) {
	t.Parallel()
	for name, undo := range map[string]string{
		"hidden":  `update item set removed_at = now(), removed_reason = 'x' where kind = 'discussion' and number = 1`,
		"changed": `update item set edited_at = '2030-01-01' where kind = 'discussion' and number = 1`,
		"a draft": `update item set audience = 3 where kind = 'discussion' and number = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, testdb.Tx(t))
			w.thrice()
			w.say(w.coord, 0, locale.German, "Auch beim dritten Schulhof: weder Baum noch Schatten.")
			w.find()
			if told := w.themes(); len(told) != 1 || !strings.HasSuffix(told[0], "4 by 3") {
				t.Fatalf("%q", told)
			}
			_, err := w.db.Exec(t.Context(), undo)
			w.must(err)
			if told := w.themes(); len(told) != 1 || !strings.HasSuffix(told[0], "3 by 3") {
				t.Errorf("%q", told)
			}
		})
	}
}

func TestLinesOfOpenMinutesAndSharedNotesCount(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.say(w.simon, 0, locale.English, "One grid cell should fit a whole city block, not a district.")
	w.say(w.coord, 0, locale.English, "We cannot plan a city block with such a coarse grid cell.")
	w.find()
	if told := w.themes(); len(told) != 0 { // the line about the block stands in minutes that are not open
		t.Errorf("got %q", told)
	}
	w.open()
	w.find()
	told := w.themes()
	if len(told) != 1 || !strings.HasSuffix(told[0], ": 3 by 3") {
		t.Errorf("got %q", told)
	}
}

func TestAThemeIsGatheredOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.thrice()
	w.find()
	waiting, _, err := w.store.Themes(t.Context(), w.coord)
	w.must(err)
	for range 2 {
		w.must(w.store.GatherTheme(t.Context(), w.coord, waiting[0].ID))
	}
	basket, err := w.store.Basket(t.Context(), w.coord)
	if w.must(err); len(basket) != 3 {
		t.Errorf("%d passages in the basket", len(basket))
	}
	for _, g := range basket {
		if g.Gone {
			t.Errorf("%q does not stand where it was gathered", g.Kept)
		}
	}
	if waiting, _, _ = w.store.Themes(t.Context(), w.coord); len(waiting) != 1 || !waiting[0].Sayings[0].Laid {
		t.Error("the page does not say what lies in the basket")
	}
	if err := w.store.GatherTheme(t.Context(), w.coord, -1); !errors.Is(err, fault.NotFound) {
		t.Errorf("no theme: %v", err)
	}
}

func TestWhoAskedDiscreetlyIsNotNamedInAThemeAndDraftsAreInNone(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.thrice()
	_, err := w.db.Exec(t.Context(), `with apart as (insert into discreet_author (item_id, account_id) select id, author_id from item where kind = 'discussion' and number = 1) update item set author_id = null where kind = 'discussion' and number = 1`)
	w.must(err)
	w.find()
	waiting, _, err := w.store.Themes(t.Context(), w.coord)
	if w.must(err); len(waiting) != 1 || waiting[0].Voices != 2 {
		t.Fatalf("got %+v", waiting)
	}
	if s := waiting[0].Sayings[0]; !s.Discreet || s.Name != "" {
		t.Errorf("the one who asked discreetly: %+v", s)
	}
}

func (w *town) themesWaiting(reach community.Reach) (at []harvest.ThemesAt, err error) {
	w.t.Helper()
	b := &pgx.Batch{}
	w.store.ThemesWaitingBy(reach, &at)(b)
	return at, w.db.SendBatch(w.t.Context(), b).Close()
}
