package criteria

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/respond"
	"urbanfluxes.eu/koinon/web/ui"
)

// shown is the page of a criterion.
type shown struct {
	criterion.Whole
	Slug       string
	Now        time.Time
	Categories []criterion.Category
	Problems   ui.Problems
	Acts       lifeForm
	Rating     *ratingForm // as typed; nil: as it stands
}

func (h handlers) show(w http.ResponseWriter, r *http.Request) error {
	x, err := h.whole(r)
	if err != nil {
		return err
	}
	return respond.OK(w, r, x.page())
}

// whole is the criterion that an address names, as its page shows it; who opens it knows what was told of it.
func (h handlers) whole(r *http.Request) (shown, error) {
	n, err := number(r)
	if err != nil {
		return shown{}, err
	}
	c, err := h.Criteria.Read(r.Context(), here(r).Seat, n)
	if err != nil {
		return shown{}, err
	}
	categories, err := h.Criteria.Categories(r.Context(), locale.Of(r.Context()))
	if err != nil {
		return shown{}, err
	}
	h.Marks.Read(here(r).Account.ID, c.ID, 0, here(r).Now)
	return h.offering(r, shown{Whole: c, Slug: here(r).Seat.Slug, Now: h.Now(), Categories: categories})
}

// code of a criterion, as people write it.
func code(number int) string { return "C-" + strconv.Itoa(number) }

// at is the address of an act on the criterion, or of a page about a part of it.
func (x shown) at(act string) string { return link.CriterionAct(x.Slug, x.Number, act) }

// category is the name of the criterion's category; empty without one.
func (x shown) category() string { return nameOf(x.Categories, x.Category) }

func nameOf(all []criterion.Category, key string) string {
	for _, c := range all {
		if c.Key == key {
			return c.Name
		}
	}
	return ""
}

// target in words: "grid spacing ≤ 100 m"; empty where nothing was said.
func target(ctx context.Context, t criterion.Target) string {
	text := t.Measure
	if t.Numeric() {
		if text != "" {
			text += " "
		}
		if t.Comparator == criterion.Between {
			text += locale.Decimal(ctx, t.Value) + "–" + locale.Decimal(ctx, t.To)
		} else {
			text += t.Comparator.Sign() + "\u00a0" + locale.Decimal(ctx, t.Value)
		}
		if t.Unit != "" {
			text += "\u00a0" + t.Unit
		}
	}
	return text
}
