package item

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
)

// Move takes an item with its children to another community and gives it the next number there. Its tags are made anew, links stay, and in a
// private community the audience becomes the community. The old number leads on, and is never given again.
func (s Store) Move(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, to community.ID, private bool) (number int, err error) {
	args := pgx.NamedArgs{"from": seat.Community, "to": to, "id": id, "private": private}
	err = tx.QueryRow(ctx, `with here as (select id, kind, number from item where community_id = @from and id = @id and parent_id is null and removed_at is null for update),
		left_behind as (insert into item_moved (community_id, kind, number, item_id) select @from, kind, number, id from here)
		insert into counter (community_id, series, n) select @to, kind, 1 from here
		on conflict (community_id, series) do update set n = counter.n + 1 returning n`, args).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("item %d: %w", id, fault.NotFound)
	}
	if err != nil {
		return 0, fmt.Errorf("move item %d: %w", id, err)
	}
	rows, err := tx.Query(ctx, `select t.name from item_tag it join tag t on t.id = it.tag_id where it.item_id = $1 order by t.key`, id)
	if err != nil {
		return 0, fmt.Errorf("tags of item %d: %w", id, err)
	}
	tags, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("tags of item %d: %w", id, err)
	}
	args["number"] = number
	b := &pgx.Batch{}
	b.Queue(`delete from item_tag it using item i where it.item_id = i.id and (i.id = @id or i.parent_id = @id)`, args)
	b.Queue(`update item set community_id = @to, number = case when id = @id then @number else number end, audience = case when @private then greatest(audience, 2) else audience end
		where community_id = @from and (id = @id or parent_id = @id)`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, fmt.Errorf("move item %d: %w", id, err)
	}
	return number, s.tag(ctx, tx, to, id, tags)
}
