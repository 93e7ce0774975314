package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/embedded"
)

// tool is a program of PostgreSQL: beside the server's own, else on the path.
func tool(name string) (string, error) {
	if dir, err := embedded.Tools(); err == nil {
		if path := filepath.Join(dir, name); exec.Command(path, "--version").Run() == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s was not found; it comes with the client programs of PostgreSQL (postgresql-client on Debian and Ubuntu)", name)
	}
	return path, nil
}

// speaking is a program of PostgreSQL on a database. A password travels in the environment, where other users of the machine do not see it.
func speaking(ctx context.Context, name, dsn string, args ...string) (*exec.Cmd, error) {
	path, err := tool(name)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	if u, err := url.Parse(dsn); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			u.User = url.User(u.User.Username())
			dsn, cmd.Env = u.String(), append(cmd.Env, "PGPASSWORD="+password)
		}
	}
	cmd.Args = append(append(cmd.Args, "--dbname="+dsn, "--no-password"), args...)
	return cmd, nil
}

// complaint is what a program said before it failed: its last line that says something.
func complaint(program string, said *bytes.Buffer, err error) error {
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	for _, line := range lines {
		if strings.Contains(line, "ERROR") || strings.Contains(line, "error:") {
			return fmt.Errorf("%s failed: %s", program, strings.TrimSpace(line))
		}
	}
	return fmt.Errorf("%s failed: %s (%w)", program, lines[len(lines)-1], err)
}

// backup dumps the whole database, as it stands at this moment, into a file that is not there yet.
func backup(ctx context.Context, c config, log *slog.Logger, out io.Writer, name string) (err error) {
	if there, err := taken(name); err != nil || there {
		return errors.Join(err, refuseIf(there, "%s is there already; name another file", name))
	}
	db, err := open(ctx, c, log, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	unfinished, err := os.OpenFile(name+".unfinished", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(unfinished.Name())
	dump, err := speaking(ctx, "pg_dump", db.direct, "--format=custom", "--no-owner", "--no-privileges")
	if err != nil {
		return errors.Join(err, unfinished.Close())
	}
	var said bytes.Buffer
	dump.Stdout, dump.Stderr = unfinished, &said
	if err := dump.Run(); err != nil {
		return errors.Join(complaint("pg_dump", &said, err), unfinished.Close())
	}
	if err := errors.Join(unfinished.Sync(), unfinished.Close()); err != nil {
		return err
	}
	if err := os.Rename(unfinished.Name(), name); err != nil {
		return err
	}
	fmt.Fprintf(out, "The database is in %s. It holds everything, secrets too: keep it as you keep the database.\n", name)
	return nil
}

// restore puts a backup into an empty database, or in the place of what is there. One transaction: a backup that does not go in
// whole leaves everything as it was.
func restore(ctx context.Context, c config, log *slog.Logger, out io.Writer, name string, replace bool) (err error) {
	if info, err := os.Stat(name); err != nil || info.IsDir() {
		return fmt.Errorf("there is no file %s to restore", name)
	}
	db, err := open(ctx, c, log, true) // owning the private server: nobody serves from it meanwhile
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	if err := restorable(ctx, db.direct, replace); err != nil {
		return err
	}
	if err := pour(ctx, db.direct, name); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, db.direct); err != nil {
		return err
	}
	fmt.Fprintf(out, "The database of %s is back.\n", name)
	return nil
}

// restorable is nil when nobody serves from the database and, unless it is to be replaced, nothing of anybody's is in it.
func restorable(ctx context.Context, dsn string, replace bool) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var serving, used bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_stat_activity where datname = current_database() and application_name = 'koinon' and pid <> pg_backend_pid())`).Scan(&serving); err != nil {
		return err
	}
	if serving {
		return errors.New("a koinon is working with this database; stop it before you restore")
	}
	if replace {
		return nil
	}
	if err := conn.QueryRow(ctx, `select to_regclass('public.account') is not null`).Scan(&used); err != nil || !used {
		return err
	}
	if err := conn.QueryRow(ctx, `select exists (select from account) or exists (select from community)`).Scan(&used); err != nil {
		return err
	}
	return refuseIf(used, "there are people or communities in this database already; «koinon restore FILE --replace» puts the backup in their place, and what is here now will be gone")
}

// Reasons for which a backup that pg_restore reads is not let in.
const (
	notOurs = "this is no backup of a Koinon"
	tooNew  = "a newer Koinon wrote this backup; use that one, or a newer one"
)

// judged is the last statement of a restore: in the same transaction it takes everything back unless a Koinon of this program's schema,
// or of an earlier one, has come in.
func judged() (string, error) {
	newest, err := postgres.Newest()
	return fmt.Sprintf(`
;do $$ declare version bigint; begin
	if to_regclass('public.goose_db_version') is null or to_regclass('public.community') is null or to_regclass('public.membership') is null then
		raise exception '%[1]s';
	end if;
	select max(version_id) into version from public.goose_db_version where is_applied;
	if version is null then raise exception '%[1]s'; end if;
	if version > %[3]d then raise exception '%[2]s'; end if;
end $$;
`, notOurs, tooNew, newest), err
}

// pour reads a backup into a fresh schema, all of it or nothing.
func pour(ctx context.Context, dsn, name string) error {
	program, err := tool("pg_restore")
	if err != nil {
		return err
	}
	unpack := exec.CommandContext(ctx, program, "--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-", name)
	fill, err := speaking(ctx, "psql", dsn, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output="+os.DevNull,
		"--command=set client_min_messages = warning; drop schema public cascade; create schema public", "--file=-")
	if err != nil {
		return err
	}
	var unpackSaid, fillSaid bytes.Buffer
	unpack.Stderr, fill.Stderr = &unpackSaid, &fillSaid
	script, err := unpack.StdoutPipe()
	if err != nil {
		return err
	}
	// psql commits at the end of what it reads, so it must not see an end that is only pg_restore's failure.
	last, err := judged()
	if err != nil {
		return err
	}
	whole := &untilWhole{from: script, end: unpack.Wait, last: last}
	fill.Stdin = whole
	if err := unpack.Start(); err != nil {
		return err
	}
	if err := fill.Run(); err != nil {
		_ = unpack.Process.Kill() // it has nobody to write to
		if whole.failed != nil {
			return complaint("pg_restore", &unpackSaid, whole.failed)
		}
		return refusal(name, &fillSaid, err)
	}
	return nil
}

// refusal says why psql took no backup in: in our words where the reason is ours.
func refusal(name string, said *bytes.Buffer, err error) error {
	for _, reason := range []string{notOurs, tooNew} {
		if strings.Contains(said.String(), reason) {
			return fmt.Errorf("%s: %s", name, reason)
		}
	}
	return complaint("psql", said, err)
}

// untilWhole ends in a last statement, or, when the program behind its source failed, in one that cannot succeed.
type untilWhole struct {
	from   io.Reader
	end    func() error
	last   string
	rest   io.Reader
	failed error
}

// Read the script.
func (u *untilWhole) Read(p []byte) (int, error) {
	if u.rest != nil {
		return u.rest.Read(p)
	}
	n, err := u.from.Read(p)
	if n > 0 || err == nil {
		return n, nil
	}
	u.rest = strings.NewReader(u.last)
	if u.failed = u.end(); u.failed != nil {
		u.rest = strings.NewReader("\n;do $$ begin raise exception 'the backup is not whole'; end $$;\n")
	}
	return u.rest.Read(p)
}
