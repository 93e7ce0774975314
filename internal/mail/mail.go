// Package mail carries messages out: to a mail server, or to a folder where there is none.
package mail

import (
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

	gomail "github.com/wneessen/go-mail"

	"urbanfluxes.eu/koinon/internal/locale"
)

// Message is one mail to one person.
type Message struct {
	To      string
	Subject string
	Text    string
	HTML    string
	Lang    locale.Lang
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
	at := strings.LastIndexByte(from, '@')
	if _, err := netmail.ParseAddress(from); err != nil || at < 0 {
		return nil, fmt.Errorf("sender %q is no mail address", from)
	}
	t := &Transport{from: from, domain: strings.TrimSuffix(from[at+1:], ">"), dir: dir, now: now}
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
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8))
	if err := msg.FromFormat("Koinon", t.from); err != nil {
		return nil, fmt.Errorf("mail from: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, errors.New("mail to an address that cannot be one") // err would tell the address
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetDateWithValue(t.now())
	msg.SetMessageIDWithValue(fmt.Sprintf("%d.%s@%s", t.now().UnixNano(), strconv.FormatInt(int64(os.Getpid()), 36), t.domain))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("Content-Language", string(m.Lang))
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
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

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Box reads the messages that a Transport kept in dir.
func Box(dir string) fs.FS { return os.DirFS(dir) }
