package practice_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/item"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/practice"
)

// belonging is a seat whose account is a member in the database too, under a name.
func (d *town) belonging(standing community.Standing, name string) community.Seat {
	d.t.Helper()
	seat := d.seat(standing)
	if _, err := d.tx.Exec(d.t.Context(), `with named as (update account set name = $2 where id = $1)
		insert into membership (community_id, account_id, number, role, perspective, state, asked_at, since, renewed_at) select $3, $1, coalesce(max(number), 0) + 1, 'member', 'scientist', 'member', now(), now(), now() from membership where community_id = $3`, seat.Account, name, d.id); err != nil {
		d.t.Fatal(err)
	}
	return seat
}

func (d *town) begun(seat community.Seat, t practice.Text) int {
	d.t.Helper()
	if t.Lang == "" {
		t.Lang = locale.English
	}
	made, err := d.store.Begin(d.t.Context(), seat, practice.New{Text: t, Request: uuid.New()})
	if err != nil {
		d.t.Fatal(err)
	}
	return made.Number
}

func TestWhoWritesTogetherReadsTheDraftAndEditsIt(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author, other, member := d.belonging(community.Member, "Ada Weber"), d.belonging(community.Member, "Bo Keller"), d.belonging(community.Member, "Cleo Marti")
	n := d.begun(author, practice.Text{Form: practice.Case, Title: "Awnings", Fields: practice.Fields{"done": "Forty cloths."}, Audience: item.Draft})
	edit := practice.Edit{Revision: 1, Text: practice.Text{Form: practice.Case, Title: "Awnings over the square", Lang: locale.English, Fields: practice.Fields{"done": "Forty cloths."}, Audience: item.Draft}}
	reads := func(seat community.Seat) bool {
		t.Helper()
		w, err := d.store.Read(t.Context(), seat, n)
		if err != nil && !errors.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		page, listed := d.store.Library(t.Context(), seat.Reach, practice.LibraryFilter{In: seat.Community, Drafts: true, Bare: true})
		if listed != nil || (len(page.Rows) == 1) != (err == nil) {
			t.Errorf("listed %d, %v; read %v", len(page.Rows), listed, err)
		}
		return err == nil && w.Title != ""
	}
	if reads(other) || !errors.Is(d.store.AddAuthor(t.Context(), other, n, practice.Named{Name: "Bo Keller"}), fault.NotFound) {
		t.Error("a member read the draft of somebody else, or wrote themselves into it")
	}
	for range 2 { // a second time changes nothing
		if err := d.store.AddAuthor(t.Context(), author, n, practice.Named{Name: " bo  keller"}); err != nil {
			t.Fatal(err)
		}
	}
	if !reads(other) || reads(member) {
		t.Errorf("the co-author reads: %v; another member: %v", reads(other), reads(member))
	}
	var told int
	if err := d.tx.QueryRow(t.Context(), `select count(*) from activity where verb = 'entry.co-author' and concerned = array[$1::bigint]`, other.Account).Scan(&told); err != nil || told != 1 {
		t.Errorf("told %d times, %v", told, err)
	}
	if err := d.store.Revise(t.Context(), other, n, edit); err != nil {
		t.Errorf("the co-author edits: %v", err)
	}
	for act, err := range map[string]error{"adds": d.store.AddAuthor(t.Context(), other, n, practice.Named{Name: "Cleo Marti"}), "removes": d.store.Remove(t.Context(), other, n), "thanks": d.store.Thank(t.Context(), other, n, true)} {
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("the co-author %s: %v", act, err)
		}
	}
	gone := other
	gone.Reach.Mine = []int64{}
	if reads(gone) {
		t.Error("who left the community reads the draft still")
	}
	a, err := d.store.Authorship(t.Context(), other, n)
	if err != nil || len(a.CoAuthors) != 1 || a.CoAuthors[0].Name != "Bo Keller" || a.CoAuthors[0].Perspective != community.Scientist || a.Own {
		t.Fatalf("authors: %+v, %v", a, err)
	}
	if err := d.store.DropAuthor(t.Context(), other, n, a.CoAuthors[0].ID); err != nil || reads(other) {
		t.Errorf("who took themselves away: %v, reads %v", err, reads(other))
	}
}

func TestAuthorsStandInTheOrderTheyAreGivenAndAreNotTooMany(t *testing.T) {
	t.Parallel()
	d := newTown(t, "public")
	author := d.belonging(community.Member, "Ada Weber")
	twin := d.belonging(community.Member, "Bo Keller")
	d.belonging(community.Member, "Bo Keller")
	n := d.begun(author, practice.Text{Form: practice.Method, Title: "Walks", Audience: item.Community})
	add := func(name string) error {
		return d.store.AddAuthor(t.Context(), author, n, practice.Named{Name: name, Organisation: "a parks office"})
	}
	for typed, problem := range map[string]string{"": "required", "Bo Keller": "two-of-that-name", "@nobody": "no-such-member", strings.Repeat("x", 121): "too-long"} {
		if got := fault.Problems(add(typed)); len(got) != 1 || got[0].Key != problem || got[0].Field != "name" {
			t.Errorf("%.20q: %+v, want %s", typed, got, problem)
		}
	}
	if err := add("Ada Weber"); err != nil {
		t.Errorf("the author again: %v", err)
	}
	for i := range 30 {
		err := add(fmt.Sprintf("Guest %02d", i))
		if got := fault.Problems(err); i < practice.MaxCoAuthors && err != nil || i >= practice.MaxCoAuthors && (len(got) != 1 || got[0].Key != "too-many") {
			t.Fatalf("guest %d: %v", i, err)
		}
	}
	names := func() (all []string, ids []int64) {
		a, err := d.store.Authorship(t.Context(), author, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range a.CoAuthors {
			if w.Organisation != "a parks office" || w.Account != 0 {
				t.Errorf("%+v", w)
			}
			all, ids = append(all, w.Name), append(ids, w.ID)
		}
		return all, ids
	}
	_, ids := names()
	for range 2 {
		if err := d.store.PlaceAuthor(t.Context(), author, n, ids[2], 1); err != nil {
			t.Fatal(err)
		}
	}
	if all, _ := names(); !slices.Equal(all[:4], []string{"Guest 02", "Guest 00", "Guest 01", "Guest 03"}) {
		t.Errorf("order: %v", all[:4])
	}
	for _, err := range []error{d.store.PlaceAuthor(t.Context(), author, n, ids[0], 9999), d.store.DropAuthor(t.Context(), author, n, ids[1]), d.store.DropAuthor(t.Context(), author, n, ids[1])} {
		if err != nil {
			t.Error(err)
		}
	}
	if all, _ := names(); len(all) != practice.MaxCoAuthors-1 || all[len(all)-1] != "Guest 00" || slices.Contains(all, "Guest 01") {
		t.Errorf("after: %v", all)
	}
	if err := d.store.PlaceAuthor(t.Context(), author, n, 999999, 1); !errors.Is(err, fault.NotFound) {
		t.Errorf("somebody who is none: %v", err)
	}
	if err := d.store.DropAuthor(t.Context(), twin, n, ids[3]); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by a member: %v", err)
	}
}
