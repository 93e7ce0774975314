package programme

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/file"
)

// attached is a file of an item. Its content lies beside, in its own file.
type attached struct {
	id     int64
	Name   string `json:"name" is:"some,max=120"`
	Media  string `json:"media" is:"some,max=100"`
	Size   int    `json:"size" is:"from=1"`
	SHA256 string `json:"sha256" is:"some"`
	Small  int    `json:"small,omitempty" is:"from=1"`
	Width  int    `json:"width,omitempty" is:"from=1"`
	Height int    `json:"height,omitempty" is:"from=1"`
	Alt    string `json:"alt,omitempty" is:"max=1000"`
	By     string `json:"by,omitempty" is:"person"`
	At     Moment `json:"at"`
}

var extension = regexp.MustCompile(`\.[a-z]{1,8}$`)

// place of the n-th file of an item, and of the picture drawn small: "communities/basel/files/T-3/2/1.png" is the first file of the second reply in T-3.
func (p *piece) place(n int, a attached) (large, small string) {
	slug, rest, _ := strings.Cut(p.ref, "/")
	stem := fmt.Sprintf("communities/%s/files/%s/%d", slug, rest, n+1)
	ext := extension.FindString(a.Name)
	return stem + ext, stem + ".small" + ext
}

func (l *loading) files(ctx context.Context) error {
	var id int64
	var by *int64
	var small, width, height *int
	var sum []byte
	var a attached
	return l.each(ctx, `select item_id, id, name, media, size, sha256, small_size, width, height, alt, by_id, at from item_file where item_id is not null order by position, id`,
		[]any{&id, &a.id, &a.Name, &a.Media, &a.Size, &sum, &small, &width, &height, &a.Alt, &by, &a.At}, func() error {
			a.SHA256, a.By, a.Small, a.Width, a.Height = hex.EncodeToString(sum), l.who(by), 0, 0, 0
			if small != nil {
				a.Small, a.Width, a.Height = *small, *width, *height
			}
			c := l.pieces[id].common()
			c.Files = append(c.Files, a)
			return nil
		})
}

// attached writes the files of a piece, one after the other.
func (w *writing) attached(p *piece) error {
	const content = `select string_agg(data, ''::bytea order by n) from file_chunk where file_id = $1 and variant = $2`
	for n, a := range p.common().Files {
		large, small := p.place(n, a)
		if err := w.stored(large, content, a.id, ""); err != nil {
			return err
		}
		if a.Small > 0 {
			if err := w.stored(small, content, a.id, "small"); err != nil {
				return err
			}
		}
	}
	return nil
}

// attached judges the files of a piece.
func (r *reading) attached(p *piece) {
	all := p.common().Files
	if len(all) > file.MaxFew {
		r.refused.note(p.at, "files: there are more than %d", file.MaxFew)
	}
	for n, a := range all {
		largeName, smallName := p.place(n, a)
		large, ok := r.content(p.at, largeName, a.Size)
		if !ok {
			continue
		}
		var small []byte
		if a.Small > 0 {
			if small, ok = r.content(p.at, smallName, a.Small); !ok {
				continue
			}
		}
		if sum := sha256.Sum256(large); hex.EncodeToString(sum[:]) != a.SHA256 {
			r.refused.note(place{largeName, 0}, "sha256: the content is another one")
			continue
		}
		if amiss := a.file().Amiss(large, small); amiss != "" {
			r.refused.note(place{largeName, 0}, "%s", amiss)
		}
	}
}

func (a attached) file() file.File {
	return file.File{Name: a.Name, Media: a.Media, Size: int64(a.Size), SmallSize: int64(a.Small), Width: a.Width, Height: a.Height, Alt: a.Alt}
}

// content of a file that is no text, held against the size that its record gives.
func (r *reading) content(at place, name string, size int) ([]byte, bool) {
	raw, ok := r.open(name, size)
	switch {
	case !ok:
		r.refused.note(at, "files: %s is missing", name)
	case len(raw) != size:
		r.refused.note(place{name, 0}, "size: the file has another one than the %d bytes of its record", size)
		return nil, false
	}
	return raw, ok
}

const chunk = 256 << 10 // bytes of a piece

// files are read once more while they are stored, one at a time.
func (s *storing) files(ctx context.Context) error {
	var pieces []*piece
	count := 0
	for _, c := range s.book.Communities {
		for _, p := range c.Pieces {
			if n := len(p.common().Files); n > 0 {
				pieces, count = append(pieces, p), count+n
			}
		}
	}
	ids, err := s.ids(ctx, "item_file", count)
	if err != nil {
		return err
	}
	h := &shelf{tables: []struct{ name, columns string }{{"item_file", "id community_id item_id position name media size small_size sha256 width height alt by_id at"}}}
	var contents []content
	for _, p := range pieces {
		slug, _, _ := strings.Cut(p.ref, "/")
		for n, a := range p.common().Files {
			id := ids[0]
			ids = ids[1:]
			sum, err := hex.DecodeString(a.SHA256)
			if err != nil {
				return err
			}
			large, small := p.place(n, a)
			contents = append(contents, content{id, "", large})
			var smallSize, width, height *int
			if a.Small > 0 {
				smallSize, width, height = &a.Small, &a.Width, &a.Height
				contents = append(contents, content{id, "small", small})
			}
			h.put("item_file", id, s.communities[slug], s.what(p.ref), n+1, a.Name, a.Media, a.Size, smallSize, sum, width, height, a.Alt, s.who(a.By), a.At)
		}
	}
	if err := s.shelf(ctx, h); err != nil {
		return err
	}
	return s.chunks(ctx, contents)
}

// content of a file in one of its sizes, and where it lies.
type content struct {
	id            int64
	variant, name string
}

func (s *storing) chunks(ctx context.Context, contents []content) error {
	if len(contents) == 0 {
		return nil
	}
	var rest []byte
	var at content
	n := 0
	_, err := s.tx.CopyFrom(ctx, pgx.Identifier{"file_chunk"}, []string{"file_id", "variant", "n", "data"}, pgx.CopyFromFunc(func() ([]any, error) {
		if len(rest) == 0 {
			if len(contents) == 0 {
				return nil, nil
			}
			var err error
			at, n, contents = contents[0], 0, contents[1:]
			if rest, err = readFile(s.from, at.name, file.MaxSize); err != nil {
				return nil, err
			}
		}
		some := rest[:min(chunk, len(rest))]
		rest, n = rest[len(some):], n+1
		return []any{at.id, at.variant, n - 1, bytes.Clone(some)}, nil
	}))
	if err != nil {
		return fmt.Errorf("file_chunk: %w", err)
	}
	return nil
}
