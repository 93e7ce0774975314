package practice_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/internal/search"
)

// vine is a shared entry in German.
func (d *town) vine(author community.Seat) (int, practice.Edit) {
	d.t.Helper()
	text := practice.Text{Form: practice.Case, Title: "Ein Weinstock an Drähten", Lang: locale.German, Fields: practice.Fields{"situation": "Der Hof war heiss.", "done": "Wir spannten Drähte."}, Facts: practice.Facts{Summary: "Schatten für wenig Geld."}, Audience: item.Public}
	made, err := d.store.Begin(d.t.Context(), author, practice.New{Text: text, Request: uuid.New()})
	if err != nil {
		d.t.Fatal(err)
	}
	d.now = d.now.Add(time.Minute)
	return made.Number, practice.Edit{Text: text, Revision: 1}
}

func (d *town) read(seat community.Seat, number int) practice.Whole {
	d.t.Helper()
	w, err := d.store.Read(d.t.Context(), seat, number)
	if err != nil {
		d.t.Fatal(err)
	}
	return w
}

func (d *town) count(sql string, args ...any) (n int) {
	d.t.Helper()
	if err := d.tx.QueryRow(d.t.Context(), sql, args...).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

func (d *town) meeting(number int, title, state string, audience item.Audience, startsIn time.Duration) {
	d.t.Helper()
	_, err := d.tx.Exec(d.t.Context(), `with made as (insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) values ($1, 'meeting', $2, $3, 'en', $4, $5, $5, $5) returning id, community_id)
		insert into meeting (item_id, community_id, form, state, state_at, opens_to, zone, starts_at, ends_at) select id, community_id, 'regular', $6, $5, $4, 'UTC', $7, $8 from made`, d.id, number, title, audience, d.now, state, d.now.Add(startsIn), d.now.Add(startsIn+time.Hour))
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestACommunityEndorsesWhatItStandsBehindAndMayTakeItBack(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, coordinator, visitor := d.seat(community.Member), d.seat(community.Coordinator), d.seat(community.Visitor)
	d.meeting(1, "Held", "held", item.Community, -time.Hour)
	d.meeting(2, "To come", "published", item.Public, time.Hour)
	number, e := d.vine(author)
	endorse := func(seat community.Seat, number, meeting int) error {
		return d.store.Endorse(t.Context(), seat, number, meeting)
	}
	if err := endorse(author, number, 0); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by its author: %v", err)
	}
	for meeting, problem := range map[int]string{2: "entry-meeting", 9: "no-meeting"} {
		if p := fault.Problems(endorse(coordinator, number, meeting)); len(p) != 1 || p[0].Key != problem {
			t.Errorf("in meeting %d: %v", meeting, p)
		}
	}
	for range 2 {
		if err := endorse(coordinator, number, 1); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.read(coordinator, number).Life.Endorsement; !got.Endorsed() || got.Meeting != 1 || got.Revision != 1 {
		t.Errorf("endorsed: %+v", got)
	}
	if got := d.read(visitor, number).Life.Endorsement; !got.Endorsed() || got.Meeting != 0 {
		t.Errorf("a visitor learns of a meeting of the community: %+v", got)
	}
	if n := d.count(`select count(*) from activity where verb = 'entry.endorse' and concerned = array[$1::bigint]`, author.Account); n != 1 {
		t.Errorf("said twice, told %d times", n)
	}
	d.now = d.now.Add(time.Hour)
	e.Title = "Weinstock an Drähten"
	if err := d.store.Revise(t.Context(), author, number, e); err != nil {
		t.Fatal(err)
	}
	if w := d.read(author, number); w.Life.Endorsement.Revision >= w.Revision {
		t.Error("it does not show that it changed since")
	}
	if err := endorse(coordinator, number, 0); err != nil {
		t.Fatal(err)
	}
	if w := d.read(author, number); w.Life.Endorsement.Revision != w.Revision {
		t.Error("endorsed anew, it still counts as changed since")
	}
	if err := d.store.Unendorse(t.Context(), coordinator, number, ""); len(fault.Problems(err)) != 1 {
		t.Errorf("without a reason: %v", err)
	}
	for range 2 {
		if err := d.store.Unendorse(t.Context(), coordinator, number, "It did not last."); err != nil {
			t.Fatal(err)
		}
	}
	if d.read(author, number).Life.Endorsement.Endorsed() || d.count(`select count(*) from activity where verb = 'entry.unendorse' and detail->>'reason' = 'It did not last.'`) != 1 {
		t.Error("taken back, it stands, or was told otherwise than once")
	}
	if err := endorse(coordinator, d.note(author, "a draft"), 0); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a draft: %v", err)
	}
}

func TestWhatIsOldIsConfirmedByWhoKnows(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, member := d.seat(community.Member), d.seat(community.Member)
	number, e := d.vine(author)
	stale := func() bool { return d.read(author, number).Life.Age.Stale(d.now) }
	d.now = d.now.AddDate(practice.StaleYears, 0, -1)
	if stale() {
		t.Error("not yet two years old, and stale")
	}
	d.now = d.now.AddDate(0, 0, 2)
	if !stale() {
		t.Error("two years old, and fresh")
	}
	if err := d.store.StillTrue(t.Context(), d.seat(community.Elsewhere), number); !errors.Is(err, fault.Forbidden) {
		t.Errorf("from elsewhere: %v", err)
	}
	if err := d.store.StillTrue(t.Context(), member, number); err != nil {
		t.Fatal(err)
	}
	if age := d.read(member, number).Life.Age; stale() || !age.Confirmed() || !age.Mine || age.By == "" {
		t.Errorf("confirmed: %+v", age)
	}
	if err := d.store.NotSure(t.Context(), author, number); err != nil || stale() {
		t.Errorf("somebody else took the word back: %v", err)
	}
	if err := d.store.NotSure(t.Context(), member, number); err != nil || !stale() {
		t.Errorf("taken back, it counts: %v", err)
	}
	if err := d.store.Revise(t.Context(), author, number, e); err != nil || stale() {
		t.Errorf("edited, and stale: %v", err)
	}
	if err := d.store.StillTrue(t.Context(), author, d.note(author, "a draft")); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a draft: %v", err)
	}
}

var klimata = practice.Rendering{Lang: locale.Greek, Title: "Μια κληματαριά σε σύρματα", Summary: "Σκιά με λίγα χρήματα.", Fields: practice.Fields{"situation": "Η αυλή ήταν **ζεστή**.", "done": "Τεντώσαμε σύρματα."}, OfRevision: 1}

func TestATranslationLagsBehindItsOriginalUntilItIsBroughtUpToIt(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, translator := d.seat(community.Member), d.seat(community.Member)
	number, e := d.vine(author)
	if err := d.store.Translate(t.Context(), d.seat(community.Elsewhere), number, klimata); !errors.Is(err, fault.Forbidden) {
		t.Errorf("from elsewhere: %v", err)
	}
	for problem, r := range map[string]practice.Rendering{
		"lang": {Lang: locale.German, Title: "x", OfRevision: 1}, "title": {Lang: locale.Greek, OfRevision: 1}, "form": {Lang: locale.Greek, Title: "x", OfRevision: 1, Fields: practice.Fields{"steps": "x"}},
	} {
		if p := fault.Problems(d.store.Translate(t.Context(), translator, number, r)); len(p) != 1 || p[0].Field != problem {
			t.Errorf("%s: %v", problem, p)
		}
	}
	if err := d.store.Translate(t.Context(), translator, number, klimata); err != nil {
		t.Fatal(err)
	}
	all := d.read(author, number).Life.Translations
	if len(all) != 1 || all[0].Account != translator.Account || all[0].Behind(1) || all[0].HTML == "" {
		t.Fatalf("translated: %+v", all)
	}
	if _, stale := fault.Stale(d.store.Translate(t.Context(), author, number, klimata)); !stale {
		t.Error("a second first translation went over the first")
	}
	if err := d.store.Revise(t.Context(), author, number, e); err != nil {
		t.Fatal(err)
	}
	if w := d.read(author, number); !w.Life.Translations[0].Behind(w.Revision) {
		t.Error("the original changed, and the translation does not lag behind")
	}
	again := klimata
	again.Revision, again.OfRevision = 1, 2
	if err := d.store.Translate(t.Context(), author, number, again); err != nil {
		t.Fatal(err)
	}
	if w := d.read(author, number); w.Life.Translations[0].Behind(w.Revision) || w.Life.Translations[0].Revision != 2 {
		t.Error("brought up to its original, it lags behind")
	}
	if n := d.count(`select count(*) from activity where verb = 'entry.translate' and concerned = array[$1::bigint] and detail->>'lang' = 'el'`, author.Account); n != 1 {
		t.Errorf("its author was told %d times that there is a translation", n)
	}
}

func TestATranslationIsTakenAwayByThoseWhoAnswerForIt(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, translator, coordinator := d.seat(community.Member), d.seat(community.Member), d.seat(community.Coordinator)
	number, _ := d.vine(author)
	if err := d.store.Untranslate(t.Context(), translator, number, locale.Greek); err != nil {
		t.Errorf("where there is none: %v", err)
	}
	for _, seat := range []community.Seat{author, translator, coordinator} {
		if err := d.store.Translate(t.Context(), translator, number, klimata); err != nil {
			t.Fatal(err)
		}
		if err := d.store.Untranslate(t.Context(), d.seat(community.Member), number, locale.Greek); !errors.Is(err, fault.Forbidden) {
			t.Errorf("by somebody else: %v", err)
		}
		if err := d.store.Untranslate(t.Context(), seat, number, locale.Greek); err != nil || len(d.read(seat, number).Life.Translations) != 0 {
			t.Errorf("not taken away: %v", err)
		}
	}
}

func TestAGermanEntryIsFoundByTheWordsOfItsGreekTranslation(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.seat(community.Member)
	number, e := d.vine(author)
	finder := search.NewStore(d.tx, func() time.Time { return d.now })
	finds := func(words string) int {
		t.Helper()
		f, err := finder.Find(t.Context(), author.Reach, search.Parse(words), locale.Greek, 1)
		if err != nil {
			t.Fatal(err)
		}
		return len(f.Hits)
	}
	if finds("κληματαριές") != 0 {
		t.Fatal("found before it was translated")
	}
	if err := d.store.Translate(t.Context(), author, number, klimata); err != nil {
		t.Fatal(err)
	}
	if err := finder.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"κληματαριά", "κληματαριές", "χρήματα", "ζεστή", "Drähte", "Schatten"} {
		if finds(words) != 1 {
			t.Errorf("not found by %s", words)
		}
	}
	if err := d.store.Revise(t.Context(), author, number, e); err != nil || finds("κληματαριά") != 1 {
		t.Errorf("lost when the original was edited: %v", err)
	}
	if err := finder.Relearn(t.Context()); err != nil || finds("κληματαριές") != 1 {
		t.Errorf("lost when the words were learnt anew: %v", err)
	}
	if err := d.store.Untranslate(t.Context(), author, number, locale.Greek); err != nil || finds("κληματαριά") != 0 || finds("Drähte") != 1 {
		t.Errorf("taken away, it is found still: %v", err)
	}
}
