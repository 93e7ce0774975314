package file_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"time"

	"urbanfluxes.eu/koinon/internal/account"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/file"
	"urbanfluxes.eu/koinon/internal/postgres"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

var now = func() time.Time { return time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC) }

func upload(name string, content []byte) file.Upload {
	return file.Upload{Name: name, Size: int64(len(content)), Content: bytes.NewReader(content)}
}

func person(t *testing.T, db postgres.DB, handle string) account.ID {
	t.Helper()
	var id account.ID
	if err := db.QueryRow(t.Context(), `insert into account (handle, name, email, email_key, created_at) values ($1, $1, $1 || '@example.org', $1 || '@example.org', now()) returning id`, handle).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// picture is a gradient with a red left upper corner.
func picture(width, height int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{uint8(40 + x*160/width), uint8(40 + y*160/height), 90, 255}
			if x < width/4 && y < height/4 {
				c = color.RGBA{230, 10, 10, 255}
			}
			p.Set(x, y, c)
		}
	}
	return p
}

func asJPEG(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asGIF(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withExif puts camera data behind the start of a JPEG: how it was held, and where.
func withExif(plain []byte, orientation byte) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00\x02\x00" + "\x12\x01\x03\x00\x01\x00\x00\x00" + string(rune(orientation)) + "\x00\x00\x00" + "\x25\x88\x04\x00\x01\x00\x00\x00\x1a\x00\x00\x00" + "\x00\x00\x00\x00GPS 35.3387N 25.1442E")
	segment := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(segment)+2))
	return append(append(append([]byte{0xff, 0xd8}, head...), segment...), plain[2:]...)
}

// hugePNG is the head of a picture with more points than anybody holds.
func hugePNG(width, height uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), width), height)
	head = append(head, 8, 6, 0, 0, 0)
	all := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(all, crc32.ChecksumIEEE(head))
}

type entry struct{ name, content string }

func zipped(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, e := range entries {
		method := zip.Deflate
		if e.name == "mimetype" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func types(main string) entry {
	return entry{"[Content_Types].xml", `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="` + main + `"/></Types>`}
}

const (
	word      = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	sheet     = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
	wordMacro = "application/vnd.ms-word.document.macroEnabled.main+xml"
)

func TestAFileIsWhatIsInItWhateverItIsCalled(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		name    string
		content []byte
		media   string // empty: refused
		want    string // name, or problem
	}{
		"a PDF":                       {"Plan.pdf", []byte("%PDF-1.7\n…\n%%EOF"), "application/pdf", "Plan.pdf"},
		"a PDF without an extension":  {"Plan", []byte("%PDF-1.7\n…"), "application/pdf", "Plan.pdf"},
		"a PDF called a programme":    {"setup.exe", []byte("%PDF-1.7\n…"), "application/pdf", "setup.exe.pdf"},
		"a Word file":                 {"Bericht.docx", zipped(t, types(word), entry{"word/document.xml", "<w/>"}), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Bericht.docx"},
		"a spreadsheet called Word":   {"Zahlen.docx", zipped(t, types(sheet)), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Zahlen.docx.xlsx"},
		"an OpenDocument text":        {"a.odt", zipped(t, entry{"mimetype", "application/vnd.oasis.opendocument.text"}, entry{"content.xml", "<o/>"}), "application/vnd.oasis.opendocument.text", "a.odt"},
		"a table":                     {"values.CSV", []byte("Ort;Wert\nBasel;31,5\n"), "text/plain; charset=utf-8", "values.csv"},
		"Greek text":                  {"σημειώσεις.txt", []byte(strings.Repeat("Θερμοκρασία στο Ηράκλειο. ", 9000)), "text/plain; charset=utf-8", "σημειώσεις.txt"},
		"text of an old office":       {"old.txt", []byte("W\xe4rme in Z\xfcrich"), "text/plain; charset=windows-1252", "old.txt"},
		"GeoJSON":                     {"map.geojson", []byte(`{"type":"FeatureCollection","features":[]}`), "text/plain; charset=utf-8", "map.geojson"},
		"a GeoTIFF":                   {"heat.tif", []byte("II*\x00\x08\x00\x00\x00" + strings.Repeat("\x00", 40)), "image/tiff", "heat.tif"},
		"a macro file":                {"a.docm", zipped(t, types(wordMacro)), "", "file-macros"},
		"a hidden macro":              {"a.docx", zipped(t, types(word), entry{"word/vbaProject.bin", "x"}), "", "file-macros"},
		"an OpenDocument macro":       {"a.odt", zipped(t, entry{"mimetype", "application/vnd.oasis.opendocument.text"}, entry{"Basic/Standard/x.xml", "x"}), "", "file-macros"},
		"a plain ZIP":                 {"a.zip", zipped(t, entry{"a.txt", "x"}), "", "file-kind"},
		"an empty ZIP":                {"a.docx", zipped(t), "", "file-kind"},
		"a bomb":                      {"a.docx", zipped(t, types(word), entry{"word/document.xml", strings.Repeat("0", 64<<20)}), "", "file-bomb"},
		"a broken ZIP":                {"a.docx", []byte("PK\x03\x04" + strings.Repeat("x", 200)), "", "file-kind"},
		"a drawing with a script":     {"photo.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "", "file-kind"},
		"a page":                      {"a.txt", []byte("  \n<!doctype html><script>alert(1)</script>"), "", "file-kind"},
		"a page behind a mark":        {"a.csv", []byte("\xef\xbb\xbf<html>"), "", "file-kind"},
		"a shell script":              {"a.txt", []byte("#!/bin/sh\nrm -rf /"), "", "file-kind"},
		"a batch file":                {"setup.bat", []byte("@echo off\r\n"), "", "file-kind"},
		"a batch file with a dot":     {"setup.bat. ", []byte("@echo off\r\n"), "", "file-kind"},
		"a Windows script":            {"x.js", []byte("WScript.Echo(1)"), "", "file-kind"},
		"a programme":                 {"a.txt", []byte("MZ\x90\x00\x03\x00\x00\x00"), "", "file-kind"},
		"a Linux programme":           {"a.pdf", []byte("\x7fELF\x02\x01\x01\x00"), "", "file-kind"},
		"half a picture":              {"a.png", asPNG(t, picture(400, 300))[:600], "", "file-picture"},
		"a picture that is none":      {"a.jpg", []byte("\xff\xd8\xff\xe0 nothing"), "", "file-picture"},
		"100 megapixels":              {"a.png", hugePNG(10_000, 10_000), "", "file-pixels"},
		"a line of points":            {"a.png", hugePNG(4_000_000_00, 1), "", "file-pixels"},
		"24 megapixels in passes":     {"a.jpg", []byte("\xff\xd8\xff\xc2\x00\x11\x08\x0f\xa0\x17\x70\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xda\x00\x08\x00\x00\x00\x00\x00\x00"), "", "file-pixels"},
		"nothing":                     {"a.txt", nil, "", "file-empty"},
		"one byte too many":           {"a.txt", bytes.Repeat([]byte("a"), file.MaxSize+1), "", "file-large"},
		"as much as may be":           {"a.txt", bytes.Repeat([]byte("a"), file.MaxSize), "text/plain; charset=utf-8", "a.txt"},
		"a photograph called drawing": {"a.svg", asJPEG(t, picture(40, 30)), "image/", "a."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := testdb.Tx(t)
			store, who := file.NewStore(db, now), person(t, db, "ada")
			f, err := store.Keep(t.Context(), who, upload(c.name, c.content))
			if c.media == "" {
				if p := fault.Problems(err); len(p) != 1 || p[0].Key != c.want || p[0].Field != "files" {
					t.Fatalf("got %v %v, want the problem %s", f.Media, err, c.want)
				}
				var n int
				if err := db.QueryRow(t.Context(), `select count(*) from item_file`).Scan(&n); err != nil || n != 0 {
					t.Errorf("%d files stored, %v", n, err)
				}
				return
			}
			if err != nil || !strings.HasPrefix(f.Media, c.media) || !strings.HasPrefix(f.Name, c.want) {
				t.Fatalf("got %q %q %v, want %q %q", f.Name, f.Media, err, c.want, c.media)
			}
		})
	}
}

func TestNamesAreHarmlessAndShort(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, who := file.NewStore(db, now), person(t, db, "ada")
	cases := map[string]string{
		"../../etc/passwd":                "passwd.pdf",
		`C:\Users\ada\plan.pdf`:           "plan.pdf",
		"a\"b;c\r\nSet-Cookie: x.pdf":     "a\"b;c Set-Cookie: x.pdf",
		"invoice\u202efdp.exe":            "invoicefdp.exe.pdf",
		"\u2066zero\u200bwidth\u2069.pdf": "zerowidth.pdf",
		"   spaces   in\tit  .pdf":        "spaces in it.pdf",
		"...":                             "file.pdf",
		".pdf":                            "file.pdf",
		"broken\xff\xfe.pdf":              "broken.pdf",
		"PLAN.PDF":                        "PLAN.pdf",
		strings.Repeat("ä", 300) + ".pdf": strings.Repeat("ä", 115) + "….pdf",
		"Θερμικός χάρτης <script>alert(1).pdf": "Θερμικός χάρτης <script>alert(1).pdf",
	}
	for given, want := range cases {
		f, err := store.Keep(t.Context(), who, upload(given, []byte("%PDF-1.7")))
		if err != nil || f.Name != want {
			t.Errorf("%q: got %q, want %q, %v", given, f.Name, want, err)
		}
	}
}

// body of a kept file.
func body(t *testing.T, store file.Store, f file.File, small bool) []byte {
	t.Helper()
	raw, err := io.ReadAll(store.Open(t.Context(), f, small))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestPicturesAreDrawnAnewUprightAndWithoutWhereTheyWereTaken(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, who := file.NewStore(db, now), person(t, db, "ada")
	held := withExif(asJPEG(t, picture(2000, 1000)), 6) // held on its side: the left upper corner is to be the right upper one
	if !bytes.Contains(held, []byte("GPS 35.33")) {
		t.Fatal("the sample holds no place")
	}
	f, err := store.Keep(t.Context(), who, upload("Heraklion.JPG", held))
	if err != nil {
		t.Fatal(err)
	}
	if f.Width != 1000 || f.Height != 2000 || f.Name != "Heraklion.jpg" {
		t.Errorf("got %d × %d %q", f.Width, f.Height, f.Name)
	}
	for _, small := range []bool{false, true} {
		raw := body(t, store, f, small)
		if bytes.Contains(raw, []byte("GPS")) || bytes.Contains(raw, []byte("Exif")) {
			t.Error("the place is still in it")
		}
		p, _, err := image.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		b := p.Bounds()
		if small && (b.Dx() != 360 || b.Dy() != 720) {
			t.Errorf("small is %v", b)
		}
		r, g, _, _ := p.At(b.Dx()-b.Dx()/20, b.Dy()/20).RGBA()
		lr, lg, _, _ := p.At(b.Dx()/20, b.Dy()/20).RGBA()
		if r < 0xb000 || g > 0x4000 || lr > 0xb000 && lg < 0x4000 {
			t.Errorf("not upright: right upper %x %x, left upper %x %x", r, g, lr, lg)
		}
	}
}

func TestEveryWayToHoldACameraEndsUpright(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, who := file.NewStore(db, now), person(t, db, "ada")
	corners := map[byte][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	for orientation, corner := range corners {
		f, err := store.Keep(t.Context(), who, upload("a.jpg", withExif(asJPEG(t, picture(80, 40)), orientation)))
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := image.Decode(bytes.NewReader(body(t, store, f, false)))
		if err != nil {
			t.Fatal(err)
		}
		b := p.Bounds()
		if tall := b.Dy() > b.Dx(); tall != (orientation >= 5) {
			t.Errorf("orientation %d: %v", orientation, b)
		}
		r, g, _, _ := p.At(2+corner[0]*(b.Dx()-5), 2+corner[1]*(b.Dy()-5)).RGBA()
		if r < 0xb000 || g > 0x5000 {
			t.Errorf("orientation %d: the red corner is not at %v: %x %x", orientation, corner, r, g)
		}
	}
}

func TestAPictureWithAPageBehindItIsOnlyAPicture(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, who := file.NewStore(db, now), person(t, db, "ada")
	const page = "/*<html><script>alert(document.cookie)</script></html>*/"
	for name, content := range map[string][]byte{"a.gif": append(asGIF(t, picture(60, 40)), page...), "a.png": append(asPNG(t, picture(60, 40)), page...), "a.html": append(asJPEG(t, picture(60, 40)), page...)} {
		f, err := store.Keep(t.Context(), who, upload(name, content))
		if err != nil {
			t.Fatal(name, err)
		}
		if raw := body(t, store, f, false); bytes.Contains(raw, []byte("script")) || !f.Picture() || strings.HasSuffix(f.Name, ".html") {
			t.Errorf("%s: the page is still in it, as %s", name, f.Name)
		}
	}
}

// grey is a JPEG of six passes over 16 points square; the last pass begins with its table at byte 247.
const grey = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//wgALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAH/2gAIAQEAAAABg//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEAAQUCH//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEABj8CH//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEAAT8hH//aAAgBAQAAABD/AP/EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEAAT8QH//Z"

func TestAPictureThatGoesOverItselfWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	sound, err := base64.StdEncoding.DecodeString(grey)
	if err != nil {
		t.Fatal(err)
	}
	db := testdb.Tx(t)
	store := file.NewStore(db, now)
	who := person(t, db, "ada")
	whole, pass := sound[:len(sound)-2], sound[247:len(sound)-2]
	for more, want := range map[int]string{0: "", 20: "", 50: "file-picture", 100_000: "file-picture"} {
		content := append(append(bytes.Clone(whole), bytes.Repeat(pass, more)...), 0xff, 0xd9)
		got := ""
		_, err := store.Keep(t.Context(), who, upload("grey.jpg", content))
		if problems := fault.Problems(err); len(problems) > 0 {
			got = problems[0].Key
		} else if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%d more passes: got %q, want %q", more, got, want)
		}
	}
}

func TestALargePictureFitsTheTwoSizesAndASeeThroughOneStaysSo(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, who := file.NewStore(db, now), person(t, db, "ada")
	f, err := store.Keep(t.Context(), who, upload("a.jpg", asJPEG(t, picture(5000, 2500))))
	if err != nil || f.Width != 1600 || f.Height != 800 {
		t.Fatalf("got %d × %d, %v", f.Width, f.Height, err)
	}
	if w, h := f.Small(); w != 480 || h != 240 {
		t.Errorf("small: %d × %d", w, h)
	}
	glass := image.NewNRGBA(image.Rect(0, 0, 700, 300))
	for i := range glass.Pix {
		glass.Pix[i] = 120
	}
	f, err = store.Keep(t.Context(), who, upload("a.png", asPNG(t, glass)))
	if err != nil || f.Media != "image/png" || f.Name != "a.png" {
		t.Fatalf("got %s, %v", f.Media, err)
	}
	p, err := png.Decode(bytes.NewReader(body(t, store, f, true)))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, a := p.At(10, 10).RGBA(); a < 0x7000 || a > 0x8000 {
		t.Errorf("alpha %x", a)
	}
}

func TestPiecesComeBackByteForByteFromAnywhere(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	store, who := file.NewStore(db, now), person(t, db, "ada")
	content := []byte("%PDF-1.7\n")
	for i := 0; len(content) < 3<<18+17; i++ {
		content = fmt.Appendf(content, "%d ", i*i)
	}
	f, err := store.Keep(t.Context(), who, upload("a.pdf", content))
	if err != nil {
		t.Fatal(err)
	}
	if got := body(t, store, f, false); !bytes.Equal(got, content) {
		t.Fatalf("%d bytes came back of %d", len(got), len(content))
	}
	open := store.Open(t.Context(), f, false)
	for _, at := range []int64{0, 1<<18 - 3, 1 << 18, 2<<18 + 1, int64(len(content)) - 1} {
		if _, err := open.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, min(10, len(content)-int(at)))
		if _, err := io.ReadFull(open, got); err != nil || !bytes.Equal(got, content[at:int(at)+len(got)]) {
			t.Errorf("at %d: %q, %v", at, got, err)
		}
	}
	if _, err := db.Exec(t.Context(), `update file_chunk set data = $2 where file_id = $1 and n = 0`, f.ID, bytes.Repeat([]byte{1}, 256<<10+1)); err == nil {
		t.Error("a piece of more than 256 KiB is stored")
	}
}

func TestKeptFilesExpireAndStayWithinBounds(t *testing.T) {
	t.Parallel()
	db := testdb.Tx(t)
	at := now()
	store := file.NewStore(db, func() time.Time { return at })
	ada, ben := person(t, db, "ada"), person(t, db, "ben")
	first, err := store.Keep(t.Context(), ada, upload("0.pdf", []byte("%PDF-1.7")))
	if err != nil {
		t.Fatal(err)
	}
	see := func(who account.ID) int {
		t.Helper()
		files, err := store.Waiting(t.Context(), who, 0, []file.ID{first.ID})
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if see(ada) != 1 || see(ben) != 0 {
		t.Error("a kept file is not its sender's alone")
	}
	at = at.Add(file.KeptFor)
	if see(ada) != 0 {
		t.Error("it is still there after its time")
	}
	if err := store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		if _, err := store.Keep(t.Context(), ada, upload(fmt.Sprint(i), []byte("%PDF-1.7"))); err != nil {
			t.Fatal(err)
		}
	}
	var files, orphans int
	if err := db.QueryRow(t.Context(), `select (select count(*) from item_file), (select count(*) from file_chunk c where not exists (select from item_file f where f.id = c.file_id))`).Scan(&files, &orphans); err != nil || files != 30 || orphans != 0 {
		t.Errorf("%d files, %d orphans, %v", files, orphans, err)
	}
}
