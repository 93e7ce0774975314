package meeting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Amendment is a correction, or an addendum, as somebody wrote it.
type Amendment struct {
	Point   int64 // 0: the whole
	Body    string
	Lang    locale.Lang
	Request uuid.UUID
}

func (a Amendment) check(most int) error {
	var in fault.Invalid
	in.Check(a.Body != "", "body", "required")
	checkWords(&in, "body", a.Body, most)
	in.Check(locale.Known(string(a.Lang)), "lang", "choose")
	return in.Err()
}

// Correct says what is wrong in open minutes; their keepers hear of it.
func (s Store) Correct(ctx context.Context, seat community.Seat, number int, a Amendment) error {
	if err := seat.Must(community.CorrectMinutes); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		until := (*time.Time)(nil)
		if err := tx.QueryRow(ctx, `select corrections_until from meeting where community_id = $1 and item_id = $2`, seat.Community, found.id).Scan(&until); err != nil {
			return fmt.Errorf("correct the minutes of meeting %d: %w", number, err)
		}
		if !(Meeting{Minutes: found.minutes, Corrections: until, Zone: found.zone}).CorrectableOn(s.now()) {
			return fmt.Errorf("correct the minutes of meeting %d: %w", number, fault.One("state", "corrections-over"))
		}
		if err := a.check(MaxCorrection); err != nil {
			return err
		}
		if err := s.mustHavePoint(ctx, tx, seat, found, a.Point); err != nil {
			return err
		}
		if again, err := s.claimed(ctx, tx, seat, a.Request, found.id); again || err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into minute_correction (community_id, meeting_id, point_id, account_id, body, lang, at) values ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7)`,
			seat.Community, found.id, a.Point, seat.Account, a.Body, a.Lang, s.now()); err != nil {
			return fmt.Errorf("correct the minutes of meeting %d: %w", number, err)
		}
		rows, err := tx.Query(ctx, `select account_id from meeting_role where community_id = $1 and meeting_id = $2 and role in ('chair', 'notes')
			union select account_id from membership where community_id = $1 and role = 'coordinator' and state = 'member'`, seat.Community, found.id)
		if err != nil {
			return fmt.Errorf("keepers of meeting %d: %w", number, err)
		}
		keepers, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
		if err != nil {
			return fmt.Errorf("keepers of meeting %d: %w", number, err)
		}
		return s.note(ctx, tx, seat, found, "minutes.correct", keepers)
	})
}

// Judge takes a correction, or declines it with an answer; its sender hears of it. The text itself changes by the keepers' hand.
func (s Store) Judge(ctx context.Context, seat community.Seat, number int, id int64, taken bool, answer string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.mustWrite(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		var in fault.Invalid
		in.Check(taken || answer != "", FieldOf("answer", id), "required")
		checkWords(&in, FieldOf("answer", id), answer, MaxReason)
		if err := in.Err(); err != nil {
			return err
		}
		state := map[bool]string{true: "taken", false: "declined"}[taken]
		var was string
		var sender *account.ID
		err = tx.QueryRow(ctx, `select state, account_id from minute_correction where community_id = $1 and meeting_id = $2 and id = $3 for update`, seat.Community, found.id, id).Scan(&was, &sender)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("correction %d of meeting %d: %w", id, number, fault.NotFound)
		case err != nil:
			return fmt.Errorf("correction %d of meeting %d: %w", id, number, err)
		case was == state:
			return nil // said twice
		case was != "open":
			return fault.One("state", "correction-settled")
		}
		if _, err := tx.Exec(ctx, `update minute_correction set state = $4, answer = $5, settled_by = $6, settled_at = $7 where community_id = $1 and meeting_id = $2 and id = $3`,
			seat.Community, found.id, id, state, answer, seat.Account, s.now()); err != nil {
			return fmt.Errorf("correction %d of meeting %d: %w", id, number, err)
		}
		if sender == nil {
			return nil
		}
		return s.note(ctx, tx, seat, found, "minutes.settle", []account.ID{*sender})
	})
}

// Append adds to approved minutes, which themselves stay as they are.
func (s Store) Append(ctx context.Context, seat community.Seat, number int, a Amendment) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := found.mustKeep(seat); err != nil {
			return err
		}
		if found.minutes != ApprovedMinutes {
			return fault.One("state", "minutes-not-approved")
		}
		if err := a.check(MaxAddendum); err != nil {
			return err
		}
		if again, err := s.claimed(ctx, tx, seat, a.Request, found.id); again || err != nil {
			return err
		}
		names, err := s.On(tx).items.Resolve(ctx, seat, a.Body)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into minute_addendum (community_id, meeting_id, n, body, html, renderer, lang, by_id, at)
			values ($1, $2, (select coalesce(max(n), 0) + 1 from minute_addendum where meeting_id = $2), $3, $4, $5, $6, $7, $8)`,
			seat.Community, found.id, a.Body, rendered(a.Body, names), markup.Version, a.Lang, seat.Account, s.now()); err != nil {
			return fmt.Errorf("add to the minutes of meeting %d: %w", number, err)
		}
		if err := s.indexMinutes(ctx, tx, seat, found); err != nil {
			return err
		}
		return s.tellThere(ctx, tx, seat, found, "minutes.add")
	})
}
