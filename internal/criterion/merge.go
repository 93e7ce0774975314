package criterion

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Merge makes one criterion part of another of the same community that is still asked for. Its sources and products come along, and whoever asked for it
// asks for the other; its ratings stay with it. The same merging sent again does nothing more.
func (s Store) Merge(ctx context.Context, seat community.Seat, number, into int) error {
	if err := seat.Must(community.Word); err != nil {
		return err
	}
	if into == number {
		return fault.One("into", "merge-itself")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := holdNeeds(ctx, tx); err != nil {
			return err
		}
		from, to, err := s.lockBoth(ctx, tx, seat, number, into)
		if err != nil {
			return err
		}
		done, err := mayMerge(ctx, tx, from, to)
		if err != nil || done {
			return err
		}
		return s.merge(ctx, tx, seat, from, to)
	})
}

// lockBoth holds the two criteria of a merging, the lower number first, so that two that go opposite ways wait for one another.
func (s Store) lockBoth(ctx context.Context, tx pgx.Tx, seat community.Seat, number, into int) (from, to placed, err error) {
	order := []int{number, into}
	slices.Sort(order)
	held := map[int]placed{}
	for _, n := range order {
		p, err := s.lock(ctx, tx, seat, n)
		if n == into && n != number && (errors.Is(err, fault.NotFound) || errors.Is(err, fault.Gone)) {
			if _, own := s.find(ctx, seat, number); own != nil {
				return from, to, own
			}
			return from, to, fault.One("into", "merge-none")
		}
		if err != nil {
			return from, to, err
		}
		held[n] = p
	}
	return held[number], held[into], nil
}

// mayMerge is nil when one criterion may become part of the other; done reports that it is already.
func mayMerge(ctx context.Context, tx pgx.Tx, from, to placed) (done bool, err error) {
	waiting := false
	err = tx.QueryRow(ctx, `select coalesce(merged_into = $2, false), exists (select from claim c join item i on i.id = c.item_id where c.criterion_id = $1 and c.state = 'open' and i.removed_at is null)
		from criterion where item_id = $1`, from.id, to.id).Scan(&done, &waiting)
	switch {
	case err != nil:
		return false, fmt.Errorf("merge criterion %d: %w", from.number, err)
	case done:
		return true, nil
	case !from.state.May(Merged):
		return false, fmt.Errorf("merge criterion %d that is %s: %w", from.number, from.state, fault.One("state", "life-state"))
	case !to.state.Standing():
		return false, fault.One("into", "merge-over", "code", fmt.Sprintf("C-%d", to.number))
	case to.audience < from.audience: // its readers would read sources that are not open to them
		return false, fault.One("into", "merge-wider", "code", fmt.Sprintf("C-%d", to.number))
	case waiting:
		return false, fault.One("into", "merge-claims")
	}
	return false, nil
}

func (s Store) merge(ctx context.Context, tx pgx.Tx, seat community.Seat, from, to placed) error {
	args := pgx.NamedArgs{"community": seat.Community, "from": from.id, "to": to.id, "me": seat.Account, "now": s.now()}
	b := &pgx.Batch{}
	b.Queue(`insert into criterion_step (community_id, criterion_id, step, into_id, by_id, at) values (@community, @from, 'merged', @to, @me, @now)`, args)
	b.Queue(`update criterion set state = 'merged', state_at = @now, merged_into = @to, agreed_on = null, agreed_at = null where community_id = @community and item_id = @from`, args)
	b.Queue(copySourcesSQL, args)
	b.Queue(`insert into item_link (from_id, to_id, to_part, relation, quote, released, by_id, at) select @to, l.to_id, l.to_part, l.relation, l.quote, l.released, l.by_id, @now
		from item_link l where l.from_id = @from and l.from_part = '' and l.relation = 'from' and l.to_id <> @to on conflict do nothing`, args)
	b.Queue(`insert into criterion_product (community_id, criterion_id, product_id) select community_id, @to, product_id from criterion_product where community_id = @community and criterion_id = @from on conflict do nothing`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("merge criterion %d into %d: %w", from.number, to.number, err)
	}
	if err := renewNeeds(ctx, tx, from.id, to.id); err != nil {
		return err
	}
	who, err := askers(ctx, tx, to.id) // those who asked for either, now
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, seat, from.id, "criterion.merge", who, map[string]any{"into": to.number})
}

// copySourcesSQL brings the sources of @from along to @to, but for what the same speaker said there in the same words. Who denied having asked does not ask
// for the other either; who confirmed a wording is asked about the other one.
const copySourcesSQL = `with numbered as (
		select x.*, row_number() over (order by x.n) as place from (
			select distinct on (s.speaker_id, s.speaker_name, s.words, s.item_id, s.document, s.url) s.* from criterion_source s
			where s.community_id = @community and s.criterion_id = @from and s.answer <> 'denied'
				and not exists (select from criterion_source t where t.criterion_id = @to and t.speaker_id is not distinct from s.speaker_id and t.speaker_name = s.speaker_name and t.words = s.words
					and (s.words <> '' or (t.item_id is not distinct from s.item_id and t.document = s.document and t.url = s.url)))
			order by s.speaker_id, s.speaker_name, s.words, s.item_id, s.document, s.url, s.n) x),
	counted as (update criterion set sources = sources + (select count(*) from numbered) where community_id = @community and item_id = @to
		returning sources - (select count(*) from numbered) as before)
	insert into criterion_source (community_id, criterion_id, n, form, item_id, point_id, part, document, url, words, lang, speaker_id, speaker_name, perspective, organisation, said_on, released, kept_from, by_id, at)
	select n.community_id, @to, c.before + n.place, n.form, n.item_id, n.point_id, n.part, n.document, n.url, n.words, n.lang, n.speaker_id, n.speaker_name, n.perspective, n.organisation, n.said_on, n.released,
		@from, n.by_id, n.at from numbered n, counted c`

// MergedOne is a criterion that was merged into another.
type MergedOne struct {
	Number    int
	Statement string
	Lang      string
}

// queueMerged queues the reading of what was merged into criterion @id.
func queueMerged(b *pgx.Batch, args pgx.NamedArgs, all *[]MergedOne) {
	b.Queue(`select i.number, i.title, i.lang from criterion c join item i on i.id = c.item_id
		where c.community_id = @community and c.merged_into = @id and i.removed_at is null and `+community.Visible+` order by i.number`, args).Query(func(rows pgx.Rows) error {
		var err error
		*all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[MergedOne])
		return err
	})
}
