package search

// minutes are the words of the minutes of meeting m, while they are not their keepers' own.
const minutes = `case when m.minutes_state in ('open', 'approved') then concat_ws(E'\n\n', (select string_agg(x.body, E'\n\n' order by x.id) from minute x where x.meeting_id = m.item_id),
	(select string_agg(concat_ws(E'\n', l.body, l.why, l.rejected), E'\n\n' order by l.n) from minute_line l where l.meeting_id = m.item_id and l.removed_at is null),
	(select string_agg(x.body, E'\n\n' order by x.n) from minute_addendum x where x.meeting_id = m.item_id)) end`

// minutesShown are they as HTML.
var minutesShown = `case when m.minutes_state in ('open', 'approved') then concat((select string_agg(x.html, '' order by x.id) from minute x where x.meeting_id = m.item_id),
	(select string_agg(concat(` + paragraph("l.body") + `, ` + paragraph("l.why") + `, ` + paragraph("l.rejected") + `), '' order by l.n) from minute_line l where l.meeting_id = m.item_id and l.removed_at is null),
	(select string_agg(x.html, '' order by x.n) from minute_addendum x where x.meeting_id = m.item_id)) end`

// besides is the HTML of what an item i is found by beside its title and text.
var besides = `case i.kind
	when 'meeting' then (select concat(` + paragraph("m.place") + `, ` + minutesShown + `) from meeting m where m.item_id = i.id)
	when 'decision' then (select concat(d.why_html, d.rejected_html) from decision d where d.item_id = i.id)
	when 'entry' then (select concat(` + paragraph("e.summary") + `, ` + translationsShown + `) from entry e where e.item_id = i.id)
	when 'action' then (select ` + paragraph("a.owner_names") + ` from action a where a.item_id = i.id) else '' end`

// paragraph makes HTML of a column of plain text.
func paragraph(column string) string {
	return `'<p>' || replace(replace(` + column + `, '&', '&amp;'), '<', '&lt;') || '</p>'`
}
