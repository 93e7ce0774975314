package admin_test

import (
	"slices"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
	"urbanfluxes.eu/koinon/web/webtest"
)

func topicKeys(t *testing.T, s *webtest.Site) string {
	t.Helper()
	all, err := practice.NewStore(s.DB, nil).Topics(t.Context(), locale.English)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, topic := range all {
		keys = append(keys, topic.Key)
	}
	return strings.Join(keys, " ")
}

func TestAdministratorsKeepTheTopics(t *testing.T) {
	t.Parallel()
	s, admin := administrator(t)
	names := []string{"name-en", "Roofs & walls", "name-de", "Dächer", "name-fr", "Toits", "name-el", "Στέγες"}
	admin.Post("/admin/topics/add", "name-en", "Roofs & walls").Sees(t, 422, "Roofs &amp; walls", "Name in Greek")
	admin.Post("/admin/topics/add", names...).Sees(t, 303)
	admin.Post("/admin/topics/add", names...).Sees(t, 422, "already")
	admin.Get("/admin/topics").Sees(t, 200, "Roofs &amp; walls", "Dächer")
	admin.Post("/admin/topics/communication/retire", "retired", "yes").Sees(t, 303)
	admin.Post("/admin/topics/roofs-walls/move", "to", "up").Sees(t, 303)
	admin.Post("/admin/topics/heat-health/move", "to", "up").Sees(t, 303)
	admin.Post("/admin/topics/modelling/move", "to", "down").Sees(t, 303) // nothing that is offered stands below
	if got, want := topicKeys(t, s), "heat-health greenery water energy planning measurement roofs-walls modelling"; got != want {
		t.Errorf("topics: got %s, want %s", got, want)
	}
	admin.Post("/admin/topics/communication/retire", "retired", "no").Sees(t, 303)
	if got, want := topicKeys(t, s), "heat-health greenery water energy planning measurement roofs-walls modelling communication"; got != want {
		t.Errorf("topics: got %s, want %s", got, want)
	}
	admin.Post("/admin/topics/none/names", names...).Sees(t, 404)
	admin.Post("/admin/topics/none/move", "to", "up").Sees(t, 404)
}

func TestATopicIsRenamedByOneAtATimeAndKeepsItsKey(t *testing.T) {
	t.Parallel()
	s, admin := administrator(t)
	was := []string{"was-en", "Water in the city", "was-de", "Wasser in der Stadt", "was-fr", "L’eau en ville", "was-el", "Νερό στην πόλη"}
	names := []string{"name-en", "Rain", "name-de", "Regen", "name-fr", "Pluie", "name-el", "Βροχή"}
	admin.Get("/admin/topics/water/names").Sees(t, 200, `value="Water in the city"`, `name="was-el"`)
	admin.Post("/admin/topics/water/names", append(slices.Clone(was), "name-en", "Energy and waste heat", "name-de", "Regen", "name-fr", "Pluie", "name-el", strings.Repeat("β", practice.MaxTopicName+1))...).Sees(t, 422, "This is too long: at most 60")
	admin.Post("/admin/topics/water/names", append(slices.Clone(was), "name-en", "Energy and waste heat", "name-de", "Regen", "name-fr", "Pluie", "name-el", "Βροχή")...).Sees(t, 422, "already")
	admin.Post("/admin/topics/water/names", append(slices.Clone(was), names...)...).Sees(t, 303)
	admin.Post("/admin/topics/water/names", append(slices.Clone(was), names...)...).Sees(t, 303) // the same once more
	stale := append(slices.Clone(was), "name-en", "Ponds", "name-de", "Teiche", "name-fr", "Étangs", "name-el", "Λίμνες")
	admin.Post("/admin/topics/water/names", stale...).Sees(t, 409, "Ponds", "Regen", `value="Rain"`)
	admin.Get("/admin/topics").Sees(t, 200, "Rain").Misses(t, "Ponds")
	if got := topicKeys(t, s); !strings.Contains(got, " water ") {
		t.Errorf("topics: %s", got)
	}
}
