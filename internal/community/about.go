package community

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/activity"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Stages of a community: declared by the coordinator, never computed.
var Stages = []string{"potential", "coalescing", "maturing", "stewardship", "transformation"}

// About is what a community is about, in one language.
type About struct {
	Name        string
	Summary     string
	Domain      string // HTML
	Agenda      string // HTML
	StageReason string
	TextLang    locale.Lang
	Charter     Charter
}

// Charter is a version of the agreement that members join under.
type Charter struct {
	Version  int
	Versions int // how many there are; 0: none, or the newest took it away
	HTML     string
	Lang     locale.Lang
	MadeAt   time.Time
	Note     string
}

// About reads domain, learning agenda and charter. Version 0 is the newest.
func (s Store) About(ctx context.Context, seat Seat, lang locale.Lang, version int) (About, error) {
	var a About
	if err := seat.MaySee(); err != nil {
		return a, err
	}
	args := pgx.NamedArgs{"id": seat.Community, "lang": lang, "version": version}
	err := s.db.QueryRow(ctx, `select x.name, x.summary, x.domain_html, x.agenda_html, x.stage_reason, x.lang from community c `+inLang+` where c.id = @id`, args).
		Scan(&a.Name, &a.Summary, &a.Domain, &a.Agenda, &a.StageReason, &a.TextLang)
	if err != nil {
		return a, fmt.Errorf("about %s: %w", seat.Slug, err)
	}
	err = s.db.QueryRow(ctx, `select h.version, (select max(version) from charter where community_id = @id), t.html, t.lang, h.made_at, h.note
		from charter h join community c on c.id = h.community_id
		join lateral (select t.html, t.lang from charter_text t where t.community_id = h.community_id and t.version = h.version
			order by t.lang = @lang desc, t.lang = c.lang desc, t.lang limit 1) t on true
		where h.community_id = @id and h.version = case when @version = 0 then (select max(version) from charter where community_id = @id) else @version end`, args).
		Scan(&a.Charter.Version, &a.Charter.Versions, &a.Charter.HTML, &a.Charter.Lang, &a.Charter.MadeAt, &a.Charter.Note)
	if errors.Is(err, pgx.ErrNoRows) {
		if version != 0 {
			return a, fmt.Errorf("charter %d of %s: %w", version, seat.Slug, fault.NotFound)
		}
		return a, nil
	}
	return a, err
}

// Words are what a coordinator writes about a community in one language.
type Words struct {
	Revision    int
	Lang        locale.Lang
	Name        string
	Summary     string
	Domain      string
	Agenda      string
	Charter     string
	CharterNote string // on what changed in it; kept with the new version
	Stage       string
	StageReason string
}

// WordsIn are the words in a language as they were typed; empty ones where there are none yet.
func (s Store) WordsIn(ctx context.Context, seat Seat, lang locale.Lang) (Words, error) {
	w := Words{Lang: lang}
	if err := seat.Must(EditAbout); err != nil {
		return w, err
	}
	err := s.db.QueryRow(ctx, `select c.revision, c.stage, coalesce(x.name, ''), coalesce(x.summary, ''), coalesce(x.domain, ''), coalesce(x.agenda, ''), coalesce(x.stage_reason, ''),
			coalesce((select t.body from charter_text t where t.community_id = c.id and t.lang = $2 and t.version = (select max(version) from charter where community_id = c.id)), '')
		from community c left join community_text x on x.community_id = c.id and x.lang = $2 where c.id = $1`, seat.Community, lang).
		Scan(&w.Revision, &w.Stage, &w.Name, &w.Summary, &w.Domain, &w.Agenda, &w.StageReason, &w.Charter)
	return w, err
}

func (w Words) check() error {
	var in fault.Invalid
	in.Check(locale.Known(string(w.Lang)), "text", "choose")
	in.Check(w.Name != "", "name", "required")
	for _, f := range []struct {
		field, text string
		most        int
	}{{"name", w.Name, 80}, {"summary", w.Summary, 300}, {"domain", w.Domain, 10000}, {"agenda", w.Agenda, 10000}, {"charter", w.Charter, 20000}, {"charter-note", w.CharterNote, 300}, {"stage-reason", w.StageReason, 500}} {
		in.Check(utf8.RuneCountInString(f.text) <= f.most, f.field, "too-long", "max", f.most)
	}
	in.Check(slices.Contains(Stages, w.Stage), "stage", "choose")
	return in.Err()
}

// Describe stores the words of one language. A changed charter becomes a new version; the earlier ones stay readable.
func (s Store) Describe(ctx context.Context, seat Seat, w Words) error {
	if err := seat.Must(EditAbout); err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		var revision int
		var stage string
		if err := tx.QueryRow(ctx, `select revision, stage from community where id = $1 for update`, seat.Community).Scan(&revision, &stage); err != nil {
			return fmt.Errorf("describe %s: %w", seat.Slug, err)
		}
		if revision != w.Revision {
			return fmt.Errorf("describe %s: %w", seat.Slug, &fault.Conflict{Revision: revision})
		}
		now := s.now()
		if _, err := tx.Exec(ctx, `update community set revision = revision + 1, stage = $2, stage_since = case when stage = $2 then stage_since else $3::date end where id = $1`, seat.Community, w.Stage, now); err != nil {
			return fmt.Errorf("describe %s: %w", seat.Slug, err)
		}
		if err := WriteWords(ctx, tx, seat.Community, w); err != nil {
			return err
		}
		if err := s.amend(ctx, tx, seat, w, now); err != nil {
			return err
		}
		return activity.Write(ctx, tx, activity.Entry{At: now, Actor: seat.Account, Verb: "community.describe", Community: int64(seat.Community)})
	})
}

// WriteWords stores all but the charter.
func WriteWords(ctx context.Context, tx pgx.Tx, id ID, w Words) error {
	_, err := tx.Exec(ctx, `insert into community_text (community_id, lang, name, summary, domain, domain_html, agenda, agenda_html, stage_reason) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (community_id, lang) do update set name = excluded.name, summary = excluded.summary, domain = excluded.domain, domain_html = excluded.domain_html,
			agenda = excluded.agenda, agenda_html = excluded.agenda_html, stage_reason = excluded.stage_reason`,
		id, w.Lang, w.Name, w.Summary, w.Domain, markup.Render(w.Domain, markup.Targets{}), w.Agenda, markup.Render(w.Agenda, markup.Targets{}), w.StageReason)
	if err != nil {
		return fmt.Errorf("words of community %d: %w", id, err)
	}
	return nil
}

func (s Store) amend(ctx context.Context, tx pgx.Tx, seat Seat, w Words, now time.Time) error {
	var newest int
	var stands string
	err := tx.QueryRow(ctx, `select coalesce(max(h.version), 0), coalesce(max(t.body), '') from charter h
		left join charter_text t on t.community_id = h.community_id and t.version = h.version and t.lang = $2
		where h.community_id = $1 and h.version = (select max(version) from charter where community_id = $1)`, seat.Community, w.Lang).Scan(&newest, &stands)
	if err != nil {
		return fmt.Errorf("charter of %s: %w", seat.Slug, err)
	}
	if stands == w.Charter {
		return nil
	}
	b := &pgx.Batch{}
	b.Queue(`insert into charter (community_id, version, made_at, made_by, note) values ($1, $2, $3, $4, $5)`, seat.Community, newest+1, now, seat.Account, w.CharterNote)
	b.Queue(`insert into charter_text (community_id, version, lang, body, html) select community_id, $2 + 1, lang, body, html from charter_text where community_id = $1 and version = $2 and lang <> $3`, seat.Community, newest, w.Lang)
	if w.Charter != "" {
		b.Queue(`insert into charter_text (community_id, version, lang, body, html) values ($1, $2, $3, $4, $5)`, seat.Community, newest+1, w.Lang, w.Charter, markup.Render(w.Charter, markup.Targets{}))
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("charter of %s: %w", seat.Slug, err)
	}
	return nil
}
