package criteria

import (
	"net/http"
	"time"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/respond"
)

// annexPage is the way from each criterion to its verdicts, as the annex of a report.
type annexPage struct {
	registerList
	Behind map[item.ID]*criterion.Traced
	City   string
	Now    time.Time
}

func (h handlers) annex(w http.ResponseWriter, r *http.Request) error {
	f := readRegister(r)
	f.Most = criterion.MaxAnnex
	x, err := h.registerList(r, f)
	if err != nil {
		return err
	}
	behind, err := h.Criteria.Trace(r.Context(), here(r).Seat, x.Rows)
	if err != nil {
		return err
	}
	return respond.OK(w, r, annexPage{x, behind, here(r).Community.Name(locale.Of(r.Context())), h.Now().In(here(r).Community.Location())}.sheet())
}
