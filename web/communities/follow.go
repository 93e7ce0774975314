package communities

import (
	"context"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/web/ui"
	"urbanfluxes.eu/koinon/web/visit"
)

// follow is how closely the reader follows the community; nil for who does not belong to it.
func (h handlers) follow(ctx context.Context, v *visit.Visit) (*ui.Follow, error) {
	if !v.Seat.Can(community.Follow) {
		return nil, nil
	}
	l, err := h.Notices.Level(ctx, v.Account.ID, v.Seat.Community, 0)
	return &ui.Follow{Action: link.Follow(v.Seat.Slug), Level: l.Level, From: l.From, Own: l.Own, Above: l.Above, Community: v.Community.Name(locale.Of(ctx))}, err
}
