package account

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/mail"
)

// Letter is a mail to be written in the background. It names a person by account, or by address when there may be no account.
// It never carries a secret: a letter with a link gets its token when it is written.
type Letter struct {
	Kind    string            `json:"kind"` // the messages letters.<kind>.subject, .text and .button
	Account ID                `json:"account,omitempty"`
	Email   string            `json:"email,omitempty"`
	Name    string            `json:"name,omitempty"` // to greet where there is no account
	Lang    locale.Lang       `json:"lang,omitempty"` // of who asked; an account's own goes before
	Link    string            `json:"link,omitempty"` // purpose of a personal link to make, or an address of the site beginning with "/"
	Next    string            `json:"next,omitempty"`
	Words   map[string]string `json:"words,omitempty"` // fill the message
	Detail  map[string]string `json:"detail,omitempty"`
}

// letterJob is what River stores.
type letterJob struct{ Letter Letter }

// Kind of the job.
func (letterJob) Kind() string { return "letter" }

// Write puts a letter into the causing transaction: it is sent when that is committed, and not otherwise.
func (s Store) Write(ctx context.Context, tx pgx.Tx, l Letter) error {
	if _, err := s.jobs.InsertTx(ctx, tx, letterJob{l}, &river.InsertOpts{MaxAttempts: 8}); err != nil {
		return fmt.Errorf("letter %s: %w", l.Kind, err)
	}
	return nil
}

// Post is Write for the rooms that keep no queue of their own.
func Post(ctx context.Context, tx pgx.Tx, l Letter) error {
	if _, err := tx.Exec(ctx, `insert into river_job (kind, args, queue, max_attempts) values ($1, $2, $3, 8)`, letterJob{}.Kind(), letterJob{l}, river.QueueDefault); err != nil {
		return fmt.Errorf("letter %s: %w", l.Kind, err)
	}
	return nil
}

// Written is a letter ready to be put into words.
type Written struct {
	Kind  string
	To    string
	Name  string
	Lang  locale.Lang
	Path  string // of the button; empty: none
	Words map[string]string
}

// Writer sends letters. Compose puts them into words: the pages' side sets it.
type Writer struct {
	river.WorkerDefaults[letterJob]
	Store   Store
	Compose func(ctx context.Context, w Written) (mail.Message, error)
	Send    func(ctx context.Context, m mail.Message) error
}

// Timeout of one letter.
func (*Writer) Timeout(*river.Job[letterJob]) time.Duration { return time.Minute }

// Work writes and sends one letter. Run twice, it sends a second letter with a link of its own: both work once.
func (w *Writer) Work(ctx context.Context, job *river.Job[letterJob]) error {
	return w.Deliver(ctx, job.Args.Letter)
}

// Register lets River's workers write letters.
func (w *Writer) Register(workers *river.Workers) { river.AddWorker(workers, w) }

// Deliver writes and sends a letter now.
func (w *Writer) Deliver(ctx context.Context, l Letter) error {
	out, err := w.Store.address(ctx, &l)
	if err != nil || out.To == "" {
		return err
	}
	if out.Path, err = w.Store.path(ctx, l); err != nil {
		return err
	}
	msg, err := w.Compose(ctx, out)
	if err != nil {
		return fmt.Errorf("letter %s: %w", l.Kind, err)
	}
	return w.Send(ctx, msg)
}

// address finds out to whom a letter goes. A wished sign-in becomes another letter where there is no account, and so does a
// sign-up where there is one already: only the owner of the mailbox learns which.
func (s Store) address(ctx context.Context, l *Letter) (Written, error) {
	out := Written{To: l.Email, Name: l.Name, Lang: l.Lang, Words: l.Words}
	id := l.Account
	if id == 0 && (l.Kind == "sign-in" || l.Kind == "sign-up") {
		found, _, err := byEmail(ctx, s.db, l.Email)
		if err != nil {
			return out, err
		}
		id = found
		switch {
		case l.Kind == "sign-in" && id == 0:
			l.Kind, l.Link = "unknown", ""
			if s.open {
				l.Link = link.SignUp
			}
		case l.Kind == "sign-up" && id != 0:
			l.Kind, l.Link = "known", "sign-in"
		}
	}
	if id != 0 {
		l.Account = id
		email := ""
		if err := s.db.QueryRow(ctx, `select name, email, lang from account where id = $1`, id).Scan(&out.Name, &email, &out.Lang); err != nil {
			return out, fmt.Errorf("letter to account %d: %w", id, err)
		}
		if out.To == "" {
			out.To = email
		}
	}
	if out.Lang == "" {
		out.Lang = locale.English
	}
	out.Kind = l.Kind
	return out, nil
}

// lifetimes of personal links.
var lifetimes = map[string]time.Duration{"sign-in": 30 * time.Minute, "sign-up": 24 * time.Hour, "invitation": 14 * 24 * time.Hour, "address": 24 * time.Hour, "proof": 30 * time.Minute}

func (s Store) path(ctx context.Context, l Letter) (string, error) {
	lifetime, personal := lifetimes[l.Link]
	if !personal {
		return l.Link, nil
	}
	token, hash := newToken()
	detail := map[string]string{"next": l.Next}
	for k, v := range l.Detail {
		detail[k] = v
	}
	raw, err := json.Marshal(detail)
	if err != nil {
		return "", err
	}
	email := l.Email
	if email == "" {
		if err := s.db.QueryRow(ctx, `select email from account where id = $1`, l.Account).Scan(&email); err != nil {
			return "", err
		}
	}
	now := s.now()
	_, err = s.db.Exec(ctx, `insert into personal_link (token_hash, purpose, account_id, email, detail, created_at, expires_at) values ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7)`,
		hash, l.Link, l.Account, email, raw, now, now.Add(lifetime))
	if err != nil {
		return "", fmt.Errorf("personal link: %w", err)
	}
	return link.PersonalLink(token), nil
}
