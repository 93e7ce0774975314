package criterion_test

import (
	"errors"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestMakerClaimsAndWhoAskedAccepts(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	x := newTrial(t, w, criterion.Target{Measure: "grid spacing", Comparator: criterion.AtMost, Value: 100, Unit: "m"}, w.stella)
	form, ninety := x.newClaim(), 90.0
	form.Measured, form.Unit, form.Limits = &ninety, "m", "Not for *forests*."
	made, err := x.store.Claim(t.Context(), x.maker, x.criterion, form)
	if err != nil {
		t.Fatal(err)
	}
	again, err := x.store.Claim(t.Context(), x.maker, x.criterion, form)
	if err != nil || again.ID != made.ID || !again.Before {
		t.Errorf("the same form made %v, %v, want the first claim", again, err)
	}
	c, k, err := x.store.ReadClaim(t.Context(), w.stella, x.criterion, made.Number)
	if err != nil || c.Fulfilment != criterion.Waiting || k.State != criterion.ClaimOpen || k.Title != "Heat map 1.0" || *k.Measured != 90 || !k.MayAnswer() || k.Asked != 1 {
		t.Errorf("read %+v, %+v, %v", c, k, err)
	}
	if k.AnswerBy.Sub(w.now) != criterion.AnswerDays*24*time.Hour {
		t.Errorf("to be answered by %v", k.AnswerBy)
	}
	if n := w.id(t, `select count(*) from activity where item_id = $1 and verb = 'claim.make' and concerned = array[$2::bigint]`, made.ID, w.stella.Account); n != 1 {
		t.Error("who asked is not told of the claim")
	}
	if n := w.id(t, `select count(*) from river_job where kind = 'letter' and (args->'Letter'->>'account')::bigint = $1 and args->'Letter'->>'kind' = 'claim'`, w.stella.Account); n != 1 {
		t.Errorf("who asked gets %d letters, want one", n)
	}
	x.says(t, w.stella, made.Number, criterion.Accepted)
	x.stands(t, made.Number, criterion.ClaimAccepted, criterion.Met)
}

func TestWhoMayClaim(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	x := newTrial(t, w, criterion.Target{}, w.stella)
	former := w.seat(t, "former", community.Member, community.Stakeholder)
	x.makes(t, former)
	x.run(t, `update product_maker set ended_at = now() where account_id = $1`, former.Account)
	elsewhere := w.seat(t, "elsewhere", community.Elsewhere, community.Scientist)
	for name, c := range map[string]struct {
		seat community.Seat
		want bool
	}{
		"a member":                         {w.stella, false},
		"a scientist":                      {w.simon, true},
		"a coordinator":                    {w.coord, true},
		"a member elsewhere":               {elsewhere, false},
		"a member elsewhere who makes it":  {x.maker, true},
		"a member who made it once":        {former, false},
		"a stranger":                       {w.nobody, false},
		"an administrator without a place": {community.Seat{Community: w.here, Slug: w.slug, Account: elsewhere.Account, Administers: true, Reach: community.Reach{Me: elsewhere.Account, Mine: []int64{}, Coordinated: []int64{}, Everywhere: true}}, false},
	} {
		form := x.newClaim()
		form.Release = x.publishes(t, "of "+name[:3])
		_, err := w.store.Claim(t.Context(), c.seat, x.criterion, form)
		if (err == nil) != c.want || !c.want && !errors.Is(err, fault.Forbidden) && !errors.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, may %v", name, err, c.want)
		}
		_, all, err := w.store.ReleasesToClaim(t.Context(), c.seat, x.criterion)
		if (err == nil && len(all) > 0) != c.want {
			t.Errorf("%s is offered %d releases: %v", name, len(all), err)
		}
	}
	x.run(t, `delete from item where parent_id = $1`, x.id)
	x.run(t, `update item set audience = 2 where id = $1`, x.id)
	if _, err := w.store.Claim(t.Context(), x.maker, x.criterion, x.newClaim()); !errors.Is(err, fault.NotFound) {
		t.Errorf("claimed on a criterion that cannot be read: %v", err)
	}
}

func TestWhatCannotBeClaimed(t *testing.T) {
	t.Parallel()
	seconds := 5.0
	for name, c := range map[string]struct {
		change func(x *trial, n *criterion.NewClaim)
		want   string
	}{
		"no release":                   {func(x *trial, n *criterion.NewClaim) { n.Release = 0 }, "release choose"},
		"something that is no release": {func(x *trial, n *criterion.NewClaim) { n.Release = x.product }, "release choose"},
		"a planned one":                {func(x *trial, n *criterion.NewClaim) { x.run(t, `update release set state = 'planned'`) }, "release not-published"},
		"a withdrawn one":              {func(x *trial, n *criterion.NewClaim) { x.run(t, `update release set state = 'withdrawn'`) }, "release not-published"},
		"one for fewer than read this": {func(x *trial, n *criterion.NewClaim) {
			x.run(t, `update item set audience = 1 where id = $1`, x.release)
			x.run(t, `update item set audience = 0 where id = $1`, x.id)
		}, "release narrower-release"},
		"one of a hidden product": {func(x *trial, n *criterion.NewClaim) {
			x.run(t, `update item set removed_at = now() where id = $1`, x.product)
		}, "release choose"},
		"on a parked criterion":           {func(x *trial, n *criterion.NewClaim) { x.run(t, `update criterion set state = 'parked'`) }, "release not-standing"},
		"without evidence":                {func(x *trial, n *criterion.NewClaim) { n.Evidence = "" }, "evidence required"},
		"neither fully nor partly":        {func(x *trial, n *criterion.NewClaim) { n.Extent = "mostly" }, "extent choose"},
		"seconds where metres were asked": {func(x *trial, n *criterion.NewClaim) { n.Measured, n.Unit = &seconds, "s" }, "unit other-dimension"},
		"a unit of nothing":               {func(x *trial, n *criterion.NewClaim) { n.Unit = "km" }, "measured number"},
		"one that stands already":         {func(x *trial, n *criterion.NewClaim) { x.claims(t) }, "release claimed-already"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, testdb.Tx(t))
			x := newTrial(t, w, criterion.Target{Comparator: criterion.AtMost, Value: 100, Unit: "m"}, w.stella)
			form := x.newClaim()
			c.change(x, &form)
			before := w.id(t, `select count(*) from claim`)
			if _, err := w.store.Claim(t.Context(), w.simon, x.criterion, form); problem(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if after := w.id(t, `select count(*) from claim`); after != before {
				t.Error("something was stored")
			}
		})
	}
}
