package discussion

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Help is the form of a discussion in which somebody asks for help.
const Help = "help"

// States of a help request. OpenHelp is every state but Closed, for filters.
const (
	Asked    = "asked"
	Offered  = "offered"
	Answered = "answered"
	Closed   = "closed"
	OpenHelp = "open"
)

// HelpStates are the states in the order of a request's life.
var HelpStates = []string{Asked, Offered, Answered, Closed}

// MaxTried is how much may be told of what was tried, and of what worked, in characters.
const MaxTried = 20_000

// Need is what a help request says beyond an ordinary discussion.
type Need struct {
	Tried     string
	By        string                // day by which help is needed, as typed; empty: no day
	Zone      *time.Location        // of the community, in which the day is read
	Addressed community.Perspective // empty: everybody
}

var days = []string{time.DateOnly, "2.1.2006", "2/1/2006", "2. 1. 2006"}

// day is the beginning of the day typed.
func (n Need) day() (time.Time, bool) {
	for _, written := range days {
		if day, err := time.ParseInLocation(written, n.By, cmp.Or(n.Zone, time.UTC)); err == nil {
			return day, true
		}
	}
	return time.Time{}, false
}

// date as the database takes it; nil without one.
func (n Need) date() *string {
	day, ok := n.day()
	if !ok {
		return nil
	}
	date := day.Format(time.DateOnly)
	return &date
}

func (n Need) check(in *fault.Invalid, now time.Time) {
	in.Check(utf8.RuneCountInString(n.Tried) <= MaxTried, "tried", "too-long", "max", MaxTried)
	if n.By != "" {
		day, ok := n.day()
		in.Check(ok && day.Year() < 10_000, "by", "day")
		in.Check(!ok || day.AddDate(0, 0, 1).After(now), "by", "past")
	}
	in.Check(n.Addressed == "" || n.Addressed == community.Stakeholder || n.Addressed == community.Scientist, "addressed", "choose")
}

// Asking is a help request to be made.
type Asking struct {
	Opening
	Need
	Discreet bool // the name is for the coordinators alone
}

// Ask starts a discussion that asks for help. The same form sent again gets the first one.
func (s Store) Ask(ctx context.Context, seat community.Seat, a Asking) (item.Made, error) {
	if err := seat.Must(community.Discuss); err != nil {
		return item.Made{}, err
	}
	var in fault.Invalid
	item.CheckTitle(&in, a.Title)
	item.Check(&in, a.Body, a.Lang)
	a.Need.check(&in, s.now())
	checkAudience(&in, a.Audience, seat.Private)
	item.CheckTags(&in, a.Tags)
	file.Check(&in, a.Files)
	if err := in.Err(); err != nil {
		return item.Made{}, err
	}
	names, err := s.items.Resolve(ctx, seat, a.Body+"\n"+a.Tried)
	if err != nil {
		return item.Made{}, err
	}
	var made item.Made
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Claim(ctx, tx, seat, a.Request, s.now())
		if err != nil {
			return err
		}
		if first != nil {
			made = *first
			return nil
		}
		made, err = s.items.Add(ctx, tx, seat, item.New{Kind: "discussion", Title: a.Title, Lang: a.Lang, Body: a.Body, Audience: a.Audience,
			Verb: "help.ask", Request: a.Request, Names: names, Tags: a.Tags, Discreet: a.Discreet},
			item.Part{Name: "opened", SQL: `insert into discussion (item_id, form, last_author_id) select id, @form, author_id from made`, Args: pgx.NamedArgs{"form": Help}},
			item.Part{Name: "asked", SQL: `insert into help_request (item_id, community_id, state_at, tried, tried_html, needed_by, addressed, discreet)
				select id, community_id, created_at, @tried, @tried_html, @by::text::date, @addressed, @discreet from made`,
				Args: pgx.NamedArgs{"tried": a.Tried, "tried_html": markup.Render(a.Tried, names.Targets()), "by": a.date(), "addressed": a.Addressed}},
			search.Row("", words(a.Body, a.Tried)))
		if err != nil {
			return err
		}
		return file.Attach(ctx, tx, seat, made.ID, a.Files)
	})
	if err != nil {
		return made, fmt.Errorf("ask for help: %w", err)
	}
	return made, nil
}

// ReviseHelp changes a help request; the asker may. A day that stood there before may have passed meanwhile.
func (s Store) ReviseHelp(ctx context.Context, seat community.Seat, number int, e Edit, n Need) error {
	h, err := s.request(ctx, s.db, seat, number, false)
	if err != nil {
		return err
	}
	if !h.mine {
		return fmt.Errorf("help request %d of somebody else: %w", number, fault.Forbidden)
	}
	now := s.now()
	if date := n.date(); date != nil && h.by != nil && *date == *h.by {
		now = time.Time{}
	}
	var in fault.Invalid
	e.check(&in, seat.Private)
	n.check(&in, now)
	file.Check(&in, e.Files)
	if err := in.Err(); err != nil {
		return err
	}
	names, err := s.items.Resolve(ctx, seat, words(e.Body, n.Tried, h.outcome))
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := s.revise(ctx, tx, seat, h.id, e, names); err != nil {
			return err
		}
		if err := file.Attach(ctx, tx, seat, h.id, e.Files); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update help_request set tried = $3, tried_html = $4, needed_by = $5::text::date, addressed = $6 where community_id = $1 and item_id = $2`,
			seat.Community, h.id, n.Tried, markup.Render(n.Tried, names.Targets()), n.date(), n.Addressed); err != nil {
			return fmt.Errorf("help request %d: %w", number, err)
		}
		return search.Renew(ctx, tx, h.id, e.Lang, e.Title, "", words(e.Body, n.Tried, h.outcome))
	})
}

// words of a help request that the search finds.
func words(texts ...string) string { return strings.TrimSpace(strings.Join(texts, "\n\n")) }

// request is what the moves of a help request turn on, as far as the seat may read it.
type request struct {
	id       item.ID
	state    string
	asker    account.ID // 0: left meanwhile
	mine     bool       // the seat's own
	discreet bool
	by       *string
	ending   string
	outcome  string
	title    string
	lang     locale.Lang
	body     string
	tried    string
	revision int
}

// request reads the help request; locked, so that its steps come one after the other.
func (s Store) request(ctx context.Context, db postgres.DB, seat community.Seat, number int, locked bool) (request, error) {
	var h request
	s.db = db
	id, _, err := s.find(ctx, seat, number, 0)
	if err != nil {
		return h, err
	}
	h.id = id
	lock := ""
	if locked {
		lock = "for update of h"
		if _, err := db.Exec(ctx, `select from item where community_id = $1 and id = $2 for no key update`, seat.Community, id); err != nil {
			return h, fmt.Errorf("help request %d: %w", number, err)
		}
	}
	rows, err := s.db.Query(ctx, `select h.state, coalesce(i.author_id, q.account_id, 0), h.discreet, h.needed_by::text, h.ending, h.outcome, i.title, i.lang, t.body, h.tried, i.revision
		from help_request h join item i on i.id = h.item_id join item_text t on t.item_id = i.id left join discreet_author q on q.item_id = i.id
		where h.community_id = $1 and h.item_id = $2 and i.removed_at is null `+lock, seat.Community, id)
	if err != nil {
		return h, fmt.Errorf("help request %d: %w", number, err)
	}
	found := 0
	if _, err = pgx.ForEachRow(rows, []any{&h.state, &h.asker, &h.discreet, &h.by, &h.ending, &h.outcome, &h.title, &h.lang, &h.body, &h.tried, &h.revision}, func() error { found++; return nil }); err != nil {
		return h, fmt.Errorf("help request %d: %w", number, err)
	}
	if found == 0 {
		return h, fmt.Errorf("help request %d: %w", number, fault.NotFound)
	}
	h.mine = h.asker != 0 && h.asker == seat.Account
	return h, nil
}

// answered moves a help request on when somebody else than the asker replies in it; other threads have no such row. Like every step of
// a request it takes the item (in the part "moved") before the request, so that no two wait for each other.
var answered = item.Part{Name: "answered", SQL: `update help_request h set state = case when h.state = 'closed' then h.state else 'answered' end, state_at = case when h.state = 'closed' then h.state_at else @at end, answered_at = coalesce(h.answered_at, @at)
	from moved join item i on i.id = moved.id left join discreet_author q on q.item_id = i.id
	where h.item_id = moved.id and (h.state in ('asked', 'offered') or h.answered_at is null) and coalesce(i.author_id, q.account_id, 0) <> @me`}
