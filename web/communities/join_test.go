package communities_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/community"
)

type standing struct {
	State   string
	Role    string
	Number  int
	Bring   string
	Charter int
}

func (d *town) standing(p person, in community.ID) (s standing) {
	d.T.Helper()
	err := d.DB.QueryRow(context.Background(), `select state, role, coalesce(number, 0), bring, charter_version from membership where community_id = $1 and account_id = $2`, in, p.ID).
		Scan(&s.State, &s.Role, &s.Number, &s.Bring, &s.Charter)
	if err != nil {
		d.T.Fatal(err)
	}
	return s
}

func TestANewcomerJoinsAnOpenCommunityAtOnce(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	nora := d.Person("Nora")
	d.Want(d.Get(nora, "/c/basel/join"), http.StatusOK, "We listen.", "of streets, in en.")
	d.Want(d.Post(nora, "/c/basel/join", commitment("competences", "tree pits, drainage\ntree pits")), http.StatusSeeOther)
	if diff := cmp.Diff(standing{"member", "member", 2, "maps", 1}, d.standing(nora, d.Basel)); diff != "" {
		t.Error(diff)
	}
	var names []string
	d.Row(&names, `select array_agg(name order by position) from competence where account_id = $1`, nora.ID)
	if diff := cmp.Diff([]string{"tree pits", "drainage"}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"welcome"}, d.kinds()); diff != "" {
		t.Error(diff)
	}
	var members int
	if d.Row(&members, `select members from community where id = $1`, d.Basel); members != 2 {
		t.Errorf("got %d members, want 2", members)
	}
}

func TestJoiningTwiceIsJoiningOnce(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	nora := d.Person("Nora")
	for range 3 {
		d.Want(d.Post(nora, "/c/basel/join", commitment()), http.StatusSeeOther)
	}
	var members, numbers, told int
	d.Row(&members, `select members from community where id = $1`, d.Basel)
	d.Row(&numbers, `select last_member from community where id = $1`, d.Basel)
	d.Row(&told, `select count(*) from activity where verb = 'community.join'`)
	if members != 1 || numbers != 1 || told != 1 || len(d.Letters()) != 1 {
		t.Errorf("got %d members, %d numbers, %d activities, letters %v; want one of each", members, numbers, told, d.Letters())
	}
}

func TestAMemberChangesTheCommitmentAndKeepsThePlace(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	d.Want(d.Post(cora, "/c/basel/join", commitment("bring", "a whole archive")), http.StatusSeeOther)
	if diff := cmp.Diff(standing{"member", "coordinator", 1, "a whole archive", 1}, d.standing(cora, d.Basel)); diff != "" {
		t.Error(diff)
	}
}

func TestACommunityOnRequestLetsTheCoordinatorDecide(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	crete := d.Found("crete", "public", "request")
	d.Member("Cora", crete, "coordinator", community.Stakeholder)
	d.Member("Mia", crete, "member", community.Stakeholder)
	nora := d.Person("Nora")
	for range 2 {
		d.Want(d.Post(nora, "/c/crete/join", commitment()), http.StatusSeeOther)
	}
	if got := d.standing(nora, crete); got.State != "waiting" || got.Number != 0 {
		t.Errorf("got %+v, want waiting without a number", got)
	}
	if diff := cmp.Diff([]string{"asked"}, d.kinds()); diff != "" {
		t.Errorf("the one coordinator gets one letter: %s", diff)
	}
	d.Want(d.Get(nora, "/c/crete"), http.StatusOK, "Your request to join is with the coordinator")
	d.Want(d.Get(nora, "/c/crete/leave"), http.StatusOK, "Take your request back?")
	d.Want(d.Post(nora, "/c/crete/leave", nil), http.StatusSeeOther)
	if got := d.standing(nora, crete); got.State != "left" {
		t.Errorf("got %s after taking the request back, want left", got.State)
	}
}

func TestWhoWasDeclinedReadsWhyAndMayAskAgain(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	crete := d.Found("crete", "public", "request")
	cora, nora := d.Member("Cora", crete, "coordinator", community.Stakeholder), d.Person("Nora")
	d.Want(d.Post(nora, "/c/crete/join", commitment()), http.StatusSeeOther)
	if err := d.Communities.Decline(context.Background(), d.Seat(cora, "crete"), nora.ID, "We are <b>full</b> until May."); err != nil {
		t.Fatal(err)
	}
	d.Want(d.Get(nora, "/c/crete/join"), http.StatusOK, "We are &lt;b&gt;full&lt;/b&gt; until May.")
	d.Want(d.Post(nora, "/c/crete/join", commitment()), http.StatusSeeOther)
	if got := d.standing(nora, crete); got.State != "waiting" {
		t.Errorf("got %s, want waiting", got.State)
	}
	if diff := cmp.Diff([]string{"asked", "declined", "asked"}, d.kinds()); diff != "" {
		t.Error(diff)
	}
}

func TestByInvitationMeansWithAnInvitation(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	d.Found("crete", "public", "invitation")
	private := d.Found("quarry", "private", "invitation")
	nora, ivan, lena := d.Person("Nora"), d.Person("Ivan"), d.Person("Lena")
	d.Want(d.Get(nora, "/c/crete/join"), http.StatusForbidden)
	d.Want(d.Post(nora, "/c/crete/join", commitment()), http.StatusForbidden)
	if strings.Contains(d.Get(nora, "/c/crete").Body.String(), "/c/crete/join") {
		t.Error("the home page offers to join without an invitation")
	}
	d.Do(`insert into personal_link (token_hash, purpose, account_id, email, detail, created_at, expires_at, used_at)
		values ('x', 'invitation', $1, 'ivan@example.org', '{"community": "quarry"}', $3, $3, $3), ('y', 'invitation', $2, 'lena@example.org', '{"community": "crete"}', $3, $3, $3)`, ivan.ID, lena.ID, d.Now)
	d.Want(d.Get(lena, "/c/crete"), http.StatusOK, `href="/c/crete/join"`)
	d.Want(d.Post(lena, "/c/crete/join", commitment()), http.StatusSeeOther)
	d.Want(d.Get(ivan, "/c/quarry/join"), http.StatusOK, "We listen.")
	d.Want(d.Post(ivan, "/c/quarry/join", commitment()), http.StatusSeeOther)
	if got := d.standing(ivan, private); got.State != "member" || got.Number != 1 {
		t.Errorf("got %+v, want member 1", got)
	}
	d.Want(d.Post(ivan, "/c/crete/join", commitment()), http.StatusForbidden)
}

func TestTheLastCoordinatorStays(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	cora := d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	d.Want(d.Post(cora, "/c/basel/leave", nil), http.StatusUnprocessableEntity, "name another first")
	if got := d.standing(cora, d.Basel); got.State != "member" {
		t.Fatalf("got %s, want member", got.State)
	}
	d.Member("Carl", d.Basel, "coordinator", community.Scientist)
	d.Want(d.Post(cora, "/c/basel/leave", nil), http.StatusSeeOther)
	if got := d.standing(cora, d.Basel); got.State != "left" || got.Role != "member" {
		t.Errorf("got %+v, want left and no coordinator any more", got)
	}
}

func TestWhoComesBackGetsTheOldNumber(t *testing.T) {
	t.Parallel()
	d := newTown(t)
	d.Member("Cora", d.Basel, "coordinator", community.Stakeholder)
	nora, otto := d.Person("Nora"), d.Person("Otto")
	d.Want(d.Post(nora, "/c/basel/join", commitment()), http.StatusSeeOther)
	d.Want(d.Get(nora, "/c/basel/leave"), http.StatusOK, "What you wrote stays")
	d.Want(d.Post(nora, "/c/basel/leave", nil), http.StatusSeeOther)
	d.Want(d.Post(nora, "/c/basel/leave", nil), http.StatusNotFound)
	d.Want(d.Post(otto, "/c/basel/join", commitment()), http.StatusSeeOther)
	d.Want(d.Post(nora, "/c/basel/join", commitment()), http.StatusSeeOther)
	if n, o := d.standing(nora, d.Basel).Number, d.standing(otto, d.Basel).Number; n != 2 || o != 3 {
		t.Errorf("got numbers %d and %d, want 2 and 3", n, o)
	}
}

func TestARejectedCommitmentKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change []string
		says   string
	}{
		"no perspective":       {[]string{"perspective", ""}, "choose one"},
		"invented perspective": {[]string{"perspective", "mayor"}, "choose one"},
		"nothing to learn":     {[]string{"learn", "  "}, "fill in"},
		"nothing to bring":     {[]string{"bring", ""}, "fill in"},
		"a novel":              {[]string{"learn", strings.Repeat("ω", 1001)}, "at most 1000 characters"},
		"invented rhythm":      {[]string{"meets", "daily"}, "choose one"},
		"nine competences":     {[]string{"competences", "a,b,c,d,e,f,g,h,i"}, "at most 8"},
		"a long competence":    {[]string{"competences", strings.Repeat("x", 81)}, "at most 80 characters"},
		"charter not agreed":   {[]string{"agreed", ""}, "agree to it"},
		"an older charter":     {[]string{"charter", "0"}, "agree to it"},
		"broken UTF-8":         {[]string{"learn", "shade \xff"}, "broken"},
		"a NUL byte":           {[]string{"competences", "shade\x00"}, "broken"},
	}
	d := newTown(t)
	nora := d.Person("Nora")
	for name, c := range cases {
		got := d.Post(nora, "/c/basel/join", commitment(append([]string{"bring", `<script>alert("maps")</script>`}, c.change...)...))
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), c.says) {
			t.Errorf("%s: got %d without %q", name, got.Code, c.says)
		}
		if strings.Contains(got.Body.String(), "<script>alert") || name != "nothing to bring" && !strings.Contains(got.Body.String(), "&lt;script&gt;alert") {
			t.Errorf("%s: what was typed does not stand there as text", name)
		}
	}
	var rows int
	if d.Row(&rows, `select count(*) from membership`); rows != 0 {
		t.Errorf("got %d memberships, want none", rows)
	}
}
