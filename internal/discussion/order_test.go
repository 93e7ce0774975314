package discussion_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/audit"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func newRequest() uuid.UUID { return uuid.New() }

func TestAtMostThreeDiscussionsArePinned(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	for n := range 5 {
		w.start(t, w.author, "Title "+string(rune('a'+n)), "words")
	}
	for n := 1; n <= 3; n++ {
		if err := w.store.Pin(t.Context(), w.coord, n, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.Pin(t.Context(), w.coord, 4, true); len(fault.Problems(err)) != 1 {
		t.Errorf("a fourth: got %v, want a problem", err)
	}
	list, err := w.store.List(t.Context(), w.nobody, discussion.Filter{})
	if err != nil || len(list.Pinned) != 3 || len(list.Rows) != 2 {
		t.Errorf("%d pinned and %d others, %v", len(list.Pinned), len(list.Rows), err)
	}
}

func TestNobodyButCoordinatorsRepliesInALockedDiscussion(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	n := w.start(t, w.author, "Done", "words")
	if err := w.store.Lock(t.Context(), w.coord, n, "settled at the meeting"); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	_, err := w.store.Reply(t.Context(), w.other, n, discussion.Answer{Body: "but", Lang: "en", Request: newRequest()})
	if diff := cmp.Diff([]fault.Problem{{Field: "body", Key: "locked"}}, fault.Problems(err)); diff != "" {
		t.Error(diff)
	}
	w.reply(t, w.coord, n, "a last word")
	if err := w.store.Unlock(t.Context(), w.coord, n); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	w.reply(t, w.other, n, "thanks")
	read, err := w.store.Read(t.Context(), w.other, n, 1)
	if err != nil || len(read.Events) != 2 || read.Events[0].Reason != "settled at the meeting" || read.Events[0].By != "coord" || read.Events[0].After != 0 || read.Events[1].After != 1 {
		t.Errorf("events %+v, %v", read.Events, err)
	}
}

func TestAThreadMovesWithAllItHoldsAndItsOldAddressLeadsOn(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	ctx := context.Background()
	if _, err := w.store.Start(ctx, w.at(w.coord), discussion.Opening{Form: "conversation", Title: "First there", Body: "x", Lang: "en", Audience: item.Public, Request: newRequest()}); err != nil {
		t.Fatal(err)
	}
	n := w.start(t, w.author, "Shade", "words", "trees", "heat")
	w.reply(t, w.other, n, "findme")
	if err := w.store.Report(ctx, w.other, n, 1, "wrong place"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Move(ctx, w.author, n, "there"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member: got %v, want forbidden", err)
	}
	if _, err := w.store.Move(ctx, w.coord, n, "nowhere"); len(fault.Problems(err)) != 1 {
		t.Errorf("to nowhere: got %v, want a problem", err)
	}
	moved, err := w.store.Move(ctx, w.coord, n, "there")
	if err != nil || moved.Number != 2 {
		t.Fatalf("got %+v, %v", moved, err)
	}
	if _, err := w.store.Read(ctx, w.author, n, 1); !errors.Is(err, fault.NotFound) {
		t.Errorf("at the old place: got %v, want not found", err)
	}
	slug, now, title, err := w.store.Moved(ctx, w.author, n)
	if err != nil || slug != "there" || now != 2 || title != "Shade" {
		t.Errorf("moved: %s %d %q, %v", slug, now, title, err)
	}
	read, err := w.store.Read(ctx, w.at(w.author), 2, 1)
	if err != nil || len(read.Replies) != 1 || len(read.Tags) != 2 || len(read.Events) != 1 || read.Events[0].From["en"] != "Here" {
		t.Errorf("read %+v, %v", read, err)
	}
	if n := w.count(t, `select count(*) from item_search where community_id = $1`, w.there); n != 3 {
		t.Errorf("%d search rows there, want 3", n)
	}
	if open, err := w.items.OpenReports(ctx, w.coord.Reach); err != nil || len(open) != 1 || open[0].Slug != "there" {
		t.Errorf("reports %+v, %v", open, err)
	}
	// There and back again: it gets a new number, and both old ones lead on.
	back, err := w.store.Move(ctx, w.at(w.coord), 2, "here")
	if err != nil || back.Number != n+1 {
		t.Fatalf("back: %+v, %v", back, err)
	}
	if slug, now, _, err := w.store.Moved(ctx, w.author, n); err != nil || slug != "here" || now != n+1 {
		t.Errorf("%s %d, %v", slug, now, err)
	}
	if slug, now, _, err := w.store.Moved(ctx, w.at(w.author), 2); err != nil || slug != "here" || now != n+1 {
		t.Errorf("%s %d, %v", slug, now, err)
	}
}

func TestAThreadMovedToAPrivateCommunityIsReadThereOnly(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), true)
	n := w.start(t, w.author, "Shade", "words")
	w.reply(t, w.other, n, "reply")
	if _, err := w.store.Move(t.Context(), w.coord, n, "there"); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := w.store.Moved(t.Context(), w.author, n); !errors.Is(err, fault.NotFound) {
		t.Errorf("its author, who does not belong there: got %v, want not found", err)
	}
	if got := w.count(t, `select count(*) from item where audience = 2`); got != 2 {
		t.Errorf("%d items for the community, want 2", got)
	}
	if got := w.count(t, `select count(*) from item_search where audience = 2`); got != 2 {
		t.Errorf("%d search rows for the community, want 2", got)
	}
}

func TestSimilarTitlesAreFoundAndNoneThatTheReaderMayNotOpen(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	ctx := t.Context()
	w.start(t, w.author, "Shade trees on the station square", "x")
	w.start(t, w.author, "Data licences for sensor readings", "x")
	hidden := w.start(t, w.author, "Shading trees at the station", "x")
	if _, err := w.store.Start(ctx, w.author, discussion.Opening{Form: "conversation", Title: "Station square: trees for shade", Body: "x", Lang: "en", Audience: item.Community, Request: newRequest()}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Hide(ctx, w.coord, hidden, 0, "doubled"); err != nil {
		t.Fatal(err)
	}
	titles := func(all []discussion.Alike) (out []string) {
		for _, a := range all {
			out = append(out, a.Title)
		}
		return out
	}
	got, err := w.store.Similar(ctx, w.nobody, "Trees and shade at the station", "en")
	if diff := cmp.Diff([]string{"Shade trees on the station square"}, titles(got)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	got, err = w.store.Similar(ctx, w.other, "shading tree station sqare", "en")
	if err != nil || len(got) != 2 {
		t.Errorf("a member: got %v, %v", titles(got), err)
	}
	for _, odd := range []string{"", "a", "the and", "'' & | ! :* <->", `\x00 %_`} {
		if _, err := w.store.Similar(ctx, w.other, odd, "en"); err != nil {
			t.Errorf("%q: %v", odd, err)
		}
	}
}

func TestWhatHappenedIsNotRewritten(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	n := w.start(t, w.author, "Shade", "words")
	if err := w.store.Lock(t.Context(), w.coord, n, "why"); err != nil {
		t.Fatal(err)
	}
	before := w.count(t, `select count(*) from activity`)
	for _, sql := range []string{`update activity set actor_id = null`, `update activity set detail = '{}'`, `delete from activity`} {
		inner, err := w.db.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := inner.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s was done", sql)
		}
		_ = inner.Rollback(t.Context())
	}
	if got := w.count(t, `select count(*) from activity`); got != before {
		t.Errorf("%d entries, want %d", got, before)
	}
	if _, err := w.db.Exec(t.Context(), `delete from item`); err != nil {
		t.Errorf("with its item: %v", err)
	}
	if got := w.count(t, `select count(*) from activity`); got != 0 {
		t.Errorf("%d entries after their item went, want none", got)
	}
}

func TestTheAuditNamesNoItemThatItsReaderMayNotOpen(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), true)
	second := w.seat(t, "second", community.Coordinator, w.here)
	n := w.start(t, w.author, "Moves into the private one", "words")
	hidden := w.start(t, w.author, "Insulting title", "words")
	if err := w.store.Hide(t.Context(), w.coord, hidden, 0, "an insult"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Move(t.Context(), w.coord, n, "there"); err != nil {
		t.Fatal(err)
	}
	acts := audit.NewStore(w.db)
	got, err := acts.Acts(t.Context(), second, "", 0)
	if err != nil || len(got.Acts) != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if away := got.Acts[0]; away.Verb != "discussion.move-away" || away.By != "coord" || away.Subject != (audit.Subject{}) {
		t.Errorf("moved away: %+v", away)
	}
	if hid := got.Acts[1]; hid.Verb != "item.hide" || hid.Detail.Reason != "an insult" || hid.Subject.Title != "" || !hid.Subject.Gone {
		t.Errorf("hidden: %+v", hid)
	}
	for name, seat := range map[string]community.Seat{"member": w.author, "stranger": w.nobody} {
		if _, err := acts.Acts(t.Context(), seat, "", 0); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: got %v, want forbidden", name, err)
		}
	}
	there := w.at(second)
	there.Private, there.Standing = true, community.Elsewhere
	if _, err := acts.Acts(t.Context(), there, "", 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("private community: got %v, want not found", err)
	}
}

func TestTheAuditIsReadPageByPage(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	n := w.start(t, w.author, "Pinned and unpinned", "words")
	for i := range audit.PerPage + 10 {
		if err := w.store.Pin(t.Context(), w.coord, n, i%2 == 0); err != nil {
			t.Fatal(err)
		}
	}
	first, err := audit.NewStore(w.db).Acts(t.Context(), w.coord, "", 0)
	if err != nil || len(first.Acts) != audit.PerPage || first.Older == 0 {
		t.Fatalf("%d acts, older %d, %v", len(first.Acts), first.Older, err)
	}
	second, err := audit.NewStore(w.db).Acts(t.Context(), w.coord, "", first.Older)
	if err != nil || len(second.Acts) != 10 || second.Older != 0 || second.Acts[0].ID >= first.Older {
		t.Errorf("%d acts, older %d, %v", len(second.Acts), second.Older, err)
	}
	pins, err := audit.NewStore(w.db).Acts(t.Context(), w.coord, "discussion.pin", 0)
	if err != nil || len(pins.Acts) != (audit.PerPage+10)/2 {
		t.Errorf("%d pins, %v", len(pins.Acts), err)
	}
}
