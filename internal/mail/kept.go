package mail

import (
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"sort"
	"strings"
	"time"

	"urbanfluxes.eu/koinon/internal/fault"
)

// Kept is a message in the folder.
type Kept struct {
	Name    string
	To      string
	Subject string
	At      time.Time
	Text    string
}

// List is the newest messages of a box, without their texts.
func List(box fs.FS, most int) ([]Kept, error) {
	names, err := fs.Glob(box, "*.eml")
	if err != nil {
		return nil, err
	}
	sort.Sort(sort.Reverse(sort.StringSlice(names)))
	var all []Kept
	for _, name := range names[:min(most, len(names))] {
		k, err := Read(box, name)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

// Read is one message of a box.
func Read(box fs.FS, name string) (Kept, error) {
	if !fs.ValidPath(name) || !strings.HasSuffix(name, ".eml") || strings.Contains(name, "/") {
		return Kept{}, fmt.Errorf("mail %q: %w", name, fault.NotFound)
	}
	file, err := box.Open(name)
	if err != nil {
		return Kept{}, fmt.Errorf("mail %q: %w", name, fault.NotFound)
	}
	defer file.Close()
	msg, err := netmail.ReadMessage(file)
	if err != nil {
		return Kept{}, fmt.Errorf("mail %q: %w", name, err)
	}
	var words mime.WordDecoder
	subject, err := words.DecodeHeader(msg.Header.Get("Subject"))
	if err != nil {
		return Kept{}, fmt.Errorf("mail %q: %w", name, err)
	}
	at, _ := msg.Header.Date() // a message without a date is shown without
	text, err := plain(msg.Header, msg.Body)
	if err != nil {
		return Kept{}, fmt.Errorf("mail %q: %w", name, err)
	}
	return Kept{Name: name, To: strings.Trim(msg.Header.Get("To"), "<>"), Subject: subject, At: at, Text: text}, nil
}

// plain is the first plain text of a part, also of one within others.
func plain(header interface{ Get(string) string }, body io.Reader) (string, error) {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if kind != "text/plain" {
			return "", nil
		}
		return decoded(body, header.Get("Content-Transfer-Encoding"))
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if text, err := plain(part.Header, part); err != nil || text != "" {
			return text, err
		}
	}
}

func decoded(r io.Reader, encoding string) (string, error) {
	if strings.EqualFold(encoding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	raw, err := io.ReadAll(io.LimitReader(r, 1<<20))
	return strings.ReplaceAll(string(raw), "\r\n", "\n"), err
}
