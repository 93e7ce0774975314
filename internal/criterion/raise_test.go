package criterion_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestMemberRaisesACriterionInOneLineWithWhoAskedForIt(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	form := criterion.New{Statement: "Shows where the hotspots are", Lang: "en", Audience: item.Programme, Request: uuid.New(),
		Source: &criterion.NewSource{Form: criterion.FromPerson, Speaker: w.stella.Account, Words: "Where is it hot?"}}
	made, err := w.store.Raise(t.Context(), w.simon, form)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.store.Raise(t.Context(), w.simon, form)
	if err != nil || again.ID != made.ID || !again.Before {
		t.Errorf("the same form made %v, %v, want the first one", again, err)
	}
	c, err := w.store.Read(t.Context(), w.stella, made.Number)
	if err != nil || c.Statement != form.Statement || c.State != criterion.Raised || c.Fulfilment != criterion.Unclaimed {
		t.Errorf("read %+v, %v", c, err)
	}
	if _, err := w.store.Raise(t.Context(), w.nobody, form); !errors.Is(err, fault.Forbidden) {
		t.Errorf("a stranger raised one: %v", err)
	}
}
