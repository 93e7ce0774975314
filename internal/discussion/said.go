package discussion

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
)

// MostSaid is how many posts of a discussion become something together.
const MostSaid = 50

// Said is a post whose words may become something of its own, with where it stands and whose it is. Who asked discreetly is named to nobody.
type Said struct {
	ID          item.ID
	Reply       int    // 0: the opening
	Title       string // of the discussion
	TitleLang   locale.Lang
	Audience    item.Audience
	At          time.Time
	Body        string
	Plain       string // as it is read
	Also        string // what a help request says beside: what was tried, what worked
	Lang        locale.Lang
	Speaker     account.ID // 0: nobody who belongs here
	Name        string
	Perspective community.Perspective
	Discreet    bool
}

// saidSQL selects posts i of discussion t.
const saidSQL = `select i.id, case when i.parent_id is null then 0 else i.number end, t.title, t.lang, i.audience, i.created_at, x.body, x.html, coalesce(h.tried || E'\n\n' || h.outcome, ''), i.lang, coalesce(m.account_id, 0), coalesce(a.name, ''), coalesce(m.perspective, ''), apart.item_id is not null,
		i.removed_at is not null or t.removed_at is not null
	from item t join item i on (i.id = t.id or i.parent_id = t.id and i.kind = 'reply') join item_text x on x.item_id = i.id left join help_request h on h.item_id = i.id
		left join discreet_author apart on apart.item_id = i.id left join account a on a.id = i.author_id and apart.item_id is null
		left join membership m on m.community_id = i.community_id and m.account_id = a.id and m.state = 'member'
	where t.community_id = @community and t.kind = 'discussion' and t.number = @number and t.parent_id is null and ` + community.Visible

func (p *Said) scan(html *string, gone *bool) []any {
	return []any{&p.ID, &p.Reply, &p.Title, &p.TitleLang, &p.Audience, &p.At, &p.Body, html, &p.Also, &p.Lang, &p.Speaker, &p.Name, &p.Perspective, &p.Discreet, gone}
}

// Said is what stands in a reply, or in the opening (0), of a discussion that the seat may read.
func (s Store) Said(ctx context.Context, seat community.Seat, number, reply int) (Said, error) {
	var p Said
	if err := seat.MaySee(); err != nil {
		return p, err
	}
	var html string
	var gone bool
	err := s.db.QueryRow(ctx, saidSQL+` and case when @reply = 0 then i.id = t.id else i.parent_id = t.id and i.number = @reply end`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "reply": reply})).Scan(p.scan(&html, &gone)...)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err == nil && gone {
		err = fault.Gone
	}
	if err != nil {
		return Said{}, fmt.Errorf("discussion %d, reply %d: %w", number, reply, err)
	}
	p.Plain = markup.Plain(html)
	return p, nil
}

// SaidThroughout is what stands in a whole discussion that the seat may read: its opening and its replies in their order, as far as anything stands in them.
func (s Store) SaidThroughout(ctx context.Context, seat community.Seat, number int) ([]Said, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, saidSQL+` and t.removed_at is null and i.removed_at is null order by i.parent_id is not null, i.number limit @most`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "most": MostSaid}))
	if err != nil {
		return nil, fmt.Errorf("discussion %d: %w", number, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Said, err error) {
		var html string
		var gone bool
		err = row.Scan(p.scan(&html, &gone)...)
		p.Plain = markup.Plain(html)
		return p, err
	})
	if err == nil && len(all) == 0 {
		err = fault.NotFound
	}
	if err != nil {
		return nil, fmt.Errorf("discussion %d: %w", number, err)
	}
	return all, nil
}
