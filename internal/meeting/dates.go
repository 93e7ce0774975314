package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Answers are what one person says to the dates of a poll. A date that is not named keeps the answer it had.
type Answers struct {
	To   map[OptionID]DateAnswer
	Note string
}

func (a Answers) check() error {
	var in fault.Invalid
	in.Check(len(a.To) > 0, "answers", "dates-unanswered")
	for _, answer := range a.To {
		if !slices.Contains(DateAnswers, answer) {
			in.Check(false, "answers", "choose")
			break
		}
	}
	in.Check(utf8.RuneCountInString(a.Note) <= MaxNote, "note", "too-long", "max", MaxNote)
	return in.Err()
}

// AnswerDates says when a member could come, or changes it, as long as the poll is open.
func (s Store) AnswerDates(ctx context.Context, seat community.Seat, number int, a Answers) error {
	if err := seat.Must(community.AnswerDates); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := findIn(ctx, tx, seat, number, " for share of m")
		if err != nil {
			return err
		}
		return s.answer(ctx, tx, seat.Community, found.id, Person{Account: seat.Account}, a)
	})
}

// AnswerDatesWith is AnswerDates by whoever holds a pass.
func (s Store) AnswerDatesWith(ctx context.Context, p Pass, a Answers) error {
	if err := a.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.answer(ctx, tx, p.Community, p.Meeting, p.Person, a) })
}

// answer writes what one person says. The poll cannot be closed meanwhile, and the same person in two windows is one voice.
func (s Store) answer(ctx context.Context, tx pgx.Tx, in community.ID, meeting item.ID, who Person, a Answers) error {
	open := false
	err := tx.QueryRow(ctx, `select m.state = 'finding' and m.poll_until > $3 from meeting m where m.community_id = $1 and m.item_id = $2 for share`, in, meeting, s.now()).Scan(&open)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("poll of meeting %d: %w", meeting, fault.NotFound)
	}
	if err != nil {
		return fmt.Errorf("poll of meeting %d: %w", meeting, err)
	}
	if !open {
		return fmt.Errorf("poll of meeting %d: %w", meeting, fault.One("answers", "poll-closed"))
	}
	var voice int64
	err = tx.QueryRow(ctx, `insert into date_voice (community_id, meeting_id, account_id, guest_id, note, at) values ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6)
		on conflict (meeting_id, account_id, guest_id) do update set note = excluded.note, at = excluded.at returning id`, in, meeting, who.Account, who.Guest, a.Note, s.now()).Scan(&voice)
	if err != nil {
		return fmt.Errorf("voice in the poll of meeting %d: %w", meeting, err)
	}
	ids, words := []int64{}, []string{}
	for id, answer := range a.To {
		ids, words = append(ids, int64(id)), append(words, string(answer))
	}
	tag, err := tx.Exec(ctx, `insert into date_answer (meeting_id, voice_id, option_id, answer)
		select o.meeting_id, $3, o.id, x.answer from unnest($4::bigint[], $5::text[]) x (id, answer) join date_option o on o.id = x.id and o.community_id = $1 and o.meeting_id = $2
		on conflict (voice_id, option_id) do update set answer = excluded.answer`, in, meeting, voice, ids, words)
	if err != nil {
		return fmt.Errorf("answers in the poll of meeting %d: %w", meeting, err)
	}
	if int(tag.RowsAffected()) != len(ids) {
		return fmt.Errorf("poll of meeting %d: %w", meeting, fault.One("answers", "date-gone"))
	}
	return nil
}
