package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/embedded"
)

// database is the address of the server, past any pooler, and how to let go of it.
type database struct {
	url, direct string
	close       func() error
}

// open finds the database: the one named by the settings, or the private server. An owner keeps it for itself as the serving process.
func open(ctx context.Context, c config, log *slog.Logger, owner bool) (database, error) {
	if c.DatabaseURL != "" {
		return database{c.DatabaseURL, c.DirectURL, func() error { return nil }}, nil
	}
	begin := embedded.Open
	if owner {
		begin = embedded.Start
	}
	server, err := begin(ctx, embedded.Options{Dir: c.postgresDir(), Log: log})
	if errors.Is(err, embedded.ErrInUse) {
		return database{}, fmt.Errorf("another koinon is serving from %s already; stop it, or give this one a folder of its own with KOINON_DIR", c.Dir)
	}
	if err != nil {
		return database{}, err
	}
	return database{server.URL(), server.URL(), server.Close}, nil
}

func migrate(ctx context.Context, c config, log *slog.Logger, out io.Writer) (err error) {
	db, err := open(ctx, c, log, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := postgres.Migrate(ctx, db.direct); err != nil {
		return err
	}
	fmt.Fprintln(out, "The database is at the newest schema.")
	return nil
}
