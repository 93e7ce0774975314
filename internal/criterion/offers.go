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

// Offers are what the forms about a criterion's life let people choose among.
type Offers struct {
	Meetings []HeldMeeting // the latest first
	Alike    []MergedOne   // still asked for, the most alike first
	Cities   []City        // the own one first
}

// HeldMeeting is a meeting in which something may have been agreed.
type HeldMeeting struct {
	Number int
	Title  string
	Day    time.Time
}

// City is a community that exists for the reader.
type City struct {
	ID   community.ID
	Slug string
	Name string
}

const citiesSQL = `select o.id, o.slug, x.name from community o join community_text x on x.community_id = o.id and x.lang = coalesce((select t.lang from community_text t where t.community_id = o.id and t.lang = @lang), o.lang)
	where o.visibility = 'public' or o.id = any(@mine) or @everywhere order by o.id <> @community, o.kind = 'umbrella', x.name, o.id`

// Offers for the criterion id, which the seat may read; cities are named in the reader's language.
func (s Store) Offers(ctx context.Context, seat community.Seat, id item.ID) (Offers, error) {
	var o Offers
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id, "now": s.now(), "lang": locale.Of(ctx)})
	b := &pgx.Batch{}
	if seat.Can(community.Judge) {
		b.Queue(`select i.number, i.title, (m.starts_at at time zone m.zone)::date from meeting m join item i on i.id = m.item_id
			where m.community_id = @community and m.state in ('published', 'held', 'closed') and m.starts_at <= @now and i.removed_at is null and `+community.Visible+`
			order by m.starts_at desc, i.id desc limit 30`, args).Query(func(rows pgx.Rows) (err error) {
			o.Meetings, err = pgx.CollectRows(rows, pgx.RowToStructByPos[HeldMeeting])
			return err
		})
	}
	if seat.Can(community.Word) {
		b.Queue(`select i.number, i.title, i.lang from criterion c join item i on i.id = c.item_id, item own
			where own.id = @id and c.community_id = @community and c.item_id <> @id and c.state in ('raised', 'agreed') and i.removed_at is null and i.audience >= own.audience
				and similarity(i.title, own.title) > 0.15 and `+community.Visible+`
			order by similarity(i.title, own.title) desc, i.id limit 5`, args).Query(func(rows pgx.Rows) (err error) {
			o.Alike, err = pgx.CollectRows(rows, pgx.RowToStructByPos[MergedOne])
			return err
		})
	}
	if seat.Can(community.Relate) {
		b.Queue(citiesSQL, args).Query(func(rows pgx.Rows) (err error) {
			o.Cities, err = pgx.CollectRows(rows, pgx.RowToStructByPos[City])
			return err
		})
	}
	if b.Len() == 0 {
		return o, nil
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return o, fmt.Errorf("what may become of criterion %d: %w", id, err)
	}
	return o, nil
}
