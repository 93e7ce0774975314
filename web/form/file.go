package form

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"urbanfluxes.eu/koinon/internal/fault"
)

// File is a file as it was sent. It is held in memory: for small ones.
type File struct {
	Name string
	Data []byte
}

func isMultipart(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// ReadFile parses a form with a file in the named field, of at most most bytes; fields of text come before it. A file that is too
// large is a fault.Invalid of that field, beside the values read so far, so that nothing typed is lost. A form without it has an empty one.
func ReadFile(w http.ResponseWriter, r *http.Request, field string, most int) (Values, File, error) {
	if !isMultipart(r) {
		v, err := Read(w, r)
		return v, File{}, err
	}
	v := Values{Values: url.Values{}}
	parts, err := r.MultipartReader()
	if err != nil {
		return v, File{}, fault.One("form", "unreadable")
	}
	var file File
	for left := MaxBytes; ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return v, file, nil
		}
		if err != nil {
			return v, file, unreadable(err)
		}
		switch {
		case part.FileName() == "" && part.FormName() != field:
			raw, err := io.ReadAll(io.LimitReader(part, int64(left)+1))
			if err != nil {
				return v, file, unreadable(err)
			}
			if left -= len(raw); left < 0 {
				return v, file, &http.MaxBytesError{Limit: MaxBytes}
			}
			v.take(part.FormName(), string(raw))
		case part.FormName() == field && field != "":
			if file, err = readPart(part, field, most); err != nil {
				return v, file, err
			}
		}
	}
}

func readPart(part *multipart.Part, field string, most int) (File, error) {
	raw, err := io.ReadAll(io.LimitReader(part, int64(most)+1))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || len(raw) > most {
		return File{}, fault.One(field, "file-too-large", "max", most/1000)
	}
	if err != nil {
		return File{}, unreadable(err)
	}
	return File{Name: part.FileName(), Data: raw}, nil
}

func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLarge
	}
	return fault.One("form", "unreadable")
}
