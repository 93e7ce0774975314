package criterion

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
)

// ToRate is a line of a ballot that is to be filled in.
type ToRate struct {
	Number    int
	Statement string
	Lang      locale.Lang
	Target    Target
	Mine      int // 0: not rated yet
}

// ToFill is a ballot that is to be filled in: the criteria that are asked for, those that the seat did not rate yet first.
type ToFill struct {
	Rows    []ToRate
	Rated   int // of All by the seat
	All     int
	Meeting *RaisedAt // nil: all of the community
	Older   string
}

// RaisedAt is the meeting from which the criteria of a ballot come.
type RaisedAt struct {
	ID     int64
	Number int
	Title  string
	Lang   string
}

// ToFill is a ballot of the criteria that were raised at a meeting, or (0) of all, from the cursor on (empty: the first).
func (s Store) ToFill(ctx context.Context, seat community.Seat, meeting int, cursor string) (ToFill, error) {
	var f ToFill
	if err := seat.Must(community.Rate); err != nil {
		return f, err
	}
	from := ` from item i join criterion c on c.item_id = i.id left join rating r on r.criterion_id = c.item_id and r.account_id = @me and r.round_id is null
		where i.community_id = @community and i.kind = 'criterion' and i.removed_at is null and c.state in ('raised', 'agreed') and ` + community.Visible
	rated, number := ballotCursor(cursor)
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "rated": rated, "number": number, "most": MostVotes + 1})
	if meeting != 0 {
		at, err := s.raisedAt(ctx, seat, meeting)
		if err != nil {
			return f, err
		}
		f.Meeting, args["meeting"] = &at, at.ID
		from += ` and exists (select from criterion_source s where s.criterion_id = c.item_id and s.item_id = @meeting)`
	}
	b := &pgx.Batch{}
	b.Queue(`select i.number, i.title, i.lang, c.measure, c.comparator, coalesce(c.target, 0), coalesce(c.target_to, 0), c.unit, coalesce(r.value, 0)`+from+`
		and (r.id is not null, i.number) > (@rated::boolean, @number::int) order by r.id is not null, i.number limit @most`, args).Query(func(rows pgx.Rows) error {
		defer rows.Close()
		for rows.Next() {
			var t ToRate
			if err := rows.Scan(&t.Number, &t.Statement, &t.Lang, &t.Target.Measure, &t.Target.Comparator, &t.Target.Value, &t.Target.To, &t.Target.Unit, &t.Mine); err != nil {
				return err
			}
			f.Rows = append(f.Rows, t)
		}
		return rows.Err()
	})
	b.Queue(`select count(r.id), count(*)`+from, args).QueryRow(func(row pgx.Row) error { return row.Scan(&f.Rated, &f.All) })
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return f, fmt.Errorf("ballot: %w", err)
	}
	if len(f.Rows) > MostVotes {
		f.Rows = f.Rows[:MostVotes]
		last := f.Rows[MostVotes-1]
		f.Older = fmt.Sprintf("%t-%d", last.Mine > 0, last.Number)
	}
	return f, nil
}

func (s Store) raisedAt(ctx context.Context, seat community.Seat, meeting int) (RaisedAt, error) {
	at := RaisedAt{Number: meeting}
	err := s.db.QueryRow(ctx, `select i.id, i.title, i.lang from item i where i.community_id = @community and i.kind = 'meeting' and i.number = @meeting and i.removed_at is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "meeting": meeting})).Scan(&at.ID, &at.Title, &at.Lang)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return at, fmt.Errorf("meeting %d: %w", meeting, err)
	}
	return at, nil
}

// ballotCursor reads where a ballot goes on; one that nobody was given begins at the start.
func ballotCursor(cursor string) (rated bool, number int) {
	left, right, _ := strings.Cut(cursor, "-")
	number, err := strconv.Atoi(right)
	if err != nil || number < 0 || number > 1<<30 {
		return false, 0
	}
	return left == "true", number
}
