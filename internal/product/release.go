package product

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Limits of a release, in characters; links of one.
const (
	MaxVersion = 80
	MaxLimits  = 5000
	MaxLinks   = 10
	MaxLabel   = 120
	MaxURL     = 1000
)

// Link leads from a release to where it is, or to what belongs to it.
type Link struct{ Label, URL string }

// Paper is what is said of a release.
type Paper struct {
	Version string
	Notes   string
	Limits  string // known ones
	Lang    locale.Lang
	Links   []Link        // by the rows of the form; empty ones go
	Files   []file.Choice // nil: as they are
}

// NewRelease is a release to be added: planned, or out already.
type NewRelease struct {
	Paper
	State       ReleaseState
	DueOn       *time.Time // of a planned one, where it is known
	PublishedOn *time.Time
	Request     uuid.UUID
}

// EditRelease is a changed release. Its slug and its state stay.
type EditRelease struct {
	Paper
	Revision    int
	DueOn       *time.Time // of a planned one
	PublishedOn *time.Time // of a published one
}

func (p Paper) check(in *fault.Invalid) {
	in.Check(p.Version != "", "version", "required")
	in.Check(utf8.RuneCountInString(p.Version) <= MaxVersion, "version", "too-long", "max", MaxVersion)
	in.Check(utf8.RuneCountInString(p.Notes) <= item.MaxBody, "body", "too-long", "max", item.MaxBody)
	in.Check(utf8.RuneCountInString(p.Limits) <= MaxLimits, "limits", "too-long", "max", MaxLimits)
	in.Check(locale.Known(string(p.Lang)), "lang", "choose")
	field := "url-" + strconv.Itoa(MaxLinks)
	in.Check(len(p.Links) <= MaxLinks, field, "too-many", "max", MaxLinks)
	for n, l := range p.Links[:min(len(p.Links), MaxLinks)] {
		l.check(in, strconv.Itoa(n+1))
	}
	file.Check(in, p.Files)
}

func (l Link) check(in *fault.Invalid, row string) {
	if l == (Link{}) {
		return
	}
	field := "url-" + row
	u, err := url.Parse(l.URL)
	in.Check(err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil, field, "secure-address")
	in.Check(utf8.RuneCountInString(l.URL) <= MaxURL, field, "too-long", "max", MaxURL)
	field = "label-" + row
	in.Check(l.Label != "", field, "required")
	in.Check(utf8.RuneCountInString(l.Label) <= MaxLabel, field, "too-long", "max", MaxLabel)
}

// today is the day at the place to which products belong.
func (s Store) today(home community.Community) time.Time {
	y, m, d := s.now().In(home.Location()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func checkDue(in *fault.Invalid, day *time.Time, today time.Time) {
	in.Check(day == nil || !day.Before(today), "due_on", "past")
}

func checkPublished(in *fault.Invalid, day *time.Time, today time.Time) {
	in.Check(day != nil, "published_on", "required")
	in.Check(day == nil || !day.After(today), "published_on", "future")
}

// AddRelease adds a release to a product and returns its slug; administrators may, and who makes the product now. The same form sent again gets the first one.
func (s Store) AddRelease(ctx context.Context, seat community.Seat, product string, n NewRelease) (slug string, err error) {
	found, err := s.find(ctx, seat.Reach, product)
	if err != nil {
		return "", err
	}
	if err := mustKeep(ctx, s.db, seat, found); err != nil {
		return "", err
	}
	var in fault.Invalid
	n.Paper.check(&in)
	switch n.State {
	case Planned:
		checkDue(&in, n.DueOn, s.today(found.home))
		n.PublishedOn = nil
	case Published:
		checkPublished(&in, n.PublishedOn, s.today(found.home))
		n.DueOn = nil
	default:
		in.Check(false, "state", "choose")
	}
	if err := in.Err(); err != nil {
		return "", err
	}
	names, err := s.items.Resolve(ctx, seat, n.Notes+"\n\n"+n.Limits)
	if err != nil {
		return "", err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Claim(ctx, tx, seat, n.Request, s.now())
		if err != nil {
			return err
		}
		if first != nil {
			return tx.QueryRow(ctx, `select slug from release where community_id = $1 and item_id = $2`, seat.Community, first.ID).Scan(&slug)
		}
		if _, err := s.lock(ctx, tx, seat, product); err != nil {
			return err
		}
		slug, err = s.addRelease(ctx, tx, seat, found, n, names)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("release of product %s: %w", product, err)
	}
	return slug, nil
}

// numberedRelease lets the product's own row count its releases: it is locked by now.
const numberedRelease = `update product p set releases = releases + 1 from item i where p.item_id = @product and i.id = p.item_id returning p.releases as n, i.id as parent_id, i.audience`

// mustDiffer is nil when no other release of the product that stands has the version. The product is locked.
func mustDiffer(ctx context.Context, tx pgx.Tx, of, release item.ID, version string) error {
	taken := false
	err := tx.QueryRow(ctx, `select exists (select from release r join item i on i.id = r.item_id where r.product_id = $1 and r.item_id <> $2 and i.removed_at is null and lower(i.title) = lower($3))`, of, release, version).Scan(&taken)
	if err != nil {
		return fmt.Errorf("versions of product %d: %w", of, err)
	}
	if taken {
		return fault.One("version", "version-taken")
	}
	return nil
}

func (s Store) addRelease(ctx context.Context, tx pgx.Tx, seat community.Seat, of placed, n NewRelease, names item.Names) (slug string, err error) {
	if err := mustDiffer(ctx, tx, of.id, 0, n.Version); err != nil {
		return "", err
	}
	err = tx.QueryRow(ctx, `select w.slug from (select $2 as slug, 1 as n union all select $2 || '-' || g, g from generate_series(2, 1000) g) w
		where not exists (select from release r where r.product_id = $1 and r.slug = w.slug) and w.slug <> all($3) order by w.n limit 1`, of.id, slugOf(n.Version, "release"), reserved).Scan(&slug)
	if err != nil {
		return "", err
	}
	made, err := s.addItem(ctx, tx, seat, n, names,
		item.InParent(numberedRelease, pgx.NamedArgs{"product": of.id}),
		item.Part{Name: "released", SQL: `insert into release (item_id, community_id, product_id, slug, state, due_on, published_on, limits, limits_html) select id, community_id, @product, @slug, @state, @due, @published, @limits, @limits_html from made`,
			Args: pgx.NamedArgs{"slug": slug, "state": n.State, "due": n.DueOn, "published": n.PublishedOn, "limits": n.Limits, "limits_html": markup.Render(n.Limits, names.Targets())}},
		search.Row(of.name+"\n"+n.Limits, n.Notes))
	if err != nil {
		return "", err
	}
	if err := s.setLinks(ctx, tx, made.ID, n.Links); err != nil {
		return "", err
	}
	if err := file.Attach(ctx, tx, seat, made.ID, n.Files); err != nil {
		return "", err
	}
	if n.State == Published {
		return slug, s.tellPublished(ctx, tx, seat, of.id, made.ID)
	}
	return slug, nil
}

// addItem makes the item of a release. That one was added which is out already is told once, as its publication.
func (s Store) addItem(ctx context.Context, tx pgx.Tx, seat community.Seat, n NewRelease, names item.Names, parts ...item.Part) (item.Made, error) {
	in := item.New{Kind: "release", Title: n.Version, Body: n.Notes, Lang: n.Lang, Verb: "release.plan", Request: n.Request, Names: names}
	if n.State == Planned {
		return s.items.Add(ctx, tx, seat, in, parts...)
	}
	in.Verb = "release.add"
	was := ""
	if err := tx.QueryRow(ctx, `select coalesce(current_setting('koinon.silent', true), '')`).Scan(&was); err != nil {
		return item.Made{}, err
	}
	if err := activity.Silently(ctx, tx); err != nil {
		return item.Made{}, err
	}
	made, err := s.items.Add(ctx, tx, seat, in, parts...)
	if err != nil {
		return made, err
	}
	_, err = tx.Exec(ctx, `select set_config('koinon.silent', $1, true)`, was)
	return made, err
}

func (s Store) setLinks(ctx context.Context, tx pgx.Tx, release item.ID, links []Link) error {
	links = slices.DeleteFunc(slices.Clone(links), func(l Link) bool { return l == Link{} })
	labels, urls := make([]string, len(links)), make([]string, len(links))
	for n, l := range links {
		labels[n], urls[n] = l.Label, l.URL
	}
	b := &pgx.Batch{}
	b.Queue(`delete from release_link where release_id = $1`, release)
	b.Queue(`insert into release_link (release_id, position, label, url) select $1, w.n, w.label, w.url from unnest($2::text[], $3::text[]) with ordinality w(label, url, n)`, release, labels, urls)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("links of release %d: %w", release, err)
	}
	return nil
}

// standing is a release as the store found it under the lock of its product.
type standing struct {
	id    item.ID
	state ReleaseState
	due   *time.Time
}

func findRelease(ctx context.Context, db postgres.DB, of placed, slug string) (standing, error) {
	var r standing
	removed := false
	err := db.QueryRow(ctx, `select i.id, r.state, r.due_on, i.removed_at is not null from release r join item i on i.id = r.item_id where r.community_id = $1 and r.product_id = $2 and r.slug = $3`, of.home.ID, of.id, slug).
		Scan(&r.id, &r.state, &r.due, &removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return r, fmt.Errorf("release %s of product %s: %w", slug, of.slug, fault.NotFound)
	case err != nil:
		return r, fmt.Errorf("release %s of product %s: %w", slug, of.slug, err)
	case removed:
		return r, fmt.Errorf("release %s of product %s: %w", slug, of.slug, fault.Gone)
	}
	return r, nil
}

// change runs do on a release whose product is locked, for who may keep it.
func (s Store) change(ctx context.Context, seat community.Seat, product, release string, do func(tx pgx.Tx, of placed, r standing) error) error {
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		of, err := s.lock(ctx, tx, seat, product)
		if err != nil {
			return err
		}
		if err := mustKeep(ctx, tx, seat, of); err != nil {
			return err
		}
		r, err := findRelease(ctx, tx, of, release)
		if err != nil {
			return err
		}
		return do(tx, of, r)
	})
	if err != nil {
		return fmt.Errorf("release %s of product %s: %w", release, product, err)
	}
	return nil
}

// ReviseRelease changes what is said of a release that was not withdrawn; administrators may, and who makes the product now. A change that started from another revision is a fault.Conflict.
func (s Store) ReviseRelease(ctx context.Context, seat community.Seat, product, release string, e EditRelease) error {
	return s.change(ctx, seat, product, release, func(tx pgx.Tx, of placed, r standing) error {
		var in fault.Invalid
		e.Paper.check(&in)
		switch r.state {
		case Planned:
			if r.due == nil || e.DueOn == nil || !r.due.Equal(*e.DueOn) {
				checkDue(&in, e.DueOn, s.today(of.home))
			}
		case Published:
			checkPublished(&in, e.PublishedOn, s.today(of.home))
		default:
			in.Check(false, "state", "release-state")
		}
		if err := in.Err(); err != nil {
			return err
		}
		if err := mustDiffer(ctx, tx, of.id, r.id, e.Version); err != nil {
			return err
		}
		names, err := s.On(tx).items.Resolve(ctx, seat, e.Notes+"\n\n"+e.Limits)
		if err != nil {
			return err
		}
		return s.reviseRelease(ctx, tx, seat, of, r, e, names)
	})
}

func (s Store) reviseRelease(ctx context.Context, tx pgx.Tx, seat community.Seat, of placed, r standing, e EditRelease, names item.Names) error {
	if err := s.items.Revise(ctx, tx, seat, r.id, item.Change{Revision: e.Revision, Title: e.Version, Lang: e.Lang, Body: e.Notes, Names: names, Verb: "release.revise"}); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update release set due_on = case when state = 'planned' then $3 else due_on end, published_on = case when state = 'published' then $4 else published_on end, limits = $5, limits_html = $6
		where community_id = $1 and item_id = $2`, seat.Community, r.id, e.DueOn, e.PublishedOn, e.Limits, markup.Render(e.Limits, names.Targets()))
	if err != nil {
		return err
	}
	if err := s.setLinks(ctx, tx, r.id, e.Links); err != nil {
		return err
	}
	if err := file.Attach(ctx, tx, seat, r.id, e.Files); err != nil {
		return err
	}
	return search.Renew(ctx, tx, r.id, e.Lang, e.Version, of.name+"\n"+e.Limits, e.Notes)
}
