package discussion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
)

// A list looks through so many discussions at least for one page: what is rare then stands some pages on, and no page costs more because there are many.
const walked = 2000

// fewTagged is how many discussions with a tag are worth sorting; of a more frequent tag enough stand among those walked.
const fewTagged = "1000"

// chosen are the discussions of a page in the order of the search, with the one that only tells that there is more.
type chosen struct {
	pinned []item.ID
	ids    []item.ID
	end    string // cursor at which the search stopped for now; empty: there is nothing beyond
}

// choose finds the discussions of a page, without reading what they say.
func (s Store) choose(ctx context.Context, f Filter, args pgx.NamedArgs) (chosen, error) {
	past, order, err := f.past(args)
	if err != nil {
		return chosen{}, err
	}
	const discussions = `select i.id, i.community_id, i.audience, i.author_id, i.lang, i.active_at from item i
		where i.community_id = @community and i.kind = 'discussion' and i.parent_id is null and i.removed_at is null`
	steps := max(walked, f.per()+1)
	walk := discussions + past + order + fmt.Sprintf(" limit %d", steps)
	from, walks, tagged := "("+walk+")", "true", ""
	switch {
	case f.Mine:
		from, walks = `(`+discussions+past+` and i.id in (select coalesce(k.parent_id, k.id) from item k where k.author_id = @me and k.community_id = @community union select q.item_id from discreet_author q where q.account_id = @me))`, "false"
	case f.Form == Help:
		from, walks = `(`+discussions+past+` and i.id in (select q.item_id from help_request q where q.community_id = @community))`, "false"
	case f.Tag != "":
		tagged = `tagged as materialized (select it.item_id from item_tag it join tag t on t.id = it.tag_id where t.community_id = @community and t.key = lower(@tag) limit ` + fewTagged + ` + 1), `
		walks = `(select count(*) from tagged) > ` + fewTagged
		from = `(` + discussions + past + ` and not ` + walks + ` and i.id in (select item_id from tagged) union all select w.* from (` + walk + `) w where ` + walks + `)`
	}
	where := f.where(args)
	sql := `with ` + tagged + `page as materialized (select i.id, row_number() over () as place from (select i.id from ` + from + ` i join discussion d on d.item_id = i.id` + f.joins() + `
			where ` + community.Visible + where + order + fmt.Sprintf(" limit %d", f.per()+1) + `) i),
		beyond as (select w.active_at, w.id from (` + walk + `) w where ` + walks + fmt.Sprintf(" and (select count(*) from page) <= %d offset %d", f.per(), steps-1) + `)
		select array(select p.id from page p order by p.place), (select active_at from beyond), coalesce((select id from beyond), 0), ` + f.pinned()
	var c chosen
	var at *time.Time
	var last item.ID
	if err := s.db.QueryRow(ctx, sql, args).Scan(&c.ids, &at, &last, &c.pinned); err != nil {
		return c, fmt.Errorf("discussions: %w", err)
	}
	if at != nil {
		c.end = cursor(*at, last)
	}
	return c, nil
}

// past is the condition under which item i stands past the cursor, and the order in which the search goes.
func (f Filter) past(args pgx.NamedArgs) (past, order string, err error) {
	order = " order by i.active_at desc, i.id desc"
	cursor, sign := f.Before, "<"
	if f.After != "" {
		cursor, sign, order = f.After, ">", " order by i.active_at, i.id"
	}
	if cursor == "" {
		return "", order, nil
	}
	at, id, ok := readCursor(cursor)
	if !ok {
		return "", "", fmt.Errorf("cursor %q: %w", cursor, fault.NotFound)
	}
	args["at"], args["id"] = at, id
	return " and (i.active_at, i.id) " + sign + " (@at, @id)", order, nil
}

// pinned selects the discussions that stand before the first page of the whole list.
func (f Filter) pinned() string {
	if !f.whole() || f.Before != "" || f.After != "" {
		return `'{}'::bigint[]`
	}
	return `array(select i.id from discussion d join item i on i.id = d.item_id where i.community_id = @community and d.pinned_at is not null and i.removed_at is null and ` + community.Visible + ` order by d.pinned_at desc)`
}

// joins bring in what the filters ask of item i.
func (f Filter) joins() string {
	joins := ""
	if f.State != "" {
		joins += " join help_request h on h.item_id = i.id"
	}
	if f.Unread {
		joins += " left join read_mark r on r.item_id = i.id and r.account_id = @me"
	}
	return joins
}

func (f Filter) where(args pgx.NamedArgs) (where string) {
	if f.whole() {
		where += " and d.pinned_at is null"
	}
	if f.Form != "" {
		where += " and d.form = @form"
		args["form"] = f.Form
	}
	if f.State != "" {
		where += " and (h.state = @state or @state = '" + OpenHelp + "' and h.state <> '" + Closed + "')"
		args["state"] = f.State
	}
	if f.Tag != "" {
		where += " and exists (select from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id and t.community_id = @community and t.key = lower(@tag))"
		args["tag"] = f.Tag
	}
	if f.Lang != "" {
		where += " and i.lang = @lang"
		args["lang"] = f.Lang
	}
	if f.Unread {
		where += " and " + unread
	}
	return where
}
