package community_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func (p *programme) knows(who person, in community.ID, names ...string) {
	p.t.Helper()
	for n, name := range names {
		p.do(`insert into competence (community_id, account_id, position, name) values ($1, $2, $3, $4)`, in, who.ID, n+1, name)
	}
}

// named is a person as the session of that name tells; nobody when it is empty.
func named(name string) person { return person{account.Account{Name: name}} }

func knowledge(all []community.Competence) (lines []string) {
	for _, c := range all {
		var people []string
		for _, k := range c.People {
			people = append(people, k.Name)
		}
		lines = append(lines, fmt.Sprintf("%s %d: %s", c.Name, c.Count, strings.Join(people, " ")))
	}
	return lines
}

func TestWhoKnowsWhatGathersSpellingsAndPlurals(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel := p.found("basel", "public", "open")
	ann, ben, cem := p.member("ann", basel, "member", community.Stakeholder), p.member("ben", basel, "member", community.Scientist), p.member("cem", basel, "member", community.Scientist)
	p.knows(ann, basel, "Heat map", "Télédétection", "Stadtklima")
	p.knows(ben, basel, "heat maps", "teledetection", "Θερμότητα")
	p.knows(cem, basel, "Heat  Maps", "gas", "Heat map", "θερμοτητα")
	for name, c := range map[string]struct {
		filter community.CompetenceFilter
		want   []string
	}{
		"all":            {community.CompetenceFilter{}, []string{"gas 1: cem", "Heat map 3: ann ben cem", "Stadtklima 1: ann", "Télédétection 2: ann ben", "Θερμότητα 2: ben cem"}},
		"scientists":     {community.CompetenceFilter{Perspective: "scientist"}, []string{"gas 1: cem", "Heat map 2: ben cem", "teledetection 1: ben", "Θερμότητα 2: ben cem"}},
		"words":          {community.CompetenceFilter{Words: "ELED"}, []string{"Télédétection 2: ann ben"}},
		"signs are text": {community.CompetenceFilter{Words: "%_"}, nil},
		"from a key on":  {community.CompetenceFilter{After: "stadtklima"}, []string{"Télédétection 2: ann ben", "Θερμότητα 2: ben cem"}},
	} {
		got, more, err := p.store.Competences(context.Background(), p.seat(ann, "basel"), c.filter)
		if err != nil || more {
			t.Errorf("%s: %v, %v", name, more, err)
		}
		lines := knowledge(got)
		for i := range lines { // of two spellings used equally often either may stand for both
			lines[i] = strings.NewReplacer("heat maps 2", "Heat map 2", "Heat  Maps 2", "Heat map 2", "teledetection 2", "Télédétection 2", "θερμοτητα", "Θερμότητα", "heat maps 3", "Heat map 3", "Heat  Maps 3", "Heat map 3").Replace(lines[i])
		}
		if diff := cmp.Diff(c.want, lines); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhoKnowsWhatCountsOnlyWhomTheReaderMaySee(t *testing.T) {
	t.Parallel()
	p := newProgramme(t, testdb.Tx(t))
	basel, crete, quarry := p.found("basel", "public", "open"), p.found("crete", "public", "open"), p.found("quarry", "private", "invitation")
	open, programme, inside := p.member("open", basel, "member", community.Stakeholder), p.member("programme", basel, "member", community.Stakeholder), p.member("inside", basel, "member", community.Stakeholder)
	for i, who := range []person{open, programme, inside} {
		p.do(`update account set profile_for = $2 where id = $1`, who.ID, i)
		p.knows(who, basel, "trees")
	}
	p.member("eva", crete, "member", community.Stakeholder)
	quin := p.member("quin", quarry, "member", community.Stakeholder)
	p.do(`update account set profile_for = 0 where id = $1`, quin.ID)
	p.knows(quin, quarry, "trees")
	ctx := context.Background()
	for name, want := range map[string][]string{"": {"trees 1: open"}, "eva": {"trees 2: open programme"}, "open": {"trees 3: inside open programme"}} {
		got, _, err := p.store.Competences(ctx, p.seat(named(name), "basel"), community.CompetenceFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, knowledge(got)); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
	for name, want := range map[string][]string{"eva": nil, "open": {"trees 3: inside open programme"}, "quin": {"trees 1: quin"}} {
		got, _, err := p.store.CompetencesAround(ctx, p.seat(named(name), "basel").Reach, community.CompetenceFilter{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, knowledge(got)); diff != "" {
			t.Errorf("around %q: %s", name, diff)
		}
	}
	// somebody in two communities counts once
	p.do(`update community set members = members + 1, last_member = last_member + 1 where id = $1`, crete)
	p.do(`insert into membership (community_id, account_id, number, state, perspective, asked_at, since) select $1, $2, last_member, 'member', 'stakeholder', $3, $3 from community where id = $1`, crete, open.ID, p.now)
	p.knows(open, crete, "Trees")
	got, _, err := p.store.CompetencesAround(ctx, p.seat(open, "basel").Reach, community.CompetenceFilter{})
	if err != nil || len(got) != 1 || got[0].Count != 3 {
		t.Errorf("got %+v, %v; want three people", knowledge(got), err)
	}
}
