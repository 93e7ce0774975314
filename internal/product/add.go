package product

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

// Limits of a product, in characters; makers of one.
const (
	MaxSlug      = 60
	MaxSummary   = 500
	MaxMakerName = 160
	MaxMakers    = 30
)

// Sheet is what is said of a product.
type Sheet struct {
	Name     string
	Form     Form
	State    State
	Summary  string // in plain words, for who does not know the field
	Body     string
	Lang     locale.Lang
	Audience item.Audience
	Tags     []string
	Files    []file.Choice // nil: as they are
}

// New is a product to be added.
type New struct {
	Sheet
	Slug    string   // empty: made from the name
	Makers  []string // "@handle", the name of a person with an account, or any other name
	Request uuid.UUID
}

// OpenTo are the audiences that a product may have, from the widest: it is for everybody, or for the members of all communities. A private umbrella keeps its own to itself.
func OpenTo(private bool) []item.Audience {
	if private {
		return []item.Audience{item.Community}
	}
	return []item.Audience{item.Public, item.Programme}
}

func (sh Sheet) check(in *fault.Invalid, private bool) {
	in.Check(sh.Name != "", "name", "required")
	in.Check(utf8.RuneCountInString(sh.Name) <= item.MaxTitle, "name", "too-long", "max", item.MaxTitle)
	in.Check(slices.Contains(Forms, sh.Form), "form", "choose")
	in.Check(slices.Contains(States, sh.State), "state", "choose")
	in.Check(sh.Summary != "", "summary", "required")
	in.Check(utf8.RuneCountInString(sh.Summary) <= MaxSummary, "summary", "too-long", "max", MaxSummary)
	in.Check(utf8.RuneCountInString(sh.Body) <= item.MaxBody, "body", "too-long", "max", item.MaxBody)
	in.Check(locale.Known(string(sh.Lang)), "lang", "choose")
	in.Check(slices.Contains(OpenTo(private), sh.Audience), "audience", "choose")
	item.CheckTags(in, sh.Tags)
	file.Check(in, sh.Files)
}

var slugs = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func soundSlug(slug string) bool { return len(slug) <= MaxSlug && slugs.MatchString(slug) }

// reserved are words that stand in the addresses of products and releases for something else.
var reserved = []string{"new", "edit", "history", "follow", "remove", "releases"}

func (n New) check(in *fault.Invalid, private bool) {
	n.Sheet.check(in, private)
	in.Check(n.Slug == "" || soundSlug(n.Slug), "slug", "product-slug", "max", MaxSlug)
	checkMakers(in, n.Makers)
}

// Add puts a product among those of the programme and returns its slug; administrators do. The same form sent again gets the first one.
func (s Store) Add(ctx context.Context, seat community.Seat, n New) (slug string, err error) {
	if err := seat.Must(community.KeepProducts); err != nil {
		return "", err
	}
	names, err := s.items.Resolve(ctx, seat, n.Body)
	if err != nil {
		return "", err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		first, err := item.Claim(ctx, tx, seat, n.Request, s.now())
		if err != nil {
			return err
		}
		if first != nil {
			return tx.QueryRow(ctx, `select slug from product where community_id = $1 and item_id = $2`, seat.Community, first.ID).Scan(&slug)
		}
		slug, err = s.add(ctx, tx, seat, n, names)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("add a product: %w", err)
	}
	return slug, nil
}

// add judges all fields at once, also those that need a look at what is there already.
func (s Store) add(ctx context.Context, tx pgx.Tx, seat community.Seat, n New, names item.Names) (string, error) {
	var in fault.Invalid
	n.check(&in, seat.Private)
	slug, err := freeSlug(ctx, tx, &in, n)
	if err != nil {
		return "", err
	}
	makers, err := whoMakes(ctx, tx, &in, n.Makers)
	if err != nil {
		return "", err
	}
	if err := in.Err(); err != nil {
		return "", err
	}
	made, err := s.items.Add(ctx, tx, seat, item.New{Kind: "product", Title: n.Name, Body: n.Body, Lang: n.Lang, Audience: n.Audience, Verb: "product.add", Request: n.Request, Names: names, Tags: n.Tags},
		item.Part{Name: "added", SQL: `insert into product (item_id, community_id, slug, form, state, summary) select id, community_id, @slug, @form, @state, @summary from made`,
			Args: pgx.NamedArgs{"slug": slug, "form": n.Form, "state": n.State}},
		search.Row(n.Summary, n.Body))
	if err != nil {
		return "", err
	}
	if _, err := s.setMakers(ctx, tx, made.ID, makers); err != nil {
		return "", err
	}
	return slug, file.Attach(ctx, tx, seat, made.ID, n.Files)
}

// freeSlug is the slug that was asked for, or one made from the name, as no product has it. Products are few and rarely added: one at a time needs no second try.
func freeSlug(ctx context.Context, tx pgx.Tx, in *fault.Invalid, n New) (string, error) {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(7261950)`); err != nil {
		return "", fmt.Errorf("slug of a product: %w", err)
	}
	base := slugOf(n.Name, "product")
	if soundSlug(n.Slug) {
		base = n.Slug
	}
	var slug string
	if err := tx.QueryRow(ctx, `select w.slug from (select $1 as slug, 1 as n union all select $1 || '-' || g, g from generate_series(2, 1000) g) w
		where not exists (select from product p where p.slug = w.slug) and w.slug <> all($2) order by w.n limit 1`, base, reserved).Scan(&slug); err != nil {
		return "", fmt.Errorf("slug of a product: %w", err)
	}
	in.Check(slug == base || base != n.Slug, "slug", "product-slug-taken")
	return slug, nil
}

// slugOf a name, with room for a number behind it.
func slugOf(name, otherwise string) string {
	slug := link.Slug(name)
	if slug == "" {
		return otherwise
	}
	return strings.Trim(slug[:min(len(slug), MaxSlug-5)], "-")
}
