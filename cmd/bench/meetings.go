package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/postgres"
)

const (
	manyMeetings = 1_000
	manyPoints   = 40
	manyAnswers  = 200
)

// meetings measures a large meeting, the list of a thousand, and the calendar of a thousand.
func (b *bench) meetings(ctx context.Context) error {
	number, err := b.fillMeetings(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("meetings, p95 at %d requests/s: one with %d points and %d answers, among %d (goal ≤ 30ms):\n", perSecond, manyPoints, manyAnswers, manyMeetings)
	at := fmt.Sprintf("/c/basel/meetings/%d", number)
	for _, path := range []string{at, at + "/agenda", at + "/answers", at + "/minutes", "/c/basel/meetings", "/c/basel/decisions", "/c/basel/actions", at + ".ics", "/c/basel/meetings.ics"} {
		took, err := b.steadily(path)
		if err != nil {
			return err
		}
		page, err := b.get(b.ours+path, false)
		if err != nil {
			return err
		}
		fmt.Printf("  %-44s %s, %.1f KB\n", path, p95(took), float64(len(page))/1024)
	}
	return nil
}

// fillMeetings makes a thousand meetings, half of them past, and fills one that is to come. Its number is the last.
func (b *bench) fillMeetings(ctx context.Context) (number int, err error) {
	err = postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		for _, q := range []struct {
			sql  string
			args []any
		}{
			{`select set_config('koinon.silent', 'on', true)`, nil},
			{`with have as (select coalesce(max(number), 0) as last from item where kind = 'meeting' and community_id = (select id from community where slug = 'basel')),
			made as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at)
				select (select id from community where slug = 'basel'), 'meeting', have.last + g, 'Meeting ' || g, 'en', (select id from account where handle = 'beat-hollenstein'), 0, now(), now(), now() from have, generate_series(1, $1::int) g returning id, community_id, number),
			texted as (insert into item_text (item_id, body, html, renderer) select id, 'What we talk about.', '<p>What we talk about.</p>', 1 from made)
			insert into meeting (item_id, community_id, form, state, state_at, opens_to, starts_at, ends_at, zone, place, minutes_state, opened_at, approved_at)
			select id, community_id, 'regular', case when past then 'closed' else 'published' end, now(), 0, at, at + interval '2 hours', 'Europe/Zurich', 'Town hall', case when past then 'approved' else 'none' end, case when past then at end, case when past then at end
			from made, lateral (select number % 2 = 1 as past, now() + (case when number % 2 = 1 then -1 else 1 end) * make_interval(days => number) as at) t`, []any{manyMeetings}},
			{`insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, body, html, minutes, proposed_at)
			select m.community_id, m.item_id, g, 'accepted', 'discussion', 'Point ' || g, 'en', 'Why it matters.', '<p>Why it matters.</p>', 5, now() from meeting m join item i on i.id = m.item_id, generate_series(1, $1::int) g where i.title = 'Meeting 1000'`, []any{manyPoints}},
			{`insert into rsvp (community_id, meeting_id, account_id, answer, at)
			select m.community_id, m.item_id, a.id, (array['in-person', 'online', 'maybe', 'no'])[1 + a.id % 4], now() from meeting m join item i on i.id = m.item_id, (select id from account where handle like 'member-%' order by id limit $1::int) a where i.title = 'Meeting 1000'`, []any{manyAnswers}},
			{`update counter set n = (select max(number) from item i where i.community_id = counter.community_id and i.kind = counter.series)`, nil},
		} {
			if _, err := tx.Exec(ctx, q.sql, q.args...); err != nil {
				return fmt.Errorf("meetings: %w", err)
			}
		}
		return tx.QueryRow(ctx, `select number from item where title = 'Meeting 1000' and kind = 'meeting'`).Scan(&number)
	})
	if err != nil {
		return 0, err
	}
	_, err = b.pool.Exec(ctx, `vacuum analyze`)
	return number, err
}
