// Package testdb gives tests a real database: one throw-away cluster for a whole run of go test.
package testdb

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"urbanfluxes.eu/koinon/internal/postgres"
)

// Tx is a transaction on a migrated database, rolled back when the test ends. Within it everything is as after a fresh install.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	pool := shared(t)
	ctx := context.Background()
	tx, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = tx.Rollback(ctx) // a test may have broken the transaction on purpose
	})
	return tx
}

// New is a pool on a migrated database of its own, for tests in which commits matter.
func New(t testing.TB) *postgres.Pool {
	t.Helper()
	pool, err := postgres.Open(context.Background(), NewURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

var made atomic.Int64

// NewURL is the address of a migrated database of its own; it is dropped when the test ends.
func NewURL(t testing.TB) string { return newDatabase(t, " template "+quote(templateOf(t))) }

// EmptyURL is the address of a database without any table.
func EmptyURL(t testing.TB) string { return newDatabase(t, " template template0") }

func newDatabase(t testing.TB, from string) string {
	t.Helper()
	admin := server(t)
	name := fmt.Sprintf("koinon_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), made.Add(1))
	run(t, admin, "create database "+quote(name)+from)
	t.Cleanup(func() { run(t, admin, "drop database if exists "+quote(name)+" with (force)") })
	return withDatabase(t, admin, name)
}

var pools struct {
	sync.Mutex
	tx *pgxpool.Pool
}

func shared(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pools.Lock()
	defer pools.Unlock()
	if pools.tx == nil {
		config, err := pgxpool.ParseConfig(withDatabase(t, server(t), baseOf(t)))
		if err != nil {
			t.Fatal(err)
		}
		config.MaxConns = 16
		config.ConnConfig.RuntimeParams["timezone"] = "UTC"
		if pools.tx, err = pgxpool.NewWithConfig(context.Background(), config); err != nil {
			t.Fatal(err)
		}
	}
	return pools.tx
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func run(t testing.TB, dsn, sql string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func withDatabase(t testing.TB, dsn, name string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("KOINON_DATABASE_URL must be an address like postgres://…: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

// templateOf is a migrated database that nobody is connected to; baseOf is one for transactions. Both are made once per run.
func templateOf(t testing.TB) string { return prepared(t, "koinon_template") }
func baseOf(t testing.TB) string     { return prepared(t, "koinon_base") }

func prepared(t testing.TB, kind string) string {
	t.Helper()
	name := kind + "_" + runKey()
	admin := server(t)
	unlock := lockRun(t)
	defer unlock()
	ready := filepath.Join(runDir(), name+".ready")
	if _, err := os.Stat(ready); err == nil {
		return name
	}
	run(t, admin, "drop database if exists "+quote(name)+" with (force)")
	run(t, admin, "create database "+quote(name)+" template template0 encoding 'UTF8'")
	if err := postgres.Migrate(context.Background(), withDatabase(t, admin, name)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// External is the server that KOINON_DATABASE_URL names, if any.
func External() string { return strings.TrimSpace(os.Getenv("KOINON_DATABASE_URL")) }
