// Package demo loads the demonstration programme: three cities and the umbrella over them, with invented people who talk.
package demo

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/markup"
	"urbanfluxes.eu/koinon/internal/postgres"
)

//go:embed data/*.json
var files embed.FS

type byLang map[locale.Lang]string

type programmeFile struct {
	Name    string
	Tagline byLang
	Purpose byLang
}

type communityFile struct {
	Slug, Kind, Visibility, Admission, Stage string
	Name                                     byLang
	Latitude, Longitude                      *float64
	Zone                                     string
	Lang                                     locale.Lang
	Languages                                []string
	Since, Founded                           string // days
	Reason                                   byLang
	Summary, Domain, Agenda, Charter         byLang
}

type personFile struct {
	Handle, Name, Organisation, Sector string
	Lang                               locale.Lang
	Languages                          []string
	About                              string
	Memberships                        []membershipFile
}

type membershipFile struct {
	Community, Role, Perspective, Bring, Learn, Meets, State string
	Joined                                                   int // days before now
	Competences                                              []string
}

type threadFile struct {
	Community, Form, Title, Author, Audience, Body string
	Lang                                           locale.Lang
	Days                                           float64 // before now
	Tags                                           []string
	Replies                                        []replyFile
}

type replyFile struct {
	Author, Body, First string // First: what stood before an edit
	Lang                locale.Lang
	Days                float64
	Answers             *int
	Thanks              []string
}

// guides are the people to look around as: role, handle, community.
var guides = [][3]string{{"stakeholder", "regula-ammann", "basel"}, {"coordinator", "eleni-markaki", "heraklion"}, {"scientist", "priya-raman", "london"}}

func column(n int) []string {
	var all []string
	for _, g := range guides {
		all = append(all, g[n])
	}
	return all
}

// Roles, Handles and Slugs are the people to look around as, in the same order.
func Roles() []string { return column(0) }

// Handles of them.
func Handles() []string { return column(1) }

// Slugs of the communities in which they stand.
func Slugs() []string { return column(2) }

// loader carries what was made so far.
type loader struct {
	tx          pgx.Tx
	now         time.Time
	communities map[string]community.Community
	people      map[string]account.Account
	seats       map[string]map[string]community.Belonging // by handle, by slug
}

// Load puts the demonstration programme into an empty installation, all of it or nothing. It does nothing when there are communities already.
func Load(ctx context.Context, db postgres.DB, now time.Time) error {
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		var there bool
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(7261948)`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `select exists (select from community)`).Scan(&there); err != nil || there {
			return err
		}
		l := loader{tx: tx, now: now, communities: map[string]community.Community{}, people: map[string]account.Account{}, seats: map[string]map[string]community.Belonging{}}
		for _, step := range []func(context.Context) error{l.programme, l.found, l.settle, l.talk, l.glossary} {
			if err := step(ctx); err != nil {
				return fmt.Errorf("demonstration: %w", err)
			}
		}
		return nil
	})
}

func read[T any](name string) (T, error) {
	var out T
	raw, err := files.ReadFile("data/" + name)
	if err != nil {
		return out, err
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

func (l loader) programme(ctx context.Context) error {
	p, err := read[programmeFile]("programme.json")
	if err != nil {
		return err
	}
	if _, err := l.tx.Exec(ctx, `update programme set name = $1, demonstration = true`, p.Name); err != nil {
		return err
	}
	for lang, tagline := range p.Tagline {
		if _, err := l.tx.Exec(ctx, `insert into programme_text (lang, tagline, purpose, purpose_html) values ($1, $2, $3, $4)`, lang, tagline, p.Purpose[lang], markup.Render(p.Purpose[lang], markup.Targets{})); err != nil {
			return err
		}
	}
	return nil
}

func (l loader) found(ctx context.Context) error {
	all, err := read[[]communityFile]("communities.json")
	if err != nil {
		return err
	}
	for _, c := range all {
		var id community.ID
		err := l.tx.QueryRow(ctx, `insert into community (slug, kind, lang, languages, zone, latitude, longitude, visibility, admission, stage, stage_since, founded, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::date, $12::text::date, $13) returning id`, c.Slug, c.Kind, c.Lang, c.Languages, c.Zone, c.Latitude, c.Longitude, c.Visibility, c.Admission, c.Stage, c.Since, c.Founded, l.now).Scan(&id)
		if err != nil {
			return fmt.Errorf("community %s: %w", c.Slug, err)
		}
		l.communities[c.Slug] = community.Community{ID: id, Slug: c.Slug, Visibility: c.Visibility}
		if _, err := l.tx.Exec(ctx, `insert into charter (community_id, version, made_at) values ($1, 1, $2::text::date)`, id, c.Founded); err != nil {
			return err
		}
		for lang, name := range c.Name {
			if err := community.WriteWords(ctx, l.tx, id, community.Words{Lang: lang, Name: name, Summary: c.Summary[lang], Domain: c.Domain[lang], Agenda: c.Agenda[lang], StageReason: c.Reason[lang]}); err != nil {
				return err
			}
		}
		for lang, body := range c.Charter {
			if _, err := l.tx.Exec(ctx, `insert into charter_text (community_id, version, lang, body, html) values ($1, 1, $2, $3, $4)`, id, lang, body, markup.Render(body, markup.Targets{})); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l loader) settle(ctx context.Context) error {
	people, err := read[[]personFile]("people.json")
	if err != nil {
		return err
	}
	for _, p := range people {
		n := account.Newcomer{Name: p.Name, Email: p.Handle + "@example.org", Organisation: p.Organisation, Sector: p.Sector, Languages: p.Languages, Lang: p.Lang, About: p.About, Handle: p.Handle, At: l.now.AddDate(0, 0, -400)}
		id, err := account.Create(ctx, l.tx, n)
		if err != nil {
			return err
		}
		if _, err := l.tx.Exec(ctx, `update account set profile_for = 0 where id = $1`, id); err != nil {
			return err
		}
		l.people[p.Handle] = account.Account{ID: id, Name: p.Name}
		l.seats[p.Handle] = map[string]community.Belonging{}
		for _, m := range p.Memberships {
			if err := l.seat(ctx, p.Handle, m); err != nil {
				return fmt.Errorf("%s in %s: %w", p.Handle, m.Community, err)
			}
		}
	}
	return nil
}

func (l loader) seat(ctx context.Context, handle string, m membershipFile) error {
	in, ok := l.communities[m.Community]
	if !ok {
		return fmt.Errorf("no community %q", m.Community)
	}
	id, at := l.people[handle].ID, l.now.AddDate(0, 0, -m.Joined)
	b := &pgx.Batch{}
	if m.State == "waiting" {
		b.Queue(`insert into membership (community_id, account_id, state, perspective, bring, learn, meets, charter_version, asked_at) values ($1, $2, 'waiting', $3, $4, $5, $6, 1, $7)`,
			in.ID, id, m.Perspective, m.Bring, m.Learn, m.Meets, at)
	} else {
		b.Queue(`update community set members = members + 1, last_member = last_member + 1 where id = $1`, in.ID)
		b.Queue(`insert into membership (community_id, account_id, number, state, role, perspective, bring, learn, meets, charter_version, asked_at, since, renewed_at)
			values ($1, $2, (select last_member from community where id = $1), 'member', $3, $4, $5, $6, $7, 1, $8, $8, $8)`, in.ID, id, m.Role, m.Perspective, m.Bring, m.Learn, m.Meets, at)
		l.seats[handle][m.Community] = community.Belonging{Community: in.ID, Slug: in.Slug, Role: m.Role, Perspective: community.Perspective(m.Perspective)}
	}
	b.Queue(`insert into competence (community_id, account_id, position, name) select $1, $2, n, name from unnest($3::text[]) with ordinality as k(name, n)`, in.ID, id, m.Competences)
	return l.tx.SendBatch(ctx, b).Close()
}

// sits is the seat of somebody in a community.
func (l loader) sits(handle, slug string) (community.Seat, error) {
	who, ok := l.people[handle]
	if !ok {
		return community.Seat{}, fmt.Errorf("nobody is called %q", handle)
	}
	arrival := community.Arrival{Account: who}
	for _, b := range l.seats[handle] {
		arrival.Belongings = append(arrival.Belongings, b)
	}
	arrival.Reach = community.ReachOf(who, arrival.Belongings)
	return arrival.Seat(l.communities[slug]), nil
}

func (l loader) before(days float64) func() time.Time {
	at := l.now.Add(-time.Duration(days * 24 * float64(time.Hour)))
	return func() time.Time { return at }
}

func (l loader) talk(ctx context.Context) error {
	threads, err := read[[]threadFile]("discussions.json")
	if err != nil {
		return err
	}
	sort.SliceStable(threads, func(a, b int) bool { return threads[a].Days > threads[b].Days })
	for _, t := range threads {
		if err := l.thread(ctx, t); err != nil {
			return fmt.Errorf("%q: %w", t.Title, err)
		}
	}
	return nil
}

func (l loader) thread(ctx context.Context, t threadFile) error {
	seat, err := l.sits(t.Author, t.Community)
	if err != nil {
		return err
	}
	audience, ok := item.AudienceOf(t.Audience)
	if !ok {
		return fmt.Errorf("no audience %q", t.Audience)
	}
	made, err := discussion.NewStore(l.tx, l.before(t.Days)).Start(ctx, seat, discussion.Opening{Form: t.Form, Title: t.Title, Body: t.Body, Lang: t.Lang, Audience: audience, Tags: t.Tags, Request: uuid.New()})
	if err != nil {
		return err
	}
	for n, r := range t.Replies {
		if err := l.reply(ctx, t.Community, made.Number, r); err != nil {
			return fmt.Errorf("reply %d: %w", n+1, err)
		}
	}
	return nil
}

func (l loader) reply(ctx context.Context, slug string, thread int, r replyFile) error {
	seat, err := l.sits(r.Author, slug)
	if err != nil {
		return err
	}
	body := r.Body
	if r.First != "" {
		body = r.First
	}
	store := discussion.NewStore(l.tx, l.before(r.Days))
	made, err := store.Reply(ctx, seat, thread, discussion.Answer{Body: body, Lang: r.Lang, Answers: r.Answers, Request: uuid.New()})
	if err != nil {
		return err
	}
	if r.First != "" {
		if err := discussion.NewStore(l.tx, l.before(r.Days*0.97)).ReviseReply(ctx, seat, thread, made.Number, discussion.Edit{Revision: 1, Body: r.Body, Lang: r.Lang}); err != nil {
			return err
		}
	}
	for _, handle := range r.Thanks {
		from, err := l.sits(handle, slug)
		if err != nil {
			return err
		}
		if err := store.Thank(ctx, from, thread, made.Number, true); err != nil {
			return fmt.Errorf("thanks of %s: %w", handle, err)
		}
	}
	return nil
}
