package programme

import (
	"archive/zip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"urbanfluxes.eu/koinon/internal/file"
)

// ZipSink writes an export into an archive; Close ends it. The archive carries no times, so that the same programme is the same archive.
type ZipSink struct{ z *zip.Writer }

// NewZipSink writes to w.
func NewZipSink(w io.Writer) ZipSink { return ZipSink{zip.NewWriter(w)} }

// File adds a file.
func (s ZipSink) File(name string, content []byte) error {
	f, err := s.z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return err
}

// Close ends the archive.
func (s ZipSink) Close() error { return s.z.Close() }

// DirSink writes an export into a folder.
type DirSink string

// File writes a file.
func (d DirSink) File(name string, content []byte) error {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// OpenZip is an archive as the files of an import. Names that lead out of it, links, doubles, and more than an import may hold are
// refused before anything is unpacked.
func OpenZip(r io.ReaderAt, size int64) (fs.FS, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && z == nil {
		return nil, &Refused{Faults: []Fault{{File: "archive", Reason: "this is no ZIP archive: " + err.Error()}}}
	}
	var refused Refused
	if len(z.File) > maxFiles {
		return nil, &Refused{Faults: []Fault{{File: "archive", Reason: fmt.Sprintf("there are more than %d files", maxFiles)}}}
	}
	names, all := map[string]bool{}, uint64(0)
	for _, f := range z.File {
		at, name := place{f.Name, 0}, strings.TrimSuffix(f.Name, "/")
		switch {
		case !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00"):
			refused.note(at, "this name leads out of the archive")
		case !f.Mode().IsRegular() && !f.Mode().IsDir():
			refused.note(at, "this is not a plain file")
		case names[name]:
			refused.note(at, "this name stands twice")
		case f.UncompressedSize64 > mostOf(name):
			refused.note(at, "the file is larger than %d MB", mostOf(name)>>20)
		}
		names[name] = true
		if isText(name) {
			all += min(f.UncompressedSize64, maxAll)
		}
	}
	if all > maxAll {
		refused.note(place{"archive", 0}, "unpacked its texts would be larger than %d MB", maxAll>>20)
	}
	if err := refused.err(); err != nil {
		return nil, err
	}
	return z, nil
}

// mostOf is how many bytes a file of an import may have.
func mostOf(name string) uint64 {
	if isText(name) {
		return maxFile
	}
	return file.MaxSize
}
