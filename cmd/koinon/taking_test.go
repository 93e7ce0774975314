package main_test

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/postgres/embedded"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

// command runs the program on the database below a folder of that name, and returns what it said.
func (p *program) command(home string, args ...string) (string, error) {
	cmd := exec.Command(p.binary, args...)
	cmd.Env = append(p.env(), "KOINON_DIR="+filepath.Join(p.dir, home))
	said, err := cmd.CombinedOutput()
	return string(said), err
}

func (p *program) mustCommand(home string, args ...string) {
	p.t.Helper()
	if said, err := p.command(home, args...); err != nil {
		p.t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, said)
	}
}

func (p *program) refuses(home, want string, args ...string) {
	p.t.Helper()
	said, err := p.command(home, args...)
	if err == nil || !strings.Contains(said, want) || strings.Contains(said, "goroutine") {
		p.t.Errorf("%s: got %v: %s\nwant %s", strings.Join(args, " "), err, said, want)
	}
}

// settled waits until the daily work of a first start is done: what it notes down belongs to an export, too.
func (p *program) settled() {
	p.t.Helper()
	_, socket := p.postmaster()
	conn, err := pgx.Connect(p.t.Context(), fmt.Sprintf("postgres:///koinon?host=%s&user=koinon", url.QueryEscape(socket)))
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(p.t.Context())
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		var settled bool
		err := conn.QueryRow(p.t.Context(), `select exists (select from river_job where kind = 'communities' and state = 'completed')
			and not exists (select from river_job where kind in ('communities', 'letter', 'notice') and state <> 'completed')`).Scan(&settled)
		if err != nil {
			p.t.Fatal(err)
		}
		if settled {
			return
		}
	}
	p.t.Fatal("the first day's work does not end")
}

// elsewhere dumps a database of its own, changed by a statement, into a file.
func (p *program) elsewhere(name, sql string) {
	p.t.Helper()
	dsn := testdb.NewURL(p.t)
	conn, err := pgx.Connect(p.t.Context(), dsn)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(p.t.Context())
	if _, err := conn.Exec(p.t.Context(), sql); err != nil {
		p.t.Fatal(err)
	}
	tools, err := embedded.Tools()
	if err != nil {
		p.t.Fatal(err)
	}
	if said, err := exec.Command(filepath.Join(tools, "pg_dump"), "--dbname="+dsn, "--format=custom", "--file="+name).CombinedOutput(); err != nil {
		p.t.Fatalf("%v: %s", err, said)
	}
}

func TestExportWipeImportBackupRestoreGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	p := build(t)
	in := func(name string) string { return filepath.Join(p.dir, name) }
	same := func(a, b string) {
		t.Helper()
		x, err := os.ReadFile(in(a))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(in(b))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(x, y) {
			t.Errorf("%s and %s differ", a, b)
		}
	}
	p.start()
	p.settled()
	p.mustCommand("var", "export", in("first.zip"))
	p.mustCommand("var", "backup", in("first.dump"))
	p.refuses("var", "first.zip is there already", "export", in("first.zip"))
	p.refuses("var", "first.dump is there already", "backup", in("first.dump"))
	p.refuses("var", "stop it", "restore", in("first.dump"), "--replace")
	p.refuses("var", "people or communities already", "import", in("first.zip"))
	p.stop()

	p.mustCommand("imported", "import", in("first.zip"))
	p.mustCommand("imported", "export", in("imported.zip"))
	same("first.zip", "imported.zip")
	p.mustCommand("restored", "restore", in("first.dump"))
	p.mustCommand("restored", "export", in("restored.zip"))
	same("first.zip", "restored.zip")

	p.mustCommand("imported", "export", in("folder"))
	p.mustCommand("folders", "import", in("folder"))
	p.mustCommand("folders", "export", in("folders.zip"))
	same("first.zip", "folders.zip")

	p.refuses("restored", "--replace", "restore", in("first.dump"))
	whole, err := os.ReadFile(in("first.dump"))
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"half.dump": whole[:len(whole)*3/4], "none.dump": []byte("no dump"), "empty.dump": nil} {
		if err := os.WriteFile(in(name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		p.refuses("restored", "pg_restore failed", "restore", in(name), "--replace")
	}
	p.elsewhere(in("foreign.dump"), `drop schema public cascade; create schema public; create table account (id int); create table words (word text)`)
	p.refuses("restored", "no backup of a Koinon", "restore", in("foreign.dump"), "--replace")
	p.elsewhere(in("newer.dump"), `insert into goose_db_version (version_id, is_applied) values (9999, true)`)
	p.refuses("restored", "a newer Koinon wrote this backup", "restore", in("newer.dump"), "--replace")
	p.mustCommand("restored", "export", in("still.zip"))
	same("first.zip", "still.zip")
	p.mustCommand("restored", "restore", in("first.dump"), "--replace")
	p.mustCommand("restored", "backup", in("second.dump"))
	p.mustCommand("restored", "restore", in("second.dump"), "--replace")
	p.mustCommand("restored", "export", in("again.zip"))
	same("first.zip", "again.zip")
	p.refuses("restored", "there is no file", "restore", in("nowhere.dump"))
	p.refuses("restored", "there is no file or folder", "import", in("nowhere.zip"))
	p.refuses("restored", "takes one file", "export")
	p.refuses("empty", "this is no ZIP archive", "import", in("first.dump"))
}
