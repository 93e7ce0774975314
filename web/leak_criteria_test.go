package web_test

import (
	"archive/zip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// asks plants a criterion of a city for an audience, with a new word in everything that belongs to it: statement, reason, measure, sources, steps, ratings, a relation, a claim with its limits, a verdict and a reopening.
func (w *town) asks(city, audience, member string) *secret {
	w.t.Helper()
	x := &secret{what: "criterion", kind: "criterion", city: city, audience: audience, author: member}
	x.title = w.with(x)
	width := map[string]int{"public": 0, "programme": 1, "community": 2}[audience]
	x.number = w.ask(`with n as (insert into counter (community_id, series, n) select id, 'criterion', 1 from community where slug = $1 on conflict (community_id, series) do update set n = counter.n + 1 returning community_id, n),
			i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) select community_id, 'criterion', n, $2, 'en', a.id, $3, now(), now(), now() from n, account a where a.handle = $4 returning id, community_id, number),
			c as (insert into criterion (item_id, community_id, state, state_at, agreed_on, measure, comparator, target, unit, sources, claims, fulfilment, need_id) select id, community_id, 'agreed', now(), current_date, $5, 'at-most', 100, 'm', 2, 1, 'open', id from i)
		select number from i`, city, x.title, width, member, w.with(x))
	x.href = fmt.Sprintf(`href="/c/%s/criteria/%d"`, city, x.number)
	fill := strings.NewReplacer("{c}", fmt.Sprintf("(select i.id from item i join community c on c.id = i.community_id where c.slug = '%s' and i.kind = 'criterion' and i.number = %d)", city, x.number),
		"{k}", fmt.Sprintf("(select k.item_id from claim k where k.criterion_id = (select i.id from item i join community c on c.id = i.community_id where c.slug = '%s' and i.kind = 'criterion' and i.number = %d))", city, x.number),
		"{in}", "(select id from community where slug = '"+city+"')", "{member}", "(select id from account where handle = '"+member+"')")
	for _, sql := range []string{
		`insert into item_text select {c}, t.w, '<p>' || t.w || '</p>', 1 from (values ('{word}')) t (w)`,
		`insert into criterion_source (community_id, criterion_id, n, form, words, lang, speaker_id, speaker_name, organisation, perspective, at) values ({in}, {c}, 1, 'person', '{word}', 'en', {member}, '{word}', '{word}', 'stakeholder', now())`,
		`insert into criterion_source (community_id, criterion_id, n, form, document, url, lang, at) values ({in}, {c}, 2, 'document', '{word}', 'https://example.org/{word}', 'en', now())`,
		`insert into criterion_step (community_id, criterion_id, step, reason, at) values ({in}, {c}, 'agreed', '{word}', now())`,
		`insert into rating (community_id, criterion_id, account_id, perspective, value, reason, lang, at, changed_at) values ({in}, {c}, {member}, 'stakeholder', 7, '{word}', 'en', now(), now())`,
		`insert into item_link (from_id, to_id, relation, quote, at) select {c}, i.id, 'same-need', '{word}', now() from item i join community b on b.id = i.community_id where b.slug = 'heraklion' and i.kind = 'criterion' and i.number = 1`,
		`update criterion set need_id = (select i.id from item i join community b on b.id = i.community_id where b.slug = 'heraklion' and i.kind = 'criterion' and i.number = 1) where item_id = {c}`,
		`insert into item (community_id, kind, number, parent_id, title, lang, author_id, audience, created_at, updated_at, active_at) select {in}, 'claim', 1, {c}, '{word}', 'en', {member}, (select audience from item where id = {c}), now(), now(), now()`,
		`insert into claim (item_id, community_id, criterion_id, release_id, extent, limits, limits_html, measured, measured_unit, edition, answer_by)
			select i.id, {in}, {c}, (select r.item_id from release r join product p on p.item_id = r.product_id where p.slug = 'flux-maps' and r.slug = '1-1'), 'fully', t.w, '<p>' || t.w || '</p>', 1, '{word}', 2, now() + interval '9 days' from item i, (values ('{word}')) t (w) where i.parent_id = {c} and i.kind = 'claim'`,
		`insert into item_text select {k}, t.w, '<p>' || t.w || '</p>', 1 from (values ('{word}')) t (w)`,
		`insert into claim_reopening values ({k}, 2, '{word}', {member}, now())`,
		`insert into verdict (community_id, claim_id, edition, account_id, answer, reason, lang, perspective, organisation, at) values ({in}, {k}, 1, {member}, 'not', '{word}', 'en', 'stakeholder', '{word}', now())`,
		`insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search) select i.id, i.community_id, i.audience, i.author_id, i.kind, i.lang, i.created_at, to_tsvector('public.k_en', concat_ws(' ', i.title, t.body)) from item i join item_text t on t.item_id = i.id where {c} in (i.id, i.parent_id) on conflict do nothing`,
		`insert into activity (at, actor_id, verb, item_id, community_id) values (now(), {member}, 'criterion.raise', {c}, {in}), (now(), {member}, 'claim.make', {k}, {in})`,
	} {
		w.plants(x, fill.Replace(sql))
	}
	w.secrets = append(w.secrets, x)
	return x
}

// plants runs a statement with a new word of the secret wherever one is wanted.
func (w *town) plants(x *secret, sql string) {
	w.t.Helper()
	for strings.Contains(sql, "{word}") {
		sql = strings.Replace(sql, "{word}", w.with(x), 1)
	}
	w.do(sql)
}

// drafts a product with a release and all that belongs to both, for its author alone.
func (w *town) drafts(author string) *secret {
	w.t.Helper()
	x := &secret{what: "product", kind: "product", city: "umbrella", audience: "draft", author: author}
	x.title = w.with(x)
	w.do(`with i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at) select c.id, 'product', 900, $1, 'en', a.id, 3, now(), now(), now() from community c, account a where c.slug = 'umbrella' and a.handle = $2 returning id, community_id)
		insert into product (item_id, community_id, slug, form, state, summary, releases) select id, community_id, 'unseen', 'map', 'in-work', $3, 1 from i`, x.title, author, w.with(x))
	x.href = `href="/products/unseen"`
	for _, sql := range []string{
		`insert into item_text select item_id, t.w, '<p>' || t.w || '</p>', 1 from product, (values ('{word}')) t (w) where slug = 'unseen'`,
		`insert into product_maker (product_id, name, position) select item_id, '{word}', 1 from product where slug = 'unseen'`,
		`insert into item (community_id, kind, number, parent_id, title, lang, audience, created_at, updated_at, active_at) select community_id, 'release', 1, item_id, '{word}', 'en', 3, now(), now(), now() from product where slug = 'unseen'`,
		`insert into release (item_id, community_id, product_id, slug, state, published_on, limits, limits_html) select i.id, i.community_id, i.parent_id, '1', 'published', current_date, t.w, '<p>' || t.w || '</p>' from product p join item i on i.parent_id = p.item_id, (values ('{word}')) t (w) where p.slug = 'unseen'`,
		`insert into release_link select r.item_id, 1, '{word}', 'https://example.org/{word}' from release r join product p on p.item_id = r.product_id where p.slug = 'unseen'`,
		`insert into criterion_product select i.community_id, i.id, p.item_id from item i join community c on c.id = i.community_id, product p where c.slug = 'basel' and i.kind = 'criterion' and i.number = 1 and p.slug = 'unseen'`,
		`insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search) select i.id, i.community_id, i.audience, i.author_id, i.kind, i.lang, i.created_at, to_tsvector('public.k_en', i.title) from item i where i.title = '` + x.title + `' on conflict do nothing`,
		`insert into activity (at, verb, item_id, community_id) select now(), 'product.add', item_id, community_id from product where slug = 'unseen'`,
	} {
		w.plants(x, sql)
	}
	w.secrets = append(w.secrets, x)
	return x
}

// overhears words in a thread that only the community reads, and quotes them, not released, as the source of a criterion that everybody may read.
func (w *town) overhears(city string) *secret {
	w.t.Helper()
	x := &secret{what: "words that nobody released", city: city, audience: "community", author: "regula-ammann"}
	w.plants(x, `with q as (select '{word}'::text as words), i as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at)
			select c.id, 'discussion', 900, 'Among us', 'en', a.id, 2, now(), now(), now() from community c, account a where c.slug = '`+city+`' and a.handle = 'regula-ammann' returning id, community_id),
		t as (insert into item_text select id, '', '', 1 from i), d as (insert into discussion (item_id, form) select id, 'conversation' from i),
		k as (select i.id, i.community_id from item i join community c on c.id = i.community_id where c.slug = '`+city+`' and i.kind = 'criterion' and i.number = 2),
		s as (insert into criterion_source (community_id, criterion_id, n, form, item_id, words, lang, at) select k.community_id, k.id, 77, 'discussion', i.id, q.words, 'en', now() from k, i, q)
		insert into item_link (from_id, to_id, relation, quote, at) select k.id, i.id, 'from', q.words, now() from k, i, q`)
	w.secrets = append(w.secrets, x)
	return x
}

// ofCriteria are the addresses at which criteria and products are shown, listed, exported and searched for, as they are known; some of them may not be there.
func (w *town) ofCriteria() (all []string) {
	all = []string{"/", "/communities", "/inbox", "/criteria", "/criteria.json", "/criteria.csv", "/criteria.xlsx", "/criteria?show=local", "/criteria?show=common", "/products", "/products.json", "/products.csv", "/search", "/search.json",
		"/products/flux-maps", "/products/flux-maps.json", "/products/flux-maps/1-1", "/products/unseen", "/products/unseen.json", "/products/unseen/1", "/products/unseen/edit", "/products/unseen/history", "/products/unseen/releases/new", "/products/unseen/1/edit", "/products/900"}
	for _, city := range []string{"basel", secluded, "heraklion", "umbrella"} {
		at := "/c/" + city
		all = append(all, at, at+"/about")
		for _, list := range []string{"", ".json", ".csv", ".xlsx", ".atom", "/annex", "/new", "/log", "/import", "/rate", "/similar?q=a", "/importance.csv", "/importance.json", "?state=agreed", "?sort=importance", "?fulfilment=open", "?product=flux-maps", "?product=unseen"} {
			all = append(all, at+"/criteria"+list)
		}
		for _, n := range []int{1, 2} {
			all = append(all, fmt.Sprintf("%s/criteria/%d", at, n), fmt.Sprintf("%s/criteria/%d.json", at, n), fmt.Sprintf("%s/criteria/%d/history", at, n))
		}
	}
	for _, x := range w.secrets {
		for _, word := range x.words {
			all = append(all, "/search?q="+word, "/search.json?q="+word, "/criteria?q="+word, "/c/"+x.city+"/criteria?q="+word, "/c/"+x.city+"/criteria/similar?q="+word)
		}
		if x.kind != "criterion" {
			continue
		}
		for _, page := range []string{"", ".json", "/edit", "/history", "/sources/new", "/sources/1", "/importance", "/claims/new", "/claims/1", "/claims/1.json", "/claims/1/withdraw", "/agree", "/park", "/decline", "/merge", "/relate"} {
			all = append(all, fmt.Sprintf("/c/%s/criteria/%d%s", x.city, x.number, page))
		}
	}
	return all
}

// unpacked is what an answer says, out of a workbook too.
func unpacked(body string) string {
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		return body
	}
	var b strings.Builder
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&b, r)
			_ = r.Close()
		}
	}
	return b.String()
}

func TestNothingLeaksOfCriteriaClaimsAndProducts(t *testing.T) {
	t.Parallel()
	w := &town{Site: webtest.New(t), t: t, random: rand.New(rand.NewPCG(3, 4)), people: map[string]*webtest.Visitor{}}
	for _, sql := range []string{`update item set audience = 2 where community_id = (select id from community where slug = 'london')`,
		`update item_search set audience = 2 where community_id = (select id from community where slug = 'london')`, `update community set visibility = 'private' where slug = 'london'`,
		`insert into account (handle, name, email, email_key, administrator, created_at) values ('nobody-yet', 'Nobody Yet', 'n@example.org', 'n@example.org', false, now()), ('the-admin', 'The Admin', 'a@example.org', 'a@example.org', true, now()), ('once-here', 'Once Here', 'o@example.org', 'o@example.org', false, now())`} {
		w.do(sql)
	}
	w.asks(secluded, "community", "rosalind-pike")
	for _, audience := range []string{"public", "programme", "community"} {
		w.asks("basel", audience, "regula-ammann")
	}
	w.drafts("maud-delaunay")
	w.overhears("basel")
	w.Tell(t)
	addresses := w.ofCriteria()
	for _, r := range w.readers() {
		t.Run(r.name, func(t *testing.T) {
			read := map[string]bool{}
			for _, address := range addresses {
				got := r.v.Get(address)
				if to := got.To(); got.Status == http.StatusMovedPermanently {
					got = r.v.Get(to)
				}
				w.reads(t, r, address, unpacked(got.Body), read)
			}
			for _, x := range w.secrets {
				if x.kind != "criterion" {
					continue
				}
				page := r.v.Get(fmt.Sprintf("/c/%s/criteria/%d", x.city, x.number))
				if open := page.Status == http.StatusOK; open != r.may(*x) {
					t.Errorf("%s: the criterion for %s in %s is answered %d", r.name, x.audience, x.city, page.Status)
				}
				if r.may(*x) && !read[x.title] {
					t.Errorf("%s never came across %q for %s in %s, which is theirs to read", r.name, x.title, x.audience, x.city)
				}
			}
		})
	}
}
