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
