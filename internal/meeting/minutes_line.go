package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// catch keeps a line beneath a point. What is wrong with it is said at field.
func (s Store) catch(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, point int64, c Caught, field string) error {
	if err := s.mustHavePoint(ctx, tx, seat, found, point); err != nil {
		return err
	}
	who, err := s.people(ctx, tx, seat, strings.Join(c.People, ", "))
	if err != nil {
		return err
	}
	var n int
	speaker, name, owners := who.of(c.Form)
	if utf8.RuneCountInString(name) > MaxSpeaker || utf8.RuneCountInString(owners) > MaxWho {
		return fault.One(field, "too-long", "max", MaxSpeaker)
	}
	err = tx.QueryRow(ctx, `with line as (insert into minute_line (community_id, meeting_id, point_id, n, form, body, lang, speaker_id, speaker_name, due, owner_names, by_id, at)
			values (@community, @meeting, nullif(@point::bigint, 0), (select coalesce(max(n), 0) + 1 from minute_line where meeting_id = @meeting), @form, @body, @lang, @speaker, @name, @due, @owners, @me, @now) returning id, n),
		owned as (insert into minute_line_owner (line_id, account_id) select line.id, who from line, unnest(@who::bigint[]) who)
		select n from line`, pgx.NamedArgs{"community": seat.Community, "meeting": found.id, "point": point, "form": c.Form, "body": c.Body, "lang": found.lang, "speaker": speaker, "name": name,
		"due": c.Due, "owners": owners, "who": who.own(c.Form), "me": seat.Account, "now": s.now()}).Scan(&n)
	if err != nil {
		return fmt.Errorf("line of meeting %d: %w", found.number, err)
	}
	return s.register(ctx, tx, seat, found, n)
}

// called are people as they were named: members, and the names of the others.
type called struct {
	members []account.ID
	others  string
}

// people looks up whom names mean: members by handle or name.
func (s Store) people(ctx context.Context, tx pgx.Tx, seat community.Seat, typed string) (c called, err error) {
	c.members, c.others, err = s.On(tx).Owners(ctx, seat, typed)
	return c, err
}

// of a form: who said it, or the names of who will do it.
func (c called) of(form LineForm) (speaker *account.ID, name, owners string) {
	switch {
	case form == TodoLine:
		return nil, "", c.others
	case len(c.members) > 0:
		return &c.members[0], "", ""
	}
	return nil, c.others, ""
}

func (c called) own(form LineForm) []int64 {
	if form == TodoLine {
		return item.Concerned(c.members)
	}
	return []int64{}
}

// Rewording is a line as somebody changed it. People are typed as "@anna, Peter Meier".
type Rewording struct {
	Point    int64
	Form     LineForm
	Body     string
	Lang     locale.Lang
	People   string // who said it, or who will do it
	Why      string
	Rejected string
	Due      *time.Time
	Review   *time.Time
	Revision int
}

func (r Rewording) check(found placed) error {
	var in fault.Invalid
	in.Check(slices.Contains(LineForms, r.Form), "form", "choose")
	in.Check(r.Body != "", "body", "required")
	checkWords(&in, "body", r.Body, MaxLine)
	in.Check(locale.Known(string(r.Lang)), "lang", "choose")
	checkWords(&in, "people", r.People, MaxWho)
	if r.Form != TodoLine {
		checkWords(&in, "people", r.People, MaxSpeaker)
	}
	checkWords(&in, "why", r.Why, MaxWhy)
	checkWords(&in, "rejected", r.Rejected, MaxWhy)
	in.Check(r.Review == nil || r.Review.After(found.day()), "review", "after-decision")
	return in.Err()
}

// day on which the meeting begins, where it is.
func (p placed) day() time.Time {
	if p.starts == nil {
		return time.Time{}
	}
	return dayOn(*p.starts, p.zone)
}

// Reword changes a line, or moves it to another point. A line that somebody changed meanwhile is a fault.Conflict.
func (s Store) Reword(ctx context.Context, seat community.Seat, number, n int, r Rewording) error {
	return s.changeLine(ctx, seat, number, n, func(tx pgx.Tx, found placed, revision int) error {
		if err := r.check(found); err != nil {
			return err
		}
		if revision != r.Revision {
			return fmt.Errorf("line %d of meeting %d: %w", n, number, &fault.Conflict{Revision: revision})
		}
		if err := s.mustHavePoint(ctx, tx, seat, found, r.Point); err != nil {
			return err
		}
		who, err := s.people(ctx, tx, seat, r.People)
		if err != nil {
			return err
		}
		speaker, name, owners := who.of(r.Form)
		args := pgx.NamedArgs{"community": seat.Community, "meeting": found.id, "n": n, "point": r.Point, "form": r.Form, "body": r.Body, "lang": r.Lang, "speaker": speaker, "name": name, "why": r.Why,
			"rejected": r.Rejected, "due": r.Due, "review": r.Review, "owners": owners, "who": who.own(r.Form), "me": seat.Account, "now": s.now()}
		b := &pgx.Batch{}
		b.Queue(`update minute_line set point_id = nullif(@point::bigint, 0), form = @form, body = @body, lang = @lang, speaker_id = @speaker, speaker_name = @name, why = @why, rejected = @rejected, due = @due,
			review_on = @review, owner_names = @owners, revision = revision + 1, by_id = @me, at = @now where community_id = @community and meeting_id = @meeting and n = @n`, args)
		b.Queue(`delete from minute_line_owner o using minute_line l where l.id = o.line_id and l.community_id = @community and l.meeting_id = @meeting and l.n = @n`, args)
		b.Queue(`insert into minute_line_owner (line_id, account_id) select l.id, who from minute_line l, unnest(@who::bigint[]) who where l.community_id = @community and l.meeting_id = @meeting and l.n = @n`, args)
		return tx.SendBatch(ctx, b).Close()
	})
}

// Strike takes a line out of the minutes; Unstrike takes that back.
func (s Store) Strike(ctx context.Context, seat community.Seat, number, n int) error {
	return s.strike(ctx, seat, number, n, `update minute_line set removed_at = $4, revision = revision + 1 where community_id = $1 and meeting_id = $2 and n = $3 and removed_at is null`, s.now())
}

// Unstrike brings a line back that was taken out.
func (s Store) Unstrike(ctx context.Context, seat community.Seat, number, n int) error {
	return s.strike(ctx, seat, number, n, `update minute_line set removed_at = null, revision = revision + 1 where community_id = $1 and meeting_id = $2 and n = $3 and removed_at is not null`)
}

func (s Store) strike(ctx context.Context, seat community.Seat, number, n int, sql string, more ...any) error {
	return s.changeLine(ctx, seat, number, n, func(tx pgx.Tx, found placed, _ int) error {
		_, err := tx.Exec(ctx, sql, append([]any{seat.Community, found.id, n}, more...)...)
		return err
	})
}

// changeLine changes one line of minutes that may be written; what the registers and the index say of it follows.
func (s Store) changeLine(ctx context.Context, seat community.Seat, number, n int, do func(tx pgx.Tx, found placed, revision int) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.mustWrite(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		revision := 0
		err = tx.QueryRow(ctx, `select revision from minute_line where community_id = $1 and meeting_id = $2 and n = $3`, seat.Community, found.id, n).Scan(&revision)
		if errors.Is(err, pgx.ErrNoRows) {
			err = fault.NotFound
		}
		if err == nil {
			err = do(tx, found, revision)
		}
		if err != nil {
			return fmt.Errorf("line %d of meeting %d: %w", n, number, err)
		}
		if err := s.register(ctx, tx, seat, found, n); err != nil {
			return err
		}
		return s.indexMinutes(ctx, tx, seat, found)
	})
}
