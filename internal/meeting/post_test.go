package meeting_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// post is a community with a coordinator and two members, and whatever letters go out.
type post struct {
	testing.TB
	db        postgres.DB
	now       time.Time
	basel     community.ID
	store     meeting.Store
	coord     community.Seat
	ada, luc  community.Seat
	sent      []meeting.Letter
	broken    error // what sending fails with
	courier   meeting.Courier
	community map[community.ID]string
}

func newPost(t testing.TB, db postgres.DB) *post {
	t.Helper()
	p := &post{TB: t, db: db, now: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC), community: map[community.ID]string{}}
	p.store = meeting.NewStore(db, func() time.Time { return p.now })
	p.courier = meeting.Courier{Store: p.store, Send: func(context.Context, mail.Message) error { return p.broken },
		Compose: func(_ context.Context, l meeting.Letter) (mail.Message, error) {
			if p.broken == nil {
				p.sent = append(p.sent, l)
			}
			return mail.Message{To: l.To}, nil
		}}
	p.basel = p.found("basel", "public")
	p.coord, p.ada, p.luc = p.joins("coord", p.basel, "coordinator"), p.joins("ada", p.basel, "member"), p.joins("luc", p.basel, "member")
	return p
}

func (p *post) run(sql string, args ...any) {
	p.Helper()
	if _, err := p.db.Exec(context.Background(), sql, args...); err != nil {
		p.Fatal(err)
	}
}

func (p *post) id(sql string, args ...any) (id int64) {
	p.Helper()
	if err := p.db.QueryRow(context.Background(), sql, args...).Scan(&id); err != nil {
		p.Fatal(err)
	}
	return id
}

func (p *post) found(slug, visibility string) community.ID {
	p.Helper()
	id := p.id(`insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, 'city', 'de', 'Europe/Zurich', $2, now(), now(), now()) returning id`, slug, visibility)
	p.run(`insert into community_text (community_id, lang, name) values ($1, 'de', initcap($2)), ($1, 'fr', initcap($2) || '-fr')`, id, slug)
	p.community[community.ID(id)] = slug
	return community.ID(id)
}

// joins makes an account that belongs to a community.
func (p *post) joins(name string, in community.ID, role string) community.Seat {
	p.Helper()
	id := p.id(`insert into account (handle, name, email, email_key, lang, created_at) values ($1, initcap($1), $1 || '@example.org', $1 || '@example.org', case when $1 = 'luc' then 'fr' else 'en' end, now()) returning id`, name)
	return p.belongs(account.ID(id), in, role)
}

func (p *post) belongs(who account.ID, in community.ID, role string) community.Seat {
	p.Helper()
	p.run(`insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since)
		values ($1, $2, (select count(*) + 1 from membership where community_id = $1), 'member', $3, 'scientist', now(), now())`, in, who, role)
	seat := community.Seat{Community: in, Slug: p.community[in], Account: who, Standing: community.Member, Number: 1, Reach: community.Reach{Me: who, Mine: []int64{int64(in)}, Coordinated: []int64{}}}
	if role == "coordinator" {
		seat.Standing, seat.Reach.Coordinated = community.Coordinator, seat.Reach.Mine
	}
	return seat
}

func (p *post) plan(title, day string) meeting.Plan {
	return meeting.Plan{Form: meeting.Regular, Title: title, Body: "Three courtyards.", Lang: locale.English, OpensTo: item.Community, Place: "Town hall", Online: true, OnlineURL: "https://meet.example.org/secret",
		When: meeting.When{Zone: "Europe/Zurich", Day: day, From: "09:00", Until: "11:00"}, Request: uuid.New()}
}

// drafts a meeting by the coordinator of a seat's community.
func (p *post) drafts(seat community.Seat, plan meeting.Plan) item.Made {
	p.Helper()
	made, err := p.store.Schedule(context.Background(), seat, plan)
	if err != nil {
		p.Fatal(err)
	}
	return made
}

func (p *post) publishes(seat community.Seat, plan meeting.Plan) item.Made {
	p.Helper()
	made := p.drafts(seat, plan)
	if err := p.store.Publish(context.Background(), seat, made.Number); err != nil {
		p.Fatal(err)
	}
	return made
}

func (p *post) moves(number int, change func(*meeting.Plan)) {
	p.Helper()
	plan, _, err := p.store.Planned(context.Background(), p.coord, number)
	if err == nil {
		change(&plan)
		err = p.store.Revise(context.Background(), p.coord, number, plan)
	}
	if err != nil {
		p.Fatal(err)
	}
}

func (p *post) guest(made item.Made, name string) int64 {
	p.Helper()
	return p.id(`insert into meeting_guest (community_id, meeting_id, name, email, email_key, lang, invited_at) select community_id, id, $2, $2 || '@guests.example.org', $2 || '@guests.example.org', 'el', now() from item where id = $1 returning id`, made.ID, name)
}

func (p *post) says(made item.Made, who account.ID, answer string) {
	p.Helper()
	p.run(`insert into rsvp (community_id, meeting_id, account_id, answer, at) select community_id, id, $2, $3, $4 from item where id = $1`, made.ID, who, answer, p.now)
}

func (p *post) happens(made item.Made, verb string) {
	p.Helper()
	p.run(`insert into activity (at, actor_id, verb, item_id, community_id) select $1, $2, $3, id, community_id from item where id = $4`, p.now, p.coord.Account, verb, made.ID)
}

func jobs[T any](p *post, kind string) []T {
	p.Helper()
	type job struct{ Args T }
	found, err := postgres.All[job](context.Background(), p.db, `with done as (delete from river_job where kind = $1 returning id, args) select args from done order by id`, kind)
	if err != nil {
		p.Fatal(err)
	}
	var all []T
	for _, j := range found {
		all = append(all, j.Args)
	}
	return all
}

// errands does the waiting rounds and gives the letters that they call for.
func (p *post) errands() []meeting.Errand {
	p.Helper()
	for _, r := range jobs[meeting.Round](p, "meeting-letters") {
		if err := p.store.Call(context.Background(), r); err != nil {
			p.Fatal(err)
		}
	}
	return jobs[meeting.Errand](p, "meeting-letter")
}

// delivers does all that waits, and gives the letters that went out.
func (p *post) delivers() []meeting.Letter {
	p.Helper()
	p.sent = nil
	for _, e := range p.errands() {
		if err := p.courier.Deliver(context.Background(), e); err != nil {
			p.Fatal(err)
		}
	}
	return p.sent
}

// goesTo fails unless the letters are for that occasion and go to these people.
func (p *post) goesTo(what string, letters []meeting.Letter, occasion meeting.Occasion, people ...string) {
	p.Helper()
	var got []string
	for _, l := range letters {
		if l.Occasion != occasion {
			p.Errorf("%s: a letter for %s", what, l.Occasion)
		}
		got = append(got, l.To)
	}
	slices.Sort(got)
	slices.Sort(people)
	if !slices.Equal(got, people) {
		p.Errorf("%s: letters to %v, want %v", what, got, people)
	}
}
