package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Cost of a password's hash: argon2id with 19 MiB, 2 passes, 1 lane, the OWASP password storage cheat sheet's first choice.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashBytes  = 32
)

// hashing bounds how many hashes are computed at once, and so the memory they take.
var hashing = make(chan struct{}, 2)

func derive(password string, salt []byte, memory, passes uint32, lanes uint8) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, hashBytes)
}

// hashPassword writes the hash as a PHC string.
func hashPassword(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes, b64(salt),
		b64(derive(password, salt, hashMemory, hashPasses, hashLanes)))
}

func verifyPassword(password, phc string) bool {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false
	}
	return subtle.ConstantTimeCompare(derive(password, salt, memory, passes, lanes), want) == 1
}

// nobodysHash is compared with when there is no account or no password, so that both take the same time.
var nobodysHash = hashPassword("nobody has this password")

// MinPassword is the least number of characters of a password.
const MinPassword = 10

var common = map[string]bool{"1234567890": true, "12345678910": true, "0123456789": true, "qwertyuiop": true, "password12": true, "password123": true, "passwort123": true, "motdepasse": true,
	"motdepasse1": true, "qwerty12345": true, "1q2w3e4r5t": true, "qwertz12345": true, "abcdefghij": true, "iloveyou12": true, "letmein123": true, "welcome123": true, "willkommen1": true, "sommer2026": true,
	"administrator": true, "passwortpasswort": true, "passwordpassword": true, "1111111111": true, "0000000000": true, "aaaaaaaaaa": true, "azertyuiop": true, "bienvenue1": true, "urbanfluxes": true}

func checkPassword(in *fault.Invalid, password, email string) {
	in.Check(password != "", "password", "required")
	if password == "" {
		return
	}
	in.Check(utf8.RuneCountInString(password) >= MinPassword, "password", "too-short", "min", MinPassword)
	in.Check(len(password) <= 500, "password", "too-long", "max", 500)
	low := strings.ToLower(password)
	name, _, _ := strings.Cut(emailKey(email), "@")
	in.Check(!common[low] && (name == "" || !strings.Contains(low, name) || len(name) < 4) && low != emailKey(email), "password", "guessable")
}

// SignIn proves a person by password. A wrong address and a wrong password are told apart neither by words nor by time.
func (s Store) SignIn(ctx context.Context, email, password, from string) (ID, error) {
	var in fault.Invalid
	CheckEmail(&in, "email", email)
	in.Check(password != "", "password", "required")
	if err := in.Err(); err != nil {
		return 0, err
	}
	if err := s.limit(ctx, "password from "+from, 60, 15*time.Minute); err != nil {
		return 0, err
	}
	if err := s.limit(ctx, "password of "+emailKey(email), 10, 15*time.Minute); err != nil {
		return 0, err
	}
	var id ID
	hash := nobodysHash
	err := s.db.QueryRow(ctx, `select a.id, c.hash from account a join credential c on c.account_id = a.id where a.email_key = $1`, emailKey(email)).Scan(&id, &hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("sign in: %w", err)
	}
	if !verifyPassword(password, hash) || id == 0 {
		return 0, fault.One("password", "wrong-password")
	}
	return id, nil
}

// HasPassword reports whether an account can sign in by password.
func (s Store) HasPassword(ctx context.Context, id ID) (bool, error) {
	var has bool
	err := s.db.QueryRow(ctx, `select exists (select from credential where account_id = $1)`, id).Scan(&has)
	return has, err
}

// SetPassword stores a new password, signs out everywhere but in session keep, and tells the owner by mail.
func (s Store) SetPassword(ctx context.Context, a Account, keep int64, password, again string) error {
	var in fault.Invalid
	checkPassword(&in, password, a.Email)
	in.Check(password == again, "again", "not-the-same")
	if err := in.Err(); err != nil {
		return err
	}
	hash := hashPassword(password)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into credential (account_id, hash, changed_at) values ($1, $2, $3)
			on conflict (account_id) do update set hash = excluded.hash, changed_at = excluded.changed_at`, a.ID, hash, s.now())
		if err != nil {
			return fmt.Errorf("set password: %w", err)
		}
		if err := s.signOutElsewhere(ctx, tx, a.ID, keep); err != nil {
			return err
		}
		return s.Write(ctx, tx, Letter{Kind: "password-changed", Account: a.ID})
	})
}

// Demand judges the password of a person who is signed in already.
func (s Store) Demand(ctx context.Context, a Account, password, from string) error {
	id, err := s.SignIn(ctx, a.Email, password, from)
	if err == nil && id != a.ID {
		return fault.One("password", "wrong-password")
	}
	return err
}
