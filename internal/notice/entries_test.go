package notice_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/practice"
)

func (p *place) entries() practice.Store {
	return practice.NewStore(p.db, func() time.Time { p.clock = p.clock.Add(time.Second); return p.clock })
}

func (p *place) writes(who account.ID, in community.ID, audience item.Audience, told string) (item.Made, practice.Text) {
	p.t.Helper()
	text := practice.Text{Form: practice.Experience, Title: "A vine", Fields: practice.Fields{practice.Told: told}, Lang: locale.English, Audience: audience}
	made, err := p.entries().Begin(p.t.Context(), p.seat(who, in), practice.New{Text: text, Request: uuid.New()})
	if err != nil {
		p.t.Fatal(err)
	}
	return made, text
}

// happens lets something be told that another room does.
func (p *place) happens(verb string, to item.ID, by account.ID, detail string, concerned ...account.ID) {
	p.t.Helper()
	p.run(`insert into activity (at, actor_id, verb, item_id, community_id, concerned, detail) select $1, $2, $3, id, community_id, $4, $5 from item where id = $6`, p.clock, by, verb, item.Concerned(concerned), detail, to)
}

// told are the keys and addresses of what somebody is told about entries, the latest first.
func (p *place) told(who account.ID) (lines []string) {
	p.t.Helper()
	page, err := p.notices.List(p.t.Context(), p.reach(who), notice.Filter{Kind: "repertoire"}, locale.English)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, g := range page.Groups {
		for _, l := range g.Lines {
			lines = append(lines, l.Key()+" "+g.AddressOf(l)+" "+l.Words)
		}
	}
	return lines
}

func (p *place) letters() (n int) {
	p.t.Helper()
	if err := p.db.QueryRow(p.t.Context(), `select count(*) from river_job where kind = 'letter' and args->'Letter'->>'kind' = 'release'`).Scan(&n); err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *place) isTold(who account.ID, name string, want ...string) {
	p.t.Helper()
	got := p.told(who)
	if len(got) != len(want) {
		p.t.Errorf("%s is told %q, want %q", name, got, want)
		return
	}
	for n := range want {
		if got[n] != want[n] {
			p.t.Errorf("%s is told %q, want %q", name, got, want)
		}
	}
}

func TestADraftOfAnEntryIsToldToNobodyAndItsSharingToThoseWhoFollow(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	author, friend, follower, silent := p.member("author", basel), p.member("friend", basel), p.member("follower", basel), p.member("silent", basel)
	p.follows(follower, basel, 0, notice.All)
	boss := p.person("boss")
	p.joins(boss, basel, "coordinator")
	made, text := p.writes(author, basel, item.Draft, "As @friend and @boss say.")
	p.work()
	p.sees(friend, "named in a draft")
	p.sees(boss, "a coordinator named in a draft")
	p.sees(follower, "a follower")
	text.Audience = item.Community
	for revision := range 3 { // shared, drawn back, shared again
		if err := p.entries().Revise(t.Context(), p.seat(author, basel), made.Number, practice.Edit{Text: text, Revision: revision + 1}); err != nil {
			t.Fatal(err)
		}
		p.work()
		p.run(`update item set audience = 3 where id = $1 and $2 = 0`, made.ID, revision)
	}
	p.run(`update item set audience = 2 where id = $1`, made.ID)
	p.sees(friend, "named", "mentioned")
	p.sees(boss, "a coordinator", "mentioned")
	p.sees(silent, "silent")
	p.isTold(follower, "a follower", "inbox.news.entry.share /c/basel/repertoire/1 ")
}

func TestWhoWroteAnEntryHearsWhatBecomesOfIt(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel, london := p.town("basel", "public"), p.town("london", "private")
	author, other, coordinator, far := p.member("author", basel), p.member("other", basel), p.person("coordinator"), p.member("far", london)
	p.joins(coordinator, basel, "coordinator")
	made, _ := p.writes(author, basel, item.Programme, "The vine on wires.")
	p.run(`insert into entry_author (community_id, entry_id, account_id, position) values ($1, $2, $3, 1)`, basel, made.ID, other)
	seat := p.seat(coordinator, basel)
	if err := p.entries().Endorse(t.Context(), seat, made.Number, 0); err != nil {
		t.Fatal(err)
	}
	p.work()
	if err := p.entries().Unendorse(t.Context(), seat, made.Number, "It did not last."); err != nil {
		t.Fatal(err)
	}
	p.work()
	p.run(`insert into entry_use (community_id, entry_id, n, account_id, used_in, outcome, outcome_html, again, lang, at) values ($1, $2, 1, $3, $4, '**Cooler**', '<p><strong>Cooler</strong></p>', 'yes', 'en', now())`, basel, made.ID, far, london)
	p.clock = p.clock.Add(time.Second)
	p.happens("entry.use", made.ID, far, `{"use": 1}`, author, other)
	p.work()
	for name, who := range map[string]account.ID{"author": author, "co-author": other} {
		p.isTold(who, name, "inbox.did.entry.use /c/basel/repertoire/1/uses#use-1 Cooler", "inbox.did.entry.unendorse /c/basel/repertoire/1 It did not last.", "inbox.did.entry.endorse /c/basel/repertoire/1 ")
	}

	adapted, text := p.writes(far, london, item.Draft, "Ours.")
	p.run(`insert into item_link (from_id, to_id, relation, by_id, at) values ($1, $2, 'adapted', $3, now())`, adapted.ID, made.ID, far)
	p.happens("entry.adapt", made.ID, far, `{"entry": `+strconv.FormatInt(int64(adapted.ID), 10)+`}`, author)
	text.Audience = item.Community
	if err := p.entries().Revise(t.Context(), p.seat(far, london), adapted.Number, practice.Edit{Text: text, Revision: 1}); err != nil {
		t.Fatal(err)
	}
	p.work() // for London alone: nobody else may know of it
	if got := p.told(author); len(got) != 3 {
		t.Errorf("told of what is private: %q", got)
	}
	open, _ := p.writes(other, basel, item.Programme, "Ours too.")
	p.happens("entry.adapt", made.ID, other, `{"entry": `+strconv.FormatInt(int64(open.ID), 10)+`}`, author)
	p.work()
	if got := p.told(author); len(got) != 4 || got[0] != "inbox.did.entry.adapt /c/basel/repertoire/1 " {
		t.Errorf("of the adaptation that all may read: %q", got)
	}
}

func TestAnAdaptationBegunAsADraftIsToldOnceItIsShared(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	author, adapter := p.member("author", basel), p.member("adapter", basel)
	made, _ := p.writes(author, basel, item.Public, "The vine on wires.")
	adapted, text := p.writes(adapter, basel, item.Draft, "Ours.")
	p.run(`insert into item_link (from_id, to_id, relation, by_id, at) values ($1, $2, 'adapted', $3, now())`, adapted.ID, made.ID, adapter)
	p.happens("entry.adapt", made.ID, adapter, `{"entry": `+strconv.FormatInt(int64(adapted.ID), 10)+`}`, author)
	p.work()
	p.isTold(author, "of a draft")
	text.Audience = item.Public
	if err := p.entries().Revise(t.Context(), p.seat(adapter, basel), adapted.Number, practice.Edit{Text: text, Revision: 1}); err != nil {
		t.Fatal(err)
	}
	p.work()
	p.isTold(author, "of the adaptation", "inbox.line.adapted /c/basel/repertoire/2 ")
}

func TestWhoseWordsAreAskedForIsAskedByMailOnce(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel, london := p.town("basel", "public"), p.town("london", "public")
	author, speaker, gone := p.member("author", basel), p.member("speaker", basel), p.member("gone", london)
	made, _ := p.writes(author, basel, item.Community, "The vine on wires.")
	p.work()
	p.happens("entry.ask-release", made.ID, author, `{}`, speaker, gone)
	jobs := p.waiting()
	for range 2 {
		for _, job := range jobs {
			if err := p.notices.Tell(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.isTold(speaker, "the speaker", "inbox.did.entry.ask-release /c/basel/repertoire/1 ")
	p.isTold(gone, "who may not read it")
	if n := p.letters(); n != 1 {
		t.Errorf("%d letters", n)
	}
}

func TestEveryNewsOfAnEntryHasWords(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		for _, verb := range []string{"co-author", "credit", "ask-release", "release", "refuse", "use", "use-remove", "adapt", "endorse", "unendorse", "translate", "untranslate", "share"} {
			if !locale.Has(l, "inbox.did.entry."+verb) {
				t.Errorf("entry.%s has no words in %s", verb, l)
			}
		}
		for _, verb := range []string{"begin", "share", "revise"} {
			if !locale.Has(l, "inbox.news.entry."+verb) {
				t.Errorf("entry.%s has no words in %s", verb, l)
			}
		}
	}
}
