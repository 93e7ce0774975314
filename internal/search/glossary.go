package search

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Limits of a term, in characters and in words per language.
const (
	MaxTermWord   = 80
	MaxTermWords  = 8
	MaxDefinition = 600
	MaxSource     = 500
)

// Sense is a term in one language: what it is called there, the usual word first, and what it means in plain words.
type Sense struct {
	Words      []string
	Definition string
}

// Term is one thing of the field with what it is called in each language.
type Term struct {
	Slug      string
	Source    string
	Revision  int
	Senses    map[locale.Lang]Sense
	UpdatedAt time.Time
	UpdatedBy string
}

// Name of the term in l, or in the first language that has one.
func (t Term) Name(l locale.Lang) string {
	for _, in := range append([]locale.Lang{l}, locale.All...) {
		if words := t.Senses[in].Words; len(words) > 0 {
			return words[0]
		}
	}
	return t.Slug
}

// TermInput is a term as somebody writes it. Revision is the one that a change started from.
type TermInput struct {
	Senses   map[locale.Lang]Sense
	Source   string
	Revision int
	Request  uuid.UUID
}

// MayExtend reports whether the reader may add to the glossary: every member of any community.
func MayExtend(r community.Reach) bool { return r.Me != 0 && r.Signed() }

// MayRemove reports whether the reader may take a term out: coordinators.
func MayRemove(r community.Reach) bool {
	return r.Me != 0 && (len(r.Coordinated) > 0 || r.Everywhere)
}

func (in TermInput) check() error {
	var bad fault.Invalid
	named := 0
	for _, l := range locale.All {
		s := in.Senses[l]
		named += len(s.Words)
		bad.Check(len(s.Words) <= MaxTermWords, "words-"+string(l), "too-many", "max", MaxTermWords)
		for _, w := range s.Words {
			if utf8.RuneCountInString(w) > MaxTermWord {
				bad.Check(false, "words-"+string(l), "too-long", "max", MaxTermWord)
				break
			}
		}
		for _, w := range s.Words {
			if KeyOf(l, w) == "" {
				bad.Check(false, "words-"+string(l), "term-word", "word", w)
				break
			}
		}
		bad.Check(utf8.RuneCountInString(s.Definition) <= MaxDefinition, "definition-"+string(l), "too-long", "max", MaxDefinition)
		bad.Check(s.Definition == "" || len(s.Words) > 0, "words-"+string(l), "required")
	}
	bad.Check(named > 0, "words-en", "term-named")
	bad.Check(utf8.RuneCountInString(in.Source) <= MaxSource, "source", "too-long", "max", MaxSource)
	u, err := url.Parse(in.Source)
	bad.Check(in.Source == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "", "source", "address")
	return bad.Err()
}

// AddTerm puts a term into the glossary and returns its slug; the same form sent twice adds it once.
func (s Store) AddTerm(ctx context.Context, reach community.Reach, in TermInput) (string, error) {
	if !MayExtend(reach) {
		return "", fmt.Errorf("add a term: %w", fault.Forbidden)
	}
	if err := in.check(); err != nil {
		return "", err
	}
	var slug string
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) (err error) {
		slug, err = s.AddTermAs(ctx, tx, reach.Me, in)
		return err
	})
	return slug, err
}

// AddTermAs is AddTerm in the caller's transaction and without asking who; 0 is the programme itself. For loading a programme.
func (s Store) AddTermAs(ctx context.Context, tx pgx.Tx, who account.ID, in TermInput) (string, error) {
	name := Term{Senses: in.Senses}.Name(locale.English)
	base := link.Slug(name)
	if base == "" {
		base = "term"
	}
	base = strings.Trim(base[:min(len(base), 54)], "-")
	var id int64
	var slug string
	// Terms are few and rarely added: one at a time needs no second try for a free slug.
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(7261949)`); err != nil {
		return "", fmt.Errorf("add a term: %w", err)
	}
	err := tx.QueryRow(ctx, `select slug from glossary_term where request = $1`, in.Request).Scan(&slug)
	if err == nil || !errors.Is(err, pgx.ErrNoRows) {
		return slug, err
	}
	err = tx.QueryRow(ctx, `insert into glossary_term (slug, source, request, created_by, created_at, updated_by, updated_at)
		select coalesce((select $1 where not exists (select from glossary_term where slug = $1)),
			(select $1 || '-' || n from generate_series(2, 1000) n where not exists (select from glossary_term where slug = $1 || '-' || n) limit 1)),
			$2, $3, nullif($4::bigint, 0), $5, nullif($4::bigint, 0), $5 returning id, slug`, base, in.Source, in.Request, who, s.now()).Scan(&id, &slug)
	if err != nil {
		return "", fmt.Errorf("add term %q: %w", name, err)
	}
	if err := writeSenses(ctx, tx, id, in.Senses); err != nil {
		return "", err
	}
	if who == 0 {
		return slug, nil // a programme that is loaded is not told word by word
	}
	return slug, activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: who, Verb: "term.added", Detail: map[string]any{"slug": slug}})
}

func writeSenses(ctx context.Context, tx pgx.Tx, id int64, senses map[locale.Lang]Sense) error {
	b := &pgx.Batch{}
	b.Queue(`delete from glossary_word where term_id = $1`, id)
	b.Queue(`delete from glossary_definition where term_id = $1`, id)
	for _, l := range locale.All {
		for n, w := range senses[l].Words {
			b.Queue(`insert into glossary_word (term_id, lang, position, word, key) values ($1, $2, $3, $4, $5)`, id, l, n+1, w, KeyOf(l, w))
		}
		if d := senses[l].Definition; d != "" {
			b.Queue(`insert into glossary_definition (term_id, lang, text) values ($1, $2, $3)`, id, l, d)
		}
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("words of term %d: %w", id, err)
	}
	return nil
}

// ReviseTerm changes a term; what it was before is kept in the activity. A change that started from another revision is a fault.Conflict.
func (s Store) ReviseTerm(ctx context.Context, reach community.Reach, slug string, in TermInput) error {
	if !MayExtend(reach) {
		return fmt.Errorf("change a term: %w", fault.Forbidden)
	}
	if err := in.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, revision, err := lockTerm(ctx, tx, slug)
		if err != nil {
			return err
		}
		if revision != in.Revision {
			return fmt.Errorf("term %s: %w", slug, &fault.Conflict{Revision: revision})
		}
		before, err := s.in(tx).Term(ctx, slug)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update glossary_term set source = $2, revision = revision + 1, updated_by = $3, updated_at = $4 where id = $1`, id, in.Source, reach.Me, s.now()); err != nil {
			return fmt.Errorf("term %s: %w", slug, err)
		}
		if err := writeSenses(ctx, tx, id, in.Senses); err != nil {
			return err
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: reach.Me, Verb: "term.changed", Detail: map[string]any{"slug": slug, "revision": revision, "source": before.Source, "before": before.Senses}})
	})
}

// RemoveTerm takes a term out of the glossary; what it was is kept in the activity.
func (s Store) RemoveTerm(ctx context.Context, reach community.Reach, slug string) error {
	if !MayRemove(reach) {
		return fmt.Errorf("remove a term: %w", fault.Forbidden)
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		id, revision, err := lockTerm(ctx, tx, slug)
		if err != nil {
			return err
		}
		before, err := s.in(tx).Term(ctx, slug)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from glossary_term where id = $1`, id); err != nil {
			return fmt.Errorf("remove term %s: %w", slug, err)
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: reach.Me, Verb: "term.removed", Detail: map[string]any{"slug": slug, "revision": revision, "source": before.Source, "before": before.Senses}})
	})
}

func lockTerm(ctx context.Context, tx pgx.Tx, slug string) (id int64, revision int, err error) {
	err = tx.QueryRow(ctx, `select id, revision from glossary_term where slug = $1 for update`, slug).Scan(&id, &revision)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, 0, fmt.Errorf("term %s: %w", slug, fault.NotFound)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("term %s: %w", slug, err)
	}
	return id, revision, nil
}
