// Package programme takes a whole programme out of the database and brings it in again, in an open format: see docs/format.md.
package programme

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Format names what this package writes and reads.
const Format = "koinon-programme 1"

// room is a part of a programme that knows its own tables and its own files.
type room struct {
	name  string
	load  func(context.Context, *loading) error // tables → book
	write func(*book, *writing) error           // book → files
	read  func(*reading)                        // files → book
	check func(*reading)                        // what must hold between its records
	store func(context.Context, *storing) error // book → tables
}

// rooms in the order in which they are stored. A new room adds its line here; TestEveryColumnIsExportedOrLeftOutOnPurpose asks for it.
var rooms = []room{
	{"programme", loadProgramme, writeProgramme, readProgramme, nil, storeProgramme},
	{"people", loadPeople, writePeople, readPeople, checkPeople, storePeople},
	{"communities", loadCommunities, writeCommunities, readCommunities, checkCommunities, storeCommunities},
	{"members", loadMembers, writeMembers, readMembers, checkMembers, storeMembers},
	{"categories", nil, writeCategories, readCategories, checkCategories, storeCategories},
	{"topics", nil, writeTopics, readTopics, checkTopics, storeTopics},
	{"items", loadItems, writeItems, readItems, checkItems, storeItems},
	{"glossary", loadGlossary, writeGlossary, readGlossary, checkGlossary, storeGlossary},
	{"order", loadOrder, writeOrder, readOrder, checkOrder, storeOrder},
	{"activity", loadActivity, writeActivity, readActivity, checkActivity, storeActivity},
}

// Sink takes the files of an export.
type Sink interface {
	File(name string, content []byte) error
}

// writing hands out files; fetch reads a content that is too large to be held with the others.
type writing struct {
	to    Sink
	fetch func(sql string, args ...any) ([]byte, error)
}

// file writes one file, unless it would be empty.
func (w *writing) file(name string, content []byte, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(content) == 0 {
		return nil
	}
	return w.to.File(name, content)
}

// stored writes a file out of the database.
func (w *writing) stored(name, sql string, args ...any) error {
	content, err := w.fetch(sql, args...)
	return w.file(name, content, err)
}

// Export writes the whole programme as it stands at this moment. The same programme always becomes the same bytes.
func Export(ctx context.Context, db postgres.DB, to Sink) error {
	err := postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if _, within := db.(pgx.Tx); !within {
			if _, err := tx.Exec(ctx, `set transaction isolation level repeatable read read only`); err != nil {
				return err
			}
		}
		b, err := load(ctx, tx)
		if err != nil {
			return err
		}
		w := &writing{to, func(sql string, args ...any) (content []byte, err error) {
			err = tx.QueryRow(ctx, sql, args...).Scan(&content)
			return content, err
		}}
		for _, r := range rooms {
			if err := r.write(b, w); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func load(ctx context.Context, tx pgx.Tx) (*book, error) {
	l, err := newLoading(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, r := range rooms {
		if r.load == nil {
			continue
		}
		if err := r.load(ctx, l); err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return l.book, nil
}

// Options of an import.
type Options struct {
	Shift time.Time // not zero: all moments move so that the newest lies an hour before this one
}

// Import brings a programme into an empty database, all of it or nothing. What is wrong with it is a *Refused that names every fault.
func Import(ctx context.Context, db postgres.DB, from fs.FS, o Options) error {
	r, err := readAll(from)
	if err != nil {
		return err
	}
	if !o.Shift.IsZero() {
		r.book.shift(o.Shift)
	}
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		if err := empty(ctx, tx); err != nil {
			return err
		}
		if err := activity.Silently(ctx, tx); err != nil {
			return err
		}
		s := newStoring(tx, r.book, from)
		for _, room := range rooms {
			if err := room.store(ctx, s); err != nil {
				return fmt.Errorf("import of %s: %w", room.name, err)
			}
		}
		return nil
	})
}

// readAll reads and judges the files of a programme.
func readAll(from fs.FS) (*reading, error) {
	r, err := newReading(from)
	if err != nil {
		return nil, err
	}
	for _, room := range rooms {
		room.read(r)
	}
	r.unread()
	r.references()
	if err := r.refused.err(); err != nil {
		return nil, err // what stands between broken records cannot be judged
	}
	for _, room := range rooms {
		if room.check != nil {
			room.check(r)
		}
	}
	return r, r.refused.err()
}

// empty is nil when nobody and nothing is in the database yet; no second import may begin meanwhile.
func empty(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(7261948)`); err != nil {
		return err
	}
	var there bool
	if err := tx.QueryRow(ctx, `select exists (select from account) or exists (select from community)`).Scan(&there); err != nil {
		return err
	}
	if there {
		return ErrNotEmpty
	}
	return nil
}
