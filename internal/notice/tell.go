package notice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/postgres"
)

// Queue of the jobs that tell people.
const Queue = "notice"

const perBatch = 500 // people told in one statement

// Job tells people of one activity. A trigger on activity enqueues it in the causing transaction.
type Job struct {
	Activity int64 `json:"activity"`
}

// Kind of the job.
func (Job) Kind() string { return "notice" }

// Worker does such jobs.
type Worker struct {
	river.WorkerDefaults[Job]
	Store Store
}

// Timeout of one job: an announcement to the largest community.
func (*Worker) Timeout(*river.Job[Job]) time.Duration { return 5 * time.Minute }

// Work tells whom the activity concerns. Run twice, it tells nobody twice.
func (w *Worker) Work(ctx context.Context, job *river.Job[Job]) error {
	return w.Store.Tell(ctx, job.Args.Activity)
}

// event is an activity with what decides whom it concerns.
type event struct {
	id        int64
	at        time.Time
	actor     account.ID
	verb      string
	community int64
	item      int64 // 0: none
	top       int64 // the thread in which it stands, or itself
	number    int   // of the reply; 0: of the thread itself
	published bool  // it was made just now, or became readable for others
	whole     bool  // announcements are for every member
	help      bool
	meeting   bool       // about a meeting, a decision or an action
	criteria  bool       // about a criterion, a claim, a product or a release
	entry     bool       // about an entry of the repertoire
	hidden    account.ID // who asked discreetly: this is news of the own making to nobody else
	concerned []int64
}

// shown says that activity a lets others read what was a draft.
const shown = `(a.verb like '%.publish' or a.verb = 'meeting.find-date' or a.verb = 'entry.share' and not exists (select from activity b where b.item_id = a.item_id and b.verb = 'entry.share' and b.id < a.id))`

// forAll are what every member is told of a meeting, as of an announcement: a date is sought, it will be, its minutes are there.
var forAll = []string{"meeting.find-date", "meeting.publish", "series.publish", "minutes.open", "minutes.approve"}

const eventSQL = `select a.at, coalesce(a.actor_id, 0), a.verb, coalesce(i.community_id, a.community_id, 0), coalesce(a.item_id, 0), coalesce(i.parent_id, i.id, 0),
		case when i.parent_id is null then 0 else i.number end,
		coalesce(i.audience < 3 and (` + shown + ` or i.created_at = a.at and not exists (select from activity b where b.item_id = a.item_id and b.id < a.id)), false),
		coalesce(i.parent_id is null and d.form = 'announcement', false), coalesce(d.form = 'help', false),
		coalesce(i.kind in ('meeting', 'decision', 'action'), a.verb like 'agenda.%'), coalesce(i.kind in ('criterion', 'claim', 'product', 'release'), false), coalesce(i.kind = 'entry', false), coalesce(s.account_id, 0), array_remove(a.concerned, a.actor_id)
	from activity a left join item i on i.id = a.item_id left join discussion d on d.item_id = coalesce(i.parent_id, i.id)
		left join discreet_author s on s.item_id = coalesce(i.parent_id, i.id)
	where a.id = $1`

// Tell writes the notices of an activity: to whom it concerns, at the level that each has chosen, and only to who may read it now.
func (s Store) Tell(ctx context.Context, activity int64) error {
	_, err := s.tell(ctx, activity, perBatch)
	return err
}

// tell says in how many statements it told everybody: what is in memory at a time does not grow with the crowd.
func (s Store) tell(ctx context.Context, activity int64, batch int) (statements int, err error) {
	e := event{id: activity}
	err = s.db.QueryRow(ctx, eventSQL, activity).Scan(&e.at, &e.actor, &e.verb, &e.community, &e.item, &e.top, &e.number, &e.published, &e.whole, &e.help, &e.meeting, &e.criteria, &e.entry, &e.hidden, &e.concerned)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil // its item is gone for good
	}
	if err != nil {
		return 0, fmt.Errorf("activity %d: %w", activity, err)
	}
	if err := s.settle(ctx, e); err != nil {
		return 0, err
	}
	args := e.args(batch)
	for told, after := batch, int64(0); told == batch; statements++ {
		args["after"] = after
		if after, told, err = s.tellSome(ctx, e, args); err != nil {
			return statements, fmt.Errorf("tell of activity %d: %w", activity, err)
		}
	}
	return statements, nil
}

// tellSome tells the next ones, and asks them by mail where the activity asks them something.
func (s Store) tellSome(ctx context.Context, e event, args pgx.NamedArgs) (last int64, told int, err error) {
	var who []account.ID
	if e.verb != asksRelease {
		err = s.db.QueryRow(ctx, tellSQL, args).Scan(&last, &told, &who)
		return last, told, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, tellSQL, args).Scan(&last, &told, &who); err != nil {
			return err
		}
		return askByMail(ctx, tx, e, who)
	})
	return last, told, err
}

func (e event) args(batch int) pgx.NamedArgs {
	// A reply to a discreet request by its asker bears the asker's own name; what else the system tells of it is the asker's own doing.
	asker := account.ID(0)
	if e.actor == 0 {
		asker = e.hidden
	}
	return pgx.NamedArgs{"activity": e.id, "at": e.at, "actor": e.actor, "verb": e.verb, "community": e.community, "item": e.item, "top": e.top, "number": e.number,
		"published": e.published, "reply": e.published && e.item != e.top && !e.criteria, "criteria": e.criteria, "entry": e.entry, "whole": e.published && e.whole || slices.Contains(forAll, e.verb), "help": e.help, "meeting": e.meeting, "hidden": e.hidden, "asker": asker,
		"concerned": e.concerned, "batch": batch, "moved": e.verb == "meeting.change" || e.verb == "meeting.call-off", "minutes": strings.HasPrefix(e.verb, "minutes."),
		"fate": e.verb == "item.hide" || e.verb == "report.settled"} // of words that may be gone now: community.Told
}

// settle takes the question "may this person come in?" off the coordinators' lists once it is answered.
func (s Store) settle(ctx context.Context, e event) error {
	if e.verb != "community.join" && e.verb != "community.decline" {
		return nil
	}
	who := append([]int64{int64(e.actor)}, e.concerned...)
	_, err := s.db.Exec(ctx, `update notice n set read_at = $3 from activity a
		where a.community_id = $1 and a.verb = 'community.ask' and a.actor_id = any($2) and a.at < $3 and n.activity_id = a.id and n.read_at is null`, e.community, who, e.at)
	if err != nil {
		return fmt.Errorf("settle activity %d: %w", e.id, err)
	}
	return nil
}

// reasons are whom the activity concerns, and why; of several reasons that with the lowest rank is told. Who was named in an earlier state
// of a text is not told again. Of another time or place, and that a meeting is called off, hear those who said that they may come, or
// all where nobody answered yet; whom it concerned belongs to the community still.
const reasons = `
	select m.account_id, 1 as rank, 'mentioned' as why from item_mention m
		where m.item_id = @item and @verb <> 'item.thank' and not @fate and (@verb = 'meeting.find-date' or (@verb like '%.publish' or @verb = 'entry.share') and not exists (select from activity b where b.item_id = @item and b.id < @activity and b.verb in ('meeting.find-date', 'entry.share'))
			or m.account_id = any(@concerned::bigint[]) and not exists
			(select from activity b where b.item_id = @item and b.id < @activity and b.verb <> 'item.thank' and m.account_id = any(b.concerned)))
	union all
	select q.author_id, 2, 'quoted' from item_link l join item q on q.id = l.to_id where @published and l.from_id = @item and l.relation = 'quotes'
	union all
	select coalesce(t.author_id, @hidden), 3, 'replied' from item t where @reply and t.id = @top
	union all
	select o.author_id, 3, 'replied' from reply p join item o on o.parent_id = @top and o.kind = 'reply' and o.number = p.answers where @reply and p.item_id = @item
	union all
	select who, 4, case when @verb = 'item.thank' then 'thanked' else 'concerned' end from unnest(@concerned::bigint[]) who
		where @verb <> 'community.ask' and (@verb in ('item.thank', 'action.owned') or @fate or @criteria or @entry and @verb not in ('entry.note', 'entry.begin', 'entry.revise', 'entry.share') or not exists (select from item_mention m where m.item_id = @item and m.account_id = who))
			and (not @meeting or @fate or exists (select from membership m where m.community_id = @community and m.account_id = who and m.state = 'member'))
	union all` + adapted + `
	union all
	select w.account_id, 4, 'concerned' from discreet_author w where @verb in ('item.hide', 'item.show') and w.item_id = @item
	union all
	select m.account_id, 5, case when @verb = 'community.ask' then 'asked' else 'joined' end from membership m
		where @verb in ('community.ask', 'community.join') and m.community_id = @community and m.state = 'member' and m.role = 'coordinator'
			and not exists (select from membership n where n.community_id = @community and n.account_id = @actor and n.admitted_by = m.account_id)
	union all
	select m.account_id, 6, 'announced' from membership m where @whole and m.community_id = @community and m.state = 'member'
	union all
	select m.account_id, 6, 'announced' from membership m where @moved and m.community_id = @community and m.state = 'member'
		and (exists (select from rsvp r where r.meeting_id = @item and r.account_id = m.account_id and r.answer <> 'no') or not exists (select from rsvp r where r.meeting_id = @item and r.account_id is not null))
	union all
	select f.account_id, 7, 'followed' from follow f where (@published or @moved or @minutes) and f.item_id = @top and f.level in ('all', 'catch-up')
	union all
	select f.account_id, 7, 'followed' from follow f join membership m on m.community_id = f.community_id and m.account_id = f.account_id and m.state = 'member'
		where @published and f.community_id = @community and f.level in ('all', 'catch-up')
	union all
	select f.account_id, 7, 'followed' from membership m join follow f on f.account_id = m.account_id and f.community_id is null and f.item_id is null
		where @published and m.community_id = @community and m.state = 'member' and f.level in ('all', 'catch-up')`

// writes holds for an account r that writes the entry i, alone or with others: it is told of its draft too.
const writes = `(@entry and (i.author_id = r.id or exists (select from entry_author w where w.entry_id = i.id and w.account_id = r.id)))`

// adapted are those who wrote what the entry @item was made from, once others read it; where its making was told of the original, they heard of that.
const adapted = `
	select w.account_id, 4, 'adapted' from item_link l join lateral (select o.author_id as account_id from item o where o.id = l.to_id union select c.account_id from entry_author c where c.entry_id = l.to_id) w on w.account_id is not null
		where @entry and @published and l.from_id = @item and l.relation = 'adapted' and not exists (select from activity b where b.item_id = l.to_id and b.verb = 'entry.adapt' and (b.detail->>'entry')::bigint = @item
			and (@verb = 'entry.begin' or exists (select from notice n where n.activity_id = b.id and n.account_id = w.account_id)))`

// tellSQL tells the next @batch people after account @after, each judged by the own level and the memberships of this moment, and gives
// the last of them and how many they were. Whose an action is hears that it is theirs, not that there is one. What stands in a draft is told to nobody but those who write it, and thanks given, taken back and given again once.
var tellSQL = `with reasons as (` + reasons + `),
judged as (
	select distinct on (r.account_id) r.account_id, r.why, coalesce(
		(select f.level from follow f where f.account_id = r.account_id and f.item_id = @top),
		(select f.level from follow f where f.account_id = r.account_id and f.community_id = @community),
		(select f.level from follow f where f.account_id = r.account_id and f.community_id is null and f.item_id is null), '` + Default + `') as level
	from reasons r where r.account_id > @after and r.account_id <> @actor and r.account_id <> @asker
		and (@verb <> 'action.give' or not exists (select from action_owner o where o.action_id = @item and o.account_id = r.account_id))
	order by r.account_id, r.rank),
told as (
	select j.account_id, j.why, case when j.level = 'catch-up' and j.why <> 'mentioned' then 'catch-up' when j.why = 'thanked' then 'quiet' else 'inbox' end as way
	from judged j join account r on r.id = j.account_id left join item i on i.id = @item left join item t on t.id = @top
	where r.left_at is null and j.level <> 'nothing' and (j.level <> 'mentions' or j.why <> 'followed')
		and (j.why <> 'thanked' or not exists (select from notice b join activity e on e.id = b.activity_id
			where b.account_id = j.account_id and b.item_id = @item and b.why = 'thanked' and e.actor_id = @actor and e.id < @activity))
		and case when @item = 0 then exists (select from community c where c.id = @community
				and (c.visibility = 'public' or r.administrator or exists (select from membership m where m.community_id = c.id and m.account_id = r.id and m.state = 'member')))
			when @verb = 'entry.adapt' and not exists (select from activity a join item i on i.id = (a.detail->>'entry')::bigint
				where a.id = @activity and i.audience < 3 and i.removed_at is null and ` + community.To("r", community.Visible) + `) then false
			else (i.audience < 3 or ` + writes + `) and (@fate or i.removed_at is null and t.removed_at is null) and ` + community.To("r", community.Visible) + ` end
	order by j.account_id limit @batch),
written as (
	insert into notice (account_id, activity_id, community_id, item_id, top_id, why, kind, way, at, read_at)
	select account_id, @activity, nullif(@community::bigint, 0), nullif(@item::bigint, 0), nullif(@top::bigint, 0), why,
		case when why in ('mentioned', 'quoted') then 'mentions' when why = 'thanked' then 'thanks' when @meeting then 'meetings' when @criteria then 'criteria' when @entry then 'repertoire' when @item = 0 then 'people' when @help then 'help'
			when why = 'announced' then 'announcements' else 'replies' end,
		way, @at, (select r.at from read_mark r where @published and r.account_id = told.account_id and r.item_id = @top and r.number >= @number)
	from told on conflict (account_id, activity_id) do nothing returning account_id)
select coalesce(max(account_id), 0), count(*)::int, (select coalesce(array_agg(account_id), '{}') from written) from told`
