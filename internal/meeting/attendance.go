package meeting

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Tick says that a person was there, and how; an empty way takes it back.
type Tick struct {
	Person
	Way Answer
}

// Walked is somebody without an account who was there.
type Walked struct {
	Name         string
	Organisation string
	Perspective  community.Perspective // or empty
	Way          Answer
}

// MaxWalked are the people without an account that one form takes; MaxThere those at one meeting.
const (
	MaxWalked = 20
	MaxThere  = 500
)

// Record is what the note taker saw: who was there. The same form sent twice adds nobody twice.
type Record struct {
	Ticks   []Tick
	Walked  []Walked
	Lang    locale.Lang
	Request uuid.UUID
}

// check judges all fields; those of the n-th newcomer end in "-n".
func (c Record) check() error {
	var in fault.Invalid
	in.Check(len(c.Walked) <= MaxWalked, "walked", "too-many", "max", MaxWalked)
	for _, t := range c.Ticks {
		in.Check(t.Way == "" || t.Way.Comes(), "ticks", "choose")
	}
	for n, p := range c.Walked {
		at := "-" + strconv.Itoa(n+1)
		in.Check(p.Name != "", "name"+at, "required")
		for _, f := range []struct {
			field, text string
			most        int
		}{{"name" + at, p.Name, 120}, {"organisation" + at, p.Organisation, 160}} {
			in.Check(utf8.RuneCountInString(f.text) <= f.most, f.field, "too-long", "max", f.most)
		}
		in.Check(slices.Contains([]community.Perspective{"", community.Stakeholder, community.Scientist}, p.Perspective), "perspective"+at, "choose")
		in.Check(p.Way.Comes(), "way"+at, "choose")
	}
	return in.Err()
}

// Record keeps who was there: from the day of the meeting on, and until its minutes are approved. The first tick says that the meeting takes place.
func (s Store) Record(ctx context.Context, seat community.Seat, number int, c Record) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := found.mustKeep(seat); err != nil {
			return err
		}
		if err := c.check(); err != nil {
			return err
		}
		if found.minutes == ApprovedMinutes {
			return fault.One("ticks", "attendance-frozen")
		}
		if len(c.Ticks)+len(c.Walked) == 0 {
			return nil
		}
		if !found.state.Took() {
			if err := s.hold(ctx, tx, seat, found); err != nil {
				return err
			}
		}
		if err := s.tick(ctx, tx, seat, found, c.Ticks); err != nil {
			return err
		}
		return s.walkIn(ctx, tx, seat, found, c)
	})
}

// tick writes who was there with perspective and organisation as they are now. Only who belongs to the meeting is taken.
func (s Store) tick(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, ticks []Tick) error {
	accounts, guests, ways := make([]account.ID, len(ticks)), make([]GuestID, len(ticks)), make([]string, len(ticks))
	for n, t := range ticks {
		accounts[n], guests[n], ways[n] = t.Account, t.Guest, string(t.Way)
	}
	args := pgx.NamedArgs{"community": seat.Community, "id": found.id, "me": seat.Account, "now": s.now(), "accounts": accounts, "guests": guests, "ways": ways}
	const ticked = ` from unnest(@accounts::bigint[], @guests::bigint[], @ways::text[]) w(account, guest, way)`
	for _, sql := range []string{
		`delete from attendance t using unnest(@accounts::bigint[], @guests::bigint[], @ways::text[]) w(account, guest, way)
			where t.community_id = @community and t.meeting_id = @id and w.way = '' and (t.account_id = w.account or t.guest_id = w.guest)`,
		`insert into attendance as t (community_id, meeting_id, account_id, perspective, organisation, way, by_id, at)
			select @community, @id, a.id, coalesce(m.perspective, ''), left(a.organisation, 160), w.way, @me, @now` + ticked + `
				join account a on a.id = w.account left join membership m on m.community_id = @community and m.account_id = a.id
			where w.way <> '' and (m.state = 'member' or exists (select from rsvp r where r.meeting_id = @id and r.account_id = a.id) or exists (select from attendance o where o.meeting_id = @id and o.account_id = a.id))
			on conflict (meeting_id, account_id) where account_id is not null do update set way = excluded.way, by_id = excluded.by_id, at = excluded.at where t.way <> excluded.way`,
		`insert into attendance as t (community_id, meeting_id, guest_id, perspective, organisation, way, by_id, at)
			select @community, @id, g.id, g.perspective, g.organisation, w.way, @me, @now` + ticked + ` join meeting_guest g on g.meeting_id = @id and g.id = w.guest where w.way <> ''
			on conflict (meeting_id, guest_id) where guest_id is not null do update set way = excluded.way, by_id = excluded.by_id, at = excluded.at where t.way <> excluded.way`,
		// Who walked in and was not there after all was a slip of the pen.
		`delete from meeting_guest g where g.community_id = @community and g.meeting_id = @id and g.id = any(@guests) and g.email = ''
			and not exists (select from attendance t where t.guest_id = g.id) and not exists (select from rsvp r where r.guest_id = g.id) and not exists (select from date_voice v where v.guest_id = g.id)`,
	} {
		if _, err := tx.Exec(ctx, sql, args); err != nil {
			return fmt.Errorf("attendance of meeting %d: %w", found.number, err)
		}
	}
	return nil
}

// walkIn adds people without an account.
func (s Store) walkIn(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, c Record) error {
	if len(c.Walked) == 0 {
		return nil
	}
	first, err := item.Claim(ctx, tx, seat, c.Request, s.now())
	if err != nil || first != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`update request set item_id = $3 where account_id = $1 and id = $2`, seat.Account, c.Request, found.id)
	for _, p := range c.Walked {
		b.Queue(`with g as (insert into meeting_guest (community_id, meeting_id, name, organisation, perspective, lang, mail, invited_by, invited_at) values ($1, $2, $3, $4, $5, $6, false, $7, $8) returning id)
			insert into attendance (community_id, meeting_id, guest_id, perspective, organisation, way, by_id, at) select $1, $2, g.id, $5, $4, $9, $7, $8 from g`,
			seat.Community, found.id, p.Name, p.Organisation, p.Perspective, c.Lang, seat.Account, s.now(), p.Way)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("people at meeting %d: %w", found.number, err)
	}
	var n int
	if err := tx.QueryRow(ctx, `select count(*) from attendance where meeting_id = $1`, found.id).Scan(&n); err != nil {
		return fmt.Errorf("people at meeting %d: %w", found.number, err)
	}
	if n > MaxThere {
		return fault.One("walked", "too-many", "max", MaxThere)
	}
	return nil
}
