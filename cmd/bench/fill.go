package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

const words = "At night the air from the valley cools the quarter, but **not** the courtyards; in July the walls give back until two what they took in by day. We counted, measured and asked, and the ranking held."

// makeThread is a thread of 60 replies by several people.
func (b *bench) makeThread(ctx context.Context) error {
	rows, err := b.pool.Query(ctx, `select m.account_id, m.community_id from membership m join community c on c.id = m.community_id where c.slug = 'basel' and m.state = 'member' order by m.number`)
	if err != nil {
		return err
	}
	var seats []community.Seat
	for rows.Next() {
		var who, where int64
		if err := rows.Scan(&who, &where); err != nil {
			return err
		}
		seats = append(seats, community.Seat{Community: community.ID(where), Slug: "basel", Account: account.ID(who), Standing: community.Member,
			Reach: community.Reach{Me: account.ID(who), Mine: []int64{where}, Coordinated: []int64{}}})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	store := discussion.NewStore(b.pool, time.Now)
	made, err := store.Start(ctx, seats[0], discussion.Opening{Form: discussion.Conversation, Title: "Fifty replies", Body: words, Lang: locale.English, Audience: item.Public, Tags: []string{"bench"}, Request: uuid.New()})
	if err != nil {
		return err
	}
	for n := range 60 {
		if _, err := store.Reply(ctx, seats[n%len(seats)], made.Number, discussion.Answer{Body: words + strings.Repeat(" More.", n%7), Lang: locale.English, Request: uuid.New()}); err != nil {
			return err
		}
	}
	b.thread, b.path = int64(made.ID), link.Discussion("basel", made.Number, "Fifty replies")
	return nil
}

// fill brings the database to so many items, in threads of twenty, with texts and index rows.
func (b *bench) fill(ctx context.Context, items int) error {
	_, err := b.pool.Exec(ctx, `
with have as (select count(*) as n, max(number) filter (where kind = 'discussion' and community_id = (select id from community where slug = 'basel')) as last from item),
threads as (
	insert into item (community_id, kind, number, title, lang, author_id, updated_by, audience, created_at, updated_at, active_at)
	select (select id from community where slug = 'basel'), 'discussion', have.last + g, 'Thread ' || g, 'en', (select account_id from membership order by random() + g limit 1), null, g % 3, t, t, t
	from have, generate_series(1, greatest(0, ($1 - have.n) / 21)::int) g, lateral (select now() - make_interval(mins => g) as t) times returning id, community_id, audience, created_at),
opened as (insert into discussion (item_id, form, replies, last_number) select id, 'conversation', 20, 20 from threads),
replies as (
	insert into item (community_id, kind, number, parent_id, lang, author_id, audience, created_at, updated_at, active_at)
	select community_id, 'reply', g, id, 'en', (select account_id from membership order by random() + g limit 1), audience, created_at, created_at, created_at from threads, generate_series(1, 20) g
	returning id, community_id, audience, created_at),
replied as (insert into reply (item_id) select id from replies),
both_kinds as (select id, community_id, audience, 'discussion' as kind, created_at from threads union all select id, community_id, audience, 'reply', created_at from replies),
texted as (insert into item_text (item_id, body, html, renderer) select id, $2, '<p>' || $2 || '</p>', 1 from both_kinds)
insert into item_search (item_id, community_id, audience, kind, lang, at, search) select id, community_id, audience, kind, 'en', created_at, to_tsvector('public.k_en', $2) from both_kinds`, items, words)
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	_, err = b.pool.Exec(ctx, `update counter set n = (select max(number) from item i where i.community_id = counter.community_id and i.kind = counter.series)`)
	if err != nil {
		return err
	}
	_, err = b.pool.Exec(ctx, `vacuum analyze`)
	return err
}

// people brings a thousand members to the community, and ten thousand notices to the one who asks.
func (b *bench) people(ctx context.Context) error {
	return postgres.InTx(ctx, b.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`select set_config('koinon.silent', 'on', true)`,
			`with made as (insert into account (handle, name, email, email_key, organisation, profile_for, created_at)
				select 'member-' || n, 'Member ' || n, 'member' || n || '@example.org', 'member' || n || '@example.org', 'Office ' || n % 40, 0, now() from generate_series(1, 1000) n returning id),
			joined as (insert into membership (community_id, account_id, number, state, perspective, asked_at, since, renewed_at)
				select c.id, made.id, c.last_member + row_number() over (), 'member', case made.id % 2 when 0 then 'scientist' else 'stakeholder' end, now(), now(), now() from made, community c where c.slug = 'basel' returning community_id, account_id)
			insert into competence (community_id, account_id, position, name) select community_id, account_id, 1, 'Competence ' || account_id % 90 from joined`,
			`update community set members = members + 1000, last_member = last_member + 1000 where slug = 'basel'`,
			`with told as (insert into activity (at, actor_id, verb, item_id, community_id) select now() - make_interval(mins => i.n::int), i.author_id, 'discussion.reply', i.id, i.community_id
				from (select k.*, row_number() over (order by k.id desc) as n from item k where k.kind = 'reply' limit 10000) i returning id, at, item_id, community_id)
			insert into notice (account_id, activity_id, community_id, item_id, top_id, why, kind, way, at)
			select (select id from account where handle = 'silvan-oesch'), told.id, told.community_id, told.item_id, i.parent_id, 'followed', 'replies', 'inbox', told.at from told join item i on i.id = told.item_id`,
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("people: %w", err)
			}
		}
		return nil
	})
}

// weigh prints what a visit takes over the wire.
func (b *bench) weigh() error {
	for _, path := range []string{"/", b.path} {
		page, err := b.get(b.ours+path, false)
		if err != nil {
			return err
		}
		plain, err := b.get(b.ours+path, true)
		if err != nil {
			return err
		}
		first, requests := len(page), 1
		seen := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?:href|src)="(/static/[^"#]+)`).FindAllStringSubmatch(string(plain), -1) {
			if seen[m[1]] {
				continue
			}
			seen[m[1]] = true
			asset, err := b.get(b.ours+m[1], false)
			if err != nil {
				return err
			}
			first, requests = first+len(asset), requests+1
		}
		fmt.Printf("%s: first visit %.1f KB in at most %d requests (goal ≤ 40 KB), later visits %.1f KB in 1 (goal ≤ 15 KB)\n", strings.SplitN(path, "-", 2)[0], float64(first)/1024, requests, float64(len(page))/1024)
	}
	return nil
}

// crowd lets two hundred clients answer one thread at once while readers read it, and says how both fared.
func (b *bench) crowd() error {
	const writers = 200
	var wait sync.WaitGroup
	var mu sync.Mutex
	var waits []time.Duration
	refused := 0
	stop := make(chan struct{})
	var reads []time.Duration
	var readers sync.WaitGroup
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			started := time.Now()
			if _, err := b.get(b.ours+b.path, false); err == nil {
				reads = append(reads, time.Since(started))
			}
		}
	})
	started := time.Now()
	for range writers {
		wait.Go(func() {
			began := time.Now()
			body := url.Values{"request": {uuid.NewString()}, "body": {words}, "lang": {"en"}}
			r, err := http.NewRequest(http.MethodPost, b.ours+b.thread0()+"/reply", strings.NewReader(body.Encode()))
			if err != nil {
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(b.cookie)
			res, err := b.client.Transport.RoundTrip(r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil || res.StatusCode != http.StatusSeeOther {
				refused++
			}
			if err == nil {
				res.Body.Close()
			}
			waits = append(waits, time.Since(began))
		})
	}
	wait.Wait()
	took := time.Since(started)
	close(stop)
	readers.Wait()
	fmt.Printf("%d clients reply to one thread at once: all answered in %.2f s, %d refused, p95 %s; a reader meanwhile p95 %s\n", writers, took.Seconds(), refused, p95(waits), p95(reads))
	return nil
}

// thread0 is the thread's address without its words.
func (b *bench) thread0() string {
	return regexp.MustCompile(`^/c/basel/discussions/\d+`).FindString(b.path)
}

// startAndMemory runs the real program on a database of its own and reads its start and its memory under load.
func startAndMemory(ctx context.Context, dir string) error {
	program := filepath.Join(dir, "koinon")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/koinon").CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	const listen = "127.0.0.1:18099"
	for _, what := range []string{"first start, making the database and the demonstration", "start on an existing database (goal ≤ 1 s)"} {
		cmd := exec.CommandContext(ctx, program, "serve")
		cmd.Env = append(os.Environ(), "KOINON_DIR="+filepath.Join(dir, "var"), "KOINON_LISTEN="+listen, "KOINON_DEMO=yes", "KOINON_DATABASE_URL=")
		started := time.Now()
		if err := cmd.Start(); err != nil {
			return err
		}
		for {
			res, err := http.Get("http://" + listen + "/readyz")
			if err == nil {
				res.Body.Close()
				if res.StatusCode == http.StatusOK {
					break
				}
			}
			if time.Since(started) > time.Minute {
				return fmt.Errorf("the program does not start")
			}
			time.Sleep(5 * time.Millisecond)
		}
		fmt.Printf("%s: %.2f s\n", what, time.Since(started).Seconds())
		b := &bench{client: http.DefaultClient}
		if _, err := b.load("http://" + listen + "/c/basel/discussions/1-wo-warum-was-tun-womit-fangen-wir-an"); err != nil {
			return err
		}
		fmt.Printf("memory after %s of load from %d clients: %s MB (goal ≤ 150)\n", round, clients, resident(cmd.Process.Pid))
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		_ = cmd.Wait() // it stops as asked
	}
	return nil
}

func resident(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return "?"
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+)`).FindSubmatch(raw)
	if m == nil {
		return "?"
	}
	kb, _ := strconv.Atoi(string(m[1])) // digits
	return strconv.Itoa(kb / 1024)
}
