package community_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/mail"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

var basels = map[locale.Lang]string{"en": "Basel", "de": "Basel", "fr": "Bâle", "el": "Βασιλεία"}

func (p *programme) sending(text string, again ...string) community.Sending {
	p.t.Helper()
	to, err := community.ReadAddresses(text, "addresses")
	if err != nil {
		p.t.Fatal(err)
	}
	return community.Sending{Request: uuid.New(), To: to, Again: again, Lang: locale.German}
}

func (p *programme) invite(who person, slug string, n community.Sending) (int, error) {
	p.t.Helper()
	return p.store.Invite(context.Background(), p.seat(who, slug), p.accounts, who.Account, basels, n)
}

// letters are kind, addressee, language and the names in the letters that wait.
func (p *programme) letters() (all []string) {
	p.t.Helper()
	type row struct{ Text string }
	rows, err := postgres.All[row](context.Background(), p.db, `select concat_ws(' ', args->'Letter'->>'kind', args->'Letter'->>'email', args->'Letter'->>'lang', args->'Letter'->>'name', args->'Letter'->'words'->>'community') as text from river_job where kind = 'letter' order by id`)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, r := range rows {
		all = append(all, r.Text)
	}
	return all
}

// deliver writes the letters that wait and returns the links in them by address.
func (p *programme) deliver() map[string]string {
	p.t.Helper()
	links := map[string]string{}
	w := account.Writer{Store: p.accounts, Send: func(context.Context, mail.Message) error { return nil },
		Compose: func(_ context.Context, w account.Written) (mail.Message, error) {
			links[w.To] = strings.TrimPrefix(w.Path, "/sign-in/")
			return mail.Message{}, nil
		}}
	type row struct{ Letter account.Letter }
	rows, err := postgres.All[row](context.Background(), p.db, `delete from river_job where kind = 'letter' returning args->'Letter' as letter`)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Deliver(context.Background(), r.Letter); err != nil {
			p.t.Fatal(err)
		}
	}
	return links
}

func TestCoordinatorInvitesAListAndTheSameFormTwiceInvitesOnce(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "request")
	cora := p.member("cora", basel, "coordinator", community.Stakeholder)
	p.member("mia", basel, "member", community.Scientist)
	p.person("known-elsewhere")
	n := p.sending("Ada Example,ada@example.org,fr\nMIA@example.org\nbroken\nknown-elsewhere@example.org")
	n.Note = "Come and see."
	for i, want := range []int{2, 0} {
		if sent, err := p.invite(cora, "basel", n); err != nil || sent != want {
			t.Fatalf("time %d: got %d letters, %v; want %d", i+1, sent, err, want)
		}
	}
	want := []string{"invitation-note ada@example.org fr Ada Example Bâle", "invitation-note known-elsewhere@example.org de Basel"}
	if diff := cmp.Diff(want, p.letters()); diff != "" {
		t.Error(diff)
	}
	all, more, err := p.store.Invitations(context.Background(), p.seat(cora, "basel"), 0)
	if err != nil || more || len(all) != 2 || all[1].Email != "ada@example.org" || all[1].By != "cora" || all[1].Sent != 1 {
		t.Errorf("got %+v, %v, %v", all, more, err)
	}
}

func TestWhetherThereIsAnAccountBehindAnAddressIsNotTold(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel, crete := p.found("basel", "public", "request"), p.found("crete", "private", "invitation")
	cora := p.member("cora", basel, "coordinator", community.Stakeholder)
	p.member("mia", basel, "member", community.Scientist)
	p.member("eleni", crete, "member", community.Stakeholder)
	p.person("nobody-yet")
	n := p.sending("mia@example.org, eleni@example.org, nobody-yet@example.org, stranger@example.org")
	got, err := p.store.Recognise(context.Background(), p.seat(cora, "basel"), n.To)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]community.Known{"mia@example.org": {Member: true}, "eleni@example.org": {}, "nobody-yet@example.org": {}, "stranger@example.org": {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhoWasInvitedBeforeIsInvitedAgainOnlyWhenNamed(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("basel", "public", "request"), "coordinator", community.Stakeholder)
	if _, err := p.invite(cora, "basel", p.sending("Ada <ada@example.org>")); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(30 * time.Minute)
	if _, err := p.invite(cora, "basel", p.sending("ADA@example.org")); len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Key != "nobody-to-invite" {
		t.Errorf("got %v, want nobody to invite", err)
	}
	if sent, err := p.invite(cora, "basel", p.sending("ADA@example.org", "ada@example.org")); err != nil || sent != 1 {
		t.Errorf("got %d, %v; want one more letter", sent, err)
	}
	seat := p.seat(cora, "basel")
	all, _, err := p.store.Invitations(context.Background(), seat, 0)
	if err != nil || len(all) != 1 || all[0].Sent != 2 || all[0].Name != "Ada" || !all[0].At.Equal(p.now) {
		t.Fatalf("got %+v, %v; want one invitation with two letters, the name kept", all, err)
	}
	request := uuid.New()
	for range 2 {
		if err := p.store.InviteAgain(context.Background(), seat, p.accounts, cora.Account, basels, all[0].ID, request); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(p.letters()); n != 3 {
		t.Errorf("got %d letters, want 3", n)
	}
	if all[0].Expired(p.now.Add(13*24*time.Hour)) || !all[0].Expired(p.now.Add(14*24*time.Hour)) {
		t.Error("an invitation lasts 14 days")
	}
}

func TestAWithdrawnInvitationLeadsNowhere(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("quarry", "private", "invitation"), "coordinator", community.Stakeholder)
	ctx, seat := context.Background(), p.seat(cora, "quarry")
	withdraw := func(email string) {
		t.Helper()
		var id community.InvitationID
		p.row(&id, `select id from invitation where email_key = $1`, email)
		for range 2 { // a second click changes nothing
			if err := p.store.Withdraw(ctx, seat, p.accounts, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := p.invite(cora, "quarry", p.sending("waits@example.org, mailed@example.org, used@example.org")); err != nil {
		t.Fatal(err)
	}
	withdraw("waits@example.org")
	if diff := cmp.Diff([]string{"invitation mailed@example.org de Basel", "invitation used@example.org de Basel"}, p.letters()); diff != "" {
		t.Errorf("a letter that was not written yet: %s", diff)
	}
	links := p.deliver()
	withdraw("mailed@example.org")
	if _, err := p.accounts.Use(ctx, links["mailed@example.org"], "Mal", locale.German); !errors.Is(err, fault.Gone) {
		t.Errorf("a link in a mail: got %v, want gone", err)
	}
	who, err := p.accounts.Use(ctx, links["used@example.org"], "Ute", locale.German)
	if err != nil {
		t.Fatal(err)
	}
	p.do(`insert into account_session (token_hash, account_id, data, expires_at) values ('ute', $1, '', $2)`, who.Account, p.now.Add(time.Hour))
	ute := person{account.Account{ID: who.Account, Name: "ute"}}
	invited := p.seat(ute, "quarry")
	if !invited.Invited || invited.MaySee() != nil {
		t.Fatal("who used the link is not invited")
	}
	withdraw("used@example.org")
	if p.seat(ute, "quarry").Invited {
		t.Error("a link that was used: still invited")
	}
	if _, err := p.store.Join(ctx, invited, ute.Account, commitment()); !errors.Is(err, fault.Forbidden) {
		t.Errorf("join with a withdrawn invitation: got %v, want forbidden", err)
	}
	if all, _, _ := p.store.Invitations(ctx, seat, 0); len(all) != 0 {
		t.Errorf("got %+v, want no open invitations", all)
	}
}

func TestAnInvitationIsAcceptedByJoiningAndCannotBeWithdrawnThen(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("quarry", "private", "invitation"), "coordinator", community.Stakeholder)
	if _, err := p.invite(cora, "quarry", p.sending("nora@example.org")); err != nil {
		t.Fatal(err)
	}
	ctx, nora := context.Background(), p.person("nora")
	if _, err := p.accounts.Use(ctx, p.deliver()["nora@example.org"], "", locale.German); err != nil {
		t.Fatal(err)
	}
	if state, err := p.store.Join(ctx, p.seat(nora, "quarry"), nora.Account, commitment()); err != nil || state != "member" {
		t.Fatalf("got %q, %v", state, err)
	}
	seat := p.seat(cora, "quarry")
	all, _, err := p.store.Invitations(ctx, seat, 0)
	if err != nil || len(all) != 1 || all[0].AcceptedAt == nil || all[0].Number == nil || *all[0].Number != 2 {
		t.Fatalf("got %+v, %v; want it accepted by member 2", all, err)
	}
	if err := p.store.Withdraw(ctx, seat, p.accounts, all[0].ID); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
	if err := p.store.InviteAgain(ctx, seat, p.accounts, cora.Account, basels, all[0].ID, uuid.New()); !errors.Is(err, fault.NotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestMoreThanADaysInvitationsAreRefusedWholeAndDoNotCount(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.New(t))
	cora := p.member("cora", p.found("basel", "public", "request"), "coordinator", community.Stakeholder)
	list := func(from, to int) string {
		var text strings.Builder
		for i := from; i < to; i++ {
			fmt.Fprintf(&text, "a%d@example.org\n", i)
		}
		return text.String()
	}
	if _, err := p.invite(cora, "basel", p.sending(list(0, 201))); len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Key != "too-many-today" {
		t.Fatalf("201: got %v, want too many today", err)
	}
	var stored int
	if p.row(&stored, `select (select count(*) from invitation) + (select count(*) from river_job) + (select count(*) from request) + (select count(*) from rate_limit)`); stored != 0 {
		t.Errorf("%d rows were kept of a refused sending", stored)
	}
	if sent, err := p.invite(cora, "basel", p.sending(list(0, 200))); err != nil || sent != 200 {
		t.Errorf("200 on the same day: got %d, %v", sent, err)
	}
	if err := p.accounts.Sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.invite(cora, "basel", p.sending(list(200, 201))); len(fault.Problems(err)) != 1 {
		t.Errorf("one more: got %v, want too many today", err)
	}
}

func TestOnlyWhoMayInviteSeesOrSendsInvitations(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel, crete := p.found("basel", "public", "request"), p.found("crete", "public", "request")
	cora, mia := p.member("cora", basel, "coordinator", community.Stakeholder), p.member("mia", basel, "member", community.Stakeholder)
	eva := p.member("eva", crete, "coordinator", community.Stakeholder)
	if _, err := p.invite(cora, "basel", p.sending("ada@example.org")); err != nil {
		t.Fatal(err)
	}
	var id community.InvitationID
	p.row(&id, `select id from invitation`)
	ctx := context.Background()
	for _, who := range []person{mia, eva} {
		seat := p.seat(who, "basel")
		_, sending := p.invite(who, "basel", p.sending("eve@example.org"))
		_, _, listing := p.store.Invitations(ctx, seat, 0)
		_, recognising := p.store.Recognise(ctx, seat, nil)
		for act, err := range map[string]error{"send": sending, "list": listing, "recognise": recognising, "withdraw": p.store.Withdraw(ctx, seat, p.accounts, id)} {
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s by %s: got %v, want forbidden", act, who.Name, err)
			}
		}
	}
	if err := p.store.Withdraw(ctx, p.seat(eva, "crete"), p.accounts, id); !errors.Is(err, fault.NotFound) {
		t.Errorf("withdraw another community's: got %v, want not found", err)
	}
}

func TestInvitationsAreForgottenAfterAYear(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	cora := p.member("cora", p.found("basel", "public", "request"), "coordinator", community.Stakeholder)
	if _, err := p.invite(cora, "basel", p.sending("old@example.org, withdrawn@example.org, young@example.org")); err != nil {
		t.Fatal(err)
	}
	p.do(`update invitation set at = $1 where email_key <> 'young@example.org'`, p.now.AddDate(-1, 0, -1))
	p.do(`update invitation set withdrawn_at = $1 where email_key = 'withdrawn@example.org'`, p.now.AddDate(0, -6, 0))
	if err := p.store.ForgetInvitations(context.Background()); err != nil {
		t.Fatal(err)
	}
	var left string
	if p.row(&left, `select string_agg(email_key, ' ' order by email_key) from invitation`); left != "withdrawn@example.org young@example.org" {
		t.Errorf("got %q left, want the withdrawn and the young one", left)
	}
}
