package meeting

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MaxQuestion is how long a question sent beforehand may be, in characters.
const MaxQuestion = 2000

// Question that somebody sent before a meeting.
type Question struct {
	ID     int64
	Point  PointID // 0: about the whole
	Body   string
	Lang   locale.Lang
	At     time.Time
	Done   bool
	Asker  string
	Number int // of the asker's membership; 0 for a former member
}

func queueQuestions(b *pgx.Batch, args pgx.NamedArgs, all *[]Question) {
	b.Queue(`select q.id, coalesce(q.point_id, 0) as point, q.body, q.lang, q.at, q.done_at is not null as done, coalesce(a.name, '') as asker, case when m.state = 'member' then m.number else 0 end as number
		from meeting_question q left join account a on a.id = q.account_id left join membership m on m.community_id = q.community_id and m.account_id = a.id
		where q.community_id = @community and q.meeting_id = @id order by q.at, q.id limit 500`, args).Query(func(rows pgx.Rows) error {
		var err error
		*all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Question])
		return err
	})
}

// NewQuestion is one as typed.
type NewQuestion struct {
	Point   PointID // 0: about the whole
	Body    string
	Lang    locale.Lang
	Request uuid.UUID
}

// Ask sends a question ahead of a meeting. Its chair and the coordinators are told. The same form sent again asks nothing.
func (s Store) Ask(ctx context.Context, seat community.Seat, number int, q NewQuestion) error {
	if err := seat.Must(community.ProposePoint); err != nil {
		return err
	}
	var in fault.Invalid
	in.Check(q.Body != "", "body", "required")
	in.Check(utf8.RuneCountInString(q.Body) <= MaxQuestion, "body", "too-long", "max", MaxQuestion)
	in.Check(locale.Known(string(q.Lang)), "lang", "choose")
	if err := in.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := found.mustTakePoints(); err != nil {
			return err
		}
		first, err := item.Once(ctx, tx, seat, q.Request, found.id, s.now())
		if err != nil || !first {
			return err
		}
		tag, err := tx.Exec(ctx, `insert into meeting_question (community_id, meeting_id, point_id, account_id, body, lang, at)
			select $1, $2, nullif($3::bigint, 0), $4, $5, $6, $7 where $3 = 0 or exists (select from agenda_point where community_id = $1 and meeting_id = $2 and id = $3 and state = 'accepted')`,
			seat.Community, found.id, q.Point, seat.Account, q.Body, q.Lang, s.now())
		if err != nil {
			return fmt.Errorf("question about meeting %d: %w", number, err)
		}
		if tag.RowsAffected() == 0 {
			return fault.One("point", "choose")
		}
		return s.tellOf(ctx, tx, seat, found.id, "agenda.ask", `array(select account_id from membership where community_id = @community and state = 'member' and role = 'coordinator'
			union select r.account_id from meeting_role r where r.community_id = @community and r.meeting_id = @meeting and r.role = 'chair')`, 0)
	})
}

// TickQuestion marks a question as dealt with, or as open again. Its keepers may.
func (s Store) TickQuestion(ctx context.Context, seat community.Seat, number int, id int64, done bool) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := found.mustKeep(seat); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update meeting_question set done_at = case when $4 then coalesce(done_at, $5) end where community_id = $1 and meeting_id = $2 and id = $3`, seat.Community, found.id, id, done, s.now())
		if err != nil {
			return fmt.Errorf("question %d: %w", id, err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("question %d of meeting %d: %w", id, number, fault.NotFound)
		}
		return nil
	})
}
