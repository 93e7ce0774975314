package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Jobs puts background work into the causing transaction.
type Jobs interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// Store keeps accounts. Open says whether strangers may sign up.
type Store struct {
	db   postgres.DB
	jobs Jobs
	open bool
	now  func() time.Time
}

// NewStore keeps accounts in db and sends letters through jobs.
func NewStore(db postgres.DB, jobs Jobs, open bool, now func() time.Time) Store {
	return Store{db: db, jobs: jobs, open: open, now: now}
}

// Open reports whether strangers may sign up.
func (s Store) Open() bool { return s.open }

// CheckEmail judges a mail address.
func CheckEmail(in *fault.Invalid, field, email string) {
	in.Check(email != "", field, "required")
	if email == "" {
		return
	}
	parsed, err := mail.ParseAddress(email)
	sound := err == nil && parsed.Address == email && len(email) <= 254 && strings.Contains(email[strings.LastIndexByte(email, '@'):], ".") && !strings.ContainsAny(email, " \"<>(),;:\\")
	in.Check(sound, field, "email")
}

func checkName(in *fault.Invalid, name string) {
	in.Check(name != "", "name", "required")
	in.Check(utf8.RuneCountInString(name) <= 120, "name", "too-long", "max", 120)
}

// emailKey is what makes two spellings of an address the same.
func emailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// newToken is 32 random bytes for an address, and their hash for the database.
func newToken() (token string, hash []byte) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	token = base64.RawURLEncoding.EncodeToString(raw[:])
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// byEmail is the id and language of an account; 0 when there is none.
func byEmail(ctx context.Context, db postgres.DB, email string) (id ID, lang locale.Lang, err error) {
	err = db.QueryRow(ctx, `select id, lang from account where email_key = $1 and left_at is null`, emailKey(email)).Scan(&id, &lang)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", nil
	}
	return id, lang, err
}

// Newcomer is an account to be made.
type Newcomer struct {
	Name         string
	Email        string
	Organisation string
	Sector       string
	Languages    []string
	Lang         locale.Lang
	About        string
	Handle       string // empty: made from the name
	At           time.Time
}

// Create makes an account within tx; the handle is made from the name and numbered when it is taken.
func Create(ctx context.Context, tx pgx.Tx, n Newcomer) (ID, error) {
	base := n.Handle
	if base == "" {
		base = link.Slug(n.Name)
	}
	if len(base) > 50 {
		base = strings.Trim(base[:50], "-")
	}
	if base == "" {
		base = "member"
	}
	if n.Languages == nil {
		n.Languages = []string{string(n.Lang)}
	}
	for try := 1; try < 1000; try++ {
		handle := base
		if try > 1 {
			handle = fmt.Sprintf("%s-%d", base, try)
		}
		var id ID
		err := tx.QueryRow(ctx, `insert into account (handle, name, email, email_key, organisation, sector, languages, lang, about, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (handle) do nothing returning id`,
			handle, n.Name, n.Email, emailKey(n.Email), n.Organisation, n.Sector, n.Languages, n.Lang, n.About, n.At).Scan(&id)
		if err == nil {
			return id, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return 0, fmt.Errorf("create account: %w", err)
		}
	}
	return 0, fmt.Errorf("no handle left for %q", base)
}

// MakeAdministrator gives an address the administrator's rights, making the account when there is none.
func (s Store) MakeAdministrator(ctx context.Context, email, name string) (ID, error) {
	var in fault.Invalid
	CheckEmail(&in, "email", email)
	checkName(&in, name)
	if err := in.Err(); err != nil {
		return 0, err
	}
	var id ID
	return id, postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var err error
		if id, _, err = byEmail(ctx, tx, email); err != nil {
			return err
		}
		if id == 0 {
			if id, err = Create(ctx, tx, Newcomer{Name: name, Email: email, Lang: locale.English, At: s.now()}); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `update account set administrator = true where id = $1`, id)
		return err
	})
}
