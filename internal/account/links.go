package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// WantLink asks for a sign-in link by mail. Known and unknown addresses take the same way through the same statements;
// an address that is asked for too often just gets no further letter.
func (s Store) WantLink(ctx context.Context, email, from, next string, lang locale.Lang) error {
	var in fault.Invalid
	CheckEmail(&in, "email", email)
	if err := in.Err(); err != nil {
		return err
	}
	return s.letterTo(ctx, email, from, Letter{Kind: "sign-in", Email: email, Lang: lang, Link: "sign-in", Next: next})
}

// SignUp asks for an account. The answer is the same whether there is one already: the letter tells.
func (s Store) SignUp(ctx context.Context, name, email, from, next string, lang locale.Lang) error {
	if !s.open {
		return fmt.Errorf("sign up: %w", fault.Forbidden)
	}
	var in fault.Invalid
	checkName(&in, name)
	CheckEmail(&in, "email", email)
	if err := in.Err(); err != nil {
		return err
	}
	return s.letterTo(ctx, email, from, Letter{Kind: "sign-up", Email: email, Lang: lang, Link: "sign-up", Next: next, Detail: map[string]string{"name": name, "lang": string(lang)}})
}

func (s Store) letterTo(ctx context.Context, email, from string, l Letter) error {
	if err := s.limit(ctx, "letter from "+from, 30, 15*time.Minute); err != nil {
		return err
	}
	if err := s.limit(ctx, "letter to "+emailKey(email), 5, 15*time.Minute); err != nil {
		if errors.Is(err, fault.TooMany) {
			return nil
		}
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.Write(ctx, tx, l) })
}

// InvitationsADay that one person may send.
const InvitationsADay = 200

// Invitation is a letter that leads into a community, to an address with an account or without.
type Invitation struct {
	Email     string
	Name      string // to greet; empty: none
	Lang      locale.Lang
	Note      string // of who invites
	Slug      string
	Community string // its name
}

// Invite sends letters with links that lead into a community. Who has sent too many that day is told so, and none goes out.
func (s Store) Invite(ctx context.Context, tx pgx.Tx, by Account, all ...Invitation) error {
	var in fault.Invalid
	for _, i := range all {
		CheckEmail(&in, "email", i.Email)
	}
	if err := in.Err(); err != nil {
		return err
	}
	within := s
	within.db = tx // letters that are not sent do not count
	if err := within.count(ctx, fmt.Sprintf("invitation by %d", by.ID), len(all), InvitationsADay, 24*time.Hour); err != nil {
		if errors.Is(err, fault.TooMany) {
			return fault.One("addresses", "too-many-today", "max", InvitationsADay)
		}
		return err
	}
	for _, i := range all {
		l := Letter{Kind: "invitation", Email: i.Email, Name: i.Name, Lang: i.Lang, Link: "invitation",
			Words: map[string]string{"by": by.Name, "community": i.Community}, Detail: map[string]string{"community": i.Slug, "lang": string(i.Lang)}}
		if i.Note != "" {
			l.Kind, l.Words["note"] = "invitation-note", i.Note
		}
		if err := s.Write(ctx, tx, l); err != nil {
			return err
		}
	}
	return nil
}

// Uninvite makes the unused links of an address into a community dead, and takes back letters that were not written yet.
func (s Store) Uninvite(ctx context.Context, tx pgx.Tx, email, slug string) error {
	b := &pgx.Batch{}
	b.Queue(`update personal_link set expires_at = $3 where purpose = 'invitation' and lower(email) = $1 and detail->>'community' = $2 and used_at is null and expires_at > $3`, emailKey(email), slug, s.now())
	b.Queue(`delete from river_job where kind = 'letter' and state in ('available', 'scheduled', 'retryable')
		and args @> jsonb_build_object('Letter', jsonb_build_object('link', 'invitation', 'detail', jsonb_build_object('community', $2::text))) and lower(args->'Letter'->>'email') = $1`, emailKey(email), slug)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("withdraw invitation: %w", err)
	}
	return nil
}

// Personal is what a mailed link stands for.
type Personal struct {
	Purpose   string // "sign-in", "sign-up", "invitation", "address" or "proof"
	Account   ID
	Email     string
	Name      string // wished at sign-up
	Lang      locale.Lang
	Community string // slug, of an invitation
	Next      string
}

// Peek tells what a link is for without using it up. One that was used or is too old is fault.Gone.
func (s Store) Peek(ctx context.Context, token string) (Personal, error) {
	return s.peek(ctx, s.db, token, "")
}

func (s Store) peek(ctx context.Context, db postgres.DB, token, lock string) (Personal, error) {
	var p Personal
	var raw []byte
	var expires time.Time
	var used *time.Time
	err := db.QueryRow(ctx, `select purpose, coalesce(account_id, 0), email, detail, expires_at, used_at from personal_link where token_hash = $1`+lock, hashToken(token)).
		Scan(&p.Purpose, &p.Account, &p.Email, &raw, &expires, &used)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, fmt.Errorf("personal link: %w", fault.NotFound)
	}
	if err != nil {
		return p, fmt.Errorf("personal link: %w", err)
	}
	if used != nil || !expires.After(s.now()) {
		return p, fmt.Errorf("personal link: %w", fault.Gone)
	}
	var detail map[string]string
	if err := json.Unmarshal(raw, &detail); err != nil {
		return p, fmt.Errorf("personal link: %w", err)
	}
	p.Name, p.Community, p.Next, p.Lang = detail["name"], detail["community"], detail["next"], locale.Lang(detail["lang"])
	return p, nil
}

// Use uses a link up: it signs in, makes the account that it promised, or confirms a new address. Name is for who was invited.
func (s Store) Use(ctx context.Context, token, name string, lang locale.Lang) (Personal, error) {
	var p Personal
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var err error
		if p, err = s.peek(ctx, tx, token, " for update"); err != nil {
			return err
		}
		if err := s.fulfil(ctx, tx, &p, name, lang); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update personal_link set used_at = $2, account_id = $3 where token_hash = $1`, hashToken(token), s.now(), p.Account)
		return err
	})
	return p, err
}

func (s Store) fulfil(ctx context.Context, tx pgx.Tx, p *Personal, name string, lang locale.Lang) error {
	if p.Purpose == "address" {
		return s.changeAddress(ctx, tx, *p)
	}
	if p.Account != 0 {
		return nil
	}
	id, _, err := byEmail(ctx, tx, p.Email)
	if err != nil {
		return err
	}
	if p.Account = id; id != 0 || p.Purpose != "sign-up" && p.Purpose != "invitation" {
		return nil
	}
	if p.Name == "" {
		p.Name = strings.TrimSpace(name)
	}
	if locale.Known(string(p.Lang)) {
		lang = p.Lang
	}
	var in fault.Invalid
	checkName(&in, p.Name)
	if err := in.Err(); err != nil {
		return err
	}
	p.Account, err = Create(ctx, tx, Newcomer{Name: p.Name, Email: p.Email, Lang: lang, At: s.now()})
	return err
}

func (s Store) changeAddress(ctx context.Context, tx pgx.Tx, p Personal) error {
	var before string
	if err := tx.QueryRow(ctx, `select email from account where id = $1 for update`, p.Account).Scan(&before); err != nil {
		return fmt.Errorf("change address: %w", err)
	}
	tag, err := tx.Exec(ctx, `update account set email = $2, email_key = $3, revision = revision + 1 where id = $1 and not exists (select from account o where o.email_key = $3 and o.id <> $1)`,
		p.Account, p.Email, emailKey(p.Email))
	if err != nil {
		return fmt.Errorf("change address: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("change address: %w", fault.Gone)
	}
	return s.Write(ctx, tx, Letter{Kind: "address-changed", Account: p.Account, Email: before})
}

// WantAddress sends a link to a new address; the old one stays until the link is used.
func (s Store) WantAddress(ctx context.Context, a Account, email, from string) error {
	var in fault.Invalid
	CheckEmail(&in, "email", email)
	in.Check(emailKey(email) != emailKey(a.Email), "email", "same-address")
	if err := in.Err(); err != nil {
		return err
	}
	return s.letterTo(ctx, email, from, Letter{Kind: "address", Account: a.ID, Email: email, Link: "address"})
}

// WantProof sends a link by which a person who is signed in shows again who it is.
func (s Store) WantProof(ctx context.Context, a Account, from, next string) error {
	return s.letterTo(ctx, a.Email, from, Letter{Kind: "proof", Account: a.ID, Link: "proof", Next: next})
}
