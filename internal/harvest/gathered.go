package harvest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/practice"
)

// Gathered is a passage that somebody laid aside, with what stands at its place now.
type Gathered struct {
	ID   int64
	Kept string // the words that were laid aside
	Gone bool
	Said
}

// Gather lays words that stand at a place aside for the seat, in a basket of its own for each community; no words are all that fit. The same words are gathered once.
func (s Store) Gather(ctx context.Context, seat community.Seat, p Passage) (id int64, err error) {
	said, err := s.ForEntry(ctx, seat, p.At)
	if err != nil {
		return 0, err
	}
	if p.Words = OnOneLine(p.Words); p.Words == "" {
		p.Words = Most(said.Words)
	}
	var in fault.Invalid
	field := fieldOf(0)
	in.Check(utf8.RuneCountInString(p.Words) <= practice.MaxWords, field, "too-long", "max", practice.MaxWords)
	in.Check(p.Words != "" && said.Holds(p.Words), field, "not-said")
	if err := in.Err(); err != nil {
		return 0, err
	}
	args := pgx.NamedArgs{"me": seat.Account, "community": seat.Community, "item": said.Item, "point": said.Point, "part": said.Part, "words": p.Words, "now": s.now(), "most": MaxPassages}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from account where id = $1 for no key update`, seat.Account); err != nil { // one passage of a person after the other
			return err
		}
		err := tx.QueryRow(ctx, `with laid as (insert into gathered (account_id, community_id, item_id, point_id, part, words, position, at)
				select @me, @community, @item, nullif(@point::bigint, 0), @part, @words, coalesce((select max(position) from gathered where account_id = @me and community_id = @community), 0) + 1, @now where (select count(*) from gathered where account_id = @me and community_id = @community) < @most
				on conflict do nothing returning id)
			select id from laid union all select id from gathered where account_id = @me and item_id = @item and point_id is not distinct from nullif(@point::bigint, 0) and part = @part and words = @words limit 1`, args).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.One("words-1", "basket-full", "max", MaxPassages)
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("gather: %w", err)
	}
	return id, nil
}

// Most are the words that fit into a passage: all, or the beginning up to the last word that fits.
func Most(words string) string {
	if utf8.RuneCountInString(words) <= practice.MaxWords {
		return words
	}
	whole := []rune(markup.Excerpt(words, practice.MaxWords-1))
	return string(whole[:len(whole)-1]) // without the sign that more follows: that was not said
}

// gatheredSQL are the passages of @me, each with what stands at its place: a post or a note (x), a line (l) or a point (p). The speaker of a line is named as the minutes do.
const gatheredSQL = `select g.id, g.words, coalesce(v.kind, '') as kind, coalesce(top.number, 0) as number, case when v.parent_id is not null then v.number else 0 end as reply, case when v.id is not null then coalesce(g.point_id, 0) else 0 end as point,
		case when v.id is not null then g.part else '' end as part, coalesce(top.title, '') as title, coalesce(top.lang, 'en') as title_lang, coalesce(p.title, '') as about, coalesce(p.lang, 'en') as about_lang,
		coalesce(l.body, x.body, p.body, '') as body, coalesce(case when l.id is null then coalesce(x.html, p.html) end, '') as html, coalesce(l.lang, p.lang, v.lang, 'en') as lang,
		coalesce(a.name, l.speaker_name, '') as name, coalesce(m.perspective, '') as perspective, apart.item_id is not null as discreet, coalesce(v.audience, 3) as audience
	from gathered g left join lateral (
		select i.* from item i where i.id = g.item_id and i.community_id = g.community_id and i.removed_at is null
			and not exists (select from item p where p.id = i.parent_id and p.removed_at is not null) and ` + community.Visible + `) v on true
	left join item top on top.id = coalesce(v.parent_id, v.id)
	left join meeting g2 on g2.item_id = v.id
	left join minute_line l on l.meeting_id = v.id and 'line-' || l.n = g.part and l.removed_at is null and (g2.minutes_state in ('open', 'approved') or v.community_id = any(@coordinated)
		or exists (select from meeting_role r where r.meeting_id = v.id and r.account_id = @me and r.role in ('chair', 'notes')))
	left join agenda_point p on p.id = g.point_id and p.meeting_id = v.id and p.state = 'accepted'
	left join item_text x on x.item_id = v.id and v.kind <> 'meeting'
	left join discreet_author apart on apart.item_id = v.id
	left join account a on a.id = case when v.kind = 'meeting' then case when g.part = '' then p.proposed_by else l.speaker_id end when apart.item_id is null then v.author_id end
	left join membership m on m.community_id = g.community_id and m.account_id = a.id and m.state = 'member'
	where g.account_id = @me and g.community_id = @community order by g.position, g.id limit @most`

// Basket is what the seat gathered in a community, in its order. What was removed since, is worded otherwise or not open to the seat any more is Gone, and shows nothing of itself.
func (s Store) Basket(ctx context.Context, seat community.Seat) ([]Gathered, error) {
	if err := seat.Must(community.WriteEntry); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, gatheredSQL, seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "most": MaxPassages}))
	if err != nil {
		return nil, fmt.Errorf("gathered: %w", err)
	}
	all, err := pgx.CollectRows(rows, scanGathered)
	if err != nil {
		return nil, fmt.Errorf("gathered: %w", err)
	}
	return all, nil
}

func scanGathered(row pgx.CollectableRow) (g Gathered, err error) {
	var kind item.Kind
	var number, reply int
	var point int64
	var html string
	if err := row.Scan(&g.ID, &g.Kept, &kind, &number, &reply, &point, &g.Part, &g.Title, &g.TitleLang, &g.About, &g.AboutLang, &g.Body, &html, &g.Lang, &g.Name, &g.Perspective, &g.Discreet, &g.Audience); err != nil {
		return g, err
	}
	g.At = atOf(kind, number, reply, point, g.Part)
	switch {
	case html != "":
		g.Words = markup.Plain(html)
	case g.Body == "" && g.Line == 0 && g.About != "":
		g.Body, g.Words = g.About, g.About
	default:
		g.Words = g.Body
	}
	if g.At == (At{}) || !g.Holds(g.Kept) {
		return Gathered{ID: g.ID, Gone: true}, nil
	}
	return g, nil
}

// atOf is the place of a passage in an item; nowhere when the reader may not open it.
func atOf(kind item.Kind, number, reply int, point int64, part string) At {
	switch kind {
	case "discussion", "reply":
		return At{Discussion: number, Reply: reply}
	case "meeting":
		line, _ := strconv.Atoi(strings.TrimPrefix(part, "line-")) // 0: the point itself
		return At{Meeting: number, Line: line, Point: point}
	case "entry":
		return At{Note: number}
	}
	return At{}
}

// Drop takes a passage out of the basket of the seat. What is not there any more is no mistake: who drops it twice dropped it.
func (s Store) Drop(ctx context.Context, seat community.Seat, id int64) error {
	if err := seat.Must(community.WriteEntry); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `delete from gathered where account_id = $1 and community_id = $2 and id = $3`, seat.Account, seat.Community, id)
	if err != nil {
		return fmt.Errorf("drop passage %d: %w", id, err)
	}
	return nil
}

// Raise moves a passage before the one that stands before it.
func (s Store) Raise(ctx context.Context, seat community.Seat, id int64) error {
	if err := seat.Must(community.WriteEntry); err != nil {
		return err
	}
	_, err := s.db.Exec(ctx, `with moved as (select id, position from gathered where account_id = @me and community_id = @community and id = @id for update),
			before as (select g.id, g.position from gathered g, moved m where g.account_id = @me and g.community_id = @community and (g.position, g.id) < (m.position, m.id) order by g.position desc, g.id desc limit 1 for update of g)
		update gathered g set position = case when g.id = m.id then b.position else m.position end from moved m, before b where g.id in (m.id, b.id)`,
		pgx.NamedArgs{"me": seat.Account, "community": seat.Community, "id": id})
	if err != nil {
		return fmt.Errorf("raise passage %d: %w", id, err)
	}
	return nil
}

// layDown takes the passages that became an entry out of the basket of the seat.
func (s Store) layDown(ctx context.Context, seat community.Seat, sources []practice.NewSource) error {
	items, points, parts := make([]int64, len(sources)), make([]int64, len(sources)), make([]string, len(sources))
	for n, source := range sources {
		items[n], points[n], parts[n] = int64(source.Item), source.Point, source.Part
	}
	_, err := s.db.Exec(ctx, `delete from gathered g using unnest($3::bigint[], $4::bigint[], $5::text[]) as u (item_id, point_id, part)
		where g.account_id = $1 and g.community_id = $2 and g.item_id = u.item_id and coalesce(g.point_id, 0) = u.point_id and g.part = u.part`, seat.Account, seat.Community, items, points, parts)
	if err != nil {
		return fmt.Errorf("lay gathered passages down: %w", err)
	}
	return nil
}

// DropAt takes what was gathered at a place out of the basket of the seat.
func (s Store) DropAt(ctx context.Context, seat community.Seat, at At) error {
	said, err := s.ForEntry(ctx, seat, at)
	if err != nil {
		return err
	}
	return s.layDown(ctx, seat, []practice.NewSource{said.entrySource("")})
}
