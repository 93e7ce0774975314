package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/postgres"
)

const (
	phones      = 300
	rated       = 20
	manyOfThem  = 10_000
	perPhone    = 4                // requests: the ballot, its sending twice, and the ballot again
	phoneMinute = 60 * time.Second // in which all phones are done, or the measurement fails
)

// criteria lets three hundred phones rate at once, and measures the register of ten thousand criteria.
func (b *bench) criteria(ctx context.Context) error {
	numbers, err := b.fillCriteria(ctx, rated)
	if err != nil {
		return err
	}
	if err := b.vote(ctx, numbers); err != nil {
		return err
	}
	if _, err := b.pool.Exec(ctx, `vacuum analyze`); err != nil {
		return err
	}
	took, err := b.steadily("/c/basel/criteria/importance")
	if err != nil {
		return err
	}
	fmt.Printf("  result page after it, p95 at %d requests/s: %s (goal ≤ 50ms)\n", perSecond, p95(took))
	if _, err := b.fillCriteria(ctx, manyOfThem-rated); err != nil {
		return err
	}
	return b.register(fmt.Sprintf("/c/basel/criteria/%d", numbers[0]))
}

// register measures every page over the ten thousand criteria that answers, with its weight.
func (b *bench) register(one string) error {
	fmt.Printf("register of %d criteria, p95 at %d requests/s (goal ≤ 30ms; results ≤ 50ms), bytes over the wire, round trips to the database:\n", manyOfThem, perSecond)
	for _, path := range []string{one, "/c/basel/criteria", "/c/basel/criteria?state=raised", "/c/basel/criteria?sort=importance", "/c/basel/criteria/importance", "/c/basel/criteria/rate", "/criteria", "/c/basel/criteria/annex"} {
		if _, err := b.get(b.ours+path, false); err != nil {
			fmt.Printf("  %-44s does not answer\n", path)
			continue
		}
		before := b.pool.Stat().AcquireCount() // each round trip takes a connection
		page, err := b.get(b.ours+path, false)
		if err != nil {
			return err
		}
		asked := b.pool.Stat().AcquireCount() - before
		took, err := b.steadily(path)
		if err != nil {
			return err
		}
		fmt.Printf("  %-44s %s, %.1f KB, %d round trips\n", path, p95(took), float64(len(page))/1024, asked)
	}
	return b.onceEach("/c/basel/criteria/importance", "/c/basel/criteria/importance.csv", "/c/basel/criteria/ratings.csv", "/c/basel/criteria.csv", "/c/basel/criteria.xlsx")
}

// onceEach asks for pages one after the other, while nobody else asks for anything.
func (b *bench) onceEach(paths ...string) error {
	for _, path := range paths {
		if _, err := b.get(b.ours+path, false); err != nil {
			fmt.Printf("  %-44s does not answer\n", path)
			continue
		}
		began := time.Now()
		page, err := b.get(b.ours+path, false)
		if err != nil {
			return err
		}
		fmt.Printf("  %-44s alone %s, %.1f KB\n", path, time.Since(began).Round(100*time.Microsecond), float64(len(page))/1024)
	}
	return nil
}

// vote is what three hundred members do in the same minute: each opens the ballot, rates every criterion, sends it twice by an impatient thumb, and opens it again.
func (b *bench) vote(ctx context.Context, numbers []int) error {
	cookies, err := b.phones(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, phoneMinute)
	defer stop()
	began := time.Now()
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wait sync.WaitGroup
	for phone, cookie := range cookies {
		wait.Go(func() {
			took, err := b.fillIn(ctx, cookie, phone, numbers)
			mu.Lock()
			defer mu.Unlock()
			all, failed = append(all, took...), errors.Join(failed, err)
		})
	}
	wait.Wait()
	if failed != nil {
		return failed
	}
	fmt.Printf("%d phones rate %d criteria at once, each sending twice: done in %s, p95 of its %d requests %s\n", len(cookies), len(numbers), time.Since(began).Round(10*time.Millisecond), perPhone, p95(all))
	return b.counted(ctx, numbers)
}

// phones are members of Basel who are signed in, as cookies.
func (b *bench) phones(ctx context.Context) ([]*http.Cookie, error) {
	there := false
	if err := b.pool.QueryRow(ctx, `select exists (select from account where handle = 'member-1')`).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		if err := b.people(ctx); err != nil {
			return nil, err
		}
	}
	rows, err := b.pool.Query(ctx, `select a.id from account a join membership m on m.account_id = a.id join community c on c.id = m.community_id
		where c.slug = 'basel' and m.state = 'member' and m.role = 'member' and a.handle like 'member-%' order by a.id limit $1`, phones)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	var cookies []*http.Cookie
	for _, id := range ids {
		in, err := b.manager.Load(ctx, "")
		if err != nil {
			return nil, err
		}
		b.manager.Put(in, account.SessionAccount, id)
		token, _, err := b.manager.Commit(in)
		if err != nil {
			return nil, err
		}
		cookies = append(cookies, &http.Cookie{Name: "koinon", Value: token})
	}
	if len(cookies) != phones {
		return nil, fmt.Errorf("%d members to hold phones, want %d", len(cookies), phones)
	}
	return cookies, nil
}

// value that a phone gives the n-th criterion.
func value(phone, n int) int { return 1 + (phone*7+n*3)%9 }

func (b *bench) fillIn(ctx context.Context, cookie *http.Cookie, phone int, numbers []int) (all []time.Duration, err error) {
	filled := url.Values{"request": {uuid.NewString()}}
	for n, number := range numbers {
		filled.Set(fmt.Sprint("rate-", number), fmt.Sprint(value(phone, n)))
	}
	address := b.ours + "/c/basel/criteria/rate"
	for _, step := range []struct {
		form url.Values
		want int
	}{{nil, 200}, {filled, 303}, {filled, 303}, {nil, 200}} {
		started := time.Now()
		if err := b.send(ctx, address, cookie, step.form, step.want); err != nil {
			return all, fmt.Errorf("phone %d: %w", phone, err)
		}
		all = append(all, time.Since(started))
	}
	return all, nil
}

// send asks for a page (no form) or sends a form, and is nil when the answer has the wanted status.
func (b *bench) send(ctx context.Context, address string, cookie *http.Cookie, form url.Values, want int) error {
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.AddCookie(cookie)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	res, err := b.client.Transport.RoundTrip(r) // a redirect is the answer, not to be followed
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != want {
		return fmt.Errorf("%s %s: %s", method, address, res.Status)
	}
	return nil
}

// counted is nil when every phone's ratings are there once, and the statistics are those of the ratings.
func (b *bench) counted(ctx context.Context, numbers []int) error {
	got, err := postgres.One[struct{ Ratings, Wrong, Stale int }](ctx, b.pool, `with r as (select r.*, i.number from rating r join item i on i.id = r.criterion_id where i.community_id = (select id from community where slug = 'basel') and i.number = any($1)),
		n as (select criterion_id, perspective, count(*) as n, percentile_cont(0.5) within group (order by value) as median from r group by 1, 2)
		select (select count(*) from r)::int as ratings, (select count(*) from (select 1 from r group by account_id, criterion_id having count(*) > 1) t)::int as wrong,
			(select count(*) from n left join importance m using (criterion_id, perspective) where m.n is distinct from n.n or m.median is distinct from n.median)::int as stale`, numbers)
	if err != nil {
		return err
	}
	if got.Ratings != phones*len(numbers) || got.Wrong > 0 || got.Stale > 0 {
		return fmt.Errorf("%d ratings (want %d), %d doubled, %d statistics stale", got.Ratings, phones*len(numbers), got.Wrong, got.Stale)
	}
	fmt.Printf("  %d ratings: none lost, none doubled, all statistics right\n", got.Ratings)
	return nil
}

// fillCriteria makes so many criteria in Basel, and gives their numbers. All but the first rated are rated by twelve members.
func (b *bench) fillCriteria(ctx context.Context, n int) (numbers []int, err error) {
	err = postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select set_config('koinon.silent', 'on', true)`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `with have as (select coalesce(max(number), 0) as last from item where kind = 'criterion' and community_id = (select id from community where slug = 'basel')),
			made as (insert into item (community_id, kind, number, title, lang, author_id, audience, created_at, updated_at, active_at)
				select (select id from community where slug = 'basel'), 'criterion', have.last + g, 'The map keeps promise number ' || g, 'en', (select id from account where handle = 'lea-straumann'), 0, now(), now(), now() from have, generate_series(1, $1::int) g returning id, community_id, number),
			texted as (insert into item_text (item_id, body, html, renderer) select id, 'We plan with it.', '<p>We plan with it.</p>', 1 from made),
			asked as (insert into criterion (item_id, community_id, state, state_at, agreed_on, category_id, measure, comparator, target, unit, need_id)
				select id, community_id, case when number % 3 = 0 then 'agreed' else 'raised' end, now(), case when number % 3 = 0 then current_date end, (select min(id) from criterion_category) + number % 7, 'grid spacing', 'at-most', 100, 'm', id from made)
			select number from made order by number`, n)
		if err != nil {
			return err
		}
		if numbers, err = pgx.CollectRows(rows, pgx.RowTo[int]); err != nil || n <= rated {
			return err
		}
		return rateAll(ctx, tx, numbers[0])
	})
	if err != nil {
		return nil, fmt.Errorf("criteria: %w", err)
	}
	_, err = b.pool.Exec(ctx, `vacuum analyze`)
	return numbers, err
}

// rateAll lets twelve members rate each of the criteria from a number on.
func rateAll(ctx context.Context, tx pgx.Tx, from int) error {
	for _, sql := range []string{
		`insert into rating (community_id, criterion_id, account_id, perspective, value, lang, at, changed_at)
			select c.community_id, c.item_id, m.account_id, m.perspective, 1 + (i.number + m.account_id) % 9, 'en', now(), now() from criterion c join item i on i.id = c.item_id,
				(select account_id, perspective from (select account_id, perspective, row_number() over (partition by perspective order by account_id) as place from membership where state = 'member' and community_id = (select id from community where slug = 'basel')) t where place <= 6) m
			where i.number >= $1 and i.community_id = (select id from community where slug = 'basel')`,
		`insert into importance (community_id, criterion_id, perspective, n, low, median, high) select community_id, criterion_id, perspective, n, q[1], q[2], q[3] from
			(select r.community_id, criterion_id, perspective, count(*) as n, percentile_cont(array[0.25, 0.5, 0.75]) within group (order by value) as q from rating r join item i on i.id = r.criterion_id
				where i.number >= $1 and i.community_id = (select id from community where slug = 'basel') group by 1, 2, 3) t`,
	} {
		if _, err := tx.Exec(ctx, sql, from); err != nil {
			return err
		}
	}
	return nil
}
