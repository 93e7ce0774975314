package practice

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Original is an entry as the beginning of an adaptation in another city.
type Original struct {
	UsedEntry
	Text
	ID   item.ID
	City string
}

// Original is the entry to be adapted, for who writes entries in some other community.
func (s Store) Original(ctx context.Context, seat community.Seat, number int) (Original, error) {
	var o Original
	if seat.Account == 0 || len(seat.Reach.Mine) == 0 {
		return o, seat.Must(community.ReplyProgramme)
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return o, err
	}
	if found.audience == item.Draft {
		return o, fmt.Errorf("adapt the draft %d: %w", number, fault.Forbidden)
	}
	o.ID = found.id
	if o.UsedEntry, err = s.headOf(ctx, seat, found.id); err != nil {
		return o, err
	}
	if found.audience == item.Community && !o.Writes {
		return o, fmt.Errorf("adapt the entry %d, which is for its community alone: %w", number, fault.Forbidden)
	}
	t := &o.Text
	err = s.db.QueryRow(ctx, `select e.form, i.title, i.lang, e.fields, e.summary, e.url, array(select t.key from entry_topic et join topic t on t.id = et.topic_id where et.entry_id = i.id and t.retired_at is null order by t.position), `+cityName+`
		from item i join entry e on e.item_id = i.id join community o on o.id = i.community_id where i.community_id = @community and i.id = @id`, s.useArgs(ctx, seat, found.id)).
		Scan(&t.Form, &t.Title, &t.Lang, &t.Fields, &t.Summary, &t.URL, &t.Topics, &o.City)
	if err != nil {
		return o, fmt.Errorf("text of entry %d: %w", number, err)
	}
	// What differed of the original from its own original is not what differs here.
	delete(t.Fields, Differs)
	t.Audience = item.Draft
	return o, nil
}

// Adaptation is an entry as it is in another city.
type Adaptation struct {
	In      community.ID
	Title   string
	Summary string
	Fields  Fields // with what differs
	Request uuid.UUID
}

// MaxDiffers is how much of what differs stands with the link, in characters.
const MaxDiffers = MaxTieNote

func (a Adaptation) check(from community.ID) error {
	var in fault.Invalid
	in.Check(a.Fields[Differs] != "", "differs", "required")
	in.Check(utf8.RuneCountInString(a.Fields[Differs]) <= MaxDiffers, "differs", "too-long", "max", MaxDiffers)
	in.Check(a.In > 0 && a.In != from, "adapt-in", "choose")
	item.CheckTitle(&in, a.Title)
	return in.Err()
}

// Adapt begins a draft in another community of the reader out of an entry, with its language, topics and credit. The same form sent again gets the first one.
// Those who wrote the original hear of it when the adaptation is shared with them: until then it is nobody's business.
func (s Store) Adapt(ctx context.Context, seat community.Seat, number int, a Adaptation) (slug string, made item.Made, err error) {
	o, err := s.Original(ctx, seat, number)
	if err != nil {
		return "", made, err
	}
	if err := a.check(seat.Community); err != nil {
		return "", made, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		there, err := seatIn(ctx, tx, seat, a.In)
		if err != nil {
			return err
		}
		slug = there.Slug
		n := New{Text: o.Text, Request: a.Request}
		n.Title, n.Summary, n.Fields = a.Title, a.Summary, a.Fields
		if made, err = s.BeginIn(ctx, tx, there, n); err != nil || made.Before {
			return err
		}
		if err := s.lockEntry(ctx, tx, seat, o.ID); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into item_link (from_id, to_id, relation, quote, by_id, at) values ($1, $2, 'adapted', $3, $4, $5)`, made.ID, o.ID, a.Fields[Differs], seat.Account, s.now())
		if err != nil {
			return fmt.Errorf("adapt entry %d: %w", number, err)
		}
		return nil
	})
	return slug, made, err
}

// seatIn is the place of the seat's person in another community that the person belongs to.
func seatIn(ctx context.Context, tx pgx.Tx, seat community.Seat, in community.ID) (community.Seat, error) {
	there := community.Community{ID: in}
	belongs := community.Belonging{Community: in}
	err := tx.QueryRow(ctx, `select o.slug, o.visibility, m.number, m.role, coalesce(m.perspective, '') from membership m join community o on o.id = m.community_id where m.community_id = $1 and m.account_id = $2 and m.state = 'member'`, in, seat.Account).
		Scan(&there.Slug, &there.Visibility, &belongs.Number, &belongs.Role, &belongs.Perspective)
	if err != nil {
		return community.Seat{}, fault.One("adapt-in", "choose")
	}
	arrival := community.Arrival{Account: account.Account{ID: seat.Account, Administrator: seat.Administers}, Belongings: []community.Belonging{belongs}, Reach: seat.Reach}
	return arrival.Seat(there), nil
}

// adaptedWithin is nil unless an adaptation would become readable for more people than what it was made of; who wrote the original may.
func (s Store) adaptedWithin(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, now, next item.Audience) error {
	if next >= now {
		return nil
	}
	var narrow bool
	// What is a draft again, or was taken away, lets nothing made of it become wider; what is for one community is for no other.
	err := tx.QueryRow(ctx, `select exists (select from item_link l join item i on i.id = l.to_id where l.from_id = @id and l.relation = 'adapted' and not `+writesIt("i")+`
		and (i.removed_at is not null or i.audience = 3 or i.audience > @next::int or i.audience = 2 and i.community_id <> @community))`,
		pgx.NamedArgs{"id": id, "me": seat.Account, "next": int(next), "community": seat.Community}).Scan(&narrow)
	if err != nil {
		return fmt.Errorf("originals of entry %d: %w", id, err)
	}
	if narrow {
		return fault.One("audience", "adapted-wider")
	}
	return nil
}

// adaptedAnew keeps with the link what an adaptation says to differ, and tells those who wrote the original once they can read it.
func (s Store) adaptedAnew(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, differs string) error {
	if _, err := tx.Exec(ctx, `update item_link set quote = left($2, 2000) where from_id = $1 and relation = 'adapted' and $2 <> '' and quote <> left($2, 2000)`, id, differs); err != nil {
		return fmt.Errorf("what differs in entry %d: %w", id, err)
	}
	return s.tellAdapted(ctx, tx, seat, id)
}

// tellAdapted writes down, once, for each original of an entry that others can read that it was adapted.
func (s Store) tellAdapted(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID) error {
	type original struct {
		ID        item.ID
		Community community.ID
	}
	untold, err := postgres.All[original](ctx, tx, `select o.id, o.community_id as community from item_link l join item o on o.id = l.to_id join item i on i.id = l.from_id
		where l.from_id = $1 and l.relation = 'adapted' and i.removed_at is null and o.removed_at is null and (i.audience <= 1 or i.audience = 2 and i.community_id = o.community_id)
			and not exists (select from activity v where v.verb = 'entry.adapt' and v.item_id = o.id and v.detail->>'entry' = $1::text) order by o.id`, id)
	if err != nil {
		return fmt.Errorf("originals of entry %d: %w", id, err)
	}
	for _, o := range untold {
		if err := s.tellAuthors(ctx, tx, seat, o.ID, o.Community, "entry.adapt", map[string]any{"entry": id}); err != nil {
			return err
		}
	}
	return nil
}
