package criterion

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MaxTogether is how many criteria may be changed at once.
const MaxTogether = 200

// Act is what is done to many criteria at once.
type Act string

// The acts on many criteria.
const (
	Sort    Act = "category" // into a category, or out of all
	Concern Act = "product"  // one more product
	AgreeOn Act = "agree"
	PutOff  Act = "park"
	Refuse  Act = "decline"
)

// Chosen is a criterion as it stood on the page on which it was chosen.
type Chosen struct {
	Number, Revision int
	State            State
}

// Together is one act on many criteria.
type Together struct {
	Act      Act
	Chosen   []Chosen
	Category string // key; empty: none
	Product  item.ID
	Step     Step
	Request  uuid.UUID
}

var leadsTo = map[Act]State{AgreeOn: Agreed, PutOff: Parked, Refuse: Declined}

func (t Together) check() error {
	var in fault.Invalid
	in.Check(len(t.Chosen) > 0, "chosen", "bulk-none")
	in.Check(len(t.Chosen) <= MaxTogether, "chosen", "bulk-many", "max", MaxTogether)
	in.Check(t.Act != Concern || t.Product != 0, "product", "choose")
	in.Check(t.Act != AgreeOn || !t.Step.On.IsZero(), "on", "date")
	in.Check(t.Act != Refuse || t.Step.Reason != "", "reason", "required")
	return in.Err()
}

// ChangeTogether does one act to many criteria: to all of them, or, where one of them stands in the way, to none. It says how many were changed.
// Every one that changed since it was chosen, or that does not take the act, is named in a problem of "chosen".
func (s Store) ChangeTogether(ctx context.Context, seat community.Seat, t Together) (int, error) {
	may, known := map[Act]community.Permission{Sort: community.Word, Concern: community.Word, AgreeOn: community.Judge, PutOff: community.Judge, Refuse: community.Judge}[t.Act]
	if !known {
		if err := seat.Must(community.Word); err != nil {
			return 0, err
		}
		return 0, fault.One("act", "choose")
	}
	if err := seat.Must(may); err != nil {
		return 0, err
	}
	slices.SortFunc(t.Chosen, func(a, b Chosen) int { return a.Number - b.Number })
	t.Chosen = slices.CompactFunc(t.Chosen, func(a, b Chosen) bool { return a.Number == b.Number })
	if err := t.check(); err != nil {
		return 0, err
	}
	changed := 0
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Once(ctx, tx, seat, t.Request, 0, s.now())
		if err != nil || !first {
			return err
		}
		held, err := s.holdChosen(ctx, tx, seat, t.Chosen)
		if err != nil {
			return err
		}
		changed = len(held)
		if to := leadsTo[t.Act]; to != "" {
			return s.moveTogether(ctx, tx, seat, held, to, t.Step)
		}
		return s.sortTogether(ctx, tx, seat, held, t)
	})
	return changed, err
}

// holdChosen locks the chosen criteria in one order for everybody, and is a problem where one is not as it was chosen.
func (s Store) holdChosen(ctx context.Context, tx pgx.Tx, seat community.Seat, chosen []Chosen) ([]placed, error) {
	numbers := make([]int, len(chosen))
	for n, c := range chosen {
		numbers[n] = c.Number
	}
	rows, err := tx.Query(ctx, `select i.id, i.number, c.state, i.revision from item i join criterion c on c.item_id = i.id
		where i.community_id = @community and i.kind = 'criterion' and i.number = any(@numbers::integer[]) and i.parent_id is null and i.removed_at is null and `+community.Visible+` order by i.id for update of i, c`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "numbers": numbers}))
	if err != nil {
		return nil, fmt.Errorf("criteria chosen: %w", err)
	}
	held, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p placed, err error) {
		return p, row.Scan(&p.id, &p.number, &p.state, &p.revision)
	})
	if err != nil {
		return nil, fmt.Errorf("criteria chosen: %w", err)
	}
	var in fault.Invalid
	for _, c := range chosen {
		at := slices.IndexFunc(held, func(p placed) bool { return p.number == c.Number })
		in.Check(at >= 0 && held[at].revision == c.Revision && held[at].state == c.State, "chosen", "bulk-changed", "code", codeOf(c.Number))
	}
	return held, in.Err()
}

func codeOf(number int) string { return fmt.Sprintf("C-%d", number) }

// moveTogether takes each to another state, and names every one that does not go there.
func (s Store) moveTogether(ctx context.Context, tx pgx.Tx, seat community.Seat, held []placed, to State, on Step) error {
	var in fault.Invalid
	for _, p := range held {
		in.Check(p.state.May(to), "chosen", "bulk-state", "code", codeOf(p.number))
	}
	if err := in.Err(); err != nil {
		return err
	}
	for _, p := range held {
		if err := s.moveIn(ctx, tx, seat, p.number, to, on); err != nil {
			return err
		}
	}
	return nil
}

// sortTogether puts all into a category, or adds a product to all, and keeps the state before as a revision of each.
func (s Store) sortTogether(ctx context.Context, tx pgx.Tx, seat community.Seat, held []placed, t Together) error {
	var in fault.Invalid
	for _, p := range held {
		in.Check(p.state != Merged, "chosen", "bulk-merged", "code", codeOf(p.number))
	}
	if err := in.Err(); err != nil {
		return err
	}
	args := pgx.NamedArgs{"community": seat.Community, "ids": ids(heldIDs(held)), "me": seat.Account, "now": s.now(), "product": t.Product}
	change := `insert into criterion_product (community_id, criterion_id, product_id) select @community, id, @product::bigint from unnest(@ids::bigint[]) id on conflict do nothing`
	if t.Act == Sort {
		category, err := categoryOf(ctx, tx, t.Category)
		if err != nil {
			return err
		}
		args["category"] = category
		change = `update criterion set category_id = @category::bigint where community_id = @community and item_id = any(@ids::bigint[])`
	} else if err := mustOffer(ctx, tx, seat, []item.ID{t.Product}); len(fault.Problems(err)) > 0 {
		return fault.One("product", "choose")
	} else if err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`insert into item_revision (item_id, revision, title, lang, body, detail, by_id, at)
		select i.id, i.revision, i.title, i.lang, t.body, `+targetLine+`, i.updated_by, i.updated_at from item i join item_text t on t.item_id = i.id join criterion c on c.item_id = i.id where i.community_id = @community and i.id = any(@ids::bigint[])`, args)
	b.Queue(change, args)
	b.Queue(`update item set revision = revision + 1, updated_at = @now, updated_by = @me, active_at = @now where community_id = @community and id = any(@ids::bigint[])`, args)
	b.Queue(`insert into activity (at, actor_id, verb, item_id, community_id, concerned) select @now, @me, 'criterion.word', id, @community, '{}' from unnest(@ids::bigint[]) id`, args)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("sort criteria together: %w", err)
	}
	return nil
}

func heldIDs(held []placed) []item.ID {
	all := make([]item.ID, len(held))
	for n, p := range held {
		all[n] = p.id
	}
	return all
}
