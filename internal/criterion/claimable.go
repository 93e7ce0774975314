package criterion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// ReleaseOption is a release that somebody may claim for.
type ReleaseOption struct {
	ID          item.ID
	Product     string // slug
	Slug        string
	Name        string // of the product
	Version     string
	Lang        locale.Lang
	PublishedOn time.Time
	Concerned   bool // the criterion names the product
}

// releasesToClaim are the releases that the reader may claim to satisfy criterion @id: published, open to all who read it, not claimed yet; those of the own products alone, unless @any.
const releasesToClaim = ` from criterion c join item ci on ci.id = c.item_id cross join release r join item i on i.id = r.item_id join product p on p.item_id = r.product_id join item pi on pi.id = p.item_id
	where c.community_id = @community and c.item_id = @id and c.state in ('raised', 'agreed') and r.state = 'published' and i.removed_at is null and pi.removed_at is null
		and greatest(i.audience, pi.audience) <= least(ci.audience, 1) and not exists (select from claim k where k.criterion_id = c.item_id and k.release_id = r.item_id and k.state <> 'withdrawn')
		and (@any or exists (select from product_maker own where own.product_id = p.item_id and own.account_id = @me and own.ended_at is null)) and ` + community.Visible

// ReleasesToClaim are the releases that the reader may claim to satisfy a criterion, those of its own products first. Whoever neither claims here nor makes a product is not let in.
func (s Store) ReleasesToClaim(ctx context.Context, seat community.Seat, number int) (Criterion, []ReleaseOption, error) {
	var c Criterion
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return c, nil, err
	}
	makes, all := false, []ReleaseOption{}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "any": seat.Can(community.ClaimMet)})
	b := &pgx.Batch{}
	head(b, args, &c)
	b.Queue(`select exists (select from product_maker where account_id = @me and ended_at is null)`, args).QueryRow(func(row pgx.Row) error { return row.Scan(&makes) })
	b.Queue(`select r.item_id, p.slug, r.slug, pi.title, i.title, i.lang, r.published_on, exists (select from criterion_product cp where cp.criterion_id = c.item_id and cp.product_id = p.item_id) as concerned`+
		releasesToClaim+` order by concerned desc, lower(pi.title), p.item_id, r.published_on desc, r.item_id desc limit 500`, args).Query(func(rows pgx.Rows) error {
		var err error
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ReleaseOption])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return c, nil, fmt.Errorf("releases for criterion %d: %w", number, err)
	}
	if !makes {
		if err := seat.Must(community.ClaimMet); err != nil {
			return c, nil, err
		}
	}
	return c, all, nil
}
