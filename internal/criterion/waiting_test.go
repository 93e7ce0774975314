package criterion_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// wanting makes a criterion for which seat asked, logged by the coordinator.
func (w *town) wanting(t *testing.T, seat community.Seat, statement string) item.Made {
	t.Helper()
	n := criterion.New{Statement: statement, Lang: locale.English, Audience: item.Community, Request: uuid.New()}
	if seat.Account != 0 {
		n.Source = &criterion.NewSource{Form: criterion.FromPerson, Speaker: seat.Account, Words: statement}
	}
	made, err := w.store.Raise(t.Context(), w.coord, n)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// claims makes an open claim by seat on a criterion for a release of a product that maker makes.
func (w *town) claims(t *testing.T, seat community.Seat, of item.Made, maker community.Seat) (claim int64) {
	t.Helper()
	err := w.db.QueryRow(t.Context(), `insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at)
		select $1, 'product', count(*) + 1, 'Map', 'en', 0, now(), now(), now() from item where kind = 'product' returning id`, w.here).Scan(&claim)
	if err != nil {
		t.Fatal(err)
	}
	product := claim
	for _, sql := range []string{
		fmt.Sprintf(`insert into product (item_id, community_id, slug, form, state) values (%d, $1, 'map-%d', 'map', 'available')`, product, product),
		fmt.Sprintf(`insert into item (community_id, kind, number, parent_id, title, lang, audience, created_at, updated_at, active_at) values ($1, 'release', 1, %d, '1.0', 'en', 0, now(), now(), now())`, product),
		fmt.Sprintf(`insert into release (item_id, community_id, product_id, slug, state, published_on) select id, $1, %d, '1-0', 'published', now() from item where parent_id = %d`, product, product),
	} {
		if _, err := w.db.Exec(t.Context(), sql, w.here); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.db.Exec(t.Context(), `insert into product_maker (product_id, account_id, position, ended_at) values ($1, $2, 1, now())`, product, maker.Account); err != nil {
		t.Fatal(err)
	}
	err = w.db.QueryRow(t.Context(), `insert into item (community_id, kind, number, parent_id, title, lang, author_id, audience, created_at, updated_at, active_at) values ($1, 'claim', 1, $2, '', 'en', $3, 2, now(), now(), now()) returning id`, w.here, of.ID, seat.Account).Scan(&claim)
	if err == nil {
		_, err = w.db.Exec(t.Context(), `insert into claim (item_id, community_id, criterion_id, release_id, extent, answer_by) select $1, $2, $3, item_id, 'fully', now() from release where product_id = $4`, claim, w.here, of.ID, product)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

// awaited is what waits for a seat, in a word each.
func (w *town) awaited(t *testing.T, seat community.Seat) string {
	t.Helper()
	all, err := w.store.Awaited(t.Context(), seat.Reach, locale.English)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, some := range []struct {
		word  string
		lines []criterion.AwaitedLine
	}{{"quoted", all.Quoted}, {"answer", all.Answer}, {"unrated", all.Unrated}, {"stale", all.Stale}, {"sourceless", all.Sourceless}, {"orphaned", all.Orphaned}} {
		for _, l := range some.lines {
			words = append(words, fmt.Sprintf("%s %d", some.word, l.Number+l.N))
		}
	}
	return strings.Join(words, ", ")
}

func TestWhatWaitsAroundCriteria(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	see := func(name string, seat community.Seat, want string) {
		t.Helper()
		if got := w.awaited(t, seat); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	see("nothing yet", w.coord, "")
	first := w.wanting(t, w.stella, "Small cells")
	w.wanting(t, w.nobody, "Free of charge")
	see("stella is quoted", w.stella, "quoted 1, unrated 2")
	see("the coordinator", w.coord, "unrated 2, sourceless 1")
	see("a stranger", w.nobody, "")
	w.now = w.now.AddDate(0, 0, criterion.StaleDays+1)
	see("two weeks later", w.coord, "unrated 2, stale 2, sourceless 1")
	if _, err := w.db.Exec(t.Context(), `insert into rating (community_id, criterion_id, account_id, perspective, value, lang, at, changed_at) values ($1, $2, $3, 'stakeholder', 7, 'en', now(), now())`, w.here, first.ID, w.stella.Account); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec(t.Context(), `update criterion_source set answer = 'confirmed'`); err != nil {
		t.Fatal(err)
	}
	see("stella rated and confirmed", w.stella, "unrated 1")
	off := w.coord
	off.Reach.NoProducts = true
	see("without end products", off, "")
}

func TestAClaimWaitsForThoseWhoAskedAndDidNotMakeTheProduct(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	waits := func(name string, seat community.Seat, word string, want bool) {
		t.Helper()
		if got := w.awaited(t, seat); strings.Contains(got, word) != want {
			t.Errorf("%s: %q, want %s in it: %v", name, got, word, want)
		}
	}
	asked, made, mine := w.wanting(t, w.stella, "Small cells"), w.wanting(t, w.stella, "Whole city"), w.wanting(t, w.simon, "Every hour")
	claim := w.claims(t, w.simon, asked, w.simon)
	waits("who asked", w.stella, "answer 1", true)
	waits("who claims", w.simon, "answer", false)
	waits("the coordinator", w.coord, "orphaned", false)
	w.claims(t, w.simon, made, w.stella)
	waits("who asked and once made it", w.stella, "answer 2", false)
	waits("the coordinator, for whom nobody is left", w.coord, "orphaned 2", true)
	w.claims(t, w.simon, mine, w.coord)
	waits("who asked and claims it", w.simon, "answer 3", false)
	waits("the coordinator, where only the claimant asked", w.coord, "orphaned 3", true)
	if _, err := w.db.Exec(t.Context(), `insert into verdict (community_id, claim_id, edition, account_id, answer, lang, at) values ($1, $2, 1, $3, 'accepted', 'en', now())`, w.here, claim, w.stella.Account); err != nil {
		t.Fatal(err)
	}
	waits("who answered", w.stella, "answer", false)
	if _, err := w.db.Exec(t.Context(), `update claim set edition = 2 where item_id = $1`, claim); err != nil {
		t.Fatal(err)
	}
	waits("asked again", w.stella, "answer 1", true)
	if _, err := w.db.Exec(t.Context(), `update criterion_source set answer = 'denied' where criterion_id = $1`, asked.ID); err != nil {
		t.Fatal(err)
	}
	waits("who denied the words", w.stella, "answer", false)
	waits("the coordinator then", w.coord, "orphaned 1", true)
}
