package product

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Fulfilled says how far criterion cp.criterion_id is met by product cp.product_id: the best that those who asked said of a claim for one of its releases that was not withdrawn.
// "none": nobody claimed; "open": a claim waits for them; "silent": they kept silent; "not", "partly", "met". One that claims to satisfy partly is accepted as partly.
const Fulfilled = `coalesce((select (array['open', 'silent', 'not', 'partly', 'met'])[max(case k.state when 'open' then 1 when 'silent' then 2 when 'not' then 3 when 'partly' then 4 when 'accepted' then case k.extent when 'fully' then 5 else 4 end end)]
	from claim k join item ki on ki.id = k.item_id and ki.removed_at is null join release kr on kr.item_id = k.release_id and kr.state <> 'withdrawn'
	where k.criterion_id = cp.criterion_id and kr.product_id = cp.product_id and k.state <> 'withdrawn'), 'none')`

// Standing holds for a criterion c that is still asked for.
const Standing = `c.state in ('raised', 'agreed')`

// Filter of the products. The zero value: all.
type Filter struct {
	Form  Form
	State State
	City  string // slug of a community whose criteria concern the product
}

// Row is a product in a list. Criteria are those that the reader may open and that are still asked for.
type Row struct {
	Number   int
	Slug     string
	Name     string
	Lang     locale.Lang
	Form     Form
	State    State
	Summary  string
	Audience item.Audience
	Makers   []string
	Latest   Dated
	Next     Dated
	Criteria int
	Met      int
	Partly   int
}

// Open are the criteria that are neither met nor partly.
func (r Row) Open() int { return r.Criteria - r.Met - r.Partly }

// Dated is a release in short; without a slug there is none. A planned one may have no date yet.
type Dated struct {
	Slug, Version string
	On            *time.Time
}

// most products in a list: a programme has some dozens.
const most = 500

// List is the products that the reader may open: those that are at hand before ideas, and these before what is retired.
func (s Store) List(ctx context.Context, reach community.Reach, f Filter) ([]Row, error) {
	rows, err := s.db.Query(ctx, `with concerning as materialized (
			select cp.product_id, i.community_id, `+Fulfilled+` as how from criterion_product cp join criterion c on c.item_id = cp.criterion_id join item i on i.id = c.item_id
			where `+Standing+` and i.removed_at is null and `+community.Visible+`),
		asked as (select product_id, count(*)::int as n, count(*) filter (where how = 'met')::int as met, count(*) filter (where how = 'partly')::int as partly from concerning group by product_id)
		select i.number, p.slug, i.title, i.lang, p.form, p.state, p.summary, i.audience,
			array(select coalesce(a.name, m.name) from product_maker m left join account a on a.id = m.account_id where m.product_id = p.item_id and m.ended_at is null order by m.position, m.id),
			coalesce(l.slug, ''), coalesce(l.title, ''), l.published_on, coalesce(n.slug, ''), coalesce(n.title, ''), n.due_on, coalesce(k.n, 0), coalesce(k.met, 0), coalesce(k.partly, 0)
		from product p join item i on i.id = p.item_id left join asked k on k.product_id = p.item_id
			left join lateral (select r.slug, ri.title, r.published_on from release r join item ri on ri.id = r.item_id where r.product_id = p.item_id and r.state = 'published' and ri.removed_at is null
				order by r.published_on desc, ri.number desc limit 1) l on true
			left join lateral (select r.slug, ri.title, r.due_on from release r join item ri on ri.id = r.item_id where r.product_id = p.item_id and r.state = 'planned' and ri.removed_at is null
				order by r.due_on nulls last, ri.number limit 1) n on true
		where i.removed_at is null and `+community.Visible+` and (@form = '' or p.form = @form) and (@state = '' or p.state = @state)
			and (@city = '' or exists (select from concerning g join community o on o.id = g.community_id where g.product_id = p.item_id and o.slug = @city))
		order by array_position(array['available', 'in-work', 'idea', 'retired'], p.state), lower(i.title), i.id limit @most`,
		reach.Args(pgx.NamedArgs{"form": f.Form, "state": f.State, "city": f.City, "most": most}))
	if err != nil {
		return nil, fmt.Errorf("products: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Row, error) {
		var r Row
		return r, row.Scan(&r.Number, &r.Slug, &r.Name, &r.Lang, &r.Form, &r.State, &r.Summary, &r.Audience, &r.Makers, &r.Latest.Slug, &r.Latest.Version, &r.Latest.On, &r.Next.Slug, &r.Next.Version, &r.Next.On,
			&r.Criteria, &r.Met, &r.Partly)
	})
	if err != nil {
		return nil, fmt.Errorf("products: %w", err)
	}
	return all, nil
}

// City is a community whose criteria concern products.
type City struct{ Slug, Name string }

// Cities are the communities with criteria that concern products and that the reader may open.
func (s Store) Cities(ctx context.Context, reach community.Reach, lang locale.Lang) ([]City, error) {
	all, err := postgres.All[City](ctx, s.db, `select o.slug, coalesce((select t.name from community_text t where t.community_id = o.id and t.lang = @lang), (select t.name from community_text t where t.community_id = o.id and t.lang = o.lang), o.slug) as name
		from community o where exists (select from criterion_product cp join criterion c on c.item_id = cp.criterion_id join item i on i.id = c.item_id
			where i.community_id = o.id and `+Standing+` and i.removed_at is null and `+community.Visible+`) order by o.kind = 'umbrella', name`, reach.Args(pgx.NamedArgs{"lang": lang}))
	if err != nil {
		return nil, fmt.Errorf("cities that ask for products: %w", err)
	}
	return all, nil
}

func orNotFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NotFound
	}
	return err
}
