package community

import "strings"

// Told is the only condition that says which notices a reader may see now, whatever was true when they were written. It speaks of
// notice n, of item i that it is about and of item t under which that stands (see ToldJoins), and of Reach.Args. Thanks that were taken
// back are gone. That words were taken away, and why, is told although they are gone.
const Told = `case when n.item_id is null
	then exists (select from community tc where tc.id = n.community_id and case when n.why in ('asked', 'joined')
		then tc.id = any(@coordinated) else tc.visibility = 'public' or tc.id = any(@mine) or @everywhere end)
	else (i.removed_at is null and t.removed_at is null or n.why = 'concerned' and (select tv.verb in ('item.hide', 'report.settled') from activity tv where tv.id = n.activity_id))
		and ` + Visible + ` and (n.why <> 'thanked' or
		(select true from activity ta join thanks tk on tk.item_id = ta.item_id and tk.account_id = ta.actor_id where ta.id = n.activity_id)) end`

// ToldJoins bring the items of notice n, one by one: there are never more than a page of notices, whatever the planner would guess.
const ToldJoins = `
	left join lateral (select x.id, x.kind, x.community_id, x.audience, x.author_id, x.removed_at from item x where x.id = n.item_id offset 0) i on true
	left join lateral (select x.removed_at from item x where x.id = n.top_id offset 0) t on true `

// MostCounted notices are counted; more are "99+".
const MostCounted = 100

// Newest are the newest unread notices of the account @me that count, as n: the first of them are judged, whatever else waits.
const Newest = `(select u.item_id, u.top_id, u.community_id, u.activity_id, u.why from notice u where u.account_id = @me and u.read_at is null and u.way = 'inbox' order by u.at desc, u.id desc limit 100) n`

// toldUnread counts what is new in the inbox of account a.
var toldUnread = `(select count(*)::int from ` + To("a", Newest+ToldJoins+" where "+Told) + `)`

// To makes a condition on Reach.Args speak of account a of the same query instead: so many readers are judged in one statement, each by
// the memberships of this moment.
func To(a, condition string) string {
	member := "select own.community_id from membership own where own.account_id = " + a + ".id and own.state = 'member'"
	return strings.NewReplacer(
		"@mine", "array("+member+")",
		"@coordinated", "array("+member+" and own.role = 'coordinator')",
		"@signed", "("+a+".administrator or exists ("+member+"))",
		"@everywhere", a+".administrator",
		"@me", a+".id",
	).Replace(condition)
}
