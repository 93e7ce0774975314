// Package mail carries messages out: to a mail server, or to a folder where there is none.
package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"urbanfluxes.eu/koinon/internal/locale"
)

// Message is one mail to one person.
type Message struct {
	To          string
	From        string // name beside the sending address; empty: the product's
	Subject     string
	Text        string
	HTML        string
	Lang        locale.Lang
	ID          string // makes the Message-ID, so that the same letter sent twice is one; empty: a new one
	Thread      string // makes the id of the root under which letters about one thing gather; empty: none
	List        string // name of the list that the letter belongs to; empty: none
	ListID      string // of that list, below the sender's domain, such as "meetings.basel"
	Unsubscribe string // address at which a bare POST ends letters of this kind (RFC 8058); empty: none
	Invite      *Invite
}

// Invite is the calendar file of a letter.
type Invite struct {
	Method string // of RFC 5546, such as REQUEST
	File   []byte
}

// Transport sends messages. With an empty server it writes them into Dir.
type Transport struct {
	from   string
	domain string
	dir    string
	client *gomail.Client
	now    func() time.Time
}

// NewTransport sends from an address through server (smtp://user:password@host:port, or smtps://…), or into dir when server is empty.
// Without TLS it speaks to this very machine only.
func NewTransport(server, from, dir string, now func() time.Time) (*Transport, error) {
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("sender %q is no mail address", from)
	}
	t := &Transport{from: sender.Address, domain: sender.Address[strings.LastIndexByte(sender.Address, '@')+1:], dir: dir, now: now}
	if server == "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("folder for mail: %w", err)
		}
		return t, nil
	}
	u, err := url.Parse(server)
	if err != nil {
		return nil, errors.New("the mail server's address cannot be read") // err would tell the password
	}
	options := []gomail.Option{gomail.WithTimeout(30 * time.Second)}
	switch {
	case u.Scheme == "smtps":
		options = append(options, gomail.WithSSL(), gomail.WithPort(465))
	case u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127."):
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic), gomail.WithPort(25))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithPort(587))
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		options = append(options, gomail.WithPort(port))
	}
	if password, ok := u.User.Password(); ok {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	if t.client, err = gomail.NewClient(u.Hostname(), options...); err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return t, nil
}

// Send hands a message over.
func (t *Transport) Send(ctx context.Context, m Message) error {
	msg, err := t.compose(m)
	if err != nil {
		return err
	}
	if t.client != nil {
		if err := t.client.DialAndSendWithContext(ctx, msg); err != nil {
			return fmt.Errorf("send mail: %w", err)
		}
		return nil
	}
	return t.keep(msg)
}

func (t *Transport) compose(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithNoDefaultUserAgent())
	name := oneLine(m.From)
	if name == "" {
		name = "Koinon"
	}
	msg.FromMailAddress(&netmail.Address{Name: name, Address: t.from})
	if err := msg.To(m.To); err != nil {
		return nil, errors.New("mail to an address that cannot be one") // err would tell the address
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetDateWithValue(t.now())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader("Content-Language", string(m.Lang))
	t.gather(msg, m)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, m.Invite.join(msg)
}

// gather sets the headers by which mail programs put letters together, and end them.
func (t *Transport) gather(msg *gomail.Msg, m Message) {
	id := oneWord(m.ID)
	if id == "" {
		id = fmt.Sprintf("%d.%s", t.now().UnixNano(), strconv.FormatInt(int64(os.Getpid()), 36))
	}
	msg.SetMessageIDWithValue(id + "@" + t.domain)
	if root := oneWord(m.Thread); root != "" {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+root+"@"+t.domain+">")
		msg.SetGenHeader(gomail.HeaderReferences, "<"+root+"@"+t.domain+">")
	}
	if m.ListID != "" {
		phrase, _, _ := strings.Cut((&netmail.Address{Name: oneLine(m.List), Address: t.from}).String(), "<")
		msg.SetGenHeader("List-Id", phrase+"<"+oneWord(m.ListID)+"."+t.domain+">")
	}
	if m.Unsubscribe != "" {
		msg.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+oneWord(m.Unsubscribe)+">")
		msg.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
}

// join puts the file where calendars look for it: as another form of the text for those that offer answers, and as a file for those that save it.
func (i *Invite) join(msg *gomail.Msg) error {
	if i == nil {
		return nil
	}
	msg.AddAlternativeString(gomail.ContentType("text/calendar; method="+i.Method), string(i.File))
	if err := msg.AttachReader("invite.ics", bytes.NewReader(i.File), gomail.WithFileContentType("application/ics")); err != nil {
		return fmt.Errorf("calendar file of a mail: %w", err)
	}
	return nil
}

// keep writes the message whole or not at all.
func (t *Transport) keep(msg *gomail.Msg) error {
	file, err := os.CreateTemp(t.dir, ".sending-*")
	if err != nil {
		return fmt.Errorf("keep mail: %w", err)
	}
	defer os.Remove(file.Name()) // is gone already when it was renamed
	_, err = msg.WriteTo(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("keep mail: %w", err)
	}
	name := t.now().UTC().Format("20060102-150405.000000") + "-" + strings.TrimPrefix(filepath.Base(file.Name()), ".sending-") + ".eml"
	return os.Rename(file.Name(), filepath.Join(t.dir, name))
}

// oneLine is a text that breaks no header open.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func oneWord(s string) string { return strings.ReplaceAll(oneLine(s), " ", "") }

// Box reads the messages that a Transport kept in dir.
func Box(dir string) fs.FS { return os.DirFS(dir) }
