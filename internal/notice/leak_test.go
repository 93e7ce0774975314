package notice_test

import (
	"testing"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// crowd is one person per role, each of whom follows the thread closely and is named in a reply to it, whatever the audience.
func (p *place) crowd(basel, other int64) map[string]account.ID {
	all := map[string]account.ID{}
	for _, role := range []string{"account", "elsewhere", "waiting", "left", "member", "coordinator", "administrator"} {
		all[role] = p.person(role)
	}
	p.run(`insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since) values
		($2, $3, 1, 'member', 'member', 'stakeholder', now(), now()), ($1, $4, null, 'waiting', 'member', 'stakeholder', now(), null), ($1, $5, 101, 'left', 'member', 'stakeholder', now(), now()),
		($1, $6, 102, 'member', 'member', 'stakeholder', now(), now()), ($1, $7, 103, 'member', 'coordinator', 'stakeholder', now(), now())`,
		basel, other, all["elsewhere"], all["waiting"], all["left"], all["member"], all["coordinator"])
	p.run(`update account set administrator = true where id = $1`, all["administrator"])
	return all
}

// names a reply to everybody, also to those whom the page would not let one name.
func (p *place) namesEverybody(author account.ID, in int64, thread item.Made) {
	p.run(`with k as (insert into item (community_id, kind, number, parent_id, lang, author_id, audience, created_at, updated_at, active_at)
			select i.community_id, 'reply', d.last_number + 1, i.id, 'en', $2, i.audience, $3, $3, $3 from item i join discussion d on d.item_id = i.id where i.id = $1 returning id, community_id),
		x as (insert into item_text (item_id, body, html, renderer) select id, 'hush', 'hush', 1 from k),
		m as (insert into item_mention (item_id, account_id) select k.id, a.id from k, account a)
		insert into activity (at, actor_id, verb, item_id, community_id, concerned) select $3, $2, 'discussion.reply', k.id, k.community_id, array(select id from account) from k`, thread.ID, author, p.clock)
	p.run(`update discussion set last_number = last_number + 1 where item_id = $1`, thread.ID)
}

func TestNobodyIsToldOfWhatIsNotOpenToThem(t *testing.T) {
	t.Parallel()
	everybody := []string{"account", "elsewhere", "waiting", "left", "member", "coordinator", "administrator"}
	programme, insiders := []string{"elsewhere", "member", "coordinator", "administrator"}, []string{"member", "coordinator", "administrator"}
	cases := map[string]struct {
		audience   item.Audience
		visibility string
		told       []string
	}{
		"public":       {item.Public, "public", everybody},
		"programme":    {item.Programme, "public", programme},
		"community":    {item.Community, "public", insiders},
		"private city": {item.Community, "private", insiders},
		"draft":        {item.Draft, "public", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := here(t, testdb.Tx(t))
			basel, other := p.town("basel", c.visibility), p.town("other", "public")
			author := p.member("author", basel)
			crowd := p.crowd(int64(basel), int64(other))
			audience := c.audience
			if audience == item.Draft {
				audience = item.Community
			}
			thread := p.starts(author, basel, audience, discussion.Conversation, "words")
			p.run(`update item set audience = $2 where id = $1`, thread.ID, c.audience)
			for _, who := range crowd {
				p.run(`insert into follow (account_id, item_id, level, at) values ($1, $2, 'all', now())`, who, thread.ID)
			}
			p.namesEverybody(author, int64(basel), thread)
			p.work()
			told := map[string]bool{}
			for _, role := range c.told {
				told[role] = true
			}
			for role, who := range crowd {
				var rows int
				if err := p.db.QueryRow(t.Context(), `select count(*) from notice where account_id = $1 and why = 'mentioned'`, who).Scan(&rows); err != nil {
					t.Fatal(err)
				}
				if got := rows > 0; got != told[role] {
					t.Errorf("%s: told %v, want %v", role, got, told[role])
				}
				if got := len(p.inbox(who)) > 0; got != told[role] {
					t.Errorf("%s: in the inbox %v, want %v", role, got, told[role])
				}
			}
		})
	}
}

func TestNarrowingRemovingAndLeavingEmptyTheInbox(t *testing.T) {
	t.Parallel()
	changes := map[string]struct {
		sql  string
		keep map[string]bool
	}{
		"nothing happens":         {`select 1`, map[string]bool{"account": true, "elsewhere": true, "member": true, "coordinator": true}},
		"for the programme":       {`update item set audience = 1 where audience = 0`, map[string]bool{"elsewhere": true, "member": true, "coordinator": true}},
		"for the community":       {`update item set audience = 2 where audience < 2`, map[string]bool{"member": true, "coordinator": true}},
		"back to a draft":         {`update item set audience = 3`, map[string]bool{"coordinator": true}},
		"the reply is removed":    {`update item set removed_at = now() where kind = 'reply'`, nil},
		"the thread is removed":   {`update item set removed_at = now() where kind = 'discussion'`, nil},
		"the member leaves":       {`update item set audience = 2; update membership set state = 'left' where account_id = (select id from account where handle = 'member')`, map[string]bool{"coordinator": true}},
		"gone for good":           {`delete from item where kind = 'reply'`, nil},
		"a member becomes nobody": {`update item set audience = 1; update membership set state = 'left'`, nil},
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := here(t, testdb.Tx(t))
			basel, other := p.town("basel", "public"), p.town("other", "public")
			author := p.member("author", basel)
			crowd := p.crowd(int64(basel), int64(other))
			thread := p.starts(author, basel, item.Public, discussion.Conversation, "words")
			p.namesEverybody(author, int64(basel), thread)
			p.work()
			if c.sql != "select 1" {
				if _, err := p.db.Exec(t.Context(), "do $do$ begin "+c.sql+"; end $do$"); err != nil {
					t.Fatal(err)
				}
			}
			for _, role := range []string{"account", "elsewhere", "member", "coordinator"} {
				if got := len(p.inbox(crowd[role])) > 0; got != c.keep[role] {
					t.Errorf("%s: in the inbox %v, want %v", role, got, c.keep[role])
				}
				if got := p.counts(crowd[role]) > 0; got != c.keep[role] {
					t.Errorf("%s: counted %v, want %v", role, got, c.keep[role])
				}
			}
		})
	}
}

func TestAPrivateCommunityTellsInsidersOnly(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	secret, other := p.town("secret", "private"), p.town("other", "public")
	author, outsider, former := p.member("author", secret), p.member("outsider", other), p.member("former", secret)
	tell := func() {
		if err := activity.Write(t.Context(), p.db, activity.Entry{At: p.clock, Actor: author, Verb: "community.decline", Community: int64(secret), Concerned: []account.ID{outsider, former}}); err != nil {
			t.Fatal(err)
		}
		p.work()
	}
	tell()
	p.sees(outsider, "outsider", []string{}...)
	var rows int
	if err := p.db.QueryRow(t.Context(), `select count(*) from notice where account_id = $1`, outsider).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d notices were written for an outsider, %v", rows, err)
	}
	p.sees(former, "member", "concerned")
	p.run(`update membership set state = 'left' where account_id = $1`, former)
	p.sees(former, "former member", []string{}...)
	tell()
	if n := p.counts(former); n != 0 {
		t.Errorf("%d count", n)
	}
}

func TestWhoAskedDiscreetlyIsToldButNotNamed(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	asker, helper, reader := p.member("asker", basel), p.member("helper", basel), p.member("reader", basel)
	p.follows(asker, basel, 0, notice.All)
	p.follows(reader, basel, 0, notice.All)
	thread := p.starts(asker, basel, item.Community, discussion.Conversation, "words")
	p.run(`insert into help_request (item_id, community_id, state_at, discreet) values ($1, $2, now(), true)`, thread.ID, basel)
	p.run(`insert into discreet_author (item_id, account_id) values ($1, $2)`, thread.ID, asker)
	p.run(`update item set author_id = null where id = $1`, thread.ID) // the activity still names the asker, as if a writer had forgotten
	p.replies(helper, basel, thread.Number, "Try this.")
	p.work()
	p.sees(asker, "asker", "replied")
	p.sees(reader, "reader", "followed", "followed")
	page, err := p.notices.List(t.Context(), p.reach(reader), notice.Filter{}, "en")
	if err != nil || page.Groups[0].Lines[1].Actor != "" || page.Groups[0].Lines[0].Actor != "helper" {
		t.Errorf("got %+v, %v", page.Groups, err)
	}
}

func TestSettingsForWhatIsClosedNowAreNotListed(t *testing.T) {
	t.Parallel()
	p := here(t, testdb.Tx(t))
	basel := p.town("basel", "public")
	author, reader := p.member("author", basel), p.member("reader", basel)
	thread := p.starts(author, basel, item.Community, discussion.Conversation, "words")
	p.follows(reader, basel, thread.Number, notice.All)
	p.follows(reader, basel, 0, notice.Nothing)
	if all, err := p.notices.Settings(t.Context(), p.reach(reader), "en"); err != nil || len(all) != 2 || all[0].Community != basel || all[1].Title != "A title" {
		t.Errorf("got %+v, %v", all, err)
	}
	p.run(`update membership set state = 'left' where account_id = $1`, reader)
	if all, err := p.notices.Settings(t.Context(), p.reach(reader), "en"); err != nil || len(all) != 1 || all[0].Item != 0 {
		t.Errorf("got %+v, %v", all, err)
	}
	if _, err := p.notices.FollowItem(t.Context(), p.seat(reader, basel), "discussion", thread.Number, notice.All); err == nil {
		t.Error("followed what is closed")
	}
	if err := p.notices.Forget(t.Context(), reader, 0, thread.ID); err != nil {
		t.Errorf("forget what is closed: %v", err)
	}
	if err := p.notices.Forget(t.Context(), author, basel, 0); err == nil {
		t.Error("forgot somebody else's setting")
	}
}
