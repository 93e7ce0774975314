package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Wording is the text of a point as somebody wrote it, starting from a revision (0: none was there). Point 0 is the meeting as a whole.
type Wording struct {
	Point    int64
	Body     string
	Revision int
}

// Catch is a line as typed beneath a point.
type Catch struct {
	Point int64
	Form  LineForm
	Text  string
}

// Writing is what is written in the minutes at once: all of it is kept, or nothing.
type Writing struct {
	Texts   []Wording
	Lines   []Catch
	Lift    bool      // lines that say what they are leave the texts and stand as lines
	Request uuid.UUID // of a form sent by hand; the zero value: saved by itself
}

// FieldOf is the name of a field of a part: "body-7", "line-7".
func FieldOf(name string, point int64) string { return name + "-" + strconv.FormatInt(point, 10) }

func (w Writing) check() error {
	var in fault.Invalid
	for _, t := range w.Texts {
		checkWords(&in, FieldOf("body", t.Point), t.Body, MaxMinute)
	}
	for _, l := range w.Lines {
		field := FieldOf("line", l.Point)
		in.Check(slices.Contains(LineForms, l.Form), field, "choose")
		checkWords(&in, field, l.Text, MaxLine)
	}
	return in.Err()
}

// Write keeps texts and lines of the minutes and gives the new revisions of the texts, by point. The first words hold a meeting whose day
// has come. A text that somebody else changed meanwhile is a fault.Conflict, and nothing is kept; the same words twice are none.
func (s Store) Write(ctx context.Context, seat community.Seat, number int, w Writing) (revisions map[int64]int, err error) {
	revisions = map[int64]int{}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.mustWrite(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := w.check(); err != nil {
			return err
		}
		if len(w.Texts)+len(w.Lines) == 0 {
			return nil
		}
		if w.Request != uuid.Nil {
			if again, err := s.claimed(ctx, tx, seat, w.Request, found.id); again || err != nil {
				return err
			}
		}
		if err := s.begin(ctx, tx, seat, found); err != nil {
			return err
		}
		for _, t := range w.Texts {
			if err := s.wordAndCatch(ctx, tx, seat, found, t, w.Lift, revisions); err != nil {
				return err
			}
		}
		for _, l := range w.Lines {
			if c, ok := ReadLine(l.Form, l.Text); ok {
				if err := s.catch(ctx, tx, seat, found, l.Point, c, FieldOf("line", l.Point)); err != nil {
					return err
				}
			}
		}
		return s.indexMinutes(ctx, tx, seat, found)
	})
	return revisions, err
}

// mustWrite is a meeting, locked, whose minutes the person keeps and which are not approved yet.
func (s Store) mustWrite(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (placed, error) {
	found, err := s.lock(ctx, tx, seat, number)
	if err != nil {
		return found, err
	}
	if err := found.mustKeep(seat); err != nil {
		return found, err
	}
	if found.minutes == ApprovedMinutes {
		return found, fmt.Errorf("minutes of meeting %d: %w", number, fault.One("state", "minutes-frozen"))
	}
	return found, nil
}

// begin holds a meeting that is not held yet, and says that somebody writes.
func (s Store) begin(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) error {
	if found.state != Held {
		if err := s.hold(ctx, tx, seat, found); err != nil {
			return err
		}
	}
	if found.minutes != NoMinutes {
		return nil
	}
	if _, err := tx.Exec(ctx, `update meeting set minutes_state = 'draft' where community_id = $1 and item_id = $2`, seat.Community, found.id); err != nil {
		return fmt.Errorf("minutes of meeting %d: %w", found.number, err)
	}
	return nil
}

// wordAndCatch keeps a text and the lines that were lifted out of it.
func (s Store) wordAndCatch(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, t Wording, lift bool, revisions map[int64]int) error {
	lines, err := s.word(ctx, tx, seat, found, t, lift, revisions)
	if err != nil {
		return err
	}
	for _, c := range lines {
		if err := s.catch(ctx, tx, seat, found, t.Point, c, FieldOf("body", t.Point)); err != nil {
			return err
		}
	}
	return nil
}

// word keeps a text, and gives the lines that were lifted out of it. The state before is kept where somebody else wrote it, or words of it went.
func (s Store) word(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, t Wording, lift bool, revisions map[int64]int) (lines []Caught, err error) {
	if err := s.mustHavePoint(ctx, tx, seat, found, t.Point); err != nil {
		return nil, err
	}
	body := t.Body
	if lift {
		body, lines = Lift(t.Body)
	}
	var id int64
	var was string
	var by *account.ID
	revision := 0
	err = tx.QueryRow(ctx, `select id, body, revision, by_id from minute where community_id = $1 and meeting_id = $2 and point_id is not distinct from nullif($3::bigint, 0)`, seat.Community, found.id, t.Point).
		Scan(&id, &was, &revision, &by)
	switch {
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return nil, fmt.Errorf("minutes of meeting %d: %w", found.number, err)
	case body == was:
		revisions[t.Point] = revision
		return lines, nil
	case revision != t.Revision:
		return nil, fmt.Errorf("minutes of meeting %d: %w", found.number, &fault.Conflict{Revision: revision})
	}
	names, err := s.On(tx).items.Resolve(ctx, seat, body)
	if err != nil {
		return nil, err
	}
	keep := id != 0 && (by == nil || *by != seat.Account || !strings.HasPrefix(body, was))
	revisions[t.Point] = revision + 1
	args := pgx.NamedArgs{"id": id, "community": seat.Community, "meeting": found.id, "point": t.Point, "body": body, "html": rendered(body, names), "renderer": markup.Version, "me": seat.Account, "now": s.now()}
	b := &pgx.Batch{}
	if keep {
		b.Queue(`insert into minute_revision (minute_id, revision, body, by_id, at) select id, revision, body, by_id, at from minute where id = @id`, args)
	}
	if id != 0 {
		b.Queue(`update minute set body = @body, html = @html, renderer = @renderer, revision = revision + 1, by_id = @me, at = @now where id = @id`, args)
	} else {
		b.Queue(`insert into minute (community_id, meeting_id, point_id, body, html, renderer, by_id, at) values (@community, @meeting, nullif(@point::bigint, 0), @body, @html, @renderer, @me, @now)`, args)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("minutes of meeting %d: %w", found.number, err)
	}
	return lines, nil
}

// mustHavePoint is nil for a point of the meeting under which one writes, and for 0.
func (s Store) mustHavePoint(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, point int64) error {
	if point == 0 {
		return nil
	}
	there := false
	err := tx.QueryRow(ctx, `select exists (select from agenda_point p where p.community_id = $1 and p.meeting_id = $2 and p.id = $3 and `+minuted+`)`, seat.Community, found.id, point).Scan(&there)
	if err != nil {
		return fmt.Errorf("point %d of meeting %d: %w", point, found.number, err)
	}
	if !there {
		return fmt.Errorf("point %d of meeting %d: %w", point, found.number, fault.NotFound)
	}
	return nil
}
