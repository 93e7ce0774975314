// Package audit reads who used which power in a community, from the activity, which nobody rewrites.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// PerPage is how many acts stand on one page.
const PerPage = 50

// Verbs are the acts of power. The message "reports.act.<verb>" says each. The index activity_of_power names the same ones.
var Verbs = []string{"community.admit", "community.decline", "community.appoint", "community.invite", "community.describe",
	"item.hide", "item.show", "discussion.lock", "discussion.unlock", "discussion.pin", "discussion.unpin", "discussion.move", "discussion.move-away", "report.settled",
	"series.publish", "meeting.call-off", "meeting.invite-guests", "minutes.approve",
	"criterion.agree", "criterion.park", "criterion.decline", "criterion.merge", "criterion.reopen", "claim.answer-for-community", "product.add", "product.change-makers",
	"entry.endorse", "entry.unendorse", "entry.use-remove"}

const ofPower = `v.verb in ('community.admit', 'community.decline', 'community.appoint', 'community.invite', 'community.describe',
	'item.hide', 'item.show', 'discussion.lock', 'discussion.unlock', 'discussion.pin', 'discussion.unpin', 'discussion.move', 'discussion.move-away', 'report.settled',
	'series.publish', 'meeting.call-off', 'meeting.invite-guests', 'minutes.approve',
	'criterion.agree', 'criterion.park', 'criterion.decline', 'criterion.merge', 'criterion.reopen', 'claim.answer-for-community', 'product.add', 'product.change-makers',
	'entry.endorse', 'entry.unendorse', 'entry.use-remove')`

// Store reads acts of power.
type Store struct{ db postgres.DB }

// NewStore reads from db.
func NewStore(db postgres.DB) Store { return Store{db: db} }

// Act is one use of power.
type Act struct {
	ID      int64
	At      time.Time
	Verb    string
	By      string // name of who did it; empty: the system
	Number  int    // of that person's membership here; 0 without one
	Whom    string // name of who was admitted, declined or appointed
	Detail  Detail
	Subject Subject
}

// Detail is what an activity says about an act.
type Detail struct {
	Reason  string  `json:"reason"`
	Note    string  `json:"note"`
	Outcome string  `json:"outcome"`
	Role    string  `json:"role"`
	Guests  []int64 `json:"guests"` // who were invited to a meeting
}

// Subject is the item that an act was about; zero when there was none or the reader may not know of it.
type Subject struct {
	Slug   string
	Kind   item.Kind
	Number int // of the item, or of the thread in which a reply stands
	Reply  int // number of the reply, or of the claim; 0: none
	Title  string
	Lang   locale.Lang
	Gone   bool   // removed or hidden: without a title
	Path   string // of a product
}

// Page is one page of acts, the newest first.
type Page struct {
	Acts  []Act
	Older int64 // id to go on before; 0 on the last page
}

// Acts are a page of the acts of power in the seat's community, before the act with the id before (0: the newest). Verb "" is all of them.
func (s Store) Acts(ctx context.Context, seat community.Seat, verb string, before int64) (Page, error) {
	if err := seat.Must(community.Moderate); err != nil {
		return Page{}, err
	}
	if verb != "" && !slices.Contains(Verbs, verb) {
		return Page{}, fmt.Errorf("acts %q: %w", verb, fault.NotFound)
	}
	rows, err := s.db.Query(ctx, `select v.id, v.at, v.verb, coalesce(a.name, ''), coalesce(m.number, 0), coalesce(w.name, ''), v.detail || case when v.verb = 'meeting.call-off' then jsonb_build_object('reason', coalesce((select mt.called_off_reason from meeting mt where mt.item_id = i.id), '')) else '{}' end,
			coalesce(c.slug, ''), coalesce(t.kind, ''), coalesce(t.number, 0), case when i.parent_id is not null then i.number else 0 end,
			case when gone.it then '' else coalesce(t.title, '') end, coalesce(t.lang, ''), gone.it, `+item.PathColumn+`
		from activity v left join account a on a.id = v.actor_id
		left join membership m on m.community_id = v.community_id and m.account_id = v.actor_id and m.state = 'member'
		left join account w on v.verb in ('community.admit', 'community.decline', 'community.appoint') and w.id = coalesce(v.concerned[1],
			(select n.account_id from membership n where n.community_id = v.community_id and n.number = (v.detail->>'number')::int))
		left join item i on i.id = v.item_id and `+community.Visible+` left join item t on t.id = coalesce(i.parent_id, i.id) left join community c on c.id = t.community_id
		cross join lateral (select coalesce(i.removed_at is not null or t.removed_at is not null, false) as it) gone
		where v.community_id = @community and `+ofPower+` and (@verb::text = '' or v.verb = @verb) and (@before::bigint = 0 or v.id < @before)
		order by v.id desc limit @most`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "verb": verb, "before": before, "most": PerPage + 1}))
	if err != nil {
		return Page{}, fmt.Errorf("acts in %s: %w", seat.Slug, err)
	}
	acts, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return Page{}, fmt.Errorf("acts in %s: %w", seat.Slug, err)
	}
	if len(acts) > PerPage {
		acts = acts[:PerPage]
		return Page{Acts: acts, Older: acts[PerPage-1].ID}, nil
	}
	return Page{Acts: acts}, nil
}

func scan(row pgx.CollectableRow) (Act, error) {
	var a Act
	var detail []byte
	u := &a.Subject
	if err := row.Scan(&a.ID, &a.At, &a.Verb, &a.By, &a.Number, &a.Whom, &detail, &u.Slug, &u.Kind, &u.Number, &u.Reply, &u.Title, &u.Lang, &u.Gone, &u.Path); err != nil {
		return a, err
	}
	if err := json.Unmarshal(detail, &a.Detail); err != nil {
		return a, fmt.Errorf("act %d: %w", a.ID, err)
	}
	return a, nil
}
