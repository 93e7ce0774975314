package webtest

import (
	"context"
	"strconv"
	"testing"
)

// Asked is the number of the criterion that Ask puts into Basel.
const Asked = 900

// Ask puts a criterion into Basel that regula-ammann and urs-dettwiler asked for, and three releases of a product that eleni-markaki of Heraklion makes: 1.0, 1.1 and 2.0 of trial-map. It gives the id of the last.
func (s *Site) Ask(t testing.TB) (last string) {
	t.Helper()
	for _, sql := range []string{
		`insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) select id, 'product', 900, 'Trial map', 'en', 0, now(), now(), now() from community where kind = 'umbrella' order by id limit 1`,
		`insert into product (item_id, community_id, slug, form, state, releases) select id, community_id, 'trial-map', 'map', 'available', 3 from item where title = 'Trial map'`,
		`insert into product_maker (product_id, account_id, position) select p.item_id, a.id, 1 from product p, account a where p.slug = 'trial-map' and a.handle = 'eleni-markaki'`,
		`insert into item (community_id, kind, number, parent_id, title, lang, audience, created_at, updated_at, active_at) select p.community_id, 'release', n, p.item_id, v, 'en', 0, now(), now(), now() from product p, unnest(array['1.0', '1.1', '2.0']) with ordinality r(v, n) where p.slug = 'trial-map'`,
		`insert into release (item_id, community_id, product_id, slug, state, published_on) select i.id, i.community_id, p.item_id, replace(i.title, '.', '-'), 'published', '2026-01-01' from product p join item i on i.parent_id = p.item_id where p.slug = 'trial-map'`,
		`insert into item (community_id, kind, number, title, lang, audience, created_at, updated_at, active_at) select id, 'criterion', ` + strconv.Itoa(Asked) + `, 'Tells one courtyard from the next', 'en', 0, now(), now(), now() from community where slug = 'basel'`,
		`insert into item_text (item_id, body, html, renderer) select id, '', '', 1 from item where title in ('Trial map', '1.0', '1.1', '2.0', 'Tells one courtyard from the next') on conflict do nothing`,
		`insert into criterion (item_id, community_id, state_at, measure, comparator, target, unit, sources, need_id) select id, community_id, now(), 'grid spacing', 'at-most', 100, 'm', 2, id from item where kind = 'criterion' and number = ` + strconv.Itoa(Asked),
		`insert into criterion_source (community_id, criterion_id, n, form, words, lang, speaker_id, perspective, at) select c.community_id, c.item_id, row_number() over (order by a.id desc), 'person', 'We must see each courtyard.', 'en', a.id, 'stakeholder', now()
			from criterion c join item i on i.id = c.item_id, account a where i.number = ` + strconv.Itoa(Asked) + ` and a.handle in ('regula-ammann', 'urs-dettwiler')`,
	} {
		if _, err := s.DB.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	err := s.DB.QueryRow(context.Background(), `select r.item_id::text from release r join product p on p.item_id = r.product_id where p.slug = 'trial-map' and r.slug = '2-0'`).Scan(&last)
	if err != nil {
		t.Fatal(err)
	}
	return last
}
