package practice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Limits of who stands beside the author: how many, and how long a name and an organisation are, in characters.
const (
	MaxCoAuthors    = 20
	MaxAuthorName   = 120
	MaxOrganisation = 160
)

// CoAuthor wrote an entry together with its author. With an account the person edits it too; without one a name stands.
type CoAuthor struct {
	ID           int64
	Account      account.ID
	Name         string
	Number       int // of the membership here; 0 without one
	Perspective  community.Perspective
	Organisation string // empty unless the reader may see it
}

const coAuthorsSQL = `select w.id, coalesce(a.id, 0) as account, coalesce(a.name, w.name) as name, case when m.state = 'member' then m.number else 0 end as number, coalesce(m.perspective, '') as perspective,
		case when a.id is null then w.organisation when a.organisation_for = 0 or (a.organisation_for = 1 and @signed) or (a.organisation_for = 2 and w.community_id = any(@mine)) or a.id = @me then a.organisation else '' end as organisation
	from entry_author w left join account a on a.id = w.account_id left join membership m on m.community_id = w.community_id and m.account_id = a.id
	where w.community_id = @community and w.entry_id = @id order by w.position, w.id`

// queueCoAuthors queues those of @id, in their order; it needs Reach.Args.
func queueCoAuthors(b *pgx.Batch, args pgx.NamedArgs, into *[]CoAuthor) {
	b.Queue(coAuthorsSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		*into, err = pgx.CollectRows(rows, pgx.RowToStructByNameLax[CoAuthor])
		return err
	})
}

// coAuthors are the accounts of those who wrote an entry with its author.
func (s Store) coAuthors(ctx context.Context, seat community.Seat, id item.ID) ([]int64, error) {
	rows, err := s.db.Query(ctx, `select account_id from entry_author where community_id = $1 and entry_id = $2 and account_id is not null order by position, id`, seat.Community, id)
	if err != nil {
		return nil, fmt.Errorf("co-authors: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// Authorship is who wrote an entry, for those who write it.
type Authorship struct {
	Number    int
	Title     string
	Lang      locale.Lang
	Own       bool // the reader says who else writes it
	Draft     bool
	Author    item.Voice
	CoAuthors []CoAuthor
	Members   []string // of the community, to choose from
}

// Authorship of an entry that the seat is one of those to write.
func (s Store) Authorship(ctx context.Context, seat community.Seat, number int) (Authorship, error) {
	found, err := s.findMine(ctx, seat, number)
	if err != nil {
		return Authorship{}, err
	}
	a := Authorship{Number: number, Own: found.own, Draft: found.audience == item.Draft}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id})
	b := &pgx.Batch{}
	b.Queue(`select i.title, i.lang, `+item.VoiceColumns+` from item i `+item.VoiceJoins+` where i.community_id = @community and i.id = @id`, args).
		QueryRow(func(row pgx.Row) error { return row.Scan(append([]any{&a.Title, &a.Lang}, a.Author.Scan()...)...) })
	queueCoAuthors(b, args, &a.CoAuthors)
	b.Queue(`select a.name from membership m join account a on a.id = m.account_id where m.community_id = @community and m.state = 'member' and a.id <> @me order by lower(a.name), a.id limit 1000`, args).Query(func(rows pgx.Rows) error {
		var err error
		a.Members, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return a, fmt.Errorf("authors of entry %d: %w", number, err)
	}
	return a, nil
}

// Named is who shall stand beside the author: a member of the community by name or @handle, or a name with an organisation.
type Named struct{ Name, Organisation string }

func (n Named) check() error {
	var in fault.Invalid
	in.Check(n.Name != "", "name", "required")
	in.Check(utf8.RuneCountInString(n.Name) <= MaxAuthorName, "name", "too-long", "max", MaxAuthorName)
	in.Check(utf8.RuneCountInString(n.Organisation) <= MaxOrganisation, "organisation", "too-long", "max", MaxOrganisation)
	return in.Err()
}

// AddAuthor lets somebody stand beside the author, who alone may. Whoever stands there already stays where they are; a member is told.
func (s Store) AddAuthor(ctx context.Context, seat community.Seat, number int, n Named) error {
	found, err := s.findOwn(ctx, seat, number)
	if err != nil {
		return err
	}
	if err := n.check(); err != nil {
		return err
	}
	who, err := s.member(ctx, seat, n.Name)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		all, err := s.held(ctx, tx, seat, found.id)
		if err != nil {
			return err
		}
		author := who != 0 && who == all.author
		for _, w := range all.beside {
			author = author || who != 0 && w.account == who || who == 0 && w.account == 0 && strings.EqualFold(w.name, n.Name)
		}
		switch {
		case author:
			return nil
		case len(all.beside) >= MaxCoAuthors:
			return fault.One("name", "too-many", "max", MaxCoAuthors)
		}
		if who != 0 {
			n = Named{}
		}
		if _, err := tx.Exec(ctx, `insert into entry_author (community_id, entry_id, account_id, name, organisation, position)
			select $1, $2, nullif($3::bigint, 0), $4, $5, coalesce(max(position), 0) + 1 from entry_author where community_id = $1 and entry_id = $2`, seat.Community, found.id, who, n.Name, n.Organisation); err != nil {
			return fmt.Errorf("add an author to entry %d: %w", number, err)
		}
		if who == 0 {
			return nil
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "entry.co-author", Item: int64(found.id), Community: int64(seat.Community), Concerned: []account.ID{who}})
	})
}

// DropAuthor takes somebody away from beside the author: the author does so, and whoever stands there for themselves.
func (s Store) DropAuthor(ctx context.Context, seat community.Seat, number int, id int64) error {
	found, err := s.findMine(ctx, seat, number)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		all, err := s.held(ctx, tx, seat, found.id)
		if err != nil {
			return err
		}
		for _, w := range all.beside {
			if w.id == id && !found.own && w.account != seat.Account {
				return fmt.Errorf("author %d of entry %d: %w", id, number, fault.Forbidden)
			}
		}
		if _, err := tx.Exec(ctx, `delete from entry_author where community_id = $1 and entry_id = $2 and id = $3`, seat.Community, found.id, id); err != nil {
			return fmt.Errorf("take an author from entry %d: %w", number, err)
		}
		return nil
	})
}

// PlaceAuthor gives somebody beside the author another place in the order, the first being 1.
func (s Store) PlaceAuthor(ctx context.Context, seat community.Seat, number int, id int64, place int) error {
	found, err := s.findOwn(ctx, seat, number)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		all, err := s.held(ctx, tx, seat, found.id)
		if err != nil {
			return err
		}
		var order []int64
		for _, w := range all.beside {
			order = append(order, w.id)
		}
		at := slices.Index(order, id)
		if at < 0 {
			return fmt.Errorf("author %d of entry %d: %w", id, number, fault.NotFound)
		}
		order = slices.Insert(slices.Delete(order, at, at+1), min(max(place-1, 0), len(order)-1), id)
		_, err = tx.Exec(ctx, `update entry_author w set position = o.n from unnest($3::bigint[]) with ordinality o(id, n) where w.community_id = $1 and w.entry_id = $2 and w.id = o.id and w.position <> o.n`, seat.Community, found.id, order)
		if err != nil {
			return fmt.Errorf("order of the authors of entry %d: %w", number, err)
		}
		return nil
	})
}

// findOwn is where an entry stands whose author the seat is.
func (s Store) findOwn(ctx context.Context, seat community.Seat, number int) (found, error) {
	f, err := s.findMine(ctx, seat, number)
	if err == nil && !f.own {
		err = fmt.Errorf("authors of entry %d: %w", number, fault.Forbidden)
	}
	return f, err
}

// authors are those of an entry while its row is locked.
type authors struct {
	author account.ID
	beside []beside
}

type beside struct {
	id      int64
	account account.ID
	name    string
}

// held locks an entry, so that its authors are counted and ordered one after the other.
func (s Store) held(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID) (authors, error) {
	var all authors
	err := tx.QueryRow(ctx, `select coalesce(i.author_id, 0) from entry e join item i on i.id = e.item_id where e.community_id = $1 and e.item_id = $2 and i.removed_at is null for update of e`, seat.Community, id).Scan(&all.author)
	if errors.Is(err, pgx.ErrNoRows) {
		return all, fmt.Errorf("entry: %w", fault.Gone)
	}
	if err != nil {
		return all, fmt.Errorf("entry: %w", err)
	}
	rows, err := tx.Query(ctx, `select id, coalesce(account_id, 0), name from entry_author where community_id = $1 and entry_id = $2 order by position, id`, seat.Community, id)
	if err != nil {
		return all, fmt.Errorf("authors: %w", err)
	}
	all.beside, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (w beside, err error) { return w, row.Scan(&w.id, &w.account, &w.name) })
	return all, err
}

// member is whom somebody means by a name or by @handle; 0: nobody who belongs here.
func (s Store) member(ctx context.Context, seat community.Seat, typed string) (account.ID, error) {
	key := strings.ToLower(strings.Join(strings.Fields(strings.TrimPrefix(typed, "@")), " "))
	rows, err := s.db.Query(ctx, `select a.id from membership m join account a on a.id = m.account_id
		where m.community_id = $1 and m.state = 'member' and (lower(a.handle) = $2 or lower(a.name) = $2 and not $3) order by lower(a.handle) = $2 desc, a.id limit 2`, seat.Community, key, strings.HasPrefix(typed, "@"))
	if err != nil {
		return 0, fmt.Errorf("member %q: %w", typed, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[account.ID])
	switch {
	case err != nil:
		return 0, fmt.Errorf("member %q: %w", typed, err)
	case len(found) > 1:
		return 0, fault.One("name", "two-of-that-name")
	case len(found) == 1:
		return found[0], nil
	case strings.HasPrefix(typed, "@"):
		return 0, fault.One("name", "no-such-member")
	}
	return 0, nil
}
