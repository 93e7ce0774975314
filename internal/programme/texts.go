package programme

// thing is what everything has in common that a community makes.
type thing struct {
	Part      string     `json:"part" is:"of=discussion|reply|entry|meeting|decision|action|criterion|claim|product|release"`
	Number    int        `json:"number" is:"from=1"`
	Title     string     `json:"title,omitempty" is:"max=200"`
	Lang      string     `json:"lang" is:"lang"`
	Author    string     `json:"author,omitempty" is:"person"`
	Audience  string     `json:"audience,omitempty" is:"of=public|programme|community|draft"`
	Tags      []string   `json:"tags,omitempty"`
	CreatedAt Moment     `json:"created_at"`
	ActiveAt  Moment     `json:"active_at,omitzero"`
	Revision  int        `json:"revision,omitempty" is:"from=1"`
	UpdatedAt Moment     `json:"updated_at,omitzero"`
	UpdatedBy string     `json:"updated_by,omitempty" is:"person"`
	EditedAt  Moment     `json:"edited_at,omitzero"`
	Removed   *removal   `json:"removed,omitempty"`
	Mentions  []string   `json:"mentions,omitempty" is:"person"`
	Links     []linked   `json:"links,omitempty"`
	Thanks    []thanks   `json:"thanks,omitempty"`
	Files     []attached `json:"files,omitempty"`
}

func (i *thing) common() *thing { return i }

// detail is an item with what its kind adds.
type detail interface{ common() *thing }

type removal struct {
	At          Moment `json:"at"`
	By          string `json:"by,omitempty" is:"person"`
	Reason      string `json:"reason,omitempty" is:"max=500"`
	WithdrawnAt Moment `json:"withdrawn_at,omitzero"`
	HiddenAt    Moment `json:"hidden_at,omitzero"`
}

type linked struct {
	Relation string `json:"relation" is:"of=mentions|quotes|became|from|same-need|narrower|conflicts|supersedes|related|adapted|uses|addresses"`
	To       string `json:"to" is:"some,item"`
	FromPart string `json:"from_part,omitempty"`
	ToPart   string `json:"to_part,omitempty"`
	Quote    string `json:"quote,omitempty" is:"max=2000"`
	Released bool   `json:"released,omitempty"`
	By       string `json:"by,omitempty" is:"person"`
	At       Moment `json:"at"`
}

type thanks struct {
	By string `json:"by" is:"some,person"`
	At Moment `json:"at"`
}

type discussion struct {
	thing
	Form         string `json:"form" is:"of=conversation|announcement|help"`
	PinnedAt     Moment `json:"pinned_at,omitzero"`
	LockedAt     Moment `json:"locked_at,omitzero"`
	LockedReason string `json:"locked_reason,omitempty" is:"max=500"`
	Help         *help  `json:"help,omitempty"`
}

type help struct {
	State      string  `json:"state" is:"of=asked|offered|answered|closed"`
	StateAt    Moment  `json:"state_at"`
	Tried      string  `json:"tried,omitempty" is:"max=20000"`
	NeededBy   due     `json:"needed_by,omitzero"`
	Addressed  string  `json:"addressed,omitempty" is:"of=stakeholder|scientist"`
	Discreet   bool    `json:"discreet,omitempty"`
	AnsweredAt Moment  `json:"answered_at,omitzero"`
	Ending     string  `json:"ending,omitempty" is:"of=worked|nothing|not-needed"`
	Outcome    string  `json:"outcome,omitempty" is:"max=20000"`
	OutcomeAt  Moment  `json:"outcome_at,omitzero"`
	Offers     []offer `json:"offers,omitempty"`
	Helped     []int   `json:"helped,omitempty"`
}

// due is a day that lies ahead of its text and moves with it.
type due struct{ Day }

type offer struct {
	By   string `json:"by" is:"some,person"`
	Note string `json:"note,omitempty" is:"max=500"`
	At   Moment `json:"at"`
}

type reply struct {
	thing
	Answers *int `json:"answers,omitempty"`
}

// past is an earlier state of the text above it, the oldest first.
type past struct {
	Part     string `json:"part" is:"of=state"`
	Revision int    `json:"revision" is:"from=1"`
	Title    string `json:"title,omitempty" is:"max=200"`
	Lang     string `json:"lang" is:"lang"`
	Detail   string `json:"detail,omitempty" is:"max=1000"`
	By       string `json:"by,omitempty" is:"person"`
	At       Moment `json:"at"`
}

// piece is an item in a book.
type piece struct {
	at     place
	kind   string
	parent *piece
	Detail detail
	Body   string
	Past   []words[past]
	Parts  *parts // of a meeting
	ref    string
}

func (p *piece) common() *thing { return p.Detail.common() }
