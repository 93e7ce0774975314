package item

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Marks remember how far each reader has read. They are gathered in memory and written together once a second;
// a crash may lose the last second of them, nothing else.
type Marks struct {
	db      postgres.DB
	mu      sync.Mutex
	waiting map[mark]reading
}

type mark struct {
	account account.ID
	item    ID
}

type reading struct {
	number int
	at     time.Time
}

// NewMarks writes to db while Run runs.
func NewMarks(db postgres.DB) *Marks { return &Marks{db: db, waiting: map[mark]reading{}} }

// Read notes that who has read item up to its child number (0: the item itself).
func (m *Marks) Read(who account.ID, id ID, number int, at time.Time) {
	if who == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := mark{who, id}
	if known, ok := m.waiting[key]; !ok || number >= known.number {
		m.waiting[key] = reading{number, at}
	}
}

// Run writes what was gathered once a second until ctx ends, and then once more.
func (m *Marks) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			m.flushOrLog(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			m.flushOrLog(last)
			return
		}
	}
}

func (m *Marks) flushOrLog(ctx context.Context) {
	if err := m.Flush(ctx); err != nil && ctx.Err() == nil {
		slog.WarnContext(ctx, "read marks not written", "error", err)
	}
}

// Flush writes what was gathered. A mark only moves forward, and what was told of the words read is read with them.
func (m *Marks) Flush(ctx context.Context) error {
	m.mu.Lock()
	gathered := m.waiting
	m.waiting = map[mark]reading{}
	m.mu.Unlock()
	if len(gathered) == 0 {
		return nil
	}
	var accounts, items []int64
	var numbers []int
	var times []time.Time
	for key, r := range gathered {
		accounts, items = append(accounts, int64(key.account)), append(items, int64(key.item))
		numbers, times = append(numbers, r.number), append(times, r.at)
	}
	b := &pgx.Batch{}
	b.Queue(`insert into read_mark (account_id, item_id, number, at)
		select a, i, n, t from unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[]) as r(a, i, n, t)
		where exists (select from item where id = i) and exists (select from account where id = a)
		order by a, i
		on conflict (account_id, item_id) do update set number = excluded.number, at = excluded.at where read_mark.number < excluded.number`,
		accounts, items, numbers, times)
	b.Queue(`update notice n set read_at = r.t
		from unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[]) as r(a, i, n, t)
		where n.account_id = r.a and n.place = r.i and n.read_at is null and n.at <= r.t
			and exists (select from item k where k.id = n.item_id and (k.id = r.i or k.number <= r.n))`,
		accounts, items, numbers, times)
	if err := m.db.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("read marks: %w", err)
	}
	return nil
}
