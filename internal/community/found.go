package community

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Founding is a community to be founded.
type Founding struct {
	Request     uuid.UUID
	Slug        string
	Kind        string
	Name        string
	Lang        locale.Lang
	Zone        string
	Latitude    *float64
	Longitude   *float64
	Visibility  string
	Admission   string
	Coordinator string      // e-mail address of an account
	Perspective Perspective // of the coordinator
}

// Admissions and visibilities of a community.
var (
	Admissions   = []string{"open", "request", "invitation"}
	Visibilities = []string{"public", "private"}
)

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (f Founding) check() error {
	var in fault.Invalid
	in.Check(f.Name != "", "name", "required")
	in.Check(utf8.RuneCountInString(f.Name) <= 80, "name", "too-long", "max", 80)
	in.Check(slug.MatchString(f.Slug) && len(f.Slug) <= 40, "slug", "slug")
	in.Check(f.Kind == "city" || f.Kind == "umbrella", "kind", "choose")
	in.Check(locale.Known(string(f.Lang)), "lang", "choose")
	_, err := time.LoadLocation(f.Zone)
	in.Check(err == nil && f.Zone != "" && f.Zone != "Local", "zone", "zone")
	in.Check(f.Latitude == nil || *f.Latitude >= -90 && *f.Latitude <= 90, "latitude", "place")
	in.Check(f.Longitude == nil || *f.Longitude >= -180 && *f.Longitude <= 180, "longitude", "place")
	in.Check((f.Latitude == nil) == (f.Longitude == nil), "longitude", "place")
	in.Check(slices.Contains(Visibilities, f.Visibility), "visibility", "choose")
	in.Check(slices.Contains(Admissions, f.Admission), "admission", "choose")
	account.CheckEmail(&in, "coordinator", f.Coordinator)
	in.Check(f.Perspective == Stakeholder || f.Perspective == Scientist, "perspective", "choose")
	return in.Err()
}

// Found makes a community with its first coordinator. An administrator may. The same form sent twice founds it once.
func (s Store) Found(ctx context.Context, by account.Account, f Founding) error {
	if !by.Administrator {
		return fmt.Errorf("found a community: %w", fault.Forbidden)
	}
	if err := f.check(); err != nil {
		return err
	}
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		done, err := s.foundBefore(ctx, tx, by, f)
		if err != nil || done {
			return err
		}
		var who account.ID
		err = tx.QueryRow(ctx, `select id from account where email_key = $1`, strings.ToLower(f.Coordinator)).Scan(&who)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.One("coordinator", "no-account")
		}
		if err != nil {
			return err
		}
		return s.found(ctx, tx, by, f, who)
	})
	if postgres.Violates(err, "community_slug_key") {
		return fault.One("slug", "slug-taken")
	}
	if err != nil && len(fault.Problems(err)) == 0 {
		return fmt.Errorf("found %s: %w", f.Slug, err)
	}
	return err
}

// foundBefore claims the form's request id; who comes second finds the community there.
func (s Store) foundBefore(ctx context.Context, tx pgx.Tx, by account.Account, f Founding) (there bool, err error) {
	tag, err := tx.Exec(ctx, `insert into request (account_id, id, at) values ($1, $2, $3) on conflict do nothing`, by.ID, f.Request, s.now())
	if err != nil || tag.RowsAffected() == 1 {
		return false, err
	}
	err = tx.QueryRow(ctx, `select exists (select from community where slug = $1)`, f.Slug).Scan(&there)
	return there, err
}

func (s Store) found(ctx context.Context, tx pgx.Tx, by account.Account, f Founding, who account.ID) error {
	now := s.now()
	seat := Seat{Slug: f.Slug}
	err := tx.QueryRow(ctx, `insert into community (slug, kind, lang, languages, zone, latitude, longitude, visibility, admission, stage_since, founded, members, last_member, created_at)
		values ($1, $2, $3, array[$3], $4, $5, $6, $7, $8, $9::timestamptz::date, $9::timestamptz::date, 1, 1, $9) returning id`,
		f.Slug, f.Kind, f.Lang, f.Zone, f.Latitude, f.Longitude, f.Visibility, f.Admission, now).Scan(&seat.Community)
	if err != nil {
		return err
	}
	if err := WriteWords(ctx, tx, seat.Community, Words{Lang: f.Lang, Name: f.Name}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into membership (community_id, account_id, number, state, role, perspective, asked_at, since, coordinator_since) values ($1, $2, 1, 'member', 'coordinator', $3, $4, $4, $4)`,
		seat.Community, who, f.Perspective, now); err != nil {
		return err
	}
	if err := activity.Write(ctx, tx, activity.Entry{At: now, Actor: by.ID, Verb: "community.found", Community: int64(seat.Community), Concerned: []account.ID{who}}); err != nil {
		return err
	}
	return s.tell(ctx, tx, seat, account.Letter{Kind: "welcome", Account: who, Link: link.Community(f.Slug)})
}

// ProgrammeWords are what the programme says of itself in one language.
type ProgrammeWords struct {
	Revision int
	Name     string
	Lang     locale.Lang
	Tagline  string
	Purpose  string
}

// ProgrammeIn are the programme's words in a language as they were typed.
func (s Store) ProgrammeIn(ctx context.Context, lang locale.Lang) (ProgrammeWords, error) {
	w := ProgrammeWords{Lang: lang}
	err := s.db.QueryRow(ctx, `select p.revision, p.name, coalesce(t.tagline, ''), coalesce(t.purpose, '') from programme p left join programme_text t on t.lang = $1`, lang).Scan(&w.Revision, &w.Name, &w.Tagline, &w.Purpose)
	return w, err
}

// Present stores the programme's words in one language. An administrator may. A change that started from another revision is a fault.Conflict.
func (s Store) Present(ctx context.Context, by account.Account, w ProgrammeWords) error {
	if !by.Administrator {
		return fmt.Errorf("present the programme: %w", fault.Forbidden)
	}
	var in fault.Invalid
	in.Check(w.Name != "", "name", "required")
	in.Check(utf8.RuneCountInString(w.Name) <= 120, "name", "too-long", "max", 120)
	in.Check(utf8.RuneCountInString(w.Tagline) <= 300, "tagline", "too-long", "max", 300)
	in.Check(utf8.RuneCountInString(w.Purpose) <= 10000, "purpose", "too-long", "max", 10000)
	in.Check(locale.Known(string(w.Lang)), "text", "choose")
	if err := in.Err(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var revision int
		if err := tx.QueryRow(ctx, `select revision from programme for update`).Scan(&revision); err != nil {
			return err
		}
		if revision != w.Revision {
			return fmt.Errorf("present the programme: %w", &fault.Conflict{Revision: revision})
		}
		b := &pgx.Batch{}
		b.Queue(`update programme set name = $1, revision = revision + 1`, w.Name)
		b.Queue(`insert into programme_text (lang, tagline, purpose, purpose_html) values ($1, $2, $3, $4)
			on conflict (lang) do update set tagline = excluded.tagline, purpose = excluded.purpose, purpose_html = excluded.purpose_html`, w.Lang, w.Tagline, w.Purpose, markup.Render(w.Purpose, markup.Targets{}))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("present the programme: %w", err)
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: by.ID, Verb: "programme.present"})
	})
}

// OfferProducts says whether the programme makes end products. Where it does not, criteria and products are kept and not shown.
func (s Store) OfferProducts(ctx context.Context, by account.Account, makes bool) error {
	if !by.Administrator {
		return fmt.Errorf("switch end products: %w", fault.Forbidden)
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update programme set products = $1 where products <> $1`, makes)
		if err != nil {
			return fmt.Errorf("switch end products: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: by.ID, Verb: "programme.offer-products", Detail: map[string]any{"makes": makes}})
	})
}
