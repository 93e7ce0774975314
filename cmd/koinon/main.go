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
  export FILE.zip|FOLDER    write the whole programme in the open format of docs/format.md
  import FILE.zip|FOLDER    bring such a programme into an empty database
  backup FILE               dump the database with pg_dump
  restore FILE [--replace]  put a backup into an empty database, or in the place of what is there
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
	case "export", "import", "backup":
		if len(args) != 2 {
			return fmt.Errorf("%s takes one file or folder", command)
		}
		do := map[string]func(context.Context, config, *slog.Logger, io.Writer, string) error{"export": export, "import": bring, "backup": backup}[command]
		return do(ctx, c, log, out, args[1])
	case "restore":
		replace := len(args) == 3 && args[2] == "--replace"
		if len(args) != 2 && !replace {
			return fmt.Errorf("restore takes a file, and --replace if it may take the place of what is there")
		}
		return restore(ctx, c, log, out, args[1], replace)
	default:
		return fmt.Errorf("there is no command %q; «koinon help» lists them", command)
	}
}
