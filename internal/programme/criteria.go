package programme

// category of criteria, in the order of the list.
type category struct {
	at        place
	Key       string         `json:"key" is:"some,slug,max=40"`
	RetiredAt Moment         `json:"retired_at,omitzero"`
	En        *categoryWords `json:"en,omitempty"`
	De        *categoryWords `json:"de,omitempty"`
	Fr        *categoryWords `json:"fr,omitempty"`
	El        *categoryWords `json:"el,omitempty"`
}

type categoryWords struct {
	Name string `json:"name" is:"some,max=80"`
	Hint string `json:"hint,omitempty" is:"max=300"`
}

// in is the place of the words in a language.
func (c *category) in(lang string) **categoryWords {
	return map[string]**categoryWords{"en": &c.En, "de": &c.De, "fr": &c.Fr, "el": &c.El}[lang]
}

// need is a criterion: its title is the statement, its text why it matters.
type need struct {
	thing
	State        string     `json:"state" is:"of=raised|agreed|parked|declined|merged"`
	StateAt      Moment     `json:"state_at"`
	Category     string     `json:"category,omitempty"`
	Measure      string     `json:"measure,omitempty" is:"max=200"`
	Comparator   string     `json:"comparator,omitempty" is:"of=at-most|below|equals|at-least|above|between"`
	Target       *float64   `json:"target,omitempty"`
	TargetTo     *float64   `json:"target_to,omitempty"`
	Unit         string     `json:"unit,omitempty" is:"max=40"`
	AgreedOn     Day        `json:"agreed_on,omitzero"`
	AgreedAt     string     `json:"agreed_at,omitempty" is:"item"`
	MergedInto   string     `json:"merged_into,omitempty" is:"item"`
	FulfilmentAt Moment     `json:"fulfilment_at,omitzero"`
	Products     []string   `json:"products,omitempty" is:"item"`
	Numbered     int        `json:"numbered,omitempty" is:"from=1"` // sources, where more were numbered than stand
	Sources      []askedFor `json:"sources,omitempty"`
	Steps        []step     `json:"steps,omitempty"`
	Ratings      []rating   `json:"ratings,omitempty"`
}

// askedFor is a source of a criterion: where it comes from, and who asked.
type askedFor struct {
	Number           int    `json:"n" is:"from=1"`
	Form             string `json:"form" is:"of=meeting|discussion|document|person"`
	Item             string `json:"item,omitempty" is:"item"`
	Point            int    `json:"point,omitempty" is:"from=1"`
	Part             string `json:"part,omitempty" is:"max=40"`
	Document         string `json:"document,omitempty" is:"max=300"`
	URL              string `json:"url,omitempty" is:"max=1000"`
	Words            string `json:"words,omitempty" is:"max=2000"`
	Lang             string `json:"lang" is:"lang"`
	Speaker          string `json:"speaker,omitempty" is:"person"`
	SpeakerName      string `json:"speaker_name,omitempty" is:"max=120"`
	Perspective      string `json:"perspective,omitempty" is:"of=stakeholder|scientist"`
	Organisation     string `json:"organisation,omitempty" is:"max=160"`
	SaidOn           Day    `json:"said_on,omitzero"`
	Released         bool   `json:"released,omitempty"`
	Answer           string `json:"answer,omitempty" is:"of=confirmed|corrected|denied"`
	AnsweredAt       Moment `json:"answered_at,omitzero"`
	AnsweredRevision int    `json:"answered_revision,omitempty" is:"from=1"`
	KeptFrom         string `json:"kept_from,omitempty" is:"item"`
	By               string `json:"by,omitempty" is:"person"`
	At               Moment `json:"at"`
}

// step in the life of a criterion.
type step struct {
	Step    string `json:"step" is:"of=raised|agreed|parked|declined|merged|reopened"`
	Reason  string `json:"reason,omitempty" is:"max=500"`
	OnDay   Day    `json:"on_day,omitzero"`
	Meeting string `json:"meeting,omitempty" is:"item"`
	Into    string `json:"into,omitempty" is:"item"`
	By      string `json:"by,omitempty" is:"person"`
	At      Moment `json:"at"`
}

// rating by one member, or by somebody who has left for good.
type rating struct {
	Person      string `json:"person,omitempty" is:"person"`
	Round       string `json:"round,omitempty" is:"item"`
	Perspective string `json:"perspective" is:"of=stakeholder|scientist"`
	Value       int    `json:"value" is:"from=1"`
	Reason      string `json:"reason,omitempty" is:"max=500"`
	Lang        string `json:"lang" is:"lang"`
	At          Moment `json:"at"`
	ChangedAt   Moment `json:"changed_at,omitzero"`
}

// claim that a release satisfies the criterion above it; its text is the evidence.
type claim struct {
	thing
	Release      string      `json:"release" is:"some,item"`
	Extent       string      `json:"extent" is:"of=fully|partly"`
	Limits       string      `json:"limits,omitempty" is:"max=5000"`
	Measured     *float64    `json:"measured,omitempty"`
	MeasuredUnit string      `json:"measured_unit,omitempty" is:"max=40"`
	State        string      `json:"state" is:"of=open|accepted|partly|not|silent|withdrawn"`
	Edition      int         `json:"edition,omitempty" is:"from=1"`
	AnswerBy     until       `json:"answer_by"`
	SettledAt    Moment      `json:"settled_at,omitzero"`
	Reopenings   []reopening `json:"reopenings,omitempty"`
	Verdicts     []verdict   `json:"verdicts,omitempty"`
}

// until is a moment that may lie ahead of everything that has happened; it moves with it.
type until struct{ Moment }

type reopening struct {
	Edition int    `json:"edition" is:"from=2"`
	Reason  string `json:"reason" is:"some,max=500"`
	By      string `json:"by,omitempty" is:"person"`
	At      Moment `json:"at"`
}

// verdict of one of those who asked, of somebody who has left for good, or of the community.
type verdict struct {
	Edition      int    `json:"edition,omitempty" is:"from=1"`
	Person       string `json:"person,omitempty" is:"person"`
	Community    bool   `json:"community,omitempty"`
	Answer       string `json:"answer" is:"of=accepted|partly|not|silent"`
	Reason       string `json:"reason,omitempty" is:"max=2000"`
	Lang         string `json:"lang" is:"lang"`
	Perspective  string `json:"perspective,omitempty" is:"of=stakeholder|scientist"`
	Organisation string `json:"organisation,omitempty" is:"max=160"`
	By           string `json:"by,omitempty" is:"person"`
	At           Moment `json:"at"`
}

// endProduct of the programme; its releases stand below it.
type endProduct struct {
	thing
	Slug    string  `json:"slug" is:"slug"`
	Form    string  `json:"form" is:"of=map|data-set|tool|model|method|report"`
	State   string  `json:"state" is:"of=idea|in-work|available|retired"`
	Summary string  `json:"summary,omitempty" is:"max=500"`
	Makers  []maker `json:"makers,omitempty"`
}

type maker struct {
	Person  string `json:"person,omitempty" is:"person"`
	Name    string `json:"name,omitempty" is:"max=160"`
	Since   Moment `json:"since,omitzero"`
	EndedAt Moment `json:"ended_at,omitzero"`
}

// release of a product; its title is the version.
type release struct {
	thing
	Slug        string       `json:"slug" is:"slug"`
	State       string       `json:"state" is:"of=planned|published|withdrawn"`
	DueOn       due          `json:"due_on,omitzero"`
	PublishedOn Day          `json:"published_on,omitzero"`
	Limits      string       `json:"limits,omitempty" is:"max=5000"`
	Places      []releasedAt `json:"places,omitempty"`
}

// releasedAt is where a release is to be had.
type releasedAt struct {
	Label string `json:"label" is:"some,max=120"`
	URL   string `json:"url" is:"some,max=1000"`
}
