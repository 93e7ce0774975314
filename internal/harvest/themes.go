package harvest

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Theme is what several people said in their own words, as it stands now.
type Theme struct {
	ID      int64
	Words   string // that its sayings share
	Voices  int    // how many people said it
	Sayings []Saying
}

// Saying is one of the passages of a theme.
type Saying struct {
	At
	Words       string
	Lang        locale.Lang
	Title       string // of the discussion, the meeting or the note
	TitleLang   locale.Lang
	On          time.Time
	Name        string // empty where the reader does not learn it, or nobody knows
	Discreet    bool
	Perspective community.Perspective
	Laid        bool // in the reader's basket
}

// standingSayings are the sayings of themes of community c that still stand as they were found: not removed, not hidden, not worded otherwise since; as s of theme t in item i,
// or line l of its minutes.
const standingSayings = ` from theme t join theme_saying s on s.theme_id = t.id join item i on i.id = s.item_id and i.community_id = t.community_id and i.removed_at is null and i.audience < 3
	join item top on top.id = coalesce(i.parent_id, i.id) and top.removed_at is null
	left join meeting g on g.item_id = i.id left join minute_line l on l.meeting_id = i.id and 'line-' || l.n = s.part and l.removed_at is null and l.body = s.words and g.minutes_state in ('open', 'approved')
	where (s.part = '' and coalesce(i.edited_at, i.created_at) <= t.found_at or l.id is not null) and ` + community.Visible

// voiceOfSaying is who said it, for counting.
const voiceOfSaying = `case when l.id is null then ` + voiceSQL + ` else coalesce('a' || l.speaker_id, 'n' || lower(nullif(l.speaker_name, '')), '') end`

// ThemesAt is how many themes wait in a community.
type ThemesAt struct {
	Slug string
	N    int
}

// ThemesWaitingBy counts the themes that wait for the reader, where the reader coordinates, besides something else.
func (s Store) ThemesWaitingBy(reach community.Reach, waiting *[]ThemesAt) postgres.Besides {
	return func(b *pgx.Batch) {
		if len(reach.Coordinated) == 0 {
			return
		}
		b.Queue(`select c.slug, count(*)::int as n from community c join (
			select t.community_id, t.id`+standingSayings+` and t.community_id = any(@coordinated) and t.dismissed_at is null
			group by t.id having count(*) >= @sayings and count(distinct nullif(`+voiceOfSaying+`, '')) >= @voices) w on w.community_id = c.id group by c.id order by c.id`,
			reach.Args(pgx.NamedArgs{"sayings": leastSayings, "voices": leastVoices})).Query(func(rows pgx.Rows) (err error) {
			*waiting, err = pgx.CollectRows(rows, pgx.RowToStructByName[ThemesAt])
			return err
		})
	}
}

// mostThemes stand on the page, the most often said first.
const mostThemes = 40

// Themes of a community that wait for its coordinators, and those that they dismissed.
func (s Store) Themes(ctx context.Context, seat community.Seat) (waiting, dismissed []Theme, err error) {
	if err := seat.Must(community.SeeThemes); err != nil {
		return nil, nil, err
	}
	all, gone, err := s.themes(ctx, seat, 0)
	for n, t := range all {
		if gone[n] {
			dismissed = append(dismissed, t)
		} else {
			waiting = append(waiting, t)
		}
	}
	return waiting, dismissed, err
}

// themes are all, or only one, with what still stands of each.
func (s Store) themes(ctx context.Context, seat community.Seat, only int64) (all []Theme, dismissed []bool, err error) {
	rows, err := s.db.Query(ctx, `with standing as (select t.id as theme, t.words as shared, t.dismissed_at is not null as dismissed, s.item_id, s.part, s.words, `+voiceOfSaying+` as voice,
				i.kind, top.number, case when i.parent_id is null then 0 else i.number end as reply, top.title, top.lang as title_lang, coalesce(l.lang, i.lang) as lang, coalesce(l.at, i.created_at) as at, coalesce(l.n, 0) as line, coalesce(l.point_id, 0) as point,
				case when l.id is null then i.author_id else l.speaker_id end as speaker, coalesce(l.speaker_name, '') as speaker_name, i.id`+standingSayings+` and t.community_id = @community and (@only::bigint = 0 or t.id = @only)),
			counted as (select theme, count(*) as sayings, count(distinct nullif(voice, '')) as voices from standing group by theme having count(*) >= @sayings and count(distinct nullif(voice, '')) >= @voices order by voices desc, sayings desc, theme limit @most)
		select w.theme, w.shared, w.dismissed, c.voices::int, w.kind, w.number, w.reply, w.line, w.point, w.words, w.lang, w.title, w.title_lang, w.at, coalesce(a.name, w.speaker_name), apart.item_id is not null, coalesce(m.perspective, ''),
			exists (select from gathered b where b.account_id = @me and b.item_id = w.item_id and b.part = w.part)
		from counted c join standing w on w.theme = c.theme left join discreet_author apart on apart.item_id = w.id left join account a on a.id = w.speaker
			left join membership m on m.community_id = @community and m.account_id = a.id and m.state = 'member'
		order by c.voices desc, c.sayings desc, w.theme, w.at, w.item_id, w.part`,
		seat.Reach.Args(pgx.NamedArgs{"community": seat.Community, "only": only, "sayings": leastSayings, "voices": leastVoices, "most": mostThemes}))
	if err != nil {
		return nil, nil, fmt.Errorf("themes: %w", err)
	}
	var t Theme
	var g Saying
	var gone bool
	var kind item.Kind
	var number, reply, line int
	var point int64
	_, err = pgx.ForEachRow(rows, []any{&t.ID, &t.Words, &gone, &t.Voices, &kind, &number, &reply, &line, &point, &g.Words, &g.Lang, &g.Title, &g.TitleLang, &g.On, &g.Name, &g.Discreet, &g.Perspective, &g.Laid}, func() error {
		if len(all) == 0 || all[len(all)-1].ID != t.ID {
			all, dismissed = append(all, Theme{ID: t.ID, Words: t.Words, Voices: t.Voices}), append(dismissed, gone)
		}
		switch kind {
		case "meeting":
			g.At = At{Meeting: number, Line: line, Point: point}
		case "entry":
			g.At = At{Note: number}
		default:
			g.At = At{Discussion: number, Reply: reply}
		}
		last := &all[len(all)-1]
		last.Sayings = append(last.Sayings, g)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("themes: %w", err)
	}
	return all, dismissed, nil
}

// GatherTheme lays what still stands of a theme into the basket of the seat.
func (s Store) GatherTheme(ctx context.Context, seat community.Seat, id int64) error {
	if err := seat.Must(community.SeeThemes); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		in := s.On(tx)
		all, _, err := in.themes(ctx, seat, id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fmt.Errorf("theme %d: %w", id, fault.NotFound)
		}
		for _, saying := range all[0].Sayings {
			if _, err := in.Gather(ctx, seat, Passage{At: saying.At, Words: saying.Words}); err != nil {
				return err
			}
		}
		return nil
	})
}

// DismissTheme says that a theme is none: it is not found again. RestoreTheme takes that back.
func (s Store) DismissTheme(ctx context.Context, seat community.Seat, id int64) error {
	return s.settleTheme(ctx, seat, id, true)
}

// RestoreTheme lets a dismissed theme wait again.
func (s Store) RestoreTheme(ctx context.Context, seat community.Seat, id int64) error {
	return s.settleTheme(ctx, seat, id, false)
}

func (s Store) settleTheme(ctx context.Context, seat community.Seat, id int64, dismiss bool) error {
	if err := seat.Must(community.SeeThemes); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var was bool
		err := tx.QueryRow(ctx, `select dismissed_at is not null from theme where community_id = $1 and id = $2 for update`, seat.Community, id).Scan(&was)
		if err != nil {
			return fmt.Errorf("theme %d: %w", id, fault.NotFound)
		}
		if was == dismiss {
			return nil // somebody was faster
		}
		if _, err := tx.Exec(ctx, `update theme set dismissed_at = case when $3 then $4::timestamptz end, dismissed_by = case when $3 then $5::bigint end where community_id = $1 and id = $2`, seat.Community, id, dismiss, s.now(), seat.Account); err != nil {
			return fmt.Errorf("theme %d: %w", id, err)
		}
		if !dismiss {
			return nil
		}
		return activity.Write(ctx, tx, activity.Entry{At: s.now(), Actor: seat.Account, Verb: "theme.dismiss", Community: int64(seat.Community), Detail: map[string]any{"theme": id}})
	})
}
