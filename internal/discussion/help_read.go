package discussion

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Plea is a help request as read: what a thread's page shows beyond the words themselves.
type Plea struct {
	Title       string
	Lang        locale.Lang
	State       string
	StateAt     time.Time
	Tried       string // as typed
	TriedHTML   string
	By          *time.Time // midnight UTC of the day
	Addressed   community.Perspective
	Discreet    bool
	Mine        bool // the reader asks
	AnsweredAt  *time.Time
	Ending      string
	Outcome     string // as typed
	OutcomeHTML string
	Offers      []HelpOffer
	Helped      []Helped
}

// HelpOffer is a member who can help.
type HelpOffer struct {
	By   item.Voice
	Note string
	At   time.Time
}

// Helped is a reply that helped, as the asker says.
type Helped struct {
	Number int
	Author item.Voice
}

// Open reports whether the request still waits for something.
func (p Plea) Open() bool { return p.State != Closed }

// Worked reports whether there is something to keep: what came of it, or who helped.
func (p Plea) Worked() bool { return !p.Open() && (p.Outcome != "" || len(p.Helped) > 0) }

// Passed reports whether the day by which help was needed is over; now stands in the community's zone.
func (p Plea) Passed(now time.Time) bool {
	return p.By != nil && now.Format(time.DateOnly) > p.By.Format(time.DateOnly)
}

// OfferOf is what the account offered.
func (p Plea) OfferOf(seat community.Seat) (HelpOffer, bool) {
	for _, o := range p.Offers {
		if seat.Account != 0 && o.By.Account == seat.Account {
			return o, true
		}
	}
	return HelpOffer{}, false
}

const offersSQL = `select o.note, o.at, ` + item.VoiceColumns + `
	from help_offer o cross join lateral (select @community::bigint as community_id, o.account_id as author_id, 0::bigint as id) i ` + item.VoiceJoins + `
	where o.item_id = @id order by o.at, o.account_id`

const helpedSQL = `select i.number, ` + item.VoiceColumns + `
	from help_answer ha join item i on i.id = ha.reply_id ` + item.VoiceJoins + `
	where ha.item_id = @id and i.community_id = @community and i.removed_at is null and ` + community.Visible + ` order by i.number`

// Plea of a help request that the seat may read, in one round trip after finding it.
func (s Store) Plea(ctx context.Context, seat community.Seat, number int) (Plea, error) {
	id, author, err := s.find(ctx, seat, number, 0)
	if err != nil {
		return Plea{}, err
	}
	p := Plea{Mine: author != 0 && author == int64(seat.Account)}
	args := seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id})
	found := 0
	b := &pgx.Batch{}
	b.Queue(`select i.title, i.lang, h.state, h.state_at, h.tried, h.tried_html, h.needed_by, h.addressed, h.discreet, h.answered_at, h.ending, h.outcome, h.outcome_html
		from help_request h join item i on i.id = h.item_id where h.community_id = @community and h.item_id = @id`, args).
		Query(func(rows pgx.Rows) error {
			_, err := pgx.ForEachRow(rows, []any{&p.Title, &p.Lang, &p.State, &p.StateAt, &p.Tried, &p.TriedHTML, &p.By, &p.Addressed, &p.Discreet, &p.AnsweredAt, &p.Ending, &p.Outcome, &p.OutcomeHTML},
				func() error { found++; return nil })
			return err
		})
	b.Queue(offersSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		p.Offers, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (HelpOffer, error) {
			var o HelpOffer
			return o, row.Scan(append([]any{&o.Note, &o.At}, o.By.Scan()...)...)
		})
		return err
	})
	b.Queue(helpedSQL, args).Query(func(rows pgx.Rows) error {
		var err error
		p.Helped, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Helped, error) {
			var h Helped
			return h, row.Scan(append([]any{&h.Number}, h.Author.Scan()...)...)
		})
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return p, fmt.Errorf("help request %d: %w", number, err)
	}
	if found == 0 {
		return p, fmt.Errorf("help request %d: %w", number, fault.NotFound)
	}
	return p, nil
}

// Given is an answer among which the asker says what helped.
type Given struct {
	Number  int
	Author  item.Voice
	Excerpt string
	Helped  bool
}

// Given are the replies of others in a help request, in their order.
func (s Store) Given(ctx context.Context, seat community.Seat, number int) ([]Given, error) {
	id, err := s.own(ctx, seat, number, 0)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `select i.number, left(t.html, 1200), exists (select from help_answer h where h.item_id = @id and h.reply_id = i.id), `+item.VoiceColumns+`
		from item i join item_text t on t.item_id = i.id `+item.VoiceJoins+`
		where i.community_id = @community and i.parent_id = @id and i.kind = 'reply' and i.removed_at is null and coalesce(i.author_id, apart.account_id, 0) <> @me and `+community.Visible+`
		order by i.number limit 500`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id}))
	if err != nil {
		return nil, fmt.Errorf("answers of help request %d: %w", number, err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Given, error) {
		var g Given
		err := row.Scan(append([]any{&g.Number, &g.Excerpt, &g.Helped}, g.Author.Scan()...)...)
		g.Excerpt = excerpt(g.Excerpt)
		return g, err
	})
}
