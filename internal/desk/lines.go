package desk

import (
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
)

// named is the community c with its name x in the reader's language, or in its own.
const named = `join community_text x on x.community_id = c.id and x.lang = coalesce((select t.lang from community_text t where t.community_id = c.id and t.lang = @lang), c.lang)`

// columns that a line about a community leaves empty.
const noItem = `0 as number, '' as title, '' as lang`

// waiting keeps the lines that were not put off.
func waiting(sql, order string) string {
	return `select * from (` + sql + `) w where not exists (select from desk_later l where l.account_id = @me and l.line = w.key and l.until > @now) ` + order + ` limit @most`
}

// byCommunity counts people of membership m in community c, and names the first three.
const byCommunity = `c.slug, x.name as city, count(*)::int as n, ` + noItem + `, (array_agg(a.name order by m.asked_at))[1:3] as names, min(coalesce(m.since, m.asked_at)) as at`

const coordinated = `(c.id = any(@coordinated) or @everywhere)`

const request = `c.slug, x.name as city, 0 as n, i.number, i.title, i.lang, '{}'::text[] as names`

const requests = `from help_request h join item i on i.id = h.item_id join community c on c.id = i.community_id ` + named + `
	where i.removed_at is null and ` + community.Visible

// fits holds for a request that asks the reader's perspective, or in whose words stands one of the reader's competences.
const fits = `exists (select from membership m where m.community_id = i.community_id and m.account_id = @me and m.state = 'member' and (h.addressed = m.perspective
	or exists (select from competence k join item_search s on s.item_id = i.id
		where k.community_id = m.community_id and k.account_id = m.account_id and s.search @@ plainto_tsquery(('public.k_' || s.lang)::regconfig, k.name))))`

const offeredByMe = `exists (select from help_offer o where o.item_id = h.item_id and o.account_id = @me)`

var mine = []string{
	waiting(`select 'outcome' as kind, 'outcome:' || i.id || ':' || h.state_at::text as key, `+request+`, h.state_at as at `+requests+` and h.state = 'answered' and `+item.Mine, `order by w.at`),
	waiting(`select 'offered' as kind, 'offered:' || i.id as key, `+request+`, h.state_at as at `+requests+` and h.state in ('asked', 'offered') and `+offeredByMe, `order by w.at`),
	waiting(`select 'match' as kind, 'match:' || i.id || ':' || case when h.outcome_at is null then '' else 'again' end as key, `+request+`, i.created_at as at `+requests+`
		and i.community_id = any(@mine) and h.state in ('asked', 'offered') and not (`+item.Mine+`) and not `+offeredByMe+` and `+fits, `order by w.at desc`),
	waiting(`select 'renewal' as kind, 'renewal:' || c.id || ':' || extract(year from m.renewed_at) as key, c.slug, x.name as city, 0 as n, `+noItem+`, '{}'::text[] as names, m.renewed_at as at
		from membership m join community c on c.id = m.community_id `+named+` where m.account_id = @me and m.state = 'member' and m.renewed_at < @renew`, `order by w.at`),
	waiting(`select 'charter' as kind, 'charter:' || c.id || ':' || v.version as key, c.slug, x.name as city, v.version as n, `+noItem+`, '{}'::text[] as names, v.made_at as at
		from membership m join community c on c.id = m.community_id `+named+`
		join lateral (select h.version, h.made_at from charter h where h.community_id = c.id order by h.version desc limit 1) v on v.version > m.charter_version
		where m.account_id = @me and m.state = 'member' and exists (select from charter_text t where t.community_id = c.id and t.version = v.version)`, `order by w.at`),
	waiting(`select 'drafts' as kind, 'drafts:' || count(*) as key, '' as slug, '' as city, count(*)::int as n, `+noItem+`, '{}'::text[] as names, max(d.at) as at
		from draft d where d.account_id = @me having count(*) > 0`, ``),
}

var coordinators = []string{
	waiting(`select 'report' as kind, 'report:' || c.id || ':' || max(r.id) as key, c.slug, x.name as city, count(*)::int as n, `+noItem+`, '{}'::text[] as names, min(r.at) as at
		from report r join community c on c.id = r.community_id `+named+` where r.settled_at is null and `+coordinated+` group by c.id, x.name`, `order by w.at`),
	waiting(`select 'admit' as kind, 'admit:' || c.id || ':' || max(m.asked_at)::text as key, `+byCommunity+`
		from membership m join community c on c.id = m.community_id `+named+` join account a on a.id = m.account_id
		where m.state = 'waiting' and `+coordinated+` group by c.id, x.name`, `order by w.at`),
	waiting(`select 'unanswered' as kind, 'unanswered:' || i.id as key, `+request+`, i.created_at as at `+requests+`
		and i.community_id = any(@coordinated) and h.state in ('asked', 'offered') and i.created_at < @unanswered`, `order by w.at`),
	waiting(`select 'greet' as kind, 'greet:' || c.id || ':' || max(m.since)::text as key, `+byCommunity+`
		from membership m join community c on c.id = m.community_id `+named+` join account a on a.id = m.account_id
		where m.state = 'member' and m.greeted_at is null and m.since > @newcomer and m.account_id <> @me and c.id = any(@coordinated) group by c.id, x.name`, `order by w.at`),
	waiting(`select 'lapsing' as kind, 'lapsing:' || c.id || ':' || to_char(@now::timestamptz, 'YYYY-MM') as key, `+byCommunity+`
		from membership m join community c on c.id = m.community_id `+named+` join account a on a.id = m.account_id
		where m.state = 'member' and m.renewed_at < @renew and m.account_id <> @me and c.id = any(@coordinated) group by c.id, x.name`, `order by w.at`),
	waiting(`select 'quiet' as kind, 'quiet:' || c.id || ':' || coalesce(last.at, c.created_at)::date as key, c.slug, x.name as city,
			greatest(1, extract(day from @now - coalesce(last.at, c.created_at)))::int as n, `+noItem+`, '{}'::text[] as names, coalesce(last.at, c.created_at) as at
		from community c `+named+` left join lateral (select i.active_at as at from item i where i.community_id = c.id and i.kind = 'discussion' and i.parent_id is null and i.removed_at is null order by i.active_at desc limit 1) last on true
		where c.id = any(@coordinated) and c.stage <> 'transformation' and coalesce(last.at, c.created_at) < @quiet`, `order by w.at`),
}
