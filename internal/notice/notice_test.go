package notice_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// place is a small world: communities with people, a clock that ticks, and the work that waits.
type place struct {
	t       *testing.T
	db      postgres.DB
	clock   time.Time
	notices notice.Store
	threads discussion.Store
	items   item.Store
}

func here(t *testing.T, db postgres.DB) *place {
	p := &place{t: t, db: db, clock: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)}
	now := func() time.Time { p.clock = p.clock.Add(time.Second); return p.clock }
	p.notices, p.threads, p.items = notice.NewStore(db, now), discussion.NewStore(db, now), item.NewStore(db, now)
	return p
}

func (p *place) run(sql string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Exec(p.t.Context(), sql, args...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) town(slug, visibility string) community.ID {
	p.t.Helper()
	var id community.ID
	if err := p.db.QueryRow(p.t.Context(), `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, 'city', 'en', 'Europe/London', $2, now(), now(), now()) returning id`, slug, visibility).Scan(&id); err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *place) person(handle string) account.ID {
	p.t.Helper()
	var id account.ID
	if err := p.db.QueryRow(p.t.Context(), `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, handle).Scan(&id); err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *place) joins(who account.ID, in community.ID, role string) {
	p.t.Helper()
	p.run(`insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
		values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, 'stakeholder', now(), now())`, in, who, role)
}

func (p *place) member(handle string, in community.ID) account.ID {
	p.t.Helper()
	id := p.person(handle)
	p.joins(id, in, "member")
	return id
}

// reach of an account as its memberships are now.
func (p *place) reach(who account.ID) community.Reach {
	p.t.Helper()
	r := community.Reach{Me: who, Mine: []int64{}, Coordinated: []int64{}}
	err := p.db.QueryRow(p.t.Context(), `select a.administrator, array(select community_id from membership where account_id = a.id and state = 'member'),
		array(select community_id from membership where account_id = a.id and state = 'member' and role = 'coordinator') from account a where a.id = $1`, who).Scan(&r.Everywhere, &r.Mine, &r.Coordinated)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func (p *place) seat(who account.ID, in community.ID) community.Seat {
	p.t.Helper()
	s := community.Seat{Community: in, Account: who, Standing: community.Visitor, Reach: p.reach(who)}
	s.Administers = s.Reach.Everywhere
	if len(s.Reach.Mine) > 0 {
		s.Standing = community.Elsewhere
	}
	for _, id := range s.Reach.Mine {
		if id == int64(in) {
			s.Standing, s.Number = community.Member, 1
		}
	}
	for _, id := range s.Reach.Coordinated {
		if id == int64(in) {
			s.Standing = community.Coordinator
		}
	}
	if err := p.db.QueryRow(p.t.Context(), `select slug, visibility = 'private' from community where id = $1`, in).Scan(&s.Slug, &s.Private); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *place) starts(who account.ID, in community.ID, audience item.Audience, form, body string) item.Made {
	p.t.Helper()
	made, err := p.threads.Start(p.t.Context(), p.seat(who, in), discussion.Opening{Form: form, Title: "A title", Body: body, Lang: locale.English, Audience: audience, Request: uuid.New()})
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}

func (p *place) replies(who account.ID, in community.ID, thread int, body string, answers ...int) item.Made {
	p.t.Helper()
	a := discussion.Answer{Body: body, Lang: locale.English, Request: uuid.New()}
	if len(answers) > 0 {
		a.Answers = &answers[0]
	}
	made, err := p.threads.Reply(p.t.Context(), p.seat(who, in), thread, a)
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}

func (p *place) follows(who account.ID, in community.ID, thread int, level string) {
	p.t.Helper()
	var err error
	switch {
	case thread != 0:
		_, err = p.notices.FollowItem(p.t.Context(), p.seat(who, in), "discussion", thread, level)
	case in != 0:
		err = p.notices.FollowCommunity(p.t.Context(), p.seat(who, in), level)
	default:
		err = p.notices.FollowByDefault(p.t.Context(), who, level)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// waiting are the activities of the jobs that wait.
func (p *place) waiting() []int64 {
	p.t.Helper()
	rows, err := p.db.Query(p.t.Context(), `select (args->>'activity')::bigint from river_job where kind = 'notice' order by id`)
	if err != nil {
		p.t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		p.t.Fatal(err)
	}
	return all
}

// work does the waiting jobs.
func (p *place) work() {
	p.t.Helper()
	for _, id := range p.waiting() {
		if err := p.notices.Tell(p.t.Context(), id); err != nil {
			p.t.Fatal(err)
		}
	}
	p.run(`delete from river_job`)
}

// inbox is what somebody sees: why and way of each notice, the latest first; and how many count.
func (p *place) inbox(who account.ID) []string {
	p.t.Helper()
	seen := []string{}
	for _, catchUp := range []bool{false, true} {
		page, err := p.notices.List(p.t.Context(), p.reach(who), notice.Filter{CatchUp: catchUp}, locale.English)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, g := range page.Groups {
			for _, l := range g.Lines {
				why := l.Why
				if catchUp {
					why += " later"
				}
				seen = append(seen, why)
			}
		}
	}
	return seen
}

func (p *place) counts(who account.ID) int {
	p.t.Helper()
	var n int
	if err := p.db.QueryRow(p.t.Context(), `select count(*)::int from `+community.Newest+community.ToldJoins+` where `+community.Told, p.reach(who).Args(nil)).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *place) sees(who account.ID, name string, want ...string) {
	p.t.Helper()
	if got := p.inbox(who); fmt.Sprint(got) != fmt.Sprint(want) {
		p.t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

func TestPeopleAreToldOfWhatConcernsThem(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	asker, answerer, third, silent := p.member("asker", basel), p.member("answerer", basel), p.member("third", basel), p.member("silent", basel)
	thread := p.starts(asker, basel, item.Public, discussion.Conversation, "Who knows, @third?")
	p.replies(answerer, basel, thread.Number, "I do.")
	p.replies(third, basel, thread.Number, "> I do.\n\nAnd I.", 1)
	if err := p.threads.Thank(t.Context(), p.seat(asker, basel), thread.Number, 1, true); err != nil {
		t.Fatal(err)
	}
	p.work()
	p.sees(asker, "asker", "replied", "replied")
	p.sees(answerer, "answerer", "thanked", "quoted")
	p.sees(third, "third", "mentioned")
	p.sees(silent, "silent")
	if n := p.counts(answerer); n != 1 {
		t.Errorf("thanks are quiet: %d notices count, want 1", n)
	}
}

func TestEditsTellOnlyWhoIsNewlyNamed(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	author, first, second := p.member("author", basel), p.member("first", basel), p.member("second", basel)
	p.follows(second, basel, 0, notice.All)
	thread := p.starts(author, basel, item.Public, discussion.Conversation, "@first")
	edit := func(revision int, body string) {
		if err := p.threads.Revise(t.Context(), p.seat(author, basel), thread.Number, discussion.Edit{Revision: revision, Title: "A title", Body: body, Lang: locale.English}); err != nil {
			t.Fatal(err)
		}
	}
	edit(1, "@first, please")
	edit(2, "nobody")
	edit(3, "@first and @second and @author")
	p.work()
	p.sees(first, "first", "mentioned")
	p.sees(second, "second", "mentioned", "followed")
	p.sees(author, "author")
}

func TestTheNearestLevelWins(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		account, community, item string
		level, from              string
		wants                    []string // of an announcement, of a reply by somebody, of being named in one
	}{
		"nothing chosen":               {"", "", "", "mentions", "default", []string{"mentioned", "announced"}},
		"all by account":               {"all", "", "", "all", "account", []string{"mentioned", "followed", "announced"}},
		"all by community":             {"nothing", "all", "", "all", "community", []string{"mentioned", "followed", "announced"}},
		"all by thread":                {"nothing", "nothing", "all", "all", "item", []string{"mentioned", "followed"}},
		"nothing by thread":            {"all", "all", "nothing", "nothing", "item", []string{"announced"}},
		"nothing by community":         {"all", "nothing", "", "nothing", "community", []string{}},
		"nothing by account":           {"nothing", "", "", "nothing", "account", []string{}},
		"mentions by community":        {"all", "mentions", "", "mentions", "community", []string{"mentioned", "announced"}},
		"catch-up by account":          {"catch-up", "", "", "catch-up", "account", []string{"mentioned", "followed later", "announced later"}},
		"catch-up by thread":           {"", "", "catch-up", "catch-up", "item", []string{"mentioned", "announced", "followed later"}},
		"all by thread, over catch-up": {"catch-up", "catch-up", "all", "all", "item", []string{"mentioned", "followed", "announced later"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := here(t, testdb.Tx(t))
			basel := p.town("basel", "public")
			coordinator, talker, reader := p.person("coordinator"), p.member("talker", basel), p.member("reader", basel)
			p.joins(coordinator, basel, "coordinator")
			thread := p.starts(talker, basel, item.Public, discussion.Conversation, "words")
			p.run(`delete from river_job`)
			for _, set := range []struct {
				in     community.ID
				thread int
				level  string
			}{{0, 0, c.account}, {basel, 0, c.community}, {basel, thread.Number, c.item}} {
				if set.level != "" {
					p.follows(reader, set.in, set.thread, set.level)
				}
			}
			got, err := p.notices.Level(t.Context(), reader, basel, thread.ID)
			if err != nil || got.Level != c.level || got.From != c.from {
				t.Errorf("got %+v, %v; want %s from %s", got, err, c.level, c.from)
			}
			p.starts(coordinator, basel, item.Public, discussion.Announcement, "news")
			p.replies(talker, basel, thread.Number, "a reply")
			p.replies(talker, basel, thread.Number, "@reader look")
			p.work()
			p.sees(reader, "reader", c.wants...)
		})
	}
}

func TestTakingALevelBackLetsTheNextOneApply(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	reader := p.member("reader", basel)
	p.follows(reader, 0, 0, notice.CatchUp)
	p.follows(reader, basel, 0, notice.All)
	p.follows(reader, basel, 0, notice.Nothing)
	got, err := p.notices.Level(t.Context(), reader, basel, 0)
	if want := (notice.Level{Level: "nothing", From: "community", Own: "nothing", Above: "catch-up"}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	p.follows(reader, basel, 0, "")
	got, err = p.notices.Level(t.Context(), reader, basel, 0)
	if want := (notice.Level{Level: "catch-up", From: "account", Above: "catch-up"}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if err := p.notices.FollowByDefault(t.Context(), reader, "loud"); err == nil {
		t.Error("an unknown level was taken")
	}
}

func TestComingsAreToldToWhoAdmits(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "private")
	coordinator, other, plain, newcomer := p.person("coordinator"), p.person("other"), p.member("plain", basel), p.person("newcomer")
	p.joins(coordinator, basel, "coordinator")
	p.joins(other, basel, "coordinator")
	p.run(`insert into membership (community_id, account_id, state, perspective, asked_at) values ($1, $2, 'waiting', 'stakeholder', now())`, basel, newcomer)
	happens := func(verb string, actor account.ID, concerned ...account.ID) {
		p.clock = p.clock.Add(time.Second)
		if err := activity.Write(t.Context(), p.db, activity.Entry{At: p.clock, Actor: actor, Verb: verb, Community: int64(basel), Concerned: concerned}); err != nil {
			t.Fatal(err)
		}
		p.work()
	}
	happens("community.ask", newcomer, coordinator, other, plain)
	p.sees(coordinator, "coordinator", "asked")
	p.sees(plain, "member", []string{}...)
	p.sees(newcomer, "newcomer", []string{}...)
	p.run(`update membership set state = 'member', number = 9, since = now(), admitted_by = $2 where account_id = $1`, newcomer, coordinator)
	happens("community.join", newcomer, newcomer)
	p.sees(coordinator, "who admitted", "asked")
	p.sees(other, "other coordinator", "joined", "asked")
	if n := p.counts(coordinator); n != 0 {
		t.Errorf("the answered question still counts: %d", n)
	}
	p.run(`update membership set role = 'member' where account_id = $1`, other)
	p.sees(other, "no longer a coordinator", []string{}...)
}

func TestWhatWasReadBeforeItIsToldArrivesAsRead(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	asker, answerer := p.member("asker", basel), p.member("answerer", basel)
	thread := p.starts(asker, basel, item.Public, discussion.Conversation, "words")
	p.replies(answerer, basel, thread.Number, "one")
	marks := item.NewMarks(p.db)
	marks.Read(asker, thread.ID, 1, p.clock)
	if err := marks.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.replies(answerer, basel, thread.Number, "two")
	p.replies(answerer, basel, thread.Number, "three")
	p.work()
	if n := p.counts(asker); n != 2 {
		t.Errorf("%d count, want 2", n)
	}
	read := p.clock
	if err := p.threads.Thank(t.Context(), p.seat(answerer, basel), thread.Number, 0, true); err != nil {
		t.Fatal(err)
	}
	p.work()
	marks.Read(asker, thread.ID, 2, read)
	if err := marks.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := p.counts(asker); n != 1 {
		t.Errorf("after reading the second: %d count, want 1", n)
	}
	var unread int
	if err := p.db.QueryRow(t.Context(), `select count(*) from notice where why = 'thanked' and read_at is null`).Scan(&unread); err != nil || unread != 1 {
		t.Errorf("thanks given after the reading count as read: %d, %v", unread, err)
	}
}

func TestReadingIsTakenBack(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	asker, answerer := p.member("asker", basel), p.member("answerer", basel)
	one, two := p.starts(asker, basel, item.Public, discussion.Conversation, "words"), p.starts(asker, basel, item.Public, discussion.Conversation, "words")
	for range 3 {
		p.replies(answerer, basel, one.Number, "yes")
	}
	p.replies(answerer, basel, two.Number, "yes")
	p.work()
	groups, err := p.notices.Unread(t.Context(), p.reach(asker), locale.English, 10)
	n := p.counts(asker)
	if err != nil || n != 4 || len(groups) != 2 || groups[1].Place != notice.Place(one.ID) || groups[1].Unread != 3 || groups[1].Total != 3 {
		t.Fatalf("got %d in %+v, %v", n, groups, err)
	}
	p.replies(answerer, basel, one.Number, "and more")
	p.work()
	at, err := p.notices.Read(t.Context(), asker, groups[1].Place, groups[1].Latest, false)
	if err != nil || p.counts(asker) != 2 {
		t.Errorf("what came after the page was read too: %d count, %v", p.counts(asker), err)
	}
	if _, err := p.notices.Read(t.Context(), answerer, notice.Everywhere, 0, false); err != nil || p.counts(asker) != 2 {
		t.Errorf("somebody else's reading counts: %d, %v", p.counts(asker), err)
	}
	if err := p.notices.Unmark(t.Context(), asker, at); err != nil || p.counts(asker) != 5 {
		t.Errorf("taken back: %d count, %v", p.counts(asker), err)
	}
	if _, err := p.notices.Read(t.Context(), asker, notice.Everywhere, 0, false); err != nil || p.counts(asker) != 0 {
		t.Errorf("all read: %d count, %v", p.counts(asker), err)
	}
	if err := p.notices.MarkUnread(t.Context(), asker, groups[0].Place, groups[0].Latest); err != nil || p.counts(asker) != 1 {
		t.Errorf("one unread again: %d count, %v", p.counts(asker), err)
	}
}

func TestTheInboxPagesThroughEveryThreadOnce(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	asker, answerer := p.member("asker", basel), p.member("answerer", basel)
	const threads = notice.PerPage + 5
	for range threads {
		thread := p.starts(asker, basel, item.Public, discussion.Conversation, "words")
		for range notice.PerGroup + 1 {
			p.replies(answerer, basel, thread.Number, "yes")
		}
	}
	p.work()
	seen := map[notice.Place]bool{}
	f := notice.Filter{}
	for pages := 1; ; pages++ {
		page, err := p.notices.List(t.Context(), p.reach(asker), f, locale.English)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range page.Groups {
			if seen[g.Place] || len(g.Lines) != notice.PerGroup || g.Total != notice.PerGroup+1 || g.More != 1 {
				t.Errorf("group %+v", g)
			}
			seen[g.Place] = true
		}
		if f.Before = page.Older; f.Before == "" {
			if pages != 2 {
				t.Errorf("%d pages, want 2", pages)
			}
			break
		}
	}
	if len(seen) != threads {
		t.Errorf("%d threads, want %d", len(seen), threads)
	}
	for _, broken := range []string{"zzz", "MS4x.", "é"} {
		if _, err := p.notices.List(t.Context(), p.reach(asker), notice.Filter{Before: broken}, locale.English); err == nil {
			t.Errorf("cursor %q was taken", broken)
		}
	}
}

func TestThanksTakenBackAreGoneAndGivenAgainAreToldOnce(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	author, thankful := p.member("author", basel), p.member("thankful", basel)
	thread := p.starts(author, basel, item.Public, discussion.Conversation, "words")
	thank := func(thanks bool) {
		if err := p.threads.Thank(t.Context(), p.seat(thankful, basel), thread.Number, 0, thanks); err != nil {
			t.Fatal(err)
		}
		p.work()
	}
	thank(true)
	p.sees(author, "author", "thanked")
	thank(false)
	p.sees(author, "author", []string{}...)
	thank(true)
	p.sees(author, "author", "thanked")
}

func TestThanksForTheSameWordsStandInOneLine(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	author := p.member("author", basel)
	thread := p.starts(author, basel, item.Public, discussion.Conversation, "words")
	for n := range 9 {
		thankful := p.member(fmt.Sprintf("thankful-%d", n), basel)
		if err := p.threads.Thank(t.Context(), p.seat(thankful, basel), thread.Number, 0, true); err != nil {
			t.Fatal(err)
		}
		if n == 4 {
			p.replies(thankful, basel, thread.Number, "yes")
		}
	}
	p.work()
	page, err := p.notices.List(t.Context(), p.reach(author), notice.Filter{}, locale.English)
	if err != nil || len(page.Groups) != 1 {
		t.Fatalf("got %+v, %v", page, err)
	}
	g := page.Groups[0]
	if len(g.Lines) != 3 || g.Lines[0].Actor != "thankful-8" || g.Lines[0].Others != 3 || g.Lines[1].Why != "replied" || g.Lines[2].Others != 4 || g.Total != 10 || g.More != 0 {
		t.Errorf("got %+v", g)
	}
}

func TestEveryLineHasWords(t *testing.T) {
	t.Parallel()
	for _, why := range []string{"mentioned", "quoted", "replied", "thanked", "asked", "joined", "concerned", "announced", "followed"} {
		for _, verb := range []string{"", "help.ask", "help.offer", "help.close", "help.reopen", "discussion.start", "community.decline", "something.new"} {
			for reply := range 2 {
				if key := (notice.Line{Why: why, Verb: verb, Reply: reply}).Key(); !locale.Has(locale.Greek, key) {
					t.Errorf("no message %s", key)
				}
			}
		}
	}
}
