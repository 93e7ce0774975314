package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// administrator gives the rights and prints a link to sign in, so that an installation needs no mail to begin with.
func administrator(ctx context.Context, c config, log *slog.Logger, out io.Writer, email, name string) (err error) {
	db, err := open(ctx, c, log, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := postgres.Migrate(ctx, db.direct); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, db.url)
	if err != nil {
		return err
	}
	defer pool.Close()
	store := account.NewStore(pool, nil, c.SignUpOpen, time.Now)
	id, err := store.MakeAdministrator(ctx, email, name)
	if err != nil {
		return err
	}
	link := ""
	writer := account.Writer{Store: store,
		Compose: func(_ context.Context, w account.Written) (mail.Message, error) {
			link = c.BaseURL.String() + w.Path
			return mail.Message{}, nil
		},
		Send: func(context.Context, mail.Message) error { return nil }}
	if err := writer.Deliver(ctx, account.Letter{Kind: "sign-in", Account: id, Link: "sign-in"}); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s administers the programme. Sign in within 30 minutes:\n%s\n", email, link)
	return nil
}
