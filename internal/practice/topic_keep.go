package practice

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/link"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// MaxTopicName is how long the name of a topic may be, in characters, and MostTopics how many there may be.
const (
	MaxTopicName = 60
	MostTopics   = 40
)

// TopicNames are what a topic is called, by language.
type TopicNames map[locale.Lang]string

func (n TopicNames) check() error {
	var in fault.Invalid
	for _, l := range locale.All {
		field := "name-" + string(l)
		in.Check(n[l] != "", field, "required")
		in.Check(utf8.RuneCountInString(n[l]) <= MaxTopicName, field, "too-long", "max", MaxTopicName)
	}
	return in.Err()
}

// KeptTopic is a topic as administrators see it.
type KeptTopic struct {
	Key     string
	Retired bool
	Entries int // of all communities, whoever may read them
	Names   TopicNames
}

// KeptTopics are all topics in their order.
func (s Store) KeptTopics(ctx context.Context, by account.Account) ([]KeptTopic, error) {
	if err := mustKeepTopics(by); err != nil {
		return nil, err
	}
	all, err := postgres.All[KeptTopic](ctx, s.db, `select t.key, t.retired_at is not null as retired, (select count(*)::int from entry_topic et join item i on i.id = et.entry_id where et.topic_id = t.id and i.removed_at is null) as entries,
			coalesce((select json_object_agg(w.lang, w.name) from topic_text w where w.topic_id = t.id), '{}') as names from topic t order by t.position, t.id`)
	if err != nil {
		return nil, fmt.Errorf("topics: %w", err)
	}
	return all, nil
}

func mustKeepTopics(by account.Account) error {
	if !by.Administrator {
		return fmt.Errorf("keep topics: %w", fault.Forbidden)
	}
	return nil
}

// AddTopic puts a topic behind the others. Its key is made of its English name. The same name sent again adds nothing.
func (s Store) AddTopic(ctx context.Context, by account.Account, names TopicNames) error {
	return s.keepTopics(ctx, by, "topic.add", "", func(tx pgx.Tx) error {
		if err := names.free(ctx, tx, ""); err != nil {
			return err
		}
		base := topicKey(names[locale.English])
		count, taken := 0, 0
		if err := tx.QueryRow(ctx, `select count(*)::int, (count(*) filter (where key = $1 or key ~ ('^' || $1 || '-[0-9]+$')))::int from topic`, base).Scan(&count, &taken); err != nil {
			return err
		}
		if count >= MostTopics {
			return fault.One("name-en", "too-many", "max", MostTopics)
		}
		if taken > 0 {
			base += "-" + strconv.Itoa(taken+1)
		}
		if _, err := tx.Exec(ctx, `insert into topic (key, position) select $1, coalesce(max(position), 0) + 1 from topic`, base); err != nil {
			return err
		}
		return names.write(ctx, tx, base)
	})
}

// topicKey of a name: a word for addresses and files.
func topicKey(name string) string {
	key := link.Slug(name)
	if key == "" || key[0] < 'a' || key[0] > 'z' {
		key = "t-" + key
	}
	return strings.TrimRight(key[:min(len(key), 34)], "-") // room for a number behind it
}

// RenameTopic gives a topic other names; was are those that whoever changes them saw. Entries keep it.
func (s Store) RenameTopic(ctx context.Context, by account.Account, key string, was, names TopicNames) error {
	return s.keepTopics(ctx, by, "topic.rename", key, func(tx pgx.Tx) error {
		var now TopicNames
		if err := tx.QueryRow(ctx, `select coalesce(json_object_agg(w.lang, w.name), '{}') from topic t join topic_text w on w.topic_id = t.id where t.key = $1`, key).Scan(&now); err != nil {
			return err
		}
		if !maps.Equal(now, was.given()) && !maps.Equal(now, names) {
			return &fault.Conflict{}
		}
		if err := names.free(ctx, tx, key); err != nil {
			return err
		}
		return names.write(ctx, tx, key)
	})
}

// given are the names that are not empty.
func (n TopicNames) given() TopicNames {
	some := maps.Clone(n)
	maps.DeleteFunc(some, func(_ locale.Lang, name string) bool { return name == "" })
	return some
}

// free is nil when the names are sound, and no other topic is called so.
func (n TopicNames) free(ctx context.Context, tx pgx.Tx, key string) error {
	if err := n.check(); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select w.lang from topic t join topic_text w on w.topic_id = t.id where t.key <> $1 and lower(w.name) = lower($2::json->>w.lang)`, key, n)
	if err != nil {
		return err
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[locale.Lang])
	if err != nil {
		return err
	}
	var in fault.Invalid
	for _, l := range locale.All {
		in.Check(!slices.Contains(taken, l), "name-"+string(l), "topic-there")
	}
	return in.Err()
}

func (n TopicNames) write(ctx context.Context, tx pgx.Tx, key string) error {
	b := &pgx.Batch{}
	for _, l := range locale.All {
		b.Queue(`insert into topic_text (topic_id, lang, name) select id, $2, $3 from topic where key = $1 on conflict (topic_id, lang) do update set name = excluded.name`, key, l, n[l])
	}
	return tx.SendBatch(ctx, b).Close()
}

// MoveTopic changes places with the one before it, or after it, among those that are offered.
func (s Store) MoveTopic(ctx context.Context, by account.Account, key string, up bool) error {
	return s.keepTopics(ctx, by, "topic.move", key, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `with numbered as (select id, key, row_number() over (order by retired_at is not null, position, id) as n, retired_at is null as offered from topic),
				mine as (select n from numbered where key = $1),
				other as (select o.n from numbered o, mine where o.n = mine.n + case when $2 then -1 else 1 end and o.offered)
			update topic t set position = case when x.n = mine.n then coalesce(other.n, x.n) when x.n = other.n then mine.n else x.n end
			from numbered x cross join mine left join other on true where x.id = t.id`, key, up)
		return err
	})
}

// RetireTopic offers a topic no more; entries that are about it stay so. It can be brought back.
func (s Store) RetireTopic(ctx context.Context, by account.Account, key string, retired bool) error {
	verb := "topic.bring-back"
	if retired {
		verb = "topic.retire"
	}
	return s.keepTopics(ctx, by, verb, key, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `update topic set retired_at = case when $2 then coalesce(retired_at, $3) end where key = $1`, key, retired, s.now())
		return err
	})
}

// keepTopics does something with the topics, one change after the other. A key that there is not is fault.NotFound.
func (s Store) keepTopics(ctx context.Context, by account.Account, verb, key string, do func(tx pgx.Tx) error) error {
	if err := mustKeepTopics(by); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from topic order by id for update`); err != nil {
			return fmt.Errorf("%s: %w", verb, err)
		}
		if key != "" {
			var id int64
			err := tx.QueryRow(ctx, `select id from topic where key = $1`, key).Scan(&id)
			if errors.Is(err, pgx.ErrNoRows) {
				err = fault.NotFound
			}
			if err != nil {
				return fmt.Errorf("topic %.40q: %w", key, err)
			}
		}
		if err := do(tx); err != nil {
			return fmt.Errorf("%s %.40q: %w", verb, key, err)
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: by.ID, Verb: verb, Detail: map[string]any{"topic": key}})
	})
}
