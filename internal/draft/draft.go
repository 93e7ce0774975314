// Package draft keeps what somebody is writing, until it is sent.
package draft

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MaxBytes is how much the fields of a draft may weigh, MaxDrafts how many drafts a person may keep.
const (
	MaxBytes  = 250_000 // the longest text, in Greek
	MaxDrafts = 100
)

// Draft is a form as it was typed so far. Place is the address to which it will be sent.
type Draft struct {
	Place    string
	Fields   url.Values
	Revision int
	At       time.Time
}

// Get is the first value of a field.
func (d Draft) Get(name string) string { return d.Fields.Get(name) }

// Words are what was typed as title and text.
func (d Draft) Words() string {
	var words []string
	for _, name := range append([]string{"title", "body"}, parts(d.Fields)...) {
		if text := strings.TrimSpace(d.Get(name)); text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, "\n\n")
}

// parts are the fields that hold the text of a form, where it has several: the form names them itself.
func parts(fields url.Values) []string { return strings.Fields(fields.Get("parts")) }

// Store keeps drafts. Nobody but their writer reads them: every method takes the account and reads no other's.
type Store struct {
	db  postgres.DB
	now func() time.Time
}

// NewStore keeps drafts in db.
func NewStore(db postgres.DB, now func() time.Time) Store { return Store{db: db, now: now} }

// passing fields belong to one showing of the form, not to what is typed.
var passing = map[string]bool{"request": true, "act": true, "draft": true, "tab": true, "place": true}

// Sent is the id under which a form is sent. With the same words it is the same thing sent once more; with others it is something else, as
// when somebody goes back in the browser and writes again.
func Sent(fields url.Values) uuid.UUID {
	request, err := uuid.Parse(fields.Get("request"))
	if err != nil {
		request = uuid.New()
	}
	var words []string
	for _, name := range append([]string{"title", "body", "tried"}, parts(fields)...) {
		words = append(words, strings.TrimSpace(fields.Get(name)))
	}
	return uuid.NewSHA1(request, []byte(strings.Join(words, "\x00")))
}

// Save stores what was typed in the window tab, which knows the draft as of revision (0: none). When another window has saved
// meanwhile, nothing is stored: fault.Conflict. A form without words is no draft, nor are
// words that were sent while they were on their way here.
func (s Store) Save(ctx context.Context, who account.ID, place string, fields url.Values, revision int, tab string) (Draft, error) {
	d := Draft{Place: place, Fields: url.Values{}, At: s.now()}
	for name, texts := range fields {
		if !passing[name] {
			d.Fields[name] = texts
		}
	}
	raw, err := json.Marshal(d.Fields)
	if err != nil {
		return d, err
	}
	var in fault.Invalid
	in.Check(who != 0 && strings.HasPrefix(place, "/") && !strings.HasPrefix(place, "//") && utf8.RuneCountInString(place) <= 300, "place", "choose")
	in.Check(len(raw) <= MaxBytes, "body", "too-heavy", "max", MaxBytes/1000)
	if err := in.Err(); err != nil {
		return d, err
	}
	if revision < 0 || revision > 1<<30 {
		revision = 0 // nobody has saved so often
	}
	if r := []rune(tab); len(r) > 60 {
		tab = string(r[:60])
	}
	sent := Sent(fields)
	return d, postgres.InTx(ctx, s.db, func(tx pgx.Tx) error { return s.save(ctx, tx, who, &d, raw, revision, tab, sent) })
}

func (s Store) save(ctx context.Context, tx pgx.Tx, who account.ID, d *Draft, raw []byte, revision int, tab string, sent uuid.UUID) error {
	// Drafts of one person happen one after the other, so that they can be counted.
	if _, err := tx.Exec(ctx, `select from account where id = $1 for no key update`, who); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	var already bool
	err := tx.QueryRow(ctx, `select exists (select from request where account_id = $1 and id = $2)`, who, sent).Scan(&already)
	if err != nil || already {
		d.Revision = revision
		return err
	}
	var known int
	var by string
	err = tx.QueryRow(ctx, `select revision, tab from draft where account_id = $1 and place = $2`, who, d.Place).Scan(&known, &by)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from draft where account_id = $1`, who).Scan(&n); err != nil {
			return fmt.Errorf("draft: %w", err)
		}
		if n >= MaxDrafts {
			return fault.One("body", "too-many-drafts", "max", MaxDrafts)
		}
		known = revision // it was sent or discarded elsewhere: numbers go on, so that an older window still notices
	case err != nil:
		return fmt.Errorf("draft: %w", err)
	case known != revision && (tab == "" || tab != by):
		return fmt.Errorf("draft of %s: %w", d.Place, &fault.Conflict{Revision: known})
	}
	d.Revision = known + 1
	_, err = tx.Exec(ctx, `insert into draft (account_id, place, fields, tab, revision, at) values ($1, $2, $3, $4, $5, $6)
		on conflict (account_id, place) do update set fields = excluded.fields, tab = excluded.tab, revision = excluded.revision, at = excluded.at`,
		who, d.Place, raw, tab, d.Revision, d.At)
	if err != nil {
		return fmt.Errorf("draft of %s: %w", d.Place, err)
	}
	return nil
}

const columns = `place, fields, revision, at`

func scan(row pgx.CollectableRow) (Draft, error) {
	var d Draft
	var raw []byte
	if err := row.Scan(&d.Place, &raw, &d.Revision, &d.At); err != nil {
		return d, err
	}
	return d, json.Unmarshal(raw, &d.Fields)
}

// Load is the draft for a place; fault.NotFound without one.
func (s Store) Load(ctx context.Context, who account.ID, place string) (Draft, error) {
	rows, err := s.db.Query(ctx, `select `+columns+` from draft where account_id = $1 and place = $2`, who, place)
	if err != nil {
		return Draft{}, fmt.Errorf("draft of %s: %w", place, err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.NotFound
	}
	if err != nil {
		return Draft{}, fmt.Errorf("draft of %s: %w", place, err)
	}
	return d, nil
}

// LoadBesides reads the draft for a place besides something else; without one, into stays as it is: revision 0.
func (s Store) LoadBesides(who account.ID, place string, into *Draft) postgres.Besides {
	return func(b *pgx.Batch) {
		b.Queue(`select `+columns+` from draft where account_id = $1 and place = $2`, who, place).Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, scan)
			if err == nil && len(found) > 0 {
				*into = found[0]
			}
			return err
		})
	}
}

// Drop forgets the draft for a place: it was sent, or its writer discards it.
func (s Store) Drop(ctx context.Context, who account.ID, place string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		// Words of the same writer that are being saved at this moment are waited for.
		_, err := tx.Exec(ctx, `select from account where id = $1 for no key update`, who)
		if err == nil {
			_, err = tx.Exec(ctx, `delete from draft where account_id = $1 and place = $2`, who, place)
		}
		if err != nil {
			return fmt.Errorf("draft of %s: %w", place, err)
		}
		return nil
	})
}

// Mine are all drafts of a person, the newest first.
func (s Store) Mine(ctx context.Context, who account.ID) ([]Draft, error) {
	rows, err := s.db.Query(ctx, `select `+columns+` from draft where account_id = $1 order by at desc, place`, who)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	drafts, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", err)
	}
	return drafts, nil
}

// Moved lets everybody's drafts follow a thread to its new address.
func Moved(ctx context.Context, tx pgx.Tx, from, to string) error {
	_, err := tx.Exec(ctx, `update draft set place = $2 || substr(place, length($1) + 1) where starts_with(place, $1 || '/')`, from, to)
	if err != nil {
		return fmt.Errorf("drafts of %s: %w", from, err)
	}
	return nil
}
