package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// PointID of a point on an agenda, proposed or in the backlog.
type PointID int64

// PointForm is what a point is for. The message "agenda.form.<form>" says each.
type PointForm string

// PointForms in the order in which people choose among them.
var PointForms = []PointForm{"information", "discussion", "decision", "help", "poster", "demonstration", "criteria"}

// PointState is what became of a point. The message "agenda.state.<state>" says each.
type PointState string

// The states of a point: waiting for an answer, on the agenda, in the backlog, not taken.
const (
	Proposed PointState = "proposed"
	Accepted PointState = "accepted"
	Later    PointState = "later"
	Declined PointState = "declined"
)

// Point of an agenda, as read.
type Point struct {
	ID           PointID
	Position     int // 0 unless on the agenda
	State        PointState
	Form         PointForm
	Title        string
	Lang         locale.Lang
	HTML         string
	Minutes      int // 0: no time of its own
	Lead         string
	LeadNumber   int // of the membership; 0 for who has none
	Proposer     string
	ProposerSeat int // number of the proposer's membership; 0 for who has none
	ProposedAt   time.Time
	Mine         bool // the reader proposed it
	Reason       string
	From         int // number of the meeting that it was carried on from, when the reader may see it
	Meeting      int // number of its meeting, when the reader may see it
	Revision     int
}

const pointColumns = `p.id, coalesce(p.position, 0) as position, p.state, p.form, p.title, p.lang, p.html, p.minutes, coalesce(l.name, p.lead_name) as lead, case when lm.state = 'member' then lm.number else 0 end as lead_number,
	coalesce(b.name, '') as proposer, case when bm.state = 'member' then bm.number else 0 end as proposer_seat, p.proposed_at, coalesce(p.proposed_by = @me, false) as mine, p.reason,
	coalesce((select i.number from agenda_point f join item i on i.id = f.meeting_id where f.id = p.carried_from and i.removed_at is null and ` + community.Visible + `), 0) as "from",
	coalesce((select i.number from item i where i.id = p.meeting_id and i.removed_at is null and ` + community.Visible + `), 0) as meeting, p.revision`

const pointTables = ` from agenda_point p left join account l on l.id = p.lead_id left join membership lm on lm.community_id = p.community_id and lm.account_id = l.id
	left join account b on b.id = p.proposed_by left join membership bm on bm.community_id = p.community_id and bm.account_id = b.id`

// queueAgenda queues the reading of what is on the agenda of meeting @id.
func queueAgenda(b *pgx.Batch, args pgx.NamedArgs, points *[]Point) {
	queuePoints(b, args, points, `p.state = 'accepted' and p.meeting_id = @id order by p.position`)
}

func queuePoints(b *pgx.Batch, args pgx.NamedArgs, points *[]Point, where string) {
	b.Queue(`select `+pointColumns+pointTables+` where p.community_id = @community and `+where, args).Query(func(rows pgx.Rows) error {
		var err error
		*points, err = pgx.CollectRows(rows, pgx.RowToStructByName[Point])
		return err
	})
}

// Agenda of a meeting with all that prepares it. A stranger reads the points and the roles alone.
type Agenda struct {
	Meeting
	Points    []Point
	Proposals []Point // that wait for an answer
	Settled   []Point // declined for this meeting: the reader's own, all for the coordinators
	Questions []Question
	Duties    []Duty
	Waiting   int // points in the backlog
}

// Agenda reads a meeting's agenda, and besides whatever its page shows beside it.
func (s Store) Agenda(ctx context.Context, seat community.Seat, number int, besides ...postgres.Besides) (Agenda, error) {
	var a Agenda
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return a, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "keeps": seat.Can(community.Schedule), "now": s.now()})
	b := &pgx.Batch{}
	head(b, seat, args, &a.Meeting)
	queueAgenda(b, args, &a.Points)
	queueDuties(b, args, &a.Duties)
	for _, besides := range besides {
		besides(b)
	}
	if seat.Inside() {
		queuePoints(b, args, &a.Proposals, `p.state = 'proposed' and p.meeting_id = @id order by p.proposed_at, p.id`)
		queuePoints(b, args, &a.Settled, `p.state = 'declined' and p.meeting_id = @id and (@keeps or p.proposed_by = @me) order by p.settled_at desc, p.id limit 50`)
		queueQuestions(b, args, &a.Questions)
		b.Queue(`select count(*)::int from agenda_point p where p.community_id = @community and `+inBacklog, args).QueryRow(func(row pgx.Row) error { return row.Scan(&a.Waiting) })
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return a, fmt.Errorf("agenda of meeting %d: %w", number, err)
	}
	return a, nil
}

// Slot is the time of a point: from when to when, on the clock of the meeting's zone. A point without minutes takes none.
type Slot struct{ From, Until time.Time }

// Slots of points, one after the other from the start of the meeting; none while it has no time, or lasts over several days.
func (m Meeting) Slots(points []Point) []Slot {
	if m.StartsAt == nil || !m.oneDay() {
		return nil
	}
	at := m.StartsAt.In(m.Location())
	slots := make([]Slot, len(points))
	for n, p := range points {
		slots[n] = Slot{From: at, Until: at.Add(time.Duration(p.Minutes) * time.Minute)}
		at = slots[n].Until
	}
	return slots
}

func (m Meeting) oneDay() bool {
	start, end := m.StartsAt.In(m.Location()), m.EndsAt.In(m.Location())
	return start.Year() == end.Year() && start.YearDay() == end.YearDay()
}

// TotalMinutes that the points of an agenda take together.
func TotalMinutes(points []Point) int {
	sum := 0
	for _, p := range points {
		sum += p.Minutes
	}
	return sum
}

// Left is how many minutes of the meeting its points leave; less than 0 when they take longer than it. The second is false where no clock runs.
func (m Meeting) Left(points []Point) (int, bool) {
	if m.StartsAt == nil || !m.oneDay() {
		return 0, false
	}
	return int(m.EndsAt.Sub(*m.StartsAt)/time.Minute) - TotalMinutes(points), true
}

// MemberName is a member to choose.
type MemberName struct {
	Number int
	Name   string
}

// Choosable are the members of the community by name, to choose a lead among.
func (s Store) Choosable(ctx context.Context, seat community.Seat) ([]MemberName, error) {
	if err := mustBeInside(seat); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `select m.number, a.name from membership m join account a on a.id = m.account_id
		where m.community_id = $1 and m.state = 'member' order by lower(a.name), m.number`, seat.Community)
	if err != nil {
		return nil, fmt.Errorf("members to choose: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[MemberName])
}

// memberOf is the account of a member by number; nobody when there is none.
func memberOf(ctx context.Context, tx pgx.Tx, seat community.Seat, number int) (account.ID, error) {
	var id account.ID
	err := tx.QueryRow(ctx, `select coalesce((select account_id from membership where community_id = $1 and number = $2 and state = 'member'), 0)`, seat.Community, number).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("member %d: %w", number, err)
	}
	return id, nil
}
