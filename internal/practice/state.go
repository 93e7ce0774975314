package practice

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/markup"
)

// State is an entry as it stood at one revision, by which it can be cited for good.
type State struct {
	item.Revision
	Form   Form // as it is now
	HTML   string
	Newest int    // revision
	Now    string // title that the newest has
}

// State of an entry at a revision that it had, or has; one that it never had is fault.NotFound.
func (s Store) State(ctx context.Context, seat community.Seat, number, revision int) (State, error) {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return State{}, err
	}
	var at State
	err = s.db.QueryRow(ctx, `select r.revision, r.title, r.lang, r.body, coalesce(a.name, ''), r.at, e.form, i.revision, i.title
		from item i join entry e on e.item_id = i.id, lateral (
			select i.revision, i.title, i.lang, t.body, i.updated_by as by_id, i.updated_at as at from item_text t where t.item_id = i.id and i.revision = $3
			union all
			select v.revision, v.title, v.lang, v.body, v.by_id, v.at from item_revision v where v.item_id = i.id and v.revision = $3) r
		left join account a on a.id = r.by_id where i.community_id = $1 and i.id = $2`, seat.Community, found.id, revision).
		Scan(&at.Revision.Revision, &at.Title, &at.Lang, &at.Body, &at.Name, &at.At, &at.Form, &at.Newest, &at.Now)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return at, fmt.Errorf("entry %d at revision %d: %w", number, revision, err)
	}
	hidden, err := s.withheld(ctx, seat, found.id)
	if err != nil {
		return at, err
	}
	at.Revision = hush([]item.Revision{at.Revision}, hidden)[0]
	names, err := s.items.Resolve(ctx, seat, at.Body)
	if err != nil {
		return at, err
	}
	at.HTML = markup.Render(at.Body, names.Targets())
	return at, nil
}
