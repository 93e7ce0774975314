package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/programme"
)

// within runs do on the migrated database of the settings, whether the site is running or not.
func within(ctx context.Context, c config, log *slog.Logger, do func(pool *postgres.Pool) error) (err error) {
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
	return do(pool)
}

func isZip(name string) bool { return strings.EqualFold(filepath.Ext(name), ".zip") }

// export writes the programme into an archive or a folder that is not there yet; half an export is never left under its name.
func export(ctx context.Context, c config, log *slog.Logger, out io.Writer, name string) error {
	if there, err := taken(name); err != nil || there {
		return errors.Join(err, refuseIf(there, "%s is there already; name another file or folder", name))
	}
	unfinished := name + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	err := within(ctx, c, log, func(pool *postgres.Pool) error {
		if isZip(name) {
			return exportZip(ctx, pool, unfinished)
		}
		return programme.Export(ctx, pool, programme.DirSink(unfinished))
	})
	if err == nil {
		_ = os.Remove(name) // an empty folder of that name
		err = os.Rename(unfinished, name)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(unfinished))
	}
	fmt.Fprintf(out, "The programme is in %s. It holds mail addresses and who asked discreetly: keep it as you keep the database.\n", name)
	return nil
}

func exportZip(ctx context.Context, pool *postgres.Pool, name string) (err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := programme.NewZipSink(f)
	if err := programme.Export(ctx, pool, z); err != nil {
		return err
	}
	return errors.Join(z.Close(), f.Sync())
}

// taken reports whether a file or a folder with something in it has that name.
func taken(name string) (bool, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || !info.IsDir() {
		return err == nil, err
	}
	inside, err := os.ReadDir(name)
	return len(inside) > 0, err
}

func refuseIf(so bool, what string, args ...any) error {
	if !so {
		return nil
	}
	return fmt.Errorf(what, args...)
}

// bring imports a programme from an archive or a folder.
func bring(ctx context.Context, c config, log *slog.Logger, out io.Writer, name string) (err error) {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("there is no file or folder %s to import", name)
	}
	from := os.DirFS(name)
	if !info.IsDir() {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		if from, err = programme.OpenZip(f, info.Size()); err != nil {
			return err
		}
	}
	err = within(ctx, c, log, func(pool *postgres.Pool) error { return programme.Import(ctx, pool, from, programme.Options{}) })
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The programme of %s is here. Nobody has a password yet: everybody signs in with a link by mail.\n", name)
	return nil
}
