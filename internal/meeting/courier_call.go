package meeting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// round is a call in hand.
type round struct {
	Round
	edition  int
	valid    bool
	audience item.Audience
}

const perRound = 500 // people noted in one statement

// againEdition and above are letters that a guest is sent once more.
const againEdition = 1 << 30

// Call notes everybody for whom there is a letter, and puts that letter into the queue in the same statement: nobody is noted without it.
func (s Store) Call(ctx context.Context, r Round) error { return s.call(ctx, r, perRound) }

func (s Store) call(ctx context.Context, call Round, batch int) error {
	r, err := s.round(ctx, call)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // gone for good
	}
	if err != nil {
		return fmt.Errorf("round of letters: %w", err)
	}
	if !r.valid {
		return nil
	}
	for _, people := range []string{membersToTell, guestsToTell} {
		if people == membersToTell && r.Guest != 0 {
			continue
		}
		args := pgx.NamedArgs{"meeting": r.Meeting, "occasion": r.Occasion, "edition": r.edition, "was": r.Was, "batch": batch, "now": s.now(), "guest": r.Guest, "queue": Queue}
		for noted, after := batch, int64(0); noted == batch; {
			args["after"] = after
			if err := s.db.QueryRow(ctx, people+note, args).Scan(&after, &noted); err != nil {
				return fmt.Errorf("letters about meeting %d: %w", r.Meeting, err)
			}
		}
	}
	return nil
}

// roundSQL reads the meeting with what the editions of its letters are counted by.
const roundSQL = `select m.item_id, m.state, m.minutes_state, m.sequence, m.ends_at, (m.starts_at at time zone m.zone)::date - date '1970-01-01', i.audience, i.removed_at is not null
	from meeting m join item i on i.id = m.item_id where m.item_id = $1`

// round finds out what a call is about, which edition of that letter it is, and whether it is still true.
func (s Store) round(ctx context.Context, call Round) (round, error) {
	r := round{Round: call}
	verb, nth := "", 0
	switch {
	case call.Activity != 0:
		err := s.db.QueryRow(ctx, `select a.item_id, a.verb, (select count(*) from activity b where b.item_id = a.item_id and b.verb = a.verb and b.id < a.id)
			from activity a where a.id = $1 and a.item_id is not null`, call.Activity).Scan(&r.Meeting, &verb, &nth)
		if err != nil {
			return r, err
		}
		r.Occasion = occasions[verb]
		if verb == "meeting.invite-again" {
			if err := s.db.QueryRow(ctx, `select (detail->'guests'->>0)::bigint from activity where id = $1`, call.Activity).Scan(&r.Guest); err != nil {
				return r, err
			}
		}
	case call.Guest != 0:
		if err := s.db.QueryRow(ctx, `select meeting_id from meeting_guest where id = $1`, call.Guest).Scan(&r.Meeting); err != nil {
			return r, err
		}
	}
	var t truth
	day, sequence := new(int), 0
	if err := s.db.QueryRow(ctx, roundSQL, r.Meeting).Scan(&r.Meeting, &t.state, &t.minutes, &sequence, &t.ends, &day, &r.audience, &t.removed); err != nil {
		return r, err
	}
	t.audience = r.audience
	again := r.Guest != call.Guest
	if r.Guest != 0 {
		r.Occasion = map[State]Occasion{Finding: ForPoll, Published: ForInvitation}[t.state]
		if err := s.db.QueryRow(ctx, `select greatest(count(*) - 1, 0) from activity where item_id = $1 and verb = 'meeting.find-date'`, r.Meeting).Scan(&nth); err != nil {
			return r, err
		}
	}
	switch r.Occasion {
	case ForPoll, ForPollReminder:
		r.edition = nth
	case ForChange:
		r.edition = sequence // several changes at once are one letter
	case ForReminder:
		if day != nil {
			r.edition = *day // moved to another day it is told again
		}
	case ForMinutes:
		if verb == "minutes.approve" {
			r.edition = 1
		}
	}
	if again {
		r.edition = againEdition + int(call.Activity%againEdition)
	}
	r.valid = t.holds(r.Occasion, s.now())
	return r, nil
}

// truth is what decides whether a letter is still true.
type truth struct {
	state    State
	minutes  MinutesState
	ends     *time.Time
	audience item.Audience
	removed  bool
}

func (t truth) holds(o Occasion, now time.Time) bool {
	if t.removed || t.audience == item.Draft {
		return false
	}
	switch o {
	case ForPoll, ForPollReminder:
		return t.state == Finding
	case ForInvitation, ForSeries, ForChange, ForReminder:
		return t.state == Published && t.ends != nil && t.ends.After(now)
	case ForCancellation:
		return t.state == CalledOff
	case ForMinutes:
		return t.minutes == OpenMinutes || t.minutes == ApprovedMinutes
	}
	return false
}

// reached is who may get this letter at all: reminders go to those alone who have not answered, or not with no, and heard nothing of the
// meeting shortly before.
func reached(person string) string {
	return `(@occasion <> 'poll-reminder' or not exists (select from date_voice v where v.meeting_id = @meeting and v.` + person + `))
		and (@occasion <> 'reminder' or not exists (select from rsvp r where r.meeting_id = @meeting and r.` + person + ` and r.answer = 'no')
			and not exists (select from meeting_letter l join meeting t on t.item_id = l.meeting_id where l.meeting_id = @meeting and l.` + person + ` and l.letter in ('invitation', 'change')
				and l.at > t.starts_at - interval '36 hours'))`
}

// membersToTell and guestsToTell are the next people after @after; minutes are for members, unless everybody may read them.
var (
	membersToTell = `with people as (select m.account_id as person, m.account_id, null::bigint as guest_id from membership m
		where m.community_id = (select t.community_id from meeting t where t.item_id = @meeting) and m.state = 'member' and m.account_id > @after
			and not exists (select from mail_off o where o.account_id = m.account_id and o.community_id = m.community_id and o.letters = 'meetings')
			and ` + reached(`account_id = m.account_id`) + ` order by m.account_id limit @batch)`
	guestsToTell = `with people as (select g.id as person, null::bigint as account_id, g.id as guest_id from meeting_guest g
		where g.meeting_id = @meeting and g.email <> '' and g.mail and g.id > @after and (@guest = 0 or g.id = @guest)
			and (@occasion <> 'minutes' or exists (select from item i where i.id = @meeting and i.audience = 0))
			and ` + reached(`guest_id = g.id`) + ` order by g.id limit @batch)`
)

// note writes down who gets the letter; who stands there already gets none. It gives the last of the people and how many they were.
const note = `, noted as (insert into meeting_letter (meeting_id, letter, edition, account_id, guest_id, at)
		select @meeting, @occasion, @edition, account_id, guest_id, @now from people on conflict do nothing returning account_id, guest_id),
	errands as (insert into river_job (kind, args, queue, max_attempts)
		select 'meeting-letter', jsonb_strip_nulls(jsonb_build_object('meeting', @meeting::bigint, 'occasion', @occasion::text, 'edition', @edition::int, 'account', account_id, 'guest', guest_id, 'was', @was::jsonb)), @queue, 8 from noted)
	select coalesce(max(person), 0), count(*)::int from people`

// Watch calls a round for each meeting that begins within a day.
func (s Store) Watch(ctx context.Context) error {
	type near struct{ ID item.ID }
	all, err := postgres.All[near](ctx, s.db, `select item_id as id from meeting where state = 'published' and starts_at > $1 and starts_at <= $2 order by item_id`, s.now(), s.now().Add(24*time.Hour))
	if err != nil {
		return fmt.Errorf("meetings within a day: %w", err)
	}
	for _, m := range all {
		if err := s.Call(ctx, Round{Meeting: m.ID, Occasion: ForReminder}); err != nil {
			return err
		}
	}
	return nil
}

// wasColumns are what a meeting o was before it became m.
const wasColumns = `o.starts_at, o.ends_at, o.zone, o.place, o.address, o.online, o.online_url <> m.online_url`

func (w *Was) scan() []any {
	return []any{&w.Starts, &w.Ends, &w.Zone, &w.Place, &w.Address, &w.Online, &w.Link}
}

// tellChange writes that a meeting was moved, and calls the round of letters that says from where.
func (s Store) tellChange(ctx context.Context, tx pgx.Tx, seat community.Seat, id item.ID, was Was) error {
	if err := s.tell(ctx, tx, seat, id, "meeting.change"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into river_job (kind, args, queue, max_attempts) values ($1, $2, $3, 12)`, Round{}.Kind(), Round{Meeting: id, Occasion: ForChange, Was: &was}, Queue)
	if err != nil {
		return fmt.Errorf("letters about a change of meeting %d: %w", id, err)
	}
	return nil
}
