package meeting_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (p *post) ids(all ...community.ID) []community.ID { return all }

// fed are the titles in the calendar behind a token, in alphabetical order.
func (p *post) fed(token, slug string) []string {
	p.Helper()
	f, err := p.store.Feed(p.Context(), token, slug)
	if err != nil {
		p.Fatal(err)
	}
	titles := []string{}
	for _, d := range f.Meetings {
		titles = append(titles, d.Title)
	}
	slices.Sort(titles)
	return titles
}

func (p *post) feed(who account.ID) string {
	p.Helper()
	token, err := p.store.MakeFeed(p.Context(), who)
	if err != nil {
		p.Fatal(err)
	}
	return token
}

func TestTheOwnCalendarHoldsWhatOneMaySee(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	secret, open := p.found("secret", "private"), p.found("open", "public")
	inSecret, inOpen := p.joins("keeper", secret, "coordinator"), p.joins("opener", open, "coordinator")
	inSecret.Private = true
	public := p.plan("Public in Basel", "2026-06-23")
	public.OpensTo = item.Public
	p.publishes(p.coord, public)
	p.publishes(p.coord, p.plan("Basel alone", "2026-06-24"))
	p.drafts(p.coord, p.plan("A draft", "2026-06-25"))
	off := p.drafts(p.coord, p.plan("A draft called off", "2026-06-25"))
	if err := p.store.CallOff(t.Context(), p.coord, off.Number, "no"); err != nil {
		t.Fatal(err)
	}
	called := p.publishes(p.coord, p.plan("Called off", "2026-06-25"))
	if err := p.store.CallOff(t.Context(), p.coord, called.Number, "no"); err != nil {
		t.Fatal(err)
	}
	p.publishes(inSecret, p.plan("Secret", "2026-06-26"))
	elsewhere := p.plan("Open elsewhere", "2026-06-27")
	elsewhere.OpensTo = item.Public
	p.publishes(inOpen, elsewhere)
	p.belongs(p.luc.Account, secret, "member")

	mine, his := p.feed(p.ada.Account), p.feed(p.luc.Account)
	basel := []string{"Basel alone", "Called off", "Public in Basel"}
	if got := p.fed(mine, ""); !slices.Equal(got, basel) {
		t.Errorf("ada: %v", got)
	}
	if got := p.fed(his, ""); !slices.Equal(got, append(slices.Clone(basel), "Secret")) {
		t.Errorf("luc: %v", got)
	}
	if got := p.fed(his, "secret"); !slices.Equal(got, []string{"Secret"}) {
		t.Errorf("luc, of one city: %v", got)
	}
	for _, slug := range []string{"secret", "open", "atlantis"} {
		if _, err := p.store.Feed(t.Context(), mine, slug); !errors.Is(err, fault.NotFound) {
			t.Errorf("ada, of %s: %v", slug, err)
		}
	}
	p.run(`update membership set state = 'left' where account_id = $1 and community_id = $2`, p.luc.Account, secret)
	if got := p.fed(his, ""); !slices.Equal(got, basel) {
		t.Errorf("luc, who left: %v", got)
	}
	p.run(`update item set removed_at = now() where title = 'Basel alone'`)
	if got := p.fed(mine, ""); !slices.Equal(got, basel[1:]) {
		t.Errorf("ada, after one was removed: %v", got)
	}
}

func TestANewAddressEndsTheOldOne(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	if at, err := p.store.FeedSince(t.Context(), p.ada.Account); err != nil || !at.IsZero() {
		t.Errorf("since %v, %v", at, err)
	}
	old := p.feed(p.ada.Account)
	fresh := p.feed(p.ada.Account)
	if _, err := p.store.Feed(t.Context(), old, ""); !errors.Is(err, fault.NotFound) {
		t.Errorf("the old address: %v", err)
	}
	p.fed(fresh, "")
	if at, err := p.store.FeedSince(t.Context(), p.ada.Account); err != nil || !at.Equal(p.now) {
		t.Errorf("since %v, %v", at, err)
	}
	if n := p.id(`select count(*) from feed_token where token_hash = $1`, []byte(fresh)); n != 0 {
		t.Error("the token itself is stored")
	}
	if err := p.store.DropFeed(t.Context(), p.ada.Account); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{fresh, "", "x"} {
		if _, err := p.store.Feed(t.Context(), token, ""); !errors.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestTheOnlineLinkStandsInCalendarsOfWhoSaidYes(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	for answer, want := range map[string]bool{"": false, "in-person": true, "online": true, "maybe": false, "no": false} {
		p.run(`delete from rsvp`)
		if answer != "" {
			p.says(made, p.ada.Account, answer)
		}
		p.says(made, p.luc.Account, "online")
		f, err := p.store.Feed(t.Context(), p.feed(p.ada.Account), "")
		if err != nil || len(f.Meetings) != 1 || (f.Meetings[0].OnlineURL != "") != want {
			t.Errorf("%q: %+v, %v", answer, f.Meetings, err)
		}
		one, err := p.store.DatedOne(t.Context(), p.ada, made.Number, "en")
		if err != nil || (one.OnlineURL != "") != want {
			t.Errorf("%q: %+v, %v", answer, one, err)
		}
	}
}

func TestACalendarEntryKeepsItsIdentity(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	event := func() (uid string, sequence int, start time.Time) {
		d, err := p.store.DatedOne(t.Context(), p.ada, made.Number, "en")
		if err != nil {
			t.Fatal(err)
		}
		e := d.Event("en", "https://koinon.example.org:8443", "koinon@example.org")
		return e.UID, e.Sequence, e.Start
	}
	uid, first, _ := event()
	p.moves(made.Number, func(m *meeting.Plan) { m.When.Day = "2026-10-26" })
	again, second, start := event()
	if uid != again || second != first+1 || uid[36:] != "@koinon.example.org" || !start.Equal(time.Date(2026, 10, 26, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%s (%d) became %s (%d) at %s", uid, first, again, second, start)
	}
}
