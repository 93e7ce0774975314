package communities_test

import (
	"testing"

	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/communities"
	"urbanfluxes.eu/koinon/web/guard"
	"urbanfluxes.eu/koinon/web/webtest"
)

// town has the pages of its communities.
type town struct{ *webtest.Town }

type person = webtest.Person

func newTown(t *testing.T) *town {
	t.Helper()
	return &town{webtest.NewTown(t, func(d *webtest.Town, r chi.Router, door guard.Door) {
		communities.Mount(r, door, communities.Stores{Criteria: criterion.NewStore(d.DB, d.Clock), Communities: d.Communities, Items: item.NewStore(d.DB, d.Clock), Meetings: meeting.NewStore(d.DB, d.Clock), Entries: practice.NewStore(d.DB, d.Clock), Notices: notice.NewStore(d.DB, d.Clock)})
	})}
}

// kinds of the letters enqueued so far, in their order.
func (d *town) kinds() (all []string) {
	for _, l := range d.Letters() {
		all = append(all, l.Kind)
	}
	return all
}
