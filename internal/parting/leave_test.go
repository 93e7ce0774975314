package parting_test

import (
	"sync"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/parting"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme/demo"
)

func TestOfTwoCoordinatorsWhoLeaveAtTheSameMomentOneStays(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	if err := demo.Load(t.Context(), db, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `update membership set role = case when account_id in (select id from account where handle in ('regula-ammann', 'silvan-oesch')) then 'coordinator' else 'member' end where community_id = (select id from community where slug = 'basel')`); err != nil {
		t.Fatal(err)
	}
	store := parting.NewStore(db, time.Now)
	results := make([]error, 2)
	var both sync.WaitGroup
	for n, handle := range []string{"regula-ammann", "silvan-oesch"} {
		a := account.Account{Handle: handle}
		if err := db.QueryRow(t.Context(), `select id, name, email, lang from account where handle = $1`, handle).Scan(&a.ID, &a.Name, &a.Email, &a.Lang); err != nil {
			t.Fatal(err)
		}
		both.Go(func() { results[n] = store.Leave(t.Context(), a, parting.Leaving{Email: a.Email}) })
	}
	both.Wait()
	left := 0
	for _, err := range results {
		switch problems := fault.Problems(err); {
		case err == nil:
			left++
		case len(problems) != 1 || problems[0].Key != "last-coordinator":
			t.Errorf("got %v", err)
		}
	}
	var stay int
	if err := db.QueryRow(t.Context(), `select count(*) from membership where role = 'coordinator' and state = 'member' and community_id = (select id from community where slug = 'basel')`).Scan(&stay); err != nil || left != 1 || stay != 1 {
		t.Errorf("%d left and %d stay, %v", left, stay, err)
	}
}

func TestNobodyLeavesTwiceOrInSomebodyElsesName(t *testing.T) {
	t.Parallel()
	tx := testdb.Tx(t)
	if err := demo.Load(t.Context(), tx, time.Now()); err != nil {
		t.Fatal(err)
	}
	store := parting.NewStore(tx, time.Now)
	a := account.Account{Handle: "urs-dettwiler"}
	if err := tx.QueryRow(t.Context(), `select id, name, email, lang from account where handle = $1`, a.Handle).Scan(&a.ID, &a.Name, &a.Email, &a.Lang); err != nil {
		t.Fatal(err)
	}
	if problems := fault.Problems(store.Leave(t.Context(), a, parting.Leaving{Email: "regula-ammann@example.org"})); len(problems) != 1 || problems[0].Key != "not-your-address" {
		t.Errorf("got %v", problems)
	}
	if err := store.Leave(t.Context(), a, parting.Leaving{Email: a.Email}); err != nil {
		t.Fatal(err)
	}
	if err := store.Leave(t.Context(), a, parting.Leaving{Email: a.Email}); err == nil {
		t.Error("somebody left twice")
	}
	var trace int
	if err := tx.QueryRow(t.Context(), `select count(*) from activity where verb = 'account.leave' and actor_id = $1`, a.ID).Scan(&trace); err != nil || trace != 1 {
		t.Errorf("%d traces, %v", trace, err)
	}
}
