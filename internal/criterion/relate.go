package criterion

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Relation says how one criterion is related to another. The message "criteria.relation.<relation>" says each.
type Relation string

// The relations of a criterion to another; Broader is Narrower seen from the other end.
const (
	SameNeed  Relation = "same-need"
	Narrower  Relation = "narrower"
	Broader   Relation = "broader"
	Conflicts Relation = "conflicts"
)

// Relations in the order in which people choose among them.
var Relations = []Relation{SameNeed, Narrower, Broader, Conflicts}

// MaxNote is how long the note of a relation may be, in characters.
const MaxNote = 500

// Tie relates a criterion to another, here or in another community.
type Tie struct {
	Relation Relation
	City     string // slug; empty: this community
	Number   int
	Note     string // what the other city can take over, or why they do not go together
}

func (t Tie) check() error {
	var in fault.Invalid
	in.Check(slices.Contains(Relations, t.Relation), "relation", "choose")
	in.Check(t.Number > 0, "other", "relate-none")
	in.Check(utf8.RuneCountInString(t.Note) <= MaxNote, "note", "too-long", "max", MaxNote)
	return in.Err()
}

// Relate ties a criterion to another; the reader can open both. Two criteria have one relation; the same one given again changes nothing, or its note.
func (s Store) Relate(ctx context.Context, seat community.Seat, number int, t Tie) error {
	if err := seat.Must(community.Relate); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := holdNeeds(ctx, tx); err != nil {
			return err
		}
		one, err := findIn(ctx, tx, seat, number, "")
		if err != nil {
			return err
		}
		other, in, err := s.elsewhere(ctx, tx, seat, t)
		if err != nil {
			return err
		}
		if other == one.id {
			return fault.One("other", "relate-itself")
		}
		fresh, err := s.tie(ctx, tx, seat, one.id, other, t)
		if err != nil || !fresh {
			return err
		}
		return s.tied(ctx, tx, seat, t.Relation, "criterion.relate", one.id, other, in)
	})
}

// elsewhere is the other criterion of a tie, when the reader can open it; whether there is one that others can open, nobody learns.
func (s Store) elsewhere(ctx context.Context, tx pgx.Tx, seat community.Seat, t Tie) (id item.ID, in community.ID, err error) {
	if t.City == "" {
		t.City = seat.Slug
	}
	err = tx.QueryRow(ctx, `select i.id, i.community_id from item i join community o on o.id = i.community_id
		where o.slug = @city and i.kind = 'criterion' and i.number = @number and i.parent_id is null and i.removed_at is null and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"city": t.City, "number": t.Number})).Scan(&id, &in)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, fault.One("other", "relate-none")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("criterion %s C-%d: %w", t.City, t.Number, err)
	}
	return id, in, nil
}

// ends of a relation as it is stored: what is narrower first; the others know no direction and begin at the lower id.
func (r Relation) ends(one, other item.ID) (from, to item.ID, stored Relation) {
	switch {
	case r == Broader:
		return other, one, Narrower
	case r != Narrower && other < one:
		return other, one, r
	}
	return one, other, r
}

// tie writes the link; fresh reports whether there was none.
func (s Store) tie(ctx context.Context, tx pgx.Tx, seat community.Seat, one, other item.ID, t Tie) (fresh bool, err error) {
	from, to, stored := t.Relation.ends(one, other)
	var id int64
	var there, back Relation
	var mine bool
	err = tx.QueryRow(ctx, `select id, relation, case when from_id = $1 then relation else '' end, coalesce(by_id = $3, false) from item_link
		where (from_id, to_id) in (($1, $2), ($2, $1)) and relation in ('same-need', 'narrower', 'conflicts') limit 1`, from, to, seat.Account).Scan(&id, &there, &back, &mine)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		_, err = tx.Exec(ctx, `insert into item_link (from_id, to_id, relation, quote, by_id, at) values ($1, $2, $3, $4, $5, $6)`, from, to, stored, t.Note, seat.Account, s.now())
		if err != nil {
			return false, fmt.Errorf("relate criterion %d to %d: %w", one, other, err)
		}
		return true, nil
	case err != nil:
		return false, fmt.Errorf("relation of criterion %d to %d: %w", one, other, err)
	case there != stored || back != stored:
		return false, fault.One("other", "relate-already")
	case mine && t.Note != "":
		if _, err := tx.Exec(ctx, `update item_link set quote = $2 where id = $1`, id, t.Note); err != nil {
			return false, fmt.Errorf("note of relation %d: %w", id, err)
		}
	}
	return false, nil
}

// tied does what follows when a relation came or went: needs are worked out anew, and those who asked on either side hear of it.
func (s Store) tied(ctx context.Context, tx pgx.Tx, seat community.Seat, r Relation, verb string, one, other item.ID, in community.ID) error {
	if r == SameNeed {
		if err := renewNeeds(ctx, tx, one, other); err != nil {
			return err
		}
	}
	there := seat
	there.Community = in
	type side struct {
		seat       community.Seat
		own, other item.ID
	}
	sides := []side{{seat, one, other}, {there, other, one}}
	if other < one { // rows are held in the same order by everybody
		slices.Reverse(sides)
	}
	for _, side := range sides {
		who, err := askers(ctx, tx, side.own)
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, side.seat, side.own, verb, who, map[string]any{"relation": r, "other": side.other}); err != nil {
			return err
		}
	}
	return nil
}

// Unrelate takes a relation back: whoever made it may, and who words criteria on either side.
func (s Store) Unrelate(ctx context.Context, seat community.Seat, number int, relation int64) error {
	if err := seat.Must(community.Relate); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := holdNeeds(ctx, tx); err != nil {
			return err
		}
		one, err := findIn(ctx, tx, seat, number, "")
		if err != nil {
			return err
		}
		var other item.ID
		var in community.ID
		var r Relation
		mine := false
		err = tx.QueryRow(ctx, `select i.id, i.community_id, l.relation, coalesce(l.by_id = @me, false) from item_link l join item i on i.id = case when l.from_id = @id then l.to_id else l.from_id end
			where l.id = @relation and @id in (l.from_id, l.to_id) and l.relation in ('same-need', 'narrower', 'conflicts') and i.removed_at is null and `+community.Visible,
			seat.Reach.Args(pgx.NamedArgs{"relation": relation, "id": one.id})).Scan(&other, &in, &r, &mine)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("relation %d of criterion %d: %w", relation, number, fault.NotFound)
		case err != nil:
			return fmt.Errorf("relation %d of criterion %d: %w", relation, number, err)
		case !mine && !seat.Can(community.Word):
			return fmt.Errorf("relation %d of somebody else: %w", relation, fault.Forbidden)
		}
		if _, err := tx.Exec(ctx, `delete from item_link where id = $1`, relation); err != nil {
			return fmt.Errorf("take back relation %d: %w", relation, err)
		}
		return s.tied(ctx, tx, seat, r, "criterion.unrelate", one.id, other, in)
	})
}

// Related is a criterion that another one is related to.
type Related struct {
	Link       int64
	Relation   Relation // of the one whose page it is to this one
	Slug       string
	City       string
	Number     int
	Statement  string
	Lang       locale.Lang
	State      State
	Fulfilment Fulfilment
	Note       string
	Mine       bool // the reader made it
}

// relatedSQL selects Related of criterion @id, as far as the reader can open them.
const relatedSQL = `select l.id as link, case when l.relation = 'narrower' and l.to_id = @id then 'broader' else l.relation end as relation, o.slug, coalesce(n.name, o.slug) as city, i.number, i.title as statement, i.lang,
		c.state, c.fulfilment, l.quote as note, coalesce(l.by_id = @me, false) as mine
	from (select * from item_link where from_id = @id union select * from item_link where to_id = @id) l
		join item i on i.id = case when l.from_id = @id then l.to_id else l.from_id end join criterion c on c.item_id = i.id join community o on o.id = i.community_id
		left join lateral (select t.name from community_text t where t.community_id = o.id order by t.lang = @lang desc, t.lang = o.lang desc limit 1) n on true
	where l.relation in ('same-need', 'narrower', 'conflicts') and i.removed_at is null and ` + community.Visible + `
	order by array_position(array['same-need', 'narrower', 'broader', 'conflicts'], case when l.relation = 'narrower' and l.to_id = @id then 'broader' else l.relation end), i.community_id <> @community, o.slug, i.number limit 200`

// queueRelated queues the reading of what criterion @id is related to; cities are named in the reader's language.
func queueRelated(ctx context.Context, b *pgx.Batch, args pgx.NamedArgs, all *[]Related) {
	args = maps.Clone(args)
	args["lang"] = locale.Of(ctx)
	b.Queue(relatedSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		*all, err = pgx.CollectRows(rows, pgx.RowToStructByName[Related])
		return err
	})
}
