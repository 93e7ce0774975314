package practice

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// tieEnd is an entry at one end of a relation, as the reader sees it.
type tieEnd struct {
	ID        item.ID
	Community community.ID
	Form      Form
	Audience  item.Audience
	Writes    bool // the reader is one of those who wrote it
}

const tieEndColumns = `i.id, i.community_id as community, e.form, i.audience, coalesce(i.author_id = @me, false) or exists (select from entry_author w where w.entry_id = i.id and w.account_id = @me) as writes`

// Relate ties an entry to another; the reader can open both and belongs to the community of one. Two entries have one relation; the same one given again changes nothing, or its note.
func (s Store) Relate(ctx context.Context, seat community.Seat, number int, t NewTie) error {
	one, err := s.tying(ctx, seat, number)
	if err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	other, err := s.named(ctx, seat, t.Other)
	if err != nil {
		return err
	}
	relation, back := t.Way.stored()
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if relation == RelAdapted {
			if err := holdAdaptations(ctx, tx); err != nil {
				return err
			}
		}
		ends, err := s.holdEnds(ctx, tx, seat, one, other)
		if err != nil {
			return err
		}
		from, to := ends[0], ends[1]
		if back || relation == RelRelated && to.ID < from.ID {
			from, to = to, from
		}
		if err := s.mayTie(ctx, tx, seat, relation, from, to); err != nil {
			return err
		}
		return s.tie(ctx, tx, seat, relation, from, to, t.Note)
	})
}

// tying is the entry of an address, when the seat may relate some entry to it.
func (s Store) tying(ctx context.Context, seat community.Seat, number int) (item.ID, error) {
	if !MayRelate(seat) {
		return 0, seat.Must(community.RelateEntry)
	}
	found, err := s.find(ctx, seat, number)
	return found.id, err
}

// MayRelate reports whether the seat may relate entries of its community to others, or at least to those of the own one.
func MayRelate(seat community.Seat) bool {
	return seat.Can(community.RelateEntry) || seat.Standing == community.Elsewhere && len(seat.Reach.Mine) > 0
}

var (
	entryAddress = regexp.MustCompile(`/c/([a-z0-9-]{1,60})/repertoire/([1-9][0-9]{0,8})(?:[-/?#]|$)`)
	entryCode    = regexp.MustCompile(`^(?:(.{1,80}?)\s+)?(?:[Ee]\s?[-–]?\s?)([1-9][0-9]{0,8})$`)
	bareNumber   = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)
)

// entryTyped is what somebody names as "7", "E-7", "Basel E-7" or by an address: a community by slug or name, and a number; 0 for other words.
func entryTyped(typed, slug string) (city string, number int) {
	typed = strings.TrimSpace(typed)
	city, digits := slug, ""
	if found := entryAddress.FindStringSubmatch(typed); found != nil {
		city, digits = found[1], found[2]
	} else if bareNumber.MatchString(typed) {
		digits = typed
	} else if found := entryCode.FindStringSubmatch(typed); found != nil {
		digits = found[2]
		if found[1] != "" {
			city = found[1]
		}
	}
	number, _ = strconv.Atoi(digits) // digits, as the patterns have it
	return city, number
}

// named is the entry that somebody named. Whether there is one that only others can open, nobody learns.
func (s Store) named(ctx context.Context, seat community.Seat, typed string) (item.ID, error) {
	city, number := entryTyped(typed, seat.Slug)
	if number == 0 {
		return 0, fault.One("tie-other", "entry-which")
	}
	var id item.ID
	err := s.db.QueryRow(ctx, `select i.id from item i join community o on o.id = i.community_id
		where (o.slug = lower(@city) or exists (select from community_text t where t.community_id = o.id and lower(t.name) = lower(@city)))
			and i.kind = 'entry' and i.number = @number and i.parent_id is null and i.removed_at is null and `+community.Visible+` order by o.slug <> lower(@city), i.id limit 1`,
		seat.Reach.Args(pgx.NamedArgs{"city": city, "number": number})).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fault.One("tie-other", "entry-none")
	}
	if err != nil {
		return 0, fmt.Errorf("entry %s E-%d: %w", city, number, err)
	}
	return id, nil
}

// holdAdaptations lets one transaction at a time say that an entry was adapted from another: two at once could close a circle.
func holdAdaptations(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('entry adaptations'))`); err != nil {
		return fmt.Errorf("adaptations: %w", err)
	}
	return nil
}

// holdEnds locks both entries, in the same order for everybody, and judges what can be said of the pair alone.
func (s Store) holdEnds(ctx context.Context, tx pgx.Tx, seat community.Seat, one, other item.ID) ([2]tieEnd, error) {
	var ends [2]tieEnd
	if one == other {
		return ends, fault.One("tie-other", "entry-itself")
	}
	found, err := postgres.All[tieEnd](ctx, tx, `select `+tieEndColumns+` from item i join entry e on e.item_id = i.id where i.id = any(@ids::bigint[]) and i.removed_at is null and `+community.Visible+` order by i.id for no key update of i`,
		seat.Reach.Args(pgx.NamedArgs{"ids": []int64{int64(one), int64(other)}}))
	if err != nil {
		return ends, fmt.Errorf("entries %d and %d: %w", one, other, err)
	}
	for _, e := range found {
		if e.ID == one {
			ends[0] = e
		} else {
			ends[1] = e
		}
	}
	switch {
	case ends[0].ID == 0:
		return ends, fmt.Errorf("entry %d: %w", one, fault.NotFound)
	case ends[1].ID == 0:
		return ends, fault.One("tie-other", "entry-none")
	case !seat.Can(community.RelateEntry) && !slices.Contains(seat.Reach.Mine, int64(ends[1].Community)):
		return ends, fault.One("tie-other", "entry-yours")
	}
	return ends, nil
}

// mayTie judges a relation between two entries that are held.
func (s Store) mayTie(ctx context.Context, tx pgx.Tx, seat community.Seat, r Relation, from, to tieEnd) error {
	if !r.MakesSense(from.Form, to.Form) {
		return fault.One("tie-way", "entry-senseless")
	}
	if r != RelAdapted {
		return nil
	}
	if !from.Writes && !slices.Contains(seat.Reach.Coordinated, int64(from.Community)) {
		return fault.One("tie-way", "entry-adapter")
	}
	circular := false
	err := tx.QueryRow(ctx, `with recursive origins as (select @to::bigint as id union select l.to_id from item_link l join origins o on l.from_id = o.id where l.relation = 'adapted')
		select exists (select from origins where id = @from)`, pgx.NamedArgs{"from": from.ID, "to": to.ID}).Scan(&circular)
	if err != nil {
		return fmt.Errorf("origins of entry %d: %w", to.ID, err)
	}
	if circular {
		return fault.One("tie-other", "entry-circular")
	}
	return nil
}

// tie writes the link, and tells the authors on both sides.
func (s Store) tie(ctx context.Context, tx pgx.Tx, seat community.Seat, r Relation, from, to tieEnd, note string) error {
	var id int64
	var there Relation
	var same, mine bool
	err := tx.QueryRow(ctx, `select id, relation, from_id = $1, coalesce(by_id = $3, false) from item_link where (from_id, to_id) in (($1, $2), ($2, $1)) and relation in ('uses', 'addresses', 'related', 'adapted') limit 1`, from.ID, to.ID, seat.Account).
		Scan(&id, &there, &same, &mine)
	switch {
	case err == nil && (there != r || !same):
		return fault.One("tie-other", "entry-related")
	case err == nil && mine && note != "":
		if _, err := tx.Exec(ctx, `update item_link set quote = $2 where id = $1`, id, note); err != nil {
			return fmt.Errorf("note of relation %d: %w", id, err)
		}
		return nil
	case err == nil:
		return nil
	case !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("relation of entries %d and %d: %w", from.ID, to.ID, err)
	}
	if _, err := tx.Exec(ctx, `insert into item_link (from_id, to_id, relation, quote, by_id, at) values ($1, $2, $3, $4, $5, $6)`, from.ID, to.ID, r, note, seat.Account, s.now()); err != nil {
		return fmt.Errorf("relate entry %d to %d: %w", from.ID, to.ID, err)
	}
	if r == RelAdapted {
		return s.tellAdapted(ctx, tx, seat, from.ID)
	}
	for _, side := range [][2]tieEnd{{from, to}, {to, from}} {
		if !side[1].openTo(side[0].Community) {
			continue
		}
		if err := s.tellAuthors(ctx, tx, seat, side[0].ID, side[0].Community, "entry.relate", map[string]any{"relation": r, "entry": side[1].ID}); err != nil {
			return err
		}
	}
	return nil
}

// openTo reports whether the members of a community can open the entry, so that they may hear of it.
func (e tieEnd) openTo(in community.ID) bool {
	return e.Audience <= item.Programme || e.Audience == item.Community && e.Community == in
}

// Unrelate takes a relation back: whoever made it may, who wrote one of the entries, and who coordinates where one of them stands. That something was
// adapted is taken back from the side of the original alone: whoever adapted it owes it the credit.
func (s Store) Unrelate(ctx context.Context, seat community.Seat, number int, relation int64) error {
	one, err := s.tying(ctx, seat, number)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		may := false
		err := tx.QueryRow(ctx, `select `+mayPart+tiesFrom+` and l.id = @relation`, seat.Reach.Args(pgx.NamedArgs{"id": one, "relation": relation})).Scan(&may)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("relation %d of entry %d: %w", relation, number, fault.NotFound)
		case err != nil:
			return fmt.Errorf("relation %d of entry %d: %w", relation, number, err)
		case !may:
			return fmt.Errorf("relation %d of somebody else: %w", relation, fault.Forbidden)
		}
		if _, err := tx.Exec(ctx, `delete from item_link where id = $1`, relation); err != nil {
			return fmt.Errorf("take back relation %d: %w", relation, err)
		}
		return nil
	})
}
