package file

import (
	"bytes"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"urbanfluxes.eu/koinon/internal/fault"
)

// Upload is a file as it came: its bytes can be read again and again.
type Upload struct {
	Name string // as the sender had it
	Size int64
	Alt  string
	Content
}

// Content is what an upload's bytes are read from.
type Content interface {
	io.ReaderAt
	io.ReadSeeker
}

// Media types of files that are stored as they are.
const (
	pdf     = "application/pdf"
	docx    = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx    = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptx    = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	odt     = "application/vnd.oasis.opendocument.text"
	ods     = "application/vnd.oasis.opendocument.spreadsheet"
	odp     = "application/vnd.oasis.opendocument.presentation"
	odg     = "application/vnd.oasis.opendocument.graphics"
	inUTF8  = "text/plain; charset=utf-8"
	latin   = "text/plain; charset=windows-1252" // what spreadsheets of offices still write
	tiff    = "image/tiff"
	jpegs   = "image/jpeg"
	pngs    = "image/png"
	unknown = ""
)

// extensions that a name may have, by what its content is; anything else is renamed.
var extensions = map[string][]string{
	pdf: {".pdf"}, docx: {".docx"}, xlsx: {".xlsx"}, pptx: {".pptx"}, odt: {".odt"}, ods: {".ods"}, odp: {".odp"}, odg: {".odg"},
	inUTF8: {".txt", ".csv", ".tsv", ".md", ".json", ".geojson"}, latin: {".txt", ".csv", ".tsv"}, tiff: {".tif", ".tiff"}, jpegs: {".jpg", ".jpeg"}, pngs: {".png"},
}

// Word is the name of a file's type: the message "files.type.<word>" says it.
func (f File) Word() string {
	switch f.Media {
	case pdf:
		return "pdf"
	case docx, odt:
		return "document"
	case xlsx, ods:
		return "sheet"
	case pptx, odp:
		return "slides"
	case odg:
		return "drawing"
	case tiff:
		return "tiff"
	case jpegs, pngs:
		return "picture"
	}
	switch path.Ext(f.Name) {
	case ".csv", ".tsv":
		return "table"
	case ".geojson":
		return "geojson"
	}
	return "text"
}

// problem of an upload, as a problem of the field in which it was chosen.
func problem(u Upload, key string, args ...any) error {
	return fault.One("files", key, append([]any{"name", Shown(u.Name)}, args...)...)
}

// Shown is a sender's name of a file, fit to be read in a message.
func Shown(name string) string { return cleanName(name, []string{path.Ext(strings.ToLower(name))}) }

// mediaOf decides by content what an upload is, never by its name; an error says why it is refused.
// Pictures to be drawn anew are told by picturesOf before.
func mediaOf(u Upload) (string, error) {
	head := make([]byte, 512)
	n, err := u.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return unknown, err
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return pdf, nil
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")):
		return tiff, nil
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return officeOf(u)
	}
	media, err := textOf(u, head)
	if err != nil {
		return unknown, err
	}
	// Words are words whatever they are called, but a name such as setup.bat makes them a programme.
	if name := strings.ToLower(path.Ext(strings.TrimRight(u.Name, ". "))); media == unknown || name != "" && !has(extensions[media], name) {
		return unknown, problem(u, "file-kind")
	}
	return media, nil
}

// textOf tells plain text by reading all of it; markup and scripts are none.
func textOf(u Upload, head []byte) (string, error) {
	start := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(start) == 0 || start[0] == '<' || bytes.HasPrefix(start, []byte("#!")) {
		return unknown, nil
	}
	if _, err := u.Seek(0, io.SeekStart); err != nil {
		return unknown, err
	}
	valid, rest := true, 0
	buffer := make([]byte, 64<<10)
	for {
		n, err := u.Read(buffer[rest:])
		if err != nil && err != io.EOF {
			return unknown, err
		}
		if n == 0 {
			break
		}
		if bytes.ContainsFunc(buffer[rest:rest+n], func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) || r == 0x7f }) {
			return unknown, nil
		}
		var ok bool
		rest, ok = wholly(buffer, rest+n)
		valid = valid && ok
	}
	if valid && rest == 0 {
		return inUTF8, nil
	}
	return latin, nil
}

// wholly reports whether the first n bytes are UTF-8, and moves a character that is cut off at their end to the front.
func wholly(buffer []byte, n int) (rest int, ok bool) {
	end := n
	for back := 1; back < utf8.UTFMax && back <= n; back++ {
		if utf8.RuneStart(buffer[n-back]) {
			if !utf8.FullRune(buffer[n-back : n]) {
				end = n - back
			}
			break
		}
	}
	ok = utf8.Valid(buffer[:end])
	return copy(buffer, buffer[end:n]), ok
}
