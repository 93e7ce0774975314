package meeting_test

import (
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestASeriesIsOneLetterToEverybody(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	if _, err := p.store.ScheduleSeries(t.Context(), p.coord, p.plan("Every week", "2026-06-23"), meeting.Repeat{Every: "week", Count: 3}); err != nil {
		t.Fatal(err)
	}
	p.goesTo("a series in draft", p.delivers(), "")
	if err := p.store.PublishSeries(t.Context(), p.coord, p.id(`select max(id) from meeting_series`)); err != nil {
		t.Fatal(err)
	}
	letters := p.delivers()
	p.goesTo("published together", letters, meeting.ForSeries, ada, luc, coord)
	if l := letters[0]; len(l.Series) != 3 || l.Pass != "" || !l.Series[2].StartsAt.Equal(l.Series[0].StartsAt.AddDate(0, 0, 14)) || l.Series[0].UID == l.Series[1].UID {
		t.Errorf("got %+v", l)
	}
	p.goesTo("nothing more", p.delivers(), "")
}

func TestAGuestWhoIsSentTheLinkAgainGetsASecondLetter(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	p.delivers()
	guest := p.guest(made, "guido")
	p.goesTo("invited", p.delivers(), meeting.ForInvitation, guido)
	for range 2 {
		if err := p.store.InviteGuestAgain(t.Context(), p.coord, made.Number, meeting.GuestID(guest), uuid.New()); err != nil {
			t.Fatal(err)
		}
		p.goesTo("invited again", p.delivers(), meeting.ForInvitation, guido)
	}
}
