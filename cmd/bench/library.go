package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/search"
)

const (
	fewEntries  = 1_000
	manyEntries = 100_000
	manyUses    = 200
)

// library measures the library over a thousand entries, and over a hundred thousand.
func (b *bench) library(ctx context.Context) error {
	small, err := b.libraryOf(ctx, fewEntries)
	if err != nil {
		return err
	}
	large, err := b.libraryOf(ctx, manyEntries)
	if err != nil {
		return err
	}
	fmt.Printf("library, p95 at %d requests/s with %d and %d entries (goal ≤ 50ms), bytes over the wire, round trips to the database:\n", perSecond, fewEntries, manyEntries)
	for n, s := range small {
		l := large[n]
		fmt.Printf("  %-74s %9s %9s (%.1f×), %.1f KB, %d round trips\n", s.path, s.p95, l.p95, float64(l.took)/float64(max(s.took, 1)), float64(l.bytes)/1024, l.asked)
	}
	return nil
}

// read is a page as it was measured.
type read struct {
	path, p95 string
	took      time.Duration
	bytes     int
	asked     int64
}

func (b *bench) libraryOf(ctx context.Context, entries int) ([]read, error) {
	one, err := b.fillLibrary(ctx, entries)
	if err != nil {
		return nil, err
	}
	last, err := b.lastPage("/repertoire?sort=title")
	if err != nil {
		return nil, err
	}
	var all []read
	for _, path := range []string{"/repertoire", "/repertoire?sort=evidence", "/c/basel/repertoire", "/repertoire?kind=case&topic=greenery&city=basel", "/repertoire?kind=case&kind=method&in=de&age=stale",
		"/repertoire?topic=greenery&topic=water", "/repertoire?tag=bench-7", "/repertoire?q=shade+trees", "/repertoire?q=measured+courtyard&kind=method&topic=greenery", last, one} {
		r, err := b.read(path)
		if err != nil {
			return nil, err
		}
		if path == last {
			r.path = "(last page by title)"
		}
		if path == one {
			r.path = fmt.Sprintf("(an entry with %d reports of its use)", manyUses)
		}
		all = append(all, r)
	}
	return all, nil
}

func (b *bench) read(path string) (read, error) {
	if _, err := b.get(b.ours+path, false); err != nil {
		return read{}, err
	}
	before := b.pool.Stat().AcquireCount() // each round trip takes a connection
	page, err := b.get(b.ours+path, false)
	if err != nil {
		return read{}, err
	}
	asked := b.pool.Stat().AcquireCount() - before
	took, err := b.steadily(path)
	if err != nil {
		return read{}, err
	}
	return read{path: path, p95: fmt.Sprint(p95(took)), took: p95(took), bytes: len(page), asked: asked}, nil
}

// lastPage is the address of the last page of a list: the one before the end, as its cursor names it.
func (b *bench) lastPage(list string) (string, error) {
	const beyond = `{"k":"` + "\uffff" + `","i":9223372036854775807}`
	path := list + "&after=" + base64.RawURLEncoding.EncodeToString([]byte(beyond))
	if _, err := b.get(b.ours+path, false); err != nil {
		return "", errors.Join(fmt.Errorf("last page of %s", list), err)
	}
	return path, nil
}

// fillLibrary brings the repertoire to so many entries in all cities, with topics, tags, reports and index rows, and gives the address of one that was used much.
func (b *bench) fillLibrary(ctx context.Context, entries int) (path string, err error) {
	err = postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`select set_config('koinon.silent', 'on', true)`,
			`alter table entry disable trigger user`, `alter table entry_topic disable trigger user`, `alter table item_tag disable trigger user`, // the rows of the library are made together, below
			`insert into tag (community_id, key, name) select c.id, 'bench-' || n, 'Bench ' || n from community c, generate_series(0, 199) n on conflict do nothing`,
			strings.Replace(fillEntries, "{entries}", fmt.Sprint(entries), 1),
			`insert into entry_topic (community_id, entry_id, topic_id) select e.community_id, e.item_id, t.id from entry e join item i on i.id = e.item_id join topic t on (abs(hashint8(i.id)) + t.id) % 5 = 0 where i.title like 'Kept %' and not exists (select from entry_topic x where x.entry_id = e.item_id)`,
			`insert into item_tag (community_id, item_id, tag_id) select i.community_id, i.id, t.id from item i join tag t on t.community_id = i.community_id and t.key in ('bench-' || abs(hashint8(i.id + 1)) % 200, 'bench-' || abs(hashint8(i.id + 2)) % 40)
				where i.title like 'Kept %' and not exists (select from item_tag x where x.item_id = i.id)`,
			`with one as (select min(i.id) as id from item i join community c on c.id = i.community_id where i.title like 'Kept %' and c.slug = 'basel' and i.audience = 0)
			insert into entry_use (community_id, entry_id, n, account_id, used_in, place, used_on, outcome, outcome_html, again, lang, perspective, at)
				select e.community_id, e.item_id, n, (select min(id) from account), (select id from community order by id limit 1 offset n % 3), 'Street ' || n, current_date - n, 'It held for a summer.', '<p>It held for a summer.</p>', (array['yes', 'changed', 'no'])[1 + n % 3], 'en', 'stakeholder', now() - make_interval(days => n)
				from one join entry e on e.item_id = one.id, generate_series(1, 200) n on conflict do nothing`,
			`update entry e set uses = u.n, reported = u.n, cities = u.cities from (select entry_id, count(*) as n, count(distinct used_in) as cities from entry_use group by 1) u where u.entry_id = e.item_id and e.reported <> u.n`,
			`update counter set n = (select max(number) from item i where i.community_id = counter.community_id and i.kind = counter.series)`,
			`select library_renew(array(select item_id from entry))`,
			`select library_tidy(now())`,
			`alter table entry enable trigger user`, `alter table entry_topic enable trigger user`, `alter table item_tag enable trigger user`,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("library: %w", err)
			}
		}
		return tx.QueryRow(ctx, `select '/c/' || c.slug || '/repertoire/' || i.number from entry e join item i on i.id = e.item_id join community c on c.id = i.community_id where e.uses = $1 order by i.id limit 1`, manyUses).Scan(&path)
	})
	if err != nil {
		return "", err
	}
	if err := search.NewStore(b.pool, time.Now).Learn(ctx); err != nil {
		return "", err
	}
	if _, err := b.pool.Exec(ctx, `vacuum analyze`); err != nil {
		return "", err
	}
	return b.whole(path)
}

const fillEntries = `with have as (select count(*) as n from item where title like 'Kept %'), last as (select community_id, max(number) as n from item where kind = 'entry' group by 1),
	said as (select array['shade', 'trees', 'courtyard', 'measured', 'roof', 'water', 'night', 'wind', 'valley', 'permit', 'school', 'pavement', 'budget', 'neighbours', 'sensor', 'satellite', 'model', 'street', 'market', 'harbour',
		'soil', 'drought', 'hospital', 'tram', 'facade', 'albedo', 'sealing', 'ventilation', 'canopy', 'census', 'thermal', 'summer', 'flux', 'archive', 'workshop', 'planner'] as words),
	made as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at)
		select c.id, 'entry', coalesce(last.n, 0) + g, 'Kept ' || said.words[1 + abs(hashint4(g)) % 36] || ' ' || said.words[1 + abs(hashint4(g + 7)) % 12] || ' ' || g, (array['en', 'de', 'fr', 'el'])[case when g % 3 = 0 then 1 else 1 + (c.place % 4)::int end],
			(select account_id from membership m where m.community_id = c.id and m.state = 'member' order by m.number limit 1 offset g % 5), case when g % 20 < 15 then 0 when g % 20 < 17 then 1 when g % 20 < 19 then 2 else 3 end, t.at, t.at, t.at
		from have, said, generate_series((select n from have)::int + 1, {entries}) g join (select id, row_number() over (order by id) - 1 as place, count(*) over () as places from community) c on c.place = g % c.places left join last on last.community_id = c.id, lateral (select now() - make_interval(mins => g::int * 12) as at) t
		returning id, community_id, audience, author_id, lang, title, created_at),
	texted as (insert into item_text (item_id, body, html, renderer) select id, 'What we kept of it.', '<p>What we kept of it.</p>', 1 from made),
	indexed as (insert into item_search (item_id, community_id, audience, author_id, kind, lang, at, search) select id, community_id, audience, author_id, 'entry', lang, created_at, to_tsvector('public.k_en', title) from made)
	insert into entry (item_id, community_id, form, fields, summary, place, shared_at, uses, cities, endorsed_at, endorsed_revision)
	select id, community_id, (array['case', 'method', 'tool', 'story', 'experience', 'problem'])[1 + abs(hashint8(id)) % 6], '{}', 'In two summers it kept the courtyard four degrees cooler at night; it costs a gardener one day a month. ' || title, 'Street ' || id % 97, case when audience < 3 then created_at end,
		case when id % 3 = 0 then 0 else id % 9 end, case when id % 3 = 0 then 0 else 1 + id % 3 end, case when id % 7 = 0 then created_at end, case when id % 7 = 0 then 1 end from made`

// whole is the address with its words, to which the short one leads.
func (b *bench) whole(path string) (string, error) {
	r, err := http.NewRequest(http.MethodGet, b.ours+path, nil)
	if err != nil {
		return "", err
	}
	res, err := b.client.Transport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if to := res.Header.Get("Location"); to != "" {
		return to, nil
	}
	return path, nil
}
