package community_test

import (
	"errors"
	"testing"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
)

func TestTheTableOfPermissionsIsTheOneOfTheDesign(t *testing.T) {
	t.Parallel()
	const visitor, elsewhere, member, scientist, coordinator, administrator = 0, 1, 2, 3, 4, 5
	table := map[community.Permission][]int{
		community.Reply:          {member, scientist, coordinator},
		community.ReplyProgramme: {elsewhere, member, scientist, coordinator},
		community.Discuss:        {member, scientist, coordinator},
		community.Thank:          {member, scientist, coordinator},
		community.WriteEntry:     {member, scientist, coordinator},
		community.Announce:       {coordinator},
		community.Admit:          {coordinator, administrator},
		community.Invite:         {coordinator, administrator},
		community.EditAbout:      {coordinator, administrator},
		community.Found:          {administrator},
		community.Report:         {member, scientist, coordinator},
		community.Moderate:       {coordinator, administrator},
		community.Move:           {coordinator, administrator},
	}
	seats := []community.Seat{{Standing: community.Visitor}, {Standing: community.Elsewhere}, {Standing: community.Member}, {Standing: community.ScientificMember},
		{Standing: community.Coordinator}, {Standing: community.Visitor, Administers: true}}
	for permission, allowed := range table {
		may := map[int]bool{}
		for _, who := range allowed {
			may[who] = true
		}
		for who, seat := range seats {
			if got := seat.Can(permission); got != may[who] {
				t.Errorf("%s in column %d: got %v, want %v", permission, who, got, may[who])
			}
			seat.Private = true
			err := seat.Must(permission)
			switch inside := who >= member; {
			case may[who] && err != nil:
				t.Errorf("%s in column %d: got %v, want leave to do it", permission, who, err)
			case !may[who] && inside && !errors.Is(err, fault.Forbidden):
				t.Errorf("%s in column %d: got %v, want forbidden", permission, who, err)
			case !may[who] && !inside && !errors.Is(err, fault.NotFound):
				t.Errorf("%s in column %d of a private community: got %v, want not found", permission, who, err)
			}
		}
	}
}

func TestAnAdministratorWhoIsAMemberKeepsBothRights(t *testing.T) {
	t.Parallel()
	seat := community.Seat{Standing: community.Member, Administers: true}
	if !seat.Can(community.Discuss) || !seat.Can(community.Admit) || seat.Can(community.Announce) {
		t.Error("want the rights of a member and of an administrator, and no more")
	}
}
