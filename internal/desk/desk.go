// Package desk knows what waits for a person, as a member and as a coordinator.
package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/harvest"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/meeting"
	"urbanfluxes.eu/koinon/internal/notice"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/practice"
)

// Days after which something is done on a desk.
const (
	QuietDays = 21 // nobody says anything in a community
	LaterDays = 7  // a line that was put off comes back
)

// Kind of a line; the message "desk.<kind>" says it.
type Kind string

// What waits for a member.
const (
	Outcome  Kind = "outcome"  // the reader's own request was answered: what worked?
	Offered  Kind = "offered"  // the reader offered help that has not come yet
	Match    Kind = "match"    // a request that the reader may know about
	Asked    Kind = "asked"    // a request to the reader's perspective
	Renewal  Kind = "renewal"  // the reader's commitment is a year old
	Charter  Kind = "charter"  // changed after the reader agreed
	Drafts   Kind = "drafts"   // texts not sent
	Act      Kind = "act"      // what the reader took on at a meeting
	Come     Kind = "come"     // a coming meeting: does the reader come?
	Dates    Kind = "dates"    // a date is sought: which suit the reader?
	Write    Kind = "write"    // minutes that the reader keeps and that are missing
	Quoted   Kind = "quoted"   // in a criterion: is the wording right?
	Claimed  Kind = "claimed"  // a release claims to satisfy what the reader asked for
	Harvest  Kind = "harvest"  // criteria in minutes that were not made yet
	Rate     Kind = "rate"     // criteria that the reader has not rated yet
	Release  Kind = "release"  // may the reader's words be read in an entry?
	Unshared Kind = "unshared" // the reader's own draft of an entry, untouched for a week
)

// What waits for a coordinator.
const (
	Report     Kind = "report"
	Admit      Kind = "admit"
	Unanswered Kind = "unanswered"
	Greet      Kind = "greet"
	Lapsing    Kind = "lapsing"
	Quiet      Kind = "quiet"
	Overdue    Kind = "overdue"
	Review     Kind = "review"
	Proposals  Kind = "proposals"
	Correct    Kind = "correct"
	Stale      Kind = "stale"      // criteria raised long ago
	Sourceless Kind = "sourceless" // criteria of which nobody knows where they come from
	Orphaned   Kind = "orphaned"   // a claim that nobody is left to answer
	Aged       Kind = "aged"       // entries that nobody confirmed lately
	Themes     Kind = "themes"     // what several people said in their own words
)

// Line is one thing that waits.
type Line struct {
	Kind   Kind
	Key    string // under which it can be put off; more of the same is a new key
	Slug   string
	City   string // the community's name
	N      int    // how many, where it is a number of things
	Number int    // of the discussion
	Part   int    // number of a claim on the criterion
	Title  string
	Lang   locale.Lang
	Word   string // the reader's competence that fits
	At     time.Time
	By     *time.Time // until when help is needed
}

// Desk is what waits for one person, in the order in which it should be done.
type Desk struct {
	Told        []notice.Group // news about the reader's own words and name
	Mine        []Line
	Coordinator []Line
}

// Store reads what waits out of the rooms.
type Store struct {
	db          postgres.DB
	communities community.Store
	items       item.Store
	discussions discussion.Store
	meetings    meeting.Store
	criteria    criterion.Store
	entries     practice.Store
	harvest     harvest.Store
	notices     notice.Store
	now         func() time.Time
}

// NewStore reads what waits in db; the communities are the site's own, which write letters.
func NewStore(db postgres.DB, communities community.Store, now func() time.Time) Store {
	return Store{db: db, communities: communities, items: item.NewStore(db, now), discussions: discussion.NewStore(db, now), meetings: meeting.NewStore(db, now), criteria: criterion.NewStore(db, now), entries: practice.NewStore(db, now), harvest: harvest.NewStore(db, now), notices: notice.NewStore(db, now), now: now}
}

const mostTold = 5 // discussions with news; the inbox has them all

// Of is the desk of a reader. What was put off is not on it.
func (s Store) Of(ctx context.Context, reach community.Reach, lang locale.Lang) (Desk, error) {
	var d Desk
	if reach.Me == 0 {
		return d, nil
	}
	own, err := s.own(ctx, reach, lang)
	if err != nil {
		return d, err
	}
	if d.Told, err = s.notices.Unread(ctx, reach, lang, mostTold); err != nil {
		return d, err
	}
	help, err := s.discussions.HelpWaiting(ctx, reach, lang)
	if err != nil {
		return d, err
	}
	owed, err := s.communities.Owed(ctx, reach, lang)
	if err != nil {
		return d, err
	}
	var asked criterion.Awaited
	var known practice.Awaited
	var themes []harvest.ThemesAt
	around, err := s.meetings.Waiting(ctx, reach, lang, s.criteria.AwaitedBy(reach, lang, &asked), s.entries.AwaitedBy(reach, lang, &known), s.harvest.ThemesWaitingBy(reach, &themes))
	if err != nil {
		return d, err
	}
	d.Mine = own.kept(slices.Concat(forAttendee(around), forVoice(asked), forQuoted(known), forAsker(help), forHelper(help), forMember(owed), forScribe(around, asked), forWriter(known), own.drafts))
	if len(reach.Coordinated) == 0 {
		return d, nil
	}
	duties, err := s.communities.Duties(ctx, reach, lang)
	if err != nil {
		return d, err
	}
	reports, err := s.items.OpenReports(ctx, reach)
	if err != nil {
		return d, err
	}
	d.Coordinator = own.kept(slices.Concat(forJudge(reports, own.names), forHost(duties), forConvener(around), forSteward(asked), forKeeper(known), forGuide(help), forHarvester(themes, own.names), own.quiet))
	return d, nil
}

// Later takes a line off the reader's desk for a week.
func (s Store) Later(ctx context.Context, reach community.Reach, line string) error {
	kind, rest, ok := strings.Cut(line, ":")
	if reach.Me == 0 || !ok || kind == "" || rest == "" || utf8.RuneCountInString(line) > 80 {
		return fmt.Errorf("line %.80q: %w", line, fault.NotFound)
	}
	now := s.now()
	_, err := s.db.Exec(ctx, `with over as (delete from desk_later where account_id = $1 and until < $3 and line <> $2)
		insert into desk_later (account_id, line, until) values ($1, $2, $4) on conflict (account_id, line) do update set until = excluded.until`,
		reach.Me, line, now, now.AddDate(0, 0, LaterDays))
	if err != nil {
		return fmt.Errorf("put off %q: %w", line, err)
	}
	return nil
}

// Back puts a line on the reader's desk again.
func (s Store) Back(ctx context.Context, reach community.Reach, line string) error {
	if _, err := s.db.Exec(ctx, `delete from desk_later where account_id = $1 and line = $2`, reach.Me, line); err != nil {
		return fmt.Errorf("back on the desk: %w", err)
	}
	return nil
}

// own is what no other room counts.
type own struct {
	drafts, quiet []Line
	names         map[string]string // of the communities that the reader coordinates, by slug
	later         map[string]bool
}

func (o own) kept(lines []Line) []Line {
	var kept []Line
	for _, l := range lines {
		if !o.later[l.Key] {
			kept = append(kept, l)
		}
	}
	return kept
}

// lastWords is when somebody last spoke in community c.
const lastWords = `coalesce((select i.active_at from item i where i.community_id = c.id and i.kind = 'discussion' and i.parent_id is null and i.removed_at is null order by i.active_at desc limit 1), c.created_at)`

func (s Store) own(ctx context.Context, reach community.Reach, lang locale.Lang) (own, error) {
	o, now := own{names: map[string]string{}, later: map[string]bool{}}, s.now()
	args := reach.Args(pgx.NamedArgs{"lang": lang, "now": now})
	b := &pgx.Batch{}
	b.Queue(`select line from desk_later where account_id = @me and until > @now`, args).Query(func(rows pgx.Rows) error {
		var line string
		_, err := pgx.ForEachRow(rows, []any{&line}, func() error { o.later[line] = true; return nil })
		return err
	})
	b.Queue(`select count(*)::int, coalesce(max(at), @now) from draft where account_id = @me`, args).QueryRow(func(row pgx.Row) error {
		l := Line{Kind: Drafts}
		if err := row.Scan(&l.N, &l.At); err != nil || l.N == 0 {
			return err
		}
		l.Key = fmt.Sprintf("drafts:%d", l.N)
		o.drafts = []Line{l}
		return nil
	})
	b.Queue(`select c.slug, coalesce((select t.name from community_text t where t.community_id = c.id and t.lang = @lang), (select t.name from community_text t where t.community_id = c.id and t.lang = c.lang), c.slug),
			c.stage <> 'transformation', `+lastWords+` from community c where c.id = any(@coordinated) order by 4`, args).Query(func(rows pgx.Rows) error {
		var slug, name string
		var goesOn bool
		var at time.Time
		_, err := pgx.ForEachRow(rows, []any{&slug, &name, &goesOn, &at}, func() error {
			o.names[slug] = name
			if days := int(now.Sub(at).Hours() / 24); goesOn && days >= QuietDays {
				o.quiet = append(o.quiet, Line{Kind: Quiet, Key: "quiet:" + slug + ":" + at.Format(time.DateOnly), Slug: slug, City: name, N: days, At: at})
			}
			return nil
		})
		return err
	})
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return o, fmt.Errorf("desk: %w", err)
	}
	return o, nil
}
