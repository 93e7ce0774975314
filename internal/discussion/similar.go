package discussion

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Alike is a discussion whose title resembles another.
type Alike struct {
	Number   int
	Title    string
	Lang     locale.Lang
	Replies  int
	ActiveAt time.Time
}

// Of the newest titles those resemble that share half of the words (stemmed, in the language of the title asked for), or most letters in a row.
// Two cheap questions choose the titles that are judged closely.
const similarSQL = `with asked as materialized (select tsvector_to_array(to_tsvector(('public.k_' || @lang)::regconfig, @title)) as words,
			nullif(replace(plainto_tsquery(('public.k_' || @lang)::regconfig, @title)::text, ' & ', ':A | ') || ':A', ':A')::tsquery as any_word),
	newest as (select i.id, i.number, i.title, i.lang, i.active_at from item i
		where i.community_id = @community and i.kind = 'discussion' and i.parent_id is null and i.removed_at is null and ` + community.Visible + `
		order by i.active_at desc, i.id desc limit 5000),
	chosen as materialized (select n.*, s.search from newest n join item_search s on s.item_id = n.id cross join asked a
		where s.search @@ a.any_word or similarity(n.title, @title) >= 0.25
		order by similarity(n.title, @title) desc limit 200),
	judged as (select c.*, similarity(c.title, @title) as alike, strict_word_similarity(@title, c.title) as within,
			case when cardinality(a.words) = 0 then 0 else (select count(*) from unnest(a.words) w where w = any(tsvector_to_array(ts_filter(c.search, '{a}'))))::real / cardinality(a.words) end as shared
		from chosen c cross join asked a)
	select j.number, j.title, j.lang, d.replies, j.active_at from judged j join discussion d on d.item_id = j.id
	where j.alike >= 0.3 or j.within >= 0.6 or j.shared >= 0.5
	order by greatest(j.alike, j.within * 0.8, j.shared * 0.9) desc, j.active_at desc, j.number desc limit 5`

// Similar are up to five discussions whose titles resemble title, among those that the seat may read.
func (s Store) Similar(ctx context.Context, seat community.Seat, title string, lang locale.Lang) ([]Alike, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	title = strings.TrimSpace(title)
	if len([]rune(title)) < 4 || len([]rune(title)) > item.MaxTitle || !locale.Known(string(lang)) {
		return nil, nil
	}
	alike, err := postgres.All[Alike](ctx, s.db, similarSQL, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "title": title, "lang": string(lang)}))
	if err != nil {
		return nil, fmt.Errorf("similar discussions: %w", err)
	}
	return alike, nil
}
