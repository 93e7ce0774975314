package meeting

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Answer to an invitation. The message "answers.say.<answer>" says each.
type Answer string

// The four answers.
const (
	InPerson  Answer = "in-person"
	Remotely  Answer = "online"
	Perhaps   Answer = "maybe"
	NotComing Answer = "no"
)

// Comes reports whether the person takes part, in the room or online.
func (a Answer) Comes() bool { return a == InPerson || a == Remotely }

const maxRsvpNote = 500 // characters

// Rsvp is what somebody answers to an invitation.
type Rsvp struct {
	Answer Answer
	Note   *string // nil: the note stays as it is
}

func (a Rsvp) check() error {
	var in fault.Invalid
	in.Check(slices.Contains([]Answer{InPerson, Remotely, Perhaps, NotComing}, a.Answer), "answer", "choose")
	in.Check(a.Note == nil || utf8.RuneCountInString(*a.Note) <= maxRsvpNote, "note", "too-long", "max", maxRsvpNote)
	return in.Err()
}

// Invitation is what one person may answer to a meeting, and has answered.
type Invitation struct {
	Answer    Answer // empty: none yet
	Note      string
	State     State
	Form      Form
	Online    bool
	EndsAt    *time.Time
	AnswersBy *time.Time // a wish: later answers count as well
	Zone      string
	Capacity  int // in the room; 0: as many as come
	Seated    int // others who come in person
}

// Open reports whether answers are taken: from the publication of the meeting to its end.
func (v Invitation) Open(now time.Time) bool {
	return (v.State == Published || v.State == Held) && v.EndsAt != nil && now.Before(*v.EndsAt)
}

// Full reports whether no seat in the room is left for the person.
func (v Invitation) Full() bool { return v.Capacity > 0 && v.Seated >= v.Capacity }

// Answers that the meeting offers.
func (v Invitation) Answers() []Answer {
	var all []Answer
	if v.Form != Online {
		all = append(all, InPerson)
	}
	if v.Online || v.Form == Online {
		all = append(all, Remotely)
	}
	return append(all, Perhaps, NotComing)
}

// Location is the zone of the meeting.
func (v Invitation) Location() *time.Location { return location(v.Zone) }

const invitationSQL = `select coalesce(r.answer, ''), coalesce(r.note, ''), m.state, m.form, m.online, m.ends_at, m.answers_until, m.zone, coalesce(m.capacity, 0),
		(select count(*) from rsvp o where o.meeting_id = m.item_id and o.answer = 'in-person' and o.id is distinct from r.id)
	from meeting m left join rsvp r on r.meeting_id = m.item_id and (r.account_id = @who or r.guest_id = @guest)
	where m.community_id = @community and m.item_id = @id`

func (v *Invitation) scan() []any {
	return []any{&v.Answer, &v.Note, &v.State, &v.Form, &v.Online, &v.EndsAt, &v.AnswersBy, &v.Zone, &v.Capacity, &v.Seated}
}

func personal(in community.ID, meeting item.ID, who Person) pgx.NamedArgs {
	return pgx.NamedArgs{"community": in, "id": meeting, "who": who.Account, "guest": who.Guest}
}

// queueInvitation reads what the reader may answer; args name the meeting and the reader.
func queueInvitation(b *pgx.Batch, seat community.Seat, meeting item.ID, v *Invitation) {
	b.Queue(invitationSQL, personal(seat.Community, meeting, Person{Account: seat.Account})).QueryRow(func(row pgx.Row) error { return row.Scan(v.scan()...) })
}

// InvitationOf is what the holder of a pass may answer, and has answered.
func (s Store) InvitationOf(ctx context.Context, p Pass) (Invitation, error) {
	var v Invitation
	if err := s.db.QueryRow(ctx, invitationSQL, personal(p.Community, p.Meeting, p.Person)).Scan(v.scan()...); err != nil {
		return v, fmt.Errorf("invitation to meeting %d: %w", p.Number, err)
	}
	return v, nil
}

// Answer says whether the member comes. The last answer counts; a room is never fuller than it is large.
func (s Store) Answer(ctx context.Context, seat community.Seat, number int, a Rsvp) error {
	if err := seat.Must(community.Attend); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		return s.rsvp(ctx, tx, personal(seat.Community, found.id, Person{Account: seat.Account}), a)
	})
}

// AnswerAs is Answer for who holds a pass, and for nobody but that person.
func (s Store) AnswerAs(ctx context.Context, p Pass, a Rsvp) error {
	if err := a.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var there bool
		err := tx.QueryRow(ctx, `select true from item i join meeting m on m.item_id = i.id where i.community_id = $1 and i.id = $2 and i.removed_at is null and i.audience < 3 for update of m`, p.Community, p.Meeting).Scan(&there)
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("meeting %d: %w", p.Number, fault.NotFound)
		}
		if err != nil {
			return fmt.Errorf("meeting %d: %w", p.Number, err)
		}
		return s.rsvp(ctx, tx, personal(p.Community, p.Meeting, p.Person), a)
	})
}

// rsvp is for a meeting that tx holds.
func (s Store) rsvp(ctx context.Context, tx pgx.Tx, args pgx.NamedArgs, a Rsvp) error {
	var v Invitation
	if err := tx.QueryRow(ctx, invitationSQL, args).Scan(v.scan()...); err != nil {
		return fmt.Errorf("invitation: %w", err)
	}
	switch {
	case !v.Open(s.now()):
		return fault.One("answer", "answers-over")
	case !slices.Contains(v.Answers(), a.Answer):
		return fault.One("answer", "choose")
	case a.Answer == InPerson && v.Full() && slices.Contains(v.Answers(), Remotely):
		return fault.One("answer", "room-full-online", "n", v.Capacity)
	case a.Answer == InPerson && v.Full():
		return fault.One("answer", "room-full", "n", v.Capacity)
	}
	args["answer"], args["note"], args["now"] = a.Answer, a.Note, s.now()
	_, err := tx.Exec(ctx, `insert into rsvp as r (community_id, meeting_id, account_id, guest_id, answer, note, at)
		values (@community, @id, nullif(@who::bigint, 0), nullif(@guest::bigint, 0), @answer, coalesce(@note::text, ''), @now)
		on conflict (meeting_id, account_id, guest_id) do update set answer = excluded.answer, note = coalesce(@note::text, r.note), at = excluded.at`, args)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

// mustSeat is nil when the room of a plan seats all who said that they come in person. The caller holds the meeting.
func mustSeat(ctx context.Context, tx pgx.Tx, meeting item.ID, p Plan) error {
	if p.capacity() == nil {
		return nil
	}
	var n int
	if err := tx.QueryRow(ctx, `select count(*) from rsvp where meeting_id = $1 and answer = 'in-person'`, meeting).Scan(&n); err != nil {
		return fmt.Errorf("seats of meeting item %d: %w", meeting, err)
	}
	if n > p.Capacity {
		return fault.One("capacity", "capacity-taken", "n", n)
	}
	return nil
}
