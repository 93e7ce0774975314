package community_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"urbanfluxes.eu/koinon/internal/community"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
)

func said(all []community.Addressee) (lines []string) {
	for _, a := range all {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%d %s|%s|%s %s", a.Line, a.Name, a.Email, a.Lang, a.Problem)))
	}
	return lines
}

func TestAListOfAddressesIsReadLineByLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"one a line":                  {"a@x.org\r\n\r\n b@x.org \r\n", []string{"1 |a@x.org|", "3 |b@x.org|"}},
		"old line ends":               {"a@x.org\rb@x.org", []string{"1 |a@x.org|", "2 |b@x.org|"}},
		"several between commas":      {"a@x.org, b@x.org; c@x.org", []string{"1 |a@x.org|", "1 |b@x.org|", "1 |c@x.org|"}},
		"as mail programs copy":       {`Ada Example <a@x.org>; "Muster, Hans" <b@x.org>`, []string{"1 Ada Example|a@x.org|", "1 Muster, Hans|b@x.org|"}},
		"surname first, one alone":    {"Muster, Hans <b@x.org>", []string{"1 Muster Hans|b@x.org|"}},
		"csv":                         {"Ada Example,a@x.org,fr\n\"Meier; Urs\";b@x.org;DE", []string{"1 Ada Example|a@x.org|fr", "2 Meier; Urs|b@x.org|de"}},
		"csv with tabs":               {"Ada\ta@x.org\tel", []string{"1 Ada|a@x.org|el"}},
		"csv with a headline":         {"E-Mail;Vorname;Nachname;Telefon;Sprache\na@x.org;Ada;Example;061 1;fr", []string{"2 Ada Example|a@x.org|fr"}},
		"a Greek headline":            {"Όνομα,email,Γλώσσα\nΆντα,a@x.org,el", []string{"2 Άντα|a@x.org|el"}},
		"empty columns":               {"Ada,a@x.org,,,", []string{"1 Ada|a@x.org|"}},
		"a formula stays text":        {`=HYPERLINK("http://x"),a@x.org`, []string{`1 =HYPERLINK("http://x")|a@x.org|`}},
		"a doubled quotation mark":    {`"Ada ""the first"" Example",a@x.org`, []string{`1 Ada "the first" Example|a@x.org|`}},
		"not an address":              {"ada", []string{"1 |ada| email"}},
		"no dot":                      {"a@x", []string{"1 |a@x| email"}},
		"nothing but commas":          {",,;", []string{"1 || email"}},
		"a broken one among good":     {"a@x.org, b@, c@x.org", []string{"1 |a@x.org|", "1 |b@| email", "1 |c@x.org|"}},
		"doubled, in other letters":   {"A@x.org\nb@x.org\na@X.org", []string{"1 |A@x.org|", "2 |b@x.org|", "3 |a@X.org| doubled"}},
		"an unknown language":         {"Ada,a@x.org,tlh", []string{"1 Ada|a@x.org| language"}},
		"a column too many":           {"Ada,a@x.org,fr,061", []string{"1 || column"}},
		"an open quotation mark":      {"\"Ada,a@x.org\nb@x.org", []string{"1 || quote", "2 |b@x.org|"}},
		"an over-long name":           {strings.Repeat("ä", 121) + ",a@x.org", []string{"1 " + strings.Repeat("ä", 121) + "|a@x.org| name"}},
		"a headline without address":  {"name,language\nAda,fr", []string{"1 |name| email", "1 |language| email", "2 |Ada| email", "2 |fr| email"}},
		"a headline, address missing": {"name,email\nAda,", []string{"2 Ada|| email"}},
	} {
		got, err := community.ReadAddresses(c.text, "addresses")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, said(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestADoubledAddressNamesTheLineOfTheFirst(t *testing.T) {
	t.Parallel()
	got, err := community.ReadAddresses("\na@x.org\nb@x.org\nA@x.org", "addresses")
	if err != nil || len(got) != 3 || got[2].First != 2 {
		t.Errorf("got %+v, %v; want the last to point at line 2", got, err)
	}
}

func TestTooManyLinesAreRefusedWithTheirNumber(t *testing.T) {
	t.Parallel()
	for _, n := range []int{501, 502, 100_000} {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, "a%d@example.org\n", i)
		}
		_, err := community.ReadAddresses(text.String(), "file")
		p := fault.Problems(err)
		if len(p) != 1 || p[0].Field != "file" || p[0].Key != "too-many-lines" || fmt.Sprint(p[0].Args) != fmt.Sprint([]any{"max", 500, "n", n}) {
			t.Errorf("%d lines: got %+v", n, p)
		}
	}
	all, err := community.ReadAddresses("email\n"+strings.Repeat("x\n", 500), "file")
	if err != nil || len(all) != 500 {
		t.Errorf("500 lines below a headline: got %d, %v", len(all), err)
	}
	if _, err := community.ReadAddresses(strings.Repeat("a@x.org,", 501), "file"); len(fault.Problems(err)) != 1 {
		t.Errorf("501 addresses on one line: got %v, want a problem", err)
	}
}

func TestFilesAreTextInTheWritingOfTheirProgram(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		lang locale.Lang
		want string
	}{
		"UTF-8":                   {"Zoë", locale.German, "Zoë"},
		"UTF-8 with a mark":       {"\xef\xbb\xbfZoë", locale.German, "Zoë"},
		"Windows-1252":            {"Zo\xeb \x96 M\xfcller", locale.German, "Zoë – Müller"},
		"Greek, Windows-1253":     {"\xc1\xed\xe4\xf1\xdd\xe1\xf2", locale.Greek, "Ανδρέας"},
		"accents apart, composed": {"Zoe\u0308", locale.German, "Zoë"},
	} {
		got, err := community.Decode([]byte(c.raw), "file", c.lang)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, c.want)
		}
	}
	for name, raw := range map[string]string{"a workbook": "PK\x03\x04\x14\x00\x06\x00", "UTF-16": "\xff\xfea\x00"} {
		if _, err := community.Decode([]byte(raw), "file", locale.German); len(fault.Problems(err)) != 1 || fault.Problems(err)[0].Key != "no-text" {
			t.Errorf("%s: got %v, want no text", name, err)
		}
	}
}

func FuzzSoundAddressesSurviveBeingWrittenAndReadAgain(f *testing.F) {
	for _, seed := range []string{"a@x.org", `"x@y" <a@x.org>, b@x.org`, "name,email\n=1+1,a@x.org", `"a""b",c@x.org,fr`, "\"\"\"x\"\"\",a@x.org", "Ada\x00,a@x.org"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := community.ReadAddresses(text, "addresses")
		if err != nil {
			return
		}
		want := []string{}
		for _, a := range all {
			if a.Problem == "" {
				want = append(want, a.Name+"|"+a.Email+"|"+string(a.Lang))
			}
			if a.Line < 1 || a.Problem == "doubled" && (a.First < 1 || a.First > a.Line) {
				t.Fatalf("%q: %+v stands nowhere", text, a)
			}
		}
		again, err := community.ReadAddresses(community.WriteAddresses(all), "addresses")
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, a := range again {
			if a.Problem != "" {
				t.Fatalf("%q: %+v was sound", text, a)
			}
			got = append(got, a.Name+"|"+a.Email+"|"+string(a.Lang))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: %s", text, diff)
		}
	})
}
