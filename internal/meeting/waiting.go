package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MinutesDueAfter is how long after a meeting its minutes are missed.
const MinutesDueAfter = 24 * time.Hour

const perWaiting = 20 // lines of one sort on a desk

// Waiting is what waits for a reader around meetings.
type Waiting struct {
	Actions     []Line // the reader's own, not over
	Answer      []Line // coming meetings: do you come?
	Dates       []Line // polls: which dates suit you?
	Write       []Line // minutes that the reader keeps and that are missing
	Overdue     []Line // actions of others, where the reader coordinates
	Review      []Line // decisions to look at again
	Proposals   []Line // meetings with proposals for their agenda; number 0: the backlog
	Corrections []Line // meetings whose minutes members corrected
	Harvest     []Line // meetings with criteria in their minutes that were not made yet, where the reader logs criteria
}

// Line is one thing that waits. N counts where it is a number of things.
type Line struct {
	ID        item.ID
	Slug      string
	Community string // its name
	Number    int
	Title     string
	Lang      locale.Lang
	At        time.Time
	By        *time.Time
	N         int
}

const lineColumns = `select i.id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug) as community,
	i.number, i.title, i.lang, `

const lineTables = ` join community c on c.id = i.community_id where i.removed_at is null and ` + community.Visible + ` and `

// Waiting is what waits for the reader around meetings, over all communities, together with what besides asks in the same round trip.
func (s Store) Waiting(ctx context.Context, reach community.Reach, lang locale.Lang, besides ...postgres.Besides) (Waiting, error) {
	var w Waiting
	now := s.now()
	args := reach.Args(pgx.NamedArgs{"lang": lang, "now": now, "today": now, "missed": now.Add(-MinutesDueAfter), "long": now.AddDate(0, -6, 0), "most": perWaiting})
	b := &pgx.Batch{}
	into := func(lines *[]Line, sql string) {
		b.Queue(sql, args).Query(func(rows pgx.Rows) error {
			var err error
			*lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[Line])
			return err
		})
	}
	const mine = `exists (select from action_owner o where o.action_id = r.item_id and o.account_id = @me)`
	into(&w.Actions, lineColumns+`i.created_at as at, r.due::timestamptz as by, 0 as n from action_owner o join action r on r.item_id = o.action_id join item i on i.id = r.item_id`+lineTables+
		`o.account_id = @me and r.state in ('open', 'in-hand') order by r.due nulls last, i.id limit @most`)
	into(&w.Answer, lineColumns+`m.starts_at as at, m.answers_until as by, 0 as n from meeting m join item i on i.id = m.item_id`+lineTables+
		`m.community_id = any(@mine) and m.state = 'published' and m.ends_at > @now and not exists (select from rsvp r where r.meeting_id = m.item_id and r.account_id = @me) order by m.starts_at, i.id limit @most`)
	into(&w.Dates, lineColumns+`m.state_at as at, m.poll_until as by, 0 as n from meeting m join item i on i.id = m.item_id`+lineTables+
		`m.community_id = any(@mine) and m.state = 'finding' and (m.poll_until is null or m.poll_until > @now) and not exists (select from date_voice v where v.meeting_id = m.item_id and v.account_id = @me) order by m.poll_until nulls last, i.id limit @most`)
	into(&w.Write, lineColumns+`m.ends_at as at, null::timestamptz as by, 0 as n from meeting m join item i on i.id = m.item_id`+lineTables+
		`m.state in ('published', 'held') and m.ends_at between @long and @missed and m.minutes_state in ('none', 'draft') and (m.community_id = any(@coordinated)
			or m.community_id = any(@mine) and exists (select from meeting_role o where o.meeting_id = m.item_id and o.role = 'notes' and o.account_id = @me)) order by m.ends_at, i.id limit @most`)
	into(&w.Overdue, lineColumns+`i.created_at as at, r.due::timestamptz as by, 0 as n from action r join item i on i.id = r.item_id`+lineTables+
		`r.community_id = any(@coordinated) and r.state in ('open', 'in-hand') and r.due < @today::date and not `+mine+` order by r.due, i.id limit @most`)
	into(&w.Review, lineColumns+`r.review_on::timestamptz as at, null::timestamptz as by, 0 as n from decision r join item i on i.id = r.item_id`+lineTables+
		`r.community_id = any(@coordinated) and r.superseded_by is null and r.review_on <= @today::date order by r.review_on, i.id limit @most`)
	into(&w.Corrections, lineColumns+`p.at, m.corrections_until::timestamptz as by, p.n from (select meeting_id, count(*)::int as n, min(at) as at from minute_correction where community_id = any(@coordinated) and state = 'open' group by 1) p
		join meeting m on m.item_id = p.meeting_id join item i on i.id = m.item_id`+lineTables+`m.minutes_state = 'open' order by p.at limit @most`)
	into(&w.Harvest, lineColumns+`coalesce(m.opened_at, m.ends_at) as at, null::timestamptz as by, l.n from (select l.meeting_id, count(*)::int as n from minute_line l join membership k on k.community_id = l.community_id and k.account_id = @me
			and k.state = 'member' and (k.perspective = 'scientist' or k.role = 'coordinator') left join item x on x.id = l.item_id and x.removed_at is null
			where l.form = 'criterion' and l.removed_at is null and x.id is null group by 1) l join meeting m on m.item_id = l.meeting_id join item i on i.id = m.item_id`+lineTables+
		`not @noproducts and m.minutes_state in ('open', 'approved') order by 7, i.id limit @most`)
	into(&w.Proposals, `select coalesce(i.id, 0) as id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug) as community,
			coalesce(i.number, 0) as number, coalesce(i.title, '') as title, coalesce(i.lang, c.lang) as lang, p.at, null::timestamptz as by, p.n
		from (select community_id, meeting_id, count(*)::int as n, min(proposed_at) as at from agenda_point where community_id = any(@coordinated) and state = 'proposed' group by 1, 2) p
			join community c on c.id = p.community_id left join meeting m on m.item_id = p.meeting_id left join item i on i.id = p.meeting_id
		where p.meeting_id is null or m.state in ('draft', 'finding', 'published') and i.removed_at is null order by p.at limit @most`)
	for _, more := range besides {
		more(b)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return w, fmt.Errorf("waiting around meetings: %w", err)
	}
	return w, nil
}
