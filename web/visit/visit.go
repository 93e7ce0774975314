// Package visit carries what the guards learned about a request to handlers and pages.
package visit

import (
	"context"
	"time"

	"urbanfluxes.eu/koinon/internal/community"
)

// Visit is who came, where to, and with which seat.
type Visit struct {
	community.Arrival
	Seat      community.Seat // in Arrival.Community, when there is one
	Path      string         // address of this page with its query, to come back to
	RequestID string
	Notice    string // key of a message to show once, after a redirect
	Now       time.Time
}

type key struct{}

// With returns a context that carries v.
func With(ctx context.Context, v *Visit) context.Context { return context.WithValue(ctx, key{}, v) }

// Of is the visit of ctx; an empty one (nobody, nowhere) outside a request.
func Of(ctx context.Context) *Visit {
	if v, ok := ctx.Value(key{}).(*Visit); ok {
		return v
	}
	return &Visit{Now: time.Now()}
}

// SignedIn reports whether somebody with an account came.
func (v *Visit) SignedIn() bool { return v.Account.SignedIn() }
