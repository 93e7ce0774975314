package product

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Product is one, as read.
type Product struct {
	ID       item.ID
	Number   int
	Slug     string
	Name     string
	Lang     locale.Lang
	Body     string // as written
	HTML     string
	Form     Form
	State    State
	Summary  string
	Audience item.Audience
	Revision int
	At       time.Time
	EditedAt *time.Time
	Home     community.Community // its id, slug, visibility, zone, language and name in the reader's language
	Makes    bool                // the reader, now
}

// Maker of a product, now or before.
type Maker struct {
	Account      account.ID // 0: a name alone
	Handle       string
	Name         string
	Organisation string // empty unless the reader may see it
	Perspective  community.Perspective
	City         string // slug of a community in which the person stands; empty: none that the reader may see
	Number       int    // of the membership there
	EndedAt      *time.Time
}

// Release is one, as read.
type Release struct {
	ID          item.ID
	Number      int
	Slug        string
	Version     string
	Lang        locale.Lang
	Notes       string // as written
	HTML        string
	State       ReleaseState
	DueOn       *time.Time
	PublishedOn *time.Time
	Limits      string // as written
	LimitsHTML  string
	Revision    int
	At          time.Time
	Reason      string // why it was withdrawn
	Links       []Link
	Files       []file.File `db:"-"`
}

// Whole is a product with what its page shows. Releases stand newest first, the planned ones at the end by their dates.
type Whole struct {
	Product
	Makers   []Maker
	Releases []Release
	Tags     []string
	Files    []file.File
	Trail    []item.Step
}

// Planned are the releases to come, the next first.
func (w Whole) Planned() []Release { return w.inState(Planned) }

// Out are the releases that are out, or were, the newest first.
func (w Whole) Out() []Release { return append(w.inState(Published), w.inState(Withdrawn)...) }

// Latest is the newest release that is out; nil without one.
func (w Whole) Latest() *Release {
	if all := w.inState(Published); len(all) > 0 {
		return &all[0]
	}
	return nil
}

func (w Whole) inState(state ReleaseState) []Release {
	var some []Release
	for _, r := range w.Releases {
		if r.State == state {
			some = append(some, r)
		}
	}
	return some
}

// Release of a slug; fault.NotFound when the product has none.
func (w Whole) Release(slug string) (Release, error) {
	for _, r := range w.Releases {
		if r.Slug == slug {
			return r, nil
		}
	}
	return Release{}, fmt.Errorf("release %s of product %s: %w", slug, w.Slug, fault.NotFound)
}

const head = `select i.id, i.number, p.slug, i.title, i.lang, x.body, x.html, p.form, p.state, p.summary, i.audience, i.revision, i.created_at, i.edited_at, o.id, o.slug, o.visibility, o.zone, o.lang,
		coalesce((select t.name from community_text t where t.community_id = o.id and t.lang = @lang), (select t.name from community_text t where t.community_id = o.id and t.lang = o.lang), o.slug),
		exists (select from product_maker m where m.product_id = p.item_id and m.account_id = @me and m.ended_at is null)
	from item i join product p on p.item_id = i.id join item_text x on x.item_id = i.id join community o on o.id = i.community_id where i.community_id = @community and i.id = @id`

// makers of product @id with a place in which the reader may see them: the umbrella before the cities.
const makers = `select coalesce(a.id, 0), coalesce(a.handle, ''), coalesce(a.name, m.name),
		case when a.organisation_for = 0 or (a.organisation_for = 1 and @signed) or (a.organisation_for = 2 and f.community_id = any(@mine)) or a.id = @me then a.organisation else '' end,
		coalesce(f.perspective, ''), coalesce(f.slug, ''), coalesce(f.number, 0), m.ended_at
	from product_maker m left join account a on a.id = m.account_id
		left join lateral (select s.community_id, s.perspective, s.number, o.slug from membership s join community o on o.id = s.community_id
			where s.account_id = a.id and s.state = 'member' and (o.visibility = 'public' or o.id = any(@mine) or @everywhere) order by o.id <> @community, o.id limit 1) f on true
	where m.product_id = @id order by m.ended_at desc nulls first, m.position, m.id`

const releases = `select i.id, i.number, r.slug, i.title, i.lang, x.body, x.html, r.state, r.due_on, r.published_on, r.limits, r.limits_html, i.revision, i.created_at,
		case when r.state = 'withdrawn' then coalesce((select v.detail->>'reason' from activity v where v.item_id = r.item_id and v.verb = 'release.withdraw' order by v.id desc limit 1), '') else '' end,
		coalesce((select json_agg(json_build_object('Label', l.label, 'URL', l.url) order by l.position) from release_link l where l.release_id = r.item_id), '[]')
	from release r join item i on i.id = r.item_id join item_text x on x.item_id = i.id
	where r.community_id = @community and r.product_id = @id and i.removed_at is null and ` + community.Visible + `
	order by r.state = 'planned', case when r.state = 'planned' then r.due_on end nulls last, r.published_on desc, i.number desc`

// Read is a product with what its page shows, in one round trip after it was found. What was removed is fault.Gone to those who could read it.
func (s Store) Read(ctx context.Context, reach community.Reach, slug string, lang locale.Lang, besides ...postgres.Besides) (Whole, error) {
	var w Whole
	found, err := s.find(ctx, reach, slug)
	if err != nil {
		return w, err
	}
	args := reach.Args(pgx.NamedArgs{"community": found.home.ID, "id": found.id, "lang": lang})
	b := &pgx.Batch{}
	b.Queue(head, args).QueryRow(func(row pgx.Row) error { return w.Product.scan(row, lang) })
	b.Queue(makers, args).Query(into(&w.Makers))
	b.Queue(releases, args).Query(into(&w.Releases))
	b.Queue(`select t.name from item_tag it join tag t on t.id = it.tag_id where it.community_id = @community and it.item_id = @id order by t.key`, args).Query(func(rows pgx.Rows) (err error) {
		w.Tags, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	var files []file.File
	b.Queue(`select `+file.Columns+` from item_file f join item i on i.id = f.item_id where f.community_id = @community and (i.id = @id or i.parent_id = @id) and i.removed_at is null and `+community.Visible+` order by f.position, f.id`, args).
		Query(func(rows pgx.Rows) (err error) {
			files, err = pgx.CollectRows(rows, pgx.RowToStructByName[file.File])
			return err
		})
	b.Queue(item.TrailSQL, args).Query(func(rows pgx.Rows) (err error) {
		w.Trail, err = pgx.CollectRows(rows, pgx.RowToStructByName[item.Step])
		return err
	})
	for _, more := range besides {
		more(b)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return w, fmt.Errorf("product %s: %w", slug, err)
	}
	byItem := file.ByItem(files)
	w.Files = byItem[w.ID]
	for n := range w.Releases {
		w.Releases[n].Files = byItem[w.Releases[n].ID]
	}
	return w, nil
}

func (p *Product) scan(row pgx.Row, lang locale.Lang) error {
	var name string
	err := row.Scan(&p.ID, &p.Number, &p.Slug, &p.Name, &p.Lang, &p.Body, &p.HTML, &p.Form, &p.State, &p.Summary, &p.Audience, &p.Revision, &p.At, &p.EditedAt,
		&p.Home.ID, &p.Home.Slug, &p.Home.Visibility, &p.Home.Zone, &p.Home.Lang, &name, &p.Makes)
	p.Home.Kind, p.Home.Names = "umbrella", map[locale.Lang]string{lang: name}
	return err
}

// into collects rows in the order of the fields.
func into[T any](all *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return err
	}
}

// At is the slug of the product of a number, and of its release of a number (0: none), for addresses that name items by their numbers.
func (s Store) At(ctx context.Context, seat community.Seat, number, release int) (product, of string, err error) {
	if err := seat.MaySee(); err != nil {
		return "", "", err
	}
	err = s.db.QueryRow(ctx, `select p.slug, coalesce((select r.slug from item ri join release r on r.item_id = ri.id where ri.parent_id = i.id and ri.kind = 'release' and ri.number = @release), '')
		from item i join product p on p.item_id = i.id where i.community_id = @community and i.kind = 'product' and i.number = @number and `+community.Visible,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "number": number, "release": release})).Scan(&product, &of)
	if err != nil {
		return "", "", fmt.Errorf("product %d in %s: %w", number, seat.Slug, orNotFound(err))
	}
	return product, of, nil
}
