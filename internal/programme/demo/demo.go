// Package demo holds the demonstration programme in the open format: three cities and the umbrella over them, with invented people who talk.
package demo

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/programme"
)

//go:embed data
var files embed.FS

// guides are the people to look around as: role, handle, community.
var guides = [][3]string{{"stakeholder", "regula-ammann", "basel"}, {"coordinator", "eleni-markaki", "heraklion"}, {"scientist", "priya-raman", "london"}}

func column(n int) []string {
	var all []string
	for _, g := range guides {
		all = append(all, g[n])
	}
	return all
}

// Roles, Handles and Slugs are the people to look around as, in the same order.
func Roles() []string { return column(0) }

// Handles of them.
func Handles() []string { return column(1) }

// Slugs of the communities in which they stand.
func Slugs() []string { return column(2) }

// Load puts the demonstration programme into an empty installation, all of it or nothing, as if it were going on now. It does nothing when
// somebody is there already.
func Load(ctx context.Context, db postgres.DB, now time.Time) error {
	data, err := fs.Sub(files, "data")
	if err == nil {
		err = programme.Import(ctx, db, data, programme.Options{Shift: now})
	}
	if err != nil && !errors.Is(err, programme.ErrNotEmpty) {
		return fmt.Errorf("demonstration: %w", err)
	}
	return nil
}
