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
