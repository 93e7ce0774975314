package criterion

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Alike is a criterion whose statement resembles another, here or in another city.
type Alike struct {
	Slug      string
	City      string // name of its community
	Number    int
	Statement string
	Lang      locale.Lang
	State     State
}

// As for discussions: of the newest statements, here and elsewhere, those resemble that share half of the words (stemmed, in the language of the one asked for), or most letters in a row.
const similarSQL = `with asked as materialized (select tsvector_to_array(to_tsvector(('public.k_' || @lang)::regconfig, @statement)) as words,
			nullif(replace(plainto_tsquery(('public.k_' || @lang)::regconfig, @statement)::text, ' & ', ':A | ') || ':A', ':A')::tsquery as any_word),
	newest as (
		(select i.id, i.community_id, i.number, i.title, i.lang, c.state from criterion c join item i on i.id = c.item_id
			where c.community_id = @community and c.state <> 'merged' and i.removed_at is null and i.id <> @but and ` + community.Visible + ` order by c.item_id desc limit 3000)
		union
		(select i.id, i.community_id, i.number, i.title, i.lang, c.state from criterion c join item i on i.id = c.item_id
			where c.state <> 'merged' and i.removed_at is null and i.id <> @but and ` + community.Visible + ` order by c.item_id desc limit 3000)),
	chosen as materialized (select n.*, s.search from newest n join item_search s on s.item_id = n.id cross join asked a
		where s.search @@ a.any_word or similarity(n.title, @statement) >= 0.25
		order by similarity(n.title, @statement) desc limit 200),
	judged as (select c.*, similarity(c.title, @statement) as alike, strict_word_similarity(@statement, c.title) as within,
			case when cardinality(a.words) = 0 then 0 else (select count(*) from unnest(a.words) w where w = any(tsvector_to_array(ts_filter(c.search, '{a}'))))::real / cardinality(a.words) end as shared
		from chosen c cross join asked a)
	select o.slug, coalesce((select t.name from community_text t where t.community_id = o.id and t.lang = @reader), (select t.name from community_text t where t.community_id = o.id and t.lang = o.lang), o.slug) as city,
		j.number, j.title as statement, j.lang, j.state
	from judged j join community o on o.id = j.community_id
	where j.alike >= 0.3 or j.within >= 0.6 or j.shared >= 0.5
	order by j.community_id <> @community, greatest(j.alike, j.within * 0.8, j.shared * 0.9) desc, j.id desc limit 6`

// Similar are up to six criteria whose statements resemble one, among those that the seat may read: those of its community first. But is left out: the criterion itself.
func (s Store) Similar(ctx context.Context, seat community.Seat, statement string, lang locale.Lang, but item.ID) ([]Alike, error) {
	if err := seat.MaySee(); err != nil {
		return nil, err
	}
	statement = strings.TrimSpace(statement)
	if n := len([]rune(statement)); n < 4 || n > item.MaxTitle || !locale.Known(string(lang)) {
		return nil, nil
	}
	alike, err := postgres.All[Alike](ctx, s.db, similarSQL, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "statement": statement, "lang": string(lang), "reader": string(locale.Of(ctx)), "but": but}))
	if err != nil {
		return nil, fmt.Errorf("similar criteria: %w", err)
	}
	return alike, nil
}
