package meeting

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Passed is what the holder of a pass reads: the meeting, its agenda, and the own answers. Nobody else is named in it.
type Passed struct {
	Meeting
	Community map[string]string // name by language
	Poll      Poll
	Agenda    []Title // once the meeting is published
}

// Title of a point, in the language in which it was written.
type Title struct {
	Title string
	Lang  locale.Lang
}

// Through reads what a pass shows.
func (s Store) Through(ctx context.Context, pass Pass) (Passed, error) {
	var p Passed
	seat := community.Seat{Community: pass.Community, Slug: pass.Slug, Account: pass.Person.Account}
	args := pgx.NamedArgs{"community": pass.Community, "id": pass.Meeting, "me": pass.Person.Account, "mine": []int64{}, "coordinated": []int64{}, "signed": false, "everywhere": false, "guest": pass.Person.Guest}
	b := &pgx.Batch{}
	head(b, seat, args, &p.Meeting)
	s.queuePoll(b, args, pass.Person, false, &p.Poll)
	b.Queue(`select t.title, t.lang from agenda_point t join meeting m on m.item_id = t.meeting_id where t.community_id = @community and t.meeting_id = @id and t.state = 'accepted'
		and m.state in ('published', 'held', 'closed') order by t.position`, args).Query(func(rows pgx.Rows) error {
		var err error
		p.Agenda, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Title])
		return err
	})
	b.Queue(`select coalesce(jsonb_object_agg(lang, name), '{}') from community_text where community_id = @community`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&p.Community) })
	if pass.Person.Guest != 0 {
		b.Queue(`select coalesce((select r.answer from rsvp r where r.community_id = @community and r.meeting_id = @id and r.guest_id = @guest), '')`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&p.Mine) })
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return p, fmt.Errorf("meeting %d by a pass: %w", pass.Meeting, err)
	}
	if p.Audience != item.Public {
		p.HTML = "" // a text of the community's own, which may name people
	}
	return p, nil
}
