package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/go-chi/chi/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/web"
)

type bench struct {
	pool    *postgres.Pool
	ours    string
	bare    string
	manager *scs.SessionManager
	cookie  *http.Cookie
	thread  int64
	path    string
	client  *http.Client
	stop    []func()
}

func newBench(ctx context.Context, pool *postgres.Pool) (*bench, error) {
	b := &bench{pool: pool, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}}}
	if err := b.makeThread(ctx); err != nil {
		return nil, err
	}
	sessions := account.NewSessions(pool)
	marks := item.NewMarks(pool)
	running, stopMarks := context.WithCancel(ctx)
	go marks.Run(running)
	b.stop = append(b.stop, stopMarks)
	site := web.New(web.Site{DB: pool, Accounts: account.NewStore(pool, nil, true, time.Now), Sessions: sessions, Marks: marks, Base: "http://127.0.0.1", Log: slog.New(slog.DiscardHandler),
		Seen: func(string, string, int, time.Duration) {}, Now: time.Now, Ready: func(*http.Request) error { return nil }})
	var err error
	if b.ours, err = b.listen(site); err != nil {
		return nil, err
	}
	b.manager = web.SessionsFor(sessions)
	if err := b.signIn(ctx, "silvan-oesch"); err != nil {
		return nil, err
	}
	page, err := b.get(b.ours+b.path, true)
	if err != nil {
		return nil, err
	}
	b.bare, err = b.listen(b.bareSite(frame(string(page))))
	return b, err
}

// signIn makes a person of the demonstration the one who asks from now on.
func (b *bench) signIn(ctx context.Context, handle string) error {
	in, err := b.manager.Load(ctx, "")
	if err != nil {
		return err
	}
	var id int64
	if err := b.pool.QueryRow(ctx, `select id from account where handle = $1`, handle).Scan(&id); err != nil {
		return err
	}
	b.manager.Put(in, account.SessionAccount, id)
	token, _, err := b.manager.Commit(in)
	b.cookie = &http.Cookie{Name: "koinon", Value: token}
	return err
}

func (b *bench) listen(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	go server.Serve(l)
	b.stop = append(b.stop, func() { server.Close() })
	return "http://" + l.Addr().String(), nil
}

func (b *bench) close() {
	for _, stop := range b.stop {
		stop()
	}
}

// frame is our page without the texts of its posts: what stands before each, and after the last.
func frame(page string) []string {
	parts := regexp.MustCompile(`(?s)(<div class="prose"[^>]*>).*?(</div>)`).ReplaceAllString(page, "$1\x00$2")
	return strings.Split(parts, "\x00")
}

// bareSite is the least that could serve the same: one query for the thread, one for its rows, the same bytes, the same compression.
func (b *bench) bareSite(frame []string) http.Handler {
	r := chi.NewRouter()
	r.Use(web.Compressed())
	r.Get("/thread", func(w http.ResponseWriter, r *http.Request) {
		var opening, title string
		if err := b.pool.QueryRow(r.Context(), `select i.title, t.html from item i join item_text t on t.item_id = i.id where i.id = $1`, b.thread).Scan(&title, &opening); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		rows, err := postgres.All[row](r.Context(), b.pool, `select a.name, t.html, i.created_at from item i join item_text t on t.item_id = i.id join account a on a.id = i.author_id
			where i.parent_id = $1 and i.number <= 50 order by i.number`, b.thread)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = barePage(frame, rows).Render(r.Context(), w) // the client is ours
	})
	return r
}

type row struct {
	Name      string
	HTML      string
	CreatedAt time.Time
}

func (b *bench) get(url string, plain bool) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	if !plain {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	res, err := b.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, res.Status)
	}
	return body, err
}

type comparison struct {
	ours, bare       float64 // pages per second
	oursP95, bareP95 time.Duration
}

const (
	clients = 8
	round   = 3 * time.Second
	rounds  = 4
)

// compare takes turns, so that both meet the same noise.
func (b *bench) compare(context.Context) (comparison, error) {
	var c comparison
	var ours, bare []time.Duration
	for range rounds {
		for _, one := range []struct {
			url string
			all *[]time.Duration
		}{{b.ours + b.path, &ours}, {b.bare + "/thread", &bare}} {
			took, err := b.load(one.url)
			if err != nil {
				return c, err
			}
			*one.all = append(*one.all, took...)
		}
	}
	seconds := (rounds * round).Seconds()
	c.ours, c.bare = float64(len(ours))/seconds, float64(len(bare))/seconds
	c.oursP95, c.bareP95 = p95(ours), p95(bare)
	return c, nil
}

// load asks for a page from several clients for one round, on loopback.
func (b *bench) load(url string) ([]time.Duration, error) {
	end := time.Now().Add(round)
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			var mine []time.Duration
			for time.Now().Before(end) {
				started := time.Now()
				if _, err := b.get(url, false); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
				mine = append(mine, time.Since(started))
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wait.Wait()
	return all, failed
}

func p95(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sort.Slice(all, func(a, b int) bool { return all[a] < all[b] })
	return all[len(all)*95/100].Round(100 * time.Microsecond)
}
