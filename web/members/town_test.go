package members_test

import (
	"testing"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/members"
	"urbanfluxes.eu/koinon/web/webtest"
)

// town has the pages of its people.
type town struct{ *webtest.Town }

type person = webtest.Person

func newTown(t *testing.T) *town {
	t.Helper()
	return &town{webtest.NewTown(t, func(d *webtest.Town, r chi.Router, door guard.Door) { members.Mount(r, door, d.Communities) })}
}
