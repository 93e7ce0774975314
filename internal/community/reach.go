package community

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/account"
)

// Reach is what an account may see in which community, worked out once per request.
type Reach struct {
	Me          account.ID
	Mine        []int64 // communities that the account belongs to
	Coordinated []int64 // those of them that it coordinates
	Everywhere  bool    // an administrator reads all but drafts
	NoProducts  bool    // the programme makes no end products: what speaks of them is kept, and not shown
}

// Visible is the only condition that says which items a reader may see; it speaks of item i and of Reach.Args.
const Visible = `(i.audience = 0
	or (i.audience = 1 and @signed)
	or (i.audience = 2 and (i.community_id = any(@mine) or @everywhere))
	or (i.audience = 3 and (i.community_id = any(@coordinated) or i.author_id = @me
		and (i.community_id = any(@mine) or (select o.visibility = 'public' from community o where o.id = i.community_id))
		or i.kind = 'entry' and i.community_id = any(@mine) and exists (select from entry_author w where w.entry_id = i.id and w.account_id = @me))))`

// VisibleInIndex is Visible for a row i of the search index, which calls the item's id item_id.
var VisibleInIndex = strings.ReplaceAll(Visible, " i.id ", " i.item_id ")

// Offered holds for an item i of a kind that the programme works with; it needs Reach.Args.
const Offered = `(not @noproducts or i.kind not in ('criterion', 'claim', 'product', 'release'))`

// Args are the named arguments of Visible, together with those given.
func (r Reach) Args(more pgx.NamedArgs) pgx.NamedArgs {
	args := pgx.NamedArgs{"me": r.Me, "mine": r.Mine, "coordinated": r.Coordinated, "signed": r.Signed(), "everywhere": r.Everywhere, "noproducts": r.NoProducts}
	for name, value := range more {
		args[name] = value
	}
	return args
}

// Signed reports whether the reader belongs to any community.
func (r Reach) Signed() bool { return len(r.Mine) > 0 || r.Everywhere }
