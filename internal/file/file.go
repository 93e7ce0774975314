// Package file keeps the files of items and the pictures of people: typed by content, in pieces, beside everything else in the database.
package file

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// ID of a file.
type ID int64

// Limits of files: bytes of one, files of an item, characters of a description, and how long one is kept for a form to be sent again.
const (
	MaxSize = 25 << 20
	MaxFew  = 10
	MaxAlt  = 1000
	KeptFor = 24 * time.Hour
)

// Bounds of what an account may have waiting in forms that were not accepted yet: the oldest beyond them go.
const (
	maxKept      = 30
	maxKeptBytes = 120 << 20
)

// Store keeps files.
type Store struct {
	db  postgres.DB
	now func() time.Time
}

// NewStore keeps files in db.
func NewStore(db postgres.DB, now func() time.Time) Store { return Store{db: db, now: now} }

// File is what is known of a file without opening it. Pictures have a width and a height.
type File struct {
	ID        ID
	Item      item.ID // 0: kept
	Name      string
	Media     string
	Size      int64
	SmallSize int64
	SHA256    []byte
	Width     int
	Height    int
	Alt       string
	At        time.Time
}

// Columns selects a File out of item_file f.
const Columns = `f.id, coalesce(f.item_id, 0) as item, f.name, f.media, f.size, coalesce(f.small_size, 0) as small_size, f.sha256, coalesce(f.width, 0) as width, coalesce(f.height, 0) as height, f.alt, f.at`

// Picture tells a picture from other files.
func (f File) Picture() bool { return f.Width > 0 }

// Small is the size in pixels in which the picture is drawn small.
func (f File) Small() (width, height int) { return fit(f.Width, f.Height, smallWidth, smallHeight) }

// Tag names the content, for caches.
func (f File) Tag() string { return hex.EncodeToString(f.SHA256) }

// ByItem sorts files to the items that they belong to.
func ByItem(files []File) map[item.ID][]File {
	all := map[item.ID][]File{}
	for _, f := range files {
		all[f.Item] = append(all[f.Item], f)
	}
	return all
}

// theirs are the files of item i that stands and that the reader may see.
const theirs = ` from item_file f join item i on i.community_id = f.community_id and i.id = f.item_id left join item p on p.id = i.parent_id
	where f.community_id = @community and i.removed_at is null and p.removed_at is null and ` + community.Visible

// mine says that the reader wrote item i, be it discreetly.
const mine = ` and ` + item.Mine

// Of lists the files of an item that the seat may read.
func (s Store) Of(ctx context.Context, seat community.Seat, of item.ID) ([]File, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	files, err := postgres.All[File](ctx, s.db, `select `+Columns+theirs+` and f.item_id = @item order by f.position, f.id`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "item": of}))
	if err != nil {
		return nil, fmt.Errorf("files of item %d: %w", of, err)
	}
	return files, nil
}

// Find is a file of an item that the seat may read.
func (s Store) Find(ctx context.Context, seat community.Seat, id ID) (File, error) {
	if err := seat.MaySee(); err != nil {
		return File{}, err
	}
	f, err := postgres.One[File](ctx, s.db, `select `+Columns+theirs+` and f.id = @id`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id}))
	if err != nil {
		return f, fmt.Errorf("file %d: %w", id, err)
	}
	return f, nil
}

// Placed is a file of the reader's own item, and where the item stands.
type Placed struct {
	File
	Kind   item.Kind // of the item, or of the one that it answers in
	Number int
	Reply  int    // 0: the item itself
	Path   string // of a product, or of its release
}

// Own is a file of an item that the seat's person wrote; somebody else's is fault.Forbidden.
func (s Store) Own(ctx context.Context, seat community.Seat, id ID) (Placed, error) {
	if _, err := s.Find(ctx, seat, id); err != nil {
		return Placed{}, err
	}
	p, err := postgres.All[Placed](ctx, s.db, `select `+Columns+`, coalesce(p.kind, i.kind) as kind, coalesce(p.number, i.number) as number, case when p.id is null then 0 else i.number end as reply, `+item.PathColumn+` as path`+
		theirs+mine+` and f.id = @id`, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "id": id}))
	if err != nil {
		return Placed{}, fmt.Errorf("file %d: %w", id, err)
	}
	if len(p) == 0 {
		return Placed{}, fmt.Errorf("file %d of somebody else: %w", id, fault.Forbidden)
	}
	return p[0], nil
}

// Describe says in words what the picture shows; who wrote its item may.
func (s Store) Describe(ctx context.Context, seat community.Seat, id ID, alt string) error {
	if _, err := s.Own(ctx, seat, id); err != nil {
		return err
	}
	var in fault.Invalid
	in.Check(alt != "", "alt", "required")
	checkAlt(&in, "alt", alt)
	if err := in.Err(); err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, `update item_file set alt = $3 where community_id = $1 and id = $2`, seat.Community, id, alt); err != nil {
		return fmt.Errorf("describe file %d: %w", id, err)
	}
	return nil
}

// Remove takes a file away for good; who wrote its item may.
func (s Store) Remove(ctx context.Context, seat community.Seat, id ID) error {
	if _, err := s.Own(ctx, seat, id); err != nil {
		return err
	}
	if _, err := s.db.Exec(ctx, `delete from item_file where community_id = $1 and id = $2`, seat.Community, id); err != nil {
		return fmt.Errorf("remove file %d: %w", id, err)
	}
	return nil
}

// Sweep removes kept files whose time is over.
func (s Store) Sweep(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, `delete from item_file where item_id is null and expires_at <= $1`, s.now()); err != nil {
		return fmt.Errorf("sweep files: %w", err)
	}
	return nil
}

// Waiting are the ids' files that wait for who to send their form, or that stand on the item already, in the order given.
func (s Store) Waiting(ctx context.Context, who account.ID, on item.ID, ids []ID) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	files, err := postgres.All[File](ctx, s.db, `select `+Columns+` from item_file f where f.id = any($1) and case when f.item_id is null then f.by_id = $2 and f.expires_at > $3 else f.item_id = $4 end
		order by array_position($1, f.id)`, ids, who, s.now(), on)
	if err != nil {
		return nil, fmt.Errorf("waiting files: %w", err)
	}
	return files, nil
}
