package criterion_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
)

// trial is a town in which a criterion was raised, a product is made in the umbrella, and a release of it published.
type trial struct {
	*town
	criterion        int
	id               item.ID
	product, release item.ID
	maker            community.Seat // makes it, and belongs to another community
}

func newTrial(t rapid.TB, w *town, target criterion.Target, askers ...community.Seat) *trial {
	t.Helper()
	made, err := w.store.Raise(context.Background(), w.simon, criterion.New{Statement: "Shows every courtyard", Lang: "en", Audience: item.Programme, Target: target, Request: uuid.New()})
	if err != nil {
		t.Fatal(err)
	}
	x := &trial{town: w, criterion: made.Number, id: made.ID}
	for _, a := range askers {
		x.asks(t, a)
	}
	elsewhere := w.id(t, `insert into community (slug, kind, lang, zone, visibility, stage_since, founded, created_at) values ($1, 'umbrella', 'en', 'Europe/Zurich', 'public', now(), now(), now()) returning id`, fmt.Sprintf("umbrella-%d", towns.Add(1)))
	x.maker = w.seat(t, "maker", community.Member, community.Scientist)
	w.run(t, `update membership set community_id = $1, number = 1 where account_id = $2`, elsewhere, x.maker.Account)
	x.maker.Standing, x.maker.Reach.Mine = community.Elsewhere, []int64{elsewhere}
	x.product = x.puts(t, elsewhere, "product", "Heat map", nil, 1)
	w.run(t, `insert into product (item_id, community_id, slug, form, state) values ($1, $2, $3, 'map', 'available')`, x.product, elsewhere, fmt.Sprintf("heat-map-%d", x.product))
	x.makes(t, x.maker)
	x.release = x.publishes(t, "1.0")
	return x
}

func (w *town) run(t rapid.TB, sql string, args ...any) {
	t.Helper()
	if _, err := w.db.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *town) id(t rapid.TB, sql string, args ...any) (id int64) {
	t.Helper()
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func (x *trial) puts(t rapid.TB, in int64, kind, title string, parent *item.ID, number int) item.ID {
	t.Helper()
	id := item.ID(x.town.id(t, `insert into item (community_id, kind, number, parent_id, title, lang, audience, created_at, updated_at, active_at) values ($1, $2, $3, $4, $5, 'en', 0, $6, $6, $6) returning id`, in, kind, number, parent, title, x.now))
	x.run(t, `insert into item_text (item_id, body, html, renderer) values ($1, '', '', 1)`, id)
	return id
}

// releases a version of the product.
func (x *trial) publishes(t rapid.TB, version string) item.ID {
	t.Helper()
	in := x.town.id(t, `select community_id from item where id = $1`, x.product)
	n := int(x.town.id(t, `update product set releases = releases + 1 where item_id = $1 returning releases`, x.product))
	id := x.puts(t, in, "release", version, &x.product, n)
	x.run(t, `insert into release (item_id, community_id, product_id, slug, state, published_on) values ($1, $2, $3, $4, 'published', '2027-01-01')`, id, in, x.product, fmt.Sprintf("r-%d", n))
	return id
}

func (x *trial) makes(t rapid.TB, who community.Seat) {
	t.Helper()
	x.run(t, `insert into product_maker (product_id, account_id, position) select $1, $2, count(*) + 1 from product_maker where product_id = $1`, x.product, who.Account)
}

// asks writes who asked for the criterion.
func (x *trial) asks(t rapid.TB, who community.Seat) {
	t.Helper()
	x.run(t, `insert into criterion_source (community_id, criterion_id, n, form, words, lang, speaker_id, perspective, at)
		select c.community_id, c.item_id, count(s.id) + 1, 'person', 'Where is it hot?', 'en', $2, 'stakeholder', $3 from criterion c left join criterion_source s on s.criterion_id = c.item_id where c.item_id = $1 group by c.item_id`, x.id, who.Account, x.now)
}

func (x *trial) newClaim() criterion.NewClaim {
	return criterion.NewClaim{Release: x.release, Extent: criterion.Fully, Evidence: "See the [map](https://example.org).", Lang: "en", Request: uuid.New()}
}

// claims by the maker; the number of the claim.
func (x *trial) claims(t rapid.TB) int {
	t.Helper()
	made, err := x.store.Claim(context.Background(), x.maker, x.criterion, x.newClaim())
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

func (x *trial) says(t rapid.TB, who community.Seat, claim int, v criterion.Verdict) {
	t.Helper()
	if err := x.answers(who, claim, v); err != nil {
		t.Fatal(err)
	}
}

func (x *trial) answers(who community.Seat, claim int, v criterion.Verdict) error {
	_, k, err := x.store.ReadClaim(context.Background(), who, x.criterion, claim)
	if err != nil {
		return err
	}
	return x.store.Answer(context.Background(), who, x.criterion, claim, criterion.Answer{Verdict: v, Reason: "We looked at it.", Lang: "en", Edition: k.Edition})
}

// stands fails unless claim and criterion are so.
func (x *trial) stands(t testing.TB, claim int, state criterion.ClaimState, f criterion.Fulfilment) {
	t.Helper()
	c, k, err := x.store.ReadClaim(context.Background(), x.coord, x.criterion, claim)
	if err != nil {
		t.Fatal(err)
	}
	if k.State != state || c.Fulfilment != f {
		t.Errorf("the claim is %s and the criterion %s, want %s and %s", k.State, c.Fulfilment, state, f)
	}
}

// problem is the key of the first problem of an error.
func problem(err error) string {
	if p := fault.Problems(err); len(p) > 0 {
		return p[0].Field + " " + p[0].Key
	}
	return ""
}
