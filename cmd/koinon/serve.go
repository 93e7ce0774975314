package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/programme/demo"
	"urbanfluxes.eu/koinon/web"
)

// serve runs the site until ctx ends, then finishes what is running.
func serve(ctx context.Context, c config, log *slog.Logger, out io.Writer) (err error) {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen at %s: %w", c.Listen, err)
	}
	defer listener.Close()
	// The database outlives the request to stop: what is running still needs it.
	db, err := open(context.WithoutCancel(ctx), c, log, true)
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
	if c.Demo {
		if err := demo.Load(ctx, pool, time.Now()); err != nil {
			return err
		}
	}
	return serveAt(ctx, c, pool, log, listener, out)
}

// serveAt serves at the listener until ctx ends: first what runs beside the site, then the site, and at the end both are finished.
func serveAt(ctx context.Context, c config, pool *postgres.Pool, log *slog.Logger, listener net.Listener, out io.Writer) (err error) {
	jobs, accounts, err := background(c, pool, log)
	if err != nil {
		return err
	}
	if err := jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("background work: %w", err)
	}
	marks, sessions, measured := item.NewMarks(pool), account.NewSessions(pool), newMetrics(pool)
	aside, stopAside := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer running.Wait()
	defer stopAside()
	running.Go(func() { marks.Run(aside) })
	running.Go(func() { keepSeen(aside, sessions, log) })
	if c.MetricsListen != "" {
		stopMetrics, err := measured.listen(c.MetricsListen, log)
		if err != nil {
			return err
		}
		defer stopMetrics()
	}
	server := newServer(web.New(web.Site{DB: pool, Accounts: accounts, Sessions: sessions, Marks: marks, Base: c.BaseURL.String(), Secure: c.BaseURL.Scheme == "https", Demo: c.Demo,
		MailDir: c.mailDir(), MailFrom: c.MailFrom, Trusted: c.TrustedProxies, Log: log, Seen: measured.seen, Now: time.Now, Ready: func(r *http.Request) error { return pool.Ping(r.Context()) }}), log)
	announce(c, out)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		log.Info("finishing what is running")
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		return errors.Join(server.Shutdown(last), jobs.Stop(last))
	}
}

// newServer bounds how long anybody may keep a connection; files are given more time where they are read.
func newServer(site http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: site, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second, WriteTimeout: 120 * time.Second, IdleTimeout: 120 * time.Second,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
}

// keepSeen writes now and then when sessions were last used.
func keepSeen(ctx context.Context, sessions *account.Sessions, log *slog.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := sessions.FlushSeen(ctx); err != nil {
				log.Warn("last use of sessions not written", "error", err)
			}
		}
	}
}

func announce(c config, out io.Writer) {
	fmt.Fprintf(out, "\nKoinon is at %s\n", c.BaseURL)
	if c.Demo {
		fmt.Fprintf(out, "Look around as a stakeholder, a coordinator or a scientist: %s%s\nMails that would have been sent: %s%s\n", c.BaseURL, link.LookAround, c.BaseURL, link.Mailbox)
	}
	fmt.Fprintln(out, "Stop with Ctrl-C.")
}
