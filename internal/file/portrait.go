package file

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Pixels of the picture of a person, which is square.
const (
	PortraitLarge = 256
	PortraitSmall = 64
)

// Portray gives a person a picture: the middle square of an upload, in two sizes. What is no picture is a problem of the field "files".
func (s Store) Portray(ctx context.Context, who account.ID, u Upload) error {
	switch {
	case u.Size == 0:
		return problem(u, "file-empty")
	case u.Size > MaxSize:
		return problem(u, "file-large", "max", MaxSize>>20)
	}
	picture, err := formatOf(u)
	if err != nil {
		return fmt.Errorf("picture of account %d: %w", who, err)
	}
	if picture == nil {
		return problem(u, "file-picture")
	}
	var large, small drawn
	err = alone(ctx, func() error {
		open, err := picture.open(u)
		if err != nil {
			return err
		}
		face := scaled(square(open), PortraitLarge, PortraitLarge)
		onPaper(face)
		if large, err = write(face, jpegs); err != nil {
			return err
		}
		small, err = write(scaled(face, PortraitSmall, PortraitSmall), jpegs)
		return err
	})
	if err != nil {
		return err
	}
	return s.setPortrait(ctx, who, Hash(large.bytes), func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into account_picture (account_id, large, small, at) values ($1, $2, $3, $4)
			on conflict (account_id) do update set large = excluded.large, small = excluded.small, at = excluded.at`, who, large.bytes, small.bytes, s.now())
		return err
	})
}

// Unportray takes a person's picture away.
func (s Store) Unportray(ctx context.Context, who account.ID) error {
	return s.setPortrait(ctx, who, "", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `delete from account_picture where account_id = $1`, who)
		return err
	})
}

func (s Store) setPortrait(ctx context.Context, who account.ID, hash string, do func(tx pgx.Tx) error) error {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `update account set picture = $2 where id = $1`, who, hash); err != nil {
			return err
		}
		return do(tx)
	})
	if err != nil {
		return fmt.Errorf("picture of account %d: %w", who, err)
	}
	return nil
}

// HasPortrait is the hash of somebody's own picture; empty without one.
func (s Store) HasPortrait(ctx context.Context, who account.ID) (hash string, err error) {
	if err := s.db.QueryRow(ctx, `select picture from account where id = $1`, who).Scan(&hash); err != nil {
		return "", fmt.Errorf("picture of account %d: %w", who, err)
	}
	return hash, nil
}

// Portrait is the picture of a person whose profile the reader may see, as a JPEG.
func (s Store) Portrait(ctx context.Context, reach community.Reach, of account.ID, hash string, small bool) ([]byte, error) {
	var content []byte
	err := s.db.QueryRow(ctx, `select case when @small then p.small else p.large end from account a join account_picture p on p.account_id = a.id
		where a.id = @of and a.picture = @hash and (a.profile_for = 0 or (a.profile_for = 1 and @signed) or a.id = @me or @everywhere
			or (a.profile_for = 2 and exists (select from membership m where m.account_id = a.id and m.state = 'member' and m.community_id = any(@mine))))`,
		reach.Args(pgx.NamedArgs{"of": of, "hash": hash, "small": small})).Scan(&content)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("picture of account %d: %w", of, fault.NotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("picture of account %d: %w", of, err)
	}
	return content, nil
}

// square is the middle of a picture.
func square(picture image.Image) image.Image {
	b := picture.Bounds()
	side := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	return cropped{picture, points(picture), image.Rect(x, y, x+side, y+side)}
}

type cropped struct {
	image.Image
	points func(x, y int) color.RGBA64
	to     image.Rectangle
}

// At is a point of it.
func (c cropped) At(x, y int) color.Color { return c.points(x, y) }

// RGBA64At is a point of it.
func (c cropped) RGBA64At(x, y int) color.RGBA64 { return c.points(x, y) }

// Bounds of what is left.
func (c cropped) Bounds() image.Rectangle { return c.to }

// onPaper puts white under what one can see through: a JPEG has nothing else.
func onPaper(face *image.NRGBA) {
	for i := 0; i < len(face.Pix); i += 4 {
		a := uint32(face.Pix[i+3])
		for k := range 3 {
			face.Pix[i+k] = uint8((uint32(face.Pix[i+k])*a + 255*(255-a)) / 255)
		}
		face.Pix[i+3] = 255
	}
}
