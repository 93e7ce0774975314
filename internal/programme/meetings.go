package programme

// gathering is a meeting, with all that is short about it. What is longer stands below it as texts: parts.
type gathering struct {
	thing
	Form             string       `json:"form" is:"of=regular|workshop|site-visit|online|open-day"`
	State            string       `json:"state" is:"of=draft|finding|published|held|closed|called-off"`
	StateAt          Moment       `json:"state_at"`
	OpensTo          string       `json:"opens_to" is:"of=public|programme|community"`
	StartsAt         meets        `json:"starts_at,omitzero"`
	EndsAt           meets        `json:"ends_at,omitzero"`
	Zone             string       `json:"zone" is:"some"`
	Place            string       `json:"place,omitempty" is:"max=200"`
	Address          string       `json:"address,omitempty" is:"max=500"`
	MapURL           string       `json:"map_url,omitempty" is:"max=1000"`
	AccessNote       string       `json:"access_note,omitempty" is:"max=2000"`
	Online           bool         `json:"online,omitempty"`
	OnlineURL        string       `json:"online_url,omitempty" is:"max=1000"`
	Capacity         int          `json:"capacity,omitempty" is:"from=1"`
	AnswersUntil     meets        `json:"answers_until,omitzero"`
	UID              string       `json:"uid" is:"some"`
	Sequence         int          `json:"sequence,omitempty" is:"from=0"`
	Series           int          `json:"series,omitempty" is:"from=1"`
	CalledOffReason  string       `json:"called_off_reason,omitempty" is:"max=500"`
	PollUntil        meets        `json:"poll_until,omitzero"`
	PollClosedAt     Moment       `json:"poll_closed_at,omitzero"`
	MinutesState     string       `json:"minutes,omitempty" is:"of=draft|open|approved"`
	OpenedAt         Moment       `json:"opened_at,omitzero"`
	CorrectionsUntil due          `json:"corrections_until,omitzero"`
	ApprovedAt       Moment       `json:"approved_at,omitzero"`
	ApprovedBy       string       `json:"approved_by,omitempty" is:"person"`
	Roles            []duty       `json:"roles,omitempty"`
	Guests           []guest      `json:"guests,omitempty"`
	Options          []option     `json:"options,omitempty"`
	Voices           []voice      `json:"voices,omitempty"`
	Answers          []answer     `json:"answers,omitempty"`
	Attendance       []attendance `json:"attendance,omitempty"`
	Questions        []question   `json:"questions,omitempty"`
	Lines            []minuteLine `json:"lines,omitempty"`
	Corrections      []correction `json:"corrections,omitempty"`
}

// meets is a moment of a meeting: it moves with the programme by whole weeks, and stays when it was before the programme began.
type meets struct{ Moment }

type duty struct {
	Role   string `json:"role" is:"of=chair|notes|time"`
	Person string `json:"person" is:"some,person"`
}

// guest of one meeting, known to its other records by the place in the list, from 1.
type guest struct {
	Name         string `json:"name" is:"some,max=120"`
	Email        string `json:"email,omitempty" is:"max=254"`
	Organisation string `json:"organisation,omitempty" is:"max=160"`
	Perspective  string `json:"perspective,omitempty" is:"of=stakeholder|scientist"`
	Lang         string `json:"lang" is:"lang"`
	NoMail       bool   `json:"no_mail,omitempty"`
	By           string `json:"by,omitempty" is:"person"`
	At           Moment `json:"at"`
}

// option of a poll, known to the voices by the place in the list, from 1.
type option struct {
	StartsAt meets  `json:"starts_at"`
	EndsAt   meets  `json:"ends_at"`
	Place    string `json:"place,omitempty" is:"max=200"`
	Online   bool   `json:"online,omitempty"`
	Chosen   bool   `json:"chosen,omitempty"`
	At       Moment `json:"at"`
}

// attendee is an account or a guest.
type attendee struct {
	Person string `json:"person,omitempty" is:"person"`
	Guest  int    `json:"guest,omitempty" is:"from=0"`
}

type voice struct {
	attendee
	Note     string `json:"note,omitempty" is:"max=500"`
	At       Moment `json:"at"`
	Yes      []int  `json:"yes,omitempty"`
	IfNeedBe []int  `json:"if_need_be,omitempty"`
	No       []int  `json:"no,omitempty"`
}

type answer struct {
	attendee
	Answer string `json:"answer" is:"of=in-person|online|maybe|no"`
	Note   string `json:"note,omitempty" is:"max=500"`
	At     Moment `json:"at"`
}

type attendance struct {
	attendee
	Perspective  string `json:"perspective,omitempty" is:"of=stakeholder|scientist"`
	Organisation string `json:"organisation,omitempty" is:"max=160"`
	Way          string `json:"way" is:"of=in-person|online"`
	By           string `json:"by,omitempty" is:"person"`
	At           Moment `json:"at"`
}

type question struct {
	Point  int    `json:"point,omitempty" is:"from=1"`
	By     string `json:"by,omitempty" is:"person"`
	Text   string `json:"text" is:"some,max=2000"`
	Lang   string `json:"lang" is:"lang"`
	At     Moment `json:"at"`
	DoneAt Moment `json:"done_at,omitzero"`
}

type minuteLine struct {
	Number      int      `json:"n" is:"from=1"`
	Point       int      `json:"point,omitempty" is:"from=1"`
	Form        string   `json:"form" is:"of=said|decided|todo|criterion|parked"`
	Text        string   `json:"text" is:"some,max=2000"`
	Lang        string   `json:"lang" is:"lang"`
	Speaker     string   `json:"speaker,omitempty" is:"person"`
	SpeakerName string   `json:"speaker_name,omitempty" is:"max=120"`
	Why         string   `json:"why,omitempty" is:"max=5000"`
	Rejected    string   `json:"rejected,omitempty" is:"max=5000"`
	Due         due      `json:"due,omitzero"`
	ReviewOn    due      `json:"review_on,omitzero"`
	Owners      []string `json:"owners,omitempty" is:"person"`
	OwnerNames  string   `json:"owner_names,omitempty" is:"max=300"`
	Item        string   `json:"item,omitempty" is:"item"`
	Revision    int      `json:"revision" is:"from=1"`
	By          string   `json:"by,omitempty" is:"person"`
	At          Moment   `json:"at"`
	RemovedAt   Moment   `json:"removed_at,omitzero"`
}

type correction struct {
	Point     int    `json:"point,omitempty" is:"from=1"`
	By        string `json:"by,omitempty" is:"person"`
	Text      string `json:"text" is:"some,max=5000"`
	Lang      string `json:"lang" is:"lang"`
	At        Moment `json:"at"`
	State     string `json:"state" is:"of=open|taken|declined"`
	Answer    string `json:"answer,omitempty" is:"max=500"`
	SettledBy string `json:"settled_by,omitempty" is:"person"`
	SettledAt Moment `json:"settled_at,omitzero"`
}

// parts are the texts below a meeting.
type parts struct {
	Points  []words[point]
	Minutes []minutes
	Addenda []words[addendum]
}

// point of an agenda or of the backlog; other records know it by its number in its meeting, from 1 in the order in which points were made.
type point struct {
	Part        string `json:"part" is:"of=point"`
	Number      int    `json:"n" is:"from=1"`
	Position    int    `json:"position,omitempty" is:"from=1"`
	State       string `json:"state" is:"of=proposed|accepted|later|declined"`
	Form        string `json:"form" is:"of=information|discussion|decision|help|poster|demonstration|criteria"`
	Title       string `json:"title" is:"some,max=200"`
	Lang        string `json:"lang" is:"lang"`
	Minutes     int    `json:"minutes,omitempty" is:"from=0"`
	Lead        string `json:"lead,omitempty" is:"person"`
	LeadName    string `json:"lead_name,omitempty" is:"max=120"`
	ProposedBy  string `json:"proposed_by,omitempty" is:"person"`
	ProposedAt  Moment `json:"proposed_at"`
	Reason      string `json:"reason,omitempty" is:"max=500"`
	SettledBy   string `json:"settled_by,omitempty" is:"person"`
	SettledAt   Moment `json:"settled_at,omitzero"`
	CarriedFrom string `json:"carried_from,omitempty"`
	Revision    int    `json:"revision" is:"from=1"`
	id          int64
}

// minutes of one point, with their earlier states.
type minutes struct {
	words[minuteText]
	Past []words[minuteState]
}

type minuteText struct {
	Part     string `json:"part" is:"of=minutes"`
	Point    int    `json:"point,omitempty" is:"from=1"`
	Revision int    `json:"revision" is:"from=1"`
	By       string `json:"by,omitempty" is:"person"`
	At       Moment `json:"at"`
}

type minuteState struct {
	Part     string `json:"part" is:"of=minutes-state"`
	Revision int    `json:"revision" is:"from=1"`
	By       string `json:"by,omitempty" is:"person"`
	At       Moment `json:"at"`
}

type addendum struct {
	Part   string `json:"part" is:"of=addendum"`
	Number int    `json:"n" is:"from=1"`
	Lang   string `json:"lang" is:"lang"`
	By     string `json:"by,omitempty" is:"person"`
	At     Moment `json:"at"`
}

// settlement is a decision.
type settlement struct {
	thing
	source
	Why          string `json:"why,omitempty" is:"max=5000"`
	Rejected     string `json:"rejected,omitempty" is:"max=5000"`
	Who          string `json:"who,omitempty" is:"max=300"`
	DecidedOn    Day    `json:"decided_on"`
	ReviewOn     due    `json:"review_on,omitzero"`
	SupersededBy string `json:"superseded_by,omitempty" is:"item"`
}

// task is an action.
type task struct {
	thing
	source
	Due        due      `json:"due,omitzero"`
	Owners     []string `json:"owners,omitempty" is:"person"`
	OwnerNames string   `json:"owner_names,omitempty" is:"max=300"`
	State      string   `json:"state" is:"of=open|in-hand|done|dropped"`
	StateAt    Moment   `json:"state_at"`
	StateBy    string   `json:"state_by,omitempty" is:"person"`
	Reason     string   `json:"reason,omitempty" is:"max=500"`
}

// source is the meeting, and its point, in which something was settled.
type source struct {
	Meeting string `json:"meeting,omitempty" is:"item"`
	Point   int    `json:"point,omitempty" is:"from=1"`
}

// series of meetings, known to them by the place in the list, from 1.
type series struct {
	at   place
	Rule string `json:"rule" is:"some,max=1000"`
	Zone string `json:"zone" is:"some"`
	By   string `json:"by,omitempty" is:"person"`
	At   Moment `json:"at"`
	id   int64
}

// lettersOff is somebody who wants no letters of a kind from a community.
type lettersOff struct {
	at        place
	Person    string `json:"person" is:"some,person"`
	Community string `json:"community" is:"some,community"`
	Letters   string `json:"letters" is:"of=meetings"`
	At        Moment `json:"at"`
}
