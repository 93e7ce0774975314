package notice_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// round is a community with somebody at every level, who meet.
type round struct {
	*place
	meetings meeting.Store
	basel    community.ID
	chair    account.ID
	all      map[string]account.ID
}

// levels are the people of a round, by how closely they follow: "default" chose nothing, "left" is a member no more, "elsewhere" belongs
// to another city and follows what it can open.
var levels = []string{"default", "all", "mentions", "catch-up", "nothing", "left", "elsewhere"}

func gathered(t *testing.T, visibility string) *round {
	t.Helper()
	p := here(t, testdb.Tx(t))
	r := &round{place: p, all: map[string]account.ID{}}
	r.meetings = meeting.NewStore(p.db, func() time.Time { p.clock = p.clock.Add(time.Second); return p.clock })
	r.basel = p.town("basel", visibility)
	other := p.town("other", "public")
	r.chair = p.person("chair")
	p.joins(r.chair, r.basel, "coordinator")
	for _, level := range levels {
		in := r.basel
		if level == "elsewhere" {
			in = other
		}
		r.all[level] = p.member(level, in)
		if level != "default" && level != "left" && level != "elsewhere" {
			p.follows(r.all[level], r.basel, 0, level)
		}
	}
	p.run(`update membership set state = 'left', number = null where account_id = $1`, r.all["left"])
	return r
}

func (r *round) seatOf(who account.ID) community.Seat { return r.seat(who, r.basel) }

// plans a meeting in draft, which names somebody.
func (r *round) plans() item.Made {
	r.t.Helper()
	opens := item.Public
	if r.seatOf(r.chair).Private {
		opens = item.Community
	}
	made, err := r.meetings.Schedule(r.t.Context(), r.seatOf(r.chair), meeting.Plan{Form: meeting.Regular, Title: "We meet", Body: "words", Lang: locale.English, OpensTo: opens,
		When: meeting.When{Zone: "Europe/London", Day: "2026-06-04", From: "18:00", Until: "20:00"}, Request: uuid.New()})
	if err != nil {
		r.t.Fatal(err)
	}
	return made
}

func (r *round) publishes() item.Made {
	r.t.Helper()
	m := r.plans()
	r.must(r.meetings.Publish(r.t.Context(), r.seatOf(r.chair), m.Number))
	return m
}

// earlier is a meeting of which people were told before, and which "elsewhere" follows.
func (r *round) earlier() item.Made {
	r.t.Helper()
	m := r.publishes()
	r.run(`insert into follow (account_id, item_id, level, at) values ($1, $2, 'all', now())`, r.all["elsewhere"], m.ID)
	r.run(`delete from river_job`)
	return m
}

func (r *round) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *round) happens(verb string, id item.ID, concerned ...account.ID) {
	r.t.Helper()
	r.clock = r.clock.Add(time.Second)
	r.must(activity.Write(r.t.Context(), r.db, activity.Entry{At: r.clock, Actor: r.chair, Verb: verb, Item: int64(id), Community: int64(r.basel), Concerned: concerned}))
}

func (r *round) answers(id item.ID, answers map[string]string) {
	r.t.Helper()
	for who, answer := range answers {
		r.run(`insert into rsvp (community_id, meeting_id, account_id, answer, at) values ($1, $2, $3, $4, now())`, r.basel, id, r.all[who], answer)
	}
}

func (r *round) decides(owners ...string) {
	r.t.Helper()
	audience := item.Public
	if r.seatOf(r.chair).Private {
		audience = item.Community
	}
	if len(owners) == 0 {
		_, err := r.meetings.Decide(r.t.Context(), r.seatOf(r.chair), meeting.NewDecision{Text: "We plant", On: r.clock, Lang: locale.English, Audience: audience, Request: uuid.New()})
		r.must(err)
		return
	}
	give := meeting.NewAction{Text: "Buy trees, @mentions", Lang: locale.English, Audience: audience, Request: uuid.New()}
	for _, who := range owners {
		give.Owners = append(give.Owners, r.all[who])
	}
	_, err := r.meetings.Give(r.t.Context(), r.seatOf(r.chair), give)
	r.must(err)
}

var toEveryMember = map[string]string{"default": "announced", "all": "announced", "mentions": "announced", "catch-up": "announced later"}

// with adds to what is expected.
func with(told map[string]string, more ...string) map[string]string {
	all := map[string]string{}
	for who, why := range told {
		all[who] = why
	}
	for n := 0; n < len(more); n += 2 {
		all[more[n]] = more[n+1]
	}
	return all
}

func TestWhoIsToldWhatOfMeetings(t *testing.T) {
	t.Parallel()
	yes := map[string]string{"default": "in-person", "all": "no", "mentions": "maybe", "catch-up": "online", "nothing": "in-person", "left": "in-person"}
	said := map[string]string{"default": "announced", "mentions": "announced", "catch-up": "announced later"}
	closely := map[string]string{"all": "followed", "catch-up": "followed later"}
	cases := map[string]struct {
		happens   func(*round)
		told      map[string]string
		elsewhere string // what the one from elsewhere is told, where the community is open
	}{
		"a meeting in draft":               {func(r *round) { r.plans() }, nil, ""},
		"a meeting in draft is called off": {func(r *round) { r.must(r.meetings.CallOff(r.t.Context(), r.seatOf(r.chair), r.plans().Number, "Rain")) }, nil, ""},
		"a meeting":                        {func(r *round) { r.publishes() }, toEveryMember, ""},
		"a date is sought":                 {func(r *round) { m := r.earlier(); r.happens("meeting.find-date", m.ID) }, toEveryMember, "followed"},
		"a series":                         {func(r *round) { m := r.earlier(); r.happens("series.publish", m.ID); r.happens("meeting.appear", m.ID) }, toEveryMember, "followed"},
		"another time, nobody answered":    {func(r *round) { r.happens("meeting.change", r.earlier().ID) }, toEveryMember, "followed"},
		"another time":                     {func(r *round) { m := r.earlier(); r.answers(m.ID, yes); r.happens("meeting.change", m.ID) }, said, "followed"},
		"called off, nobody answered": {func(r *round) {
			r.must(r.meetings.CallOff(r.t.Context(), r.seatOf(r.chair), r.earlier().Number, "Rain"))
		}, toEveryMember, "followed"},
		"called off": {func(r *round) {
			m := r.earlier()
			r.answers(m.ID, yes)
			r.must(r.meetings.CallOff(r.t.Context(), r.seatOf(r.chair), m.Number, "Rain"))
		}, said, "followed"},
		"called off, all said no": {func(r *round) {
			m := r.earlier()
			r.answers(m.ID, map[string]string{"default": "no"})
			r.happens("meeting.call-off", m.ID)
		}, nil, "followed"},
		"minutes are opened": {func(r *round) { r.happens("minutes.open", r.earlier().ID) }, toEveryMember, "followed"},
		"minutes are opened, some were there": {func(r *round) {
			m := r.earlier()
			r.happens("minutes.open", m.ID, r.all["default"], r.all["nothing"], r.all["left"], r.chair)
		}, with(toEveryMember, "default", "concerned"), "followed"},
		"minutes are approved":            {func(r *round) { r.happens("minutes.approve", r.earlier().ID) }, toEveryMember, "followed"},
		"the meeting is held":             {func(r *round) { r.happens("meeting.hold", r.earlier().ID) }, nil, ""},
		"a decision":                      {func(r *round) { r.decides() }, closely, ""},
		"an action":                       {func(r *round) { r.decides("default", "nothing", "left", "elsewhere") }, with(closely, "default", "concerned", "mentions", "mentioned"), ""},
		"an action of who is named in it": {func(r *round) { r.decides("mentions", "all", "catch-up") }, map[string]string{"mentions": "concerned", "all": "concerned", "catch-up": "concerned later"}, ""},
	}
	for name, c := range cases {
		for _, visibility := range []string{"public", "private"} {
			t.Run(name+" in a "+visibility+" community", func(t *testing.T) {
				t.Parallel()
				r := gathered(t, visibility)
				c.happens(r)
				r.work()
				for _, who := range levels {
					want := c.told[who]
					if who == "elsewhere" && visibility == "public" {
						want = c.elsewhere
					}
					if got := strings.Join(r.inbox(r.all[who]), ", "); got != want {
						t.Errorf("%s: got %q, want %q", who, got, want)
					}
				}
				if got := r.inbox(r.chair); len(got) > 0 {
					t.Errorf("who did it is told %v", got)
				}
				var others int
				r.must(r.db.QueryRow(t.Context(), `select count(*)::int from notice where kind <> case when why = 'mentioned' then 'mentions' else 'meetings' end`).Scan(&others))
				if others != 0 {
					t.Errorf("%d stand under another kind", others)
				}
			})
		}
	}
}

func TestWhoIsNamedInAMeetingIsToldOnceItIsShown(t *testing.T) {
	t.Parallel()
	r := gathered(t, "public")
	m := r.plans()
	r.run(`insert into item_mention (item_id, account_id) values ($1, $2)`, m.ID, r.all["default"])
	r.work()
	r.sees(r.all["default"], "named in a draft", []string{}...)
	r.run(`update item set audience = 2 where id = $1`, m.ID)
	r.happens("meeting.find-date", m.ID)
	r.must(r.meetings.Publish(t.Context(), r.seatOf(r.chair), m.Number))
	r.work()
	r.sees(r.all["default"], "named", "announced", "mentioned")
}

func TestWhatBecameOfProposalsLeadsToAgendas(t *testing.T) {
	t.Parallel()
	r := gathered(t, "public")
	m := r.earlier()
	r.happens("agenda.propose", 0, r.all["default"])
	r.happens("agenda.later", 0, r.all["mentions"])
	r.happens("agenda.accept", m.ID, r.all["all"])
	r.all["keeper"] = r.member("keeper", r.basel)
	r.happens("minutes.correct", m.ID, r.all["keeper"])
	r.work()
	for who, want := range map[string]string{"default": "/c/basel/meetings/backlog", "mentions": "/c/basel/meetings/backlog", "all": "/c/basel/meetings/1/agenda", "keeper": "/c/basel/meetings/1/minutes"} {
		page, err := r.notices.List(t.Context(), r.reach(r.all[who]), notice.Filter{Kind: "meetings"}, locale.English)
		if err != nil || len(page.Groups) != 1 {
			t.Fatalf("%s: got %+v, %v", who, page, err)
		}
		if got := page.Groups[0].AddressOf(page.Groups[0].Lines[0]); got != want {
			t.Errorf("%s: got %s, want %s", who, got, want)
		}
	}
}

func TestAMeetingCalledOffSaysWhy(t *testing.T) {
	t.Parallel()
	r := gathered(t, "public")
	r.must(r.meetings.CallOff(t.Context(), r.seatOf(r.chair), r.earlier().Number, "The hall is flooded"))
	r.work()
	page, err := r.notices.List(t.Context(), r.reach(r.all["default"]), notice.Filter{}, locale.English)
	if err != nil || len(page.Groups) != 1 {
		t.Fatalf("got %+v, %v", page, err)
	}
	l := page.Groups[0].Lines[0]
	if l.Words != "The hall is flooded" || l.Key() != "inbox.news.meeting.call-off" || page.Groups[0].AddressOf(l) != "/c/basel/meetings/1" {
		t.Errorf("got %+v, key %s", l, l.Key())
	}
}

func TestEveryLineAboutMeetingsHasItsOwnWords(t *testing.T) {
	t.Parallel()
	for verb, whys := range map[string]string{"meeting.find-date": "announced followed", "meeting.publish": "announced followed", "series.publish": "announced followed", "meeting.change": "announced followed",
		"meeting.call-off": "announced followed", "minutes.open": "announced followed concerned", "minutes.approve": "announced followed concerned", "minutes.add": "followed concerned",
		"decision.record": "followed", "action.give": "followed", "action.owned": "concerned"} {
		for _, why := range strings.Fields(whys) {
			key := (notice.Line{Why: why, Verb: verb}).Key()
			if !strings.HasSuffix(key, "."+verb) {
				t.Errorf("%s told as %s says %s", verb, why, key)
			}
			for _, lang := range locale.All {
				if !locale.Has(lang, key) {
					t.Errorf("no %s in %s", key, lang)
				}
			}
		}
	}
}
