package item

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// ReadTags takes the tags out of a line in which commas part them; doubles and empty ones go.
func ReadTags(line string) []string {
	var tags []string
	seen := map[string]bool{}
	for _, tag := range strings.Split(line, ",") {
		tag = strings.TrimPrefix(strings.Join(strings.Fields(tag), " "), "#")
		if key := tagKey(tag); tag != "" && !seen[key] {
			seen[key] = true
			tags = append(tags, tag)
		}
	}
	return tags
}

// CheckTags judges tags.
func CheckTags(in *fault.Invalid, tags []string) {
	in.Check(len(tags) <= MaxTags, "tags", "too-many", "max", MaxTags)
	for _, tag := range tags {
		if utf8.RuneCountInString(tag) > MaxTag {
			in.Check(false, "tags", "too-long", "max", MaxTag)
			return
		}
	}
}

func tagKey(name string) string { return strings.ToLower(name) }

// tag sets the tags of an item; the first spelling of a tag in its community stays.
func (s Store) tag(ctx context.Context, tx pgx.Tx, in community.ID, id ID, tags []string) error {
	if len(tags) == 0 {
		return nil
	}
	keys := make([]string, len(tags))
	for i, t := range tags {
		keys[i] = tagKey(t)
	}
	b := &pgx.Batch{}
	b.Queue(`insert into tag (community_id, key, name) select $1, key, name from unnest($2::text[], $3::text[]) as t(key, name) order by key on conflict do nothing`, in, keys, tags)
	b.Queue(`insert into item_tag (community_id, item_id, tag_id) select $1, $2, t.id from tag t where t.community_id = $1 and t.key = any($3) on conflict do nothing`, in, id, keys)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("tag item %d: %w", id, err)
	}
	return nil
}

// Retag makes tags the tags of an item.
func (s Store) Retag(ctx context.Context, tx pgx.Tx, seat community.Seat, id ID, tags []string) error {
	if _, err := tx.Exec(ctx, `delete from item_tag where community_id = $1 and item_id = $2`, seat.Community, id); err != nil {
		return fmt.Errorf("retag item %d: %w", id, err)
	}
	return s.tag(ctx, tx, seat.Community, id, tags)
}

// Tag is a word on items of a community.
type Tag struct {
	Key   string
	Name  string
	Items int
}

// TagsInUse are the tags on visible items of a kind, the most used first.
func (s Store) TagsInUse(ctx context.Context, seat community.Seat, kind Kind, most int) ([]Tag, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	return postgres.All[Tag](ctx, s.db, `select t.key, t.name, count(*)::int as items from (
			select i.id from item i where i.community_id = @community and i.kind = @kind and i.parent_id is null and i.removed_at is null and `+community.Visible+`
			order by i.active_at desc limit 1000) i
		join item_tag it on it.item_id = i.id join tag t on t.id = it.tag_id
		group by t.id order by items desc, t.key limit @most`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "kind": kind, "most": most}))
}
