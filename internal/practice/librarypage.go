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
	q := libraryQuery{LibraryFilter: f, args: reach.Args(pgx.NamedArgs{"lang": locale.Of(ctx), "limit": f.most() + 1, "most": MaxCount})}
	if err := q.cursorAt(); err != nil {
		return p, err
	}
	if f.Words != "" {
		found, err := search.NewStore(s.db, s.now).Entries(ctx, reach, f.Words, int64(f.In), MaxCount)
		if err != nil {
			return p, err
		}
		q.ids = found.IDs
		p.Others, p.Partly, p.AtLeast = found.Others, found.Partly, found.More
	}
	if err := q.read(ctx, s, &p); err != nil {
		return p, fmt.Errorf("library: %w", err)
	}
	return p, nil
}

func (q *libraryQuery) read(ctx context.Context, s Store, p *LibraryPage) error {
	if err := q.name(ctx, s); err != nil {
		return err
	}
	q.demand()
	if !q.Bare {
		if err := q.count(ctx, s, p); err != nil {
			return err
		}
	}
	ids, err := q.find(ctx, s, p)
	if err != nil {
		return err
	}
	return q.rows(ctx, s, ids, p)
}

// libraryQuery is a filter on its way to SQL.
type libraryQuery struct {
	LibraryFilter
	args   pgx.NamedArgs
	ids    []int64 // that the words find, the best first
	topics names
	cities names
	tags   names
	marks  map[string]string // what each facet demands of row i of library, of those that are chosen
	cells  map[string]string // the same of row i of library_count
	base   string            // what is demanded whatever is chosen
	at     *libraryPlace
}

// libraryPlace is where a row stands in an order.
type libraryPlace struct {
	At    time.Time `json:"a,omitzero"`
	Key   string    `json:"k,omitempty"`
	Stand int64     `json:"s,omitempty"`
	ID    int64     `json:"i"`
}

func (q *libraryQuery) cursorAt() error {
	cursor := q.Before + q.After
	if cursor == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	q.at = &libraryPlace{}
	if err != nil || json.Unmarshal(raw, q.at) != nil || strings.ContainsRune(q.at.Key, 0) {
		return fmt.Errorf("cursor %q: %w", cursor, fault.NotFound)
	}
	return nil
}

// demand puts what was chosen into conditions. Marks choose rows and never grant them: community.Visible has the last word on each.
func (q *libraryQuery) demand() {
	q.marks, q.cells = map[string]string{}, map[string]string{}
	demand(q, FacetForm, "f", "i.form", q.Forms)
	demand(q, FacetLang, "l", "i.lang", q.Langs)
	demand(q, FacetCity, "c", "i.community_id", q.cities.of(q.Cities))
	demand(q, FacetTopic, "t", "i.topic_id", q.topics.of(q.Topics))
	demand(q, FacetTag, "g", "", q.tags.of(q.Tags))
	var codes, ages []int16
	for _, e := range q.Evidence {
		codes = append(codes, e.codes()...)
	}
	for _, a := range q.Ages {
		ages = append(ages, int16(slices.Index(Ages, a)))
	}
	demand(q, FacetEvidence, "e", "i.evidence", codes)
	demand(q, FacetAge, "a", "i.age", ages)
	if len(ages) == 1 && q.Narrowings() == 1 { // an index of its own leads to the old ones
		q.marks[FacetAge] = fmt.Sprintf("i.age = %d", ages[0])
	}
	q.base = strings.ReplaceAll(community.Visible, " i.id ", " i.entry_id ") // as rows of the library call it
	if q.In != 0 {
		q.base += " and i.community_id = @community"
		q.args["community"] = int64(q.In)
	}
	switch {
	case q.Drafts:
		q.base += " and i.marks && array['d']"
	case !q.Mine:
		q.base += " and i.audience < 3"
	}
	if q.Mine {
		q.base += " and i.marks && @writer::text[]"
		q.args["writer"] = []string{fmt.Sprintf("w%d", q.args["me"])}
	}
	if q.Words != "" {
		q.base += " and i.entry_id = any(@ids::bigint[])"
		q.args["ids"] = q.ids
	}
}

// demand demands one of the values of a facet. What does not exist for the reader is nowhere.
func demand[T any](q *libraryQuery, facet, letter, column string, values []T) {
	if values == nil {
		return
	}
	marks := make([]string, len(values))
	for n, v := range values {
		marks[n] = fmt.Sprint(letter, v)
	}
	q.args["marks_"+facet], q.args["cells_"+facet] = marks, values
	q.marks[facet] = "i.marks && @marks_" + facet + "::text[]"
	q.cells[facet] = column + " = any(@cells_" + facet + ")"
}

// but is what the filter demands of row i, without one facet.
func (q *libraryQuery) but(facet string, demanded map[string]string) string {
	sql := q.base
	for _, name := range []string{FacetForm, FacetTopic, FacetTag, FacetCity, FacetLang, FacetEvidence, FacetAge} {
		if condition := demanded[name]; condition != "" && name != facet {
			sql += " and " + condition
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
	way, sign := "", ">"
	if by.down != (q.After != "") {
		way, sign = " desc", "<"
	}
	if q.at != nil {
		kind := "timestamptz"
		q.args["at_id"] = q.at.ID
		switch q.order() {
		case ByEvidence, ByRelevance:
			q.args["at"], kind = q.at.Stand, "bigint"
		case ByTitle:
			q.args["at"], kind = q.at.Key, "text"
		default:
			q.args["at"] = q.at.At
		}
		from = " and (" + by.column + ", i.entry_id) " + sign + " (@at::" + kind + ", @at_id::bigint)"
	}
	return by.column + way + ", i.entry_id" + way, from
}

// gathered is how many matches are gathered and then ordered, rather than met on a walk through the order: what is rare, or old, may stand at its very end.
func (q *libraryQuery) gathered(p *LibraryPage) bool {
	switch {
	case q.Words != "" || q.Mine || q.Drafts:
		return true
	case q.Narrowings() == 0 || p.AtLeast:
		return false
	case q.Bare, len(q.Ages) > 0 && !slices.Contains(q.Ages, Fresh):
		return p.Count < 20_000
	}
	return p.Count < 3000
}

// find are the rows of a page. The simple protocol lets the planner see how many have the marks.
func (q *libraryQuery) find(ctx context.Context, s Store, p *LibraryPage) ([]int64, error) {
	order, from := q.ordered()
	sql := `select i.entry_id from library i where ` + q.but("", q.marks) + from + ` order by ` + order + ` limit @limit`
	if q.gathered(p) {
		sql = `with i as materialized (select i.* from library i where ` + q.but("", q.marks) + from + `) select i.entry_id from i order by ` + order + ` limit @limit`
	}
	rows, err := s.db.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol, q.args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

const libraryColumns = `i.id, i.number, i.community_id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug),
	l.form, i.title, i.lang, e.summary, case when e.summary = '' then left(x.html, 1600) else '' end, e.place, i.audience, i.created_at, l.active_at, l.shared_at, l.fresh_at, l.uses, l.cities, l.endorsed, greatest(cardinality(l.writers) - 1, 0),
	l.standing, l.title_key, array(select t.key from topic t where t.id = any(l.topics) order by t.position, t.id), array(select ` + topicName + ` from topic t where t.id = any(l.topics) order by t.position, t.id)`

func (q *libraryQuery) rows(ctx context.Context, s Store, ids []int64, p *LibraryPage) error {
	if len(ids) == 0 {
		return nil
	}
	q.args["page"] = ids
	rows, err := s.db.Query(ctx, `select `+libraryColumns+`, `+item.VoiceColumns+`
		from unnest(@page::bigint[]) with ordinality p(id, n) join library l on l.entry_id = p.id join item i on i.id = l.entry_id join entry e on e.item_id = i.id join item_text x on x.item_id = i.id join community c on c.id = i.community_id `+item.VoiceJoins+`
		where i.removed_at is null and `+community.Visible+` order by p.n`, q.args)
	if err != nil {
		return err
	}
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
		at.Stand = int64(slices.Index(q.ids, int64(r.ID))) + 1
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

// names are the values of a facet that have names of their own, by their identity.
type names struct {
	order []int64
	by    map[int64]FacetValue
}

// of are the identities of keys; nil when none was chosen, empty when none of those chosen exists.
func (n names) of(keys []string) []int64 {
	if len(keys) == 0 {
		return nil
	}
	ids := []int64{}
	for _, id := range n.order {
		if slices.Contains(keys, n.by[id].Value) {
			ids = append(ids, id)
		}
	}
	return ids
}

// name finds what topics, cities and chosen tags are called, as far as they exist for the reader.
func (q *libraryQuery) name(ctx context.Context, s Store) error {
	b := &pgx.Batch{}
	if !q.Bare || len(q.Topics) > 0 {
		q.queueNames(b, &q.topics, `select t.id, t.key, `+topicName+` from topic t order by t.position, t.id`)
	}
	if q.In == 0 && (!q.Bare || len(q.Cities) > 0) {
		q.queueNames(b, &q.cities, `select c.id, c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug)
			from community c where c.visibility = 'public' or c.id = any(@mine) or @everywhere order by c.kind = 'umbrella', 3`)
	}
	if len(q.Tags) > 0 {
		q.args["keys"] = q.Tags
		q.queueNames(b, &q.tags, `select t.id, t.key, t.name from tag t where t.key = any(@keys::text[])`)
	}
	if b.Len() == 0 {
		return nil
	}
	return s.db.SendBatch(ctx, b).Close()
}

func (q *libraryQuery) queueNames(b *pgx.Batch, n *names, sql string) {
	n.by = map[int64]FacetValue{}
	b.Queue(sql, q.args).Query(func(rows pgx.Rows) error {
		var id int64
		var v FacetValue
		_, err := pgx.ForEachRow(rows, []any{&id, &v.Value, &v.Name}, func() error {
			n.order, n.by[id] = append(n.order, id), v
			return nil
		})
		return err
	})
}

// TidyLibrary looks how old everything has become, and puts together what is counted. It is due once a day.
func (s Store) TidyLibrary(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, `select library_tidy($1)`, s.now()); err != nil {
		return fmt.Errorf("tidy the library: %w", err)
	}
	return nil
}
