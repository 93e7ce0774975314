package criterion

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// SourceOf is one source of a criterion, for who may change it.
func (s Store) SourceOf(ctx context.Context, seat community.Seat, number, n int) (Source, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return Source{}, err
	}
	if err := mayWord(seat, found); err != nil {
		return Source{}, err
	}
	var all []Source
	b := &pgx.Batch{}
	queueSources(b, seat, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id}), &all)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return Source{}, fmt.Errorf("source %d of criterion %d: %w", n, number, err)
	}
	for _, one := range all {
		if one.N == n {
			return one, nil
		}
	}
	return Source{}, fmt.Errorf("source %d of criterion %d: %w", n, number, fault.NotFound)
}

// AddSource says where a criterion comes from besides what is known. The same form sent again adds nothing.
func (s Store) AddSource(ctx context.Context, seat community.Seat, number int, source NewSource, request uuid.UUID) error {
	return s.sourcing(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		if err := source.judge(); err != nil {
			return err
		}
		first, err := item.Once(ctx, tx, seat, request, found.id, s.now())
		if err != nil || !first {
			return err
		}
		return s.addSource(ctx, tx, seat, found.id, found.lang, source)
	})
}

func (n NewSource) judge() error {
	var in fault.Invalid
	n.check(&in)
	return in.Err()
}

// sourcing does something to the sources of a criterion that the seat may word.
func (s Store) sourcing(ctx context.Context, seat community.Seat, number int, do func(pgx.Tx, placed) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := mayWord(seat, found); err != nil {
			return err
		}
		return do(tx, found)
	})
}

// sourced is a source as it stands, for those who change it.
type sourced struct {
	id       int64
	item     item.ID
	part     string
	words    string
	speaker  account.ID
	by       account.ID
	answer   SpeakerAnswer
	stamp    string
	released bool
}

func sourceIn(ctx context.Context, tx pgx.Tx, criterion item.ID, n int) (sourced, error) {
	var at sourced
	err := tx.QueryRow(ctx, `select s.id, coalesce(s.item_id, 0), s.part, s.words, coalesce(s.speaker_id, 0), coalesce(s.by_id, 0), s.answer, md5(s::text), s.released from criterion_source s where s.criterion_id = $1 and s.n = $2 for update`, criterion, n).
		Scan(&at.id, &at.item, &at.part, &at.words, &at.speaker, &at.by, &at.answer, &at.stamp, &at.released)
	if errors.Is(err, pgx.ErrNoRows) {
		return at, fmt.Errorf("source %d of criterion %d: %w", n, criterion, fault.NotFound)
	}
	if err != nil {
		return at, fmt.Errorf("source %d of criterion %d: %w", n, criterion, err)
	}
	return at, nil
}

// vouched reports whether the speaker stands behind the source: then nobody but the speaker and the coordinators takes that voice away.
func (at sourced) vouched() bool {
	return at.speaker != 0 && (at.answer == Confirmed || at.answer == Corrected || at.by == at.speaker)
}

func (at sourced) mustLeave(seat community.Seat) error {
	if at.vouched() && at.speaker != seat.Account && !seat.Can(community.Judge) {
		return fmt.Errorf("a source that its speaker stands behind: %w", fault.Forbidden)
	}
	return nil
}

// ReviseSource changes where a criterion comes from. Other words are not those that the speaker released; who is named as the speaker instead of somebody else is told, and asked. Stamp is the state from which the change started.
func (s Store) ReviseSource(ctx context.Context, seat community.Seat, number, n int, source NewSource, stamp string) error {
	return s.sourcing(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		if err := source.judge(); err != nil {
			return err
		}
		at, err := sourceIn(ctx, tx, found.id, n)
		if err != nil {
			return err
		}
		if at.stamp != stamp {
			return fmt.Errorf("source %d of criterion %d: %w", n, number, &fault.Conflict{})
		}
		if source.Speaker != at.speaker {
			if err := at.mustLeave(seat); err != nil {
				return err
			}
		}
		if err := source.mustStand(ctx, tx, seat); err != nil {
			return err
		}
		if source.Lang == "" {
			source.Lang = found.lang
		}
		if err := s.rewriteSource(ctx, tx, seat, at, source); err != nil {
			return err
		}
		if err := s.relink(ctx, tx, seat, found.id, at, source); err != nil {
			return err
		}
		if source.Speaker == 0 || source.Speaker == at.speaker || source.Speaker == seat.Account {
			return s.tell(ctx, tx, seat, found.id, "criterion.source", nil, map[string]any{"source": n})
		}
		return s.tell(ctx, tx, seat, found.id, "criterion.heard", []int64{int64(source.Speaker)}, nil)
	})
}

func (s Store) rewriteSource(ctx context.Context, tx pgx.Tx, seat community.Seat, at sourced, n NewSource) error {
	_, err := tx.Exec(ctx, `with who as (select m.perspective, a.organisation from account a left join membership m on m.account_id = a.id and m.community_id = @community and m.state = 'member' where a.id = nullif(@speaker::bigint, 0))
		update criterion_source s set form = @form, item_id = nullif(@item::bigint, 0), point_id = nullif(@point::bigint, 0), part = case when s.item_id = @item::bigint and @part = '' then s.part else @part end,
			document = @document, url = @url, words = @words, lang = @lang, speaker_id = nullif(@speaker::bigint, 0), speaker_name = @name, said_on = @said,
			perspective = case when @perspective <> '' then @perspective when @same then s.perspective else coalesce((select perspective from who), '') end,
			organisation = case when @organisation <> '' then @organisation when @same then s.organisation else coalesce((select organisation from who), '') end,
			released = s.released and @same and s.words = @words, answer = case when @same then s.answer else '' end, answered_at = case when @same then s.answered_at end, answered_revision = case when @same then s.answered_revision end
		where s.id = @id`,
		pgx.NamedArgs{"id": at.id, "community": seat.Community, "form": n.Form, "item": n.Item, "point": n.Point, "part": n.Part, "document": n.Document, "url": n.URL, "words": n.Words, "lang": n.Lang,
			"speaker": n.Speaker, "name": n.SpeakerName, "said": n.SaidOn, "perspective": n.Perspective, "organisation": n.Organisation, "same": n.Speaker != 0 && n.Speaker == at.speaker})
	if err != nil {
		return fmt.Errorf("rewrite a source: %w", err)
	}
	return nil
}

// relink makes the trail say what the sources say, after one that stood in another item, or with other words, was changed or taken away.
func (s Store) relink(ctx context.Context, tx pgx.Tx, seat community.Seat, criterion item.ID, was sourced, now NewSource) error {
	b := &pgx.Batch{}
	args := pgx.NamedArgs{"criterion": criterion, "was": was.item, "part": was.part, "item": now.Item, "me": seat.Account, "now": s.now()}
	b.Queue(`delete from item_link l where l.from_id = @criterion and l.relation = 'from' and l.to_id in (@was::bigint, @item::bigint) and l.from_part = ''`, args)
	b.Queue(`insert into item_link (from_id, to_id, to_part, relation, quote, by_id, at)
		select distinct on (s.item_id, s.part) s.criterion_id, s.item_id, s.part, 'from', case when s.answer = 'denied' then '' else s.words end, s.by_id, s.at
		from criterion_source s where s.criterion_id = @criterion and s.item_id in (@was::bigint, @item::bigint) order by s.item_id, s.part, s.answer = 'denied', s.n on conflict do nothing`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("links of criterion %d: %w", criterion, err)
	}
	return nil
}

// RemoveSource takes a source away; who had asked hears of it.
func (s Store) RemoveSource(ctx context.Context, seat community.Seat, number, n int) error {
	return s.sourcing(ctx, seat, number, func(tx pgx.Tx, found placed) error {
		at, err := sourceIn(ctx, tx, found.id, n)
		if err != nil {
			return err
		}
		if err := at.mustLeave(seat); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from criterion_source where id = $1`, at.id); err != nil {
			return fmt.Errorf("remove source %d of criterion %d: %w", n, number, err)
		}
		if err := s.relink(ctx, tx, seat, found.id, at, NewSource{}); err != nil {
			return err
		}
		var concerned []int64
		if at.speaker != 0 && at.speaker != seat.Account && at.answer != Denied {
			concerned = []int64{int64(at.speaker)}
		}
		return s.tell(ctx, tx, seat, found.id, "criterion.unsource", concerned, map[string]any{"source": n})
	})
}

// Need says that the seat needs what the criterion asks for, too, and makes it one of those who asked. Whoever did already changes nothing.
func (s Store) Need(ctx context.Context, seat community.Seat, number int, lang locale.Lang) error {
	return s.needing(ctx, seat, number, func(tx pgx.Tx, found placed, asked bool) error {
		if asked {
			return nil
		}
		if err := s.addSource(ctx, tx, seat, found.id, lang, NewSource{Form: FromPerson, Speaker: seat.Account, Lang: lang}); err != nil {
			return err
		}
		return s.tell(ctx, tx, seat, found.id, "criterion.need", authorOf(found, seat), nil)
	})
}

// NeedNoMore takes the own word back; what others heard from the seat stays.
func (s Store) NeedNoMore(ctx context.Context, seat community.Seat, number int) error {
	return s.needing(ctx, seat, number, func(tx pgx.Tx, found placed, _ bool) error {
		tag, err := tx.Exec(ctx, `delete from criterion_source where criterion_id = $1 and form = 'person' and speaker_id = $2 and by_id = $2`, found.id, seat.Account)
		if err != nil {
			return fmt.Errorf("need criterion %d no more: %w", number, err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return s.tell(ctx, tx, seat, found.id, "criterion.unneed", nil, nil)
	})
}

func (s Store) needing(ctx context.Context, seat community.Seat, number int, do func(tx pgx.Tx, found placed, asked bool) error) error {
	if err := seat.Must(community.Raise); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := found.unmerged(); err != nil {
			return err
		}
		asked := false
		if err := tx.QueryRow(ctx, `select exists (select from criterion_source where criterion_id = $1 and speaker_id = $2 and answer <> 'denied')`, found.id, seat.Account).Scan(&asked); err != nil {
			return fmt.Errorf("who asked for criterion %d: %w", number, err)
		}
		return do(tx, found, asked)
	})
}

// authorOf a criterion, when somebody else does something to it.
func authorOf(found placed, seat community.Seat) []int64 {
	if found.author == 0 || found.author == int64(seat.Account) {
		return nil
	}
	return []int64{found.author}
}
