package criterion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Confirm is the speaker's word that a source is theirs and that the criterion says what was meant. Revision is the wording that the speaker saw; release lets everybody read the words who may read the criterion.
func (s Store) Confirm(ctx context.Context, seat community.Seat, number, n, revision int, release bool) error {
	return s.speaking(ctx, seat, number, n, func(tx pgx.Tx, found placed, at sourced) error {
		if found.revision != revision {
			return fmt.Errorf("confirm criterion %d: %w", number, &fault.Conflict{Revision: found.revision})
		}
		return s.answer(ctx, tx, seat, found, at, Confirmed, release)
	})
}

// Deny is the speaker's word that they did not ask for this: they are none of those who asked any more, and the words are kept from readers.
func (s Store) Deny(ctx context.Context, seat community.Seat, number, n int) error {
	return s.speaking(ctx, seat, number, n, func(tx pgx.Tx, found placed, at sourced) error {
		return s.answer(ctx, tx, seat, found, at, Denied, false)
	})
}

// Correct is the speaker's own wording of the statement, as a revision of the criterion.
func (s Store) Correct(ctx context.Context, seat community.Seat, number, n, revision int, statement string, release bool) error {
	return s.speaking(ctx, seat, number, n, func(tx pgx.Tx, found placed, at sourced) error {
		if err := seat.Must(community.Raise); err != nil {
			return err
		}
		if err := checkStatement(statement); err != nil {
			return err
		}
		c := Change{Revision: revision, Statement: statement, Lang: found.lang}
		if err := tx.QueryRow(ctx, `select x.body, c.measure from item_text x join criterion c on c.item_id = x.item_id where x.item_id = $1`, found.id).Scan(&c.Why, &c.Target.Measure); err != nil {
			return fmt.Errorf("correct criterion %d: %w", number, err)
		}
		if err := s.rewrite(ctx, tx, seat, found, c, "criterion.correct", int64(at.by)); err != nil {
			return err
		}
		found.revision++
		return s.answer(ctx, tx, seat, found, at, Corrected, release)
	})
}

// Release says whether everybody may read the speaker's words who may read the criterion.
func (s Store) Release(ctx context.Context, seat community.Seat, number, n int, release bool) error {
	return s.speaking(ctx, seat, number, n, func(tx pgx.Tx, found placed, at sourced) error {
		if at.released == release || at.answer == Denied {
			return nil
		}
		if _, err := tx.Exec(ctx, `update criterion_source set released = $2 where id = $1`, at.id, release); err != nil {
			return fmt.Errorf("release words of criterion %d: %w", number, err)
		}
		return s.tell(ctx, tx, seat, found.id, "criterion.release", nil, map[string]any{"source": n, "released": release})
	})
}

// speaking does what only the speaker of a source may.
func (s Store) speaking(ctx context.Context, seat community.Seat, number, n int, do func(pgx.Tx, placed, sourced) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		at, err := sourceIn(ctx, tx, found.id, n)
		if err != nil {
			return err
		}
		if at.speaker == 0 || at.speaker != seat.Account {
			return fmt.Errorf("speak for source %d of criterion %d: %w", n, number, fault.Forbidden)
		}
		if err := found.unmerged(); err != nil {
			return err
		}
		return do(tx, found, at)
	})
}

func (s Store) answer(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, at sourced, answer SpeakerAnswer, release bool) error {
	_, err := tx.Exec(ctx, `update criterion_source set answer = $2, answered_at = $3, answered_revision = $4, released = $5 where id = $1`, at.id, answer, s.now(), found.revision, release)
	if err != nil {
		return fmt.Errorf("answer of a speaker of criterion %d: %w", found.number, err)
	}
	if at.item != 0 && (answer == Denied) != (at.answer == Denied) {
		if err := s.relink(ctx, tx, seat, found.id, at, NewSource{Item: at.item}); err != nil {
			return err
		}
	}
	if answer == Corrected {
		return nil // told with the wording
	}
	verb := "criterion.confirm"
	if answer == Denied {
		verb = "criterion.deny"
	}
	var concerned []int64
	if at.by != 0 && at.by != seat.Account {
		concerned = []int64{int64(at.by)}
	}
	return s.tell(ctx, tx, seat, found.id, verb, concerned, nil)
}
