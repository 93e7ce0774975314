package practice

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/search"
)

// Library is a page of the shared entries of all communities, or of one, as far as the reader may see them; drafts stand only among one's own, and among drafts.
func (s Store) Library(ctx context.Context, reach community.Reach, f LibraryFilter) (LibraryPage, error) {
	var p LibraryPage
	q := libraryQuery{LibraryFilter: f, args: reach.Args(pgx.NamedArgs{"lang": locale.Of(ctx), "limit": f.most() + 1})}
	if f.Words != "" {
		found, err := search.NewStore(s.db, s.now).Entries(ctx, reach, f.Words, int64(f.In), MaxCount)
		if err != nil {
			return p, err
		}
		q.args["ids"] = found.IDs
		p.Others, p.Partly, p.AtLeast = found.Others, found.Partly, found.More
	}
	if err := q.read(); err != nil {
		return p, err
	}
	b := &pgx.Batch{}
	q.queueRows(b, &p)
	if !f.Bare {
		q.queueFacets(b, &p)
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return p, fmt.Errorf("library: %w", err)
	}
	return p, nil
}

// libraryQuery is a filter on its way to SQL.
type libraryQuery struct {
	LibraryFilter
	args  pgx.NamedArgs
	where map[string]string // what each facet demands of row i, of those that are chosen
	base  string            // what is demanded whatever is chosen
	at    *libraryPlace
}

// libraryPlace is where a row stands in an order.
type libraryPlace struct {
	At    time.Time `json:"a,omitzero"`
	Key   string    `json:"k,omitempty"`
	Stand int64     `json:"s,omitempty"`
	ID    int64     `json:"i"`
}

func (q *libraryQuery) read() error {
	q.where = map[string]string{}
	demand := func(facet string, chosen int, value any, sql string) {
		if chosen > 0 {
			q.args["facet_"+facet] = value
			q.where[facet] = strings.Replace(sql, "@", "@facet_", 1)
		}
	}
	demand(FacetForm, len(q.Forms), q.Forms, "i.form = any(@form::text[])")
	demand(FacetTopic, len(q.Topics), q.Topics, "i.topics && array(select t.id from topic t where t.key = any(@topic::text[]))")
	demand(FacetTag, len(q.Tags), q.Tags, "i.tags && array(select t.id from tag t where t.key = any(@tag::text[]))")
	demand(FacetCity, len(q.Cities), q.Cities, "i.community_id = any(array(select c.id from community c where c.slug = any(@city::text[])))")
	demand(FacetLang, len(q.Langs), q.Langs, "i.lang = any(@lang::text[])")
	var codes, ages []int16
	for _, e := range q.Evidence {
		codes = append(codes, e.codes()...)
	}
	for _, a := range q.Ages {
		ages = append(ages, int16(slices.Index(Ages, a)))
	}
	demand(FacetEvidence, len(codes), codes, "i.evidence = any(@evidence::smallint[])")
	demand(FacetAge, len(ages), ages, "i.age = any(@age::smallint[])")
	q.base = strings.ReplaceAll(community.Visible, " i.id ", " i.entry_id ") // as rows of the library call it
	if q.In != 0 {
		q.base += " and i.community_id = @community"
		q.args["community"] = q.In
	}
	if q.Words != "" {
		q.base += " and i.entry_id = any(@ids::bigint[])"
	}
	switch {
	case q.Drafts:
		q.base += " and i.audience = 3"
	case !q.Mine:
		q.base += " and i.audience < 3"
	}
	if q.Mine {
		q.base += " and i.writers @> array[@me::bigint]"
	}
	if cursor := q.Before + q.After; cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		q.at = &libraryPlace{}
		if err != nil || json.Unmarshal(raw, q.at) != nil || strings.ContainsRune(q.at.Key, 0) {
			return fmt.Errorf("cursor %q: %w", cursor, fault.NotFound)
		}
	}
	return nil
}

// but is what the filter demands of row i, without one facet.
func (q *libraryQuery) but(facet string) string {
	sql := q.base
	for _, name := range []string{FacetForm, FacetTopic, FacetTag, FacetCity, FacetLang, FacetEvidence, FacetAge} {
		if demanded := q.where[name]; demanded != "" && name != facet {
			sql += " and " + demanded
		}
	}
	return sql
}

// libraryOrders are the columns by which rows are ordered, and whether the greatest comes first; the identity decides between equals.
var libraryOrders = map[Order]struct {
	column string
	down   bool
}{
	ByActivity: {"i.active_at", true}, ByNewness: {"i.shared_at", true}, ByEvidence: {"i.standing", true}, ByTitle: {"i.title_key", false},
	ByRelevance: {"array_position(@ids::bigint[], i.entry_id)", false},
}

func (q *libraryQuery) order() Order {
	if q.Order == ByActivity && q.Words != "" {
		return ByRelevance
	}
	if _, known := libraryOrders[q.Order]; !known || q.Order == ByRelevance && q.Words == "" {
		return ByActivity
	}
	return q.Order
}

// ordered is the order by clause of the rows, and what the cursor demands.
func (q *libraryQuery) ordered() (order, from string) {
	by := libraryOrders[q.order()]
	down := by.down != (q.After != "")
	way, sign := "", ">"
	if down {
		way, sign = " desc", "<"
	}
	if q.at != nil {
		q.args["at_id"] = q.at.ID
		switch q.order() {
		case ByEvidence, ByRelevance:
			q.args["at"] = q.at.Stand
		case ByTitle:
			q.args["at"] = q.at.Key
		default:
			q.args["at"] = q.at.At
		}
		from = " and (" + by.column + ", i.entry_id) " + sign + " (@at, @at_id)"
	}
	return by.column + way + ", i.entry_id" + way, from
}

const libraryColumns = `i.id, i.number, i.community_id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug),
	l.form, i.title, i.lang, e.summary, case when e.summary = '' then left(x.html, 1600) else '' end, e.place, i.audience, i.created_at, l.active_at, l.shared_at, l.fresh_at, l.uses, l.cities, l.endorsed, greatest(cardinality(l.writers) - 1, 0),
	l.standing, l.title_key, array(select t.key from topic t where t.id = any(l.topics) order by t.position, t.id), array(select ` + topicName + ` from topic t where t.id = any(l.topics) order by t.position, t.id)`

func (q *libraryQuery) queueRows(b *pgx.Batch, p *LibraryPage) {
	order, from := q.ordered()
	b.Queue(`with page as materialized (select i.*, row_number() over (order by `+order+`) as place from library i where `+q.but("")+from+` order by `+order+` limit @limit)
		select `+libraryColumns+`, `+item.VoiceColumns+`
		from page l join item i on i.id = l.entry_id join entry e on e.item_id = i.id join item_text x on x.item_id = i.id join community c on c.id = i.community_id `+item.VoiceJoins+` order by l.place`, q.args).
		Query(func(rows pgx.Rows) error {
			found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (LibraryRow, error) {
				var r LibraryRow
				var html string
				var keys, names []string
				err := row.Scan(append([]any{&r.ID, &r.Number, &r.Community, &r.Slug, &r.City, &r.Form, &r.Title, &r.Lang, &r.Summary, &html, &r.Place, &r.Audience, &r.At, &r.ActiveAt, &r.SharedAt, &r.FreshAt,
					&r.Uses, &r.Cities, &r.Endorsed, &r.Others, &r.place.Stand, &r.place.Key, &keys, &names}, r.Author.Scan()...)...)
				r.Excerpt = markup.Excerpt(markup.Plain(html), 240)
				for n := range keys {
					r.Topics = append(r.Topics, Topic{keys[n], names[n]})
				}
				return r, err
			})
			if err != nil {
				return err
			}
			q.cut(found, p)
			return nil
		})
}

// cut leaves out the row that only tells that there is more, and sets the cursors.
func (q *libraryQuery) cut(rows []LibraryRow, p *LibraryPage) {
	more := len(rows) > q.most()
	if more {
		rows = rows[:q.most()]
	}
	newer, older := q.Before != "", more
	if q.After != "" {
		slices.Reverse(rows)
		newer, older = more, true
	}
	p.Rows = rows
	if len(rows) == 0 {
		return
	}
	if newer {
		p.Newer = q.cursor(rows[0])
	}
	if older {
		p.Older = q.cursor(rows[len(rows)-1])
	}
}

func (q *libraryQuery) cursor(r LibraryRow) string {
	at := libraryPlace{ID: int64(r.ID)}
	switch q.order() {
	case ByEvidence:
		at.Stand = r.place.Stand
	case ByRelevance:
		at.Stand = int64(slices.Index(q.args["ids"].([]int64), int64(r.ID))) + 1
	case ByTitle:
		at.Key = r.place.Key
	case ByNewness:
		at.At = r.SharedAt.UTC()
	default:
		at.At = r.ActiveAt.UTC()
	}
	raw, _ := json.Marshal(at) // plain values marshal
	return base64.RawURLEncoding.EncodeToString(raw)
}
