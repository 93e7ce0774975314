package file

import (
	"context"
	"errors"
	"fmt"
	"io"

	"urbanfluxes.eu/koinon/internal/postgres"
)

// Body reads a file piece by piece: whoever is slow to take it holds neither a connection nor more than one piece.
type Body struct {
	ctx     context.Context
	db      postgres.DB
	id      ID
	variant string
	size    int64
	at      int64
	piece   []byte
	n       int64 // of the piece held; -1: none
}

// Open reads the content of a file that Find has found; small is for pictures.
func (s Store) Open(ctx context.Context, f File, small bool) *Body {
	b := &Body{ctx: ctx, db: s.db, id: f.ID, size: f.Size, n: -1}
	if small && f.Picture() {
		b.variant, b.size = "small", f.SmallSize
	}
	return b
}

// Size in bytes.
func (b *Body) Size() int64 { return b.size }

// Read on.
func (b *Body) Read(p []byte) (int, error) {
	if b.at >= b.size {
		return 0, io.EOF
	}
	if n := b.at / chunk; n != b.n {
		err := b.db.QueryRow(b.ctx, `select data from file_chunk where file_id = $1 and variant = $2 and n = $3`, b.id, b.variant, n).Scan(&b.piece)
		if err != nil {
			return 0, fmt.Errorf("file %d, piece %d: %w", b.id, n, err)
		}
		b.n = n
	}
	from := b.at - b.n*chunk
	if from >= int64(len(b.piece)) {
		return 0, fmt.Errorf("file %d: %w", b.id, io.ErrUnexpectedEOF)
	}
	n := copy(p, b.piece[from:])
	b.at += int64(n)
	return n, nil
}

// Seek to where reading goes on.
func (b *Body) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.at
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return 0, errors.New("before the start of the file")
	}
	b.at = offset
	return offset, nil
}
