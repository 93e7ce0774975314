package meeting_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

const (
	ada   = "ada@example.org"
	luc   = "luc@example.org"
	coord = "coord@example.org"
	guido = "guido@guests.example.org"
)

func TestPublishingInvitesMembersAndGuestsOnce(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.drafts(p.coord, p.plan("In the courtyard", "2026-06-23"))
	p.guest(made, "guido")
	p.goesTo("a draft", p.delivers(), "")
	if err := p.store.Publish(t.Context(), p.coord, made.Number); err != nil {
		t.Fatal(err)
	}
	rounds := jobs[meeting.Round](p, "meeting-letters")
	if len(rounds) != 1 {
		t.Fatalf("%d rounds", len(rounds))
	}
	for range 3 { // as after a kill before the job was marked as done
		if err := p.store.Call(t.Context(), rounds[0]); err != nil {
			t.Fatal(err)
		}
	}
	letters := p.delivers()
	p.goesTo("published", letters, meeting.ForInvitation, ada, luc, coord, guido)
	for _, l := range letters {
		if l.To == luc && (l.Speaks != "fr" || l.Community != "Basel-fr") || l.To == guido && l.Speaks != "el" {
			t.Errorf("%s reads %s of %s", l.To, l.Speaks, l.Community)
		}
		if l.OnlineURL != "" || l.Pass == "" || l.Unsubscribe == "" || l.Title != "In the courtyard" {
			t.Errorf("to %s: %+v", l.To, l)
		}
		pass, err := p.store.OpenPass(t.Context(), l.Pass)
		if err != nil || pass.Person != l.Person || pass.Number != made.Number {
			t.Errorf("pass of %s: %+v, %v", l.To, pass, err)
		}
	}
	p.goesTo("again", p.delivers(), "")
}

func TestAFailedSendingIsTriedAgainAndNobodyElseHearsTwice(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	errands := p.errands()
	p.broken = errors.New("the mail server sleeps")
	if err := p.courier.Deliver(t.Context(), errands[0]); !errors.Is(err, p.broken) {
		t.Errorf("got %v", err)
	}
	p.broken = nil
	for _, e := range errands {
		if err := p.courier.Deliver(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	p.goesTo("in the end", p.sent, meeting.ForInvitation, ada, luc, coord)
}

// dying stops answering after some statements, as a killed process does.
type dying struct {
	postgres.DB
	left int
}

type deadRow struct{}

var errKilled = errors.New("killed")

func (deadRow) Scan(...any) error { return errKilled }

func (d *dying) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if d.left--; d.left < 0 {
		return deadRow{}
	}
	return d.DB.QueryRow(ctx, sql, args...)
}

func TestAKilledRoundGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	for after := range 6 {
		t.Run(fmt.Sprintf("after %d statements", after), func(t *testing.T) {
			p := newPost(t, testdb.Tx(t))
			p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
			round := jobs[meeting.Round](p, "meeting-letters")[0]
			err := p.store.On(&dying{p.db, after}).CallInBatches(t.Context(), round, 1)
			if !errors.Is(err, errKilled) {
				t.Fatalf("got %v", err)
			}
			if err := p.store.CallInBatches(t.Context(), round, 2); err != nil {
				t.Fatal(err)
			}
			p.goesTo("killed", p.delivers(), meeting.ForInvitation, ada, luc, coord)
		})
	}
}

func TestTwoWorkersAtOnceWriteToNobodyTwice(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.New(t))
	for n := range 30 {
		p.joins(fmt.Sprintf("member%d", n), p.basel, "member")
	}
	p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	round := jobs[meeting.Round](p, "meeting-letters")[0]
	var both sync.WaitGroup
	for range 4 {
		both.Go(func() {
			if err := p.store.CallInBatches(context.Background(), round, 3); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if errands := jobs[meeting.Errand](p, "meeting-letter"); len(errands) != 33 {
		t.Errorf("%d letters, want 33", len(errands))
	}
}

func TestAChangeSaysWhatWasBefore(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	p.delivers()
	p.says(made, p.ada.Account, "online")
	p.moves(made.Number, func(m *meeting.Plan) { m.Title = "In both courtyards" })
	p.goesTo("another title", p.delivers(), "")
	p.moves(made.Number, func(m *meeting.Plan) { m.When.Day, m.OnlineURL = "2026-06-24", "https://meet.example.org/new" })
	letters := p.delivers()
	p.goesTo("another day", letters, meeting.ForChange, ada, luc, coord)
	for _, l := range letters {
		want := time.Date(2026, 6, 23, 7, 0, 0, 0, time.UTC)
		if l.Was == nil || !l.Was.Starts.Equal(want) || !l.Was.Link || l.StartsAt.Day() != 24 || l.Sequence != 1 {
			t.Errorf("%s: was %+v, sequence %d", l.To, l.Was, l.Sequence)
		}
		if (l.OnlineURL == "https://meet.example.org/new") != (l.To == ada) {
			t.Errorf("%s got the link %q", l.To, l.OnlineURL)
		}
	}
	p.moves(made.Number, func(m *meeting.Plan) { m.Place = "Library" })
	p.moves(made.Number, func(m *meeting.Plan) { m.When.From = "08:00" })
	letters = p.delivers()
	p.goesTo("two changes at once", letters, meeting.ForChange, ada, luc, coord)
	if l := letters[0]; l.Was.Place != "Town hall" || l.Sequence != 3 {
		t.Errorf("was %+v, sequence %d", l.Was, l.Sequence)
	}
}

func TestCallingOffTellsWhoHeardOfTheMeeting(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	draft := p.drafts(p.coord, p.plan("Only thought of", "2026-06-23"))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	early := p.errands() // written but not sent yet
	for _, n := range []int{draft.Number, made.Number} {
		if err := p.store.CallOff(t.Context(), p.coord, n, "The room is flooded."); err != nil {
			t.Fatal(err)
		}
	}
	letters := p.delivers()
	p.goesTo("called off", letters, meeting.ForCancellation, ada, luc, coord)
	if l := letters[0]; l.Reason != "The room is flooded." || l.Sequence != 1 || l.Pass != "" || l.State != meeting.CalledOff {
		t.Errorf("got %+v", l)
	}
	p.sent = nil
	for _, e := range early {
		if err := p.courier.Deliver(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	p.goesTo("an invitation to what is called off", p.sent, "")
}

func TestOnlyTheSilentAreRemindedOfAPoll(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.drafts(p.coord, p.plan("In the courtyard", "2026-06-23"))
	guest := p.guest(made, "guido")
	p.run(`update meeting set state = 'finding', poll_until = $2 where item_id = $1`, made.ID, p.now.AddDate(0, 0, 9))
	p.run(`update item set audience = 2 where id = $1`, made.ID)
	p.run(`insert into date_option (community_id, meeting_id, starts_at, ends_at) values ($1, $2, $3, $4)`, p.basel, made.ID, p.now.AddDate(0, 1, 0), p.now.AddDate(0, 1, 0).Add(time.Hour))
	p.happens(made, "meeting.find-date")
	letters := p.delivers()
	p.goesTo("a date is sought", letters, meeting.ForPoll, ada, luc, coord, guido)
	if l := letters[0]; len(l.Options) != 1 || l.Until == nil {
		t.Errorf("got %+v", l)
	}
	p.run(`insert into date_voice (community_id, meeting_id, account_id, at) values ($1, $2, $3, now())`, p.basel, made.ID, p.ada.Account)
	p.happens(made, "meeting.remind")
	p.goesTo("reminded", p.delivers(), meeting.ForPollReminder, luc, coord, guido)
	p.run(`insert into date_voice (community_id, meeting_id, guest_id, at) values ($1, $2, $3, now())`, p.basel, made.ID, guest)
	p.happens(made, "meeting.remind")
	p.goesTo("reminded again", p.delivers(), meeting.ForPollReminder, luc, coord)
	p.guest(made, "maria")
	p.goesTo("a guest invited later", p.delivers(), meeting.ForPoll, "maria@guests.example.org")
	p.run(`update meeting set state = 'draft' where item_id = $1`, made.ID)
	p.happens(made, "meeting.remind")
	p.goesTo("closed", p.delivers(), "")
}

func TestTheDayBeforeRemindsWhoDidNotSayNo(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23")) // begins at 07:00 UTC
	p.delivers()
	p.says(made, p.ada.Account, "maybe")
	p.says(made, p.luc.Account, "no")
	watch := func() []meeting.Letter {
		t.Helper()
		if err := p.store.Watch(t.Context()); err != nil {
			t.Fatal(err)
		}
		return p.delivers()
	}
	p.now = time.Date(2026, 6, 22, 6, 45, 0, 0, time.UTC)
	p.goesTo("more than a day before", watch(), "")
	p.now = time.Date(2026, 6, 22, 7, 0, 0, 0, time.UTC)
	p.goesTo("a day before", watch(), meeting.ForReminder, ada, coord)
	p.now = p.now.Add(15 * time.Minute)
	p.goesTo("a quarter of an hour later", watch(), "")
	p.moves(made.Number, func(m *meeting.Plan) { m.When.Day = "2026-07-01" })
	p.goesTo("moved", p.delivers(), meeting.ForChange, ada, luc, coord)
	p.now = time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC)
	p.goesTo("a day before the new day", watch(), meeting.ForReminder, ada, coord)
	p.now = time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)
	p.goesTo("under way", watch(), "")
}

func TestWhoWasJustInvitedIsNotRemindedToo(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	p.publishes(p.coord, p.plan("Tomorrow", "2026-05-05"))
	if err := p.store.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.delivers()
	p.joins("late", p.basel, "member")
	if err := p.store.Watch(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.goesTo("on the eve", p.delivers(), meeting.ForReminder, "late@example.org")
}

func TestMinutesComeWithDecisionsAndOwnActions(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-05-04"))
	p.guest(made, "guido")
	p.delivers()
	p.run(`update meeting set state = 'held', minutes_state = 'open', corrections_until = '2026-05-20' where item_id = $1`, made.ID)
	settle := func(kind, table, title string, number int) (id int64) {
		id = p.id(`insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) values ($1, $2, $3, $4, 'en', $5, 2, now(), now(), now()) returning id`, p.basel, kind, number, title, p.coord.Account)
		if table == "decision" {
			p.run(`insert into decision (item_id, community_id, meeting_id, decided_on) values ($1, $2, $3, now())`, id, p.basel, made.ID)
		} else {
			p.run(`insert into action (item_id, community_id, meeting_id, state_at) values ($1, $2, $3, now())`, id, p.basel, made.ID)
		}
		return id
	}
	settle("decision", "decision", "Plant vines", 1)
	p.run(`insert into action_owner (action_id, account_id) values ($1, $2)`, settle("action", "action", "Ask the gardener", 1), p.ada.Account)
	p.happens(made, "minutes.open")
	letters := p.delivers()
	p.goesTo("minutes", letters, meeting.ForMinutes, ada, luc, coord) // not the guest: they are for the community
	for _, l := range letters {
		if len(l.Decisions) != 1 || (len(l.Actions) == 1) != (l.To == ada) || l.Approved || l.Corrections == nil {
			t.Errorf("%s: %+v, %+v", l.To, l.Decisions, l.Actions)
		}
	}
	p.happens(made, "minutes.open")
	p.goesTo("opened again", p.delivers(), "")
	p.run(`update meeting set minutes_state = 'approved' where item_id = $1`, made.ID)
	p.happens(made, "minutes.approve")
	p.goesTo("approved", p.delivers(), meeting.ForMinutes, ada, luc, coord)
}

func TestNoLetterReachesWhoShouldNotHaveIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, between string // what happens before the round, and before the sending
		people          []string
	}{
		"nothing happens":           {``, ``, []string{ada, luc, coord}},
		"one wants none":            {`insert into mail_off (account_id, community_id, letters, at) select id, (select id from community where slug = 'basel'), 'meetings', now() from account where handle = 'ada'`, ``, []string{luc, coord}},
		"none any more":             {``, `insert into mail_off (account_id, community_id, letters, at) select id, (select id from community where slug = 'basel'), 'meetings', now() from account where handle = 'ada'`, []string{luc, coord}},
		"none from elsewhere":       {`insert into mail_off (account_id, community_id, letters, at) select id, (select id from community where slug = 'bern'), 'meetings', now() from account where handle = 'ada'`, ``, []string{ada, luc, coord}},
		"one left":                  {`update membership set state = 'left' where account_id = (select id from account where handle = 'ada')`, ``, []string{luc, coord}},
		"one leaves":                {``, `update membership set state = 'left' where account_id = (select id from account where handle = 'ada')`, []string{luc, coord}},
		"one waits":                 {`update membership set state = 'waiting', number = null where account_id = (select id from account where handle = 'ada')`, ``, []string{luc, coord}},
		"the meeting is removed":    {``, `update item set removed_at = now() where kind = 'meeting'`, nil},
		"removed before":            {`update item set removed_at = now() where kind = 'meeting'`, ``, nil},
		"it is a draft again":       {``, `update item set audience = 3 where kind = 'meeting'`, nil},
		"it is over":                {`update meeting set starts_at = starts_at - interval '1 year', ends_at = ends_at - interval '1 year'`, ``, nil},
		"the meeting never existed": {`delete from item where kind = 'meeting'`, ``, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPost(t, testdb.Tx(t))
			bern := p.found("bern", "private")
			p.joins("outsider", bern, "member")
			p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
			if c.before != "" {
				p.run(c.before)
			}
			errands := p.errands()
			if c.between != "" {
				p.run(c.between)
			}
			for _, e := range errands {
				if err := p.courier.Deliver(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			p.goesTo(name, p.sent, meeting.ForInvitation, c.people...)
		})
	}
}

func TestNothingOfWhatIsBroughtInSilentlyIsMailed(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	p.run(`set local koinon.silent = 'on'`)
	made := p.drafts(p.coord, p.plan("Long ago", "2026-06-23"))
	p.guest(made, "guido")
	p.happens(made, "meeting.publish")
	if rounds := jobs[meeting.Round](p, "meeting-letters"); len(rounds) != 0 {
		t.Errorf("%d rounds", len(rounds))
	}
}

func TestTheLinkAtTheFootEndsLettersAndBringsThemBack(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	p.guest(made, "guido")
	out := map[string]string{}
	for _, l := range p.delivers() {
		out[l.To] = l.Unsubscribe
	}
	for _, who := range []string{ada, guido} {
		for range 2 {
			if err := p.store.Unsubscribe(t.Context(), out[who], true); err != nil {
				t.Fatal(err)
			}
		}
		if way, err := p.store.WayOut(t.Context(), out[who]); err != nil || !way.Off || (way.Title != "") != (who == guido) {
			t.Errorf("%s: %+v, %v", who, way, err)
		}
	}
	p.moves(made.Number, func(m *meeting.Plan) { m.Place = "Library" })
	p.goesTo("after both said stop", p.delivers(), meeting.ForChange, luc, coord)
	for _, who := range []string{ada, guido} {
		if err := p.store.Unsubscribe(t.Context(), out[who], false); err != nil {
			t.Fatal(err)
		}
	}
	p.moves(made.Number, func(m *meeting.Plan) { m.Place = "Museum" })
	p.goesTo("after both wanted them again", p.delivers(), meeting.ForChange, ada, luc, coord, guido)
	p.now = p.now.AddDate(3, 0, 0)
	for _, token := range []string{out[ada], "none", ""} {
		if err := p.store.Unsubscribe(t.Context(), token, true); !errors.Is(err, fault.NotFound) {
			t.Errorf("an expired or unknown link: %v", err)
		}
	}
}

func TestALinkToAnswerIsNoWayOutAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	l := p.delivers()[0]
	if err := p.store.Unsubscribe(t.Context(), l.Pass, true); !errors.Is(err, fault.NotFound) {
		t.Errorf("the answering link unsubscribed: %v", err)
	}
	if _, err := p.store.OpenPass(t.Context(), l.Unsubscribe); !errors.Is(err, fault.NotFound) {
		t.Errorf("the link at the foot answered: %v", err)
	}
}

func TestTheChoiceOfLettersIsPerCommunity(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	bern, other := p.found("bern", "public"), p.found("chur", "public")
	p.belongs(p.ada.Account, bern, "member")
	if err := p.store.SetLetterings(t.Context(), p.ada.Account, append(p.ids(bern), other)); err != nil {
		t.Fatal(err)
	}
	all, err := p.store.Letterings(t.Context(), p.ada.Account, "de")
	if err != nil || len(all) != 2 || all[0].Slug != "basel" || all[0].On || !all[1].On {
		t.Errorf("got %+v, %v", all, err)
	}
	p.publishes(p.coord, p.plan("In the courtyard", "2026-06-23"))
	p.goesTo("published", p.delivers(), meeting.ForInvitation, luc, coord)
	if n := p.id(`select count(*) from mail_off`); n != 1 {
		t.Errorf("%d settings", n)
	}
}

func TestThePreviewTellsHowManyGetTheInvitation(t *testing.T) {
	t.Parallel()
	p := newPost(t, testdb.Tx(t))
	made := p.drafts(p.coord, p.plan("In the courtyard", "2026-06-23"))
	p.guest(made, "guido")
	if err := p.store.SetLetterings(t.Context(), p.ada.Account, nil); err != nil {
		t.Fatal(err)
	}
	l, people, err := p.store.Preview(t.Context(), p.coord, made.Number, "en")
	if err != nil || people != 3 || l.Pass != "" || l.Title != "In the courtyard" {
		t.Errorf("%d people, %+v, %v", people, l, err)
	}
	if _, _, err := p.store.Preview(t.Context(), p.luc, made.Number, "en"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a member previews: %v", err)
	}
	var none item.Made
	if _, _, err := p.store.Preview(t.Context(), p.coord, none.Number, "en"); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}
