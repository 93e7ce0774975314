package practice

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Heard is something said in passing.
type Heard struct {
	Body    string
	Lang    locale.Lang
	Request uuid.UUID
}

// Note takes down what was heard, as an experience in draft. The same form sent again gets the first one.
func (s Store) Note(ctx context.Context, seat community.Seat, h Heard) (item.Made, error) {
	if err := seat.Must(community.WriteEntry); err != nil {
		return item.Made{}, err
	}
	var in fault.Invalid
	item.Check(&in, h.Body, h.Lang)
	if err := in.Err(); err != nil {
		return item.Made{}, err
	}
	names, err := s.items.Resolve(ctx, seat, h.Body)
	if err != nil {
		return item.Made{}, err
	}
	var made item.Made
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Claim(ctx, tx, seat, h.Request, s.now())
		if err != nil {
			return err
		}
		if first != nil {
			made = *first
			return nil
		}
		made, err = s.items.Add(ctx, tx, seat, item.New{Kind: "entry", Lang: h.Lang, Body: h.Body, Audience: item.Draft, Verb: "entry.note", Request: h.Request, Names: names},
			item.Part{Name: "written", SQL: `insert into entry (item_id, form) select id, @form from made`, Args: pgx.NamedArgs{"form": Experience}},
			search.Row("", h.Body))
		return err
	})
	if err != nil {
		return made, fmt.Errorf("note what was heard: %w", err)
	}
	return made, nil
}

// Edit is a changed entry. One that others read needs a title.
type Edit struct {
	Revision int
	Title    string
	Body     string
	Lang     locale.Lang
	Audience item.Audience
	Tags     []string
}

func (e Edit) check(private bool) error {
	var in fault.Invalid
	if e.Audience != item.Draft || e.Title != "" {
		item.CheckTitle(&in, e.Title)
	}
	item.Check(&in, e.Body, e.Lang)
	item.CheckTags(&in, e.Tags)
	checkAudience(&in, e.Audience, private)
	return in.Err()
}

// Revise changes an entry, and with whom it is shared; its author may.
func (s Store) Revise(ctx context.Context, seat community.Seat, number int, e Edit) error {
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return err
	}
	if found.author == 0 || found.author != int64(seat.Account) {
		return fmt.Errorf("entry %d of somebody else: %w", number, fault.Forbidden)
	}
	if err := seat.Must(community.WriteEntry); err != nil {
		return err
	}
	if err := e.check(seat.Private); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, e.Body)
	if err != nil {
		return err
	}
	verb := "entry.revise"
	if found.audience == item.Draft && e.Audience != item.Draft {
		verb = "entry.share"
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.items.Revise(ctx, tx, seat, found.id, item.Change{Revision: e.Revision, Title: e.Title, Lang: e.Lang, Body: e.Body, Names: names, Verb: verb}); err != nil {
			return err
		}
		if err := s.items.Widen(ctx, tx, seat, found.id, e.Audience); err != nil {
			return err
		}
		if err := s.items.Retag(ctx, tx, seat, found.id, e.Tags); err != nil {
			return err
		}
		if verb == "entry.share" { // new to everybody else from now on
			if _, err := tx.Exec(ctx, `update item set active_at = $3 where community_id = $1 and id = $2`, seat.Community, found.id, s.now()); err != nil {
				return fmt.Errorf("share entry %d: %w", number, err)
			}
		}
		return search.Renew(ctx, tx, found.id, e.Lang, e.Title, "", e.Body)
	})
}
