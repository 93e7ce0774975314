package programme

import "encoding/json"

// book is a whole programme between the database and its files. People are named by handle, communities by slug, items by
// reference ("basel/T-3", and "basel/T-3/2" for a reply); no id of the database is in it.
type book struct {
	Programme   programmeRecord
	Words       []words[programmeWords]
	People      []person
	Communities []*communityBook
	Follows     []follow
	Marks       []mark
	Drafts      []draft
	Glossary    []term
	Notices     []notice
	Activity    []happened
	Discreet    []discreet
	LettersOff  []lettersOff
	Categories  []category
	Topics      []topic
}

// words are a text with its head.
type words[T any] struct {
	at   place
	Head T
	Body string
}

type programmeRecord struct {
	at            place
	Format        string `json:"format" is:"of=koinon-programme 1"`
	Name          string `json:"name" is:"some,max=120"`
	Lang          string `json:"lang" is:"lang"`
	Demonstration bool   `json:"demonstration,omitempty"`
	NoProducts    bool   `json:"without_products,omitempty"`
	Revision      int    `json:"revision" is:"from=1"`
	CreatedAt     Moment `json:"created_at"`
}

type programmeWords struct {
	Lang    string `json:"programme" is:"lang"`
	Tagline string `json:"tagline,omitempty" is:"max=300"`
	Notice  string `json:"notice,omitempty" is:"max=500"`
}

// person is an account without its secrets. Circles: 0 everybody, 1 members of any community, 2 members of a community in common, 3 nobody.
type person struct {
	at              place
	Handle          string   `json:"handle" is:"slug"`
	Name            string   `json:"name" is:"some,max=120"`
	Email           string   `json:"email" is:"max=254"`
	Organisation    string   `json:"organisation,omitempty" is:"max=160"`
	Sector          string   `json:"sector,omitempty" is:"of=planning|health|energy|environment|civil-protection|statistics|research|education|industry|other"`
	Languages       []string `json:"languages,omitempty" is:"lang"`
	Lang            string   `json:"lang" is:"lang"`
	About           string   `json:"about,omitempty" is:"max=1000"`
	ProfileFor      int      `json:"profile_for" is:"from=0"`
	OrganisationFor int      `json:"organisation_for" is:"from=0"`
	EmailFor        int      `json:"email_for" is:"from=1"`
	Administrator   bool     `json:"administrator,omitempty"`
	Revision        int      `json:"revision" is:"from=1"`
	CreatedAt       Moment   `json:"created_at"`
	LeftAt          Moment   `json:"left_at,omitzero"`
	PictureAt       Moment   `json:"picture_at,omitzero"`
	id              int64
}

// communityBook is a community with everything in it.
type communityBook struct {
	at          place
	Record      communityRecord
	Words       []words[communityWords]
	Charters    []charter
	Members     []member
	Invitations []invitation
	Wanted      []organisation
	Handover    *words[handover]
	Handovers   []words[past]
	Pieces      []*piece
	Series      []series
	Backlog     []words[point]
	Moved       []moved
	Reports     []report
}

type communityRecord struct {
	Slug       string   `json:"slug" is:"slug,max=40"`
	Kind       string   `json:"kind" is:"of=city|umbrella"`
	Lang       string   `json:"lang" is:"lang"`
	Languages  []string `json:"languages,omitempty" is:"lang"`
	Zone       string   `json:"zone" is:"some"`
	Latitude   *float64 `json:"latitude,omitempty"`
	Longitude  *float64 `json:"longitude,omitempty"`
	Visibility string   `json:"visibility" is:"of=public|private"`
	Admission  string   `json:"admission" is:"of=open|request|invitation"`
	Stage      string   `json:"stage" is:"of=potential|coalescing|maturing|stewardship|transformation"`
	StageSince Day      `json:"stage_since"`
	Founded    Day      `json:"founded"`
	Revision   int      `json:"revision" is:"from=1"`
	CreatedAt  Moment   `json:"created_at"`
}

// communityWords: the text below is the domain statement; the learning agenda is the text after it.
type communityWords struct {
	Part        string `json:"part" is:"of=domain|agenda"`
	Lang        string `json:"lang" is:"lang"`
	Name        string `json:"name,omitempty" is:"max=80"`
	Summary     string `json:"summary,omitempty" is:"max=300"`
	StageReason string `json:"stage_reason,omitempty" is:"max=500"`
}

type charter struct {
	words[charterHead]
	Texts []words[charterText]
}

type charterHead struct {
	Charter int    `json:"charter" is:"from=1"`
	MadeAt  Moment `json:"made_at"`
	MadeBy  string `json:"made_by,omitempty" is:"person"`
	Note    string `json:"note,omitempty" is:"max=300"`
}

type charterText struct {
	Lang string `json:"lang" is:"lang"`
}

type member struct {
	at               place
	Person           string   `json:"person" is:"some,person"`
	Number           int      `json:"number,omitempty" is:"from=1"`
	State            string   `json:"state" is:"of=waiting|member|declined|left"`
	Role             string   `json:"role" is:"of=member|coordinator"`
	Perspective      string   `json:"perspective" is:"of=stakeholder|scientist"`
	Bring            string   `json:"bring,omitempty" is:"max=1000"`
	Learn            string   `json:"learn,omitempty" is:"max=1000"`
	Meets            string   `json:"meets" is:"of=monthly|quarterly|yearly|online"`
	CharterVersion   int      `json:"charter_version,omitempty" is:"from=0"`
	Competences      []string `json:"competences,omitempty" is:"some,max=80"`
	AskedAt          Moment   `json:"asked_at"`
	Since            Moment   `json:"since,omitzero"`
	CoordinatorSince Moment   `json:"coordinator_since,omitzero"`
	RenewedAt        Moment   `json:"renewed_at,omitzero"`
	RemindedAt       Moment   `json:"reminded_at,omitzero"`
	AdmittedBy       string   `json:"admitted_by,omitempty" is:"person"`
	GreetedAt        Moment   `json:"greeted_at,omitzero"`
	GreetedBy        string   `json:"greeted_by,omitempty" is:"person"`
	LeftAt           Moment   `json:"left_at,omitzero"`
	Reason           string   `json:"reason,omitempty" is:"max=500"`
	Revision         int      `json:"revision" is:"from=1"`
}

type invitation struct {
	at          place
	Email       string `json:"email" is:"some,max=254"`
	Name        string `json:"name,omitempty" is:"max=120"`
	Lang        string `json:"lang" is:"lang"`
	Note        string `json:"note,omitempty" is:"max=1000"`
	By          string `json:"by,omitempty" is:"person"`
	At          Moment `json:"at"`
	Sent        int    `json:"sent" is:"from=0"`
	Person      string `json:"person,omitempty" is:"person"`
	AcceptedAt  Moment `json:"accepted_at,omitzero"`
	WithdrawnAt Moment `json:"withdrawn_at,omitzero"`
}

type organisation struct {
	at          place
	Name        string `json:"name" is:"some,max=160"`
	Sector      string `json:"sector,omitempty"`
	Perspective string `json:"perspective" is:"of=stakeholder|scientist"`
	Why         string `json:"why,omitempty" is:"max=500"`
	Position    int    `json:"position"`
	Revision    int    `json:"revision" is:"from=1"`
	By          string `json:"by,omitempty" is:"person"`
	At          Moment `json:"at"`
}

type handover struct {
	Part      string `json:"part" is:"of=handover"`
	Lang      string `json:"lang" is:"lang"`
	Revision  int    `json:"revision" is:"from=1"`
	UpdatedAt Moment `json:"updated_at"`
	UpdatedBy string `json:"updated_by,omitempty" is:"person"`
}

// moved says that an item stood under another number, or in another community, before.
type moved struct {
	at   place
	From string `json:"from" is:"some"`
	Item string `json:"item" is:"some,item"`
}

type report struct {
	at        place
	Item      string `json:"item" is:"some,item"`
	By        string `json:"by,omitempty" is:"person"`
	Reason    string `json:"reason" is:"some,max=1000"`
	At        Moment `json:"at"`
	SettledAt Moment `json:"settled_at,omitzero"`
	SettledBy string `json:"settled_by,omitempty" is:"person"`
	Outcome   string `json:"outcome,omitempty" is:"of=hidden|kept"`
	Note      string `json:"note,omitempty" is:"max=1000"`
}

type follow struct {
	at        place
	Person    string `json:"person" is:"some,person"`
	Community string `json:"community,omitempty" is:"community"`
	Item      string `json:"item,omitempty" is:"item"`
	Level     string `json:"level" is:"of=all|mentions|catch-up|nothing"`
	At        Moment `json:"at"`
}

// mark says up to which reply somebody has read.
type mark struct {
	at     place
	Person string `json:"person" is:"some,person"`
	Item   string `json:"item" is:"some,item"`
	Number int    `json:"number" is:"from=0"`
	At     Moment `json:"at"`
}

type draft struct {
	at       place
	Person   string          `json:"person" is:"some,person"`
	Place    string          `json:"place" is:"some,max=300"`
	Fields   json.RawMessage `json:"fields"`
	Tab      string          `json:"tab,omitempty" is:"max=60"`
	Revision int             `json:"revision" is:"from=1"`
	At       Moment          `json:"at"`
}

// notice tells a person of an activity, named by its line in activity.jsonl.
type notice struct {
	at        place
	Person    string `json:"person" is:"some,person"`
	Activity  int    `json:"activity" is:"from=1"`
	Community string `json:"community,omitempty" is:"community"`
	Item      string `json:"item,omitempty" is:"item"`
	Thread    string `json:"thread,omitempty" is:"item"`
	Why       string `json:"why" is:"of=mentioned|quoted|replied|thanked|asked|joined|concerned|adapted|announced|followed"`
	Kind      string `json:"kind" is:"of=mentions|replies|thanks|announcements|meetings|criteria|repertoire|help|people"`
	Way       string `json:"way" is:"of=inbox|quiet|catch-up"`
	At        Moment `json:"at"`
	ReadAt    Moment `json:"read_at,omitzero"`
}

// happened is one activity, in the order in which things happened.
type happened struct {
	at        place
	At        Moment          `json:"at"`
	By        string          `json:"by,omitempty" is:"person"`
	Verb      string          `json:"verb" is:"some"`
	Community string          `json:"community,omitempty" is:"community"`
	Item      string          `json:"item,omitempty" is:"item"`
	Concerned []string        `json:"concerned,omitempty" is:"person"`
	Detail    json.RawMessage `json:"detail,omitempty"`
}

// discreet names who asked discreetly, unless that person has left for good. It stands in a file of its own, and nowhere else.
type discreet struct {
	at   place
	Item string `json:"item" is:"some,item"`
	By   string `json:"by,omitempty" is:"person"`
}
