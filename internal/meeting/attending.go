package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
)

// Faces of those who come stand on the first page of a meeting, at most so many.
const Faces = 24

// Tally counts answers, or those who were there; organisations as far as the reader may see whose they are.
type Tally struct {
	InPerson, Online, Maybe, No int
	Stakeholders, Scientists    int // of those who come
	Organisations               int // of those who come
	Kept                        int // of those who were there: how many had said yes
}

// Coming counts those who take part.
func (t Tally) Coming() int { return t.InPerson + t.Online }

// Attending is one person at a meeting: the answer, and whether the person was there.
type Attending struct {
	item.Voice
	Guest  GuestID // 0: has an account
	Answer Answer  // empty: none yet
	Note   string  // for the keepers and its writer
	Way    Answer  // InPerson or Remotely when the person was there
}

// Who comes and came, as far as the reader may see it. A reader who does not belong to the community sees numbers alone.
type Who struct {
	Invitation Invitation
	Said       Tally
	Came       Tally
	Named      bool
	People     []Attending // members by name, then guests
	Missing    []string    // organisations of members of which nobody comes
	Wanted     []string    // organisations that the community wants to reach, of which nobody comes
}

// Glimpse is who comes, on the first page of a meeting.
type Glimpse struct {
	Invitation Invitation
	Said       Tally
	Came       Tally
	Faces      []item.Voice
}

// organisation of a as the reader may see it, at a row of community r.community_id; the same condition as in item.VoiceColumns.
const organisation = `case when a.organisation_for = 0 or (a.organisation_for = 1 and @signed) or (a.organisation_for = 2 and r.community_id = any(@mine)) or a.id = @me then a.organisation else '' end`

func foldedSQL(name string) string {
	return `trim(regexp_replace(lower(unaccent(` + name + `)), '[^[:alnum:]]+', ' ', 'g'))`
}

// A guest's organisation is for those who belong here.
var tallySQL = `select count(*) filter (where x.answer = 'in-person'), count(*) filter (where x.answer = 'online'), count(*) filter (where x.answer = 'maybe'), count(*) filter (where x.answer = 'no'),
		count(*) filter (where x.comes and x.perspective = 'stakeholder'), count(*) filter (where x.comes and x.perspective = 'scientist'),
		count(distinct ` + foldedSQL("x.organisation") + `) filter (where x.comes and x.organisation <> ''), count(*) filter (where x.kept)
	from `

const saidTable = `(select r.answer, r.answer in ('in-person', 'online') as comes, coalesce(m.perspective, g.perspective, '') as perspective, false as kept,
		case when g.id is null then ` + organisation + ` when @inside then g.organisation else '' end as organisation
	from rsvp r left join account a on a.id = r.account_id left join membership m on m.community_id = r.community_id and m.account_id = r.account_id left join meeting_guest g on g.id = r.guest_id
	where r.community_id = @community and r.meeting_id = @id) x`

const cameTable = `(select r.way as answer, true as comes, r.perspective,
		exists (select from rsvp s where s.meeting_id = r.meeting_id and s.answer in ('in-person', 'online') and (s.account_id = r.account_id or s.guest_id = r.guest_id)) as kept,
		case when a.id is not null then case when ` + organisation + ` <> '' then r.organisation else '' end when @inside then r.organisation else '' end as organisation
	from attendance r left join account a on a.id = r.account_id
	where r.community_id = @community and r.meeting_id = @id) x`

func (t *Tally) scan() []any {
	return []any{&t.InPerson, &t.Online, &t.Maybe, &t.No, &t.Stakeholders, &t.Scientists, &t.Organisations, &t.Kept}
}

func queueTallies(b *pgx.Batch, args pgx.NamedArgs, said, came *Tally) {
	b.Queue(tallySQL+saidTable, args).QueryRow(func(row pgx.Row) error { return row.Scan(said.scan()...) })
	b.Queue(tallySQL+cameTable, args).QueryRow(func(row pgx.Row) error { return row.Scan(came.scan()...) })
}

// queueGlimpse reads who comes for the first page of a meeting; args are those of Read.
func queueGlimpse(b *pgx.Batch, seat community.Seat, meeting item.ID, args pgx.NamedArgs, g *Glimpse) {
	args["inside"], args["faces"] = seat.Inside(), Faces
	queueInvitation(b, seat, meeting, &g.Invitation)
	queueTallies(b, args, &g.Said, &g.Came)
	if !seat.Inside() {
		return
	}
	b.Queue(`select `+item.VoiceColumns+` from (select account_id from rsvp where community_id = @community and meeting_id = @id and account_id is not null and answer in ('in-person', 'online') order by at, id limit @faces) w
		cross join lateral (select @community::bigint as community_id, w.account_id as author_id, 0::bigint as id) i `+item.VoiceJoins, args).Query(func(rows pgx.Rows) error {
		var v item.Voice
		_, err := pgx.ForEachRow(rows, v.Scan(), func() error { g.Faces = append(g.Faces, v); return nil })
		return err
	})
}

// Who comes to a meeting and who was there, with the meeting itself.
func (s Store) Who(ctx context.Context, seat community.Seat, number int) (Meeting, Who, error) {
	var m Meeting
	var w Who
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return m, w, err
	}
	w.Named = seat.Inside()
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id, "inside": w.Named, "keeper": found.keeper, "wanted": seat.Can(community.SeeWanted)})
	b := &pgx.Batch{}
	head(b, seat, args, &m)
	queueInvitation(b, seat, found.id, &w.Invitation)
	queueTallies(b, args, &w.Said, &w.Came)
	if w.Named {
		queuePeople(b, args, &w.People)
		queueMissing(b, args, &w)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return m, w, fmt.Errorf("who comes to meeting %d: %w", number, err)
	}
	return m, w, nil
}

// queuePeople reads the members of the community, and whoever answered or was there; a guest who said nothing is for the keepers.
func queuePeople(b *pgx.Batch, args pgx.NamedArgs, all *[]Attending) {
	b.Queue(`select `+item.VoiceColumns+`, coalesce(r.answer, ''), case when @keeper or w.account_id = @me then coalesce(r.note, '') else '' end, coalesce(t.way, '')
		from (select account_id from membership where community_id = @community and state = 'member'
			union select account_id from rsvp where meeting_id = @id and account_id is not null
			union select account_id from attendance where meeting_id = @id and account_id is not null) w
		cross join lateral (select @community::bigint as community_id, w.account_id as author_id, 0::bigint as id) i `+item.VoiceJoins+`
		left join rsvp r on r.meeting_id = @id and r.account_id = w.account_id left join attendance t on t.meeting_id = @id and t.account_id = w.account_id
		order by a.name, a.id`, args).Query(func(rows pgx.Rows) error {
		var p Attending
		_, err := pgx.ForEachRow(rows, append(p.Voice.Scan(), &p.Answer, &p.Note, &p.Way), func() error { *all = append(*all, p); return nil })
		return err
	})
	b.Queue(`select g.id, g.name, g.perspective, g.organisation, coalesce(r.answer, ''), case when @keeper then coalesce(r.note, '') else '' end, coalesce(t.way, '')
		from meeting_guest g left join rsvp r on r.meeting_id = g.meeting_id and r.guest_id = g.id left join attendance t on t.meeting_id = g.meeting_id and t.guest_id = g.id
		where g.community_id = @community and g.meeting_id = @id and (@keeper or r.answer in ('in-person', 'online') or t.id is not null) order by g.name, g.id`, args).Query(func(rows pgx.Rows) error {
		var p Attending
		_, err := pgx.ForEachRow(rows, []any{&p.Guest, &p.Name, &p.Perspective, &p.Organisation, &p.Answer, &p.Note, &p.Way}, func() error { *all = append(*all, p); return nil })
		return err
	})
}

// queueMissing reads the organisations of which nobody comes.
func queueMissing(b *pgx.Batch, args pgx.NamedArgs, w *Who) {
	here := `with here as (select distinct ` + foldedSQL("x.organisation") + ` as key from ` + saidTable + ` where x.comes and x.organisation <> '') `
	names := func(into *[]string, sql string) {
		b.Queue(here+sql, args).Query(func(rows pgx.Rows) error {
			var err error
			*into, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	}
	names(&w.Missing, `select min(n.name) from (select `+organisation+` as name from membership r join account a on a.id = r.account_id where r.community_id = @community and r.state = 'member') n
		where n.name <> '' and not exists (select from here where here.key = `+foldedSQL("n.name")+`) group by `+foldedSQL("n.name")+` order by 1`)
	names(&w.Wanted, `select o.name from wanted_organisation o where o.community_id = @community and @wanted and not exists (select from here where here.key = `+foldedSQL("o.name")+`) order by o.position, o.id`)
}

// Begun reports whether the day of a meeting has come, on its own clock: from then on attendance is kept.
func (m Meeting) Begun(now time.Time) bool {
	if m.StartsAt == nil {
		return false
	}
	at := m.Location()
	return now.In(at).Format(time.DateOnly) >= m.StartsAt.In(at).Format(time.DateOnly)
}
