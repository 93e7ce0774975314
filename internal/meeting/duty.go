package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Duties at a meeting, in their order: who leads it, writes, watches the clock.
var Duties = []string{"chair", "notes", "time"}

// Duty is a role at a meeting, who has it, and who had it last.
type Duty struct {
	Role   string
	Name   string // empty: nobody yet
	Number int    // of the membership; 0 for a former member
	Last   []Turn // the latest first
}

// Turn is a meeting at which somebody had a role.
type Turn struct {
	Name string
	At   time.Time
}

const turnsShown = 3 // past turns beside a role

func queueDuties(b *pgx.Batch, args pgx.NamedArgs, all *[]Duty) {
	b.Queue(`select d.role, coalesce(a.name, '') as name, case when m.state = 'member' then m.number else 0 end as number
		from unnest(array['chair', 'notes', 'time']) with ordinality d(role, n) left join meeting_role r on r.community_id = @community and r.meeting_id = @id and r.role = d.role
		left join account a on a.id = r.account_id left join membership m on m.community_id = @community and m.account_id = a.id order by d.n`, args).Query(func(rows pgx.Rows) error {
		var d Duty
		_, err := pgx.ForEachRow(rows, []any{&d.Role, &d.Name, &d.Number}, func() error { *all = append(*all, d); return nil })
		return err
	})
	b.Queue(`select t.role, t.name, t.starts_at from (
			select r.role, a.name, mt.starts_at, row_number() over (partition by r.role order by mt.starts_at desc) as n
			from meeting_role r join meeting mt on mt.item_id = r.meeting_id join item i on i.id = mt.item_id join account a on a.id = r.account_id
			where r.community_id = @community and `+earlier+`) t
		where t.n <= 3 order by t.role, t.n`, args).Query(func(rows pgx.Rows) error {
		var role string
		var t Turn
		_, err := pgx.ForEachRow(rows, []any{&role, &t.Name, &t.At}, func() error {
			for n := range *all {
				if d := &(*all)[n]; d.Role == role && len(d.Last) < turnsShown {
					d.Last = append(d.Last, t)
				}
			}
			return nil
		})
		return err
	})
}

// earlier holds for the meetings that took place before meeting @id.
const earlier = `mt.item_id <> @id and mt.state in ('published', 'held', 'closed') and mt.starts_at < coalesce((select o.starts_at from meeting o where o.item_id = @id), @now) and i.removed_at is null and ` + community.Visible

// Turns is how often a member had each role, for choosing who has it next.
type Turns struct {
	Number int
	Name   string
	Comes  bool // said so for this meeting
	Times  map[string]int
	Last   map[string]time.Time
}

// Rotation is the roles of a meeting with how often every member had them, and whose turn it would be.
type Rotation struct {
	Duties    []Duty
	Members   []Turns
	Suggested map[string]int // number of the member whose turn it is, by role
}

// Rotation reads who could do what at a meeting.
func (s Store) Rotation(ctx context.Context, seat community.Seat, number int) (Rotation, error) {
	r := Rotation{Suggested: map[string]int{}}
	if err := seat.Must(community.Schedule); err != nil {
		return r, err
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return r, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "now": s.now()})
	b := &pgx.Batch{}
	queueDuties(b, args, &r.Duties)
	b.Queue(`select m.number, a.name, exists (select from rsvp v where v.meeting_id = @id and v.account_id = a.id and v.answer in ('in-person', 'online'))
		from membership m join account a on a.id = m.account_id where m.community_id = @community and m.state = 'member' order by m.since, m.number`, args).Query(func(rows pgx.Rows) error {
		var t Turns
		_, err := pgx.ForEachRow(rows, []any{&t.Number, &t.Name, &t.Comes}, func() error {
			t.Times, t.Last = map[string]int{}, map[string]time.Time{}
			r.Members = append(r.Members, t)
			return nil
		})
		return err
	})
	b.Queue(`select m.number, r.role, count(*)::int, max(mt.starts_at) from meeting_role r join meeting mt on mt.item_id = r.meeting_id join item i on i.id = mt.item_id
		join membership m on m.community_id = r.community_id and m.account_id = r.account_id and m.state = 'member' where r.community_id = @community and `+earlier+` group by 1, 2`, args).Query(func(rows pgx.Rows) error {
		byNumber := map[int]int{}
		for n, t := range r.Members {
			byNumber[t.Number] = n
		}
		var who, times int
		var role string
		var last time.Time
		_, err := pgx.ForEachRow(rows, []any{&who, &role, &times, &last}, func() error {
			if n, ok := byNumber[who]; ok {
				r.Members[n].Times[role], r.Members[n].Last[role] = times, last
			}
			return nil
		})
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return r, fmt.Errorf("roles of meeting %d: %w", number, err)
	}
	r.suggest()
	return r, nil
}

// suggest names for each role who has not had it for longest: among those who come, or among all while nobody said so; nobody twice.
func (r *Rotation) suggest() {
	someCome := false
	for _, t := range r.Members {
		someCome = someCome || t.Comes
	}
	taken := map[int]bool{}
	for _, role := range Duties {
		best := -1
		for n, t := range r.Members {
			if someCome && !t.Comes || taken[t.Number] {
				continue
			}
			if best < 0 || t.Last[role].Before(r.Members[best].Last[role]) {
				best = n
			}
		}
		if best >= 0 {
			r.Suggested[role] = r.Members[best].Number
			taken[r.Members[best].Number] = true
		}
	}
}

// Assign gives the roles of a meeting to members, by number; 0 leaves a role open.
func (s Store) Assign(ctx context.Context, seat community.Seat, number int, to map[string]int) error {
	if err := seat.Must(community.Schedule); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		found, err := s.lock(ctx, tx, seat, number)
		if err != nil {
			return err
		}
		if found.state == CalledOff || found.state == Closed {
			return fmt.Errorf("roles of meeting %d: %w", number, fault.One("state", "meeting-state"))
		}
		who := map[string]account.ID{}
		var in fault.Invalid
		for _, role := range Duties {
			if to[role] == 0 {
				continue
			}
			if who[role], err = memberOf(ctx, tx, seat, to[role]); err != nil {
				return err
			}
			in.Check(who[role] != 0, role, "choose")
		}
		if err := in.Err(); err != nil {
			return err
		}
		b := &pgx.Batch{}
		b.Queue(`delete from meeting_role where community_id = $1 and meeting_id = $2`, seat.Community, found.id)
		for role, id := range who {
			b.Queue(`insert into meeting_role (community_id, meeting_id, role, account_id) values ($1, $2, $3, $4)`, seat.Community, found.id, role, id)
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("roles of meeting %d: %w", number, err)
		}
		return nil
	})
}
