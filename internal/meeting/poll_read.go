package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// heard are the voices that count in poll @id: guests and members. Once the poll is closed it says who could when, whoever left since.
const heard = `heard as (
	select v.id, v.account_id, v.guest_id, v.note, v.at, coalesce(m.perspective, g.perspective, '') as perspective, coalesce(a.name, g.name) as name,
		case when m.state = 'member' then m.number else 0 end as number,
		case when g.id is not null then g.organisation when a.organisation_for = 0 or (a.organisation_for = 1 and @signed) or (a.organisation_for = 2 and v.community_id = any(@mine)) or a.id = @me then a.organisation else '' end as organisation
	from date_voice v join meeting mt on mt.item_id = v.meeting_id left join meeting_guest g on g.id = v.guest_id left join account a on a.id = v.account_id
		left join membership m on m.community_id = v.community_id and m.account_id = v.account_id
	where v.community_id = @community and v.meeting_id = @id and (v.guest_id is not null or m.state = 'member' or mt.poll_closed_at is not null))`

const optionsSQL = `with ` + heard + ` select o.id, o.starts_at, o.ends_at, o.place, o.online, o.chosen, o.added_at,
		count(*) filter (where d.answer = 'yes')::int as yes, count(*) filter (where d.answer = 'if-need-be')::int as if_need_be, count(*) filter (where d.answer = 'no')::int as no,
		count(*) filter (where d.answer <> 'no' and h.perspective = 'stakeholder')::int as stakeholders, count(*) filter (where d.answer <> 'no' and h.perspective = 'scientist')::int as scientists
	from date_option o left join (date_answer d join heard h on h.id = d.voice_id) on d.option_id = o.id
	where o.community_id = @community and o.meeting_id = @id group by o.id order by o.starts_at, o.ends_at, o.id`

const voicesSQL = `with ` + heard + ` select coalesce(h.account_id, 0), coalesce(h.guest_id, 0), h.name, h.number, h.perspective, h.organisation, h.note, h.at,
		coalesce(array_agg(d.option_id) filter (where d.option_id is not null), '{}'), coalesce(array_agg(d.answer) filter (where d.option_id is not null), '{}')
	from heard h left join date_answer d on d.voice_id = h.id where @named or coalesce(h.account_id, 0) = @account and coalesce(h.guest_id, 0) = @guest
	group by h.id, h.account_id, h.guest_id, h.name, h.number, h.perspective, h.organisation, h.note, h.at order by h.at, h.id`

// silentSQL are the members, and the guests who get letters, that did not answer poll @id.
const silentSQL = `select a.id as account, 0::bigint as guest, a.name, m.number, m.perspective
	from membership m join account a on a.id = m.account_id where m.community_id = @community and m.state = 'member' and a.left_at is null
		and not exists (select from date_voice v where v.meeting_id = @id and v.account_id = a.id)
	union all select 0, g.id, g.name, 0, g.perspective from meeting_guest g where g.community_id = @community and g.meeting_id = @id and g.email <> '' and g.mail
		and not exists (select from date_voice v where v.meeting_id = @id and v.guest_id = g.id)
	order by name, account, guest`

// queuePoll queues the reading of a poll for one person. Names are for those inside.
func (s Store) queuePoll(b *pgx.Batch, args pgx.NamedArgs, who Person, named bool, p *Poll) {
	p.Now = s.now()
	args["account"], args["guest"], args["named"] = who.Account, who.Guest, named
	b.Queue(`with `+heard+` select mt.poll_until, mt.poll_closed_at, (select count(*) from heard), (select count(*) from activity x where x.item_id = mt.item_id and x.verb = 'meeting.remind')
		from meeting mt where mt.community_id = @community and mt.item_id = @id`, args).QueryRow(func(row pgx.Row) error {
		return row.Scan(&p.Until, &p.ClosedAt, &p.Heard, &p.Reminders)
	})
	b.Queue(optionsSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		p.Options, err = pgx.CollectRows(rows, pgx.RowToStructByName[Option])
		return err
	})
	b.Queue(voicesSQL, args).Query(func(rows pgx.Rows) error { return p.collect(rows, who, named) })
	if named {
		b.Queue(silentSQL, args).Query(func(rows pgx.Rows) error {
			var err error
			p.Waiting, err = pgx.CollectRows(rows, pgx.RowToStructByName[Silent])
			return err
		})
	}
}

func (p *Poll) collect(rows pgx.Rows, who Person, named bool) error {
	var v Voice
	var options []int64
	var answers []DateAnswer
	_, err := pgx.ForEachRow(rows, []any{&v.Account, &v.Guest, &v.Name, &v.Number, &v.Perspective, &v.Organisation, &v.Note, &v.At, &options, &answers}, func() error {
		one := v
		one.Answers = make(map[OptionID]DateAnswer, len(options))
		for i, id := range options {
			one.Answers[OptionID(id)] = answers[i]
		}
		if (Person{one.Account, one.Guest}) == who {
			p.Mine = &one
		}
		if named {
			p.Voices = append(p.Voices, one)
		}
		return nil
	})
	return err
}

// Dates is a meeting and the search for its date. Outside of the community one sees how many can come, and no names.
func (s Store) Dates(ctx context.Context, seat community.Seat, number int) (Meeting, Poll, error) {
	var m Meeting
	var p Poll
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return m, p, err
	}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": found.id})
	b := &pgx.Batch{}
	head(b, seat, args, &m)
	s.queuePoll(b, args, Person{Account: seat.Account}, seat.Inside(), &p)
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return m, p, fmt.Errorf("dates of meeting %d: %w", number, err)
	}
	return m, p, nil
}

// Silent are the people who did not answer the poll of a meeting yet, for those who may remind them.
func (s Store) Silent(ctx context.Context, seat community.Seat, number int) ([]Person, error) {
	if err := seat.Must(community.Schedule); err != nil {
		return nil, err
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return nil, err
	}
	return silent(ctx, s.db, seat, found)
}

func silent(ctx context.Context, db postgres.DB, seat community.Seat, found placed) ([]Person, error) {
	all, err := postgres.All[Silent](ctx, db, silentSQL, pgx.NamedArgs{"community": seat.Community, "id": found.id})
	if err != nil {
		return nil, fmt.Errorf("silent of meeting %d: %w", found.number, err)
	}
	people := make([]Person, len(all))
	for i, one := range all {
		people[i] = one.Person
	}
	return people, nil
}

// Glance is the search for a date in short, for a meeting's first page.
type Glance struct {
	Until    *time.Time
	Options  int
	Heard    int
	Answered bool // by the reader
	New      int  // dates that came after the reader's answers
}

func queueGlance(b *pgx.Batch, args pgx.NamedArgs, g *Glance) {
	b.Queue(`with `+heard+` select mt.poll_until, count(o.id), (select count(*) from heard), exists (select from heard h where h.account_id = @me),
			count(o.id) filter (where exists (select from heard h where h.account_id = @me and h.at < o.added_at and not exists (select from date_answer d where d.voice_id = h.id and d.option_id = o.id)))
		from meeting mt left join date_option o on o.meeting_id = mt.item_id where mt.community_id = @community and mt.item_id = @id group by mt.item_id`, args).QueryRow(func(row pgx.Row) error {
		return row.Scan(&g.Until, &g.Options, &g.Heard, &g.Answered, &g.New)
	})
}
