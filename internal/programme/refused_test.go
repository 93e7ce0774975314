package programme_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/internal/postgres/testdb"
	"urbanfluxes.eu/koinon/internal/programme"
)

// example is a small programme written by hand, as docs/format.md shows it.
func example() shelf {
	return shelf{
		"programme.json":  `{"format": "koinon-programme 1", "name": "Example", "lang": "en", "revision": 1, "created_at": "2016-01-01T00:00:00.000000Z"}`,
		"programme.en.md": "---\nprogramme: \"en\"\n---\nHeat and cities.\n",
		"people.json":     "[\n" + somebody("ada", "ada@example.org") + ",\n" + somebody("bo", "bo@example.org") + "\n]\n",
		"communities/basel/community.json": `{
  "slug": "basel", "kind": "city", "lang": "en", "zone": "Europe/Zurich", "visibility": "public", "admission": "open",
  "stage": "potential", "stage_since": "2016-01-01", "founded": "2015-06-23", "revision": 1, "created_at": "2016-01-01T00:00:00.000000Z"
}`,
		"communities/basel/about.en.md":  "---\npart: \"domain\"\nlang: \"en\"\nname: \"Basel\"\n---\nWhere and why.\n",
		"communities/basel/members.json": "[\n" + membership("ada", 1) + ",\n" + membership("bo", 2) + "\n]\n",
		"communities/basel/discussions/1.md": "---\npart: \"discussion\"\nnumber: 1\ntitle: \"One\"\nlang: \"en\"\nauthor: \"ada\"\naudience: \"community\"\ncreated_at: \"2016-02-01T00:00:00.000000Z\"\nform: \"conversation\"\n---\nHello @bo.\n" +
			"---\npart: \"reply\"\nnumber: 1\nlang: \"en\"\nauthor: \"bo\"\ncreated_at: \"2016-02-02T00:00:00.000000Z\"\n---\nHello.\n",
		"communities/basel/discussions/2.md": "---\npart: \"discussion\"\nnumber: 2\ntitle: \"Two\"\nlang: \"en\"\nauthor: \"ada\"\naudience: \"public\"\ncreated_at: \"2016-02-03T00:00:00.000000Z\"\nform: \"help\"\nhelp: {\"state\": \"asked\", \"state_at\": \"2016-02-03T00:00:00.000000Z\", \"needed_by\": \"2016-02-12\"}\n---\nHelp.\n",
	}
}

func somebody(handle, email string) string {
	return fmt.Sprintf(`{"handle": %q, "name": "N", "email": %q, "lang": "en", "profile_for": 1, "organisation_for": 0, "email_for": 3, "revision": 1, "created_at": "2016-01-01T00:00:00.000000Z"}`, handle, email)
}

func membership(handle string, number int) string {
	return fmt.Sprintf(`{"person": %q, "number": %d, "state": "member", "role": "member", "perspective": "stakeholder", "meets": "yearly", "asked_at": "2016-01-01T00:00:00.000000Z", "since": "2016-01-01T00:00:00.000000Z", "revision": 1}`, handle, number)
}

const (
	thread = "communities/basel/discussions/1.md"
	one    = "communities/basel/files/T-1/1" // its first file
)

// with attaches a file to the thread, and then breaks something.
func with(name, media, content string, break_ func(shelf)) func(shelf) {
	return func(s shelf) {
		record := fmt.Sprintf(`{"name": %q, "media": %q, "size": %d, "sha256": "%x", "at": "2016-02-01T00:00:00.000000Z"}`, name, media, len(content), sha256.Sum256([]byte(content)))
		s[thread] = strings.Replace(s[thread], "form:", "files: ["+record+"]\nform:", 1)
		s[one+path.Ext(name)] = content
		if break_ != nil {
			break_(s)
		}
	}
}

func TestABadProgrammeIsRefusedWholeWithFileLineAndReason(t *testing.T) {
	t.Parallel()
	swap := func(file, old, with string) func(shelf) {
		return func(s shelf) {
			if !strings.Contains(s[file], old) {
				panic(file + " holds no " + old)
			}
			s[file] = strings.Replace(s[file], old, with, 1)
		}
	}
	put := func(file, content string) func(shelf) { return func(s shelf) { s[file] = content } }
	for name, c := range map[string]struct {
		break_ func(shelf)
		want   string
	}{
		"another format":             {swap("programme.json", "programme 1", "programme 2"), `programme.json:1: format: "koinon-programme 2" is none of koinon-programme 1`},
		"no programme at all":        {func(s shelf) { delete(s, "programme.json") }, "programme.json: the file is missing: this is no programme"},
		"an unknown field in JSON":   {swap("communities/basel/community.json", `"kind"`, `"shape": 1, "kind"`), `communities/basel/community.json:2: there is no field "shape" here`},
		"an unknown field in a head": {swap(thread, "form:", "mood: \"good\"\nform:"), thread + `:9: there is no field "mood" here`},
		"a field twice":              {swap(thread, "lang:", "lang: \"en\"\nlang:"), thread + ":6: lang stands twice"},
		"a missing field":            {swap(thread, "lang: \"en\"\n", ""), thread + ":1: lang is missing"},
		"a null":                     {swap("people.json", `"name": "N"`, `"name": null`), "people.json:2: name: what is not there is left out, not null"},
		"a wrong kind of value":      {swap("people.json", `"revision": 1`, `"revision": "x"`), "people.json:2: revision: a string does not belong here"},
		"a huge number":              {swap("people.json", `"revision": 1`, `"revision": 4000000000`), "people.json:2: revision: 4000000000 is too large a number"},
		"broken JSON":                {swap("people.json", `"name": "N"`, `"name": N`), "people.json:2: broken JSON: invalid character 'N' looking for beginning of value"},
		"JSON that ends early":       {put("people.json", "[\n{"), "people.json:2: broken JSON: unexpected EOF"},
		"something after JSON":       {put("people.json", "[]\n[]"), "people.json:1: something stands after the array"},
		"a broken head":              {swap(thread, "title: \"One\"", "title: One"), thread + ":4: a line of a head reads «key: value», the value in JSON"},
		"a head without an end":      {put(thread, "---\npart: \"discussion\"\n"), thread + ":1: the head has no closing line of three dashes"},
		"no head":                    {put(thread, "Hello"), thread + ":1: a text begins with a line of three dashes"},
		"a bare fence in a text":     {swap(thread, "Hello.", "----"), thread + ":19: a line of a text that begins with three dashes needs a backslash before them"},
		"broken UTF-8":               {swap(thread, "Hello.", "H\xffello."), thread + ":19: broken UTF-8, or a NUL character"},
		"a NUL":                      {swap(thread, "Hello.", "H\x00ello."), thread + ":19: broken UTF-8, or a NUL character"},
		"an author nobody knows":     {swap(thread, `author: "bo"`, `author: "cy"`), thread + `:16: author: nobody is called "cy"`},
		"a link to nowhere":          {swap(thread, `form:`, "links: [{\"relation\": \"quotes\", \"to\": \"basel/T-9\", \"at\": \"2016-02-02T00:00:00.000000Z\"}]\nform:"), thread + `:9: to: there is no item "basel/T-9"`},
		"a gap in the numbers": {func(s shelf) {
			s["communities/basel/discussions/3.md"] = strings.Replace(s[thread], "number: 1", "number: 3", 1)
			delete(s, "communities/basel/discussions/2.md")
		}, "communities/basel/discussions: discussions: number 2 is missing"},
		"a gap in the replies":         {swap(thread, "part: \"reply\"\nnumber: 1", "part: \"reply\"\nnumber: 2"), thread + ":1: replies: number 1 is missing"},
		"a number twice":               {put("communities/basel/discussions/2.md", example()[thread]), "communities/basel/discussions/2.md:1: number: basel/T-1 stands twice"},
		"a number in the wrong file":   {swap(thread, "number: 1", "number: 7"), thread + ":1: number: 7 stands in this file"},
		"a wider reply":                {swap(thread, `author: "bo"`, "author: \"bo\"\naudience: \"public\""), thread + ":12: audience: public is wider than that of the discussion, community"},
		"a private community, opened":  {swap("communities/basel/community.json", `"visibility": "public"`, `"visibility": "private"`), "communities/basel/discussions/2.md:1: audience: a private community holds nothing for public"},
		"an unknown language":          {swap(thread, `lang: "en"`, `lang: "xx"`), thread + `:5: lang: "xx" is none of the languages en, de, fr, el`},
		"a moment in another form":     {swap(thread, `"2016-02-01T00:00:00.000000Z"`, `"2016-02-01"`), thread + `:8: created_at: "2016-02-01" is not a moment like "2016-03-01T09:30:00.000000Z"`},
		"an over-long title":           {swap(thread, `"One"`, `"`+strings.Repeat("ä", 201)+`"`), thread + ":4: title is longer than 200 characters"},
		"a handle with a space":        {swap("people.json", `"bo"`, `"b o"`), `people.json:3: handle: "b o" may hold small letters, digits and single hyphens only`},
		"two people of one address":    {swap("people.json", "bo@example.org", "ADA@example.org"), "people.json:3: a mail address stands twice: ada@example.org"},
		"two members of one number":    {swap("communities/basel/members.json", `"number": 2`, `"number": 1`), "communities/basel/members.json:3: number: there are two members 1"},
		"a file nobody knows":          {put("communities/basel/virus.exe", "x"), "communities/basel/virus.exe: no file of this name belongs to a programme"},
		"a folder of another slug":     {swap("communities/basel/community.json", `"basel"`, `"bern"`), `communities/basel/community.json:1: slug: "bern" stands in the folder "basel"`},
		"an unknown zone":              {swap("communities/basel/community.json", "Europe/Zurich", "Europe/Atlantis"), `communities/basel/community.json:1: zone: "Europe/Atlantis" is no time zone`},
		"help without a request":       {swap("communities/basel/discussions/2.md", `form: "help"`, `form: "conversation"`), "communities/basel/discussions/2.md:1: help: a request for help, and nothing else, says how it stands"},
		"a NUL written as an escape":   {swap(thread, `title: "One"`, `title: "On\u0000e"`), "communities/basel/discussions/1.md:4: title: a NUL character, or half of a pair of UTF-16"},
		"half a pair of UTF-16":        {swap(thread, `title: "One"`, `title: "\ud800\u0061"`), "communities/basel/discussions/1.md:4: title: a NUL character, or half of a pair of UTF-16"},
		"half a pair within an object": {put("drafts.jsonl", `{"person": "ada", "place": "/x", "fields": {"body": ["\udc00"]}, "revision": 1, "at": "2016-02-01T00:00:00.000000Z"}`), "drafts.jsonl:1: fields: a NUL character, or half of a pair of UTF-16"},
		"a number for an object":       {put("communities/basel/repertoire/1.md", "---\npart: \"entry\"\nnumber: 1\ntitle: \"E\"\nlang: \"en\"\nauthor: \"ada\"\naudience: \"public\"\ncreated_at: \"2016-02-01T00:00:00.000000Z\"\nform: \"tool\"\nfields: 1e400\n---\nWords.\n"), "communities/basel/repertoire/1.md:10: fields: a number does not belong here"},
		"a draft without lists":        {put("drafts.jsonl", `{"person": "ada", "place": "/c/basel/discussions/1/reply", "fields": {"body": "words"}, "revision": 1, "at": "2016-02-01T00:00:00.000000Z"}`), `drafts.jsonl:1: fields: each is a list of texts`},
		"a draft from elsewhere":       {put("drafts.jsonl", `{"person": "ada", "place": "//evil.example/", "fields": {}, "revision": 1, "at": "2016-02-01T00:00:00.000000Z"}`), `drafts.jsonl:1: place: "//evil.example/" is no address of a form`},
		"a detail of another kind":     {put("activity.jsonl", `{"at": "2016-02-01T00:00:00.000000Z", "verb": "community.appoint", "community": "basel", "detail": {"number": "first"}}`), `activity.jsonl:1: detail: a string does not belong here`},
		"a move from nowhere":          {put("activity.jsonl", `{"at": "2016-02-01T00:00:00.000000Z", "verb": "discussion.move", "community": "basel", "detail": {"from": "atlantis"}}`), `activity.jsonl:1: detail.from: there is no community "atlantis"`},
		"a notice of nothing":          {put("notices.jsonl", `{"person": "ada", "activity": 3, "why": "followed", "kind": "replies", "way": "inbox", "at": "2016-02-01T00:00:00.000000Z"}`), "notices.jsonl:1: activity: activity.jsonl has no line 3"},
		"a term without words":         {put("glossary.json", `[{"slug": "heat", "en": {"words": []}, "revision": 1, "created_at": "2016-01-01T00:00:00.000000Z", "updated_at": "2016-01-01T00:00:00.000000Z"}]`), "glossary.json:1: en: a term has one to 8 words"},
		"a handover from the future":   {put("communities/basel/handover.md", "---\npart: \"handover\"\nlang: \"en\"\nrevision: 1\nupdated_at: \"2016-01-01T00:00:00.000000Z\"\n---\nKeys.\n---\npart: \"state\"\nrevision: 1\nlang: \"en\"\nat: \"2016-01-01T00:00:00.000000Z\"\n---\nKey.\n"), "communities/basel/handover.md:8: revision: an earlier state of revision 1 is at most 0"},
		"a file that is not there":     {with("values.csv", "text/plain; charset=utf-8", "a;b\n", func(s shelf) { delete(s, one+".csv") }), thread + ":1: files: " + one + ".csv is missing"},
		"a file without a record":      {with("values.csv", "text/plain; charset=utf-8", "a;b\n", func(s shelf) { s["communities/basel/files/T-1/2.csv"] = "x" }), "communities/basel/files/T-1/2.csv: no file of this name belongs to a programme"},
		"a file with other words":      {with("values.csv", "text/plain; charset=utf-8", "a;b\n", func(s shelf) { s[one+".csv"] = "a;c\n" }), one + ".csv: sha256: the content is another one"},
		"a longer file":                {with("values.csv", "text/plain; charset=utf-8", "a;b\n", func(s shelf) { s[one+".csv"] += "c;d\n" }), one + ".csv: size: the file has another one than the 4 bytes of its record"},
		"a page called a table":        {with("values.csv", "text/plain; charset=utf-8", "<script>alert(1)</script>", nil), one + ".csv: its content is of no type that is taken: file-kind"},
		"a programme called a PDF":     {with("plan.pdf", "application/pdf", "\x7fELF\x02\x01\x01\x00", nil), one + ".pdf: its content is of no type that is taken: file-kind"},
		"a PDF called words":           {with("plan.txt", "text/plain; charset=utf-8", "%PDF-1.7\n", nil), one + ".txt: its content is not of the type text/plain; charset=utf-8"},
		"a drawing with a script":      {with("map.svg", "image/svg+xml", "<svg/>", nil), one + ".svg: its content is of no type that is taken: file-kind"},
		"a file that leads out":        {with("../../x.pdf", "application/pdf", "%PDF-1.7\n", nil), one + `.pdf: name: "../../x.pdf" would be "x.pdf"`},
		"a picture without its sizes":  {with("map.png", "image/png", "\x89PNG\r\n\x1a\n", nil), one + ".png: its content is not of the type image/png"},
		"a picture that is none": {func(s shelf) {
			with("map.png", "image/png", "\x89PNG\r\n\x1a\n", nil)(s)
			s[thread] = strings.Replace(s[thread], `"at"`, `"small": 8, "width": 40, "height": 30, "at"`, 1)
			s[one+".small.png"] = s[one+".png"]
		}, one + ".png: this is no picture"},
		"a person without a picture": {swap("people.json", `"revision": 1`, `"revision": 1, "picture_at": "2016-01-01T00:00:00.000000Z"`), "people.json:2: picture_at: pictures/ada.jpg or pictures/ada.small.jpg is missing"},
		"a page as a person": {func(s shelf) {
			swap("people.json", `"revision": 1`, `"revision": 1, "picture_at": "2016-01-01T00:00:00.000000Z"`)(s)
			s["pictures/ada.jpg"], s["pictures/ada.small.jpg"] = "<html>", "<html>"
		}, "pictures/ada.jpg: the picture of a person is a JPEG of at most 256 KB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := example()
			c.break_(files)
			tx := testdb.Tx(t)
			err := programme.Import(t.Context(), tx, files.fs(), programme.Options{})
			var refused *programme.Refused
			if !errors.As(err, &refused) {
				t.Fatalf("got %v, want a refusal", err)
			}
			if !strings.Contains(err.Error()+"\n", "\n"+c.want+"\n") {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			var n int
			if err := tx.QueryRow(t.Context(), `select (select count(*) from account) + (select count(*) from community)`).Scan(&n); err != nil || n != 0 {
				t.Errorf("%d rows were stored, %v", n, err)
			}
		})
	}
}

func TestAllFaultsAreNamedTogetherUpToAHundred(t *testing.T) {
	t.Parallel()
	files := example()
	files["programme.json"] = strings.Replace(files["programme.json"], `"lang": "en"`, `"lang": "xx"`, 1)
	files["people.json"] = "[" + strings.Repeat("{}, ", 150) + "{}]"
	var refused *programme.Refused
	err := programme.Import(t.Context(), testdb.Tx(t), files.fs(), programme.Options{})
	if !errors.As(err, &refused) || len(refused.Faults) != 100 || refused.More < 1000 || refused.Faults[0].File != "programme.json" {
		t.Fatalf("got %v", err)
	}
}

func TestAnUsedProgrammeIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	tx := testdb.New(t)
	if err := programme.Import(t.Context(), tx, example().fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := programme.Import(t.Context(), tx, example().fs(), programme.Options{}); !errors.Is(err, programme.ErrNotEmpty) {
		t.Errorf("got %v, want a refusal", err)
	}
}

// archive is a ZIP with these names; each is made by hand where the writer would refuse it.
func archive(t *testing.T, entries map[string]func(*zip.FileHeader)) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, change := range entries {
		h := &zip.FileHeader{Name: name, Method: zip.Store}
		if change != nil {
			change(h)
		}
		w, err := z.CreateHeader(h)
		if err == nil && !strings.HasSuffix(h.Name, "/") {
			_, err = w.Write([]byte("x"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBadArchivesAreRefusedBeforeAnythingIsUnpacked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"a way up":      {archive(t, map[string]func(*zip.FileHeader){"../../etc/passwd": nil}), "../../etc/passwd: this name leads out of the archive"},
		"a root":        {archive(t, map[string]func(*zip.FileHeader){"/etc/passwd": nil}), "/etc/passwd: this name leads out of the archive"},
		"a backslash":   {archive(t, map[string]func(*zip.FileHeader){`..\x`: nil}), `..\x: this name leads out of the archive`},
		"a link":        {archive(t, map[string]func(*zip.FileHeader){"people.json": func(h *zip.FileHeader) { h.SetMode(fs.ModeSymlink | 0o777) }}), "people.json: this is not a plain file"},
		"no archive":    {[]byte("PK but not really"), "archive: this is no ZIP archive: zip: not a valid zip file"},
		"a name twice":  {archive(t, map[string]func(*zip.FileHeader){"a": nil, "b": func(h *zip.FileHeader) { h.Name = "a" }}), "a: this name stands twice"},
		"half a upload": {archive(t, map[string]func(*zip.FileHeader){"people.json": nil})[:40], "archive: this is no ZIP archive: zip: not a valid zip file"},
	} {
		_, err := programme.OpenZip(bytes.NewReader(c.raw), int64(len(c.raw)))
		var refused *programme.Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error()+"\n", "\n"+c.want+"\n") {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestAZipBombIsRefusedWhateverItSaysOfItsSize(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("people.json")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 257 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1<<20 {
		t.Fatalf("%d bytes are no bomb", b.Len())
	}
	raw := b.Bytes()
	_, err = programme.OpenZip(bytes.NewReader(raw), int64(len(raw)))
	if err == nil || !strings.Contains(err.Error(), "people.json: the file is larger than 256 MB") {
		t.Errorf("got %v", err)
	}
}

func TestTheExampleIsSound(t *testing.T) {
	t.Parallel()
	tx := testdb.New(t)
	if err := programme.Import(t.Context(), tx, example().fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	again := export(t, tx)
	for name := range maps.Keys(example()) {
		if again[name] == "" {
			t.Errorf("%s is not in the export", name)
		}
	}
}

func TestTheExamplesOfTheDocumentAreSoundAndComeOutAsTheyWentIn(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/format.md")
	if err != nil {
		t.Fatal(err)
	}
	files, rest := example(), string(doc)
	want := map[string]string{}
	files["communities/umbrella/community.json"] = strings.NewReplacer(`"basel"`, `"umbrella"`, `"city"`, `"umbrella"`).Replace(files["communities/basel/community.json"])
	files["communities/umbrella/about.en.md"] = files["communities/basel/about.en.md"]
	files["communities/umbrella/products/1.md"] = "---\npart: \"product\"\nnumber: 1\ntitle: \"Night map\"\nlang: \"en\"\naudience: \"public\"\ncreated_at: \"2016-02-01T00:00:00.000000Z\"\nslug: \"night-map\"\nform: \"map\"\nstate: \"available\"\n---\nA map.\n" +
		"---\npart: \"release\"\nnumber: 1\ntitle: \"1.0\"\nlang: \"en\"\ncreated_at: \"2016-03-30T00:00:00.000000Z\"\nslug: \"1-0\"\nstate: \"published\"\npublished_on: \"2016-03-30\"\n---\nNew.\n"
	for _, name := range []string{thread, "communities/basel/meetings/1.md", "communities/basel/criteria/1.md", "communities/basel/repertoire/1.md"} {
		_, after, named := strings.Cut(rest, "`"+name+"`\n\n```markdown\n")
		text, following, closed := strings.Cut(after, "```")
		if !named || !closed {
			t.Fatalf("docs/format.md has no example of %s", name)
		}
		files[name], want[name], rest = text, text, following
	}
	tx := testdb.New(t)
	if err := programme.Import(t.Context(), tx, files.fs(), programme.Options{}); err != nil {
		t.Fatal(err)
	}
	got := export(t, tx)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: got %s\nwant %s", name, got[name], text)
		}
	}
}

func TestWholeEscapesAreTaken(t *testing.T) {
	t.Parallel()
	files := example()
	files[thread] = strings.Replace(files[thread], `title: "One"`, `title: "\\u0000 \ud83d\ude00 \u00e9 \\\""`, 1)
	if err := programme.Import(t.Context(), testdb.Tx(t), files.fs(), programme.Options{}); err != nil {
		t.Error(err)
	}
}
