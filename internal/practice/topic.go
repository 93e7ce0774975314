package practice

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Topic is something that entries are about, across cities and languages.
type Topic struct{ Key, Name string }

// topicName is that of topic t in @lang, or in whichever language it has one.
const topicName = `coalesce((select w.name from topic_text w where w.topic_id = t.id and w.lang = @lang), (select w.name from topic_text w where w.topic_id = t.id order by w.lang = 'en' desc, w.lang limit 1), t.key)`

// Topics that entries may have, in their order.
func (s Store) Topics(ctx context.Context, lang locale.Lang) ([]Topic, error) {
	topics, err := postgres.All[Topic](ctx, s.db, `select t.key, `+topicName+` as name from topic t where t.retired_at is null order by t.position, t.id`, pgx.NamedArgs{"lang": lang})
	if err != nil {
		return nil, fmt.Errorf("topics: %w", err)
	}
	return topics, nil
}

// queueTopics queues those of @id, named in @lang.
func queueTopics(b *pgx.Batch, args pgx.NamedArgs, topics *[]Topic) {
	b.Queue(`select t.key, `+topicName+` as name from entry_topic et join topic t on t.id = et.topic_id where et.community_id = @community and et.entry_id = @id order by t.position, t.id`, args).Query(func(rows pgx.Rows) error {
		var err error
		*topics, err = pgx.CollectRows(rows, pgx.RowToStructByName[Topic])
		return err
	})
}
