package meeting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
)

// Was is what a meeting was before a change.
type Was struct {
	Starts  *time.Time `json:"starts,omitempty"`
	Ends    *time.Time `json:"ends,omitempty"`
	Zone    string     `json:"zone"`
	Place   string     `json:"place"`
	Address string     `json:"address"`
	Online  bool       `json:"online"`
	Link    bool       `json:"link"` // the online link changed too; the old one is told to nobody
}

// Letter is one about a meeting to one person, ready to be put into words.
type Letter struct {
	Dated
	Occasion      Occasion
	Edition       int
	To            string // mail address; empty: nothing is to be sent
	Name          string
	Speaks        locale.Lang // of the one who reads it
	Person        Person
	CommunityZone string
	AccessNote    string
	MapURL        string
	Until         *time.Time // by when to answer: of the poll, or of the invitation
	Approved      bool       // the minutes are; otherwise they may be corrected until Corrections
	Corrections   *time.Time
	Agenda        []string
	Options       []LetterDate
	Series        []SeriesDate
	Decisions     []Settled
	Actions       []Settled // the reader's own
	Was           *Was
	Pass          string // token: answers without signing in; empty: nothing to answer
	Unsubscribe   string // token
}

// LetterDate is a date to choose among.
type LetterDate struct {
	StartsAt time.Time
	EndsAt   time.Time
	Place    string
	Online   bool
}

// SeriesDate is one of several meetings that were published together.
type SeriesDate struct {
	StartsAt time.Time
	EndsAt   time.Time
	Place    string
	Online   bool
	UID      uuid.UUID
	Sequence int
	Number   int
}

// Settled is a decision or an action of a meeting.
type Settled struct {
	Number int
	Title  string
	Lang   locale.Lang
	Due    *time.Time
}

// Answerable reports whether the reader is asked for something.
func (l Letter) Answerable() bool {
	return l.Occasion != ForCancellation && l.Occasion != ForMinutes && l.Occasion != ForSeries
}

// write reads what a letter says and makes its links. A letter that is not true any more, or to somebody who wants none or belongs here
// no more, has no address.
func (s Store) write(ctx context.Context, e Errand) (Letter, error) {
	l := Letter{Occasion: e.Occasion, Edition: e.Edition, Person: Person{Account: account.ID(e.Account), Guest: e.Guest}, Was: e.Was}
	to, err := s.addressee(ctx, &l, e.Meeting)
	if err != nil || to == "" {
		return l, err
	}
	holds, err := s.tells(ctx, &l, e.Meeting)
	if err != nil || !holds {
		return l, err
	}
	if l.Answerable() {
		if l.Pass, err = s.MakePass(ctx, s.db, e.Meeting, l.Person); err != nil {
			return l, err
		}
	}
	if l.Unsubscribe, err = s.makeUnsubscribe(ctx, e.Meeting, l.Person); err != nil {
		return l, err
	}
	l.To = to
	return l, nil
}

// addressee finds out who gets the letter, if it is still wanted.
func (s Store) addressee(ctx context.Context, l *Letter, meeting item.ID) (to string, err error) {
	err = s.db.QueryRow(ctx, `select a.name, a.email, a.lang from meeting t join item i on i.id = t.item_id join membership m on m.community_id = t.community_id and m.state = 'member' join account a on a.id = m.account_id
			where t.item_id = @meeting and a.id = @account and i.removed_at is null and `+community.To("a", community.Visible)+`
				and not exists (select from mail_off o where o.account_id = a.id and o.community_id = t.community_id and o.letters = 'meetings')
		union all
		select g.name, g.email, g.lang from meeting_guest g where g.meeting_id = @meeting and g.id = @guest and g.mail`,
		pgx.NamedArgs{"meeting": meeting, "account": l.Person.Account, "guest": l.Person.Guest}).Scan(&l.Name, &to, &l.Speaks)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reader of a letter about meeting %d: %w", meeting, err)
	}
	return to, nil
}

// told is a meeting as a letter reads it.
type told struct {
	Dated
	Minutes       MinutesState
	Audience      item.Audience
	Removed       bool
	CommunityZone string
	AccessNote    string
	MapURL        string
	Until         *time.Time
	Corrections   *time.Time
}

// tells reads what there is to say, and whether it is still true.
func (s Store) tells(ctx context.Context, l *Letter, meeting item.ID) (bool, error) {
	found, err := s.told(ctx, l, meeting)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return truth{state: found.State, minutes: found.Minutes, ends: found.EndsAt, audience: found.Audience, removed: found.Removed}.holds(l.Occasion, s.now()), nil
}

// told fills a letter with all that its occasion needs.
func (s Store) told(ctx context.Context, l *Letter, meeting item.ID) (told, error) {
	args := pgx.NamedArgs{"meeting": meeting, "account": l.Person.Account, "guest": l.Person.Guest, "lang": l.Speaks}
	rows, err := s.db.Query(ctx, `select `+datedColumns+`, m.minutes_state as minutes, i.audience, i.removed_at is not null as removed, c.zone as community_zone, m.access_note, m.map_url,
			case when m.state = 'finding' then m.poll_until else m.answers_until end as until, m.corrections_until as corrections`+datedTables+`
			left join rsvp r on r.meeting_id = m.item_id and (r.account_id = @account or r.guest_id = @guest) where m.item_id = @meeting`, args)
	if err != nil {
		return told{}, fmt.Errorf("letter about meeting %d: %w", meeting, err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[told])
	if err != nil {
		return found, fmt.Errorf("letter about meeting %d: %w", meeting, err)
	}
	l.Dated, l.CommunityZone, l.AccessNote, l.MapURL, l.Until = found.Dated, found.CommunityZone, found.AccessNote, found.MapURL, found.Until
	l.Approved, l.Corrections = found.Minutes == ApprovedMinutes, found.Corrections
	return found, s.besides(ctx, l, args)
}

// besides reads the lists of a letter: dates, agenda, what was settled.
func (s Store) besides(ctx context.Context, l *Letter, args pgx.NamedArgs) error {
	b := &pgx.Batch{}
	switch l.Occasion {
	case ForPoll, ForPollReminder:
		b.Queue(`select starts_at, ends_at, place, online from date_option where meeting_id = @meeting order by starts_at, id limit 40`, args).Query(func(rows pgx.Rows) (err error) {
			l.Options, err = pgx.CollectRows(rows, pgx.RowToStructByName[LetterDate])
			return err
		})
	case ForSeries:
		b.Queue(`select m.starts_at, m.ends_at, m.place, m.online, m.uid, m.sequence, i.number from meeting m join item i on i.id = m.item_id
			where m.series_id = (select o.series_id from meeting o where o.item_id = @meeting) and m.state = 'published' and i.removed_at is null and i.audience < 3 order by m.starts_at, i.id`, args).Query(func(rows pgx.Rows) (err error) {
			l.Series, err = pgx.CollectRows(rows, pgx.RowToStructByName[SeriesDate])
			return err
		})
	case ForInvitation, ForChange, ForReminder:
		b.Queue(`select title from agenda_point where meeting_id = @meeting and state = 'accepted' order by position limit 60`, args).Query(func(rows pgx.Rows) (err error) {
			l.Agenda, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
	case ForMinutes:
		readable := `i.removed_at is null and (i.audience = 0 or exists (select from account a where a.id = @account and ` + community.To("a", community.Visible) + `))`
		b.Queue(`select i.number, i.title, i.lang, null::date as due from decision d join item i on i.id = d.item_id where d.meeting_id = @meeting and `+readable+` order by i.number`, args).
			Query(func(rows pgx.Rows) (err error) {
				l.Decisions, err = pgx.CollectRows(rows, pgx.RowToStructByName[Settled])
				return err
			})
		b.Queue(`select i.number, i.title, i.lang, t.due from action t join action_owner o on o.action_id = t.item_id and o.account_id = @account join item i on i.id = t.item_id
			where t.meeting_id = @meeting and t.state in ('open', 'in-hand') and `+readable+` order by i.number`, args).Query(func(rows pgx.Rows) (err error) {
			l.Actions, err = pgx.CollectRows(rows, pgx.RowToStructByName[Settled])
			return err
		})
	}
	if err := s.db.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("letter about meeting %d: %w", l.ID, err)
	}
	return nil
}

// Preview is the invitation to a meeting as its planner would get it, without links, and how many people would.
func (s Store) Preview(ctx context.Context, seat community.Seat, number int, lang locale.Lang) (Letter, int, error) {
	l := Letter{Occasion: ForInvitation, Speaks: lang, Person: Person{Account: seat.Account}}
	if err := seat.Must(community.Schedule); err != nil {
		return l, 0, err
	}
	found, err := s.find(ctx, seat, number)
	if err != nil {
		return l, 0, err
	}
	var people int
	err = s.db.QueryRow(ctx, `select (select count(*) from membership m where m.community_id = $1 and m.state = 'member'
				and not exists (select from mail_off o where o.account_id = m.account_id and o.community_id = m.community_id and o.letters = 'meetings'))
			+ (select count(*) from meeting_guest g where g.meeting_id = $2 and g.email <> '' and g.mail), (select a.name from account a where a.id = $3)`, seat.Community, found.id, seat.Account).Scan(&people, &l.Name)
	if err != nil {
		return l, 0, fmt.Errorf("invitation to meeting %d: %w", number, err)
	}
	_, err = s.told(ctx, &l, found.id)
	return l, people, err
}
