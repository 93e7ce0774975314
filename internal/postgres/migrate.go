package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // goose runs on database/sql
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"urbanfluxes.eu/koinon/migrations"
)

// ErrNewer says that a newer Koinon has worked with the database: this one does not know what it would break.
var ErrNewer = errors.New("a newer Koinon has worked with this database; use that one, or a newer one")

// Newest is the version of the schema that this program knows.
func Newest() (newest int64, err error) {
	names, err := migrations.Files.ReadDir(".")
	if err != nil {
		return 0, fmt.Errorf("migrations: %w", err)
	}
	for _, name := range names {
		version, err := goose.NumericComponent(name.Name())
		if err != nil {
			return 0, fmt.Errorf("migration %s: %w", name.Name(), err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// Migrate brings the database at dsn to the newest schema. Several processes may try at once: one does it, the others wait.
func Migrate(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return known(ctx, db)
}

// known is nil unless the database is ahead of this program.
func known(ctx context.Context, db *sql.DB) error {
	newest, err := Newest()
	if err != nil {
		return err
	}
	var version int64
	if err := db.QueryRowContext(ctx, `select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&version); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if version > newest {
		return fmt.Errorf("schema %d, and this program knows %d: %w", version, newest, ErrNewer)
	}
	return nil
}
