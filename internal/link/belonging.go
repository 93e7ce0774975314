package link

import "fmt"

// People is who knows what in all communities of the reader.
const People = "/people"

// Invitation is an act on one invitation: "again" or "withdraw".
func Invitation(slug string, id int64, act string) string {
	return fmt.Sprintf("%s/invitations/%d/%s", Members(slug), id, act)
}

// Renewals lists commitments that lapse.
func Renewals(slug string) string { return Members(slug) + "/renewals" }

// Renew says that a commitment is still true.
func Renew(slug string) string { return Community(slug) + "/renew" }

// Newcomers lists members whom nobody greeted yet.
func Newcomers(slug string) string { return Members(slug) + "/newcomers" }

// Greet welcomes one of them.
func Greet(slug string, number int) string { return Member(slug, number) + "/greet" }

// Role names a coordinator, or ends a coordination.
func Role(slug string, number int) string { return Member(slug, number) + "/role" }

// Charter lists the versions of the charter.
func Charter(slug string) string { return About(slug) + "/charter" }

// Agree to the charter.
func Agree(slug string) string { return Charter(slug) + "/agree" }

// Handover is what the next coordinator needs to know.
func Handover(slug string) string { return Community(slug) + "/handover" }

// EditHandover changes it.
func EditHandover(slug string) string { return Handover(slug) + "/edit" }

// HandoverHistory tells its earlier states.
func HandoverHistory(slug string) string { return Handover(slug) + "/history" }

// Reach lists the organisations that a community wants to reach.
func Reach(slug string) string { return Community(slug) + "/reach" }

// AddReach puts one more on the list.
func AddReach(slug string) string { return Reach(slug) + "/new" }

// ReachOne is one of them.
func ReachOne(slug string, id int64) string { return fmt.Sprintf("%s/%d", Reach(slug), id) }

// ReachAct is an act on one of them: "move" or "remove".
func ReachAct(slug string, id int64, act string) string { return ReachOne(slug, id) + "/" + act }
