package demo_test

import (
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme"
	"urbanfluxes.eu/koinon/internal/programme/demo"
)

type shelf map[string]string

func (s shelf) File(name string, content []byte) error {
	s[name] = string(content)
	return nil
}

func TestTheDemonstrationIsWrittenAsAnExportWritesIt(t *testing.T) {
	t.Parallel()
	db, data, kept, out := testdb.New(t), os.DirFS("data"), shelf{}, shelf{}
	err := fs.WalkDir(data, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(data, name)
		kept[name] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := programme.Import(t.Context(), db, data, programme.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := programme.Export(t.Context(), db, out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kept, out); diff != "" {
		t.Error(diff)
	}
}

func TestTheDemonstrationGoesOnWheneverItIsLoaded(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{time.Date(2019, 2, 28, 23, 0, 0, 0, time.UTC), time.Date(2031, 7, 1, 8, 0, 0, 0, time.UTC)} {
		db := testdb.New(t)
		for range 2 { // the second time it finds somebody there
			if err := demo.Load(t.Context(), db, now); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			what, sql   string
			least, most int
		}{
			{"hours since the newest text", `select extract(epoch from $1::timestamptz - max(created_at))::int / 3600 from item`, 0, 4},
			{"minutes since the newest activity", `select extract(epoch from $1::timestamptz - max(at))::int / 60 from activity`, 55, 65},
			{"open requests for help whose day is still to come", `select count(*) from help_request where state <> 'closed' and needed_by >= $1::date`, 6, 20},
			{"people waiting in Basel", `select count(*) from membership m join community c on c.id = m.community_id where c.slug = 'basel' and state = 'waiting' and asked_at > $1::timestamptz - interval '7 days'`, 3, 3},
			{"newcomers not greeted", `select count(*) from membership where state = 'member' and greeted_at is null and since > $1::timestamptz - interval '90 days'`, 2, 2},
			{"open reports", `select count(*) from report where settled_at is null and at < $1`, 1, 1},
			{"open invitations", `select count(*) from invitation where accepted_at is null and at > $1::timestamptz - interval '14 days'`, 2, 2},
			{"commitments about a year old", `select count(*) from membership where state = 'member' and renewed_at < $1::timestamptz - interval '335 days'`, 1, 1},
			{"pinned", `select count(*) from discussion where pinned_at < $1`, 1, 1},
			{"files", `select count(*) from item_file where at < $1`, 5, 5},
			{"meetings of history, on their day", `select count(*) from meeting where starts_at < '2018-01-01' and ends_at < $1`, 5, 5},
			{"published meetings still to come", `select count(*) from meeting where state = 'published' and starts_at > $1`, 3, 3},
			{"published meetings that are over", `select count(*) from meeting where state = 'published' and starts_at <= $1`, 0, 0},
			{"meetings held before their time", `select count(*) from meeting where state in ('held', 'closed') and ends_at > $1`, 0, 0},
			{"polls that are open, with dates to come", `select count(*) from meeting m where m.state = 'finding' and m.poll_until > $1 and not exists (select from date_option o where o.meeting_id = m.item_id and o.starts_at <= m.poll_until)`, 1, 1},
			{"minutes open for correction", `select count(*) from meeting where minutes_state = 'open' and state = 'held' and opened_at < $1 and corrections_until >= $1::date`, 1, 1},
			{"open corrections", `select count(*) from minute_correction c join meeting m on m.item_id = c.meeting_id where c.state = 'open' and m.minutes_state = 'open' and c.at < $1`, 1, 1},
			{"states of meetings", `select count(distinct state) from meeting where $1::timestamptz is not null`, 6, 6},
			{"meetings on a weekend", `select count(*) from meeting where extract(isodow from starts_at at time zone zone) > 5 and $1::timestamptz is not null`, 0, 0},
			{"meetings that begin at an odd minute", `select count(*) from meeting where extract(minute from starts_at)::int % 30 <> 0 and $1::timestamptz is not null`, 0, 0},
			{"minutes approved of an open meeting, or by nobody", `select count(*) from meeting where (minutes_state = 'approved') <> (state = 'closed') or (minutes_state = 'approved' and (opened_at is null or approved_at < opened_at or approved_by is null)) and $1::timestamptz is not null`, 0, 0},
			{"lines that should stand on a register, or should not", `select count(*) from minute_line l join meeting m on m.item_id = l.meeting_id where (l.form in ('decided', 'todo') and l.removed_at is null and m.minutes_state in ('open', 'approved')) <> (l.item_id is not null and l.form <> 'criterion') and $1::timestamptz is not null`, 0, 0},
			{"lines that say another thing than what came of them", `select count(*) from minute_line l join item i on i.id = l.item_id where i.kind <> 'criterion' and i.title <> l.body or not exists (select from item_link k where k.from_id = i.id and k.to_id = l.meeting_id and k.to_part = 'line-' || l.n and k.relation = 'from') and $1::timestamptz is not null`, 0, 0},
			{"decisions on another day than their meeting", `select count(*) from decision d join meeting m on m.item_id = d.meeting_id where d.decided_on <> (m.starts_at at time zone m.zone)::date and $1::timestamptz is not null`, 0, 0},
			{"decisions", `select count(*) from decision where decided_on < $1::date`, 6, 12},
			{"decisions due for review", `select count(*) from decision where superseded_by is null and review_on <= $1::date`, 1, 3},
			{"superseded decisions", `select count(*) from decision where superseded_by is not null and $1::timestamptz is not null`, 1, 1},
			{"overdue actions", `select count(*) from action where state in ('open', 'in-hand') and due < $1::date`, 3, 6},
			{"states of actions", `select count(distinct state) from action where $1::timestamptz is not null`, 4, 4},
			{"kinds of points on the workshop in Basel", `select count(distinct p.form) from agenda_point p join meeting m on m.item_id = p.meeting_id where p.state = 'accepted' and m.form = 'workshop' and m.starts_at > $1`, 7, 7},
			{"kinds of answers to it", `select count(distinct r.answer) from rsvp r join meeting m on m.item_id = r.meeting_id where m.form = 'workshop' and m.starts_at > $1`, 4, 4},
			{"criteria", `select count(*) from criterion where $1::timestamptz is not null`, 40, 60},
			{"states of criteria", `select count(distinct state) from criterion where $1::timestamptz is not null`, 5, 5},
			{"how far criteria are", `select count(distinct fulfilment) from criterion where $1::timestamptz is not null`, 6, 6},
			{"criteria whose source is a meeting of history", `select count(distinct s.criterion_id) from criterion_source s join meeting m on m.item_id = s.item_id where m.starts_at < '2016-01-01' and s.point_id is not null and s.said_on = m.starts_at::date and $1::timestamptz is not null`, 8, 8},
			{"sources in documents that lead somewhere", `select count(*) from criterion_source where form = 'document' and url <> '' and $1::timestamptz is not null`, 15, 30},
			{"sources that do not say what their line says", `select count(*) from criterion_source s join minute_line l on l.meeting_id = s.item_id and s.part = 'line-' || l.n where s.words <> l.body and $1::timestamptz is not null`, 0, 0},
			{"sources that nothing leads to", `select count(*) from criterion_source s where s.item_id is not null and not exists (select from item_link k where k.from_id = s.criterion_id and k.to_id = s.item_id and k.to_part = s.part and k.relation = 'from') and $1::timestamptz is not null`, 0, 0},
			{"sources logged before they were said", `select count(*) from criterion_source s join criterion c on c.item_id = s.criterion_id where s.said_on > s.at::date or s.answered_at < s.at and s.kept_from is null or s.at > $1`, 0, 0},
			{"criteria agreed on another day than their meeting", `select count(*) from criterion c join meeting m on m.item_id = c.agreed_at where c.agreed_on <> (m.starts_at at time zone m.zone)::date and $1::timestamptz is not null`, 0, 0},
			{"verdicts and claims out of order", `select count(*) from claim k join item i on i.id = k.item_id join release r on r.item_id = k.release_id left join verdict v on v.claim_id = k.item_id where v.at < i.created_at or k.settled_at < v.at or r.published_on > i.created_at::date or i.created_at > $1`, 0, 0},
			{"needs of several cities", `select count(*) from (select need_id from criterion c group by need_id having count(distinct community_id) > 1) n where $1::timestamptz is not null`, 6, 8},
			{"relations among criteria", `select count(distinct relation) from item_link where relation in ('same-need', 'narrower', 'conflicts') and $1::timestamptz is not null`, 3, 3},
			{"criteria rated by both sides, shown", `select count(*) from importance s join importance z using (criterion_id) where s.perspective = 'stakeholder' and z.perspective = 'scientist' and s.n > 2 and z.n > 2 and $1::timestamptz is not null`, 12, 30},
			{"criteria whose ratings are hidden", `select count(distinct criterion_id) from importance where n < 3 and $1::timestamptz is not null`, 2, 6},
			{"criteria over which the perspectives differ", `select count(*) from importance s join importance z using (criterion_id) where s.perspective = 'stakeholder' and z.perspective = 'scientist' and s.n > 2 and z.n > 2 and abs(s.median - z.median) >= 2 and $1::timestamptz is not null`, 4, 15},
			{"people who rated without being members", `select count(*) from rating r where not exists (select from membership m where m.account_id = r.account_id and m.community_id = r.community_id and m.perspective = r.perspective) and $1::timestamptz is not null`, 0, 0},
			{"products", `select count(*) from product where $1::timestamptz is not null`, 10, 10},
			{"states of releases", `select count(distinct state) from release where $1::timestamptz is not null`, 3, 3},
			{"releases planned for days that are over", `select count(*) from release where state = 'planned' and due_on <= $1::date`, 0, 0},
			{"releases published before their time", `select count(*) from release where published_on > $1::date`, 0, 0},
			{"states of claims", `select count(distinct state) from claim where $1::timestamptz is not null`, 5, 5},
			{"claims that wait, with time left", `select count(*) from claim where state = 'open' and answer_by > $1`, 4, 4},
			{"claims answered for a community", `select count(distinct claim_id) from verdict where community and $1::timestamptz is not null`, 2, 2},
			{"claims by people who may not", `select count(*) from claim k join item i on i.id = k.item_id where not exists (select from membership m where m.account_id = i.author_id and m.community_id = i.community_id and m.perspective = 'scientist')
				and not exists (select from release r join product_maker p on p.product_id = r.product_id where r.item_id = k.release_id and p.account_id = i.author_id) and $1::timestamptz is not null`, 0, 0},
			{"verdicts by people who did not ask", `select count(*) from verdict v join claim k on k.item_id = v.claim_id where not v.community and not exists (select from criterion_source s where s.criterion_id = k.criterion_id and s.speaker_id = v.account_id) and $1::timestamptz is not null`, 0, 0},
			{"claims that Regula has still to answer", `select count(*) from claim k join criterion_source s on s.criterion_id = k.criterion_id join account a on a.id = s.speaker_id where a.handle = 'regula-ammann' and k.state = 'open'
				and not exists (select from verdict v where v.claim_id = k.item_id and v.account_id = a.id) and $1::timestamptz is not null`, 1, 1},
			{"entries of the repertoire", `select count(*) from entry where $1::timestamptz is not null`, 55, 70},
			{"kinds of entries", `select count(distinct form) from entry where $1::timestamptz is not null`, 6, 6},
			{"entries without a summary among those that are not notes", `select count(*) from entry where form <> 'experience' and shared_at is not null and summary = '' and $1::timestamptz is not null`, 0, 0},
			{"entries shared years ago and never confirmed", `select count(*) from entry where shared_at < $1::timestamptz - interval '2 years' and checked_at is null`, 2, 5},
			{"entries confirmed", `select count(*) from entry where checked_at between shared_at and $1`, 4, 9},
			{"entries endorsed", `select count(*) from entry where endorsed_at between shared_at and $1`, 5, 10},
			{"entries changed since they were endorsed", `select count(*) from entry e join item i on i.id = e.item_id where i.revision > e.endorsed_revision and $1::timestamptz is not null`, 1, 1},
			{"entries written together", `select count(distinct entry_id) from entry_author where $1::timestamptz is not null`, 2, 30},
			{"topics of entries", `select count(distinct topic_id) from entry_topic where $1::timestamptz is not null`, 8, 8},
			{"reports of use", `select count(*) from entry_use where removed_at is null and at < $1`, 25, 60},
			{"entries that were used", `select count(distinct entry_id) from entry_use where $1::timestamptz is not null`, 14, 40},
			{"cities that used them", `select count(distinct used_in) from entry_use where $1::timestamptz is not null`, 3, 4},
			{"answers whether again", `select count(distinct again) from entry_use where $1::timestamptz is not null`, 3, 3},
			{"uses told before they were, or before the entry was there", `select count(*) from entry_use u join entry e on e.item_id = u.entry_id where (u.used_on > u.at::date or u.at < e.shared_at or e.shared_at is null) and $1::timestamptz is not null`, 0, 0},
			{"counts of uses that are wrong", `select count(*) from entry e where (e.uses, e.cities) <> (select count(*), count(distinct u.used_in) from entry_use u where u.entry_id = e.item_id and u.removed_at is null) and $1::timestamptz is not null`, 0, 0},
			{"words of sources that do not stand where they are said to", `select count(*) from entry_source s left join item_text t on t.item_id = s.item_id left join minute_line l on l.meeting_id = s.item_id and s.part = 'line-' || l.n
				where strpos(case when s.part = '' then t.body else l.body end, s.words) = 0 and $1::timestamptz is not null`, 0, 0},
			{"sources of entries that nothing leads to", `select count(*) from entry_source s where not exists (select from item_link k where k.from_id = s.entry_id and k.to_id = s.item_id and k.to_part = s.part and k.relation = 'from' and k.quote = s.words and k.released = (s.release = 'given')) and $1::timestamptz is not null`, 0, 0},
			{"entries that grew out of words", `select count(distinct entry_id) from entry_source where $1::timestamptz is not null`, 6, 40},
			{"answers to being asked for a release", `select count(distinct release) from entry_source where $1::timestamptz is not null`, 4, 4},
			{"adaptations from one city in another", `select count(*) from item_link k join item a on a.id = k.from_id join item b on b.id = k.to_id join entry e on e.item_id = a.id where k.relation = 'adapted' and a.community_id <> b.community_id and e.fields ? 'differs' and $1::timestamptz is not null`, 4, 10},
			{"problems without a way of addressing them", `select count(*) from entry e where e.form = 'problem' and not exists (select from item_link k where k.to_id = e.item_id and k.relation = 'addresses') and $1::timestamptz is not null`, 0, 0},
			{"methods and tools that cases used", `select count(distinct to_id) from item_link where relation = 'uses' and $1::timestamptz is not null`, 4, 20},
			{"translations", `select count(*) from entry_translation where $1::timestamptz is not null`, 5, 12},
			{"translations that have fallen behind", `select count(*) from entry_translation t join item i on i.id = t.entry_id where t.of_revision < i.revision and $1::timestamptz is not null`, 1, 2},
			{"jobs that would tell people again", `select count(*) from river_job where $1::timestamptz is not null`, 0, 0},
		} {
			var n int
			if err := db.QueryRow(t.Context(), c.sql, now).Scan(&n); err != nil || n < c.least || n > c.most {
				t.Errorf("%s on %s: %d, want %d to %d (%v)", c.what, now.Format(time.DateOnly), n, c.least, c.most, err)
			}
		}
		for _, guide := range demo.Handles() {
			var lines, unread int
			err := db.QueryRow(t.Context(), `select count(*), (select count(*) from item i join membership m on m.community_id = i.community_id and m.account_id = a.id and m.state = 'member' join discussion d on d.item_id = i.id
					left join read_mark r on r.item_id = i.id and r.account_id = a.id where i.removed_at is null and coalesce(r.number < d.last_number, true))
				from account a left join notice n on n.account_id = a.id and n.way <> 'catch-up' where a.handle = $1 group by a.id`, guide).Scan(&lines, &unread)
			if err != nil || lines < 5 || lines > 24 || unread < 2 || unread > 9 {
				t.Errorf("%s: %d notices, %d unread discussions, %v", guide, lines, unread, err)
			}
		}
	}
}
