package form

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
)

// Bounds of a form with files, in bytes and parts. What comes beyond MaxFiles is read to its end, so that the sender gets an answer,
// but not held; beyond MaxDrained it is cut off.
const (
	MaxFiles   = 60 << 20
	MaxDrained = 300 << 20
	maxParts   = 500
	filesField = "files"
)

// LostFiles is the field of a kept form that says that it came with files, which are to be chosen again.
const LostFiles = "files-lost"

// slowly is how long somebody with a slow line may take to send files, or to fetch one.
const slowly = 15 * time.Minute

// parts of a form that are files.
type parts struct {
	files   []upload
	dropped int  // files that came to where none are taken
	heavy   bool // together more than MaxFiles
}

// upload is a file waiting outside of the memory.
type upload struct {
	file.Upload
	spool *os.File
	cut   bool // only its beginning is here: together the files were too heavy
}

// Close lets the files of a form go.
func (v Values) Close() {
	for _, u := range v.files {
		_ = u.spool.Close() // it has no name any more: closing is all
	}
}

// Dropped is how many files came with a form that was read without them.
func (v Values) Dropped() int { return v.dropped }

// First is the first file that came with the form.
func (v Values) First() (file.Upload, bool) {
	if len(v.files) == 0 {
		return file.Upload{}, false
	}
	return v.files[0].Upload, true
}

// Small is the first file that came with the form, held in memory. One of more than most bytes is a problem of its field; without a file it is empty.
func (v Values) Small(most int64) ([]byte, error) {
	if len(v.files) == 0 {
		return nil, nil
	}
	if v.files[0].Size > most {
		return nil, fault.One(filesField, "file-too-large", "max", most/1000)
	}
	return io.ReadAll(io.NewSectionReader(v.files[0].Content, 0, v.files[0].Size))
}

// ReadFiles parses a form that may come with files, which wait in temporary files until Close. One that ends in the middle is an
// error, and nothing is left of it.
func ReadFiles(w http.ResponseWriter, r *http.Request) (Values, error) {
	if boundary(r) == "" {
		return Read(w, r)
	}
	Unhurried(w)
	return readParts(w, r, true)
}

// Unhurried gives somebody with a slow line the time that a file takes.
func Unhurried(w http.ResponseWriter) {
	rest := http.NewResponseController(w)
	_ = rest.SetReadDeadline(time.Now().Add(slowly)) // where there is no deadline, none needs to be moved
	_ = rest.SetWriteDeadline(time.Now().Add(slowly + time.Minute))
}

func boundary(r *http.Request) string {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return ""
	}
	return params["boundary"]
}

func readParts(_ http.ResponseWriter, r *http.Request, spool bool) (v Values, err error) {
	v = Values{Values: url.Values{}}
	defer func() {
		if err != nil {
			v.Close()
			v = Values{}
		}
	}()
	reader := multipart.NewReader(r.Body, boundary(r))
	text, held := int64(0), int64(0)
	for range maxParts {
		part, err := reader.NextPart()
		if err == io.EOF {
			return v, nil
		}
		if err != nil {
			return v, unreadable(err)
		}
		_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil {
			return v, unreadable(err) // a file would be lost in silence
		}
		if name, isFile := params["filename"]; isFile {
			err = v.receive(part, name, spool && params["name"] == filesField, &held)
		} else {
			err = v.read(part, params["name"], &text)
		}
		if err != nil {
			return v, unreadable(err)
		}
	}
	return v, fault.One("form", "unreadable")
}

func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, errSpool) {
		return err
	}
	return fault.One("form", "unreadable")
}

func (v *Values) read(part io.Reader, name string, so *int64) error {
	raw, err := io.ReadAll(io.LimitReader(part, MaxBytes-*so+1))
	if err != nil {
		return err
	}
	if *so += int64(len(raw)); *so > MaxBytes {
		return &http.MaxBytesError{Limit: MaxBytes}
	}
	v.take(name, string(raw))
	return nil
}

var errSpool = errors.New("temporary file")

// receive puts a file aside. Of one that is too large nothing but its size is held, so that it can be named.
func (v *Values) receive(part io.Reader, name string, spool bool, held *int64) error {
	if name == "" { // nothing was chosen
		_, err := io.Copy(io.Discard, part)
		return err
	}
	if !spool || len(v.files) >= file.MaxFew {
		v.dropped++
		_, err := io.Copy(io.Discard, part)
		return err
	}
	aside, err := os.CreateTemp("", "koinon-file-*")
	if err != nil {
		return errors.Join(errSpool, err)
	}
	v.files = append(v.files, upload{Upload: file.Upload{Name: name, Content: aside}, spool: aside})
	if err := os.Remove(aside.Name()); err != nil { // open but without a name: it is gone however this ends
		return errors.Join(errSpool, err)
	}
	into := &v.files[len(v.files)-1]
	room := min(file.MaxSize+1, max(0, MaxFiles-*held))
	written, err := io.Copy(aside, io.LimitReader(part, room))
	if err != nil {
		return err
	}
	rest, err := io.Copy(io.Discard, part)
	if err != nil {
		return err
	}
	*held += written
	into.Size = written + rest
	into.cut = rest > 0 && into.Size <= file.MaxSize
	v.heavy = v.heavy || into.cut
	return nil
}
