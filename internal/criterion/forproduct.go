package criterion

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/product"
)

// OfProduct is a criterion that concerns a product, as the product's page shows it. Fulfilment is by the claims for its releases alone.
type OfProduct struct {
	City       string // slug of its community
	CityName   string
	Number     int
	Statement  string
	Lang       locale.Lang
	State      State
	Importance Importance
	Fulfilment Fulfilment
	Claims     []ProductClaim // the newest release first
}

// ProductClaim says that a release satisfies a criterion. The message "claims.state.<state>" says how it stands.
type ProductClaim struct {
	Number  int
	Release string // slug
	Version string
	Extent  string // "fully" or "partly"
	State   string
}

// ForProduct is what a product should satisfy, as far as the reader may open it: by community, what is still asked for before what is not. What was merged stands in the other one.
func (s Store) ForProduct(ctx context.Context, reach community.Reach, of item.ID, lang locale.Lang) ([]OfProduct, error) {
	rows, err := s.db.Query(ctx, `select o.slug, `+cityName+`, i.number, i.title, i.lang, c.state, `+product.Fulfilled+`,
			coalesce((select json_agg(json_build_object('Number', ki.number, 'Release', r.slug, 'Version', ri.title, 'Extent', k.extent, 'State', k.state) order by r.published_on desc nulls last, ri.number desc, ki.number desc)
				from claim k join item ki on ki.id = k.item_id join release r on r.item_id = k.release_id join item ri on ri.id = r.item_id
				where k.criterion_id = c.item_id and r.product_id = cp.product_id and ki.removed_at is null and ri.removed_at is null), '[]'),
			`+importanceColumns+`
		from criterion_product cp join criterion c on c.item_id = cp.criterion_id join item i on i.id = c.item_id join community o on o.id = i.community_id`+importanceJoins+`
		where cp.product_id = @product and c.state <> 'merged' and i.removed_at is null and `+community.Visible+`
		order by o.kind = 'umbrella', 2, o.id, not `+product.Standing+`, i.number`, reach.Args(pgx.NamedArgs{"product": of, "lang": lang}))
	if err != nil {
		return nil, fmt.Errorf("criteria for product %d: %w", of, err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (OfProduct, error) {
		var c OfProduct
		err := row.Scan(append([]any{&c.City, &c.CityName, &c.Number, &c.Statement, &c.Lang, &c.State, &c.Fulfilment, &c.Claims}, c.Importance.scan()...)...)
		c.Importance.hide()
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("criteria for product %d: %w", of, err)
	}
	return all, nil
}

// cityName is the name of community o in the reader's language @lang, or in its own.
const cityName = `coalesce((select t.name from community_text t where t.community_id = o.id and t.lang = @lang), (select t.name from community_text t where t.community_id = o.id and t.lang = o.lang), o.slug)`

// OfRelease is a claim for a release, with the criterion that it is about.
type OfRelease struct {
	City      string // slug of its community
	CityName  string
	Criterion int
	Statement string
	Lang      locale.Lang
	Number    int
	Extent    string
	State     string
}

// ForRelease is what somebody claimed for a release, as far as the reader may open the criteria.
func (s Store) ForRelease(ctx context.Context, reach community.Reach, of item.ID, lang locale.Lang) ([]OfRelease, error) {
	all, err := postgres.All[OfRelease](ctx, s.db, `select o.slug as city, `+cityName+` as city_name, i.number as criterion, i.title as statement, i.lang, ki.number, k.extent, k.state
		from claim k join item ki on ki.id = k.item_id join item i on i.id = k.criterion_id join community o on o.id = i.community_id
		where k.release_id = @release and ki.removed_at is null and i.removed_at is null and `+community.Visible+`
		order by o.kind = 'umbrella', 2, o.id, i.number, ki.number desc`, reach.Args(pgx.NamedArgs{"release": of, "lang": lang}))
	if err != nil {
		return nil, fmt.Errorf("claims for release %d: %w", of, err)
	}
	return all, nil
}

// Count is how far some criteria are.
type Count map[Fulfilment]int

// CountOf counts those of criteria that are still asked for.
func CountOf(criteria []OfProduct) Count {
	all := Count{}
	for _, c := range criteria {
		if c.State.Standing() {
			all[c.Fulfilment]++
		}
	}
	return all
}

// Total of a count.
func (c Count) Total() int {
	n := 0
	for _, of := range c {
		n += of
	}
	return n
}
