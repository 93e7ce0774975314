// Koinon is a web application in which the communities of practice of a research programme live.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

const usage = `koinon COMMAND

  serve                     serve the site (KOINON_DEMO=yes: with the demonstration programme)
  migrate                   bring the database to the newest schema
  administrator MAIL NAME   give somebody the administrator's rights and print a link to sign in
  help                      print this

Settings are environment variables; the README lists them.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "koinon:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	command := "help"
	if len(args) > 0 {
		command = args[0]
	}
	if command == "help" || command == "-h" || command == "--help" {
		fmt.Fprint(out, usage)
		return nil
	}
	c, err := readConfig(getenv)
	if err != nil {
		return fmt.Errorf("settings:\n%w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	slog.SetDefault(log)
	switch command {
	case "serve":
		return serve(ctx, c, log, out)
	case "migrate":
		return migrate(ctx, c, log, out)
	case "administrator":
		if len(args) != 3 {
			return fmt.Errorf("administrator takes a mail address and a name")
		}
		return administrator(ctx, c, log, out, args[1], args[2])
	default:
		return fmt.Errorf("there is no command %q; «koinon help» lists them", command)
	}
}
