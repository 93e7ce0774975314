package practice

import (
	"context"
	"fmt"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
)

// MaxWords is how long the words of a source may be, in characters.
const MaxWords = 2000

// Experienced is what somebody told, with whose it is, for whoever makes something more of it.
type Experienced struct {
	ID          item.ID
	Title       string
	Body        string // as typed
	Plain       string // as read
	Lang        locale.Lang
	Audience    item.Audience
	At          time.Time
	Revision    int
	Speaker     account.ID // 0: nobody who belongs here
	Name        string
	Perspective community.Perspective
	Own         bool // the seat writes it
}

// Experienced is an experience that the seat wrote, or that somebody shared with it.
func (s Store) Experienced(ctx context.Context, seat community.Seat, number int) (Experienced, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return Experienced{}, err
	}
	if found.audience == item.Draft && !found.mine {
		return Experienced{}, fmt.Errorf("draft %d of somebody else: %w", number, fault.Forbidden)
	}
	e := Experienced{ID: found.id, Audience: found.audience, Own: found.mine}
	var form Form
	var fields Fields
	var html string
	err = s.db.QueryRow(ctx, `select e.form, i.title, e.fields, x.html, i.lang, i.created_at, i.revision, coalesce(m.account_id, 0), coalesce(a.name, ''), coalesce(m.perspective, '')
		from item i join entry e on e.item_id = i.id join item_text x on x.item_id = i.id left join account a on a.id = i.author_id
			left join membership m on m.community_id = i.community_id and m.account_id = a.id and m.state = 'member'
		where i.community_id = $1 and i.id = $2`, seat.Community, found.id).
		Scan(&form, &e.Title, &fields, &html, &e.Lang, &e.At, &e.Revision, &e.Speaker, &e.Name, &e.Perspective)
	if err == nil && form != Experience {
		err = fault.NotFound
	}
	if err != nil {
		return e, fmt.Errorf("experience %d: %w", number, err)
	}
	e.Body, e.Plain = fields[Told], markup.Plain(html)
	return e, nil
}
