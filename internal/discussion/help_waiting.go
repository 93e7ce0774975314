package discussion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// UnansweredAfter is how long a help request may wait before it reaches the coordinators.
const UnansweredAfter = 3 * 24 * time.Hour

// perWaiting is how many help requests of one sort a desk gets.
const perWaiting = 20

// HelpWaiting is what waits for a reader among the help requests.
type HelpWaiting struct {
	Unanswered []HelpLine // for three days or longer, where the reader coordinates; the longest waiting first
	Mine       []HelpLine // that the reader might answer: words match a competence, or the reader's perspective is addressed
	Tell       []HelpLine // the reader's own, answered: what worked?
}

// HelpLine is a help request in a list of what waits.
type HelpLine struct {
	ID        item.ID
	Number    int
	Title     string
	Lang      locale.Lang
	Slug      string
	Community string // its name
	State     string
	Since     time.Time // asked, reopened or answered
	By        *time.Time
	Addressed community.Perspective
	Matches   string // the competence that the words match; empty when the perspective is what fits
	Offered   bool   // by the reader
	Author    item.Voice
}

const helpLine = `select i.id, i.number, i.title, i.lang, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug),
		h.state, ` + waitsSince + `, h.needed_by, h.addressed, %s, exists (select from help_offer o where o.item_id = h.item_id and o.account_id = @me), ` + item.VoiceColumns + `
	from help_request h join item i on i.id = h.item_id join community c on c.id = h.community_id ` + item.VoiceJoins + ` %s
	where i.removed_at is null and ` + community.Visible + ` and `

// waitsSince is when the state's waiting began: an offer alone answers nothing.
const waitsSince = `case when h.state in ('asked', 'offered') and h.outcome_at is null then i.created_at else h.state_at end`

// matching is the first competence of the reader of which every word stands in the request, or which is one of its tags.
const matching = `left join lateral (select k.name from competence k join membership km on km.community_id = k.community_id and km.account_id = k.account_id and km.state = 'member'
		left join item_search w on w.item_id = i.id
		where k.account_id = @me and (w.search @@ plainto_tsquery(('public.k_' || i.lang)::regconfig, k.name)
			or exists (select from item_tag it join tag t on t.id = it.tag_id where it.item_id = i.id and t.key = lower(k.name)))
		order by k.community_id, k.position limit 1) fits on true`

// HelpWaiting are the help requests that wait for the reader, over all communities, in one round trip.
func (s Store) HelpWaiting(ctx context.Context, reach community.Reach, lang locale.Lang) (HelpWaiting, error) {
	var w HelpWaiting
	args := reach.Args(pgx.NamedArgs{"lang": lang, "late": s.now().Add(-UnansweredAfter), "most": perWaiting})
	b := &pgx.Batch{}
	into := func(lines *[]HelpLine, sql string) {
		b.Queue(sql, args).Query(func(rows pgx.Rows) error {
			var err error
			*lines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (HelpLine, error) {
				var l HelpLine
				return l, row.Scan(append([]any{&l.ID, &l.Number, &l.Title, &l.Lang, &l.Slug, &l.Community, &l.State, &l.Since, &l.By, &l.Addressed, &l.Matches, &l.Offered}, l.Author.Scan()...)...)
			})
			return err
		})
	}
	into(&w.Unanswered, fmt.Sprintf(helpLine, "''", "")+`h.community_id = any(@coordinated) and h.state in ('asked', 'offered') and `+waitsSince+` <= @late order by 8, i.id limit @most`)
	into(&w.Mine, fmt.Sprintf(helpLine, "coalesce(fits.name, '')", matching)+`h.community_id = any(@mine) and h.state in ('asked', 'offered') and coalesce(i.author_id, apart.account_id, 0) <> @me
		and (fits.name is not null or exists (select from membership s where s.community_id = h.community_id and s.account_id = @me and s.state = 'member' and s.perspective = h.addressed))
		order by h.needed_by nulls last, 8 desc, i.id limit @most`)
	into(&w.Tell, fmt.Sprintf(helpLine, "''", "")+`h.state = 'answered' and coalesce(i.author_id, apart.account_id, 0) = @me and h.community_id = any(@mine) order by 8, i.id limit @most`)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return w, fmt.Errorf("help requests waiting: %w", err)
	}
	return w, nil
}
