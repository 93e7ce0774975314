package meeting

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Plan is a meeting as somebody wants it. Its time may be open.
type Plan struct {
	Form       Form
	Title      string
	Body       string
	Lang       locale.Lang
	OpensTo    item.Audience
	When       When
	Place      string
	Address    string
	MapURL     string
	AccessNote string
	Online     bool
	OnlineURL  string
	Capacity   int
	Like       int       // number of the meeting whose agenda a new one takes over; 0: none
	Request    uuid.UUID // of a new one
	Revision   int       // of a changed one
}

// Limits of a plan, in characters.
const (
	MaxPlace      = 200
	MaxAddress    = 500
	MaxURL        = 1000
	MaxAccessNote = 2000
	MaxCapacity   = 10_000
	MaxReason     = 500
)

// OpenTo are the audiences that a meeting may have, from the narrowest: a private community holds none wider than itself.
func OpenTo(private bool) []item.Audience {
	if private {
		return []item.Audience{item.Community}
	}
	return []item.Audience{item.Community, item.Programme, item.Public}
}

// check judges all fields and reads the time; nil times mean that it is open.
func (p Plan) check(private bool) (start, end *time.Time, err error) {
	var in fault.Invalid
	in.Check(slices.Contains(Forms, p.Form), "form", "choose")
	item.CheckTitle(&in, p.Title)
	in.Check(utf8.RuneCountInString(p.Body) <= item.MaxBody, "body", "too-long", "max", item.MaxBody)
	in.Check(locale.Known(string(p.Lang)), "lang", "choose")
	if !p.When.Empty() {
		from, until := p.When.Span(&in, "")
		start, end = &from, &until
	} else {
		_, err := time.LoadLocation(p.When.Zone)
		in.Check(err == nil && p.When.Zone != "" && p.When.Zone != "Local", "zone", "zone")
	}
	for _, f := range []struct {
		field, value string
		most         int
	}{{"place", p.Place, MaxPlace}, {"address", p.Address, MaxAddress}, {"access_note", p.AccessNote, MaxAccessNote}} {
		in.Check(utf8.RuneCountInString(f.value) <= f.most, f.field, "too-long", "max", f.most)
	}
	checkURL(&in, "map_url", p.MapURL)
	checkURL(&in, "online_url", p.OnlineURL)
	in.Check(p.Capacity >= 0 && p.Capacity <= MaxCapacity, "capacity", "between", "max", MaxCapacity)
	in.Check(slices.Contains(OpenTo(private), p.OpensTo), "audience", "choose")
	return start, end, in.Err()
}

func checkURL(in *fault.Invalid, field, typed string) {
	if typed == "" {
		return
	}
	u, err := url.Parse(typed)
	in.Check(err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil, field, "web-address")
	in.Check(utf8.RuneCountInString(typed) <= MaxURL, field, "too-long", "max", MaxURL)
}

func (p Plan) online() bool { return p.Online || p.Form == Online || p.OnlineURL != "" }

// capacity of the room; nothing where there is none.
func (p Plan) capacity() *int {
	if p.Capacity == 0 || p.Form == Online {
		return nil
	}
	return &p.Capacity
}

func (p Plan) args(start, end *time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{"form": p.Form, "opens_to": p.OpensTo, "starts": start, "ends": end, "zone": p.When.Zone, "place": p.Place, "address": p.Address, "map_url": p.MapURL,
		"access_note": p.AccessNote, "online": p.online(), "online_url": p.OnlineURL, "capacity": p.capacity()}
}

// Schedule makes a meeting in draft, which its author and the coordinators see. The same form sent again gets the first one.
func (s Store) Schedule(ctx context.Context, seat community.Seat, p Plan) (item.Made, error) {
	if err := seat.Must(community.Schedule); err != nil {
		return item.Made{}, err
	}
	start, end, err := p.check(seat.Private)
	if err != nil {
		return item.Made{}, err
	}
	names, err := s.items.Resolve(ctx, seat, p.Body)
	if err != nil {
		return item.Made{}, err
	}
	var made item.Made
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Claim(ctx, tx, seat, p.Request, s.now())
		if err != nil {
			return err
		}
		if first != nil {
			made = *first
			return nil
		}
		made, err = s.add(ctx, tx, seat, p, start, end, names)
		return err
	})
	if err != nil {
		return made, fmt.Errorf("schedule a meeting: %w", err)
	}
	return made, nil
}

// add writes one meeting in draft.
func (s Store) add(ctx context.Context, tx pgx.Tx, seat community.Seat, p Plan, start, end *time.Time, names item.Names) (item.Made, error) {
	args := p.args(start, end)
	args["now"] = s.now()
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "meeting", Title: p.Title, Lang: p.Lang, Body: p.Body, Audience: item.Draft, Verb: "meeting.schedule", Request: p.Request, Names: names},
		item.Part{Name: "scheduled", SQL: `insert into meeting (item_id, community_id, form, state_at, opens_to, starts_at, ends_at, zone, place, address, map_url, access_note, online, online_url, capacity)
			select id, community_id, @form, @now, @opens_to, @starts, @ends, @zone, @place, @address, @map_url, @access_note, @online, @online_url, @capacity from made`, Args: args},
		search.Row(p.Place, p.Body))
	if err != nil || p.Like == 0 {
		return made, err
	}
	return made, s.takeOver(ctx, tx, seat, made.ID, p.Like)
}

// takeOver copies the agenda of an earlier meeting that the seat may read: what is on it, not what was said.
func (s Store) takeOver(ctx context.Context, tx pgx.Tx, seat community.Seat, to item.ID, like int) error {
	found, err := findIn(ctx, tx, seat, like, "")
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into agenda_point (community_id, meeting_id, position, state, form, title, lang, body, html, minutes, lead_id, lead_name, proposed_at)
		select community_id, $3, row_number() over (order by position), 'accepted', form, title, lang, body, html, minutes, lead_id, lead_name, $4
		from agenda_point where community_id = $1 and meeting_id = $2 and state = 'accepted'`, seat.Community, found.id, to, s.now())
	if err != nil {
		return fmt.Errorf("agenda like that of meeting %d: %w", like, err)
	}
	return nil
}

// Revise changes the plan of a meeting that is still to come. Who said that they come hear of another time or place: its sequence rises.
func (s Store) Revise(ctx context.Context, seat community.Seat, number int, p Plan) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	start, end, err := p.check(seat.Private)
	if err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, p.Body)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if !found.state.Ahead() {
			return fmt.Errorf("plan of meeting %d: %w", number, fault.One("state", "meeting-state"))
		}
		if found.state == Published && start == nil {
			return fault.One("day", "required")
		}
		if found.state == Finding && start != nil {
			return fault.One("day", "poll-runs")
		}
		if err := s.items.Revise(ctx, tx, seat, found.id, item.Change{Revision: p.Revision, Title: p.Title, Lang: p.Lang, Body: p.Body, Names: names, Verb: "meeting.revise"}); err != nil {
			return err
		}
		return s.change(ctx, tx, seat, found, p, start, end)
	})
}

// change writes what a plan says beside the text. A published meeting whose time or place changed tells everybody.
func (s Store) change(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, p Plan, start, end *time.Time) error {
	if err := mustSeat(ctx, tx, found.id, p); err != nil {
		return err
	}
	args := p.args(start, end)
	args["id"], args["community"] = found.id, seat.Community
	moved, was := false, Was{}
	err := tx.QueryRow(ctx, `update meeting m set form = @form, opens_to = @opens_to, starts_at = @starts, ends_at = @ends, zone = @zone, place = @place, address = @address, map_url = @map_url,
			access_note = @access_note, online = @online, online_url = @online_url, capacity = @capacity,
			sequence = m.sequence + case when m.state = 'published' and row(o.starts_at, o.ends_at, o.zone, o.place, o.address, o.online, o.online_url)
				is distinct from row(@starts::timestamptz, @ends::timestamptz, @zone::text, @place::text, @address::text, @online::boolean, @online_url::text) then 1 else 0 end
		from meeting o where m.community_id = @community and m.item_id = @id and o.item_id = m.item_id
		returning m.sequence > o.sequence, `+wasColumns, args).Scan(append([]any{&moved}, was.scan()...)...)
	if err != nil {
		return fmt.Errorf("plan of meeting %d: %w", found.number, err)
	}
	if found.state != Draft {
		if err := s.items.Widen(ctx, tx, seat, found.id, p.OpensTo); err != nil {
			return err
		}
	}
	if err := search.Renew(ctx, tx, found.id, p.Lang, p.Title, p.Place, p.Body); err != nil {
		return err
	}
	if moved {
		return s.tellChange(ctx, tx, seat, found.id, was)
	}
	return nil
}

// tell writes what happened to a meeting.
func (s Store) tell(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, verb string) error {
	_, err := tx.Exec(ctx, `insert into activity (at, actor_id, verb, item_id, community_id) values ($1, $2, $3, $4, $5)`, s.now(), seat.Account, verb, id, seat.Community)
	if err != nil {
		return fmt.Errorf("activity %s of item %d: %w", verb, id, err)
	}
	return nil
}

// Publish shows a meeting with a date to its audience and invites the members.
func (s Store) Publish(ctx context.Context, seat community.Seat, number int) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if found.starts == nil {
			return fault.One("day", "required")
		}
		return s.publish(ctx, tx, seat, found)
	})
}

// publish is for a meeting that tx holds and that has a date.
func (s Store) publish(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) error {
	return s.show(ctx, tx, seat, found, "meeting.publish")
}

// show lets the audience of a meeting that tx holds see it; verb says who is told.
func (s Store) show(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, verb string) error {
	if err := s.enter(ctx, tx, seat, found, Published); err != nil {
		return err
	}
	if found.audience != found.opensTo {
		if err := s.items.Widen(ctx, tx, seat, found.id, found.opensTo); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `update item set active_at = $3 where community_id = $1 and id = $2`, seat.Community, found.id, s.now()); err != nil {
		return fmt.Errorf("publish meeting %d: %w", found.number, err)
	}
	return s.tell(ctx, tx, seat, found.id, verb)
}

// enter moves a meeting that tx holds to another state.
func (s Store) enter(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed, next State) error {
	if err := found.must(next); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update meeting set state = $3, state_at = $4 where community_id = $1 and item_id = $2`, seat.Community, found.id, next, s.now()); err != nil {
		return fmt.Errorf("meeting %d to %s: %w", found.number, next, err)
	}
	return nil
}

// CallOff says that a meeting will not take place, and why.
func (s Store) CallOff(ctx context.Context, seat community.Seat, number int, reason string) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	var in fault.Invalid
	in.Check(reason != "", "reason", "required")
	in.Check(utf8.RuneCountInString(reason) <= MaxReason, "reason", "too-long", "max", MaxReason)
	if err := in.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := s.enter(ctx, tx, seat, found, CalledOff); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update meeting set called_off_reason = $3, sequence = sequence + 1 where community_id = $1 and item_id = $2`, seat.Community, found.id, reason); err != nil {
			return fmt.Errorf("call off meeting %d: %w", number, err)
		}
		return s.tell(ctx, tx, seat, found.id, "meeting.call-off")
	})
}

// Hold says that a meeting takes place, or took: from its day on. From then on minutes and attendance are kept.
func (s Store) Hold(ctx context.Context, seat community.Seat, number int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if err := found.mustKeep(seat); err != nil {
			return err
		}
		return s.hold(ctx, tx, seat, found)
	})
}

// hold is for a meeting that tx holds.
func (s Store) hold(ctx context.Context, tx pgx.Tx, seat community.Seat, found placed) error {
	if found.state.May(Held) && found.starts != nil {
		at := found.starts.In(location(found.zone))
		if s.now().Before(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())) {
			return fault.One("state", "meeting-not-yet")
		}
	}
	if err := s.enter(ctx, tx, seat, found, Held); err != nil {
		return err
	}
	return s.tell(ctx, tx, seat, found.id, "meeting.hold")
}
