package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/embedded"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/migrations"
)

func TestRiversSchemaIsTheOneThatItsMigratorWouldMake(t *testing.T) {
	t.Parallel()
	db := testdb.New(t)
	river, err := rivermigrate.New(riverpgxv5.New(db.Pool), nil)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := river.Validate(t.Context(), nil); err != nil || !result.OK {
		t.Errorf("got %+v, %v", result, err)
	}
	for _, v := range river.AllVersions() {
		raw, err := migrations.Files.ReadFile(fmt.Sprintf("%04d_river_%03d.sql", v.Version+1, v.Version))
		if err != nil {
			t.Errorf("version %d has no file: %v", v.Version, err)
			continue
		}
		if want := strings.TrimSpace(strings.ReplaceAll(v.SQLUp, "/* TEMPLATE: schema */", "")); !bytes.Contains(raw, []byte(want)) {
			t.Errorf("version %d differs from River's own", v.Version)
		}
	}
}

func TestMigratingTwiceAndTogetherIsHarmless(t *testing.T) {
	t.Parallel()
	url := testdb.EmptyURL(t)
	done := make(chan error)
	for range 3 {
		go func() { done <- postgres.Migrate(context.Background(), url) }()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestADatabaseOfANewerProgramIsLeftAlone(t *testing.T) {
	t.Parallel()
	url := testdb.NewURL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), `insert into goose_db_version (version_id, is_applied) values (9999, true)`); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), url); !errors.Is(err, postgres.ErrNewer) {
		t.Errorf("got %v, want that it is newer", err)
	}
}

// A dump of the database can be restored, with its text search: the trap of search configurations in generated columns.
func TestADumpRestoresWithItsTextSearch(t *testing.T) {
	t.Parallel()
	from, to := testdb.NewURL(t), testdb.EmptyURL(t)
	dump, psql := tool(t, "pg_dump"), tool(t, "psql")
	out, err := exec.Command(dump, "--no-owner", from).Output()
	if err != nil {
		t.Fatal(explain(err))
	}
	restore := exec.Command(psql, "-q", "-v", "ON_ERROR_STOP=1", to)
	restore.Stdin = bytes.NewReader(out)
	if said, err := restore.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	conn, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var words string
	if err := conn.QueryRow(t.Context(), `select to_tsvector('public.k_fr', 'Les îlots')::text`).Scan(&words); err != nil || !strings.Contains(words, "ilot") {
		t.Errorf("got %q, %v", words, err)
	}
}

func tool(t *testing.T, name string) string {
	t.Helper()
	dir, err := embedded.Tools()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}

func explain(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Sprintf("%v: %s", err, exit.Stderr)
	}
	return err.Error()
}
