// Package postgres opens the database and runs what belongs together in one transaction.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"urbanfluxes.eu/koinon/internal/fault"
)

// DB is what a pool and a transaction share.
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Besides queues what a page reads in the same round trip as something else.
type Besides func(*pgx.Batch)

// Pool is a pool in which at most half of the connections write at once,
// so that a crowd of writers waiting for one row never stalls the readers.
type Pool struct {
	*pgxpool.Pool
	writers chan struct{}
}

// Open connects to dsn and waits until the server answers.
func Open(ctx context.Context, dsn string) (*Pool, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	if config.MaxConns < int32(4*runtime.NumCPU()) {
		config.MaxConns = int32(max(10, 4*runtime.NumCPU()))
	}
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["jit"] = "off"
	// Our statements are prepared and sought by keys: planning them anew for every page costs several times their execution.
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.ConnConfig.RuntimeParams["application_name"] = "koinon"
	config.MaxConnIdleTime = 5 * time.Minute
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	return Share(pool), nil
}

// Share bounds the writers of an open pool.
func Share(pool *pgxpool.Pool) *Pool {
	return &Pool{Pool: pool, writers: make(chan struct{}, max(1, pool.Config().MaxConns/2))}
}

// InTx runs do in one transaction (a savepoint when db is one already): all of it is kept, or nothing.
func InTx(ctx context.Context, db DB, do func(tx pgx.Tx) error) error {
	if pool, ok := db.(*Pool); ok {
		select {
		case pool.writers <- struct{}{}:
			defer func() { <-pool.writers }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return pgx.BeginFunc(ctx, db, do)
}

// One reads the single row of a query into T by column names; no row is fault.NotFound.
func One[T any](ctx context.Context, db DB, sql string, args ...any) (T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		var zero T
		return zero, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return found, fault.NotFound
	}
	return found, err
}

// All reads the rows of a query into structs by column names.
func All[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// Violates reports whether err is a breach of the named constraint.
func Violates(err error, constraint string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.ConstraintName == constraint
}
