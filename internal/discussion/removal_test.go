package discussion_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// post is how a reply should stand after some removals and hidings.
type post struct {
	withdrawn time.Time
	hidden    bool
}

func (p post) gone() bool { return p.hidden || !p.withdrawn.IsZero() }

// kept is a thread of the model: a reply each by the author and by the other.
type kept struct {
	*town
	thread int
	posts  []post
	pinned bool
	locked bool
}

func (k *kept) act(t rapid.TB, what string, who int, seat community.Seat, n int) {
	ctx, p := context.Background(), &k.posts[n-1]
	own, moderates := who == (n-1)%2, who == 2
	refused := func(err, want error) {
		if !errors.Is(err, want) {
			t.Fatalf("%s reply %d by %d: got %v, want %v", what, n, who, err, want)
		}
	}
	switch what {
	case "remove":
		err := k.store.Remove(ctx, seat, k.thread, n)
		switch {
		case !own:
			refused(err, fault.Forbidden)
		case p.hidden:
			refused(err, fault.Gone)
		default:
			refused(err, nil)
			if p.withdrawn.IsZero() {
				p.withdrawn = k.now
			}
		}
	case "restore":
		err := k.store.Restore(ctx, seat, k.thread, n)
		late := !p.withdrawn.IsZero() && k.now.Sub(p.withdrawn) > item.UndoFor
		switch {
		case !own:
			refused(err, fault.Forbidden)
		case p.hidden || late:
			if len(fault.Problems(err)) == 0 {
				t.Fatalf("restore reply %d: got %v, want that it is too late", n, err)
			}
		default:
			refused(err, nil)
			p.withdrawn = time.Time{}
		}
	case "hide":
		if err := k.store.Hide(ctx, seat, k.thread, n, "rude"); !moderates {
			refused(err, fault.Forbidden)
		} else {
			refused(err, nil)
			p.hidden = true
		}
	case "show":
		if err := k.store.Show(ctx, seat, k.thread, n); !moderates {
			refused(err, fault.Forbidden)
		} else {
			refused(err, nil)
			p.hidden = false
		}
	case "pin":
		want := !k.pinned
		if err := k.store.Pin(ctx, seat, k.thread, want); !moderates {
			refused(err, fault.Forbidden)
		} else {
			refused(err, nil)
			k.pinned = want
		}
	case "lock":
		var err error
		if k.locked {
			err = k.store.Unlock(ctx, seat, k.thread)
		} else {
			err = k.store.Lock(ctx, seat, k.thread, "settled")
		}
		if !moderates {
			refused(err, fault.Forbidden)
		} else {
			refused(err, nil)
			k.locked = !k.locked
		}
	}
}

func (k *kept) check(t rapid.TB) {
	ctx := context.Background()
	read, err := k.store.Read(ctx, k.other, k.thread, 1)
	if err != nil {
		t.Fatal(err)
	}
	living := 0
	for i, p := range k.posts {
		got := read.Replies[i]
		if got.Number != i+1 || got.Removal.Gone() != p.gone() || got.Removal.Hidden != p.hidden || (got.HTML == "") != p.gone() || p.gone() && got.Author.Name != "" {
			t.Fatalf("reply %d: got %+v, want %+v", i+1, got, p)
		}
		if (got.Removal.Reason != "") != p.hidden {
			t.Fatalf("reply %d: reason %q, hidden %v", i+1, got.Removal.Reason, p.hidden)
		}
		_, historyErr := k.store.History(ctx, k.other, k.thread, i+1)
		if (historyErr == nil) == p.gone() {
			t.Fatalf("reply %d: history %v, gone %v", i+1, historyErr, p.gone())
		}
		var found int
		if err := k.db.QueryRow(ctx, `select count(*) from item_search where not removed and search @@ to_tsquery('simple', $1)`, fmt.Sprintf("word%d", i+1)).Scan(&found); err != nil || (found == 1) == p.gone() {
			t.Fatalf("reply %d: %d search rows, gone %v, %v", i+1, found, p.gone(), err)
		}
		if !p.gone() {
			living++
		}
	}
	if read.Count != living || read.Last != len(k.posts) || (read.Order.PinnedAt != nil) != k.pinned || (read.Order.LockedAt != nil) != k.locked {
		t.Fatalf("got %d replies, last %d, order %+v; want %d, %d, pinned %v, locked %v", read.Count, read.Last, read.Order, living, len(k.posts), k.pinned, k.locked)
	}
	list, err := k.store.List(ctx, k.other, discussion.Filter{})
	if err != nil || len(list.Pinned)+len(list.Rows) != 1 || len(list.Pinned) == 1 != k.pinned || append(list.Pinned, list.Rows...)[0].Replies != living {
		t.Fatalf("list %+v, %v", list, err)
	}
}

func TestRemovingHidingPinningAndLockingInAnyOrder(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	rapid.Check(t, func(r *rapid.T) {
		inner, err := db.Begin(context.Background())
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = inner.Rollback(context.Background()) }()
		k := &kept{town: newTown(t, inner, false), posts: make([]post, 4)}
		k.thread = k.start(t, k.author, "Shade", "opening")
		for i := range k.posts {
			k.reply(t, []community.Seat{k.author, k.other}[i%2], k.thread, fmt.Sprintf("word%d", i+1))
		}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			k.now = k.now.Add(time.Duration(rapid.SampledFrom([]int{1, 4, 11}).Draw(r, "minutes")) * time.Minute)
			who := rapid.IntRange(0, 2).Draw(r, "who")
			k.act(r, rapid.SampledFrom([]string{"remove", "restore", "hide", "show", "pin", "lock"}).Draw(r, "act"), who, []community.Seat{k.author, k.other, k.coord}[who], rapid.IntRange(1, 4).Draw(r, "reply"))
			k.check(r)
		}
	})
}

func TestADiscussionGoesOnlyAsLongAsNobodyElseHasReplied(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	ctx := t.Context()
	n := w.start(t, w.author, "Trees", "opening", "shade")
	w.reply(t, w.author, n, "and more")
	if err := w.store.Remove(ctx, w.author, n, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Read(ctx, w.other, n, 1); !errors.Is(err, fault.Gone) {
		t.Errorf("read: got %v, want gone", err)
	}
	if got := w.count(t, `select count(*) from item_search where not removed`); got != 0 {
		t.Errorf("%d search rows answer, want none: the reply is gone with its thread", got)
	}
	if tags, err := w.items.TagsInUse(ctx, w.other, "discussion", 9); err != nil || len(tags) != 0 {
		t.Errorf("tags %v, %v", tags, err)
	}
	if _, err := w.store.History(ctx, w.other, n, 1); err == nil {
		t.Error("the history of a reply in a removed discussion is open")
	}
	if err := w.store.Restore(ctx, w.author, n, 0); err != nil {
		t.Fatal(err)
	}
	if got := w.count(t, `select count(*) from item_search where not removed and audience = 0`); got != 2 {
		t.Errorf("%d search rows answer, want 2", got)
	}
	w.reply(t, w.other, n, "me too")
	if err := w.store.Remove(ctx, w.author, n, 0); len(fault.Problems(err)) != 1 {
		t.Errorf("remove with a reply: got %v, want a problem", err)
	}
	if _, err := w.store.Read(ctx, w.other, n, 1); err != nil {
		t.Errorf("it went nevertheless: %v", err)
	}
}

func TestHiddenWordsComeBackThroughNoDoor(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t), false)
	ctx := t.Context()
	n := w.start(t, w.author, "Heat", "opening")
	bad := w.reply(t, w.other, n, "secretword in the reply")
	answers := 1
	second := w.start(t, w.author, "Elsewhere", "opening")
	if _, err := w.store.Reply(ctx, w.author, n, discussion.Answer{Body: "> secretword in the reply\n\nno", Lang: "en", Answers: &answers, Request: newRequest()}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec(ctx, `insert into item_link (from_id, to_id, relation, quote, at) select f.id, r.id, 'quotes', 'secretword', now() from item f, item r where f.kind = 'discussion' and f.number = $1 and r.kind = 'reply' and r.number = $2`, second, bad); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Report(ctx, w.author, n, bad, "rude"); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Hide(ctx, w.coord, n, bad, "an insult"); err != nil {
		t.Fatal(err)
	}
	for name, seat := range map[string]community.Seat{"author of it": w.other, "other": w.author, "coordinator": w.coord, "stranger": w.nobody} {
		for _, thread := range []int{n, second} {
			read, err := w.store.Read(ctx, seat, thread, 1)
			if err != nil {
				t.Fatal(err)
			}
			read.Replies = read.Replies[:min(len(read.Replies), bad)] // the answer quotes it in its writer's own text
			if strings.Contains(fmt.Sprintf("%+v", read), "secretword") {
				t.Errorf("%s reads it in thread %d", name, thread)
			}
		}
		if _, err := w.store.Written(ctx, seat, n, bad); err == nil {
			t.Errorf("%s may quote it", name)
		}
		if _, err := w.store.History(ctx, seat, n, bad); err == nil {
			t.Errorf("%s reads its history", name)
		}
	}
	open, settled, err := w.items.Reports(ctx, w.coord)
	if err != nil || len(open) != 0 || len(settled) != 1 || strings.Contains(fmt.Sprintf("%+v", settled), "secretword") {
		t.Errorf("reports: open %+v, settled %+v, %v", open, settled, err)
	}
	if n := w.count(t, `select count(*) from activity where detail::text like '%secretword%'`); n != 0 {
		t.Errorf("%d activities carry it", n)
	}
	if n := w.count(t, `select count(*) from activity where verb = 'item.hide' and concerned = array[$1::bigint] and detail->>'reason' = 'an insult'`, w.other.Account); n != 1 {
		t.Errorf("%d activities tell its author, want 1", n)
	}
	if n := w.count(t, `select count(*) from activity where verb = 'report.settled' and concerned = array[$1::bigint]`, w.author.Account); n != 1 {
		t.Errorf("%d activities tell who reported it, want 1", n)
	}
}
