package discussion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/draft"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Target is a community to which a thread may be moved.
type Target struct {
	ID      community.ID
	Slug    string
	Name    string
	Private bool
}

// Targets are the other communities that the seat coordinates, for an administrator all.
func (s Store) Targets(ctx context.Context, seat community.Seat, lang locale.Lang) ([]Target, error) {
	if err := seat.Must(community.Move); err != nil {
		return nil, err
	}
	return postgres.All[Target](ctx, s.db, `select c.id, c.slug, coalesce(x.name, y.name, c.slug) as name, c.visibility = 'private' as private
		from community c left join community_text x on x.community_id = c.id and x.lang = @lang left join community_text y on y.community_id = c.id and y.lang = c.lang
		where c.id <> @community and (c.id = any(@coordinated) or @everywhere) order by c.kind = 'umbrella', name, c.id`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "lang": lang}))
}

// Move takes a thread with its replies to another community, where it gets a new number. Nobody reads it there whom the community does
// not let in; the old address leads on.
func (s Store) Move(ctx context.Context, seat community.Seat, number int, slug string) (item.Made, error) {
	targets, err := s.Targets(ctx, seat, locale.English)
	if err != nil {
		return item.Made{}, err
	}
	id, _, err := s.find(ctx, seat, number, 0)
	if err != nil {
		return item.Made{}, err
	}
	for _, to := range targets {
		if to.Slug == slug {
			return s.move(ctx, seat, number, id, to)
		}
	}
	return item.Made{}, fault.One("to", "choose")
}

func (s Store) move(ctx context.Context, seat community.Seat, number int, id item.ID, to Target) (item.Made, error) {
	moved := item.Made{ID: id}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := s.counted(ctx, tx, id, func() (err error) {
			moved.Number, err = s.items.Move(ctx, tx, seat, id, to.ID, to.Private)
			return err
		})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update discussion set pinned_at = null where item_id = $1`, id); err != nil {
			return err
		}
		if err := draft.Moved(ctx, tx, link.Thread(seat.Slug, number), link.Thread(to.Slug, moved.Number)); err != nil {
			return err
		}
		detail := map[string]any{"from": seat.Community, "to": to.ID}
		for _, told := range []activity.Entry{{Verb: "discussion.move-away", Community: int64(seat.Community)}, {Verb: "discussion.move", Community: int64(to.ID)}} {
			told.At, told.Actor, told.Item, told.Detail = s.now(), seat.Account, int64(id), detail
			if err := activity.Write(ctx, tx, told); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return moved, fmt.Errorf("move discussion %d: %w", number, err)
	}
	return moved, nil
}
