package meeting_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func listing(people string) meeting.Listing {
	return meeting.Listing{People: people, Perspective: community.Stakeholder, Lang: locale.Greek, Request: uuid.New()}
}

func (w *town) guests(t rapid.TB, number int) []meeting.Guest {
	t.Helper()
	_, all, err := w.store.Guests(context.Background(), w.coord, number)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// passFor is the secret of a guest or member, as a letter would carry it.
func (w *town) passFor(t rapid.TB, number int, who meeting.Person) string {
	t.Helper()
	m, _ := w.dates(t, w.coord, number)
	token, err := w.store.MakePass(context.Background(), w.db, m.ID, who)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestCoordinatorInvitesGuestsByAList(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, _ := w.polled(t, "2027-03-02")
	l := listing("Anna Baum <anna@example.org>, Planning office\n\n\"Bern, Ute\" <ute@example.org>\nKostas, kostas@example.org; Water works\nAnna again <ANNA@example.org>\nStella <" + w.slug + "-stella@example.org>")
	for _, want := range []int{3, 0} { // the second time is a double click
		if got, err := w.store.InviteGuests(t.Context(), w.coord, n, l); err != nil || got != want {
			t.Fatalf("invited %d, %v", got, err)
		}
	}
	var got [][3]string
	for _, g := range w.guests(t, n) {
		got = append(got, [3]string{g.Name, g.Email, g.Organisation})
	}
	want := [][3]string{{"Anna Baum", "anna@example.org", "Planning office"}, {"Bern, Ute", "ute@example.org", ""}, {"Kostas", "kostas@example.org", "Water works"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := w.store.InviteGuests(t.Context(), w.coord, n, listing("Anna <anna@example.org>")); problem(err, "people") != "guests-known" {
		t.Errorf("nobody new: %v", err)
	}
	if n := w.one(t, `select sum(jsonb_array_length(detail->'guests')) from activity where community_id = $1 and verb = 'meeting.invite-guests'`, w.here); n != 3 {
		t.Errorf("%d letters", n)
	}
}

func TestWhatIsWrongWithAGuestNamesTheLine(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, _ := w.polled(t, "2027-03-02")
	for text, key := range map[string]string{"": "required", "Anna": "guest-line", "Anna <anna>": "guest-address", "<anna@example.org>": "guest-name", "A <a@example.org>\nB <b@b@example.org>": "guest-address"} {
		if _, err := w.store.InviteGuests(t.Context(), w.coord, n, listing(text)); problem(err, "people") != key {
			t.Errorf("%q: %v", text, err)
		}
	}
	if all := w.guests(t, n); len(all) != 0 {
		t.Errorf("%d guests", len(all))
	}
	if _, _, err := w.store.Guests(t.Context(), w.simon, n); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member reads addresses: %v", err)
	}
}

func TestGuestAnswersByPassAndSeesNobodyElse(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	ctx := t.Context()
	n, o := w.polled(t, "2027-03-02", "2027-03-03")
	w.answer(t, w.stella, n, to{o[0]: meeting.Yes})
	if _, err := w.store.InviteGuests(ctx, w.coord, n, listing("Anna <anna@example.org>")); err != nil {
		t.Fatal(err)
	}
	anna := w.guests(t, n)[0]
	token := w.passFor(t, n, meeting.Person{Guest: anna.ID})
	pass, err := w.store.OpenPass(ctx, token)
	if err != nil || pass.Lang != locale.Greek {
		t.Fatalf("pass %+v, %v", pass, err)
	}
	if err := w.store.AnswerDatesWith(ctx, pass, meeting.Answers{To: to{o[0]: meeting.IfNeedBe}, Note: "By train"}); err != nil {
		t.Fatal(err)
	}
	seen, err := w.store.Through(ctx, pass)
	if err != nil || seen.Poll.Mine == nil || seen.Poll.Mine.Note != "By train" || len(seen.Poll.Voices) != 0 || len(seen.Poll.Waiting) != 0 || seen.Poll.Heard != 2 || seen.Poll.Options[0].Could() != 2 {
		t.Fatalf("seen %+v, %v", seen.Poll, err)
	}
	if all := w.guests(t, n); !all[0].Dates {
		t.Error("the list does not say that Anna answered")
	}
	// A pass of one meeting says nothing to the dates of another.
	_, other := w.polled(t, "2027-03-02")
	if err := w.store.AnswerDatesWith(ctx, pass, meeting.Answers{To: to{other[0]: meeting.Yes}}); problem(err, "answers") != "date-gone" {
		t.Errorf("another meeting: %v", err)
	}
	if err := w.store.WithdrawGuest(ctx, w.coord, n, anna.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.OpenPass(ctx, token); !errors.Is(err, fault.NotFound) {
		t.Errorf("a withdrawn guest's pass: %v", err)
	}
	if _, p := w.dates(t, w.stella, n); p.Heard != 1 || p.Options[0].Could() != 1 {
		t.Error("the answers of a withdrawn guest are still counted")
	}
}

func TestAPassEndsWithItsTimeItsMeetingAndItsMembership(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	ctx := t.Context()
	n, _ := w.polled(t, "2027-03-02")
	token := w.passFor(t, n, meeting.Person{Account: w.simon.Account})
	opens := func(want error) {
		t.Helper()
		if _, err := w.store.OpenPass(ctx, token); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	opens(nil)
	if err := w.store.ClosePoll(ctx, w.coord, n); err != nil {
		t.Fatal(err)
	}
	opens(fault.NotFound) // a draft is nobody's
	if err := w.store.OpenPoll(ctx, w.coord, n, opening("2027-03-05")); err != nil {
		t.Fatal(err)
	}
	opens(nil)
	w.now = w.now.AddDate(0, 7, 0)
	opens(fault.Gone)
	w.now = w.now.AddDate(0, -7, 0)
	if _, err := w.db.Exec(ctx, `delete from membership where account_id = $1`, w.simon.Account); err != nil {
		t.Fatal(err)
	}
	opens(fault.NotFound)
	token = "another"
	opens(fault.NotFound)
}

func TestAGuestOfAnotherMeetingIsNotFoundHere(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, _ := w.polled(t, "2027-03-02")
	other, _ := w.polled(t, "2027-03-02")
	if _, err := w.store.InviteGuests(t.Context(), w.coord, other, listing("Anna <anna@example.org>")); err != nil {
		t.Fatal(err)
	}
	id := w.guests(t, other)[0].ID
	if err := w.store.WithdrawGuest(t.Context(), w.coord, n, id); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
	if err := w.store.InviteGuestAgain(t.Context(), w.coord, n, id, uuid.New()); !errors.Is(err, fault.NotFound) {
		t.Error(err)
	}
	w.now = w.now.Add(time.Hour)
	request := uuid.New()
	for range 2 {
		if err := w.store.InviteGuestAgain(t.Context(), w.coord, other, id, request); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.one(t, `select count(*) from activity where community_id = $1 and verb = 'meeting.invite-again' and at = $2`, w.here, w.now); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestNobodyIsSentTheLinkAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	n, _ := w.polled(t, "2027-03-02")
	if _, err := w.store.InviteGuests(t.Context(), w.coord, n, listing("Anna <anna@example.org>")); err != nil {
		t.Fatal(err)
	}
	id := w.guests(t, n)[0].ID
	for sent := 1; sent < 3; sent++ {
		if err := w.store.InviteGuestAgain(t.Context(), w.coord, n, id, uuid.New()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.store.InviteGuestAgain(t.Context(), w.coord, n, id, uuid.New()); !errors.Is(err, fault.TooMany) {
		t.Errorf("the fourth letter within an hour: %v", err)
	}
	w.now = w.now.Add(2 * time.Hour)
	if err := w.store.InviteGuestAgain(t.Context(), w.coord, n, id, uuid.New()); err != nil {
		t.Error(err)
	}
}
