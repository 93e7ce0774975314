package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
)

const chunk = 256 << 10 // bytes of a piece

// Keep judges an upload and keeps it for who sent it, until a form with it is accepted or a day has passed.
// What is not allowed is a problem of the field "files", and nothing is stored.
func (s Store) Keep(ctx context.Context, who account.ID, u Upload) (File, error) {
	switch {
	case u.Size == 0:
		return File{}, problem(u, "file-empty")
	case u.Size > MaxSize:
		return File{}, problem(u, "file-large", "max", MaxSize>>20)
	}
	var in fault.Invalid
	if checkAlt(&in, "files", u.Alt); in.Err() != nil {
		return File{}, in.Err()
	}
	picture, err := formatOf(u)
	if err != nil {
		return File{}, fmt.Errorf("keep a file: %w", err)
	}
	if picture != nil {
		return s.keepPicture(ctx, who, u, picture)
	}
	media, err := mediaOf(u)
	if err != nil {
		return File{}, err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, io.NewSectionReader(u, 0, u.Size)); err != nil {
		return File{}, fmt.Errorf("keep a file: %w", err)
	}
	f := File{Name: cleanName(u.Name, extensions[media]), Media: media, Size: u.Size, SHA256: hash.Sum(nil), At: s.now()}
	return f, s.store(ctx, who, &f, variant{"", io.NewSectionReader(u, 0, u.Size)})
}

func (s Store) keepPicture(ctx context.Context, who account.ID, u Upload, picture *format) (File, error) {
	large, small, err := sizes(ctx, u, picture)
	if err != nil {
		return File{}, err
	}
	hash := sha256.Sum256(large.bytes)
	f := File{Name: cleanName(strings.TrimSuffix(u.Name, path.Ext(u.Name)), extensions[large.media]), Media: large.media, Size: int64(len(large.bytes)), SmallSize: int64(len(small.bytes)),
		SHA256: hash[:], Width: large.width, Height: large.height, Alt: u.Alt, At: s.now()}
	return f, s.store(ctx, who, &f, variant{"", bytes.NewReader(large.bytes)}, variant{"small", bytes.NewReader(small.bytes)})
}

type variant struct {
	name    string
	content io.Reader
}

func (s Store) store(ctx context.Context, who account.ID, f *File, variants ...variant) error {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `insert into item_file (name, media, size, small_size, sha256, width, height, alt, by_id, at, expires_at)
			values ($1, $2, $3, nullif($4::bigint, 0), $5, nullif($6::int, 0), nullif($7::int, 0), $8, $9, $10, $11) returning id`,
			f.Name, f.Media, f.Size, f.SmallSize, f.SHA256, f.Width, f.Height, f.Alt, who, f.At, f.At.Add(KeptFor)).Scan(&f.ID)
		if err != nil {
			return err
		}
		for _, v := range variants {
			if err := pieces(ctx, tx, f.ID, v); err != nil {
				return err
			}
		}
		return tidy(ctx, tx, who)
	})
	if err != nil {
		return fmt.Errorf("keep a file: %w", err)
	}
	return nil
}

// pieces writes a content piece by piece, never holding more than one.
func pieces(ctx context.Context, tx pgx.Tx, id ID, v variant) error {
	buffer, n := make([]byte, chunk), 0
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"file_chunk"}, []string{"file_id", "variant", "n", "data"}, pgx.CopyFromFunc(func() ([]any, error) {
		read, err := io.ReadFull(v.content, buffer)
		if err == io.EOF {
			return nil, nil
		}
		if err != nil && err != io.ErrUnexpectedEOF {
			return nil, err
		}
		n++
		return []any{id, v.name, n - 1, buffer[:read]}, nil
	}))
	return err
}

// tidy keeps what waits for one account within bounds: the oldest go.
func tidy(ctx context.Context, tx pgx.Tx, who account.ID) error {
	_, err := tx.Exec(ctx, `delete from item_file where id in (select id from (
			select id, row_number() over newest as n, sum(size + coalesce(small_size, 0)) over newest as bytes
			from item_file where by_id = $1 and item_id is null window newest as (order by id desc)) kept
		where n > $2 or n > 1 and bytes > $3)`, who, maxKept, maxKeptBytes)
	return err
}

// Choice is a file that an item is to have: kept, or its own already, with the words for who does not see it.
type Choice struct {
	ID  ID
	Alt string
}

// Check judges the files of a form.
func Check(in *fault.Invalid, files []Choice) {
	in.Check(len(files) <= MaxFew, "files", "too-many-files", "max", MaxFew)
	for _, f := range files {
		checkAlt(in, "alt-"+f.ID.String(), f.Alt)
	}
}

func checkAlt(in *fault.Invalid, field, alt string) {
	in.Check(utf8.RuneCountInString(alt) <= MaxAlt, field, "too-long", "max", MaxAlt)
}

// String of an ID, as forms have it.
func (id ID) String() string { return fmt.Sprint(int64(id)) }

// Attach makes the files those of an item, in their order, within the transaction that makes or changes it; what the item had beside them goes.
// Kept files that are gone meanwhile are a problem of the field "files". Nil leaves the item's files as they are.
func Attach(ctx context.Context, tx pgx.Tx, seat community.Seat, of item.ID, files []Choice) error {
	if files == nil {
		return nil
	}
	ids, alts := make([]int64, len(files)), make([]string, len(files))
	for i, f := range files {
		ids[i], alts[i] = int64(f.ID), f.Alt
	}
	args := pgx.NamedArgs{"community": seat.Community, "item": of, "me": seat.Account, "ids": ids, "alts": alts}
	if _, err := tx.Exec(ctx, `delete from item_file where community_id = @community and item_id = @item and id <> all(@ids)`, args); err != nil {
		return fmt.Errorf("files of item %d: %w", of, err)
	}
	// Who asked discreetly stands nowhere beside the item: its files name nobody either.
	tag, err := tx.Exec(ctx, `update item_file f set community_id = i.community_id, item_id = i.id, position = w.n, alt = case when f.width is null then '' else w.alt end,
			by_id = case when i.author_id is null then null else coalesce(f.by_id, i.author_id) end, expires_at = null
		from unnest(@ids::bigint[], @alts::text[]) with ordinality w(id, alt, n), item i
		where f.id = w.id and i.community_id = @community and i.id = @item and case when f.item_id is null then f.by_id = @me else f.item_id = @item end`, args)
	if err != nil {
		return fmt.Errorf("files of item %d: %w", of, err)
	}
	if int(tag.RowsAffected()) != len(files) {
		return fault.One("files", "file-expired")
	}
	return nil
}

// Drop forgets kept files that somebody does not want to send after all.
func (s Store) Drop(ctx context.Context, who account.ID, ids []ID) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := s.db.Exec(ctx, `delete from item_file where item_id is null and by_id = $1 and id = any($2)`, who, ids); err != nil {
		return fmt.Errorf("drop files: %w", err)
	}
	return nil
}

// Hash of the picture of a person, under which it is fetched.
func Hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}
