package files_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/discussion"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/web/webtest"
)

func drawing(t *testing.T, width, height int) []byte {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range p.Pix {
		p.Pix[i] = uint8(i)
	}
	for x := range width {
		p.Set(x, 0, color.White)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func plan(words string) webtest.File {
	return webtest.File{Name: "Plan " + words + ".pdf", Content: []byte("%PDF-1.7\n" + words + strings.Repeat(" 0123456789", 40_000))}
}

// empty is the site without a file.
func empty(t *testing.T) *webtest.Site {
	t.Helper()
	s := webtest.New(t)
	if _, err := s.DB.Exec(t.Context(), `delete from item_file`); err != nil {
		t.Fatal(err)
	}
	return s
}

// one reads a single number from the database.
func one(t *testing.T, s *webtest.Site, sql string, args ...any) (n int) {
	t.Helper()
	if err := s.DB.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// follow opens an address and what it leads on to.
func follow(v *webtest.Visitor, address string) webtest.Answer {
	got := v.Get(address)
	if got.Status == http.StatusMovedPermanently {
		return v.Get(got.To())
	}
	return got
}

var fileLink = regexp.MustCompile(`/c/basel/files/(\d+)/[^"?]+`)

// firstFile is the address of the first file on a page, and its number.
func firstFile(t *testing.T, page webtest.Answer) (address, number string) {
	t.Helper()
	m := fileLink.FindStringSubmatch(page.Body)
	if m == nil {
		t.Fatal("no file on the page")
	}
	return m[0], m[1]
}

func reply(files []webtest.File, more ...string) ([]webtest.File, []string) {
	return files, append([]string{"request", uuid.NewString(), "body", "See the files.", "lang", "en", "with-files", "yes"}, more...)
}

const answers = "/c/basel/discussions/1/reply"

func TestAMemberAttachesFilesAndReadersFetchThemByteForByte(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	p := plan("Gundeli")
	files, fields := reply([]webtest.File{p, {Name: "wärme.png", Content: drawing(t, 900, 600)}})
	page := follow(v, v.Send(answers, files, fields...).Sees(t, 303).To()).Sees(t, 200, "Plan Gundeli.pdf", "440 kB", `width="480" height="320"`, "Describe this picture")
	s.Stranger(t).Get("/c/basel/discussions/1?at=9").Misses(t, "Describe this picture")

	address := ""
	for _, m := range fileLink.FindAllString(page.Body, -1) {
		if strings.HasSuffix(m, ".pdf") {
			address = m
		}
	}
	got := s.Stranger(t).Get(address).Sees(t, 200)
	if got.Body != string(p.Content) {
		t.Fatalf("%d bytes came back of %d", len(got.Body), len(p.Content))
	}
	for header, want := range map[string]string{"Content-Type": "application/pdf", "Content-Disposition": `attachment; filename="Plan Gundeli.pdf"`, "Content-Security-Policy": "default-src 'none'; sandbox",
		"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes", "Content-Length": fmt.Sprint(len(p.Content))} {
		if got.Header.Get(header) != want {
			t.Errorf("%s: got %q, want %q", header, got.Header.Get(header), want)
		}
	}
	ask := func(method string, headers ...string) webtest.Answer {
		r := httptest.NewRequest(method, address, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return s.Stranger(t).Do(r)
	}
	if part := ask("GET", "Range", "bytes=262140-262150").Sees(t, 206); part.Body != string(p.Content[262140:262151]) {
		t.Errorf("range: %q", part.Body)
	}
	if end := ask("GET", "Range", "bytes=-7").Sees(t, 206); end.Body != string(p.Content[len(p.Content)-7:]) {
		t.Errorf("end: %q", end.Body)
	}
	ask("GET", "Range", "bytes=99999999-").Sees(t, 416)
	if head := ask("HEAD").Sees(t, 200); head.Body != "" || head.Header.Get("Content-Length") != fmt.Sprint(len(p.Content)) {
		t.Errorf("head: %d bytes", len(head.Body))
	}
	ask("GET", "If-None-Match", got.Header.Get("ETag")).Sees(t, 304)
	if to := s.Stranger(t).Get(address[:strings.LastIndex(address, "/")]+"/other.pdf").Sees(t, 301).To(); to != address {
		t.Errorf("another name leads to %s", to)
	}
}

func TestWhoMayReadThePostMayFetchItsFilesAndNobodyElse(t *testing.T) {
	t.Parallel()
	s := empty(t)
	author := s.As(t, "regula-ammann")
	start := func(audience string) (thread, address, number string) {
		thread = author.Send("/c/basel/discussions/new", []webtest.File{plan(audience)}, "request", uuid.NewString(), "title", "Files for "+audience, "body", "x", "lang", "en", "audience", audience, "with-files", "yes").Sees(t, 303).To()
		address, number = firstFile(t, author.Get(thread))
		return thread, address, number
	}
	people := map[string]*webtest.Visitor{"stranger": s.Stranger(t), "elsewhere": s.As(t, "eleni-markaki"), "member": s.As(t, "urs-dettwiler"), "coordinator": s.As(t, "beat-hollenstein")}
	for audience, want := range map[string]map[string]int{
		"public":    {"stranger": 200, "elsewhere": 200, "member": 200, "coordinator": 200},
		"programme": {"stranger": 404, "elsewhere": 200, "member": 200, "coordinator": 200},
		"community": {"stranger": 404, "elsewhere": 404, "member": 200, "coordinator": 200},
	} {
		thread, address, number := start(audience)
		for who, status := range want {
			people[who].Get(address).Sees(t, status)
			if status == 200 && who != "stranger" {
				people[who].Get("/c/basel/files/"+number+"/edit").Sees(t, 403)
				people[who].Post("/c/basel/files/"+number+"/edit", "act", "remove").Sees(t, 403)
			}
		}
		people["member"].Get(strings.Replace(address, "/basel/", "/london/", 1)).Sees(t, 404)
		if audience == "public" {
			edit := regexp.MustCompile(`(/c/basel/discussions/\d+)`).FindString(thread) + "/edit"
			author.Post(edit, "revision", "1", "title", "t", "body", "narrower", "lang", "en", "audience", "community").Sees(t, 303)
			people["stranger"].Get(address).Sees(t, 404)
			people["elsewhere"].Get(address).Sees(t, 404)
			people["member"].Get(address).Sees(t, 200)
		}
		if _, err := s.DB.Exec(t.Context(), `update item set removed_at = now() where id = (select item_id from item_file where id = $1::bigint)`, number); err != nil {
			t.Fatal(err)
		}
		for _, v := range people {
			v.Get(address).Sees(t, 404)
		}
		author.Get("/c/basel/files/"+number+"/edit").Sees(t, 404)
	}
}

func TestARemovedThreadTakesTheFilesOfItsRepliesAlong(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	files, fields := reply([]webtest.File{plan("x")})
	address, _ := firstFile(t, follow(v, v.Send(answers, files, fields...).Sees(t, 303).To()))
	v.Get(address).Sees(t, 200)
	if _, err := s.DB.Exec(t.Context(), `update item set removed_at = now() where kind = 'discussion' and number = 1`); err != nil {
		t.Fatal(err)
	}
	v.Get(address).Sees(t, 404)
}

func TestFilesMoveWithTheirThreadToAnotherCommunity(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "regula-ammann")
	thread := v.Send("/c/basel/discussions/new", []webtest.File{plan("moving")}, "request", uuid.NewString(), "title", "Moving", "body", "x", "lang", "en", "audience", "public", "with-files", "yes").Sees(t, 303).To()
	address, number := firstFile(t, v.Get(thread))
	if _, err := s.DB.Exec(t.Context(), `update item set community_id = (select id from community where slug = 'london'), number = 900 where id = (select item_id from item_file where id = $1::bigint)`, number); err != nil {
		t.Fatal(err)
	}
	v.Get(address).Sees(t, 404)
	v.Get(strings.Replace(address, "/basel/", "/london/", 1)).Sees(t, 200)
}

var keptFile = regexp.MustCompile(`name="file" value="(\d+)"`)

func TestARejectedFormKeepsItsFilesForTheNextTry(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	files, _ := reply([]webtest.File{plan("kept"), {Name: "bild.png", Content: drawing(t, 50, 40)}, {Name: "böse.png", Content: []byte("<svg><script>alert(1)</script></svg>")}})
	request := uuid.NewString()
	again := v.Send(answers, files, "request", request, "body", "My words.", "lang", "en", "with-files", "yes").Sees(t, 422, "böse.png was not taken", "My words.", "Plan kept.pdf", "bild.png", `href="#field-files"`)
	kept := keptFile.FindAllStringSubmatch(again.Body, -1)
	if len(kept) != 2 {
		t.Fatalf("%d files are kept", len(kept))
	}
	other := s.As(t, "beat-hollenstein")
	other.Post(answers, "request", uuid.NewString(), "body", "Not mine.", "lang", "en", "with-files", "yes", "file", kept[0][1]).Sees(t, 422, "no longer kept")
	other.Post(answers, "request", uuid.NewString(), "body", " ", "lang", "en", "with-files", "yes", "drop", kept[0][1]).Sees(t, 422)
	other.Get("/c/basel/files/"+kept[0][1]+"/Plan%20kept.pdf").Sees(t, 404)
	v.Get("/c/basel/files/"+kept[0][1]+"/Plan%20kept.pdf").Sees(t, 404)

	send := []string{"request", request, "body", "My words.", "lang", "en", "with-files", "yes", "file", kept[0][1], "file", kept[1][1], "alt-" + kept[1][1], "A \"heat\" map <b>"}
	first := v.Post(answers, send...).Sees(t, 303).To()
	follow(v, first).Sees(t, 200, "Plan kept.pdf", `alt="A &#34;heat&#34; map &lt;b&gt;"`).Misses(t, "Describe this picture")
	if second := v.Post(answers, send...).Sees(t, 303).To(); second != first {
		t.Errorf("sent twice: %s and %s", first, second)
	}
	if n := one(t, s, `select count(*) from item_file where item_id is not null`); n != 2 {
		t.Errorf("%d files are stored", n)
	}
}

func TestPreviewAndAnEmptyTextKeepFilesToo(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "regula-ammann")
	v.Send(answers, []webtest.File{plan("a")}, "body", "x", "lang", "en", "act", "preview").Sees(t, 200, `name="file"`, "Plan a.pdf")
	v.Send("/c/basel/discussions/new", []webtest.File{plan("b")}, "title", "", "body", "", "lang", "en", "audience", "public").Sees(t, 422, `name="file"`, "Plan b.pdf")
	if n := one(t, s, `select count(*) from item_file where item_id is not null`); n != 0 {
		t.Errorf("%d files belong to something", n)
	}
}

func TestUploadsThatCannotBeAreRefusedWithAClearPageAndStoreNothing(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	items := one(t, s, `select count(*) from item`)
	many := make([]webtest.File, 12)
	for i := range many {
		many[i] = webtest.File{Name: fmt.Sprintf("%d.txt", i), Content: []byte("words")}
	}
	files, fields := reply([]webtest.File{plan("cut"), {Name: "b.txt", Content: bytes.Repeat([]byte("a"), 300<<10)}})
	for _, missing := range []int{1, 30, 1000, 400 << 10} {
		v.SendRaw(answers, files, missing, fields...).Sees(t, 422, "<main")
	}
	if n := one(t, s, `select count(*) from item_file`); n != 0 {
		t.Errorf("%d files of cut forms are stored", n)
	}
	files, fields = reply(many)
	v.Send(answers, files, fields...).Sees(t, 422, "at most 10", "See the files.")
	files, fields = reply([]webtest.File{{Name: "groß.txt", Content: bytes.Repeat([]byte("a"), 25<<20+1)}})
	v.Send(answers, files, fields...).Sees(t, 422, "groß.txt is larger than 25 MB.", "See the files.")
	files, fields = reply([]webtest.File{{Name: "1.txt", Content: bytes.Repeat([]byte("a"), 24<<20)}, {Name: "2.txt", Content: bytes.Repeat([]byte("a"), 24<<20)}, {Name: "3.txt", Content: bytes.Repeat([]byte("a"), 24<<20)}})
	v.Send(answers, files, fields...).Sees(t, 422, "larger than 60 MB", "See the files.", "1.txt", "2.txt").Misses(t, "<bdi>3.txt")
	if n := one(t, s, `select count(*) from item`); n != items {
		t.Errorf("%d items were stored", n-items)
	}
	if left, err := os.ReadDir(os.TempDir()); err == nil {
		for _, f := range left {
			if strings.HasPrefix(f.Name(), "koinon-file-") {
				t.Errorf("%s is left over", f.Name())
			}
		}
	}
	s.As(t, "luca-ferraro").Send(answers, []webtest.File{plan("x")}, "body", "x", "lang", "en").Sees(t, 403)
	if n := one(t, s, `select count(*) from item_file f join account a on a.id = f.by_id where a.handle = 'luca-ferraro'`); n != 0 {
		t.Error("somebody who may not write keeps a file")
	}
}

func TestNamesOfFilesStayTextAndInTheirHeader(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	files, fields := reply([]webtest.File{{Name: "\"><script>alert(1)<b>.txt", Content: []byte("x")}, {Name: "Θερμοκρασία; filename=\u202eevil.txt", Content: []byte("x")}, {Name: "100% heat?#&.txt", Content: []byte("x")}, {Name: strings.Repeat("lang ", 80) + ".txt", Content: []byte("x")}})
	page := follow(v, v.Send(answers, files, fields...).Sees(t, 303).To()).Sees(t, 200).Misses(t, "<script>alert")
	addresses := fileLink.FindAllString(page.Body, -1)
	if len(addresses) != 4 {
		t.Fatalf("%d files on the page", len(addresses))
	}
	for _, a := range addresses {
		a = strings.NewReplacer("&amp;", "&", "&#34;", `"`).Replace(a)
		got := s.Stranger(t).Get(a).Sees(t, 200)
		if d := got.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename") || strings.ContainsAny(d, "\r\n\u202e") || strings.Contains(d, "; filename=evil") {
			t.Errorf("disposition %q", d)
		}
		if got.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("type %q", got.Header.Get("Content-Type"))
		}
	}
}

func TestTheAuthorDescribesAndRemovesAPicture(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	files, fields := reply([]webtest.File{{Name: "map.png", Content: drawing(t, 700, 300)}})
	post := v.Send(answers, files, fields...).Sees(t, 303).To()
	address, number := firstFile(t, follow(v, post))
	edit := "/c/basel/files/" + number + "/edit"
	v.Get(edit).Sees(t, 200, "map.png", "What does the picture show?")
	v.Post(edit, "alt", "").Sees(t, 422, "Please fill in this field.")
	v.Post(edit, "alt", strings.Repeat("a", 1001)).Sees(t, 422, "at most 1000")
	if to := v.Post(edit, "alt", "A map of warm nights").Sees(t, 303).To(); !strings.Contains(to, "#reply-") {
		t.Errorf("leads to %s", to)
	}
	follow(v, post).Sees(t, 200, `alt="A map of warm nights"`).Misses(t, "Describe this picture")
	small, large := v.Get(address+"?size=small").Sees(t, 200), v.Get(address).Sees(t, 200)
	if small.Header.Get("ETag") == large.Header.Get("ETag") || !strings.HasPrefix(large.Header.Get("Content-Disposition"), "inline") {
		t.Error("the two sizes are the same, or no picture to look at")
	}
	v.Post(edit, "act", "remove").Sees(t, 303)
	v.Get(address).Sees(t, 404)
	if n := one(t, s, `select count(*) from file_chunk`); n != 0 {
		t.Errorf("%d pieces are left", n)
	}
}

func TestAnEditKeepsDescribesAddsAndTakesAwayFiles(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	files, fields := reply([]webtest.File{{Name: "map.png", Content: drawing(t, 70, 30)}, plan("old")})
	post := v.Send(answers, files, fields...).Sees(t, 303).To()
	n := regexp.MustCompile(`reply-(\d+)`).FindStringSubmatch(post)[1]
	edit := "/c/basel/discussions/1/replies/" + n + "/edit"
	has := keptFile.FindAllStringSubmatch(v.Get(edit).Sees(t, 200, "map.png", "Plan old.pdf").Body, -1)
	if len(has) != 2 {
		t.Fatalf("%d files in the form", len(has))
	}
	v.Post(edit, "revision", "1", "body", "words alone", "lang", "en").Sees(t, 303) // a form without the field leaves files as they are
	follow(v, post).Sees(t, 200, "Plan old.pdf")
	v.Send(edit, []webtest.File{plan("new")}, "revision", "1", "body", "stale", "lang", "en", "with-files", "yes", "file", has[0][1], "file", has[1][1]).Sees(t, 409, "Plan new.pdf", "Plan old.pdf")
	v.Send(edit, []webtest.File{plan("new")}, "revision", "2", "body", "words", "lang", "en", "with-files", "yes", "file", has[0][1], "alt-"+has[0][1], "Streets", "file", has[1][1], "drop", has[1][1]).Sees(t, 303)
	follow(v, post).Sees(t, 200, `alt="Streets"`, "Plan new.pdf").Misses(t, "Plan old.pdf")
	s.As(t, "regula-ammann").Post(answers, "body", "not mine", "lang", "en", "with-files", "yes", "file", has[0][1]).Sees(t, 422, "no longer kept")
}

func TestAFormSentAfterTheSessionEndedKeepsItsWordsAndAsksForTheFilesAgain(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.Stranger(t)
	files, fields := reply([]webtest.File{plan("lost")}, "body", "Words that stay.")
	v.Send(answers, files, fields...).Sees(t, 303)
	if n := one(t, s, `select count(*) from item_file`); n != 0 {
		t.Errorf("%d files of a stranger are stored", n)
	}
	in := s.As(t, "urs-dettwiler")
	for _, c := range v.Cookies() {
		in.Jar.SetCookies(&url.URL{Scheme: "http", Host: "koinon.test", Path: "/"}, []*http.Cookie{c})
	}
	page := in.Get("/kept").Sees(t, 200, "Words that stay.", "choose them again", `type="file"`, `enctype="multipart/form-data"`)
	if strings.Count(page.Body, `name="with-files"`) > 2 {
		t.Error("fields pile up")
	}
	in.Send(answers, files, fields...).Sees(t, 303)
}

func TestFilesOfAThreadCostItsPageOneQuery(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "urs-dettwiler")
	counted := &counting{DB: s.DB}
	read := func() (queries, files int) {
		t.Helper()
		counted.n = 0
		seat := community.Seat{Community: community.ID(one(t, s, `select id::int from community where slug = 'basel'`)), Slug: "basel", Reach: community.Reach{Mine: []int64{}, Coordinated: []int64{}}}
		thread, err := discussion.NewStore(counted, time.Now).Read(t.Context(), seat, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range thread.Replies {
			files += len(p.Files)
		}
		return counted.n, files
	}
	send := func(n int) {
		t.Helper()
		for i := range n {
			files, fields := reply([]webtest.File{plan(fmt.Sprint(i)), {Name: "a.png", Content: drawing(t, 30, 30)}})
			v.Send(answers, files, fields...).Sees(t, 303)
		}
	}
	without, none := read()
	send(1)
	few, _ := read()
	send(2)
	if many, files := read(); many != few || few > without+1 || files != none+6 {
		t.Errorf("%d queries for %d files, %d for two, %d without", many, files, few, without)
	}
}

// counting counts the queries that go through it.
type counting struct {
	postgres.DB
	n int
}

func (c *counting) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.n++
	return c.DB.Query(ctx, sql, args...)
}

func (c *counting) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	c.n++
	return c.DB.QueryRow(ctx, sql, args...)
}

func (c *counting) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	c.n += b.Len()
	return c.DB.SendBatch(ctx, b)
}

func TestAPersonsPictureIsASquareThatWhoMaySeeTheProfileSees(t *testing.T) {
	t.Parallel()
	s := empty(t)
	v := s.As(t, "regula-ammann")
	v.Send("/me/picture", nil).Sees(t, 422, "Please choose a picture.")
	v.Send("/me/picture", []webtest.File{plan("x")}).Sees(t, 422, "could not be read as a picture")
	v.Send("/me/picture", []webtest.File{{Name: "me.png", Content: drawing(t, 900, 400)}}).Sees(t, 303)
	address := regexp.MustCompile(`/pictures/\d+/[0-9a-f]{16}\.jpg`).FindString(v.Get("/me/picture").Sees(t, 200).Body)
	if address == "" {
		t.Fatal("no picture on the page")
	}
	for query, side := range map[string]int{"": 256, "?size=small": 64} {
		p, err := jpeg.DecodeConfig(strings.NewReader(v.Get(address+query).Sees(t, 200).Body))
		if err != nil || p.Width != side || p.Height != side {
			t.Errorf("%s: %v, %v", query, p, err)
		}
	}
	set := func(circle int) {
		t.Helper()
		if _, err := s.DB.Exec(t.Context(), `update account set profile_for = $1 where handle = 'regula-ammann'`, circle); err != nil {
			t.Fatal(err)
		}
	}
	people := map[string]*webtest.Visitor{"stranger": s.Stranger(t), "elsewhere": s.As(t, "eleni-markaki"), "member": s.As(t, "urs-dettwiler")}
	if _, err := s.DB.Exec(t.Context(), `update membership set state = 'left' where account_id = (select id from account where handle = 'regula-ammann') and community_id <> (select id from community where slug = 'basel')`); err != nil {
		t.Fatal(err)
	}
	for circle, want := range []map[string]bool{{"stranger": true, "elsewhere": true, "member": true}, {"elsewhere": true, "member": true}, {"member": true}} {
		set(circle)
		for who, visitor := range people {
			page, status := visitor.Get("/c/basel/discussions/1").To(), 404
			if want[who] {
				status = 200
			}
			visitor.Get(address).Sees(t, status)
			if got := strings.Contains(visitor.Get(page).Sees(t, 200).Body, address); got != want[who] {
				t.Errorf("profile for %d: %s sees the face in the thread: %v", circle, who, got)
			}
		}
	}
	v.Get(strings.Replace(address, address[len(address)-20:], "0123456789abcdef.jpg", 1)).Sees(t, 404)
	v.Post("/me/picture", "act", "remove").Sees(t, 303)
	v.Get(address).Sees(t, 404)
	if n := one(t, s, `select count(*) from account_picture`); n != 0 {
		t.Error("the picture is still stored")
	}
}

func TestAFileWithABrokenHeaderIsNotLostInSilence(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	var before, after int
	count := func(into *int) {
		t.Helper()
		if err := s.DB.QueryRow(t.Context(), `select count(*) from item`).Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	count(&before)
	part := func(disposition, content string) string {
		return "--q\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n"
	}
	body := part(`name="title"`, "With a file") + part(`name="body"`, "words") + part(`name="lang"`, "de") + part(`name="audience"`, "public") + part(`name="files"; filename="plan`, "words") + "--q--\r\n"
	r := httptest.NewRequest(http.MethodPost, "/c/basel/discussions/new", strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=q")
	s.As(t, "regula-ammann").Do(r).Sees(t, 422)
	if count(&after); after != before {
		t.Errorf("%d items were made without their file", after-before)
	}
}
